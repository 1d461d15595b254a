"""Time zones, and moments as a wall clock shows them there."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from dateutil import tz as dateutil_tz

from footage.errors import UsageError
from footage.model import UTC
from footage.system.text import closest, plain


def zone(name: str) -> tzinfo:
    """The time zone of an IANA name such as `America/Chicago`; "" is the computer's own.

    Raises UsageError that offers the closest names.
    """
    name = name.strip()
    if not name:
        return _own_zone()
    named = _iana(name)
    if named is None:
        known = _known_zones()
        same = known.get(name.replace(" ", "_").casefold())
        named = _iana(same) if same else None
        if named is None:
            raise UsageError(_no_such_zone(name, known))
    return named


def own_name() -> str:
    """The IANA name of the computer's zone; "" where it is not known for sure."""
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
    except (LookupError, ValueError, OSError):  # a zone without a name, or one of its own making
        return ""
    named = _iana(name) if name else None
    return name if named is not None and _same_times(named, _own_zone()) else ""


def _own_zone() -> tzinfo:
    """The computer's zone, with the rules of former years too where its zone file is readable."""
    full, simple = dateutil_tz.gettz(), dateutil_tz.tzlocal()
    return full if full is not None and _same_times(full, simple) else simple


_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*", re.ASCII)
_NOT_ZONES = ("posix/", "right/", "localtime/", "posixrules/", "Factory/")


def _iana(name: str) -> tzinfo | None:
    """The zone of exactly this name. `gettz` also takes paths and rules: those are left out."""
    if not _ZONE_NAME.fullmatch(name) or (name + "/").startswith(_NOT_ZONES):
        return None
    try:
        named = dateutil_tz.gettz(name)
    except (OSError, ValueError):
        return None
    if not isinstance(named, (dateutil_tz.tzfile, dateutil_tz.tzutc)):
        return None
    return named if _agrees(named, name) else _bundled(name)


def _agrees(named: tzinfo, name: str) -> bool:
    """Whether the zone tells the same times as Python's own reading of it, where there is one.

    dateutil 2.x takes a zone file in the newer, "slim" form for one without daylight saving.
    """
    import zoneinfo

    try:
        other = zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):
        return True
    return _same_times(named, other)


def _same_times(one: tzinfo, other: tzinfo) -> bool:
    """Whether both zones tell the same time all through this year and the last."""
    year = datetime.now(UTC).year
    days = [datetime(y, month, 15, 12) for y in (year - 1, year) for month in range(1, 13)]
    return all(
        day.replace(tzinfo=one).utcoffset() == day.replace(tzinfo=other).utcoffset() for day in days
    )


def _bundled(name: str) -> tzinfo | None:
    """The zone from the data that dateutil 2.x carries itself."""
    from dateutil import zoneinfo as bundled

    named = bundled.get_zonefile_instance().get(name)
    return named if named is not None and _agrees(named, name) else None


def _known_zones() -> dict[str, str]:
    import zoneinfo

    return {name.casefold(): name for name in sorted(zoneinfo.available_timezones())}


def _no_such_zone(name: str, known: dict[str, str]) -> str:
    # Etc/GMT+3 is three hours *behind* UTC: never offer those.
    known = {n: full for n, full in known.items() if not full.startswith("Etc/")}
    cities = {n.rsplit("/", 1)[-1]: full for n, full in known.items() if "/" in full}
    wanted = name.replace(" ", "_").casefold()
    city = wanted.rsplit("/", 1)[-1]
    close: list[str] = []
    if city in cities:
        close = [cities[city]]
    elif not re.search(r"\d", wanted):  # "GMT+3" is like many names and means none of them
        close = closest(city, cities, 3) or closest(wanted, known, 3)
    hint = f"did you mean {' or '.join(close)}?" if close else "use a name such as America/Chicago."
    return f"There is no time zone '{plain(name)}'; {hint}"


# Windows names its zones in words; these are the ones that have a well-known abbreviation.
_WINDOWS_NAMES = {
    "Coordinated Universal Time": "UTC",
    "US Mountain Standard Time": "MST",
    "Hawaiian Standard Time": "HST",
    "Alaskan Standard Time": "AKST",
    "Alaskan Daylight Time": "AKDT",
    **{
        f"{name} {part} Time": name[0] + part[0] + "T"
        for name in ("Atlantic", "Eastern", "Central", "Mountain", "Pacific")
        for part in ("Standard", "Daylight")
    },
}


def local(moment: datetime, tz: tzinfo) -> datetime:
    """The moment on the clocks of that zone."""
    return moment.astimezone(tz)


def zone_text(moment: datetime) -> str:
    """The zone of a local moment: "CDT", or "UTC+05:30" where it has no short name."""
    name = moment.tzname() or ""
    name = _WINDOWS_NAMES.get(name, name)
    return name if re.fullmatch(r"[A-Z]{2,5}", name) else "UTC" + offset_text(moment)


def offset_text(moment: datetime, colon: str = ":") -> str:
    """How far the zone of a local moment is from UTC: "-05:00"."""
    minutes = round((moment.utcoffset() or timedelta()) / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{colon}{rest:02d}"


def to_the_second(moment: datetime, tz: tzinfo) -> datetime:
    """The moment in local time, rounded to the nearest second.

    It is rounded by the clock in UTC: the local one is set back within some days.
    """
    whole = (moment.astimezone(UTC) + timedelta(milliseconds=500)).replace(microsecond=0)
    return local(whole, tz)


def clock_text(moment: datetime, tz: tzinfo) -> str:
    """A moment in full: "04/16/2025 13:30:05 CDT"."""
    here = local(moment, tz)
    return f"{here:%m/%d/%Y %H:%M:%S} {zone_text(here)}"


def span_text(start: datetime, end: datetime, tz: tzinfo) -> str:
    """A stretch of time with its date: "04/16/2025 13:30-13:35 CDT".

    Both dates where the day changes within, both zones where daylight saving begins or ends.
    """
    first, last, form = _ends(start, end, tz)
    left, right = f"{first:%m/%d/%Y} {first:{form}}", f"{last:{form}}"
    if last.date() != first.date():
        right = f"{last:%m/%d/%Y} {right}"
    if zone_text(first) != zone_text(last):
        left = f"{left} {zone_text(first)}"
    return f"{left}-{right} {zone_text(last)}"


def minute_text(moment: datetime, tz: tzinfo) -> str:
    """A moment to the minute, as on a clock: "13:33"."""
    return f"{to_the_second(moment, tz):%H:%M}"


def time_text(moment: datetime, tz: tzinfo) -> str:
    """A moment within a known day: "13:33:05"; with the zone in the hour that is repeated."""
    here = to_the_second(moment, tz)
    text = f"{here:%H:%M:%S}"
    twice = dateutil_tz.datetime_ambiguous(here.replace(tzinfo=None), tz)
    return f"{text} {zone_text(here)}" if twice else text


def time_span_text(start: datetime, end: datetime, tz: tzinfo) -> str:
    """A stretch within a known day: "13:33-13:34", or "13:33:05-13:33:20".

    In the hour that daylight saving repeats it names the zone as well.
    """
    first, last, form = _ends(start, end, tz)
    twice = any(dateutil_tz.datetime_ambiguous(m.replace(tzinfo=None), tz) for m in (first, last))
    if not twice and zone_text(first) == zone_text(last):
        return f"{first:{form}}-{last:{form}}"
    left = f"{first:{form}}"
    if zone_text(first) != zone_text(last):
        left += f" {zone_text(first)}"
    return f"{left}-{last:{form}} {zone_text(last)}"


def _ends(start: datetime, end: datetime, tz: tzinfo) -> tuple[datetime, datetime, str]:
    """Both ends in local time to the second, and the form that shows seconds if there are any."""
    first, last = to_the_second(start, tz), to_the_second(end, tz)
    return first, last, "%H:%M:%S" if first.second or last.second else "%H:%M"
