"""What films say of themselves: whose they are, of when, and by which requests they came."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from dateutil import tz
from support.jobs import CAMERAS, START, a_clip, a_job

import footage
from footage.job import film_tags
from footage.model import UTC, Job, RetrievalState, Vehicle

CHICAGO = tz.gettz("America/Chicago") or UTC
ROAD = CAMERAS[0]


def a_job_with_clips(minutes: int) -> Job:
    """A job of which all came; those of the first camera by id-0, id-2 ..."""
    job = a_job(minutes=minutes)
    for number, retrieval in enumerate(job.retrievals):
        retrieval.state, retrieval.id = RetrievalState.ACCEPTED, f"id-{number}"
        retrieval.media[0].clip = a_clip(retrieval.window, f"{number}.mp4")
    return job


def test_a_merge_names_vehicle_camera_start_and_requests() -> None:
    job = a_job_with_clips(2)
    first = job.retrievals[0].media[0]
    assert first.clip is not None
    late = START + timedelta(seconds=4)
    first.clip = replace(first.clip, start=late)
    tags = film_tags.of_merge(job, ROAD, CHICAGO)
    assert tags.title == "O'Brien 7, Road, 04/16/2025 13:30:04 CDT"
    assert tags.created == late
    assert tags.comment == (
        f"Samsara; retrieval id-0, id-2; Fleet dash-cam footage {footage.__version__}"
    )


def test_a_side_by_side_begins_at_the_asked_time() -> None:
    tags = film_tags.of_side_by_side(a_job_with_clips(1), CHICAGO)
    assert tags.title == "O'Brien 7, side by side, 04/16/2025 13:30:00 CDT"
    assert tags.created == START
    assert "retrieval id-0, id-1;" in tags.comment


def test_of_many_requests_the_first_are_named() -> None:
    tags = film_tags.of_merge(a_job_with_clips(20), ROAD, CHICAGO)
    assert "retrieval id-0, id-2, id-4, id-6, id-8, id-10 and 14 more;" in tags.comment


def test_what_was_not_asked_for_has_no_request() -> None:
    job = a_job_with_clips(2)
    for retrieval in job.retrievals:
        retrieval.state, retrieval.id = RetrievalState.FOUND, ""
    tags = film_tags.of_merge(job, ROAD, CHICAGO)
    assert tags.comment.startswith("Samsara; in its cloud already, without a request;")
    job.retrievals[2].id = "id-2"
    assert "retrieval id-2;" in film_tags.of_merge(job, ROAD, CHICAGO).comment


def test_foreign_words_are_one_line() -> None:
    job = a_job_with_clips(1)
    job.vehicle = Vehicle("1", "Truck\n42" + "x" * 300)
    job.retrievals[0].id = "an\nid" + "y" * 300
    tags = film_tags.of_merge(job, ROAD, CHICAGO)
    assert "\n" not in tags.title + tags.comment
    assert len(tags.title) < 200 and len(tags.comment) < 300
