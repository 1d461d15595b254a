"""What the person sees while the program works: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from io import TextIOWrapper
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, TextIO

from footage.job import contact_text
from footage.job.progress import (
    CheckProgress,
    DownloadProgress,
    MergeProgress,
    Progress,
    RenderProgress,
)
from footage.model import UTC, Camera, MediaType
from footage.system.text import count_text, for_terminal, length_text, size_text, visible
from footage.system.timezones import minute_text

if TYPE_CHECKING:
    from rich.console import Group
    from rich.progress import TaskID
    from rich.text import Text

_EVERY = 30.0  # seconds between two plain lines about the same thing
# Drawing the bars takes 2 ms: each second, an hour of waiting would cost 8 s of processor time.
_BAR = 24  # characters
_CLOCK_STEP = 15  # seconds in which the waiting is counted, once it has lasted `_LONG_WAIT` seconds
_LONG_WAIT = 120.0
_HOLDS_FOR = 5.0  # seconds for which bars may stand still then, and lines always
_CHECK_SHOWN_FROM = 50  # files; fewer are hashed in a moment
_RECKONED_AFTER = 3.0  # seconds of rendering, before it is said how long the rest will take


class Screen:
    """The place for progress and results. A context manager; bars stand only inside of it.

    stream:      None where the program has no output, as with Windows' pythonw: nothing is shown
    interactive: bars that change in place; otherwise one line now and then
    """

    def __init__(
        self, stream: TextIO | None, interactive: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bars

        if isinstance(stream, TextIOWrapper):
            # A file or pipe on Windows is cp1252 or the like: a name it lacks must not end the run.
            stream.reconfigure(errors="replace")
        self.interactive = interactive
        self._clock = clock
        self._console = Console(
            file=stream, force_terminal=interactive, highlight=False, markup=False, emoji=False
        )
        self._rows = Bars(
            TextColumn("{task.description:<13}", markup=False),
            BarColumn(bar_width=_BAR),
            TextColumn("{task.fields[text]}", markup=False),
            console=self._console,
        )
        self._note = ""
        self._note_height = 1  # lines kept free for it, so that nothing moves when it comes or goes
        self._ended = False
        self._live = Live(
            console=self._console,
            auto_refresh=False,  # drawn where something has changed: see `refresh`
            get_renderable=self._picture,
        )
        self._tasks: dict[str, TaskID] = {}
        self._shown: dict[str, tuple[str, float, float]] = {}
        self._changed = False
        self._printed: dict[str, tuple[float, str]] = {}

    @property
    def room(self) -> int:
        """Characters that there are beside a bar and its name; a longer text takes their place."""
        return self._console.width - 13 - _BAR - 3 if self.interactive else 1000

    def __enter__(self) -> Screen:
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended = True
        self._live.stop()  # draws them once more

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bars away while the person is asked something."""
        self._live.stop()
        try:
            yield
        finally:
            self._start()

    def _start(self) -> None:
        if self.interactive:
            self._live.start()

    def _picture(self) -> Group:
        """The bars, and below them the place of the note."""
        from rich.console import Group

        if self._ended and not self._note:
            return Group(self._rows)
        text = _text(f"{'On hold':<13} {self._note}" if self._note else "")
        lines = text.wrap(self._console, self._console.width)
        self._note_height = max(self._note_height, len(lines))
        text.append("\n" * (self._note_height - max(1, len(lines))))
        return Group(self._rows, text)

    def say(self, text: str = "") -> None:
        """One line, kept on the screen."""
        text = visible(text)
        self._console.print(for_terminal(text) if self.interactive else text, soft_wrap=True)

    def say_of_all(self, text: str) -> None:
        """One line, kept on the screen, that is about no single job."""
        self.say(text)

    def table(self, rows: Sequence[Sequence[str]], *, left: bool = False) -> None:
        """Rows of text, the first column to the left, the others to the right.

        left: all of them to the left, and where the width is short for them each may take several
              lines; else that is the first column alone, which should be the longest
        """
        from rich.table import Table

        texts = [[_text(cell) for cell in row] for row in rows]
        columns = zip(*texts, strict=True)
        needed = sum(max(text.cell_len for text in column) + 4 for column in columns)
        apart = 4 if needed - 4 <= self._console.width else 2
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, apart, 0, 0))
        for number in range(len(rows[0])):
            table.add_column(
                justify="left" if number == 0 or left else "right",
                overflow="fold",
                no_wrap=number > 0 and not left,
            )
        for texts_of_row in texts:
            table.add_row(*texts_of_row)
        if self.interactive:
            self._console.print(table)
            return
        for row in rows:  # one line each, however long: what reads them has no width
            self.say("    ".join(row))

    def note(self, text: str) -> None:
        """One quiet line on what keeps the work from going on; "" takes it away again."""
        text = visible(text)
        if not self.interactive:
            if text:
                self.show("On hold", text, 0, 1)
        elif self._note != text:
            self._note = text
            self._changed = True

    def show(self, stage: str, text: str, done: float, total: float, last: bool = False) -> None:
        """Say how far a stage is; `done` of `total` in any unit, `last` when it is over."""
        text = visible(text)
        if self.interactive:
            if stage not in self._tasks:
                self._tasks[stage] = self._rows.add_task(stage, total=total, text=text)
            if self._is_new(stage, (text, done, total)):
                self._rows.update(self._tasks[stage], completed=done, total=total, text=text)
            return
        at, before = self._printed.get(stage, (-_EVERY, ""))
        if text != before and (last or self._clock() - at >= _EVERY):
            self._printed[stage] = (self._clock(), text)
            self.say(f"{stage:<13} {text}")

    def refresh(self) -> None:
        """Draw the bars, if anything in them has changed since they were drawn."""
        if self._changed:
            self._changed = False
            if self._live.is_started:
                self._live.refresh()

    def _is_new(self, stage: str, shown: tuple[str, float, float]) -> bool:
        """Whether this is not what the bar of a stage shows already; remembers it."""
        new = self._shown.get(stage) != shown
        self._shown[stage] = shown
        self._changed = self._changed or new
        return new


class Shown(Protocol):
    """Where the lines and the progress of a job are shown: see `Screen`."""

    interactive: bool

    def say(self, text: str = "") -> None:
        """One line that stays."""

    def say_of_all(self, text: str) -> None:
        """One line that stays, and is about no single job."""

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows of text that stay."""

    def note(self, text: str) -> None:
        """What keeps the work from going on; "" for nothing."""

    def show(self, stage: str, text: str, done: float, total: float, last: bool = False) -> None:
        """How far a stage is."""

    def refresh(self) -> None:
        """Draw what has changed."""


class JobDisplay:
    """Shows the stages of one job on the screen, in words (it is a `ProgressDisplay`).

    tz: the zone in which the minutes of downloads are given
    told: what was said once, for `say_once`; may be shared with displays of other jobs
    """

    def __init__(
        self, screen: Shown, tz: tzinfo, media_type: MediaType, told: set[str] | None = None
    ) -> None:
        self._screen = screen
        self._told = set() if told is None else told
        self._tz = tz
        self._since: tuple[float, float] | None = None  # see `_film_text`
        self._left = math.inf
        self._pieces = "pictures" if media_type is MediaType.IMAGE else "clips"

    def say(self, text: str = "") -> None:
        """One line, kept on the screen."""
        self._screen.say(text)

    def say_once(self, text: str) -> None:
        """One line, kept on the screen, unless it was said before."""
        if text not in self._told:
            self._told.add(text)
            self._screen.say_of_all(text)

    def show_retrieving(
        self, progress: Progress, seconds: float, film: RenderProgress | None, *, last: bool = False
    ) -> None:
        """Requests, uploads and downloads, and the film that is rendered meanwhile.

        seconds: since the retrieving began
        last: nothing more will come in this run; what is shown now remains standing
        """
        show = self._screen.show
        requested = f"{progress.asked}/{progress.requests}"
        show("Requesting", requested, progress.asked, progress.requests, last)
        if progress.check is not None:
            self._show_check(progress.check)
        if progress.asked and (progress.awaited or progress.lost):
            text = _waiting_text(progress, seconds)
            show("Waiting", text, progress.uploaded, progress.awaited, last)
        if progress.fetching or progress.fetched:
            text = f"{progress.fetched} of {progress.awaited} {self._pieces}"
            downloads = [download_text(one, self._tz) for one in progress.fetching]
            show(
                "Downloading",
                ", ".join([text, *downloads]),
                progress.fetched,
                progress.awaited,
                last,
            )
        if film is not None and not last:
            all_here = progress.fetched == progress.awaited and progress.asked == progress.requests
            text = self._film_text(film, seconds, all_here)
            show("Side by side", text, film.done, film.length)
        trouble = "" if last else progress.trouble
        self._screen.note(f"{trouble} Trying again by itself." if trouble else "")
        self._screen.refresh()

    def holds_for(self, seconds: float) -> float:
        """Until the next step of what counts the time; `seconds` since the retrieving began."""
        counts_seconds = self._screen.interactive and seconds < _LONG_WAIT
        return 1.0 if counts_seconds else _HOLDS_FOR

    def _film_text(self, film: RenderProgress, seconds: float, all_here: bool) -> str:
        """ "40 %, 0:31 left"; nobody knows what is left while footage is still to come.

        It is reckoned by what was rendered since then, as the time before was spent waiting, and
        is never more than it was a moment ago.
        """
        text = f"{100 * film.done / film.length:.0f} %"
        if not all_here or self._since is None:
            self._since, self._left = (seconds, film.done) if all_here else None, math.inf
            return text
        began, before = self._since
        if seconds - began >= _RECKONED_AFTER and film.done > before:
            left = (film.length - film.done) * (seconds - began) / (film.done - before)
            self._left = min(self._left, left)
        return text if math.isinf(self._left) else f"{text}, {length_text(self._left)} left"

    def show_check(self, progress: CheckProgress) -> None:
        """The files that are here are compared with their hashes, and nothing beside it."""
        self._show_check(progress)
        self._screen.refresh()

    def _show_check(self, progress: CheckProgress) -> None:
        if progress.total >= _CHECK_SHOWN_FROM:
            text = f"{progress.done} of {count_text(progress.total, 'file')} that are here"
            last = progress.done == progress.total
            self._screen.show("Checking", text, progress.done, progress.total, last)

    def show_merging(self, progress: MergeProgress) -> None:
        """A camera's clips are being merged."""
        self._screen.show("Merging", progress.camera.label, progress.done, progress.total)
        self._screen.refresh()

    def show_merged(self, cameras: Sequence[Camera], seconds: float) -> None:
        """All cameras are merged; it took so many seconds."""
        text = f"{', '.join(camera.label for camera in cameras)} in {seconds:.1f} s"
        self._screen.show("Merging", text, len(cameras), len(cameras), last=True)
        self._screen.refresh()

    def show_rendered(self, length: float, *, finished: bool = False) -> None:
        """All of the film, so many seconds, is rendered; `finished`: it is one file, too."""
        text = "done" if finished else "rendered"
        self._screen.show("Side by side", text, length, length, last=finished)
        self._screen.refresh()


def _waiting_text(progress: Progress, seconds: float) -> str:
    """ "3 of 15 uploaded, last online 3 h ago, next check in 8 s, 1:02 so far"; without the times
    once all is there.

    What cannot be had is not awaited any more, and is named.
    """
    text = f"{progress.uploaded} of {progress.awaited} uploaded"
    if progress.lost:
        text += f", {progress.lost} not to be had"
    if progress.uploaded == progress.awaited:
        return text
    if progress.contact is not None:
        text += f", {contact_text.short(progress.contact, datetime.now(UTC))}"
    step = _CLOCK_STEP if seconds >= _LONG_WAIT else 1
    so_far = seconds // step * step
    if progress.next_poll is not None:
        # Counted from `so_far`, so that both change at the same moment.
        steps = math.ceil((seconds + progress.next_poll - so_far) / step)
        text += f", next check in {steps * step or step} s"
    return f"{text}, {length_text(so_far)} so far"


def download_text(download: DownloadProgress, tz: tzinfo) -> str:
    """ "Road 13:31 1.2 MB of 4.0 MB" out of a download under way."""
    name = f"{download.camera.label} {minute_text(download.time, tz)}"
    if not download.total:
        return name
    return f"{name} {size_text(download.received)} of {size_text(download.total)}"


def _text(cell: str) -> Text:
    from rich.text import Text

    return Text(visible(cell))
