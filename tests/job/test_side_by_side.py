"""When the film is rendered: as soon as what it shows may be used."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.retrieving import Stage

from footage.job import side_by_side
from footage.job.outputs import Outputs
from footage.job.retriever import Retriever
from footage.job.side_by_side import SideBySide
from footage.job.telemetry_fetch import Track
from footage.media.render import Renderer
from footage.media.side_by_side_plan import SideBySidePlan
from footage.model import UTC
from footage.system.threads import Changes, StopEvent


class CheckedAtTheFirstWait:
    """Stands in for a `Retriever` whose clips are checked, and all there, once it is waited for."""

    def __init__(self) -> None:
        self.done = self.checked = False

    def wait(self, seen: int, until: float | None) -> None:
        self.done = self.checked = True


def test_nothing_is_rendered_of_clips_that_are_not_checked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.plan(1)
    stop, retriever = StopEvent(), CheckedAtTheFirstWait()
    track = cast(Track, SimpleNamespace(ready=True))
    outputs = cast(Outputs, None)
    film = SideBySide(stage.journal, outputs, stage.folder, UTC, track, stop)
    checked: list[bool] = []

    def planned(self: SideBySide, **options: Any) -> SideBySidePlan | None:
        checked.append(retriever.checked)
        return None

    monkeypatch.setattr(SideBySide, "film", planned)
    film.render_meanwhile(cast(Retriever, retriever), Changes(stop))
    assert checked == [True]


class Time:
    """Stands in for the module `time`: planning takes as long as is said."""

    def __init__(self) -> None:
        self.now = self.spent = 0.0

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.spent


@dataclass
class Planned:
    """A film whose plans take so long, and have so many minutes that are not rendered yet."""

    film: SideBySide
    time: Time
    plans: int = 0
    seconds: float = 1.0
    minutes: int = 0
    states: int = 0


@pytest.fixture
def planned(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Planned:
    stage.plan(1)
    time, track = Time(), cast(Track, SimpleNamespace(ready=True))
    outputs = cast(Outputs, SimpleNamespace(is_made=lambda order: False))
    film = SideBySide(stage.journal, outputs, stage.folder, UTC, track, StopEvent())
    made = Planned(film, time)

    def plan(self: SideBySide, **options: Any) -> SideBySidePlan:
        made.plans += 1
        time.spent += made.seconds
        return cast(SideBySidePlan, SimpleNamespace(duration=60.0))

    def state(self: SideBySide) -> object:
        made.states += 1
        return made.states  # something has come

    def render_next(self: Renderer, film: SideBySidePlan, progress: Any) -> bool:
        made.minutes -= 1
        return made.minutes >= 0

    monkeypatch.setattr(side_by_side, "time", time)
    monkeypatch.setattr(SideBySide, "film", plan)
    monkeypatch.setattr(SideBySide, "_state", state)
    monkeypatch.setattr(Renderer, "render_next", render_next)
    return made


def test_all_that_is_planned_is_rendered_before_more_is(planned: Planned) -> None:
    planned.minutes = 5
    for _ in range(5):
        assert planned.film.render_next(closing=False)
    assert (planned.plans, planned.states) == (1, 1)


def test_planning_takes_a_small_share_of_the_time(planned: Planned) -> None:
    assert not planned.film.render_next(closing=False)
    for _ in range(100):  # so often something comes
        planned.time.now += 1.0
        planned.film.render_next(closing=False)
    assert planned.plans == planned.states == 1 + 100 // side_by_side._SHARE
    assert planned.film.look_again_at == side_by_side._SHARE * planned.plans


def test_what_was_put_off_is_planned_when_it_is_time(planned: Planned) -> None:
    planned.film.render_next(closing=False)
    assert planned.film.look_again_at is None, "nothing has come since"
    planned.film.render_next(closing=False)
    planned.time.now = planned.film.look_again_at or 0.0
    planned.film.render_next(closing=False)
    assert planned.plans == 2
    assert planned.film.look_again_at is None


def test_once_nothing_more_will_come_it_is_planned_at_once(planned: Planned) -> None:
    planned.film.render_next(closing=False)
    planned.film.render_next(closing=True)
    assert planned.plans == 2


def test_the_wait_of_a_film_ends_when_it_may_be_planned(planned: Planned) -> None:
    waits: list[float | None] = []

    class Retrieving:
        done, checked = False, True

        def wait(self, seen: int, until: float | None) -> None:
            waits.append(until)
            self.done = len(waits) == 2

    retriever = cast(Retriever, Retrieving())
    planned.film.render_meanwhile(retriever, Changes(StopEvent()))
    assert waits == [None, side_by_side._SHARE * planned.seconds]
