"""The time zone rules names, labels and summary: odd offsets, and clocks put on and back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from support.pictures import frames, likeness, tile_clock, titles
from support.runs import FPS, Bench, of_each_provider

from footage.media.layout import Tile
from simulator import cameras

MINUTE = timedelta(minutes=1)
CHICAGO = "America/Chicago"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@of_each_provider
@pytest.mark.parametrize(
    ("zone", "start", "begins", "name", "clock"),
    [
        ("Asia/Kolkata", "04/16/2025 13:30", "2025-04-16T08:00", "13-30-00", "13:30:00 IST"),
        ("Asia/Kathmandu", "04/16/2025 00:10", "2025-04-15T18:25", "00-10-00", "UTC+05:45"),
        ("Australia/Adelaide", "04/16/2025 13:30", "2025-04-16T04:00", "13-30-00", "ACST"),
    ],
)
def test_zones_with_odd_offsets(
    bench: Bench, zone: str, start: str, begins: str, name: str, clock: str
) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, start=start, timezone=zone, cameras="road")
        assert ran.status == 0, ran.out
        assert bench.asked(sim) == [utc(begins)]
    day = "-".join([start[6:10], start[0:2], start[3:5]])
    merge = ran.videos / f"Road_Merged_Truck 42_{day}_{name}_1min.mp4"
    assert merge.name in ran.names
    (title,) = titles(merge)
    assert clock in title
    assert clock.split()[-1] in ran.out


@pytest.mark.long
@of_each_provider
def test_the_night_the_clocks_are_put_forward(bench: Bench) -> None:
    """From 01:58 for four minutes: 01:59 CST is followed by 03:00 CDT, and nothing is missing."""
    with bench.cloud() as sim:
        ran = bench.run(sim, start="03/09/2025 01:58", minutes=4, cameras="road", timezone=CHICAGO)
        assert ran.status == 0, ran.out
        begins = utc("2025-03-09T07:58")
        assert bench.asked(sim) == [begins + n * MINUTE for n in range(4)]
    assert sorted(name for name in ran.names if "VideoClip" in name) == [
        f"Road_VideoClip_Truck 42_2025-03-09_{clock}.mp4"
        for clock in ("01-58-00", "01-59-00", "03-00-00", "03-01-00")
    ]
    assert titles(ran.videos / "Road_Merged_Truck 42_2025-03-09_01-58-00_4min.mp4") == [
        *("03/09/2025 01:58:00 CST", "03/09/2025 01:59:00 CST"),
        *("03/09/2025 03:00:00 CDT", "03/09/2025 03:01:00 CDT"),
    ]
    assert "Sun 9 Mar 2025, 1:58:00 AM CST   4 min" in ran.out
    assert "Missing" not in ran.out


@pytest.mark.long
@of_each_provider
def test_the_night_the_clocks_are_put_back_keeps_hours_apart(
    bench: Bench,
) -> None:
    """From 01:58 of the first hour for four minutes: 01:59 CDT is followed by 01:00 CST."""
    with bench.cloud() as sim:
        ran = bench.run(
            sim,
            start="11/02/2025 01:58 CDT",
            minutes=4,
            cameras="road,driver",
            timezone=CHICAGO,
        )
        assert ran.status == 0, ran.out
        begins = utc("2025-11-02T06:58")
        assert bench.asked(sim) == [begins + n * MINUTE for n in range(4)]
    when = "11/02/2025"
    for label in ("Road", "Driver"):
        assert sorted(name for name in ran.names if name.startswith(f"{label}_VideoClip")) == [
            f"{label}_VideoClip_Truck 42_2025-11-02_{clock}.mp4"
            for clock in (
                *("01-00-00_UTC-0600", "01-01-00_UTC-0600"),
                *("01-58-00_UTC-0500", "01-59-00_UTC-0500"),
            )
        ]
        merge = f"{label}_Merged_Truck 42_2025-11-02_01-58-00_UTC-0500_4min.mp4"
        assert titles(ran.videos / merge) == [
            *(f"{when} 01:58:00 CDT", f"{when} 01:59:00 CDT"),
            *(f"{when} 01:00:00 CST", f"{when} 01:01:00 CST"),
        ]
    assert "SideBySide_Merged_Truck 42_2025-11-02_01-58-00_UTC-0500_4min.mp4" in ran.names
    assert "Sun 2 Nov 2025, 1:58:00 AM CDT   4 min" in ran.out


@of_each_provider
def test_the_running_clock_goes_from_one_zone_to_the_other(bench: Bench) -> None:
    """01:59 CDT to 01:01 CST: the label on the picture, and what the camera filmed under it."""
    wide, high = 320, 240
    with bench.cloud(cameras=cameras(width=wide, height=high, fps=FPS, sound=False)) as sim:
        ran = bench.run(
            sim,
            start="11/02/2025 01:59 CDT",
            minutes=2,
            cameras="road,driver",
            timezone=CHICAGO,
        )
        assert ran.status == 0, ran.out
    film = frames(next(ran.videos.glob("SideBySide_*")), 2 * wide, high)
    for second, text in (
        (30, "11/02/2025 01:59:30 CDT"),
        (59, "11/02/2025 01:59:59 CDT"),
        (60, "11/02/2025 01:00:00 CST"),
        (90, "11/02/2025 01:00:30 CST"),
    ):
        frame = film[second * FPS + 1]
        others = [text.replace("CDT", "CST"), text.replace("CST", "CDT")]
        others += [text.replace(":30 ", ":31 "), text.replace(":00 ", ":01 "), "no GPS"]
        assert text == max([text, *others], key=lambda words: likeness(frame, words, high))
        clock = tile_clock(frame, Tile(wide, 0, wide, high))
        assert clock is not None
        assert (
            abs(
                (
                    clock[1] - utc("2025-11-02T06:59") - timedelta(seconds=second + 1 / FPS)
                ).total_seconds()
            )
            < 0.11
        )


@of_each_provider
def test_without_a_hint_the_repeated_hour_is_asked_about(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, start="11/02/2025 01:30", timezone=CHICAGO)
        assert ran.status == 2
        assert "was there twice" in ran.out
        assert sim.posts() == []
