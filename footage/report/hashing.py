"""The hashing of many files, each once, that shows how far it is and can be stopped."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from footage.system.threads import StopEvent
from footage.system.whole_files import hash_of

Show = Callable[[str, int], None]  # takes a file's name, and how many bytes were read in all


class Hashing:
    """Hashes files; `stop` ends it with Interrupted.

    size: how many bytes were hashed
    """

    def __init__(self, stop: StopEvent, show: Show = lambda name, size: None) -> None:
        self.stop = stop
        self.show = show
        self.size = 0
        self._known: dict[Path, str] = {}

    def digest(self, path: Path) -> str:
        """The SHA-256 of a file, hexadecimal. Raises OSError where it cannot be read."""
        if path not in self._known:
            sha256 = hash_of(path, lambda piece: self.count(path.name, len(piece)))
            self._known[path] = sha256.hexdigest()
        return self._known[path]

    def count(self, name: str, size: int) -> None:
        """So many bytes of a file were hashed. Raises Interrupted where it is to stop."""
        self.stop.pause(0)
        self.size += size
        self.show(name, self.size)
