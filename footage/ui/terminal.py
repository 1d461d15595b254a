"""Where questions are put and answers come from: a person's terminal, or piped lines."""

from __future__ import annotations

import getpass
import os
import select
import sys
from collections.abc import Callable
from typing import TextIO, TypeVar

from footage.errors import UsageError
from footage.system.text import for_terminal
from footage.ui import values

Answer = TypeVar("Answer")

TRIES = 3  # wrong answers to one question, then the program ends


class NoAnswerError(UsageError):
    """A question that got no usable answer: the input ended, or the tries are used up."""


class Terminal:
    """The three streams of the program: questions and errors go to `err`, results to `out`.

    interactive: the input is a terminal; where it is not, nothing ever waits for one.
    """

    def __init__(
        self,
        stdin: TextIO | None = None,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self.stdin: TextIO | None = stdin if stdin is not None else sys.stdin
        self.out: TextIO | None = out if out is not None else sys.stdout
        self.err: TextIO | None = err if err is not None else sys.stderr
        self.interactive = is_terminal(self.stdin)

    def say(self, text: str = "") -> None:
        """One line of what the program has found out or done."""
        _write(self.out, text)

    def warn(self, text: str) -> None:
        """One line on what went wrong, or what a question is about."""
        _write(self.err, text)

    def read(self, question: str, hidden: bool = False) -> str:
        """The answer to one question, without its line end; `hidden` ones are not shown.

        Raises NoAnswerError where the input ends first.
        """
        if hidden and self.interactive:
            try:
                return getpass.getpass(question, self.err)
            except EOFError:
                self.warn("")
                raise self._ended(question) from None
        _write(self.err, question, end="")
        if self.interactive and self.stdin is not None:
            _wait_for_line(self.stdin)
        try:
            line = self.stdin.readline() if self.stdin is not None else ""
        except UnicodeDecodeError:
            self.warn("")
            raise NoAnswerError(
                f"The answer to '{title(question)}' is not readable text; save it as UTF-8."
            ) from None
        if not self.interactive or not line:
            self.warn("")  # nobody pressed Enter: keep the transcript readable
        if not line:
            raise self._ended(question)
        # A shell on Windows may put a byte order mark, read in either encoding, before the text.
        return line.rstrip("\r\n").removeprefix("\ufeff").removeprefix("\u00ef\u00bb\u00bf")

    def ask(self, question: str, parse: Callable[[str], Answer], hidden: bool = False) -> Answer:
        """Ask until `parse` takes the answer; its UsageError is shown and the question asked again.

        Raises NoAnswerError (a UsageError) after three wrong answers, or where the input ends.
        What `parse` asks itself has three of its own.
        """
        for _ in range(TRIES):
            try:
                return parse(self.read(question, hidden))
            except NoAnswerError:
                raise
            except UsageError as error:
                self.warn(str(error))
        raise self.given_up(question)

    @staticmethod
    def given_up(question: str) -> NoAnswerError:
        """The error for a question that was answered wrongly so often."""
        return NoAnswerError(
            f"'{title(question)}' was answered three times in a way that cannot be used, so the "
            "program stops here; nothing was requested."
        )

    def confirm(self, question: str, assume_yes: bool) -> bool:
        """Ask for a yes; Enter alone is a no. Piped input is never read for it.

        Raises UsageError where nobody can be asked and `assume_yes` (`--yes`) is not given.
        """
        if assume_yes:
            self.say(f"{question} Yes, as --yes says.")
            return True
        if not self.interactive:
            raise UsageError(f"{question} This run cannot ask; add --yes to agree.")
        return self.ask(f"{question} [y/N]: ", values.yes_or_no)

    @staticmethod
    def _ended(question: str) -> NoAnswerError:
        return NoAnswerError(f"The input ended before '{title(question)}' was answered.")


def title(question: str) -> str:
    """What a question asks for, as a message names it: "Start date and time"."""
    return question.split(" (")[0].rstrip(": ")


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person can type there. On Windows the NUL device calls itself a terminal too."""
    try:
        if stream is None or not stream.isatty():
            return False
        if sys.platform == "win32":
            import ctypes
            import msvcrt

            handle = msvcrt.get_osfhandle(stream.fileno())
            mode = ctypes.c_ulong()
            return bool(ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)))
    except (OSError, ValueError):
        return False
    return True


def _write(stream: TextIO | None, text: str, end: str = "\n") -> None:
    """Write at once; what the stream's encoding cannot show becomes `?`."""
    if stream is None:
        return
    if end and is_terminal(stream):
        text = for_terminal(text)
    try:
        stream.write(text + end)
        stream.flush()
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write((text + end).encode(encoding, "replace").decode(encoding))
        stream.flush()
    except OSError:  # nobody reads it any more
        return


def _wait_for_line(terminal: TextIO) -> None:
    """Wait until a line was typed, in steps of 0.2 s.

    A Ctrl+C that comes just before a blocking read begins would wait for the next key.
    """
    if os.name == "nt":  # a console there cannot be waited for so, and has no such gap
        return
    try:
        while not select.select([terminal], [], [], 0.2)[0]:
            pass
    except (OSError, ValueError):  # no file of the system's behind it: reading will do
        return
