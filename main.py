"""Fleet dash-cam footage out of the cloud, into one watchable file: `python main.py`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import footage.installed  # noqa: F401 - it has to come first
import helpers
from footage import names, space, wording, zones
from footage.errors import (
    ExitStatus,
    FootageError,
    Interrupted,
    KeyRefused,
    NotNow,
    UsageError,
)
from footage.files import disk_errors
from footage.model import UTC, Job, Vehicle, Window
from footage.options import DEFAULT_OUTPUT, Options, parse_options
from footage.outcome import exit_status
from footage.secrets import Redactor
from footage.signals import stop_on_signals
from footage.workers import Stop

if TYPE_CHECKING:  # what is heavy is loaded when the first question is on the screen
    from footage.journal import Journal
    from footage.provider import Provider

log = logging.getLogger("footage.main")


@dataclass
class Session:
    """What belongs to this run of the program, whatever job it works on."""

    options: Options
    terminal: helpers.Terminal
    stop: Stop
    secrets: Redactor
    when: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status and lets no traceback reach the person."""
    terminal, stop = helpers.Terminal(), Stop()
    try:
        with stop_on_signals(stop):
            options = parse_options(sys.argv[1:] if arguments is None else arguments)
            if options.demo:
                with demonstration(options, terminal) as demo_options:
                    return run(demo_options, terminal, stop)
            return run(options, terminal, stop)
    except KeyboardInterrupt:
        terminal.say("\nStopped.")
        return ExitStatus.INTERRUPTED
    except FootageError as error:
        log.info("Ended: %s", error, exc_info=True)
        terminal.say(str(error))
        return error.exit_status
    except Exception:
        log.exception("A fault in the program")
        terminal.say(
            "The program has met a fault of its own and stopped. What it had is kept; "
            "the details are in the newest file in the Logs folder."
        )
        return ExitStatus.NOTHING


def run(options: Options, terminal: helpers.Terminal, stop: Stop) -> int:
    """A new job, or an unfinished one taken up again."""
    from footage.activity_log import open_log
    from footage.journal import Journal

    tz = zones.zone(options.timezone)
    when = names.moment_name(datetime.now(UTC), tz)
    session = Session(options, terminal, stop, Redactor(), when)
    open_log(options.logs, when, session.secrets)
    started = take_up(session)
    if started is not None:
        return resume(session, started)
    if options.resume:
        terminal.say(f"There is no unfinished job in {options.logs}; nothing was done.")
        return ExitStatus.COMPLETE
    provider, vehicles = log_in(session, options.region)
    job = ask_for_job(options, terminal, provider, vehicles)
    return work(session, Journal.create(options.logs, job, when), provider)


def resume(session: Session, journal: Journal) -> int:
    """Go on with the job of a journal; the key is asked for only where the provider is needed."""
    from footage.pipeline import needs_provider, nothing_left

    job, folder = journal.job, Path(journal.job.folder)
    session.terminal.say(headline(job, zones.zone(job.timezone)))
    if nothing_left(job, folder):
        session.terminal.say("This job is finished; nothing is left to do.")
        journal.close()
        return exit_status(job)
    provider = None
    if needs_provider(job, folder):
        region = session.options.region or job.region or None
        provider, _ = log_in(session, region, look=False)
    return work(session, journal, provider)


def work(session: Session, journal: Journal, provider: Provider | None) -> int:
    """The pipeline and its summary; whatever stops it, the journal says where it was."""
    from footage.console import Screen
    from footage.pipeline import Pipeline
    from footage.retrieve import Patience
    from footage.summary import print_summary

    folder, tz = Path(journal.job.folder), zones.zone(journal.job.timezone)
    screen = Screen(sys.stdout, interactive=sys.stdout.isatty())
    patience = Patience(session.options.poll_seconds, session.options.max_wait_seconds)
    pipeline = Pipeline(journal, provider, folder, tz, patience, screen, session.stop)
    try:
        with screen:
            notes = pipeline.run()
        status = print_summary(journal.job, screen, folder, journal.path, tz, notes)
        return status or (ExitStatus.INCOMPLETE if pipeline.failures else ExitStatus.COMPLETE)
    except (KeyboardInterrupt, Interrupted):
        session.terminal.say(f"\nStopped. {kept(journal)}")
        return ExitStatus.INTERRUPTED
    except FootageError as error:
        log.info("Stopped: %s", error, exc_info=True)
        session.terminal.say(f"{error} {kept(journal)}")
        return error.exit_status
    finally:
        journal.close()


def take_up(session: Session) -> Journal | None:
    """The job to go on with: that of --resume, or an unfinished one that the person agrees to."""
    from footage.journal import Journal, unfinished

    options, terminal = session.options, session.terminal
    if options.resume_file is not None:
        return Journal.open(options.resume_file)
    fresh = (options.vehicle, options.start, options.minutes) == (None, None, None)
    if not options.resume and not (terminal.interactive and fresh):
        return None
    found, job = next(iter(unfinished(options.logs)), (None, None))
    if found is None or job is None:
        return None
    if options.resume:
        return Journal.open(found)
    clips = sum(media.clip is not None for _, media in job.media())
    question = (
        f"There is an unfinished job: {headline(job, zones.zone(job.timezone))}\n"
        f"{clips} of {sum(1 for _ in job.media())} clips are here. Continue it? [Y/n] "
    )
    if not helpers.ask(terminal, question, helpers.parse_yes_by_default):
        return None
    return Journal.open(found)


def log_in(
    session: Session, region: str | None, look: bool = True
) -> tuple[Provider, list[Vehicle]]:
    """The first question: a key that the provider accepts, and the vehicles it may see.

    look: False takes the key as it is and lists no vehicles; the provider may be out of reach
    """
    options = session.options

    def connect(text: str) -> tuple[Provider, list[Vehicle]]:
        key = helpers.parse_key(text)
        session.secrets.add(key)
        from SamsaraAPI import REGIONS, SamsaraAPI

        base_url = options.base_url or REGIONS[region or "us"]
        provider = SamsaraAPI(key, base_url, wait=session.stop.pause)
        try:
            return provider, provider.vehicles() if look else []
        except KeyRefused as refusal:
            raise UsageError(str(refusal)) from refusal
        except NotNow as trouble:
            raise FootageError(
                f"{trouble} Nothing was requested; try again in some minutes."
            ) from trouble

    if options.key is not None:
        return connect(options.key)
    return helpers.ask(session.terminal, helpers.KEY_QUESTION, connect, hidden=True)


def ask_for_job(
    options: Options, terminal: helpers.Terminal, provider: Provider, vehicles: list[Vehicle]
) -> Job:
    """The other three questions, as far as no option answers them, and the job they make."""
    tz = zones.zone(options.timezone)
    now = datetime.now(UTC)
    chooser = terminal if terminal.interactive else None
    if options.vehicle is not None:
        vehicle = helpers.match_vehicle(options.vehicle, vehicles, chooser)
    else:
        vehicle = helpers.ask(
            terminal,
            helpers.VEHICLE_QUESTION,
            lambda text: helpers.match_vehicle(text, vehicles, terminal),
        )
    if options.start is not None:
        start = helpers.parse_start(options.start, tz, now, chooser)
    else:
        start = helpers.ask(
            terminal,
            helpers.START_QUESTION,
            lambda text: helpers.parse_start(text, tz, now, terminal),
        )
    if options.minutes is not None:
        minutes = helpers.check_end(start, options.minutes, now)
    else:
        minutes = helpers.ask(
            terminal,
            helpers.MINUTES_QUESTION,
            lambda text: helpers.check_end(start, helpers.parse_minutes(text), now),
        )
    named = options.cameras is not None
    cameras = (
        helpers.parse_cameras(options.cameras, provider)
        if options.cameras is not None
        else list(provider.default_cameras)
    )
    span = Window(start, start + timedelta(minutes=minutes))
    job = Job(
        provider=provider.name,
        vehicle=vehicle,
        start=start,
        minutes=minutes,
        timezone=options.timezone,
        cameras=tuple(cameras),
        cameras_named=named,
        created=now,
        folder=str(options.output or DEFAULT_OUTPUT),
        region="" if options.base_url else options.region or "us",
        labels=options.labels,
        retrievals=provider.plan(span, cameras),
    )
    requests = wording.count_text(len(job.retrievals), "request")
    cost = f"{requests}, {provider.cost(job.retrievals)} of quota"
    terminal.say("")
    terminal.say(f"{headline(job, tz)}   {cost}")
    agree(terminal, options, job, cost)
    return job


def agree(terminal: helpers.Terminal, options: Options, job: Job, cost: str) -> None:
    """Ask before what is long, costly, or will not fit on the disk."""
    doubts = []
    if job.minutes > 60:
        doubts.append(f"This is more than an hour and will cost {cost}.")
    with disk_errors(Path(job.folder)):
        Path(job.folder).mkdir(parents=True, exist_ok=True)
    no_room = space.too_little(Path(job.folder), job.retrievals)
    if no_room:
        doubts.append(no_room)
    for doubt in doubts:
        if not helpers.confirm(terminal, f"{doubt} Go on?", options.yes):
            raise FootageError("Nothing was requested.")


def headline(job: Job, tz: tzinfo) -> str:
    """The job in one line."""
    return "   ".join(
        [
            wording.plain(job.vehicle.name),
            zones.span_text(job.start, job.end, tz),
            ", ".join(camera.label for camera in job.cameras),
            "high-res",
        ]
    )


def kept(journal: Journal) -> str:
    """What a run that stopped leaves behind, and how to go on, in words."""
    with journal.reading() as job:
        clips = sum(media.clip is not None for _, media in job.media())
        total = sum(1 for _ in job.media())
    return (
        f"{clips} of {total} clips are kept in {job.folder}, and all that was requested is noted "
        f"in {journal.path}. Go on at any time with: {how_to_start()} --resume"
    )


def how_to_start() -> str:
    """How this program was started, as it can be typed again."""
    python, here = Path(sys.executable), Path.cwd()
    inside = python.is_relative_to(here)
    return f"{python.relative_to(here) if inside else python.stem} {Path(sys.argv[0]).name}"


@contextmanager
def demonstration(options: Options, terminal: helpers.Terminal) -> Iterator[Options]:
    """The answers for `--demo`, and a stand-in for the cloud on this computer to give them to."""
    from simulator import Scenario, start

    tz = zones.zone(options.timezone)
    yesterday = datetime.now(tz) - timedelta(days=1)
    begin = yesterday.replace(hour=13, minute=30, second=0, microsecond=0)
    terminal.say(
        "A demonstration: the footage is drawn on this computer, no account is needed and "
        "nothing is paid. All else is the real program."
    )
    with start(Scenario.demo(begin.astimezone(UTC))) as cloud:
        yield replace(
            options,
            logs=options.logs / "Demo",  # its cloud ends with it: nobody is to go on with it
            key=cloud.token,
            base_url=cloud.api_url,
            vehicle="truck 42",
            start=begin.strftime("%m/%d/%Y %H:%M"),
            minutes=3,
            yes=True,
        )


if __name__ == "__main__":
    sys.exit(main())
