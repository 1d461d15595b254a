"""The rules that a request to Samsara must keep to be accepted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from simulator.cameras import CAMERAS

# Longest window by media type, seconds. Only the minute of high-res video is documented.
_LONGEST = {"image": 0, "videoHighRes": 60, "videoLowRes": 600, "hyperlapse": 2400}
_LISTED_TYPES = ("image", "videoHighRes")
_TRIGGERS = (
    "api", "videoRetrieval", "safetyEvent", "panicButton", "rfidEvent", "periodicStill",
    "tripStartStill", "tripEndStill",
)  # fmt: skip
_ROLES = (
    "leftMirrorMount", "leftSide", "rightMirrorMount", "rightSide", "rearHigh", "rearBumper",
    "inCab", "front", "hopper", "other1", "other2", "other3", "other4", "leftBev", "rightBev",
    "rearBev", "frontBev", "otherBev", "bevNotUsed",
)  # fmt: skip
_MOST_TYPES, _MOST_READINGS = 3, 512
_MOST_VEHICLES = 20
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class BadParameterError(Exception):
    """The request is refused; the text says for which parameter."""

    def __init__(self, name: str, why: str = "") -> None:
        super().__init__(f"Invalid value for parameter: {name}.{' ' if why else ''}{why}")


@dataclass(frozen=True)
class Wanted:
    """A request for footage that is well formed; `roles` are of cameras, besides the inputs."""

    vehicle: str
    media_type: str
    start: datetime
    end: datetime
    inputs: tuple[str, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class ListQuery:
    """A query of the list of uploaded media."""

    vehicles: tuple[str, ...]
    start: datetime
    end: datetime
    inputs: tuple[str, ...]
    media_types: tuple[str, ...]
    triggers: tuple[str, ...]
    available_after: datetime | None


@dataclass(frozen=True)
class TrackQuery:
    """A query of the vehicles' readings; no vehicles means all of them.

    fine:             of the stream only: with the high-frequency readings
    with_speed:       of the stream only: with the speed
    limit:            readings a page at most
    """

    vehicles: tuple[str, ...]
    start: datetime
    end: datetime
    fine: bool = False
    with_speed: bool = True
    limit: int = _MOST_READINGS


def read_retrieval(body: Any, longest: Mapping[str, int] | None = None) -> Wanted:
    """Check the body of a request for footage; `longest` are seconds by media type that differ
    from the usual. Raises BadParameterError.
    """
    most = {**_LONGEST, **(longest or {})}
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
    if media_type != "image" and not 1 <= seconds <= most[media_type]:
        raise BadParameterError("endTime", f"A video lasts 1 to {most[media_type]} seconds.")
    inputs, roles = _names(body, "inputs", CAMERAS), _names(body, "cameraRoles", _ROLES)
    if not inputs and not roles:
        raise BadParameterError("inputs", "Either inputs or cameraRoles is required.")
    return Wanted(vehicle, media_type, start, end, inputs, roles)


def _names(body: Mapping[str, Any], key: str, known: Collection[str]) -> tuple[str, ...]:
    """A list of names that may be left out but not be empty, each of them known.

    One may come twice, as it does in the reference's own example of a request.
    """
    names = body.get(key)
    if names is None:
        return ()
    if not isinstance(names, list) or not names:
        raise BadParameterError(key)
    if any(name not in known for name in map(str, names)):
        raise BadParameterError(key)
    return tuple(names)


def read_list_query(query: Mapping[str, list[str]]) -> ListQuery:
    """Check the query of the list of uploaded media. Raises BadParameterError."""
    vehicles = tuple(filter(None, (_single(query, "vehicleIds") or "").split(",")))
    if not 1 <= len(vehicles) <= _MOST_VEHICLES or len(query["vehicleIds"]) > 1:
        raise BadParameterError("vehicleIds", "One string, the ids separated by commas.")
    for key in query:
        if key.endswith("[]"):
            raise BadParameterError(key, "A list repeats its key.")
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
    triggers = tuple(query.get("triggerReasons", ()))
    if any(name not in _TRIGGERS for name in triggers):
        raise BadParameterError("triggerReasons")
    return ListQuery(
        vehicles,
        start,
        end,
        inputs,
        media_types,
        triggers,
        _time(after, "availableAfterTime") if after else None,
    )


def read_history_query(query: Mapping[str, list[str]]) -> TrackQuery:
    """Check the query of the vehicles' history. Raises BadParameterError.

    Of Samsara's types only `gps` is simulated.
    """
    types = _joined(query, "types")
    if not 1 <= len(types) <= _MOST_TYPES:
        raise BadParameterError("types")
    if set(types) != {"gps"}:
        raise BadParameterError("types", "Only gps is simulated.")
    start = _time(_single(query, "startTime"), "startTime")
    end = _time(_single(query, "endTime"), "endTime")
    if end < start:
        raise BadParameterError("endTime", "Not before startTime.")
    return TrackQuery(_joined(query, "vehicleIds"), start, end)


def read_stream_query(query: Mapping[str, list[str]]) -> TrackQuery:
    """Check the query of the stream of places and speeds. Raises BadParameterError.

    The start is now unless given, and without an end it goes on to now.
    """
    now = datetime.now(timezone.utc).isoformat()
    start = _time(_single(query, "startTime") or now, "startTime")
    end = _time(_single(query, "endTime") or now, "endTime")
    if end < start:
        raise BadParameterError("endTime", "Not before startTime.")
    fine = _flag(query, "includeHighFrequencyLocations")
    if fine and _flag(query, "includeGeofenceLookup"):
        raise BadParameterError("includeHighFrequencyLocations", "Not with geofences.")
    speed, limit = _flag(query, "includeSpeed"), read_limit(query)
    return TrackQuery(_joined(query, "ids"), start, end, fine, speed, limit)


def read_span(query: Mapping[str, list[str]]) -> tuple[datetime, datetime]:
    """The start, and the end or now. Raises BadParameterError."""
    start = _time(_single(query, "startTime"), "startTime")
    given = _single(query, "endTime")
    end = _time(given, "endTime") if given else datetime.now(timezone.utc)
    if end < start:
        raise BadParameterError("endTime", "Not before startTime.")
    return start, end


def read_limit(query: Mapping[str, list[str]]) -> int:
    """How many items a page may have. Raises BadParameterError."""
    limit = _single(query, "limit") or str(_MOST_READINGS)
    if not (limit.isascii() and limit.isdigit()) or not 1 <= int(limit) <= _MOST_READINGS:
        raise BadParameterError("limit")
    return int(limit)


def _flag(query: Mapping[str, list[str]], name: str) -> bool:
    text = (_single(query, name) or "false").lower()
    if text not in ("true", "false"):
        raise BadParameterError(name)
    return text == "true"


def _joined(query: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    """A list separated by commas, or given by repeating the key as the official SDK does."""
    return tuple(filter(None, ",".join(query.get(name, ())).split(",")))


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
