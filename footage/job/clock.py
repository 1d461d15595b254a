"""How far this computer's clock is from the provider's: what is kept, and what is told, of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from footage.system.text import count_text

if TYPE_CHECKING:  # helpers imports this before the first question, which does without the model
    from footage.cloud.provider import Provider
    from footage.model import Job

_TOLERANCE = 120.0  # seconds by which it may differ


class AnswersOfRun:
    """The answers that a provider gives while one job is worked at.

    Its client may serve several jobs of one run of the program, so only those count for a job that
    came after this was made for it. A job without a provider (None) has none.
    """

    def __init__(self, provider: Provider | None) -> None:
        self._clock = None if provider is None else provider.clock_comparison()
        self._before = self._counts()

    def _counts(self) -> Counter[str]:
        return Counter() if self._clock is None else self._clock.counts

    @property
    def has_news(self) -> bool:
        """Answers have come that are not counted in the job yet."""
        return self._counts() != self._before

    def bring_into(self, job: Job) -> None:
        """Count in the job the answers that came since the last time; within `change`."""
        counts, kept = self._counts(), Counter(job.clock_offsets)
        if counts != self._before:
            kept.update(counts - self._before)
            job.clock_offsets = dict(sorted(kept.items(), key=lambda pair: float(pair[0])))
            self._before = counts


def clock_offset(provider: Provider) -> float:
    """Seconds to add to this computer's clock to have the provider's, by its last answer; 0 where
    they nearly agree.
    """
    offset = provider.clock_offset()
    return round(offset, 1) if abs(offset) > _TOLERANCE else 0.0


def clock_text(provider: Provider, offset: float) -> str:
    """A sentence on a clock that is wrong by so much."""
    direction = "behind" if offset > 0 else "ahead of"
    hours, minutes = round(abs(offset) / 3600), round(abs(offset) / 60)
    about = count_text(minutes, "minute") if minutes < 120 else count_text(hours, "hour")
    return f"This computer's clock is {about} {direction} {provider.name}'s; set it right."
