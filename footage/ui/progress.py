"""What the person sees while the program works: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from footage.system.text import for_terminal

if TYPE_CHECKING:
    from rich.progress import TaskID
    from rich.text import Text

_EVERY = 30.0  # seconds between two plain lines about the same thing


class Screen:
    """The place for progress and results. A context manager; bars stand only inside of it.

    interactive: bars that change in place; otherwise one line now and then
    """

    def __init__(
        self, stream: TextIO, interactive: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._interactive = interactive
        self._clock = clock
        self._stream = stream
        self._console = Console(
            file=stream, force_terminal=interactive, highlight=False, markup=False, emoji=False
        )
        self._bars = Progress(
            TextColumn("{task.description:<13}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[text]}", markup=False),
            console=self._console,
            refresh_per_second=4,
            disable=not interactive,
        )
        self._tasks: dict[str, TaskID] = {}
        self._note: TaskID | None = None
        self._printed: dict[str, tuple[float, str]] = {}

    def __enter__(self) -> Screen:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Take the bars away while the person is asked something."""
        self._bars.stop()
        try:
            yield
        finally:
            self._bars.start()

    def say(self, text: str = "") -> None:
        """One line, kept on the screen."""
        text = _safe(text)
        self._console.print(for_terminal(text) if self._interactive else text, soft_wrap=True)

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Rows of text, the first column to the left, the others to the right."""
        from rich.table import Table

        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 4, 0, 0))
        for number in range(len(rows[0])):
            table.add_column(
                justify="left" if number == 0 else "right", overflow="fold", no_wrap=number > 0
            )
        for row in rows:
            table.add_row(*(_text(cell) for cell in row))
        if self._interactive:
            self._console.print(table)
            return
        for row in rows:  # one line each, however long: what reads them has no width
            self.say("    ".join(row))

    def note(self, text: str) -> None:
        """One quiet line on what keeps the work from going on; "" takes it away again."""
        text = _safe(text)
        if not self._interactive:
            if text:
                self.show("On hold", text, 0, 1)
        elif self._note is not None:
            self._bars.update(self._note, text=text, visible=bool(text))
        elif text:
            self._note = self._bars.add_task("On hold", total=None, text=text)

    def show(self, stage: str, text: str, done: float, total: float, last: bool = False) -> None:
        """Say how far a stage is; `done` of `total` in any unit, `last` when it is over."""
        text = _safe(text)
        if self._interactive:
            task = self._tasks.get(stage)
            if task is None:
                task = self._tasks[stage] = self._bars.add_task(stage, total=total, text=text)
            self._bars.update(task, completed=done, total=total, text=text)
            return
        at, before = self._printed.get(stage, (-_EVERY, ""))
        if text != before and (last or self._clock() - at >= _EVERY):
            self._printed[stage] = (self._clock(), text)
            self.say(f"{stage:<13} {text}")


def _text(cell: str) -> Text:
    from rich.text import Text

    return Text(_safe(cell))


def _safe(text: str) -> str:
    """What a server said may stand in it; nothing of that may command the terminal."""
    return "".join(character for character in text if character.isprintable())
