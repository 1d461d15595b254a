"""What the threads of a run wait for, and for how long."""

from __future__ import annotations

import pytest
from support.retrieving import Stage

from footage.job.run_state import PollSettings, RunState


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
