"""What the side-by-side shows of the vehicle's readings: speed, heading and place, in one line."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from footage.system.text import single_line

if TYPE_CHECKING:  # options need only the units, and the first question does without the model
    from footage.model import Reading

NO_GPS = "no GPS"

_LONGEST_PLACE = 40  # characters
_SLOWEST_HEADING = 1.0  # metres a second; of a slower vehicle a GPS receiver's heading is noise
_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True)
class SpeedUnit:
    """label: as it is shown; factor: how many of it are one metre a second."""

    label: str
    factor: float


# By the word for it in options and in the journal; the first is the default. Another unit is
# another line here: the choices of --units come from it.
SPEED_UNITS: Mapping[str, SpeedUnit] = {
    "mph": SpeedUnit("mph", 3600 / 1609.344),
    "kmh": SpeedUnit("km/h", 3.6),
}
DEFAULT_SPEED_UNIT = next(iter(SPEED_UNITS))


def overlay_texts(
    readings: Sequence[Reading], moments: Sequence[datetime], units: str
) -> list[str]:
    """One line for each moment: "47 mph NE, Elm Street, Springfield", or NO_GPS.

    units: a key of SPEED_UNITS

    What is not known is left out; "speed unknown" where that is all of it. The heading is also left
    out while the vehicle stands.
    """
    from footage.telemetry import interpolation  # late: 2 ms, and options need only the units

    unit = SPEED_UNITS[units]
    return [_text(interpolation.at(readings, moment), unit) for moment in moments]


def _text(reading: Reading | None, unit: SpeedUnit) -> str:
    if reading is None:
        return NO_GPS
    motion = []
    if reading.speed is not None:
        motion.append(f"{math.floor(reading.speed * unit.factor + 0.5)} {unit.label}")
    if reading.heading is not None and (reading.speed is None or reading.speed >= _SLOWEST_HEADING):
        motion.append(_COMPASS[int((reading.heading + 22.5) // 45) % 8])
    parts = [" ".join(motion), single_line(reading.place, _LONGEST_PLACE)]
    return ", ".join(part for part in parts if part) or "speed unknown"
