"""Threads wait for changes without looking again and again, and every wait ends with a stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from footage.errors import Interrupted
from footage.system.threads import Changes, StopEvent, UninterruptedLock, WorkerGroup


def ended_by_stop(wait: Callable[[StopEvent], object]) -> float:
    """Seconds from a stop to the end of a wait that is to last an hour."""
    stop, begun = StopEvent(), threading.Event()
    ended: list[float] = []

    def work() -> None:
        begun.set()
        try:
            wait(stop)
        except Interrupted:
            ended.append(time.monotonic())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert begun.wait(10)
    stopped = time.monotonic()
    stop.set()
    thread.join(10)
    assert ended, "the wait did not end"
    return ended[0] - stopped


@pytest.mark.parametrize(
    "wait",
    [
        lambda stop: stop.pause(3600.0),
        lambda stop: Changes(stop).wait(0, 3600.0),
        lambda stop: Changes(stop).wait(0),
    ],
    ids=["pause", "changes", "for ever"],
)
def test_a_stop_ends_every_wait_at_once(wait: Callable[[StopEvent], object]) -> None:
    assert ended_by_stop(wait) < 0.2


def test_a_change_wakes_all_who_wait_for_it() -> None:
    changes = Changes(StopEvent())
    group = WorkerGroup(StopEvent())
    for number in range(3):
        group.add(f"waits-{number}", lambda: changes.wait(0, 3600.0))
    changes.notify()
    group.join(10)
    assert not group.busy


def test_a_change_before_the_wait_is_not_missed() -> None:
    changes = Changes(StopEvent())
    seen = changes.count
    changes.notify()
    changes.wait(seen, 3600.0)
    assert changes.count == seen + 1


def test_a_wait_without_a_change_ends_in_time() -> None:
    changes = Changes(StopEvent())
    changes.wait(changes.count, 0.01)
    assert changes.count == 0


def test_a_stop_may_come_from_a_thread_that_holds_the_changes() -> None:
    """A signal's handler runs in the midst of whatever the main thread does."""
    stop = StopEvent()
    changes = Changes(stop)
    with changes._condition:
        stop.set()
    assert changes.count == 1


def test_the_failure_of_one_thread_stops_the_others() -> None:
    stop = StopEvent()
    changes = Changes(stop)
    group = WorkerGroup(stop)

    def fail() -> None:
        raise ZeroDivisionError

    group.add("waits", lambda: changes.wait(0, 3600.0))
    group.add("fails", fail)
    group.join(10)
    with pytest.raises(ZeroDivisionError):
        _ = group.busy
    assert not group.busy


def test_who_waits_is_woken_when_a_thread_has_ended() -> None:
    stop = StopEvent()
    changes = Changes(stop)
    group = WorkerGroup(stop, changes)
    seen = changes.count
    group.add("ends", lambda: None)
    changes.wait(seen, 3600.0)
    assert not group.busy


def test_a_stop_only_ends_a_wait_that_does_not_ask_for_more() -> None:
    """Who watches over others goes on until they have ended."""

    def watch(stop: StopEvent) -> None:
        Changes(stop).wait_or_stop(0, 3600.0)
        stop.pause(0)

    assert ended_by_stop(watch) < 0.2
    Changes(StopEvent()).wait_or_stop(0, 0.01)


def test_a_thread_that_dies_before_it_begins_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With Python 3.11 two threads that a tool traces may get into each other's way."""
    group = WorkerGroup(StopEvent())
    monkeypatch.setattr(WorkerGroup, "_run", lambda self, work: None)
    group.add("dies", lambda: None)
    group.join(10)
    assert not group.busy


def test_an_interrupt_waits_until_no_lock_is_held() -> None:
    one, other = UninterruptedLock(), UninterruptedLock()
    reached = []
    with pytest.raises(KeyboardInterrupt), one:
        with other:
            UninterruptedLock.interrupt()
            reached.append("inside")
        reached.append("after the first")
    assert reached == ["inside", "after the first"]
    taken = threading.Event()

    def take() -> None:
        with one, other:
            taken.set()

    threading.Thread(target=take, daemon=True).start()
    assert taken.wait(10), "an interrupt left a lock taken"


def test_without_a_lock_an_interrupt_comes_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        UninterruptedLock.interrupt()
    with UninterruptedLock():
        pass  # and not once more


def test_what_another_thread_holds_delays_no_interrupt() -> None:
    lock, held, over = UninterruptedLock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            over.wait(10)

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    assert held.wait(10)
    with pytest.raises(KeyboardInterrupt):
        UninterruptedLock.interrupt()
    over.set()
    thread.join()


def test_a_thread_that_was_not_started_is_not_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C may come while it is being started."""

    def interrupted(_thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    group = WorkerGroup(StopEvent())
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            group.add("poll", lambda: None)
    group.join(0.1)
    assert not group.busy
