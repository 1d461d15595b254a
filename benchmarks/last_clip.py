"""Claim: the film is ready soon after the last clip, however long it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.material import Picture
from benchmarks.measure import Row, Table
from benchmarks.runs import whole_run

SMALL = Picture(320, 180, 5)  # an hour of it is rendered in a minute or two


@dataclass(frozen=True)
class Film:
    """A film of three cameras; the Driver clip of minute `held_back` (from 0) comes last.

    It is the Driver's because the film has its sound.
    """

    minutes: int
    held_back: int
    picture: Picture


@dataclass(frozen=True)
class Size:
    """timed: how many minutes are also rendered alone, to know how long one takes."""

    films: tuple[Film, ...]
    timed: int


FULL = Size((Film(5, 4, SMALL), Film(5, 2, Picture(960, 540, 15)), Film(60, 30, SMALL)), 5)
QUICK = Size((Film(5, 2, SMALL), Film(20, 10, SMALL)), 3)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Run the pipeline with one clip held back until everything else is rendered."""
    return Table(
        "From the last clip's arrival to the finished film",
        tuple(_row(film, size.timed, drawn, work) for film in size.films),
    )


def _row(film: Film, timed: int, drawn: Path, work: Path) -> Row:
    result = whole_run(film.minutes, film.held_back, film.picture, timed, drawn, work)
    return Row(
        f"{film.minutes} min of film, minute {film.held_back + 1} comes last",
        2 * result.one_minute + film.minutes / 5,
        result.after_last,
        f"three cameras, {film.picture}; limit: two minutes rendered alone "
        f"({2 * result.one_minute:.2f} s, median of {timed}) + {film.minutes / 5:g} s",
        unit="s",
    )
