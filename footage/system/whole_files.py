"""Files appear whole or not at all: written beside their name, flushed to disk, then renamed.

Also the one place for what the disk says, for hashes of files, and for the patience that Windows
needs: there a file cannot be removed, renamed or replaced while anyone holds it open, be it a
virus scanner, a player, or another thread that is just reading it.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from footage.errors import DiskError

if TYPE_CHECKING:
    from hashlib import _Hash

log = logging.getLogger("footage.system.whole_files")

T = TypeVar("T")

PART = ".part"  # what an unfinished file's name ends in
KEPT = "What is finished is kept; start the program again to go on."

# Imported within the functions: hashlib, with OpenSSL (4 ms), and tempfile (2 ms), which the first
# question does not need.

# Seconds for which a file that another program holds open is tried again, on Windows: a virus
# scanner may hold a new film for half a minute. A journal that cannot be read is not waited for so
# long, as the first question waits with it.
_HELD_PATIENCE = 45.0
_HELD_PATIENCE_READING = 5.0
_HELD_PAUSE = 0.05
_HELD_TOLD_AFTER = 3.0
_WAITS_FOR_OTHERS = os.name == "nt"  # elsewhere a refusal is about permissions, and stays


# What a disk without a certain ability says when it is asked to flush: nothing is at fault then.
_CANNOT_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}

_PIECE = 128 * 1024  # bytes; the memory of larger ones stays with the process, for each thread
_FOUR_GIB = 4 * 1024**3  # bytes; FAT32, the usual format of USB sticks, takes no larger file
_WINDOWS_TOO_LARGE = 223  # ERROR_FILE_TOO_LARGE


class _Waits:
    """Shows the person that a file is waited for; until the screen is there, the log has it."""

    show: Callable[[str], None] = staticmethod(log.warning)


def show_waits(show: Callable[[str], None]) -> None:
    """From now on `show` is called with a sentence when a file that is held is waited for."""
    _Waits.show = staticmethod(show)


def part_of(target: Path) -> Path:
    """Where `target` is written until it is whole.

    No two processes share the name: a child of a killed run may still be writing to its own.
    """
    return target.with_name(f"{target.name}.{os.getpid()}{PART}")


@contextmanager
def whole_file(target: Path, patience: float = 0.0) -> Iterator[Path]:
    """Give a path to write to; when the block ends well, the file is flushed and renamed.

    When it does not, the unfinished file is removed. Raises DiskError in plain words for a disk
    that is full, read-only, or whose file is held open by another program.

    patience: see `_once_let_go`
    """
    part = part_of(target)
    try:
        with disk_errors(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
            yield part
            publish(part, target, patience)
    except BaseException:
        with suppress(OSError):  # it must not hide what went wrong
            remove(part)
        raise


def try_long_names(folder: Path, inner: int, name: int) -> int:
    """Whether a file of a long name can be written in a folder of a long name within `folder`.

    Returns 0, or how many characters the path that cannot be has.

    inner, name: characters in the name of the inner folder, and of the finished file
    Raises OSError where `folder` cannot be written to at all.
    """
    import tempfile

    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as made:
        long_folder = Path(made).with_name("." + Path(made).name.strip(".").ljust(inner - 1, "_"))
        path = part_of(long_folder / ("_" * name))
        try:
            long_folder.mkdir()
            path.touch()
            return 0
        except OSError:
            return len(str(path))
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)
                long_folder.rmdir()


def remove_left_behind(target: Path) -> None:
    """Remove what killed runs have written of a file that did not become whole."""
    from psutil import pid_exists  # late: the first question does not need it

    for part in target.parent.glob(f"{escape(target.name)}.*{PART}"):
        number = part.name.removeprefix(f"{target.name}.").removesuffix(PART)
        if number.isdigit() and not pid_exists(int(number)):
            with suppress(OSError):
                remove(part)


def publish(part: Path, target: Path, patience: float = 0.0) -> None:
    """Flush `part` to the disk and give it its final name, in place of what has it now."""
    _flush(part)
    rename(part, target, patience)
    _flush_folder(target.parent)


def publish_new(
    part: Path,
    target: Path,
    first: int = 1,
    before: Callable[[Path], None] = lambda path: None,
) -> Path:
    """Like `publish`, but never in place of another file: the name gets a number if need be.

    Where a file of that name holds the very same, that one is kept and `part` removed.
    Returns the file that has the content now.

    first: the first number that is tried; 1 is the name without a number
    before: called with a name that is free, before the file gets it
    """
    _flush(part)
    number, path = first, _numbered(target, first)
    while True:
        if not path.exists():
            before(path)
            if _give_name(part, path):
                break
        if path.stat().st_size == part.stat().st_size and digest(path) == digest(part):
            remove(part)
            return path
        number += 1
        path = _numbered(target, number)
    _flush_folder(target.parent)
    return path


def free_name(target: Path) -> Path:
    """The name that `publish_new` would give now to what is like no file there."""
    number, path = 1, target
    while path.exists():
        number += 1
        path = _numbered(target, number)
    return path


def _numbered(target: Path, number: int) -> Path:
    return target if number == 1 else target.with_name(f"{target.stem} ({number}){target.suffix}")


def _give_name(part: Path, path: Path) -> bool:
    """Move `part` to a name that nobody has; False where somebody has it."""
    try:
        os.link(part, path)  # unlike a rename, this fails where the name is taken
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if path.exists():
            return False
        rename(part, path)
    else:
        remove(part)
    return True


def rename(source: Path, target: Path, patience: float = 0.0) -> None:
    """Give a file another name, in place of what has that name now."""
    _once_let_go(lambda: source.replace(target), target, patience)


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    _once_let_go(lambda: path.unlink(missing_ok=True), path)


def read_text(path: Path) -> str:
    """The text of a file that another thread or program may be replacing at this moment."""
    patience = _HELD_PATIENCE_READING
    return _once_let_go(lambda: path.read_text(encoding="utf-8"), path, patience)


def read_bytes(path: Path) -> bytes:
    """The bytes of such a file."""
    return _once_let_go(path.read_bytes, path, _HELD_PATIENCE_READING)


def _once_let_go(action: Callable[[], T], path: Path, patience: float = 0.0) -> T:
    """Do it; on Windows, try again for a while where another program holds the file open.

    patience: seconds; 0 for the usual
    """
    if not _WAITS_FOR_OTHERS:
        return action()
    # Late: it takes 50 ms to load, and the journals are read before the first question.
    from tenacity import (
        RetryCallState,
        Retrying,
        retry_if_exception_type,
        stop_after_delay,
        wait_fixed,
    )

    told: list[Path] = []

    def tell(state: RetryCallState) -> None:
        if not told and (state.seconds_since_start or 0.0) >= _HELD_TOLD_AFTER:
            told.append(path)
            _Waits.show(
                f"{path.name} is held open by another program (a player, a spreadsheet, a virus "
                "scanner, OneDrive?); waiting for it."
            )

    patiently = Retrying(
        retry=retry_if_exception_type(PermissionError),
        stop=stop_after_delay(patience or _HELD_PATIENCE),
        wait=wait_fixed(_HELD_PAUSE),
        before_sleep=tell,
        reraise=True,
    )
    return patiently(action)


def flush_to_disk(descriptor: int) -> None:
    """Have the disk write what an open file holds; a disk that cannot be asked to is no fault."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise
        log.debug("The disk cannot flush: %s", error)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        flush_to_disk(file.fileno())


def takes_large_files(folder: Path) -> bool:
    """Whether a file of more than 4 GiB can be in a folder. Nothing is written for it.

    True also where that cannot be found out, as on a disk that is full.
    """
    import tempfile

    if os.name == "nt":  # there a file that is made longer is filled with zeros: 4 GiB of them
        return _file_system(folder) not in ("FAT", "FAT32")
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.truncate(_FOUR_GIB)
    except OSError as error:
        return not _is_too_large(error)
    return True


def _file_system(folder: Path) -> str:
    """What Windows calls the file system of a folder, such as "NTFS"; "" where it does not say."""
    if sys.platform == "win32":
        import ctypes

        root, name = ctypes.create_unicode_buffer(512), ctypes.create_unicode_buffer(512)
        kernel32, size = ctypes.windll.kernel32, 512
        if kernel32.GetVolumePathNameW(str(folder), root, size) and kernel32.GetVolumeInformationW(
            root, None, 0, None, None, None, name, size
        ):
            return name.value
    return ""


def _is_too_large(error: OSError) -> bool:
    return error.errno == errno.EFBIG or getattr(error, "winerror", 0) == _WINDOWS_TOO_LARGE


def write_lines(target: Path, lines: Iterable[str]) -> None:
    """Replace `target` by lines of UTF-8 text in one step: readers see the old file or the new."""
    with whole_file(target) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def append(path: Path, at: int, data: bytes) -> None:
    """Write `data` from byte `at` on, where a file ends, and flush it to the disk.

    What a write that failed has left beyond it is cut off; 0 begins the file anew. Raises OSError,
    also where the file is gone or shorter.
    """

    def write() -> None:
        with path.open("r+b" if at else "wb") as file:
            if file.seek(0, os.SEEK_END) < at:
                raise FileNotFoundError(errno.ENOENT, "it is shorter than it was", str(path))
            file.seek(at)
            file.truncate()
            file.write(data)
            file.flush()
            flush_to_disk(file.fileno())

    _once_let_go(write, path)
    if not at:
        _flush_folder(path.parent)


def digest(path: Path) -> str:
    """SHA-256 of a whole file, hexadecimal."""
    return hash_of(path).hexdigest()


def hash_of(path: Path, each: Callable[[bytes], object] | None = None) -> _Hash:
    """The SHA-256 of what a file holds so far, to which more can be added.

    each: called with each piece that is read, of `_PIECE` bytes at most
    """
    import hashlib

    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_PIECE):
            sha256.update(block)
            if each is not None:
                each(block)
    return sha256


@contextmanager
def disk_errors(folder: Path, need: int = 0, kept: str = KEPT) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence about `folder`, as a DiskError.

    need: bytes that are still to be written there, where that is known
    kept: what the sentence ends with: that nothing is lost
    """
    try:
        yield
    except OSError as error:
        raise DiskError(f"{_in_words(error, folder, need)} {kept}") from error


def is_full(error: OSError) -> bool:
    """Whether the disk, or the room that a person has on it, is used up."""
    return error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


def too_large_text(folder: Path | str) -> str:
    """What to do about a disk that takes no large files."""
    return (
        f"The disk of {folder} takes no file of this size (many USB sticks take none of 4 GB or "
        "more). Ask once more with a folder on another disk, by --output; what was requested is "
        "not paid for again."
    )


def _in_words(error: OSError, folder: Path, need: int) -> str:
    if _is_too_large(error):
        return too_large_text(folder)
    if is_full(error):
        more = f": at least {need / 1e6:,.1f} MB more are needed" if need > 0 else ""
        return f"The disk that holds {folder} is full{more}. Make room there."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        # Of a rename both names are known, and the one it was to have means more to a person.
        path = Path(error.filename2 or error.filename or folder)
        what = f"{folder}" if path == folder else f"{path.name} in {folder}"
        why = "the folder is protected, or the file is open in another program."
        return f"{what} cannot be written: {why}"
    return f"{folder} cannot be used: {error.strerror or error}."


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the system can (Windows cannot open folders)."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):  # some network drives cannot
                os.fsync(handle)
        finally:
            os.close(handle)
