"""What makes a typed value a good one, for options and questions alike.

Each function takes the text and returns the value; it raises UsageError, in words that fit after
the option's name as well as on a line of their own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from footage.errors import UsageError
from footage.system import timezones
from footage.system.text import plain

LONGEST_MINUTES = 1440
_LONGEST_WAIT = 366 * 1440  # minutes; a year: footage does not stay that long on any device


@dataclass(frozen=True)
class DateForm:
    """One way to write a date with its time of day.

    shown:   as a person reads it
    example: a moment written that way
    pattern: with the groups month, day, year, hour and minute
    written: for `strftime`
    """

    shown: str
    example: str
    pattern: str
    written: str


# The forms in which a start may be typed. The first one is the one that is asked for.
DATE_FORMS = (
    DateForm(
        shown="MM/DD/YYYY HH:MM",
        example="04/16/2025 13:30",
        pattern=r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})[\sT]+"
        r"(?P<hour>\d{1,2}):(?P<minute>\d{2})",
        written="%m/%d/%Y %H:%M",
    ),
)


def some_text(text: str) -> str:
    """The text without blanks around it."""
    if not text.strip():
        raise UsageError("it is empty")
    return text.strip()


def time_zone(text: str) -> str:
    """The name of a time zone that exists."""
    timezones.zone(some_text(text))
    return text.strip()


def parse_minutes(text: str, least: int = 1) -> int:
    """A whole number of minutes, `least` to 1440."""
    digits = text.strip()
    if re.fullmatch(r"0*[0-9]{1,4}", digits) and least <= int(digits) <= LONGEST_MINUTES:
        return int(digits)
    raise UsageError(
        f"Please give the duration as a whole number of minutes from {least} to "
        f"{LONGEST_MINUTES}, such as 5."
    )


def minutes_or_moment(text: str) -> int:
    """As `parse_minutes`, or 0 for one moment, which only some kinds of footage allow."""
    return 0 if re.fullmatch(r"\s*0+\s*", text) else parse_minutes(text)


def seconds_between_pictures(text: str) -> float:
    return _number(text, "a number of seconds from 1 to 86400", lambda n: 1 <= n <= 86400)


def poll_seconds(text: str) -> float:
    return _number(text, "a number of seconds above 0, at most 3600", lambda n: 0 < n <= 3600)


def wait_in_seconds(text: str) -> float:
    """A number of minutes, as seconds."""
    wanted = f"a number of minutes from 0 to {_LONGEST_WAIT}"
    return 60 * _number(text, wanted, lambda n: 0 <= n <= _LONGEST_WAIT)


def yes_or_no(text: str) -> bool:
    """Enter alone is a no."""
    answer = text.strip().casefold()
    if answer in ("y", "yes"):
        return True
    if answer in ("", "n", "no"):
        return False
    raise UsageError("Please answer y for yes or n for no.")


def yes_by_default(text: str) -> bool:
    """As `yes_or_no`, but that Enter alone is a yes."""
    return yes_or_no(text) if text.strip() else True


def folder(text: str) -> Path:
    """The absolute path of a folder, which need not exist yet."""
    try:
        path = Path(some_text(text)).expanduser().absolute()
        taken = path.exists() and not path.is_dir()
    except (OSError, RuntimeError, ValueError):
        raise UsageError("there can be no such folder") from None
    if taken:
        raise UsageError(f"{plain(str(path))} is a file, not a folder")
    return path


def existing_file(text: str) -> Path:
    """The absolute path of a file that is there."""
    path = Path(some_text(text)).expanduser().absolute()
    if not path.is_file():
        raise UsageError(f"there is no file {plain(text)}")
    return path


def _number(text: str, wanted: str, fits: Callable[[float], bool]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not fits(number):
        raise UsageError(f"it has to be {wanted}")
    return number
