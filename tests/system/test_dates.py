"""Dates with a time of day, as people write and paste them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from support.terminals import refusal

from footage.model import UTC
from footage.system import dates, timezones
from footage.system.dates import past_moments, read_date

CHICAGO = timezones.zone("America/Chicago")
NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
MOMENT = datetime(2025, 4, 16, 18, 30, tzinfo=UTC)


def moment(text: str) -> datetime:
    (only,) = past_moments(read_date(text), CHICAGO, NOW)
    return only.astimezone(UTC)


def refused(text: str) -> str:
    return refusal(lambda: past_moments(read_date(text), CHICAGO, NOW))


@pytest.mark.parametrize(
    "text",
    [
        "04/16/2025 13:30",
        "4/16/2025 13:30",
        " 04/16/2025   13:30 ",
        "4/16/25 13:30",
        "04-16-2025 13:30",
        "4.16.2025 13:30",
        "4/16/2025, 13:30",
        "04/16/2025 1:30 PM",
        "04/16/2025 1:30pm",
        "04/16/2025 01:30 p.m.",
        "04/16/2025 at 1:30p",
        "04/16/2025 13:30 PM",
        "04/16/2025 1330",
        "04/16/2025 13:30:00",
        "1:30 PM on 4/16/2025",
        "16/04/2025 13:30",
        "16.04.2025 13:30",
        "2025-04-16 13:30",
        "2025-04-16T13:30",
        "2025/4/16 13:30:00.999",
        "2025-04-16_13-30-00",
        "16 Apr 2025 13:30",
        "16-Apr-25 13:30",
        "April 16, 2025 at 1:30 PM",
        "Wednesday, April 16th, 2025, 1:30 PM",
        '"04/16/2025 13:30"',
        "04\u201316\u20132025 13:30",
        "\u200e04/16/2025 13:30",
        "04/16/2025\u00a013:30",
        "04/16/2025\u202f1:30\u202fPM",
        "\u202a04/16/2025\u202c\t13:30\ufeff",
        "\uff104/16/2025 13:30",
    ],
)
def test_a_date_is_read_in_the_zone_however_it_is_written(text: str) -> None:
    assert moment(text) == MOMENT


@pytest.mark.parametrize("zone", [" CDT", " cdt", " -0500", "-05:00", " UTC-5", " CT"])
def test_a_zone_may_follow_the_time(zone: str) -> None:
    assert moment("04/16/2025 13:30" + zone) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-16T18:30:00Z",
        "2025-04-16T18:30:00.000Z",
        "20250416T183000Z",
        "2025-04-16T20:30+02:00",
        "04/16/2025 18:30 UTC",
        "04/16/2025 12:30 -0600",
    ],
)
def test_an_offset_tells_the_moment_whatever_the_zone(text: str) -> None:
    assert moment(text) == MOMENT


def test_what_is_shown_back_is_understood() -> None:
    text = timezones.spelled_text(MOMENT, CHICAGO)
    assert text == "Wed 16 Apr 2025, 1:30:00 PM CDT"
    assert moment(text) == MOMENT
    assert moment(dates.EXAMPLE) == MOMENT
    assert moment(MOMENT.astimezone(CHICAGO).strftime(dates.WRITTEN)) == MOMENT


def test_midnight_noon_and_seconds() -> None:
    assert read_date("04/16/2025 12:00 AM").wall == datetime(2025, 4, 16)
    assert read_date("04/16/2025 12:00 PM").wall == datetime(2025, 4, 16, 12)
    assert read_date("04/16/2025 1:30:15 PM").wall == datetime(2025, 4, 16, 13, 30, 15)


def test_the_month_comes_first_where_both_can_be_the_month() -> None:
    assert read_date("03/04/2025 13:30").wall == datetime(2025, 3, 4, 13, 30)
    assert "two ways" in refused("03.04.2025 13:30")
    assert read_date("04.04.2025 13:30").wall == datetime(2025, 4, 4, 13, 30)
    assert "four digits" in refused("25-04-16 13:30")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "MM/DD/YYYY HH:MM"),
        ("yesterday", "MM/DD/YYYY HH:MM"),
        ("04/16/2025", "MM/DD/YYYY HH:MM"),
        ("04/16/2025 13", "MM/DD/YYYY HH:MM"),
        ("4/16-2025 13:30", "MM/DD/YYYY HH:MM"),
        ("02/30/2025 13:30", "not in the calendar"),
        ("00/10/2025 13:30", "not in the calendar"),
        ("13/13/2025 13:30", "not in the calendar"),
        ("04/16/2025 24:00", "not a time of day"),
        ("04/16/2025 12:60", "not a time of day"),
        ("04/16/2025 12:30:60", "12:30:60 is not a time of day"),
        ("04/16/2025 13:30 AM", "13:30 AM is not a time of day"),
        ("04/16/2025 0:30 PM", "0:30 PM is not a time of day"),
        ("Thu 16 Apr 2025 13:30", "was a Wednesday"),
        ("04/16/1925 13:30", "check the year"),
        ("04/16/0000 13:30", "not in the calendar"),
        ("01/10/2026 06:01", "not in the past yet"),
        ("12/31/9999 23:59", "in the future"),
        ("04/16/99 13:30", "in the future"),
        ("04/16/2025 13:30 EST", "CDT (UTC-05:00)"),
        ("04/16/2025 13:30 ET", "does not fit"),
        ("04/16/2025 13:30 +9900", "does not fit"),
        ("03/09/2025 02:30", "03:30 CDT"),
        ("03/09/2025 02:30 CST", "never was"),
    ],
)
def test_a_date_that_cannot_be_is_explained(text: str, part: str) -> None:
    assert part in refused(text)


def test_the_repeated_hour_has_two_moments() -> None:
    twice = past_moments(read_date("11/02/2025 01:30"), CHICAGO, NOW)
    assert [one.astimezone(UTC).hour for one in twice] == [6, 7]
    assert len(past_moments(read_date("11/02/2025 01:30 CT"), CHICAGO, NOW)) == 2
    assert moment("11/02/2025 01:30 CST") - moment("11/02/2025 01:30 CDT") == timedelta(hours=1)
