"""The screen of a run over several jobs: how far all of them are, and what is worked at now."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from footage.job.crew import Crew
from footage.job.crew_member import Member
from footage.job.journal import Journal
from footage.model import Job, MediaStatus
from footage.system import timezones
from footage.system.text import quotable, single_line
from footage.ui.progress import Screen, download_text
from footage.ui.terminal import Terminal

# How far a row or job is, in the order in which it is shown, by the words of the results.
_SHOWN_AS = {
    "complete": "done",
    "requested": "coming",
    "still coming": "coming",
    "incomplete": "incomplete",
    "nothing": "without footage",
    "refused": "refused",
    "failed": "failed",
}
_NAMED = 2  # downloads under way that are named; the rest is counted

Counts = Mapping[str, int]


@dataclass(frozen=True)
class _Figures:
    """How far a job is, in numbers; `revision`: of the job's state that they are of."""

    revision: int
    requests: int
    sent: int
    awaited: int
    uploaded: int
    fetched: int


class Overview:
    """Bars for all jobs together, of the same height however many there are, and the lines of each
    job with its name before them. Used by several threads.

    word:   what is counted: `Jobs`, `Rows`
    counts: how many of these are how far, in the words of the results
    name:   of a job
    lines:  the jobs' own lines and summaries are shown too; else only what goes wrong
    """

    def __init__(
        self,
        screen: Screen,
        terminal: Terminal,
        *,
        word: str,
        counts: Callable[[], Counts],
        name: Callable[[Journal], str] | None = None,
        lines: bool = True,
    ) -> None:
        self._screen = screen
        self._terminal = terminal
        self._word = word
        self._counts = counts
        self.name = name or _name
        self.lines = lines
        self._figures: dict[Path, _Figures] = {}
        self._waited = False  # for something, so there is a bar for it
        # A thread that shows something may be in the middle of a sentence of several lines.
        self.lock = threading.RLock()

    def __enter__(self) -> Overview:
        self._screen.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self.lock:
            self._screen.__exit__(kind, error, traceback)

    @property
    def interactive(self) -> bool:
        return self._screen.interactive

    def of(self, journal: Journal) -> JobLines:
        """Where the lines of a job are shown."""
        return JobLines(self, self._screen, self.name(journal))

    def say(self, text: str = "") -> None:
        """One line, kept on the screen."""
        with self.lock:
            self._screen.say(text)

    def warn(self, text: str) -> None:
        """One line on what went wrong."""
        with self.paused():
            self._terminal.warn(text)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bars away while something is asked, or said on the other stream."""
        with self.lock, self._screen.paused():
            yield

    def show(self, crew: Crew, journals: Sequence[Journal], *, last: bool = False) -> None:
        """Show how far all of the jobs are; `last`: they go no further in this run."""
        figures = [self._figures_of(journal) for journal in journals]
        members = crew.members
        with self.lock:
            self._show_counts(last)
            sent, requests = sum(f.sent for f in figures), sum(f.requests for f in figures)
            self._screen.show("Requesting", f"{sent}/{requests}", sent, requests)
            uploaded, awaited = sum(f.uploaded for f in figures), sum(f.awaited for f in figures)
            self._waited |= uploaded < awaited
            if uploaded < awaited or (self._waited and self.interactive):  # a bar stays
                text = f"{uploaded} of {awaited} uploaded"
                self._screen.show("Waiting", text, uploaded, awaited)
            fetched = sum(f.fetched for f in figures)
            if fetched or any(one.retriever and one.retriever.fetching for one in members):
                text = ", ".join([f"{fetched} of {awaited} clips", *_downloads(members)])
                text = single_line(text, self._screen.room)
                self._screen.show("Downloading", text, fetched, awaited)
            self._show_making(crew, len(members), len(journals))
            self._screen.note(_trouble(members))
            self._screen.refresh()

    def _show_counts(self, last: bool) -> None:
        counts: Counter[str] = Counter()
        for status, number in self._counts().items():
            counts[_SHOWN_AS[status]] += number
        total = sum(counts.values())
        words = [f"{counts[word]} {word}" for word in dict.fromkeys(_SHOWN_AS.values())]
        shown = [text for text in words if not text.startswith("0 ")]
        text = f"{', '.join(shown)}, of {total}"
        self._screen.show(self._word, text, total - counts["coming"], total, last)

    def _show_making(self, crew: Crew, going: int, total: int) -> None:
        making = crew.making
        if making is not None:
            film = making.pipeline.side_by_side.progress
            share = f": {100 * film.done / film.length:.0f} % of the film" if film else ""
            text = single_line(f"{making.name}{share}", self._screen.room)
            self._screen.show("Making", text, total - going, total)
        elif total > going:
            self._screen.show("Making", "nothing at the moment", total - going, total)

    def _figures_of(self, journal: Journal) -> _Figures:
        """Counted anew only where the job has changed."""
        known = self._figures.get(journal.path)
        if known is None or known.revision != journal.job.revision:
            with journal.locked() as job:
                known = self._figures[journal.path] = _figures(job)
        return known


class JobLines:
    """Shows the lines of one of several jobs (a `Shown`): each has the job's name before it."""

    def __init__(self, overview: Overview, screen: Screen, name: str) -> None:
        self._overview = overview
        self._screen = screen
        self._name = name
        self.interactive = screen.interactive

    def say(self, text: str = "") -> None:
        """One line, kept on the screen; an empty one only parts what stands alone."""
        if self._overview.lines and text:
            self._overview.say(f"{self._name}: {text}")

    def say_of_all(self, text: str) -> None:
        """One line, kept on the screen, that is about no single job."""
        self._overview.say(text)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows of text, the first column to the left, the others to the right."""
        if self._overview.lines:
            with self._overview.lock:
                self._screen.table([[f"{self._name}: {first}", *rest] for first, *rest in rows])

    def note(self, text: str) -> None:
        """What keeps one job from going on is shown for all of them."""

    def show(self, stage: str, text: str, done: float, total: float, last: bool = False) -> None:
        """A line where a stage is over, unless there are bars."""
        if last and not self.interactive:
            self.say(f"{stage:<13} {text}")

    def refresh(self) -> None:
        """The bars are drawn for all jobs together."""


def _name(journal: Journal) -> str:
    """The vehicle, and when the footage begins."""
    job = journal.job
    start = timezones.local(job.start, timezones.zone(job.timezone))
    return f"{quotable(job.vehicle.name)} {start:%Y-%m-%d %H:%M}"


def _figures(job: Job) -> _Figures:
    media = [one for _, one in job.media()]
    return _Figures(
        revision=job.revision,
        requests=len(job.retrievals),
        sent=sum(not one.state.unsent for one in job.retrievals),
        awaited=sum(not one.status.final for one in media),
        uploaded=sum(one.status is MediaStatus.AVAILABLE for one in media),
        fetched=sum(one.clip is not None for one in media),
    )


def _downloads(members: Sequence[Member]) -> Iterator[str]:
    """The downloads under way, each with its job."""
    all_of_them = [
        (one, each)
        for one in members
        if one.retriever is not None and one.retriever.fetching
        for each in one.retriever.progress().fetching
    ]
    for one, each in all_of_them[:_NAMED]:
        tz = timezones.zone(one.pipeline.job.timezone)
        yield f"{one.name} {download_text(each, tz)}"
    if len(all_of_them) > _NAMED:
        yield f"{len(all_of_them) - _NAMED} more"


def _trouble(members: Sequence[Member]) -> str:
    """What keeps jobs from going on, and how many of them."""
    troubles = Counter(
        trouble
        for one in members
        if one.retriever is not None and (trouble := one.retriever.progress().trouble)
    )
    for trouble, jobs in troubles.most_common(1):
        return f"{trouble} Trying again by itself." + (f" ({jobs} jobs)" if jobs > 1 else "")
    return ""
