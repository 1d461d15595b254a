"""Stretches of time: cut without overlap or omission, joined, compared, widened to seconds."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.media import at, window

from footage.model import Window
from footage.system.intervals import (
    Spans,
    cut,
    joined,
    moments,
    out_to_seconds,
    overlap,
    uncovered,
)

seconds = st.integers(0, 4000)
lengths = st.sampled_from([1.0, 7.5, 60.0, 600.0, 2400.0])
stretches = st.builds(window, st.integers(-300, 300), st.integers(1, 300))


@given(seconds, lengths)
def test_pieces_make_up_the_whole_and_none_is_too_long(length: int, longest: float) -> None:
    span = window(0, length)
    pieces = cut(span, longest)
    assert sum(piece.seconds for piece in pieces) == length
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert all(0 < piece.seconds <= longest for piece in pieces)
    assert all(piece.seconds == longest for piece in pieces[:-1])
    if length:
        assert (pieces[0].start, pieces[-1].end) == (span.start, span.end)


@given(seconds, st.floats(1, 5000, allow_nan=False))
def test_stills_begin_at_the_start_and_none_is_at_the_end(length: int, every: float) -> None:
    span = window(0, length)
    stills = moments(span, every)
    assert stills[0] == span.start
    assert all(moment < span.end for moment in stills[1:])
    assert stills[-1] + timedelta(seconds=every + 0.001) >= span.end
    for number, moment in enumerate(stills):
        assert moment == span.start + timedelta(seconds=every * number)


@pytest.mark.parametrize(
    ("length", "every", "count"), [(0, 60, 1), (60, 60, 1), (61, 60, 2), (300, 60, 5), (300, 0, 1)]
)
def test_how_many_stills(length: int, every: float, count: int) -> None:
    assert len(moments(window(0, length), every)) == count


@given(st.floats(0, 100), st.floats(0.001, 100))
def test_a_window_is_widened_by_less_than_a_second_each_way(start: float, length: float) -> None:
    inner = Window(at(start), at(start + length))
    outer = out_to_seconds(inner)
    assert outer.start <= inner.start and inner.end <= outer.end
    assert (inner.start - outer.start).total_seconds() < 1
    assert (outer.end - inner.end).total_seconds() < 1
    assert outer.seconds == int(outer.seconds) >= 1 or inner.seconds == 0
    assert out_to_seconds(outer) == outer


@given(stretches, stretches)
def test_an_overlap_is_in_both_and_symmetric(one: Window, other: Window) -> None:
    both = overlap(one, other)
    assert both == overlap(other, one)
    if both is None:
        assert one.end <= other.start or other.end <= one.start
    else:
        assert both.seconds > 0
        assert max(one.start, other.start) == both.start
        assert min(one.end, other.end) == both.end


@given(stretches, st.lists(stretches, max_size=6))
def test_uncovered_and_covering_make_up_the_whole(span: Window, covering: list[Window]) -> None:
    free = uncovered(span, covering)
    for number in range(int(span.seconds)):  # all of them begin and end at whole seconds
        moment = span.start + timedelta(seconds=number)
        covered = any(one.start <= moment < one.end for one in covering)
        assert covered is not any(one.start <= moment < one.end for one in free)
    assert all(overlap(one, span) == one for one in free)
    assert all(one.end < other.start for one, other in pairwise(free))


def test_holes_within_the_tolerance_are_not_named() -> None:
    covering = [Window(at(0.1), at(30)), Window(at(30.1), at(59.95))]
    assert uncovered(window(0), covering, 0.1) == []
    assert len(uncovered(window(0), covering)) == 3
    assert uncovered(window(0), covering[:1], 0.1) == [Window(at(30), at(60))]


@given(st.lists(stretches, max_size=6))
def test_joined_windows_cover_the_same_and_do_not_touch(windows: list[Window]) -> None:
    union = joined(windows)
    assert all(one.end < other.start for one, other in pairwise(union))
    assert all(uncovered(window, union) == [] for window in windows)
    assert all(uncovered(one, windows) == [] for one in union)


def test_windows_that_touch_are_joined() -> None:
    assert joined([window(60), window(0), window(10, 20), window(200)]) == [
        window(0, 120),
        window(200),
    ]


@given(st.lists(stretches), stretches, st.integers(0, 50))
def test_what_is_near_is_found_in_the_order_given(
    placed: list[Window], around: Window, margin: int
) -> None:
    apart = timedelta(seconds=margin)
    near = [
        (number, one)
        for number, one in enumerate(placed)
        if one.start <= around.end + apart and one.end >= around.start - apart
    ]
    found = Spans(enumerate(placed), lambda item: item[1]).near(around, apart)
    assert found == near
