"""Keeping under a rate limit in every window of time, wherever that begins."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
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


class RateLimit(NamedTuple):
    """At most so many `calls` in any `period` seconds."""

    calls: int
    period: float


class RateLimiter:
    """Lets calls start one by one, so that no `period` seconds see more than `calls` starts.

    `ratelimit` counts calls in fixed windows, and two of those side by side let twice the limit
    through at their edge. So it is given windows of a single call each: a spacing.

    clock: seconds, never going back
    wait:  waits so many seconds; whatever it raises (`Interrupted`) leaves `take` at once
    """

    def __init__(
        self, calls: int, period: float, clock: Clock = time.monotonic, wait: Wait = time.sleep
    ) -> None:
        self.spacing = spacing(calls, period)
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._held_until = float("-inf")
        self._start: Callable[[], None] | None = None
        self._thread = threading.local()

    def reserve(self) -> None:
        """Wait for a start now that this thread's next `take` will use without waiting.

        Only if that comes within one spacing and no `hold` came meanwhile: else the
        start would move into a window that is full without it.
        """
        self._thread.reserved = None
        self.take()
        self._thread.reserved = self._clock()

    def take(self) -> None:
        """Return when the next call may start; safe to use from many threads."""
        reserved: float | None = getattr(self._thread, "reserved", None)
        self._thread.reserved = None
        if reserved is not None:
            now = self._clock()
            if now - reserved <= self.spacing and now >= self._held_until:
                return
        while (seconds := self._seconds_left()) > 0:
            self._wait(max(seconds, SHORTEST_WAIT))

    def hold(self, seconds: float) -> None:
        """Let nobody start for the next `seconds`: the provider has asked for a pause."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + seconds)

    def _seconds_left(self) -> float:
        """Start a call now and return 0, or return how long that has to wait."""
        with self._lock:
            held = self._held_until - self._clock()
            if held > 0:
                return held
            if self._start is None:
                # Its first window begins when it is made: made any earlier, the first spacing
                # would come out short.
                limit = RateLimitDecorator(calls=1, period=self.spacing, clock=self._clock)
                self._start = limit(lambda: None)
            try:
                self._start()
            except RateLimitException as too_early:
                return max(float(too_early.period_remaining), SHORTEST_WAIT)
            return 0.0


def spacing(calls: int, period: float) -> float:
    """Seconds between two calls, so that `calls` of them always take longer than `period`."""
    return (period * (1 + MARGIN_SHARE) + MARGIN_SECONDS) / calls
