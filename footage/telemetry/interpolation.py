"""Where the vehicle was and how fast, at any moment between two of its readings. Pure functions.

All lists of readings are in order of time, each moment once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from footage.model import Reading, Window
from footage.system.intervals import uncovered

LONGEST_HOLE = 10.0  # seconds between two readings; between two further apart nothing is known
SHORTEST_HOLE = 1.0  # seconds; shorter ones are not reported
_DENSE = 2.0  # seconds; a track of a reading a second, one of them lost, is still this dense


# --- at a moment ---------------------------------------------------------------------------------


def at(readings: Sequence[Reading], moment: datetime) -> Reading | None:
    """Where the vehicle was at `moment` and how fast; None where no reading is near enough.

    A reading of that very moment is returned as it is. Between two that are at most LONGEST_HOLE
    seconds apart, position and speed are interpolated linearly (over the antimeridian too), the
    heading turns the shorter way, and the place is the earlier one's. What is missing in one of the
    two is None between them.
    """
    after = bisect_right(readings, moment, key=_time_of)
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
            else normalized_degrees(
                earlier.heading + _turn_degrees(earlier.heading, later.heading) * share
            )
        ),
        place=earlier.place,
    )


def _time_of(reading: Reading) -> datetime:
    return reading.time


def _between(first: float, last: float, share: float) -> float:
    """Linear interpolation; never outside of the two, whatever the rounding."""
    value = first + (last - first) * share
    return min(max(value, min(first, last)), max(first, last))


def _longitude(first: float, last: float, share: float) -> float:
    if abs(last - first) <= 180:
        return _between(first, last, share)
    return normalized_degrees(first + _turn_degrees(first, last) * share + 180) - 180


def _turn_degrees(first: float, last: float) -> float:
    """Degrees from one direction to the other the shorter way, -180 to 180."""
    return (last - first + 180) % 360 - 180


def normalized_degrees(degrees: float) -> float:
    """The same direction as 0 <= degrees < 360."""
    return degrees % 360 % 360  # the first % makes 360.0 of the least bit below zero


# --- stretches -----------------------------------------------------------------------------------


def segments(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The readings in runs without a hole: within one, no two neighbours are too far apart."""
    runs: list[list[Reading]] = []
    for reading in readings:
        if runs and (reading.time - runs[-1][-1].time).total_seconds() <= LONGEST_HOLE:
            runs[-1].append(reading)
        else:
            runs.append([reading])
    return runs


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
    by_millisecond = {round(reading.time.timestamp() * 1000): reading for reading in readings}
    return sorted(by_millisecond.values(), key=_time_of)


def _is_dense(fine: Sequence[Reading], moment: datetime) -> bool:
    """The fine track has readings close to `moment` on both sides."""
    after = bisect_left(fine, moment, key=_time_of)
    return 0 < after < len(fine) and (
        (fine[after].time - fine[after - 1].time).total_seconds() <= _DENSE
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
    after = bisect_right(coarse, reading.time, key=_time_of)
    if after and reading.time - coarse[after - 1].time <= timedelta(seconds=LONGEST_HOLE):
        return replace(reading, place=coarse[after - 1].place)
    return reading
