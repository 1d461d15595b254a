"""Polls of the Motive client: what is reported of each camera."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.motive import (
    AVAILABLE,
    DRIVER,
    FAILED,
    INVALID,
    KEY,
    NARROW,
    PENDING,
    REAR,
    RECALLS,
    ROAD,
    START,
    TRUCK,
    UNAVAILABLE,
    URL,
    details,
    recall,
    states,
)
from support.scripted import FakeTime, ScriptedServer, says

from footage.model import Camera, MediaStatus
from MotiveAPI import MotiveAPI


def both(front: dict[str, Any], driver: dict[str, Any]) -> list[Any]:
    """The same two cameras in a list and in an object."""
    return [
        [{"position": "front_facing", **front}, {"position": "driver_facing", **driver}],
        {"front_facing": front, "driver_facing": driver},
    ]


@pytest.mark.parametrize("name", ["", "video_recall_request", "data"])
@pytest.mark.parametrize("form", [0, 1])
def test_cameras_come_one_by_one(
    server: ScriptedServer, motive: MotiveAPI, form: int, name: str
) -> None:
    cameras = both({"status": "success", "download_url": URL}, {"status": "pending"})[form]
    body = details(cameras, "processing")
    server.script = [says(200, {name: body} if name else body)]
    reported = motive.check(TRUCK, recall(ROAD, DRIVER, NARROW))
    assert states(reported) == {ROAD: AVAILABLE, DRIVER: PENDING, NARROW: PENDING}
    assert reported[0].url == URL
    assert "sig=x" not in repr(reported[0])
    assert (reported[0].start, reported[0].end) == (None, None)
    assert [media.provider_message for media in reported] == ["success", "pending", "processing"]
    assert server.asked[0][:2] == ("GET", f"{RECALLS}/98765")


@pytest.mark.parametrize("key", ["position", "camera_position", "camera"])
def test_the_position_by_any_name(server: ScriptedServer, motive: MotiveAPI, key: str) -> None:
    server.script = [says(200, details([{key: "Rear", "url": URL}]))]
    assert states(motive.check(TRUCK, recall(REAR))) == {REAR: AVAILABLE}


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
def test_a_camera_with_a_url_is_done_whatever_its_status(
    server: ScriptedServer, motive: MotiveAPI, fields: dict[str, Any], status: str | None
) -> None:
    server.script = [says(200, details([{"position": "rear", "status": status, **fields}], status))]
    (media,) = motive.check(TRUCK, recall(REAR))
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
def test_a_url_without_an_entry_of_its_own(
    server: ScriptedServer, motive: MotiveAPI, body: object
) -> None:
    server.script = [says(200, body)]
    (media,) = motive.check(TRUCK, recall(REAR))
    assert (media.status, media.url) == (AVAILABLE, URL)


@pytest.mark.parametrize(
    ("status_words", "status"),
    [
        (["success", "Succeeded", "COMPLETED", "complete", "available", " ready"], PENDING),
        (["failed", "Failure", "error", "cancelled", "canceled", "EXPIRED", "rejected"], FAILED),
        (["unavailable"], UNAVAILABLE),
        (["pending", "Processing", "Unknown", "uploading", "", None, 7], PENDING),
    ],
)
@pytest.mark.parametrize("form", [0, 1])
def test_status_words_of_cameras_without_a_url(
    server: ScriptedServer,
    motive: MotiveAPI,
    status_words: list[object],
    status: MediaStatus,
    form: int,
) -> None:
    server.script = [
        says(200, details(both({"status": word}, {"status": word})[form], "pending"))
        for word in status_words
    ]
    for _ in status_words:
        assert states(motive.check(TRUCK, recall(ROAD, DRIVER))) == {ROAD: status, DRIVER: status}


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
def test_the_status_of_the_recall_counts_for_a_camera_without(
    server: ScriptedServer,
    motive: MotiveAPI,
    time: FakeTime,
    overall: str,
    front: MediaStatus,
    narrow: MediaStatus,
) -> None:
    cameras = [{"position": "front_facing"}, {"position": "driver_facing", "url": URL}]
    server.script = [says(200, details(cameras, overall))]
    asked = recall(ROAD, DRIVER, NARROW)
    if narrow is INVALID:  # never at the first poll
        assert states(motive.check(TRUCK, asked))[NARROW] is PENDING
        time.now += 10
    reported = motive.check(TRUCK, asked)
    assert states(reported) == {ROAD: front, DRIVER: AVAILABLE, NARROW: narrow}
    assert [media.provider_message for media in reported if media.status is INVALID] in ([], [""])


def test_what_a_partial_success_leaves_out_is_waited_for(
    server: ScriptedServer, motive: MotiveAPI, time: FakeTime
) -> None:
    cameras = [{"position": "front_facing", "url": URL}]
    server.script = [says(200, details(cameras, "partially_available"))]
    asked = recall(ROAD, DRIVER)
    for _ in range(20):
        assert states(motive.check(TRUCK, asked)) == {ROAD: AVAILABLE, DRIVER: PENDING}
        time.now += 60
    time.now += 1000
    _, driver = motive.check(TRUCK, asked)
    assert (driver.status, driver.provider_message) == (UNAVAILABLE, "partially_available")


def test_a_camera_that_is_done_outlives_a_recall_that_failed(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    cameras = [{"position": "rear", "status": "success", "download_url": None}]
    server.script = [says(200, details(cameras, "failed"))]
    assert states(motive.check(TRUCK, recall(REAR))) == {REAR: PENDING}


def test_one_camera_may_fail_alone(server: ScriptedServer, motive: MotiveAPI) -> None:
    cameras = [
        {"position": "front_facing", "status": "success", "download_url": URL},
        {"position": "driver_facing", "status": "failed", "error_message": "Camera\x1b[1m covered"},
    ]
    server.script = [says(200, details(cameras, "processing"))]
    road, driver = motive.check(TRUCK, recall(ROAD, DRIVER))
    assert (road.status, road.provider_message) == (AVAILABLE, "success")
    assert (driver.status, driver.provider_message) == (FAILED, "Camera covered")


def test_no_secret_is_in_the_message_about_a_camera(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    message = f"PUT https://b.example/x?X-Amz-Signature=deadbeef failed (X-Api-Key: {KEY})"
    camera = {"position": "rear", "status": "failed", "error_message": message}
    server.script = [says(200, details([camera]))]
    (media,) = motive.check(TRUCK, recall(REAR))
    assert "deadbeef" not in media.provider_message
    assert KEY not in media.provider_message
    assert "https://b.example/x" in media.provider_message


def test_a_recall_that_failed_takes_its_pending_cameras_along(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(200, details([{"position": "rear", "status": "pending"}], "failed"))]
    assert states(motive.check(TRUCK, recall(REAR))) == {REAR: FAILED}


@pytest.mark.parametrize("cameras", [None, [], {}, "x", 7, [None, 3], [{"position": "cargo"}]])
def test_done_in_a_shape_that_is_not_known_writes_nothing_off(
    server: ScriptedServer, motive: MotiveAPI, cameras: object
) -> None:
    server.script = [says(200, details(cameras, "success"))]
    assert set(states(motive.check(TRUCK, recall())).values()) == {PENDING}


def test_another_cameras_url_is_never_taken(
    server: ScriptedServer, motive: MotiveAPI, time: FakeTime
) -> None:
    server.script = [says(200, details([{"position": "front_facing", "url": URL}]))]
    for status in (PENDING, INVALID):  # the address of another camera is never taken
        assert states(motive.check(TRUCK, recall(REAR)))[REAR] is status
        time.now += 10


def test_an_unknown_camera_is_reported_by_its_own_name(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(200, details([{"position": "cargo_facing", "url": URL}], "processing"))]
    cargo, road = motive.check(TRUCK, recall(ROAD))
    assert (cargo.camera, cargo.url) == (Camera("cargo_facing", "Cargo facing"), URL)
    assert road.status is PENDING


def test_one_camera_in_several_pieces_with_their_times(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    pieces = [
        {"position": "rear", "url": f"{URL}{n}", "start_time": f"2025-03-01T14:0{3 + n}:00Z"}
        for n in (1, 0)
    ]
    server.script = [says(200, details(pieces))]
    reported = motive.check(TRUCK, recall(REAR))
    assert [(m.camera, m.url, m.start) for m in reported] == [
        (REAR, f"{URL}{n}", START + n * timedelta(minutes=1)) for n in (0, 1)
    ]


def test_of_several_urls_without_times_the_first_is_taken(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    pieces = [{"position": "rear", "url": f"{URL}{n}"} for n in (0, 1)]
    server.script = [says(200, details(pieces))]
    (media,) = motive.check(TRUCK, recall(REAR))
    assert media.url == f"{URL}0"


def test_a_camera_mentioned_twice_counts_by_what_can_be_had(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    rear = {"position": "rear", "status": "failed"}
    server.script = [says(200, details([rear, {"position": "rear", "url": URL}, rear]))]
    assert states(motive.check(TRUCK, recall(REAR))) == {REAR: AVAILABLE}


def test_actual_times_are_taken_from_the_camera_only(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    camera = {"position": "rear", "url": URL, "start_time": "2025-03-01T09:03:01-05:00",
              "end_time": "2025-03-01T14:05:59"}  # fmt: skip
    server.script = [says(200, details([camera], start_time="2025-03-01T14:03:00Z"))]
    (media,) = motive.check(TRUCK, recall(REAR))
    assert media.start == START + timedelta(seconds=1)
    assert media.end == START + timedelta(seconds=179)
    assert media.start.utcoffset() == timedelta(0)


def test_an_id_cannot_lead_elsewhere(server: ScriptedServer, motive: MotiveAPI) -> None:
    server.script = [says(200, details())]
    motive.check(TRUCK, recall(rid="../vehicles?x=1#"))
    assert server.asked[0][1] == f"{RECALLS}/..%2Fvehicles%3Fx%3D1%23"
