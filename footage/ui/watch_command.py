"""`--watch`: looks for new safety events again and again, and brings the footage of each."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from footage.cloud.provider import Provider
from footage.cloud.provider_entry import ProviderEntry
from footage.errors import DiskError, ExitStatus, FootageError, Interrupted, JournalError
from footage.job.journal import Journal
from footage.job.journal_folder import forget_all
from footage.job.outcome import outcome_of
from footage.job.watch_state import only_watch
from footage.job.watched_jobs import FAILED, WatchedJob, WatchedJobs
from footage.media import ffmpeg
from footage.model import UTC, Job
from footage.system import open_files, timezones
from footage.system.text import count_text
from footage.ui.job_run import Ended
from footage.ui.json_summary import STATUS_WORDS, JsonSummary
from footage.ui.log_file import held_log, keep_log
from footage.ui.notice import Notifier
from footage.ui.session import Session
from footage.ui.several_jobs import SeveralJobs
from footage.ui.terminal import Terminal
from footage.ui.watch_look import Look, events_text
from footage.ui.watch_teller import Teller

log = logging.getLogger("footage.ui.watch_command")

# So many jobs are gone on with between two looks; the others have their turn after the next one. A
# film takes a minute to make, and new events are not to wait for many of them. Where the provider
# did not answer it is one, as each call may take long to fail.
_AT_ONCE, _WITHOUT_ANSWER = 8, 1
# A job whose footage does not come is gone on with again after this share of the time since it was
# made, at most after so long.
_SHARE, _LONGEST = 0.1, timedelta(hours=1)
_DAY = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)


def utc_now() -> datetime:
    return datetime.now(UTC)


def run_watch(
    session: Session,
    entry: ProviderEntry,
    connect: Callable[[], Provider],
    *,
    since: datetime | None = None,
    hidden: Sequence[str] = (),
    now: Callable[[], datetime] = utc_now,
) -> NoReturn:
    """Watch until the run is stopped, which raises Interrupted.

    connect: signs in to the provider
    since:   events that began before are not wanted; None: as for the last watch, or from now on
    hidden:  names of variables that are not for the command of --notify
    """
    ffmpeg.check()  # before anything is paid for that needs it
    keep_log()
    options = session.options
    with only_watch(options.logs):
        provider = connect()
        zone = timezones.zone(options.timezone or timezones.own_name())
        teller = Teller(session.terminal, zone, now)
        jobs = WatchedJobs(options.logs, provider.name)
        look = Look(session, entry, provider, jobs, teller, since, now)
        notices = _Notices(Notifier(options.notify, session.secrets, hidden), teller)
        watch = _Watch(session, provider, look, jobs, notices, teller, now)
        try:
            watch.run()
        except (KeyboardInterrupt, Interrupted) as stopped:
            raise Interrupted(watch.last_words) from stopped


class _Notices:
    """Tells of each job once that has finished or failed."""

    def __init__(self, notifier: Notifier, teller: Teller) -> None:
        self._notifier = notifier
        self._teller = teller
        self._told: dict[Path, str] = {}  # where the journal could not be written

    def give(self, journal: Journal, word: str, summary: JsonSummary) -> None:
        """Say how a job has ended, run the command, and then note that in the journal: so a run
        that is killed before the command has ended runs it once more, and never forgets it.
        """
        job, path = journal.job, journal.path
        if word == (job.notified or self._told.get(path, "")):
            return
        outcome = outcome_of(job)
        report = next((one.path.name for one in outcome.files if one.kind == "report"), "")
        where = f"; report: {Path(job.folder) / report}" if report else ""
        self._teller.say(f"{events_text(job.events, self._teller.zone)}: {word}{where}")
        if not summary.has(path):
            summary.add(path, job, outcome)
        text = io.StringIO()
        summary.write(text, outcome.exit_status)
        trouble = self._notifier.give(text.getvalue())
        if trouble:
            self._teller.warn(trouble)
        try:
            with journal.change():
                job.notified = word
        except DiskError as error:
            log.warning("That it was told of could not be noted: %s", error)
            self._told[path] = word


class _Watch:
    """One run of the watch.

    The jobs that it has requested are open only while they are gone on with: so memory does not
    grow with them.
    """

    def __init__(
        self,
        session: Session,
        provider: Provider,
        look: Look,
        jobs: WatchedJobs,
        notices: _Notices,
        teller: Teller,
        now: Callable[[], datetime],
    ) -> None:
        self._session = session
        self._provider = provider
        self._look = look
        self._jobs = jobs
        self._notices = notices
        self._teller = teller
        self._now = now
        self._every = timedelta(seconds=session.options.watch or 0.0)
        self._taken: dict[Path, datetime] = {}  # when an unfinished job was gone on with last
        self._looks, self._counted_at = 0, now()

    def run(self) -> NoReturn:
        """Look, go on with what is unfinished, and wait for the next look."""
        self._jobs.refresh()
        self._look.announce()
        while True:
            began = self._now()
            with held_log() as self._teller.held:
                answered = self._look.look()
                self._tell_of_finished()
                self._go_on(began, _AT_ONCE if answered else _WITHOUT_ANSWER)
                self._count_look()
            forget_all()
            self._session.stop.pause(self._left(began))

    @property
    def last_words(self) -> str:
        self._refresh()
        count = len(self._jobs.unfinished)
        verb = "is" if count == 1 else "are"
        more = f" {count_text(count, 'job')} {verb} not finished." if count else ""
        return f"\nThe watch was stopped.{more} The same command goes on with it."

    def _left(self, began: datetime) -> float:
        """Seconds until the next look; the computer's clock may have been set meanwhile."""
        left = min(began + self._every - self._now(), self._every)
        return max(0.0, left.total_seconds())

    def _count_look(self) -> None:
        """A line a day for the log, however little there was to tell."""
        self._looks += 1
        if self._now() - self._counted_at >= _DAY:
            self._teller.worth_logging()
            log.info("%d looks in a day", self._looks)
            self._looks, self._counted_at = 0, self._now()

    # --- jobs -------------------------------------------------------------------------------------

    def _tell_of_finished(self) -> None:
        """A run that was killed, or another one, has finished these."""
        for one in self._jobs.to_tell:
            journal = self._opened(one)
            if journal is not None:
                with closing(journal):
                    self._end(journal, journal.job.finished, JsonSummary(wanted=True))

    def _go_on(self, began: datetime, most: int) -> None:
        """Go on with unfinished jobs until the next look is due."""
        before: dict[Path, object] = {}
        with ExitStack() as opened:
            journals: list[Journal] = []
            for one in self._next_jobs(most):
                journal = self._opened(one)
                if journal is not None:
                    opened.callback(journal.close)
                    journals.append(journal)
                    before[journal.path] = _progress(journal.job)
                    self._taken[journal.path] = self._now()
            if not journals:
                return
            nowhere = opened.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
            summary = JsonSummary(wanted=True)
            session = replace(
                self._session,
                options=replace(
                    self._session.options, yes=True, max_wait_seconds=self._left(began)
                ),
                terminal=Terminal(io.StringIO(), nowhere, nowhere),
                told=set(),
                results=summary,
            )

            def after_each(journal: Journal, ended: Ended) -> None:
                if _progress(journal.job) != before[journal.path]:
                    self._teller.worth_logging()
                self._after(journal, ended, summary)

            several = SeveralJobs(session, journals, lambda job: self._provider, after_each)
            try:
                several.run(requests_first=True)
            except Interrupted:
                raise
            except FootageError as error:  # of no job alone; the next look begins anew
                self._teller.warn_once(str(error))
        self._refresh()

    def _refresh(self) -> None:
        """What became of the jobs; what was known of them stays, where it cannot be read."""
        try:
            self._jobs.refresh()
        except DiskError as error:
            self._teller.warn_once(str(error))

    def _next_jobs(self, most: int) -> list[WatchedJob]:
        """Those to go on with now, the oldest footage first: that is overwritten first.

        most: so many of those whose requests are sent already
        """
        now, unfinished = self._now(), self._jobs.unfinished
        known = {one.path: self._taken[one.path] for one in unfinished if one.path in self._taken}
        self._taken = known
        due = [
            one
            for one in unfinished
            if one.path not in known or now >= known[one.path] + _pause(one, now)
        ]
        due.sort(key=lambda one: known.get(one.path, _NEVER))
        waiting = [one for one in due if not one.unsent][:most]
        unsent = [one for one in due if one.unsent]
        chosen = [*unsent, *waiting] if most > _WITHOUT_ANSWER else [*unsent, *waiting][:most]
        chosen = chosen[: open_files.most_jobs()]  # the others are due at the next look
        return sorted(chosen, key=lambda one: one.start)

    def _opened(self, one: WatchedJob) -> Journal | None:
        """The job; None where another run works on it, or its journal cannot be read or written:
        it is tried again at the next look.
        """
        try:
            return one.open()
        except JournalError as error:
            log.info("%s", error)
        except DiskError as error:
            self._teller.warn_once(str(error))
        return None

    def _after(self, journal: Journal, ended: Ended, summary: JsonSummary) -> None:
        """A job was worked at."""
        if journal.job.finished:
            self._end(journal, True, summary.of(journal.path))
        elif ended.status not in (ExitStatus.STILL_COMING, ExitStatus.INTERRUPTED):
            self._end(journal, False, summary.of(journal.path))

    def _end(self, journal: Journal, finished: bool, summary: JsonSummary) -> None:
        status = outcome_of(journal.job).exit_status
        self._notices.give(journal, STATUS_WORDS[status] if finished else FAILED, summary)


def _pause(one: WatchedJob, now: datetime) -> timedelta:
    """How long a job is left alone after it was gone on with."""
    if one.unsent and not one.requested:
        return timedelta()
    return min(_SHARE * (now - one.created), _LONGEST)


def _progress(job: Job) -> object:
    """Changes with everything that comes of a job."""
    settled = sum(media.settled for _, media in job.media())
    return sum(bool(one.id) for one in job.retrievals), settled, len(job.outputs), job.finished
