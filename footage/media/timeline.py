"""Clips on the wall clock: which clip shows a moment, and where there is none. Pure functions.

The provider delivers the closest media it has: a clip may begin early or late, be short, or
overlap its neighbour, or have a hole. A clip is placed by its actual start and its measured length,
never by what was asked for. All of it counts in wall time, also where the footage is sped up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from footage.model import Clip, Window
from footage.system.intervals import cut, overlap, uncovered

# Clips cut at a frame border end up to a few frames before the next begins. So short a hole is
# bridged by the frame before it, which keeps a tile within the 0.1 s it may differ from the clock.
# In sped-up footage the same few frames are so many times longer: see `bridged`.
BRIDGED = timedelta(seconds=0.1)
# How many minutes lie between two marks of a film; beyond, they are whole hours apart.
_MARKS = (1, 2, 5, 10, 15, 20, 30)


@dataclass(frozen=True)
class Piece:
    """From `start` to `end` the camera shows `clip`, or has nothing (None)."""

    start: datetime
    end: datetime
    clip: Clip | None


def bridged(*around: Clip | None) -> timedelta:
    """How long a hole in wall time the clips before and after it (None: no such) may leave."""
    return BRIDGED * max([clip.factor for clip in around if clip is not None], default=1.0)


def pieces(clips: Iterable[Clip], window: Window) -> list[Piece]:
    """What one camera shows in `window`, from its start to its end without a hole.

    The clip that was asked for this very window comes first; where it has nothing, a neighbour
    that reaches in fills up, the earlier one before the later. So what is shown of a minute
    depends on other minutes only where its own clip leaves more open than is bridged.
    """
    placed: list[Piece] = []
    inside = [clip for clip in clips if clip.start < window.end and window.start < clip.end]
    inside.sort(key=lambda clip: (clip.start, clip.path))
    own = [clip for clip in inside if not _is_neighbour(clip, window)]
    for clip in own:
        placed += _fill(placed, clip, window)
    for hole in _holes(placed, window):
        for clip in inside:
            if clip not in own:
                placed += _fill(placed, clip, hole)
    return _bridge(sorted(placed, key=lambda piece: piece.start), window)


def gaps(clips: Iterable[Clip], span: Window) -> list[Window]:
    """The stretches of `span`, too long to be bridged, for which there is no clip, in order."""
    return _holes(
        [Piece(shown.start, shown.end, clip) for clip in clips for shown in clip.shown], span
    )


def minutes(span: Window, pace: int = 1) -> list[Window]:
    """`span` cut into the minutes of film that are rendered one by one; the last may be shorter.

    pace: seconds of the wall clock in one second of film
    """
    return cut(span, 60 * pace)


def by_minute(
    clips: Iterable[Clip], start: datetime, count: int, pace: int = 1
) -> list[list[Clip]]:
    """The clips that reach into each of `count` minutes from `start` on; a day's job has too many
    to go through each time.

    pace: how many minutes of the wall clock one of these is
    """
    reaching: list[list[Clip]] = [[] for _ in range(count)]
    minute = timedelta(minutes=pace)
    for clip in clips:
        first, last = (clip.start - start) // minute, (clip.end - start) // minute
        for number in range(max(0, first), min(count, last + 1)):
            reaching[number].append(clip)
    return reaching


def marks(span: Window, pace: float = 1.0) -> list[Window]:
    """`span` cut into the stretches of the wall clock that are marked in a film of this pace."""
    return cut(span, mark_step(pace).total_seconds())


def mark_step(pace: float) -> timedelta:
    """How far apart on the wall clock the marks of a film of this pace are.

    A minute; where that is less than a second of film 2, 5, 10 ... minutes, so that no mark is
    closer to the next than a second.
    """
    minutes = next((n for n in _MARKS if n * 60 >= pace), 0) or 60 * math.ceil(pace / 3600)
    return timedelta(minutes=minutes)


def _fill(placed: Sequence[Piece], clip: Clip, hole: Window) -> list[Piece]:
    """What `clip` shows of `hole` where nothing is placed yet."""
    parts = [part for shown in clip.shown if (part := overlap(shown, hole)) is not None]
    return [
        Piece(free.start, free.end, clip)
        for part in parts
        for free in uncovered(part, _windows(placed))
    ]


def _is_neighbour(clip: Clip, window: Window) -> bool:
    """True for a clip that was asked for another window than this."""
    return not (clip.window.start < window.end and window.start < clip.window.end)


def _windows(pieces: Iterable[Piece]) -> list[Window]:
    return [Window(piece.start, piece.end) for piece in pieces]


def _holes(pieces: Iterable[Piece], span: Window) -> list[Window]:
    """The parts of `span` that no piece covers and that are too long to bridge, in order."""
    within = [piece for piece in pieces if piece.start < span.end and span.start < piece.end]
    ending = {piece.end: piece.clip for piece in within}
    beginning = {piece.start: piece.clip for piece in within}
    return [
        hole
        for hole in uncovered(span, _windows(within))
        if hole.end - hole.start > bridged(ending.get(hole.start), beginning.get(hole.end))
    ]


def _bridge(placed: Sequence[Piece], window: Window) -> list[Piece]:
    """Close short holes with the piece before (or after) them; name the others as gaps."""
    result: list[Piece] = []
    reached, before = window.start, None
    for piece in placed:
        hole = piece.start - reached
        if hole > bridged(before, piece.clip):
            result.append(Piece(reached, piece.start, None))
        elif hole > timedelta(0):
            if result:
                result[-1] = Piece(result[-1].start, piece.start, result[-1].clip)
            else:
                piece = Piece(reached, piece.end, piece.clip)
        result.append(piece)
        reached, before = piece.end, piece.clip
    if window.end - reached > bridged(before) or not result:
        result.append(Piece(reached, window.end, None))
    elif reached < window.end:
        result[-1] = Piece(result[-1].start, window.end, result[-1].clip)
    return result
