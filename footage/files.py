"""Files appear whole or not at all: written beside their name, flushed to disk, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from footage.errors import DiskError

PART = ".part"  # what an unfinished file's name ends in


def part_of(target: Path) -> Path:
    """Where `target` is written until it is whole."""
    return target.with_name(target.name + PART)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a path to write to; when the block ends well, the file is flushed and renamed.

    When it does not, the unfinished file is removed. Raises DiskError in plain words for a disk
    that is full, read-only, or whose file is held open by another program.
    """
    part = part_of(target)
    try:
        with disk_errors(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            yield part
            publish(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def publish(part: Path, target: Path) -> None:
    """Flush `part` to the disk and give it its final name."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(target)
    _flush_folder(target.parent)


def write_text(target: Path, text: str) -> None:
    """Replace `target` by `text` (UTF-8) in one step: a reader sees the old file or the new."""
    with whole_file(target) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def digest(path: Path) -> str:
    """SHA-256 of a whole file, hexadecimal."""
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
    return sha256.hexdigest()


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence about `folder`."""
    try:
        yield
    except OSError as error:
        raise DiskError(_in_words(error, folder)) from error


def _in_words(error: OSError, folder: Path) -> str:
    kept = "What is finished is kept; start the program again to go on."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {folder} is full. Make room there. {kept}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        name = Path(error.filename).name if error.filename else folder.name
        return (
            f"{name} in {folder} cannot be written: the folder is protected, "
            f"or the file is open in another program. {kept}"
        )
    return f"{folder} cannot be used: {error.strerror or error}. {kept}"


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the system can (Windows cannot open folders)."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
