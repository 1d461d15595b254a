"""What the Motive client makes of refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.motive import CREATED, KEY, TIMELAPSE, TRUCK, bodies, picture, recall
from support.scripted import ScriptedServer, says

from footage.errors import (
    AlreadyRequested,
    AuthenticationError,
    RequestRefused,
    TransientError,
    WindowTooLong,
)
from footage.job.planning import cut_smaller
from footage.model import Retrieval
from MotiveAPI import MotiveAPI

NO = "Start time is in the future."


@pytest.mark.parametrize(
    ("body", "message"),
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
def test_a_refusal_carries_motives_words_however_they_come(
    server: ScriptedServer, motive: MotiveAPI, body: object, message: str
) -> None:
    server.script = [says(422, body)]
    with pytest.raises(RequestRefused) as refused:
        motive.request(TRUCK, recall(minutes=1))
    assert type(refused.value) is RequestRefused
    assert refused.value.message.startswith(message)
    assert refused.value.status == 422
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize(
    "message",
    [
        "Smart dashcams are limited to recalls of 1 minute.",
        "Only one minute can be recalled.",
        "duration: at most 60 seconds",
        "duration is not included in the list",
        "The maximum is 60 seconds.",
        "Video too long",
    ],
)
def test_a_smart_dashcam_gives_a_minute_at_a_time(
    server: ScriptedServer, motive: MotiveAPI, status: int, message: str
) -> None:
    server.script = [says(status, {"error_message": message})]
    wanted = recall(minutes=3)
    with pytest.raises(WindowTooLong) as refused:
        motive.request(TRUCK, wanted)
    assert (refused.value.longest, refused.value.message) == (60, message)
    smaller = cut_smaller(wanted, refused.value.longest)
    server.script = [CREATED]
    for one in smaller:
        motive.request(TRUCK, one)
    assert [body["duration"] for body in bodies(server)[1:]] == [1, 1, 1]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Bad Request"),
        (422, ""),
        (422, "Invalid request."),
        (422, "Video of this vehicle is not available for the whole of that time."),
    ],
)
def test_a_refusal_that_may_mean_the_length_cuts_this_window(
    server: ScriptedServer, motive: MotiveAPI, status: int, message: str
) -> None:
    server.script = [says(status, {"error_message": message})]
    with pytest.raises(WindowTooLong) as refused:
        motive.request(TRUCK, recall(minutes=3))
    assert (refused.value.longest, refused.value.only_this) == (60, True)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Invalid camera_positions: roof."),
        (422, "This vehicle has no camera at that position."),
        (422, "start_time must not be in the future"),
        (404, "The vehicle was not found."),
        (422, "recall_type is not included in the list"),
    ],
)
def test_a_refusal_not_about_the_length_is_final(
    server: ScriptedServer, motive: MotiveAPI, status: int, message: str
) -> None:
    server.script = [says(status, {"error_message": message})]
    with pytest.raises(RequestRefused) as refused:
        motive.request(TRUCK, recall(minutes=3))
    assert type(refused.value) is RequestRefused


def test_a_conflict_is_a_duplicate_whatever_it_says(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(409, {"error_message": "Conflict"})]
    with pytest.raises(AlreadyRequested):
        motive.request(TRUCK, recall())


def test_a_minute_that_is_refused_is_not_cut_any_smaller(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(422, {"error_message": "Smart dashcams: 1 minute."})]
    with pytest.raises(RequestRefused) as refused:
        motive.request(TRUCK, recall(minutes=1))
    assert type(refused.value) is RequestRefused


def test_a_smart_dashcam_cannot_record_time_lapse(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(422, {"error_message": "Smart dashcams do not support timelapse."})]
    with pytest.raises(
        RequestRefused, match=r"cannot record time-lapse.*do not support"
    ) as refused:
        motive.request(TRUCK, recall(minutes=45, media_type=TIMELAPSE))
    assert type(refused.value) is RequestRefused


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize(
    "message",
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
def test_what_was_requested_before_is_recognised(
    server: ScriptedServer, motive: MotiveAPI, status: int, message: str, wanted: Retrieval
) -> None:
    server.script = [says(status, {"error_message": message})]
    with pytest.raises(AlreadyRequested) as refused:
        motive.request(TRUCK, wanted)
    assert (refused.value.message, refused.value.status) == (message, status)


@pytest.mark.parametrize(
    "message", ["The vehicle does not exist.", "No video exists for this time range."]
)
def test_what_does_not_exist_was_not_requested_before(
    server: ScriptedServer, motive: MotiveAPI, message: str
) -> None:
    server.script = [says(422, {"error_message": message})]
    with pytest.raises(RequestRefused) as refused:
        motive.request(TRUCK, recall())
    assert not isinstance(refused.value, AlreadyRequested)


def test_a_refusal_after_a_lost_answer_pays_nothing_again(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(422, {"error_message": "Invalid request."})]
    with pytest.raises(AlreadyRequested):
        motive.request(TRUCK, replace(recall(), possible_duplicates=1))


@pytest.mark.parametrize(
    "message", ["The maximum number of pending recalls is reached.", "Too many requests at once."]
)
def test_a_limit_of_what_is_under_way_is_waited_out(
    server: ScriptedServer, motive: MotiveAPI, message: str
) -> None:
    server.script = [says(422, {"error_message": message})]
    with pytest.raises(TransientError):
        motive.request(TRUCK, recall())


def test_footage_that_is_already_gone_was_not_requested(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(422, {"error_message": "That video was already overwritten."})]
    with pytest.raises(RequestRefused) as refused:
        motive.request(TRUCK, recall())
    assert not isinstance(refused.value, AlreadyRequested)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_comes_with_hints_and_is_not_shown(
    server: ScriptedServer, motive: MotiveAPI, status: int
) -> None:
    server.script = [says(status, {"error": f"invalid API key {KEY}"})]
    for call in (motive.vehicles, lambda: motive.request(TRUCK, recall())):
        with pytest.raises(AuthenticationError) as refused:
            call()
        assert KEY not in str(refused.value)
        for hint in ("scopes", "groups", "expired", "API Access"):
            assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "Forbidden"),
        (403, "You may not."),
        (400, "video_monitoring is not enabled"),
        (422, "Image capture is off."),
        (404, "Feature not enabled"),
    ],
)
def test_pictures_that_are_switched_off_are_no_fault_of_the_key(
    server: ScriptedServer, motive: MotiveAPI, status: int, message: str
) -> None:
    server.script = [says(status, {"error_message": message})]
    with pytest.raises(RequestRefused, match="Cameras > Capture Trip Images") as refused:
        motive.request(TRUCK, picture())
    assert message.rstrip(".") in refused.value.message
    assert refused.value.status == status


def test_a_401_is_the_keys_fault_for_pictures_too(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(401, {"error_message": "invalid API key"})]
    with pytest.raises(AuthenticationError):
        motive.request(TRUCK, picture())


def test_another_refusal_of_a_picture_stays_as_it_is(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(404, {"error_message": "No such vehicle."})]
    with pytest.raises(RequestRefused) as refused:
        motive.request(TRUCK, picture())
    assert refused.value.message == "No such vehicle."
