"""The exit status of a job of which nothing is here any more."""

from __future__ import annotations

import pytest
from support.jobs import START, a_clip, a_job

from footage.errors import ExitStatus
from footage.job.outcome import outcome_of
from footage.model import Loss, LostClip, MediaStatus, RetrievalState


@pytest.mark.parametrize(
    ("others", "status"),
    [
        (MediaStatus.PENDING, ExitStatus.STILL_COMING),
        (MediaStatus.UNAVAILABLE, ExitStatus.INCOMPLETE),
    ],
)
def test_what_was_lost_here_does_not_hide_what_is_coming(
    others: MediaStatus, status: ExitStatus
) -> None:
    job = a_job()
    for retrieval, media in job.media():
        retrieval.state, retrieval.id, media.status = RetrievalState.ACCEPTED, "id", others
    first = job.retrievals[0]
    first.media[0].status = MediaStatus.PENDING
    first.media[0].lost = LostClip(a_clip(first.window), Loss.MISSING, START)
    assert outcome_of(job).exit_status is status
