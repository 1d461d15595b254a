"""A program is taken for one that does nothing only when it neither computes nor reads."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from footage.media import watchdog
from footage.media.watchdog import Watchdog


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def stalled(
    process: subprocess.Popen[bytes],
    done: Sequence[tuple[float, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> list[bool]:
    """What each look at the process says when it has done so much by then."""
    monkeypatch.setattr(watchdog, "_IDLE_LOOKS", 3)
    each = iter(done)
    monkeypatch.setattr(watchdog, "_work", lambda _number: next(each))
    dog = Watchdog(process, None)
    return [dog._is_stalled() for _ in done]


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ([(0.5, 7)] * 4, [False, False, False, True]),
        ([(n * 0.11, 7) for n in range(8)], [False] * 8),  # it computes
        ([(0.0, 7 + n) for n in range(8)], [False] * 8),  # it reads
        ([(n * 0.04, 7) for n in range(8)], [False] * 8),  # a little each time
        # What telling of no progress takes is no work.
        ([(0.5 + n * 0.001, 7) for n in range(4)], [False, False, False, True]),
        ([(0.5, 7)] * 3 + [(0.7, 7)] * 4, [False] * 6 + [True]),
    ],
)
def test_who_computes_or_reads_is_at_work(
    sleeper: subprocess.Popen[bytes],
    done: list[tuple[float, int]],
    said: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert stalled(sleeper, done, monkeypatch) == said


def test_what_a_process_has_done_is_told(sleeper: subprocess.Popen[bytes]) -> None:
    seconds, reads = watchdog._work(sleeper.pid)
    assert seconds >= 0
    assert reads >= 0


def test_one_that_has_ended_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    sleeper.wait()
    assert not Watchdog(sleeper, None)._is_stalled()
