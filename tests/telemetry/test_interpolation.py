"""Where the vehicle was between its readings, and one track of two."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.readings import START, reading, some_reading, when

from footage.model import Reading, Window
from footage.telemetry import interpolation
from footage.telemetry.interpolation import at, holes, merged, normalized_degrees


def arc(first: float, last: float) -> float:
    """Degrees between two directions, the shorter way."""
    return abs((last - first + 180) % 360 - 180)


def known(readings: list[Reading], moment: datetime) -> Reading:
    here = at(readings, moment)
    assert here is not None
    return here


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Reading, Reading, datetime]:
    """Two readings that are near enough to each other, and a moment from one to the other."""
    apart = draw(st.integers(1, 10_000))  # milliseconds
    first, last = draw(some_reading), draw(some_reading)
    last = replace(last, time=START + timedelta(milliseconds=apart))
    return first, last, START + timedelta(milliseconds=draw(st.integers(0, apart)))


# --- between two readings ---------------------------------------------------------------------


@given(neighbours())
def test_between_two_readings_nothing_is_outside_of_both(
    case: tuple[Reading, Reading, datetime],
) -> None:
    first, last, moment = case
    here = known([first, last], moment)
    assert here.time == moment
    assert min(first.latitude, last.latitude) <= here.latitude
    assert here.latitude <= max(first.latitude, last.latitude)
    assert -180 <= here.longitude <= 180
    way = arc(first.longitude, last.longitude)
    assert arc(first.longitude, here.longitude) + arc(here.longitude, last.longitude) == (
        pytest.approx(way, abs=1e-6)
    )
    if moment in (first.time, last.time):
        assert here == (first if moment == first.time else last)
        return
    assert here.place == first.place
    if first.speed is None or last.speed is None:
        assert here.speed is None
    else:
        assert here.speed is not None
        assert min(first.speed, last.speed) <= here.speed <= max(first.speed, last.speed)
    if first.heading is None or last.heading is None:
        assert here.heading is None
    else:
        assert here.heading is not None
        assert 0 <= here.heading < 360
        turned = arc(first.heading, here.heading) + arc(here.heading, last.heading)
        assert turned == pytest.approx(arc(first.heading, last.heading), abs=1e-6)


@given(
    st.lists(st.integers(0, 60_000), unique=True, min_size=2, max_size=12).map(sorted),
    st.lists(st.integers(-2_000, 62_000), min_size=2, max_size=20).map(sorted),
)
def test_interpolation_is_monotonic_where_readings_are(
    of_readings: list[int], of_moments: list[int]
) -> None:
    track = [
        Reading(
            START + timedelta(milliseconds=ms), ms / 1000, ms / 500, speed=ms / 1000, heading=0.0
        )
        for ms in of_readings
    ]
    here = [at(track, START + timedelta(milliseconds=ms)) for ms in of_moments]
    for one, other in pairwise([one for one in here if one]):
        assert one.speed is not None
        assert other.speed is not None
        assert one.speed <= other.speed
        assert one.latitude <= other.latitude
        assert one.longitude <= other.longitude


@pytest.mark.parametrize(
    ("first", "last", "half"),
    [
        (0, 90, 45),
        (350, 10, 0),
        (10, 350, 0),
        (300, 20, 340),
        (20, 300, 340),
        (270, 180, 225),
        (355, 359, 357),
    ],
)
def test_the_heading_turns_the_shorter_way(first: float, last: float, half: float) -> None:
    here = known([reading(0, heading=first), reading(4, heading=last)], when(2))
    assert here.heading == pytest.approx(half)


@given(st.floats(-1e6, 1e6))
@example(-1e-17)
@example(360.0)
def test_a_direction_is_less_than_a_full_circle(degrees: float) -> None:
    assert 0 <= normalized_degrees(degrees) < 360
    assert arc(normalized_degrees(degrees), degrees) < 1e-6


def test_a_straight_line_in_place_and_speed() -> None:
    track = [
        reading(0, 40.0, -90.0, speed=10.0, place="Elm Street"),
        reading(8, 41.0, -92.0, speed=30.0, place="Oak Avenue"),
    ]
    assert at(track, when(2)) == Reading(when(2), 40.25, -90.5, 15.0, 90.0, "Elm Street")


@pytest.mark.parametrize(("first", "last", "quarter"), [(179.0, -177.0, 180), (-177, 179, -178)])
def test_over_the_antimeridian_the_way_is_the_short_one(
    first: float, last: float, quarter: float
) -> None:
    here = known([reading(0, longitude=first), reading(8, longitude=last)], when(2))
    assert arc(here.longitude, quarter) < 1e-9
    assert -180 <= here.longitude <= 180


def test_outside_of_the_readings_and_in_a_hole_is_none() -> None:
    track = [reading(0), reading(10), reading(20.001), reading(21)]
    assert at(track, when(-0.001)) is None
    assert at(track, when(5)) is not None
    assert at(track, when(10)) == track[1]
    assert at(track, when(15)) is None
    assert at(track, when(20.001)) == track[2]
    assert at(track, when(21)) == track[3]
    assert at(track, when(21.001)) is None
    assert at([], START) is None
    assert at([reading(0)], START) == reading(0)


# --- holes ------------------------------------------------------------------------------------


def test_holes_are_the_stretches_of_which_nothing_is_known() -> None:
    track = [reading(second) for second in (5, 10, 20, 40, 41, 80, 100, 104, 118)]
    assert holes(track, Window(when(0), when(120))) == [
        Window(when(0), when(5)),
        Window(when(20), when(40)),
        Window(when(41), when(100)),  # the lone reading within is there for no time
        Window(when(104), when(120)),
    ]


def test_holes_are_over_a_second_and_within_the_span() -> None:
    track = [reading(second) for second in (1, 10, 19)]
    assert holes(track, Window(when(0), when(20))) == []
    assert holes(track, Window(when(5), when(15))) == []
    assert holes([], Window(when(0), when(20))) == [Window(when(0), when(20))]


@given(st.lists(st.integers(0, 200), unique=True, max_size=30).map(sorted))
def test_in_a_hole_there_is_nothing_and_outside_something(seconds: list[int]) -> None:
    track = [reading(second) for second in seconds]
    lone = {run[0].time for run in interpolation.segments(track) if len(run) == 1}
    unknown = holes(track, Window(when(0), when(200)))
    for half in range(1, 400):
        moment = when(half / 2)
        in_one = any(hole.start < moment < hole.end for hole in unknown)
        at_an_edge = any(moment in (hole.start, hole.end) for hole in unknown)
        if at_an_edge or moment in lone:
            continue
        # Only a second or less at an end of the span may be missing without being reported.
        at_an_end = half <= 2 or half >= 398
        assert (at(track, moment) is None) == in_one or (at_an_end and not in_one)


# --- two tracks of one drive ------------------------------------------------------------------


def test_the_finer_track_wins_and_takes_over_the_places() -> None:
    coarse = [reading(s, speed=99.0, place=f"Street {s}") for s in (0, 5, 10, 15, 20, 40)]
    fine = [reading(s + 0.1) for s in range(3, 13)]
    track = merged(coarse, fine)
    assert [(round((r.time - START).total_seconds(), 1), r.speed, r.place) for r in track] == [
        (0.0, 99.0, "Street 0"),
        *((s + 0.1, 20.0, "Street 0") for s in (3, 4)),
        *((s + 0.1, 20.0, "Street 5") for s in (5, 6, 7, 8, 9)),
        *((s + 0.1, 20.0, "Street 10") for s in (10, 11, 12)),
        (15.0, 99.0, "Street 15"),
        (20.0, 99.0, "Street 20"),
        (40.0, 99.0, "Street 40"),
    ]


def test_where_the_finer_track_is_thin_the_coarse_stays() -> None:
    fine = [reading(s) for s in (0, 2, 4.5)]
    coarse = [reading(s, speed=30.0) for s in (1, 3, 6)]
    track = merged(coarse, fine)
    assert [(r.time - START).total_seconds() for r in track] == [0, 2, 3, 4.5, 6]
    assert [r.speed for r in track] == [20, 20, 30, 20, 30]


def test_a_place_is_carried_over_for_ten_seconds_only() -> None:
    track = merged([reading(0, place="Elm Street")], [reading(s) for s in (9, 10, 11)])
    assert [r.place for r in track] == ["Elm Street", "Elm Street", "Elm Street", ""]


def test_what_a_finer_reading_lacks_the_coarse_track_has() -> None:
    coarse = [reading(0, speed=10.0, heading=10.0), reading(4, speed=20.0, heading=20.0)]
    (one,) = merged(coarse, [reading(2, speed=None, heading=None)])[1:-1]
    assert (one.speed, one.heading) == (15.0, 15.0)


def test_merging_takes_any_order_and_each_moment_once() -> None:
    coarse = [reading(10), reading(0), reading(5), reading(5, place="Elm Street")]
    fine = [reading(5.0004, speed=21.0), reading(3, speed=21.0), reading(3, speed=22.0)]
    track = merged(coarse, fine)
    seconds = [(r.time - START).total_seconds() for r in track]
    assert seconds == [0, 3, 5.0004, 10]
    assert [r.speed for r in track] == [20, 22, 21, 20]
    assert track[2].place == "Elm Street"
    assert merged([], []) == []
