"""When to look at which retrieval: soon at first, then less often, and never too often."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from footage.model import Retrieval


@dataclass(order=True)
class _Due:
    """An entry of the list; earlier ones first."""

    at: float
    number: int
    retrieval: Retrieval = field(compare=False)


class PollSchedule:
    """The looks to come, one for each retrieval at most; safe to use from many threads.

    shortest: seconds from one look at a retrieval to the next, at least
    """

    def __init__(self, shortest: float, clock: Callable[[], float]) -> None:
        self._shortest = shortest
        self._clock = clock
        self._due: list[_Due] = []
        self._next: dict[int, float] = {}  # of each retrieval on the list; other entries are void
        self._begun: dict[int, float] = {}  # when each was looked at last
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def put(self, retrieval: Retrieval, pause: float) -> None:
        """Look at it `pause` seconds from now, or when that was wanted earlier already."""
        key = id(retrieval)
        with self._lock:
            at = max(self._clock() + pause, self._begun.get(key, -math.inf) + self._shortest)
            if at < self._next.get(key, math.inf):
                self._next[key] = at
                heapq.heappush(self._due, _Due(at, next(self._numbers), retrieval))

    def take(self) -> Retrieval | None:
        """The one that is to be looked at now, if any."""
        with self._lock:
            now = self._clock()
            while self._due and self._due[0].at <= now:
                due = heapq.heappop(self._due)
                key = id(due.retrieval)
                if self._next.get(key) == due.at:
                    del self._next[key]
                    self._begun[key] = now
                    return due.retrieval
            return None

    @property
    def next_in(self) -> float | None:
        """Seconds until the next look; None where none is to come."""
        with self._lock:
            if not self._next:
                return None
            return max(0.0, min(self._next.values()) - self._clock())
