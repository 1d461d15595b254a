"""What makes a typed value a good one."""

from __future__ import annotations

import pytest
from support.terminals import refusal

from footage.system.durations import duration_or_moment, parse_duration, seconds_around
from footage.ui.values import (
    time_zone,
    yes_or_no,
)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("5", 5),
        (" 1 ", 1),
        ("1440", 1440),
        ("005", 5),
        ("5 min", 5),
        ("5 minutes", 5),
        ("5m", 5),
        ("5\u00a0Min.", 5),
        ("\u200e5", 5),
        ("\uff15", 5),
        ("1 minute", 1),
        ("1h", 60),
        ("2 hours", 120),
        ("1 h 30 min", 90),
        ("1 hour and 5 minutes", 65),
    ],
)
def test_a_duration_is_whole_minutes(text: str, minutes: int) -> None:
    assert parse_duration(text) == 60 * minutes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "1441",
        "25 h",
        "-5",
        "+5",
        "5.5",
        "100000 s",
        "1:30",
        "abc",
        "²",
        "9" * 5000,
        "1e2",
        "1_0",
    ],
)
def test_other_durations_are_refused(text: str) -> None:
    assert "1 to 1440" in refusal(parse_duration, text)


def test_one_moment_lasts_no_minutes_where_that_is_allowed() -> None:
    assert parse_duration("0", 0) == 0
    assert duration_or_moment(" 00 ") == 0
    assert "0 to 1440" in refusal(parse_duration, "-1", 0)


def test_a_pasted_yes_is_a_yes() -> None:
    assert yes_or_no("\u200by\u00a0")
    assert not yes_or_no("\u200b")


def test_an_abbreviation_of_a_zone_is_left_to_be_asked_about() -> None:
    assert time_zone(" CST ") == "CST"
    assert time_zone("america/chicago") == "America/Chicago"
    assert "no time zone" in refusal(time_zone, "Mars/Base")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90 s", 90), ("45sec", 45), ("1 min 30 s", 90), ("2m5s", 125)]
)
def test_a_duration_may_have_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("0", 0), ("30 s", 30), ("2 min", 120)])
def test_around_a_moment_a_plain_number_is_seconds(text: str, seconds: int) -> None:
    assert seconds_around(text) == seconds
