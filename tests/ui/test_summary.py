"""The summary at the end: what came of a job, in plain words."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath

import pytest
from support.bare_job import bare_job
from support.media import imagined, window

from footage.job.outcome import outcome_of
from footage.model import (
    Job,
    Media,
    MediaStatus,
    MediaType,
    Output,
    Retrieval,
    RetrievalState,
)
from footage.system import timezones
from footage.ui.progress import Screen
from footage.ui.summary import print_summary
from SamsaraAPI import CAMERAS

TZ = timezones.zone("UTC")


def finished(*media: Media, outputs: list[Output] | None = None) -> Job:
    retrievals = [
        Retrieval(window(0), [one], state=RetrievalState.ACCEPTED, id="id") for one in media
    ]
    cameras = tuple(dict.fromkeys(one.camera for one in media))
    return bare_job(*retrievals, cameras=cameras, outputs=outputs or [])


def output(kind: str, label: str, name: str, note: str = "") -> Output:
    return Output(kind, label, PurePath(name), 300.0, 84_000_000, "", "", note)


def summary(job: Job, *notes: str, failures: Sequence[str] = ()) -> list[str]:
    """The lines of the summary."""
    paper = io.StringIO()
    screen = Screen(paper, interactive=False)
    outcome = outcome_of(job, notes, failures)
    print_summary(outcome, screen, Path("Videos"), Path("Logs/ids.json"), TZ)
    return [line for line in paper.getvalue().splitlines() if line]


def here(number: int, late: float = 0.0, seconds: float = 60.0) -> Media:
    clip = imagined(late, seconds, window(0), path=f"{number}.mp4")
    return Media(CAMERAS[number], MediaStatus.AVAILABLE, clip=clip)


def test_the_side_by_side_comes_first_then_the_cameras() -> None:
    job = finished(
        here(0),
        here(1),
        outputs=[
            output("merge", "Road", "Road_Merged.mp4"),
            output("merge", "Driver", "Driver_Merged.mp4", "re-encoded: two sizes"),
            output("side-by-side", "", "SideBySide_Merged.mp4", "sound: Driver"),
        ],
    )
    lines = summary(job)
    assert lines == [
        "SideBySide_Merged.mp4    5:00    84 MB",
        "Road_Merged.mp4    5:00    84 MB",
        "Driver_Merged.mp4    5:00    84 MB",
        "Driver_Merged.mp4: re-encoded: two sizes",
        f"The files are in {Path('Videos')}",
        f"The request ids are in {Path('Logs/ids.json')}",
    ]


def test_a_camera_is_called_by_its_role_where_it_is_known() -> None:
    job = finished(here(0), Media(CAMERAS[2], MediaStatus.UNAVAILABLE, "unavailable"))
    job.roles = {"analog1": "Left mirror"}
    lines = summary(job)
    assert lines[0] == "Missing: Left mirror (Analog) 13:30-13:31, the camera has no footage of it"


def test_what_was_not_paid_for_again_is_told() -> None:
    job = finished(here(0), here(1), here(2))
    job.retrievals[0].state = RetrievalState.FOUND
    job.retrievals[1].from_other_job = True
    lines = summary(job)
    (line,) = [line for line in lines if line.startswith("Reused")]
    assert line.startswith("Reused: 2:00 of footage that was in the cloud or asked for already")


def test_missing_shifted_and_absent_cameras_are_named() -> None:
    job = finished(
        here(0, late=-4.0, seconds=64.0),
        Media(CAMERAS[1], MediaStatus.UNAVAILABLE, "unavailable"),
        Media(CAMERAS[2], MediaStatus.INVALID, "invalid"),
    )
    lines = summary(job, "a note", failures=["A film could not be made."])
    assert lines[0] == "Missing: Driver 13:30-13:31, the camera has no footage of it"
    assert lines[1].startswith(
        "Analog: no footage of any minute; not installed, or switched off (privacy)"
    )
    assert lines[2] == (
        "Road 13:30-13:31 begins 4.0 s earlier than asked; it is shown at its true time"
    )
    assert lines[3:5] == ["a note", "A film could not be made."]


@pytest.mark.parametrize(
    ("requests", "text"),
    [(1, "1 request got no answer and may"), (2, "2 requests got no answer and may")],
)
def test_what_may_have_been_counted_twice_is_told(requests: int, text: str) -> None:
    job = finished(here(0), here(0))
    for retrieval in job.retrievals[:requests]:
        retrieval.possible_duplicates = 2
    lines = summary(job)
    assert next(line for line in lines if "counted" in line).startswith(text)


def test_where_there_is_nothing_it_says_so() -> None:
    lines = summary(finished(Media(CAMERAS[0], MediaStatus.FAILED, "failed")))
    assert "No footage could be had." in lines


def test_where_nothing_came_the_likely_cause_is_named() -> None:
    absent = summary(finished(Media(CAMERAS[0], MediaStatus.INVALID, "invalid")))
    assert "This vehicle seems to have none of the cameras asked for." in absent
    failed = summary(finished(Media(CAMERAS[0], MediaStatus.FAILED, "failed")))
    assert "Was it this vehicle, and was it driving at that time?" in failed


def test_pictures_and_the_quota_are_told() -> None:
    job = finished(here(0), here(0))
    job.media_type, job.quota = MediaType.IMAGE, "12 of 100"
    for number, retrieval in enumerate(job.retrievals):
        retrieval.window = window(30 * number, 0)
        retrieval.media[0].clip = imagined(30 * number, 0, retrieval.window, path=f"{number}.jpg")
    lines = summary(job)
    assert lines[0] == "2 pictures: 0.jpg to 1.jpg"
    assert lines[1].startswith('When the last request was sent, Samsara said: "12 of 100"')


def test_dates_are_told_where_the_job_is_of_several_days() -> None:
    job = finished(Media(CAMERAS[0], MediaStatus.FAILED, "failed"))
    job.minutes = 24 * 60
    job.retrievals[0].window = job.span
    assert summary(job)[0] == (
        "Missing: Road 03/01/2025 13:30-03/02/2025 13:30 UTC, the upload failed"
    )


def test_a_clip_that_is_not_what_was_asked_for_is_named() -> None:
    first, other = here(0), here(1)
    assert first.clip is not None
    video = replace(first.clip.tracks.video, damaged=True)
    tracks = replace(first.clip.tracks, video=video)
    first.clip = replace(first.clip, tracks=tracks, reported=72.0)
    lines = summary(finished(first, other))
    assert (
        "Road 13:30-13:31 plays 60.0 s of the 72.0 s that Samsara reports: its clock may be off "
        "by up to 12 s"
    ) in lines
    assert "0.mp4 does not decode cleanly: it is damaged, as it came from Samsara" in lines
    assert not [line for line in lines if "Driver" in line or "1.mp4" in line]


def test_the_page_is_the_file_to_open_first() -> None:
    lines = summary(finished(here(0), outputs=[output("report", "", "Report_x.html")]))
    assert lines[-2] == "Open this one first, by double click: Report_x.html"
