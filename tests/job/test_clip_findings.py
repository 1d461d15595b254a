"""What a person should know of the clips that came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.bare_job import bare_job
from support.media import imagined, window

from footage.job.clip_findings import Damage, OtherLength, Repeat, findings_of
from footage.job.outcome import outcome_of
from footage.model import Clip, Job, Media, MediaStatus, MediaType, Retrieval, RetrievalState
from SamsaraAPI import CAMERAS

ROAD = CAMERAS[0]


def clip(minute: int, shows: float | None = None, **changes: Any) -> Clip:
    """What came for a minute: footage of that minute, or of another one."""
    start = 60.0 * (minute if shows is None else shows)
    made = imagined(start, 60, window(60 * minute), path=f"Road {minute}.mp4")
    return replace(made, **changes)


def job(*clips: Clip, **changes: Any) -> Job:
    retrievals = [
        Retrieval(one.window, [Media(ROAD, MediaStatus.AVAILABLE, clip=one)],
                  state=RetrievalState.ACCEPTED, id="id")
        for one in clips
    ]  # fmt: skip
    return bare_job(*retrievals, **{"minutes": len(clips), **changes})


def test_the_same_footage_for_several_windows_is_shown_once() -> None:
    again = [clip(n, shows=0, sha256="same") for n in range(3)]
    made = job(*again, clip(3))
    assert made.clips(ROAD) == [again[0], clip(3)]
    found = findings_of(made)
    assert found.repeated == (Repeat(ROAD, replace(window(60), end=window(120).end), window(0)),)
    assert not found.shifted
    (part,) = outcome_of(made).missing
    assert part.window == found.repeated[0].window
    assert part.reason == "Samsara answered with the footage of another time"


def test_the_same_footage_is_of_the_window_it_is_nearest_to() -> None:
    early, own = clip(0, shows=1.02, sha256="same"), clip(1, shows=1.02, sha256="same")
    made = job(early, own)
    assert made.clips(ROAD) == [own]
    assert findings_of(made).repeated == (Repeat(ROAD, window(0), window(60)),)
    assert [one.window for one in findings_of(made).shifted] == [window(60)]


def test_the_same_footage_that_claims_two_times_is_shown_once() -> None:
    first, second = clip(0, sha256="same"), clip(1, sha256="same")
    assert job(first, second).clips(ROAD) == [first]


def test_the_same_footage_twice_for_one_window_is_no_news() -> None:
    first = clip(0, sha256="same")
    made = job(first)
    other = replace(first, path=first.path.with_name("second.mp4"))
    made.retrievals[0].media.append(Media(ROAD, MediaStatus.AVAILABLE, clip=other))
    assert made.clips(ROAD) == [first]
    assert findings_of(made).repeated == ()


def test_pictures_that_are_the_same_are_of_two_moments() -> None:
    stills = [clip(n, sha256="same") for n in range(2)]
    made = job(*stills, media_type=MediaType.IMAGE)
    assert made.clips(ROAD) == stills
    assert findings_of(made).repeated == ()


@pytest.mark.parametrize("reported", [50.0, 57.9, 62.1, 72.0])
def test_a_file_as_long_as_nobody_reported_is_told(reported: float) -> None:
    made = job(clip(0, reported=reported))
    assert findings_of(made).other_lengths == (OtherLength(ROAD, window(0), 60.0, reported),)


@pytest.mark.parametrize("changes", [{}, {"reported": 58.5}, {"reported": 900.0, "factor": 30.0}])
def test_a_length_about_as_reported_is_no_news(changes: dict[str, float]) -> None:
    assert findings_of(job(clip(0, **changes))).other_lengths == ()


def test_a_clip_that_does_not_decode_cleanly_is_told() -> None:
    whole = clip(1)
    tracks = replace(whole.tracks, video=replace(whole.tracks.video, damaged=True))
    made = job(clip(0), replace(whole, tracks=tracks))
    assert findings_of(made).damaged == (Damage(ROAD, window(60), whole.path),)
