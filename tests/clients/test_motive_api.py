"""The Motive client against a scripted server on loopback. Nothing here waits for real."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

import pytest
from support.scripted import FakeTime, ScriptedServer, hangs_up, says

from footage.cloud.json_fields import as_number, as_text, as_time, utc_text
from footage.cloud.provider import Provider
from footage.errors import (
    AlreadyRequested,
    AuthenticationError,
    OutcomeUnknown,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    UsageError,
    WindowTooLong,
)
from footage.job.planning import cut_smaller
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
from MotiveAPI import BASE_URL, CAMERAS, MotiveAPI
from simulator import MotiveStyle, Scenario, cameras, start

UTC = timezone.utc
KEY = "0123456789abcdef-motive-key"
START = datetime(2025, 3, 1, 14, 3, tzinfo=UTC)
ROAD, DRIVER, NARROW, LEFT, RIGHT, REAR = CAMERAS
TRUCK = Vehicle("4321", "TRUCK-101")
TRAILER = Vehicle("55", "TRAILER-7", kind="asset")
HIGH, TIMELAPSE, IMAGE = MediaType.HIGH, MediaType.TIMELAPSE, MediaType.IMAGE
PENDING, AVAILABLE, FAILED = MediaStatus.PENDING, MediaStatus.AVAILABLE, MediaStatus.FAILED
INVALID, UNAVAILABLE = MediaStatus.INVALID, MediaStatus.UNAVAILABLE
URL = "https://bucket.example/one.mp4?sig=x"
RECALLS, QUOTA = "/v1/video_recall_requests", "/v1/video_recall_requests/quota"
CREATED = says(201, {"id": "98765", "status": "pending"})


@pytest.fixture
def server():
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture
def time():
    return FakeTime()


@pytest.fixture
def api(server, time):
    return MotiveAPI(KEY, server.url, wait=time.wait, clock=time.clock)


def span(minutes):
    return Window(START, START + timedelta(minutes=minutes))


def recall(*cameras, minutes=3.0, media_type=HIGH, rid="98765"):
    return Retrieval(
        span(minutes), [Media(one) for one in cameras or CAMERAS], media_type, id=rid,
        state=RetrievalState.ACCEPTED,
    )  # fmt: skip


def picture(camera=LEFT, rid="omnicam/1234"):
    return recall(camera, minutes=0, media_type=IMAGE, rid=rid)


def bodies(server):
    return [body for method, _, _, body in server.asked if method == "POST"]


def states(found):
    return {media.camera: media.status for media in found}


# --- what it is -------------------------------------------------------------------------------


def test_it_is_a_provider_with_motives_cameras_in_the_order_of_the_picture(api):
    provider: Provider = api
    assert provider.name == "Motive"
    assert [(c.input, c.label) for c in provider.cameras] == [
        ("front_facing", "Road"),
        ("driver_facing", "Driver"),
        ("front_narrow_facing", "Road narrow"),
        ("side_left", "Left"),
        ("side_right", "Right"),
        ("rear", "Rear"),
    ]
    assert list(api.words) == ["front", "driver", "narrow", "left", "right", "rear"]
    assert list(api.words.values()) == [camera.input for camera in CAMERAS]
    assert BASE_URL == "https://api.gomotive.com"
    assert provider.min_poll_interval == 10
    assert [kind for kind in MediaType if api.is_live(kind)] == [IMAGE]
    assert "--resume" in provider.waiting_hint(HIGH)
    assert provider.waiting_hint(IMAGE) == ""  # that is of recalls


@pytest.mark.parametrize(
    ("kind", "media_type", "cameras"),
    [
        ("vehicle", HIGH, CAMERAS),
        ("vehicle", TIMELAPSE, CAMERAS),
        ("vehicle", IMAGE, (ROAD, DRIVER, LEFT, RIGHT, REAR)),
        ("asset", HIGH, (LEFT, RIGHT, REAR)),
        ("asset", TIMELAPSE, (LEFT, RIGHT, REAR)),
        ("asset", IMAGE, (LEFT, RIGHT, REAR)),
    ],
)
def test_cameras_where_none_are_named(api, kind, media_type, cameras):
    assert tuple(api.default_cameras(kind, media_type)) == cameras


def test_pictures_are_of_the_documented_positions_and_recalls_of_any(api):
    assert tuple(api.possible_cameras("asset", HIGH)) == CAMERAS
    assert NARROW not in api.possible_cameras("vehicle", IMAGE)
    assert tuple(api.possible_cameras("asset", IMAGE)) == (LEFT, RIGHT, REAR)


@pytest.mark.parametrize(
    ("word", "camera"),
    [
        ("cargo_facing", Camera("cargo_facing", "Cargo facing")),
        ("side_left_2", Camera("side_left_2", "Side left 2")),
        ("frnt", None),  # more likely a slip of the finger
        ("../x_y", None),
        ("", None),
    ],
)
def test_a_position_by_motives_own_name_need_not_be_known_here(api, word, camera):
    assert api.other_camera(word) == camera


def test_what_motive_does_not_have(api, server):
    assert api.uploaded(TRUCK, span(3), CAMERAS, HIGH) == []
    assert api.has_telemetry is False
    with pytest.raises(RequestRefused):
        api.readings(TRUCK, span(3))
    assert api.quota(IMAGE) is None
    assert server.asked == []


@pytest.mark.parametrize("url", ["http://api.gomotive.com", "api.gomotive.com", ""])
def test_an_unsafe_base_url_is_refused(url):
    with pytest.raises(UsageError):
        MotiveAPI(KEY, url)


# --- planning ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "lengths"), [(1, [1]), (2, [2]), (3, [3]), (4, [3, 1]), (5, [3, 2]), (7, [3, 3, 1])]
)
def test_recalls_are_of_three_minutes_and_a_rest_each_of_all_cameras(api, minutes, lengths):
    plan = api.plan(span(minutes), CAMERAS[:2], HIGH)
    assert [one.window.seconds / 60 for one in plan] == lengths
    assert [[media.camera for media in one.media] for one in plan] == [[ROAD, DRIVER]] * len(plan)
    ends = [START, *(one.window.end for one in plan)]
    assert [one.window.start for one in plan] == ends[:-1]
    assert ends[-1] == START + timedelta(minutes=minutes)
    assert api.cost(plan) == Cost(f"{minutes} min", minutes)


@cache
def fewest(units):
    """The smallest number of time-lapses that add up, found by trying all; in 5 minutes."""
    if units == 0:
        return 0
    return 1 + min(fewest(units - length) for length in (1, 2, 3, 6, 9, 12) if length <= units)


@pytest.mark.parametrize("minutes", range(5, 605, 5))
def test_a_time_lapse_takes_as_few_requests_as_can_be(api, minutes):
    plan = api.plan(span(minutes), CAMERAS, TIMELAPSE)
    assert len(plan) == fewest(minutes // 5)
    assert {one.window.seconds / 60 for one in plan} <= {5, 10, 15, 30, 45, 60}
    ends = [START, *(one.window.end for one in plan)]
    assert [one.window.start for one in plan] == ends[:-1]
    assert ends[-1] == START + timedelta(minutes=minutes)
    assert {one.media_type for one in plan} == {TIMELAPSE}


@pytest.mark.parametrize("minutes", [1, 4, 7, 61])
def test_a_time_lapse_of_another_length_is_refused_with_the_lengths_there_are(api, minutes):
    with pytest.raises(UsageError, match="5, 10, 15, 30, 45, 60 minutes, or sums"):
        api.plan(span(minutes), CAMERAS, TIMELAPSE)


@pytest.mark.parametrize("minutes", [0, 0.5, 1.5])
@pytest.mark.parametrize("media_type", [HIGH, TIMELAPSE])
def test_half_minutes_are_refused(api, minutes, media_type):
    with pytest.raises(UsageError, match="whole minutes"):
        api.plan(span(minutes), CAMERAS, media_type)


def test_pictures_are_one_request_per_camera_taken_now(api):
    plan = api.plan(span(10), [ROAD, LEFT], IMAGE, every=60)
    assert [(one.window, one.media[0].camera) for one in plan] == [
        (Window(START, START), ROAD),
        (Window(START, START), LEFT),
    ]
    assert api.cost(plan) == Cost("2 pictures", None)
    assert api.cost(plan[:1]) == Cost("1 picture", None)


def test_a_time_lapse_is_advised_for_what_is_long(api):
    assert api.advice(span(10), CAMERAS, HIGH) == ""
    assert "4 requests, --media timelapse" in api.advice(span(12), CAMERAS, HIGH)
    assert api.advice(span(60), CAMERAS, TIMELAPSE) == ""


# --- requesting -------------------------------------------------------------------------------


def test_a_recall_of_all_cameras_leaves_the_positions_out(server, api):
    server.script = [CREATED]
    assert api.request(TRUCK, recall()).retrieval_id == "98765"
    method, path, headers, body = server.asked[0]
    assert (method, path) == ("POST", RECALLS)
    assert headers["X-Api-Key"] == KEY
    assert headers["Accept"] == "application/json"
    assert "X-Time-Zone" not in headers
    assert "Authorization" not in headers
    assert body == {
        "vehicle_number": "TRUCK-101",
        "start_time": "2025-03-01T14:03:00Z",
        "duration": 3,
        "recall_type": "regular",
    }
    assert type(body["duration"]) is int


def test_a_time_lapse_of_an_asset(server, api):
    server.script = [CREATED]
    api.request(TRAILER, recall(LEFT, RIGHT, REAR, minutes=45, media_type=TIMELAPSE))
    assert bodies(server) == [
        {
            "asset_name": "TRAILER-7",
            "start_time": "2025-03-01T14:03:00Z",
            "duration": 45,
            "recall_type": "timelapse",
            "camera_positions": ["side_left", "side_right", "rear"],
        }
    ]


def test_times_are_sent_in_utc_wherever_they_come_from(server, api):
    there = timezone(timedelta(hours=-5))
    begin = START.astimezone(there)
    server.script = [CREATED]
    window = Window(begin, begin + timedelta(minutes=1))
    api.request(TRUCK, Retrieval(window, [Media(ROAD)]))
    assert bodies(server)[0]["start_time"] == "2025-03-01T14:03:00Z"


@pytest.mark.parametrize(
    "body",
    [
        {"id": "98765"},
        {"id": 98765},
        {"video_recall_request": {"id": 98765}},
        {"data": {"id": "98765"}},
        {"data": {"video_recall_request": {"id": "98765"}}},
    ],
)
@pytest.mark.parametrize("status", [200, 201, 202])
def test_the_id_is_found_wherever_it_is(server, api, status, body):
    server.script = [says(status, body)]
    assert api.request(TRUCK, recall(ROAD)).retrieval_id == "98765"


@pytest.mark.parametrize(
    "answer",
    [
        hangs_up,
        says(500, {"error_message": "oops"}),
        says(201, b"<html>"),
        says(201, {}),
        says(201, {"id": None}),
        says(201, {"data": {"id": True}}),
        says(204, b""),
    ],
)
@pytest.mark.parametrize("wanted", [recall(), picture()])
def test_what_may_have_been_accepted_is_in_doubt_and_sent_once(server, api, answer, wanted):
    server.script = [answer]
    with pytest.raises(OutcomeUnknown):
        api.request(TRUCK, wanted)
    assert len(server.asked) == 1


def test_an_id_beside_a_wrapper_is_the_recalls(server, api):
    server.script = [says(201, {"id": 98765, "video_recall_request": {"status": "pending"}})]
    assert api.request(TRUCK, recall(ROAD)).retrieval_id == "98765"


def test_a_position_that_is_not_known_here_is_asked_for_and_no_other(server, api):
    server.script = [CREATED]
    api.request(TRUCK, recall(Camera("cargo_bay", "Cargo bay")))
    assert bodies(server)[0]["camera_positions"] == ["cargo_bay"]


def test_a_window_that_is_no_whole_minute_is_never_sent(server, api):
    with pytest.raises(RequestRefused, match="whole minutes"):
        api.request(TRUCK, recall(minutes=1.5))
    assert server.asked == []


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_redirect_is_never_followed(server, api, status):
    server.script = [says(status, {}, {"Location": f"{server.url}/x"})]
    with pytest.raises(TransientError):
        api.request(TRUCK, recall())
    assert len(server.asked) == 1


# --- refusals ---------------------------------------------------------------------------------

NO = "Start time is in the future."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error_message": NO}, NO),
        ({"error": NO}, NO),
        ({"message": NO}, NO),
        ({"errors": NO}, NO),
        ({"errors": [NO, "And no."]}, f"{NO}; And no."),
        ({"errors": {"start_time": ["is in the future"]}}, "start_time: is in the future"),
        ({"errors": [{"message": NO}]}, NO),
        ({"error": {"code": 17, "message": NO}}, NO),
        ({"error": NO, "message": NO}, NO),
        ({"message": "Invalid.", "errors": {"start_time": [NO]}}, f"Invalid.; start_time: {NO}"),
        ([NO], NO),
        (NO.encode(), NO),
        (b"<html><head><title>No &amp; no</title></head><body>x</body></html>", "No & no"),
        (b"<html><body>nothing</body></html>", "Unprocessable"),
        ({"error": {"errors": {"errors": {"errors": {"errors": [NO]}}}}}, "Unprocessable"),
        ({}, "Unprocessable"),
        (b"", "Unprocessable"),
    ],
)
def test_a_refusal_carries_motives_words_however_they_come(server, api, body, said):
    server.script = [says(422, body)]
    with pytest.raises(RequestRefused) as refused:
        api.request(TRUCK, recall(minutes=1))
    assert type(refused.value) is RequestRefused
    assert refused.value.message.startswith(said)
    assert refused.value.status == 422
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize(
    "words",
    [
        "Smart dashcams are limited to recalls of 1 minute.",
        "Only one minute can be recalled.",
        "duration: at most 60 seconds",
        "duration is not included in the list",
        "The maximum is 60 seconds.",
        "Video too long",
    ],
)
def test_a_smart_dashcam_gives_a_minute_at_a_time(server, api, status, words):
    server.script = [says(status, {"error_message": words})]
    wanted = recall(minutes=3)
    with pytest.raises(WindowTooLong) as refused:
        api.request(TRUCK, wanted)
    assert (refused.value.longest, refused.value.message) == (60, words)
    smaller = cut_smaller(wanted, refused.value.longest)
    server.script = [CREATED]
    for one in smaller:
        api.request(TRUCK, one)
    assert [body["duration"] for body in bodies(server)[1:]] == [1, 1, 1]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Bad Request"),
        (422, ""),
        (422, "Invalid request."),
        (422, "Video of this vehicle is not available for the whole of that time."),
    ],
)
def test_a_refusal_that_may_mean_the_length_is_answered_with_minutes_of_this_window(
    server, api, status, words
):
    server.script = [says(status, {"error_message": words})]
    with pytest.raises(WindowTooLong) as refused:
        api.request(TRUCK, recall(minutes=3))
    assert (refused.value.longest, refused.value.only_this) == (60, True)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Invalid camera_positions: roof."),
        (422, "This vehicle has no camera at that position."),
        (422, "start_time must not be in the future"),
        (404, "The vehicle was not found."),
        (422, "recall_type is not included in the list"),
    ],
)
def test_a_refusal_that_shorter_windows_would_meet_too_is_final(server, api, status, words):
    server.script = [says(status, {"error_message": words})]
    with pytest.raises(RequestRefused) as refused:
        api.request(TRUCK, recall(minutes=3))
    assert type(refused.value) is RequestRefused


def test_a_conflict_is_a_duplicate_whatever_it_says(server, api):
    server.script = [says(409, {"error_message": "Conflict"})]
    with pytest.raises(AlreadyRequested):
        api.request(TRUCK, recall())


def test_a_minute_that_is_refused_is_not_cut_any_smaller(server, api):
    server.script = [says(422, {"error_message": "Smart dashcams: 1 minute."})]
    with pytest.raises(RequestRefused) as refused:
        api.request(TRUCK, recall(minutes=1))
    assert type(refused.value) is RequestRefused


def test_a_smart_dashcam_cannot_record_time_lapse(server, api):
    server.script = [says(422, {"error_message": "Smart dashcams do not support timelapse."})]
    with pytest.raises(
        RequestRefused, match=r"cannot record time-lapse.*do not support"
    ) as refused:
        api.request(TRUCK, recall(minutes=45, media_type=TIMELAPSE))
    assert type(refused.value) is RequestRefused


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize(
    "words",
    [
        "Duplicate request.",
        "This video has already been requested for that duration.",
        "start_time has already been taken",
        "A recall request with these parameters exists.",
        "There is an identical request.",
        "A recall is already in progress",
    ],
)
@pytest.mark.parametrize("wanted", [recall(), picture()])
def test_what_was_asked_before_is_told_apart(server, api, status, words, wanted):
    server.script = [says(status, {"error_message": words})]
    with pytest.raises(AlreadyRequested) as refused:
        api.request(TRUCK, wanted)
    assert (refused.value.message, refused.value.status) == (words, status)


@pytest.mark.parametrize(
    "words", ["The vehicle does not exist.", "No video exists for this time range."]
)
def test_what_does_not_exist_was_not_asked_before(server, api, words):
    server.script = [says(422, {"error_message": words})]
    with pytest.raises(RequestRefused) as refused:
        api.request(TRUCK, recall())
    assert not isinstance(refused.value, AlreadyRequested)


def test_a_refusal_without_a_reason_after_a_lost_answer_pays_nothing_again(server, api):
    server.script = [says(422, {"error_message": "Invalid request."})]
    with pytest.raises(AlreadyRequested):
        api.request(TRUCK, replace(recall(), possible_duplicates=1))


@pytest.mark.parametrize(
    "words", ["The maximum number of pending recalls is reached.", "Too many requests at once."]
)
def test_a_limit_of_what_is_under_way_is_waited_out(server, api, words):
    server.script = [says(422, {"error_message": words})]
    with pytest.raises(TransientError):
        api.request(TRUCK, recall())


def test_footage_that_is_already_gone_was_not_asked_before(server, api):
    server.script = [says(422, {"error_message": "That video was already overwritten."})]
    with pytest.raises(RequestRefused) as refused:
        api.request(TRUCK, recall())
    assert not isinstance(refused.value, AlreadyRequested)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_what_to_look_at_and_is_not_shown(server, api, status):
    server.script = [says(status, {"error": f"invalid API key {KEY}"})]
    for call in (api.vehicles, lambda: api.request(TRUCK, recall())):
        with pytest.raises(AuthenticationError) as refused:
            call()
        assert KEY not in str(refused.value)
        for hint in ("scopes", "groups", "expired", "API Access"):
            assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "Forbidden"),
        (403, "You may not."),
        (400, "video_monitoring is not enabled"),
        (422, "Image capture is off."),
        (404, "Feature not enabled"),
    ],
)
def test_pictures_that_are_switched_off_are_no_fault_of_the_key(server, api, status, words):
    server.script = [says(status, {"error_message": words})]
    with pytest.raises(RequestRefused, match="Cameras > Capture Trip Images") as refused:
        api.request(TRUCK, picture())
    assert words.rstrip(".") in refused.value.message
    assert refused.value.status == status


def test_a_401_is_the_keys_fault_for_pictures_too(server, api):
    server.script = [says(401, {"error_message": "invalid API key"})]
    with pytest.raises(AuthenticationError):
        api.request(TRUCK, picture())


def test_another_refusal_of_a_picture_stays_as_it_is(server, api):
    server.script = [says(404, {"error_message": "No such vehicle."})]
    with pytest.raises(RequestRefused) as refused:
        api.request(TRUCK, picture())
    assert refused.value.message == "No such vehicle."


# --- limits and quota -------------------------------------------------------------------------


def quota_answer(used=12, left=88, total=100, **more):
    figures = {"used_minutes": used, "remaining_minutes": left, "total_minutes": total}
    other = {"used_minutes": 0, "remaining_minutes": 60, "total_minutes": 60}
    return says(200, {"quota_info": {"regular": figures, "timelapse": other}, **more})


def test_a_429_with_too_few_minutes_left_is_the_quota(server, api, time):
    server.paths = {
        RECALLS: [says(429, {"error": "TooManyRequests"})],
        QUOTA: [quota_answer(98, 2)],
    }
    with pytest.raises(QuotaExhausted):
        api.request(TRUCK, recall(minutes=3))
    assert [path for _, path, _, _ in server.asked] == [RECALLS, QUOTA]
    assert time.now < 1


@pytest.mark.parametrize(
    "quota", [quota_answer(97, 3), says(500, {}), says(403, {}), says(429, {}), hangs_up]
)
def test_any_other_429_is_a_pause_and_the_quota_is_read_once(server, api, time, quota):
    busy = says(429, {}, {"Retry-After": "30"})
    server.paths = {RECALLS: [busy, busy, CREATED], QUOTA: [quota]}
    assert api.request(TRUCK, recall(minutes=3)).retrieval_id == "98765"
    assert [path for _, path, _, _ in server.asked] == [RECALLS, QUOTA, RECALLS, RECALLS]
    assert 60 <= time.now < 65


def test_without_retry_after_the_pauses_grow(server, api, time):
    server.paths = {RECALLS: [says(429, {})] * 4 + [CREATED], QUOTA: [says(404, {})]}
    api.request(TRUCK, recall())
    assert 1 + 2 + 4 + 8 <= time.now < 25


def test_a_429_to_a_picture_does_not_ask_for_the_quota_of_video(server, api):
    server.script = [says(429, {}, {"Retry-After": "1"}), says(201, {"request_id": 7})]
    api.request(TRUCK, picture())
    assert [method for method, _, _, _ in server.asked] == ["POST", "POST"]


@pytest.mark.parametrize("status", [402, 403, 422, 429])
def test_words_of_quota_end_the_asking_at_once(server, api, status):
    server.script = [says(status, {"error_message": "The monthly recall quota is used up."})]
    with pytest.raises(QuotaExhausted, match="quota is used up"):
        api.request(TRUCK, recall())
    assert len(bodies(server)) == 1


def test_a_429_with_minutes_left_is_never_taken_for_the_end_of_the_month(server, api, time):
    """Not by its words, nor by how long or how often it says no."""
    words = {"error_message": "Request quota exceeded."}
    server.script = [
        says(429, words, {"Retry-After": "3600"}), quota_answer(), says(429, words), CREATED,
    ]  # fmt: skip
    api.request(TRUCK, recall())
    assert 3600 < time.now < 3700
    assert len(bodies(server)) == 3


def test_minutes_that_are_said_to_be_left_count_whatever_else_is_said(server, api):
    figures = {"used_minutes": 90, "remaining_minutes": 0, "total_minutes": 100}
    server.script = [says(429, {}), says(200, {"quota_info": {"regular": figures}})]
    with pytest.raises(QuotaExhausted):
        api.request(TRUCK, recall())
    assert len(bodies(server)) == 1


def test_requests_are_two_seconds_apart_and_looks_half_a_second(server, api, time):
    server.script = [CREATED]
    for _ in range(4):
        api.request(TRUCK, recall())
    assert 6 < time.now < 6.5
    began = time.now
    for _ in range(5):
        api.check(TRUCK, recall())
    assert 2 < time.now - began < 2.5


def test_the_turn_is_waited_for_before_the_request(server, api, time):
    server.script = [CREATED]
    api.request(TRUCK, recall())
    api.wait_for_turn()
    waited = time.now
    api.request(TRUCK, recall())
    assert waited > 2
    assert time.now == waited


def test_the_quota_in_words_and_figures(server, api, caplog):
    server.script = [quota_answer(rate_limit={"limit": 60, "per": "minute"}, note="Hi")]
    assert api.quota(HIGH) == Quota(
        "12 of 100 minutes of recalls used this month, 88 left", 12, 100, 88, quoted=False
    )
    with caplog.at_level(logging.INFO, "footage"):
        quota = api.quota(TIMELAPSE)
    assert "rate_limit: limit 60, per minute; note: Hi" in caplog.text  # for those who read it
    assert quota.words.startswith("0 of 60 minutes of time-lapse recalls used this month, 60 left")
    assert quota.left == 60


@pytest.mark.parametrize(
    "body",
    [
        {"regular": {"used_minutes": 12, "total_minutes": 100}},
        {"data": {"quota_info": {"regular": {"used_minutes": 12, "total_minutes": 100}}}},
        {"quota_info": {"regular": {"remaining_minutes": 88, "total_minutes": 100}}},
        {"quota_info": {"regular": {"remaining_minutes": 88, "used_minutes": 12}}},
    ],
)
def test_the_quota_from_two_figures_wherever_they_are(server, api, body):
    server.script = [says(200, body)]
    assert api.quota(HIGH) == Quota(
        "12 of 100 minutes of recalls used this month, 88 left", 12, 100, 88, quoted=False
    )


def test_the_quota_from_what_is_left_alone(server, api):
    server.script = [says(200, {"quota_info": {"regular": {"remaining_minutes": 88}}})]
    quota = api.quota(HIGH)
    assert (quota.words, quota.left) == ("88 minutes of recalls left this month", 88)


def test_a_quota_without_figures_still_passes_on_what_is_said(server, api):
    server.script = [
        says(200, {"rate_limit": 60, "quota_info": {"regular": {"used_minutes": "x"}}})
    ]
    assert api.quota(HIGH) == Quota("rate_limit: 60", quoted=False)


@pytest.mark.parametrize(
    "answer",
    [says(403, {}), says(404, {}), says(429, {}), says(500, {}), says(200, b"x"), says(200, {}),
     hangs_up],
)  # fmt: skip
def test_a_quota_that_cannot_be_read_stops_nothing(server, api, time, answer):
    server.script = [answer]
    assert api.quota(HIGH) is None
    assert len(server.asked) == 1
    assert time.now < 1


def test_a_key_that_is_not_known_is_told_by_the_quota_too(server, api):
    server.script = [says(401, {"error_message": "invalid API key"})]
    with pytest.raises(AuthenticationError):
        api.quota(HIGH)


# --- timelines --------------------------------------------------------------------------------


def timeline(*minutes, **more):
    return says(
        200,
        {
            "available_timelines": [
                {"start_time": utc_text(START + timedelta(minutes=begin)),
                 "end_time": utc_text(START + timedelta(minutes=end))}
                for begin, end in minutes
            ],
            **more,
        },
    )  # fmt: skip


def windows(*minutes):
    return [
        Window(START + timedelta(minutes=begin), START + timedelta(minutes=end))
        for begin, end in minutes
    ]


@pytest.mark.parametrize(
    ("vehicle", "path", "query"),
    [
        (TRUCK, f"{RECALLS}/vehicles/available_timelines", {"vehicle_number": ["TRUCK-101"]}),
        (TRAILER, f"{RECALLS}/assets/available_timelines", {"asset_name": ["TRAILER-7"]}),
    ],
)
def test_the_timelines_of_vehicles_and_assets(server, api, vehicle, path, query):
    server.script = [timeline((8, 20), (-60, 2), (2, 4), (30, 40))]
    assert api.recorded(vehicle, span(10)) == windows((0, 4), (8, 10))
    asked = urlsplit(server.asked[0][1])
    assert (asked.path, parse_qs(asked.query)) == (path, query)


def test_no_footage_at_all_is_something_else_than_not_knowing(server, api):
    server.script = [timeline()]
    assert api.recorded(TRUCK, span(10)) == []


@pytest.mark.parametrize(
    "answer",
    [
        says(401, {}), says(403, {}), says(404, {}), says(422, {}), says(429, {}), says(500, {}),
        hangs_up, says(200, {}), says(200, {"available_timelines": None}),
        says(200, {"available_timelines": [{"start_time": "soon", "end_time": None}]}),
        timeline((0, 4), vehicle={"id": 1, "number": "TRUCK-102"}),
    ],
)  # fmt: skip
def test_timelines_that_cannot_be_had_are_nobodys_knowledge(server, api, time, caplog, answer):
    server.script = [answer]
    with caplog.at_level(logging.WARNING, "footage"):
        assert api.recorded(TRUCK, span(10)) is None
    assert "timelines are not available" in caplog.text
    assert len(server.asked) == 1
    assert time.now < 1


# --- vehicles ---------------------------------------------------------------------------------


def page(what, items, total=None, wrapped=True):
    kind = what[:-1]
    shown = [{kind: item} if wrapped else item for item in items]
    paging = {"per_page": 100, "page_no": 1, **({} if total is None else {"total": total})}
    return says(200, {what: shown, "pagination": paging})


@pytest.mark.parametrize("wrapped", [True, False])
def test_vehicles_come_from_all_pages(server, api, wrapped):
    first = [{"id": 1, "number": "A", "vin": "V1", "license_plate_number": "P1"}, {"id": 9}]
    second = [{"id": "2", "number": "B  2 "}, {"id": 1, "number": "A"}]
    server.script = [
        page("vehicles", first, 4, wrapped),
        page("vehicles", second, 4, wrapped),
        page("vehicles", [{"id": 3, "number": 77, "vin": None}], 4, wrapped),
    ]
    assert api.vehicles() == [
        Vehicle("1", "A", "V1", "P1"),
        Vehicle("2", "B  2 "),
        Vehicle("3", "77"),
    ]
    queries = [parse_qs(urlsplit(path).query) for _, path, _, _ in server.asked]
    assert queries == [{"per_page": ["100"], "page_no": [str(n)]} for n in (1, 2, 3)]
    assert urlsplit(server.asked[0][1]).path == "/v1/vehicles"


def test_assets_are_vehicles_of_another_kind(server, api):
    server.script = [page("assets", [{"id": 55, "name": "TRAILER-7"}], 1)]
    assert api.vehicles("asset") == [TRAILER]
    assert urlsplit(server.asked[0][1]).path == "/v1/assets"


@pytest.mark.parametrize(
    "last",
    [page("vehicles", [{"id": 1, "number": "A"}]), page("vehicles", []), says(200, {})],
)
def test_without_a_total_a_page_with_nothing_new_is_the_last(server, api, last):
    server.script = [page("vehicles", [{"id": 1, "number": "A"}]), last]
    assert [vehicle.id for vehicle in api.vehicles()] == ["1"]
    assert len(server.asked) == 2


def test_a_page_that_fails_is_asked_for_again(server, api, time):
    server.script = [says(503, {}), hangs_up, page("vehicles", [{"id": 1, "number": "A"}], 1)]
    assert [vehicle.id for vehicle in api.vehicles()] == ["1"]
    assert time.now >= 1 + 2


def test_a_name_cannot_command_the_terminal(server, api):
    server.script = [page("vehicles", [{"id": 1, "number": "A\x1b[2J"}], 1)]
    assert api.vehicles() == [Vehicle("1", "A")]


# --- looking a recall up ----------------------------------------------------------------------


def details(cameras=None, status="success", **more):
    return {"id": "98765", "status": status, "cameras": cameras, **more}


def both(front, driver):
    """The same two cameras in a list and in an object."""
    return [
        [{"position": "front_facing", **front}, {"position": "driver_facing", **driver}],
        {"front_facing": front, "driver_facing": driver},
    ]


@pytest.mark.parametrize("name", ["", "video_recall_request", "data"])
@pytest.mark.parametrize("form", [0, 1])
def test_cameras_come_one_by_one(server, api, form, name):
    cameras = both({"status": "success", "download_url": URL}, {"status": "pending"})[form]
    body = details(cameras, "processing")
    server.script = [says(200, {name: body} if name else body)]
    found = api.check(TRUCK, recall(ROAD, DRIVER, NARROW))
    assert states(found) == {ROAD: AVAILABLE, DRIVER: PENDING, NARROW: PENDING}
    assert found[0].url == URL
    assert "sig=x" not in repr(found[0])
    assert (found[0].start, found[0].end) == (None, None)
    assert [media.provider_message for media in found] == ["success", "pending", "processing"]
    assert server.asked[0][:2] == ("GET", f"{RECALLS}/98765")


@pytest.mark.parametrize("key", ["position", "camera_position", "camera"])
def test_the_position_by_any_name(server, api, key):
    server.script = [says(200, details([{key: "Rear", "url": URL}]))]
    assert states(api.check(TRUCK, recall(REAR))) == {REAR: AVAILABLE}


@pytest.mark.parametrize(
    "fields",
    [
        *({key: URL} for key in ("download_url", "url", "video_url", "media_url", "signed_url")),
        {"download_urls": [URL]},
        {"download_urls": [None, URL]},
        {"download_urls": {"mp4": URL}},
        {"download_url": None, "url": f" {URL} "},
        {"download_url": "pending", "video_url": URL},
        {"url": "ftp://bucket.example/x", "media_url": URL},
        {"url": "http://bucket.example/x", "media_url": URL},
    ],
)
@pytest.mark.parametrize("status", ["success", "pending", "failed", None])
def test_a_camera_with_an_address_is_done_whatever_its_status(server, api, fields, status):
    server.script = [says(200, details([{"position": "rear", "status": status, **fields}], status))]
    (media,) = api.check(TRUCK, recall(REAR))
    assert (media.status, media.url) == (AVAILABLE, URL)


@pytest.mark.parametrize(
    "body",
    [
        details({"rear": URL}),
        {"status": "success", "download_urls": {"rear": URL}},
        {"status": "success", "download_url": URL},
        {"status": "success", "download_urls": [URL]},
        {"status": "success", "download_urls": {"mp4": {"url": URL}}},
        {"status": "success", "cameras": ["rear"], "download_urls": [URL]},
        details([{"position": "rear", "download_urls": [{"url": URL, "expires_at": "x"}]}]),
        details([{"position": "rear", "download_urls": {"mp4": {"url": URL}}}]),
        details({"rear": [{"url": URL}]}),
        {"id": 1, "video_recall_request": {"id": 1}, "cameras": [{"position": "rear", "url": URL}]},
    ],
)
def test_an_address_without_an_entry_of_its_own(server, api, body):
    server.script = [says(200, body)]
    (media,) = api.check(TRUCK, recall(REAR))
    assert (media.status, media.url) == (AVAILABLE, URL)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["success", "Succeeded", "COMPLETED", "complete", "available", " ready"], PENDING),
        (["failed", "Failure", "error", "cancelled", "canceled", "EXPIRED", "rejected"], FAILED),
        (["unavailable"], UNAVAILABLE),
        (["pending", "Processing", "Unknown", "uploading", "", None, 7], PENDING),
    ],
)
@pytest.mark.parametrize("form", [0, 1])
def test_status_words_of_cameras_without_an_address(server, api, words, status, form):
    server.script = [
        says(200, details(both({"status": word}, {"status": word})[form], "pending"))
        for word in words
    ]
    for _ in words:
        assert states(api.check(TRUCK, recall(ROAD, DRIVER))) == {ROAD: status, DRIVER: status}


@pytest.mark.parametrize(
    ("overall", "front", "narrow"),
    [
        ("success", PENDING, INVALID),
        ("Completed", PENDING, INVALID),
        ("partial_success", PENDING, PENDING),
        ("failed", FAILED, FAILED),
        ("unavailable", UNAVAILABLE, UNAVAILABLE),
        ("processing", PENDING, PENDING),
    ],
)
def test_the_whole_recalls_word_counts_where_a_camera_has_none(
    server, api, time, overall, front, narrow
):
    cameras = [{"position": "front_facing"}, {"position": "driver_facing", "url": URL}]
    server.script = [says(200, details(cameras, overall))]
    asked = recall(ROAD, DRIVER, NARROW)
    if narrow is INVALID:  # never at the first look
        assert states(api.check(TRUCK, asked))[NARROW] is PENDING
        time.now += 10
    found = api.check(TRUCK, asked)
    assert states(found) == {ROAD: front, DRIVER: AVAILABLE, NARROW: narrow}
    assert [media.provider_message for media in found if media.status is INVALID] in ([], [""])


def test_what_a_partial_success_leaves_out_is_waited_for_and_is_no_camera_that_is_lacking(
    server, api, time
):
    cameras = [{"position": "front_facing", "url": URL}]
    server.script = [says(200, details(cameras, "partially_available"))]
    asked = recall(ROAD, DRIVER)
    for _ in range(20):
        assert states(api.check(TRUCK, asked)) == {ROAD: AVAILABLE, DRIVER: PENDING}
        time.now += 60
    time.now += 1000
    _, driver = api.check(TRUCK, asked)
    assert (driver.status, driver.provider_message) == (UNAVAILABLE, "partially_available")


def test_a_camera_that_is_done_is_not_taken_down_by_a_recall_that_failed(server, api):
    cameras = [{"position": "rear", "status": "success", "download_url": None}]
    server.script = [says(200, details(cameras, "failed"))]
    assert states(api.check(TRUCK, recall(REAR))) == {REAR: PENDING}


def test_one_camera_may_fail_alone(server, api):
    cameras = [
        {"position": "front_facing", "status": "success", "download_url": URL},
        {"position": "driver_facing", "status": "failed", "error_message": "Camera\x1b[1m covered"},
    ]
    server.script = [says(200, details(cameras, "processing"))]
    road, driver = api.check(TRUCK, recall(ROAD, DRIVER))
    assert (road.status, road.provider_message) == (AVAILABLE, "success")
    assert (driver.status, driver.provider_message) == (FAILED, "Camera covered")


def test_no_secret_in_what_is_said_of_a_camera(server, api):
    message = f"PUT https://b.example/x?X-Amz-Signature=deadbeef failed (X-Api-Key: {KEY})"
    camera = {"position": "rear", "status": "failed", "error_message": message}
    server.script = [says(200, details([camera]))]
    (media,) = api.check(TRUCK, recall(REAR))
    assert "deadbeef" not in media.provider_message
    assert KEY not in media.provider_message
    assert "https://b.example/x" in media.provider_message


def test_a_recall_that_failed_takes_its_pending_cameras_along(server, api):
    server.script = [says(200, details([{"position": "rear", "status": "pending"}], "failed"))]
    assert states(api.check(TRUCK, recall(REAR))) == {REAR: FAILED}


@pytest.mark.parametrize("cameras", [None, [], {}, "x", 7, [None, 3], [{"position": "cargo"}]])
def test_done_in_a_shape_that_is_not_known_writes_nothing_off(server, api, cameras):
    server.script = [says(200, details(cameras, "success"))]
    assert set(states(api.check(TRUCK, recall())).values()) == {PENDING}


def test_a_camera_that_was_not_asked_for_tells_how_positions_are_spelled(server, api, time):
    server.script = [says(200, details([{"position": "front_facing", "url": URL}]))]
    for status in (PENDING, INVALID):  # the address of another camera is never taken
        assert states(api.check(TRUCK, recall(REAR)))[REAR] is status
        time.now += 10


def test_a_camera_that_is_not_known_here_is_told_of_by_its_own_name(server, api):
    server.script = [says(200, details([{"position": "cargo_facing", "url": URL}], "processing"))]
    cargo, road = api.check(TRUCK, recall(ROAD))
    assert (cargo.camera, cargo.url) == (Camera("cargo_facing", "Cargo facing"), URL)
    assert road.status is PENDING


def test_one_camera_in_several_pieces_with_their_times(server, api):
    pieces = [
        {"position": "rear", "url": f"{URL}{n}", "start_time": f"2025-03-01T14:0{3 + n}:00Z"}
        for n in (1, 0)
    ]
    server.script = [says(200, details(pieces))]
    found = api.check(TRUCK, recall(REAR))
    assert [(m.camera, m.url, m.start) for m in found] == [
        (REAR, f"{URL}{n}", START + n * timedelta(minutes=1)) for n in (0, 1)
    ]


def test_of_several_addresses_without_times_the_first_one_stands_at_the_start(server, api):
    pieces = [{"position": "rear", "url": f"{URL}{n}"} for n in (0, 1)]
    server.script = [says(200, details(pieces))]
    (media,) = api.check(TRUCK, recall(REAR))
    assert media.url == f"{URL}0"


def test_a_camera_mentioned_twice_counts_by_what_can_be_had(server, api):
    rear = {"position": "rear", "status": "failed"}
    server.script = [says(200, details([rear, {"position": "rear", "url": URL}, rear]))]
    assert states(api.check(TRUCK, recall(REAR))) == {REAR: AVAILABLE}


def test_actual_times_are_taken_from_the_camera_only(server, api):
    camera = {"position": "rear", "url": URL, "start_time": "2025-03-01T09:03:01-05:00",
              "end_time": "2025-03-01T14:05:59"}  # fmt: skip
    server.script = [says(200, details([camera], start_time="2025-03-01T14:03:00Z"))]
    (media,) = api.check(TRUCK, recall(REAR))
    assert media.start == START + timedelta(seconds=1)
    assert media.end == START + timedelta(seconds=179)
    assert media.start.utcoffset() == timedelta(0)


def test_an_id_cannot_lead_elsewhere(server, api):
    server.script = [says(200, details())]
    api.check(TRUCK, recall(rid="../vehicles?x=1#"))
    assert server.asked[0][1] == f"{RECALLS}/..%2Fvehicles%3Fx%3D1%23"


def test_a_look_that_fails_is_for_another_time(server, api):
    server.script = [says(500, {})]
    with pytest.raises(TransientError):
        api.check(TRUCK, recall())


def test_an_unknown_recall_is_refused(server, api):
    server.script = [says(404, {"error_message": "Not found."})]
    with pytest.raises(RequestRefused, match="Not found"):
        api.check(TRUCK, recall())


# --- pictures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vehicle", "named"),
    [(TRUCK, {"vehicle_number": "TRUCK-101"}), (TRAILER, {"asset_name": "TRAILER-7"})],
)
def test_a_picture_is_asked_for_by_vehicle_and_position(server, api, vehicle, named):
    answer = {"request_id": 1234, "camera_type": "omnicam", "status": "pending"}
    server.script = [says(200, answer)]
    assert api.request(vehicle, picture()).retrieval_id == "omnicam/1234"
    assert server.asked[0][:2] == ("POST", "/v1/image_captures")
    assert bodies(server) == [{**named, "position": "side_left"}]


@pytest.mark.parametrize(("camera", "kind"), [(LEFT, "omnicam"), (ROAD, "dashcam")])
def test_a_camera_type_that_is_not_told_is_the_usual_one(server, api, camera, kind):
    server.script = [says(200, {"data": {"request_id": "1234"}})]
    assert api.request(TRUCK, picture(camera)).retrieval_id == f"{kind}/1234"


def test_a_picture_is_looked_up_by_both_parts_of_its_id(server, api):
    images = {"side_left": {"url": URL, "expires_at": "2026-07-01T19:20:11Z"}}
    pending = {"request_id": 1, "camera_type": "a b/c", "position": "side_left",
               "status": "pending", "images": {}}  # fmt: skip
    server.script = [says(200, pending), says(200, {**pending, "status": "success",
                                                    "images": images})]  # fmt: skip
    (waiting,) = api.check(TRUCK, picture(rid="a b/c/12"))
    assert (waiting.status, waiting.provider_message) == (PENDING, "pending")
    (media,) = api.check(TRUCK, picture(rid="a b/c/12"))
    assert (media.status, media.url) == (AVAILABLE, URL)
    assert server.asked[0][1] == "/v1/image_captures/a%20b%2Fc/12"


def test_a_picture_that_failed(server, api):
    server.script = [says(200, {"request_id": 1, "position": "side_left", "status": "failed"})]
    assert states(api.check(TRUCK, picture())) == {LEFT: FAILED}


# --- against the simulator --------------------------------------------------------------------


@pytest.mark.parametrize(
    "style",
    [
        MotiveStyle(),
        MotiveStyle(
            wrapper="data.video_recall_request", id_as="number", create_status=200,
            cameras_as="object", url_key="download_urls", urls_as="object", url_awaited=False,
            expiry_key="", camera_status=False, pending="Processing", done="Succeeded",
            dashcam_type="ai dashcam", error_key="errors",
        ),
        MotiveStyle(
            wrapper="data", position_key="camera", url_key="signed_url", urls_as="list",
            camera_times=True, done="READY", mixed="Partially completed", error_key="",
            smart_dashcam=True, duplicates="reject", duplicate_code=422, quota_status=403,
        ),
    ],
)  # fmt: skip
def test_it_gets_on_with_every_style_of_the_simulator(style, time):
    scenario = Scenario(delay=0, motive=style, cameras=cameras(width=160, height=120, fps=1))
    with start(scenario) as sim:
        # Calls are paced by a clock of our own; the pauses between looks have to be real.
        api = MotiveAPI(sim.token, sim.motive_url, wait=time.wait, clock=time.clock)
        truck = api.vehicles()[0]
        (wanted,) = api.plan(span(1), [ROAD, DRIVER, RIGHT], HIGH)
        (still,) = api.plan(span(0), [DRIVER], IMAGE)
        for one in (wanted, still):
            one.id = api.request(truck, one).retrieval_id
        found = settled(api, truck, wanted)
        assert states(found) == {ROAD: AVAILABLE, DRIVER: AVAILABLE, RIGHT: INVALID}
        assert all(media.url.startswith(sim.media_url) for media in found[:2])
        assert [media.start for media in found[:2]] == [START if style.camera_times else None] * 2
        assert states(settled(api, truck, still)) == {DRIVER: AVAILABLE}
        assert (api.quota(HIGH) is None) == (style.quota_status != 200)
        assert api.recorded(truck, span(1)) == [span(1)]
        if style.smart_dashcam:
            with pytest.raises(WindowTooLong):
                api.request(truck, recall())
            with pytest.raises(RequestRefused, match="cannot record time-lapse"):
                api.request(truck, recall(minutes=5, media_type=TIMELAPSE))
        if style.duplicates == "reject":
            with pytest.raises(AlreadyRequested):
                api.request(truck, wanted)


def settled(api, vehicle, retrieval):
    give_up = monotonic() + 20
    while True:
        found = api.check(vehicle, retrieval)
        if PENDING not in states(found).values():
            return found
        assert monotonic() < give_up, found
        sleep(0.05)


# --- the helpers ------------------------------------------------------------------------------


def test_json_is_read_without_trust():
    assert [as_text(v) for v in ("a", 7, True, None, 1.5, [])] == ["a", "7", "", "", "", ""]
    assert [as_number(v) for v in (7, 1.5, True, "7", None)] == [7, 1.5, None, None, None]
    assert [as_number(v) for v in (float("nan"), float("inf"), 10**400)] == [None] * 3
    assert [as_time(v) for v in (None, 5, "", "2026", "2026-13-40T99:00:00Z")] == [None] * 5
    assert as_time("2025-03-01T14:03:00") == START
    assert utc_text(START + timedelta(milliseconds=250)) == "2025-03-01T14:03:00.250Z"


def test_the_key_is_in_no_log(server, api, caplog):
    server.script = [says(422, {"error_message": f"Key {KEY} no."})]
    with caplog.at_level(logging.DEBUG, "footage"), pytest.raises(RequestRefused):
        api.request(TRUCK, recall())
    assert "POST /v1/video_recall_requests -> 422" in caplog.text
    assert KEY not in caplog.text
