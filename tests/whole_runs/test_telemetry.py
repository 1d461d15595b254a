"""The vehicle's speed and place on the picture and in the GPX file, from end to end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.pictures import frames, likeness
from support.runs import FPS, ONE_MINUTE, START, Bench, of_motive

from footage.model import Reading
from footage.telemetry import readings_file
from footage.telemetry.overlay_text import overlay_texts
from simulator import TRUCKS, OnCall, cameras, drive

WIDE, HIGH = 480, 240
LARGE = cameras(width=WIDE, height=HIGH, fps=FPS, sound=False)
WHEN = "Truck 42_2025-04-16_13-30-00"
GPX = "{http://www.topografix.com/GPX/1/1}"


def truth(second: float, units: str = "mph") -> str:
    """What should stand on the picture so many seconds after START."""
    moment = START + timedelta(seconds=second)
    fix = drive.at(TRUCKS[0].id, moment)
    reading = Reading(moment, fix.latitude, fix.longitude, fix.speed, fix.heading, fix.place)
    return overlay_texts([reading], [moment], units)[0]


def shown(videos: Path, second: int, candidates: list[str]) -> str:
    """Which of the texts stands beside the clock."""
    film = frames(next(videos.glob("SideBySide_*")), 2 * WIDE, HIGH)
    clock = f"04/16/2025 13:{30 + second // 60}:{second % 60:02} CDT   Truck 42   "
    return max(candidates, key=lambda text: likeness(film[second * FPS + 1], clock + text, HIGH))


@pytest.mark.many_cases
@pytest.mark.parametrize("units", ["mph", "kmh"])
def test_speed_and_place_stand_beside_the_clock(bench: Bench, units: str) -> None:
    hole = (START + timedelta(seconds=20), START + timedelta(seconds=45))
    with bench.cloud(cameras=LARGE, gps_holes=[hole]) as sim:
        ran = bench.run(sim, f"--units={units}", minutes=1, cameras="road,driver", telemetry=True)
        assert ran.status == 0, ran.out
    candidates = [truth(second, units) for second in range(60)] + ["no GPS", "99 mph W"]
    for second in (5, 15, 50):
        assert shown(ran.videos, second, candidates) == truth(second, units)
    for second in (25, 35, 40):
        assert shown(ran.videos, second, candidates) == "no GPS"


def test_the_track_is_a_gpx_file_in_utc(bench: Bench) -> None:
    hole = (START + timedelta(seconds=20), START + timedelta(seconds=45))
    with bench.cloud(gps_holes=[hole]) as sim:
        ran = bench.run(sim, minutes=1, cameras="road", telemetry=True)
        assert ran.status == 0, ran.out
    root = ElementTree.parse(ran.videos / f"Track_{WHEN}_1min.gpx").getroot()  # noqa: S314
    assert (root.tag, root.attrib["version"]) == (f"{GPX}gpx", "1.1")
    segments = root.findall(f"{GPX}trk/{GPX}trkseg")
    assert len(segments) == 2  # before and after the hole
    points = [point for segment in segments for point in segment]
    assert 30 <= len(points) <= 37
    first = points[0]
    assert first.findtext(f"{GPX}time") == "2025-04-16T18:30:00Z"
    fix = drive.at(TRUCKS[0].id, START)
    assert float(first.attrib["lat"]) == pytest.approx(fix.latitude, abs=1e-5)
    assert float(first.attrib["lon"]) == pytest.approx(fix.longitude, abs=1e-5)


@pytest.mark.many_cases
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"gps_enabled": False, "stream_enabled": False}, "Read Vehicle Statistics"),
        ({"bad": [OnCall("error", "stats"), OnCall("error", "stream")]}, "No speed and place"),
    ],
)
def test_without_permission_it_says_so_and_goes_on(
    bench: Bench, options: dict[str, Any], words: str
) -> None:
    bad = options.pop("bad", ())
    with bench.cloud(*bad, cameras=LARGE, **options) as sim:
        ran = bench.run(sim, minutes=1, cameras="road,driver", telemetry=True)
    assert ran.status == 0, ran.out
    assert len(ran.lines_with(words)) == 1
    assert not [name for name in ran.names if name.endswith(".gpx")]
    # What is not known is not shown; least of all as a lack of GPS.
    assert shown(ran.videos, 10, ["", "no GPS", truth(10)]) == ""


# A job at 03:30 UTC, of whose day Motive's zone may make another, and with whatever unit it tells.
@of_motive
@pytest.mark.parametrize("style", [{}, {"track_units": "mph"}, {"track_day": "company"}])
def test_motives_own_track_is_shown_as_well(bench: Bench, style: dict[str, Any]) -> None:
    begin = START + timedelta(hours=9)
    hole = (begin + timedelta(seconds=30), begin + timedelta(seconds=55))
    told = replace(ONE_MINUTE, **style)
    with bench.cloud(start=begin, gps_holes=[hole], motive=told) as sim:
        start = "04/16/2025 22:30"
        ran = bench.run(sim, minutes=1, cameras="road", telemetry=True, start=start)
    assert ran.status == 0, ran.out
    (kept,) = ran.logs.glob("telemetry_*")
    readings = readings_file.load(kept)
    assert len(readings) > 8
    for one in readings:
        fix = drive.at(TRUCKS[0].id, one.time)
        assert one.speed == pytest.approx(fix.speed, rel=0.001)
        assert one.latitude == pytest.approx(fix.latitude, abs=1e-6)
        assert one.place == fix.place
    (track,) = ran.videos.glob("Track_*.gpx")
    assert len(ElementTree.parse(track).getroot().findall(f"{GPX}trk/{GPX}trkseg")) == 2  # noqa: S314


@of_motive
def test_without_motives_permission_it_goes_on(bench: Bench) -> None:
    with bench.cloud(gps_enabled=False) as sim:
        ran = bench.run(sim, minutes=1, cameras="road", telemetry=True)
    assert ran.status == 0, ran.out
    assert len(ran.lines_with("No permission for the vehicle's locations")) == 1
    assert not list(ran.videos.glob("*.gpx"))


def test_without_the_finer_track_the_history_does(bench: Bench) -> None:
    with bench.cloud(stream_enabled=False) as sim:
        ran = bench.run(sim, minutes=1, cameras="road", telemetry=True)
    assert ran.status == 0, ran.out
    assert f"Track_{WHEN}_1min.gpx" in ran.names
    assert not ran.lines_with("No speed")


def test_none_is_asked_for_where_none_is_wanted(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, minutes=1, telemetry=False)
    assert ran.status == 0
    assert not [call for call in sim.calls if call.endpoint in ("stats", "stream")]
    assert not [name for name in ran.names if name.endswith(".gpx")]
    assert not list(ran.logs.glob("telemetry_*"))
