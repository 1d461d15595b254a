"""Clips on the wall clock: what is shown of each moment, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from support.media import START, at, imagined, window

from footage.media.timeline import BRIDGED, Piece, bridged, gaps, minutes, pieces
from footage.model import Clip, Window

MINUTE = window(0)


def as_seconds(shown: list[Piece]) -> list[tuple[float, float, str]]:
    """Pieces as (start, end, clip) in seconds after START; "" stands for nothing."""
    return [
        (
            (piece.start - START).total_seconds(),
            (piece.end - START).total_seconds(),
            str(piece.clip.path) if piece.clip else "",
        )
        for piece in shown
    ]


# --- examples -------------------------------------------------------------------------------------


def test_a_clip_of_the_whole_minute_is_the_minute() -> None:
    own = imagined(0, 60, MINUTE, path="own")
    assert as_seconds(pieces([own], MINUTE)) == [(0, 60, "own")]


def test_without_clips_the_minute_is_one_gap() -> None:
    assert as_seconds(pieces([], MINUTE)) == [(0, 60, "")]
    assert gaps([], MINUTE) == [MINUTE]


def test_a_clip_that_begins_late_leaves_a_gap_before_it() -> None:
    late = imagined(4, 56, MINUTE, path="late")
    assert as_seconds(pieces([late], MINUTE)) == [(0, 4, ""), (4, 60, "late")]
    assert gaps([late], MINUTE) == [window(0, 4)]


def test_an_early_clip_fills_the_end_of_the_minute_before() -> None:
    early = imagined(56, 64, window(60), path="early")
    short = imagined(0, 50, MINUTE, path="short")
    assert as_seconds(pieces([short, early], MINUTE)) == [
        (0, 50, "short"),
        (50, 56, ""),
        (56, 60, "early"),
    ]


def test_of_overlapping_clips_the_minutes_own_is_shown() -> None:
    first, second = imagined(0, 70, MINUTE, path="1"), imagined(55, 65, window(60), path="2")
    assert as_seconds(pieces([first, second], MINUTE)) == [(0, 60, "1")]
    assert as_seconds(pieces([first, second], window(60))) == [(60, 120, "2")]


def test_between_two_neighbours_the_earlier_one_is_shown() -> None:
    before = imagined(-10, 50, window(-60), path="before")
    after = imagined(30, 80, window(60), path="after")
    assert as_seconds(pieces([after, before], MINUTE)) == [(0, 40, "before"), (40, 60, "after")]


def test_a_hole_of_a_few_frames_is_bridged() -> None:
    clips = [imagined(0, 29.92, MINUTE, path="a"), imagined(30, 30, MINUTE, path="b")]
    assert as_seconds(pieces(clips, MINUTE)) == [(0, 30, "a"), (30, 60, "b")]
    clips = [imagined(0, 29.8, MINUTE, path="a"), imagined(30, 30, MINUTE, path="b")]
    assert as_seconds(pieces(clips, MINUTE)) == [(0, 29.8, "a"), (29.8, 30, ""), (30, 60, "b")]


def test_a_clip_late_and_short_by_a_frame_covers_its_minute() -> None:
    clip = imagined(0.06, 59.88, MINUTE, path="own")
    assert as_seconds(pieces([clip], MINUTE)) == [(0, 60, "own")]
    assert gaps([clip], MINUTE) == []


def test_a_clip_that_only_touches_the_minute_is_not_in_it() -> None:
    assert as_seconds(pieces([imagined(60, 60, window(60))], MINUTE)) == [(0, 60, "")]


def test_the_asked_time_is_cut_into_minutes() -> None:
    assert minutes(window(0, 150)) == [window(0), window(60), window(120, 30)]


def sped_up(start: float, seconds: float, factor: float, path: str) -> Clip:
    """A clip that shows so many seconds of the wall clock."""
    return replace(imagined(start, seconds / factor, MINUTE, path=path), factor=factor)


def test_a_sped_up_clip_covers_what_it_shows_of_the_wall_clock() -> None:
    clip = sped_up(5, 40, 20, "fast")
    assert clip.duration == 2
    assert as_seconds(pieces([clip], MINUTE)) == [(0, 5, ""), (5, 45, "fast"), (45, 60, "")]
    assert gaps([clip], MINUTE) == [window(0, 5), window(45, 15)]


def test_what_is_bridged_is_a_tenth_of_a_second_of_the_file() -> None:
    early, late = sped_up(0, 28, 20, "a"), sped_up(30, 27, 30, "b")
    assert as_seconds(pieces([early, late], MINUTE)) == [(0, 30, "a"), (30, 60, "b")]
    assert gaps([early, late], MINUTE) == []
    shorter = sped_up(0, 26.9, 20, "a")
    assert as_seconds(pieces([shorter, late], MINUTE))[1] == (26.9, 30, "")
    assert bridged(shorter, late) == timedelta(seconds=3)
    assert bridged(None, shorter) == timedelta(seconds=2)
    assert bridged(None) == bridged(imagined(0, 60)) == BRIDGED


def test_a_sped_up_film_is_cut_into_minutes_of_film() -> None:
    assert minutes(window(0, 2400), 30) == [window(0, 1800), window(1800, 600)]


# --- always ---------------------------------------------------------------------------------------

tenths = st.integers(-900, 2700).map(lambda n: n / 10)
lengths = st.one_of(st.integers(1, 900).map(lambda n: n / 10), st.just(59.95), st.just(60.0))
normal = st.lists(
    st.builds(
        lambda start, seconds, minute: imagined(start, seconds, window(60 * minute)),
        tenths,
        lengths,
        st.integers(-1, 3),
    ),
    max_size=8,
    unique_by=lambda clip: clip.path,
)
# The same stretches of the wall clock, sped up.
footage = st.builds(
    lambda clips, factor: [
        replace(
            imagined(
                (clip.start - START).total_seconds(),
                clip.duration / factor,
                clip.window,
                path=str(clip.path),
            ),
            factor=factor,
        )
        for clip in clips
    ],
    normal,
    st.sampled_from([1.0, 1.0, 20.0, 29.97]),
)
asked = st.builds(lambda minute: window(60 * minute), st.integers(0, 2))


@given(footage, asked)
def test_pieces_cover_the_minute_without_hole_or_overlap(clips: list[Clip], minute: Window) -> None:
    shown = pieces(clips, minute)
    assert shown[0].start == minute.start
    assert shown[-1].end == minute.end
    assert all(piece.start < piece.end for piece in shown)
    assert all(a.end == b.start for a, b in pairwise(shown))


@given(footage, asked)
def test_nothing_is_shown_of_a_clip_beyond_what_it_holds(clips: list[Clip], minute: Window) -> None:
    for piece in pieces(clips, minute):
        if piece.clip:
            assert piece.clip.start - bridged(piece.clip) <= piece.start
            assert piece.end <= piece.clip.end + bridged(piece.clip)


@given(footage, asked)
def test_a_gap_is_shown_only_where_no_clip_is(clips: list[Clip], minute: Window) -> None:
    for piece in pieces(clips, minute):
        if piece.clip is None:
            assert piece.end - piece.start > bridged(*clips[:1])
            assert not any(c.start < piece.end and piece.start < c.end for c in clips)


@given(footage, asked)
def test_a_clip_asked_for_this_minute_goes_before_any_other(
    clips: list[Clip], minute: Window
) -> None:
    own = [clip for clip in clips if clip.window == minute]
    for piece in pieces(clips, minute):
        middle = piece.start + (piece.end - piece.start) / 2
        if any(clip.start <= middle < clip.end for clip in own):
            assert piece.clip in own


@given(footage, asked)
def test_pieces_and_gaps_tell_the_same(clips: list[Clip], minute: Window) -> None:
    empty = [(p.start, p.end) for p in pieces(clips, minute) if p.clip is None]
    assert empty == [(gap.start, gap.end) for gap in gaps(clips, minute)]


@given(footage)
def test_what_is_missing_and_what_is_covered_make_the_whole(clips: list[Clip]) -> None:
    span = window(0, 180)
    covered = sum(
        (p.end - p.start).total_seconds() for p in pieces(clips, span) if p.clip is not None
    )
    assert abs(sum(gap.seconds for gap in gaps(clips, span)) + covered - 180) < 1e-6


@given(footage, asked)
def test_the_order_in_which_clips_arrive_does_not_matter(clips: list[Clip], minute: Window) -> None:
    mixed = sorted(clips, key=lambda clip: clip.sha256)
    assert pieces(mixed, minute) == pieces(clips, minute)
    assert pieces(clips[::-1], minute) == pieces(clips, minute)
    assert gaps(clips[::-1], minute) == gaps(clips, minute)


@given(footage, st.integers(10, 1500).map(lambda n: n / 10))
def test_another_minutes_clip_does_not_change_a_covered_minute(
    clips: list[Clip], start: float
) -> None:
    covered = [*clips, sped_up(-0.0, 60, 20, "whole")]
    reaching_in = imagined(start, 45, window(60), path="another")
    assert pieces([*covered, reaching_in], MINUTE) == pieces(covered, MINUTE)


@given(st.integers(1, 1440), st.integers(0, 59))
def test_minutes_add_up_to_the_asked_time(count: int, rest: int) -> None:
    span = Window(at(0), at(60 * count + rest))
    cut = minutes(span)
    assert cut[0].start == span.start
    assert cut[-1].end == span.end
    assert all(a.end == b.start for a, b in pairwise(cut))
    assert all(part.end - part.start <= timedelta(minutes=1) for part in cut)
