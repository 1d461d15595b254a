"""How calls are made: unknown outcomes, rate limits, and where the key goes."""

from __future__ import annotations

import logging
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from support.samsara import KEY, TRUCK, accepted, retrieval
from support.scripted import Answer, FakeTime, ScriptedServer, breaks_off, hangs_up, no_server, says

import footage.cloud.http
from footage.errors import (
    Interrupted,
    OutcomeUnknown,
    QuotaExhausted,
    RequestRefused,
    TransientError,
)
from SamsaraAPI import SamsaraAPI


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
def test_a_request_with_an_unknown_outcome_is_sent_once(
    server: ScriptedServer, samsara: SamsaraAPI, answer: Answer
) -> None:
    server.script = [answer]
    with pytest.raises(OutcomeUnknown):
        samsara.request(TRUCK, retrieval())
    assert len(server.asked) == 1


def test_a_request_that_times_out_has_an_unknown_outcome(
    server: ScriptedServer, samsara: SamsaraAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footage.cloud.http, "TIMEOUT", (1.0, 0.1))
    released = threading.Event()

    def late(handler: BaseHTTPRequestHandler) -> None:
        released.wait(5)
        hangs_up(handler)

    server.script = [late]
    with pytest.raises(OutcomeUnknown, match="silent"):
        samsara.request(TRUCK, retrieval())
    released.set()
    assert len(server.asked) == 1


def test_a_request_that_was_never_sent_was_not_accepted(time: FakeTime) -> None:
    samsara = SamsaraAPI(KEY, no_server(), wait=time.wait, clock=time.clock)
    with pytest.raises(TransientError, match=r"refused|no connection"):
        samsara.request(TRUCK, retrieval())


def test_an_earlier_failure_does_not_hide_an_unknown_outcome(
    server: ScriptedServer, samsara: SamsaraAPI, time: FakeTime
) -> None:
    server.script = [hangs_up]
    unreachable = SamsaraAPI(KEY, no_server(), wait=time.wait, clock=time.clock)
    try:
        unreachable.request(TRUCK, retrieval())
    except TransientError:
        with pytest.raises(OutcomeUnknown):
            samsara.request(TRUCK, retrieval())


def test_a_dead_proxy_means_not_sent(time: FakeTime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", no_server())
    monkeypatch.setenv("NO_PROXY", "")
    samsara = SamsaraAPI(KEY, "https://api.example.invalid", wait=time.wait, clock=time.clock)
    with pytest.raises(TransientError, match="proxy"):
        samsara.request(TRUCK, retrieval())


def test_an_endless_answer_is_not_read_to_its_end(
    server: ScriptedServer, samsara: SamsaraAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footage.cloud.http, "BODY_LIMIT", 100_000)
    server.script = [says(200, b'{"data": "' + b"x" * 200_000 + b'"}')]
    with pytest.raises(TransientError):
        samsara.check(TRUCK, retrieval())


# --- rate limits ----------------------------------------------------------------------------------


def test_retry_after_of_fractional_seconds_is_obeyed(
    server: ScriptedServer, samsara: SamsaraAPI, time: FakeTime
) -> None:
    server.script = [says(429, {"message": "slow"}, {"Retry-After": "7.40235"}), accepted()]
    samsara.request(TRUCK, retrieval())
    assert 7.40235 <= time.now < 7.9
    assert len(server.asked) == 2


def test_retry_after_holds_the_whole_endpoint_back(
    server: ScriptedServer, samsara: SamsaraAPI, time: FakeTime
) -> None:
    server.script = [says(429, {}, {"Retry-After": "3"}), says(200, {"data": {"media": []}})]
    samsara.check(TRUCK, retrieval())
    assert 3 <= time.now < 3.5


def test_retry_after_as_a_date_goes_by_the_servers_clock(
    server: ScriptedServer, samsara: SamsaraAPI, time: FakeTime
) -> None:
    dates = {"Retry-After": "Wed, 16 Apr 2025 13:30:20 GMT"}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(429)
        handler.send_header("Date", "Wed, 16 Apr 2025 13:30:05 GMT")
        handler.send_header("Retry-After", dates["Retry-After"])
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.script = [answer, accepted()]
    samsara.request(TRUCK, retrieval())
    assert 15 <= time.now < 15.7


@pytest.mark.parametrize("header", [{}, {"Retry-After": "soon"}, {"Retry-After": "-1"}])
def test_without_a_usable_retry_after_the_pauses_grow(
    server: ScriptedServer, samsara: SamsaraAPI, time: FakeTime, header: dict[str, str]
) -> None:
    server.script = [says(429, {}, header)] * 4 + [accepted()]
    samsara.request(TRUCK, retrieval())
    assert 1 + 2 + 4 + 8 <= time.now < 18


def test_a_429_that_never_ends_is_the_quota_only_for_a_request(
    server: ScriptedServer, samsara: SamsaraAPI, time: FakeTime
) -> None:
    server.script = [says(429, {"message": "Too many."}, {"Retry-After": "0.5"})]
    with pytest.raises(QuotaExhausted, match="Too many"):
        samsara.request(TRUCK, retrieval())
    assert len(server.asked) == 20
    assert time.now < 1200
    with pytest.raises(TransientError):
        samsara.check(TRUCK, retrieval())


def test_a_pause_of_hours_is_not_waited_for(
    server: ScriptedServer, samsara: SamsaraAPI, time: FakeTime
) -> None:
    server.script = [says(429, {}, {"Retry-After": "86400"})]
    with pytest.raises(TransientError):
        samsara.check(TRUCK, retrieval())
    assert time.now < 60


def test_requests_keep_to_a_hundred_a_minute(
    server: ScriptedServer, samsara: SamsaraAPI, time: FakeTime
) -> None:
    server.script = [accepted()]
    for _ in range(11):
        samsara.request(TRUCK, retrieval())
    assert 10 * 0.6 < time.now <= 10 * 0.6 / 0.9


def test_waiting_can_be_interrupted(server: ScriptedServer) -> None:
    def stopped(seconds: float) -> None:
        raise Interrupted("stopped")

    samsara = SamsaraAPI(KEY, server.url, wait=stopped, clock=lambda: 0.0)
    server.script = [says(429, {})]
    with pytest.raises(Interrupted):
        samsara.request(TRUCK, retrieval())


# --- the key stays where it belongs ---------------------------------------------------------------


def test_netrc_does_not_replace_the_key(
    server: ScriptedServer, samsara: SamsaraAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script = [accepted()]
    samsara.request(TRUCK, retrieval())
    assert server.asked[0][2]["Authorization"] == f"Bearer {KEY}"


def test_no_proxy_stands_between_this_computer_and_itself(
    server: ScriptedServer, samsara: SamsaraAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, no_server())
    monkeypatch.setenv("NO_PROXY", "")
    server.script = [accepted()]
    assert samsara.request(TRUCK, retrieval()).retrieval_id == "abc-1"


def test_cookies_are_not_kept(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    server.script = [says(200, {"data": {"media": []}}, {"Set-Cookie": "who=me; Path=/"})]
    samsara.check(TRUCK, retrieval())
    samsara.check(TRUCK, retrieval())
    assert "Cookie" not in server.asked[1][2]


def test_calls_are_logged_with_path_status_and_request_id(
    server: ScriptedServer, samsara: SamsaraAPI, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [says(404, {"message": "No.", "requestId": "q-7"})]
    with caplog.at_level(logging.INFO, "footage"), pytest.raises(RequestRefused):
        samsara.check(TRUCK, retrieval())
    assert "GET /cameras/media/retrieval -> 404 in 0.00 s (request id q-7)" in caplog.text
    assert KEY not in caplog.text
