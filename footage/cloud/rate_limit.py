"""Keeping under a rate limit in every window of time, wherever that begins."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from ratelimit import RateLimitDecorator, RateLimitException

Clock = Callable[[], float]
Wait = Callable[[float], None]  # waits so many seconds; may raise `Interrupted`

# Calls may reach the provider closer together than they left here: by so much of the period, and
# by so many seconds. It leaves 91 % of 5 calls a second, and 98 % of 100 a minute.
MARGIN_SHARE = 0.02
MARGIN_SECONDS = 0.08
# Shorter waits than this may not move a clock at all.
SHORTEST_WAIT = 0.0002
# Seconds until it is looked again where as many calls as the limit allows are unanswered.
_LOOK_AGAIN = 0.1


class RateLimit(NamedTuple):
    """At most so many `calls` in any `period` seconds."""

    calls: int
    period: float


class RateLimiter:
    """Lets calls start one by one, so that no `period` seconds see more than `calls` starts.

    `ratelimit` counts calls in fixed windows, and two of those side by side let twice the limit
    through at their edge. So it is given windows of a single call each: a spacing.

    A call that is slow on its way, as on a busy computer or with a new connection, is counted by
    the provider later than it started, and closer to those after it. When exactly is not known,
    only that it was before the answer. So a call counts until its answer is a whole period old.

    clock: seconds, never going back
    wait:  waits so many seconds; whatever it raises (`Interrupted`) leaves `take` at once
    """

    def __init__(
        self, calls: int, period: float, clock: Clock = time.monotonic, wait: Wait = time.sleep
    ) -> None:
        self.spacing = spacing(calls, period)
        self._calls = calls
        self._period = period
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._held_until = float("-inf")
        self._start: Callable[[], None] | None = None
        self._unanswered = 0
        self._answered: deque[float] = deque()  # when, of those in the last period
        self._thread = threading.local()

    def reserve(self) -> None:
        """Wait for a start now that this thread's next `turn` will use without waiting.

        Only if that comes within one spacing and no `hold` came meanwhile: else the
        start would move into a window that is full without it.
        """
        self._thread.reserved = None
        self._wait_for_start()
        with self._lock:
            self._unanswered -= 1  # it is not said that the start will be used
        self._thread.reserved = self._clock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Enter when the next call may start, and leave when it is answered, or has failed; safe to
        use from many threads.
        """
        if self._use_reserved():
            with self._lock:
                self._unanswered += 1
        else:
            self._wait_for_start()
        try:
            yield
        finally:
            with self._lock:
                self._unanswered -= 1
                self._answered.append(self._clock())

    def take(self) -> None:
        """The turn of a call that is answered at once."""
        with self.turn():
            pass

    def _use_reserved(self) -> bool:
        reserved: float | None = getattr(self._thread, "reserved", None)
        self._thread.reserved = None
        now = self._clock()
        return reserved is not None and now - reserved <= self.spacing and now >= self._held_until

    def _wait_for_start(self) -> None:
        while (seconds := self._seconds_left()) > 0:
            self._wait(max(seconds, SHORTEST_WAIT))

    def hold(self, seconds: float) -> None:
        """Let nobody start for the next `seconds`: the provider has asked for a pause."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + seconds)

    def _seconds_left(self) -> float:
        """Start a call now and return 0, or return how long that has to wait."""
        with self._lock:
            now = self._clock()
            if self._held_until > now:
                return self._held_until - now
            if (full := self._full_for(now)) > 0:
                return full
            if self._start is None:
                # Its first window begins when it is made: made any earlier, the first spacing
                # would come out short.
                limit = RateLimitDecorator(calls=1, period=self.spacing, clock=self._clock)
                self._start = limit(lambda: None)
            try:
                self._start()
            except RateLimitException as too_early:
                return max(float(too_early.period_remaining), SHORTEST_WAIT)
            self._unanswered += 1
            return 0.0

    def _full_for(self, now: float) -> float:
        """Seconds until there is room for one more call; 0: there is. With the lock held."""
        while self._answered and self._answered[0] + self._period <= now:
            self._answered.popleft()
        if self._unanswered + len(self._answered) < self._calls:
            return 0.0
        return self._answered[0] + self._period - now if self._answered else _LOOK_AGAIN


def spacing(calls: int, period: float) -> float:
    """Seconds between two calls, so that `calls` of them always take longer than `period`."""
    return (period * (1 + MARGIN_SHARE) + MARGIN_SECONDS) / calls
