"""Claim: a job of a day begins within seconds, and costs no more for each clip than a short one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks import day
from benchmarks.long_job import Cost, Order
from benchmarks.measure import Row, Table, new_name

_MEMORY = 400.0  # MiB


@dataclass(frozen=True)
class Size:
    """How many clips a short and a long job have, of six cameras."""

    short: int
    long: int


FULL = Size(504, 8640)
QUICK = Size(120, 504)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Run both as the program does, but for requests, downloads, probing and rendering: of these
    each costs the same in any job.
    """
    short, long = (_whole_run(count, drawn, work) for count in (size.short, size.long))
    first = _first_request(size.long, drawn, work)
    each = [1000 * cost.processor["end"] / count
            for cost, count in ((long, size.long), (short, size.short))]  # fmt: skip
    peak = None if long.peak is None else long.peak / 2**20
    return Table(
        "Long jobs",
        (
            Row(
                f"from the answers to the plan of {size.long} requests",
                10.0,
                first.wall["planned"] - first.wall["answered"],
                _processor(first, "answered", "planned"),
                unit="s",
            ),
            Row(
                "from the confirmed plan to the first request",
                10.0,
                first.wall["called"] - first.wall["agreed"],
                _processor(first, "agreed", "called"),
                unit="s",
            ),
            Row(
                f"processor time a clip, of {size.long} against {size.short}",
                1.2,
                each[0] / each[1],
                f"{each[0]:.1f} against {each[1]:.1f} ms; without HTTP, probing and rendering",
            ),
            Row(
                f"most memory of the Python process, {size.long} clips",
                _MEMORY,
                peak,
                "with a reading of speed and place each second",
                unit="MiB",
            ),
        ),
    )


def _whole_run(count: int, drawn: Path, work: Path) -> Cost:
    """From the start of the program to all finished files."""
    folder = new_name(work, "")
    clips = day.footage(count, drawn, folder / "footage")
    with day.cloud(0, drawn, folder / "cloud") as sim:
        order = Order(footage=str(clips))
        return day.run(sim, order, folder / "job", day.new_job(count, folder / "job"))


def _first_request(count: int, drawn: Path, work: Path) -> Cost:
    """From the start of the program to its first request."""
    folder = new_name(work, "")
    with day.cloud(0, drawn, folder / "cloud") as sim:
        order = Order(only_start=True)
        return day.run(sim, order, folder / "job", day.new_job(count, folder / "job"))


def _processor(cost: Cost, begun: str, ended: str) -> str:
    return f"processor time {cost.processor[ended] - cost.processor[begun]:.2f} s"
