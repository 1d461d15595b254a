"""A stretch of time cut into requests: nothing twice, nothing left out, nothing past the end."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.media import at, window

from footage.model import Media, MediaType, Retrieval, RetrievalState, Window
from footage.system.intervals import (
    cut,
    cut_smaller,
    fitting,
    in_seconds,
    moments,
    overlap,
    uncovered,
)
from SamsaraAPI import CAMERAS

ROAD, DRIVER = CAMERAS[:2]
seconds = st.integers(0, 4000)
lengths = st.sampled_from([1.0, 7.5, 60.0, 600.0, 2400.0])
stretches = st.builds(window, st.integers(-300, 300), st.integers(1, 300))


@given(seconds, lengths)
def test_the_pieces_are_the_whole_end_to_start_and_none_is_too_long(
    length: int, longest: float
) -> None:
    span = window(0, length)
    pieces = cut(span, longest)
    assert sum(piece.seconds for piece in pieces) == length
    assert [piece.start for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert all(0 < piece.seconds <= longest for piece in pieces)
    assert all(piece.seconds == longest for piece in pieces[:-1])
    if length:
        assert (pieces[0].start, pieces[-1].end) == (span.start, span.end)


@given(seconds, st.floats(1, 5000, allow_nan=False))
def test_stills_begin_with_the_start_and_none_is_at_the_end(length: int, every: float) -> None:
    span = window(0, length)
    found = moments(span, every)
    assert found[0] == span.start
    assert all(moment < span.end for moment in found[1:])
    assert found[-1] + timedelta(seconds=every + 0.001) >= span.end
    for number, moment in enumerate(found):
        assert moment == span.start + timedelta(seconds=every * number)


@pytest.mark.parametrize(
    ("length", "every", "count"), [(0, 60, 1), (60, 60, 1), (61, 60, 2), (300, 60, 5), (300, 0, 1)]
)
def test_how_many_stills(length: int, every: float, count: int) -> None:
    assert len(moments(window(0, length), every)) == count


def test_a_request_that_is_cut_smaller_was_not_sent_and_keeps_what_is_known_of_it() -> None:
    sent = Retrieval(
        window(0, 150),
        [Media(ROAD), Media(DRIVER, provider_message="x")],
        MediaType.LOW,
        state=RetrievalState.REQUESTING,
        requested_at=at(999),
        possible_duplicates=2,
        repeat=True,
    )
    pieces = cut_smaller(sent, 60.0)
    assert [piece.window for piece in pieces] == [window(0), window(60), window(120, 30)]
    for piece in pieces:
        assert [media.camera for media in piece.media] == [ROAD, DRIVER]
        assert all(media == Media(media.camera) for media in piece.media)
        assert (piece.state, piece.id) == (RetrievalState.PLANNED, "")
        assert (piece.media_type, piece.repeat) == (MediaType.LOW, True)
    assert [piece.possible_duplicates for piece in pieces] == [2, 0, 0]  # one sending is one doubt
    assert pieces[0].media[0] is not pieces[1].media[0]


@pytest.mark.parametrize(("longest", "count"), [(0.0, 2), (30.0, 3), (60.0, 2), (600.0, 2)])
def test_only_what_is_too_long_is_cut_and_zero_is_no_limit(longest: float, count: int) -> None:
    planned = [Retrieval(window(0), [Media(ROAD)]), Retrieval(window(60, 30), [Media(ROAD)])]
    fitted = fitting(planned, longest)
    assert len(fitted) == count
    assert fitted[-1] is planned[-1]
    assert sum(one.window.seconds for one in fitted) == 90


@given(st.floats(0, 100), st.floats(0.001, 100))
def test_whole_seconds_reach_as_little_as_possible_beyond(start: float, length: float) -> None:
    inner = Window(at(start), at(start + length))
    outer = in_seconds(inner)
    assert outer.start <= inner.start and inner.end <= outer.end
    assert (inner.start - outer.start).total_seconds() < 1
    assert (outer.end - inner.end).total_seconds() < 1
    assert outer.seconds == int(outer.seconds) >= 1 or inner.seconds == 0
    assert in_seconds(outer) == outer


@given(stretches, stretches)
def test_an_overlap_is_in_both_and_the_same_from_either_side(one: Window, other: Window) -> None:
    both = overlap(one, other)
    assert both == overlap(other, one)
    if both is None:
        assert one.end <= other.start or other.end <= one.start
    else:
        assert both.seconds > 0
        assert max(one.start, other.start) == both.start
        assert min(one.end, other.end) == both.end


@given(stretches, st.lists(stretches, max_size=6))
def test_what_is_uncovered_and_what_covers_are_the_whole(
    span: Window, covering: list[Window]
) -> None:
    free = uncovered(span, covering)
    for number in range(int(span.seconds)):  # all of them begin and end at whole seconds
        moment = span.start + timedelta(seconds=number)
        covered = any(one.start <= moment < one.end for one in covering)
        assert covered is not any(one.start <= moment < one.end for one in free)
    assert all(overlap(one, span) == one for one in free)
    assert all(one.end < other.start for one, other in pairwise(free))


def test_short_holes_are_forgiven_wherever_they_are() -> None:
    covering = [Window(at(0.1), at(30)), Window(at(30.1), at(59.95))]
    assert uncovered(window(0), covering, 0.1) == []
    assert len(uncovered(window(0), covering)) == 3
    assert uncovered(window(0), covering[:1], 0.1) == [Window(at(30), at(60))]
