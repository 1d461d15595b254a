"""Speed and place as the Motive client fetches them: from a scripted server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.motive import START, TRUCK
from support.scripted import Answer, FakeTime, ScriptedServer, says

from footage.errors import RequestRefused, TransientError
from footage.model import Vehicle, Window
from footage.telemetry import motive_track
from footage.telemetry.motive_track import KMH, MPH, read_points, unit_of
from MotiveAPI import MotiveAPI

SPAN = Window(START, START + timedelta(minutes=1))
PATH = f"/v1/vehicle_locations/{TRUCK.id}"
NORTH = 360 / (2 * math.pi * 6_371_000)  # degrees in a metre


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def point(seconds: float, speed: object = 72, metres: float | None = None, **more: object) -> Any:
    """It goes north by 20 m in a second, which are 72 km/h, unless told otherwise."""
    north = 20 * seconds if metres is None else metres
    location = {
        "located_at": at(seconds),
        "lat": 40 + north * NORTH,
        "lon": -90.0,
        "bearing": 360.0,
        "speed": speed,
        "description": "2 mi N of\n Springfield, IL",
        **more,
    }
    return {"vehicle_location": location}


def day(*points: object) -> Answer:
    return says(200, {"vehicle_locations": list(points)})


def dates(server: ScriptedServer) -> list[str]:
    return [query["date"][0] for query in server.queries(PATH)]


def test_the_readings_of_a_day_become_those_of_the_job(
    motive: MotiveAPI, server: ScriptedServer
) -> None:
    server.paths[PATH] = [day(*(point(seconds) for seconds in range(200, -60, -5)))]
    readings = motive.readings(TRUCK, SPAN)
    assert [(one.time - START).total_seconds() for one in readings] == list(range(-10, 75, 5))
    first = readings[0]
    assert first.speed == pytest.approx(20.0)
    assert (first.heading, first.place) == (0.0, "2 mi N of Springfield, IL")
    assert dates(server) == ["2025-03-01"]
    (_, _, headers, _) = server.asked[0]
    assert headers["X-Metric-Units"] == "true"


def test_a_day_may_be_one_of_the_companys_zone(motive: MotiveAPI, server: ScriptedServer) -> None:
    server.paths[PATH] = [day(point(30)), day(point(0), point(-20))]
    assert len(motive.readings(TRUCK, SPAN)) == 2
    assert dates(server) == ["2025-03-01", "2025-02-28"]


def test_a_job_over_midnight_is_of_two_days(motive: MotiveAPI, server: ScriptedServer) -> None:
    midnight = datetime(2025, 3, 2, tzinfo=START.tzinfo)
    span = Window(midnight - timedelta(seconds=5), midnight + timedelta(seconds=50))
    server.paths[PATH] = [day(point((midnight - START).total_seconds() - 60)), day()]
    motive.readings(TRUCK, span)
    assert dates(server) == ["2025-03-01", "2025-03-02"]


@pytest.mark.parametrize(
    "body",
    [
        {"location_histories": [{"location_history": point(9)["vehicle_location"]}]},
        {"data": [point(9)["vehicle_location"]]},
        {"locations": [{"location": point(9)["vehicle_location"]}], "pagination": {"total": 1}},
    ],
)
def test_the_likely_envelopes_are_understood(
    motive: MotiveAPI, server: ScriptedServer, body: object
) -> None:
    server.paths[PATH] = [says(200, body)]
    assert len(motive.readings(TRUCK, SPAN)) == 1


def test_pages_are_followed_where_there_are_any(motive: MotiveAPI, server: ScriptedServer) -> None:
    paging = {"total": 3}
    server.paths[PATH] = [
        says(200, {"vehicle_locations": [point(-30), point(5)], "pagination": paging}),
        says(200, {"vehicle_locations": [point(10)], "pagination": paging}),
    ]
    assert len(motive.readings(TRUCK, SPAN)) == 2


def test_what_is_no_reading_is_left_out() -> None:
    odd = [
        7, None, {}, {"vehicle_location": None}, point(1, located_at="soon"), point(1, lat=91),
        point(1, lon=None), point(1, lat=0, lon=0), point(1, lat="40"),
    ]  # fmt: skip
    (only,) = read_points([*odd, point(2, "fast", bearing="N", description=5)])
    assert (only.speed, only.reading.heading, only.reading.place) == (None, None, "5")


@pytest.mark.parametrize(
    ("speed", "unit"),
    [(72, KMH), (20 / MPH, MPH), (20, 1.0), (72 * 1.1, KMH), (57, None), (200, None)],
)
def test_the_way_between_readings_decides_the_unit(speed: float, unit: float | None) -> None:
    assert unit_of(read_points([point(seconds, speed) for seconds in range(0, 60, 5)])) == unit


@pytest.mark.parametrize(
    "points",
    [
        [],
        [point(s, 45) for s in range(0, 6000, 60)],  # too far apart
        [point(s, 4, s) for s in range(0, 60, 5)],  # too slow
        [point(s, 45) for s in (0, 5, 10, 15)],  # too few
        [point(s, None) for s in range(0, 60, 5)],
        [point(s, 20 if s % 2 else 90) for s in range(0, 60, 5)],  # it brakes and speeds up
    ],
)
def test_without_a_way_to_tell_it_is_what_was_asked_for(points: Sequence[Any]) -> None:
    assert unit_of(read_points(points)) == KMH


@pytest.mark.parametrize(("metric", "unit"), [(True, KMH), (False, MPH), ("no", KMH)])
def test_what_the_answer_says_of_its_units_counts(metric: object, unit: float) -> None:
    points = read_points([point(s, 72, metric_units=metric) for s in range(0, 60, 5)])
    assert unit_of(points) == unit


def test_a_speed_in_doubt_is_not_shown(motive: MotiveAPI, server: ScriptedServer) -> None:
    server.paths[PATH] = [day(*(point(seconds, 57) for seconds in range(-20, 70, 5)))]
    readings = motive.readings(TRUCK, SPAN)
    assert readings and {one.speed for one in readings} == {None}
    server.paths[PATH] = [day(point(-20), point(5, 900), point(9, -3), point(12, None))]
    assert {one.speed for one in motive.readings(TRUCK, SPAN)} == {None}


def test_a_missing_permission_leaves_the_footage(motive: MotiveAPI, server: ScriptedServer) -> None:
    server.paths[PATH] = [says(403, {"error_message": "no"})]
    with pytest.raises(RequestRefused, match="No permission for the vehicle's locations"):
        motive.readings(TRUCK, SPAN)
    server.paths[PATH] = [says(404, {"error_message": "vehicle not found"})]
    with pytest.raises(RequestRefused, match="vehicle not found"):
        motive.readings(TRUCK, SPAN)
    with pytest.raises(RequestRefused, match="of vehicles only"):
        motive.readings(Vehicle("55", "TRAILER-7", kind="asset"), SPAN)


def test_trouble_may_pass(motive: MotiveAPI, server: ScriptedServer, time: FakeTime) -> None:
    server.paths[PATH] = [says(503), day(point(-30), point(5))]
    assert len(motive.readings(TRUCK, SPAN)) == 1
    server.paths[PATH] = [says(503)]
    with pytest.raises(TransientError):
        motive.readings(TRUCK, SPAN)


def test_an_id_stays_within_its_place(motive: MotiveAPI, server: ScriptedServer) -> None:
    server.script = [day()]
    motive.readings(Vehicle("../x?a=b", "T"), SPAN)
    assert server.asked[0][1].startswith(f"{motive_track.LOCATIONS}/..%2Fx%3Fa%3Db?date=")
