"""Claim: a long film takes no more memory than a short one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.last_clip import FULL as FULL_FILMS
from benchmarks.last_clip import QUICK as QUICK_FILMS
from benchmarks.last_clip import Film
from benchmarks.measure import Row, Table
from benchmarks.runs import whole_run


@dataclass(frozen=True)
class Size:
    """Two films of the same picture size; the same runs as in `last_clip`, so done once."""

    short: Film
    long: Film
    timed: int


FULL = Size(FULL_FILMS.films[0], FULL_FILMS.films[-1], FULL_FILMS.timed)
QUICK = Size(QUICK_FILMS.films[0], QUICK_FILMS.films[-1], QUICK_FILMS.timed)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Compare the peaks of two whole runs, each in a process of its own."""
    short, long = (
        whole_run(film.minutes, film.held_back, film.picture, size.timed, drawn, work).peak
        for film in (size.short, size.long)
    )
    if short is None or long is None:
        ratio, how = None, "this system does not report a process's peak memory"
    else:
        ratio = long / short
        how = (
            f"Python process of a whole run, three cameras, {size.long.picture}: "
            f"{long / 1e6:.1f} MB against {short / 1e6:.1f} MB"
        )
    lengths = f"{size.long.minutes} min of film against {size.short.minutes}"
    return Table("Peak memory", (Row(lengths, 1.1, ratio, how),))
