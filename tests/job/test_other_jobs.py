"""What our other jobs know is read once for a run, and only what is whole counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from support.bare_job import bare_job
from support.media import START, imagined, window

from footage.job.journal import Journal, read
from footage.job.other_jobs import OtherJobs
from footage.model import Job, Media, MediaStatus, Output, Retrieval, RetrievalState, Vehicle
from SamsaraAPI import CAMERAS

ROAD, DRIVER = CAMERAS[:2]
CONTENT = b"film"
HASH = sha256(CONTENT).hexdigest()


def mine(tmp_path: Path) -> Journal:
    """The journal of a job that has nothing yet."""
    job = job_in(tmp_path, created=START - timedelta(days=1))
    return Journal.create(tmp_path / "Logs", job, "mine")


def job_in(tmp_path: Path, *retrievals: Retrieval, **changes: Any) -> Job:
    vehicle = Vehicle("1", "Truck 42", file_name="Truck 42")
    return bare_job(*retrievals, folder=str(tmp_path / "Videos"), vehicle=vehicle, **changes)


def fetched(tmp_path: Path, name: str = "Road.mp4") -> Retrieval:
    """A retrieval whose clip is on disk."""
    (tmp_path / "Videos").mkdir(exist_ok=True)
    (tmp_path / "Videos" / name).write_bytes(CONTENT)
    clip = replace(
        imagined(0, 60, window(0), path=name), size=len(CONTENT), sha256=HASH, window=window(0)
    )
    media = Media(ROAD, MediaStatus.AVAILABLE, clip=clip)
    return Retrieval(window(0), [media], state=RetrievalState.ACCEPTED, id="theirs")


def other(tmp_path: Path, job: Job, when: str = "theirs") -> None:
    Journal.create(tmp_path / "Logs", job, when).close()


def others_of(journal: Journal, tmp_path: Path) -> OtherJobs:
    return OtherJobs(journal, tmp_path / "Videos")


def test_the_journals_are_read_once_for_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = mine(tmp_path)
    for number in range(3):
        created = START + timedelta(seconds=number)
        job = job_in(tmp_path, fetched(tmp_path), created=created)
        other(tmp_path, job, f"theirs-{number}")
    reads: list[Path] = []

    def counted(path: Path) -> Job:
        reads.append(path)
        return read(path)

    monkeypatch.setattr("footage.job.journal_folder.read", counted)
    others = others_of(journal, tmp_path)
    for _ in range(4):
        others.known_id(Retrieval(window(0), [Media(ROAD)]))
        others.is_ours(tmp_path / "Videos" / "Road.mp4", ROAD, window(0))
        others.made_before("merge", "Road", "of these")
    assert len(others.jobs) == 3
    assert len(reads) == len({*reads}) == 3
    assert journal.path not in reads, "the run may be writing it"


def test_jobs_of_another_time_or_vehicle_are_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other(tmp_path, job_in(tmp_path, start=START + timedelta(hours=3)), "later")
    other(
        tmp_path,
        replace(job_in(tmp_path), vehicle=Vehicle("2", "Truck 43", file_name="Truck 43")),
        "another",
    )
    other(tmp_path, job_in(tmp_path, start=START + timedelta(minutes=20)), "near")
    journal, reads = mine(tmp_path), list[str]()

    def counted(path: Path) -> Job:
        reads.append(path.name.removesuffix(".json").removeprefix("request_ids_"))
        return read(path)

    monkeypatch.setattr("footage.job.journal_folder.read", counted)
    assert len(others_of(journal, tmp_path).jobs) == 1
    assert sorted(reads) == ["another", "later", "near"]
    for when in ("later", "another", "near"):  # they are gone on with
        with (changed := Journal.open(tmp_path / "Logs" / f"request_ids_{when}.json")).change():
            pass
        changed.close()
    assert len(others_of(journal, tmp_path).jobs) == 1
    assert reads[3:] == ["near"]


def test_a_clip_is_ours_for_its_camera_and_window_alone(tmp_path: Path) -> None:
    other(tmp_path, job_in(tmp_path, fetched(tmp_path)))
    others = others_of(mine(tmp_path), tmp_path)
    path = tmp_path / "Videos" / "Road.mp4"
    assert others.is_ours(path, ROAD, window(0))
    assert not others.is_ours(path, DRIVER, window(0))
    assert not others.is_ours(path, ROAD, window(60))
    assert not others.is_ours(path.with_name("Other.mp4"), ROAD, window(0))
    path.write_bytes(b"something else")
    assert not others.is_ours(path, ROAD, window(0))


def test_the_jobs_own_clip_is_ours_too(tmp_path: Path) -> None:
    journal = mine(tmp_path)
    with journal.change() as job:
        job.retrievals.append(fetched(tmp_path))
    path = tmp_path / "Videos" / "Road.mp4"
    assert others_of(journal, tmp_path).is_ours(path, ROAD, window(0))


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, True),
        ({"folder": "elsewhere"}, False),
        ({"vehicle": Vehicle("2", "Truck 43", file_name="Truck 43")}, False),
    ],
)
def test_a_file_of_the_same_vehicle_and_folder_is_known(
    tmp_path: Path, changes: dict[str, Any], known: bool
) -> None:
    fetched(tmp_path)
    output = Output("merge", "Road", PurePosixPath("Road.mp4"), 60, len(CONTENT), HASH, "of these")
    other(tmp_path, replace(job_in(tmp_path), outputs=[output], **changes))
    others = others_of(mine(tmp_path), tmp_path)
    assert (others.made_before("merge", "Road", "of these") == output) is known
    assert others.made_before("merge", "Driver", "of these") is None
    assert others.made_before("merge", "Road", "of others") is None


def test_for_a_file_that_is_not_there_no_job_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = others_of(mine(tmp_path), tmp_path)
    monkeypatch.setattr(Job, "media", None)
    monkeypatch.setattr(OtherJobs, "jobs", None)
    assert not others.is_ours(tmp_path / "Videos" / "New.mp4", ROAD, window(0))
