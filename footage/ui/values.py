"""What makes a typed value a good one, for options and questions alike.

Each function takes the text and returns the value; it raises UsageError, in words that fit after
the option's name as well as on a line of their own.
"""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from footage.errors import UsageError
from footage.system import timezones
from footage.system.text import pasted, quotable

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


def minutes_between_looks(text: str) -> float:
    """A number of minutes, as seconds."""
    return 60 * _number(text, "a number of minutes above 0, at most 1440", lambda n: 0 < n <= 1440)


def camera_minutes(text: str) -> float:
    """A number of minutes, as seconds."""
    wanted = "a number of camera-minutes from 0 to 1000000"
    return 60 * _number(text, wanted, lambda n: 0 <= n <= 1_000_000)


def command(text: str) -> tuple[str, ...]:
    """A program and what it is given, in words; the program is one that can be found.

    Quotes hold a word with blanks together. On Windows, whose paths have backslashes, only the
    double quote means anything; elsewhere it is as in a shell.
    """
    words = split_command(some_text(text), windows=os.name == "nt")
    import shutil  # late: with the formats of archives it takes 3 ms to load

    program = shutil.which(words[0]) if words else None
    if program is None:
        hint = "; put a path with blanks in quotation marks" if len(words) > 1 else ""
        raise UsageError(f"there is no program {quotable(words[0] if words else text)}{hint}")
    return (str(Path(program).absolute()), *words[1:])


def split_command(text: str, *, windows: bool) -> list[str]:
    """The words of a command line; see `command`."""
    reader = shlex.shlex(text, posix=True, punctuation_chars=False)
    reader.whitespace_split, reader.commenters = True, ""
    if windows:
        reader.escape, reader.quotes = "", '"'
    try:
        return list(reader)
    except ValueError:
        raise UsageError("a quote in it is opened and not closed") from None


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


def new_file(text: str) -> Path:
    """The absolute path of a file that is to be written, in a folder that is there."""
    path = Path(some_text(text)).expanduser().absolute()
    if path.is_dir():
        raise UsageError(f"{quotable(text)} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {quotable(str(path.parent))}")
    return path


def words(text: str) -> tuple[str, ...]:
    """The words of a list with commas."""
    found = tuple(filter(None, (word.strip() for word in text.split(","))))
    if not found:
        raise UsageError("it is empty")
    return found


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
