"""The vehicles' location and speed, in the two forms in which Samsara answers them.

Sources: reference pages getvehiclestatshistory and getlocationandspeed. The history has miles
per hour, the stream metres per second.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from simulator import drive
from simulator.api import stamp
from simulator.samsara_rules import TrackQuery
from simulator.scenario import Scenario, Truck

Reading = tuple[Truck, datetime]
_EPOCH = datetime(2015, 1, 1, tzinfo=timezone.utc)
_ACCURACY = 35.0  # metres
_WEAK = 20  # seconds: at each multiple of it the reception is weak


def history(scenario: Scenario, query: TrackQuery) -> list[Reading]:
    """What the history of the requested vehicles holds, vehicle by vehicle.

    The last reading before the window is included, as in the guide's own example.
    """
    before = query.start - timedelta(seconds=scenario.gps_every)
    times = moments(before, query.end, scenario.gps_every, scenario.gps_holes)
    return [(truck, when) for truck in _vehicles(scenario, query) for when in times]


def stream(scenario: Scenario, query: TrackQuery) -> list[Reading]:
    """What the stream of the requested vehicles holds, vehicle by vehicle."""
    every = scenario.stream_every if query.fine else scenario.gps_every
    times = moments(query.start, query.end, every, scenario.gps_holes)
    return [(truck, when) for truck in _vehicles(scenario, query) for when in times]


def moments(
    start: datetime,
    end: datetime,
    every: float,
    holes: Sequence[tuple[datetime, datetime]] = (),
) -> list[datetime]:
    """When there are readings from `start` to `end`, both included, and not later than now.

    They are `every` seconds apart and the same in every call; in a hole there are none (its begin
    included, its end not).
    """
    end = min(end, datetime.now(timezone.utc))
    first = math.ceil((start - _EPOCH).total_seconds() / every)
    last = math.floor((end - _EPOCH).total_seconds() / every)
    times = (_EPOCH + timedelta(seconds=number * every) for number in range(first, last + 1))
    return [when for when in times if not any(begin <= when < until for begin, until in holes)]


def as_history(page: Sequence[Reading]) -> list[dict[str, Any]]:
    """Readings as the history shows them: a list for each vehicle."""
    vehicles: dict[str, dict[str, Any]] = {}
    for truck, when in page:
        vehicle = vehicles.setdefault(truck.id, {"id": truck.id, "name": truck.name, "gps": []})
        fix = drive.at(truck.id, when)
        vehicle["gps"].append(
            {
                "time": stamp(when),
                "latitude": round(fix.latitude, 7),
                "longitude": round(fix.longitude, 7),
                "headingDegrees": round(fix.heading, 2) % 360,
                "speedMilesPerHour": round(fix.speed * drive.MILES_PER_HOUR, 4),
                "isEcuSpeed": False,
                "reverseGeo": {"formattedLocation": fix.place},
            }
        )
    return list(vehicles.values())


def as_stream(page: Sequence[Reading], with_speed: bool) -> list[dict[str, Any]]:
    """Readings as the stream shows them: one item each."""
    items = []
    for truck, when in page:
        fix = drive.at(truck.id, when)
        location = {
            "latitude": round(fix.latitude, 7),
            "longitude": round(fix.longitude, 7),
            "headingDegrees": round(fix.heading) % 360,  # an integer here, a double in the history
        }
        if when.second % _WEAK == 0:  # the field is only there where the reception is weak
            location["accuracyMeters"] = _ACCURACY
        item: dict[str, Any] = {
            "asset": {"id": truck.id},
            "happenedAtTime": stamp(when),
            "location": location,
        }
        if with_speed:
            item["speed"] = {"gpsSpeedMetersPerSecond": round(fix.speed, 4)}
        items.append(item)
    return items


def _vehicles(scenario: Scenario, query: TrackQuery) -> list[Truck]:
    """The requested vehicles, all where none is named; unknown ones have no readings."""
    return [
        truck for truck in scenario.vehicles if not query.vehicles or truck.id in query.vehicles
    ]
