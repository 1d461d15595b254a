"""Fleet dash-cam footage out of the cloud, into one watchable file: `python main.py`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import helpers
from footage.errors import ExitStatus, FootageError, Interrupted, KeyRefused, UsageError
from footage.model import UTC, Job, Vehicle, Window
from footage.options import Options, parse_options
from footage.workers import Stop

if TYPE_CHECKING:  # what is heavy is loaded when the first question is on the screen
    from footage.journal import Journal
    from footage.provider import Provider

log = logging.getLogger("footage.main")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status and lets no traceback reach the person."""
    terminal = helpers.Terminal()
    stop = Stop()
    try:
        options = parse_options(sys.argv[1:] if arguments is None else arguments)
        if options.demo:
            with demonstration(options, terminal) as demo_options:
                return run(demo_options, terminal, stop)
        return run(options, terminal, stop)
    except KeyboardInterrupt:
        stop.set()
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
    """Questions, job, pipeline, summary."""
    tz = helpers.zone(options.timezone)
    when = helpers.moment_name(datetime.now(UTC), tz)
    provider, vehicles = connect(options, terminal, when, stop)
    job = ask_for_job(options, terminal, provider, vehicles)

    from footage.console import Screen
    from footage.journal import Journal
    from footage.pipeline import Pipeline
    from footage.retrieve import Patience
    from footage.summary import print_summary

    screen = Screen(sys.stdout, interactive=sys.stdout.isatty())
    journal = Journal.create(options.logs, job, when)
    try:
        pipeline = Pipeline(
            journal=journal,
            provider=provider,
            folder=options.output,
            tz=tz,
            patience=Patience(options.poll_seconds, options.max_wait_seconds),
            screen=screen,
            stop=stop,
            with_labels=options.labels,
        )
        with screen:
            notes = pipeline.run()
        return print_summary(journal.job, screen, options.output, journal.path, tz, notes)
    except (KeyboardInterrupt, Interrupted):
        stop.set()
        terminal.say(kept(journal, options.output))
        return ExitStatus.INTERRUPTED
    finally:
        journal.close()


def connect(
    options: Options, terminal: helpers.Terminal, when: str, stop: Stop
) -> tuple[Provider, list[Vehicle]]:
    """The first question: a key that the provider accepts, and the vehicles it may see."""

    def log_in(text: str) -> tuple[Provider, list[Vehicle]]:
        key = helpers.parse_key(text)
        from footage.activity_log import open_log
        from SamsaraAPI import REGIONS, SamsaraAPI

        open_log(options.logs, when, [key])
        provider = SamsaraAPI(key, options.base_url or REGIONS[options.region], wait=stop.pause)
        try:
            return provider, provider.vehicles()
        except KeyRefused as refusal:
            raise UsageError(str(refusal)) from refusal

    if options.key is not None:
        return log_in(options.key)
    return helpers.ask(terminal, helpers.KEY_QUESTION, log_in, hidden=True)


def ask_for_job(
    options: Options, terminal: helpers.Terminal, provider: Provider, vehicles: list[Vehicle]
) -> Job:
    """The other three questions, as far as no option answers them, and the job they make."""
    tz = helpers.zone(options.timezone)
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
    planned = provider.plan(span, cameras)
    terminal.say("")
    cost = f"{len(planned)} requests, {provider.cost(planned)} of quota"
    terminal.say(
        "   ".join(
            [
                helpers.plain(vehicle.name),
                helpers.span_text(span.start, span.end, tz),
                ", ".join(camera.label for camera in cameras),
                "high-res",
                cost,
            ]
        )
    )
    if minutes > 60 and not helpers.confirm(
        terminal, f"This is more than an hour and will cost {cost}. Go on?", options.yes
    ):
        raise Interrupted("Nothing was requested.")
    return Job(
        provider=provider.name,
        vehicle=vehicle,
        start=start,
        minutes=minutes,
        timezone=options.timezone,
        cameras=tuple(cameras),
        cameras_named=named,
        created=now,
        retrievals=planned,
    )


def kept(journal: Journal, folder: Path) -> str:
    """What an interrupted run leaves behind, in words."""
    with journal.reading() as job:
        clips = sum(media.clip is not None for _, media in job.media())
        total = sum(1 for _ in job.media())
    return (
        f"Stopped. {clips} of {total} clips are in {folder}, and all that was requested is "
        f"noted in {journal.path}."
    )


@contextmanager
def demonstration(options: Options, terminal: helpers.Terminal) -> Iterator[Options]:
    """The answers for `--demo`, and a stand-in for the cloud on this computer to give them to."""
    from simulator import Scenario, start

    tz = helpers.zone(options.timezone)
    yesterday = datetime.now(tz) - timedelta(days=1)
    begin = yesterday.replace(hour=13, minute=30, second=0, microsecond=0)
    terminal.say(
        "A demonstration: the footage is drawn on this computer, no account is needed and "
        "nothing is paid. All else is the real program."
    )
    with start(Scenario.demo(begin.astimezone(UTC))) as cloud:
        yield replace(
            options,
            key=cloud.token,
            base_url=cloud.api_url,
            vehicle="truck 42",
            start=begin.strftime("%m/%d/%Y %H:%M"),
            minutes=3,
            yes=True,
        )


if __name__ == "__main__":
    sys.exit(main())
