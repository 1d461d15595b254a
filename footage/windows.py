"""How a stretch of time is cut into what is asked for in one request. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from footage.model import Media, Retrieval, Window


def cut(span: Window, longest: float) -> list[Window]:
    """`span` in windows of `longest` seconds, end to start; the last may be shorter."""
    found: list[Window] = []
    start = span.start
    while start < span.end:
        end = min(start + timedelta(seconds=longest), span.end)
        found.append(Window(start, end))
        start = end
    return found


def moments(span: Window, every: float) -> list[datetime]:
    """The moments of stills: one each `every` seconds from the start, none at the end.

    A span of no length is one moment.
    """
    found = [span.start]
    while (following := span.start + timedelta(seconds=every * len(found))) < span.end:
        found.append(following)
    return found


def cut_smaller(retrieval: Retrieval, longest: float) -> list[Retrieval]:
    """The same footage in requests of windows not longer than `longest` seconds, not yet sent."""
    return [
        Retrieval(
            window,
            [Media(media.camera) for media in retrieval.media],
            retrieval.media_type,
            maybe_counted=retrieval.maybe_counted if number == 0 else 0,
            repeat=retrieval.repeat,
        )
        for number, window in enumerate(cut(retrieval.window, longest))
    ]


def overlap(one: Window, other: Window) -> Window | None:
    """What both have in common; None where that is nothing."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Window(start, end) if start < end else None


def uncovered(span: Window, covering: Iterable[Window], tolerance: float = 0.0) -> list[Window]:
    """The parts of `span` longer than `tolerance` seconds that no window covers, in order."""
    free: list[Window] = []
    reached = span.start
    for window in sorted(covering):
        if window.start >= span.end:
            break
        if (window.start - reached).total_seconds() > tolerance:
            free.append(Window(reached, window.start))
        reached = max(reached, window.end)
    if (span.end - reached).total_seconds() > tolerance:
        free.append(Window(reached, span.end))
    return free
