"""Moments as the page writes them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from footage.model import Window
from footage.report import times
from footage.system import timezones

CHICAGO = timezones.zone("America/Chicago")
START = datetime(2025, 4, 16, 18, 30, tzinfo=timezone.utc)


def span(seconds: float, start: datetime = START) -> Window:
    return Window(start, start + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "2025-04-16 18:30:00 UTC"),
        (300, "2025-04-16 18:30:00 to 18:35:00 UTC"),
        (6 * 3600, "2025-04-16 18:30:00 to 2025-04-17 00:30:00 UTC"),
    ],
)
def test_a_stretch_in_utc(seconds: float, text: str) -> None:
    assert times.utc_text(span(seconds)) == text


def test_a_moment_is_told_to_the_nearest_thousandth() -> None:
    moment = START + timedelta(microseconds=187_266_667)
    assert times.exact_text(moment, CHICAGO) == "04/16/2025 13:33:07.267 CDT"


@pytest.mark.parametrize(
    ("seconds", "texts"),
    [
        (60, ["13:30:00", "13:30:10", "13:30:20", "13:30:30", "13:30:40", "13:30:50", "13:31:00"]),
        (300, ["13:30", "13:31", "13:32", "13:33", "13:34", "13:35"]),
        (86_400, ["13:30", "19:30", "01:30", "07:30", "13:30"]),
    ],
)
def test_the_axis_has_few_round_marks(seconds: float, texts: list[str]) -> None:
    marks = times.marks(span(seconds), CHICAGO)
    assert [mark.text for mark in marks] == texts
    assert (marks[0].percent, marks[-1].percent) == (0, 100)


def test_each_change_of_the_zone_is_known() -> None:
    night = datetime(2025, 3, 9, 7, 30, tzinfo=timezone.utc)  # half an hour before summer time
    found = times.zone_stretches(span(3600, night), CHICAGO)
    assert [(one.start, one.offset, one.name) for one in found] == [
        (0, -360, "CST"),
        (1800, -300, "CDT"),
    ]
    assert not times.several_days(span(3600, night), CHICAGO)
    assert times.several_days(span(86_400, night), CHICAGO)
