"""How long to wait after a 429 (too many requests), and whether waiting is worth it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it takes 50 ms to load, and the first question does not need it
    from tenacity import RetryCallState

LONGEST_HOLD = 600.0  # seconds; a longer pause is not waited for: the call fails for now
LONGEST_BACKOFF = 60.0  # seconds


class TooManyRequests(Exception):
    """A call was answered 429: no more calls for now, or for this month.

    message:     the provider's own words
    retry_after: seconds that the provider asks us to wait; None where it does not say
    quota_used:  whether the month's quota is used up; None where that is not known
    """

    def __init__(
        self, message: str, retry_after: float | None, request_id: str, quota_used: bool | None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after
        self.request_id = request_id
        self.quota_used = quota_used


def worth_waiting(error: BaseException) -> bool:
    """Whether the call may be accepted after a pause that is not too long."""
    if not isinstance(error, TooManyRequests) or error.quota_used:
        return False
    return error.quota_used is False or (error.retry_after or 0.0) <= LONGEST_HOLD


def seconds_to_hold(state: RetryCallState) -> float:
    """Seconds to wait after a 429: what the provider asks for, and longer from the fourth on."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, TooManyRequests) else None
    if asked is None:
        return float(min(2.0 ** (state.attempt_number - 1), LONGEST_BACKOFF))
    backoff = 0.0 if state.attempt_number <= 3 else 2.0 ** (state.attempt_number - 4)
    return max(asked, min(backoff, LONGEST_BACKOFF))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from `Retry-After`: whole, fractional ("0.40235", Samsara's) or an HTTP date."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d*)?|\.\d+", text):
        return float(text)
    then, now = http_date(text), http_date(headers.get("Date", ""))
    if then is None:
        return None
    # By the provider's own clock where it says: ours may be wrong.
    return max(0.0, (then - (now or datetime.now(timezone.utc))).total_seconds())


def http_date(text: str) -> datetime | None:
    """The moment of an HTTP date; None where it is none."""
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
