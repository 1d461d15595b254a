"""A run over one job, with its screen and summary, or over every unfinished job, one by one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

from footage.cloud.provider import Provider
from footage.errors import (
    Declined,
    ExitStatus,
    FootageError,
    Interrupted,
    JournalError,
    RequestRefused,
    TransientError,
    UsageError,
)
from footage.job.job_list import awaited, only_waits
from footage.job.journal import Journal
from footage.job.journal_folder import JournalFolder, read_folder, stored_job
from footage.job.new_job import headline
from footage.job.outcome import Outcome, is_paid, outcome_of
from footage.job.run_state import PollSettings
from footage.job.runner import Pipeline
from footage.job.whole import check_files
from footage.model import Job, MediaStatus
from footage.system import timezones
from footage.system.text import count_text
from footage.system.threads import StopEvent
from footage.ui.log_file import keep_log
from footage.ui.progress import JobDisplay, Screen
from footage.ui.session import Session
from footage.ui.summary import log_summary, print_summary, what_is_kept
from footage.ui.terminal import is_terminal

log = logging.getLogger("footage.ui.job_run")

SignIn = Callable[[Job], Provider]  # connects to the provider of a job; asks for what it needs

# The status of a run over several jobs is the first of these that one of them has.
_WORST_FIRST = (
    ExitStatus.STILL_COMING,
    ExitStatus.USAGE,
    ExitStatus.NOTHING,
    ExitStatus.INCOMPLETE,
    ExitStatus.COMPLETE,
)

# While several jobs wait for their vehicles: seconds from one check of them to the next, at most;
# how much longer each pause is than the one before; and how many requests of a job are polled.
_LONGEST_PAUSE = 60.0
_SLOWER = 1.5
_POLLED_AT_ONCE = 20


def work(
    session: Session,
    journal: Journal,
    provider: Provider | None,
    *,
    resumed: bool = False,
    settings: PollSettings | None = None,
) -> ExitStatus:
    """The pipeline and its summary; whatever stops it, the journal says where it was.

    settings: those of the options unless given
    """
    options, terminal, job = session.options, session.terminal, journal.job
    keep_log()
    tz = timezones.zone(job.timezone)
    screen = _screen(session)
    settings = settings or PollSettings(options.poll_seconds, options.max_wait_seconds)

    def confirm(question: str) -> bool:
        with screen.paused():
            return terminal.confirm(question, options.yes)

    display = JobDisplay(screen, tz, job.media_type)
    pipeline = Pipeline(journal, provider, display, session.stop, settings, confirm, resumed)
    try:
        with screen:
            notes = pipeline.run()
    except (KeyboardInterrupt, Interrupted):
        log.info("Stopped by the person")
        terminal.warn(f"\nStopped. {what_is_kept(journal)}")
        return ExitStatus.INTERRUPTED
    except FootageError as error:
        log_error("Stopped", error)
        terminal.warn(f"{error} {what_is_kept(journal)}")
        return error.exit_status
    outcome = outcome_of(job, notes, pipeline.failures)
    _show(session, journal, outcome, screen, provider)
    return outcome.exit_status


def _screen(session: Session) -> Screen:
    """Where progress and results are shown."""
    out = session.terminal.out
    return Screen(out, interactive=is_terminal(out))


def log_error(what: str, error: FootageError) -> None:
    """Note why a run ends; a wrong answer, or a no, is no fault whose place has to be found."""
    log.info("%s: %s", what, error, exc_info=not isinstance(error, UsageError | Declined))


def _show(
    session: Session,
    journal: Journal,
    outcome: Outcome,
    screen: Screen,
    provider: Provider | None,
) -> None:
    """The summary, on the screen and at the end of the log."""
    job, tz = journal.job, timezones.zone(journal.job.timezone)
    print_summary(outcome, screen, Path(job.folder), journal.path, tz)
    requests = [one for one in job.retrievals if is_paid(one)]
    paid = count_text(len(requests), "request")
    if provider is not None and requests:
        paid = f"{paid}, {provider.cost(requests).text}"
    log_summary(outcome, job, journal.path, tz, session.arguments, paid)


# --- jobs that are taken up again -----------------------------------------------------------------


def take_up(
    session: Session, path: Path, sign_in: SignIn, settings: PollSettings | None = None
) -> ExitStatus:
    """Go on with the job of a journal; where that is a copy, with the newest of its journals."""
    stored = stored_job(path, session.options.logs)
    if stored.path != path.resolve():
        session.terminal.say(
            f"{path.name} is a copy of {stored.path.name}, which is at least as new; this run goes "
            "on with that one."
        )
    with closing(stored.open()) as journal:
        return _go_on(session, journal, sign_in, settings)


def _go_on(
    session: Session, journal: Journal, sign_in: SignIn, settings: PollSettings | None = None
) -> ExitStatus:
    """Go on with a job whose journal is open; its provider is asked only where it is needed."""
    job, folder = journal.job, Path(journal.job.folder)
    if job.discarded:
        raise UsageError(
            f"The job of {journal.path.name} was given up. Ask for its footage anew; what it has "
            "requested is not paid for again."
        )
    session.terminal.say(headline(job, timezones.zone(job.timezone)))
    for line in check_files(journal, folder, session.stop.pause):
        session.terminal.say(line)
    if job.finished:
        session.terminal.say("This job is finished; nothing is left to do.")
        outcome = outcome_of(job)
        _show(session, journal, outcome, _screen(session), None)
        return outcome.exit_status
    provider = None if job.settled else sign_in(job)
    return work(session, journal, provider, resumed=True, settings=settings)


def take_up_all(session: Session, sign_in: SignIn) -> ExitStatus:
    """Go on with every unfinished job that no other run has, one after the other.

    Those with something to do at once come first. Each is polled once and made of what is there;
    only when all that are left wait for their vehicles does the run wait, for all of them.
    Returns the worst of their statuses.
    """
    journals = read_folder(session.options.logs)
    for error in journals.unreadable.values():
        session.terminal.warn(str(error))
    status = _take_up_each(session, journals, sign_in)
    return worst([status, ExitStatus.USAGE]) if journals.unreadable else status


def _take_up_each(session: Session, folder: JournalFolder, sign_in: SignIn) -> ExitStatus:
    unfinished = folder.unfinished
    if not unfinished:
        return _nothing_to_take_up(session, folder)
    with ExitStack() as opened:
        journals: list[Journal] = []
        for stored in unfinished:
            for path in stored.copies:
                session.terminal.say(f"{path.name} is a copy of {stored.path.name}; not used.")
            try:
                journals.append(stored.open())
            except JournalError as error:  # another run was quicker
                session.terminal.warn(str(error))
            else:
                opened.callback(journals[-1].close)
        if len(journals) == 1:
            return _go_on(session, journals[0], sign_in)
        journals.sort(key=lambda journal: only_waits(journal.job))  # else the newest first
        return _Several(session, journals, sign_in).run()


def _nothing_to_take_up(session: Session, folder: JournalFolder) -> ExitStatus:
    """Say why there is no job to go on with."""
    busy = [one.path.name for one in folder.jobs if not one.job.finished and one.in_use]
    if busy:
        session.terminal.say(f"Another run is working on {', '.join(busy)}; nothing was done.")
    else:
        another = "other " if folder.unreadable else ""
        session.terminal.say(
            f"There is no {another}unfinished job in {session.options.logs}; nothing was done."
        )
    return ExitStatus.COMPLETE


class _Several:
    """A run over several unfinished jobs, whose journals are open."""

    def __init__(self, session: Session, journals: Sequence[Journal], sign_in: SignIn) -> None:
        self._session = session
        self._journals = journals
        self._sign_in = sign_in
        self._statuses: dict[Path, ExitStatus] = {}
        options = session.options
        self._once = PollSettings(options.poll_seconds, options.max_wait_seconds, once=True)
        self._until = time.monotonic() + options.max_wait_seconds

    def run(self) -> ExitStatus:
        for journal in self._journals:
            self._take(journal, self._once)
        pause, rounds = self._session.options.poll_seconds, 0
        while waiting := self._waiting():
            left = self._until - time.monotonic()
            if left <= 0:
                break
            if len(waiting) == 1:
                self._take(waiting[0], replace(self._once, max_wait=left, once=False))
                break
            if rounds == 0:
                self._session.terminal.say(
                    f"\n{len(waiting)} jobs wait for their vehicles; this run goes on with each "
                    "as soon as something of it has come."
                )
            shortest = max(self._sign_in(one.job).min_poll_interval for one in waiting)
            self._session.stop.pause(min(left, max(pause, shortest)))
            for journal in waiting:
                if self._has_news(journal, rounds):
                    self._take(journal, self._once)
            pause, rounds = min(pause * _SLOWER, _LONGEST_PAUSE), rounds + 1
        return worst(self._statuses.values())

    def _waiting(self) -> list[Journal]:
        """The jobs of which something may come by waiting."""
        return [
            journal
            for journal in self._journals
            if self._statuses[journal.path] is ExitStatus.STILL_COMING
            and any(True for _ in awaited(journal.job))
        ]

    def _take(self, journal: Journal, settings: PollSettings) -> None:
        """Go on with one job. What stops it stops none of the others, but for the person."""
        stop = StopEvent(self._session.stop)
        session = replace(self._session, stop=stop)
        try:
            status = _go_on(session, journal, self._sign_in, settings)
        except FootageError as error:
            log_error("Stopped", error)
            self._session.terminal.warn(str(error))
            status = error.exit_status
        self._session.terminal.say()
        if status is ExitStatus.INTERRUPTED or self._session.stop.is_set():
            raise Interrupted("Go on at any time with --resume.")
        self._statuses[journal.path] = status

    def _has_news(self, journal: Journal, rounds: int) -> bool:
        """Whether the provider has more of a job's footage than its journal knows of; not all of a
        long job is polled each time.
        """
        provider, job = self._sign_in(journal.job), journal.job
        requests = list(awaited(job))
        first = rounds * _POLLED_AT_ONCE % len(requests)
        for retrieval in islice(requests, first, first + _POLLED_AT_ONCE):
            try:
                answers = provider.check(job.vehicle, retrieval)
            except (RequestRefused, TransientError) as trouble:
                log.warning("%s could not be polled: %s", retrieval.id, trouble)
                continue
            pending = {media.camera for media in retrieval.media if not media.settled}
            if any(
                answer.camera in pending and answer.status is not MediaStatus.PENDING
                for answer in answers
            ):
                return True
        return False


def worst(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """The status of a run over several jobs; that something may still come counts most."""
    return min(statuses, key=_WORST_FIRST.index, default=ExitStatus.COMPLETE)
