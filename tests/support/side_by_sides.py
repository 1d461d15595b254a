"""Side-by-sides that are planned and rendered, and what each picture of them shows."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import timezone
from pathlib import Path

import numpy as np
from dateutil import tz

from footage.media.layout import Layout
from footage.media.mp4 import Chapter
from footage.media.render import Renderer
from footage.media.render_plan import plan
from footage.media.side_by_side_plan import Minute, SideBySidePlan
from footage.model import Clip, Job
from simulator.footage import read_clock
from support.media import CHICAGO, START, Frames, Shelf, frames, imagined, window

ZONE = tz.gettz(CHICAGO) or timezone.utc
DARK = 45
SAME = 0.1  # seconds that a tile may differ from the clock


def planned(what: Job, *, with_labels: bool = True, closing: bool = False) -> SideBySidePlan:
    """The plan of a job that must have one."""
    made = plan(what, ZONE, with_labels=with_labels, closing=closing)
    assert made is not None
    return made


def minutes_of(made: SideBySidePlan) -> list[Minute]:
    """The minutes of a plan in which all are settled."""
    assert all(made.minutes)
    return [minute for minute in made.minutes if minute]


def settled_for_good(made: SideBySidePlan | None, final: SideBySidePlan) -> int:
    """How many minutes of a plan are settled; each must be just as it is in the final plan."""
    if made is None:
        return 0
    pairs = zip(made.minutes, final.minutes, strict=True)
    settled = [(now, at_last) for now, at_last in pairs if now is not None]
    assert all(at_last and now.fingerprint == at_last.fingerprint for now, at_last in settled)
    return len(settled)


def layout_of(made: SideBySidePlan) -> Layout:
    """The layout of the first settled minute."""
    return next(minute.layout for minute in made.minutes if minute)


def whole(label: str, *which: int) -> list[Clip]:
    """Clips without files of exactly these minutes."""
    return [imagined(60 * n, 60, window(60 * n), path=f"{label}{n}") for n in which]


class Rendered:
    """A rendered side-by-side, frame by frame."""

    def __init__(
        self,
        what: Job,
        shelf: Shelf,
        folder: Path,
        *,
        with_labels: bool = False,
        every: int = 1,
        chapters: Iterable[Chapter] = (),
    ) -> None:
        self.plan = planned(what, with_labels=with_labels, closing=True)
        self.path = folder / "SideBySide_Merged_Kim's Truck #1 %d.mp4"
        renderer = Renderer(shelf.folder, folder / "work", threading.Event())
        renderer.finish(self.plan, self.path, list(chapters))
        self.layout = layout_of(self.plan)
        size = (self.layout.width, self.layout.height)
        self.stamps, self.pictures = frames(self.path, size, every=every)

    def tile(self, number: int, camera: int) -> Frames:
        place = self.layout.tiles[camera]
        return self.pictures[
            number, place.y : place.y + place.height, place.x : place.x + place.width
        ]

    def shown(self, camera: int) -> list[float | None]:
        """The moment (seconds after START) that each picture of a tile shows; None: it is dark."""
        moments: list[float | None] = []
        for number, stamp in enumerate(self.stamps):
            tile = self.tile(number, camera)
            clock = read_clock(tile)
            if clock is None:
                assert np.median(tile) < DARK, f"neither footage nor dark at {stamp}"
                moments.append(None)
            else:
                assert clock[0] == camera + 1
                moments.append((clock[1] - START).total_seconds())
        return moments


class SideBySide(Rendered):
    """A rendered side-by-side at the clock's own pace."""

    def wrong(self, camera: int) -> list[float | None]:
        """For every picture, how far (seconds) a tile is from the clock; None where it is dark."""
        pairs = zip(self.stamps, self.shown(camera), strict=True)
        return [None if shown is None else stamp - shown for stamp, shown in pairs]

    def dark(self, camera: int) -> list[tuple[float, float]]:
        """The stretches (seconds of the film) in which a tile is dark."""
        stretches: list[tuple[float, float]] = []
        step = self.stamps[1] - self.stamps[0]
        for stamp, wrong in zip(self.stamps, self.wrong(camera), strict=True):
            if wrong is None:
                begin = stamp
                if stretches and stamp - stretches[-1][1] < step / 2:
                    begin = stretches.pop()[0]
                stretches.append((begin, stamp + step))
        return stretches

    def same_time(self, camera: int) -> bool:
        return all(wrong is None or abs(wrong) <= SAME for wrong in self.wrong(camera))
