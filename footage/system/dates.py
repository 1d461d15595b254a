"""Dates with a time of day, as people write and paste them.

    04/16/2025 13:30    4/16/25, 1:30 PM    04-16-2025 1:30:15pm        the month first (US)
    2025-04-16 13:30    2025-04-16T18:30:00.000Z    20250416T183000Z    ISO 8601
    Wed 16 Apr 2025, 1:30:00 PM CDT         April 16, 2025 at 1:30 PM   the month in letters
    16/04/2025 13:30                        no month can be 16, so the day comes first

Each may end in a zone: its abbreviation, an offset, or Z. What can be read in two ways is not
guessed at (04.05.2025: countries that write dots put the day first).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import Enum

from footage.basics import UTC
from footage.errors import UsageError
from footage.system import timezones
from footage.system.text import pasted, quotable
from footage.system.timezones import clock_text, offset_text, zone_text
from footage.system.zone_words import meant_zones

SHOWN = "MM/DD/YYYY HH:MM"  # the form that is asked for
EXAMPLE = "04/16/2025 13:30"
WRITTEN = "%m/%d/%Y %H:%M"  # for `strftime`
_FORM = f"{SHOWN}, such as {EXAMPLE}"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MONTH = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|\d{2})(?!\d)"
_DATES = (
    rf"(?P<month>\d{{1,2}})(?P<mark>[-/.])(?P<day>\d{{1,2}})(?P=mark){_YEAR}",
    r"(?P<year>\d{4})(?P<dash>[-/.])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})(?!\d)",
    rf"{_DAY}[ -]?{_MONTH}[ ,-]*{_YEAR}",
    rf"{_MONTH} ?{_DAY},? {_YEAR}",
)
_WEEKDAY = rf"(?:(?P<weekday>{'|'.join(_DAYS)})[a-z]*\.?,? )?"
_HALF = r" ?(?P<half>[ap])\.?m\b\.?"
_TIMES = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    rf"(?:{_HALF}| ?(?P<letter>[ap])\b)?",
    r"(?P<hour>\d{1,2})" + _HALF,
    r"(?P<hour>\d{2})(?P<minute>\d{2})",
)
_ZONE = r"(?: ?(?P<zone>[A-Za-z+-][\w+:-]*))?"
_BETWEEN = r"(?:,? at |, ?| - | ?@ ?|t| )"
_COMPACT = (
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[t ]"
    r"(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?"
)

_OUR_NAMES = (  # as in the names of the files
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)_(?P<hour>\d\d)-(?P<minute>\d\d)-(?P<second>\d\d)"
)

# Compiled when they are needed, and only up to the one that fits: all together take 50 ms.
_FORMS = (
    *(f"{_WEEKDAY}{date}{_BETWEEN}{time}{_ZONE}" for date in _DATES for time in _TIMES),
    *(f"{time}(?:,? on |, ?| ){_WEEKDAY}{date}{_ZONE}" for date in _DATES for time in _TIMES),
    _COMPACT + _ZONE,
    _OUR_NAMES,
)


@dataclass(frozen=True)
class TypedDate:
    """What somebody typed, read as a clock on the wall shows it.

    wall: without a time zone
    zone: what was typed after it: "CDT", "-0500", "Z", or ""
    """

    wall: datetime
    zone: str


class DayOrder(str, Enum):
    """What comes first in a date of digits that does not begin with the year."""

    US = "us"  # the month
    EU = "eu"  # the day


def read_date(text: str, order: DayOrder | None = None) -> TypedDate:
    """Read a date with a time of day. Raises UsageError for what is none, or not a clear one.

    order: what is known of it; unless given the month comes first where both can be
    """
    if parts := _parts(text):
        return _typed_date(parts, order)
    raise UsageError(f"Please write date and time as {_FORM}.")


def orders(text: str) -> set[DayOrder]:
    """The orders in which a date can be read; empty where it does not matter, or is no date."""
    parts = _parts(text) or {}
    if not parts.get("mark"):
        return set()
    first, second = int(parts["month"] or 0), int(parts["day"] or 0)
    if first == second:
        return set()
    possible = {DayOrder.US: first <= 12, DayOrder.EU: second <= 12}
    return {order for order, is_possible in possible.items() if is_possible}


def _parts(text: str) -> dict[str, str | None] | None:
    """The parts of the first form that fits."""
    cleaned = re.sub("[\u2010-\u2015\u2212]", "-", pasted(text)).replace("\u2236", ":")
    cleaned = cleaned.strip("\"'")
    for form in _FORMS:
        if match := re.fullmatch(form, cleaned, re.ASCII | re.IGNORECASE):
            return match.groupdict()
    return None


def _typed_date(parts: Mapping[str, str | None], order: DayOrder | None) -> TypedDate:
    year, month, day = _calendar_day(parts, order)
    hour, minute, second = _time_of_day(parts)
    try:
        wall = datetime(year, month, day, hour, minute, second)
    except ValueError:
        written = f"{month:02d}/{day:02d}/{year:04d}"
        raise UsageError(f"{written} is not in the calendar; the form is {_FORM}.") from None
    if year < 2000:
        raise UsageError(f"No dash cam filmed in {year:04d}; check the year.")
    weekday = parts.get("weekday")
    if weekday and _DAYS.index(weekday.casefold()) != wall.weekday():
        real = _FULL_DAYS[wall.weekday()]
        raise UsageError(f"{wall:%m/%d/%Y} was a {real}; check the date.")
    return TypedDate(wall, parts.get("zone") or "")


def _calendar_day(parts: Mapping[str, str | None], order: DayOrder | None) -> tuple[int, int, int]:
    """Year, month and day; unless the order is known it is the American one where both can be."""
    written_year, mark = parts["year"] or "", parts.get("mark")
    year, day = int(written_year), int(parts["day"] or "")
    if len(written_year) == 2:
        year += 2000
    if name := parts.get("name"):
        return year, _MONTHS.index(name.casefold()) + 1, day
    month = int(parts["month"] or "")
    if mark is None:  # the year came first
        return year, month, day
    if order is DayOrder.EU:
        return year, day, month
    if order is DayOrder.US:
        return year, month, day
    if month > 12 >= day:
        if len(written_year) == 2 and mark == "-":  # 25-04-16: the year may be the first
            raise UsageError(f"Please write the year with four digits: {_FORM}.")
        return year, day, month
    if mark == "." and month <= 12 and day <= 12 and month != day:
        raise UsageError(
            f"{month}.{day}.{year} can be read in two ways; please write {_FORM}, or the month in "
            "letters: 16 Apr 2025 13:30."
        )
    return year, month, day


def _time_of_day(parts: Mapping[str, str | None]) -> tuple[int, int, int]:
    """Hour (of 24), minute and second."""
    hour, minute = int(parts["hour"] or ""), int(parts.get("minute") or 0)
    second = int(parts.get("second") or 0)
    half = (parts.get("half") or parts.get("letter") or "").casefold()
    written = ":".join(part for key in ("hour", "minute", "second") if (part := parts.get(key)))
    written += f" {half.upper()}M" if half else ""
    if hour > 23 or minute > 59 or second > 59:
        raise UsageError(
            f"{written} is not a time of day; hours go from 0 to 23, minutes and seconds to 59."
        )
    if (half == "a" and hour > 12) or (half == "p" and hour == 0):
        raise UsageError(f"{written} is not a time of day; 1:30 PM can be written 13:30 as well.")
    if half == "a" and hour == 12:
        hour = 0
    elif half == "p" and hour < 12:
        hour += 12
    return hour, minute, second


# --- which moment it is -------------------------------------------------------------------------

_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.ASCII | re.IGNORECASE)


def past_moments(typed: TypedDate, tz: tzinfo, now: datetime) -> list[datetime]:
    """The moments in the past that may be meant, as local times of the zone `tz`.

    Two, where the clocks were put back over that time and nothing says which of them it is; else
    one. An offset, or Z, says which moment it is whatever the zone; an abbreviation has to fit it.

    Raises UsageError for a time that never was, and one less than a minute ago.
    """
    wall = typed.wall
    if wall.year > now.year + 1:
        raise UsageError(f"{wall:%m/%d/%Y} is in the future, so there is no footage of it.")
    offset = _offset(typed.zone)
    if offset is not None:
        readings = [(wall - offset).replace(tzinfo=UTC).astimezone(tz)]
    else:
        readings = _readings(wall, tz)
        if typed.zone:
            readings = _fitting(readings, typed.zone)
    past = [r for r in readings if r.astimezone(UTC) + timedelta(minutes=1) <= now]
    if not past:
        raise UsageError(
            f"{clock_text(readings[0].astimezone(UTC), tz)} is not in the past yet (it is now "
            f"{clock_text(now, tz)}), so there is no footage of it; check the date."
        )
    return past


def zone_fits(reading: datetime, zone: str) -> bool:
    """Whether a local time is in the zone that was typed after it."""
    known = (zone_text(reading).casefold(), (reading.tzname() or "").casefold())
    if zone.casefold() in known:
        return True
    offset = _offset(zone)
    if offset is not None:
        return reading.utcoffset() == offset
    if re.fullmatch(r"[a-z]{2}", zone, re.IGNORECASE):  # "CT": standard time or daylight time
        wall = reading.replace(tzinfo=None)
        meant = [timezones.zone(name) for name in meant_zones(zone)]
        return reading.utcoffset() in {_readings(wall, tz)[0].utcoffset() for tz in meant}
    return False


def _readings(wall: datetime, tz: tzinfo) -> list[datetime]:
    """The one or two moments at which clocks of that zone showed this."""
    from dateutil.tz import datetime_exists, resolve_imaginary  # late: it takes 11 ms to load

    if not datetime_exists(wall, tz):
        then = resolve_imaginary(wall.replace(tzinfo=tz))
        raise UsageError(
            f"{wall:%H:%M} on {wall:%m/%d/%Y} never was: the clocks were put forward over it; "
            f"just after that it was {then:%H:%M} {zone_text(then)}."
        )
    first = wall.replace(tzinfo=tz)
    if timezones.is_repeated(wall, tz):
        return [first, wall.replace(tzinfo=tz, fold=1)]
    return [first]


def _offset(zone: str) -> timedelta | None:
    """How far from UTC the zone is by its own words: "Z", "UTC", "-0500", "UTC-5"."""
    if zone.casefold() in ("z", "utc", "gmt"):
        return timedelta()
    match = _OFFSET.fullmatch(zone)
    if not match or int(match[2]) > 14 or int(match[3] or 0) > 59:  # no zone is farther away
        return None
    size = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return -size if match[1] == "-" else size


def _fitting(readings: Sequence[datetime], zone: str) -> list[datetime]:
    fitting = [reading for reading in readings if zone_fits(reading, zone)]
    if not fitting:
        real = " or ".join(zone_and_offset(reading) for reading in readings)
        raise UsageError(
            f"'{quotable(zone)}' does not fit: {readings[0]:%m/%d/%Y %H:%M} is {real} in the time "
            "zone in use; leave it out, or choose the zone with --timezone."
        )
    return fitting


def zone_and_offset(moment: datetime) -> str:
    """The zone of a local moment: "CDT (UTC-05:00)"."""
    name, offset = zone_text(moment), "UTC" + offset_text(moment)
    return offset if name == offset else f"{name} ({offset})"


def name_or_offset(moment: datetime) -> str:
    """What to type after the time so that it is understood."""
    name = zone_text(moment)
    return offset_text(moment, "") if name.startswith("UTC") and name != "UTC" else name
