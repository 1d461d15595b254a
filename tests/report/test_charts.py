"""The figures of the speed line and the track."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from support.readings import START, reading

from footage.model import Reading, Window
from footage.report.charts import (
    MAP_HEIGHT,
    MAP_WIDTH,
    MOST_READINGS,
    SpeedLine,
    TrackMap,
    speed_line,
    thinned,
    track_map,
)

SPAN = Window(START, START + timedelta(seconds=100))


def line(*readings: Reading, units: str = "mph") -> SpeedLine:
    found = speed_line(thinned(readings), SPAN, units)
    assert found is not None
    return found


def drawn(*readings: Reading, units: str = "mph") -> TrackMap:
    found = track_map(thinned(readings), units)
    assert found is not None
    return found


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", path)]


def test_a_hole_of_more_than_ten_seconds_is_not_bridged() -> None:
    bridged = line(*(reading(s) for s in (0, 10, 20)))
    assert bridged.path.count("M") == 1
    apart = line(*(reading(s) for s in (0, 10, 20.5, 30)))
    assert apart.path.count("M") == 2
    assert len(drawn(*(reading(s) for s in (0, 10, 20.5, 30))).paths) == 2


def test_speed_has_the_units_of_the_job() -> None:
    fast = [reading(0, speed=0.0), reading(5, speed=20.0)]
    assert (line(*fast).unit, line(*fast).fastest) == ("mph", "45 mph")
    metric = line(*fast, units="kmh")
    assert (metric.unit, metric.fastest) == ("km/h", "72 km/h")
    assert [mark.text for mark in metric.marks] == ["0", "20", "40", "60", "80"]
    assert points(metric.path) == [(0, 100), (50, 10)]


def test_where_the_speed_is_unknown_there_is_no_line() -> None:
    some = [reading(0), reading(2), reading(4, speed=None), reading(6), reading(8)]
    assert line(*some).path.count("M") == 2
    assert speed_line(thinned([reading(0, speed=None)]), SPAN, "mph") is None
    assert speed_line([], SPAN, "mph") is None


def test_the_heading_is_shown_only_while_it_moves() -> None:
    moving = line(reading(0), reading(10), reading(20, speed=0.2), reading(30, heading=None))
    assert [(arrow.percent, arrow.degrees) for arrow in moving.arrows] == [(0, 90), (10, 90)]


def test_of_many_readings_the_fastest_stays() -> None:
    many = [reading(s / 10, speed=10.0) for s in range(MOST_READINGS * 4)]
    many[777] = replace(many[777], speed=33.0)
    many[778] = replace(many[778], speed=0.0)
    (run,) = thinned(many)
    assert len(run) <= MOST_READINGS + 2
    assert {33.0, 0.0} <= {one.speed for one in run}
    assert (run[0], run[-1]) == (many[0], many[-1])


def test_north_is_above_and_both_ways_have_one_scale() -> None:
    track = drawn(reading(0, 40.0, -90.0), reading(5, 40.01, -90.0), reading(10, 40.01, -89.99))
    (south, north, east) = points(track.paths[0])
    assert south[0] == north[0] and south[1] > north[1]
    assert east[0] > north[0] and east[1] == north[1]
    # A degree of longitude is shorter by the cosine of the latitude.
    assert (east[0] - north[0]) / (south[1] - north[1]) == pytest.approx(0.766, abs=0.002)
    assert all(0 <= x <= MAP_WIDTH and 0 <= y <= MAP_HEIGHT for x, y in points(track.paths[0]))


@pytest.mark.parametrize(("units", "text"), [("mph", "1000 ft"), ("kmh", "500 m")])
def test_the_scale_bar_is_as_long_as_it_says(units: str, text: str) -> None:
    track = drawn(reading(0, 40.0, -90.0), reading(5, 40.01, -90.0), units=units)
    metres = {"1000 ft": 304.8, "500 m": 500.0}[text]
    (south, north) = points(track.paths[0])
    assert track.scale_text == text
    assert track.scale == pytest.approx(metres * (south[1] - north[1]) / 1113.2, rel=0.01)


def test_a_track_over_the_antimeridian_stays_together() -> None:
    track = drawn(reading(0, 0.0, 179.999), reading(5, 0.0, -179.999))
    (west, east) = points(track.paths[0])
    assert 0 < west[0] < east[0] < MAP_WIDTH
    assert "180.0000° W" in [one.text for one in track.meridians]


def test_a_vehicle_that_stands_is_a_dot_on_a_map() -> None:
    track = drawn(reading(0), reading(5))
    assert len(set(points(track.paths[0]))) == 1
    assert track.start == track.end == pytest.approx((MAP_WIDTH / 2, MAP_HEIGHT / 2))
    assert track.start_text == "40.00000, -90.00000"
    assert len(track.meridians) >= 2 and len(track.parallels) >= 2
    assert track_map([], "mph") is None
