"""What the user types: the questions, what makes an answer a good one, and times as they are typed.

A new question is one function here. Nothing heavy is imported: the first question has to be on the
screen at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TypeVar

from dateutil import tz as dateutil_tz

from footage.cloud.provider import Provider, ProviderEntry, SignInField
from footage.errors import (
    AuthenticationError,
    Declined,
    FootageError,
    TransientError,
    UsageError,
)
from footage.job.answers import Answers
from footage.model import UTC, Camera, Job, MediaType, Vehicle
from footage.system import timezones
from footage.system.timezones import clock_text, offset_text, zone_text
from footage.ui.matching import match_vehicle, parse_cameras
from footage.ui.options import Options
from footage.ui.session import Session
from footage.ui.terminal import Terminal
from footage.ui.values import DATE_FORMS, parse_minutes, yes_by_default

VEHICLE_QUESTION = "Vehicle name: "
START_QUESTION = f"Start date and time ({DATE_FORMS[0].shown}, 24-hour): "
MINUTES_QUESTION = "Duration in minutes: "

Connected = TypeVar("Connected")

# --- the questions ----------------------------------------------------------------------------


def sign_in(
    session: Session, entry: ProviderEntry, region: str | None, *, list_vehicles: bool = True
) -> tuple[Provider, list[Vehicle]]:
    """The first question: credentials that the provider accepts, and the vehicles they may see.

    list_vehicles: False takes the credentials as they are; the provider may be out of reach
    """
    options = session.options
    known = options.credentials.get(entry.key, {})

    def connect(typed: Mapping[str, str]) -> tuple[Provider, list[Vehicle]]:
        credentials = {**known, **typed}
        for field in entry.sign_in:
            if field.secret:
                session.secrets.add(credentials[field.name])
        base_url = options.base_urls.get(entry.key)
        provider = entry.connect(credentials, base_url, region, session.stop.pause)
        kind = "asset" if options.asset is not None else "vehicle"
        try:
            return provider, provider.vehicles(kind) if list_vehicles else []
        except AuthenticationError as refusal:
            raise UsageError(str(refusal)) from refusal
        except TransientError as trouble:
            raise FootageError(
                f"{trouble} Nothing was requested; try again in some minutes."
            ) from trouble

    unknown = [field for field in entry.sign_in if field.name not in known]
    if not unknown:
        return connect({})
    return ask_to_sign_in(session.terminal, unknown, connect)


def ask_to_sign_in(
    terminal: Terminal,
    fields: Sequence[SignInField],
    connect: Callable[[Mapping[str, str]], Connected],
) -> Connected:
    """Ask for each field and connect with the values, which are given by the fields' names.

    A value that cannot be right is asked for again; where `connect` raises UsageError, as for
    credentials that the provider refuses, all of them are, since any one may be wrong.

    Raises NoAnswerError (a UsageError) after three of either, or where the input ends.
    """
    typed: dict[str, str] = {}

    def attempt() -> Connected:
        for field in fields:
            if field.name not in typed:
                typed[field.name] = field.check(terminal.read(field.question, field.secret))
        values = dict(typed)
        typed.clear()
        return connect(values)

    return terminal.try_again(fields[0].question, attempt)


def ask_for_answers(
    session: Session, entry: ProviderEntry, provider: Provider, vehicles: Sequence[Vehicle]
) -> Answers:
    """Everything that a job is made of: what no option answers is asked.

    Raises UsageError for what cannot be.
    """
    options, terminal = session.options, session.terminal
    zone_name = options.timezone or timezones.own_name()
    tz, now = timezones.zone(zone_name), datetime.now(UTC)
    vehicle = ask_vehicle(options, terminal, vehicles)
    if provider.is_live(options.media):
        _check_live(options, provider)
        start, minutes = now.replace(microsecond=0), 0
    else:
        start = ask_start(options, terminal, tz, now)
        minutes = ask_minutes(options, terminal, start, now)
    cameras, named = choose_cameras(options, terminal, provider, vehicle)
    host_is_chosen = entry.key in options.base_urls
    return Answers(
        vehicle=vehicle,
        start=start,
        minutes=minutes,
        timezone=zone_name,
        cameras=tuple(cameras),
        cameras_named=named,
        folder=str(options.output),
        region="" if host_is_chosen else options.region or entry.usual_region,
        labels=options.labels,
        media_type=options.media,
        every=options.every if options.media is MediaType.IMAGE and minutes else 0.0,
        units=options.units,
        telemetry=options.telemetry and provider.has_telemetry,
        reuse=options.reuse,
    )


def ask_to_go_on(terminal: Terminal, headline: str, job: Job) -> bool:
    """Whether to go on with an unfinished job; Enter alone is a yes."""
    clips = sum(media.clip is not None for _, media in job.media())
    question = (
        f"There is an unfinished job: {headline}\n"
        f"{clips} of {sum(1 for _ in job.media())} clips are here. Continue it? [Y/n] "
    )
    return terminal.ask(question, yes_by_default)


def ask_vehicle(options: Options, terminal: Terminal, vehicles: Sequence[Vehicle]) -> Vehicle:
    name = options.asset or options.vehicle
    if name is not None:
        return match_vehicle(name, vehicles, _if_interactive(terminal))
    return terminal.ask(VEHICLE_QUESTION, lambda text: match_vehicle(text, vehicles, terminal))


def ask_start(options: Options, terminal: Terminal, tz: tzinfo, now: datetime) -> datetime:
    if options.start is not None:
        return parse_start(options.start, tz, now, _if_interactive(terminal))
    return terminal.ask(START_QUESTION, lambda text: parse_start(text, tz, now, terminal))


def ask_minutes(options: Options, terminal: Terminal, start: datetime, now: datetime) -> int:
    if options.minutes is not None:
        return check_end(start, options.minutes, now)
    least = 0 if options.media is MediaType.IMAGE else 1
    return terminal.ask(
        MINUTES_QUESTION, lambda text: check_end(start, parse_minutes(text, least), now)
    )


def choose_cameras(
    options: Options, terminal: Terminal, provider: Provider, vehicle: Vehicle
) -> tuple[list[Camera], bool]:
    """The cameras of `--cameras`, or the usual ones; and whether they were named one by one."""
    if options.cameras is None:
        return list(provider.default_cameras(vehicle.kind, options.media)), False
    possible = provider.possible_cameras(vehicle.kind, options.media)
    cameras, named = parse_cameras(options.cameras, provider, possible)
    unknown = [camera.input for camera in cameras if camera not in provider.cameras]
    if unknown:
        terminal.say(
            f"Whether {provider.name} has {' and '.join(unknown)} is not known here; it is asked "
            "for by that name."
        )
    return cameras, named


def agree(terminal: Terminal, warnings: Sequence[str], assume_yes: bool) -> None:
    """Ask whether to go on, once for each warning. Raises Declined at the first no."""
    for warning in warnings:
        if not terminal.confirm(f"{warning} Go on?", assume_yes):
            raise Declined("Nothing was requested.")


def _if_interactive(terminal: Terminal) -> Terminal | None:
    """Where an option answers, a person may be asked for more; piped lines answer questions."""
    return terminal if terminal.interactive else None


def _check_live(options: Options, provider: Provider) -> None:
    if options.start is not None or options.minutes is not None:
        raise UsageError(
            f"{provider.name} takes pictures only now: leave out --start and --minutes, or ask "
            "for video of that time."
        )


# --- the start and the length -----------------------------------------------------------------

_ZONE_SUFFIX = r"(?:\s*(?P<zone>[A-Za-z+-][\w+:-]*))?"
_SUFFIX_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?", re.ASCII | re.IGNORECASE)
_FORM = f"{DATE_FORMS[0].shown}, such as {DATE_FORMS[0].example}"


def parse_start(text: str, tz: tzinfo, now: datetime, terminal: Terminal | None = None) -> datetime:
    """The moment meant by a text in one of `DATE_FORMS`, in the zone `tz`; returned in UTC.

    It may end in the zone's abbreviation or offset (`11/02/2025 01:30 CST`, `... -0600`). In the
    hour that daylight saving repeats, `terminal` is asked which one is meant; without one (the
    option `--start`, unattended) the text has to say it.

    Raises UsageError for nonsense, a time that never was, and one less than a minute ago.
    """
    parts = _date_parts(text)
    wall, suffix = _wall_clock(parts), (parts["zone"] or "")
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


def _date_parts(text: str) -> Mapping[str, str]:
    """The groups of the first of `DATE_FORMS` that fits, with the zone's suffix."""
    for form in DATE_FORMS:
        match = re.fullmatch(form.pattern + _ZONE_SUFFIX, text.strip(), re.ASCII)
        if match:
            return match.groupdict()
    raise UsageError(f"Please write date and time as {_FORM}.")


def _wall_clock(parts: Mapping[str, str]) -> datetime:
    month, day, year = int(parts["month"]), int(parts["day"]), int(parts["year"])
    hour, minute = int(parts["hour"]), int(parts["minute"])
    if month > 12 >= day:
        raise UsageError(f"There is no month {month}; the month comes first: {_FORM}.")
    if hour > 23 or minute > 59:
        raise UsageError(
            f"{parts['hour']}:{parts['minute']} is not a time of day; hours go from 0 to 23, "
            "minutes to 59."
        )
    try:
        wall = datetime(year, month, day, hour, minute)
    except ValueError:
        raise UsageError(
            f"{parts['month']}/{parts['day']}/{parts['year']} is not in the calendar; the form is "
            f"{_FORM}."
        ) from None
    if year < 2000:
        raise UsageError(f"No dash cam filmed in {parts['year']}; check the year.")
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
    return terminal.ask(question, parse)


def _both(moment: datetime) -> str:
    name, offset = zone_text(moment), "UTC" + offset_text(moment)
    return offset if name == offset else f"{name} ({offset})"


def _name_or_offset(moment: datetime) -> str:
    """What to type after the time so that it is understood."""
    name = zone_text(moment)
    return offset_text(moment, "") if name.startswith("UTC") and name != "UTC" else name


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
