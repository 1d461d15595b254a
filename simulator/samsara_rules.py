"""What a Samsara request must look like to be accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from simulator.cameras import CAMERAS

# Longest stretch by media type, seconds. Only the minute of high-res video is certain.
_LONGEST = {"image": 0, "videoHighRes": 60, "videoLowRes": 600, "hyperlapse": 2400}
_LISTED_TYPES = ("image", "videoHighRes")
_MOST_VEHICLES = 20
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class BadParameterError(Exception):
    """The request cannot be accepted; the text says which part of it."""

    def __init__(self, name: str, why: str = "") -> None:
        super().__init__(f"Invalid value for parameter: {name}.{' ' if why else ''}{why}")


@dataclass(frozen=True)
class Wanted:
    """A request for footage that is well formed."""

    vehicle: str
    media_type: str
    start: datetime
    end: datetime
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class ListQuery:
    """Which uploaded media are asked for."""

    vehicles: tuple[str, ...]
    start: datetime
    end: datetime
    inputs: tuple[str, ...]
    media_types: tuple[str, ...]
    triggers: tuple[str, ...]
    available_after: datetime | None


def read_retrieval(body: Any) -> Wanted:
    """Check the body of a request for footage. Raises BadParameterError."""
    if not isinstance(body, dict):
        raise BadParameterError("body", "A JSON object is required.")
    vehicle, media_type = body.get("vehicleId"), body.get("mediaType")
    if not isinstance(vehicle, str):
        raise BadParameterError("vehicleId")
    if not isinstance(media_type, str) or media_type not in _LONGEST:
        raise BadParameterError("mediaType")
    start, end = _time(body.get("startTime"), "startTime"), _time(body.get("endTime"), "endTime")
    seconds = (end - start).total_seconds()
    if media_type == "image" and seconds != 0:
        raise BadParameterError("endTime", "An image has one instant.")
    if media_type != "image" and not 1 <= seconds <= _LONGEST[media_type]:
        raise BadParameterError("endTime", f"A video lasts 1 to {_LONGEST[media_type]} seconds.")
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not inputs or len(set(map(str, inputs))) != len(inputs):
        raise BadParameterError("inputs")
    if any(name not in CAMERAS for name in map(str, inputs)):
        raise BadParameterError("inputs")
    return Wanted(vehicle, media_type, start, end, tuple(inputs))


def read_list_query(query: Mapping[str, list[str]]) -> ListQuery:
    """Check the query of the list of uploaded media. Raises BadParameterError."""
    vehicles = tuple(filter(None, ",".join(query.get("vehicleIds", [])).split(",")))
    if not 1 <= len(vehicles) <= _MOST_VEHICLES:
        raise BadParameterError("vehicleIds")
    start = _time(_single(query, "startTime"), "startTime")
    end = _time(_single(query, "endTime"), "endTime")
    if not timedelta() <= end - start <= timedelta(hours=24):
        raise BadParameterError("endTime", "At most 24 hours after startTime.")
    after = _single(query, "availableAfterTime")
    inputs, media_types = tuple(query.get("inputs", ())), tuple(query.get("mediaTypes", ()))
    if any(name not in CAMERAS for name in inputs):
        raise BadParameterError("inputs")
    if any(name not in _LISTED_TYPES for name in media_types):
        raise BadParameterError("mediaTypes")
    return ListQuery(
        vehicles,
        start,
        end,
        inputs,
        media_types,
        tuple(query.get("triggerReasons", ())),
        _time(after, "availableAfterTime") if after else None,
    )


def _single(query: Mapping[str, list[str]], name: str) -> str | None:
    return next(iter(query.get(name, ())), None)


def _time(text: Any, name: str) -> datetime:
    """An RFC 3339 time with its offset, as UTC."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BadParameterError(name)
    day, clock, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(
            f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{offset.upper().replace('Z', '+00:00')}"
        )
    except ValueError as error:
        raise BadParameterError(name) from error
    return moment.astimezone(timezone.utc)
