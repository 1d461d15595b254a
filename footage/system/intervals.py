"""Stretches of time: cut into pieces, joined, compared, rounded to seconds. Pure functions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import accumulate
from operator import attrgetter
from typing import Generic, TypeVar

from footage.model import Window

T = TypeVar("T")

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


class Spans(Generic[T]):
    """Items that each have a span. Those near a window are found without going through all: a day's
    job has thousands, and for each of them those of other jobs or of the cloud are looked for.
    """

    def __init__(self, items: Iterable[T], span_of: Callable[[T], Window]) -> None:
        numbered = [(span_of(item), number, item) for number, item in enumerate(items)]
        self._ordered = sorted(numbered, key=lambda one: one[0].start)
        self._starts = [span.start for span, _, _ in self._ordered]
        self._reached = list(accumulate((span.end for span, _, _ in self._ordered), max))

    def near(self, window: Window, margin: timedelta = timedelta(0)) -> list[T]:
        """Those that overlap with a window, touch it, or are no further from it than `margin`; in
        the order in which they were given.
        """
        earliest, latest = window.start - margin, window.end + margin
        first = bisect_left(self._reached, earliest)  # all before have ended by then
        found = self._ordered[first : bisect_right(self._starts, latest)]
        near = [(number, item) for span, number, item in found if span.end >= earliest]
        return [item for _, item in sorted(near, key=lambda one: one[0])]
