"""What the user types: questions and answers, and what makes an answer a good one.

Nothing heavy is imported here: the first question has to be on the screen at once.
"""

from __future__ import annotations

import getpass
import os
import re
import select
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TextIO, TypeVar

from dateutil import tz as dateutil_tz

from footage.cloud.provider import Provider, SignInField
from footage.errors import UsageError
from footage.model import UTC, Camera, Vehicle
from footage.system.filenames import with_file_name
from footage.system.text import closest, for_terminal, plain
from footage.system.timezones import clock_text, offset_text, zone_text

VEHICLE_QUESTION = "Vehicle name: "
START_QUESTION = "Start date and time (MM/DD/YYYY HH:MM, 24-hour): "
MINUTES_QUESTION = "Duration in minutes: "

LONGEST_MINUTES = 1440

Answer = TypeVar("Answer")


# --- asking -----------------------------------------------------------------------------------


class NoAnswerError(UsageError):
    """A question that got no usable answer: the input ended, or the tries are used up."""


class Terminal:
    """Where questions are put and answers come from: a person's terminal, or piped lines.

    interactive: the input is a terminal; where it is not, nothing ever waits for one.
    """

    def __init__(self, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
        self.stdin: TextIO | None = stdin if stdin is not None else sys.stdin
        self.stdout: TextIO | None = stdout if stdout is not None else sys.stdout
        self.interactive = _is_terminal(self.stdin)

    def say(self, text: str, end: str = "\n") -> None:
        """Write a line at once; what the terminal's encoding cannot show becomes `?`."""
        if self.stdout is None:
            return
        if end and _is_terminal(self.stdout):
            text = for_terminal(text)
        try:
            self.stdout.write(text + end)
            self.stdout.flush()
        except UnicodeEncodeError:
            encoding = self.stdout.encoding or "ascii"
            self.stdout.write((text + end).encode(encoding, "replace").decode(encoding))
            self.stdout.flush()
        except OSError:  # nobody reads it any more
            return

    def read(self, question: str, hidden: bool = False) -> str:
        """The answer to one question, without its line end; `hidden` ones are not shown.

        Raises NoAnswerError where the input ends first.
        """
        if hidden and self.interactive:
            try:
                return getpass.getpass(question, self.stdout)
            except EOFError:
                self.say("")
                raise self._ended(question) from None
        self.say(question, end="")
        if self.interactive and self.stdin is not None:
            _wait_for_line(self.stdin)
        try:
            line = self.stdin.readline() if self.stdin is not None else ""
        except UnicodeDecodeError:
            self.say("")
            raise NoAnswerError(
                f"The answer to '{_title(question)}' is not readable text; save it as UTF-8."
            ) from None
        if not self.interactive or not line:
            self.say("")  # nobody pressed Enter: keep the transcript readable
        if not line:
            raise self._ended(question)
        # A shell on Windows may put a byte order mark, read in either encoding, before the text.
        return line.rstrip("\r\n").removeprefix("\ufeff").removeprefix("\u00ef\u00bb\u00bf")

    @staticmethod
    def _ended(question: str) -> NoAnswerError:
        return NoAnswerError(f"The input ended before '{_title(question)}' was answered.")


def _wait_for_line(terminal: TextIO) -> None:
    """Wait until a line was typed, looking up now and then.

    A Ctrl+C that comes just before a blocking read begins would wait for the next key.
    """
    if os.name == "nt":  # a console there cannot be waited for so, and has no such gap
        return
    try:
        while not select.select([terminal], [], [], 0.2)[0]:
            pass
    except (OSError, ValueError):  # no file of the system's behind it: reading will do
        return


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether a person can type there. On Windows the NUL device calls itself a terminal too."""
    try:
        if stream is None or not stream.isatty():
            return False
        if sys.platform == "win32":
            import ctypes
            import msvcrt

            handle = msvcrt.get_osfhandle(stream.fileno())
            mode = ctypes.c_ulong()
            return bool(ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)))
    except (OSError, ValueError):
        return False
    return True


def _title(question: str) -> str:
    return question.split(" (")[0].rstrip(": ")


def ask(
    terminal: Terminal,
    question: str,
    parse: Callable[[str], Answer],
    hidden: bool = False,
    tries: int = 3,
) -> Answer:
    """Ask until `parse` takes the answer; its UsageError is shown and the question asked again.

    Raises NoAnswerError (a UsageError) after `tries` wrong answers, or where the input ends.
    """
    for _ in range(tries):
        text = terminal.read(question, hidden)
        try:
            return parse(text)
        except NoAnswerError:
            raise
        except UsageError as error:
            terminal.say(str(error))
    raise _tries_used_up(question, tries)


def _tries_used_up(question: str, tries: int) -> NoAnswerError:
    times = "three times" if tries == 3 else f"{tries} times"
    return NoAnswerError(
        f"'{_title(question)}' was answered {times} in a way that cannot be used, so the program "
        "stops here; nothing was requested."
    )


def confirm(terminal: Terminal, question: str, assume_yes: bool) -> bool:
    """Ask for a yes; Enter alone is a no. Piped input is never read for it.

    Raises UsageError where nobody can be asked and `assume_yes` (`--yes`) is not given.
    """
    if assume_yes:
        terminal.say(f"{question} Yes, as --yes says.")
        return True
    if not terminal.interactive:
        raise UsageError(f"{question} This run cannot ask; add --yes to agree.")
    return ask(terminal, f"{question} [y/N]: ", _parse_yes)


def _parse_yes(text: str) -> bool:
    answer = text.strip().casefold()
    if answer in ("y", "yes"):
        return True
    if answer in ("", "n", "no"):
        return False
    raise UsageError("Please answer y for yes or n for no.")


def parse_yes_by_default(text: str) -> bool:
    """Yes or no, where Enter alone means yes."""
    return _parse_yes(text) if text.strip() else True


# --- signing in -------------------------------------------------------------------------------


def ask_to_sign_in(
    terminal: Terminal,
    fields: Sequence[SignInField],
    connect: Callable[[Mapping[str, str]], Answer],
    tries: int = 3,
) -> Answer:
    """Ask for each field and connect with the values, which are given by the fields' names.

    A value that cannot be right is asked for again; where `connect` raises UsageError, as for
    credentials that the provider refuses, all of them are, since any one may be wrong.

    Raises NoAnswerError (a UsageError) after `tries` of either, or where the input ends.
    """
    typed: dict[str, str] = {}
    question = ""
    for _ in range(tries):
        try:
            for field in fields:
                if field.name not in typed:
                    question = field.question
                    typed[field.name] = field.check(terminal.read(question, field.secret))
            return connect(typed)
        except NoAnswerError:
            raise
        except UsageError as error:
            terminal.say(str(error))
            if len(typed) == len(fields):
                typed = {}
    raise _tries_used_up(question, tries)


# --- the vehicle ------------------------------------------------------------------------------


def match_vehicle(
    text: str, vehicles: Sequence[Vehicle], terminal: Terminal | None = None
) -> Vehicle:
    """The vehicle meant by a name, id, VIN or plate, with its `file_name` filled in.

    Capitals and repeated blanks do not matter; `id:281` means the id only. Where several fit,
    `terminal` is asked which; without one (the option `--vehicle`, unattended) that is an error.

    Raises UsageError that offers the closest names, or the ids to choose from.
    """
    wanted = _folded(text)
    if not wanted:
        raise UsageError(
            "Please type the vehicle's name as it is shown in the provider's dashboard."
        )
    listed = list({vehicle.id: vehicle for vehicle in vehicles}.values())
    if not listed:
        raise UsageError(
            "This API key sees no vehicles: it may be limited to a tag without vehicles, or belong "
            "to another organization; ask whoever made the key."
        )
    found = [v for v in listed if wanted == "id:" + _folded(v.id)]
    found = found or [v for v in listed if wanted in _names(v)]
    if not found:
        raise UsageError(_no_such_vehicle(text, listed))
    if len(found) == 1:
        return with_file_name(found[0], listed)
    if terminal is None:
        ids = "; ".join(f"id:{plain(v.id)} for {_described(v)}" for v in found)
        raise UsageError(
            f"{len(found)} vehicles fit '{plain(text.strip())}'; give one of these ids instead of "
            f"the name: {ids}."
        )
    terminal.say(f"{len(found)} vehicles fit '{plain(text.strip())}':")
    for number, vehicle in enumerate(found, 1):
        terminal.say(f"  {number}  {_described(vehicle)}, id {plain(vehicle.id)}")
    question = "Which one (its number, VIN, plate or id): "
    return with_file_name(ask(terminal, question, lambda t: _choose(t, found)), listed)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _names(vehicle: Vehicle) -> set[str]:
    return {_folded(n) for n in (vehicle.name, vehicle.id, vehicle.vin, vehicle.plate)} - {""}


def _described(vehicle: Vehicle) -> str:
    vin = plain(vehicle.vin) or "unknown"
    plate = plain(vehicle.plate) or "unknown"
    return f"{plain(vehicle.name) or 'without a name'}, VIN {vin}, plate {plate}"


def _choose(text: str, found: Sequence[Vehicle]) -> Vehicle:
    wanted = _folded(text)
    fits = [
        vehicle
        for number, vehicle in enumerate(found, 1)
        if wanted in (_names(vehicle) - {_folded(vehicle.name)})
        or wanted in (str(number), "id:" + _folded(vehicle.id))
    ]
    if len(fits) != 1:
        how = "fits none" if not fits else "fits more than one"
        raise UsageError(
            f"'{plain(text.strip())}' {how} of them; type a number from 1 to {len(found)}, "
            "or a VIN, plate or id from the list."
        )
    return fits[0]


def _no_such_vehicle(text: str, vehicles: Sequence[Vehicle]) -> str:
    names = {_folded(v.name): plain(v.name.strip()) for v in vehicles if v.name.strip()}
    wanted = _folded(text)
    close = closest(wanted, names)
    asked = plain(text.strip())
    kind = vehicles[0].kind
    if close:
        offered = ", ".join(f"'{name}'" for name in close)
        return f"No {kind} is called '{asked}'; the closest names are {offered}."
    return (
        f"No {kind} is called '{asked}', nor anything like it, among the {len(vehicles)} that "
        "this API key may see; check the name, or whether the key is limited to other tags or "
        "groups."
    )


# --- the start and the length -----------------------------------------------------------------

_START = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})[\sT]+(\d{1,2}):(\d{2})(?:\s*([A-Za-z+-][\w+:-]*))?", re.ASCII
)
_SUFFIX_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.ASCII | re.IGNORECASE)
_FORM = "MM/DD/YYYY HH:MM, such as 04/16/2025 13:30"


def parse_start(text: str, tz: tzinfo, now: datetime, terminal: Terminal | None = None) -> datetime:
    """The moment meant by `MM/DD/YYYY HH:MM` in the zone `tz`, in UTC.

    It may end in the zone's abbreviation or offset (`11/02/2025 01:30 CST`, `... -0600`). In the
    hour that daylight saving repeats, `terminal` is asked which one is meant; without one (the
    option `--start`, unattended) the text has to say it.

    Raises UsageError for nonsense, a time that never was, and one less than a minute ago.
    """
    match = _START.fullmatch(text.strip())
    if not match:
        raise UsageError(f"Please write date and time as {_FORM}.")
    wall, suffix = _wall_clock(match), (match[6] or "")
    if suffix.casefold() in ("am", "pm"):
        raise UsageError("Please use the 24-hour clock: 1:30 PM is written 13:30.")
    if wall.year > now.year + 1:
        raise UsageError(f"{wall:%m/%d/%Y} is in the future, so there is no footage of it.")
    if not dateutil_tz.datetime_exists(wall, tz):
        then = dateutil_tz.resolve_imaginary(wall.replace(tzinfo=tz))
        raise UsageError(
            f"{wall:%H:%M} on {wall:%m/%d/%Y} never was: the clocks were put forward over it; "
            f"just after that it was {then:%H:%M} {zone_text(then)}."
        )
    readings = [wall.replace(tzinfo=tz)]
    if dateutil_tz.datetime_ambiguous(wall, tz):
        readings.append(wall.replace(tzinfo=tz, fold=1))
    if suffix:
        readings = _fitting(readings, suffix)
    past = [r for r in readings if r.astimezone(UTC) + timedelta(minutes=1) <= now]
    if not past:
        raise UsageError(
            f"{clock_text(readings[0].astimezone(UTC), tz)} is not in the past yet (it is now "
            f"{clock_text(now, tz)}), so there is no footage of it; check the date."
        )
    if len(past) > 1:
        return _which(past, terminal).astimezone(UTC)
    return past[0].astimezone(UTC)


def _wall_clock(match: re.Match[str]) -> datetime:
    month, day, year, hour, minute = (int(match[i]) for i in range(1, 6))
    if month > 12 >= day:
        raise UsageError(f"There is no month {month}; the month comes first: {_FORM}.")
    if hour > 23 or minute > 59:
        raise UsageError(
            f"{match[4]}:{match[5]} is not a time of day; hours go from 0 to 23, minutes to 59."
        )
    try:
        wall = datetime(year, month, day, hour, minute)
    except ValueError:
        raise UsageError(
            f"{match[1]}/{match[2]}/{match[3]} is not in the calendar; the form is {_FORM}."
        ) from None
    if year < 2000:
        raise UsageError(f"No dash cam filmed in {match[3]}; check the year.")
    return wall


def _fitting(readings: Sequence[datetime], suffix: str) -> list[datetime]:
    fitting = [reading for reading in readings if _suffix_fits(reading, suffix)]
    if not fitting:
        real = " or ".join(_both(reading) for reading in readings)
        raise UsageError(
            f"'{suffix}' does not fit: {readings[0]:%m/%d/%Y %H:%M} is {real} in the time zone in "
            "use; leave it out, or choose the zone with --timezone."
        )
    return fitting


def _suffix_fits(reading: datetime, suffix: str) -> bool:
    if suffix.casefold() in (zone_text(reading).casefold(), (reading.tzname() or "").casefold()):
        return True
    match = _SUFFIX_OFFSET.fullmatch(suffix)
    if not match:
        return False
    size = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    return reading.utcoffset() == (-size if match[1] == "-" else size)


def _which(readings: Sequence[datetime], terminal: Terminal | None) -> datetime:
    """The person's choice between the two times that one clock reading stood for."""
    first, second = readings
    twice = (
        f"{first:%H:%M} on {first:%m/%d/%Y} was there twice, as the clocks were put back: "
        f"first {_both(first)}, then {_both(second)}"
    )
    if terminal is None:
        when = f"{first:%m/%d/%Y %H:%M}"
        raise UsageError(
            f'{twice}; say which, as in "{when} {_name_or_offset(first)}" or '
            f'"{when} {offset_text(second, "")}".'
        )
    terminal.say(twice + ".")

    def parse(text: str) -> datetime:
        answer = text.strip().casefold().rpartition(" ")[2]  # the zone, if all was typed again
        for order, reading in (("1", first), ("2", second)):
            if answer in (order, "first" if order == "1" else "second"):
                return reading
        fitting = [reading for reading in readings if answer and _suffix_fits(reading, answer)]
        if len(fitting) != 1:
            raise UsageError(f"Please type 1 for {_both(first)} or 2 for {_both(second)}.")
        return fitting[0]

    question = f"Which one (1 = {_name_or_offset(first)}, 2 = {_name_or_offset(second)}): "
    return ask(terminal, question, parse)


def _both(moment: datetime) -> str:
    name, offset = zone_text(moment), "UTC" + offset_text(moment)
    return offset if name == offset else f"{name} ({offset})"


def _name_or_offset(moment: datetime) -> str:
    """What to type after the time so that it is understood."""
    name = zone_text(moment)
    return offset_text(moment, "") if name.startswith("UTC") and name != "UTC" else name


def parse_minutes(text: str, least: int = 1) -> int:
    """A whole number of minutes, `least` to 1440. Raises UsageError."""
    digits = text.strip()
    if re.fullmatch(r"0*[0-9]{1,4}", digits) and least <= int(digits) <= LONGEST_MINUTES:
        return int(digits)
    raise UsageError(
        f"Please give the duration as a whole number of minutes from {least} to "
        f"{LONGEST_MINUTES}, such as 5."
    )


def check_end(start: datetime, minutes: int, now: datetime) -> int:
    """`minutes` again, where footage from `start` on can be that long by `now`.

    Raises UsageError that tells the longest possible duration.
    """
    if start + timedelta(minutes=minutes) <= now:
        return minutes
    longest = max(0, int((now - start) // timedelta(minutes=1)))
    unit = "minute" if longest == 1 else "minutes"
    raise UsageError(
        f"{minutes} minutes from then would end in the future; at most {longest} {unit} can be "
        "had now."
    )


# --- cameras ----------------------------------------------------------------------------------


def parse_cameras(
    text: str, provider: Provider, possible: Sequence[Camera] | None = None
) -> tuple[list[Camera], bool]:
    """The cameras of a comma-separated list, in the order of the picture, each once; and whether
    they were named, rather than asked for as `all`.

    The provider's words (`road`, `driver`), its own input names and our labels are understood, and
    where the provider has them its names for cameras that are not known here.
    possible: those that this vehicle can have of what is asked for; None for all

    Raises UsageError that lists what there is.
    """
    possible = provider.cameras if possible is None else possible
    others: list[Camera] = []
    inputs = {_squeezed(word): name for word, name in provider.words.items()}
    for camera in provider.cameras:
        for word in (camera.label, camera.input):
            inputs.setdefault(_squeezed(word), camera.input)
    asked = [part.strip() for part in text.split(",") if part.strip()]
    chosen: set[str] = set()
    for part in asked:
        if _squeezed(part) == "all":
            chosen |= {camera.input for camera in possible}
        elif _squeezed(part) in inputs:
            chosen.add(inputs[_squeezed(part)])
        elif other := provider.other_camera(part):
            others.append(other)
        else:
            raise UsageError(
                f"There is no camera '{plain(part)}'; choose from {camera_words(provider)}."
            )
    if not chosen and not others:
        raise UsageError(f"No camera is named; choose from {camera_words(provider)}.")
    cameras = [camera for camera in provider.cameras if camera.input in chosen]
    for camera in cameras:
        if camera not in possible:
            raise UsageError(
                f"There is no {camera.label} camera for this; choose from "
                f"{camera_words(provider, possible)}."
            )
    named = not any(_squeezed(part) == "all" for part in asked)
    return [*cameras, *dict.fromkeys(others)], named


def camera_words(provider: Provider, possible: Sequence[Camera] | None = None) -> str:
    """What can be typed for `--cameras`: "road, driver, analog1, all"."""
    word = {name: word for word, name in reversed(list(provider.words.items()))}
    cameras = provider.cameras if possible is None else possible
    return ", ".join([*(word[camera.input] for camera in cameras), "all"])


def _squeezed(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()
