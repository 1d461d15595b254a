"""This computer's clock against a provider's, by the Date header of its answers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping

from footage.cloud.backoff import http_date

# Seconds within which an answer has to come to be counted, and how closely the clock is known then:
# the header has whole seconds, and when in the call it was written nobody knows; and it is counted
# in tenths of a second.
COUNTED_WITHIN = 1.9
KNOWN_WITHIN = 0.5 + COUNTED_WITHIN / 2 + 0.05


class ClockComparison:
    """What the answers of one provider have shown so far; for any thread.

    latest: seconds by which the provider's clock is ahead, by its last answer; 0 before the first
    """

    def __init__(self) -> None:
        self.latest = 0.0
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, headers: Mapping[str, str], began: float, ended: float) -> None:
        """Take up an answer: its headers, and when the call began and they came, in seconds since
        1970 by this computer's clock.
        """
        date = http_date(headers.get("Date", ""))
        if (
            date is None or headers.get("Age", "0") != "0"
        ):  # a cache answered: it is of another time
            return
        # Its second is whole, so on average half of one has gone by since.
        self.latest = date.timestamp() + 0.5 - (began + ended) / 2
        if 0 <= ended - began <= COUNTED_WITHIN:
            with self._lock:
                self._counts[tenths_text(self.latest)] += 1

    @property
    def counts(self) -> Counter[str]:
        """Seconds in tenths ("-0.3") -> at how many answers so far the clock was so far ahead."""
        with self._lock:
            return self._counts.copy()


def tenths_text(seconds: float) -> str:
    """Seconds to one decimal, zero without a sign."""
    return f"{round(seconds, 1) + 0.0:.1f}"
