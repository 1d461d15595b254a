"""When a thread of several jobs looks at a film again of which the planning was put off."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import pytest

from footage.job.crew import Crew
from footage.job.crew_member import Member, Told
from footage.job.retriever import Retriever
from footage.job.runner import Pipeline
from footage.model import MediaType
from footage.system.threads import StopEvent


@dataclass
class Film:
    """Has nothing to render; how often that was looked at."""

    look_again_at: float | None = None
    looks: int = 0

    def render_next(self, *, closing: bool) -> bool:
        self.looks += 1
        return False


@pytest.fixture
def film() -> Film:
    return Film()


@pytest.fixture
def member(film: Film) -> Member:
    job = SimpleNamespace(media_type=MediaType.HIGH)
    pipeline = SimpleNamespace(job=job, track=SimpleNamespace(ready=True), side_by_side=film)
    retriever = SimpleNamespace(done=False, changes=1, deadline=math.inf)
    made = Member("1", cast(Pipeline, pipeline), lambda outputs: None)
    made.retriever = cast(Retriever, retriever)
    return made


def crew_of(member: Member) -> Crew:
    return Crew(StopEvent(), cast(Told, None), [member])


def test_a_film_that_is_put_off_is_not_looked_at_before(member: Member, film: Film) -> None:
    crew = crew_of(member)
    film.look_again_at = later = time.monotonic() + 1000
    assert not crew._render_a_minute()
    assert film.looks == 0, "although something has come"
    assert later in crew._look_again_at([member], time.monotonic())


def test_it_is_looked_at_when_it_is_time(member: Member, film: Film) -> None:
    crew = crew_of(member)
    member.rendered = 1  # nothing has come since
    assert not crew._render_a_minute()
    assert film.looks == 0
    film.look_again_at = time.monotonic()
    assert not crew._render_a_minute()
    assert film.looks == 1


def test_without_that_it_is_looked_at_once_for_each_change(member: Member, film: Film) -> None:
    crew = crew_of(member)
    for _ in range(3):
        assert not crew._render_a_minute()
    assert film.looks == 1
