"""What of a provider's readings is believable: one rule for all providers."""

from __future__ import annotations

from datetime import datetime

from footage.cloud.events import degrees
from footage.cloud.json_fields import as_number
from footage.model import Reading
from footage.system.text import single_line

FASTEST = 150.0  # metres a second; no vehicle on a road is faster


def believable_reading(
    time: datetime | None,
    place_on_earth: tuple[object, object],
    speed: float | None,
    heading: object,
    place: str,
) -> Reading | None:
    """A reading of what is believable; None without a time or a place on earth.

    Samsara's documented examples have coordinates that are none, and exactly 0, 0 (in the Atlantic)
    is what a receiver without a fix reports.

    place_on_earth: latitude and longitude, in degrees, as they came
    speed:          in metres a second
    heading:        in degrees, as it came
    """
    latitude, longitude = degrees(place_on_earth[0], 90), degrees(place_on_earth[1], 180)
    if time is None or latitude is None or longitude is None or latitude == longitude == 0:
        return None
    direction = as_number(heading)
    return Reading(
        time=time,
        latitude=latitude,
        longitude=longitude,
        speed=believable_speed(speed),
        # The second % makes 0 of the 360.0 that comes of the least bit below zero.
        heading=None if direction is None else direction % 360 % 360,
        place=single_line(place, 120),
    )


def believable_speed(speed: float | None) -> float | None:
    """A speed in metres a second; None for one that no vehicle has."""
    return speed if speed is not None and 0 <= speed <= FASTEST else None
