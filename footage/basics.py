"""The part of the model that the first question needs: UTC, and what options choose among.

It is apart from model.py because that takes 25 ms to load, nearly all of it for its dataclasses.
Modules that are loaded before the first question import from here, all others from model.py.
"""

from __future__ import annotations

from datetime import timezone
from enum import Enum

UTC = timezone.utc


class MediaType(str, Enum):
    """What kind of footage is asked for."""

    HIGH = "high"  # video as the camera films it
    LOW = "low"  # smaller video, quicker to upload
    HYPERLAPSE = "hyperlapse"  # sped up, without sound
    TIMELAPSE = "timelapse"  # the same by another provider's name
    IMAGE = "image"  # stills

    @property
    def sped_up(self) -> bool:
        return self in (MediaType.HYPERLAPSE, MediaType.TIMELAPSE)


class Arrangement(str, Enum):
    """How the tiles of a side-by-side stand."""

    ROW = "row"  # beside each other; from four cameras on in two rows
    GRID = "grid"
    STACKED = "stacked"  # below each other
    FOCUS = "focus"  # the first camera large, the others small beside it
