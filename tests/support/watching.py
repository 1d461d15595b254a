"""A watch for safety events whose hours take no time: its clock passes while it pauses."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

import helpers
from footage.errors import Interrupted
from footage.job import requester
from footage.system.threads import StopEvent
from footage.ui.command_line import sign_in_variables
from footage.ui.json_summary import JsonSummary
from footage.ui.log_file import close_log, open_log
from footage.ui.options import parse_options
from footage.ui.session import Session
from footage.ui.terminal import Terminal
from footage.ui.watch_command import run_watch
from MotiveAPI import MotiveAPI
from providers import PROVIDERS, by_key
from simulator import Event, Mishap, OnCall, Simulator
from support.runs import START, ZONE, Bench, environment, without_rate_limit

HOUR = timedelta(hours=1)


class PassingTime(StopEvent):
    """Time that passes in pauses alone, and stops everything when it is `until`.

    on_pass: called with each new time
    """

    def __init__(self, now: datetime, until: datetime, on_pass: Callable[[datetime], None]) -> None:
        super().__init__()
        self.now, self._until, self._on_pass = now, until, on_pass

    def __call__(self) -> datetime:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self._on_pass(self.now)
        if self.now >= self._until:
            self.set()
            raise Interrupted("Stopped.")


@dataclass
class Watched:
    """A watch over a simulated cloud, in this process; each `watch` goes on where one ended.

    events:  all that will ever happen; each is listed from the time on that its record is made
    changes: an event as it is from a time on, in place of the one with its number
    outages: begin and end of times at which the provider answers nothing
    bad:     what goes wrong all the time
    """

    bench: Bench
    sim: Simulator
    events: Sequence[Event] = ()
    changes: Sequence[tuple[datetime, Event]] = ()
    outages: Sequence[tuple[datetime, datetime]] = ()
    options: Sequence[str] = ("--before=5", "--after=5")
    cameras: str = "road"
    bad: Sequence[Mishap] = ()
    out: io.StringIO = field(default_factory=io.StringIO)
    now: datetime = START

    def watch(self, lasting: timedelta, *options: str, every: float = 20.0) -> str:
        """Watch so long; returns what was said in all watches so far."""
        arguments = [
            *self.bench.options(None, None, None, self.cameras, timezone=ZONE),
            *self.options,
            f"--watch={every}",
            *options,
        ]
        with pytest.MonkeyPatch.context() as patch:
            without_rate_limit(patch)
            patch.setattr(MotiveAPI, "min_poll_interval", self.bench.min_poll_interval)
            # When a request was sent is a matter of the month's budget.
            patch.setattr(requester, "datetime", self._clock)
            variables = environment(self.sim, None)
            settings = parse_options(arguments, PROVIDERS, variables, [])
            time = PassingTime(self.now, self.now + lasting, self._pass)
            terminal = Terminal(io.StringIO(), self.out, self.out)
            session = Session(settings, terminal, time, results=JsonSummary())
            entry = by_key(settings.provider)
            self.as_of(self.now)
            open_log(settings.logs, f"{self.now:%Y-%m-%d_%H-%M-%S}", session.secrets)
            try:
                run_watch(
                    session,
                    entry,
                    lambda: helpers.sign_in(session, entry, None, list_vehicles=False)[0],
                    hidden=sign_in_variables(PROVIDERS),
                    now=time,
                )
            except Interrupted:
                pass
            finally:
                close_log()
        return self.out.getvalue()

    def off(self, lasting: timedelta) -> None:
        """No watch runs for so long."""
        self.now += lasting
        self.as_of(self.now)

    @property
    def _clock(self) -> SimpleNamespace:
        """In place of the class `datetime` where only its `now` is used."""
        return SimpleNamespace(now=lambda tz: self.now.astimezone(tz))

    def _pass(self, now: datetime) -> None:
        self.now = now
        self.as_of(now)

    def as_of(self, now: datetime) -> None:
        """The simulated cloud as it is at this time."""
        latest = {event.number: event for event in self.events}
        latest |= {event.number: event for when, event in self.changes if when <= now}
        there = [event for event in latest.values() if event.listed_from <= now]
        away = any(begin <= now < end for begin, end in self.outages)
        bad = [OnCall("error", "any")] if away else self.bad
        object.__setattr__(self.sim.scenario, "events", there)
        object.__setattr__(self.sim.scenario, "bad", bad)
