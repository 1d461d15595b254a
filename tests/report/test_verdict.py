"""The one line at the head of the page."""

from __future__ import annotations

from typing import Any

import pytest
from support.bare_job import bare_job
from support.media import imagined, window

from footage.job.outcome import outcome_of
from footage.model import Media, MediaStatus, MediaType, Retrieval, RetrievalState
from footage.report.verdict import verdict_of
from SamsaraAPI import CAMERAS

ROAD, DRIVER = CAMERAS[:2]


def said(*media: Media, failures: tuple[str, ...] = (), **changes: Any) -> str:
    retrievals = [Retrieval(window(0), [one], state=RetrievalState.ACCEPTED) for one in media]
    cameras = tuple(dict.fromkeys(one.camera for one in media))
    job = bare_job(*retrievals, **{"cameras": cameras, "cameras_named": True, **changes})
    verdict = verdict_of(outcome_of(job, (), failures))
    assert verdict.good == verdict.word.startswith("Complete")
    return f"{verdict.word}. {verdict.text}"


def here(number: int = 0, seconds: float = 60) -> Media:
    clip = imagined(0, seconds, window(0), path=f"{number}.mp4")
    return Media(CAMERAS[number], MediaStatus.AVAILABLE, clip=clip)


def test_all_that_was_asked_for_is_there() -> None:
    assert said(here(0), here(1)) == "Complete. 2 cameras, 1:00 each."


def test_a_short_gap_leaves_it_complete_and_is_told() -> None:
    assert said(here(0, 58.5)) == "Complete. 1 camera, 1:00 each, but for gaps of at most 1.5 s."


def test_a_camera_that_is_not_there_is_named() -> None:
    absent = Media(DRIVER, MediaStatus.INVALID, "no such camera")
    text = said(here(0), absent, cameras_named=False)
    assert text == "Complete. 1 camera, 1:00 each; Driver: not installed, or switched off."


def test_what_is_missing_and_why() -> None:
    text = said(here(0, 20), Media(DRIVER, MediaStatus.FAILED, "failed"))
    assert text == (
        "Not complete. Road lacks 0:40 min (the clip that came does not cover it); "
        "Driver lacks 1:00 min (the upload failed)."
    )


def test_what_may_still_come() -> None:
    text = said(here(0), Media(DRIVER, MediaStatus.PENDING))
    assert text == (
        "Not complete yet. Driver lacks 1:00 min (it has not been uploaded yet). "
        "More may still come: --resume fetches it."
    )


def test_nothing_came() -> None:
    text = said(Media(ROAD, MediaStatus.UNAVAILABLE))
    assert text == "No footage. Road lacks 1:00 min (the camera has no footage of it)."


def test_a_film_that_was_not_made_is_told() -> None:
    text = said(here(0), failures=("Road.mp4 could not be made. Try again.",))
    assert text == "Not complete. Road.mp4 could not be made. Try again."


@pytest.mark.parametrize("count", [1, 2])
def test_pictures_are_counted(count: int) -> None:
    media = []
    for number in range(count):
        clip = imagined(0, 0, window(0, 0), path=f"{number}.jpg")
        media.append(Media(CAMERAS[number], MediaStatus.AVAILABLE, clip=clip))
    text = said(*media, media_type=MediaType.IMAGE)
    cameras = "camera" if count == 1 else "cameras"
    pictures = "picture" if count == 1 else "pictures"
    assert text == f"Complete. {count} {pictures} of {count} {cameras}."
