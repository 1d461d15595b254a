"""The vehicle's own data as the Samsara client fetches them: against a server that says what it is
told to, and against the simulated cloud. Nothing here waits for real."""

import json
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

import simulator
from footage.errors import Interrupted, RequestRefused, TransientError
from footage.model import Reading, Vehicle, Window
from footage.telemetry.interpolation import at, holes
from SamsaraAPI import SamsaraAPI
from simulator import drive
from simulator.scenario import Scenario

KEY = "samsara_api_0123456789abcdefghijklmnopqrst"
START = datetime(2025, 4, 16, 13, 30, tzinfo=timezone.utc)
SPAN = Window(START, START + timedelta(minutes=1))
TRUCK = Vehicle("281474976710657", "Truck 12")
HISTORY = "/fleet/vehicles/stats/history"
STREAM = "/assets/location-and-speed/stream"
REFUSED = (403, {"message": "Not for this key.", "requestId": "r-7"})


def when(seconds):
    return START + timedelta(seconds=seconds)


def text(seconds):
    return when(seconds).isoformat().replace("+00:00", "Z")


def gps(seconds, **fields):
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


def history(*entries, cursor=None, vehicle=TRUCK.id):
    page = {"endCursor": cursor or "", "hasNextPage": cursor is not None}
    return 200, {
        "data": [{"id": vehicle, "name": "Truck 12", "gps": list(entries)}],
        "pagination": page,
    }


def point(seconds, location=None, speed=None, **fields):
    item = {
        "asset": {"id": TRUCK.id},
        "happenedAtTime": text(seconds),
        "location": {"latitude": 41.0, "longitude": -91.0, "headingDegrees": 90},
        "speed": {"gpsSpeedMetersPerSecond": 21.5, "ecuSpeedMetersPerSecond": 22.5},
    }
    item["location"] = {**item["location"], **(location or {})}
    if speed is not None:
        item["speed"] = speed
    return {**item, **fields}


def stream(*items, cursor=None):
    page = {"endCursor": cursor or "", "hasNextPage": cursor is not None}
    return 200, {"data": list(items), "pagination": page}


class Server:
    """Answers each path with its script, in order; the last answer repeats."""

    def __init__(self):
        self.scripts = {HISTORY: [history()], STREAM: [stream()]}
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path, query = urlsplit(self.path)[2:4]
                outer.asked.append((path, parse_qs(query, strict_parsing=True)))
                script = outer.scripts[path]
                status, body = script.pop(0) if len(script) > 1 else script[0]
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def queries(self, path):
        return [query for asked, query in self.asked if asked == path]


class FakeTime:
    def __init__(self):
        self.now = 0.0
        self.stopped = False

    def clock(self):
        return self.now

    def wait(self, seconds):
        if self.stopped:
            raise Interrupted("stopped")
        self.now += seconds


@pytest.fixture
def server():
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def time():
    return FakeTime()


@pytest.fixture
def api(server, time):
    return SamsaraAPI(KEY, server.url, wait=time.wait, clock=time.clock)


def seconds(readings):
    return [(reading.time - START).total_seconds() for reading in readings]


# --- what is asked ----------------------------------------------------------------------------


def test_both_are_asked_in_their_documented_form_a_minute_wider(api, server):
    api.readings(TRUCK, SPAN)
    times = {"startTime": ["2025-04-16T13:29:00Z"], "endTime": ["2025-04-16T13:32:00Z"]}
    assert server.asked == [
        (HISTORY, {"types": ["gps"], "vehicleIds": [TRUCK.id], **times}),
        (
            STREAM,
            {
                "ids": [TRUCK.id],
                "includeSpeed": ["true"],
                "includeHighFrequencyLocations": ["true"],
                "limit": ["512"],
                **times,
            },
        ),
    ]


def test_all_pages_are_read_empty_ones_too_with_the_same_question(api, server):
    server.scripts[HISTORY] = [
        history(gps(0), cursor="a"),
        (200, {"data": [], "pagination": {"endCursor": "b", "hasNextPage": True}}),
        history(gps(20)),
    ]
    server.scripts[STREAM] = [stream(point(40), cursor="x"), stream(point(41))]
    assert seconds(api.readings(TRUCK, SPAN)) == [0, 20, 40, 41]
    for path, cursors in ((HISTORY, ["a", "b"]), (STREAM, ["x"])):
        first, *others = server.queries(path)
        assert others == [{**first, "after": [cursor]} for cursor in cursors]


def test_the_calls_keep_to_the_limits(api, server, time):
    server.scripts[HISTORY] = [history(gps(n), cursor=f"c{n}") for n in range(10)] + [history()]
    api.readings(TRUCK, SPAN)
    assert len(server.queries(HISTORY)) == 11
    assert time.now >= 2.0  # 5 a second
    began = time.now
    server.scripts[STREAM] = [stream(point(n), cursor=f"c{n}") for n in range(20)] + [stream()]
    api.readings(TRUCK, SPAN)
    assert 2.15 <= time.now - began < 4.0  # 10 a second


# --- what is made of it -----------------------------------------------------------------------


def test_the_history_speaks_of_miles_an_hour_and_the_stream_of_metres_a_second(api, server):
    server.scripts[HISTORY] = [history(gps(0, speedMilesPerHour=100))]
    server.scripts[STREAM] = [stream(point(30))]
    slow, fast = api.readings(TRUCK, SPAN)
    assert slow == Reading(START, 40.0, -90.0, 44.704, 120.0, "1 Example Street, Springfield")
    assert fast == Reading(when(30), 41.0, -91.0, 21.5, 90.0, "")


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
def test_the_speed_of_the_stream_is_the_gps_s_or_else_the_engine_s(api, server, speed, taken):
    server.scripts[STREAM] = [stream(point(0, speed=speed))]
    assert [one.speed for one in api.readings(TRUCK, SPAN)] == [taken]


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
def test_what_cannot_be_is_not_known(api, server, fields, expected):
    server.scripts[HISTORY] = [history(gps(0, **fields))]
    (one,) = api.readings(TRUCK, SPAN)
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
def test_a_reading_without_a_time_or_a_place_on_earth_is_left_out(api, server, fields):
    server.scripts[HISTORY] = [history(gps(0, **fields), gps(30))]
    where = {name: value for name, value in fields.items() if name != "time"}
    point_fields = {"happenedAtTime": fields["time"]} if "time" in fields else {}
    server.scripts[STREAM] = [stream(point(1, where, **point_fields), point(31))]
    assert seconds(api.readings(TRUCK, SPAN)) == [30, 31]


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
def test_answers_of_another_form_are_answers_without_readings(api, server, body):
    server.scripts = {HISTORY: [(200, body)], STREAM: [(200, body)]}
    assert api.readings(TRUCK, SPAN) == []


def test_a_cursor_that_comes_back_ends_the_list(api, server):
    server.scripts[HISTORY] = [history(gps(0), cursor="same")]
    assert seconds(api.readings(TRUCK, SPAN)) == [0]
    assert len(server.queries(HISTORY)) == 2


def test_another_vehicle_s_readings_are_never_taken_for_this_one_s(api, server):
    server.scripts[HISTORY] = [history(gps(0), vehicle="99")]
    server.scripts[STREAM] = [stream(point(1, asset={"id": "99"}))]
    assert api.readings(TRUCK, SPAN) == []


def test_the_readings_reach_ten_seconds_beyond_the_span(api, server):
    server.scripts[HISTORY] = [history(*(gps(n) for n in (-60, -11, -10, -3, 62, 70, 71, 119)))]
    found = api.readings(TRUCK, SPAN)
    assert seconds(found) == [-10, -3, 62, 70]


def test_the_finer_track_wins_and_has_the_place_of_the_history(api, server):
    server.scripts[HISTORY] = [history(*(gps(n) for n in (0, 5, 10, 30)))]
    server.scripts[STREAM] = [stream(*(point(n) for n in range(12, 2, -1)), point(25))]
    found = api.readings(TRUCK, SPAN)
    assert seconds(found) == [0, *range(3, 13), 25, 30]
    assert [one.speed for one in found] == [50 * 0.44704] + [21.5] * 11 + [50 * 0.44704]
    assert [bool(one.place) for one in found] == [True] * 11 + [False, True]


# --- when one of them is refused --------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 503])
def test_without_the_stream_the_history_will_do(api, server, status, caplog):
    server.scripts = {HISTORY: [history(gps(0))], STREAM: [(status, {"message": "No stream."})]}
    assert seconds(api.readings(TRUCK, SPAN)) == [0]
    assert "No stream." in caplog.text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 503])
def test_without_the_history_the_stream_will_do(api, server, status):
    server.scripts = {HISTORY: [(status, {"message": "No."})], STREAM: [stream(point(0))]}
    assert seconds(api.readings(TRUCK, SPAN)) == [0]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("other", [REFUSED, (404, {}), stream()])
def test_a_key_without_the_permission_does_not_end_the_job(api, server, status, other):
    server.scripts = {HISTORY: [(status, REFUSED[1])], STREAM: [other]}
    with pytest.raises(RequestRefused, match="Read Vehicle Statistics") as refusal:
        api.readings(TRUCK, SPAN)
    assert (refusal.value.status, refusal.value.request_id) == (status, "r-7")
    assert "No permission for the vehicle's data" in refusal.value.message


def test_another_refusal_is_told_in_samsara_s_words(api, server):
    server.scripts = {HISTORY: [(400, {"message": "No such range."})], STREAM: [REFUSED]}
    with pytest.raises(RequestRefused) as refusal:
        api.readings(TRUCK, SPAN)
    assert (refusal.value.message, refusal.value.status) == ("No such range.", 400)


def test_a_page_that_fails_is_asked_for_again(api, server):
    fault = (503, {"message": "context deadline exceeded"})
    server.scripts[HISTORY] = [fault, fault, history(gps(0), cursor="a"), fault, history(gps(20))]
    assert seconds(api.readings(TRUCK, SPAN)) == [0, 20]


def test_when_neither_can_be_had_now_it_can_be_tried_later(api, server):
    fault = (503, {"message": "context deadline exceeded"})
    server.scripts = {HISTORY: [fault], STREAM: [fault]}
    with pytest.raises(TransientError):
        api.readings(TRUCK, SPAN)


def test_being_stopped_is_not_taken_for_a_refusal(api, server, time):
    server.scripts[HISTORY] = [(503, {})]
    time.stopped = True
    with pytest.raises(Interrupted):
        api.readings(TRUCK, SPAN)
    assert server.queries(STREAM) == []


# --- against the simulated cloud --------------------------------------------------------------


def fetched(scenario, minutes=2):
    """The readings of the scenario's first vehicle, without waiting for the pace."""
    time = FakeTime()
    span = Window(START, START + timedelta(minutes=minutes))
    with simulator.start(scenario) as cloud:
        api = SamsaraAPI(cloud.token, cloud.api_url, wait=time.wait, clock=time.clock)
        vehicle = api.vehicles()[0]
        return api.readings(vehicle, span), span, vehicle


def worst(readings, span, vehicle):
    """By how much speed (m/s), heading and position (degrees) are off at most."""
    off = [0.0, 0.0, 0.0]
    for tenth in range(int(span.seconds) * 10 + 1):
        moment = span.start + timedelta(seconds=tenth / 10)
        here, truth = at(readings, moment), drive.at(vehicle.id, moment)
        turn = (here.heading - truth.heading + 180) % 360 - 180
        away = max(abs(here.latitude - truth.latitude), abs(here.longitude - truth.longitude))
        one = (abs(here.speed - truth.speed), abs(turn), away)
        off = [max(pair) for pair in zip(off, one, strict=True)]
    return off


@pytest.mark.parametrize(
    ("scenario", "count", "limits"),
    [
        (Scenario(limits={}, gps_page_size=50, empty_gps_pages=(1,)), 141, (0.01, 0.01, 3e-6)),
        (Scenario(limits={}, gps_page_size=10, stream_enabled=False), 29, (0.1, 0.05, 5e-5)),
        (Scenario(limits={}, gps_enabled=False), 141, (0.01, 0.01, 3e-6)),
    ],
)
def test_at_every_tenth_of_a_second_the_truth_is_told(scenario, count, limits):
    readings, span, vehicle = fetched(scenario)
    assert len(readings) == count
    assert holes(readings, span) == []
    for off, limit in zip(worst(readings, span, vehicle), limits, strict=True):
        assert off < limit


def test_the_places_are_those_of_the_drive():
    readings, _, vehicle = fetched(Scenario(limits={}))
    late = timedelta(seconds=5)  # a street's name comes with the next reading of the history
    for one in readings:
        places = {drive.at(vehicle.id, moment).place for moment in (one.time, one.time - late)}
        assert one.place in places
    assert len({one.place for one in readings}) >= 2


def test_a_hole_is_a_hole():
    hole = (START + timedelta(seconds=30), START + timedelta(seconds=60))
    readings, span, _ = fetched(Scenario(limits={}, gps_holes=(hole,)))
    assert holes(readings, span) == [Window(hole[0] - timedelta(seconds=1), hole[1])]


def test_the_limits_of_the_simulated_cloud_are_kept():
    with simulator.start(Scenario(gps_page_size=20)) as cloud:
        api = SamsaraAPI(cloud.token, cloud.api_url)
        vehicle = api.vehicles()[0]
        api.readings(vehicle, SPAN)
        assert {call.status for call in cloud.calls} == {200}
        assert len(cloud.calls) > 10


def test_a_key_without_any_right_to_the_data_is_told_which_it_lacks():
    with pytest.raises(RequestRefused, match="Read Vehicle Statistics"):
        fetched(Scenario(limits={}, gps_enabled=False, stream_enabled=False))
