"""The speed line and the track as figures that are drawn from. Pure functions.

Between two readings that are too far apart nothing is known, so nothing is drawn there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from footage.model import Reading, Window
from footage.telemetry.interpolation import normalized_degrees, segments
from footage.telemetry.overlay_text import SPEED_UNITS, SpeedUnit

# So many readings are drawn; of more, those of each stretch that show its extremes.
MOST_READINGS = 1500
_ARROWS = 20  # the heading is shown so often along the speed line
_SLOWEST_HEADING = 1.0  # metres a second; of a slower vehicle a GPS receiver's heading is noise
_ROUND = (1, 2, 5)
HEIGHT = 100.0  # of the speed line, in its own units; its width is 1000
WIDTH = 1000.0
MAP_WIDTH, MAP_HEIGHT, MAP_MARGIN = 720.0, 440.0, 36.0
_LEAST_EXTENT = 60.0  # metres across that a map shows at least
_METRES_A_DEGREE = 111_320.0
_FEET, _MILE = 0.3048, 1609.344


def thinned(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The readings in runs without a hole; of many those that show the slowest and the fastest."""
    runs = segments(readings)
    step = math.ceil(3 * len(readings) / MOST_READINGS) if len(readings) > MOST_READINGS else 1
    return [_extremes(run, step) for run in runs]


def _extremes(run: Sequence[Reading], step: int) -> list[Reading]:
    if step == 1:
        return list(run)
    kept = {run[0], run[-1]}
    for begin in range(0, len(run), step):
        some = run[begin : begin + step]
        kept.add(some[0])
        known = [one for one in some if one.speed is not None]
        if known:
            kept.add(min(known, key=lambda one: one.speed or 0.0))
            kept.add(max(known, key=lambda one: one.speed or 0.0))
    return sorted(kept, key=lambda one: one.time)


# --- the speed line -----------------------------------------------------------------------------


@dataclass(frozen=True)
class SpeedMark:
    """A level of speed: `y` from the top of the line, and its number."""

    y: float
    text: str


@dataclass(frozen=True)
class HeadingArrow:
    """Which way the vehicle went at a moment: percent of the width, degrees from north."""

    percent: float
    degrees: int


@dataclass(frozen=True)
class SpeedLine:
    """unit: "mph"; path: of SVG, in WIDTH x HEIGHT; fastest: as a person reads it"""

    unit: str
    path: str
    marks: tuple[SpeedMark, ...]
    arrows: tuple[HeadingArrow, ...]
    fastest: str


def speed_line(runs: Sequence[Sequence[Reading]], span: Window, units: str) -> SpeedLine | None:
    """The speed over the asked time; None where no speed is known."""
    unit = SPEED_UNITS[units]
    speeds = [one.speed for run in runs for one in run if one.speed is not None]
    if not speeds or span.seconds <= 0:
        return None
    top = max(speeds) * unit.factor
    step = _round_step(max(top, 1.0) / 4)
    ceiling = step * max(1, math.ceil(top / step - 1e-9))

    def y(value: float) -> float:
        return HEIGHT * (1 - value / ceiling)

    levels = [step * number for number in range(int(ceiling / step + 1.5))]
    return SpeedLine(
        unit=unit.label,
        path="".join(
            _speed_path(known, span, unit, ceiling) for run in runs for known in _known(run)
        ),
        marks=tuple(SpeedMark(y(level), f"{level:g}") for level in levels),
        arrows=tuple(_arrows(runs, span)),
        fastest=f"{math.floor(top + 0.5)} {unit.label}",
    )


def _known(run: Sequence[Reading]) -> Iterator[list[Reading]]:
    """The parts of a run in which the speed is known."""
    part: list[Reading] = []
    for reading in run:
        if reading.speed is not None:
            part.append(reading)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _speed_path(run: Sequence[Reading], span: Window, unit: SpeedUnit, ceiling: float) -> str:
    points = [
        (
            WIDTH * (one.time - span.start).total_seconds() / span.seconds,
            HEIGHT * (1 - (one.speed or 0.0) * unit.factor / ceiling),
        )
        for one in run
    ]
    if len(points) == 1:  # a dot: a line of no length with round ends
        points *= 2
    return _path(points)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _arrows(runs: Sequence[Sequence[Reading]], span: Window) -> Iterator[HeadingArrow]:
    reached = -math.inf
    for run in runs:
        for one in run:
            percent = 100 * (one.time - span.start).total_seconds() / span.seconds
            moving = one.speed is None or one.speed >= _SLOWEST_HEADING
            if one.heading is not None and moving and percent - reached >= 100 / _ARROWS:
                reached = percent
                yield HeadingArrow(round(percent, 2), round(one.heading))


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10, 20 ... that is not smaller."""
    power = 10.0 ** math.floor(math.log10(least))
    return next((n * power for n in _ROUND if n * power >= least * 0.999), 10 * power)


# --- the track ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class GridLine:
    """A line of the map's grid: its place in the map, and its degrees as text."""

    at: float
    text: str


@dataclass(frozen=True)
class Projection:
    """x = x0 + dx * longitude, y = y0 + dy * latitude, of degrees counted from `east`.

    east: the longitude next to which all others are, so that no track runs around the globe
    """

    x0: float
    dx: float
    y0: float
    dy: float
    east: float

    def at(self, reading: Reading) -> tuple[float, float]:
        longitude = _beside(reading.longitude, self.east)
        return self.x0 + self.dx * longitude, self.y0 + self.dy * reading.latitude


@dataclass(frozen=True)
class TrackMap:
    """The way of the vehicle, in MAP_WIDTH x MAP_HEIGHT, north above.

    paths:      of SVG, one for each run of readings
    scale, scale_text: length of the scale bar in the map's units, and what it stands for
    """

    projection: Projection
    paths: tuple[str, ...]
    start: tuple[float, float]
    end: tuple[float, float]
    start_text: str
    end_text: str
    meridians: tuple[GridLine, ...]
    parallels: tuple[GridLine, ...]
    scale: float
    scale_text: str


def coordinates_text(reading: Reading) -> str:
    """As any map takes it: "40.12345, -89.65432"."""
    return f"{reading.latitude:.5f}, {reading.longitude:.5f}"


def track_map(runs: Sequence[Sequence[Reading]], units: str) -> TrackMap | None:
    """The track, drawn without a map behind it; None where there is no reading."""
    readings = [one for run in runs for one in run]
    if not readings:
        return None
    east = readings[0].longitude
    longitudes = [_beside(one.longitude, east) for one in readings]
    latitudes = [one.latitude for one in readings]
    middle = (min(latitudes) + max(latitudes)) / 2
    across = max(0.01, math.cos(math.radians(middle))) * _METRES_A_DEGREE
    wide = max(_LEAST_EXTENT, (max(longitudes) - min(longitudes)) * across)
    high = max(_LEAST_EXTENT, (max(latitudes) - min(latitudes)) * _METRES_A_DEGREE)
    scale = min((MAP_WIDTH - 2 * MAP_MARGIN) / wide, (MAP_HEIGHT - 2 * MAP_MARGIN) / high)
    dx, dy = scale * across, -scale * _METRES_A_DEGREE
    x0 = MAP_WIDTH / 2 - dx * (min(longitudes) + max(longitudes)) / 2
    projection = Projection(x0, dx, MAP_HEIGHT / 2 - dy * middle, dy, east)
    metres, text = _scale_bar(MAP_WIDTH / 4 / scale, units)
    return TrackMap(
        projection=projection,
        paths=tuple(_path([projection.at(one) for one in _at_least_two(run)]) for run in runs),
        start=projection.at(readings[0]),
        end=projection.at(readings[-1]),
        start_text=coordinates_text(readings[0]),
        end_text=coordinates_text(readings[-1]),
        meridians=tuple(_grid(x0, dx, MAP_WIDTH, _longitude_text)),
        parallels=tuple(_grid(projection.y0, dy, MAP_HEIGHT, _latitude_text)),
        scale=metres * scale,
        scale_text=text,
    )


def _at_least_two(run: Sequence[Reading]) -> Sequence[Reading]:
    return run if len(run) > 1 else [*run, *run]


def _beside(longitude: float, east: float) -> float:
    return east + (longitude - east + 180) % 360 - 180


def _grid(zero: float, step: float, size: float, text: _DegreesText) -> Iterator[GridLine]:
    """Lines at round degrees; about five of them."""
    first, last = sorted((-zero / step, (size - zero) / step))
    apart = _round_step((last - first) / 6)
    digits = max(0, -math.floor(math.log10(apart) + 1e-9))
    for number in range(math.ceil(first / apart), math.floor(last / apart) + 1):
        degrees = number * apart
        yield GridLine(zero + step * degrees, text(degrees, digits))


class _DegreesText:
    """How degrees are written: "40.125° N"."""

    def __init__(self, positive: str, negative: str, around: bool) -> None:
        self._signs = (positive, negative)
        self._around = around

    def __call__(self, degrees: float, digits: int) -> str:
        if self._around:
            degrees = normalized_degrees(degrees + 180) - 180
        return f"{abs(degrees):.{digits}f}° {self._signs[degrees < 0]}"


_longitude_text = _DegreesText("E", "W", around=True)
_latitude_text = _DegreesText("N", "S", around=False)


def _scale_bar(most: float, units: str) -> tuple[float, str]:
    """A round length of at most so many metres, in metres and in words."""
    if units == "kmh":
        kilometres = most >= 1000
        unit, word = (1000.0, "km") if kilometres else (1.0, "m")
    else:
        unit, word = (_MILE, "mi") if most >= _MILE else (_FEET, "ft")
    least = most / unit
    power = 10.0 ** math.floor(math.log10(least))
    number = max(n * power for n in _ROUND if n * power <= least * 1.001)
    return number * unit, f"{number:g} {word}"
