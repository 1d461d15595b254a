"""How many files a run may have open at once."""

from __future__ import annotations

import sys
from contextlib import suppress

_WANTED = 4096
# Files beside the locks of the jobs: downloads, connections, programs, what Python itself has open.
_BESIDES = 80
_WINDOWS = 8192  # the C library of Windows has no more


def allow_many() -> None:
    """Raise the limit, where the system lets a program do so by itself.

    Each job that is worked at keeps the lock of its journal open. macOS allows 256 files by
    default, so a list of 250 rows would end with "Too many open files".
    """
    if sys.platform == "win32":  # thousands, and nothing to set
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED if hard == resource.RLIM_INFINITY else min(_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # the run goes on with what it has
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_jobs() -> int:
    """How many jobs can be worked at in one run."""
    if sys.platform == "win32":
        return _WINDOWS - _BESIDES
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft - _BESIDES
