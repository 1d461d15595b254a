"""Fleet dash-cam footage out of the cloud, into one watchable file: `python main.py`.

The way of a run: options, questions, job, outcome.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import footage.ui.preflight  # noqa: F401 - it has to come first
import helpers
from footage.errors import ExitStatus, FootageError, Interrupted, UsageError
from footage.model import UTC
from footage.system import filenames, timezones
from footage.system.text import plain
from footage.system.threads import StopEvent
from footage.ui.matching import parse_cameras
from footage.ui.options import NEWEST, parse_options
from footage.ui.session import Session
from footage.ui.signals import stop_on_signals
from footage.ui.terminal import Terminal, is_terminal
from providers import PROVIDERS, by_key, by_name

if TYPE_CHECKING:
    from footage.cloud.provider import Provider
    from footage.job.journal import Journal

# What is heavy is imported within the functions: the first question has to be on the screen at
# once, and what only the demonstration needs (flask, numpy) is no matter of a real run.

log = logging.getLogger("footage.main")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status and lets no traceback reach the person."""
    terminal, stop = Terminal(), StopEvent()
    try:
        with stop_on_signals(stop):
            options = parse_options(sys.argv[1:] if arguments is None else arguments, PROVIDERS)
            options = replace(options, timezone=helpers.choose_zone(options, terminal))
            if not options.demo:
                return run(Session(options, terminal, stop))
            from simulator.demo import ANNOUNCEMENT, demonstration

            terminal.say(ANNOUNCEMENT)
            with demonstration(options, by_key(options.provider)) as demo_options:
                return run(Session(demo_options, terminal, stop))
    except KeyboardInterrupt:
        terminal.warn("\nStopped.")
        return ExitStatus.INTERRUPTED
    except FootageError as error:
        log.info("Ended: %s", error, exc_info=True)
        terminal.warn(str(error))
        return error.exit_status
    except Exception:
        log.exception("A fault in the program")
        terminal.warn(
            "The program has met a fault of its own and stopped. What it had is kept; "
            "the details are in the newest file in the Logs folder."
        )
        return ExitStatus.NOTHING


def run(session: Session) -> int:
    """A new job, or an unfinished one taken up again."""
    from footage.ui.log_file import open_log

    options, terminal = session.options, session.terminal
    entry = by_key(options.provider)
    if options.cameras is not None:  # before anything else is asked
        parse_cameras(options.cameras, entry.load_client())
    when = filenames.moment_name(datetime.now(UTC), timezones.zone(options.timezone))
    open_log(options.logs, when, session.secrets)
    unfinished = find_unfinished(session)
    if unfinished is not None:
        return resume(session, unfinished)
    if options.resume is not None:
        terminal.say(f"There is no unfinished job in {options.logs}; nothing was done.")
        return ExitStatus.COMPLETE
    provider, vehicles = helpers.sign_in(session, entry, options.region)
    answers = helpers.ask_for_answers(session, entry, provider, vehicles)

    from footage.job.journal import Journal, jobs
    from footage.job.new_job import propose

    proposal = propose(answers, provider, [job for _, job in jobs(options.logs)])
    terminal.say()
    for line in proposal.preview:
        terminal.say(line)
    helpers.agree(terminal, proposal.warnings, options.yes)
    return work(session, Journal.create(options.logs, proposal.job, when), provider)


def resume(session: Session, path: Path) -> int:
    """Go on with the job of a journal; the key is asked for only where the provider is needed."""
    from footage.job.journal import Journal
    from footage.job.new_job import headline
    from footage.job.outcome import outcome_of
    from footage.job.whole import check_files

    journal = Journal.open(path)
    job, folder = journal.job, Path(journal.job.folder)
    session.terminal.say(headline(job, timezones.zone(job.timezone)))
    for line in check_files(journal, folder, session.stop.pause):
        session.terminal.say(line)
    if job.finished:
        session.terminal.say("This job is finished; nothing is left to do.")
        journal.close()
        return outcome_of(job).exit_status
    provider = None
    if not job.settled:
        entry = by_name(job.provider)
        if entry is None:
            raise UsageError(f"This program knows no provider {plain(job.provider)}.")
        region = session.options.region or job.region or None
        provider, _ = helpers.sign_in(session, entry, region, list_vehicles=False)
    return work(session, journal, provider, resumed=True)


def work(
    session: Session, journal: Journal, provider: Provider | None, *, resumed: bool = False
) -> int:
    """The pipeline and its summary; whatever stops it, the journal says where it was."""
    from footage.job.outcome import outcome_of
    from footage.job.run_state import PollSettings
    from footage.job.runner import Pipeline
    from footage.ui.progress import JobDisplay, Screen
    from footage.ui.summary import print_summary, what_is_kept

    options, terminal = session.options, session.terminal
    folder, tz = Path(journal.job.folder), timezones.zone(journal.job.timezone)
    screen = Screen(terminal.out, interactive=is_terminal(terminal.out))
    poll_settings = PollSettings(options.poll_seconds, options.max_wait_seconds)

    def confirm(question: str) -> bool:
        with screen.paused():
            return terminal.confirm(question, options.yes)

    display = JobDisplay(screen, tz, journal.job.media_type)
    pipeline = Pipeline(journal, provider, display, session.stop, poll_settings, confirm, resumed)
    try:
        with screen:
            notes = pipeline.run()
        outcome = outcome_of(journal.job, notes, pipeline.failures)
        print_summary(outcome, screen, folder, journal.path, tz)
        return outcome.exit_status
    except (KeyboardInterrupt, Interrupted):
        terminal.warn(f"\nStopped. {what_is_kept(journal)}")
        return ExitStatus.INTERRUPTED
    except FootageError as error:
        log.info("Stopped: %s", error, exc_info=True)
        terminal.warn(f"{error} {what_is_kept(journal)}")
        return error.exit_status
    finally:
        journal.close()


def find_unfinished(session: Session) -> Path | None:
    """The journal to go on with: that of --resume, or one that the person agrees to."""
    options = session.options
    if options.resume is not None and options.resume != NEWEST:
        return options.resume
    answered = (options.vehicle, options.asset, options.start, options.minutes)
    may_ask = session.terminal.interactive and all(answer is None for answer in answered)
    if options.resume is None and not may_ask:
        return None

    from footage.job.journal import unfinished
    from footage.job.new_job import headline

    journal, job = next(iter(unfinished(options.logs)), (None, None))
    if job is None or options.resume == NEWEST:
        return journal
    what = headline(job, timezones.zone(job.timezone))
    return journal if helpers.ask_to_go_on(session.terminal, what, job) else None


if __name__ == "__main__":
    sys.exit(main())
