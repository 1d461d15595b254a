"""Motive's answers, and what its client is asked for, in the client's tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from footage.model import (
    Camera,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)
from MotiveAPI import CAMERAS
from support.scripted import ScriptedServer, says

KEY = "0123456789abcdef-motive-key"
START = datetime(2025, 3, 1, 14, 3, tzinfo=timezone.utc)
ROAD, DRIVER, NARROW, LEFT, RIGHT, REAR = CAMERAS
TRUCK = Vehicle("4321", "TRUCK-101")
TRAILER = Vehicle("55", "TRAILER-7", kind="asset")
HIGH, TIMELAPSE, IMAGE = MediaType.HIGH, MediaType.TIMELAPSE, MediaType.IMAGE
PENDING, AVAILABLE, FAILED = MediaStatus.PENDING, MediaStatus.AVAILABLE, MediaStatus.FAILED
INVALID, UNAVAILABLE = MediaStatus.INVALID, MediaStatus.UNAVAILABLE
URL = "https://bucket.example/one.mp4?sig=x"
RECALLS, QUOTA = "/v1/video_recall_requests", "/v1/video_recall_requests/quota"
CREATED = says(201, {"id": "98765", "status": "pending"})


def span(minutes: float) -> Window:
    return Window(START, START + timedelta(minutes=minutes))


def recall(
    *cameras: Camera, minutes: float = 3.0, media_type: MediaType = HIGH, rid: str = "98765"
) -> Retrieval:
    """An accepted recall, of all cameras where none is named."""
    media = [Media(camera) for camera in cameras or CAMERAS]
    return Retrieval(span(minutes), media, media_type, RetrievalState.ACCEPTED, id=rid)


def picture(camera: Camera = LEFT, rid: str = "omnicam/1234") -> Retrieval:
    """An accepted image capture."""
    return recall(camera, minutes=0, media_type=IMAGE, rid=rid)


def bodies(server: ScriptedServer) -> list[Any]:
    """What was posted."""
    return [body for method, _, _, body in server.asked if method == "POST"]


def states(reported: Iterable[Media]) -> dict[Camera, MediaStatus]:
    return {media.camera: media.status for media in reported}


def details(cameras: object = None, status: object = "success", **more: object) -> dict[str, Any]:
    """The answer to a poll."""
    return {"id": "98765", "status": status, "cameras": cameras, **more}
