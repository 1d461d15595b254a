"""Timing in pairs, running the tools that are compared with, and the tables of results."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from footage.media import ffmpeg

_names = count(1)


@dataclass(frozen=True)
class Row:
    """One claim and what was measured.

    limit, measured: in `unit`: "x" for a ratio, "s" for seconds
    at_least:        the claim is a lower limit ("at least 4 x as fast")
    measured None:   could not be measured on this computer; `how` says why
    """

    claim: str
    limit: float
    measured: float | None
    how: str
    unit: str = "x"
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """A claim that cannot be measured here is not counted as broken."""
        if self.measured is None:
            return True
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        bound = "at least" if self.at_least else "at most"
        verdict = "not measured" if self.measured is None else ("yes" if self.holds else "NO")
        measured = "-" if self.measured is None else f"{_number(self.measured)} {self.unit}"
        limit = f"{bound} {_number(self.limit)} {self.unit}"
        return self.claim, limit, measured, verdict, self.how


@dataclass(frozen=True)
class Table:
    """The rows that belong to one claim of the README."""

    title: str
    rows: tuple[Row, ...]

    @property
    def holds(self) -> bool:
        return all(row.holds for row in self.rows)

    def text(self) -> str:
        """The table in Markdown, readable as it is."""
        head = ("what", "claimed", "measured", "holds", "how")
        lines = [head, *(row.cells() for row in self.rows)]
        widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
        printed = [
            "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
            for line in lines
        ]
        printed.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join([f"### {self.title}", "", *printed, ""])


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.2f}"


@dataclass(frozen=True)
class Compared:
    """Two ways of doing one thing: the median of the pairs' ratios, and the median seconds.

    processor: the ratio of processor time, which other programs on the computer disturb less;
               None where the system does not report it
    """

    ratio: float
    ours: float
    theirs: float
    processor: float | None

    @property
    def seconds(self) -> str:
        """For a person: both times, and the ratio of processor time."""
        text = f"{self.ours:.2f} s against {self.theirs:.2f} s"
        return text + (f" (processor time {self.processor:.2f} x)" if self.processor else "")


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _processor_seconds() -> float:
    """Processor time of this process and of those it started that have ended.

    Windows does not count the latter. `os.times` counts in steps of 10 ms, which is half of a bare
    start of Python.
    """
    if sys.platform == "win32":
        return time.process_time()
    import resource

    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def compare(
    ours: Sequence[Callable[[], object]], theirs: Callable[[], object], rounds: int
) -> list[Compared]:
    """Each of `ours` against `theirs`, in turns, so that all are measured under the same load.

    A ratio is taken within each round and the median of the rounds counts; so a computer that is
    busy for a while slows down both sides of a ratio. Every second round runs backwards.
    """
    everything = [theirs, *ours]
    taken: list[list[float]] = [[] for _ in everything]
    spent: list[list[float]] = [[] for _ in everything]
    for turn in range(rounds):
        order = range(len(everything))
        for number in order if turn % 2 == 0 else reversed(order):
            before = _processor_seconds()
            taken[number].append(seconds(everything[number]))
            spent[number].append(_processor_seconds() - before)
    return [
        Compared(
            ratio=_median_ratio(taken[number], taken[0]),
            ours=statistics.median(taken[number]),
            theirs=statistics.median(taken[0]),
            processor=_median_ratio(spent[number], spent[0])
            if os.name != "nt" and all(spent[0])
            else None,
        )
        for number in range(1, len(everything))
    ]


def _median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def bare_ffmpeg(arguments: Sequence[str]) -> None:
    """Run ffmpeg the way a person would at a prompt; raises CalledProcessError when it fails."""
    subprocess.run(  # noqa: S603 - moviepy's own ffmpeg, no shell
        [ffmpeg.binary(), "-v", "error", "-nostdin", "-y", *arguments], check=True
    )


def new_name(folder: Path, suffix: str = ".mp4") -> Path:
    """A path in `folder` that nothing has yet, so that no round overwrites another's file."""
    return folder / f"out-{next(_names)}{suffix}"
