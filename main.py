"""Fleet dash-cam footage out of the cloud, into one watchable file: `python main.py`.

The way of a run: options, questions, job, outcome.
"""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import footage.ui.preflight  # noqa: F401 - it has to come first
import helpers
from footage import __version__
from footage.basics import UTC
from footage.errors import (
    Declined,
    ExitStatus,
    FootageError,
    Interrupted,
    UsageError,
)
from footage.system import filenames, open_files, timezones, whole_files
from footage.system.text import quotable
from footage.system.threads import StopEvent
from footage.ui.json_summary import JsonSummary
from footage.ui.log_file import close_log, open_log
from footage.ui.matching import parse_cameras
from footage.ui.options import UNFINISHED, parse_options
from footage.ui.session import Session
from footage.ui.signals import stop_on_signals
from footage.ui.terminal import Terminal
from providers import PROVIDERS, by_key, by_name

if TYPE_CHECKING:
    from footage.cloud.provider import Provider
    from footage.cloud.provider_entry import ProviderEntry
    from footage.model import Job, Vehicle
    from footage.ui.incident_plan import Providers

# What is heavy is imported within the functions: the first question has to be on the screen at
# once, and what only the demonstration needs (flask, numpy) is no matter of a real run.

log = logging.getLogger("footage.main")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status and lets no traceback reach the person."""
    arguments = sys.argv[1:] if arguments is None else arguments
    terminal, results, message = Terminal(), JsonSummary("--json" in arguments), ""
    out = terminal.out
    if results.wanted:  # the standard output is for that alone
        terminal = Terminal(out=terminal.err)
    whole_files.show_waits(terminal.warn)
    try:
        status = start(arguments, terminal, results)
    except KeyboardInterrupt:
        message = "Stopped."
        terminal.warn(f"\n{message}")
        status = ExitStatus.INTERRUPTED
    except FootageError as error:
        no_fault = isinstance(error, UsageError | Declined | Interrupted)
        log.info("Ended: %s", error, exc_info=not no_fault)
        message = str(error)
        terminal.warn(message)
        status = error.exit_status
    except Exception:
        log.exception("A fault in the program")
        message = (
            "The program has met a fault of its own and stopped. What it had is kept; "
            "the details are in the newest file in the Logs folder."
        )
        terminal.warn(message)
        status = ExitStatus.NOTHING
    log.info("The program ends with exit status %d", status)
    close_log()
    results.write(out, status, message.strip())
    return status


def start(arguments: Sequence[str], terminal: Terminal, results: JsonSummary) -> ExitStatus:
    """Do what the command line asks for."""
    stop = StopEvent()
    open_files.allow_many()
    with stop_on_signals(stop):
        options = parse_options(arguments, PROVIDERS)
        session = Session(options, terminal, stop, arguments=tuple(arguments), results=results)
        if options.without_provider:
            from footage.ui.job_commands import run_command

            return run_command(session)
        options = replace(options, timezone=helpers.choose_zone(options, terminal))
        session = replace(session, options=options)
        if not options.demo:
            return run(session)
        from simulator.demo import ANNOUNCEMENT, demonstration

        terminal.say(ANNOUNCEMENT)
        with demonstration(options, by_key(options.provider)) as demo_options:
            return run(replace(session, options=demo_options))


def run(session: Session) -> ExitStatus:
    """A new job, or unfinished ones taken up again."""
    options, terminal = session.options, session.terminal
    entry = by_key(options.provider)
    if options.cameras is not None:  # before anything else is asked
        parse_cameras(options.cameras, entry.load_client())
    # The computer's own zone as Python knows it: dateutil would take 11 ms to load.
    tz = timezones.zone(options.timezone) if options.timezone else None
    when = filenames.moment_name(datetime.now(UTC), tz)
    open_log(options.logs, when, session.secrets)
    log.info("Version %s; options: %s", __version__, shlex.join(session.arguments) or "none")
    if options.resume == UNFINISHED:
        from footage.ui.resume import take_up_all

        return take_up_all(session, sign_in_again(session))
    if options.incidents is not None:
        from footage.ui.incident_list import run_list

        return run_list(session, options.incidents, providers(session))
    if options.events:
        return run_events(session, entry)
    if options.vehicles:
        from footage.ui.vehicle_list import list_vehicles

        provider, _ = helpers.sign_in(session, entry, options.region, list_vehicles=False)
        return list_vehicles(session, entry, provider)
    if options.watch is not None:
        return run_watch(session, entry)
    path = options.resume or offered(session)
    if path is not None:
        from footage.ui.resume import take_up

        return take_up(session, path, sign_in_again(session))
    provider, vehicles = helpers.sign_in(session, entry, options.region)
    answers = helpers.ask_for_answers(session, entry, provider, vehicles)

    from footage.job.journal import Journal
    from footage.job.journal_folder import read_folder
    from footage.job.new_job import propose
    from footage.media import ffmpeg
    from footage.ui.job_run import work

    ffmpeg.check()  # before anything is paid for that needs it
    journals = read_folder(options.logs)
    for error in journals.unreadable.values():
        terminal.warn(f"{error} What it has requested already may be paid for once more.")
    proposal = propose(answers, provider, journals.others())
    terminal.say()
    for line in proposal.preview:
        terminal.say(line)
    helpers.agree(terminal, proposal.warnings, options.yes)
    with closing(Journal.create(options.logs, proposal.job, when)) as journal:
        return work(session, journal, provider).status


def providers(session: Session) -> Providers:
    """The providers of a run over several incidents, each signed in to when it is needed."""
    from footage.ui.incident_plan import Providers

    def sign_in(each: ProviderEntry) -> tuple[Provider, Sequence[Vehicle]]:
        return helpers.sign_in(session, each, session.options.region)

    return Providers(PROVIDERS, sign_in)


def run_events(session: Session, entry: ProviderEntry) -> ExitStatus:
    """The safety events of one provider."""
    from footage.ui import event_list
    from footage.ui.event_options import WEEK

    span = helpers.span_of_events(session.options, session.terminal, WEEK)
    return event_list.run_events(session, entry, providers(session), span)


def run_watch(session: Session, entry: ProviderEntry) -> ExitStatus:
    """Watch the safety events of one provider until the run is stopped."""
    from footage.ui import watch_command
    from footage.ui.command_line import sign_in_variables

    options, terminal = session.options, session.terminal

    def connect() -> Provider:
        # A person's key is tried at once. Where nobody types one the provider may be out of reach
        # for now, as when a computer starts before its network.
        listed = terminal.interactive
        return helpers.sign_in(session, entry, options.region, list_vehicles=listed)[0]

    since = helpers.span_of_events(options, terminal, 0).start if options.since else None
    hidden = sign_in_variables(PROVIDERS)
    watch_command.run_watch(session, entry, connect, since=since, hidden=hidden)


def sign_in_again(session: Session) -> Callable[[Job], Provider]:
    """Connects to the provider of a job that is taken up. Jobs of one account share the connection
    and its limit of calls, and its key is asked for once.
    """
    connected: dict[tuple[str, str | None], Provider] = {}

    def sign_in(job: Job) -> Provider:
        entry = by_name(job.provider)
        if entry is None:
            raise UsageError(f"This program knows no provider {quotable(job.provider)}.")
        account = (entry.key, session.options.region or job.region or None)
        if account not in connected:
            provider, _ = helpers.sign_in(session, entry, account[1], list_vehicles=False)
            connected[account] = provider
        return connected[account]

    return sign_in


def offered(session: Session) -> Path | None:
    """The journal of the newest unfinished job, where the person agrees to go on with it."""
    options = session.options
    answered = (options.vehicle, options.asset, options.start, options.at, options.duration)
    if not session.terminal.interactive or any(answer is not None for answer in answered):
        return None

    from footage.job.journal_heads import maybe_unfinished

    if not maybe_unfinished(options.logs):  # to read whole journals takes 100 ms to load
        return None
    from footage.job.journal_folder import unfinished_jobs
    from footage.job.new_job import headline

    unfinished = unfinished_jobs(options.logs)
    if not unfinished:
        return None
    journal, job = unfinished[0].path, unfinished[0].job
    what = headline(job, timezones.zone(job.timezone))
    if job.provider != by_key(options.provider).name:
        what = f"{quotable(job.provider)}: {what}"
    return journal if helpers.ask_to_go_on(session.terminal, what, job) else None


if __name__ == "__main__":
    sys.exit(main())
