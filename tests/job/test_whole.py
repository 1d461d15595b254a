"""The files of a job are looked at again: what is lost is noted, and nothing known is forgotten."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from support.checking import check_files
from support.media import window
from support.retrieving import ROAD, Stage, found, from_other_job

from footage.errors import RequestRefused
from footage.job.journal import read
from footage.job.outcome import outcome_of
from footage.job.whole import FileCheck
from footage.model import Loss, MediaStatus, Retrieval, RetrievalState
from footage.system.whole_files import digest

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
        held.append(stage.journal._job_lock.is_mine)
        return "another"

    monkeypatch.setattr("footage.job.whole.digest", hashed)
    assert check(stage)
    assert held == [False, False]  # to see that it was changed, and what it is now
    assert job.retrievals[0].media[0].lost is not None


# --- beside requests and polls --------------------------------------------------------------------


def half_done(stage: Stage, minutes: int = 3) -> list[Path]:
    """A job of which all but the last minute is here; returns the files of its clips."""
    job = stage.plan(minutes)
    stage.collect()
    with stage.journal.change():
        last = job.retrievals[-1]
        assert last.media[0].clip is not None
        (stage.videos / last.media[0].clip.path).unlink()
        last.media[0].clip, last.media[0].status = None, MediaStatus.PENDING
        last.state, last.id = RetrievalState.PLANNED, ""
    stage.anew()
    clips = [one.media[0].clip for one in job.retrievals]
    return [stage.videos / clip.path for clip in clips if clip is not None]


def change(path: Path) -> None:
    """Another content of the same size."""
    path.write_bytes(b"x" * path.stat().st_size)


def test_a_look_hashes_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = half_done(stage, 4)
    paths[1].unlink()
    monkeypatch.setattr("footage.job.whole.digest", None)
    files = FileCheck(stage.journal, stage.videos, stage.clock.pause)
    files.look()
    assert (files.progress.done, files.progress.total) == (0, 2)
    lost = read(stage.journal.path).retrievals[1].media[0].lost
    assert lost is not None
    assert lost.loss is Loss.MISSING


def test_requests_and_polls_do_not_wait_for_the_hashes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = half_done(stage)
    change(paths[1])
    requested = threading.Event()
    whole, seen = digest, []

    def hashed_late(path: Path) -> str:
        assert requested.wait(60)
        seen.append(retriever.checked)
        return whole(path)

    monkeypatch.setattr("footage.job.whole.digest", hashed_late)
    stage.provider.before_request = lambda retrieval: requested.set()
    files = FileCheck(stage.journal, stage.videos, stage.clock.pause)
    files.look()
    retriever = stage.retriever()
    retriever.cost.confirm()
    stage.run(retriever, files)
    assert seen[:3] == [False] * 3, "two clips, and what the changed one is now"
    assert retriever.checked
    assert (files.progress.done, files.progress.total) == (2, 2)
    assert files.take_sentences() == [f"{paths[1].name} was changed on this computer."]
    job = read(stage.journal.path)
    assert all(one.media[0].clip for one in job.retrievals), "the changed one was fetched again"
    assert len(stage.provider.requests) == 1
    assert len(list(stage.videos.glob("*(damaged)*"))) == 1


def test_what_was_touched_is_hashed_first(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = half_done(stage, 4)
    later = paths[2].stat().st_mtime + 3600
    os.utime(paths[2], (later, later))
    order: list[Path] = []

    def hashed(path: Path) -> str:
        order.append(path)
        return "another"

    monkeypatch.setattr("footage.job.whole.digest", hashed)
    check(stage)
    assert order[0] == paths[2]


def test_a_file_is_hashed_once_in_a_run(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only while it is the same, and where it was not changed just now."""
    paths = half_done(stage)
    os.utime(paths[0], (1e9, 1e9))
    hashed: list[str] = []
    whole = digest

    def counted(path: Path) -> str:
        hashed.append(path.name)
        return whole(path)

    monkeypatch.setattr("footage.job.whole.digest", counted)
    for _ in range(3):
        assert check(stage) == []
    assert (hashed.count(paths[0].name), hashed.count(paths[1].name)) == (1, 3)
    change(paths[0])
    os.utime(paths[0], (1e9 + 1, 1e9 + 1))
    assert check(stage) == [f"{paths[0].name} was changed on this computer."]
