"""Claim: a download takes hardly more processor time than `requests` and SHA-256 by themselves."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import requests

from benchmarks.measure import Row, Table, new_name
from benchmarks.runs import served_from
from footage.cloud.download import Downloader
from footage.system.threads import StopEvent

_HEAD = b"\x00\x00\x00\x18ftypmp42"  # as a film begins
_PIECE = 64 * 1024  # bytes, in which such a loop reads


@dataclass(frozen=True)
class Size:
    """clips: how many are fetched in a round, each of so many bytes."""

    clips: int
    bytes: int
    rounds: int


FULL = Size(20, 8_000_000, 9)
QUICK = Size(10, 4_000_000, 5)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Fetch the same files over loopback, both ways in turns; nothing is probed."""
    served = new_name(work, "")
    served.mkdir(parents=True)
    name = "clip.mp4"
    (served / name).write_bytes(_HEAD + bytes(size.bytes - len(_HEAD)))
    with served_from(served) as address:
        url = f"{address}/{name}"
        ours, theirs = partial(_ours, url, size.clips), partial(_bare, url, size.clips)
        spent = [
            [_processor_seconds(way, new_name(work, "")) for way in (theirs, ours)]
            for _ in range(size.rounds)
        ]
    ratio = statistics.median(mine / bare for bare, mine in spent)
    bare, mine = (1000 * statistics.median(each) / size.clips for each in zip(*spent, strict=True))
    how = (
        f"{mine:.1f} ms against {bare:.1f} ms for {size.bytes / 1e6:.0f} MB, median of "
        f"{size.rounds} rounds of {size.clips}"
    )
    claim = "processor time of a download without probing, against a bare loop of `requests`"
    return Table("Downloads", (Row(claim, 1.3, ratio, how),))


def _processor_seconds(fetch: Callable[[Path], None], folder: Path) -> float:
    """Of this thread alone: the one that serves the files is another."""
    folder.mkdir()
    before = time.thread_time()
    fetch(folder)
    return time.thread_time() - before


def _ours(url: str, count: int, folder: Path) -> None:
    downloader = Downloader(StopEvent().pause)  # as a run has it
    for number in range(count):
        downloader.fetch(url, folder / f"{number}.mp4", lambda path: None)


def _bare(url: str, count: int, folder: Path) -> None:
    with requests.Session() as session:
        for number in range(count):
            sha256 = hashlib.sha256()
            with (
                session.get(url, stream=True, timeout=30) as answer,
                (folder / f"{number}.mp4").open("wb") as file,
            ):
                for piece in answer.iter_content(_PIECE):
                    file.write(piece)
                    sha256.update(piece)
