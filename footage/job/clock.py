"""How far this computer's clock is from the provider's, and what the person is told of it."""

from __future__ import annotations

from footage.cloud.provider import Provider
from footage.system.text import count_text

_TOLERANCE = 120.0  # seconds by which it may differ


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
