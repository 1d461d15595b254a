"""A drive in the network that does not answer."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footage.job import journal_heads

_PROGRAM = str(Path(journal_heads.__file__).parent.parent)


def cannot_be_listed(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    when: Callable[[], bool] = lambda: True,
    *,
    below: str = "",
) -> None:
    """The program cannot list a folder while `when` is true: its drive is gone.

    below: of which name (with wildcards) the folders in it are that are meant, in place of itself
    """
    scandir = os.scandir

    def is_meant(path: Path) -> bool:
        return path.parent == folder and path.match(below) if below else path == folder

    def listed(path: Any = ".") -> Any:
        if (
            not isinstance(path, int)
            and is_meant(Path(path))
            and _asked_by_the_program()
            and when()
        ):
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", listed)


def _asked_by_the_program() -> bool:
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code.co_filename.startswith(_PROGRAM):
            return True
    return False
