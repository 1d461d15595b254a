"""The time statement: what was measured or reported, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from support.jobs import a_clip, a_job

from footage.model import Job, Media, MediaStatus, Retrieval, RetrievalState
from footage.report import time_statement
from footage.report.time_statement import FURTHER_PIECE, IN_CLOUD, NOT_REPORTED, Spread


def arrived(retrieval: Retrieval, later: float | None, name: str, place: int = 0) -> None:
    """A clip of a retrieval came that begins so many seconds later than asked; None: unknown."""
    media = retrieval.media[place]
    start = None if later is None else retrieval.window.start + timedelta(seconds=later)
    media.status, media.start = MediaStatus.AVAILABLE, start
    media.clip = replace(a_clip(retrieval.window, name), start=start or retrieval.window.start)
    retrieval.state, retrieval.id = RetrievalState.ACCEPTED, "id"


def a_job_of(*later: float | None) -> Job:
    """A job of which the first clips begin so many seconds later than asked."""
    job = a_job(minutes=3)
    for number, (retrieval, seconds) in enumerate(zip(job.retrievals, later, strict=False)):
        arrived(retrieval, seconds, f"{number}.mp4")
    return job


def test_the_start_of_each_clip_is_set_against_the_asked_one() -> None:
    statement = time_statement.of_job(a_job_of(0.25, -1.5, 3.0))
    assert statement.starts == Spread(-1.5, 0.25, 3.0, 3)
    # By camera: the first two windows are of the same minute.
    assert [(one.camera, one.file, one.seconds) for one in statement.clips] == [
        ("Road", "0.mp4", 0.25),
        ("Road", "2.mp4", 3.0),
        ("Analog", "1.mp4", -1.5),
    ]
    text = " ".join(statement.sentences)
    assert "of 3 clips: from 1.5 s earlier to 3.0 s later, median 0.2 s later." in text
    assert "not of this computer's" in text


def test_what_cannot_be_compared_is_named() -> None:
    job = a_job_of(None, 30.0, 2.0)
    job.retrievals[1].state = RetrievalState.FOUND
    pieces = job.retrievals[2]
    pieces.media.append(Media(pieces.media[0].camera))
    arrived(pieces, 40.0, "second.mp4", place=1)
    statement = time_statement.of_job(job)
    assert statement.starts == Spread(2.0, 2.0, 2.0, 1)
    notes = {one.file: one.note for one in statement.clips}
    assert notes == {
        "0.mp4": NOT_REPORTED,
        "1.mp4": IN_CLOUD,
        "2.mp4": "",
        "second.mp4": FURTHER_PIECE,
    }
    text = " ".join(statement.sentences)
    for note in (NOT_REPORTED, IN_CLOUD, FURTHER_PIECE):
        assert f"Not compared: 1 clip ({note})." in text


def test_the_clock_is_told_by_the_answers_it_was_compared_at() -> None:
    job = a_job_of()
    job.clock_offsets = {"-0.4": 1, "0.3": 8, "1.1": 2}
    statement = time_statement.of_job(job)
    assert statement.clock == Spread(-0.4, 0.3, 1.1, 11)
    assert (
        "by the Date header of 11 answers: from 0.4 s ahead to 1.1 s behind, median 0.3 s behind. "
        "Each is known to within 1.5 s" in statement.sentences[-1]
    )


def test_what_was_not_measured_is_said_to_be_so() -> None:
    statement = time_statement.of_job(a_job())
    assert (statement.clips, statement.starts, statement.clock) == ((), None, None)
    assert "no clip whose start can be compared" in statement.sentences[-2]
    assert statement.sentences[-1] == "This computer's clock was not compared with Samsara's."
    wrong = time_statement.of_job(a_job(clock_offset=3600.0))
    assert "about 3600.0 s behind Samsara's" in wrong.sentences[-1]


def test_what_is_all_the_same_is_said_once() -> None:
    job = a_job_of(1.0, 1.0)
    job.clock_offsets = {"-0.3": 4}
    text = " ".join(time_statement.of_job(job).sentences)
    assert "of 2 clips: 1.0 s later." in text
    assert "of 4 answers: 0.3 s ahead. Each" in text
