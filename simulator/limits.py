"""Sliding rate limits: no stretch of the given length ever holds more calls than allowed."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping

# Endpoint -> (calls, seconds), from the reference pages of the endpoints themselves.
SAMSARA_LIMITS: Mapping[str, tuple[int, float]] = {
    "post": (100, 60.0),
    "poll": (5, 1.0),
    "list": (5, 1.0),
    "vehicles": (25, 1.0),
    "stream": (10, 1.0),
    "events": (5, 1.0),
    "contacts": (5, 1.0),
    "any": (150, 1.0),  # of one token, from the guide on rate limits
}


class SlidingWindow:
    """At most `calls` calls in any `seconds` seconds; refused calls do not count."""

    def __init__(
        self, calls: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._calls = calls
        self._seconds = seconds
        self._clock = clock
        self._taken: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Count one call. Returns 0 when it is allowed, else the seconds until one would be."""
        with self._lock:
            now = self._clock()
            while self._taken and self._taken[0] + self._seconds <= now:
                self._taken.popleft()
            if len(self._taken) < self._calls:
                self._taken.append(now)
                return 0.0
            return self._taken[0] + self._seconds - now


def retry_after(seconds: float) -> str:
    """The header's text: fractional seconds, rounded up to five decimals ("0.40235")."""
    return f"{math.ceil(seconds * 1e5) / 1e5:.5f}"
