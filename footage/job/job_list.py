"""The jobs in a folder of journals: how far each is, and giving one up."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from footage.errors import ExitStatus, UsageError
from footage.job.journal_folder import StoredJob, read_folder, stored_job
from footage.job.outcome import outcome_of
from footage.model import Job, Retrieval, RetrievalState


@dataclass(frozen=True)
class ListedJob:
    """A journal as it is listed; `job` is None where it cannot be read, or is a copy.

    state: how far the job is, in words
    """

    path: Path
    job: Job | None
    state: str


def listed_jobs(folder: Path) -> list[ListedJob]:
    """All jobs in a folder, the newest first, each with the copies of its journal below it; those
    that cannot be read come last.
    """
    journals = read_folder(folder)
    listed: list[ListedJob] = []
    for stored in sorted(journals.jobs, key=lambda one: one.job.created, reverse=True):
        state = "in use by another run" if stored.in_use else state_text(stored.job)
        listed.append(ListedJob(stored.path, stored.job, state))
        listed += [
            ListedJob(path, None, f"a copy of {stored.path.name}; not used")
            for path in stored.copies
        ]
    unreadable = journals.unreadable.items()
    return [*listed, *(ListedJob(path, None, f"unreadable: {error}") for path, error in unreadable)]


def state_text(job: Job) -> str:
    """How far a job is, in words."""
    if job.discarded:
        return "given up"
    if job.finished:
        complete = outcome_of(job).exit_status is ExitStatus.COMPLETE
        return "finished" if complete else "finished, incomplete"
    if job.settled:
        return "its files are not made yet"
    media = [one for _, one in job.media()]
    lost = len(job.lost_clips())
    awaited = sum(not one.settled and one.lost is None for one in media)
    parts = [f"waiting for {awaited} of {len(media)} clips"] if awaited else []
    if lost:
        parts.append(f"{lost} of {len(media)} clips missing or changed on this computer")
    return ", ".join(parts)


def discard(path: Path, logs: Path) -> StoredJob:
    """Give a job up: its journal says so from now on, and what it left unfinished is removed.

    Its clips and films, and the ids of its requests, are kept. Raises JournalError where another
    run works on it, UsageError where it is finished.

    path: its journal, or a copy of it: see `stored_job`
    """
    stored = stored_job(path, logs)
    with closing(stored.open()) as journal:
        if journal.job.finished:
            raise UsageError(f"The job of {path.name} is finished; there is nothing to give up.")
        with journal.change() as job:
            job.discarded = True
    for one in (stored.path, *stored.copies):
        shutil.rmtree(work_folder(one, Path(job.folder)), ignore_errors=True)
    return stored


def work_folder(journal: Path, folder: Path) -> Path:
    """Holds what is unfinished of the job of a journal, for it alone; gone when it is finished.

    folder: of the job's files
    """
    whole_path = journal.resolve()
    digest = hashlib.sha256(str(whole_path).encode()).hexdigest()[:8]
    return folder / f".{whole_path.stem}-{digest}.work"


def awaited(job: Job) -> Iterator[Retrieval]:
    """The requests that were taken and whose footage has not come."""
    there = (RetrievalState.ACCEPTED, RetrievalState.FOUND)
    return (one for one in job.retrievals if one.state in there and not one.settled)


def only_waits(job: Job) -> bool:
    """Nothing can be done for the job but to wait for its vehicle's uploads."""
    unsettled = [one for one in job.retrievals if not one.settled]
    return bool(unsettled) and len(unsettled) == len(list(awaited(job)))
