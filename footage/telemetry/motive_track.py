"""Where a vehicle was and how fast, as Motive tells it (`vehicle-locations-get-specific`).

The call and its two parameters are documented, the answer is not: it is read leniently. It is of a
whole day, whose zone is not documented either.
"""

from __future__ import annotations

import logging
import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from footage.cloud.events import moment_of, text_of
from footage.cloud.http import ApiClient
from footage.cloud.json_fields import as_dict, as_number
from footage.cloud.motive_lists import list_items
from footage.cloud.rate_limit import RateLimit
from footage.cloud.readings import believable_reading, believable_speed
from footage.errors import AuthenticationError, RequestRefused
from footage.model import Reading, Vehicle, Window
from footage.telemetry.interpolation import LONGEST_HOLE

log = logging.getLogger("footage.motive")

LOCATIONS = "/v1/vehicle_locations"
LISTS = RateLimit(2, 1.0)

_LISTS = ("vehicle_locations", "location_histories", "locations", "data")
_ITEMS = ("vehicle_location", "location_history", "location")
_TIMES = ("located_at", "time", "recorded_at", "timestamp")

# Metres a second in one of each unit that a speed may be told in.
KMH, MPH = 1 / 3.6, 0.44704
_UNITS = (KMH, MPH, 1.0)
# Two readings are compared with the way between them where they are at most so many seconds apart,
# and told to be at least so fast: a way is nearly straight then. Of fewer pairs nothing is said.
_APART, _FAST, _PAIRS = 30.0, 5.0, 5
_NEAR = 0.12  # by so much of it the speed of the way may differ from what is told


@dataclass(frozen=True)
class Point:
    """A reading, and its speed in a unit that is still to be found out; None for no speed.

    metric: the answer says that its units are metric, or that they are not; None: it does not say
    """

    reading: Reading
    speed: float | None
    metric: bool | None = None


class MotiveTrack:
    """Fetches the readings of vehicles with the client of one account."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._limiter = client.rate_limiter(LISTS)

    def readings(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        """The readings of `span` and of LONGEST_HOLE seconds on both sides, in order of time.

        The days are asked for as they are in UTC. Where their readings begin within the span, the
        day before is asked for as well: with a day of America's zones it holds the span's evening.

        Raises RequestRefused where Motive refuses them, also for the key's permissions, so that
        footage can still be had without; TransientError when it cannot be had after all tries.
        """
        if vehicle.kind != "vehicle":
            raise RequestRefused("Motive tells speed and place of vehicles only.")
        margin = timedelta(seconds=LONGEST_HOLE)
        wide = Window(span.start - margin, span.end + margin)
        days = (wide.end.date() - wide.start.date()).days
        points = [
            point
            for day in range(days + 1)
            for point in self._day(vehicle, wide.start.date() + timedelta(days=day))
        ]
        if not any(point.reading.time <= wide.start for point in points):
            points += self._day(vehicle, wide.start.date() - timedelta(days=1))
        unit = unit_of(points)
        by_time = {one.reading.time: _with_speed(one, unit) for one in points}
        readings = [by_time[at] for at in sorted(by_time) if wide.start <= at <= wide.end]
        log.info("Readings: %d of %d told", len(readings), len(points))
        return readings

    def _day(self, vehicle: Vehicle, day: date) -> list[Point]:
        path, params = f"{LOCATIONS}/{quote(vehicle.id, safe='')}", {"date": f"{day:%Y-%m-%d}"}
        try:
            items = list(
                list_items(self._client, path, self._limiter, _LISTS, params, surely_paged=False)
            )
        except AuthenticationError as error:
            raise RequestRefused(
                f"No permission for the vehicle's locations ({error.status}): choose them where "
                "the API key is made, under Admin > Developers > API Access.",
                status=error.status,
                request_id=error.request_id,
            ) from error
        return read_points(items)


def read_points(items: Iterable[object]) -> list[Point]:
    """Those with a time and a place on earth, in order of time."""
    points = filter(None, map(_point, map(as_dict, items)))
    return sorted(points, key=lambda one: one.reading.time)


def _point(item: Mapping[str, Any]) -> Point | None:
    fields = next((as_dict(item[name]) for name in _ITEMS if name in item), item)
    at = next(filter(None, (moment_of(fields.get(name)) for name in _TIMES)), None)
    where = (fields.get("lat"), fields.get("lon"))
    place = text_of(fields.get("description"))
    reading = believable_reading(at, where, None, fields.get("bearing"), place)
    metric = fields.get("metric_units")
    if reading is None:
        return None
    speed = as_number(fields.get("speed"))
    return Point(reading, speed, metric if isinstance(metric, bool) else None)


# --- the unit of the speed ------------------------------------------------------------------------


def unit_of(points: Sequence[Point]) -> float | None:
    """Metres a second in one of the unit of the speeds; None where that is in doubt.

    Km/h is asked for; that Motive keeps to it is not documented. So what the answer says of itself
    counts, and else the way between the readings decides: it fits one of the units, or none, and
    then no speed is shown. Where the readings are too far apart for that, it is taken as km/h.
    """
    told = {point.metric for point in points} - {None}
    if len(told) == 1:
        return KMH if told == {True} else MPH
    ratios = list(_ratios(points))
    if len(ratios) < _PAIRS:
        return KMH
    measured = statistics.median(ratios)
    unit = min(_UNITS, key=lambda one: abs(math.log(measured / one)))
    if abs(measured / unit - 1) <= _NEAR:
        return unit
    log.warning("Motive's speeds fit no unit (%.3f), and are left out.", measured)
    return None


def _ratios(points: Sequence[Point]) -> Iterator[float]:
    """How many metres a second the way between two readings makes of one of their unit."""
    for one, other in pairwise(points):
        apart = (other.reading.time - one.reading.time).total_seconds()
        if one.speed is None or other.speed is None or not 0.5 <= apart <= _APART:
            continue
        slower, faster = sorted((one.speed, other.speed))
        if slower < _FAST or faster > 1.2 * slower:  # it brakes or speeds up: not comparable
            continue
        way = _metres(one.reading, other.reading)
        if way > 0:
            yield way / apart / ((slower + faster) / 2)


def _metres(one: Reading, other: Reading) -> float:
    """The way between two readings, which are near each other."""
    east = math.radians(other.longitude - one.longitude) * math.cos(math.radians(one.latitude))
    return 6_371_000 * math.hypot(math.radians(other.latitude - one.latitude), east)


def _with_speed(point: Point, unit: float | None) -> Reading:
    if point.speed is None or unit is None:
        return point.reading
    return replace(point.reading, speed=believable_speed(point.speed * unit))
