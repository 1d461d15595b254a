"""Time that passes only while every worker waits: hours of waiting take no time, and nothing is
left to chance."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from footage.errors import Interrupted
from footage.system.threads import Changes, StopEvent, WorkerGroup


class VirtualTime(StopEvent):
    """A clock, and the event whose waits end by it.

    Once `begin` was called and all threads of the `VirtualWorkers` wait, it jumps to the moment
    at which the first of them wants to go on.
    waits: how many waits have ended
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.waits = 0
        self.workers = 0
        self._begun = False
        self._condition = threading.Condition(threading.RLock())
        self._waiting: dict[int, tuple[Callable[[], bool], float]] = {}

    def __call__(self) -> float:
        return self.now

    def hold(self) -> None:
        """Threads are being started: no time passes until `begin`."""
        self._begun = False

    def begin(self) -> None:
        """All threads are started: time may pass."""
        with self._condition:
            self._begun = True
            self._pass()

    def set(self) -> None:
        super().set()
        self.check()

    def check(self) -> None:
        """Something that is waited for may have come."""
        with self._condition:
            self._pass()
            self._condition.notify_all()

    def pause(self, seconds: float) -> None:
        self.wait_until(lambda: False, seconds)

    def wait_until(self, ready: Callable[[], bool], seconds: float | None) -> None:
        with self._condition:
            until = math.inf if seconds is None else self.now + seconds
            me = threading.get_ident()
            self._waiting[me] = (ready, until)
            self._pass()
            while not (ready() or self.now >= until or self.is_set()):
                self._condition.wait()
            del self._waiting[me]
            self.waits += 1
        if self.is_set():
            raise Interrupted("Stopped.")

    def worker_ended(self) -> None:
        with self._condition:
            self.workers -= 1
            self._pass()

    def _pass(self) -> None:
        waiting = self._waiting.values()
        if self.is_set() or not self._begun or not waiting or len(waiting) < self.workers:
            return
        if any(ready() or until <= self.now for ready, until in waiting):
            return
        following = min(until for _, until in waiting)
        if following < math.inf:
            self.now = following
            self._condition.notify_all()


class VirtualChanges(Changes):
    """Changes whose waits end by a virtual clock."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(time)
        self._time = time

    def notify(self) -> None:
        super().notify()
        self._time.check()

    def wait(self, seen: int, seconds: float | None = None) -> None:
        self._time.wait_until(lambda: self.count != seen, seconds)


class VirtualWorkers(WorkerGroup):
    """Threads of which the virtual clock knows how many there are."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(time)
        self._time = time

    def add(self, name: str, work: Callable[[], None]) -> None:
        def counted() -> None:
            try:
                work()
            finally:
                self._time.worker_ended()

        self._time.workers += 1
        super().add(name, counted)
