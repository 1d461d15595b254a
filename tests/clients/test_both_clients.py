"""What holds of the clients of both providers alike."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import pytest
from support import motive as of_motive
from support import samsara as of_samsara
from support.scripted import Answer, FakeTime, ScriptedServer, hangs_up, says

from footage.cloud.provider import Provider
from footage.errors import QuotaExhausted, RequestRefused, TransientError, UsageError
from footage.model import Retrieval, Vehicle
from MotiveAPI import MotiveAPI
from SamsaraAPI import SamsaraAPI


@dataclass(frozen=True)
class Side:
    """A client against a scripted server, and what its provider takes and answers.

    spacing: seconds between two requests
    """

    client: Provider
    key: str
    vehicle: Vehicle
    retrieval: Retrieval
    accepted: Answer
    vehicles: Answer
    spacing: float

    def request(self) -> str:
        return self.client.request(self.vehicle, self.retrieval).retrieval_id

    def check(self) -> None:
        self.client.check(self.vehicle, self.retrieval)


@pytest.fixture(params=["samsara", "motive"])
def side(request: pytest.FixtureRequest) -> Side:
    client = request.getfixturevalue(request.param)
    if request.param == "samsara":
        return Side(
            client,
            of_samsara.KEY,
            of_samsara.TRUCK,
            of_samsara.retrieval(),
            of_samsara.accepted(),
            of_samsara.page({"id": "1", "name": "A"}),
            0.6,
        )
    return Side(
        client,
        of_motive.KEY,
        of_motive.TRUCK,
        of_motive.recall(),
        of_motive.CREATED,
        says(200, {"vehicles": [{"id": 1, "number": "A"}], "pagination": {"total": 1}}),
        2.0,
    )


@pytest.mark.parametrize("client", [SamsaraAPI, MotiveAPI])
@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "ftp://127.0.0.1",
        "api.example.com",
        "",
        "http://127.0.0.1@evil.example",
        "https://user:pw@api.example.com",
        "https://api.example.com/?x=1",
    ],
)
def test_an_unsafe_base_url_is_refused(client: Any, url: str) -> None:
    with pytest.raises(UsageError, match=f"The address of {client.name}'s API cannot be used"):
        client("some-key", url)


@pytest.mark.parametrize("client", [SamsaraAPI, MotiveAPI])
@pytest.mark.parametrize("key", ["", "  ", "a b", "a\nb", "schlüssel"])
def test_what_is_no_key_is_refused(client: Any, key: str) -> None:
    with pytest.raises(UsageError):
        client(key)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(side: Side, server: ScriptedServer, status: int) -> None:
    server.script = [says(status, {}, {"Location": f"{server.url}/x"})]
    for call in (side.request, side.check):
        with pytest.raises(TransientError, match="the API key"):
            call()
    assert len(server.asked) == 2


def test_the_turn_is_waited_for_before_the_request(
    side: Side, server: ScriptedServer, time: FakeTime
) -> None:
    server.script = [side.accepted]
    side.request()
    side.client.wait_for_turn()
    waited = time.now
    side.request()
    assert waited > side.spacing
    assert time.now == waited


@pytest.mark.parametrize("status", [402, 403, 422, 429])
def test_a_refusal_about_the_quota_ends_the_requests(
    side: Side, server: ScriptedServer, status: int
) -> None:
    server.script = [says(status, {"message": "Monthly quota exceeded."})]
    with pytest.raises(QuotaExhausted, match="Monthly quota exceeded"):
        side.request()
    assert [method for method, _, _, _ in server.asked].count("POST") == 1


@pytest.mark.parametrize(
    "answer", [says(500, {}), says(504, b""), hangs_up, says(200, b"<html>"), says(200, b"")]
)
def test_a_poll_that_fails_is_a_transient_error(
    side: Side, server: ScriptedServer, answer: Answer
) -> None:
    server.script = [answer]
    with pytest.raises(TransientError):
        side.check()
    assert len(server.asked) == 1


def test_an_unknown_retrieval_is_refused(side: Side, server: ScriptedServer) -> None:
    server.script = [says(404, {"message": "Object not found."})]
    with pytest.raises(RequestRefused, match="Object not found"):
        side.check()


def test_an_accepted_request_is_logged_with_its_id(
    side: Side, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [side.accepted]
    with caplog.at_level(logging.INFO, "footage"):
        assert f"retrieval {side.request()}" in caplog.text


def test_a_page_that_fails_is_asked_for_again(
    side: Side, server: ScriptedServer, time: FakeTime
) -> None:
    server.script = [says(503, {}), hangs_up, says(200, b'{"cut'), side.vehicles]
    assert [vehicle.id for vehicle in side.client.vehicles()] == ["1"]
    assert time.now >= 1 + 2 + 4


def test_the_key_is_in_no_log(
    side: Side, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [says(422, {"message": f"Key {side.key} no."})]
    with caplog.at_level(logging.DEBUG, "footage"), pytest.raises(RequestRefused):
        side.request()
    assert " -> 422 in " in caplog.text
    assert side.key not in caplog.text
