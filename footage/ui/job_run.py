"""A run over one job, with its screen and summary."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from footage.cloud.provider import Provider
from footage.errors import (
    Declined,
    ExitStatus,
    FootageError,
    Interrupted,
    UsageError,
)
from footage.job.journal import Journal
from footage.job.new_job import headline
from footage.job.outcome import Outcome, is_paid, outcome_of
from footage.job.run_state import PollSettings
from footage.job.runner import Pipeline
from footage.job.whole import FileCheck, lost_sentences
from footage.model import Job
from footage.report import evidence, index_page
from footage.system import timezones
from footage.system.text import count_text
from footage.system.threads import StopEvent
from footage.ui.log_file import keep_log
from footage.ui.progress import JobDisplay, Screen, Shown
from footage.ui.session import Session
from footage.ui.summary import log_summary, print_summary, what_is_kept
from footage.ui.terminal import is_terminal

log = logging.getLogger("footage.ui.job_run")

FINISHED = "This job is finished; nothing is left to do."
SignIn = Callable[[Job], Provider]  # connects to the provider of a job; asks for what it needs

# That the person stopped it counts most, and what may still come more than what never will.
_WORST_FIRST = (
    ExitStatus.INTERRUPTED,
    ExitStatus.CHANGED,
    ExitStatus.STILL_COMING,
    ExitStatus.USAGE,
    ExitStatus.NOTHING,
    ExitStatus.INCOMPLETE,
    ExitStatus.COMPLETE,
)


@dataclass(frozen=True)
class Ended:
    """How the work at one job ended, or stands; `error`: what has ended it, in a sentence."""

    status: ExitStatus
    error: str = ""


def work(
    session: Session, journal: Journal, provider: Provider | None, *, check: FileCheck | None = None
) -> Ended:
    """The pipeline and its summary; whatever stops it, the journal says where it was.

    check: of the files that earlier runs have brought; None for a job that begins
    """
    options, terminal, job = session.options, session.terminal, journal.job
    keep_log()
    tz = timezones.zone(job.timezone)
    screen = _screen(session)
    settings = PollSettings(options.poll_seconds, options.max_wait_seconds)

    def confirm(question: str) -> bool:
        with screen.paused():
            return terminal.confirm(question, options.yes)

    display = JobDisplay(screen, tz, job.media_type, session.told)
    pipeline = Pipeline(journal, provider, display, session.stop, settings, confirm, check)
    try:
        with screen:
            notes = pipeline.run(lambda outputs: evidence.make(journal, outputs, session.stop))
    except (KeyboardInterrupt, Interrupted):
        log.info("Stopped by the person")
        terminal.warn(f"\nStopped. {what_is_kept(journal)}")
        session.results.add(journal.path, job, outcome_of(job, ["Stopped."]))
        return Ended(ExitStatus.INTERRUPTED)
    except FootageError as error:
        log_error("Stopped", error)
        terminal.warn(f"{error} {what_is_kept(journal)}")
        session.results.add(journal.path, job, outcome_of(job, [str(error)]))
        return Ended(error.exit_status)
    outcome = outcome_of(job, notes, pipeline.failures)
    conclude(session, journal, outcome, screen, provider)
    return Ended(outcome.exit_status)


def _screen(session: Session) -> Screen:
    """Where progress and results are shown."""
    out = session.terminal.out
    return Screen(out, interactive=is_terminal(out))


def log_error(what: str, error: FootageError) -> None:
    """Note why a run ends; a wrong answer, or a no, is no fault whose place has to be found."""
    log.info("%s: %s", what, error, exc_info=not isinstance(error, UsageError | Declined))


def conclude(
    session: Session,
    journal: Journal,
    outcome: Outcome,
    screen: Shown,
    provider: Provider | None,
    *,
    page: bool = True,
) -> None:
    """The summary, on the screen and at the end of the log.

    page: the page that leads to all reports is written too
    """
    job, tz = journal.job, timezones.zone(journal.job.timezone)
    session.results.add(journal.path, job, outcome)
    if page:
        index_page.write(journal)
    print_summary(outcome, screen, Path(job.folder), journal.path, tz)
    requests = [one for one in job.retrievals if is_paid(one)]
    paid = count_text(len(requests), "request")
    if provider is not None and requests:
        paid = f"{paid}, {provider.cost(requests).text}"
    log_summary(outcome, job, journal.path, tz, session.arguments, paid)


def go_on(session: Session, journal: Journal, sign_in: SignIn) -> Ended:
    """Go on with a job whose journal is open; its provider is asked only where it is needed."""
    job = journal.job
    session.terminal.say(headline(job, timezones.zone(job.timezone)))
    check = take_stock(journal, session.stop)
    if job.settled:  # nothing is to be requested or awaited, beside which it could be done
        _hash_rest(session, job, check)
    for line in lost_sentences(job):
        session.terminal.say(line)
    if job.finished:
        session.terminal.say(FINISHED)
        outcome = outcome_of(job)
        conclude(session, journal, outcome, _screen(session), None)
        return Ended(outcome.exit_status)
    return work(session, journal, provider_of(job, sign_in), check=check)


def provider_of(job: Job, sign_in: SignIn) -> Provider | None:
    """The provider of a job; None where nothing of it is to be asked of it."""
    return None if job.settled else sign_in(job)


def take_stock(journal: Journal, stop: StopEvent) -> FileCheck:
    """See whether the files of a job that is to be gone on with are there; their hashes are still
    to be compared.

    Raises UsageError where it cannot be gone on with.
    """
    job, folder = journal.job, Path(journal.job.folder)
    if job.discarded:
        raise UsageError(
            f"The job of {journal.path.name} was given up. Ask for its footage anew; what it has "
            "requested is not paid for again."
        )
    if not folder.is_absolute():  # such as C:/Videos on a Mac that shares the folder of the logs
        raise UsageError(
            f"The files of this job are in {job.folder}, which is no folder of this computer; go "
            "on with it on the computer that began it."
        )
    check = FileCheck(journal, folder, stop.pause)
    check.look()
    return check


def _hash_rest(session: Session, job: Job, check: FileCheck) -> None:
    """Compare the files of a job with their hashes, and show how far that is."""
    screen = _screen(session)
    display = JobDisplay(screen, timezones.zone(job.timezone), job.media_type)
    with screen:
        for _ in check.hash_rest():
            display.show_check(check.progress)


def worst(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """The status of a run over several jobs: the first of `_WORST_FIRST` that one of them has."""
    return min(statuses, key=_WORST_FIRST.index, default=ExitStatus.COMPLETE)
