"""Matches a status response to known media. Pure functions.

A provider may deliver one camera's footage of one window in several pieces, each with its own
times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from footage.model import Camera, Media, MediaStatus

_EARLIEST = datetime.min
_STATUS_RANK = {MediaStatus.AVAILABLE: 2, MediaStatus.PENDING: 1}


def status_rank(media: Media) -> int:
    """2 for media that can be had, 1 for media that may still come, 0 for what has failed."""
    return _STATUS_RANK.get(media.status, 0)


def distinct_media(reported: Iterable[Media]) -> list[Media]:
    """The pieces in a status response, those of each camera once and in order of time.

    Of two with the same times the one of the higher `status_rank` counts. Failed ones count only
    for a camera of which there is nothing else, and then the first of them. Pieces without times
    cannot be told apart, so all of them are one piece.
    """
    by_camera: dict[tuple[Camera, str], list[Media]] = {}
    for media in reported:  # several cameras may be on one input
        by_camera.setdefault((media.camera, media.serial), []).append(media)
    return [piece for of_camera in by_camera.values() for piece in _pieces(of_camera)]


def _pieces(reported: Sequence[Media]) -> list[Media]:
    """Those of one camera."""
    best: dict[tuple[datetime | None, datetime | None], Media] = {}
    for media in reported:
        times = (media.start, media.end)
        if times not in best or status_rank(media) > status_rank(best[times]):
            best[times] = media
    not_failed = [media for media in best.values() if status_rank(media)]
    return sorted(not_failed, key=_by_time) if not_failed else [reported[0]]


def pairs(known: Sequence[Media], reported: Sequence[Media]) -> list[tuple[Media | None, Media]]:
    """Each reported piece of one camera with the known media it is about; None for a new piece.

    They are matched by their start. Before the footage is there, a provider may only report the
    times that were asked for, so what is left on both sides is matched in order. A failed piece
    that matches nothing is left out.
    """
    unmatched = list(known)
    matches: dict[int, Media] = {}  # by the position in `reported`
    for position, media in enumerate(reported):
        same = [one for one in unmatched if one.start is not None and one.start == media.start]
        if same:
            matches[position] = same[0]
            unmatched = [one for one in unmatched if one is not same[0]]
    for position in range(len(reported)):
        if position not in matches and unmatched:
            matches[position] = unmatched.pop(0)
    return [
        (matches.get(position), media)
        for position, media in enumerate(reported)
        if position in matches or status_rank(media)
    ]


def _by_time(media: Media) -> datetime:
    return media.start.replace(tzinfo=None) if media.start else _EARLIEST
