"""How many minutes are rendered at the same time, and with how many threads each.

Measured on two cores: two minutes side by side, with one thread each, take less time than one after
the other with two threads, because threads of one rendering wait for each other.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import psutil

from footage.media.side_by_side_plan import Minute

_FREE_MEMORY = 2 * 1024**3  # bytes; below that one minute at a time
# Pictures that a rendering holds at once, measured: of each camera those being decoded, scaled and
# stacked; of the film those that the encoder looks ahead at, and refers to.
_HELD_OF_FILM = 60
_PIXEL = 1.5  # bytes


def count() -> int:
    """The cores that this program may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def minutes_at_once(waiting: Sequence[Minute]) -> int:
    """How many of the minutes that wait are rendered now: two, where cores and memory allow it."""
    if len(waiting) < 2 or count() < 2:
        return 1
    needed = sum(_memory(minute) for minute in waiting[:2])
    return 2 if psutil.virtual_memory().available >= max(_FREE_MEMORY, needed) else 1


def threads_each(minutes: int) -> int:
    """Threads for each of the minutes that are rendered at once; 0: as ffmpeg chooses."""
    return max(1, count() // minutes) if minutes > 1 else 0


def _memory(minute: Minute) -> float:
    """Bytes that rendering a minute takes at most."""
    film = minute.layout.width * minute.layout.height * _PIXEL * _HELD_OF_FILM
    return film * (1 + len(minute.layout.tiles) / 2)
