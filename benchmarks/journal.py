"""Claim: saving a change of a long job costs what it changes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.measure import Row, Table, new_name
from footage.job.journal import Journal
from footage.model import (
    UTC,
    Camera,
    Job,
    Media,
    MediaStatus,
    Retrieval,
    RetrievalState,
    StepKind,
    Vehicle,
    Window,
)

_START = datetime(2025, 4, 16, 18, 30, tzinfo=UTC)
_SHORT = 15  # retrievals


@dataclass(frozen=True)
class Size:
    """How many retrievals the long job has, how many changes are measured, and how often."""

    retrievals: int
    changes: int
    rounds: int


FULL = Size(8640, 300, 5)
QUICK = Size(2000, 100, 3)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """The processor time of changes of a short and of a long job, by turns."""
    ratios, spent = [], (0.0, 0.0)
    with closing(_journal(_SHORT, work)) as short, closing(_journal(size.retrievals, work)) as long:
        for journal in (short, long):
            _seconds(journal, size.changes)
        for _ in range(size.rounds):
            spent = _seconds(long, size.changes), _seconds(short, size.changes)
            ratios.append(spent[0] / max(spent[1], 1e-9))
    each = [1e6 * seconds / size.changes for seconds in spent]
    how = f"{each[0]:.0f} against {each[1]:.0f} microseconds a change"
    claim = f"a change of a job of {size.retrievals} retrievals, against one of {_SHORT}"
    return Table("Journal", (Row(claim, 3.0, statistics.median(ratios), how),))


def _journal(count: int, work: Path) -> Journal:
    cameras = tuple(Camera(f"camera{number}", f"Camera {number}") for number in range(6))
    job = Job(
        provider="Samsara",
        vehicle=Vehicle("1", "Truck 42", file_name="Truck 42"),
        start=_START,
        minutes=count // len(cameras) + 1,
        timezone="UTC",
        cameras=cameras,
        cameras_named=True,
        created=_START,
        folder=str(work),
        retrievals=list(_retrievals(count, cameras)),
    )
    return Journal.create(new_name(work, ""), job, "benchmark")


def _retrievals(count: int, cameras: tuple[Camera, ...]) -> Iterator[Retrieval]:
    for number in range(count):
        minute, camera = divmod(number, len(cameras))
        start = _START + timedelta(minutes=minute)
        yield Retrieval(Window(start, start + timedelta(minutes=1)), [Media(cameras[camera])])


def _seconds(journal: Journal, changes: int) -> float:
    """Processor time of so many changes, each of one retrieval and with a step of the custody."""
    retrievals = journal.job.retrievals
    before = time.process_time()
    for number in range(changes):
        one = retrievals[number % len(retrievals)]
        with journal.change(one):
            one.state, one.id = RetrievalState.ACCEPTED, f"id-{number}"
            one.media[0].status = MediaStatus.AVAILABLE
            one.possible_duplicates += 1
            journal.note(StepKind.ACCEPTED, retrieval_id=one.id, text="of a benchmark")
    return time.process_time() - before
