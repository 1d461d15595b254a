"""A run over one job, with its screen and summary, or over every unfinished job, one by one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from footage.cloud.provider import Provider
from footage.errors import (
    AuthenticationError,
    ConnectionSettingError,
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
from footage.report import evidence, index_page
from footage.system import timezones
from footage.system.text import count_text
from footage.system.threads import StopEvent
from footage.ui.environment import command_line, default_logs
from footage.ui.log_file import keep_log
from footage.ui.progress import JobDisplay, Screen
from footage.ui.session import Session
from footage.ui.summary import log_summary, print_summary, what_is_kept
from footage.ui.terminal import is_terminal

log = logging.getLogger("footage.ui.job_run")

SignIn = Callable[[Job], Provider]  # connects to the provider of a job; asks for what it needs

# The status of a run over several jobs is the first of these that one of them has.
_WORST_FIRST = (
    ExitStatus.CHANGED,
    ExitStatus.STILL_COMING,
    ExitStatus.USAGE,
    ExitStatus.NOTHING,
    ExitStatus.INCOMPLETE,
    ExitStatus.COMPLETE,
)

# While several jobs wait for their vehicles: seconds from one check of them to the next, at most;
# how much longer each pause is than the one before; how many requests of a job are polled; and the
# longest that a job is left alone which was gone on with, and nothing came of it.
_LONGEST_PAUSE = 60.0
_SLOWER = 1.5
_POLLED_AT_ONCE = 20
_LONGEST_IN_VAIN = 900.0


@dataclass(frozen=True)
class Ended:
    """How the work at one job ended; `held_up`: the provider did not answer, so it was left."""

    status: ExitStatus
    held_up: bool = False


def work(
    session: Session,
    journal: Journal,
    provider: Provider | None,
    *,
    resumed: bool = False,
    settings: PollSettings | None = None,
) -> Ended:
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

    display = JobDisplay(screen, tz, job.media_type, session.told)
    pipeline = Pipeline(journal, provider, display, session.stop, settings, confirm, resumed)
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
    _show(session, journal, outcome, screen, provider)
    return Ended(outcome.exit_status, pipeline.held_up)


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
    session.results.add(journal.path, job, outcome)
    index_page.write(journal)
    print_summary(outcome, screen, Path(job.folder), journal.path, tz)
    requests = [one for one in job.retrievals if is_paid(one)]
    paid = count_text(len(requests), "request")
    if provider is not None and requests:
        paid = f"{paid}, {provider.cost(requests).text}"
    log_summary(outcome, job, journal.path, tz, session.arguments, paid)


# --- jobs that are taken up again -----------------------------------------------------------------


def take_up(session: Session, path: Path, sign_in: SignIn) -> ExitStatus:
    """Go on with the job of a journal; where that is a copy, with the newest of its journals."""
    stored = stored_job(path, session.options.logs)
    if stored.path != path.resolve():
        session.terminal.say(
            f"{path.name} is a copy of {stored.path.name}, which is at least as new; this run goes "
            "on with that one."
        )
    with closing(stored.open()) as journal:
        return _go_on(session, journal, sign_in).status


def _go_on(
    session: Session, journal: Journal, sign_in: SignIn, settings: PollSettings | None = None
) -> Ended:
    """Go on with a job whose journal is open; its provider is asked only where it is needed."""
    job, folder = journal.job, Path(journal.job.folder)
    if job.discarded:
        raise UsageError(
            f"The job of {journal.path.name} was given up. Ask for its footage anew; what it has "
            "requested is not paid for again."
        )
    session.terminal.say(headline(job, timezones.zone(job.timezone)))
    if not folder.is_absolute():  # such as C:/Videos on a Mac that shares the folder of the logs
        raise UsageError(
            f"The files of this job are in {job.folder}, which is no folder of this computer; go "
            "on with it on the computer that began it."
        )
    for line in check_files(journal, folder, session.stop.pause):
        session.terminal.say(line)
    if job.finished:
        session.terminal.say("This job is finished; nothing is left to do.")
        outcome = outcome_of(job)
        _show(session, journal, outcome, _screen(session), None)
        return Ended(outcome.exit_status)
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
            return _go_on(session, journals[0], sign_in).status
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


@dataclass
class _Taken:
    """A job of a run over several, and how it ended when it was gone on with last.

    in_vain:  how often in a row nothing came of going on with it
    again_at: until then it is left alone, by `time.monotonic`
    """

    journal: Journal
    ended: Ended = Ended(ExitStatus.STILL_COMING)
    in_vain: int = 0
    again_at: float = 0.0

    @property
    def waits(self) -> bool:
        """Something of it may come by waiting."""
        if self.ended.status is not ExitStatus.STILL_COMING:
            return False
        return self.ended.held_up or any(True for _ in awaited(self.journal.job))

    @property
    def progress(self) -> tuple[int, int, int]:
        """How much of it is requested, has come, and is made."""
        job = self.journal.job
        settled = sum(media.settled for _, media in job.media())
        return sum(bool(one.id) for one in job.retrievals), settled, len(job.outputs)

    def note(self, before: tuple[int, int, int]) -> None:
        """It was gone on with again; `before` is its progress until then."""
        if self.progress != before:
            self.in_vain = 0
            return
        self.in_vain += 1
        pause = min(_LONGEST_PAUSE * 2 ** (self.in_vain - 1), _LONGEST_IN_VAIN)
        self.again_at = time.monotonic() + pause


class _Several:
    """A run over several unfinished jobs, whose journals are open."""

    def __init__(self, session: Session, journals: Sequence[Journal], sign_in: SignIn) -> None:
        self._session = session
        self._jobs = [_Taken(journal) for journal in journals]
        self._sign_in = sign_in
        options = session.options
        self._once = PollSettings(options.poll_seconds, options.max_wait_seconds, once=True)
        self._until = time.monotonic() + options.max_wait_seconds

    def run(self) -> ExitStatus:
        try:
            self._go_on_with_each()
            self._wait_for_the_rest()
        except (KeyboardInterrupt, Interrupted) as stopped:
            resume = ["--resume"]
            if self._session.options.logs != default_logs():
                resume += ["--logs", str(self._session.options.logs)]
            raise Interrupted(
                f"\nStopped. Go on with all of these jobs at any time with: {command_line(*resume)}"
            ) from stopped
        return worst(one.ended.status for one in self._jobs)

    def _go_on_with_each(self) -> None:
        for one in self._jobs:
            self._take(one, self._once)

    def _wait_for_the_rest(self) -> None:
        pause, rounds = self._session.options.poll_seconds, 0
        while waiting := [one for one in self._jobs if one.waits]:
            left = self._until - time.monotonic()
            if left <= 0:
                break
            if len(waiting) == 1:
                self._take(waiting[0], replace(self._once, max_wait=left, once=False))
                break
            if rounds == 0:
                self._session.terminal.say(
                    f"{len(waiting)} jobs wait for their vehicles; this run goes on with each as "
                    "soon as something of it has come."
                )
            shortest = max(self._sign_in(one.journal.job).min_poll_interval for one in waiting)
            self._session.stop.pause(min(left, max(pause, shortest)))
            for one in waiting:
                if time.monotonic() >= one.again_at and self._has_news(one, rounds):
                    before = one.progress
                    self._take(one, self._once)
                    one.note(before)
            pause, rounds = min(pause * _SLOWER, _LONGEST_PAUSE), rounds + 1

    def _take(self, one: _Taken, settings: PollSettings) -> None:
        """Go on with one job. What stops it stops none of the others, but for the person."""
        session = replace(self._session, stop=StopEvent(self._session.stop))
        try:
            one.ended = _go_on(session, one.journal, self._sign_in, settings)
        except Interrupted:
            raise
        except FootageError as error:
            log_error("Stopped", error)
            self._session.terminal.warn(str(error))
            one.ended = Ended(error.exit_status)
        self._session.terminal.say()
        if one.ended.status is ExitStatus.INTERRUPTED:
            raise Interrupted

    def _tell_once(self, text: str) -> None:
        if text not in self._session.told:
            self._session.told.add(text)
            self._session.terminal.warn(text)

    def _has_news(self, one: _Taken, rounds: int) -> bool:
        """Whether it is worth going on with a job: the provider has more of its footage than its
        journal knows of, or did not answer the last time. Not all of a long job is polled at once.
        """
        if one.ended.held_up:
            return True
        job = one.journal.job
        provider, requests = self._sign_in(job), list(awaited(job))
        first = rounds * _POLLED_AT_ONCE % len(requests)
        for retrieval in islice(requests, first, first + _POLLED_AT_ONCE):
            try:
                answers = provider.check(job.vehicle, retrieval)
            except RequestRefused as refusal:
                log.warning("%s could not be polled: %s", retrieval.id, refusal)
                continue
            except TransientError as trouble:  # the next ones would fare no better
                self._tell_once(f"{trouble} Trying again by itself.")
                return False
            except (AuthenticationError, ConnectionSettingError) as final:
                log.warning("%s could not be polled: %s", retrieval.id, final)
                return True  # and the job is stopped with the reason
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
