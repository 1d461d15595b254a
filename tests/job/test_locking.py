"""The locking rule of footage/job/journal.py, watched while jobs are worked at."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from support.jobs import a_job
from support.lock_watch import LockWatch
from support.retrieving import DRIVER, ROAD, Stage, found, from_other_job, in_cloud, low, minute_of

from footage.errors import NotAVideo, OutcomeUnknown, QuotaExhausted, RequestRefused, TransientError
from footage.job.journal import Journal
from footage.model import Media, MediaStatus, MediaType, Retrieval


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> LockWatch:
    return LockWatch(monkeypatch)


# --- the watch itself sees each kind of change ----------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda job: setattr(job, "quota", "x"),
        lambda job: setattr(job.retrievals[0], "id", "x"),
        lambda job: setattr(job.retrievals[0].media[0], "url", "x"),
        lambda job: job.roles.update({f"camera {len(job.roles)}": "Left"}),
        lambda job: job.retrievals.pop(),
        lambda job: job.retrievals[0].media.append(Media(ROAD)),
    ],
)
def test_the_watch_sees_a_change_outside_of_change(
    watch: LockWatch, tmp_path: Path, change: Any
) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    with journal.change():
        change(journal.job)
    with journal.locked(), journal.change():
        change(journal.job)
    assert watch.broken == []
    with journal.locked():
        change(journal.job)
    assert watch.broken
    watch.broken.clear()
    other = threading.Thread(target=change, args=(journal.job,))
    other.start()
    other.join()
    with journal.locked():
        pass
    assert watch.broken


# --- retrieving -----------------------------------------------------------------------------------


def test_retrieving_keeps_to_the_locking_rule(watch: LockWatch, stage: Stage) -> None:
    """With an upload that fails, requests without an answer, refusals, and further footage."""
    provider, downloader = stage.provider, stage.downloader
    provider.answers[1] = [OutcomeUnknown("lost"), OutcomeUnknown("lost")]
    provider.answers[2] = [RequestRefused("Camera was not recording.")]
    provider.answers[3] = [TransientError("no network")]
    provider.answers[7] = [QuotaExhausted("Used up.")]
    provider.in_cloud = [Media(ROAD, role="Front"), in_cloud(60, 90)]
    downloader.answers = [NotAVideo("no video"), NotAVideo("no video")]

    def status(retrieval: Retrieval, poll: int) -> Any:
        if retrieval.from_other_job or minute_of(retrieval) == 6:
            return RequestRefused("Object not found.")
        if minute_of(retrieval) == 4 and not retrieval.repeat:
            return "failed"
        if minute_of(retrieval) == 5:
            pieces = [in_cloud(300, 330), in_cloud(330, 360)]
            pieces[0].role = "Left"
            return [*pieces, in_cloud(300, 360, DRIVER)]
        return "available" if poll > 1 else "pending"

    provider.status = status
    job = stage.plan(8)
    with stage.journal.change():
        job.retrievals[0] = found()
        job.retrievals.append(from_other_job(minute=0))
    stage.collect()
    assert watch.broken == []
    assert watch.changes > 20
    assert MediaStatus.FAILED in {media.status for _, media in job.media()}
    assert len(job.clips(ROAD)) > 4


@pytest.mark.long
def test_cutting_windows_keeps_to_the_locking_rule(watch: LockWatch, stage: Stage) -> None:
    stage.provider.longest = 60.0
    stage.begin(low(0), low(600), minutes=20, media_type=MediaType.LOW)
    stage.collect()
    assert watch.broken == []
    assert watch.changes > 20
