"""Which minutes of a film are settled: nothing that is still awaited can change them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import accumulate

from footage.media import timeline
from footage.model import Camera, Job, Window


class Awaited:
    """The windows for which a camera's footage may still come."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self.windows = sorted(windows)
        self._starts = [window.start for window in self.windows]
        self._ends = list(accumulate((window.end for window in self.windows), max))

    def __bool__(self) -> bool:
        return bool(self._starts)

    def touches(self, window: Window) -> bool:
        begun = bisect_left(self._starts, window.end)
        return begun > 0 and self._ends[begun - 1] > window.start


def awaited_windows(job: Job, camera: Camera) -> list[Window]:
    return [retrieval.window for retrieval, media in job.media(camera) if not media.settled]


def is_final(awaited: Awaited, window: Window, gaps: Sequence[Window], margin: timedelta) -> bool:
    """True where what a camera shows of a minute cannot change any more.

    Its own clip is here, and every gap within the minute is bounded by settled minutes: so a
    gap's label can say until when it lasts, and a neighbour's clip that reaches in is here. A
    hole so short that it is bridged does not wait: it is filled from the minute's own clip.

    margin: the length of a minute of the side-by-side, on the wall clock
    """
    if not awaited:
        return True
    return not awaited.touches(window) and not any(
        awaited.touches(Window(gap.start - margin, gap.end + margin))
        for gap in overlapping(gaps, window)
        if min(gap.end, window.end) - max(gap.start, window.start) > timeline.BRIDGED
    )


def overlapping(gaps: Sequence[Window], window: Window) -> Sequence[Window]:
    """Those of `gaps`, which are in order and do not touch, that reach into `window`."""
    first = bisect_right(gaps, window.start, key=lambda gap: gap.end)
    return gaps[first : bisect_left(gaps, window.end, key=lambda gap: gap.start)]
