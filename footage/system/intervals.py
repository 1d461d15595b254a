"""Stretches of time: cut into pieces, joined, compared, rounded to seconds. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter

from footage.model import Window

# Whole windows take several times as long to compare, and the order of their ends is irrelevant.
_START = attrgetter("start")


def cut(span: Window, longest: float) -> list[Window]:
    """`span` in consecutive windows of `longest` seconds; the last may be shorter."""
    pieces: list[Window] = []
    start = span.start
    while start < span.end:
        end = min(start + timedelta(seconds=longest), span.end)
        pieces.append(Window(start, end))
        start = end
    return pieces


def moments(span: Window, every: float) -> list[datetime]:
    """The moments of stills: one each `every` seconds from the start, none at the end.

    A span of no length is one moment; so is any where `every` is 0.
    """
    times = [span.start]
    while every > 0:
        following = span.start + timedelta(seconds=every * len(times))
        if following >= span.end:
            break
        times.append(following)
    return times


def out_to_seconds(window: Window) -> Window:
    """The window with its start rounded down and its end rounded up to whole seconds."""
    second = timedelta(seconds=1)
    start, end = window.start.replace(microsecond=0), window.end.replace(microsecond=0)
    return Window(start, end if end == window.end else end + second)


def overlap(one: Window, other: Window) -> Window | None:
    """What both have in common; None where that is nothing."""
    start, end = max(one.start, other.start), min(one.end, other.end)
    return Window(start, end) if start < end else None


def joined(windows: Iterable[Window]) -> list[Window]:
    """The same stretches in order, those that touch or overlap joined into one."""
    stretches: list[Window] = []
    for window in sorted(windows, key=_START):
        if stretches and window.start <= stretches[-1].end:
            last = stretches.pop()
            window = Window(last.start, max(last.end, window.end))
        stretches.append(window)
    return stretches


def uncovered(span: Window, covering: Iterable[Window], tolerance: float = 0.0) -> list[Window]:
    """The parts of `span` longer than `tolerance` seconds that no window covers, in order."""
    free: list[Window] = []
    reached = span.start
    for window in sorted(covering, key=_START):
        if window.start >= span.end:
            break
        if (window.start - reached).total_seconds() > tolerance:
            free.append(Window(reached, window.start))
        reached = max(reached, window.end)
    if (span.end - reached).total_seconds() > tolerance:
        free.append(Window(reached, span.end))
    return free
