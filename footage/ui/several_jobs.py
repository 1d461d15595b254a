"""A run over several jobs, which are gone on with all at once: see footage/job/crew.py."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from footage.cloud.download import Downloader
from footage.cloud.provider import Provider
from footage.errors import ExitStatus, FootageError, Interrupted
from footage.job.crew import Crew
from footage.job.crew_member import Member
from footage.job.journal import Journal
from footage.job.new_job import headline
from footage.job.outcome import Outcome, outcome_of
from footage.job.outputs import Outputs
from footage.job.run_state import PollSettings
from footage.job.runner import Pipeline
from footage.job.whole import lost_sentences
from footage.report import evidence, index_page
from footage.system import timezones
from footage.system.threads import StopEvent, work_of
from footage.ui.job_run import (
    FINISHED,
    Ended,
    SignIn,
    conclude,
    log_error,
    provider_of,
    take_stock,
    worst,
)
from footage.ui.json_summary import STATUS_WORDS
from footage.ui.log_file import keep_log
from footage.ui.overview import Counts, Overview
from footage.ui.progress import JobDisplay, Screen
from footage.ui.session import Session
from footage.ui.summary import resume_command, what_is_kept
from footage.ui.terminal import is_terminal

log = logging.getLogger("footage.ui.several_jobs")

_SHOW_EVERY = 0.25  # seconds from one showing of the progress to the next, while there is some
_HOLDS_FOR = 5.0  # seconds for which what is shown may stand while nothing changes
# Seconds from one writing of the page that leads to all reports to the next: all journals are read
# for it, and a list may end many jobs in that time.
_PAGE_EVERY = 30.0
_SENT_AT_MOST = 3  # so often a request that is not taken is sent, where nothing else is to be done


class SeveralJobs:
    """A run over several unfinished jobs, whose journals are open.

    after_each: called with a job whose state has changed, and how that stands; by one thread at a
                time
    overview:   shows how far they are; one of all jobs unless given
    """

    def __init__(
        self,
        session: Session,
        journals: Sequence[Journal],
        sign_in: SignIn,
        after_each: Callable[[Journal, Ended], None] = lambda journal, ended: None,
        overview: Overview | None = None,
    ) -> None:
        self._session = session
        self._journals = journals
        self._sign_in = sign_in
        self._after_each = after_each
        self._status = {journal.path: ExitStatus.STILL_COMING for journal in journals}
        self._open = {journal.path for journal in journals}  # not ended in this run
        self._stop = StopEvent(session.stop)
        self._downloader = Downloader(self._stop.pause)
        self._page_again = 0.0
        self._page_lacks = False  # something that was made or has ended since it was written
        self._overview = overview or self._usual_overview()

    def _usual_overview(self) -> Overview:
        terminal = self._session.terminal
        screen = Screen(terminal.out, interactive=is_terminal(terminal.out))
        return Overview(screen, terminal, word="Jobs", counts=self._counts)

    def _counts(self) -> Counts:
        """How many jobs are how far."""
        words = [
            "still coming" if path in self._open else STATUS_WORDS.get(status, "failed")
            for path, status in self._status.items()
        ]
        return Counter(words)

    def run(self, *, requests_first: bool = False) -> ExitStatus:
        """Go on with all of them until each has ended.

        requests_first: the requests of all are sent before anything else is done with any
        """
        self._work(go_on=True, requests_first=requests_first)
        return worst(self._status.values())

    def send_requests(self) -> None:
        """Send what is to be requested, of each job, and do nothing else."""
        self._work(go_on=False, requests_first=True)

    def _work(self, *, go_on: bool, requests_first: bool) -> None:
        keep_log()
        crew: Crew | None = None
        try:
            crew = Crew(self._stop, self, self._members())
            with self._overview:
                if requests_first:
                    crew.send(1 if go_on else _SENT_AT_MOST)
                    self._watch(crew)
                if go_on:
                    crew.start()
                    self._watch(crew)
        except (KeyboardInterrupt, Interrupted) as stopped:
            log.info("Stopped by the person")
            raise Interrupted(self._stopped(crew)) from stopped
        except BaseException:
            if crew is not None:
                crew.end()
            raise
        finally:
            if self._page_lacks:
                index_page.refresh(self._session.options.logs)
        if not go_on:
            crew.end()

    def _stopped(self, crew: Crew | None) -> str:
        """Keep what is known of all jobs; returns how to go on with them."""
        if crew is not None:
            crew.end()
        for journal in self._journals:
            if journal.path in self._open:
                with journal.locked() as job:
                    self._session.results.add(journal.path, job, outcome_of(job, ["Stopped."]))
        how = resume_command(self._session.options.logs)
        return f"\nStopped. Go on with all of these jobs at any time with: {how}"

    # --- before the jobs are worked at ------------------------------------------------------------

    def _members(self) -> list[Member]:
        """The jobs that are to be gone on with. What keeps one from it keeps none of the others."""
        members: list[Member] = []
        for journal in self._journals:
            token = work_of.set(self._overview.name(journal))
            try:
                member = self._member(journal)
            except Interrupted:
                raise
            except FootageError as error:
                log_error("Stopped", error)
                self._end_with(journal, error)
            else:
                if member is not None:
                    members.append(member)
            finally:
                work_of.reset(token)
        return members

    def _member(self, journal: Journal) -> Member | None:
        """A job of the crew; None where nothing is to be done for it."""
        job, tz = journal.job, timezones.zone(journal.job.timezone)
        lines, options = self._overview.of(journal), self._session.options
        lines.say(headline(job, tz))
        check = take_stock(journal, self._stop)
        for _ in check.hash_rest():  # what is lost by now is known before the jobs are gone on with
            self._stop.pause(0)
        for line in lost_sentences(job):
            lines.say(line)
        if job.finished:
            lines.say(FINISHED)
            self._conclude(journal, outcome_of(job), None)
            return None
        pipeline = Pipeline(
            journal=journal,
            provider=provider_of(job, self._sign_in),
            display=JobDisplay(lines, tz, job.media_type, self._session.told),
            stop=StopEvent(self._stop),
            poll_settings=PollSettings(
                options.poll_seconds,
                options.max_wait_seconds,
                beside_others=True,
                rounds=options.watch is not None,
            ),
            confirm=self._confirm,
            # A job that was planned just now need not be compared again with what is in the cloud:
            # few such calls are allowed, and the requests of the whole list would wait for them.
            check=None if journal.new else check,
            downloader=self._downloader,
        )

        def report(outputs: Outputs) -> None:
            evidence.make(journal, outputs, pipeline.stop)

        # Of a list that is confirmed as a whole no job asks again.
        agreed = not self._overview.lines
        return Member(self._overview.name(journal), pipeline, report, agreed)

    def _confirm(self, question: str) -> bool:
        with self._overview.paused():
            return self._session.terminal.confirm(question, self._session.options.yes)

    # --- while they are worked at -----------------------------------------------------------------

    def _watch(self, crew: Crew) -> None:
        """Show how far they are, and ask what has to be asked, until all threads have ended."""
        shown = -1
        while crew.busy:
            seen = crew.changes.count
            for one in crew.members:
                self._ask(crew, one)
            self._overview.show(crew, self._journals)
            if shown == seen:
                crew.changes.wait_or_stop(seen, _HOLDS_FOR)
            else:
                crew.join(_SHOW_EVERY)
            shown = seen
        self._overview.show(crew, self._journals, last=True)

    def _ask(self, crew: Crew, one: Member) -> None:
        """Have the cost of a job confirmed, once the provider has told the quota."""
        retriever, pipeline = one.retriever, one.pipeline
        if retriever is not None and retriever.cost.pending:
            try:
                pipeline.confirm_cost(retriever.cost)
            except FootageError as error:
                crew.fail(one, error)

    # --- what the crew tells, from its threads ----------------------------------------------------

    def sent(self, one: Member) -> None:
        """All that was to be requested of a job, and can be now, is."""
        pipeline, told = one.pipeline, self._session.told
        assert pipeline.provider is not None  # noqa: S101 - else nothing is sent
        hint = pipeline.provider.waiting_hint(pipeline.job.media_type)
        with self._overview.lock:
            if hint and self._overview.lines and hint not in told:
                told.add(hint)
                self._overview.say(hint)
            self._after_each(pipeline.journal, Ended(ExitStatus.STILL_COMING))

    def made(self, one: Member, notes: list[str], *, ended: bool) -> None:
        """The files of a job are made; unless `ended`, more may come in this run."""
        pipeline = one.pipeline
        journal = pipeline.journal
        outcome = outcome_of(journal.job, notes, pipeline.failures)
        lines = self._overview.of(journal)
        if not ended:
            with self._overview.lock:
                self._page_lacks = True
                lines.say("files are made of what is here; the rest may still come.")
                self._after_each(journal, Ended(ExitStatus.STILL_COMING))
            return
        with self._overview.lock:
            self._conclude(journal, outcome, pipeline.provider)

    def failed(self, one: Member, error: Exception) -> None:
        """A job is not gone on with in this run."""
        if not isinstance(error, FootageError):
            log.exception("A fault in the program", exc_info=error)
            error = FootageError(
                "The program has met a fault of its own at this job, and has left it; the details "
                "are in the newest file in the Logs folder."
            )
        else:
            log_error("Stopped", error)
        journal = one.pipeline.journal
        with self._overview.lock:
            # Of a list it is said at the end, once for all of its rows.
            more = f" {what_is_kept(journal)}" if self._overview.lines else ""
            self._end_with(journal, error, more)

    def _conclude(self, journal: Journal, outcome: Outcome, provider: Provider | None) -> None:
        """Nothing more is done with a job in this run, so it is held no longer: neither its lock,
        which is an open file, nor what its journal has in memory.
        """
        lines, now = self._overview.of(journal), time.monotonic()
        self._page_lacks = True
        if page := now >= self._page_again:
            self._page_again, self._page_lacks = now + _PAGE_EVERY, False
        conclude(self._session, journal, outcome, lines, provider, page=page)
        self._end(journal, Ended(outcome.exit_status))
        journal.close()

    def _end_with(self, journal: Journal, error: FootageError, more: str = "") -> None:
        self._overview.warn(f"{self._overview.name(journal)}: {error}{more}")
        with journal.locked() as job:
            self._session.results.add(journal.path, job, outcome_of(job, [str(error)]))
        self._end(journal, Ended(error.exit_status, str(error)))

    def _end(self, journal: Journal, ended: Ended) -> None:
        self._page_lacks |= bool(ended.error)
        self._status[journal.path] = ended.status
        self._open.discard(journal.path)
        self._after_each(journal, ended)
