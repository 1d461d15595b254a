"""The month's quota, as the answers to Samsara's requests tell it (`postmediaretrieval`)."""

from __future__ import annotations

import re

from footage.model import Quota

PLENTY = 0.1  # of the month's quota

_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_USED_OF_TOTAL = re.compile(
    rf"(?i)usage(?: is)?:? {_NUMBER}(?: seconds)?(?: of [a-z -]+?)?(?: out)? of "
    rf"{_NUMBER}(?: seconds)?(?: available)?[.\s]*$"
)


def read_quota(sentence: str) -> Quota | None:
    """The sentence, with its two figures where it has the documented form or nearly so."""
    if not sentence:
        return None
    figures = _USED_OF_TOTAL.search(sentence)
    if figures and "second" in sentence.lower():
        used, total = (float(number.replace(",", "")) for number in figures.groups())
        return Quota(sentence, used=used, total=total)
    return Quota(sentence)


class QuotaRecord:
    """What is known of the quota while a client runs.

    Samsara counts footage once it is uploaded, so what this client requested may not be in the
    figure that was last told. All of it is taken off, though some has been counted since: to take
    too much off only means that `is_used` does not know.
    """

    def __init__(self) -> None:
        self._quota: Quota | None = None  # as last told
        self._requested = 0.0  # seconds, by this client

    def on_accepted(self, sentence: str, seconds: float) -> Quota | None:
        """Note the `quotaStatus` of an answer, and the seconds that its request costs."""
        self._quota = read_quota(sentence)
        self._requested += seconds
        return self._quota

    def is_used(self) -> bool | None:
        """False where so much is left that a 429 can only mean the rate; else None: unknown."""
        left, total = (self._quota.left, self._quota.total) if self._quota else (None, None)
        if left is None or total is None:
            return None
        return False if left - self._requested > total * PLENTY else None
