"""The jobs in a folder: how far each is said to be, and giving one up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.jobs import START, a_clip, a_job

from footage.errors import UsageError
from footage.job.job_list import discard, listed_jobs, only_waits, work_folder
from footage.job.journal import Journal, read
from footage.job.journal_folder import read_folder
from footage.model import Job, Loss, LostClip, MediaStatus, RetrievalState


def kept(logs: Path, when: str, job: Job) -> Path:
    """The journal of a job that no run has."""
    journal = Journal.create(logs, job, when)
    journal.close()
    return journal.path


def accepted() -> Job:
    """A job whose requests were taken; nothing has come."""
    job = a_job()
    for retrieval in job.retrievals:
        retrieval.state, retrieval.id = RetrievalState.ACCEPTED, "id"
    return job


def settled(status: MediaStatus | None) -> Job:
    """A job of which all came, but for the first clip where that has a status."""
    job = accepted()
    for number, (retrieval, media) in enumerate(job.media()):
        media.clip = a_clip(retrieval.window, f"{number}.mp4")
    if status is not None:
        first = next(media for _, media in job.media())
        first.clip, first.status = None, status
    return job


def test_each_state_has_its_words(tmp_path: Path) -> None:
    count = len(list(a_job().media()))
    states = {
        "waits": (accepted(), f"waiting for {count} of {count} clips"),
        "unmade": (settled(None), "its files are not made yet"),
        "done": (replace(settled(None), finished=True), "finished"),
        "lacking": (
            replace(settled(MediaStatus.UNAVAILABLE), finished=True),
            "finished, incomplete",
        ),
        "given": (replace(accepted(), discarded=True), "given up"),
    }
    for number, (when, (job, _)) in enumerate(states.items()):
        kept(tmp_path, when, replace(job, created=START + timedelta(days=number)))
    (tmp_path / "request_ids_broken.json").write_text("{", "utf-8")
    waits = tmp_path / "request_ids_waits.json"
    waits.with_name("request_ids_waits-LAPTOP.json").write_bytes(waits.read_bytes())
    running = Journal.create(tmp_path, a_job(created=START - timedelta(days=1)), "running")
    listed = {one.path.stem.removeprefix("request_ids_"): one for one in listed_jobs(tmp_path)}
    running.close()
    assert listed.pop("broken").state.startswith("unreadable: ")
    assert listed.pop("waits-LAPTOP").state == "a copy of request_ids_waits.json; not used"
    assert listed.pop("running").state == "in use by another run"
    assert {when: one.state for when, one in listed.items()} == {
        when: words for when, (_, words) in states.items()
    }


def test_what_is_lost_here_is_not_called_awaited(tmp_path: Path) -> None:
    job = settled(None)
    count = len(list(job.media()))
    for number, (_, media) in enumerate(job.media()):
        if number < 2 and media.clip is not None:
            media.lost, media.clip = LostClip(media.clip, Loss.MISSING, START), None
    last = job.retrievals[-1].media[0]
    last.clip = None
    kept(tmp_path, "now", job)
    assert listed_jobs(tmp_path)[0].state == (
        f"waiting for 1 of {count} clips, 2 of {count} clips missing or changed on this computer"
    )


def test_a_job_that_was_given_up_stays_on_disk_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "Videos"
    path = kept(tmp_path / "Logs", "now", replace(accepted(), folder=str(folder)))
    work_folder(path, folder).mkdir(parents=True)
    (folder / "Road.mp4").write_bytes(b"a clip")
    discard(path, path.parent)
    assert read(path).discarded
    assert [one.name for one in folder.iterdir()] == ["Road.mp4"]
    assert read_folder(path.parent).unfinished == []


def test_giving_a_copy_up_gives_the_job_up(tmp_path: Path) -> None:
    path = kept(tmp_path, "now", accepted())
    copy = path.with_name("request_ids_now (1).json")
    copy.write_bytes(path.read_bytes())
    assert discard(copy, tmp_path).path == path
    assert read_folder(tmp_path).unfinished == []


def test_a_finished_job_is_not_given_up(tmp_path: Path) -> None:
    path = kept(tmp_path, "now", replace(a_job(), finished=True))
    with pytest.raises(UsageError, match="nothing to give up"):
        discard(path, path.parent)
    assert not read(path).discarded


def test_a_job_that_another_run_has_is_not_offered(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    assert read_folder(tmp_path).unfinished == []
    journal.close()
    assert len(read_folder(tmp_path).unfinished) == 1


def test_a_job_with_something_to_request_does_not_only_wait() -> None:
    job = accepted()
    assert only_waits(job)
    job.retrievals[0].state = RetrievalState.PLANNED
    assert not only_waits(job)
    assert not only_waits(settled(None))
