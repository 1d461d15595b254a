"""`--incidents FILE`: every row of a list becomes footage, many jobs at once."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from footage.cloud.provider import Provider
from footage.errors import (
    Declined,
    DiskError,
    ExitStatus,
    Interrupted,
    JournalError,
    JournalInUse,
    UsageError,
)
from footage.incidents import table_file
from footage.incidents.results_file import ResultsFile, RowResult, results_path
from footage.incidents.rows import Usual, understand
from footage.job import budget, planning
from footage.job.job_list import state_text
from footage.job.journal import Journal
from footage.job.locks import only_run
from footage.job.outcome import outcome_of
from footage.media import ffmpeg
from footage.model import UTC, Job, Retrieval
from footage.report import index_page
from footage.system import filenames, open_files, timezones
from footage.system.text import count_text, duration_text, quotable
from footage.ui.incident_plan import ListPlan, PlannedRows, Providers
from footage.ui.job_run import Ended, worst
from footage.ui.overview import Overview
from footage.ui.progress import Screen
from footage.ui.row_results import result_of
from footage.ui.session import Session
from footage.ui.several_jobs import SeveralJobs
from footage.ui.terminal import is_terminal

log = logging.getLogger("footage.ui.incident_list")

_NAMED = 12  # rows that are not complete and are named at the end; all stand in the results


@dataclass(frozen=True)
class Listed:
    """What a run over several incidents is over.

    word:  what one of them is called: `row` or `event`
    total: how many there are
    again: what to do to go on with those that are unfinished
    keep:  writes down what is known of each, by its number; returns what the person is to know
    """

    word: str
    total: int
    again: str
    keep: Callable[[Mapping[int, RowResult]], str] = lambda results: ""


def run_list(session: Session, path: Path, providers: Providers) -> ExitStatus:
    """Understand the list, have it confirmed, and bring the footage of all of its rows."""
    ffmpeg.check()  # before anything is paid for that needs it
    table = table_file.read(path)
    for note in table.notes:
        session.terminal.warn(note)
    incidents = understand(table, _usual(session))
    results = ResultsFile(results_path(path), table)
    again = "run the same command again (nothing is requested twice)"
    listed = Listed("row", len(table.rows), again, results.keep)
    # A run that is still planning has no journals yet by which another one would know of it.
    with nullcontext() if session.options.dry_run else _only_run_of(path, session.options.logs):
        plan = ListPlan(session, incidents, providers, path.name)
        status, rows = bring(session, plan, listed)
        if not session.options.dry_run:
            status = _finish(session, results, rows, status)
    return status


def _finish(
    session: Session, results: ResultsFile, rows: Mapping[int, RowResult], status: ExitStatus
) -> ExitStatus:
    """Have all in the file of the results; returns the status of the run, with that of the file."""
    try:
        written = results.finish(rows)
    except DiskError as error:
        session.terminal.warn(
            f"{error} {results.path.name} lacks what came of the latest rows until then."
        )
        return worst([status, error.exit_status])
    if written != results.path:
        session.terminal.warn(
            f"{results.path.name} still cannot be replaced, and lacks the latest."
        )
    session.terminal.say(f"What came of each row is in {written}")
    return status


def _only_run_of(path: Path, logs: Path) -> AbstractContextManager[None]:
    """Lists are told apart as their jobs are: by the folder of the logs, and their names."""
    name = hashlib.sha256(path.name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return only_run(
        logs / f".list_{name}.lock",
        f"Another run is working on {path.name}; let it finish, or stop it first.",
    )


def _usual(session: Session) -> Usual:
    options = session.options
    return Usual(
        now=datetime.now(UTC),
        timezone=options.timezone or timezones.own_name(),
        before=options.before,
        after=options.after,
        duration=options.duration,
        order=options.dates,
    )


def bring(
    session: Session, plan: ListPlan, listed: Listed
) -> tuple[ExitStatus, Mapping[int, RowResult]]:
    """Show what is planned, have it confirmed once, and bring the footage of all of it.

    Returns the exit status, and what is known of each row or event.
    """
    command = _ListRun(session, listed, plan.refused)
    command.show(plan.planned)
    if session.options.dry_run:
        return command.status([]), command.results
    if plan.planned:
        _make_room(plan.planned)
        command.confirm(plan.planned)
    return command.run(plan.planned), command.results


def _make_room(planned: Sequence[PlannedRows]) -> None:
    """Raises UsageError where this computer does not let the program hold so many jobs."""
    room = open_files.most_jobs()
    if room < len(planned):
        raise UsageError(
            f"This computer lets a program hold about {room} jobs at a time, too few for "
            f"{len(planned)}; nothing was requested. Split the list, or raise the limit on open "
            "files (ulimit -n)."
        )


class _ListRun:
    """One run over a list; `results`: what is known of each row."""

    def __init__(self, session: Session, listed: Listed, refused: Mapping[int, str]) -> None:
        self._session = session
        self._terminal = session.terminal
        self._listed = listed
        out = session.terminal.out
        self._screen = Screen(out, interactive=is_terminal(out))
        self.results: dict[int, RowResult] = {}
        self._warn = session.terminal.warn
        self._rows: dict[Path, Sequence[int]] = {}  # of the job of each journal
        self._failed: dict[Path, ExitStatus] = {}  # jobs that an error has ended
        for row, why in refused.items():
            self._refuse([row], why)

    def _refuse(self, rows: Sequence[int], why: str) -> None:
        for row in rows:
            self.results[row] = RowResult("refused", message=why)

    # --- what the person sees before anything is paid --------------------------------------------

    def show(self, planned: Sequence[PlannedRows]) -> None:
        """The rows that are understood and refused, and what all of it will cost."""
        if planned:
            self._screen.table([self._line(one) for one in planned], left=True)
        for row, result in sorted(self.results.items()):
            self._screen.say(f"{self._word} {row} is refused: {result.message}")
        self._screen.say(_totals(planned))

    def _line(self, one: PlannedRows) -> list[str]:
        job, tz = one.job, timezones.zone(one.job.timezone)
        rows = ", ".join(map(str, one.group.rows))
        requests = planning.to_request(job)
        if one.stored is not None:
            state = state_text(job)
        elif requests:
            state = one.provider.cost(requests).text
        else:
            state = "nothing to pay"
        return [
            f"{self._listed.word} {rows}",
            quotable(job.vehicle.name),
            timezones.spelled_text(job.start, tz),
            duration_text(job.length),
            count_text(len(job.cameras), "camera"),
            state,
        ]

    def confirm(self, planned: Sequence[PlannedRows]) -> None:
        """One confirmation for all. Raises Declined, or UsageError where nobody can be asked."""
        new = [one for one in planned if one.stored is None]
        retrievals = [each for one in new for each in one.job.retrievals]
        warnings = [budget.space_warning(Path(new[0].job.folder), retrievals)] if new else []
        for provider, requests in _by_provider(new):
            quota = provider.quota(requests[0].media_type) if requests else None
            if quota is not None:
                self._terminal.say(budget.quota_text(provider.name, quota))
                warnings.append(budget.quota_warning(requests, provider, quota))
        question = " ".join([*filter(None, warnings), "Go on?"])
        if new and not self._terminal.confirm(question, self._session.options.yes):
            raise Declined("Nothing was requested.")

    # --- running ----------------------------------------------------------------------------------

    def run(self, planned: Sequence[PlannedRows]) -> ExitStatus:
        """Bring it all, as far as it comes in this run."""
        options = self._session.options
        when = filenames.moment_name(datetime.now(UTC), timezones.zone(options.timezone))
        with ExitStack() as opened:
            journals: list[Journal] = []
            jobs: list[Job] = []
            for one in planned:
                if one.stored is not None and one.job.finished:
                    jobs.append(one.job)
                    status = outcome_of(one.job).exit_status
                    self._note(one.group.rows, one.job, Ended(status))
                    continue
                try:
                    journal = (
                        one.stored.open()
                        if one.stored is not None
                        else Journal.create(options.logs, one.job, when)
                    )
                except JournalInUse as error:
                    self._leave_to_another_run(one, error)
                    jobs.append(one.job)
                    continue
                except JournalError as error:
                    self._terminal.warn(str(error))
                    self._refuse(one.group.rows, str(error))
                    continue
                opened.callback(journal.close)
                journals.append(journal)
                jobs.append(journal.job)
                self._rows[journal.path] = one.group.rows
                self._note(one.group.rows, journal.job, Ended(ExitStatus.STILL_COMING))
            self._keep()
            if journals:
                self._bring(journals, {one.job.provider: one.provider for one in planned})
            else:  # a run that finished them may have been killed before it wrote this page
                index_page.refresh(options.logs)
        self._say_what_is_missing()
        self._say_how_to_go_on()
        return self.status(jobs)

    def _bring(self, journals: Sequence[Journal], providers: Mapping[str, Provider]) -> None:
        """Go on with these jobs until each has ended; or only send their requests."""
        # The list is confirmed as a whole: none of its jobs asks again, nor is there room for the
        # progress of each.
        overview = Overview(
            self._screen,
            self._terminal,
            word=f"{self._word}s",
            counts=lambda: Counter(one.status for one in list(self.results.values())),
            name=self._name,
            lines=False,
        )
        self._warn = overview.warn
        several = SeveralJobs(
            self._session, journals, lambda job: providers[job.provider], self._after, overview
        )
        try:
            if self._session.options.fetch_later:
                several.send_requests()
            else:
                several.run(requests_first=True)
        except Interrupted as stopped:
            raise Interrupted(f"\nStopped. To go on, {self._listed.again}.") from stopped

    def _leave_to_another_run(self, one: PlannedRows, error: JournalInUse) -> None:
        """A row that another run works on is not refused: its footage comes, by that run."""
        self._terminal.warn(str(error))
        self._note(one.group.rows, one.job, Ended(ExitStatus.STILL_COMING))
        for row in one.group.rows:
            self.results[row] = replace(self.results[row], message=str(error))

    def _keep(self) -> None:
        if trouble := self._listed.keep(self.results):
            self._warn(trouble)

    def _name(self, journal: Journal) -> str:
        """What a job is called among those of the list."""
        rows = ", ".join(map(str, self._rows[journal.path]))
        return f"{self._word} {rows}: {quotable(journal.job.vehicle.name)}"

    def _after(self, journal: Journal, ended: Ended) -> None:
        """A job was worked at: its rows have changed."""
        rows = self._rows[journal.path]
        if ended.error:
            self._failed[journal.path] = ended.status
        before = self.results.get(rows[0])
        with journal.locked() as job:
            self._note(rows, job, ended)
        result = self.results[rows[0]]
        if result == before:
            return
        self._keep()
        if not self._screen.interactive:  # 200 rows would scroll away what stands there
            line = f"{self._name(journal)}, {result.status}"
            self._screen.say(f"{line}; {result.missing}" if result.missing else line)

    def _say_what_is_missing(self) -> None:
        """Which rows are not complete: by pipe each was told as it ended."""
        if not self._screen.interactive:
            return
        lacking = [
            f"{self._word} {row}: {one.status}; {one.missing or one.message}".rstrip("; ")
            for row, one in sorted(self.results.items())
            if one.status not in ("complete", "requested", "refused")
        ]
        for line in lacking[:_NAMED]:
            self._screen.say(line)
        if len(lacking) > _NAMED:
            self._screen.say(f"So it is with {len(lacking) - _NAMED} more.")

    def _say_how_to_go_on(self) -> None:
        statuses = [one.status for one in self.results.values()]
        unfinished = sum(one in ("requested", "still coming", "failed") for one in statuses)
        if unfinished:
            are = "is" if unfinished == 1 else "are"
            counted = count_text(unfinished, self._listed.word)
            self._screen.say(f"{counted} {are} unfinished. To go on, {self._listed.again}.")

    def _note(self, rows: Sequence[int], job: Job, ended: Ended) -> None:
        """What is known of a job by now, for each of its rows."""
        self.results.update(dict.fromkeys(rows, result_of(job, ended)))

    @property
    def _word(self) -> str:
        return self._listed.word.capitalize()

    def status(self, jobs: Sequence[Job]) -> ExitStatus:
        """The worst of the rows; a refused one counts as missing."""
        refused = [one for one in self.results.values() if one.status == "refused"]
        if refused and len(refused) == self._listed.total:
            return ExitStatus.USAGE
        statuses = [outcome_of(job).exit_status for job in jobs]
        return worst(
            [*statuses, *self._failed.values(), *([ExitStatus.INCOMPLETE] if refused else [])]
        )


def _by_provider(planned: Sequence[PlannedRows]) -> Iterator[tuple[Provider, list[Retrieval]]]:
    """What is to be requested of each provider."""
    for provider in dict.fromkeys(one.provider for one in planned):
        of_it = [one.job for one in planned if one.provider is provider]
        yield provider, [each for job in of_it for each in planning.to_request(job)]


def _totals(planned: Sequence[PlannedRows]) -> str:
    """All of it in a line."""
    new = [one for one in planned if one.stored is None]
    parts = [count_text(len(planned), "job")]
    if len(new) < len(planned):
        parts.append(f"{len(planned) - len(new)} of them on disk already")
    for provider, requests in _by_provider(new):
        if requests:
            counted = count_text(len(requests), "request")
            parts.append(f"{counted} to {provider.name}, {provider.cost(requests).text}")
    return "In all: " + "; ".join(parts) + "."
