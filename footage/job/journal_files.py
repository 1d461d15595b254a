"""The two files of a journal: the JSON that people read, and the steps that it does not have yet.

Rewriting the JSON of a long job takes 20 ms and 5 MB, so a change only adds a line to
`request_ids_<when>.steps.jsonl` beside it. Within a minute, and at the end of a run, the JSON is
written anew with all of them (`fold`), and the file of steps is removed.

Each line names the checksum of what it follows: of the line before it or, for the first, of the
JSON. So it is known which lines a JSON has already, wherever a run was killed. While the new JSON
is there and the steps are not removed yet, no line follows the JSON, and none is used. A line that
was cut off lacks its own checksum. Nothing depended on it yet: whatever a change leads to is done
after the change was flushed to the disk.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from footage.errors import JournalDamaged, JournalError
from footage.job import journal_text
from footage.job.journal_heads import journal_marks, steps_path
from footage.job.journal_text import JournalText, WrittenTexts
from footage.job.serialization import VERSION, from_json
from footage.model import Job, Retrieval
from footage.system import whole_files

log = logging.getLogger("footage.job.journal_files")

# How the sentence about a journal ends that is damaged, or was changed by hand.
_LEFT_ALONE = ", and is left alone: put back an older version of it, or move it to another folder."

# What reading raises for values that are not what they should be.
_INVALID = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)

_SEAL = ', "seal": "'
_READ_AGAIN = 3  # times, where the two files do not fit: somebody may be putting them there


class JournalFiles:
    """The files of a journal that this run writes, and what they say."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._steps = steps_path(path)
        self._text: JournalText | None = None
        self._seal = ""  # of what was written last; "" where the next change writes the JSON anew
        self._size = 0  # bytes in the file of steps
        self._unsaved = False  # a change could not be written
        self._broken_off = False  # so was a change itself: the job has it by halves

    def take_up(self, loaded: Loaded) -> None:
        """Go on from what was read. What a killed run has left in the file of steps is folded in.

        Only the run that has the journal's lock may do this. Raises DiskError.
        """
        unfinished = f"{escape(self._path.name)}.*{whole_files.PART}"
        with whole_files.disk_errors(self._path.parent):
            for part in self._path.parent.glob(unfinished):
                with suppress(OSError):
                    part.unlink()
        self._text = JournalText(loaded.job, loaded.texts)
        self._seal = loaded.seal
        if loaded.changed_by_steps:
            self._write(loaded.job)
        elif loaded.has_steps:
            self._remove_steps()

    def save(self, job: Job, touched: Sequence[Retrieval]) -> None:
        """Have a change on the disk before this returns. Raises DiskError.

        touched: see `JournalText.change`
        """
        seal, self._seal, self._unsaved = self._seal, "", True  # until it is written
        if self._text is None or not seal:
            self._write(job)
            return
        change = f'{{"after": "{seal}", {self._text.change(job, touched)}'
        seal = journal_text.checksum(change)
        line = f'{change}{_SEAL}{seal}"}}\n'.encode()
        try:
            whole_files.append(self._steps, self._size, line)
        except OSError as error:  # somebody may have removed it, or have it open
            log.warning("%s cannot be added to: %s", self._steps.name, error)
            self._write(job)
            return
        self._seal, self._unsaved = seal, False
        self._size += len(line)

    def break_off(self) -> None:
        """A change of the job was broken off, so nobody knows what of it is done: the next one has
        to save everything.
        """
        self._seal, self._broken_off = "", True

    @property
    def behind(self) -> bool:
        """Something has happened that is not in the JSON."""
        return self._size > 0 or self._unsaved

    def fold(self, job: Job) -> None:
        """Bring the JSON up to date: it has all that was saved. Raises DiskError, JournalError."""
        if not self._broken_off:
            self._write(job)
        elif self._size:  # what was changed by halves is not saved by this
            saved = JournalFiles(self._path)
            saved.take_up(load(self._path))
            self._size = 0

    def forget(self) -> None:
        """Keep no text in memory: the journal is done with. A change that comes all the same writes
        the JSON anew.
        """
        self._text, self._seal = None, ""

    def _write(self, job: Job) -> None:
        """Write the JSON as the job is, in one step. Raises DiskError."""
        self._text = self._text or JournalText(job)
        self._seal = ""
        lines = self._text.lines(job)
        whole_files.write_lines(self._path, lines)
        self._seal, self._unsaved, self._broken_off = journal_text.seal_in(lines), False, False
        self._size = 0
        self._remove_steps()

    def _remove_steps(self) -> None:
        with suppress(OSError):  # what it has is in the JSON
            whole_files.remove(self._steps)


@dataclass(frozen=True)
class Loaded:
    """A job as both files of its journal have it.

    seal:  the checksum that the next change follows; "" where the JSON has to be written anew first
    texts: see `JournalText`
    has_steps: there is a file of steps; changed_by_steps: it has what the JSON lacks
    marks: of the files, as they were before they were read: see `journal_marks`
    """

    job: Job
    seal: str
    texts: WrittenTexts | None
    has_steps: bool
    changed_by_steps: bool
    marks: tuple[int, ...]


def load(path: Path) -> Loaded:
    """The job of a journal, which another run may be writing.

    Raises JournalError, in a sentence, when it cannot be relied on.
    """
    for _ in range(_READ_AGAIN):
        try:
            marks = journal_marks(path)
        except OSError as error:
            raise JournalError(_unreadable_text(path, error)) from error
        # In this order: a run that folds writes the JSON first, so nothing is missing in both.
        found, steps = _read_steps(path)
        text, data = _read_json(path)
        version, seal = data["version"], journal_text.seal_of(text)
        if not seal or not steps:
            changes: list[_Line] = []
            break
        changes = _following(steps, seal)
        reached = changes[-1].revision if changes else data.get("revision")
        if isinstance(reached, int) and steps[-1].revision <= reached:
            break
    else:
        raise JournalDamaged(_not_fitting_text(path))
    for one in changes:
        journal_text.apply(data, one.change)
    job = _job_of(path, data)
    if not seal:
        raise JournalDamaged(
            f"The journal {path.name} was changed by hand since it was written{_LEFT_ALONE}"
        )
    texts = None if changes else journal_text.written_texts(text, job)
    return Loaded(job, seal if version == VERSION else "", texts, found, bool(changes), marks)


def _not_fitting_text(path: Path) -> str:
    steps = steps_path(path).name
    return (
        f"The journal {path.name} is not the one that {steps} beside it goes on from, and is left "
        f"alone: put the newest version of it back or, to go on without what has happened since, "
        f"move {steps} to another folder."
    )


def _read_json(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of the JSON, and the values in it; they have a version that can be read."""
    name = f"The journal {path.name}"
    try:
        text = whole_files.read_text(path)
        data = json.loads(text)
    except OSError as error:
        raise JournalError(_unreadable_text(path, error)) from error
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
    return text, data


def _unreadable_text(path: Path, error: OSError) -> str:
    return (
        f"The journal {path.name} cannot be read ({error.strerror or error}): make the file "
        "readable (start OneDrive or the like where it is kept there), or move it to another "
        "folder."
    )


def _job_of(path: Path, data: dict[str, Any]) -> Job:
    try:
        return from_json(data)
    except _INVALID as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise JournalDamaged(
            f"The journal {path.name} is damaged or was changed by hand ({reason}){_LEFT_ALONE}"
        ) from error


# --- the file of steps ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """One change: the checksum of what it follows, its own, and the job's revision with it."""

    after: str
    seal: str
    revision: int
    change: dict[str, Any]


def _read_steps(path: Path) -> tuple[bool, list[_Line]]:
    """Whether there is a file of steps, and its lines but for one that was cut off."""
    steps = steps_path(path)
    try:
        data = whole_files.read_bytes(steps)
    except FileNotFoundError:
        return False, []
    except OSError as error:
        raise JournalError(_unreadable_text(steps, error)) from error
    read = [_read_line(line) for line in data.split(b"\n")]
    whole = next((number for number, line in enumerate(read) if line is None), len(read))
    if any(read[whole:]):  # a crash can cut off the last line only
        raise JournalDamaged(
            f"{steps.name} is damaged, and so its journal is left alone: put an older version of "
            "both back, or move them to another folder."
        )
    return True, [line for line in read[:whole] if line is not None]


def _read_line(line: bytes) -> _Line | None:
    """None for a line that is not whole."""
    change, _, end = line.decode("utf-8", "replace").rpartition(_SEAL)
    if end != f'{journal_text.checksum(change)}"}}':
        return None
    try:
        values = json.loads(f"{change}}}")
        return _Line(values["after"], end[:-2], int(values["job"]["revision"]), values)
    except _INVALID:
        return None


def _following(steps: Sequence[_Line], seal: str) -> list[_Line]:
    """The lines that a JSON does not have yet, in order."""
    first = next((n for n, line in enumerate(steps) if line.after == seal), len(steps))
    following: list[_Line] = []
    for line in steps[first:]:
        if line.after != seal:
            break
        following.append(line)
        seal = line.seal
    return following
