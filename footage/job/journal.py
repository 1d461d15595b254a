"""The job on disk: `request_ids_<when>.json`, whole at any instant, and the lock around the job.

The file is replaced in one step before and after each step that costs money or time, so that any
run can go on where another stopped. docs/journal.md describes it field by field.

The locking rule. Several threads work at one job: those that request, poll, download and render,
and the main thread, which shows how far they are. For all of them:

1. A thread changes the job, its retrievals and their media inside `Journal.change()` only. No other
   thread sees a change by halves, and the file has all of it when the block is left: so a request
   is in the journal before it is sent, and an answer before anything follows from it.
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

import hashlib
import itertools
import json
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from operator import attrgetter
from pathlib import Path

from filelock import FileLock

from footage.errors import JournalDamaged, JournalError
from footage.job.locks import can_lock, cannot_lock_text, take_lock
from footage.job.serialization import (
    VERSION,
    from_json,
    head_values,
    journalled_fields,
    output_values,
    retrieval_values,
    step_values,
)
from footage.job.this_run import this_run
from footage.model import UTC, Job, Media, Retrieval, Step, StepKind
from footage.system import whole_files

log = logging.getLogger("footage.job.journal")

_PREFIX = "request_ids_"
# Seconds: a program that a killed run was just starting has the run's lock for a moment.
_LOCK_TIMEOUT = 2.0

_NAMES_TRIED = 5  # so many names are taken by other runs, and it is seen whether locking works

# How the sentence about a journal ends that is damaged, or was changed by hand.
_LEFT_ALONE = ", and is left alone: put back an older version of it, or move it to another folder."

# What reading raises for values that are not what they should be.
_INVALID = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)


class Journal:
    """One job, its file and its lock. See the locking rule above."""

    def __init__(self, path: Path, job: Job) -> None:
        self.path = path
        self.job = job
        self._job_lock = threading.RLock()
        # Found out here, as it may start a program, for which nobody waits while holding the lock.
        self._this_run = this_run()
        self._line_cache = _LineCache()
        self._file_lock = FileLock(self.lock_path(path))

    @staticmethod
    def lock_path(path: Path) -> Path:
        """The file whose lock a run holds while it works on the job of a journal."""
        return path.with_name(f".{path.name}.lock")

    @classmethod
    def create(cls, folder: Path, job: Job, when: str) -> Journal:
        """Begin the journal of a new job in `folder`; `when` becomes part of its name."""
        with whole_files.disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            if number > _NAMES_TRIED and not can_lock(folder):
                raise JournalError(cannot_lock_text(folder))
            suffix = "" if number == 1 else f"_{number}"
            journal = cls(folder / f"{_PREFIX}{when}{suffix}.json", job)
            # The lock comes first: it claims the name against a run that starts beside this one.
            if journal._claim(0) and not journal.path.exists():
                break
            journal._file_lock.release()
        journal._save()
        return journal

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Take up the job of an existing journal.

        Raises JournalError, and leaves the file alone, where it is damaged, was written by a newer
        version of the program, or is in use by another run.
        """
        journal = cls(path, read(path))
        if not journal._claim(_LOCK_TIMEOUT):
            if not can_lock(path.parent):
                raise JournalError(cannot_lock_text(path.parent))
            raise JournalError(
                f"Another run is working on this job ({path.name}); let it finish, or stop it "
                "first."
            )
        try:
            journal.job = read(path)  # as it is now that nobody else can change it
        except JournalError:
            journal._file_lock.release()
            raise
        return journal

    @contextmanager
    def change(self) -> Iterator[Job]:
        """Change the job; the file is rewritten before the block is left. Raises DiskError.

        Where the block itself raises, the file is not rewritten; the next change does it.
        """
        with self._job_lock:
            yield self.job
            self._save()

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

    def _save(self) -> None:
        """Write the job as it is, in one step. Raises DiskError."""
        self.job.revision += 1
        whole_files.write_lines(self.path, _lines(self.job, self._line_cache))

    def close(self) -> None:
        """Let another run have the job."""
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
    name = f"The journal {path.name}"
    try:
        text = whole_files.read_text(path)
        data = json.loads(text)
    except OSError as error:
        raise JournalError(
            f"{name} cannot be read ({error.strerror or error}): make the file readable (start "
            "OneDrive or the like where it is kept there), or move it to another folder."
        ) from error
    except (ValueError, RecursionError) as error:
        raise JournalDamaged(f"{name} is damaged (it is not valid JSON){_LEFT_ALONE}") from error
    version = data.get("version") if isinstance(data, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise JournalDamaged(f"{name} is damaged (it has no version){_LEFT_ALONE}")
    if version > VERSION:
        raise JournalError(
            f"{name} was written by a newer version of this program; it is left alone: use that "
            "one."
        )
    try:
        job = from_json(data)
    except _INVALID as error:
        reason = _reason(error)
        raise JournalDamaged(
            f"{name} is damaged or was changed by hand ({reason}){_LEFT_ALONE}"
        ) from error
    if not _is_sealed(text):
        raise JournalDamaged(f"{name} was changed by hand since it was written{_LEFT_ALONE}")
    return job


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


def journal_paths(folder: Path) -> list[Path]:
    """All journals in a folder, readable or not, by name."""
    return sorted(folder.glob(f"{_PREFIX}*.json"))


def _reason(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


class _LineCache:
    """The lines of the retrievals, and of the steps of the custody, as they were last written.

    A day's job has 8,640 retrievals, of which a step changes one. With all lines made anew a save
    took 0.8 s; so it takes 20 ms, and twice that once it has all of its 43,000 steps.
    """

    def __init__(self) -> None:
        self._lines: dict[int, tuple[Retrieval, object, str]] = {}
        self._steps: list[Step] = []
        self._step_lines: list[str] = []

    def step_lines(self, steps: list[Step]) -> list[str]:
        """A line for each step, with a comma at its end; made for those that were added.

        Raises ValueError where one that was written is no longer there as it was: the custody is
        only ever added to.
        """
        known = len(self._steps)
        if steps[:known] != self._steps:
            raise ValueError("a step of the custody was changed or taken out")
        for step in steps[known:]:
            self._step_lines.append(f"  {json.dumps(step_values(step))},")
        self._steps += steps[known:]
        return list(self._step_lines)

    def lines(self, retrievals: Sequence[Retrieval]) -> list[str]:
        """A line for each, with a comma at its end; made anew only where a field has changed."""
        lines = []
        for retrieval in retrievals:
            now = _fields_of(retrieval)
            # The retrieval is kept with its line, so that no other can have the same id meanwhile.
            known = self._lines.get(id(retrieval))
            if known is None or known[1] != now:
                line = f"  {json.dumps(retrieval_values(retrieval))},"
                known = self._lines[id(retrieval)] = (retrieval, now, line)
            lines.append(known[2])
        return lines


_fields_of_retrieval = attrgetter(*journalled_fields(Retrieval))
_fields_of_media = attrgetter(*journalled_fields(Media))


def _fields_of(retrieval: Retrieval) -> object:
    """All journalled fields of a retrieval and of its media, by what the serializer writes.

    What a field holds never changes in place, but for the list of media; test_journal.py checks it.
    """
    return (_fields_of_retrieval(retrieval), [_fields_of_media(one) for one in retrieval.media])


def _lines(job: Job, cache: _LineCache) -> list[str]:
    """The journal's text: a line for each field, and one for each item of a list.

    Its last field is a checksum of the lines before it.
    """
    head = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head_values(job).items()]
    outputs = [f"  {json.dumps(output_values(one))}," for one in job.outputs]
    retrievals = cache.lines(job.retrievals)
    lines = ["{", *head, *_array("retrievals", retrievals), *_array("outputs", outputs)]
    lines += _array("custody", cache.step_lines(job.custody))
    return [*lines, f' "seal": "{_checksum(lines)}"', "}"]


def _array(key: str, items: list[str]) -> list[str]:
    """A field that is a list; the comma at the end of its last item is taken off."""
    if items:
        items[-1] = items[-1].removesuffix(",")
    return [f' "{key}": [', *items, " ],"]


def _checksum(lines: Sequence[str]) -> str:
    """Whatever ends the lines: an editor or a mail program may turn LF into CRLF."""
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _is_sealed(text: str) -> bool:
    """Nothing in the text was changed since it was written."""
    lines = text.splitlines()
    return len(lines) > 2 and _checksum(lines[:-2]) in lines[-2]
