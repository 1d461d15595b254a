"""What a side-by-side shows is decided by the footage alone, and settled as early as it can be."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timezone
from fractions import Fraction
from typing import Any

import pytest
from support.media import (
    START,
    at,
    imagined,
    job,
    window,
)
from support.operations import lines_run
from support.side_by_sides import ZONE, planned, settled_for_good, whole

from footage.media import render_plan
from footage.media.planned import Planned
from footage.media.render_plan import plan
from footage.model import Job

# --- sound ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("with_sound", "expected"),
    [
        ({"Road", "Driver", "Analog"}, "Driver"),
        ({"Road", "Analog"}, "Road"),
        ({"Analog"}, "Analog"),
        (set(), ""),
    ],
)
def test_the_audio_is_the_drivers_else_the_roads_else_any(
    with_sound: set[str], expected: str
) -> None:
    what = job(
        {
            label: [imagined(0, 60, window(0), path=label, sound=label in with_sound)]
            for label in ("Road", "Driver", "Analog")
        }
    )
    film = planned(what)
    assert film.audio_from == expected
    assert bool(film.audio) == bool(expected)


def test_at_a_broken_rate_a_later_clock_is_right() -> None:
    rate = replace(imagined(0, 60).tracks.video, rate=Fraction(30000, 1001))
    clips = [imagined(60 * n, 60, window(60 * n)) for n in range(3)]
    clips = [replace(c, tracks=replace(c.tracks, video=rate)) for c in clips]
    film = planned(job({"Road": clips, "Driver": clips}, minutes=3))
    minute = film.minutes[2]
    assert minute is not None
    assert minute.clock is not None
    first = Fraction(minute.first) / minute.rate
    assert abs(float(first) - 120) < 0.5 / 29.97
    whole = (minute.clock.first_moment - START).total_seconds()
    assert whole + float(minute.clock.offset) == pytest.approx(float(first), abs=1e-5)
    assert minute.clock.texts()[0].startswith("03/01/2025 07:3")
    assert len(minute.clock.texts()) >= 61


def test_a_dark_tile_says_since_when_and_until_when() -> None:
    what = job(
        {
            "Road": [imagined(60 * n, 60, window(60 * n)) for n in (0, 1, 2)],
            "Driver": [imagined(0, 50, window(0)), imagined(125, 55, window(120))],
        },
        minutes=3,
    )
    film = planned(what)
    said = [
        shown.lines
        for minute in film.minutes
        if minute
        for shown in minute.tiles[1]
        if not shown.path
    ]
    # The same words in all three minutes that the gap touches.
    assert set(said) == {
        (
            "Driver",
            "no footage",
            "from 03/01/2025 07:30:50 CST",
            "until 03/01/2025 07:32:05 CST",
        )
    }
    assert len(said) == 3


# --- what is settled when -------------------------------------------------------------------------


def settled(what: Job, *, closing: bool = False) -> list[bool] | None:
    film = plan(what, ZONE, closing=closing)
    return [minute is not None for minute in film.minutes] if film else None


def test_nothing_is_planned_before_the_cameras_are_known() -> None:
    what = job({"Road": whole("R", 0), "Driver": []}, awaited=[("Driver", 0)])
    assert plan(what, ZONE) is None


def test_with_one_camera_there_is_no_side_by_side() -> None:
    assert plan(job({"Road": whole("R", 0), "Driver": []}), ZONE) is None
    assert plan(job({"Road": [], "Driver": []}), ZONE) is None


def test_a_minute_is_settled_when_every_camera_has_its_clip() -> None:
    what = job(
        {"Road": whole("R", 0, 1, 2), "Driver": whole("D", 0, 2)},
        minutes=3,
        awaited=[("Driver", 1)],
    )
    # Minutes beside the awaited one have no gap that it could close.
    assert settled(what) == [True, False, True]


def test_a_gap_is_settled_when_its_bounds_are_known() -> None:
    what = job(
        {"Road": whole("R", 0, 1, 2, 3), "Driver": whole("D", 0)},
        minutes=4,
        awaited=[("Driver", 2)],
    )
    # The gap of minute 1 may last until anywhere in minute 2.
    assert settled(what) == [True, False, False, False]
    assert settled(what, closing=True) == [True] * 4


def test_a_minute_with_a_gap_waits_for_its_neighbours() -> None:
    late = [imagined(4, 56, window(0), path="late")]
    what = job(
        {"Road": whole("R", 0, 1, 2), "Driver": late},
        minutes=3,
        awaited=[("Driver", 1), ("Driver", 2)],
    )
    # It ends where the next begins; what is awaited decides what fills the rest.
    assert settled(what) == [False, False, False]


def test_sound_of_a_minute_waits_for_its_neighbours() -> None:
    what = job(
        {"Road": whole("R", 0, 1, 2), "Driver": whole("D", 0, 2)},
        minutes=3,
        awaited=[("Driver", 1)],
    )
    film = planned(what)
    assert [piece is not None for piece in film.audio] == [False, False, False]


@pytest.mark.parametrize("seed", range(8))
def test_the_film_does_not_depend_on_the_order_of_arrival(seed: int) -> None:
    """And what is settled on the way stays as it is, whatever comes later."""
    dice, before = random.Random(seed), Planned()
    clips = {
        label: [
            imagined(
                *(
                    60 * n + dice.choice([0, 0, 0, -4, 4.3, -0.05]),
                    dice.choice([60, 60, 59.95, 45]),
                ),
                window(60 * n),
                path=f"{label}{n}",
            )
            for n in range(6)
            if dice.random() < 0.85 or n == 0
        ]
        for label in ("Road", "Driver", "Analog")
    }
    final = planned(job(clips, minutes=6))
    arrivals = [(label, minute) for label in clips for minute in range(6)]
    dice.shuffle(arrivals)
    early = 0
    for count in range(len(arrivals)):
        here = set(arrivals[:count])
        present = {
            label: [c for c in own if (label, round((c.window.start - START).seconds / 60)) in here]
            for label, own in clips.items()
        }
        what = job(present, minutes=6, awaited=arrivals[count:])
        film = plan(what, ZONE)
        assert plan(what, ZONE, planned=before) == film
        early += settled_for_good(film, final)
    assert early > 0


def test_the_fingerprint_changes_with_the_content_only() -> None:
    def prints(what: Job, **options: Any) -> list[str]:
        return [minute.fingerprint for minute in planned(what, **options).minutes if minute]

    clips = {"Road": whole("R", 0, 1), "Driver": whole("D", 0, 1)}
    usual = prints(job(clips, minutes=2))
    assert prints(job(clips, minutes=2)) == usual
    assert prints(job(clips, minutes=2), with_labels=False)[0] != usual[0]
    assert prints(job(clips, minutes=2, name="Truck 43"))[0] != usual[0]
    other = replace(clips["Driver"][1], sha256="another")
    changed = prints(job({**clips, "Driver": [clips["Driver"][0], other]}, minutes=2))
    assert changed[0] == usual[0]
    assert changed[1] != usual[1]
    moved = replace(clips["Driver"][1], start=at(60.5))
    assert prints(job({**clips, "Driver": [clips["Driver"][0], moved]}, minutes=2))[1] != usual[1]
    in_utc = plan(job(clips, minutes=2), timezone.utc)
    assert in_utc is not None
    assert in_utc.minutes[0] is not None
    assert in_utc.minutes[0].fingerprint != usual[0]


def test_four_times_the_minutes_are_four_times_the_planning() -> None:
    def work(minutes: int) -> int:
        dice = random.Random(1)
        clips = {
            label: [clip for clip in whole(label, *range(minutes)) if dice.random() < 0.9]
            for label in ("Road", "Driver", "Analog")
        }
        awaited = [(label, n) for label in clips for n in range(minutes * 2 // 3, minutes, 7)]
        what = job(clips, minutes=minutes, awaited=awaited)
        return lines_run(lambda: prints(what))

    def prints(what: Job) -> None:
        assert [minute.fingerprint for minute in planned(what).minutes if minute]

    assert work(240) < 4.5 * work(60)


def test_after_a_clip_only_its_minute_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    what = job(
        {"Road": whole("R", 0, 1, 2, 3), "Driver": whole("D", 0, 2, 3)},
        minutes=4,
        awaited=[("Driver", 1)],
    )
    before = Planned()
    first = plan(what, ZONE, planned=before)
    assert first is not None
    made: list[int] = []
    whole_minute = render_plan._minute

    def counted(common: Any, sources: Any, number: int, window: Any) -> Any:
        made.append(number)
        return whole_minute(common, sources, number, window)

    monkeypatch.setattr(render_plan, "_minute", counted)
    all_here = job({"Road": whole("R", 0, 1, 2, 3), "Driver": whole("D", 0, 1, 2, 3)}, minutes=4)
    second = plan(all_here, ZONE, planned=before)
    assert second is not None
    assert made == [1, 2], "the next one is reached by the new clip's end"
    assert second == plan(all_here, ZONE)
    assert second.minutes[0] is first.minutes[0], "and its fingerprint is known"
    made.clear()
    plan(all_here, ZONE, planned=before, with_labels=False)
    assert made == [0, 1, 2, 3], "what decides all of them is another"
