"""What a watch for safety events knows of the jobs in the folder of its logs.

A watch runs for weeks, so it keeps a few facts of each job and not the jobs themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from footage.errors import JournalError, JournalInUse
from footage.job.journal import Journal, in_use
from footage.job.journal_folder import StoredJob, read_folder
from footage.job.journal_heads import journal_marks, journal_paths
from footage.model import UTC, Job, Retrieval, RetrievalState, SafetyEvent


def month_of(moment: datetime) -> datetime:
    """When the month of the quota begins that a moment is in.

    The providers say that the quota starts again with each month, and not in which time zone: here
    it is UTC.
    """
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def camera_seconds(retrievals: Sequence[Retrieval]) -> float:
    """Seconds of footage that these requests are for, each camera counted by itself."""
    return sum(one.window.seconds * len(one.cameras) for one in retrievals)


@dataclass(frozen=True)
class WatchedJob:
    """A job that a watch has requested.

    path, copies: its journal, and others of the same job
    over:      it is finished, or was given up
    to_tell:   it is finished, and nobody was told yet
    unsent:    some of its requests are still to be sent
    requested: month -> seconds that were requested in it
    reserved:  seconds that are still to be requested
    """

    path: Path
    copies: tuple[Path, ...]
    created: datetime
    start: datetime
    over: bool
    to_tell: bool
    unsent: bool
    requested: Mapping[datetime, float] = field(default_factory=dict)
    reserved: float = 0.0

    def open(self) -> Journal:
        """Take it up. Raises JournalError, also where another run works on it."""
        journal = Journal.open(self.path)
        for path in self.copies:
            if in_use(path):
                journal.close()
                raise JournalInUse(f"Another run is working on this job ({path.name}).")
        return journal


class WatchedJobs:
    """The jobs of one provider in a folder, read again where a journal there has changed.

    unreadable: what is wrong with journals that cannot be read
    """

    def __init__(self, folder: Path, provider: str) -> None:
        self._folder = folder
        self._provider = provider
        self._marks: dict[Path, tuple[int, ...]] = {}
        self._events: set[str] = set()
        self._moments: set[tuple[bool, str, int]] = set()  # see `_moment`
        self._jobs: Sequence[WatchedJob] = ()
        self.unreadable: Mapping[Path, JournalError] = {}

    def refresh(self) -> None:
        """Read the journals, where any is another than before."""
        marks = _marks(self._folder)
        if marks == self._marks and not self.unreadable:
            return
        journals = read_folder(self._folder)
        mine = [one for one in journals.jobs if one.job.provider == self._provider]
        # What was known of a journal stays known while it cannot be read.
        events = [event for one in mine for event in one.job.events]
        self._events.update(event.id for event in events)
        self._moments.update(_moment(event, _is_by_time(event)) for event in events)
        self._jobs = [_watched(one) for one in mine if one.job.watched]
        self.unreadable, self._marks = journals.unreadable, marks

    def has(self, event: SafetyEvent) -> bool:
        """Whether the footage of an event was requested, by a watch or otherwise."""
        if event.id in self._events:
            return True
        return any(
            _moment(event, not _is_by_time(event), seconds) in self._moments
            for seconds in (-1, 0, 1)
        )

    def spent(self, month: datetime) -> float:
        """Camera-seconds that watches have requested in a month, with those still to be sent."""
        return sum(one.requested.get(month, 0.0) + one.reserved for one in self._jobs)

    @property
    def unfinished(self) -> list[WatchedJob]:
        return [one for one in self._jobs if not one.over]

    @property
    def to_tell(self) -> list[WatchedJob]:
        return [one for one in self._jobs if one.to_tell]


def _is_by_time(event: SafetyEvent) -> bool:
    """Whether the event was in Samsara's older list, which names it by vehicle and time.

    That list is asked where the other one is refused; so one event may have had either name.
    """
    return event.id.startswith(f"{event.vehicle_id}-")


def _moment(event: SafetyEvent, by_time: bool, seconds: int = 0) -> tuple[bool, str, int]:
    """By what an event is known whose name is of the other list."""
    return by_time, event.vehicle_id, int(event.start.timestamp()) + seconds


def _marks(folder: Path) -> dict[Path, tuple[int, ...]]:
    marks: dict[Path, tuple[int, ...]] = {}
    for path in journal_paths(folder):
        with suppress(OSError):
            marks[path] = journal_marks(path)
    return marks


def _watched(stored: StoredJob) -> WatchedJob:
    job = stored.job
    over = job.finished or job.discarded
    unsent = [] if over else [one for one in job.retrievals if one.state.unsent]
    return WatchedJob(
        path=stored.path,
        copies=tuple(stored.copies),
        created=job.created,
        start=job.start,
        over=over,
        to_tell=job.finished and job.notified in ("", FAILED),
        unsent=bool(unsent),
        requested=_requested(job),
        reserved=camera_seconds(unsent),
    )


FAILED = "failed"  # `Job.notified` of a job that could not be gone on with, and may yet finish


def _requested(job: Job) -> Mapping[datetime, float]:
    """Month -> camera-seconds that the job has requested in it.

    A sending that got no answer may have been counted, and counts here.
    """
    months: dict[datetime, float] = defaultdict(float)
    for one in job.retrievals:
        sent = one.possible_duplicates
        if one.state is RetrievalState.ACCEPTED and not one.from_other_job:
            sent += 1
        if sent and one.requested_at is not None:
            months[month_of(one.requested_at)] += sent * camera_seconds([one])
    return months
