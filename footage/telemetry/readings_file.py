"""The vehicle's readings on disk: `telemetry_<when>.json`, beside the journal of the job."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import msgspec

from footage.errors import JournalError
from footage.model import UTC, Reading
from footage.system import whole_files

VERSION = 1


def save(path: Path, readings: Sequence[Reading]) -> None:
    """Write the readings as JSON, a line for each, in one step. Raises DiskError."""
    whole_files.write_lines(path, _lines(readings))


def _lines(readings: Sequence[Reading]) -> Iterator[str]:
    yield "{"
    yield f' "version": {VERSION},'
    yield ' "readings": ['
    for number, reading in enumerate(readings, 1):
        values = msgspec.to_builtins(replace(reading, time=reading.time.astimezone(UTC)))
        comma = "," if number < len(readings) else ""
        yield f"  {json.dumps(values, ensure_ascii=False)}{comma}"
    yield " ]"
    yield "}"


def load(path: Path) -> list[Reading]:
    """What `save` wrote. Raises JournalError, in a sentence, where it cannot be relied on."""
    name = f"The file of the vehicle's data, {path.name},"
    try:
        data = json.loads(whole_files.read_text(path))
    except OSError as error:
        raise JournalError(f"{name} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise JournalError(f"{name} is damaged: it is not valid JSON.") from error
    try:
        if data["version"] != VERSION:
            raise ValueError("of another version")
        readings = [_checked(one) for one in msgspec.convert(data["readings"], list[Reading])]
    except KeyError as error:
        raise JournalError(f"{name} is damaged: it lacks {error}.") from error
    except (TypeError, ValueError, ArithmeticError) as error:
        raise JournalError(f"{name} is damaged or was changed by hand ({error}).") from error
    if any(one.time >= other.time for one, other in pairwise(readings)):
        raise JournalError(f"{name} is damaged: its readings are not in order of time.")
    return readings


def _checked(reading: Reading) -> Reading:
    """The reading, with its time in UTC. Raises ValueError for what cannot be measured."""
    if reading.time.tzinfo is None:
        raise ValueError("a time without its zone")
    limits = (
        (reading.latitude, -90, 90),
        (reading.longitude, -180, 180),
        (reading.speed or 0.0, 0, math.inf),
        (reading.heading or 0.0, 0, 360),
    )
    if not all(math.isfinite(value) and least <= value <= most for value, least, most in limits):
        raise ValueError("a number that cannot be")
    return replace(reading, time=reading.time.astimezone(UTC))
