"""What the vehicle did between its readings, and the readings on disk."""

import json
import math
import time as clock
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from footage.errors import JournalError
from footage.model import Reading, Window
from footage.telemetry import interpolation
from footage.telemetry.interpolation import at, holes, load, merged, save, texts

START = datetime(2025, 4, 16, 13, 30, tzinfo=timezone.utc)


def when(seconds):
    return START + timedelta(seconds=seconds)


def reading(seconds, latitude=40.0, longitude=-90.0, speed=20.0, heading=90.0, place=""):
    return Reading(when(seconds), latitude, longitude, speed, heading, place)


def arc(first, last):
    """Degrees between two directions, the shorter way."""
    return abs((last - first + 180) % 360 - 180)


degrees = st.floats(0, 360, exclude_max=True)
some_reading = st.builds(
    Reading,
    st.just(START),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.none() | st.floats(0, 150),
    st.none() | degrees,
    st.sampled_from(["", "Elm Street"]),
)


@st.composite
def neighbours(draw):
    """Two readings that are near enough to each other, and a moment from one to the other."""
    apart = draw(st.integers(1, 10_000))  # milliseconds
    first, last = draw(some_reading), draw(some_reading)
    last = Reading(
        START + timedelta(milliseconds=apart),
        last.latitude,
        last.longitude,
        last.speed,
        last.heading,
        last.place,
    )
    return first, last, START + timedelta(milliseconds=draw(st.integers(0, apart)))


# --- between two readings ---------------------------------------------------------------------


@given(neighbours())
def test_between_two_readings_nothing_is_outside_of_both(case):
    first, last, moment = case
    here = at([first, last], moment)
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
        assert min(first.speed, last.speed) <= here.speed <= max(first.speed, last.speed)
    if first.heading is None or last.heading is None:
        assert here.heading is None
    else:
        assert 0 <= here.heading < 360
        turned = arc(first.heading, here.heading) + arc(here.heading, last.heading)
        assert turned == pytest.approx(arc(first.heading, last.heading), abs=1e-6)


@given(
    st.lists(st.integers(0, 60_000), unique=True, min_size=2, max_size=12).map(sorted),
    st.lists(st.integers(-2_000, 62_000), min_size=2, max_size=20).map(sorted),
)
def test_who_never_slows_down_or_turns_back_does_not_in_between(of_readings, of_moments):
    track = [
        Reading(
            START + timedelta(milliseconds=ms), ms / 1000, ms / 500, speed=ms / 1000, heading=0.0
        )
        for ms in of_readings
    ]
    found = [at(track, START + timedelta(milliseconds=ms)) for ms in of_moments]
    known = [one for one in found if one]
    for one, other in pairwise(known):
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
def test_the_heading_turns_the_shorter_way(first, last, half):
    here = at([reading(0, heading=first), reading(4, heading=last)], when(2))
    assert here.heading == pytest.approx(half)


@given(st.floats(-1e6, 1e6))
@example(-1e-17)
@example(360.0)
def test_a_direction_is_less_than_a_full_circle(degrees):
    assert 0 <= interpolation.circle(degrees) < 360
    assert arc(interpolation.circle(degrees), degrees) < 1e-6


def test_a_straight_line_in_place_and_speed():
    track = [
        reading(0, 40.0, -90.0, speed=10.0, place="Elm Street"),
        reading(8, 41.0, -92.0, speed=30.0, place="Oak Avenue"),
    ]
    assert at(track, when(2)) == Reading(when(2), 40.25, -90.5, 15.0, 90.0, "Elm Street")


@pytest.mark.parametrize(("first", "last", "quarter"), [(179.0, -177.0, 180), (-177, 179, -178)])
def test_over_the_antimeridian_the_way_is_the_short_one(first, last, quarter):
    here = at([reading(0, longitude=first), reading(8, longitude=last)], when(2))
    assert arc(here.longitude, quarter) < 1e-9
    assert -180 <= here.longitude <= 180


def test_no_reading_is_near_enough_before_the_first_after_the_last_and_in_a_hole():
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


# --- on the picture ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "units", "text"),
    [
        (reading(0, speed=21.0, heading=45, place="Elm Street, Springfield"), "mph", None),
        (reading(0, speed=20.83, heading=45), "kmh", "75 km/h NE"),
        (reading(0, speed=20.83, heading=None), "kmh", "75 km/h"),
        (reading(0, speed=None, heading=359.9, place="Elm Street"), "mph", "N, Elm Street"),
        (reading(0, speed=None, heading=None, place="Elm Street"), "mph", "Elm Street"),
        (reading(0, speed=None, heading=None), "mph", "speed unknown"),
        # Standing, the heading is noise.
        (reading(0, speed=0.0, heading=45), "mph", "0 mph"),
        (reading(0, speed=0.99, heading=45), "kmh", "4 km/h"),
        (reading(0, speed=1.0, heading=45), "kmh", "4 km/h NE"),
    ],
)
def test_a_line_for_the_picture(one, units, text):
    assert texts([one], [START], units) == [text or "47 mph NE, Elm Street, Springfield"]


@pytest.mark.parametrize(
    ("heading", "point"),
    [(0, "N"), (22.4, "N"), (22.5, "NE"), (90, "E"), (135, "SE"), (180, "S"), (225, "SW")]
    + [(270, "W"), (337.4, "NW"), (337.5, "N"), (359.99, "N")],
)
def test_the_eight_points_of_the_compass(heading, point):
    assert texts([reading(0, heading=heading)], [START], "kmh") == [f"72 km/h {point}"]


def test_where_nothing_is_known_the_line_says_so():
    track = [reading(0), reading(60)]
    assert texts(track, [when(0), when(30), when(60)], "mph") == ["45 mph E", "no GPS", "45 mph E"]


def test_a_place_is_one_short_line_without_control_characters():
    place = "Elm\nStreet \x1b[31m\u202e" + "x" * 80
    (text,) = texts([reading(0, place=place)], [START], "mph")
    shown = text.removeprefix("45 mph E, ")
    assert shown.startswith("Elm Street xxx")
    assert shown.isprintable()
    assert len(shown) <= 40


def test_a_day_of_readings_is_told_in_a_few_seconds():
    track = [reading(second, speed=second % 30) for second in range(86_400)]
    moments = [when(second + 0.5) for second in range(86_399)]
    began = clock.perf_counter()
    lines = texts(track, moments, "kmh")
    assert clock.perf_counter() - began < 10
    assert len(lines) == 86_399
    assert "no GPS" not in lines


# --- holes ------------------------------------------------------------------------------------


def test_holes_are_the_stretches_of_which_nothing_is_known():
    track = [reading(second) for second in (5, 10, 20, 40, 41, 80, 100, 104, 118)]
    found = holes(track, Window(when(0), when(120)))
    assert found == [
        Window(when(0), when(5)),
        Window(when(20), when(40)),
        Window(when(41), when(100)),  # the lone reading within is there for no time
        Window(when(104), when(120)),
    ]


def test_no_hole_is_told_of_up_to_a_second_or_outside_of_the_span():
    track = [reading(second) for second in (1, 10, 19)]
    assert holes(track, Window(when(0), when(20))) == []
    assert holes(track, Window(when(5), when(15))) == []
    assert holes([], Window(when(0), when(20))) == [Window(when(0), when(20))]


@given(st.lists(st.integers(0, 200), unique=True, max_size=30).map(sorted))
def test_in_a_hole_there_is_nothing_and_outside_something(seconds):
    track = [reading(second) for second in seconds]
    lone = {run[0].time for run in interpolation.segments(track) if len(run) == 1}
    found = holes(track, Window(when(0), when(200)))
    for half in range(1, 400):
        moment = when(half / 2)
        in_one = any(hole.start < moment < hole.end for hole in found)
        at_an_edge = any(moment in (hole.start, hole.end) for hole in found)
        if at_an_edge or moment in lone:
            continue
        # Only a second or less at an end of the span may be missing without being told of.
        at_an_end = half <= 2 or half >= 398
        assert (at(track, moment) is None) == in_one or (at_an_end and not in_one)


# --- two tracks of one drive ------------------------------------------------------------------


def test_of_two_tracks_the_finer_one_wins_and_takes_over_the_places():
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


def test_where_the_finer_track_is_thin_the_history_stays():
    fine = [reading(s) for s in (0, 2, 4.5)]
    coarse = [reading(s, speed=30.0) for s in (1, 3, 6)]
    track = merged(coarse, fine)
    assert [(r.time - START).total_seconds() for r in track] == [0, 2, 3, 4.5, 6]
    assert [r.speed for r in track] == [20, 20, 30, 20, 30]


def test_a_place_is_carried_over_for_ten_seconds_only():
    track = merged([reading(0, place="Elm Street")], [reading(s) for s in (9, 10, 11)])
    assert [r.place for r in track] == ["Elm Street", "Elm Street", "Elm Street", ""]


def test_what_a_finer_reading_does_not_know_the_history_does():
    coarse = [reading(0, speed=10.0, heading=10.0), reading(4, speed=20.0, heading=20.0)]
    (one,) = merged(coarse, [reading(2, speed=None, heading=None)])[1:-1]
    assert (one.speed, one.heading) == (15.0, 15.0)


def test_in_any_order_and_each_moment_once():
    coarse = [reading(10), reading(0), reading(5), reading(5, place="Elm Street")]
    fine = [reading(5.0004, speed=21.0), reading(3, speed=21.0), reading(3, speed=22.0)]
    track = merged(coarse, fine)
    seconds = [(r.time - START).total_seconds() for r in track]
    assert seconds == [0, 3, 5.0004, 10]
    assert [r.speed for r in track] == [20, 22, 21, 20]
    assert track[2].place == "Elm Street"
    assert merged([], []) == []


# --- on disk ----------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 10**9), some_reading), max_size=8, unique_by=lambda p: p[0])
)
def test_what_is_saved_is_loaded(tmp_path_factory, pairs):
    readings = [
        Reading(
            START + timedelta(microseconds=us), r.latitude, r.longitude, r.speed, r.heading, "ß"
        )
        for us, r in sorted(pairs, key=lambda pair: pair[0])
    ]
    path = tmp_path_factory.mktemp("saved") / "track.json"
    save(path, readings)
    assert load(path) == readings


def test_the_file_is_json_with_a_line_for_each_reading(tmp_path):
    path = tmp_path / "track.json"
    save(path, [reading(0, place="Straße"), reading(1.5)])
    lines = path.read_text(encoding="utf-8").splitlines()
    data = json.loads("".join(lines))
    assert [item["time"] for item in data["readings"]] == [
        "2025-04-16T13:30:00Z",
        "2025-04-16T13:30:01.500000Z",
    ]
    assert sum('"time"' in line for line in lines) == 2
    assert "Straße" in lines[3]
    assert [p.name for p in tmp_path.iterdir()] == ["track.json"]


def changed(data, **fields):
    return {**data, "readings": [{**data["readings"][0], **fields}]}


@pytest.mark.parametrize(
    "damage",
    [
        lambda text, data: text[:-20],
        lambda text, data: "",
        lambda text, data: "[]",
        lambda text, data: "null",
        lambda text, data: json.dumps({**data, "version": 2}),
        lambda text, data: json.dumps({**data, "readings": None}),
        lambda text, data: json.dumps({**data, "readings": [1]}),
        lambda text, data: json.dumps({**data, "readings": data["readings"][::-1]}),
        lambda text, data: json.dumps({**data, "readings": [{"time": "2025-04-16T13:30:00Z"}]}),
        lambda text, data: json.dumps(changed(data, time="2025-04-16T13:30:00")),
        lambda text, data: json.dumps(changed(data, time="yesterday")),
        lambda text, data: json.dumps(changed(data, time=5)),
        lambda text, data: json.dumps(changed(data, latitude=122.142)),
        lambda text, data: json.dumps(changed(data, longitude="7")),
        lambda text, data: json.dumps(changed(data, speed=-1)),
        lambda text, data: json.dumps(changed(data, speed=math.nan)),
        lambda text, data: json.dumps(changed(data, speed=10**400)),
        lambda text, data: json.dumps(changed(data, heading=True)),
        lambda text, data: json.dumps(changed(data, place=None)),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, damage):
    path = tmp_path / "track.json"
    save(path, [reading(0), reading(1)])
    text = path.read_text(encoding="utf-8")
    path.write_text(damage(text, json.loads(text)), encoding="utf-8")
    with pytest.raises(JournalError, match=r"track\.json.*(damaged|changed by hand).*\.$"):
        load(path)


def test_a_file_that_is_not_text_or_not_there_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "track.json"
    with pytest.raises(JournalError, match="cannot be read"):
        load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(JournalError, match="damaged"):
        load(path)
