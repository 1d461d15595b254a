"""Renders clips in the background, each content once, and keeps the files."""

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
    """A render pool with a disk cache; `folder` None means a temporary one, removed at close."""

    def __init__(self, folder: Path | None = None) -> None:
        self._temporary = folder is None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="simulator-"))
        self._folder.mkdir(parents=True, exist_ok=True)
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="render")
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._futures: dict[str, Future[Path]] = {}

    def render(self, content: Content) -> Future[Path]:
        """The file that shows `content`, once it is rendered."""
        with self._lock:
            name = content.file_name
            if name not in self._futures:
                self._futures[name] = self._pool.submit(self._render, content)
            return self._futures[name]

    def _render(self, content: Content) -> Path:
        target = self._folder / content.file_name
        if not target.exists():
            unfinished = target.with_name(f"{uuid4().hex}.part")
            try:
                footage.draw(content, unfinished, self._stopping.is_set)
                unfinished.replace(target)  # other runs that share the folder never see half a file
            finally:
                unfinished.unlink(missing_ok=True)
        return target

    def close(self) -> None:
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._temporary:
            shutil.rmtree(self._folder, ignore_errors=True)
