"""Calls that are due later, made one after the other by a single thread of the program."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
import weakref
from collections.abc import Callable

log = logging.getLogger("footage.system.later")

Method = weakref.WeakMethod[Callable[[], None]]


class Later:
    """Calls methods when their time has come; not those of an object that is gone by then.

    The thread is a daemon, and there is none while nothing is due.
    """

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Method]] = []
        self._numbers = itertools.count()
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None

    def call(self, seconds: float, method: Callable[[], None]) -> None:
        """Call a method in so many seconds; its object is not kept for that."""
        entry = (time.monotonic() + seconds, next(self._numbers), weakref.WeakMethod(method))
        with self._condition:
            heapq.heappush(self._due, entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="later", daemon=True)
                self._thread.start()
            elif self._due[0] is entry:
                self._condition.notify()

    def _work(self) -> None:
        while (due := self._take()) is not None:
            method = due()
            if method is None:
                continue
            try:
                method()
            except Exception:  # what fails for one object keeps nothing from the others
                log.exception("What was due has failed")
            del method  # the object is not kept while the next is waited for

    def _take(self) -> Method | None:
        """Wait for what is due next; None once nothing is."""
        with self._condition:
            while self._due:
                left = self._due[0][0] - time.monotonic()
                if left <= 0:
                    return heapq.heappop(self._due)[2]
                self._condition.wait(left)
            self._thread = None
            return None
