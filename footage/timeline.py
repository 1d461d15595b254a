"""Clips on the wall clock: which clip shows a moment, and where there is none. Pure functions.

The provider delivers the closest media it has: a clip may begin early or late, be short, or
overlap its neighbour. A clip is placed by its actual start and its measured length, never by
what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from footage.model import Clip, Window

# Clips cut at a frame border end up to a few frames before the next begins. So short a hole is
# bridged by the frame before it, which keeps a tile within the 0.1 s it may differ from the clock.
BRIDGED = timedelta(seconds=0.1)


@dataclass(frozen=True)
class Piece:
    """From `start` to `end` the camera shows `clip`, or has nothing (None)."""

    start: datetime
    end: datetime
    clip: Clip | None


def pieces(clips: Iterable[Clip], window: Window) -> list[Piece]:
    """What one camera shows in `window`, from its start to its end without a hole.

    The clip that was asked for this very window comes first; where it has nothing, a neighbour
    that reaches in fills up, the earlier one before the later. So what is shown of a minute
    depends on other minutes only where its own clip leaves more than BRIDGED open.
    """
    laid: list[Piece] = []
    inside = [clip for clip in clips if clip.start < window.end and window.start < clip.end]
    inside.sort(key=lambda clip: (clip.start, clip.path))
    own = [clip for clip in inside if not _is_neighbour(clip, window)]
    for clip in own:
        laid += _fill(laid, clip, window)
    for hole in _uncovered(laid, window, BRIDGED):
        for clip in inside:
            if clip not in own:
                laid += _fill(laid, clip, hole)
    return _bridge(sorted(laid, key=lambda piece: piece.start), window)


def gaps(clips: Iterable[Clip], span: Window) -> list[Window]:
    """The stretches of `span` longer than BRIDGED for which there is no clip, in order."""
    shown = [Piece(clip.start, clip.end, clip) for clip in clips]
    return _uncovered(shown, span, BRIDGED)


def missing_seconds(clips: Iterable[Clip], span: Window) -> float:
    """How many seconds of `span` no clip covers."""
    return sum(gap.seconds for gap in gaps(clips, span))


def minutes(span: Window) -> list[Window]:
    """`span` cut into the minutes that are rendered one by one; the last may be shorter."""
    cut: list[Window] = []
    start = span.start
    while start < span.end:
        end = min(start + timedelta(minutes=1), span.end)
        cut.append(Window(start, end))
        start = end
    return cut


def _fill(laid: Sequence[Piece], clip: Clip, hole: Window) -> list[Piece]:
    """What `clip` shows of `hole` where nothing is laid yet."""
    if clip.end <= hole.start or hole.end <= clip.start:
        return []
    reach = Window(max(clip.start, hole.start), min(clip.end, hole.end))
    return [Piece(free.start, free.end, clip) for free in _uncovered(laid, reach, timedelta(0))]


def _is_neighbour(clip: Clip, window: Window) -> bool:
    """True for a clip that was asked for another window than this."""
    return not (clip.window.start < window.end and window.start < clip.window.end)


def _uncovered(pieces: Sequence[Piece], span: Window, tolerance: timedelta) -> list[Window]:
    """The parts of `span` longer than `tolerance` that no piece covers, in order."""
    free: list[Window] = []
    reached = span.start
    for piece in sorted(pieces, key=lambda piece: piece.start):
        if piece.start >= span.end:
            break
        if piece.start - reached > tolerance:
            free.append(Window(reached, piece.start))
        reached = max(reached, piece.end)
    if span.end - reached > tolerance:
        free.append(Window(reached, span.end))
    return free


def _bridge(laid: Sequence[Piece], window: Window) -> list[Piece]:
    """Close holes up to BRIDGED with the piece before (or after) them; name the others as gaps."""
    result: list[Piece] = []
    reached = window.start
    for piece in laid:
        hole = piece.start - reached
        if hole > BRIDGED:
            result.append(Piece(reached, piece.start, None))
        elif hole > timedelta(0):
            if result:
                result[-1] = Piece(result[-1].start, piece.start, result[-1].clip)
            else:
                piece = Piece(reached, piece.end, piece.clip)
        result.append(piece)
        reached = piece.end
    if window.end - reached > BRIDGED or not result:
        result.append(Piece(reached, window.end, None))
    elif reached < window.end:
        result[-1] = Piece(result[-1].start, window.end, result[-1].clip)
    return result
