"""Which second of which film shows a moment, however the clips lie."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import PurePosixPath

import pytest
from support.media import imagined, job, window

from footage.job.outputs import clips_in
from footage.model import Camera, Clip, Job, Loss, LostClip, MediaType, Output
from footage.report.players import CameraFilm, camera_films, side_by_side_film

ROAD = Camera("input0", "Road")


def merged(*clips: Clip, minutes: int = 1) -> Job:
    """A job of these clips of one camera, and their merge."""
    made = job({"Road": clips}, minutes)
    made.outputs = [merge_of(made)]
    return made


def merge_of(made: Job) -> Output:
    seconds = sum(clip.duration for clip in made.clips(ROAD))
    contents = clips_in(made, [ROAD])[0]
    name = PurePosixPath("Road_Merged.mp4")
    return Output("merge", "Road", name, seconds, 1, "ab", "x", contents=contents)


def film(made: Job) -> CameraFilm:
    (one,) = camera_films(made, {ROAD: "Road"})
    return one


def stretches(made: Job) -> list[tuple[float, float, float]]:
    return [(one.start, one.end, round(one.at, 6)) for one in film(made).pieces]


def test_a_merge_has_no_gap_where_the_clock_has_one() -> None:
    first, second = imagined(0, 20, window(0)), imagined(90, 30, window(60))
    made = merged(first, second, minutes=2)
    assert stretches(made) == [(0, 20, 0), (90, 120, 20)]
    assert [one.frames for one in film(made).pieces] == [0, 300]


def test_a_clip_that_begins_early_is_entered_at_its_true_second() -> None:
    made = merged(imagined(0, 60, window(0)), imagined(56, 64, window(60)), minutes=2)
    assert stretches(made) == [(0, 60, 0), (60, 120, 64)]
    second = film(made).pieces[1]
    assert (second.zero, second.stop) == (60, 124)


def test_a_hole_within_a_clip_is_no_piece() -> None:
    clip = imagined(0, 60, window(0))
    video = replace(clip.tracks.video, holes=((10.0, 25.0),))
    made = merged(replace(clip, tracks=replace(clip.tracks, video=video)))
    assert stretches(made) == [(0, 10, 0), (25, 60, 25)]


def test_sped_up_footage_runs_through_its_file_slower() -> None:
    clip = replace(imagined(0, 4, window(0)), factor=15.0)
    made = merged(clip)
    made.media_type = MediaType.HYPERLAPSE
    (piece,) = film(made).pieces
    assert (piece.start, piece.end, piece.at, piece.factor) == (0, 60, 0, 15)


def test_a_short_hole_between_clips_is_bridged() -> None:
    made = merged(imagined(0, 59.95, window(0)), imagined(60, 60, window(60)), minutes=2)
    assert stretches(made) == [(0, 60, 0), (60, 120, 59.95)]


def test_a_clip_that_was_lost_since_is_still_in_the_merge() -> None:
    first, second = imagined(0, 60, window(0)), imagined(60, 60, window(60))
    made = merged(first, second, minutes=2)
    media = made.retrievals[0].media[0]
    media.clip, media.lost = None, LostClip(first, Loss.MISSING, made.created)
    assert stretches(made) == [(0, 60, 0), (60, 120, 60)]


def test_a_merge_of_unknown_clips_is_not_played() -> None:
    made = merged(imagined(0, 60, window(0)))
    made.outputs = [replace(made.outputs[0], duration=75.0)]
    assert film(made).pieces == ()
    assert film(made).why == "Road_Merged.mp4 was made of other clips than the journal knows."


@pytest.mark.parametrize(
    ("loss", "clips", "why"),
    [
        (Loss.CHANGED, True, "Its film is not on this computer as it was made."),
        (None, True, "No film was made."),
        (None, False, "This camera has no footage."),
    ],
)
def test_why_there_is_no_film_is_said(loss: Loss | None, clips: bool, why: str) -> None:
    made = merged(*[imagined(0, 60, window(0))] * clips)
    made.outputs = [replace(one, loss=loss) for one in made.outputs] if loss else []
    assert film(made).why == why


def test_frames_that_cannot_be_counted_by_the_rate_are_known() -> None:
    clip = imagined(0, 60, window(0))
    fewer = replace(clip.tracks.video, frames=850)
    made = merged(replace(clip, tracks=replace(clip.tracks, video=fewer)))
    assert [piece.even for piece in film(merged(clip)).pieces] == [True]
    assert [piece.even for piece in film(made).pieces] == [False]


@pytest.mark.parametrize(
    ("frames", "rate"), [(900, 15), (1798, Fraction(30000, 1001)), (600, 10), (0, 15)]
)
def test_the_rate_of_the_side_by_side_is_that_of_its_frames(
    frames: int, rate: Fraction | int
) -> None:
    clip = imagined(0, 60, window(0))
    other = replace(clip.tracks.video, rate=Fraction(30000, 1001))
    made = job(
        {"Road": [clip], "Driver": [replace(clip, tracks=replace(clip.tracks, video=other))]}
    )
    if not frames:  # the file is not there: by the fastest of the cameras
        rate = Fraction(30000, 1001)
    name = PurePosixPath("SideBySide.mp4")
    made.outputs = [Output("side-by-side", "", name, 60.0, 1, "ab", "x")]
    found = side_by_side_film(made, {name.name: frames})
    assert found is not None
    assert (found.rate, found.pace) == (rate, 1)


def test_a_sped_up_side_by_side_has_its_pace() -> None:
    made = job({"Road": []})
    made.outputs = [Output("side-by-side", "", PurePosixPath("S.mp4"), 2.0, 1, "ab", "x")]
    found = side_by_side_film(made, {"S.mp4": 30})
    assert found is not None and found.pace == 30
    assert side_by_side_film(job({"Road": []}), {}) is None
    assert made.start + timedelta(minutes=1) == made.end
