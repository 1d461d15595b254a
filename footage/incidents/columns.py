"""What the columns of a list of incidents are called, and what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from footage.errors import UsageError
from footage.system.text import pasted, quotable

# Column -> the other names that people give it. No list was found whose names are documented, so
# they are recognised whatever their capitals, blanks and marks.
SYNONYMS: Mapping[str, Sequence[str]] = {
    "vehicle": (
        *("unit", "unit number", "unit no", "truck", "truck number", "vehicle name"),
        *("vehicle number", "vehicle id", "asset", "asset name", "vin", "plate", "license plate"),
        *("licence plate", "id"),
    ),
    "at": ("time", "event time", "date/time", "datetime", "date time", "occurred at", "timestamp"),
    "start": ("begin", "from", "start time"),
    "date": ("date of loss", "loss date", "event date", "incident date"),
    "clock": ("time of loss", "time of day", "loss time", "incident time"),
    "minutes": ("duration", "length", "duration in minutes"),
    "before": ("seconds before",),
    "after": ("seconds after",),
    "timezone": ("tz", "zone", "time zone"),
    "reference": (
        *("claim", "claim number", "claim no", "incident", "incident number", "incident id"),
        *("event id", "case", "case number"),
    ),
    "provider": ("cloud",),
    "cameras": ("camera",),
    "media": ("kind", "media type"),
    "note": ("notes", "comment", "comments", "remark", "remarks"),
}

_MEANINGS = {
    re.sub(r"[\W_]+", "", name): column
    for column, names in SYNONYMS.items()
    for name in (column, *names)
}


def meanings(header: Sequence[str]) -> dict[str, int]:
    """Column -> its place in the header. What is not known is left out, and carried through.

    A `time` beside a `date` is the time of that day; by itself it is date and time.
    Raises UsageError where a column is missing or stands there twice.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        column = _MEANINGS.get(_squeezed(name))
        if column is None:
            continue
        if column in places:
            names = " and ".join(quotable(header[one]) for one in (places[column], place))
            raise UsageError(
                f"The columns {names} are both taken for the {column}; rename or remove one."
            )
        places[column] = place
    if "date" in places and "at" in places and "clock" not in places:
        places["clock"] = places.pop("at")
    _check(places)
    return places


def _check(places: Mapping[str, int]) -> None:
    if "vehicle" not in places:
        raise UsageError(
            "The list has no column for the vehicle; name one of them vehicle (the first row has "
            "to name the columns)."
        )
    times = [name for name in ("at", "start", "date") if name in places]
    if not times:
        raise UsageError(
            "The list has no column for the time; name one of them at (a moment with its date), or "
            "start, or two of them date and time."
        )
    if len(times) > 1:
        raise UsageError(
            f"The list has more than one column for the time ({' and '.join(times)}); keep one."
        )


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", pasted(name)).casefold()
