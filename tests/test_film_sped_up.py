"""Sped-up footage in one picture: still the same instant in every tile, and a clock that is true."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta, timezone
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from dateutil import tz
from media import (
    CHICAGO,
    DRIVER,
    ROAD,
    START,
    Frames,
    Shelf,
    at,
    chapters,
    frames,
    imagined,
    job,
    shelf_of,
    window,
)

from footage import ffmpeg
from footage.film import Film, Minute, marks, plan
from footage.model import Clip, Job, Media, MediaStatus, MediaType, Retrieval, RetrievalState
from footage.side_by_side import Renderer
from simulator.cameras import CameraModel
from simulator.footage import Content, draw, read_clock

ZONE = tz.gettz(CHICAGO) or timezone.utc
DARK = 45


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return shelf_of(tmp_path_factory)


def fast(shelf: Shelf, model: CameraModel, start: float, seconds: float, factor: float) -> Clip:
    """A clip that shows so many seconds of the wall clock, each second of its file `factor`."""
    content = Content("Truck 42", model, at(start), seconds, factor)
    path = shelf.folder / content.file_name
    if not path.exists():
        draw(content, path)
    return replace(shelf.known(path, start, window(start, seconds)), factor=factor)


def dreamt(label: str, start: float, seconds: float, factor: float) -> Clip:
    """The same without a file."""
    clip = imagined(start, seconds / factor, window(start, seconds), path=f"{label}{start}")
    return replace(clip, factor=factor)


def trip(
    clips: dict[str, list[Clip]],
    minutes: int,
    *,
    awaited: Iterable[Clip] = (),
    kind: MediaType = MediaType.HYPERLAPSE,
) -> Job:
    """A job of these clips, each under the window it was asked for; `awaited` have not come yet."""
    what = replace(job({label: [] for label in clips}, minutes=minutes), media_type=kind)
    missing = list(awaited)
    what.retrievals = [
        Retrieval(
            clip.window,
            [
                Media(camera, MediaStatus.PENDING)
                if clip in missing
                else Media(camera, MediaStatus.AVAILABLE, clip=clip)
            ],
            kind,
            RetrievalState.ACCEPTED,
        )
        for camera in what.cameras
        for clip in clips[camera.label]
    ]
    return what


def planned(what: Job, *, closing: bool = True) -> Film:
    film = plan(what, ZONE, closing=closing)
    assert film is not None
    return film


def minutes_of(film: Film) -> list[Minute]:
    assert all(film.minutes)
    return [minute for minute in film.minutes if minute]


class Rendered:
    """A finished film, and for each picture and tile the moment (seconds after START) it shows."""

    def __init__(
        self, what: Job, shelf: Shelf, folder: Path, *, with_labels: bool = False
    ) -> None:
        film = plan(what, ZONE, with_labels=with_labels, closing=True)
        assert film is not None
        self.film, self.path = film, folder / "film.mp4"
        renderer = Renderer(shelf.folder, folder / "work", threading.Event())
        renderer.finish(film, self.path, marks(what, film, ZONE))
        self.layout = minutes_of(film)[0].layout
        self.stamps, self.pictures = frames(self.path, (self.layout.width, self.layout.height))
        self.clock = [stamp * film.pace for stamp in self.stamps]  # of the wall

    def tile(self, number: int, camera: int) -> Frames:
        place = self.layout.tiles[camera]
        picture: Frames = self.pictures[number]
        return picture[place.y : place.y + place.height, place.x : place.x + place.width]

    def shown(self, camera: int) -> list[float | None]:
        found: list[float | None] = []
        for number in range(len(self.stamps)):
            read = read_clock(self.tile(number, camera))
            if read is None:
                assert np.median(self.tile(number, camera)) < DARK
                found.append(None)
            else:
                assert read[0] == camera + 1
                found.append((read[1] - START).total_seconds())
        return found

    def wrong(self, camera: int) -> float:
        """How far the tile is from the clock at worst, in seconds of the wall clock."""
        pairs = zip(self.shown(camera), self.clock, strict=True)
        return max(abs(shown - clock) for shown, clock in pairs if shown is not None)

    def dark(self, camera: int) -> list[float]:
        """The wall clock of each picture in which a tile shows nothing."""
        pairs = zip(self.shown(camera), self.clock, strict=True)
        return [clock for shown, clock in pairs if shown is None]


# --- one clock ------------------------------------------------------------------------------------

ROAD_10 = replace(ROAD, fps=10)
DRIVER_10 = replace(DRIVER, fps=10)


@pytest.fixture(scope="module")
def two_paces(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Four minutes, one camera twenty times as fast as the clock, the other thirty times."""
    what = trip(
        {
            # A hole of 40 s between the two; the second begins late by 7 s, between two frames.
            "Road": [fast(shelf, ROAD_10, 0, 80, 20), fast(shelf, ROAD_10, 127, 113, 20)],
            # Early by 11 s, and short.
            "Driver": [fast(shelf, DRIVER_10, -11, 221, 30)],
        },
        minutes=4,
    )
    return Rendered(what, shelf, tmp_path_factory.mktemp("two-paces"), with_labels=True)


def test_cameras_sped_up_differently_show_the_same_instant(two_paces: Rendered) -> None:
    assert two_paces.film.pace == 20
    # Within one frame of each source: 20 s or 30 s of the wall clock on 10 pictures.
    assert two_paces.wrong(0) <= 2 + 1e-3
    assert two_paces.wrong(1) <= 3 + 1e-3


def test_each_picture_of_the_slower_camera_is_shown_once_and_in_order(two_paces: Rendered) -> None:
    shown = [moment for moment in two_paces.shown(0) if moment is not None]
    assert all(0.01 < b - a for a, b in pairwise(shown))
    assert len(shown) == pytest.approx((80 + 113) / 2, abs=1)


def test_the_film_is_as_long_as_the_time_by_its_pace_and_has_no_sound(two_paces: Rendered) -> None:
    tracks = ffmpeg.probe(two_paces.path)
    assert two_paces.film.length == 12
    assert (tracks.video.duration, tracks.video.rate) == (pytest.approx(12, abs=1e-3), 10)
    assert np.allclose(two_paces.stamps, np.arange(120) / 10, atol=1e-3)
    assert tracks.audio is None
    assert (two_paces.film.sounds, two_paces.film.sound_from) == ((), "")


def test_a_tile_is_dark_where_the_camera_has_nothing_and_nowhere_else(two_paces: Rendered) -> None:
    # To the frame of the film, which is two seconds of the wall clock.
    road, driver = two_paces.dark(0), two_paces.dark(1)
    assert (road[0], road[-1]) == (pytest.approx(80, abs=2), pytest.approx(125, abs=2))
    assert len(road) == pytest.approx(47 / 2, abs=1)
    assert (driver[0], driver[-1]) == (pytest.approx(210, abs=2), pytest.approx(238, abs=2))


def test_chapters_of_the_film_are_the_minutes_of_the_wall_clock(two_paces: Rendered) -> None:
    found = chapters(two_paces.path)
    assert [(begin, end) for begin, end, _ in found] == [(0, 3), (3, 6), (6, 9), (9, 12)]
    assert [title[11:19] for _, _, title in found] == [f"07:3{n}:00" for n in range(4)]


def test_clips_that_follow_each_other_leave_no_dark_frame_between_them(
    shelf: Shelf, tmp_path: Path
) -> None:
    # Each ends two frames of its file before the next begins.
    what = trip(
        {
            "Road": [fast(shelf, ROAD_10, 0, 56, 20), fast(shelf, ROAD_10, 60, 60, 20)],
            "Driver": [fast(shelf, DRIVER_10, 0, 57, 30), fast(shelf, DRIVER_10, 60, 60, 30)],
        },
        minutes=2,
    )
    # A tenth of a second of their files is bridged, and that is twenty or thirty times as long.
    what.retrievals = [
        replace(r, media=[replace(m, clip=m.clip) for m in r.media]) for r in what.retrievals
    ]
    shown = Rendered(what, shelf, tmp_path)
    assert shown.dark(0) != []
    assert shown.dark(1) == []
