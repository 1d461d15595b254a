"""The line that the side-by-side shows of speed, heading and place."""

from __future__ import annotations

import pytest
from support.operations import lines_run
from support.readings import START, reading, when

from footage.model import Reading
from footage.telemetry import overlay_text
from footage.telemetry.overlay_text import SPEED_UNITS, SpeedUnit, overlay_texts


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
def test_a_line_for_the_picture(one: Reading, units: str, text: str | None) -> None:
    assert overlay_texts([one], [START], units) == [text or "47 mph NE, Elm Street, Springfield"]


@pytest.mark.parametrize(
    ("heading", "point"),
    [(0, "N"), (22.4, "N"), (22.5, "NE"), (90, "E"), (135, "SE"), (180, "S"), (225, "SW")]
    + [(270, "W"), (337.4, "NW"), (337.5, "N"), (359.99, "N")],
)
def test_the_eight_points_of_the_compass(heading: float, point: str) -> None:
    assert overlay_texts([reading(0, heading=heading)], [START], "kmh") == [f"72 km/h {point}"]


def test_where_nothing_is_known_the_line_says_so() -> None:
    track = [reading(0), reading(60)]
    assert overlay_texts(track, [when(0), when(30), when(60)], "mph") == [
        "45 mph E",
        "no GPS",
        "45 mph E",
    ]


def test_a_place_is_one_short_printable_line() -> None:
    place = "Elm\nStreet \x1b[31m\u202e" + "x" * 80
    (text,) = overlay_texts([reading(0, place=place)], [START], "mph")
    shown = text.removeprefix("45 mph E, ")
    assert shown.startswith("Elm Street xxx")
    assert shown.isprintable()
    assert len(shown) <= 40


def test_four_times_the_readings_are_four_times_the_work() -> None:
    def of_so_many(seconds: int) -> None:
        track = [reading(second, speed=second % 30) for second in range(seconds)]
        lines = overlay_texts(track, [when(second + 0.5) for second in range(seconds - 1)], "kmh")
        assert "no GPS" not in lines

    assert lines_run(lambda: of_so_many(1200)) < 4.5 * lines_run(lambda: of_so_many(300))


def test_another_unit_is_another_line_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    units = {**SPEED_UNITS, "knots": SpeedUnit("kn", 3600 / 1852)}
    monkeypatch.setattr(overlay_text, "SPEED_UNITS", units)
    assert overlay_texts([reading(0, heading=None)], [START], "knots") == ["39 kn"]
