"""How far a job has come, as plain data, and what a display has to offer to show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from footage.model import Camera, Contact


@dataclass(frozen=True)
class DownloadProgress:
    """A download under way: bytes on hand, and in all where that is known.

    time: the start of what was asked for, or the clip's own where there are several of it
    """

    camera: Camera
    time: datetime
    name: str
    received: int
    total: int | None


@dataclass(frozen=True)
class CheckProgress:
    """How many of the files that were here already are compared with their hashes."""

    done: int
    total: int


@dataclass(frozen=True)
class Progress:
    """How far the retrieving has come.

    asked, requests: requests answered, and planned
    uploaded, awaited: camera windows whose footage is in the cloud, and may come or has
    lost: camera windows whose footage is sure not to come; `awaited` is smaller by so many
    next_poll: seconds until the next poll; None while one is under way
    trouble: what keeps it from going on at the moment, "" for nothing
    contact: when the vehicle was online, where that is told
    check: of the files that were here already, where there are any
    """

    asked: int
    requests: int
    uploaded: int
    awaited: int
    lost: int
    fetched: int
    next_poll: float | None
    fetching: Sequence[DownloadProgress]
    trouble: str
    contact: Contact | None = None
    check: CheckProgress | None = None


@dataclass(frozen=True)
class RenderProgress:
    """How much of the side-by-side is rendered: seconds of the film."""

    done: float
    length: float


@dataclass(frozen=True)
class MergeProgress:
    """The camera whose clips are being merged, and how many are merged of how many."""

    camera: Camera
    done: int
    total: int


class ProgressDisplay(Protocol):
    """What the stages of a job are shown on."""

    def say(self, text: str = "") -> None:
        """One line that stays."""

    def say_once(self, text: str) -> None:
        """One line that stays, but for one that stands there already, be it by another job."""

    def show_retrieving(
        self, progress: Progress, seconds: float, film: RenderProgress | None, *, last: bool = False
    ) -> None:
        """Requests, uploads and downloads, and the film that is rendered meanwhile.

        seconds: since the retrieving began
        last: nothing more will come in this run
        """

    def holds_for(self, seconds: float) -> float:
        """Seconds for which what is shown holds while nothing changes but the time.

        seconds: since the retrieving began
        """

    def show_merging(self, progress: MergeProgress) -> None:
        """A camera's clips are being merged."""

    def show_merged(self, cameras: Sequence[Camera], seconds: float) -> None:
        """All cameras are merged; it took so many seconds."""

    def show_rendered(self, length: float, *, finished: bool = False) -> None:
        """All of the film, so many seconds, is rendered; `finished`: it is one file, too."""
