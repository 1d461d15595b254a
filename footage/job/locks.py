"""Locks that the system takes away when a run ends, however it ends."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from footage.errors import JournalError, UsageError
from footage.system import whole_files

# What a disk says that knows no locks at all.
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}

_TIMEOUT = 2.0  # seconds: a killed run may have a child that has its lock for a moment


def take_lock(lock: BaseFileLock, timeout: float) -> bool:
    """Take a lock within so many seconds; False where another has it.

    Raises JournalError where there can be none.
    """
    folder = Path(lock.lock_file).parent
    with whole_files.disk_errors(folder):
        try:
            lock.acquire(timeout=timeout)
        except Timeout:
            return False
        except NotImplementedError as error:
            raise JournalError(cannot_lock_text(folder)) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            raise JournalError(cannot_lock_text(folder)) from error
    return True


@contextmanager
def only_run(path: Path, otherwise: str) -> Iterator[None]:
    """Within it no other run has the lock of this file. Raises UsageError, with the sentence
    `otherwise`, where one does.
    """
    folder = path.parent
    with whole_files.disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    if not take_lock(lock, _TIMEOUT):
        if not can_lock(folder):
            raise JournalError(cannot_lock_text(folder))
        raise UsageError(otherwise)
    try:
        yield
    finally:
        lock.release()


def can_lock(folder: Path) -> bool:
    """Whether a file that nobody else knows can be locked: some network drives refuse every lock,
    in the same words as for one that another run has.
    """
    with whole_files.disk_errors(folder), tempfile.TemporaryDirectory(dir=folder) as unknown:
        lock = FileLock(Path(unknown) / "lock")
        locked = take_lock(lock, 0)
        lock.release()
        return locked


def cannot_lock_text(folder: Path) -> str:
    return (
        f"Files in {folder} cannot be locked, as on some network drives, so two runs could pay "
        "for the same footage; nothing was requested. Choose a folder on this computer with --logs."
    )
