"""Draws clips in the background, each content once, and keeps the files."""

from __future__ import annotations

import shutil
import tempfile
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from simulator import footage
from simulator.footage import Content

_WORKERS = 2


class ClipRenderer:
    """Two draughtsmen and a folder; `folder` None means a temporary one, removed at close."""

    def __init__(self, folder: Path | None = None) -> None:
        self._temporary = folder is None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="simulator-"))
        self._folder.mkdir(parents=True, exist_ok=True)
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="drawing")
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._ordered: dict[str, Future[Path]] = {}

    def order(self, content: Content) -> Future[Path]:
        """The file that shows `content`, soon."""
        with self._lock:
            name = content.file_name
            if name not in self._ordered:
                self._ordered[name] = self._pool.submit(self._draw, content)
            return self._ordered[name]

    def _draw(self, content: Content) -> Path:
        target = self._folder / content.file_name
        if not target.exists():
            unfinished = target.with_name(f"{uuid4().hex}.part")
            try:
                footage.draw(content, unfinished, self._stopping.is_set)
                unfinished.replace(target)  # another run that shares the folder sees it whole
            finally:
                unfinished.unlink(missing_ok=True)
        return target

    def close(self) -> None:
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._temporary:
            shutil.rmtree(self._folder, ignore_errors=True)
