"""What the user types: the questions, what makes an answer a good one, and times as they are typed.

A new question is one function here. Nothing heavy is imported: the first question has to be on the
screen at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, TypeVar

from footage.basics import UTC, MediaType
from footage.errors import (
    AuthenticationError,
    Declined,
    FootageError,
    TransientError,
    UsageError,
)
from footage.job.clock import clock_offset, clock_text
from footage.system import dates, timezones
from footage.system.durations import LONGEST_MINUTES, parse_duration, seconds_around
from footage.system.text import duration_text, pasted, quotable
from footage.system.timezones import UnclearZone
from footage.ui.matching import match_vehicle, parse_cameras
from footage.ui.options import Options
from footage.ui.session import Session
from footage.ui.terminal import TRIES, NoAnswerError, Terminal
from footage.ui.values import yes_by_default

if TYPE_CHECKING:
    from footage.cloud.provider import Provider
    from footage.cloud.provider_entry import ProviderEntry, SignInField
    from footage.job.answers import Answers
    from footage.model import Camera, Job, Vehicle, Window

VEHICLE_QUESTION = "Vehicle name: "
START_QUESTION = f"Start date and time ({dates.SHOWN}, 24-hour"  # and then the zone
MINUTES_QUESTION = "Duration in minutes: "

# A moment, and so many seconds before and after it.
_AROUND = re.compile(r"(.+?)\s*(?:\+\s?/?\s?-|±)\s*(\d+ ?[a-z]*\.?)", re.ASCII | re.IGNORECASE)

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

    Raises NoAnswerError (a UsageError) after three wrong answers to one field, of either kind, or
    where the input ends.
    """
    wrong: Counter[str] = Counter()

    def count(mistaken: Sequence[SignInField], error: UsageError) -> None:
        terminal.warn(str(error))
        wrong.update(field.name for field in mistaken)
        for field in mistaken:
            if wrong[field.name] == TRIES:
                raise terminal.given_up(field.question)

    def answer(field: SignInField) -> str:
        while True:
            text = terminal.read(field.question, field.secret)
            try:
                return field.check(text)
            except UsageError as error:
                count([field], error)

    while True:
        typed = {field.name: answer(field) for field in fields}
        try:
            return connect(typed)
        except NoAnswerError:
            raise
        except UsageError as error:
            count(fields, error)


def choose_zone(options: Options, terminal: Terminal) -> str:
    """The IANA name of `--timezone`; "" where it is not given. What is no name is asked about.

    Raises UsageError where nobody can be asked, or the answer is no.
    """
    if not options.timezone:
        return ""
    try:
        return timezones.full_name(options.timezone, _typed_day(options))
    except UnclearZone as unclear:
        if not terminal.interactive:
            raise UsageError(f"--timezone {quotable(options.timezone)}: {unclear}") from None
        offered = unclear.offered
        if len(offered) == 1:
            if not terminal.ask(f"{unclear} [Y/n] ", yes_by_default):
                raise UsageError("Please name the zone as America/Chicago is named.") from None
            return offered[0]
        numbers = ", ".join(f"{number} = {name}" for number, name in enumerate(offered, 1))

        def parse(text: str) -> str:
            numbered = {str(number): name for number, name in enumerate(offered, 1)}
            return numbered.get(pasted(text)) or timezones.full_name(pasted(text))

        return terminal.ask(f"{unclear.why} Which one is meant ({numbers}): ", parse)


def _typed_day(options: Options) -> datetime | None:
    try:
        typed = options.start or options.at
        return dates.read_date(typed).wall if typed else None
    except UsageError:  # told when it is read
        return None


def ask_for_answers(
    session: Session, entry: ProviderEntry, provider: Provider, vehicles: Sequence[Vehicle]
) -> Answers:
    """Everything that a job is made of: what no option answers is asked.

    Raises UsageError for what cannot be.
    """
    options, terminal = session.options, session.terminal
    zone_name = options.timezone or timezones.own_name()
    offset = clock_offset(provider)
    if offset:
        text = clock_text(provider, offset)
        terminal.warn(f"{text} What is past already is judged by the provider's.")
    now = datetime.now(UTC) + timedelta(seconds=offset)
    vehicle = ask_vehicle(options, terminal, vehicles)
    if provider.is_live(options.media):
        _check_live(options, provider)
        start, duration = now.replace(microsecond=0), 0
    else:
        start, duration = ask_time(options, terminal, zone_name, now)
    cameras, named = choose_cameras(options, terminal, provider, vehicle)
    from footage.ui.settled import Wanted, answers_of  # late: it takes 3 ms to load

    wanted = Wanted(vehicle, start, duration, zone_name, tuple(cameras), named)
    return answers_of(options, entry, provider, wanted)


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


def ask_time(
    options: Options, terminal: Terminal, zone_name: str, now: datetime
) -> tuple[datetime, int]:
    """The start of the footage, and how many seconds of it."""
    tz = timezones.zone(zone_name)
    person = _if_interactive(terminal)
    if options.at is not None:
        moment = parse_start(options.at, tz, now, person)
        return around(moment, options.before, options.after, now)
    duration: int | None = None
    if options.start is not None:
        start = parse_start(options.start, tz, now, person)
    else:
        question = f"{START_QUESTION}, {timezones.title(zone_name, tz, now)}): "
        start, duration = terminal.ask(
            question, lambda text: parse_start_or_moment(text, tz, now, terminal)
        )
    if options.end is not None and duration is None:
        return start, duration_until(start, parse_start(options.end, tz, now, person))
    if options.duration is not None:
        return start, check_end(start, options.duration, now)
    if duration is not None:
        return start, duration
    return start, ask_duration(options, terminal, start, now)


def span_of_events(options: Options, terminal: Terminal, usual_days: int) -> Window:
    """When the safety events that are listed began: from --from, or some days ago, until --to."""
    from footage.model import Window  # late: the model takes 25 ms to load

    tz = timezones.zone(options.timezone or timezones.own_name())
    person, now = _if_interactive(terminal), datetime.now(UTC)
    end = parse_start(options.to, tz, now, person) if options.to else now
    if options.since is None:
        return Window(end - timedelta(days=usual_days), end)
    start = parse_start(options.since, tz, now, person)
    if start >= end:
        raise UsageError("--from has to be before --to; check both.")
    return Window(start, end)


def ask_duration(options: Options, terminal: Terminal, start: datetime, now: datetime) -> int:
    """Seconds of footage from `start` on."""
    least = 0 if options.media is MediaType.IMAGE else 1
    return terminal.ask(
        MINUTES_QUESTION, lambda text: check_end(start, parse_duration(text, least), now)
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
    """Have the job confirmed, once, before anything is paid.

    A person is always asked; where there are no warnings Enter alone is a yes. Where nobody can be
    asked only what there are warnings of needs `--yes`.
    Raises Declined at a no, UsageError where nobody can be asked.
    """
    if warnings:
        agreed = terminal.confirm(f"{' '.join(warnings)} Go on?", assume_yes)
    else:
        ask = terminal.interactive and not assume_yes
        agreed = not ask or terminal.ask("Go on? [Y/n]: ", yes_by_default)
    if not agreed:
        raise Declined("Nothing was requested.")


def _if_interactive(terminal: Terminal) -> Terminal | None:
    """Where an option answers, a person may be asked for more; piped lines answer questions."""
    return terminal if terminal.interactive else None


def _check_live(options: Options, provider: Provider) -> None:
    given = (options.start, options.duration, options.end, options.at)
    if any(one is not None for one in given):
        raise UsageError(
            f"{provider.name} takes pictures only now: leave out the time, or ask for video of it."
        )


# --- the start and the length -----------------------------------------------------------------


def parse_start(text: str, tz: tzinfo, now: datetime, terminal: Terminal | None = None) -> datetime:
    """The moment meant by a typed date with its time (see `dates`), in the zone `tz`; in UTC.

    In the hour that daylight saving repeats, `terminal` is asked which one is meant; without one
    (the option `--start`, unattended) the text has to say it: `11/02/2025 01:30 CST`, `... -0600`.

    Raises UsageError for nonsense, a time that never was, and one less than a minute ago.
    """
    past = dates.past_moments(dates.read_date(text), tz, now)
    chosen = past[0] if len(past) == 1 else _which(past, terminal)
    return chosen.astimezone(UTC)


def parse_start_or_moment(
    text: str, tz: tzinfo, now: datetime, terminal: Terminal | None = None
) -> tuple[datetime, int | None]:
    """A start; or of a moment with what is around it ("04/16/2025 13:37:20 +-60", in seconds) the
    start and the seconds from there on.
    """
    match = _AROUND.fullmatch(text.strip())
    if match is None:
        return parse_start(text, tz, now, terminal), None
    moment, seconds = parse_start(match[1], tz, now, terminal), seconds_around(match[2])
    return around(moment, seconds, seconds, now)


def around(moment: datetime, before: int, after: int, now: datetime) -> tuple[datetime, int]:
    """The start and the seconds of footage around a moment."""
    start = moment - timedelta(seconds=before)
    return start, check_end(start, before + after, now)


def duration_until(start: datetime, end: datetime) -> int:
    """Seconds from `start` to `end`. Raises UsageError where there are none, or too many."""
    seconds = round((end - start).total_seconds())
    if not 0 < seconds <= 60 * LONGEST_MINUTES:
        raise UsageError(
            f"The end has to be after the start, by at most {LONGEST_MINUTES} minutes; check both."
        )
    return seconds


def _which(readings: Sequence[datetime], terminal: Terminal | None) -> datetime:
    """The person's choice between the two times that one clock reading stood for."""
    first, second = readings
    first_zone, second_zone = (dates.zone_and_offset(reading) for reading in readings)
    twice = (
        f"{first:%H:%M} on {first:%m/%d/%Y} was there twice, as the clocks were put back: "
        f"first {first_zone}, then {second_zone}"
    )
    if terminal is None:
        when = f"{first:%m/%d/%Y %H:%M}"
        raise UsageError(
            f'{twice}; say which, as in "{when} {dates.name_or_offset(first)}" or '
            f'"{when} {timezones.offset_text(second, "")}".'
        )
    terminal.say(twice + ".")

    def parse(text: str) -> datetime:
        answer = pasted(text).casefold().rpartition(" ")[2]  # the zone, if all was typed again
        for order, reading in (("1", first), ("2", second)):
            if answer in (order, "first" if order == "1" else "second"):
                return reading
        fitting = [r for r in readings if answer and dates.zone_fits(r, answer)]
        if len(fitting) != 1:
            raise UsageError(f"Please type 1 for {first_zone} or 2 for {second_zone}.")
        return fitting[0]

    known_as = (dates.name_or_offset(reading) for reading in readings)
    return terminal.ask("Which one (1 = {}, 2 = {}): ".format(*known_as), parse)


def check_end(start: datetime, seconds: int, now: datetime) -> int:
    """`seconds` again, where footage from `start` on can be that long by `now`.

    Raises UsageError that tells the longest possible duration.
    """
    if start + timedelta(seconds=seconds) <= now:
        return seconds
    longest = max(0, int((now - start) // timedelta(seconds=1)))
    if longest >= 60:
        longest -= longest % 60
    raise UsageError(
        f"{duration_text(seconds)} from then would end in the future; at most "
        f"{duration_text(longest)} can be had now."
    )
