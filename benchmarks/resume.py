"""Claim: `--resume` of a long job requests at once, whatever is here already."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks import day
from benchmarks.long_job import Cost, Order
from benchmarks.measure import Row, Table, new_name

_TO_COME = 6  # requests that are left where nearly all of a job is here


@dataclass(frozen=True)
class Size:
    """Retrievals of a job of which half are here; and clips that are here where nearly all are."""

    half: int
    clips: int


FULL = Size(8640, 4020)
QUICK = Size(504, 252)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Take up jobs whose journal and clips are as a run leaves them; the first call ends it."""
    half = _first_call(size.half, size.half // 2, drawn, work)
    many = _first_call(size.clips + _TO_COME, size.clips, drawn, work)
    few = _first_call(2 * _TO_COME, _TO_COME, drawn, work)
    more = many.processor["called"] - few.processor["called"]
    return Table(
        "--resume of a long job",
        (
            Row(
                f"from the start to the first call, half of {size.half} clips here",
                10.0,
                half.wall["called"],
                f"processor time {half.processor['called']:.2f} s",
                unit="s",
            ),
            Row(
                f"processor time to the first call, {size.clips} clips here, more than with "
                f"{_TO_COME}",
                1.0,
                more,
                f"{many.processor['called']:.2f} against {few.processor['called']:.2f} s: the "
                "journal is read, and the files are looked for",
                unit="s",
            ),
        ),
    )


def _first_call(count: int, here: int, drawn: Path, work: Path) -> Cost:
    """From the start of the program to its first request or poll."""
    folder = new_name(work, "")
    options = day.half_done(count, here, drawn, folder / "job")
    with day.cloud(here, drawn, folder / "cloud", here) as sim:
        return day.run(sim, Order(only_start=True), folder / "job", options)
