"""Every kind of Samsara's footage: what is asked, what is in the cloud already, what is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.scripted import Answer, FakeTime, ScriptedServer, hangs_up, says

from footage.errors import (
    AuthenticationError,
    NoSuchCamera,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    WindowTooLong,
)
from footage.model import (
    Camera,
    Cost,
    Media,
    MediaStatus,
    MediaType,
    Quota,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)
from SamsaraAPI import CAMERAS, MEDIA_TYPES, SamsaraAPI

KEY = "samsara_api_0123456789abcdefghijklmnopqrst"
START = datetime(2025, 4, 16, 13, 30, tzinfo=timezone.utc)
ROAD, DRIVER, ANALOG = CAMERAS[:3]
TRUCK = Vehicle("281474976710657", "Truck 12")
VIDEO = (MediaType.HIGH, MediaType.LOW, MediaType.HYPERLAPSE)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture
def api(server: ScriptedServer) -> SamsaraAPI:
    fast = FakeTime()
    return SamsaraAPI(KEY, server.url, wait=fast.wait, clock=fast.clock)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def span(start: float, end: float) -> Window:
    return Window(at(start), at(end))


def minutes(count: float) -> Window:
    return span(0, 60 * count)


def text(seconds: float) -> str:
    return at(seconds).isoformat().replace("+00:00", "Z")


# --- planning -------------------------------------------------------------------------------------

api_of_nobody = SamsaraAPI(KEY, "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("kind", "lengths"),
    [
        (MediaType.HIGH, [60.0] * 90),
        (MediaType.LOW, [600.0] * 9),
        (MediaType.HYPERLAPSE, [2400.0, 2400.0, 600.0]),
    ],
)
def test_each_kind_is_asked_for_in_windows_as_long_as_it_may_be(
    kind: MediaType, lengths: list[float]
) -> None:
    plan = api_of_nobody.plan(minutes(90), [DRIVER], kind)
    assert [one.window.seconds for one in plan] == lengths
    assert {one.media_type for one in plan} == {kind}


@given(st.sampled_from(VIDEO), st.integers(1, 1440), st.sampled_from([1, 2, 3]))
def test_the_plan_covers_the_time_once_for_each_camera(
    kind: MediaType, length: int, cameras: int
) -> None:
    plan = api_of_nobody.plan(minutes(length), CAMERAS[:cameras], kind)
    assert all(len(one.media) == 1 for one in plan)
    for camera in CAMERAS[:cameras]:
        windows = [one.window for one in plan if one.media[0].camera == camera]
        assert (windows[0].start, windows[-1].end) == (START, at(60 * length))
        assert [one.end for one in windows[:-1]] == [one.start for one in windows[1:]]


@pytest.mark.parametrize(
    ("length", "every", "seconds"),
    [
        (0, 60.0, [0]),
        (2, 60.0, [0, 60]),
        (2, 50.0, [0, 50, 100]),
        (1, 3600.0, [0]),
        (0.05, 1.0, [0, 1, 2]),
    ],
)
def test_stills_are_moments_from_the_start_on(
    length: float, every: float, seconds: list[float]
) -> None:
    plan = api_of_nobody.plan(minutes(length), [ROAD, DRIVER], MediaType.IMAGE, every)
    expected = [(span(at, at), camera) for at in seconds for camera in (ROAD, DRIVER)]
    assert [(one.window, one.media[0].camera) for one in plan] == expected


@pytest.mark.parametrize(
    ("kind", "length", "cost"),
    [
        (MediaType.HIGH, 5, Cost("600 s of quota", 600.0)),
        (MediaType.IMAGE, 5, Cost("1 s of quota", 1.0)),
        (MediaType.IMAGE, 2, Cost("0.4 s of quota", 0.4)),
        (MediaType.LOW, 5, Cost("600 s of footage (how it counts is not documented)", None)),
        (MediaType.HYPERLAPSE, 5, Cost("600 s of footage (how it counts is not documented)", None)),
    ],
)
def test_what_a_kind_costs_or_that_nobody_knows(kind: MediaType, length: int, cost: Cost) -> None:
    assert api_of_nobody.cost(api_of_nobody.plan(minutes(length), CAMERAS[:2], kind, 60.0)) == cost


def test_a_long_job_in_high_res_is_told_what_the_other_kinds_would_mean() -> None:
    words = api_of_nobody.advice(minutes(60), [ROAD, DRIVER], MediaType.HIGH)
    assert "Instead of 120 requests" in words
    assert "--media low would make 12" in words
    assert "--media hyperlapse 4" in words
    assert api_of_nobody.advice(minutes(10), [ROAD], MediaType.HIGH) == ""
    assert api_of_nobody.advice(minutes(600), [ROAD], MediaType.LOW) == ""


def test_no_kind_is_live_and_all_four_are_there() -> None:
    assert list(MEDIA_TYPES) == [*VIDEO, MediaType.IMAGE]
    assert not any(api_of_nobody.is_live(kind) for kind in MediaType)
    assert api_of_nobody.recorded(TRUCK, minutes(1)) is None
    assert api_of_nobody.quota(MediaType.HIGH) is None


# --- requesting -----------------------------------------------------------------------------------


def accepted(words: object = "Usage is 5 of 900.") -> Answer:
    return says(200, {"data": {"retrievalId": "abc-1", "quotaStatus": words}})


def a_request(kind: MediaType = MediaType.HIGH, seconds: float = 60) -> Retrieval:
    return Retrieval(span(0, seconds), [Media(ROAD)], kind)


@pytest.mark.parametrize(
    ("kind", "seconds", "word"),
    [
        (MediaType.HIGH, 60, "videoHighRes"),
        (MediaType.LOW, 600, "videoLowRes"),
        (MediaType.HYPERLAPSE, 2400, "hyperlapse"),
        (MediaType.IMAGE, 0, "image"),
    ],
)
def test_each_kind_has_samsaras_word_and_a_still_begins_when_it_ends(
    server: ScriptedServer, api: SamsaraAPI, kind: MediaType, seconds: float, word: str
) -> None:
    server.script = [accepted()]
    assert api.request(TRUCK, a_request(kind, seconds)).retrieval_id == "abc-1"
    (_, _, _, body) = server.asked[0]
    assert body == {
        "vehicleId": TRUCK.id,
        "mediaType": word,
        "startTime": text(0),
        "endTime": text(seconds),
        "inputs": ["dashcamRoadFacing"],
    }


@pytest.mark.parametrize(
    "words",
    [
        "endTime is more than 60 seconds after startTime.",
        "The requested duration is too long.",
        "Time range exceeds the maximum for videoLowRes.",
        "Clips can be at most one minute.",
        "Requests longer than 1m are not supported.",
    ],
)
def test_a_refusal_for_length_says_how_long_a_window_may_surely_be(
    server: ScriptedServer, api: SamsaraAPI, words: str
) -> None:
    server.script = [says(400, {"message": words, "requestId": "q-7"})]
    with pytest.raises(WindowTooLong) as refused:
        api.request(TRUCK, a_request(MediaType.LOW, 600))
    assert (refused.value.longest, refused.value.message) == (60.0, words)
    assert (refused.value.status, refused.value.request_id) == (400, "q-7")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Camera was not recording at that time."),
        (400, "Invalid value for parameter."),  # as documented: of which one it does not say
        (413, "Request Entity Too Large"),
        (422, ""),
    ],
)
def test_a_long_window_of_which_something_lacks_is_cut_alone(
    server: ScriptedServer, api: SamsaraAPI, status: int, words: str
) -> None:
    """One minute that was not recorded is no reason to lose the nine around it."""
    server.script = [says(status, {"message": words})]
    with pytest.raises(WindowTooLong) as refused:
        api.request(TRUCK, a_request(MediaType.LOW, 600))
    assert (refused.value.longest, refused.value.only_this) == (60, True)


@pytest.mark.parametrize(
    ("kind", "seconds", "words"),
    [
        (MediaType.HIGH, 30, "The requested duration is too long."),  # cutting would go on for ever
        (MediaType.IMAGE, 0, "endTime has to be startTime."),
        (MediaType.HIGH, 60, "Camera was not recording at that time."),
        (MediaType.LOW, 600, "Invalid value for parameter: vehicleId."),
        (MediaType.HIGH, 60, "Invalid value for parameter."),
    ],
)
def test_any_other_refusal_is_a_refusal(
    server: ScriptedServer, api: SamsaraAPI, kind: MediaType, seconds: float, words: str
) -> None:
    server.script = [says(400, {"message": words})]
    with pytest.raises(RequestRefused) as refused:
        api.request(TRUCK, a_request(kind, seconds))
    assert type(refused.value) is RequestRefused
    assert refused.value.message == words


@pytest.mark.parametrize("words", ["inputs", "inputs.", "cameraRoles: no such camera."])
def test_a_refusal_that_names_the_input_is_of_a_camera_that_the_vehicle_lacks(
    server: ScriptedServer, api: SamsaraAPI, words: str
) -> None:
    server.script = [says(400, {"message": f"Invalid value for parameter: {words}"})]
    with pytest.raises(NoSuchCamera):
        api.request(TRUCK, a_request(MediaType.LOW, 600))


def test_should_even_a_minute_be_too_long_it_is_cut_once_more(
    server: ScriptedServer, api: SamsaraAPI
) -> None:
    server.script = [says(400, {"message": "A video lasts 1 to 30 seconds."})]
    with pytest.raises(WindowTooLong) as refused:
        api.request(TRUCK, a_request(MediaType.HIGH, 60))
    assert (refused.value.longest, refused.value.only_this) == (30, False)


@pytest.mark.parametrize(
    "words",
    [
        "Exceeded monthly usage limit of high-res video.",
        "Exceeded the high-res video seconds available this month.",
    ],
)
def test_a_used_up_quota_is_not_taken_for_a_window_that_is_too_long(
    server: ScriptedServer, api: SamsaraAPI, words: str
) -> None:
    server.script = [says(400, {"message": words})]
    with pytest.raises(QuotaExhausted):
        api.request(TRUCK, a_request(MediaType.LOW, 600))


# --- quota ----------------------------------------------------------------------------------------

DOCUMENTED = "Current monthly usage is 1234.5 seconds of high-res video out of 900000.0 available."


@pytest.mark.parametrize(
    ("words", "used", "total"),
    [
        (DOCUMENTED, 1234.5, 900000.0),
        (DOCUMENTED.replace("900000.0", "900,000"), 1234.5, 900000.0),
        ("Usage: 12 of 900 seconds.", 12.0, 900.0),
        ("Current monthly usage is 0 seconds of high-res video out of 0 available.", 0.0, 0.0),
    ],
)
def test_the_documented_sentence_tells_two_figures(
    server: ScriptedServer, api: SamsaraAPI, words: str, used: float, total: float
) -> None:
    server.script = [accepted(words)]
    assert api.request(TRUCK, a_request()).quota == Quota(words, used, total)


@pytest.mark.parametrize(
    "words",
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
    server: ScriptedServer, api: SamsaraAPI, words: str
) -> None:
    server.script = [accepted(words)]
    assert api.request(TRUCK, a_request()).quota == Quota(words, None, None)


@pytest.mark.parametrize("words", [None, "", "  ", 7.5, [], {"used": 5}])
def test_no_sentence_is_no_quota(server: ScriptedServer, api: SamsaraAPI, words: object) -> None:
    server.script = [accepted(words)]
    assert api.request(TRUCK, a_request()).quota is None


# --- roles ----------------------------------------------------------------------------------------


def media_answer(*items: dict[str, Any]) -> Answer:
    return says(200, {"data": {"media": list(items)}})


def item(start: float = 0, end: float = 60, **fields: object) -> dict[str, Any]:
    return {
        "vehicleId": TRUCK.id,
        "input": "dashcamRoadFacing",
        "mediaType": "videoHighRes",
        "startTime": text(start),
        "endTime": text(end),
        "urlInfo": {"url": f"https://media.example/{start}-{end}.mp4?sig=x"},
    } | fields


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("leftMirrorMount", "Left mirror"),
        ("rightSide", "Right side"),
        ("rearHigh", "Rear high"),
        ("inCab", "In cab"),
        ("hopper", "Hopper"),
        ("other2", "Other 2"),
        ("frontBev", "Front bird's-eye"),
        ("bevNotUsed", ""),
        ("someThingNew", "Some thing new"),
        ("", ""),
        (None, ""),
        ([], ""),
        ("\x1b[31mfront", "Front"),
    ],
)
def test_what_a_camera_is_for_is_told_in_words(
    server: ScriptedServer, api: SamsaraAPI, word: object, role: str
) -> None:
    server.script = [media_answer(item(input="analog1", cameraRole=word, status="pending"))]
    (media,) = api.check(TRUCK, Retrieval(minutes(1), [Media(ANALOG)], id="r-1"))
    assert media.role == role


# --- what is in the cloud already -----------------------------------------------------------------


def page(*items: object, cursor: str = "") -> Answer:
    after = {"endCursor": cursor, "hasNextPage": bool(cursor)}
    return says(200, {"data": list(items), "pagination": after})


def queries(server: ScriptedServer) -> list[dict[str, list[str]]]:
    assert all(path.startswith("/cameras/media?") for _, path, _, _ in server.asked)
    return [parse_qs(urlsplit(path).query) for _, path, _, _ in server.asked]


def uploaded(
    api: SamsaraAPI,
    window: Window | None = None,
    cameras: tuple[Camera, ...] = (ROAD, DRIVER),
    kind: MediaType = MediaType.HIGH,
) -> list[Media]:
    return api.uploaded(TRUCK, window or minutes(5), cameras, kind)


def test_the_list_is_asked_as_its_reference_says_and_a_minute_wider(
    server: ScriptedServer, api: SamsaraAPI
) -> None:
    server.script = [page()]
    assert uploaded(api) == []
    assert queries(server) == [
        {
            "vehicleIds": [TRUCK.id],
            "startTime": [text(-60)],
            "endTime": [text(360)],
            "inputs": ["dashcamRoadFacing", "dashcamDriverFacing"],  # each under a key of its own
            "mediaTypes": ["videoHighRes"],
        }
    ]


@pytest.mark.parametrize(
    ("kind", "asked_for"),
    [
        (MediaType.HIGH, ["videoHighRes"]),
        (MediaType.IMAGE, ["image"]),
        (MediaType.LOW, None),  # its filter refuses these two words, so it is filtered here
        (MediaType.HYPERLAPSE, None),
    ],
)
def test_each_kind_is_told_from_the_others(
    server: ScriptedServer, api: SamsaraAPI, kind: MediaType, asked_for: list[str] | None
) -> None:
    words = ("videoHighRes", "videoLowRes", "hyperlapse", "image", "hologram", None)
    server.script = [page(*(item(n, n + 60, mediaType=word) for n, word in enumerate(words)))]
    (media,) = uploaded(api, kind=kind)
    assert queries(server)[0].get("mediaTypes") == asked_for
    assert media.start == at([*VIDEO, MediaType.IMAGE].index(kind))


def test_the_lists_own_names_of_the_cameras_are_understood(
    server: ScriptedServer, api: SamsaraAPI
) -> None:
    server.script = [
        page(
            item(60, 120, input="dashcamInwardFacing"),
            item(0, 60, input="dashcamForwardFacing", cameraRole="front"),
            item(120, 180, input="dashcamDriverFacing"),
            item(0, 60, input="analog1"),
            item(0, 60, input="dashcamRearFacing"),
            item(0, 60, input=None),
        )
    ]
    found = uploaded(api)
    assert [(one.camera, one.start, one.end) for one in found] == [
        (ROAD, at(0), at(60)),
        (DRIVER, at(60), at(120)),
        (DRIVER, at(120), at(180)),
    ]
    assert all(one.status is MediaStatus.AVAILABLE for one in found)
    assert (found[0].url, found[0].role) == ("https://media.example/0-60.mp4?sig=x", "Front")
    assert "sig=x" not in repr(found)


@pytest.mark.parametrize(
    "odd",
    [
        item(urlInfo=None),
        item(urlInfo={"url": ""}),
        item(startTime=None),
        item(endTime="soon"),
        item(vehicleId="999"),
        item(status="pending"),
        {},
        None,
        "x",
    ],
)
def test_what_cannot_be_fetched_or_placed_is_not_there(
    server: ScriptedServer, api: SamsaraAPI, odd: object
) -> None:
    server.script = [page(odd, item(60, 120))]
    assert [one.start for one in uploaded(api)] == [at(60)]


def test_all_pages_are_read_even_over_empty_ones_and_one_that_fails(
    server: ScriptedServer, api: SamsaraAPI
) -> None:
    server.script = [
        page(item(0, 60), cursor="c1"),
        page(cursor="c2"),
        hangs_up,
        says(503, {}),
        page(item(60, 120), item(0, 60)),
    ]
    assert [one.start for one in uploaded(api)] == [at(0), at(60)]  # what is listed twice is one
    cursors = [query.get("after") for query in queries(server)]
    assert cursors == [None, ["c1"], ["c2"], ["c2"], ["c2"]]
    assert len({tuple(query["startTime"]) for query in queries(server)}) == 1


@pytest.mark.parametrize("length", [1, 1437, 1438, 1439, 1440])
def test_no_query_is_longer_than_a_day_and_nothing_lies_between_two(
    server: ScriptedServer, api: SamsaraAPI, length: int
) -> None:
    server.script = [page()]
    uploaded(api, minutes(length))
    asked = [(q["startTime"][0], q["endTime"][0]) for q in queries(server)]
    assert asked[0][0] == text(-60)
    assert asked[-1][1] == text(60 * length + 60)
    assert [end for _, end in asked[:-1]] == [start for start, _ in asked[1:]]
    assert len(asked) == (1 if length + 2 <= 1440 else 2)
    for start, end in asked:
        day = datetime.fromisoformat(end[:-1]) - datetime.fromisoformat(start[:-1])
        assert timedelta() < day <= timedelta(hours=24)


def test_an_item_at_the_border_of_two_days_is_one(server: ScriptedServer, api: SamsaraAPI) -> None:
    server.script = [page(item(86280, 86400)), page(item(86280, 86400), item(86400, 86460))]
    assert [one.start for one in uploaded(api, minutes(1440))] == [at(86280), at(86400)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(400, {"message": "No."}), RequestRefused),
        (says(403, {"message": "No."}), AuthenticationError),
        (says(500, {}), TransientError),
    ],
)
def test_a_list_that_cannot_be_had_is_an_error_and_not_an_empty_list(
    server: ScriptedServer, api: SamsaraAPI, answer: Answer, error: type[Exception]
) -> None:
    server.script = [answer]
    with pytest.raises(error):
        uploaded(api)


# --- what was found, looked up again --------------------------------------------------------------


def found(start: float = 0, end: float = 60, used: Window | None = None) -> Retrieval:
    media = Media(ROAD, MediaStatus.PENDING, "", at(start), at(end))
    return Retrieval(used or span(start, end), [media], state=RetrievalState.FOUND)


def test_what_was_found_is_known_again_by_camera_and_times(
    server: ScriptedServer, api: SamsaraAPI
) -> None:
    server.script = [page(item(0, 61), item(0, 60, input="dashcamDriverFacing"), item(0, 60))]
    (media,) = api.check(TRUCK, found())
    assert (media.camera, media.start, media.end) == (ROAD, at(0), at(60))
    assert media.url == "https://media.example/0-60.mp4?sig=x"
    assert len(queries(server)) == 1  # in the list: no retrieval is known of it


def test_it_is_looked_for_where_it_begins_not_only_where_it_is_used(
    server: ScriptedServer, api: SamsaraAPI
) -> None:
    """Whether the list goes by the start of an item is not documented."""
    server.script = [page(item(-540, 3000))]
    (media,) = api.check(TRUCK, found(-540, 3000, used=minutes(5)))
    assert media.start == at(-540)
    (query,) = queries(server)
    assert (query["startTime"], query["endTime"]) == ([text(-600)], [text(3060)])


def test_a_still_is_known_again_too(server: ScriptedServer, api: SamsaraAPI) -> None:
    server.script = [page(item(30.4, 30.4, mediaType="image"))]
    one = replace(found(30.4, 30.4, used=span(30, 30)), media_type=MediaType.IMAGE)
    (media,) = api.check(TRUCK, one)
    assert media.start == at(30.4)


@pytest.mark.parametrize("there", [[], [item(0, 59)], [item(1, 60)], [item(urlInfo={})]])
def test_what_is_gone_is_refused_so_that_it_is_asked_for(
    server: ScriptedServer, api: SamsaraAPI, there: list[dict[str, Any]]
) -> None:
    server.script = [page(*there)]
    with pytest.raises(RequestRefused, match="no longer in the cloud"):
        api.check(TRUCK, found())
