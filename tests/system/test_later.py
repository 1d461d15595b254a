"""Calls that are due later: one thread for all of them, and nothing of an object that is gone."""

from __future__ import annotations

import gc
import threading

from footage.system.later import Later


class Called:
    """Notes when it is called, and by which thread."""

    def __init__(self, calls: list[tuple[str, str]], name: str) -> None:
        self.calls = calls
        self.name = name
        self.done = threading.Event()

    def call(self) -> None:
        self.calls.append((self.name, threading.current_thread().name))
        self.done.set()
        if self.name == "fails":
            raise ValueError(self.name)


def test_many_calls_have_one_thread() -> None:
    calls: list[tuple[str, str]] = []
    later = Later()
    objects = [Called(calls, str(number)) for number in range(20)]
    before = threading.active_count()
    for one in objects:
        later.call(0.1, one.call)
    assert threading.active_count() <= before + 1
    assert all(one.done.wait(10) for one in objects)
    assert {thread for _, thread in calls} == {"later"}


def test_a_sooner_call_does_not_wait_for_a_later_one() -> None:
    later, calls = Later(), list[tuple[str, str]]()
    late, soon = Called(calls, "late"), Called(calls, "soon")
    later.call(3600.0, late.call)
    later.call(0.0, soon.call)
    assert soon.done.wait(10)
    assert not late.done.is_set()


def test_an_object_that_is_gone_is_not_called() -> None:
    later, calls = Later(), list[tuple[str, str]]()
    gone, kept = Called(calls, "gone"), Called(calls, "kept")
    later.call(0.2, gone.call)
    later.call(0.2, kept.call)
    del gone
    gc.collect()
    assert kept.done.wait(10)
    assert [name for name, _ in calls] == ["kept"]


def test_what_fails_keeps_nothing_from_the_others() -> None:
    later, calls = Later(), list[tuple[str, str]]()
    fails, works = Called(calls, "fails"), Called(calls, "works")
    later.call(0.0, fails.call)
    later.call(0.05, works.call)
    assert works.done.wait(10)
