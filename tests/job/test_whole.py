"""The files of a job are looked at again: what is lost is noted, and nothing known is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.media import window
from support.retrieving import ROAD, Stage, found, from_other_job

from footage.errors import RequestRefused
from footage.job.journal import read
from footage.job.outcome import outcome_of
from footage.job.whole import check_files
from footage.model import Loss, MediaStatus, Retrieval

UNKNOWN = RequestRefused("Object not found.")


def lose(stage: Stage, retrieval: Retrieval, how: str) -> Path:
    """Remove the clip of a retrieval, or change it, and have that noticed."""
    clip = retrieval.media[0].clip
    assert clip is not None
    path = stage.videos / clip.path
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(b"x" * clip.size)
    check(stage)
    stage.anew()
    return path


def check(stage: Stage) -> list[str]:
    return check_files(stage.journal, stage.videos, stage.clock.pause)


@pytest.mark.parametrize("how", ["missing", "changed"])
def test_what_is_known_of_a_lost_clip_stays(stage: Stage, how: str) -> None:
    job = stage.plan(2)
    stage.collect()
    clip = job.retrievals[1].media[0].clip
    path = lose(stage, job.retrievals[1], how)
    media = read(stage.journal.path).retrievals[1].media[0]
    assert media.clip is None
    assert media.lost is not None
    assert (media.lost.clip, media.lost.loss) == (clip, Loss(how))
    assert media.lost.clip.fetched_at is not None
    (part,) = outcome_of(job).missing
    assert (part.window, part.reason) == (
        window(60),
        f"its clip {media.lost.loss.text} on this computer",
    )
    path.write_bytes(path.name.encode())  # it is back
    assert check(stage) == []
    media = read(stage.journal.path).retrievals[1].media[0]
    assert (media.clip, media.lost, media.status) == (clip, None, MediaStatus.AVAILABLE)


def test_other_content_from_the_cloud_leaves_the_old_hash(stage: Stage) -> None:
    job = stage.plan(1)
    stage.collect()
    media = job.retrievals[0].media[0]
    with stage.journal.change():
        assert media.clip is not None
        lose(stage, job.retrievals[0], "missing")
    assert media.lost is not None
    stage.downloader.prefix = b"other "
    stage.collect()
    assert media.clip is not None
    assert media.clip.sha256 != media.lost.clip.sha256
    assert outcome_of(job).missing == ()


@pytest.mark.parametrize(
    ("retrieval", "answer"),
    [
        (None, "failed"),
        (None, "unavailable"),
        (None, UNKNOWN),
        (None, None),  # the provider says nothing of it
        (None, "pending"),
        (found(), UNKNOWN),
        (from_other_job(), UNKNOWN),
        (from_other_job(), "failed"),
    ],
)
def test_what_was_here_once_is_not_paid_for_again(
    stage: Stage, retrieval: Retrieval | None, answer: object
) -> None:
    """The cloud does not have it any more: that ends soon, and nothing is requested."""
    job = stage.plan(1) if retrieval is None else stage.begin(retrieval)
    stage.collect()
    assert job.retrievals[0].media[0].clip is not None
    lose(stage, job.retrievals[0], "missing")
    begun = stage.clock.now
    stage.provider.status = lambda retrieval, poll: answer
    stage.collect()
    assert stage.provider.requests == []
    assert stage.clock.now - begun < 120
    (part,) = outcome_of(job).missing
    assert part.reason == "its clip is missing on this computer"


def test_many_lost_files_are_not_all_named(stage: Stage) -> None:
    stage.plan(13)
    stage.collect()
    for path in stage.videos.iterdir():
        path.unlink()
    sentences = check(stage)
    assert len(sentences) == 11
    assert sentences[0] == f"{ROAD.label} 13-30-00.mp4 is missing on this computer."
    assert sentences[-1] == "So it is with 3 more files, all named in the log."


def test_hashing_files_keeps_no_other_thread_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.plan(1)
    stage.collect()
    held: list[bool] = []

    def hashed(path: Path) -> str:
        lock = stage.journal._job_lock
        held.append(lock._is_owned())  # type: ignore[attr-defined]
        return "another"

    monkeypatch.setattr("footage.job.whole.digest", hashed)
    assert check(stage)
    assert held == [False, False]  # to see that it was changed, and what it is now
    assert job.retrievals[0].media[0].lost is not None
