"""When each retrieval is polled: soon at first, then less often, and never too often."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from footage.job.retrieval_run import RetrievalRun

_QUICKLY, _SLOWLY = 1.5, 1.1  # each pause is so much longer than the one before
_MINUTE = 60.0  # seconds: from here on slowly
_LONGEST = 180.0  # seconds


def next_pause(pause: float, first: float) -> float:
    """Seconds to pause after a pause of `pause` seconds whose poll brought nothing.

    What a vehicle that is online uploads is there within minutes; one that is not may take a day.
    So pauses are a minute before long, and then grow by a tenth up to three minutes. None is below
    the first one.
    """
    longer = pause * (_QUICKLY if pause < _MINUTE else _SLOWLY)
    return max(first, min(longer, _MINUTE if pause < _MINUTE else _LONGEST))


@dataclass(order=True)
class _Due:
    """An entry of the schedule; earlier ones come first."""

    at: float
    number: int
    run: RetrievalRun = field(compare=False)


class PollSchedule:
    """The polls to come, one for each retrieval at most; safe to use from many threads.

    min_interval: seconds from one poll of a retrieval to its next, at least
    """

    def __init__(self, min_interval: float, clock: Callable[[], float]) -> None:
        self._min_interval = min_interval
        self._clock = clock
        self._due: list[_Due] = []  # some are void: see `RetrievalRun.poll_due`
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def put(self, run: RetrievalRun, pause: float) -> bool:
        """Poll it `pause` seconds from now, or when that was wanted earlier already.

        Returns True where it is the next of all: whoever waits for the next poll waits too long.
        """
        with self._lock:
            at = max(self._clock() + pause, run.polled_at + self._min_interval)
            if run.poll_due is not None and run.poll_due <= at:
                return False
            first = self._first()
            run.poll_due = at
            heapq.heappush(self._due, _Due(at, next(self._numbers), run))
            return first is None or at < first

    def take(self) -> RetrievalRun | None:
        """The one that is to be polled now, if any."""
        with self._lock:
            now, first = self._clock(), self._first()
            if first is None or first > now:
                return None
            run = heapq.heappop(self._due).run
            run.poll_due, run.polled_at = None, now
            return run

    @property
    def next_at(self) -> float | None:
        """When the next poll is due, by the clock; None where none is to come."""
        with self._lock:
            return self._first()

    def _first(self) -> float | None:
        """When the earliest is due, once what is void is dropped; the lock is held."""
        while self._due and self._due[0].run.poll_due != self._due[0].at:
            heapq.heappop(self._due)
        return self._due[0].at if self._due else None
