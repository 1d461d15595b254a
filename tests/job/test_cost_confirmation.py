"""From the first answer with a quota nothing more is requested until a person has agreed."""

from __future__ import annotations

from typing import Any

import pytest
from support.retrieving import ROAD, Stage

from footage.job.retriever import Retriever
from footage.job.run_state import PollSettings
from footage.model import Quota, Retrieval, RetrievalState

REPORTED = Quota("800 of 1000", 800.0, 1000.0)


def at_poll(stage: Stage, number: int, act: Any) -> None:
    """The footage of the first request is there with this poll of it, when `act` is called."""

    def status(retrieval: Retrieval, poll: int) -> str:
        if retrieval.id != "id-1":
            return "available"
        if poll == number:
            act()
        return "available" if poll >= number else "pending"

    stage.provider.status = status


@pytest.mark.parametrize("unknown_at_first", [0, 2])
def test_nothing_is_requested_until_the_cost_is_confirmed(
    stage: Stage, unknown_at_first: int
) -> None:
    stage.provider.quotas = [None] * unknown_at_first + [REPORTED, Quota("later")]
    job = stage.plan(5)
    retriever = stage.retriever()
    seen: list[tuple[int, bool]] = []

    def confirm() -> None:
        seen.append((len(stage.provider.requests), retriever.cost.pending))
        retriever.cost.confirm()

    at_poll(stage, 3, confirm)
    stage.run(retriever)
    assert seen == [(unknown_at_first + 1, True)]
    assert retriever.cost.report is not None
    assert retriever.cost.report.quota == REPORTED
    assert len(job.clips(ROAD)) == 5
    assert stage.on_disk["quota"] == "later"


def test_where_no_quota_is_reported_nobody_has_to_confirm(stage: Stage) -> None:
    stage.provider.quotas = [None]
    job = stage.plan(3)
    retriever = stage.collect(confirmed=False)
    assert retriever.cost.report is None
    assert len(job.clips(ROAD)) == 3


def test_what_is_declined_is_not_requested(stage: Stage) -> None:
    job = stage.plan(3)
    retriever = stage.retriever()
    at_poll(stage, 2, retriever.cost.decline)
    stage.run(retriever)
    assert len(stage.provider.requests) == 1
    assert len(job.clips(ROAD)) == 1, "what was accepted before is paid for, and fetched"
    assert [one.state for one in job.retrievals[1:]] == [RetrievalState.PLANNED] * 2


def test_where_nobody_answers_it_ends_with_the_longest_wait(stage: Stage) -> None:
    stage.poll_settings = PollSettings(5.0, 300.0)
    job = stage.plan(3)
    retriever = stage.collect(confirmed=False)
    assert retriever.results.wait_expired
    assert (len(stage.provider.requests), len(job.clips(ROAD))) == (1, 1)
    assert stage.clock.now == 300.0


def test_a_stop_ends_the_wait_for_an_answer(stage: Stage) -> None:
    job = stage.plan(3)
    retriever: Retriever = stage.retriever()
    at_poll(stage, 2, stage.clock.set)
    stage.run(retriever)
    assert stage.clock.now < 60.0
    assert [one.state for one in job.retrievals[1:]] == [RetrievalState.PLANNED] * 2
