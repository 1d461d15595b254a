"""Files appear whole or not at all: written beside their name, flushed to disk, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from footage.errors import DiskError

PART = ".part"  # what an unfinished file's name ends in
_RENAME_TRIES = 10


def part_of(target: Path) -> Path:
    """Where `target` is written until it is whole.

    No two processes share the name: a child of a killed run may still be writing to its own.
    """
    return target.with_name(f"{target.name}.{os.getpid()}{PART}")


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
    """Flush `part` to the disk and give it its final name, in place of what has it now."""
    _flush(part)
    _patiently(lambda: part.replace(target))
    _flush_folder(target.parent)


def publish_new(part: Path, target: Path) -> Path:
    """Like `publish`, but never in place of another file: the name gets a number if need be.

    Where a file of that name holds the very same, that one is kept and `part` removed.
    Returns the file that has the content now.
    """
    _flush(part)
    number, path = 1, target
    while not _give_name(part, path):
        if path.stat().st_size == part.stat().st_size and digest(path) == digest(part):
            part.unlink()
            return path
        number += 1
        path = target.with_name(f"{target.stem} ({number}){target.suffix}")
    _flush_folder(target.parent)
    return path


def _give_name(part: Path, path: Path) -> bool:
    """Move `part` to a name that nobody has; False where somebody has it."""
    try:
        os.link(part, path)  # unlike a rename, this fails where the name is taken
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        _patiently(lambda: part.replace(path))
    else:
        part.unlink()
    return True


def _patiently(rename: Callable[[], object]) -> None:
    """On Windows a virus scanner or a player may hold a fresh file for a moment."""
    for _ in range(_RENAME_TRIES if os.name == "nt" else 0):
        try:
            rename()
            return
        except PermissionError:
            time.sleep(0.2)
    rename()


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_lines(target: Path, lines: Iterable[str]) -> None:
    """Replace `target` by lines of UTF-8 text in one step: readers see the old file or the new."""
    with whole_file(target) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


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
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
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
            with suppress(OSError):  # some network drives cannot
                os.fsync(handle)
        finally:
            os.close(handle)
