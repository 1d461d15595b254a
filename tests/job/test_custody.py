"""Each step of the custody is noted once, in order, and only where it is true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pytest
from support.checking import check_files
from support.media import window
from support.retrieving import ROAD, SECRET, Stage, found, from_other_job

from footage.errors import (
    AlreadyRequested,
    AuthenticationError,
    NotAVideo,
    OutcomeUnknown,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    UrlExpired,
)
from footage.job import custody
from footage.job.journal import read
from footage.model import Media, MediaStatus, Output, Retrieval, RetrievalState, Step, StepKind


def steps(stage: Stage) -> list[Step]:
    """Those that are on the disk."""
    return read(stage.journal.path).custody


def kinds(stage: Stage) -> list[str]:
    return [step.kind.value for step in steps(stage)]


def test_a_clip_is_followed_from_the_request_to_the_file(stage: Stage) -> None:
    job = stage.plan(1)
    stage.collect()
    asked, accepted, available, downloaded, verified = steps(stage)
    assert (asked.kind, asked.retrieval_id) == (StepKind.ASKED, "")
    assert asked.text == "high-res of Road from 2025-03-01T13:30:00Z to 2025-03-01T13:31:00Z"
    assert (accepted.kind, accepted.retrieval_id) == (StepKind.ACCEPTED, "id-1")
    assert available.kind is StepKind.AVAILABLE
    assert available.text.startswith("Road, by the provider's times from 2025-03-01T13:30:00Z")
    clip = job.retrievals[0].media[0].clip
    assert clip is not None
    for step in (downloaded, verified):
        assert (step.file, step.size, step.sha256) == (clip.path.name, clip.size, clip.sha256)
        assert step.retrieval_id == "id-1"
    assert (downloaded.kind, verified.kind) == (StepKind.DOWNLOADED, StepKind.VERIFIED)
    assert verified.text.startswith("h264 ")
    times = [step.at for step in steps(stage)]
    assert times == sorted(times)


def test_a_request_stands_there_before_it_is_sent(stage: Stage) -> None:
    seen: list[list[str]] = []
    stage.provider.before_request = lambda retrieval: seen.append(kinds(stage))
    stage.plan(1)
    stage.collect()
    assert seen == [["asked"]]


def test_no_step_is_saved_by_itself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.plan(2)
    stage.collect()
    with_steps = stage.journal.job.revision
    other = replace_folder(stage)
    monkeypatch.setattr(type(other.journal), "note", lambda *_, **__: None)
    other.plan(2)
    other.collect()
    assert other.journal.job.revision == with_steps


def replace_folder(stage: Stage) -> Stage:
    """Another stage of the same kind."""
    folder = stage.folder / "another"
    folder.mkdir()
    other = Stage(folder)
    other.plan(1)
    return other


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (TransientError("no network"), "unanswered"),
        (OutcomeUnknown("no answer"), "unanswered"),
        (QuotaExhausted("used up", request_id="r-1"), "refused"),
        (RequestRefused("Camera was not recording.", request_id="r-1"), "refused"),
        (AlreadyRequested("Duplicate.", request_id="r-1"), "refused"),
    ],
)
def test_what_became_of_each_sending_is_said(stage: Stage, answer: Any, kind: str) -> None:
    stage.provider.answers[0] = [answer]
    stage.plan(1)
    stage.collect()
    assert kinds(stage)[:2] == ["asked", kind]
    second = steps(stage)[1]
    assert answer.message in second.text
    assert second.request_id == answer.request_id
    assert second.retrieval_id == ""
    if kind == "unanswered":
        assert kinds(stage)[2:] == ["asked", "accepted", "available", "downloaded", "verified"]


def test_a_wrong_key_is_a_refusal(stage: Stage) -> None:
    stage.provider.answers[0] = [AuthenticationError("wrong key")]
    stage.plan(1)
    with pytest.raises(AuthenticationError):
        stage.collect()
    assert kinds(stage) == ["asked", "refused"]


def test_a_request_cut_off_by_a_crash_is_named(stage: Stage) -> None:
    job = stage.plan(1)
    with stage.journal.change():
        job.retrievals[0].state = RetrievalState.REQUESTING
    stage.collect()
    assert kinds(stage)[:3] == ["unanswered", "asked", "accepted"]
    assert "it may have been accepted" in steps(stage)[0].text
    assert "an earlier sending got no answer" in steps(stage)[1].text


@pytest.mark.parametrize("status", ["failed", "unavailable", "invalid"])
def test_what_never_comes_is_said_once(stage: Stage, status: str) -> None:
    stage.provider.status = lambda retrieval, poll: status
    stage.plan(1)
    stage.collect()
    one = ["asked", "accepted", "not available"]
    assert kinds(stage) == (one * 2 if status == "failed" else one)
    assert status in steps(stage)[2].text


def test_what_is_no_video_is_not_verified(stage: Stage) -> None:
    stage.downloader.answers = [NotAVideo("it is text") for _ in range(3)]
    stage.plan(1)
    stage.collect()
    assert kinds(stage) == ["asked", "accepted", "available", "not available"]
    assert "it is text" in steps(stage)[-1].text


def test_a_new_address_of_the_same_is_no_new_step(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("the host refuses the footage (403)")]
    stage.plan(1)
    stage.collect()
    assert len(stage.downloader.fetched) == 2
    assert kinds(stage) == ["asked", "accepted", "available", "downloaded", "verified"]


def test_what_is_in_the_cloud_was_not_asked_for(stage: Stage) -> None:
    stage.begin(found())
    stage.collect()
    assert kinds(stage) == ["available", "downloaded", "verified"]
    assert "this job asked for nothing" in steps(stage)[0].text


def test_the_request_of_another_job_is_named_as_such(stage: Stage) -> None:
    stage.begin(from_other_job())
    stage.collect()
    assert kinds(stage) == ["available", "downloaded", "verified"]
    assert steps(stage)[0].retrieval_id == "theirs"
    assert "by the request of another job" in steps(stage)[0].text


def test_a_file_that_was_here_was_not_downloaded(stage: Stage) -> None:
    stage.plan(1)
    stage.collect()
    retrieval = stage.journal.job.retrievals[0]
    clip = retrieval.media[0].clip
    assert clip is not None
    fetched = stage.downloader.fetch("", stage.videos / "x.mp4", None, lambda *_: None)
    with stage.journal.change():
        custody.fetched(stage.journal, retrieval, clip, replace(fetched, reused=True))
    assert kinds(stage)[-2:] == ["verified", "verified"]
    assert steps(stage)[-1].text.startswith("here already")


def test_no_address_is_in_any_step(stage: Stage) -> None:
    stage.plan(2)
    stage.collect()
    query = SECRET.partition("?")[2]
    assert query
    text = "".join(
        path.read_text("utf-8") for path in stage.journal.path.parent.glob("request_ids_*")
    )
    assert query not in text
    assert "://" not in "".join(step.text for step in steps(stage))


# --- files on this computer -----------------------------------------------------------------------


@pytest.mark.parametrize("how", ["missing", "changed"])
def test_a_loss_and_its_end_are_noted_once_each(stage: Stage, how: str) -> None:
    job = stage.plan(1)
    stage.collect()
    clip = job.retrievals[0].media[0].clip
    assert clip is not None
    path = stage.videos / clip.path
    content = path.read_bytes()
    if how == "missing":
        path.unlink()
    else:
        path.write_bytes(b"x")
    for _ in range(2):
        check_files(stage.journal, stage.videos, stage.clock.pause)
    path.write_bytes(content)
    for _ in range(2):
        check_files(stage.journal, stage.videos, stage.clock.pause)
    lost, back = steps(stage)[5:]
    assert (lost.kind, back.kind) == (StepKind.LOST, StepKind.FOUND_AGAIN)
    assert lost.text == f"{how}: it had {clip.size} bytes and the SHA-256 {clip.sha256}"
    assert lost.size == (0 if how == "missing" else 1)
    assert (lost.sha256 == "") is (how == "missing")
    assert lost.sha256 != clip.sha256
    assert (back.file, back.sha256) == (clip.path.name, clip.sha256)


def test_each_kind_of_finished_file_has_its_word(stage: Stage) -> None:
    stage.plan(1)
    words = {
        "merge": "merged",
        "side-by-side": "rendered",
        "contact-sheet": "rendered",
        "track": "written",
        "readings": "written",
        "report": "reported",
        "hashes": "written",
    }
    for kind in words:
        path = PurePosixPath(f"{kind}.x")
        with stage.journal.change():
            custody.made(stage.journal, Output(kind, "", path, 0.0, 3, "ab", "cd"), "how")
    assert kinds(stage) == list(words.values())
    assert {(step.size, step.sha256, step.text) for step in steps(stage)} == {(3, "ab", "how")}


def test_media_of_a_further_camera_are_each_noted(stage: Stage) -> None:
    retrieval = Retrieval(window(0), [Media(ROAD)])
    stage.begin(retrieval)
    start = retrieval.window.start
    stage.provider.status = lambda retrieval, poll: [
        Media(ROAD, MediaStatus.AVAILABLE, "", start, None, SECRET),
        Media(ROAD, MediaStatus.AVAILABLE, "", start.replace(second=40), None, SECRET),
    ]
    stage.collect()
    assert sorted(kinds(stage)) == sorted(
        ["asked", "accepted", *["available", "downloaded", "verified"] * 2]
    )
