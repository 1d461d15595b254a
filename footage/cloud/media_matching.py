"""A provider's answer about one retrieval, laid beside what is known of it. Pure functions.

A provider may deliver one camera's footage of one window in several pieces, each with its own
times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from footage.model import Camera, Media, MediaStatus

_EARLIEST = datetime.min
_STATUS_RANK = {MediaStatus.AVAILABLE: 2, MediaStatus.PENDING: 1}


def pieces_of(told: Iterable[Media]) -> list[Media]:
    """What a provider tells, in order of time, each piece of a camera's footage once.

    Of two that are of the same times, the one with more hope counts; what has failed counts where
    nothing else is told of its camera. What comes without its times cannot be told apart, so it is
    one piece, the first that is told.
    """
    by_camera: dict[Camera, list[Media]] = {}
    for media in told:
        by_camera.setdefault(media.camera, []).append(media)
    return [media for found in by_camera.values() for media in _pieces(found)]


def _pieces(found: Sequence[Media]) -> list[Media]:
    """Those of one camera."""
    best: dict[tuple[datetime | None, datetime | None], Media] = {}
    for media in found:
        times = (media.start, media.end)
        if times not in best or _status_rank(media) > _status_rank(best[times]):
            best[times] = media
    hopeful = [media for media in best.values() if _status_rank(media)]
    return sorted(hopeful, key=_by_time) if hopeful else [found[0]]


def pairs(known: Sequence[Media], told: Sequence[Media]) -> list[tuple[Media | None, Media]]:
    """What is told of one camera, each with what is known of that piece; None: it is a new one.

    A piece is known again by its start. Before it is there, a provider may only tell the times
    that were asked for, so the rest is taken in order; only what is one too many is new.
    """
    left = list(known)
    found: dict[int, Media] = {}
    for number, answer in enumerate(told):
        same = [one for one in left if one.start is not None and one.start == answer.start]
        if same:
            found[number] = same[0]
            left = [one for one in left if one is not same[0]]
    for number in range(len(told)):
        if number not in found and left:
            found[number] = left.pop(0)
    return [
        (found.get(number), answer)
        for number, answer in enumerate(told)
        if number in found or _status_rank(answer)
    ]


def _status_rank(media: Media) -> int:
    return _STATUS_RANK.get(media.status, 0)


def _by_time(media: Media) -> datetime:
    return media.start.replace(tzinfo=None) if media.start else _EARLIEST
