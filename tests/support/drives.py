"""A drive in the network that does not answer."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from footage.job import journal_heads


def cannot_be_listed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, when: Callable[[], bool] = lambda: True
) -> None:
    """The program cannot list a folder of journals while `when` is true: its drive is gone."""

    def listed(path: Path) -> Any:
        if path == folder and when():
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return os.scandir(path)

    monkeypatch.setattr(journal_heads, "os", SimpleNamespace(scandir=listed))
