"""The journals in a folder: each job once, in its newest state, however many copies there are.

A cloud drive keeps both files where two computers have changed one, and people make copies. Of a
job's journals the newest counts. No run goes on with another one, which could pay for what the
newest has requested already; but what only another one has requested is not forgotten.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from footage.errors import JournalError, JournalInUse
from footage.job.journal import Journal, in_use, read
from footage.job.journal_files import Loaded, load
from footage.job.journal_heads import (
    journal_marks,
    journal_names,
    journal_paths,
    maybe_unfinished,
    steps_path,
    stray_steps,
)
from footage.model import Job, Window

log = logging.getLogger("footage.job.journal_folder")

_USUAL_NAME = re.compile(r"request_ids_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(_\d+)?\.json")


@dataclass(frozen=True)
class StoredJob:
    """A job on disk.

    path:   the journal with its newest state; runs go on with this one
    job:    that state
    copies: its other journals, with the state that each holds
    loaded: what was read of `path`, where no one else has that; opening it need not read it again
    """

    path: Path
    job: Job
    copies: Mapping[Path, Job]
    loaded: Loaded | None = None

    @property
    def in_use(self) -> bool:
        """Whether a run works on the job, be it by a copy. Raises JournalError: see `in_use`."""
        return any(in_use(path) for path in (self.path, *self.copies))

    def open(self) -> Journal:
        """Take the job up: see `Journal.open`. Raises JournalError, also where a run works on it by
        a copy.
        """
        journal = Journal.open(self.path, self.loaded)
        for path in self.copies:
            if in_use(path):
                journal.close()
                raise JournalInUse(
                    f"Another run is working on this job by a copy of its journal ({path.name}); "
                    "let it finish, or stop it first."
                )
        return journal


@dataclass(frozen=True)
class JournalFolder:
    """All journals of a folder, as they were when it was read.

    unreadable: what is wrong with those that cannot be read
    """

    jobs: tuple[StoredJob, ...]
    unreadable: Mapping[Path, JournalError]

    @property
    def unfinished(self) -> list[StoredJob]:
        """The jobs that a run can go on with, the newest first: neither finished nor given up, and
        no other run is working on them.
        """
        open_jobs = [
            one
            for one in self.jobs
            if not one.job.finished and not one.job.discarded and not one.in_use
        ]
        return sorted(open_jobs, key=lambda one: one.job.created, reverse=True)

    def others(self, mine: Job | None = None) -> list[Job]:
        """Every job but `mine`; and of each, of mine as well, what only its copies requested."""
        jobs: list[Job] = []
        for stored in self.jobs:
            if mine is not None and same_job(stored.job, mine):
                states = [stored.job, *stored.copies.values()]
                jobs += _more_requests(mine, states)
            else:
                jobs += [stored.job, *_more_requests(stored.job, stored.copies.values())]
        return jobs


def read_folder(
    folder: Path, but: Path | None = None, wanted: Callable[[Job], bool] = lambda job: True
) -> JournalFolder:
    """Read the journals of a folder.

    but:    not this one, which a run in this process is writing
    wanted: only those of jobs for which it is true; it goes by what never changes of a job
    """
    found = _read_all((path for path in journal_paths(folder) if path != but), wanted)
    return replace(found, unreadable={**found.unreadable, **_without_json(folder)})


def read_near(folder: Path, but: Path, vehicle: tuple[str, str], near: Window) -> JournalFolder:
    """As `read_folder`, of the jobs of one vehicle whose time touches another: it takes little
    where nothing has changed, as it is done before each request.

    vehicle: the provider, and the id
    """
    names = journal_names(folder)
    spans = _spans.setdefault(folder, {})
    for name in names:
        if name not in spans and name != but.name:
            with suppress(JournalError):  # told where the folder is read, and tried again
                job = _read_once(folder / name)
                spans[name] = (job.provider, job.vehicle.id), job.span
    found = {name for name in names if name in spans and _touches(spans[name], vehicle, near)}
    return _read_all(folder / name for name in sorted(found - {but.name}))


def _touches(one: tuple[tuple[str, str], Window], vehicle: tuple[str, str], near: Window) -> bool:
    return one[0] == vehicle and one[1].start <= near.end and near.start <= one[1].end


def _without_json(folder: Path) -> dict[Path, JournalError]:
    """What is wrong where the steps of a journal are there, and its JSON is not."""
    return {
        path: JournalError(
            f"The journal {path.name} is not there, but {steps_path(path).name}, which goes on "
            "from it, is: put the journal back or, to forget what it has requested, move that "
            "file to another folder."
        )
        for path in stray_steps(folder)
    }


def unfinished_jobs(folder: Path) -> list[StoredJob]:
    """`JournalFolder.unfinished`, without the journals being read of jobs that are surely over."""
    return _read_all(maybe_unfinished(folder)).unfinished


def _read_all(
    paths: Iterable[Path], wanted: Callable[[Job], bool] = lambda job: True
) -> JournalFolder:
    readable: dict[Path, Job] = {}
    unreadable: dict[Path, JournalError] = {}
    for path in paths:
        try:
            if path in _known and not wanted(_known[path][1]):
                continue  # read in this run, and not parsed again because it has changed
            job = _read_once(path)
        except JournalError as error:
            log.warning("%s", error)
            unreadable[path] = error
        else:
            if wanted(job):
                readable[path] = job
    return JournalFolder(tuple(_stored_jobs(readable)), unreadable)


# What was read of a journal in this run, and the marks of its files by which it would be another.
_known: dict[Path, tuple[tuple[int, ...], Job]] = {}


# Of each journal that was read in this run, what never changes: folder -> name -> vehicle and time.
_spans: dict[Path, dict[str, tuple[tuple[str, str], Window]]] = {}


def _read_once(path: Path) -> Job:
    """The job in a journal; parsed only where the file is not the one that was read before.

    A folder may hold hundreds, and each job of a run looks at all of them. Whoever gets the job
    does not change it.
    """
    try:
        marks = journal_marks(path)
    except OSError:
        return read(path)  # which says what is wrong
    if path not in _known or _known[path][0] != marks:
        _known[path] = (marks, read(path))
    return _known[path][1]


def forget_all() -> None:
    """Keep no job in mind any more that was read: for a run that lasts for weeks."""
    _known.clear()
    _spans.clear()


def stored_job(path: Path, logs: Path) -> StoredJob:
    """The job of a journal, which may be a copy of one beside it, or in the folder `logs`.

    Raises JournalError where the journal cannot be read.
    """
    own = path.resolve()
    loaded = load(own)
    states = {own: loaded.job}
    for folder in dict.fromkeys((own.parent, logs.resolve())):
        for stored in read_folder(folder, own).jobs:
            if same_job(stored.job, loaded.job):
                states |= {stored.path: stored.job, **stored.copies}
    newest = next(_stored_jobs(states))
    return replace(newest, loaded=loaded) if newest.path == own else newest


def same_job(one: Job, other: Job) -> bool:
    """Two states of one job: no two are made in the same microsecond for the same vehicle."""
    return _identity(one) == _identity(other)


def _identity(job: Job) -> tuple[object, ...]:
    return job.created, job.provider, job.vehicle.id, job.start, job.length


def _stored_jobs(states: Mapping[Path, Job]) -> Iterator[StoredJob]:
    """The journals by job. Of equal ones the one with the usual name counts: a copy has another."""

    def order(one: tuple[Path, Job]) -> tuple[object, ...]:
        path, _ = one
        return not _USUAL_NAME.fullmatch(path.name), len(path.name), str(path)

    by_name = sorted(states.items(), key=order)
    groups: dict[tuple[object, ...], dict[Path, Job]] = {}
    for path, job in by_name:
        groups.setdefault(_identity(job), {})[path] = job
    for journals in groups.values():
        path = max(journals, key=lambda path: _age(journals[path]))
        job = journals.pop(path)
        yield StoredJob(path, job, journals)


def _age(job: Job) -> tuple[int, ...]:
    """Is larger for a later state of a job. Journals of before have no revision."""
    requested = sum(bool(one.id) for one in job.retrievals)
    settled = sum(media.settled for _, media in job.media())
    return job.discarded, job.revision, requested, settled, len(job.outputs), job.finished


def _more_requests(job: Job, copies: Iterable[Job]) -> Iterator[Job]:
    """What copies of a job have requested and the job itself does not know of."""
    known = {one.id for one in job.retrievals}
    for copy in copies:
        more = [one for one in copy.retrievals if one.id and one.id not in known]
        if more:
            yield replace(copy, retrievals=more, outputs=[])
