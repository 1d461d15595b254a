"""When each packet of a merge is shown: exact, however the clips count time. Pure functions.

ffmpeg writes the clips' packets one after the other; their times are computed here from the clips'
own and written into the index afterwards. So clips with another time base or frame rate, with
frames missing or stored out of order can follow each other, in any order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from footage.media.mp4_boxes import Edit, TrackTimes
from footage.media.packets import Stream

MOVIE_CLOCK = 90_000  # units a second of the merge's own clock
_FINEST_CLOCK = 2_000_000


def common_clock(time_bases: Iterable[Fraction]) -> int:
    """Units a second in which the times of all clips are whole numbers, where that can be."""
    clock = 1
    for base in set(time_bases):
        clock = math.lcm(clock, base.denominator)
        if clock > _FINEST_CLOCK:
            return MOVIE_CLOCK
    return clock if clock >= 1000 else clock * 1000


@dataclass
class _Runs:
    """Whole numbers, equal ones in a row counted."""

    runs: list[tuple[int, int]] = field(default_factory=list)

    def add(self, value: int) -> None:
        if self.runs and self.runs[-1][1] == value:
            self.runs[-1] = (self.runs[-1][0] + 1, value)
        else:
            self.runs.append((1, value))


@dataclass
class VideoTimes:
    """The times of the picture, clip after clip; memory grows with irregularities only.

    The packets of a clip that are decoded but not shown (its edit list hides them) are put beside
    each other in as many ticks between the clips, and the merge's edit list leaves these out.
    """

    clock: int
    packets: int = 0
    _lengths: _Runs = field(default_factory=_Runs)
    _offsets: _Runs = field(default_factory=_Runs)
    _edits: list[tuple[int, int]] = field(default_factory=list)
    _first: int | None = None
    _last: int = -1
    _hidden: int = 0  # ticks that hidden packets take so far
    _interrupted: bool = True  # the next packet shown begins a new edit

    def add(self, stream: Stream, start: Fraction, end: Fraction) -> None:
        """A clip's packets, in the order of the file; it is shown from `start` to `end`."""
        # Whole numbers only: thousands of fractions would take as long as all else in a merge.
        base, offset = stream.time_base * self.clock, start * self.clock
        below = math.lcm(base.denominator, offset.denominator)
        step = base.numerator * (below // base.denominator)
        half = offset.numerator * (below // offset.denominator) + below // 2
        for first, last in _groups(stream):
            ticks = [(half + pts * step) // below for pts in stream.pts[first:last]]
            self._add_group(ticks, {n - first for n in stream.hidden}, round(end * self.clock))
        self.packets += len(stream.pts)

    def _add_group(self, ticks: Sequence[int], hidden: set[int], end: int) -> None:
        order = sorted(range(len(ticks)), key=lambda number: ticks[number])
        shown = [number for number in order if number not in hidden]
        begin = ticks[shown[0]] if shown else end
        before = [number for number in order if number in hidden and ticks[number] < begin]
        after = [number for number in order if number in hidden and ticks[number] >= begin]
        times = [0] * len(ticks)
        self._place(before, times, begin)
        if shown and self._interrupted:
            place = max(begin + self._hidden, self._last + 1)
            self._edits.append((place - self._hidden, place))
            self._interrupted = False
        for number in shown:
            times[number] = self._next(ticks[number])
        self._place(after, times, end)
        for time, at_rank in zip(times, (times[number] for number in [*before, *shown, *after]),
                                 strict=True):  # fmt: skip
            self._offsets.add(time - at_rank)

    def _place(self, numbers: Sequence[int], times: list[int], at: int) -> None:
        """Put hidden packets beside each other, from `at` on."""
        for number in numbers:
            times[number] = self._next(at)
            self._hidden = times[number] + 1 - at
            self._interrupted = True

    def _next(self, tick: int) -> int:
        """Where a packet of this time goes, after all before it."""
        place = max(tick + self._hidden, self._last + 1)
        if self._first is None:
            self._first = place
        else:
            self._lengths.add(place - self._last)
        self._last = place
        return place

    def finished(self, end: Fraction) -> TrackTimes:
        """All of it, up to the end of the merge."""
        last = round(end * self.clock)
        lengths = [*self._lengths.runs, (1, max(1, last + self._hidden - self._last))]
        # Every packet is decoded as much earlier as the one that is shown latest after it needs.
        delay = max(0, -min((value for _, value in self._offsets.runs), default=0))
        offsets = [(count, value + delay) for count, value in self._offsets.runs]
        starts = [shown for shown, _ in self._edits]
        lead = delay - (self._first or 0)
        edits = list(_edits(starts, [at + lead for _, at in self._edits], last, self.clock))
        return TrackTimes(self.clock, lengths, offsets, edits)


def _groups(stream: Stream) -> Iterator[tuple[int, int]]:
    """The packets in stretches that each have hidden ones at their ends only."""
    first = 0
    for number in stream.keys:
        if number > first and number in stream.hidden and number - 1 not in stream.hidden:
            yield first, number
            first = number
    yield first, len(stream.pts)


def _edits(starts: Sequence[int], places: Sequence[int], end: int, clock: int) -> Iterator[Edit]:
    """The edit list of stretches that are shown from `starts` on and stand at `places`."""
    moments = [round(Fraction(tick * MOVIE_CLOCK, clock)) for tick in [*starts, end]]
    if moments[0] > 0:
        yield Edit(moments[0], -1)
    for place, begin, until in zip(places, moments, moments[1:], strict=False):
        yield Edit(max(0, until - begin), place)


@dataclass
class AudioTimes:
    """The times of copied audio, packet after packet, in seconds; each lasts `frame` samples."""

    rate: int
    frame: int
    packets: int = 0
    _lengths: _Runs = field(default_factory=_Runs)
    _first: int = 0
    _last: int = 0

    def add(self, seconds: float) -> None:
        place = math.ceil(seconds * self.rate - 0.5)
        if self.packets:
            place = max(place, self._last + 1)
            self._lengths.add(place - self._last)
        else:
            self._first = place
        self._last = place
        self.packets += 1

    @property
    def end(self) -> float:
        """Seconds at which the last packet ends."""
        return (self._last + self.frame) / self.rate if self.packets else 0.0

    def finished(self) -> TrackTimes:
        lengths = [*self._lengths.runs, (1, self.frame)]
        end = self._last + self.frame
        start = max(0, self._first)
        edits = _edits([start], [start - self._first], end, self.rate)
        return TrackTimes(self.rate, lengths, (), list(edits))
