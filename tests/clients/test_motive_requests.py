"""Requests of the Motive client: what is sent for recalls and for pictures."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from support.motive import (
    AVAILABLE,
    CREATED,
    FAILED,
    KEY,
    LEFT,
    PENDING,
    REAR,
    RECALLS,
    RIGHT,
    ROAD,
    START,
    TIMELAPSE,
    TRAILER,
    TRUCK,
    URL,
    bodies,
    picture,
    recall,
    states,
)
from support.scripted import Answer, ScriptedServer, hangs_up, says

from footage.errors import OutcomeUnknown, RequestRefused
from footage.model import Camera, Media, Retrieval, Vehicle, Window
from MotiveAPI import MotiveAPI


def test_a_recall_of_all_cameras_leaves_the_positions_out(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [CREATED]
    assert motive.request(TRUCK, recall()).retrieval_id == "98765"
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


def test_a_time_lapse_of_an_asset(server: ScriptedServer, motive: MotiveAPI) -> None:
    server.script = [CREATED]
    motive.request(TRAILER, recall(LEFT, RIGHT, REAR, minutes=45, media_type=TIMELAPSE))
    assert bodies(server) == [
        {
            "asset_name": "TRAILER-7",
            "start_time": "2025-03-01T14:03:00Z",
            "duration": 45,
            "recall_type": "timelapse",
            "camera_positions": ["side_left", "side_right", "rear"],
        }
    ]


def test_times_are_sent_in_utc_wherever_they_come_from(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    there = timezone(timedelta(hours=-5))
    begin = START.astimezone(there)
    server.script = [CREATED]
    window = Window(begin, begin + timedelta(minutes=1))
    motive.request(TRUCK, Retrieval(window, [Media(ROAD)]))
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
def test_the_id_is_found_wherever_it_is(
    server: ScriptedServer, motive: MotiveAPI, status: int, body: object
) -> None:
    server.script = [says(status, body)]
    assert motive.request(TRUCK, recall(ROAD)).retrieval_id == "98765"


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
def test_what_may_have_been_accepted_is_sent_once(
    server: ScriptedServer, motive: MotiveAPI, answer: Answer, wanted: Retrieval
) -> None:
    server.script = [answer]
    with pytest.raises(OutcomeUnknown):
        motive.request(TRUCK, wanted)
    assert len(server.asked) == 1


def test_an_id_beside_a_wrapper_is_the_recalls(server: ScriptedServer, motive: MotiveAPI) -> None:
    server.script = [says(201, {"id": 98765, "video_recall_request": {"status": "pending"}})]
    assert motive.request(TRUCK, recall(ROAD)).retrieval_id == "98765"


def test_an_unknown_position_is_asked_for_and_no_other(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [CREATED]
    motive.request(TRUCK, recall(Camera("cargo_bay", "Cargo bay")))
    assert bodies(server)[0]["camera_positions"] == ["cargo_bay"]


def test_a_window_that_is_no_whole_minute_is_never_sent(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    with pytest.raises(RequestRefused, match="whole minutes"):
        motive.request(TRUCK, recall(minutes=1.5))
    assert server.asked == []


# --- pictures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vehicle", "named"),
    [(TRUCK, {"vehicle_number": "TRUCK-101"}), (TRAILER, {"asset_name": "TRAILER-7"})],
)
def test_a_picture_is_asked_for_by_vehicle_and_position(
    server: ScriptedServer, motive: MotiveAPI, vehicle: Vehicle, named: dict[str, str]
) -> None:
    answer = {"request_id": 1234, "camera_type": "omnicam", "status": "pending"}
    server.script = [says(200, answer)]
    assert motive.request(vehicle, picture()).retrieval_id == "omnicam/1234"
    assert server.asked[0][:2] == ("POST", "/v1/image_captures")
    assert bodies(server) == [{**named, "position": "side_left"}]


@pytest.mark.parametrize(("camera", "kind"), [(LEFT, "omnicam"), (ROAD, "dashcam")])
def test_a_missing_camera_type_is_the_usual_one(
    server: ScriptedServer, motive: MotiveAPI, camera: Camera, kind: str
) -> None:
    server.script = [says(200, {"data": {"request_id": "1234"}})]
    assert motive.request(TRUCK, picture(camera)).retrieval_id == f"{kind}/1234"


def test_a_picture_is_looked_up_by_both_parts_of_its_id(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    images = {"side_left": {"url": URL, "expires_at": "2026-07-01T19:20:11Z"}}
    pending = {"request_id": 1, "camera_type": "a b/c", "position": "side_left",
               "status": "pending", "images": {}}  # fmt: skip
    server.script = [says(200, pending), says(200, {**pending, "status": "success",
                                                    "images": images})]  # fmt: skip
    (waiting,) = motive.check(TRUCK, picture(rid="a b/c/12"))
    assert (waiting.status, waiting.provider_message) == (PENDING, "pending")
    (media,) = motive.check(TRUCK, picture(rid="a b/c/12"))
    assert (media.status, media.url) == (AVAILABLE, URL)
    assert server.asked[0][1] == "/v1/image_captures/a%20b%2Fc/12"


def test_a_picture_that_failed(server: ScriptedServer, motive: MotiveAPI) -> None:
    server.script = [says(200, {"request_id": 1, "position": "side_left", "status": "failed"})]
    assert states(motive.check(TRUCK, picture())) == {LEFT: FAILED}
