"""The Samsara client against a scripted server on loopback. Nothing here waits for real."""

import json
import logging
import socket
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

import footage.cloud.http
from footage.cloud.provider import Provider
from footage.errors import (
    AuthenticationError,
    Interrupted,
    OutcomeUnknown,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    UsageError,
)
from footage.model import (
    Camera,
    Cost,
    Media,
    MediaStatus,
    MediaType,
    Quota,
    Retrieval,
    Vehicle,
    Window,
)
from SamsaraAPI import CAMERAS, REGIONS, SamsaraAPI

UTC = timezone.utc
KEY = "samsara_api_0123456789abcdefghijklmnopqrst"
START = datetime(2025, 4, 16, 13, 30, tzinfo=UTC)
ROAD, DRIVER = CAMERAS[:2]
TRUCK = Vehicle("281474976710657", "Truck 12")


class Server:
    """Answers with what is scripted, in order; the last answer repeats. Keeps what it was asked."""

    def __init__(self) -> None:
        self.script = []
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                answer = outer.script.pop(0) if len(outer.script) > 1 else outer.script[0]
                answer(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *about: None  # clients that leave early are expected
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


def says(status, body=None, headers=None):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler):
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def hangs_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def breaks_off(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data": {"retr')
    handler.wfile.flush()
    hangs_up(handler)


class FakeTime:
    def __init__(self):
        self.now = 0.0
        self.waits = []

    def clock(self):
        return self.now

    def wait(self, seconds):
        self.waits.append(seconds)
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


def retrieval(*cameras, rid="r-1"):
    window = Window(START, START + timedelta(minutes=1))
    return Retrieval(window, [Media(camera) for camera in cameras or (ROAD,)], id=rid)


ACCEPTED = says(200, {"data": {"retrievalId": "abc-1", "quotaStatus": "Usage is 5 of 900."}})


def no_server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


# --- what it is -------------------------------------------------------------------------------


def test_it_is_a_provider_with_samsaras_cameras(api):
    provider: Provider = api
    assert provider.name == "Samsara"
    assert [(c.input, c.label) for c in provider.cameras] == [
        ("dashcamRoadFacing", "Road"),
        ("dashcamDriverFacing", "Driver"),
        ("analog1", "Analog"),
        ("analog2", "Analog2"),
        ("analog3", "Analog3"),
        ("analog4", "Analog4"),
    ]
    assert list(provider.default_cameras("vehicle", MediaType.HIGH)) == list(provider.cameras[:3])
    assert set(REGIONS) == {"us", "eu", "ca"}


@pytest.mark.parametrize(
    "url",
    [
        "http://api.samsara.com",
        "ftp://127.0.0.1",
        "api.samsara.com",
        "",
        "http://127.0.0.1@evil.example",
        "https://user:pw@api.samsara.com",
        "https://api.samsara.com/?x=1",
    ],
)
def test_an_unsafe_base_url_is_refused(url):
    with pytest.raises(UsageError):
        SamsaraAPI(KEY, url)


@pytest.mark.parametrize("key", ["", "  ", "a b", "a\nb", "schlüssel"])
def test_what_is_no_key_is_refused_without_being_quoted(key):
    with pytest.raises(UsageError) as refused:
        SamsaraAPI(key)
    assert "schlüssel" not in str(refused.value)


# --- planning ---------------------------------------------------------------------------------


def test_n_minutes_of_c_cameras_are_exactly_n_times_c_requests(api):
    plan = api.plan(Window(START, START + timedelta(minutes=5)), CAMERAS[:3], MediaType.HIGH)
    assert len(plan) == 15
    assert [(r.window.start, r.media[0].camera) for r in plan] == [
        (START + timedelta(minutes=minute), camera) for minute in range(5) for camera in CAMERAS[:3]
    ]
    assert all(r.window.seconds == 60 and len(r.media) == 1 for r in plan)
    assert plan[-1].window.end == START + timedelta(minutes=5)
    assert api.cost(plan) == Cost("900 s of quota", 900)


def test_the_last_window_ends_with_the_span(api):
    plan = api.plan(Window(START, START + timedelta(seconds=90)), [ROAD], MediaType.HIGH)
    assert [r.window.seconds for r in plan] == [60, 30]
    assert plan[0].window.end == plan[1].window.start
    assert api.cost(plan) == Cost("90 s of quota", 90)


# --- requesting -------------------------------------------------------------------------------


def test_request_sends_what_the_reference_asks_for(server, api):
    server.script = [ACCEPTED]
    accepted = api.request(TRUCK, retrieval(DRIVER))
    assert (accepted.retrieval_id, accepted.quota) == ("abc-1", Quota("Usage is 5 of 900."))
    method, path, headers, body = server.asked[0]
    assert (method, path) == ("POST", "/cameras/media/retrieval")
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == {
        "vehicleId": "281474976710657",
        "mediaType": "videoHighRes",
        "startTime": "2025-04-16T13:30:00Z",
        "endTime": "2025-04-16T13:31:00Z",
        "inputs": ["dashcamDriverFacing"],
    }


@pytest.mark.parametrize(
    "answer",
    [
        hangs_up,
        breaks_off,
        says(500, {"message": "context deadline exceeded"}),
        says(502, b"<html>bad gateway</html>"),
        says(503, {}),
        says(408, {}),
        says(200, b"not json"),
        says(200, b"[" * 100_000),
        says(200, {"data": {}}),
        says(200, {"data": None}),
        says(200, []),
        says(204, b""),
    ],
)
def test_a_request_that_may_have_been_accepted_is_in_doubt_and_sent_once(server, api, answer):
    server.script = [answer]
    with pytest.raises(OutcomeUnknown):
        api.request(TRUCK, retrieval())
    assert len(server.asked) == 1


def test_a_request_without_an_answer_in_time_is_in_doubt(server, api, monkeypatch):
    monkeypatch.setattr(footage.cloud.http, "TIMEOUT", (1.0, 0.1))
    released = threading.Event()
    server.script = [lambda handler: (released.wait(5), hangs_up(handler))]
    with pytest.raises(OutcomeUnknown, match="silent"):
        api.request(TRUCK, retrieval())
    released.set()
    assert len(server.asked) == 1


def test_a_request_that_never_left_is_not_in_doubt(time):
    api = SamsaraAPI(KEY, no_server(), wait=time.wait, clock=time.clock)
    with pytest.raises(TransientError, match=r"refused|no connection"):
        api.request(TRUCK, retrieval())


def test_an_earlier_failure_being_handled_does_not_hide_a_doubt(server, api, time):
    server.script = [hangs_up]
    unreachable = SamsaraAPI(KEY, no_server(), wait=time.wait, clock=time.clock)
    try:
        unreachable.request(TRUCK, retrieval())
    except TransientError:
        with pytest.raises(OutcomeUnknown):
            api.request(TRUCK, retrieval())


def test_a_dead_proxy_means_not_sent(time, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", no_server())
    monkeypatch.setenv("NO_PROXY", "")
    api = SamsaraAPI(KEY, "https://api.example.invalid", wait=time.wait, clock=time.clock)
    with pytest.raises(TransientError, match="proxy"):
        api.request(TRUCK, retrieval())


def test_a_refusal_carries_samsaras_own_words_and_request_id(server, api):
    words = "Camera was not recording at\x1b[31m that time."
    server.script = [says(400, {"message": words, "requestId": "8916e1c1"})]
    with pytest.raises(RequestRefused) as refused:
        api.request(TRUCK, retrieval())
    assert refused.value.message == "Camera was not recording at that time."
    assert (refused.value.status, refused.value.request_id) == (400, "8916e1c1")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_the_permissions_and_not_the_key(server, api, status):
    server.script = [says(status, {"message": f"Invalid token {KEY}."}, {"X-Request-Id": "h-1"})]
    with pytest.raises(AuthenticationError) as refused:
        api.vehicles()
    assert "Write Media Retrieval" in str(refused.value)
    assert KEY not in str(refused.value)
    assert refused.value.request_id == "h-1"
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(server, api, status):
    other = Server()
    server.script = [says(status, {}, {"Location": other.url + "/x"})]
    with pytest.raises(TransientError):
        api.request(TRUCK, retrieval())
    with pytest.raises(TransientError):
        api.check(TRUCK, retrieval())
    assert other.asked == []
    other.http.shutdown()
    other.http.server_close()


# --- limits -----------------------------------------------------------------------------------


def test_retry_after_of_fractional_seconds_is_obeyed(server, api, time):
    server.script = [says(429, {"message": "slow"}, {"Retry-After": "7.40235"}), ACCEPTED]
    api.request(TRUCK, retrieval())
    assert 7.40235 <= time.now < 7.9
    assert len(server.asked) == 2


def test_retry_after_holds_the_whole_endpoint_back(server, api, time):
    server.script = [says(429, {}, {"Retry-After": "3"}), says(200, {"data": {"media": []}})]
    api.check(TRUCK, retrieval())
    assert 3 <= time.now < 3.5


def test_retry_after_as_a_date_goes_by_the_servers_clock(server, api, time):
    dates = {"Retry-After": "Wed, 16 Apr 2025 13:30:20 GMT"}

    def answer(handler):
        handler.send_response_only(429)
        handler.send_header("Date", "Wed, 16 Apr 2025 13:30:05 GMT")
        handler.send_header("Retry-After", dates["Retry-After"])
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.script = [answer, ACCEPTED]
    api.request(TRUCK, retrieval())
    assert 15 <= time.now < 15.7


@pytest.mark.parametrize("header", [{}, {"Retry-After": "soon"}, {"Retry-After": "-1"}])
def test_without_a_usable_retry_after_the_pauses_grow(server, api, time, header):
    server.script = [says(429, {}, header)] * 4 + [ACCEPTED]
    api.request(TRUCK, retrieval())
    assert 1 + 2 + 4 + 8 <= time.now < 18


def test_a_429_that_never_ends_is_the_quota_for_a_request_and_later_for_a_look(server, api, time):
    server.script = [says(429, {"message": "Too many."}, {"Retry-After": "0.5"})]
    with pytest.raises(QuotaExhausted, match="Too many"):
        api.request(TRUCK, retrieval())
    assert len(server.asked) == 20
    assert time.now < 1200
    with pytest.raises(TransientError):
        api.check(TRUCK, retrieval())


@pytest.mark.parametrize("status", [402, 403, 429])
def test_words_of_quota_end_the_asking_at_once(server, api, status):
    server.script = [says(status, {"message": "Monthly quota exceeded."})]
    with pytest.raises(QuotaExhausted, match="Monthly quota exceeded"):
        api.request(TRUCK, retrieval())
    assert len(server.asked) == 1


def test_a_pause_of_hours_is_not_sat_out(server, api, time):
    server.script = [says(429, {}, {"Retry-After": "86400"})]
    with pytest.raises(TransientError):
        api.check(TRUCK, retrieval())
    assert time.now < 60


def test_requests_keep_to_a_hundred_a_minute(server, api, time):
    server.script = [ACCEPTED]
    for _ in range(11):
        api.request(TRUCK, retrieval())
    assert 10 * 0.6 < time.now <= 10 * 0.6 / 0.9


def test_the_turn_is_waited_for_before_the_request(server, api, time):
    server.script = [ACCEPTED]
    api.request(TRUCK, retrieval())
    api.wait_for_turn()
    waited = time.now
    api.request(TRUCK, retrieval())
    assert waited > 0.6
    assert time.now == waited


def test_waiting_can_be_interrupted(server):
    def stopped(seconds):
        raise Interrupted("stopped")

    api = SamsaraAPI(KEY, server.url, wait=stopped, clock=lambda: 0.0)
    server.script = [says(429, {})]
    with pytest.raises(Interrupted):
        api.request(TRUCK, retrieval())


# --- vehicles ---------------------------------------------------------------------------------


def page(items, cursor="", more=False):
    return says(200, {"data": items, "pagination": {"endCursor": cursor, "hasNextPage": more}})


def test_vehicles_come_from_all_pages_even_over_empty_ones(server, api):
    server.script = [
        page([{"id": "1", "name": "A", "vin": "V1", "licensePlate": "P1"}], "c1", True),
        page([], "c2", True),
        page([{"id": "2", "name": "B\x1b[2J"}, {"name": "no id"}, 7, {"id": 3, "vin": None}], "c3"),
    ]
    assert api.vehicles() == [
        Vehicle("1", "A", "V1", "P1"),
        Vehicle("2", "B"),
        Vehicle("3", "3"),
    ]
    cursors = [parse_qs(urlsplit(path).query).get("after") for _, path, _, _ in server.asked]
    assert cursors == [None, ["c1"], ["c2"]]


def test_a_cursor_that_repeats_ends_the_list(server, api):
    server.script = [page([{"id": "1", "name": "A"}], "same", True)]
    assert api.vehicles() == [Vehicle("1", "A")]
    assert len(server.asked) == 2


def test_a_page_that_fails_is_asked_for_again(server, api, time):
    server.script = [says(503, {}), hangs_up, breaks_off, page([{"id": "1", "name": "A"}])]
    assert [vehicle.id for vehicle in api.vehicles()] == ["1"]
    assert time.now >= 1 + 2 + 4


def test_samsara_away_for_long_is_not_now(server, api):
    server.script = [says(500, {"message": "Failed."})]
    with pytest.raises(TransientError, match="Failed"):
        api.vehicles()
    assert len(server.asked) == 5


# --- looking up -------------------------------------------------------------------------------


def media_answer(*items):
    return says(200, {"data": {"media": list(items)}})


def item(**fields):
    return {
        "vehicleId": "1",
        "input": "dashcamRoadFacing",
        "mediaType": "videoHighRes",
        "startTime": "2025-04-16T13:30:02.123Z",
        "endTime": "2025-04-16T15:30:58+02:00",
        "status": "available",
        "urlInfo": {"url": "https://media.example/a.mp4?sig=x", "urlExpiryTime": "soon"},
    } | fields


def test_available_media_has_its_actual_times_in_utc_and_its_url(server, api):
    server.script = [media_answer(item())]
    (media,) = api.check(TRUCK, retrieval())
    assert media.camera == ROAD
    assert media.status is MediaStatus.AVAILABLE
    assert media.start == datetime(2025, 4, 16, 13, 30, 2, 123000, tzinfo=UTC)
    assert media.end == datetime(2025, 4, 16, 13, 30, 58, tzinfo=UTC)
    assert media.start.utcoffset() == timedelta(0)
    assert media.url == "https://media.example/a.mp4?sig=x"
    assert "sig=x" not in repr(media)
    assert server.asked[0][1] == "/cameras/media/retrieval?retrievalId=r-1"


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("pending", MediaStatus.PENDING),
        ("failed", MediaStatus.FAILED),
        ("unavailable", MediaStatus.UNAVAILABLE),
        ("invalid", MediaStatus.INVALID),
        ("Failed", MediaStatus.FAILED),
        ("uploading", MediaStatus.PENDING),
    ],
)
def test_status_words(server, api, word, status):
    server.script = [media_answer(item(status=word))]
    (media,) = api.check(TRUCK, retrieval())
    assert (media.status, media.provider_message, media.url) == (status, word, None)


@pytest.mark.parametrize("url_info", [None, {}, {"url": None}, {"url": ""}, {"url": 5}, [], "x"])
def test_available_without_a_url_is_still_pending(server, api, url_info):
    server.script = [media_answer(item(urlInfo=url_info))]
    (media,) = api.check(TRUCK, retrieval())
    assert (media.status, media.provider_message, media.url) == (
        MediaStatus.PENDING,
        "available",
        None,
    )


@pytest.mark.parametrize(
    "time_text", [None, 17, "", "yesterday", "2025", "2025-13-40T99:00:00Z", {}]
)
def test_times_that_cannot_be_read_are_unknown(server, api, time_text):
    server.script = [media_answer(item(startTime=time_text, endTime=time_text))]
    (media,) = api.check(TRUCK, retrieval())
    assert (media.start, media.end) == (None, None)
    assert media.status is MediaStatus.AVAILABLE


@pytest.mark.parametrize(
    "body",
    [{}, {"data": None}, {"data": []}, {"data": {}}, {"data": {"media": None}},
     {"data": {"media": {}}}, {"data": {"media": [None, 3, "x", []]}}],
)  # fmt: skip
def test_nothing_yet(server, api, body):
    server.script = [says(200, body)]
    assert api.check(TRUCK, retrieval()) == []


def test_other_names_and_other_cameras(server, api):
    server.script = [
        media_answer(
            item(input="dashcamInwardFacing", status="failed"),
            item(input="dashcamForwardFacing"),
            item(input="analog1"),
            item(input=None),
            {},
        )
    ]
    found = api.check(TRUCK, retrieval(ROAD, DRIVER))
    assert [(m.camera, m.status) for m in found] == [
        (DRIVER, MediaStatus.FAILED),
        (ROAD, MediaStatus.AVAILABLE),
    ]


def test_a_camera_mentioned_twice_counts_by_what_can_be_had(server, api):
    server.script = [media_answer(item(status="failed"), item(), item(status="pending"))]
    (media,) = api.check(TRUCK, retrieval())
    assert media.status is MediaStatus.AVAILABLE


@pytest.mark.parametrize("answer", [says(500, {}), says(504, b""), hangs_up, breaks_off,
                                    says(200, b"<html>"), says(200, b"")])  # fmt: skip
def test_a_look_that_fails_is_for_another_time(server, api, answer):
    server.script = [answer]
    with pytest.raises(TransientError):
        api.check(TRUCK, retrieval())
    assert len(server.asked) == 1


def test_an_unknown_retrieval_is_refused(server, api):
    server.script = [says(404, {"message": "Object not found."})]
    with pytest.raises(RequestRefused, match="Object not found"):
        api.check(TRUCK, retrieval())


def test_an_endless_answer_is_not_read_to_its_end(server, api, monkeypatch):
    monkeypatch.setattr(footage.cloud.http, "BODY_LIMIT", 100_000)
    server.script = [says(200, b'{"data": "' + b"x" * 200_000 + b'"}')]
    with pytest.raises(TransientError):
        api.check(TRUCK, retrieval())


# --- the key stays where it belongs -----------------------------------------------------------


def test_netrc_does_not_replace_the_key(server, api, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script = [ACCEPTED]
    api.request(TRUCK, retrieval())
    assert server.asked[0][2]["Authorization"] == f"Bearer {KEY}"


def test_no_proxy_stands_between_this_computer_and_itself(server, api, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, no_server())
    monkeypatch.setenv("NO_PROXY", "")
    server.script = [ACCEPTED]
    assert api.request(TRUCK, retrieval()).retrieval_id == "abc-1"


def test_cookies_are_not_kept(server, api):
    server.script = [says(200, {"data": {"media": []}}, {"Set-Cookie": "who=me; Path=/"})]
    api.check(TRUCK, retrieval())
    api.check(TRUCK, retrieval())
    assert "Cookie" not in server.asked[1][2]


def test_calls_are_logged_with_path_status_and_request_id(server, api, caplog):
    server.script = [says(404, {"message": "No.", "requestId": "q-7"})]
    with caplog.at_level(logging.INFO, "footage"), pytest.raises(RequestRefused):
        api.check(TRUCK, retrieval())
    assert "GET /cameras/media/retrieval -> 404 in 0.00 s (request id q-7)" in caplog.text
    assert KEY not in caplog.text


def test_a_custom_camera_keeps_its_identity(server, api):
    camera = Camera("analog2", "Left side")
    server.script = [media_answer(item(input="analog2"))]
    assert api.check(TRUCK, retrieval(camera))[0].camera is camera
