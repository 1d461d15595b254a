"""Low-res, hyperlapse and stills from end to end, read back from the finished files."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from PIL import Image
from support.media import chapters
from support.pictures import clocks, frames, plays, tile_clock
from support.runs import ANALOG, DRIVER, FPS, HEIGHT, ROAD, START, WIDTH, Bench

from footage.job.journal import read
from footage.media import contact_sheet, stills
from footage.media.layout import Tile
from footage.system.timezones import zone
from simulator import OnClip, Simulator, cameras
from simulator.footage import read_clock

WHEN = "Truck 42_2025-04-16_13-30-00"
MINUTE = timedelta(minutes=1)


def asked_of(sim: Simulator, camera: str) -> list[tuple[float, float]]:
    """Start and end, in seconds after START, of what was asked of one camera."""
    return [
        ((a.start - START).total_seconds(), (a.end - START).total_seconds())
        for a in sim.retrievals
        if a.inputs == (camera,)
    ]


# --- low-res --------------------------------------------------------------------------------------


@pytest.mark.long
def test_low_res_comes_in_pieces_of_ten_minutes_and_is_merged(bench: Bench) -> None:
    one_a_second = cameras(width=WIDTH, height=HEIGHT, fps=1, sound=False)
    with bench.cloud(cameras=one_a_second) as sim:
        ran = bench.run(sim, "--media=low", minutes=12, cameras="road,driver")
    assert ran.status == 0, ran.out
    assert asked_of(sim, ROAD) == [(0, 600), (600, 720)]
    assert {a.media_type for a in sim.retrievals} == {"videoLowRes"}
    merge = ran.videos / f"Road_Merged_{WHEN}_12min_low.mp4"
    assert plays(merge)
    assert len(chapters(merge)) == 12  # one a minute, though there are two files
    at, _, title = chapters(merge)[11]
    assert at == pytest.approx(660, abs=0.3)
    assert title == "04/16/2025 13:41:00 CDT"
    assert f"SideBySide_Merged_{WHEN}_12min_low.mp4" in ran.names
    assert "low-res" in ran.out


@pytest.mark.long
def test_a_window_refused_as_too_long_is_cut_once_for_all(
    bench: Bench,
) -> None:
    with bench.cloud(longest={"videoLowRes": 60}) as sim:
        ran = bench.run(sim, "--media=low", minutes=3, cameras="road")
        assert ran.status == 0, ran.out
        refused = [call for call in sim.posts() if call.status == 400]
        assert len(refused) == 1
        assert asked_of(sim, ROAD) == [(0, 60), (60, 120), (120, 180)]
        assert ran.journal["longest"] == 60
        # Another job of this vehicle and kind begins with what was learned.
        again = bench.run(sim, "--media=low", minutes=2, cameras="driver")
        assert again.status == 0, again.out
        assert len([call for call in sim.posts() if call.status == 400]) == 1


# --- hyperlapse -----------------------------------------------------------------------------------


@pytest.mark.long
def test_a_hyperlapse_shows_the_true_time_throughout(bench: Bench) -> None:
    """Two cameras of different speed: merges keep theirs, the side-by-side brings them together."""
    with bench.cloud(OnClip("pace", 20.0, camera=DRIVER), hyperlapse_factor=30.0) as sim:
        ran = bench.run(sim, "--media=hyperlapse", minutes=50, cameras="road,driver")
    assert ran.status == 0, ran.out
    assert asked_of(sim, ROAD) == [(0, 2400), (2400, 3000)]
    merge = ran.videos / f"Road_Merged_{WHEN}_50min_hyperlapse.mp4"
    seen = clocks(merge)
    assert len(seen) == pytest.approx(3000 / 30 * FPS, abs=2)
    assert seen[0] == START
    assert seen[-1] == START + timedelta(seconds=3000 - 30 / FPS)
    at, _, title = next(c for c in chapters(merge) if "13:50:00" in c[2])
    assert at == pytest.approx(20 * 60 / 30, abs=0.2), title

    side = ran.videos / f"SideBySide_Merged_{WHEN}_50min_hyperlapse.mp4"
    film = frames(side, 2 * WIDTH, HEIGHT)
    assert len(film) == pytest.approx(3000 / 20 * FPS, abs=2)  # at the slower camera's speed
    tiles = [Tile(0, 0, WIDTH, HEIGHT), Tile(WIDTH, 0, WIDTH, HEIGHT)]
    unread = 0
    for number in range(0, len(film), 7):
        on_tiles = [tile_clock(film[number], tile) for tile in tiles]
        if None in on_tiles:
            unread += 1
            continue
        now = START + timedelta(seconds=number * 20 / FPS)
        for clock in on_tiles:
            assert clock is not None
            assert abs((clock[1] - now).total_seconds()) <= 30 / FPS + 0.1
    assert unread <= 2
    assert abs(chapters(side)[-1][0] - 150) < 5


# --- stills ---------------------------------------------------------------------------------------


def test_stills_come_at_even_distances_with_one_contact_sheet(bench: Bench) -> None:
    with bench.cloud(OnClip("unavailable", camera=DRIVER, at=1)) as sim:
        ran = bench.run(sim, "--media=image", "--every=30", minutes=2, cameras="road,driver")
    assert ran.status == 3, ran.out
    assert asked_of(sim, ROAD) == [(0, 0), (30, 30), (60, 60), (90, 90)]
    assert {name for name in ran.names if name.startswith("Road_")} == {
        f"Road_Image_Truck 42_2025-04-16_{clock}.jpg"
        for clock in ("13-30-00", "13-30-30", "13-31-00", "13-31-30")
    }
    assert ran.lines_with("Missing: Driver 13:31:00, the camera has no footage of it")
    still = ran.videos / "Road_Image_Truck 42_2025-04-16_13-30-30.jpg"
    with Image.open(still) as picture:
        clock = read_clock(np.asarray(picture.convert("L")))
    assert clock == (1, START + timedelta(seconds=30))
    sheet = ran.videos / f"ContactSheet_{WHEN}_2min.jpg"
    with Image.open(sheet) as picture:
        picture.load()
        assert picture.height > 4 * HEIGHT
    assert not [name for name in ran.names if name.endswith(".mp4")]
    assert "8 requests, 0.8 s of quota" in ran.out


def test_one_moment_is_asked_for_with_a_duration_of_nothing(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, "--media=image", minutes=0)
    assert ran.status == 0, ran.out
    assert [(a.inputs[0], a.start, a.end) for a in sim.retrievals] == [
        (name, START, START) for name in (ROAD, DRIVER, ANALOG)
    ]
    assert f"ContactSheet_{WHEN}_0min.jpg" in ran.names


@pytest.mark.parametrize("kind", ["html", "garbage", "truncate", "late", "expire"])
def test_stills_have_bad_days_too(bench: Bench, kind: str) -> None:
    value = {"late": 0.3, "expire": 0.0}.get(kind)
    with bench.cloud(OnClip(kind, value, camera=ROAD, times=1)) as sim:
        ran = bench.run(sim, "--media=image", minutes=1, cameras="road")
    assert ran.status == 0, ran.out
    (still,) = ran.videos.glob("Road_Image_*.jpg")
    assert stills.probe(still).video.width == WIDTH
    assert contact_sheet.fingerprint(read(next(ran.logs.glob("request_ids_*"))), (), zone(""))


def test_a_still_of_another_moment_keeps_its_row_and_true_time(bench: Bench) -> None:
    with bench.cloud(OnClip("shift", 7.0, camera=ROAD)) as sim:
        ran = bench.run(sim, "--media=image", minutes=1, cameras="road")
    assert ran.status == 0, ran.out
    assert ran.lines_with("Road 13:30:00 begins 7.0 s later than asked")
    assert "Road_Image_Truck 42_2025-04-16_13-30-00.jpg" in ran.names


# --- what is said beforehand ----------------------------------------------------------------------


def test_a_long_job_names_the_alternatives_in_one_line(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, "--max-wait=0", minutes=11, cameras="road")
    (line,) = ran.lines_with("--media low")
    assert "11 requests" in line
    assert "--media hyperlapse" in line
    with bench.cloud() as sim:
        ran = bench.run(sim, "--max-wait=0", "--no-reuse", minutes=10, cameras="road")
    assert not ran.lines_with("--media low")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--media=timelapse"], "Samsara has no timelapse footage"),
        (["--media=low", "--every=5"], "--every is for pictures"),
        (["--minutes=0"], "--minutes 0 is one moment"),
        (["--asset=Trailer"], "use --vehicle"),
        (["--units=knots"], "--units"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    bench: Bench, options: list[str], words: str
) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, *options)
    assert ran.status == 2
    assert len(ran.lines) == 1
    assert words in ran.out
    assert sim.calls == []
