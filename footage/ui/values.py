"""What makes a typed value a good one, for options and questions alike.

Each function takes the text and returns the value; it raises UsageError, in words that fit after
the option's name as well as on a line of their own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

from footage.errors import UsageError
from footage.system import timezones
from footage.system.text import pasted, quotable

LONGEST_MINUTES = 1440
_LEAST_SIDE = 120  # pixels of a side-by-side; in a smaller one nothing can be made out
_LONGEST_WAIT = 366 * 1440  # minutes; a year: footage does not stay that long on any device


def some_text(text: str) -> str:
    """The text without blanks around it."""
    if not text.strip():
        raise UsageError("it is empty")
    return text.strip()


def time_zone(text: str) -> str:
    """The name of a time zone that exists; or what people call one, which is asked about later."""
    try:
        return timezones.full_name(some_text(text))
    except timezones.UnclearZone:
        return text.strip()


_HOURS = r"(?P<hours>\d{1,2}) ?(?:h|hr|hrs|hours?)\.?"
_NAMED_MINUTES = r"0*(?P<minutes>\d{1,4}) ?(?:m|min|mins|minutes?)\.?"
_MINUTES = r"0*(?P<minutes>\d{1,4})(?: ?(?:m|min|mins|minutes?)\.?)?"
_SECONDS = r"0*(?P<seconds>\d{1,5}) ?(?:s|sec|secs|seconds?)\.?"
_AND = r",?(?: and)? ?"
_DURATIONS = (
    _MINUTES,
    _SECONDS,
    rf"{_NAMED_MINUTES}{_AND}{_SECONDS}",
    _HOURS,
    rf"{_HOURS}{_AND}{_MINUTES}",
)


def parse_duration(text: str, least: int = 1) -> int:
    """Seconds, of `least` to 1440 minutes: "5", "5 min", "90 s", "1 min 30 s", "1 h 30 min"."""
    for form in _DURATIONS:
        if match := re.fullmatch(form, pasted(text), re.ASCII | re.IGNORECASE):
            parts = {name: int(digits) for name, digits in match.groupdict().items()}
            minutes = 60 * parts.get("hours", 0) + parts.get("minutes", 0)
            seconds = 60 * minutes + parts.get("seconds", 0)
            if least <= seconds <= 60 * LONGEST_MINUTES:
                return seconds
    raise UsageError(
        f"Please give the duration in minutes from {least} to {LONGEST_MINUTES}, such as 5, or in "
        "seconds, such as 90 s."
    )


def duration_or_moment(text: str) -> int:
    """As `parse_duration`, or 0 for one moment, which only some kinds of footage allow."""
    return parse_duration(text, 0) if re.fullmatch("0+", pasted(text)) else parse_duration(text)


def seconds_around(text: str) -> int:
    """Whole seconds before or after a moment: "30", "30 s", "2 min"."""
    plain = pasted(text)
    return parse_duration(f"{plain} s" if re.fullmatch(r"\d+", plain, re.ASCII) else plain, 0)


def seconds_between_pictures(text: str) -> float:
    return _number(text, "a number of seconds from 1 to 86400", lambda n: 1 <= n <= 86400)


def frame_size(text: str) -> tuple[int, int]:
    """A width and a height in pixels, such as "1920x1080"."""
    sides = re.fullmatch(r"\s*([0-9]{1,5})\s*[xX*×]\s*([0-9]{1,5})\s*", text)
    if sides is None or min(width := int(sides[1]), height := int(sides[2])) < _LEAST_SIDE:
        raise UsageError(
            f"it has to be a width and a height of at least {_LEAST_SIDE} pixels, such as 1920x1080"
        )
    return width, height


def poll_seconds(text: str) -> float:
    return _number(text, "a number of seconds above 0, at most 3600", lambda n: 0 < n <= 3600)


def wait_in_seconds(text: str) -> float:
    """A number of minutes, as seconds."""
    wanted = f"a number of minutes from 0 to {_LONGEST_WAIT}"
    return 60 * _number(text, wanted, lambda n: 0 <= n <= _LONGEST_WAIT)


def yes_or_no(text: str) -> bool:
    """Enter alone is a no."""
    answer = pasted(text).casefold()
    if answer in ("y", "yes"):
        return True
    if answer in ("", "n", "no"):
        return False
    raise UsageError("Please answer y for yes or n for no.")


def yes_by_default(text: str) -> bool:
    """As `yes_or_no`, but that Enter alone is a yes."""
    return yes_or_no(text) if pasted(text) else True


def folder(text: str) -> Path:
    """The absolute path of a folder, which need not exist yet."""
    try:
        path = Path(some_text(text)).expanduser().absolute()
        taken = path.exists() and not path.is_dir()
    except (OSError, RuntimeError, ValueError):
        raise UsageError("there can be no such folder") from None
    if taken:
        raise UsageError(f"{quotable(str(path))} is a file, not a folder")
    return path


def existing_file(text: str) -> Path:
    """The absolute path of a file that is there."""
    path = Path(some_text(text)).expanduser().absolute()
    if not path.is_file():
        raise UsageError(f"there is no file {quotable(text)}")
    return path


def existing_path(text: str) -> Path:
    """The absolute path of a file or folder that is there."""
    path = Path(some_text(text)).expanduser().absolute()
    if not path.exists():
        raise UsageError(f"there is no file or folder {quotable(text)}")
    return path


def _number(text: str, wanted: str, fits: Callable[[float], bool]) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not fits(number):
        raise UsageError(f"it has to be {wanted}")
    return number
