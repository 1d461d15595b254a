"""Notices, on every system, what Windows refuses: removing or renaming a file that is held open.

Windows itself raises a PermissionError then, so this watches the other systems. The interpreter
reports each removal and each rename beforehand (its audit events), whoever does it and however.
"""

from __future__ import annotations

import os
import stat
import sys
import traceback
from pathlib import Path
from typing import Any

_OPEN_FILES = Path("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")


class OpenFileWatch:
    """Collects what Windows would have refused, from `begin` to `end`."""

    def __init__(self) -> None:
        self._active = False
        self._refused: list[str] = []
        if os.name != "nt":
            sys.addaudithook(self._on_event)  # cannot be taken away again: hence `_active`

    def begin(self) -> None:
        self._refused = []
        self._active = True

    def end(self) -> list[str]:
        """What was removed or renamed while it was open, and where in the code."""
        self._active = False
        return self._refused

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._active or event not in ("os.remove", "os.rename"):
            return
        if event == "os.remove":
            paths = [(arguments[0], arguments[1])]
        else:
            paths = [(arguments[0], arguments[2]), (arguments[1], arguments[3])]
        for path, folder in paths:
            if _is_open(path, folder if folder >= 0 else None):
                where = "".join(traceback.format_stack(sys._getframe(1), limit=6))
                self._refused.append(f"{event} of {os.fsdecode(path)}, which is open:\n{where}")


def _is_open(path: Any, folder: int | None) -> bool:
    """Whether this process has the file open: the very file, whatever its name."""
    try:
        wanted = os.stat(path, dir_fd=folder, follow_symlinks=False)
    except (OSError, ValueError):
        return False
    if not stat.S_ISREG(wanted.st_mode):
        return False
    for entry in _OPEN_FILES.iterdir():
        try:
            held = os.fstat(int(entry.name))
        except OSError:  # closed meanwhile, by another thread
            continue
        if os.path.samestat(held, wanted):
            return True
    return False


watch = OpenFileWatch()
