"""All cameras in one picture: the same moment in every tile, the right sound, nothing invented."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.media import (
    ANALOG,
    DRIVER,
    ROAD,
    START,
    Shelf,
    beeps,
    chapters,
    complaints,
    job,
    packet_sums,
    played,
    stamped,
    starts_at_once,
    window,
)
from support.side_by_sides import DARK, SAME, SideBySide, planned, whole

from footage.errors import FfmpegError, Interrupted
from footage.media import cores, encoder, ffmpeg, probe, render_command
from footage.media.layout import Layout, Tile
from footage.media.mp4 import Chapter
from footage.media.render import Renderer
from footage.model import Job, Window
from simulator.cameras import CameraModel

ROAD_10 = replace(ROAD, fps=10)

DRIVER_10 = replace(DRIVER, fps=10)

ANALOG_10 = replace(ANALOG, fps=10)


def about(stretches: list[tuple[float, float]], *expected: tuple[float, float]) -> bool:
    return len(stretches) == len(expected) and all(
        abs(a - b) <= SAME for one, two in zip(stretches, expected, strict=True)
        for a, b in zip(one, two, strict=True)
    )  # fmt: skip


# --- one clock ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bad_day(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> SideBySide:
    """Two minutes in which hardly any clip is where it was asked for."""
    what = job(
        {
            # Late by 4.37 s; the next begins 3.3 s early and overlaps it; ends early.
            "Road": [
                shelf.clip(ROAD_10, 4.37, 55, window(0)),
                shelf.clip(ROAD_10, 56.7, 50, window(60)),
            ],
            # Early by 4 s and short: a hole of 8.25 s; then whole.
            "Driver": [
                shelf.clip(DRIVER_10, -4, 55.75, window(0)),
                shelf.clip(DRIVER_10, 60, 60, window(60)),
            ],
            # Only the second minute, from a moment between two frames of the film.
            "Analog": [shelf.clip(ANALOG_10, 70.033, 30, window(60))],
        },
        minutes=2,
    )
    return SideBySide(what, shelf, tmp_path_factory.mktemp("bad-day"))


@pytest.mark.long
def test_at_every_instant_all_tiles_show_the_same_time(bad_day: SideBySide) -> None:
    for camera in range(3):
        assert bad_day.same_time(camera)


def test_a_tile_is_dark_exactly_where_its_camera_has_a_gap(bad_day: SideBySide) -> None:
    assert about(bad_day.dark(0), (0, 4.37), (106.7, 120))
    assert about(bad_day.dark(1), (51.75, 60))
    assert about(bad_day.dark(2), (0, 70.033), (100.033, 120))


@pytest.mark.many_cases
@pytest.mark.parametrize("rate", [1, 5])
def test_a_dark_tile_says_so_at_any_rate(shelf: Shelf, tmp_path: Path, rate: int) -> None:
    what = job(
        {
            "Road": [shelf.clip(replace(ROAD, fps=rate), 0, 60, window(0))],
            "Driver": [shelf.clip(replace(DRIVER, fps=rate), 57, 3, window(0))],
        }
    )
    shown = SideBySide(what, shelf, tmp_path)
    written = [shown.tile(number, 1).max() for number in range(57 * rate)]
    assert min(written) > 3 * DARK


def test_the_film_is_as_long_as_asked_to_the_frame(bad_day: SideBySide) -> None:
    assert len(bad_day.stamps) == 2 * 60 * 10
    assert np.allclose(bad_day.stamps, np.arange(1200) / 10, atol=1e-3)
    video = probe.probe(bad_day.path).video
    assert video.rate == 10
    assert video.duration == pytest.approx(120, abs=1e-3)


def test_the_film_plays_everywhere_and_at_once(bad_day: SideBySide) -> None:
    assert complaints(bad_day.path) == ""
    assert starts_at_once(bad_day.path)
    words = ffmpeg.run(["-i", str(bad_day.path), "-f", "ffmetadata", "-"])
    assert words.startswith(";FFMETADATA1")
    assert probe.probe(bad_day.path).video.codec == "h264"


def test_the_sound_is_the_drivers_in_step_and_silent_in_gaps(bad_day: SideBySide) -> None:
    assert bad_day.plan.audio_from == "Driver"
    expected = [n for n in range(120) if not 51.7 < n < 60]
    for found in (beeps(played(bad_day.path), 16_000), beeps(*stamped(bad_day.path))):
        begun = [moment for moment in found if moment > 0.5]
        assert [round(moment) for moment in begun] == expected[1:]
        assert max(abs(moment - round(moment)) for moment in begun) <= 0.04
    sound = np.abs(played(bad_day.path).astype(int))
    assert sound[int(51.9 * 16_000) : int(59.9 * 16_000)].max() < 300


def test_sound_and_picture_end_together(bad_day: SideBySide) -> None:
    tracks = probe.probe(bad_day.path)
    assert tracks.audio is not None
    assert tracks.audio.first == pytest.approx(0, abs=1e-3)
    assert tracks.audio.end == pytest.approx(120, abs=0.03)


# --- rates and sizes ------------------------------------------------------------------------------


def short(
    shelf: Shelf, models: dict[str, CameraModel], seconds: float = 4, start: float = 0
) -> Job:
    """One minute of which there are only a few seconds."""
    return job(
        {label: [shelf.clip(model, start, seconds, window(0))] for label, model in models.items()}
    )


@pytest.mark.long
def test_the_sources_broken_rate_is_kept(shelf: Shelf, tmp_path: Path) -> None:
    rate = 30000 / 1001
    models = {"Road": replace(ROAD, fps=rate), "Driver": replace(DRIVER, fps=rate)}
    shown = SideBySide(short(shelf, models), shelf, tmp_path)
    video = probe.probe(shown.path).video
    assert video.rate == Fraction(30000, 1001)
    assert video.frames == round(60 * rate)
    assert shown.same_time(0)
    assert shown.same_time(1)


@pytest.mark.long
def test_cameras_of_different_rates_run_on_one_clock(shelf: Shelf, tmp_path: Path) -> None:
    models = {"Road": replace(ROAD, fps=25), "Driver": replace(DRIVER, fps=30000 / 1001)}
    models["Analog"] = replace(ANALOG, fps=12)
    shown = SideBySide(short(shelf, models, start=0.21), shelf, tmp_path)
    assert probe.probe(shown.path).video.rate == Fraction(30000, 1001)
    assert all(shown.same_time(camera) for camera in range(3))


@pytest.mark.long
def test_more_than_thirty_frames_a_second_are_made_thirty(shelf: Shelf, tmp_path: Path) -> None:
    models = {"Road": replace(ROAD, fps=60), "Driver": DRIVER_10}
    shown = SideBySide(short(shelf, models), shelf, tmp_path)
    assert probe.probe(shown.path).video.rate == 30
    assert len(shown.stamps) == 1800
    assert shown.same_time(0)


def test_slow_cameras_make_no_faster_film(shelf: Shelf, tmp_path: Path) -> None:
    shown = SideBySide(short(shelf, {"Road": ROAD, "Driver": DRIVER}), shelf, tmp_path)
    assert probe.probe(shown.path).video.rate == 5
    assert len(shown.stamps) == 300


def test_a_camera_of_one_frame_a_second_still_makes_a_film(shelf: Shelf, tmp_path: Path) -> None:
    models = {"Road": replace(ROAD, fps=1), "Driver": replace(DRIVER, fps=1)}
    shown = SideBySide(short(shelf, models, seconds=1), shelf, tmp_path)
    assert len(shown.stamps) == 60
    assert about(shown.dark(0), (1, 60))


def test_a_clip_of_another_size_fills_its_cameras_tile(shelf: Shelf, tmp_path: Path) -> None:
    what = job(
        {
            "Road": [
                shelf.clip(ROAD, 0, 3, window(0)),
                shelf.clip(replace(ROAD, width=320, height=240, fps=10), 60, 3, window(60)),
            ],
            "Driver": [
                shelf.clip(DRIVER, 0, 3, window(0)),
                shelf.clip(DRIVER, 60, 3, window(60)),
            ],
        },
        minutes=2,
    )
    shown = SideBySide(what, shelf, tmp_path)
    assert about(shown.dark(0), (3, 60), (63, 120))


@pytest.mark.many_cases
@pytest.mark.parametrize(("count", "size"), [(2, (320, 120)), (4, (320, 240)), (6, (480, 240))])
def test_two_to_six_cameras_stand_in_order(
    shelf: Shelf, tmp_path: Path, count: int, size: tuple[int, int]
) -> None:
    models = {
        f"Camera {n}": replace(ANALOG, number=n, label=f"Camera {n}") for n in range(1, count + 1)
    }
    shown = SideBySide(short(shelf, models, seconds=2), shelf, tmp_path)
    assert (shown.layout.width, shown.layout.height) == size
    for camera in range(count):
        assert about(shown.dark(camera), (2, 60))


@pytest.mark.long
def test_another_layout_needs_no_other_change(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = Layout(200, 280, (Tile(0, 0, 160, 120), Tile(40, 130, 160, 120)))
    monkeypatch.setattr("footage.media.render_plan.make_layout", lambda *_: below)
    what = short(shelf, {"Road": ROAD, "Driver": DRIVER}, seconds=2)
    shown = SideBySide(what, shelf, tmp_path, with_labels=True)
    assert shown.layout == below
    for camera in range(2):
        assert shown.same_time(camera)
        assert about(shown.dark(camera), (2, 60))


def test_a_clip_with_a_damaged_end_goes_dark(shelf: Shelf, tmp_path: Path) -> None:
    whole = shelf.clip(replace(ROAD, fps=15), 0, 4, window(0))
    damaged = shelf.changed(whole, "-t", "2")
    # Its index promises four seconds, of which two are there.
    damaged = replace(damaged, tracks=whole.tracks)
    what = job(
        {"Road": [damaged], "Driver": [shelf.clip(replace(DRIVER, fps=15), 0, 4, window(0))]}
    )
    # The last picture bridges no more than it would a hole between two clips.
    begin, end = SideBySide(what, shelf, tmp_path).dark(0)[0]
    assert 2 <= begin <= 2.14
    assert end == pytest.approx(60)


def test_without_any_sound_the_film_has_none(shelf: Shelf, tmp_path: Path) -> None:
    models = {"Road": replace(ROAD, sound=False), "Analog": replace(ANALOG, number=2)}
    shown = SideBySide(short(shelf, models), shelf, tmp_path)
    assert probe.probe(shown.path).audio is None


# --- labels ---------------------------------------------------------------------------------------

NAMES = ["Truck 42", "../../O'Brien: 7?", "100%{pts}\\: [a];b,c", "Łódź 卡车 🚚", "x" * 200]


@pytest.mark.many_cases
@pytest.mark.parametrize("name", NAMES)
def test_clock_and_names_are_shown_for_any_vehicle_name(
    shelf: Shelf, tmp_path: Path, name: str
) -> None:
    clips = {
        "Road": [shelf.clip(ROAD, 0, 4, window(0))],
        "Driver": [shelf.clip(DRIVER, 0, 4, window(0))],
    }
    what = job(clips, name=name)
    bare, labelled = tmp_path / "bare", tmp_path / "labelled"
    without = SideBySide(what, shelf, bare)
    with_labels = SideBySide(what, shelf, labelled, with_labels=True)
    moved = with_labels.pictures[:20].astype(int) - without.pictures[:20].astype(int)
    changed = np.abs(moved).mean(axis=0)
    line = 18  # what one line of letters of 11 pixels takes
    assert changed[:line, :100].max() > 60  # the clock
    for tile in with_labels.layout.tiles:
        assert changed[line : 2 * line, tile.x : tile.x + 20].max() > 50  # the camera
    assert changed[3 * line :].max() < 25  # and nothing else
    # What lies under the labels still shows the right time.
    assert with_labels.same_time(0)


def test_the_clock_changes_with_the_second_and_only_then(shelf: Shelf, tmp_path: Path) -> None:
    what = short(
        shelf,
        {"Road": replace(ROAD, fps=15), "Driver": replace(DRIVER, fps=15)},
        seconds=1,
        start=30,
    )
    shown = SideBySide(what, shelf, tmp_path, with_labels=True)
    corner = shown.pictures[:, :18, :130].astype(int)
    for number in range(1, len(shown.stamps)):
        if not 29.9 < shown.stamps[number] < 31.2:  # there the picture beneath moves
            changed = np.abs(corner[number] - corner[number - 1]).max() > 60
            assert changed == (number % 15 == 0), shown.stamps[number]


# --- rendering ------------------------------------------------------------------------------------


@pytest.fixture
def two_minutes(shelf: Shelf) -> Job:
    clips = {
        label: [shelf.clip(model, 60 * n, 3, window(60 * n)) for n in range(2)]
        for label, model in (("Road", ROAD), ("Driver", DRIVER))
    }
    return job(clips, minutes=2)


@pytest.mark.parametrize("at_once", [1, 2])
def test_minutes_are_rendered_each_once(
    two_minutes: Job, shelf: Shelf, tmp_path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cores, "minutes_at_once", lambda waiting: min(at_once, len(waiting)))
    film = planned(two_minutes)
    told: list[float] = []
    renderer = Renderer(shelf.folder, tmp_path / "work", threading.Event())
    steps = 0
    while renderer.render_next(film, told.append):
        steps += 1
    assert steps == 2 / at_once  # the sound comes with the pictures
    assert told == sorted(told)
    assert told[-1] == pytest.approx(120, abs=1)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "work").iterdir()}
    # Another process goes on where this one was.
    again = Renderer(shelf.folder, tmp_path / "work", threading.Event())
    assert not again.render_next(film)
    assert before == {p.name: p.stat().st_mtime_ns for p in (tmp_path / "work").iterdir()}


def test_the_folder_of_minutes_is_read_once(
    two_minutes: Job, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    glob = Path.glob

    def watched(folder: Path, pattern: str) -> Iterator[Path]:
        read.append(folder)
        return glob(folder, pattern)

    monkeypatch.setattr(Path, "glob", watched)
    renderer = Renderer(shelf.folder, tmp_path / "work", threading.Event())
    renderer.finish(planned(two_minutes), tmp_path / "film.mp4", [])
    assert read.count(tmp_path / "work") == 1


def test_a_damaged_minute_is_rendered_again(two_minutes: Job, shelf: Shelf, tmp_path: Path) -> None:
    film = planned(two_minutes)
    Renderer(shelf.folder, tmp_path / "work", threading.Event()).finish(
        film, tmp_path / "first.mp4", []
    )
    renderer = Renderer(shelf.folder, tmp_path / "work", threading.Event())
    while renderer.render_next(film):
        pass
    damaged = sorted((tmp_path / "work").glob("picture-0001-*"))[0]
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 0xFF
    damaged.write_bytes(data)
    again = Renderer(shelf.folder, tmp_path / "work", threading.Event())
    assert again.render_next(film)
    assert not again.render_next(film)
    again.finish(film, tmp_path / "second.mp4", [])
    assert packet_sums(tmp_path / "first.mp4") == packet_sums(tmp_path / "second.mp4")


def test_chapters_are_kept(two_minutes: Job, shelf: Shelf, tmp_path: Path) -> None:
    marks = [Chapter(0, 60, "07:30 = #1; ok"), Chapter(60, 120, "07:31 Łódź")]
    shown = SideBySide(two_minutes, shelf, tmp_path, chapters=marks, every=60)
    assert [(begin, end) for begin, end, _ in chapters(shown.path)] == [(0, 60), (60, 120)]
    assert chapters(shown.path)[1][2] == "07:31 Łódź"


def test_a_stop_leaves_no_half_minute(two_minutes: Job, shelf: Shelf, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    renderer = Renderer(shelf.folder, tmp_path / "work", stop)
    with pytest.raises(Interrupted):
        renderer.render_next(planned(two_minutes))
    assert not [path for path in (tmp_path / "work").rglob("*") if path.suffix == ".mp4"]
    assert not list((tmp_path / "work").rglob("*.part"))


def test_a_missing_clip_is_an_error_and_leaves_no_minute(two_minutes: Job, tmp_path: Path) -> None:
    renderer = Renderer(tmp_path / "nowhere", tmp_path / "work", threading.Event())
    with pytest.raises(FfmpegError):
        renderer.render_next(planned(two_minutes))
    assert not list((tmp_path / "work").glob("*.part"))


def test_a_film_that_is_not_all_settled_is_not_joined(shelf: Shelf, tmp_path: Path) -> None:
    what = job(
        {"Road": whole("R", 0, 1), "Driver": whole("D", 0)}, minutes=2, awaited=[("Driver", 1)]
    )
    renderer = Renderer(shelf.folder, tmp_path / "work", threading.Event())
    with pytest.raises(ValueError, match="settled"):
        renderer.finish(planned(what), tmp_path / "film.mp4", [])


def test_the_folder_may_be_called_anything(two_minutes: Job, shelf: Shelf, tmp_path: Path) -> None:
    folder = tmp_path / "Kim's 100% %03d [a],b;c\\ Łódź" / "work"
    film = planned(two_minutes)
    Renderer(shelf.folder, folder, threading.Event()).finish(film, folder.parent / "film.mp4", [])
    assert probe.probe(folder.parent / "film.mp4").video.frames == 600


def test_the_command_is_the_same_for_the_same_minute(
    two_minutes: Job, shelf: Shelf, tmp_path: Path
) -> None:
    minute = planned(two_minutes).minutes[0]
    assert minute is not None
    one = render_command.command(minute, shelf.folder, tmp_path)
    assert one == render_command.command(minute, shelf.folder, tmp_path)
    begin = one[0].index("-c:v")
    assert (
        tuple(one[0][begin : begin + len(encoder.SIDE_BY_SIDE[encoder.CURRENT])])
        == encoder.SIDE_BY_SIDE[encoder.CURRENT]
    )
    assert minute.seconds == 60
    assert Window(START, START + timedelta(seconds=minute.seconds)) == window(0)


def test_how_it_is_made_names_files_and_no_folder(
    two_minutes: Job, shelf: Shelf, tmp_path: Path
) -> None:
    text = Renderer(shelf.folder, tmp_path, threading.Event()).process(planned(two_minutes))
    settings = shlex.join(encoder.SIDE_BY_SIDE[encoder.CURRENT])
    assert text.startswith(f"2 minutes rendered by ffmpeg {ffmpeg.check()} and joined by copying")
    assert settings in text and "-filter_complex" in text
    names = [shlex.quote(f.path.name) for c in two_minutes.cameras for f in two_minutes.clips(c)]
    assert any(f"-i {name} " in text for name in names)
    assert str(tmp_path) not in text and str(shelf.folder) not in text
    assert not list(tmp_path.iterdir())
