"""What the threads of a run wait for, and for how long."""

from __future__ import annotations

import pytest
from support.media import window
from support.retrieving import ROAD, Stage

from footage.errors import OutcomeUnknown, TransientError
from footage.job.run_state import PollSettings, RunState
from footage.model import Media, Retrieval


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


# --- where other jobs share the threads, so that nothing is waited for ----------------------------


def test_a_request_that_is_not_taken_is_put_off(stage: Stage) -> None:
    """Nobody waits for it, and it is the first to be sent once its time has come."""
    stage.poll_settings = PollSettings(poll_seconds=5.0, beside_others=True)
    stage.provider.answers[0] = [TransientError("503"), TransientError("503")]
    stage.begin(*(Retrieval(window(60 * minute), [Media(ROAD)]) for minute in range(2)))
    retriever = stage.retriever()
    retriever.cost.confirm()
    retriever.enqueue()
    for sent, pause in ((1, 5.0), (2, 10.0)):
        assert retriever.send_next()
        assert len(stage.provider.requests) == sent
        assert not retriever.has_to_send and not retriever.send_next()
        assert retriever.send_again_at == stage.clock.now + pause
        assert retriever.results.put_off
        stage.clock.now += pause
    while retriever.has_to_send:
        retriever.send_next()
    assert [one.window for one in stage.provider.requests[2:]] == [window(0), window(60)]
    assert not retriever.results.put_off


def test_what_may_have_been_taken_is_sent_again_seldom(stage: Stage) -> None:
    stage.poll_settings = PollSettings(beside_others=True)
    stage.provider.answers[0] = [OutcomeUnknown("lost") for _ in range(50)]
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    retriever = stage.retriever()
    retriever.enqueue()
    for _ in range(5):
        retriever.send_next()
        stage.clock.now += 60.0
    assert len(stage.provider.requests) == job.retrievals[0].possible_duplicates == 3
    assert retriever.results.skipped and not retriever.results.put_off
