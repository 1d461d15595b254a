"""Time zones, and moments as a wall clock shows them there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path

import tzdata

from footage.basics import UTC
from footage.errors import UsageError
from footage.system.text import closest, quotable
from footage.system.zone_words import FIXED, meant_zones


class UnclearZone(UsageError):
    """What people call a zone, without a name of the IANA database; `why` is a sentence on that.

    offered: the zones that may be meant, the likeliest first
    """

    def __init__(self, why: str, offered: Sequence[str]) -> None:
        super().__init__(f"{why} Did you mean {' or '.join(offered)}?")
        self.why = why
        self.offered = offered


def zone(name: str) -> tzinfo:
    """The time zone of an IANA name such as `America/Chicago`; "" is the computer's own.

    Raises UsageError that offers the zones that may be meant, or the closest names.
    """
    if not name.strip():
        return _own_zone()
    known = _known(name)
    return _zone_of(known if known is not None else full_name(name))


def full_name(text: str, day: datetime | None = None) -> str:
    """The IANA name, spelled as it is there, of what somebody typed.

    Capitals do not matter, nor blanks in place of "_".
    day: the local date that it is about, where that is known

    Raises UnclearZone for what may mean several zones, or is a fixed offset in the database though
    people mean a zone with daylight saving by it (EST); UsageError for what is no zone at all.
    """
    known, offered = _known(text), meant_zones(text)
    if known in FIXED:
        raise UnclearZone(_why_not_fixed(known, offered[0], day), offered)
    if known is not None:
        return known
    if offered:
        raise UnclearZone(f"'{quotable(text.strip())}' is not the name of a time zone.", offered)
    raise UsageError(_no_such_zone(text.strip()))


def own_name() -> str:
    """The IANA name of the computer's zone; "" where it is not known for sure."""
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
    except (LookupError, ValueError, OSError):  # a zone without a name, or one of its own making
        return ""
    known = _known(name or "")
    return known if known and _same_times(_zone_of(known), _own_zone()) else ""


def title(name: str, tz: tzinfo, now: datetime) -> str:
    """What a question calls the zone: its name, or where it has none how far it is from UTC now."""
    return name or f"this computer's time, UTC{offset_text(local(now, tz))}"


def _own_zone() -> tzinfo:
    """The computer's zone, with the rules of former years too where its zone file is readable."""
    from dateutil import tz  # late: it takes 11 ms, and the first question does not need it

    full, simple = tz.gettz(), tz.tzlocal()
    return full if full is not None and _same_times(full, simple) else simple


def _same_times(one: tzinfo, other: tzinfo) -> bool:
    """Whether both zones tell the same time all through this year and the last."""
    year = datetime.now(UTC).year
    days = [datetime(y, month, 15, 12) for y in (year - 1, year) for month in range(1, 13)]
    return all(
        day.replace(tzinfo=one).utcoffset() == day.replace(tzinfo=other).utcoffset() for day in days
    )


# --- the database -------------------------------------------------------------------------------

# Always that of the package: what the system has may be years old, and countries change their
# rules (Mexico gave up daylight saving in 2022). PYTHONTZPATH plays no part for the same reason.
_DATABASE = Path(tzdata.__file__).parent


@lru_cache(maxsize=64)
def _zone_of(name: str) -> tzinfo:
    """The zone of a name that `_known` gave."""
    import zoneinfo  # late: most runs are of one zone, and --help of none

    with (_DATABASE / "zoneinfo" / name).open("rb") as file:
        return zoneinfo.ZoneInfo.from_file(file, name)


def _known(text: str) -> str | None:
    """The name as the database spells it; None where it has no such zone."""
    return _known_zones().get(text.strip().replace(" ", "_").casefold())


@lru_cache(maxsize=1)
def _known_zones() -> dict[str, str]:
    """All names of the database by their small letters."""
    names = (_DATABASE / "zones").read_text("ascii").split()
    return {name.casefold(): name for name in names if name != "Factory"}


# --- what is no zone ----------------------------------------------------------------------------


def _why_not_fixed(name: str, meant: str, day: datetime | None) -> str:
    """ "EST is UTC-5 all year; on that day New York had EDT." """
    fixed, city = _zone_of(name), meant.rsplit("/", 1)[-1].replace("_", " ")
    hours = int((fixed.utcoffset(datetime(2025, 1, 1)) or timedelta()) / timedelta(hours=1))
    why = f"{name} is UTC{hours:+d} all year"
    summer = datetime(2025, 7, 1, tzinfo=_zone_of(meant))
    if day is not None:
        there = zone_text(day.replace(tzinfo=summer.tzinfo))
        if there != name:
            return f"{why}; on that day {city} had {there}."
    if zone_text(summer) != name:
        return f"{why}; in summer {city} has {zone_text(summer)}."
    return f"{name} is an abbreviation."


def _no_such_zone(name: str) -> str:
    # Etc/GMT+3 is three hours *behind* UTC: never offer those, nor the fixed ones.
    known = {
        n: full
        for n, full in sorted(_known_zones().items())
        if not full.startswith("Etc/") and full not in FIXED
    }
    cities = {n.rsplit("/", 1)[-1]: full for n, full in known.items() if "/" in full}
    wanted = name.replace(" ", "_").casefold()
    city = wanted.rsplit("/", 1)[-1]
    close: list[str] = []
    if city in cities:
        close = [cities[city]]
    elif not re.search(r"\d", wanted):  # "GMT+3" is like many names and means none of them
        close = closest(city, cities, 3) or closest(wanted, known, 3)
    hint = f"did you mean {' or '.join(close)}?" if close else "use a name such as America/Chicago."
    return f"There is no time zone '{quotable(name)}'; {hint}"


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


# Not `strftime`'s, which are those of the computer's language.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def local(moment: datetime, tz: tzinfo | None) -> datetime:
    """The moment on the clocks of that zone; None is the computer's own."""
    return moment.astimezone(tz)


def is_repeated(wall: datetime, tz: tzinfo | None) -> bool:
    """Whether clocks of that zone showed this twice, as where daylight saving ends; they must have
    shown it at all. None is the computer's own zone.
    """
    first, second = (wall.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first != second


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


def spelled_text(moment: datetime, tz: tzinfo) -> str:
    """A moment that nobody reads the other way round: "Wed 16 Apr 2025, 1:30:00 PM CDT"."""
    here = to_the_second(moment, tz)
    day = f"{_DAYS[here.weekday()]} {here.day} {_MONTHS[here.month - 1]} {here.year}"
    half = "AM" if here.hour < 12 else "PM"
    return f"{day}, {(here.hour - 1) % 12 + 1}:{here:%M:%S} {half} {zone_text(here)}"


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
    twice = is_repeated(here, tz)
    return f"{text} {zone_text(here)}" if twice else text


def time_span_text(start: datetime, end: datetime, tz: tzinfo) -> str:
    """A stretch within a known day: "13:33-13:34", or "13:33:05-13:33:20".

    In the hour that daylight saving repeats it names the zone as well.
    """
    first, last, form = _ends(start, end, tz)
    twice = is_repeated(first, tz) or is_repeated(last, tz)
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
