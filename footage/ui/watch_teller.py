"""What a watch says: each line with its time, in the log as well, and what repeats only once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, tzinfo

from footage.system import timezones
from footage.ui.log_file import HeldLog
from footage.ui.terminal import Terminal

log = logging.getLogger("footage.ui.watch_teller")


class Teller:
    """Tells the person, who may be reading days later.

    held: what is logged at the moment and not written; it is, as soon as something is told
    """

    def __init__(self, terminal: Terminal, zone: tzinfo, now: Callable[[], datetime]) -> None:
        self._terminal = terminal
        self.zone = zone
        self._now = now
        self._told: set[str] = set()
        self.held: HeldLog | None = None

    def say(self, text: str) -> None:
        """One line of what was found or done."""
        self.worth_logging()
        log.info("%s", text)
        self._terminal.say(self._stamped(text))

    def warn(self, text: str) -> None:
        """One line on what went wrong."""
        self.worth_logging()
        log.warning("%s", text)
        self._terminal.warn(self._stamped(text))

    def warn_once(self, text: str) -> None:
        """The same, unless it was told before and `forget` was not called since."""
        if text not in self._told:
            self._told.add(text)
            self.warn(text)

    def forget(self, text: str) -> None:
        """What was told is over, and is told again where it comes back."""
        self._told.discard(text)

    def worth_logging(self) -> None:
        """What is being done has led to something."""
        if self.held is not None:
            self.held.write()

    def _stamped(self, text: str) -> str:
        return f"{timezones.clock_text(self._now(), self.zone)}  {text}"
