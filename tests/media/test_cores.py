"""How many minutes are rendered at once, by cores and memory."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from footage.media import cores

GIB = 1024**3
TILES = (None,) * 3


def minute(width: int = 1920, height: int = 1080) -> Any:
    return SimpleNamespace(layout=SimpleNamespace(width=width, height=height, tiles=TILES))


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> Any:
    def is_one_of(core_count: int, free: float) -> None:
        monkeypatch.setattr(cores, "count", lambda: core_count)
        memory = SimpleNamespace(available=free)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)

    return is_one_of


@pytest.mark.parametrize(
    ("core_count", "free", "waiting", "at_once"),
    [
        (2, 8 * GIB, 3, 2),
        (16, 8 * GIB, 2, 2),
        (2, 8 * GIB, 1, 1),
        (1, 8 * GIB, 3, 1),
        (2, 2 * GIB - 1, 3, 1),
        (2, 2 * GIB, 3, 2),
    ],
)
def test_two_minutes_need_two_cores_and_memory(
    computer: Any, core_count: int, free: float, waiting: int, at_once: int
) -> None:
    computer(core_count, free)
    assert cores.minutes_at_once([minute()] * waiting) == at_once


def test_two_large_pictures_need_more_memory(computer: Any) -> None:
    computer(2, 2 * GIB)
    assert cores.minutes_at_once([minute(7680, 4320)] * 2) == 1


def test_two_minutes_share_the_cores(computer: Any) -> None:
    computer(8, 8 * GIB)
    assert cores.threads_each(2) == 4
    assert cores.threads_each(1) == 0  # as ffmpeg chooses


def test_this_computer_has_a_core() -> None:
    assert cores.count() >= 1
