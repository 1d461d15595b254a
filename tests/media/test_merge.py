"""One file per camera: the clips' own pictures, in order, in step with their sound, and marked."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from support.media import (
    ROAD,
    Shelf,
    at,
    beeps,
    chapters,
    complaints,
    frame_sums,
    frames,
    imagined,
    played,
    starts_at_once,
)
from support.merges import IN_STEP, ZONE, Merged, uneven

from footage.errors import FfmpegError, Interrupted
from footage.media import merge, probe
from footage.model import Window
from simulator.footage import read_clock

# --- pictures -------------------------------------------------------------------------------------


def test_the_clips_own_pictures_in_a_row(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged(shelf.clips(ROAD, [(0, 2), (2, 2), (4, 3)]), shelf, tmp_path, 7)
    assert merged.has_the_clips_own_pictures()
    assert merged.note == ""
    assert starts_at_once(merged.path)
    assert probe.probe(merged.path).video.duration == pytest.approx(7, abs=0.01)


def test_clips_with_different_parameter_sets_are_unchanged(shelf: Shelf, tmp_path: Path) -> None:
    clips = [
        shelf.clip(replace(ROAD, encoder=encoder), 2 * n, 2)
        for n, encoder in enumerate(("a", "b", "a"))
    ]
    merged = Merged(clips, shelf, tmp_path, 6)
    assert merged.has_the_clips_own_pictures()
    assert merged.note == ""


def test_pictures_stored_out_of_order_are_kept_so(shelf: Shelf, tmp_path: Path) -> None:
    plain = shelf.clips(replace(ROAD, fps=15), [(0, 2), (2, 2)])
    clips = [shelf.changed(clip, "-c:v", "libx264", "-bf", "2", "-c:a", "copy") for clip in plain]
    merged = Merged(clips, shelf, tmp_path, 4)
    assert merged.has_the_clips_own_pictures()
    stamps, _ = frames(merged.path, (160, 120))
    assert np.allclose(np.diff(stamps), 1 / 15, atol=1e-3)


def test_where_clips_overlap_nothing_is_cut(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged(shelf.clips(ROAD, [(0, 3), (2, 2)]), shelf, tmp_path, 4)
    assert merged.has_the_clips_own_pictures()
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_clips_of_different_time_bases_are_joined_evenly(shelf: Shelf, tmp_path: Path) -> None:
    model = replace(ROAD, fps=30000 / 1001)
    first, second, third = shelf.clips(model, [(0, 2.002), (2.002, 2.002), (4.004, 2.002)])
    second = shelf.changed(second, "-video_track_timescale", "90000")
    assert first.tracks.video.time_base != second.tracks.video.time_base
    merged = Merged([first, second, third], shelf, tmp_path, 6.006)
    assert merged.has_the_clips_own_pictures()
    stamps, _ = frames(merged.path, (160, 120))
    assert np.allclose(np.diff(stamps), 1001 / 30000, atol=1e-3)


def test_a_single_clip_gets_its_file_too(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged([shelf.clip(ROAD, 0, 2)], shelf, tmp_path, 2)
    assert merged.has_the_clips_own_pictures()
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_clips_of_a_hevc_camera_are_joined_by_copying(shelf: Shelf, tmp_path: Path) -> None:
    plain = shelf.clips(ROAD, [(0, 2), (2, 2)])
    encoder = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
    clips = [shelf.changed(clip, *encoder, "-tag:v", "hvc1", "-c:a", "copy") for clip in plain]
    merged = Merged(clips, shelf, tmp_path, 4)
    assert frame_sums(merged.path) == merged.of_clips("frames")
    assert complaints(merged.path) == ""


# --- chapters -------------------------------------------------------------------------------------


def test_chapters_carry_the_wall_clock_and_name_what_is_missing(
    shelf: Shelf, tmp_path: Path
) -> None:
    clips = [shelf.clip(ROAD, 1, 2), shelf.clip(ROAD, 3, 2), shelf.clip(ROAD, 7, 2)]
    merged = Merged(clips, shelf, tmp_path, 20)
    found = chapters(merged.path)
    assert [(round(begin, 3), round(end, 3)) for begin, end, _ in found] == [(0, 2), (2, 4), (4, 6)]
    assert [title for _, _, title in found] == [
        "03/01/2025 07:30:01 CST (nothing from 03/01/2025 07:30:00 CST to 03/01/2025 07:30:01 CST)",
        "03/01/2025 07:30:03 CST",
        "03/01/2025 07:30:07 CST (nothing from 03/01/2025 07:30:05 CST to 03/01/2025 07:30:07 CST)"
        " (nothing from 03/01/2025 07:30:09 CST to 03/01/2025 07:30:20 CST after it)",
    ]


def test_a_chapter_says_where_a_clip_repeats_what_was_shown() -> None:
    assert ZONE is not None
    marks = merge.chapters([imagined(0, 10), imagined(8, 5)], Window(at(0), at(13)), ZONE)
    assert marks[1].title == "03/01/2025 07:30:08 CST (repeats 2.0 s)"


def test_a_day_of_minutes_has_a_chapter_for_each() -> None:
    assert ZONE is not None
    clips = [imagined(60 * n, 60) for n in range(1440)]
    marks = merge.chapters(clips, Window(at(0), at(86_400)), ZONE)
    assert len(marks) == 1440
    assert all(a.end == b.start for a, b in pairwise(marks))
    assert not any("(" in mark.title for mark in marks)


# --- clips that differ ----------------------------------------------------------------------------


def test_clips_of_different_sizes_are_not_stretched(shelf: Shelf, tmp_path: Path) -> None:
    wide = replace(ROAD, width=240, height=120)
    clips = [shelf.clip(ROAD, 0, 2), shelf.clip(wide, 2, 2)]
    merged = Merged(clips, shelf, tmp_path, 4)
    assert merged.note == (
        f"re-encoded: {clips[0].path.name}, of another size than the other clips"
    )
    video = probe.probe(merged.path).video
    assert (video.width, video.height) == (240, 120)
    assert video.duration == pytest.approx(4, abs=0.05)
    stamps, pictures = frames(merged.path, (240, 120))
    for stamp, picture in zip(stamps, pictures, strict=True):
        tile = picture[:, 40:200] if stamp < 1.99 else picture
        clock = read_clock(tile)
        assert clock is not None
        assert abs((clock[1] - at(stamp)).total_seconds()) <= 0.21
    for moment in beeps(played(merged.path), 16_000):
        assert abs(moment - round(moment)) <= IN_STEP
    assert complaints(merged.path) == ""
    assert starts_at_once(merged.path)
    assert len(chapters(merged.path)) == 2


def test_a_clip_of_another_codec_alone_is_reencoded(shelf: Shelf, tmp_path: Path) -> None:
    clips = [
        shelf.clip(ROAD, 0, 2),
        shelf.clip(replace(ROAD, fps=10), 2, 2),
        shelf.clip(replace(ROAD, encoder="mpeg4"), 4, 2),
    ]
    merged = Merged(clips, shelf, tmp_path, 6)
    assert merged.note == (
        f"re-encoded: {clips[2].path.name}, of another codec than the other clips"
    )
    stamps, _ = frames(merged.path, (160, 120))
    assert np.allclose(stamps, [*np.arange(10) / 5, *(2 + np.arange(20) / 10),
                                *(4 + np.arange(10) / 5)], atol=1e-3)  # fmt: skip
    own = frame_sums(shelf.folder / clips[0].path) + frame_sums(shelf.folder / clips[1].path)
    assert frame_sums(merged.path)[:30] == own
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_joined_anew_every_clip_lasts_as_long_as_its_picture(shelf: Shelf, tmp_path: Path) -> None:
    clips = [uneven(shelf, 0, 2, 3), shelf.clip(replace(ROAD, fps=10), 2, 2)]
    clips.append(uneven(shelf, 4, 3, 2))
    merged = Merged(clips, shelf, tmp_path, 7)
    assert probe.probe(merged.path).video.duration == pytest.approx(7, abs=0.11)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_reencoded_pixels_that_are_not_square_keep_shape(shelf: Shelf, tmp_path: Path) -> None:
    square = shelf.clip(ROAD, 0, 2)
    flat = shelf.changed(shelf.clip(ROAD, 2, 2), "-bsf:v", "h264_metadata=sample_aspect_ratio=3/2")
    merged = Merged([square, flat], shelf, tmp_path, 4)
    assert "size" in merged.note
    video = probe.probe(merged.path).video
    assert (video.width, video.height, video.aspect) == (160, 120, "1/1")
    _, pictures = frames(merged.path, (160, 120))
    assert read_clock(pictures[2]) is not None
    # One and a half times as wide as it is high: bars above and below.
    assert pictures[-2][:6].max() < 30
    assert pictures[-2][20:100].max() > 60


def test_a_clip_that_vanished_between_others_is_not_passed_over(
    shelf: Shelf, tmp_path: Path
) -> None:
    assert ZONE is not None
    quiet = replace(ROAD, sound=False)
    clips = shelf.clips(quiet, [(0, 2), (2, 2), (4, 2)])
    clips[1] = replace(clips[1], path=clips[1].path.with_name("gone.mp4"))
    with pytest.raises(FfmpegError):
        merge.merge(clips, shelf.folder, tmp_path / "m.mp4", Window(at(0), at(6)), ZONE)
    assert list(tmp_path.iterdir()) == []


# --- when it does not work ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["copied", "re-encoded"])
def test_a_stop_leaves_the_file_as_it_was(shelf: Shelf, tmp_path: Path, kind: str) -> None:
    assert ZONE is not None
    target, stop = tmp_path / "merged.mp4", threading.Event()
    target.write_text("as it was")
    stop.set()
    second = ROAD if kind == "copied" else replace(ROAD, encoder="mpeg4")
    clips = [shelf.clip(ROAD, 0, 2), shelf.clip(second, 2, 2)]
    with pytest.raises(Interrupted):
        merge.merge(clips, shelf.folder, target, Window(at(0), at(4)), ZONE, stop=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["merged.mp4"]
    assert target.read_text() == "as it was"


def test_a_missing_clip_is_an_error_and_leaves_no_file(shelf: Shelf, tmp_path: Path) -> None:
    assert ZONE is not None
    clips = [shelf.clip(ROAD, 0, 2), imagined(2, 2)]
    clips[1] = replace(clips[1], tracks=clips[0].tracks)
    with pytest.raises(FfmpegError):
        merge.merge(clips, shelf.folder, tmp_path / "m.mp4", Window(at(0), at(4)), ZONE)
    assert list(tmp_path.iterdir()) == []


def test_progress_reaches_the_length_of_the_film(shelf: Shelf, tmp_path: Path) -> None:
    assert ZONE is not None
    told: list[float] = []
    clips = shelf.clips(ROAD, [(0, 2), (2, 2), (4, 3)])
    merge.merge(
        *(clips, shelf.folder, tmp_path / "m.mp4", Window(at(0), at(7)), ZONE),
        progress=told.append,
    )
    assert told[-1] == pytest.approx(7, abs=0.3)
