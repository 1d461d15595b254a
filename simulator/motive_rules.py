"""The rules that a request to Motive must keep to be accepted, and when there is footage.

Sources: reference pages create-a-video-recall-request, begin-image-capture and
fetch-the-available-timelines-for-an-asset.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

UTC = timezone.utc
Span = tuple[datetime, datetime]

# Motive's position -> the camera's name in the simulated cloud, which is Samsara's: so the same
# trucks and mishaps serve for both.
POSITIONS: Mapping[str, str] = MappingProxyType(
    {
        "front_facing": "dashcamRoadFacing",
        "driver_facing": "dashcamDriverFacing",
        "side_left": "analog1",
        "side_right": "analog2",
        "rear": "analog3",
        "front_narrow_facing": "analog4",
    }
)
_DASHCAM = ("front_facing", "driver_facing")
_OMNICAM = ("side_left", "side_right", "rear")
# Minutes of requested video by the kind of recall.
_DURATIONS = {"regular": (1, 2, 3), "timelapse": (5, 10, 15, 30, 45, 60)}
_SINCE = datetime(2020, 1, 1, tzinfo=UTC)
# A time without an offset is UTC, says the page on time zones.
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)


class BrokenRuleError(Exception):
    """The request is refused; `code` is the HTTP status where it is documented, else None."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Entity:
    """Whose footage is requested: a vehicle's, by its number, or an asset's, by its name."""

    kind: str  # "vehicle" or "asset"
    name: str


@dataclass(frozen=True)
class WantedRecall:
    """A request for footage that is well formed; `positions` None means all there are."""

    entity: Entity
    start: datetime
    minutes: int
    kind: str
    positions: tuple[str, ...] | None

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)


def read_recall(body: Any, now: datetime) -> WantedRecall:
    """Check the body of a request for footage. Raises BrokenRuleError."""
    entity = _entity(body)
    positions = _positions(body["camera_positions"]) if "camera_positions" in body else None
    start = _time(body.get("start_time"))
    if start > now:
        raise BrokenRuleError("start_time must not be in the future.")
    kind, minutes = body.get("recall_type", "regular"), body.get("duration")
    if not isinstance(kind, str) or kind not in _DURATIONS:
        raise BrokenRuleError(f"recall_type must be one of {', '.join(_DURATIONS)}.")
    if type(minutes) is not int or minutes not in _DURATIONS[kind]:
        allowed = ", ".join(map(str, _DURATIONS[kind]))
        raise BrokenRuleError(f"duration of a {kind} recall must be one of {allowed}.")
    return WantedRecall(entity, start, minutes, kind, positions)


def read_capture(body: Any) -> tuple[Entity, str]:
    """Check the body of a request for one image; returns whose image, and its position.

    Raises BrokenRuleError.
    """
    entity = _entity(body)
    position = body.get("position")
    allowed = _OMNICAM if entity.kind == "asset" else (*_DASHCAM, *_OMNICAM)
    if position not in allowed:
        raise BrokenRuleError(f"position must be one of {', '.join(allowed)}.", 400)
    return entity, str(position)


def on_dashcam(position: str) -> bool:
    return position in _DASHCAM


def segments(now: datetime, kept: timedelta | None, holes: Sequence[Span]) -> list[Span]:
    """The stretches of time with footage, in order (UTC); `kept` is how long footage is kept."""
    begin = _SINCE if kept is None else max(_SINCE, now - kept)
    stretches = []
    for hole_begin, hole_end in sorted(holes):
        if begin < min(hole_begin, now):
            stretches.append((begin, min(hole_begin, now)))
        begin = max(begin, hole_end)
    return [*stretches, (begin, now)] if begin < now else stretches


def _entity(body: Any) -> Entity:
    if not isinstance(body, dict):
        raise BrokenRuleError("A JSON object is required.", 400)
    given = [kind for kind, key in _ENTITY_KEYS.items() if body.get(key) is not None]
    if len(given) != 1:
        raise BrokenRuleError("Exactly one of vehicle_number and asset_name is required.")
    name = body[_ENTITY_KEYS[given[0]]]
    if not isinstance(name, str) or not name:
        raise BrokenRuleError(f"{_ENTITY_KEYS[given[0]]} must be a string.")
    return Entity(given[0], name)


_ENTITY_KEYS = {"vehicle": "vehicle_number", "asset": "asset_name"}


def _positions(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not given:
        raise BrokenRuleError("camera_positions must be a list that is not empty.", 400)
    for position in given:
        if not isinstance(position, str) or position not in POSITIONS:
            raise BrokenRuleError(f"Invalid camera_positions: {position}.", 400)
    return tuple(dict.fromkeys(given))


def _time(text: Any) -> datetime:
    """An ISO 8601 time as UTC."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BrokenRuleError("start_time must be a valid ISO 8601 time.")
    day, clock, fraction, offset = match.groups()
    clock = clock if clock.count(":") == 2 else f"{clock}:00"
    offset = (offset or "Z").upper().replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{offset}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BrokenRuleError("start_time must be a valid ISO 8601 time.") from error
