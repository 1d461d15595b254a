"""Polls of the Samsara client: what is reported of each camera."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from support.samsara import ANALOG, DRIVER, ROAD, TRUCK, item, media_answer, minutes, retrieval
from support.scripted import ScriptedServer, says

from footage.model import UTC, Camera, Media, MediaStatus, Retrieval
from SamsaraAPI import SamsaraAPI


def reported(**fields: object) -> dict[str, Any]:
    return {
        "vehicleId": "1",
        "input": "dashcamRoadFacing",
        "mediaType": "videoHighRes",
        "startTime": "2025-04-16T13:30:02.123Z",
        "endTime": "2025-04-16T15:30:58+02:00",
        "status": "available",
        "urlInfo": {"url": "https://media.example/a.mp4?sig=x", "urlExpiryTime": "soon"},
    } | fields


def test_available_media_has_its_actual_times_and_its_url(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [media_answer(reported())]
    (media,) = samsara.check(TRUCK, retrieval())
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
def test_status_words(
    server: ScriptedServer, samsara: SamsaraAPI, word: str, status: MediaStatus
) -> None:
    server.script = [media_answer(reported(status=word))]
    (media,) = samsara.check(TRUCK, retrieval())
    assert (media.status, media.provider_message, media.url) == (status, word, None)


@pytest.mark.parametrize("url_info", [None, {}, {"url": None}, {"url": ""}, {"url": 5}, [], "x"])
def test_available_without_a_url_is_still_pending(
    server: ScriptedServer, samsara: SamsaraAPI, url_info: object
) -> None:
    server.script = [media_answer(reported(urlInfo=url_info))]
    (media,) = samsara.check(TRUCK, retrieval())
    assert (media.status, media.provider_message, media.url) == (
        MediaStatus.PENDING,
        "available",
        None,
    )


@pytest.mark.parametrize(
    "time_text", [None, 17, "", "yesterday", "2025", "2025-13-40T99:00:00Z", {}]
)
def test_times_that_cannot_be_read_are_unknown(
    server: ScriptedServer, samsara: SamsaraAPI, time_text: object
) -> None:
    server.script = [media_answer(reported(startTime=time_text, endTime=time_text))]
    (media,) = samsara.check(TRUCK, retrieval())
    assert (media.start, media.end) == (None, None)
    assert media.status is MediaStatus.AVAILABLE


@pytest.mark.parametrize(
    "body",
    [{}, {"data": None}, {"data": []}, {"data": {}}, {"data": {"media": None}},
     {"data": {"media": {}}}, {"data": {"media": [None, 3, "x", []]}}],
)  # fmt: skip
def test_nothing_yet(server: ScriptedServer, samsara: SamsaraAPI, body: object) -> None:
    server.script = [says(200, body)]
    assert samsara.check(TRUCK, retrieval()) == []


def test_other_names_and_other_cameras(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    server.script = [
        media_answer(
            reported(input="dashcamInwardFacing", status="failed"),
            reported(input="dashcamForwardFacing"),
            reported(input="analog1"),
            reported(input=None),
            {},
        )
    ]
    reported_media = samsara.check(TRUCK, retrieval(ROAD, DRIVER))
    assert [(m.camera, m.status) for m in reported_media] == [
        (DRIVER, MediaStatus.FAILED),
        (ROAD, MediaStatus.AVAILABLE),
    ]


def test_a_camera_mentioned_twice_counts_by_what_can_be_had(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [
        media_answer(reported(status="failed"), reported(), reported(status="pending"))
    ]
    (media,) = samsara.check(TRUCK, retrieval())
    assert media.status is MediaStatus.AVAILABLE


def test_a_custom_camera_keeps_its_identity(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    camera = Camera("analog2", "Left side")
    server.script = [media_answer(reported(input="analog2"))]
    assert samsara.check(TRUCK, retrieval(camera))[0].camera is camera


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
def test_the_role_of_a_camera_is_in_words(
    server: ScriptedServer, samsara: SamsaraAPI, word: object, role: str
) -> None:
    server.script = [media_answer(item(input="analog1", cameraRole=word, status="pending"))]
    (media,) = samsara.check(TRUCK, Retrieval(minutes(1), [Media(ANALOG)], id="r-1"))
    assert media.role == role
