"""However a run is told to stop, it is told once, and what it has is saved first."""

from __future__ import annotations

import _thread
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.programs import BY_ITSELF, tell_to_stop

from footage.system.threads import StopEvent
from footage.ui.signals import on_console_closed, stop_on_signals

PROJECT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from footage.system.threads import StopEvent
from footage.ui.signals import stop_on_signals

stop = StopEvent()
try:
    with stop_on_signals(stop):
        print("working", flush=True)
        stop.pause(90)
except KeyboardInterrupt:
    print("saved", stop.is_set(), flush=True)
    sys.exit(130)
"""


def test_a_signal_sets_the_event_and_interrupts_once() -> None:
    stop = StopEvent()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), stop_on_signals(stop):
        signal.raise_signal(signal.SIGINT)
    assert stop.is_set()
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_change_no_handler() -> None:
    def work() -> None:
        with stop_on_signals(StopEvent()):
            seen.append(signal.getsignal(signal.SIGINT))

    seen: list[object] = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize("event", [2, 5, 6])
def test_a_closed_console_waits_until_all_is_saved(
    event: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows ends the process as soon as the handler returns."""
    interrupted = threading.Event()
    monkeypatch.setattr(_thread, "interrupt_main", interrupted.set)
    stop, ended = StopEvent(), threading.Event()
    answers: list[bool] = []
    handler = on_console_closed(stop, ended)
    thread = threading.Thread(target=lambda: answers.append(handler(event)))
    thread.start()
    assert interrupted.wait(5)
    assert stop.is_set()
    assert answers == []
    ended.set()
    thread.join(5)
    assert answers == [True]


@pytest.mark.parametrize("event", [0, 1])
def test_ctrl_c_is_left_to_the_signals(event: int) -> None:
    stop = StopEvent()
    assert not on_console_closed(stop, threading.Event())(event)
    assert not stop.is_set()


def test_a_program_that_is_told_to_stop_ends_in_order() -> None:
    """By Ctrl+Break on Windows, which alone can be sent to one program there; else by Ctrl+C."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        **BY_ITSELF,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "working"
        tell_to_stop(process, signal.SIGINT)
        assert process.communicate(timeout=60)[0].strip() == "saved True"  # not after 90 seconds
        assert process.returncode == 130
