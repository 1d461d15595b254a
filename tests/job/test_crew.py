"""Requests of several jobs that are not taken at once."""

from __future__ import annotations

import gc
import weakref
from types import SimpleNamespace
from typing import Any, cast

import pytest

from footage.errors import FootageError
from footage.job.crew import Crew
from footage.job.crew_member import Member
from footage.job.runner import Pipeline
from footage.system.threads import StopEvent


class Clock:
    """A clock that waits only move on; a change since `seen` ends a wait at once."""

    def __init__(self) -> None:
        self.now, self.count = 0.0, 0

    def monotonic(self) -> float:
        return self.now

    def notify(self) -> None:
        self.count += 1

    def wait(self, seen: int, seconds: float | None) -> None:
        if self.count == seen:
            assert seconds is not None, "nobody would wake it"
            self.now += seconds


class Sending:
    """A job whose request is not taken so often, and is sent again after so many seconds."""

    def __init__(self, clock: Clock, in_vain: int, pause: float) -> None:
        self._clock, self._in_vain, self._pause = clock, in_vain, pause
        self.sent = False
        self.tries = 0
        self.send_again_at: float | None = None
        self.cost = SimpleNamespace(pending=False)

    @property
    def has_to_send(self) -> bool:
        return not self.sent and self._clock.now >= (self.send_again_at or 0.0)

    def send_next(self) -> bool:
        self.tries += 1
        self.sent = self.tries > self._in_vain
        self.send_again_at = None if self.sent else self._clock.now + self._pause
        return True


def member_of(number: int, provider: object, sending: Sending) -> Member:
    unsent = SimpleNamespace(state=SimpleNamespace(unsent=True))
    job = SimpleNamespace(start=number, retrievals=[unsent])
    pipeline = SimpleNamespace(
        job=job, provider=provider, stop=StopEvent(), keep_answers=lambda: None
    )
    return Member("", cast(Pipeline, pipeline), cast(Any, None), retriever=cast(Any, sending))


def crew_of(members: list[Member], clock: Clock) -> Crew:
    told = SimpleNamespace(sent=lambda one: None, failed=lambda one, error: None)
    crew = Crew(StopEvent(), cast(Any, told), members)
    crew.changes = cast(Any, clock)
    return crew


def test_each_job_sends_again_what_was_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, provider = Clock(), object()
    monkeypatch.setattr("footage.job.crew.time", clock)
    jobs = [Sending(clock, in_vain, pause) for in_vain, pause in ((2, 1.0), (2, 10.0), (9, 5.0))]
    crew = crew_of([member_of(n, provider, one) for n, one in enumerate(jobs)], clock)
    crew.send(3)
    crew.join(60.0)
    assert not crew.busy
    assert [(one.sent, one.tries) for one in jobs] == [(True, 3), (True, 3), (False, 3)]


def test_a_job_that_has_ended_is_kept_by_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ending(Clock):
        """Ends the first job at the first wait; at each later one it looks whether it is gone."""

        def wait(self, seen: int, seconds: float | None) -> None:
            if members:
                crew.fail(members.pop(), FootageError("It has failed."))
            else:
                gc.collect()
                kept.append(ended() is not None)
            super().wait(seen, seconds)

    clock, provider, kept = Ending(), object(), list[bool]()
    monkeypatch.setattr("footage.job.crew.time", clock)
    members = [member_of(0, provider, Sending(clock, 0, 1.0))]
    ended = weakref.ref(members[0])
    waiting = member_of(1, provider, Sending(clock, 2, 1.0))
    crew = crew_of([*members, waiting], clock)
    crew.send(3)
    crew.join(60.0)
    assert not crew.busy
    assert kept and not kept[-1]
