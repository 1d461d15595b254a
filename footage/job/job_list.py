"""The jobs in a folder of journals: how far each is, and giving one up."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from footage.errors import ExitStatus, JournalError, UsageError
from footage.job.journal import Journal, in_use, journal_paths, read
from footage.job.outcome import outcome_of
from footage.model import Job, Retrieval, RetrievalState


@dataclass(frozen=True)
class ListedJob:
    """A job as it is listed; `job` is None where its journal cannot be read.

    state: how far it is, in words
    """

    path: Path
    job: Job | None
    state: str


def listed_jobs(folder: Path) -> list[ListedJob]:
    """All jobs in a folder, the newest first; those that cannot be read come last."""
    jobs = [_listed(path) for path in journal_paths(folder)]
    readable = [one for one in jobs if one.job is not None]
    readable.sort(key=lambda one: one.job.created if one.job else 0, reverse=True)
    return [*readable, *(one for one in jobs if one.job is None)]


def _listed(path: Path) -> ListedJob:
    try:
        job = read(path)
    except JournalError as error:
        return ListedJob(path, None, f"unreadable: {error}")
    return ListedJob(path, job, "in use by another run" if in_use(path) else _state(job))


def _state(job: Job) -> str:
    if job.discarded:
        return "given up"
    if job.finished:
        complete = outcome_of(job).exit_status is ExitStatus.COMPLETE
        return "finished" if complete else "finished, incomplete"
    if job.settled:
        return "its files are not made yet"
    media = [one for _, one in job.media()]
    return f"waiting for {sum(not one.settled for one in media)} of {len(media)} clips"


def discard(path: Path) -> Job:
    """Give a job up: its journal says so from now on, and what it left unfinished is removed.

    Its clips and films, and the ids of its requests, are kept. Raises JournalError where another
    run works on it, UsageError where it is finished.
    """
    with closing(Journal.open(path)) as journal:
        if journal.job.finished:
            raise UsageError(f"The job of {path.name} is finished; there is nothing to give up.")
        with journal.change() as job:
            job.discarded = True
        shutil.rmtree(work_folder(path, Path(job.folder)), ignore_errors=True)
        return job


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
