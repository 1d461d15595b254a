"""The simulated Samsara's location and speed: by the rules, and true to the drive."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any

import pytest
from support.bare_client import START, TRUCK, RunSamsara, SamsaraClient, text

from simulator import TRUCKS, OnCall, Scenario
from simulator import start as start_simulator
from simulator.drive import MILES_PER_HOUR, at
from simulator.limits import SAMSARA_LIMITS

HISTORY, STREAM = "/fleet/vehicles/stats/history", "/assets/location-and-speed/stream"


def window(seconds: float = 60, begin: datetime = START) -> dict[str, str]:
    return {"startTime": text(begin), "endTime": text(begin + timedelta(seconds=seconds))}


def history(client: SamsaraClient, ids: str = TRUCK.id, **query: Any) -> list[dict[str, Any]]:
    """All readings of all pages, each with its vehicle's id."""
    query = {"vehicleIds": ids, "types": "gps", **window(), **query}
    return [
        {"vehicle": vehicle["id"], **reading}
        for page in client.pages(HISTORY, query)
        for vehicle in page
        for reading in vehicle["gps"]
    ]


def stream(client: SamsaraClient, ids: str = TRUCK.id, **query: Any) -> list[dict[str, Any]]:
    """All items of all pages."""
    query = {
        "ids": ids,
        "includeSpeed": "true",
        "includeHighFrequencyLocations": "true",
        **window(),
        **query,
    }
    return [item for page in client.pages(STREAM, query) for item in page]


def moment(time_text: str) -> datetime:
    return datetime.fromisoformat(time_text.replace("Z", "+00:00"))


# --- the drive --------------------------------------------------------------------------------


def test_the_drive_goes_where_it_points_as_fast_as_it_says() -> None:
    step = 0.5
    for number in range(0, 2000, 7):
        when = START + timedelta(seconds=number)
        here, then = at(TRUCK.id, when), at(TRUCK.id, when + timedelta(seconds=step))
        north = math.radians(then.latitude - here.latitude) * 6_371_000
        east = math.radians(then.longitude - here.longitude) * 6_371_000
        east *= math.cos(math.radians(here.latitude))
        middle = at(TRUCK.id, when + timedelta(seconds=step / 2))
        assert math.hypot(north, east) / step == pytest.approx(middle.speed, rel=0.01)
        off = (math.degrees(math.atan2(east, north)) - middle.heading + 180) % 360 - 180
        assert abs(off) < 0.5
        turn = (then.heading - here.heading + 180) % 360 - 180
        assert abs(turn) < 1  # no jump, not even through north
        assert 10 <= here.speed <= 30


def test_the_places_change_along_the_way_and_vehicles_are_apart() -> None:
    lap = [at(TRUCK.id, START + timedelta(seconds=second)) for second in range(0, 1000, 5)]
    assert len({fix.place for fix in lap}) == 12
    assert at(TRUCK.id, START) != at(TRUCKS[1].id, START)


# --- the history ------------------------------------------------------------------------------


def test_the_history_has_the_drive_in_miles_per_hour(run: RunSamsara) -> None:
    readings = history(run())
    times = [moment(reading["time"]) for reading in readings]
    assert times == [START + timedelta(seconds=5 * number) for number in range(-1, 13)]
    for reading, when in zip(readings, times, strict=True):
        truth = at(TRUCK.id, when)
        assert reading["latitude"] == pytest.approx(truth.latitude, abs=1e-6)
        assert reading["longitude"] == pytest.approx(truth.longitude, abs=1e-6)
        assert reading["headingDegrees"] == pytest.approx(truth.heading, abs=0.01)
        assert reading["speedMilesPerHour"] == pytest.approx(truth.speed / 0.44704, abs=0.001)
        assert reading["reverseGeo"] == {"formattedLocation": truth.place}
        assert reading["isEcuSpeed"] is False
    assert pytest.approx(2.2369363) == MILES_PER_HOUR


def test_the_history_goes_on_to_now_and_no_further(run: RunSamsara) -> None:
    now = datetime.now(timezone.utc).replace(microsecond=0)
    readings = history(run(gps_every=1.0), **window(7200, now - timedelta(seconds=20)))
    last = moment(readings[-1]["time"])
    assert timedelta() <= datetime.now(timezone.utc) - last < timedelta(seconds=5)


def test_the_history_has_pages_some_of_them_empty(run: RunSamsara) -> None:
    client = run(gps_page_size=5, empty_gps_pages=(1,))
    query = {"vehicleIds": f"{TRUCK.id},{TRUCKS[1].id},1", "types": "gps", **window()}
    sizes = [
        [(vehicle["name"], len(vehicle["gps"])) for vehicle in page]
        for page in client.pages(HISTORY, query)
    ]
    assert sizes == [
        [("Truck 42", 5)],
        [],
        [("Truck 42", 5)],
        [("Truck 42", 4), ("Truck 43", 1)],
        [("Truck 43", 5)],
        [("Truck 43", 5)],
        [("Truck 43", 3)],
    ]
    whole = history(run(), f"{TRUCK.id},{TRUCKS[1].id}")
    assert history(client, f"{TRUCK.id},{TRUCKS[1].id}") == whole


@pytest.mark.parametrize(
    "wrong",
    [
        {"types": ""},
        {"types": "engineStates"},
        {"types": "gps,gps,gps,gps"},
        {"startTime": "yesterday"},
        {"endTime": ""},
        {"endTime": text(START - timedelta(seconds=1))},
        {"after": "nowhere"},
    ],
)
def test_the_history_refuses_what_it_does_not_understand(
    run: RunSamsara, wrong: dict[str, str]
) -> None:
    query = {"vehicleIds": TRUCK.id, "types": "gps", **window(), **wrong}
    answer = run().get(HISTORY, **query)
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "requestId"}


# --- the stream -------------------------------------------------------------------------------


def test_the_stream_has_the_drive_in_metres_per_second(run: RunSamsara) -> None:
    items = stream(run())
    times = [moment(item["happenedAtTime"]) for item in items]
    assert times == [START + timedelta(seconds=number) for number in range(61)]
    for item, when in zip(items, times, strict=True):
        truth = at(TRUCK.id, when)
        assert item["asset"] == {"id": TRUCK.id}
        assert item["location"]["latitude"] == pytest.approx(truth.latitude, abs=1e-6)
        assert item["location"]["longitude"] == pytest.approx(truth.longitude, abs=1e-6)
        assert item["location"]["headingDegrees"] == round(truth.heading) % 360
        assert item["speed"]["gpsSpeedMetersPerSecond"] == pytest.approx(truth.speed, abs=0.001)


def test_the_stream_has_only_what_is_requested(run: RunSamsara) -> None:
    client = run(stream_every=0.5)
    assert len(stream(client)) == 121
    coarse = stream(client, includeHighFrequencyLocations="false", includeSpeed="false")
    assert len(coarse) == 13
    assert "speed" not in coarse[0]
    sizes = [len(page) for page in client.pages(STREAM, {"ids": TRUCK.id, "limit": 5, **window()})]
    assert sizes == [5, 5, 3]
    by_vehicle = [item["asset"]["id"] for item in stream(client, f"{TRUCKS[1].id},{TRUCK.id}")]
    assert by_vehicle == [TRUCK.id] * 121 + [TRUCKS[1].id] * 121
    assert stream(client, "1") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": 513},
        {"limit": 0},
        {"includeSpeed": "yes"},
        {"includeHighFrequencyLocations": "true", "includeGeofenceLookup": "true"},
        {"endTime": text(START - timedelta(seconds=1))},
    ],
)
def test_the_stream_refuses_what_it_does_not_understand(
    run: RunSamsara, wrong: dict[str, Any]
) -> None:
    assert run().get(STREAM, **{"ids": TRUCK.id, **window(), **wrong}).status_code == 400


# --- bad days ---------------------------------------------------------------------------------


def test_in_a_hole_neither_has_readings(run: RunSamsara) -> None:
    begin, until = START + timedelta(seconds=10), START + timedelta(seconds=30)
    client = run(gps_holes=[(begin, until)])
    times = [item["happenedAtTime"] for item in stream(client)]
    assert len(times) == 41
    times += [reading["time"] for reading in history(client)]
    assert len(times) == 41 + 10
    assert not [time for time in times if begin <= moment(time) < until]
    assert text(until) in times
    # No reading is included from before a window whose first moments are in the hole.
    assert moment(history(client, **window(30, START + timedelta(seconds=20)))[0]["time"]) == until


def test_an_account_can_lack_either(run: RunSamsara) -> None:
    client = run(stream_enabled=False)
    assert client.get(STREAM, ids=TRUCK.id, **window()).status_code == 403
    assert history(client)
    client = run(gps_enabled=False)
    answer = client.get(HISTORY, vehicleIds=TRUCK.id, types="gps", **window())
    assert (answer.status_code, set(answer.json())) == (403, {"message", "requestId"})
    assert stream(client)


def test_calls_are_recorded_and_go_wrong_under_their_names(run: RunSamsara) -> None:
    client = run(bad=[OnCall("error", "stats", nth=(1,)), OnCall("throttle", "stream", nth=(1,))])
    query = {"types": "gps", **window()}
    assert [client.get(HISTORY, **query).status_code for _ in range(2)] == [503, 200]
    assert [client.get(STREAM, **window()).status_code for _ in range(2)] == [429, 200]
    endpoints = [(call.endpoint, call.status) for call in client.sim.calls]
    assert endpoints == [("stats", 503), ("stats", 200), ("stream", 429), ("stream", 200)]


def test_only_the_stream_has_a_limit_of_its_own(run: RunSamsara) -> None:
    assert SAMSARA_LIMITS["stream"] == (10, 1.0)
    assert "stats" not in SAMSARA_LIMITS
    client = run(limits={"stream": (2, 60.0)})
    assert [client.get(STREAM, **window(1)).status_code for _ in range(3)] == [200, 200, 429]
    client = run(limits={"any": (2, 60.0)})
    calls = [client.get(path, types="gps", **window(1)) for path in (STREAM, HISTORY, HISTORY)]
    assert [call.status_code for call in calls] == [200, 200, 429]


def test_the_demo_has_no_gps_for_twenty_seconds() -> None:
    with start_simulator(Scenario.demo(START)) as sim:
        times = [
            moment(item["happenedAtTime"]) for item in stream(SamsaraClient(sim), **window(120))
        ]
    pauses = [(b - a).total_seconds() for a, b in pairwise(times)]
    assert sorted(pauses)[-2:] == [1, 21]
    assert times[pauses.index(21)] == START + timedelta(seconds=79)
