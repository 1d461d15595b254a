"""Which journals of a folder there are, and which of them may be of an unfinished job.

That is looked up before the first question, and a folder may hold hundreds of journals: so only the
beginning of each is read, which has the fields of the job itself, and nothing heavy is imported.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from footage.errors import DiskError

PREFIX = "request_ids_"
_JSON = ".json"
_STEPS = ".steps.jsonl"
_HEAD_ENDS = ' "retrievals": ['  # the line before the lists that grow with a job
_SECOND = len("2025-04-16T13:30:00")


def journal_paths(folder: Path) -> list[Path]:
    """All journals in a folder, readable or not, by name."""
    return [folder / name for name in sorted(journal_names(folder))]


def journal_names(folder: Path) -> list[str]:
    """The names of their files, in any order: looked up before each request, so without a `Path`
    for each file.

    Raises DiskError where the folder is there and cannot be read: taken for an empty one, it would
    have footage paid for once more.
    """
    try:
        with os.scandir(folder) as files:
            names = [one.name for one in files]
    except (FileNotFoundError, NotADirectoryError):  # there is no such folder yet
        return []
    except OSError as error:
        raise DiskError(
            f"The folder {folder} cannot be read ({error.strerror or error}), so nobody knows what "
            "was requested before, and nothing more is requested. Is its drive connected, and may "
            "you open it?"
        ) from error
    return [one for one in names if one.startswith(PREFIX) and one.endswith(_JSON)]


def steps_path(path: Path) -> Path:
    """The file of the steps that the JSON of a journal does not have yet."""
    return path.with_name(f"{path.stem}{_STEPS}")


def journal_marks(path: Path) -> tuple[int, ...]:
    """What changes whenever a journal does: its JSON, or the file of its steps."""
    return (*_marks(steps_path(path)), *_marks(path))


def _marks(path: Path) -> tuple[int, ...]:
    """What tells a file from another one, or from itself at another time; () for none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def stray_steps(folder: Path) -> list[Path]:
    """The journals whose file of steps is there, and whose JSON is not."""
    steps = sorted(folder.glob(f"{PREFIX}*{_STEPS}"))
    paths = [path.with_name(f"{path.name.removesuffix(_STEPS)}.json") for path in steps]
    return [path for path in paths if not path.exists()]


def maybe_unfinished(folder: Path) -> list[Path]:
    """The journals without those of jobs that are surely over: finished, or given up.

    A job may have several (see `journal_folder`), and is over where each of them says so and has no
    steps beside it. A journal whose beginning cannot be read is among those returned.
    """
    jobs: dict[Path | str, list[Path]] = {}
    open_jobs: set[Path | str] = set()
    for path in journal_paths(folder):
        head = _head(path)
        # Those of one job were made in the same second; and others may have been, too.
        job = path if head is None else str(head.get("created"))[:_SECOND]
        jobs.setdefault(job, []).append(path)
        if head is None or not _is_over(head) or steps_path(path).exists():
            open_jobs.add(job)
    return [path for job in jobs if job in open_jobs for path in jobs[job]]


def _is_over(head: dict[str, Any]) -> bool:
    return head.get("finished") is True or head.get("discarded") is True


def _head(path: Path) -> dict[str, Any] | None:
    """The fields of the job itself, but for what the steps say; None where they cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            lines: list[str] = []
            for line in file:
                if line.rstrip("\r\n") == _HEAD_ENDS:
                    head = json.loads("".join(lines).rstrip().removesuffix(",") + "}")
                    return head if isinstance(head, dict) else None
                lines.append(line)
    except (OSError, ValueError, RecursionError):
        pass  # whoever reads the whole journal says what is wrong with it
    return None
