"""Chapters of long and of sped-up clips: the right moment of the wall clock at the right place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from dateutil import tz
from support.media import CHICAGO, ROAD, Shelf, at, chapters, frames, imagined, window

from footage.media import merge
from footage.media.mp4 import Chapter, with_moments
from footage.model import Clip
from simulator.footage import Content, draw, read_clock

ZONE = tz.gettz(CHICAGO) or timezone.utc


def clip(start: float, seconds: float, factor: float = 1) -> Clip:
    """A clip of so many seconds of the wall clock."""
    return replace(imagined(start, seconds / factor, window(start, seconds)), factor=factor)


def told(marks: list[Chapter]) -> list[tuple[float, str]]:
    """Where each chapter begins, and its words without day and zone."""
    assert all(a.end == pytest.approx(b.start) for a, b in pairwise(marks))
    words = (mark.title.replace("03/01/2025 ", "").replace(" CST", "") for mark in marks)
    return [(round(mark.start, 3), text) for mark, text in zip(marks, words, strict=True)]


def test_a_clip_of_ten_minutes_has_a_chapter_for_each_minute() -> None:
    marks = merge.chapters([clip(0, 600), clip(600, 600)], window(0, 1200), ZONE)
    assert told(marks) == [(60.0 * n, f"07:{30 + n}:00") for n in range(20)]
    assert marks[-1].end == 1200


def test_chapters_are_at_minutes_of_the_asked_time() -> None:
    # Early by 12.5 s, and what follows is as late.
    marks = merge.chapters([clip(-12.5, 132.5), clip(132.5, 107.5)], window(0, 240), ZONE)
    assert told(marks) == [
        (0, "07:29:47"),
        (12.5, "07:30:00"),
        (72.5, "07:31:00"),
        (132.5, "07:32:12 (nothing from 07:32:00 to 07:32:12)"),
        (180, "07:33:00"),
    ]


def test_a_minute_near_an_end_of_the_clip_has_no_chapter() -> None:
    marks = merge.chapters([clip(-3, 186)], window(0, 180), ZONE)
    assert told(marks) == [(0, "07:29:57"), (63, "07:31:00"), (123, "07:32:00")]


@pytest.mark.parametrize(("start", "seconds"), [(0, 60), (-20, 85), (8, 59.95), (-4, 68)])
def test_a_clip_of_about_a_minute_has_one_chapter(start: float, seconds: float) -> None:
    assert len(merge.chapters([clip(start, seconds)], window(0, 60), ZONE)) == 1


def test_a_gap_after_a_long_clip_is_named_at_its_last_minute() -> None:
    marks = merge.chapters([clip(0, 130)], window(0, 600), ZONE)
    assert told(marks)[1] == (60, "07:31:00")
    assert told(marks)[2] == (120, "07:32:00 (nothing from 07:32:10 to 07:40:00 after it)")


def test_in_sped_up_footage_the_minutes_are_as_much_closer() -> None:
    marks = merge.chapters([clip(0, 600, 30), clip(605, 595, 20)], window(0, 1200), ZONE)
    titles = [(2.0 * n, f"07:{30 + n}:00") for n in range(10)]
    # Before the second clip, 5 s are lacking: more than three frames of these files.
    titles.append((20, "07:40:05 (nothing from 07:40:00 to 07:40:05)"))
    titles += [(20 + (60 * n - 5) / 20, f"07:{40 + n}:00") for n in range(1, 10)]
    assert told(marks) == titles
    assert marks[-1].end == pytest.approx(20 + 595 / 20)


def test_holes_of_a_tenth_of_a_second_of_the_file_are_not_named() -> None:
    marks = merge.chapters([clip(0, 597, 30), clip(600, 598, 30)], window(0, 1200), ZONE)
    assert not any("nothing" in mark.title for mark in marks)


def with_video(made: Clip, **changes: Any) -> Clip:
    tracks = replace(made.tracks, video=replace(made.tracks.video, **changes))
    return replace(made, tracks=tracks)


def test_a_stretch_without_a_picture_is_named_where_it_begins() -> None:
    holed = with_video(clip(0, 120), holes=((2.0, 4.5), (60.0, 60.25)))
    assert told(merge.chapters([holed], window(0, 120), ZONE)) == [
        (0, "07:30:00 (no picture for 2.5 s from 07:30:02)"),
        (60, "07:31:00 (no picture for 0.2 s from 07:31:00)"),
    ]


def test_many_stretches_without_a_picture_are_not_all_named() -> None:
    holed = with_video(clip(0, 60), holes=tuple((n + 0.5, n + 1.0) for n in range(9)))
    (mark,) = merge.chapters([holed], window(0, 60), ZONE)
    assert mark.title.count(" for 0.5 s from ") == 3
    assert mark.title.endswith(", 6 times more)")


def test_a_clip_that_is_damaged_or_of_another_length_says_so() -> None:
    odd = with_video(replace(clip(0, 50), reported=60.0), damaged=True)
    assert told(merge.chapters([odd, clip(60, 60)], window(0, 120), ZONE)) == [
        (0, "07:30:00 (does not decode cleanly) (plays 50.0 s of the reported 60.0 s)"),
        (50, "07:31:00 (nothing from 07:30:50 to 07:31:00)"),
    ]


def test_marks_of_very_fast_footage_are_a_second_apart_or_more() -> None:
    marks = merge.chapters([clip(0, 3600, 100)], window(0, 3600), ZONE)
    assert told(marks) == [
        (round(120 * n / 100, 3), f"{7 + (30 + 2 * n) // 60:02}:{(30 + 2 * n) % 60:02}:00")
        for n in range(30)
    ]


def test_a_chapter_begins_with_the_picture_of_its_moment(shelf: Shelf, tmp_path: Path) -> None:
    model = replace(ROAD, fps=10)
    clips = []
    for start, seconds, factor in ((0, 240, 20), (246.0, 294, 30)):
        content = Content("Truck 42", model, at(start), seconds, factor)
        draw(content, shelf.folder / content.file_name)
        known = shelf.known(shelf.folder / content.file_name, start)
        clips.append(replace(known, factor=float(factor)))
    target = tmp_path / "merged.mp4"
    assert merge.merge(clips, shelf.folder, target, window(0, 540), ZONE) == ""
    stamps, pictures = frames(target, (160, 120))
    assert len(stamps) == 120 + 98
    found = chapters(target)
    assert len(found) == 9
    for begin, _, title in found:
        number = next(n for n, stamp in enumerate(stamps) if stamp >= begin - 1e-3)
        read = read_clock(pictures[number])
        assert read is not None
        named = datetime.strptime(title[11:19], "%H:%M:%S").time()
        shown = read[1].astimezone(ZONE)
        off = (shown - datetime.combine(shown.date(), named, ZONE)).total_seconds()
        assert 0 <= off <= (2 if begin < 12 else 3)  # up to the next picture


def test_a_moment_begins_a_chapter_of_its_own() -> None:
    marks = with_moments([Chapter(0, 60, "a"), Chapter(60, 90, "b")], [(75.5, "Crash"), (200, "x")])
    assert marks == [Chapter(0, 60, "a"), Chapter(60, 75.5, "b"), Chapter(75.5, 90, "Crash")]


def test_a_moment_at_the_beginning_of_a_chapter_names_it() -> None:
    assert with_moments([Chapter(0, 60, "a")], [(0.4, "Crash")]) == [Chapter(0, 60, "Crash")]


def test_two_moments_in_one_chapter_are_in_order() -> None:
    marks = with_moments([Chapter(0, 60, "a")], [(40, "second"), (20, "first")])
    assert [(one.start, one.end, one.title) for one in marks] == [
        (0, 20, "a"),
        (20, 40, "first"),
        (40, 60, "second"),
    ]


@pytest.mark.parametrize(
    ("moment", "second"),
    [(at(70), 35.0), (at(130), 75.0), (at(100), None), (at(-5), None)],
)
def test_a_moment_is_marked_where_the_merge_shows_it(
    shelf: Shelf, tmp_path: Path, moment: datetime, second: float | None
) -> None:
    # The first clip begins at 35 s and ends at 95 s; the second one at 115 s: a gap between.
    clips = shelf.clips(replace(ROAD, fps=2), [(35, 60), (115, 60)])
    target = tmp_path / "Road.mp4"
    merge.merge(clips, shelf.folder, target, window(0, 180), ZONE, moments=[(moment, "Crash")])
    found = [begin for begin, _, title in chapters(target) if title == "Crash"]
    assert found == ([] if second is None else [pytest.approx(second, abs=0.1)])
