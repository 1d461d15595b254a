"""Requests of the Samsara client: what is sent, what a refusal means, and the quota."""

from __future__ import annotations

import pytest
from support.samsara import DRIVER, KEY, ROAD, TRUCK, accepted, page, retrieval, span, text
from support.scripted import ScriptedServer, says

from footage.errors import (
    AuthenticationError,
    NoSuchCamera,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    WindowTooLong,
)
from footage.model import Media, MediaType, Quota, Retrieval
from SamsaraAPI import SamsaraAPI


def a_request(kind: MediaType = MediaType.HIGH, seconds: float = 60) -> Retrieval:
    return Retrieval(span(0, seconds), [Media(ROAD)], kind)


def test_request_sends_what_the_reference_asks_for(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [accepted()]
    answer = samsara.request(TRUCK, retrieval(DRIVER))
    assert (answer.retrieval_id, answer.quota) == ("abc-1", Quota("Usage is 5 of 900."))
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
    ("kind", "seconds", "word"),
    [
        (MediaType.HIGH, 60, "videoHighRes"),
        (MediaType.LOW, 600, "videoLowRes"),
        (MediaType.HYPERLAPSE, 2400, "hyperlapse"),
        (MediaType.IMAGE, 0, "image"),
    ],
)
def test_each_kind_has_samsaras_word_and_a_still_no_length(
    server: ScriptedServer, samsara: SamsaraAPI, kind: MediaType, seconds: float, word: str
) -> None:
    server.script = [accepted()]
    assert samsara.request(TRUCK, a_request(kind, seconds)).retrieval_id == "abc-1"
    (_, _, _, body) = server.asked[0]
    assert body == {
        "vehicleId": TRUCK.id,
        "mediaType": word,
        "startTime": text(0),
        "endTime": text(seconds),
        "inputs": ["dashcamRoadFacing"],
    }


@pytest.mark.parametrize(
    "message",
    [
        "endTime is more than 60 seconds after startTime.",
        "The requested duration is too long.",
        "Time range exceeds the maximum for videoLowRes.",
        "Clips can be at most one minute.",
        "Requests longer than 1m are not supported.",
    ],
)
def test_a_refusal_for_length_names_the_surely_allowed_length(
    server: ScriptedServer, samsara: SamsaraAPI, message: str
) -> None:
    server.script = [says(400, {"message": message, "requestId": "q-7"})]
    with pytest.raises(WindowTooLong) as refused:
        samsara.request(TRUCK, a_request(MediaType.LOW, 600))
    assert (refused.value.longest, refused.value.message) == (60.0, message)
    assert (refused.value.status, refused.value.request_id) == (400, "q-7")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Camera was not recording at that time."),
        (400, "Invalid value for parameter."),  # as documented: of which one it does not say
        (413, "Request Entity Too Large"),
        (422, ""),
    ],
)
def test_only_the_window_that_lacks_footage_is_cut(
    server: ScriptedServer, samsara: SamsaraAPI, status: int, message: str
) -> None:
    """One minute that was not recorded is no reason to lose the nine around it."""
    server.script = [says(status, {"message": message})]
    with pytest.raises(WindowTooLong) as refused:
        samsara.request(TRUCK, a_request(MediaType.LOW, 600))
    assert (refused.value.longest, refused.value.only_this) == (60, True)


@pytest.mark.parametrize(
    ("kind", "seconds", "message"),
    [
        (MediaType.HIGH, 30, "The requested duration is too long."),  # cutting would go on for ever
        (MediaType.IMAGE, 0, "endTime has to be startTime."),
        (MediaType.HIGH, 60, "Camera was not recording at that time."),
        (MediaType.LOW, 600, "Invalid value for parameter: vehicleId."),
        (MediaType.HIGH, 60, "Invalid value for parameter."),
    ],
)
def test_any_other_refusal_is_a_refusal(
    server: ScriptedServer, samsara: SamsaraAPI, kind: MediaType, seconds: float, message: str
) -> None:
    server.script = [says(400, {"message": message})]
    with pytest.raises(RequestRefused) as refused:
        samsara.request(TRUCK, a_request(kind, seconds))
    assert type(refused.value) is RequestRefused
    assert refused.value.message == message


@pytest.mark.parametrize("message", ["inputs", "inputs.", "cameraRoles: no such camera."])
def test_a_refusal_that_names_the_input_is_a_missing_camera(
    server: ScriptedServer, samsara: SamsaraAPI, message: str
) -> None:
    server.script = [says(400, {"message": f"Invalid value for parameter: {message}"})]
    with pytest.raises(NoSuchCamera):
        samsara.request(TRUCK, a_request(MediaType.LOW, 600))


def test_should_even_a_minute_be_too_long_it_is_cut_once_more(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [says(400, {"message": "A video lasts 1 to 30 seconds."})]
    with pytest.raises(WindowTooLong) as refused:
        samsara.request(TRUCK, a_request(MediaType.HIGH, 60))
    assert (refused.value.longest, refused.value.only_this) == (30, False)


@pytest.mark.parametrize(
    "message",
    [
        "Exceeded monthly usage limit of high-res video.",
        "Exceeded the high-res video seconds available this month.",
    ],
)
def test_a_used_up_quota_is_not_a_window_that_is_too_long(
    server: ScriptedServer, samsara: SamsaraAPI, message: str
) -> None:
    server.script = [says(400, {"message": message})]
    with pytest.raises(QuotaExhausted):
        samsara.request(TRUCK, a_request(MediaType.LOW, 600))


def test_a_refusal_carries_samsaras_own_words_and_request_id(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    message = "Camera was not recording at\x1b[31m that time."
    server.script = [says(400, {"message": message, "requestId": "8916e1c1"})]
    with pytest.raises(RequestRefused) as refused:
        samsara.request(TRUCK, retrieval())
    assert refused.value.message == "Camera was not recording at that time."
    assert (refused.value.status, refused.value.request_id) == (400, "8916e1c1")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_the_permissions_and_not_the_key(
    server: ScriptedServer, samsara: SamsaraAPI, status: int
) -> None:
    server.script = [says(status, {"message": f"Invalid token {KEY}."}, {"X-Request-Id": "h-1"})]
    with pytest.raises(AuthenticationError) as refused:
        samsara.vehicles()
    assert "Write Media Retrieval" in str(refused.value)
    assert KEY not in str(refused.value)
    assert refused.value.request_id == "h-1"
    assert len(server.asked) == 1


# --- quota ----------------------------------------------------------------------------------------


DOCUMENTED = "Current monthly usage is 1234.5 seconds of high-res video out of 900000.0 available."


@pytest.mark.parametrize(
    ("message", "used", "total"),
    [
        (DOCUMENTED, 1234.5, 900000.0),
        (DOCUMENTED.replace("900000.0", "900,000"), 1234.5, 900000.0),
        ("Usage: 12 of 900 seconds.", 12.0, 900.0),
        ("Current monthly usage is 0 seconds of high-res video out of 0 available.", 0.0, 0.0),
    ],
)
def test_the_documented_sentence_has_two_figures(
    server: ScriptedServer, samsara: SamsaraAPI, message: str, used: float, total: float
) -> None:
    server.script = [accepted(message)]
    assert samsara.request(TRUCK, a_request()).quota == Quota(message, used, total)


@pytest.mark.parametrize(
    "message",
    [
        "You have used 12 s this month (plan: gold).",
        "Current monthly usage is 5 seconds.",
        "Current monthly usage is 5 seconds out of 900 available until 05/01.",
        "Usage is 5 of 900.",
        "Unlimited.",
        "Monthly usage: 5 seconds remaining of 900.",  # the figures mean something else
        "Of this month's usage 5 of 900 seconds are left.",
        "Current monthly usage is 9.0 seconds of high-res video out of 250.0 hours available.",
        "Current monthly usage is 3.5 percent of 900000.0 seconds.",
        "Monthly usage: 12 images and 34 seconds.",
    ],
)
def test_a_sentence_in_another_form_is_kept_as_words(
    server: ScriptedServer, samsara: SamsaraAPI, message: str
) -> None:
    server.script = [accepted(message)]
    assert samsara.request(TRUCK, a_request()).quota == Quota(message, None, None)


@pytest.mark.parametrize("message", [None, "", "  ", 7.5, [], {"used": 5}])
def test_no_sentence_is_no_quota(
    server: ScriptedServer, samsara: SamsaraAPI, message: object
) -> None:
    server.script = [accepted(message)]
    assert samsara.request(TRUCK, a_request()).quota is None


PLENTY = "Current monthly usage is 60.0 seconds of high-res video out of 900000.0 available."
NEARLY_NONE = "Current monthly usage is 899990.0 seconds of high-res video out of 900000 available."


@pytest.mark.parametrize(
    ("told", "text", "error"),
    [
        (PLENTY, "Too many requests.", TransientError),
        (PLENTY, "Exceeded monthly usage limit.", TransientError),
        (NEARLY_NONE, "Too many requests.", QuotaExhausted),
        (NEARLY_NONE, "Exceeded rate limit.", TransientError),
    ],
)
def test_a_429_is_the_rate_while_plenty_is_left(
    server: ScriptedServer, samsara: SamsaraAPI, told: str, text: str, error: type[Exception]
) -> None:
    server.script = [accepted(told), says(429, {"message": text})]
    samsara.request(TRUCK, retrieval())
    with pytest.raises(error) as failed:
        samsara.request(TRUCK, retrieval())
    assert error is TransientError or "this month's quota" in str(failed.value)


def test_what_is_still_being_uploaded_is_not_left(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    told = "Current monthly usage is 0.0 seconds of high-res video out of 240.0 available."
    server.script = [
        *[accepted(told)] * 4,
        says(429, {"message": "Exceeded monthly usage limit of high-res video."}),
    ]
    for _ in range(4):
        samsara.request(TRUCK, retrieval())
    with pytest.raises(QuotaExhausted):
        samsara.request(TRUCK, retrieval())
    assert len(server.asked) == 5


def test_a_501_is_a_plain_no(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    server.script = [says(501, {"message": "not yet implemented"})]
    with pytest.raises(RequestRefused, match="not yet implemented"):
        samsara.request(TRUCK, retrieval())
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_lists_vehicles_lacks_a_permission(
    server: ScriptedServer, samsara: SamsaraAPI, status: int
) -> None:
    refused = says(status, {"message": "Invalid token."})
    server.paths = {
        "/fleet/vehicles": [page()],
        "/cameras/media": [refused],
        "/cameras/media/retrieval": [refused, accepted(), refused],
    }
    with pytest.raises(AuthenticationError, match="refused the API key"):  # nothing is known yet
        samsara.request(TRUCK, retrieval())
    samsara.vehicles()
    with pytest.raises(AuthenticationError, match="lacks the permission Read Media Retrieval"):
        samsara.uploaded(TRUCK, span(0, 60), [ROAD], MediaType.HIGH)
    samsara.request(TRUCK, retrieval())
    with pytest.raises(AuthenticationError, match="refused the API key"):  # it has been revoked
        samsara.request(TRUCK, retrieval())
