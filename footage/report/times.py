"""Moments as the page writes them, and what it needs to write others by itself. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from footage.model import UTC, Window
from footage.system import timezones

# How far apart the marks below a bar may be, in seconds; the first that gives few enough is taken.
_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
_MOST_MARKS = 6


@dataclass(frozen=True)
class ZoneStretch:
    """From `start` on, in seconds after the job's start, local time is so far from UTC.

    offset: minutes
    name:   "CDT"
    """

    start: int
    offset: int
    name: str


@dataclass(frozen=True)
class Mark:
    """A mark of the time axis, or of a moment, in percent of the width."""

    percent: float
    text: str


def zone_stretches(span: Window, tz: tzinfo) -> list[ZoneStretch]:
    """The zone's offset at the start, and each other that it has within the time."""
    stretches: list[ZoneStretch] = []
    for minute in range(max(1, round(span.seconds / 60)) + 2):
        moment = timezones.local(span.start + timedelta(minutes=minute), tz)
        offset = round((moment.utcoffset() or timedelta()).total_seconds() / 60)
        name = timezones.zone_text(moment)
        if not stretches or (stretches[-1].offset, stretches[-1].name) != (offset, name):
            stretches.append(ZoneStretch(60 * minute, offset, name))
    return stretches


def several_days(span: Window, tz: tzinfo) -> bool:
    return len({timezones.local(moment, tz).date() for moment in (span.start, span.end)}) > 1


def exact_text(moment: datetime, tz: tzinfo) -> str:
    """A moment to the thousandth: "04/16/2025 13:33:07.267 CDT"."""
    here = timezones.local(moment + timedelta(microseconds=500), tz)
    return f"{here:%m/%d/%Y %H:%M:%S}.{here.microsecond // 1000:03d} {timezones.zone_text(here)}"


def utc_text(span: Window) -> str:
    """A stretch in UTC, or one moment: "2025-04-16 18:30:00 to 18:35:00 UTC"."""
    start, end = (
        timezones.to_the_second(moment, UTC).astimezone(UTC) for moment in (span.start, span.end)
    )
    if start == end:
        return f"{start:%Y-%m-%d %H:%M:%S} UTC"
    form = "%H:%M:%S" if start.date() == end.date() else "%Y-%m-%d %H:%M:%S"
    return f"{start:%Y-%m-%d %H:%M:%S} to {end:{form}} UTC"


def utc_moment_text(moment: datetime) -> str:
    """A moment in UTC, to the second: "2025-04-16 18:30:00"."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def marks(span: Window, tz: tzinfo) -> list[Mark]:
    """The marks of the time axis: at round moments, not too many."""
    step = next((one for one in _STEPS if span.seconds / one <= _MOST_MARKS), _STEPS[-1])
    found: list[Mark] = []
    for number in range(int(span.seconds // step) + 1):
        moment = span.start + timedelta(seconds=number * step)
        here = timezones.to_the_second(moment, tz)
        text = f"{here:%H:%M}" if step % 60 == 0 and not here.second else f"{here:%H:%M:%S}"
        found.append(Mark(round(100 * number * step / max(span.seconds, 1e-9), 3), text))
    return found
