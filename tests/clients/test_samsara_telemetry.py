"""The vehicle's own data as the Samsara client fetches them: from a scripted server.
Nothing here waits for real.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from support.samsara import KEY, START, TRUCK, at, page, text
from support.scripted import Answer, FakeTime, ScriptedServer, says

from footage.errors import Interrupted, RequestRefused, TransientError
from footage.model import Reading, Window
from SamsaraAPI import SamsaraAPI

SPAN = Window(START, START + timedelta(minutes=1))
HISTORY = "/fleet/vehicles/stats/history"
STREAM = "/assets/location-and-speed/stream"
NOT_ALLOWED = {"message": "Not for this key.", "requestId": "r-7"}
REFUSED = says(403, NOT_ALLOWED)


def gps(seconds: float, **fields: object) -> dict[str, object]:
    entry = {
        "time": text(seconds),
        "latitude": 40.0,
        "longitude": -90.0,
        "headingDegrees": 120,
        "speedMilesPerHour": 50,
        "isEcuSpeed": True,
        "reverseGeo": {"formattedLocation": "1 Example Street, Springfield"},
    }
    return {**entry, **fields}


def history(*entries: object, cursor: str | None = None, vehicle: str = TRUCK.id) -> Answer:
    return page({"id": vehicle, "name": "Truck 12", "gps": list(entries)}, cursor=cursor)


def point(
    seconds: float,
    location: dict[str, object] | None = None,
    speed: object = None,
    **fields: object,
) -> dict[str, object]:
    where: dict[str, object] = {"latitude": 41.0, "longitude": -91.0, "headingDegrees": 90}
    item: dict[str, object] = {
        "asset": {"id": TRUCK.id},
        "happenedAtTime": text(seconds),
        "location": {**where, **(location or {})},
        "speed": {"gpsSpeedMetersPerSecond": 21.5, "ecuSpeedMetersPerSecond": 22.5},
    }
    if speed is not None:
        item["speed"] = speed
    return {**item, **fields}


def stream(*items: object, cursor: str | None = None) -> Answer:
    return page(*items, cursor=cursor)


@pytest.fixture(autouse=True)
def _empty_answers(server: ScriptedServer) -> None:
    server.paths = {HISTORY: [history()], STREAM: [stream()]}


def seconds(readings: Sequence[Reading]) -> list[float]:
    return [(reading.time - START).total_seconds() for reading in readings]


# --- what is asked --------------------------------------------------------------------------------


def test_both_are_asked_in_their_documented_form_a_minute_wider(
    samsara: SamsaraAPI, server: ScriptedServer
) -> None:
    samsara.readings(TRUCK, SPAN)
    times = {"startTime": ["2025-04-16T13:29:00Z"], "endTime": ["2025-04-16T13:32:00Z"]}
    assert server.queries(HISTORY) == [{"types": ["gps"], "vehicleIds": [TRUCK.id], **times}]
    assert server.queries(STREAM) == [
        {
            "ids": [TRUCK.id],
            "includeSpeed": ["true"],
            "includeHighFrequencyLocations": ["true"],
            "limit": ["512"],
            **times,
        }
    ]


def test_all_pages_are_read_with_the_same_query(
    samsara: SamsaraAPI, server: ScriptedServer
) -> None:
    server.paths[HISTORY] = [
        history(gps(0), cursor="a"),
        says(200, {"data": [], "pagination": {"endCursor": "b", "hasNextPage": True}}),
        history(gps(20)),
    ]
    server.paths[STREAM] = [stream(point(40), cursor="x"), stream(point(41))]
    assert seconds(samsara.readings(TRUCK, SPAN)) == [0, 20, 40, 41]
    for path, cursors in ((HISTORY, ["a", "b"]), (STREAM, ["x"])):
        first, *others = server.queries(path)
        assert others == [{**first, "after": [cursor]} for cursor in cursors]


def test_the_calls_keep_to_the_limits(
    samsara: SamsaraAPI, server: ScriptedServer, time: FakeTime
) -> None:
    server.paths[HISTORY] = [history(gps(n), cursor=f"c{n}") for n in range(10)] + [history()]
    samsara.readings(TRUCK, SPAN)
    assert len(server.queries(HISTORY)) == 11
    assert time.now >= 2.0  # 5 a second
    began = time.now
    server.paths[STREAM] = [stream(point(n), cursor=f"c{n}") for n in range(20)] + [stream()]
    samsara.readings(TRUCK, SPAN)
    assert 2.15 <= time.now - began < 4.0  # 10 a second


# --- what is made of it ---------------------------------------------------------------------------


def test_the_units_of_the_history_and_of_the_stream(
    samsara: SamsaraAPI, server: ScriptedServer
) -> None:
    server.paths[HISTORY] = [history(gps(0, speedMilesPerHour=100))]
    server.paths[STREAM] = [stream(point(30))]
    slow, fast = samsara.readings(TRUCK, SPAN)
    assert slow == Reading(START, 40.0, -90.0, 44.704, 120.0, "1 Example Street, Springfield")
    assert fast == Reading(at(30), 41.0, -91.0, 21.5, 90.0, "")


@pytest.mark.parametrize(
    ("speed", "taken"),
    [
        ({"ecuSpeedMetersPerSecond": 22.5}, 22.5),
        ({"gpsSpeedMetersPerSecond": None, "ecuSpeedMetersPerSecond": 22.5}, 22.5),
        ({"gpsSpeedMetersPerSecond": -1, "ecuSpeedMetersPerSecond": 22.5}, 22.5),
        ({"gpsSpeedMetersPerSecond": 0, "ecuSpeedMetersPerSecond": 22.5}, 0),
        ({"gpsSpeedMetersPerSecond": 150.1}, None),
        ({"gpsSpeedMetersPerSecond": "21.5"}, None),
        ({"gpsSpeedMetersPerSecond": True}, None),
        ({}, None),
        ([], None),
        (7, None),
    ],
)
def test_the_speed_of_the_stream_is_of_the_gps_or_the_engine(
    samsara: SamsaraAPI, server: ScriptedServer, speed: object, taken: float | None
) -> None:
    server.paths[STREAM] = [stream(point(0, speed=speed))]
    assert [one.speed for one in samsara.readings(TRUCK, SPAN)] == [taken]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"speedMilesPerHour": -3}, {"speed": None}),
        ({"speedMilesPerHour": 400}, {"speed": None}),
        ({"speedMilesPerHour": float("nan")}, {"speed": None}),
        ({"speedMilesPerHour": float("inf")}, {"speed": None}),
        ({"speedMilesPerHour": 10**400}, {"speed": None}),
        ({"speedMilesPerHour": {}}, {"speed": None}),
        ({"headingDegrees": 360}, {"heading": 0.0}),
        ({"headingDegrees": -90}, {"heading": 270.0}),
        ({"headingDegrees": 765}, {"heading": 45.0}),
        ({"headingDegrees": "N"}, {"heading": None}),
        ({"reverseGeo": None}, {"place": ""}),
        ({"reverseGeo": {"formattedLocation": 7.5}}, {"place": ""}),
        ({"reverseGeo": {"formattedLocation": "A\n\x1b[31mB"}}, {"place": "A B"}),
        ({"reverseGeo": [], "address": {"id": "1", "name": "Depot"}}, {"place": "Depot"}),
        ({"time": "2025-04-16T08:30:00-05:00"}, {"time": START}),
    ],
)
def test_what_cannot_be_is_not_known(
    samsara: SamsaraAPI, server: ScriptedServer, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    server.paths[HISTORY] = [history(gps(0, **fields))]
    (one,) = samsara.readings(TRUCK, SPAN)
    assert {name: getattr(one, name) for name in expected} == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"latitude": 122.142},  # the documented example
        {"latitude": -90.001},
        {"longitude": 180.001},
        {"latitude": None},
        {"longitude": "7"},
        {"longitude": True},
        {"latitude": 0, "longitude": 0.0},
        {"time": None},
        {"time": "yesterday"},
        {"time": 1744810200},
    ],
)
def test_a_reading_without_a_time_or_a_place_is_left_out(
    samsara: SamsaraAPI, server: ScriptedServer, fields: dict[str, Any]
) -> None:
    server.paths[HISTORY] = [history(gps(0, **fields), gps(30))]
    where = {name: value for name, value in fields.items() if name != "time"}
    point_fields = {"happenedAtTime": fields["time"]} if "time" in fields else {}
    server.paths[STREAM] = [stream(point(1, where, **point_fields), point(31))]
    assert seconds(samsara.readings(TRUCK, SPAN)) == [30, 31]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": None},
        {"data": {}},
        {"data": [None, 7, "x", [], {}]},
        {"data": [{"id": TRUCK.id}, {"id": TRUCK.id, "gps": {}}, {"id": 7, "gps": [None, 1]}]},
        {"data": [{"asset": 7, "location": []}, {"asset": {"id": TRUCK.id}, "location": None}]},
        {"data": [], "pagination": []},
        {"data": [], "pagination": {"hasNextPage": True}},
        {"data": [], "pagination": {"hasNextPage": True, "endCursor": 5}},
    ],
)
def test_answers_of_another_form_are_answers_without_readings(
    samsara: SamsaraAPI, server: ScriptedServer, body: object
) -> None:
    server.paths = {HISTORY: [says(200, body)], STREAM: [says(200, body)]}
    assert samsara.readings(TRUCK, SPAN) == []


def test_a_cursor_that_comes_back_ends_the_list(
    samsara: SamsaraAPI, server: ScriptedServer
) -> None:
    server.paths[HISTORY] = [history(gps(0), cursor="same")]
    assert seconds(samsara.readings(TRUCK, SPAN)) == [0]
    assert len(server.queries(HISTORY)) == 2


def test_readings_of_another_vehicle_are_left_out(
    samsara: SamsaraAPI, server: ScriptedServer
) -> None:
    server.paths[HISTORY] = [history(gps(0), vehicle="99")]
    server.paths[STREAM] = [stream(point(1, asset={"id": "99"}))]
    assert samsara.readings(TRUCK, SPAN) == []


def test_the_readings_reach_ten_seconds_beyond_the_span(
    samsara: SamsaraAPI, server: ScriptedServer
) -> None:
    server.paths[HISTORY] = [history(*(gps(n) for n in (-60, -11, -10, -3, 62, 70, 71, 119)))]
    readings = samsara.readings(TRUCK, SPAN)
    assert seconds(readings) == [-10, -3, 62, 70]


def test_the_finer_track_wins_and_has_the_place_of_the_history(
    samsara: SamsaraAPI, server: ScriptedServer
) -> None:
    server.paths[HISTORY] = [history(*(gps(n) for n in (0, 5, 10, 30)))]
    server.paths[STREAM] = [stream(*(point(n) for n in range(12, 2, -1)), point(25))]
    readings = samsara.readings(TRUCK, SPAN)
    assert seconds(readings) == [0, *range(3, 13), 25, 30]
    assert [one.speed for one in readings] == [50 * 0.44704] + [21.5] * 11 + [50 * 0.44704]
    assert [bool(one.place) for one in readings] == [True] * 11 + [False, True]


# --- when one of them is refused ------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 503])
def test_without_the_stream_the_history_will_do(
    samsara: SamsaraAPI, server: ScriptedServer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    server.paths = {HISTORY: [history(gps(0))], STREAM: [says(status, {"message": "No stream."})]}
    assert seconds(samsara.readings(TRUCK, SPAN)) == [0]
    assert "No stream." in caplog.text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 503])
def test_without_the_history_the_stream_will_do(
    samsara: SamsaraAPI, server: ScriptedServer, status: int
) -> None:
    server.paths = {HISTORY: [says(status, {"message": "No."})], STREAM: [stream(point(0))]}
    assert seconds(samsara.readings(TRUCK, SPAN)) == [0]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("other", [REFUSED, says(404, {}), stream()])
def test_a_key_without_the_permission_does_not_end_the_job(
    samsara: SamsaraAPI, server: ScriptedServer, status: int, other: Answer
) -> None:
    server.paths = {HISTORY: [says(status, NOT_ALLOWED)], STREAM: [other]}
    with pytest.raises(RequestRefused, match="Read Vehicle Statistics") as refusal:
        samsara.readings(TRUCK, SPAN)
    assert (refusal.value.status, refusal.value.request_id) == (status, "r-7")
    assert "No permission for the vehicle's data" in refusal.value.message


def test_another_refusal_keeps_samsara_s_words(samsara: SamsaraAPI, server: ScriptedServer) -> None:
    server.paths = {HISTORY: [says(400, {"message": "No such range."})], STREAM: [REFUSED]}
    with pytest.raises(RequestRefused) as refusal:
        samsara.readings(TRUCK, SPAN)
    assert (refusal.value.message, refusal.value.status) == ("No such range.", 400)


def test_a_page_that_fails_is_asked_for_again(samsara: SamsaraAPI, server: ScriptedServer) -> None:
    fault = says(503, {"message": "context deadline exceeded"})
    server.paths[HISTORY] = [fault, fault, history(gps(0), cursor="a"), fault, history(gps(20))]
    assert seconds(samsara.readings(TRUCK, SPAN)) == [0, 20]


def test_when_neither_can_be_had_now_it_can_be_tried_later(
    samsara: SamsaraAPI, server: ScriptedServer
) -> None:
    fault = says(503, {"message": "context deadline exceeded"})
    server.paths = {HISTORY: [fault], STREAM: [fault]}
    with pytest.raises(TransientError):
        samsara.readings(TRUCK, SPAN)


def test_being_stopped_is_not_taken_for_a_refusal(
    samsara: SamsaraAPI, server: ScriptedServer, time: FakeTime
) -> None:
    server.paths[HISTORY] = [says(503, {})]

    def stopped(seconds: float) -> None:
        raise Interrupted("stopped")

    stopping = SamsaraAPI(KEY, server.url, wait=stopped, clock=time.clock)
    with pytest.raises(Interrupted):
        stopping.readings(TRUCK, SPAN)
    assert server.queries(STREAM) == []
