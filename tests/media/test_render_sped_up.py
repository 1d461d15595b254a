"""A side-by-side of sped-up footage shows the same instant in every tile, at one pace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.media import DRIVER, ROAD, START, Shelf, beeps, chapters, stamped
from support.side_by_sides import ZONE, Rendered, minutes_of, planned
from support.sped_up import fast, trip

from footage.media import labels, probe, render_plan
from footage.model import Job, MediaType
from footage.system import timezones


class SpedUp(Rendered):
    """A rendered side-by-side that is sped up; its moments are in seconds of the wall clock."""

    @property
    def clock(self) -> list[float]:
        """The moment that each picture should show."""
        return [stamp * self.plan.pace for stamp in self.stamps]

    def wrong(self, camera: int) -> float:
        """How far the tile is from the clock at worst, in seconds of the wall clock."""
        pairs = zip(self.shown(camera), self.clock, strict=True)
        return max(abs(shown - clock) for shown, clock in pairs if shown is not None)

    def dark(self, camera: int) -> list[float]:
        """The wall clock of each picture in which a tile shows nothing."""
        pairs = zip(self.shown(camera), self.clock, strict=True)
        return [clock for shown, clock in pairs if shown is None]


def rendered(what: Job, shelf: Shelf, folder: Path, *, with_labels: bool = False) -> SpedUp:
    marks = render_plan.chapters(what, planned(what, closing=True).pace, ZONE)
    return SpedUp(what, shelf, folder, with_labels=with_labels, chapters=marks)


# --- one clock ------------------------------------------------------------------------------------

ROAD_10 = replace(ROAD, fps=10)

DRIVER_10 = replace(DRIVER, fps=10)


@pytest.fixture(scope="module")
def two_paces(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> SpedUp:
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
    return rendered(what, shelf, tmp_path_factory.mktemp("two-paces"), with_labels=True)


def test_cameras_sped_up_differently_show_the_same_instant(two_paces: SpedUp) -> None:
    assert two_paces.plan.pace == 20
    # Within one frame of each source: 20 s or 30 s of the wall clock on 10 pictures.
    assert two_paces.wrong(0) <= 2 + 1e-3
    assert two_paces.wrong(1) <= 3 + 1e-3


def test_each_frame_of_the_slower_camera_is_shown_once(two_paces: SpedUp) -> None:
    shown = [moment for moment in two_paces.shown(0) if moment is not None]
    assert all(b - a > 0.01 for a, b in pairwise(shown))
    assert len(shown) == pytest.approx((80 + 113) / 2, abs=1)


def test_a_sped_up_side_by_side_has_its_length_and_no_audio(two_paces: SpedUp) -> None:
    tracks = probe.probe(two_paces.path)
    assert two_paces.plan.duration == 12
    assert tracks.video.duration == pytest.approx(12, abs=1e-3)
    assert tracks.video.rate == 10
    assert np.allclose(two_paces.stamps, np.arange(120) / 10, atol=1e-3)
    assert tracks.audio is None
    assert (two_paces.plan.audio, two_paces.plan.audio_from) == ((), "")


def test_a_sped_up_tile_is_dark_exactly_in_its_gaps(two_paces: SpedUp) -> None:
    # To the frame of the film, which is two seconds of the wall clock.
    road, driver = two_paces.dark(0), two_paces.dark(1)
    assert [road[0], road[-1]] == pytest.approx([80, 125], abs=2)
    assert len(road) == pytest.approx(47 / 2, abs=1)
    assert [driver[0], driver[-1]] == pytest.approx([210, 238], abs=2)


def test_chapters_of_the_film_are_the_minutes_of_the_wall_clock(two_paces: SpedUp) -> None:
    found = chapters(two_paces.path)
    assert [(begin, end) for begin, end, _ in found] == [(0, 3), (3, 6), (6, 9), (9, 12)]
    assert [title[11:19] for _, _, title in found] == [f"07:3{n}:00" for n in range(4)]


def test_a_tenth_of_a_second_of_a_file_is_bridged_and_no_more(shelf: Shelf, tmp_path: Path) -> None:
    what = trip(
        {
            # Before the second clip two pictures are lacking, which is 0.2 s of the file ...
            "Road": [fast(shelf, ROAD_10, 0, 56, 20), fast(shelf, ROAD_10, 60, 60, 20)],
            # ... and here one, though it is 3 s of the wall clock.
            "Driver": [fast(shelf, DRIVER_10, 0, 57, 30), fast(shelf, DRIVER_10, 60, 60, 30)],
        },
        minutes=2,
    )
    shown = rendered(what, shelf, tmp_path)
    assert shown.dark(0) == pytest.approx([56, 58], abs=1e-6)
    assert shown.dark(1) == []


@pytest.fixture(scope="module")
def forty(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> SpedUp:
    """Forty minutes at thirty times the clock's pace, one camera with a picture a second."""
    what = trip(
        {
            "Road": [fast(shelf, replace(ROAD, fps=1), 4.5, 2400, 30)],
            "Driver": [fast(shelf, DRIVER, 0, 2400, 30)],
        },
        minutes=40,
    )
    return rendered(what, shelf, tmp_path_factory.mktemp("forty"), with_labels=True)


@pytest.mark.long
def test_a_hyperlapse_is_rendered_in_minutes_of_film(forty: SpedUp) -> None:
    first, second = minutes_of(forty.plan)
    assert (first.first, first.last, second.last) == (0, 300, 400)
    assert (forty.plan.duration, len(forty.stamps)) == (80, 400)


def test_tiles_stay_in_step_across_rendered_minutes(
    forty: SpedUp,
) -> None:
    assert forty.wrong(0) <= 30 + 1e-3  # the slow camera's own distance from picture to picture
    assert forty.wrong(1) <= 6 + 1e-3
    assert forty.dark(0) == [0]
    assert forty.dark(1) == []


def test_the_clock_of_a_sped_up_film_is_true_in_every_picture(forty: SpedUp) -> None:
    texts = [
        text for minute in minutes_of(forty.plan) if minute.clock for text in minute.clock.texts()
    ]
    assert len(texts) == len(forty.stamps)
    moments = [START + timedelta(seconds=6 * n) for n in range(400)]
    assert texts == [
        f"{timezones.clock_text(moment, ZONE)}   Truck 42   30 x speed" for moment in moments
    ]
    drawn = [
        np.asarray(picture.convert("RGB").convert("L")).astype(float)
        for picture in labels.clock(texts, labels.text_size(120), forty.layout.width)
    ]
    height, width = drawn[0].shape
    for number in range(0, 400, 7):
        corner = forty.pictures[number, :height, :width].astype(float)
        near = range(max(0, number - 10), min(400, number + 11))
        best = max(near, key=lambda n: np.corrcoef(drawn[n].ravel(), corner.ravel())[0, 1])
        assert best == number


# --- longer clips at the clock's own pace ---------------------------------------------------------


@pytest.mark.long
def test_a_clip_of_several_minutes_is_in_step_in_each(shelf: Shelf, tmp_path: Path) -> None:
    what = trip(
        {
            "Road": [fast(shelf, ROAD, 3.3, 115, 1)],
            "Driver": [fast(shelf, DRIVER, -2, 122, 1)],
        },
        minutes=2,
        kind=MediaType.LOW,
    )
    shown = rendered(what, shelf, tmp_path)
    assert (shown.plan.pace, len(shown.stamps)) == (1, 600)
    assert shown.wrong(0) <= 0.2
    assert shown.wrong(1) <= 0.2
    begun = [moment for moment in beeps(*stamped(shown.path)) if moment > 0.5]
    assert [round(moment) for moment in begun] == list(range(1, 120))
    assert max(abs(moment - round(moment)) for moment in begun) <= 0.04
