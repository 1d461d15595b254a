"""Threads that do the waiting, and the one switch that stops them all."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from footage.errors import Interrupted

log = logging.getLogger("footage.system.threads")


class StopEvent(threading.Event):
    """Set when everything has to end; every wait of the program is a wait for it."""

    def pause(self, seconds: float) -> None:
        """Wait so many seconds; raises Interrupted as soon as the switch is set."""
        if self.wait(seconds):
            raise Interrupted("Stopped.")


class WorkerGroup:
    """Some threads that work until they are done, are stopped, or one of them fails.

    They are daemons: one that hangs in the network does not keep the program from ending.
    """

    def __init__(self, stop: StopEvent) -> None:
        self._stop = stop
        self._threads: list[threading.Thread] = []
        self._failure: BaseException | None = None

    def add(self, name: str, work: Callable[[], None]) -> None:
        """Start a thread that does `work`."""
        thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    @property
    def busy(self) -> bool:
        """True while any of them works. Raises the first failure of any, once."""
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return any(thread.is_alive() for thread in self._threads)

    def join(self, seconds: float) -> None:
        """Give them so much time to end, all together."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Interrupted:
            log.debug("%s stopped", threading.current_thread().name)
        except BaseException as error:  # noqa: BLE001 - handed on to the thread that waits
            log.debug("%s failed: %r", threading.current_thread().name, error)
            if self._failure is None and not self._stop.is_set():
                self._failure = error
            self._stop.set()
