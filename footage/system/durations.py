"""Lengths of time, as people write and paste them."""

from __future__ import annotations

import re

from footage.errors import UsageError
from footage.system.text import pasted

LONGEST_MINUTES = 1440

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
