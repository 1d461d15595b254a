"""What a package is built into: a hidden folder or ZIP, which gets its name when it is whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from footage.report.hashing import Hashing
from footage.system.whole_files import flush_to_disk, publish_new, remove, rename

_PIECE = 1 << 20  # bytes


class Sink(Protocol):
    """Takes the files of a package; `finish` gives it its name, `discard` removes what there is."""

    def add_file(self, source: Path, inside: str, hashing: Hashing) -> str:
        """Take a file in; returns its SHA-256 as it is in the package now."""

    def add_bytes(self, data: bytes, inside: str) -> None: ...

    def target(self) -> Path:
        """The name that the package will have: one that is free now."""

    def finish(self, target: Path) -> Path: ...

    def discard(self) -> None: ...


class FolderSink:
    """A folder; files of the same disk are hard links, so that they take no room twice."""

    def __init__(self, work: Path, folder: Path, name: str) -> None:
        self._work, self._folder, self._name = work, folder, name
        work.mkdir()

    def add_file(self, source: Path, inside: str, hashing: Hashing) -> str:
        target = self._place(inside)
        try:
            # A link to a link would hang in the air elsewhere.
            os.link(source.resolve(), target)
        except OSError:  # another disk, or one without hard links
            with source.open("rb") as original, target.open("wb") as copy:
                while piece := original.read(_PIECE):
                    hashing.stop.pause(0)
                    copy.write(piece)
                copy.flush()
                flush_to_disk(copy.fileno())
        return hashing.digest(target)

    def add_bytes(self, data: bytes, inside: str) -> None:
        with self._place(inside).open("wb") as file:
            file.write(data)
            file.flush()
            flush_to_disk(file.fileno())

    def _place(self, inside: str) -> Path:
        target = self._work / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def target(self) -> Path:
        return _free(self._folder, self._name, "")

    def finish(self, target: Path) -> Path:
        rename(self._work, target)
        return target

    def discard(self) -> None:
        shutil.rmtree(self._work, ignore_errors=True)


class ZipSink:
    """A ZIP that is not compressed (films cannot be), with the package's folder in it."""

    def __init__(self, work: Path, folder: Path, name: str, when: datetime) -> None:
        self._work, self._folder, self._name = work, folder, name
        self._time = when.timetuple()[:6]
        self._zip = zipfile.ZipFile(work, "x", zipfile.ZIP_STORED)

    def add_file(self, source: Path, inside: str, hashing: Hashing) -> str:
        sha256 = hashlib.sha256()
        with (
            source.open("rb") as file,
            self._zip.open(self._entry(inside, source.stat().st_size), "w") as entry,
        ):
            while piece := file.read(_PIECE):
                sha256.update(piece)
                entry.write(piece)
                hashing.count(source.name, len(piece))
        return sha256.hexdigest()

    def add_bytes(self, data: bytes, inside: str) -> None:
        self._zip.writestr(self._entry(inside, len(data)), data)

    def _entry(self, inside: str, size: int) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(f"{self._name}/{inside}", self._time)
        entry.create_system = 3  # the same on every system: Unix, a file that all may read
        entry.external_attr = 0o100644 << 16
        entry.file_size = size  # by which it is known whether it has to be ZIP64
        return entry

    def target(self) -> Path:
        return _free(self._folder, self._name, ".zip")

    def finish(self, target: Path) -> Path:
        self._zip.close()
        return publish_new(self._work, target)

    def discard(self) -> None:
        with suppress(OSError, ValueError):  # what was going wrong may do so once more
            self._zip.close()
        with suppress(OSError):
            remove(self._work)


def _free(folder: Path, name: str, ending: str) -> Path:
    number, path = 1, folder / f"{name}{ending}"
    while path.exists():
        number += 1
        path = folder / f"{name} ({number}){ending}"
    return path
