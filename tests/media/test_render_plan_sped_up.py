"""How sped-up footage is planned: at one pace, whatever the order in which it arrives."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from support.media import (
    START,
    at,
    job,
)
from support.side_by_sides import ZONE, minutes_of, planned, settled_for_good
from support.sped_up import dreamt, trip

from footage.media import render_plan
from footage.media.render_plan import plan
from footage.media.side_by_side_plan import SideBySidePlan
from footage.model import Clip, Job, MediaType

# --- the plan -------------------------------------------------------------------------------------


def pace(what: Job) -> int:
    return planned(what).pace


def both(*factors: float, seconds: float = 600) -> dict[str, list[Clip]]:
    return {
        label: [dreamt(label, 0, seconds, factor)]
        for label, factor in zip(("Road", "Driver", "Analog"), factors, strict=False)
    }


@pytest.mark.parametrize(
    ("factors", "expected"),
    [((30, 30), 30), ((30, 20), 20), ((29.97, 30.02), 30), ((1.4, 8), 1), ((0.5, 0.7), 1)],
)
def test_the_pace_is_the_least_factor_rounded(factors: tuple[float, ...], expected: int) -> None:
    assert pace(trip(both(*factors), minutes=10)) == expected
    assert pace(trip(both(*factors[::-1]), minutes=10)) == expected


def test_a_timelapse_has_a_pace_and_other_video_has_none() -> None:
    assert pace(trip(both(30, 30), minutes=10, kind=MediaType.TIMELAPSE)) == 30
    assert pace(trip(both(30, 30), minutes=10, kind=MediaType.LOW)) == 1


def test_one_odd_clip_does_not_change_the_pace() -> None:
    clips = {
        label: [dreamt(label, 600 * n, 600, 30 if n != 2 else odd) for n in range(5)]
        for label, odd in (("Road", 2), ("Driver", 30))
    }
    assert pace(trip(clips, minutes=50)) == 30


def test_however_fast_the_footage_the_film_has_a_picture() -> None:
    film = planned(trip(both(5000, 5000, seconds=60), minutes=1))
    (minute,) = minutes_of(film)
    assert (minute.first, minute.last) == (0, 1)


def test_a_rest_shorter_than_a_picture_is_no_minute_of_its_own() -> None:
    clips = {label: [dreamt(label, 0, 181 * 60, 180)] for label in ("Road", "Driver")}
    slow = {
        label: [
            replace(c, tracks=replace(c.tracks, video=replace(c.tracks.video, rate=Fraction(1))))
        ]
        for label, (c,) in clips.items()
    }
    assert [m.last for m in minutes_of(planned(trip(slow, minutes=181)))] == [60]
    assert [m.last for m in minutes_of(planned(trip(clips, minutes=181)))] == [900, 905]


def test_the_clock_of_short_frames_changes_each_second() -> None:
    what = trip(both(4, 4), minutes=10)
    what.start = START + timedelta(seconds=0.25)
    second = minutes_of(planned(what))[1]
    assert second.clock is not None
    assert second.clock.step == 1
    assert second.clock.offset == Fraction(1, 4)
    assert second.clock.first_moment == at(240)
    assert second.clock.count == 240  # the last picture ends as the next second begins


@pytest.mark.parametrize(
    ("pace", "apart"), [(1, 1), (30, 1), (60, 1), (61, 2), (150, 5), (999, 20)]
)
def test_chapters_are_a_minute_apart_or_last_a_second(pace: int, apart: int) -> None:
    minutes = 45
    what = job({"Road": [], "Driver": []}, minutes=minutes)
    film = SideBySidePlan(
        minutes=(), audio=(), audio_from="", duration=60 * minutes / pace, pace=pace
    )
    found = render_plan.chapters(what, film.pace, ZONE)
    assert found[0].start == 0
    assert found[-1].end == pytest.approx(60 * minutes / pace)
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(m.end - m.start == pytest.approx(apart * 60 / pace) for m in found[:-1])
    assert all(m.end - m.start >= 1 for m in found[:-1])
    assert found[1].title == f"03/01/2025 07:{30 + apart}:00 CST"


def test_a_minute_of_film_waits_for_every_clip_within_it() -> None:
    clips = {
        label: [dreamt(label, 600 * n, 600, 30) for n in range(9)] for label in ("Road", "Driver")
    }
    last = clips["Driver"][-1]
    film = planned(trip(clips, minutes=90, awaited=[last]))
    assert [minute is not None for minute in film.minutes] == [True, True, False]
    assert all(planned(trip(clips, minutes=90, awaited=[last]), closing=True).minutes)


@pytest.mark.parametrize("seed", range(6))
def test_the_film_does_not_depend_on_the_order_of_arrival(seed: int) -> None:
    dice = random.Random(seed)
    clips = {
        label: [
            dreamt(label, 600 * n + dice.choice([0, 0, 7, -20]), dice.choice([600, 480]), factor)
            for n in range(12)
            if dice.random() < 0.9
        ]
        for label, factor in (("Road", 30.0), ("Driver", 20.0), ("Analog", 30.0))
    }
    final = planned(trip(clips, minutes=120))
    coming = [clip for own in clips.values() for clip in own]
    dice.shuffle(coming)
    early = 0
    while coming:
        coming.pop()
        film = plan(trip(clips, minutes=120, awaited=coming), ZONE)
        early += settled_for_good(film, final)
    assert early > 6


def test_the_sound_of_a_long_clip_is_opened_once_for_a_minute() -> None:
    clips = {label: [dreamt(label, 0, 600, 1)] for label in ("Road", "Driver")}
    film = planned(trip(clips, minutes=10, kind=MediaType.LOW))
    pieces = [piece for piece in film.audio if piece]
    assert len(pieces) == 10
    assert [len(piece.parts) for piece in pieces] == [1] * 10
    assert pieces[4].parts[0][:2] == (180, 360)


def test_what_a_role_names_is_written_on_the_picture() -> None:
    what = trip(
        {"Road": [dreamt("Road", 0, 60, 1)], "Driver": [dreamt("Driver", 0, 30, 1)]},
        1,
        kind=MediaType.HIGH,
    )
    what.roles = {"input1": "Left mirror"}
    film = planned(what)
    (minute,) = minutes_of(film)
    assert minute.names == ("Road", "Left mirror")
    assert [shown.lines[0] for shown in minute.tiles[1] if shown.lines] == ["Left mirror"]
    assert film.audio_from == "Left mirror"  # chosen as the driver's
