"""Sped-up footage in one picture: the same instant in every tile, and a clock that is true."""

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
from support.media import (
    CHICAGO,
    DRIVER,
    ROAD,
    START,
    Frames,
    Shelf,
    at,
    beeps,
    chapters,
    frames,
    imagined,
    job,
    shelf_of,
    stamped,
    window,
)

from footage.media import labels, probe, render_plan
from footage.media.render import Renderer
from footage.media.render_plan import plan
from footage.media.side_by_side_plan import Minute, SideBySidePlan
from footage.model import Clip, Job, Media, MediaStatus, MediaType, Retrieval, RetrievalState
from footage.system import timezones
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


def planned(what: Job, *, closing: bool = True) -> SideBySidePlan:
    film = plan(what, ZONE, closing=closing)
    assert film is not None
    return film


def minutes_of(film: SideBySidePlan) -> list[Minute]:
    assert all(film.minutes)
    return [minute for minute in film.minutes if minute]


class Rendered:
    """A finished film, and for each picture and tile the moment (seconds after START) it shows."""

    def __init__(self, what: Job, shelf: Shelf, folder: Path, *, with_labels: bool = False) -> None:
        film = plan(what, ZONE, with_labels=with_labels, closing=True)
        assert film is not None
        self.film, self.path = film, folder / "film.mp4"
        renderer = Renderer(shelf.folder, folder / "work", threading.Event())
        renderer.finish(film, self.path, render_plan.chapters(what, film.pace, ZONE))
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
    assert all(b - a > 0.01 for a, b in pairwise(shown))
    assert len(shown) == pytest.approx((80 + 113) / 2, abs=1)


def test_the_film_is_as_long_as_the_time_by_its_pace_and_has_no_sound(two_paces: Rendered) -> None:
    tracks = probe.probe(two_paces.path)
    assert two_paces.film.duration == 12
    assert tracks.video.duration == pytest.approx(12, abs=1e-3)
    assert tracks.video.rate == 10
    assert np.allclose(two_paces.stamps, np.arange(120) / 10, atol=1e-3)
    assert tracks.audio is None
    assert (two_paces.film.audio, two_paces.film.audio_from) == ((), "")


def test_a_tile_is_dark_where_the_camera_has_nothing_and_nowhere_else(two_paces: Rendered) -> None:
    # To the frame of the film, which is two seconds of the wall clock.
    road, driver = two_paces.dark(0), two_paces.dark(1)
    assert [road[0], road[-1]] == pytest.approx([80, 125], abs=2)
    assert len(road) == pytest.approx(47 / 2, abs=1)
    assert [driver[0], driver[-1]] == pytest.approx([210, 238], abs=2)


def test_chapters_of_the_film_are_the_minutes_of_the_wall_clock(two_paces: Rendered) -> None:
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
    shown = Rendered(what, shelf, tmp_path)
    assert shown.dark(0) == pytest.approx([56, 58], abs=1e-6)
    assert shown.dark(1) == []


@pytest.fixture(scope="module")
def forty(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Forty minutes at thirty times the clock's pace, one camera with a picture a second."""
    what = trip(
        {
            "Road": [fast(shelf, replace(ROAD, fps=1), 4.5, 2400, 30)],
            "Driver": [fast(shelf, DRIVER, 0, 2400, 30)],
        },
        minutes=40,
    )
    return Rendered(what, shelf, tmp_path_factory.mktemp("forty"), with_labels=True)


def test_a_hyperlapse_is_rendered_in_minutes_of_film(forty: Rendered) -> None:
    first, second = minutes_of(forty.film)
    assert (first.first, first.last, second.last) == (0, 300, 400)
    assert (forty.film.duration, len(forty.stamps)) == (80, 400)


def test_where_one_minute_of_film_goes_over_into_the_next_the_tiles_stay_in_step(
    forty: Rendered,
) -> None:
    assert forty.wrong(0) <= 30 + 1e-3  # the slow camera's own distance from picture to picture
    assert forty.wrong(1) <= 6 + 1e-3
    assert forty.dark(0) == [0]
    assert forty.dark(1) == []


def test_the_clock_of_a_sped_up_film_is_true_in_every_picture(forty: Rendered) -> None:
    texts = [
        text for minute in minutes_of(forty.film) if minute.clock for text in minute.clock.texts()
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


# --- the plan -------------------------------------------------------------------------------------


def pace(what: Job) -> int:
    return planned(what).pace


def both(*factors: float, seconds: float = 600) -> dict[str, list[Clip]]:
    return {
        label: [dreamt(label, 0, seconds, factor)]
        for label, factor in zip(("Road", "Driver", "Analog"), factors, strict=False)
    }


@pytest.mark.parametrize(
    ("factors", "expected"),
    [((30, 30), 30), ((30, 20), 20), ((29.97, 30.02), 30), ((1.4, 8), 1), ((0.5, 0.7), 1)],
)
def test_the_pace_is_the_whole_number_nearest_to_the_least_factor(
    factors: tuple[float, ...], expected: int
) -> None:
    assert pace(trip(both(*factors), minutes=10)) == expected
    assert pace(trip(both(*factors[::-1]), minutes=10)) == expected


def test_a_timelapse_has_its_pace_as_well_and_any_other_job_the_clocks() -> None:
    assert pace(trip(both(30, 30), minutes=10, kind=MediaType.TIMELAPSE)) == 30
    assert pace(trip(both(30, 30), minutes=10, kind=MediaType.LOW)) == 1


def test_one_odd_clip_does_not_change_the_pace() -> None:
    clips = {
        label: [dreamt(label, 600 * n, 600, 30 if n != 2 else odd) for n in range(5)]
        for label, odd in (("Road", 2), ("Driver", 30))
    }
    assert pace(trip(clips, minutes=50)) == 30


def test_however_fast_the_footage_the_film_has_a_picture() -> None:
    film = planned(trip(both(5000, 5000, seconds=60), minutes=1))
    (minute,) = minutes_of(film)
    assert (minute.first, minute.last) == (0, 1)


def test_a_rest_shorter_than_a_picture_is_no_minute_of_its_own() -> None:
    clips = {label: [dreamt(label, 0, 181 * 60, 180)] for label in ("Road", "Driver")}
    slow = {
        label: [
            replace(c, tracks=replace(c.tracks, video=replace(c.tracks.video, rate=Fraction(1))))
        ]
        for label, (c,) in clips.items()
    }
    assert [m.last for m in minutes_of(planned(trip(slow, minutes=181)))] == [60]
    assert [m.last for m in minutes_of(planned(trip(clips, minutes=181)))] == [900, 905]


def test_where_a_picture_is_less_than_a_second_the_clock_changes_with_the_second() -> None:
    what = trip(both(4, 4), minutes=10)
    what.start = START + timedelta(seconds=0.25)
    second = minutes_of(planned(what))[1]
    assert second.clock is not None
    assert second.clock.step == 1
    assert second.clock.offset == Fraction(1, 4)
    assert second.clock.first_moment == at(240)
    assert second.clock.count == 240  # the last picture ends as the next second begins


@pytest.mark.parametrize(
    ("pace", "apart"), [(1, 1), (30, 1), (60, 1), (61, 2), (150, 5), (999, 20)]
)
def test_marks_are_a_minute_apart_or_as_many_as_make_a_second_of_film(
    pace: int, apart: int
) -> None:
    minutes = 45
    what = job({"Road": [], "Driver": []}, minutes=minutes)
    film = SideBySidePlan(
        minutes=(), audio=(), audio_from="", duration=60 * minutes / pace, pace=pace
    )
    found = render_plan.chapters(what, film.pace, ZONE)
    assert found[0].start == 0
    assert found[-1].end == pytest.approx(60 * minutes / pace)
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(m.end - m.start == pytest.approx(apart * 60 / pace) for m in found[:-1])
    assert all(m.end - m.start >= 1 for m in found[:-1])
    assert found[1].title == f"03/01/2025 07:{30 + apart}:00 CST"


def test_a_minute_of_film_waits_for_every_clip_within_it() -> None:
    clips = {
        label: [dreamt(label, 600 * n, 600, 30) for n in range(9)] for label in ("Road", "Driver")
    }
    last = clips["Driver"][-1]
    film = planned(trip(clips, minutes=90, awaited=[last]), closing=False)
    assert [minute is not None for minute in film.minutes] == [True, True, False]
    assert all(planned(trip(clips, minutes=90, awaited=[last]), closing=True).minutes)


@pytest.mark.parametrize("seed", range(6))
def test_the_film_does_not_depend_on_the_order_of_arrival(seed: int) -> None:
    dice = random.Random(seed)
    clips = {
        label: [
            dreamt(label, 600 * n + dice.choice([0, 0, 7, -20]), dice.choice([600, 480]), factor)
            for n in range(12)
            if dice.random() < 0.9
        ]
        for label, factor in (("Road", 30.0), ("Driver", 20.0), ("Analog", 30.0))
    }
    final = planned(trip(clips, minutes=120))
    coming = [clip for own in clips.values() for clip in own]
    dice.shuffle(coming)
    early = 0
    while coming:
        coming.pop()
        film = plan(trip(clips, minutes=120, awaited=coming), ZONE)
        if film is None:
            continue
        for now, at_last in zip(film.minutes, final.minutes, strict=True):
            if now is not None:
                early += 1
                assert at_last is not None
                assert now.fingerprint == at_last.fingerprint
    assert early > 6


# --- longer clips at the clock's own pace ---------------------------------------------------------


def test_a_clip_of_several_minutes_is_in_step_in_each(shelf: Shelf, tmp_path: Path) -> None:
    what = trip(
        {
            "Road": [fast(shelf, ROAD, 3.3, 115, 1)],
            "Driver": [fast(shelf, DRIVER, -2, 122, 1)],
        },
        minutes=2,
        kind=MediaType.LOW,
    )
    shown = Rendered(what, shelf, tmp_path)
    assert (shown.film.pace, len(shown.stamps)) == (1, 600)
    assert shown.wrong(0) <= 0.2
    assert shown.wrong(1) <= 0.2
    begun = [moment for moment in beeps(*stamped(shown.path)) if moment > 0.5]
    assert [round(moment) for moment in begun] == list(range(1, 120))
    assert max(abs(moment - round(moment)) for moment in begun) <= 0.04


def test_the_sound_of_a_long_clip_is_opened_once_for_a_minute() -> None:
    clips = {label: [dreamt(label, 0, 600, 1)] for label in ("Road", "Driver")}
    film = planned(trip(clips, minutes=10, kind=MediaType.LOW))
    pieces = [piece for piece in film.audio if piece]
    assert len(pieces) == 10
    assert [len(piece.parts) for piece in pieces] == [1] * 10
    assert pieces[4].parts[0][:2] == (180, 360)


def test_what_a_role_names_is_written_on_the_picture() -> None:
    what = trip(
        {"Road": [dreamt("Road", 0, 60, 1)], "Driver": [dreamt("Driver", 0, 30, 1)]},
        1,
        kind=MediaType.HIGH,
    )
    what.roles = {"input1": "Left mirror"}
    film = planned(what)
    (minute,) = minutes_of(film)
    assert minute.names == ("Road", "Left mirror")
    assert [shown.lines[0] for shown in minute.tiles[1] if shown.lines] == ["Left mirror"]
    assert film.audio_from == "Left mirror"  # chosen as the driver's
