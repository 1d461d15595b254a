"""Fleet dash-cam footage out of the cloud, into one watchable file: `python main.py`."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import footage.ui.preflight  # noqa: F401 - it has to come first
import helpers
from footage.errors import (
    AuthenticationError,
    ExitStatus,
    FootageError,
    Interrupted,
    TransientError,
    UsageError,
)
from footage.job.outcome import outcome_of
from footage.model import UTC, MediaType, Vehicle
from footage.system import filenames, timezones
from footage.system.redaction import Redactor
from footage.system.text import plain
from footage.system.threads import StopEvent
from footage.ui.options import DEFAULT_LOGS, DEFAULT_OUTPUT, Options, parse_options
from footage.ui.signals import stop_on_signals
from providers import by_key, by_name

if TYPE_CHECKING:  # what is heavy is loaded when the first question is on the screen
    from footage.cloud.provider import Provider, ProviderEntry
    from footage.job.journal import Journal

log = logging.getLogger("footage.main")


@dataclass
class Session:
    """What belongs to this run of the program, whatever job it works on."""

    options: Options
    terminal: helpers.Terminal
    stop: StopEvent
    secrets: Redactor
    when: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status and lets no traceback reach the person."""
    terminal, stop = helpers.Terminal(), StopEvent()
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


def run(options: Options, terminal: helpers.Terminal, stop: StopEvent) -> int:
    """A new job, or an unfinished one taken up again."""
    from footage.job.journal import Journal, jobs
    from footage.job.new_job import ask_for_job
    from footage.ui.log_file import open_log

    if options.cameras is not None:  # before anything else is asked
        helpers.parse_cameras(options.cameras, by_key(options.provider).load_client())
    tz = timezones.zone(options.timezone)
    when = filenames.moment_name(datetime.now(UTC), tz)
    session = Session(options, terminal, stop, Redactor(), when)
    open_log(options.logs, when, session.secrets)
    started = take_up(session)
    if started is not None:
        return resume(session, started)
    if options.resume:
        terminal.say(f"There is no unfinished job in {options.logs}; nothing was done.")
        return ExitStatus.COMPLETE
    provider, vehicles = log_in(session, by_key(options.provider), options.region)
    others = [job for _, job in jobs(options.logs)]
    job = ask_for_job(options, terminal, provider, vehicles, others)
    return work(session, Journal.create(options.logs, job, when), provider)


def resume(session: Session, journal: Journal) -> int:
    """Go on with the job of a journal; the key is asked for only where the provider is needed."""
    from footage.job.new_job import headline
    from footage.job.whole import needs_provider, nothing_left

    job, folder = journal.job, Path(journal.job.folder)
    session.terminal.say(headline(job, timezones.zone(job.timezone)))
    if nothing_left(job, folder):
        session.terminal.say("This job is finished; nothing is left to do.")
        journal.close()
        return outcome_of(job).exit_status
    provider = None
    if needs_provider(job, folder):
        entry = by_name(job.provider)
        if entry is None:
            raise UsageError(f"This program knows no provider {plain(job.provider)}.")
        region = session.options.region or job.region or None
        provider, _ = log_in(session, entry, region, look=False)
    return work(session, journal, provider, resumed=True)


def work(
    session: Session, journal: Journal, provider: Provider | None, *, resumed: bool = False
) -> int:
    """The pipeline and its summary; whatever stops it, the journal says where it was."""
    from footage.job.run_state import PollSettings
    from footage.job.runner import Pipeline
    from footage.ui.progress import JobDisplay, Screen
    from footage.ui.summary import print_summary

    folder, tz = Path(journal.job.folder), timezones.zone(journal.job.timezone)
    screen = Screen(sys.stdout, interactive=sys.stdout.isatty())
    poll_settings = PollSettings(session.options.poll_seconds, session.options.max_wait_seconds)

    def confirm(question: str) -> bool:
        with screen.paused():
            return helpers.confirm(session.terminal, question, session.options.yes)

    display = JobDisplay(screen, tz, journal.job.media_type)
    pipeline = Pipeline(journal, provider, display, session.stop, poll_settings, confirm, resumed)
    try:
        with screen:
            notes = pipeline.run()
        outcome = outcome_of(journal.job, notes, pipeline.failures)
        print_summary(outcome, screen, folder, journal.path, tz)
        return outcome.exit_status
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
    from footage.job.journal import Journal, unfinished
    from footage.job.new_job import headline

    options, terminal = session.options, session.terminal
    if options.resume_file is not None:
        return Journal.open(options.resume_file)
    answered = (options.vehicle, options.asset, options.start, options.minutes)
    fresh = all(answer is None for answer in answered)
    if not options.resume and not (terminal.interactive and fresh):
        return None
    found, job = next(iter(unfinished(options.logs)), (None, None))
    if found is None or job is None:
        return None
    if options.resume:
        return Journal.open(found)
    clips = sum(media.clip is not None for _, media in job.media())
    question = (
        f"There is an unfinished job: {headline(job, timezones.zone(job.timezone))}\n"
        f"{clips} of {sum(1 for _ in job.media())} clips are here. Continue it? [Y/n] "
    )
    if not helpers.ask(terminal, question, helpers.parse_yes_by_default):
        return None
    return Journal.open(found)


def log_in(
    session: Session, entry: ProviderEntry, region: str | None, look: bool = True
) -> tuple[Provider, list[Vehicle]]:
    """The first question: credentials that the provider accepts, and the vehicles they may see.

    look: False takes the credentials as they are and lists no vehicles; the provider may be out of
          reach
    """
    options = session.options
    kind = "asset" if options.asset is not None else "vehicle"

    known = options.credentials.get(entry.key, {})

    def connect(typed: Mapping[str, str]) -> tuple[Provider, list[Vehicle]]:
        credentials = {**known, **typed}
        for field in entry.sign_in:
            if field.secret:
                session.secrets.add(credentials[field.name])
        base_url = options.base_urls.get(entry.key)
        provider = entry.connect(credentials, base_url, region, session.stop.pause)
        try:
            return provider, provider.vehicles(kind) if look else []
        except AuthenticationError as refusal:
            raise UsageError(str(refusal)) from refusal
        except TransientError as trouble:
            raise FootageError(
                f"{trouble} Nothing was requested; try again in some minutes."
            ) from trouble

    unknown = [field for field in entry.sign_in if field.name not in known]
    if not unknown:
        return connect({})
    return helpers.ask_to_sign_in(session.terminal, unknown, connect)


def kept(journal: Journal) -> str:
    """What a run that stopped leaves behind, and how to go on, in words."""
    with journal.locked() as job:
        clips = sum(media.clip is not None for _, media in job.media())
        total = sum(1 for _ in job.media())
    return (
        f"{clips} of {total} clips are kept in {job.folder}, and all that was requested is noted "
        f"in {journal.path}. Go on at any time with: {how_to_go_on(journal.path)}"
    )


def how_to_go_on(journal: Path) -> str:
    """The command that takes the job up again, as it can be typed in this folder."""
    python, here = Path(sys.executable), Path.cwd()
    inside = python.is_relative_to(here)
    words = [str(python.relative_to(here)) if inside else str(python), sys.argv[0], "--resume"]
    if journal.parent != DEFAULT_LOGS:  # where it would be looked for
        words.append(str(journal))
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


@contextmanager
def demonstration(options: Options, terminal: helpers.Terminal) -> Iterator[Options]:
    """The answers for `--demo`, and a stand-in for the cloud on this computer to give them to."""
    from simulator import Scenario, start

    tz = timezones.zone(options.timezone)
    yesterday = datetime.now(tz) - timedelta(days=1)
    begin = yesterday.replace(hour=13, minute=30, second=0, microsecond=0)
    now = options.media in by_key(options.provider).live
    terminal.say(
        "A demonstration: the footage is drawn on this computer, no account is needed and "
        "nothing is paid. All else is the real program."
    )
    with start(Scenario.demo(begin.astimezone(UTC))) as cloud:
        yield replace(
            options,
            logs=options.logs / "Demo",  # its cloud ends with it: nobody is to go on with it
            credentials={
                options.provider: {
                    field.name: cloud.token for field in by_key(options.provider).sign_in
                }
            },
            base_urls={options.provider: cloud.urls[options.provider]},
            vehicle="truck 42",
            start=None if now else begin.strftime("%m/%d/%Y %H:%M"),
            minutes=None if now else 5 if options.media is MediaType.TIMELAPSE else 3,
            output=options.output or DEFAULT_OUTPUT / "Demo",  # apart from what is evidence
            yes=True,
            reuse=False,  # the cloud of an earlier demonstration is gone
        )


if __name__ == "__main__":
    sys.exit(main())
