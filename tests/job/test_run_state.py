"""What the threads of a run wait for, and for how long."""

from __future__ import annotations

import pytest
from support.media import window
from support.retrieving import ROAD, Stage

from footage.errors import OutcomeUnknown, TransientError
from footage.job.run_state import HELD_UP_AFTER, PollSettings, RunState
from footage.model import Media, Retrieval, RetrievalState


@pytest.mark.parametrize("wanted", [None, 50.0])
def test_once_the_longest_wait_is_over_no_thread_sleeps_long(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, wanted: float | None
) -> None:
    """It may have ended just after the thread looked whether there is anything left to do."""
    stage.plan(1)
    context = stage.retriever()._context
    state = RunState(context, PollSettings(max_wait=10.0))
    waits: list[float | None] = []
    monkeypatch.setattr(context.changes, "wait", lambda seen, seconds: waits.append(seconds))
    for now in (4.0, 10.0, 11.0):
        stage.clock.now = now
        state.wait(0, wanted)
    assert waits == [6.0, 1.0, 1.0]


# --- where nothing is waited for, as other jobs come afterwards -----------------------------------


def accepted(minute: int) -> Retrieval:
    media = [Media(ROAD)]
    return Retrieval(window(60 * minute), media, state=RetrievalState.ACCEPTED, id=f"id-{minute}")


def test_where_nobody_takes_requests_the_job_is_left(stage: Stage) -> None:
    """Polls are answered all the while."""
    stage.poll_settings = PollSettings(once=True)
    stage.provider.answers[0] = [TransientError("503") for _ in range(50)]
    stage.provider.status = lambda retrieval, poll: "pending"
    stage.begin(Retrieval(window(0), [Media(ROAD)]), *map(accepted, range(1, 9)))
    retriever = stage.collect()
    assert retriever.results.held_up
    assert len(stage.provider.requests) == HELD_UP_AFTER
    assert stage.clock.now < 60


def test_where_polls_are_not_answered_the_job_is_left(stage: Stage) -> None:
    stage.poll_settings = PollSettings(once=True)
    stage.provider.status = lambda retrieval, poll: TransientError("503")
    stage.begin(*map(accepted, range(1, 40)))
    retriever = stage.collect()
    assert retriever.results.held_up
    assert len(stage.provider.polls) < 10


def test_what_may_have_been_taken_is_sent_once(stage: Stage) -> None:
    stage.poll_settings = PollSettings(once=True)
    stage.provider.answers[0] = [OutcomeUnknown("lost") for _ in range(50)]
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    retriever = stage.collect()
    assert len(stage.provider.requests) == 1
    assert job.retrievals[0].possible_duplicates == 1
    assert retriever.results.skipped and not retriever.results.held_up
