"""Where a simulated truck is at any moment: an endless lap, the same on every machine.

There is no state and nothing is random, so a test can compute the truth for any moment and compare
it with what was made of the readings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timezone
from zlib import crc32

MILES_PER_HOUR = 3600 / 1609.344  # of one metre per second

_EPOCH = datetime(2015, 1, 1, tzinfo=timezone.utc)
_EARTH = 6_371_000.0  # radius, metres
_CENTRE = (39.80, -89.65)  # of the lap, degrees
_LAP = 3_000.0  # radius, metres
_CRUISE, _SWING = 20.0, 10.0  # metres per second
_SWING_RATE = 2 * math.pi / 120  # fast and slow again every two minutes
# Each street is a twelfth of the lap, about 80 s long.
_PLACES = (
    "Elm Street, Springfield, IL",
    "Oak Avenue, Springfield, IL",
    "Station Road, Springfield, IL",
    "Mill Lane, Riverton, IL",
    "Church Street, Riverton, IL",
    "Bridge Street, Riverton, IL",
    "Orchard Road, Rochester, IL",
    "Main Street, Rochester, IL",
    "Quarry Road, Rochester, IL",
    "County Road 5, Chatham, IL",
    "Depot Street, Chatham, IL",
    "Lake Shore Drive, Springfield, IL",
)


@dataclass(frozen=True)
class Fix:
    """One moment of the drive.

    latitude, longitude: degrees
    heading: degrees clockwise from north, 0 <= heading < 360
    speed:   metres per second
    place:   the street and town
    """

    latitude: float
    longitude: float
    heading: float
    speed: float
    place: str


def at(vehicle_id: str, when: datetime) -> Fix:
    """Where the vehicle is at `when` (aware), how fast and which way it goes.

    It drives clockwise round a circle, each vehicle beginning elsewhere on it. The speed swings
    smoothly between 10 and 30 m/s, and the distance covered is its integral.
    """
    seconds = (when - _EPOCH).total_seconds()
    swing = _SWING_RATE * seconds
    speed = _CRUISE + _SWING * math.sin(swing)
    metres = _CRUISE * seconds + _SWING / _SWING_RATE * (1 - math.cos(swing))
    begin = crc32(vehicle_id.encode()) % 360
    bearing = (begin + math.degrees(metres / _LAP)) % 360  # of the vehicle, seen from the centre
    north = _LAP * math.cos(math.radians(bearing))
    east = _LAP * math.sin(math.radians(bearing))
    return Fix(
        latitude=_CENTRE[0] + math.degrees(north / _EARTH),
        longitude=_CENTRE[1] + math.degrees(east / (_EARTH * math.cos(math.radians(_CENTRE[0])))),
        heading=(bearing + 90) % 360,
        speed=speed,
        place=_PLACES[int(bearing / 360 * len(_PLACES)) % len(_PLACES)],
    )
