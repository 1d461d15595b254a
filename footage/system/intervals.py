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

    A span of no length is one moment; so is any where `every` is 0.
    """
    found = [span.start]
    while every > 0:
        following = span.start + timedelta(seconds=every * len(found))
        if following >= span.end:
            break
        found.append(following)
    return found


def cut_smaller(retrieval: Retrieval, longest: float) -> list[Retrieval]:
    """The same footage in requests of windows not longer than `longest` seconds, not yet sent."""
    return [
        Retrieval(
            window,
            [Media(media.camera) for media in retrieval.media],
            retrieval.media_type,
            possible_duplicates=retrieval.possible_duplicates if number == 0 else 0,
            repeat=retrieval.repeat,
        )
        for number, window in enumerate(cut(retrieval.window, longest))
    ]


def fitting(planned: Iterable[Retrieval], longest: float) -> list[Retrieval]:
    """The requests, those longer than `longest` seconds cut smaller; 0 is no limit."""
    return [
        piece
        for one in planned
        for piece in (cut_smaller(one, longest) if 0 < longest < one.window.seconds else [one])
    ]


def in_seconds(window: Window) -> Window:
    """The whole seconds that a window lies in: what is asked for is never shorter than one."""
    second = timedelta(seconds=1)
    start, end = window.start.replace(microsecond=0), window.end.replace(microsecond=0)
    return Window(start, end if end == window.end else end + second)


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
