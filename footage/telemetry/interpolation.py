"""Where the vehicle was and how fast, between its own readings too. Pure but for `save` and `load`.

All lists of readings are in order of time, each moment once.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from dateutil.parser import isoparse

from footage.errors import JournalError
from footage.model import UTC, Reading, Window
from footage.system import whole_files
from footage.system.intervals import uncovered
from footage.system.text import printable

LONGEST_HOLE = 10.0  # seconds between two readings; what lies further apart is not bridged
FINE = 2.0  # seconds; a track of a reading a second, one of them lost, is still this dense
LONGEST_PLACE = 40  # characters of a place on the picture
SHORTEST_HOLE = 1.0  # seconds; shorter ones are not told of
STANDING = 1.0  # metres a second; below, a GPS heading is noise
NO_GPS = "no GPS"

VERSION = 1

_UNITS = {"mph": (3600 / 1609.344, "mph"), "kmh": (3.6, "km/h")}
_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


# --- at a moment ---------------------------------------------------------------------------------


def at(readings: Sequence[Reading], moment: datetime) -> Reading | None:
    """What the vehicle did at `moment`; None where no reading is near enough to tell.

    A reading of that very moment is returned as it is. Between two that are at most LONGEST_HOLE
    seconds apart, position and speed go in a straight line (over the antimeridian too), the heading
    turns the shorter way, and the place is the earlier one's. What one of the two does not know is
    not known between them.
    """
    after = bisect_right(readings, moment, key=_moment)
    if after == 0:
        return None
    earlier = readings[after - 1]
    if earlier.time == moment:
        return earlier
    if after == len(readings):
        return None
    later = readings[after]
    apart = (later.time - earlier.time).total_seconds()
    if apart > LONGEST_HOLE:
        return None
    share = (moment - earlier.time).total_seconds() / apart
    return Reading(
        time=moment,
        latitude=_between(earlier.latitude, later.latitude, share),
        longitude=_longitude(earlier.longitude, later.longitude, share),
        speed=(
            None
            if earlier.speed is None or later.speed is None
            else _between(earlier.speed, later.speed, share)
        ),
        heading=(
            None
            if earlier.heading is None or later.heading is None
            else circle(earlier.heading + _turn(earlier.heading, later.heading) * share)
        ),
        place=earlier.place,
    )


def _moment(reading: Reading) -> datetime:
    return reading.time


def _between(first: float, last: float, share: float) -> float:
    """Never outside of the two, whatever the rounding."""
    value = first + (last - first) * share
    return min(max(value, min(first, last)), max(first, last))


def _longitude(first: float, last: float, share: float) -> float:
    if abs(last - first) <= 180:
        return _between(first, last, share)
    return circle(first + _turn(first, last) * share + 180) - 180


def _turn(first: float, last: float) -> float:
    """Degrees from one direction to the other the shorter way, -180 to 180."""
    return (last - first + 180) % 360 - 180


def circle(degrees: float) -> float:
    """The same direction as 0 <= degrees < 360."""
    return degrees % 360 % 360  # the first % makes 360.0 of the least bit below zero


# --- on the picture ------------------------------------------------------------------------------


def texts(readings: Sequence[Reading], moments: Sequence[datetime], units: str) -> list[str]:
    """One line for each moment: "47 mph NE, Elm Street, Springfield", or "no GPS".

    units: `mph` or `kmh`. What is not known is left out; "speed unknown" where that is all of it.
    The heading is left out as well while the vehicle stands (below STANDING): what a GPS receiver
    tells then is noise.
    """
    return [_text(at(readings, moment), units) for moment in moments]


def _text(reading: Reading | None, units: str) -> str:
    if reading is None:
        return NO_GPS
    words = []
    if reading.speed is not None:
        factor, name = _UNITS[units]
        words.append(f"{math.floor(reading.speed * factor + 0.5)} {name}")
    if reading.heading is not None and (reading.speed is None or reading.speed >= STANDING):
        words.append(_COMPASS[int((reading.heading + 22.5) // 45) % 8])
    parts = [" ".join(words), printable(reading.place, LONGEST_PLACE)]
    return ", ".join(part for part in parts if part) or "speed unknown"


# --- stretches -----------------------------------------------------------------------------------


def segments(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The readings in runs without a hole: within one, no two neighbours are too far apart."""
    found: list[list[Reading]] = []
    for reading in readings:
        if found and (reading.time - found[-1][-1].time).total_seconds() <= LONGEST_HOLE:
            found[-1].append(reading)
        else:
            found.append([reading])
    return found


def holes(readings: Sequence[Reading], span: Window) -> list[Window]:
    """The stretches of `span`, longer than SHORTEST_HOLE, of which `at` knows nothing; in order.

    A lone reading is there for no time at all, and does not make two holes of one.
    """
    runs = [Window(run[0].time, run[-1].time) for run in segments(readings) if len(run) > 1]
    return uncovered(span, runs, SHORTEST_HOLE)


# --- two tracks of one drive ---------------------------------------------------------------------


def merged(coarse: Sequence[Reading], fine: Sequence[Reading]) -> list[Reading]:
    """One track of two, in order of time, one reading for each thousandth of a second.

    Both may come in any order. The fine track wins: coarse readings remain only where it is thin,
    so that two devices' small differences do not make the speed flicker. What a fine reading does
    not know it has from the coarse track: speed and heading as `at` has them, the place of the
    latest reading in the last LONGEST_HOLE seconds.
    """
    coarse, fine = _in_order(coarse), _in_order(fine)
    kept = [reading for reading in coarse if not _is_dense(fine, reading.time)]
    return _in_order([*kept, *(_completed(reading, coarse) for reading in fine)])


def _in_order(readings: Sequence[Reading]) -> list[Reading]:
    """By time; of those of the same thousandth the last one given."""
    found = {round(reading.time.timestamp() * 1000): reading for reading in readings}
    return sorted(found.values(), key=_moment)


def _is_dense(fine: Sequence[Reading], moment: datetime) -> bool:
    """The fine track has readings close to `moment` on both sides."""
    after = bisect_left(fine, moment, key=_moment)
    return 0 < after < len(fine) and (
        (fine[after].time - fine[after - 1].time).total_seconds() <= FINE
    )


def _completed(reading: Reading, coarse: Sequence[Reading]) -> Reading:
    if reading.speed is None or reading.heading is None:
        around = at(coarse, reading.time)
        if around is not None:
            reading = replace(
                reading,
                speed=around.speed if reading.speed is None else reading.speed,
                heading=around.heading if reading.heading is None else reading.heading,
            )
    if reading.place:
        return reading
    after = bisect_right(coarse, reading.time, key=_moment)
    if after and reading.time - coarse[after - 1].time <= timedelta(seconds=LONGEST_HOLE):
        return replace(reading, place=coarse[after - 1].place)
    return reading


# --- on disk -------------------------------------------------------------------------------------


def save(path: Path, readings: Sequence[Reading]) -> None:
    """Write the readings as JSON, a line for each, in one step. Raises DiskError."""
    whole_files.write_lines(path, _lines(readings))


def _lines(readings: Sequence[Reading]) -> Iterator[str]:
    yield "{"
    yield f' "version": {VERSION},'
    yield ' "readings": ['
    for number, reading in enumerate(readings, 1):
        item = {
            "time": reading.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "latitude": reading.latitude,
            "longitude": reading.longitude,
            "speed": reading.speed,
            "heading": reading.heading,
            "place": reading.place,
        }
        comma = "," if number < len(readings) else ""
        yield f"  {json.dumps(item, ensure_ascii=False)}{comma}"
    yield " ]"
    yield "}"


def load(path: Path) -> list[Reading]:
    """What `save` wrote. Raises JournalError, in a sentence, when it cannot be relied on."""
    named = f"The file of the vehicle's data, {path.name},"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise JournalError(f"{named} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise JournalError(f"{named} is damaged: it is not valid JSON.") from error
    try:
        if data["version"] != VERSION:
            raise ValueError("of another version")
        readings = [_reading(item) for item in data["readings"]]
    except KeyError as error:
        raise JournalError(f"{named} is damaged: it lacks {error}.") from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise JournalError(f"{named} is damaged or was changed by hand ({error}).") from error
    if any(one.time >= other.time for one, other in pairwise(readings)):
        raise JournalError(f"{named} is damaged: its readings are not in order of time.")
    return readings


def _reading(item: dict[str, Any]) -> Reading:
    time = isoparse(item["time"])
    if time.tzinfo is None:
        raise ValueError("a time without its zone")
    if not isinstance(item["place"], str):
        raise TypeError("a place that is no text")
    return Reading(
        time=time.astimezone(UTC),
        latitude=_within(item["latitude"], -90, 90),
        longitude=_within(item["longitude"], -180, 180),
        speed=None if item["speed"] is None else _within(item["speed"], 0, math.inf),
        heading=None if item["heading"] is None else _within(item["heading"], 0, 360),
        place=item["place"],
    )


def _within(value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("a value that is no number")
    if not math.isfinite(value) or not least <= value <= most:
        raise ValueError("a number that cannot be")
    return float(value)
