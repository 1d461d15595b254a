"""The job on disk: `request_ids_<when>.json`, whole at any instant, rewritten before and after
every step that spends money or time, so that any run can go on where another stopped.

docs/journal.md describes the file field by field.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from operator import attrgetter
from pathlib import Path

from filelock import FileLock, Timeout

from footage.errors import JournalError
from footage.job.serialization import (
    VERSION,
    from_json,
    head_values,
    output_values,
    retrieval_values,
)
from footage.model import Job, Media, Retrieval
from footage.system import whole_files

log = logging.getLogger("footage.job.journal")

_PREFIX = "request_ids_"
# Seconds: what a killed run was just starting holds its lock until it runs by itself.
_LOCK_PATIENCE = 2.0

# What comes of values that are not what they should be.
_DAMAGE = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)


class Journal:
    """One job and its file. All changes go through `change`, from any thread."""

    def __init__(self, path: Path, job: Job) -> None:
        self.path = path
        self.job = job
        self._changing = threading.RLock()
        self._written = _Written()
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))

    @classmethod
    def create(cls, folder: Path, job: Job, when: str) -> Journal:
        """Begin the journal of a new job in `folder`; `when` becomes part of its name."""
        with whole_files.disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            suffix = "" if number == 1 else f"_{number}"
            journal = cls(folder / f"{_PREFIX}{when}{suffix}.json", job)
            # The lock comes first: it claims the name against a run that starts beside this one.
            if journal._claim(0) and not journal.path.exists():
                break
            journal._lock.release()
        journal.save()
        return journal

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Take up the job of an existing journal; raises JournalError and leaves the file alone
        when it is damaged, of another version, or in use by another run."""
        journal = cls(path, read(path))
        if not journal._claim(_LOCK_PATIENCE):
            raise JournalError(
                f"Another run is working on this job ({path.name}); let it finish, or stop it "
                "first."
            )
        try:
            journal.job = read(path)  # as it is now that nobody else can change it
        except JournalError:
            journal._lock.release()
            raise
        return journal

    @contextmanager
    def change(self) -> Iterator[Job]:
        """Change the job; the file is rewritten before the block is left."""
        with self._changing:
            yield self.job
            self.save()

    @contextmanager
    def locked(self) -> Iterator[Job]:
        """Look at the job while no other thread changes it."""
        with self._changing:
            yield self.job

    def save(self) -> None:
        """Write the job as it is, in one step. Raises DiskError."""
        with self._changing:
            whole_files.write_lines(self.path, _lines(self.job, self._written))

    def close(self) -> None:
        """Let others have the job."""
        self._lock.release()
        if self.job.finished:  # nobody waits for it any more
            with suppress(OSError):
                Path(self._lock.lock_file).unlink(missing_ok=True)

    def _claim(self, poll_settings: float) -> bool:
        """Take the job for this run; the system gives it back even when the run is killed."""
        with whole_files.disk_errors(self.path.parent):
            try:
                self._lock.acquire(timeout=poll_settings)
            except Timeout:
                return False
        return True


def read(path: Path) -> Job:
    """The job in a journal. Raises JournalError, in a sentence, when it cannot be relied on."""
    named = f"The journal {path.name}"
    try:
        text = whole_files.read_text(path)
        data = json.loads(text)
    except OSError as error:
        raise JournalError(f"{named} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise JournalError(
            f"{named} is damaged: it is not valid JSON. It is left alone."
        ) from error
    version = data.get("version") if isinstance(data, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise JournalError(f"{named} is damaged: it has no version. It is left alone.")
    if version > VERSION:
        raise JournalError(
            f"{named} was written by a newer version of this program; use that one. "
            "It is left alone."
        )
    try:
        job = from_json(data)
    except _DAMAGE as error:
        raise JournalError(
            f"{named} is damaged or was changed by hand ({_reason(error)}). It is left alone."
        ) from error
    if not _is_sealed(text):
        raise JournalError(f"{named} was changed by hand since it was written. It is left alone.")
    return job


def jobs(folder: Path) -> Iterator[tuple[Path, Job]]:
    """All jobs in a folder with their journals; damaged ones are left out."""
    for path in sorted(folder.glob(f"{_PREFIX}*.json")):
        try:
            yield path, read(path)
        except JournalError as error:
            log.warning("%s", error)


def unfinished(folder: Path) -> list[tuple[Path, Job]]:
    """The jobs in a folder that are not finished, the newest first."""
    found = [(path, job) for path, job in jobs(folder) if not job.finished]
    return sorted(found, key=lambda pair: pair[1].created, reverse=True)


def _reason(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


class _Written:
    """The lines of the retrievals as they were last written.

    A day's job has 8,640, of which a step changes one. With all lines made anew a save took 0.8 s;
    so it takes 20 ms.
    """

    def __init__(self) -> None:
        self._lines: dict[int, tuple[Retrieval, object, str]] = {}

    def line(self, retrieval: Retrieval) -> str:
        """The retrieval as JSON, made anew only where something in it has changed."""
        now = _state_of(retrieval)
        # The retrieval is kept with its line, so that no other can have the same id meanwhile.
        known = self._lines.get(id(retrieval))
        if known is None or known[1] != now:
            known = (retrieval, now, json.dumps(retrieval_values(retrieval)))
            self._lines[id(retrieval)] = known
        return known[2]


_fields_of_retrieval = attrgetter(*(field.name for field in fields(Retrieval)))
_fields_of_media = attrgetter(*(field.name for field in fields(Media)))


def _state_of(retrieval: Retrieval) -> object:
    """All fields of a retrieval and of its media, so that none can be forgotten here.

    What a field holds never changes in place, but for the list of media; test_journal.py checks it.
    """
    return (_fields_of_retrieval(retrieval), [_fields_of_media(one) for one in retrieval.media])


def _lines(job: Job, written: _Written) -> list[str]:
    """The journal's text: a line for each field, and one for each item of a list.

    Its last field is a checksum of the lines before it.
    """
    head = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head_values(job).items()]
    outputs = [json.dumps(output_values(one)) for one in job.outputs]
    lines = [
        "{",
        *head,
        *_list_lines("retrievals", list(map(written.line, job.retrievals))),
        *_list_lines("outputs", outputs),
    ]
    return [*lines, f' "seal": "{_checksum(lines)}"', "}"]


def _list_lines(key: str, items: Sequence[str]) -> list[str]:
    between = [f"  {item}," for item in items[:-1]]
    return [f' "{key}": [', *between, *(f"  {item}" for item in items[-1:]), " ],"]


def _checksum(lines: Sequence[str]) -> str:
    """Whatever ends the lines: an editor or a mail program may turn LF into CRLF."""
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _is_sealed(text: str) -> bool:
    """Nothing in the text was changed since it was written."""
    lines = text.splitlines()
    return len(lines) > 2 and _checksum(lines[:-2]) in lines[-2]
