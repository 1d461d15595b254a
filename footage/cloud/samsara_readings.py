"""Reading the vehicle's position and speed from Samsara's JSON. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from footage.cloud.json_fields import as_dict, as_list, as_number, as_text, as_time
from footage.cloud.readings import believable_reading, believable_speed
from footage.model import Reading

METRES_PER_SECOND = 0.44704  # in one mile an hour, by its definition


def read_history(items: Iterable[object], vehicle_id: str) -> list[Reading]:
    """The readings of one vehicle in the items of `getvehiclestatshistory`."""
    readings = (
        _history_reading(as_dict(gps))
        for item in map(as_dict, items)
        if as_text(item.get("id")) in ("", vehicle_id)
        for gps in as_list(item.get("gps"))
    )
    return [reading for reading in readings if reading]


def read_stream(items: Iterable[object], asset_id: str) -> list[Reading]:
    """The readings of one asset in the items of `getlocationandspeed`."""
    readings = (
        _stream_reading(item)
        for item in map(as_dict, items)
        if as_text(as_dict(item.get("asset")).get("id")) in ("", asset_id)
    )
    return [reading for reading in readings if reading]


def _history_reading(gps: Mapping[str, Any]) -> Reading | None:
    """One entry of the history, whose speed is in miles an hour."""
    speed = as_number(gps.get("speedMilesPerHour"))
    place = as_text(as_dict(gps.get("reverseGeo")).get("formattedLocation"))
    return _reading(
        as_time(gps.get("time")),
        gps,
        None if speed is None else speed * METRES_PER_SECOND,
        place or as_text(as_dict(gps.get("address")).get("name")),
    )


def _stream_reading(item: Mapping[str, Any]) -> Reading | None:
    """One item of the stream, whose speeds are in metres a second: the GPS's, else the engine's."""
    speeds = as_dict(item.get("speed"))
    speed = believable_speed(as_number(speeds.get("gpsSpeedMetersPerSecond")))
    if speed is None:
        speed = as_number(speeds.get("ecuSpeedMetersPerSecond"))
    return _reading(as_time(item.get("happenedAtTime")), as_dict(item.get("location")), speed, "")


def _reading(
    time: datetime | None, location: Mapping[str, Any], speed: float | None, place: str
) -> Reading | None:
    where = (location.get("latitude"), location.get("longitude"))
    return believable_reading(time, where, speed, location.get("headingDegrees"), place)
