"""What the vehicle's own sensors told stands beside the clock, at the second it is true of."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from support.media import DRIVER, ROAD, Shelf, at, frames, imagined, job, window
from support.operations import lines_run
from support.side_by_sides import ZONE, minutes_of

from footage.media import labels
from footage.media.render import Renderer
from footage.media.render_plan import plan
from footage.media.side_by_side_plan import Clock, SideBySidePlan
from footage.model import Job, MediaType, Reading
from footage.telemetry.overlay_text import overlay_texts

PLACE = "Elm Street, Springfield"


def readings(start: float, end: float, step: float = 1) -> list[Reading]:
    """Of a vehicle that goes north-east, each second one mile an hour faster from 0 at START."""
    count = int((end - start) / step) + 1
    moments = [start + step * n for n in range(count)]
    return [
        Reading(at(m), 40 + m / 1e5, -90 + m / 1e5, max(m, 2) * 1609.344 / 3600, 45.0, PLACE)
        for m in moments
    ]


def drive(minutes: int = 2, *, shown: bool = True, factor: float = 1, units: str = "mph") -> Job:
    clips = {
        label: [
            replace(
                imagined(60 * n, 60 / factor, window(60 * n), path=f"{label}{n}"), factor=factor
            )
            for n in range(minutes)
        ]
        for label in ("Road", "Driver")
    }
    return replace(job(clips, minutes=minutes), telemetry=shown, units=units)


def planned(
    what: Job, known: Sequence[Reading] = (), *, with_labels: bool = True
) -> SideBySidePlan:
    film = plan(what, ZONE, known, with_labels=with_labels, closing=True)
    assert film is not None
    return film


def clock(film: SideBySidePlan, minute: int = 0) -> Clock:
    found = minutes_of(film)[minute].clock
    assert found is not None
    return found


def prints(film: SideBySidePlan) -> list[str]:
    return [minute.fingerprint for minute in minutes_of(film)]


# --- the plan -------------------------------------------------------------------------------------


def test_each_second_of_the_clock_has_its_own_reading() -> None:
    film = planned(drive(), readings(-5, 125))
    for number in range(2):
        shown = clock(film, number)
        assert shown.moments()[7] == at(60 * number + 7)
        assert shown.overlay_texts[7] == f"{60 * number + 7} mph NE, {PLACE}"
        assert list(shown.overlay_texts) == overlay_texts(readings(-5, 125), shown.moments(), "mph")
        assert len(shown.overlay_texts) == shown.count == 60


def test_the_speed_is_told_in_the_jobs_own_unit() -> None:
    film = planned(drive(units="kmh"), readings(-5, 125))
    assert clock(film).overlay_texts[50] == f"80 km/h NE, {PLACE}"


def test_sped_up_readings_are_those_of_the_moment_shown() -> None:
    what = replace(drive(60, factor=60), media_type=MediaType.HYPERLAPSE)
    film = planned(what, readings(0, 3600, 5))
    assert (film.pace, len(film.minutes)) == (60, 1)
    # Fifteen pictures a second: each stands for four seconds of the wall clock.
    assert clock(film).moments()[10] == at(40)
    assert clock(film).overlay_texts[10] == f"40 mph NE, {PLACE}"
    assert len(clock(film).overlay_texts) == 900


def test_where_nothing_was_told_the_picture_says_so() -> None:
    assert set(clock(planned(drive())).overlay_texts) == {"no GPS"}
    half = clock(planned(drive(), readings(-5, 30))).overlay_texts
    assert half[30] == f"30 mph NE, {PLACE}"
    assert set(half[31:]) == {"no GPS"}


def test_it_is_not_shown_unless_asked_for() -> None:
    known = readings(-5, 125)
    assert clock(planned(drive(shown=False), known)).overlay_texts == ()
    assert prints(planned(drive(shown=False), known)) == prints(planned(drive(shown=False)))
    bare = planned(drive(), known, with_labels=False)
    assert [minute.clock for minute in minutes_of(bare)] == [None, None]
    assert prints(bare) == prints(planned(drive(shown=False), with_labels=False))


def test_late_readings_change_only_their_own_minute() -> None:
    before = prints(planned(drive(), readings(-5, 61)))
    after = prints(planned(drive(), readings(-5, 125)))
    assert before[0] == after[0]
    assert before[1] != after[1]
    assert prints(planned(drive(), readings(-5, 125))) == after
    assert prints(planned(drive(units="kmh"), readings(-5, 125)))[0] != after[0]
    assert prints(planned(drive(shown=False)))[0] != after[0]


@pytest.mark.long
def test_four_times_the_readings_are_four_times_the_planning() -> None:
    assert planning(240) < 4.5 * planning(60)


def planning(minutes: int) -> int:
    """How much work it is to plan so many minutes of six cameras, with their readings."""
    dice = random.Random(1)
    names = ["Road", "Driver", "Rear", "Left", "Right", "Load"]
    clips = {
        label: [
            imagined(60 * n, 60, window(60 * n), path=f"{label}{n}")
            for n in range(minutes)
            if n % 2 or dice.random() < 0.5
        ]
        for label in names
    }
    awaited = [(label, n) for label in names[:3] for n in range(minutes // 2, minutes, 2)]
    what = replace(job(clips, minutes=minutes, awaited=awaited), telemetry=True)
    known = readings(0, 60 * minutes, 5)

    def planned() -> None:
        film = plan(what, ZONE, known)
        assert film is not None
        assert len([minute for minute in film.minutes if minute]) > minutes // 3

    return lines_run(planned)


# --- the picture ----------------------------------------------------------------------------------


def line(text: str, width: int) -> npt.NDArray[np.float64]:
    """A line of letters of 11 pixels in the corner of a picture, black but for it."""
    drawn = np.asarray(labels.label(text, 11).convert("RGB").convert("L")).astype(float)
    return np.pad(drawn, [(0, 0), (0, max(0, width - drawn.shape[1]))])[:, :width]


@pytest.mark.many_cases
@pytest.mark.parametrize(
    ("place", "width", "written"),
    [
        (PLACE, 320, f", {PLACE}"),
        (PLACE, 120, ", Elm Street"),
        ("Interstate 55 southbound past the long bridge", 100, ""),
    ],
)
def test_readings_are_shown_with_the_place_that_fits(
    shelf: Shelf, tmp_path: Path, place: str, width: int, written: str
) -> None:
    pictures = {"Road": replace(ROAD, width=width * 3 // 2), "Driver": replace(DRIVER, width=width)}
    models = {label: replace(m, width=m.width // 2 * 2) for label, m in pictures.items()}
    clips = {label: [shelf.clip(m, 0, 4, window(0))] for label, m in models.items()}
    what = replace(job(clips, name="T 1"), telemetry=True)
    film = planned(what, [replace(reading, place=place) for reading in readings(-5, 65)])
    target = tmp_path / "film.mp4"
    Renderer(shelf.folder, tmp_path / "work", threading.Event()).finish(film, target, [])
    layout = minutes_of(film)[0].layout
    _, shown = frames(target, (layout.width, layout.height))
    # From the sixth second on the tiles are dark, and the letters alone are to be seen.
    for second in range(6, 60, 9):
        texts = {
            (off, more): f"03/01/2025 07:30:{second:02} CST   T 1   {second + off} mph NE{more}"
            for off in (0, 1, -1)
            for more in ("", ", Elm Street", f", {PLACE}", ", Interstate")
        }
        corner = shown[5 * second][: labels.line_height(11)].astype(float)
        drawn = {choice: line(text, layout.width) for choice, text in texts.items()}
        like = {c: np.corrcoef(d.ravel(), corner.ravel())[0, 1] for c, d in drawn.items()}
        assert max(like, key=lambda choice: like[choice]) == (0, written)
