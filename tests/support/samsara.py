"""Samsara's answers, and what its client is asked for, in the client's tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from footage.model import Camera, Media, MediaType, Retrieval, Vehicle, Window
from SamsaraAPI import CAMERAS
from support.scripted import Answer, says

KEY = "samsara_api_0123456789abcdefghijklmnopqrst"
START = datetime(2025, 4, 16, 13, 30, tzinfo=timezone.utc)
ROAD, DRIVER, ANALOG = CAMERAS[:3]
TRUCK = Vehicle("281474976710657", "Truck 12")
UPLOADED = "/cameras/media"  # the list's path
VIDEO = (MediaType.HIGH, MediaType.LOW, MediaType.HYPERLAPSE)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def text(seconds: float) -> str:
    return at(seconds).isoformat().replace("+00:00", "Z")


def span(start: float, end: float) -> Window:
    return Window(at(start), at(end))


def minutes(count: float) -> Window:
    return span(0, 60 * count)


def retrieval(*cameras: Camera) -> Retrieval:
    """One of the first minute, accepted."""
    return Retrieval(minutes(1), [Media(camera) for camera in cameras or (ROAD,)], id="r-1")


def accepted(quota: object = "Usage is 5 of 900.") -> Answer:
    return says(200, {"data": {"retrievalId": "abc-1", "quotaStatus": quota}})


def media_answer(*items: object) -> Answer:
    """The answer to a poll."""
    return says(200, {"data": {"media": list(items)}})


def item(start: float = 0, end: float = 60, **fields: object) -> dict[str, Any]:
    """One of the list of uploaded media, which has no status."""
    return {
        "vehicleId": TRUCK.id,
        "input": "dashcamRoadFacing",
        "mediaType": "videoHighRes",
        "startTime": text(start),
        "endTime": text(end),
        "urlInfo": {"url": f"https://media.example/{start}-{end}.mp4?sig=x"},
    } | fields


def page(*items: object, cursor: str | None = None) -> Answer:
    """A page of a list of vehicles or readings; another one follows after `cursor`."""
    return _page(list(items), cursor)


def media_page(*items: object, cursor: str | None = None) -> Answer:
    """A page of the list of uploaded media, whose items lie one level deeper."""
    return _page({"media": list(items)}, cursor)


def _page(data: object, cursor: str | None) -> Answer:
    paging = {"endCursor": cursor or "", "hasNextPage": cursor is not None}
    return says(200, {"data": data, "pagination": paging})
