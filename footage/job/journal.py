"""The job on disk, whole at any instant, and the lock around the job.

It is saved before and after each step that costs money or time, so that any run can go on where
another stopped: see journal_files.py. docs/journal.md describes the journal field by field.

The locking rule. Several threads work at one job: those that request, poll, download and render,
and the main thread, which shows how far they are. For all of them:

1. A thread changes the job, its retrievals and their media inside `Journal.change()` only. No other
   thread sees a change by halves, and all of it is on the disk when the block is left: so a request
   is in the journal before it is sent, and an answer before anything follows from it. A block that
   names retrievals changes no others: of a long job only those are looked at then.
2. A thread that reads what another may be changing does so inside `Journal.locked()`, and changes
   nothing there: it would not be saved.
3. Read without the lock is what never changes once the job is planned (provider, vehicle, asked
   time, time zone, folder, kind of footage), and what is immutable (windows, clips, cameras). A
   provider, too, reads the retrieval it is to request or poll without the lock; by the time it has
   answered the job may have changed, so the answer is compared with the job inside the lock.
4. Nobody holds the lock while it waits: for the network, another program, another thread or a
   person. What takes long is done before the block, and what it has brought is written in it.
5. The main thread keeps to the first rule also while no other thread runs, so that what it changes
   is saved.

The lock may be taken again by the thread that has it, so a function that changes the job need not
know whether its caller has the lock. A job that no `Journal` has yet belongs to its thread alone.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock

from footage.errors import DiskError, JournalError, JournalInUse
from footage.job.journal_files import JournalFiles, Loaded, load
from footage.job.journal_heads import PREFIX, journal_marks, steps_path
from footage.job.journal_watch import Changed
from footage.job.locks import can_lock, cannot_lock_text, take_lock
from footage.job.this_run import this_run
from footage.model import UTC, Job, Retrieval, Step, StepKind
from footage.system import whole_files
from footage.system.later import Later
from footage.system.threads import UninterruptedLock

log = logging.getLogger("footage.job.journal")

# Seconds: a program that a killed run was just starting has the run's lock for a moment.
_LOCK_TIMEOUT = 2.0

_NAMES_TRIED = 5  # so many names are taken by other runs, and it is seen whether locking works

# Seconds after which the JSON, which people read, has what happened.
_FOLD_AFTER = 50.0
_LATER = Later()  # one thread for all journals: a list has hundreds


class Journal:
    """One job, its file and its lock. See the locking rule above.

    new: the job was planned in this run
    """

    def __init__(self, path: Path, job: Job) -> None:
        self.path = path
        self.job = job
        self.new = False
        self._job_lock = UninterruptedLock()
        # Found out here, as it may start a program, for which nobody waits while holding the lock.
        self._this_run = this_run()
        self._files = JournalFiles(path)
        self._fold_awaited = False
        self._closed = False
        self._watched: list[Changed] = []
        # Any thread may give it back: one of several jobs is closed by the thread that ends it.
        self._file_lock = FileLock(self.lock_path(path), thread_local=False)

    @staticmethod
    def lock_path(path: Path) -> Path:
        """The file whose lock a run holds while it works on the job of a journal."""
        return path.with_name(f".{path.name}.lock")

    @classmethod
    def create(cls, folder: Path, job: Job, when: str) -> Journal:
        """Begin the journal of a new job in `folder`; `when` becomes part of its name."""
        with whole_files.disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            # The jobs of a list begin in the same second: most names are taken.
            names = {each.name for each in folder.iterdir()}
        tried = 0
        for number in itertools.count(1):
            suffix = "" if number == 1 else f"_{number}"
            path = folder / f"{PREFIX}{when}{suffix}.json"
            if path.name in names or steps_path(path).name in names:
                continue
            if tried >= _NAMES_TRIED and not can_lock(folder):
                raise JournalError(cannot_lock_text(folder))
            tried += 1
            journal = cls(path, job)
            # The lock comes first: it claims the name against a run that starts beside this one.
            taken = path.exists() or steps_path(path).exists()
            if journal._claim(0) and not taken:
                break
            journal._file_lock.release()
        journal.new = True
        journal._save(())
        return journal

    @classmethod
    def open(cls, path: Path, known: Loaded | None = None) -> Journal:
        """Take up the job of an existing journal.

        known: what was read of it a moment ago and nobody else has, where it was

        Raises JournalError, and leaves the file alone, where it is damaged, was written by a newer
        version of the program, or is in use by another run; DiskError where its folder is gone.
        """
        known = known or load(path)
        journal = cls(path, known.job)
        if not journal._claim(_LOCK_TIMEOUT):
            if not can_lock(path.parent):
                raise JournalError(cannot_lock_text(path.parent))
            raise JournalInUse(
                f"Another run is working on this job ({path.name}); let it finish, or stop it "
                "first."
            )
        try:
            # As it is now that nobody else can change it. That of a day's job takes a second.
            with whole_files.disk_errors(path.parent):
                unchanged = journal_marks(path) == known.marks
            found = known if unchanged else load(path)
            journal.job = found.job
            journal._files.take_up(found)
        except (JournalError, DiskError):
            journal._file_lock.release()
            raise
        return journal

    @contextmanager
    def change(self, *touched: Retrieval) -> Iterator[Job]:
        """Change the job; it is saved before the block is left. Raises DiskError.

        Where the block itself raises, it is not saved; the next change does it.

        touched: of the retrievals that are in the job already, those that are changed in the block,
                 or whose media are; none named: any of them may be
        """
        with self._job_lock:
            try:
                yield self.job
            except BaseException:
                self._files.break_off()
                raise
            finally:
                for one in self._watched:
                    one.add(touched)
            self._save(touched)

    def watch(self) -> Changed:
        """Which retrievals are changed from now on."""
        with self._job_lock:
            self._watched.append(Changed())
            return self._watched[-1]

    def note(
        self,
        kind: StepKind,
        *,
        file: str = "",
        retrieval_id: str = "",
        size: int = 0,
        sha256: str = "",
        request_id: str = "",
        text: str = "",
    ) -> None:
        """Add a step to the custody of the footage; within the `change` that it tells of.

        The first step of a run adds the run to those of the job. See `Step`; no secret may be in
        it, and an address of a file is one.
        """
        job = self.job
        if not any(run is self._this_run for run in job.runs):
            job.runs.append(self._this_run)
        job.custody.append(
            Step(
                at=datetime.now(UTC),
                run=len(job.runs) - 1,
                kind=kind,
                file=file,
                retrieval_id=retrieval_id,
                size=size,
                sha256=sha256,
                request_id=request_id,
                text=text,
            )
        )

    @contextmanager
    def locked(self) -> Iterator[Job]:
        """Read the job while no other thread changes it. Nothing is changed in the block."""
        with self._job_lock:
            yield self.job

    def _save(self, touched: tuple[Retrieval, ...]) -> None:
        """Have the job on the disk as it is. Raises DiskError."""
        self.job.revision += 1
        self._files.save(self.job, touched)
        if self._closed:  # by a thread that hung until now
            self.fold()
        elif self._files.behind and not self._fold_awaited:
            self._fold_later()

    def fold(self) -> None:
        """Have all that has happened in the JSON, for whoever reads or copies it. Raises DiskError.

        It is done by itself within a minute of each change, and when the journal is closed.
        """
        with self._job_lock:
            if self._files.behind:
                self._files.fold(self.job)

    def _fold_later(self) -> None:
        # A journal that is given up without being closed is not kept for it, nor written any more.
        self._fold_awaited = True
        _LATER.call(_FOLD_AFTER, self._fold_due)

    def _fold_due(self) -> None:
        with self._job_lock:
            self._fold_awaited = False
            if not self._closed and not self._try_to_fold():
                self._fold_later()

    def _try_to_fold(self) -> bool:
        """False where it does not work. Nothing is lost then: what happened is in the file of
        steps, and is folded in by the next run that opens the journal.
        """
        try:
            self.fold()
        except (DiskError, JournalError) as error:
            log.warning("%s could not be brought up to date: %s", self.path.name, error)
            return False
        return True

    def close(self) -> None:
        """Let another run have the job."""
        with self._job_lock:
            self._closed = True
            if self._try_to_fold():
                self._files.forget()
        self._file_lock.release()
        if self.job.finished or self.job.discarded:  # nobody waits for it any more
            with suppress(OSError):
                Path(self._file_lock.lock_file).unlink(missing_ok=True)

    def _claim(self, timeout: float) -> bool:
        """Take the job for this run, within so many seconds; False where another run has it.

        The system gives it back even when the run is killed.
        """
        return take_lock(self._file_lock, timeout)


def read(path: Path) -> Job:
    """The job in a journal. Raises JournalError, in a sentence, when it cannot be relied on."""
    return load(path).job


def in_use(path: Path) -> bool:
    """Whether a run is working on the job of this journal at the moment.

    Raises JournalError where nothing can be locked, so that nobody knows.
    """
    lock = Journal.lock_path(path)
    if not lock.is_file():  # a run makes it before anything else
        return False
    probe = FileLock(lock)
    if take_lock(probe, 0):
        probe.release()
        return False
    if not can_lock(path.parent):
        raise JournalError(cannot_lock_text(path.parent))
    return True
