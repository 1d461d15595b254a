"""Time zones by their names, and moments as clocks there show them."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from dateutil import tz as dateutil_tz
from support.terminals import refusal

from footage.model import UTC
from footage.system import timezones

CHICAGO = timezones.zone("America/Chicago")


@pytest.mark.parametrize("name", ["America/Chicago", " america/chicago", "America/New York", "UTC"])
def test_a_zone_is_known_by_its_iana_name(name: str) -> None:
    assert timezones.zone(name).utcoffset(datetime(2025, 7, 1)) is not None


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Base",
        "../../etc/passwd",
        "/usr/share/zoneinfo/UTC",
        "EST5EDT,M3.2.0,M11.1.0",
        "GMT+3",
        "posix/UTC",
        "right/UTC",
        "America",
        "a\x00b",
        ":UTC",
        "zone.tab",
    ],
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    assert "no time zone" in refusal(timezones.zone, name)


def test_a_misspelt_zone_is_answered_with_the_closest() -> None:
    assert "America/Chicago" in refusal(timezones.zone, "America/Chicgo")
    assert refusal(timezones.zone, "chicago").endswith("did you mean America/Chicago?")


def test_a_zone_file_dateutil_reads_wrongly_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = dateutil_tz.gettz("Asia/Tokyo")
    monkeypatch.setattr("footage.system.timezones.dateutil_tz.gettz", lambda name=None: wrong)
    monkeypatch.setattr(timezones, "_bundled", lambda name: CHICAGO)
    assert timezones.zone("America/Chicago") is CHICAGO


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no TZ to set the zone with")
@pytest.mark.parametrize(
    ("setting", "name"),
    [("America/Chicago", "America/Chicago"), ("Asia/Kolkata", "Asia/Kolkata"), ("XYZ-3:30", "")],
)
def test_the_computers_zone_goes_by_its_name_where_it_has_one(
    monkeypatch: pytest.MonkeyPatch, setting: str, name: str
) -> None:
    """So that a job that is taken up on a journey keeps its zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", setting)
        time.tzset()
        patch.setattr("tzlocal.unix._cache_tz_name", None)  # it is read once only
        assert timezones.own_name() == name
    time.tzset()


def test_without_a_name_it_is_the_computers_own_zone() -> None:
    moment = datetime(2025, 7, 1, 12, tzinfo=UTC)
    own = timezones.zone("")
    assert (
        moment.astimezone(own).utcoffset() == moment.astimezone(dateutil_tz.tzlocal()).utcoffset()
    )


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_clocks_and_spans() -> None:
    start = at(2025, 4, 16, 18, 30)
    assert timezones.clock_text(start + timedelta(seconds=5), CHICAGO) == "04/16/2025 13:30:05 CDT"
    end = start + timedelta(minutes=5)
    assert timezones.span_text(start, end, CHICAGO) == "04/16/2025 13:30-13:35 CDT"
    assert timezones.time_span_text(start, end, CHICAGO) == "13:30-13:35"
    odd = end + timedelta(seconds=2.6)
    assert timezones.time_span_text(start, odd, CHICAGO) == "13:30:00-13:35:03"
    almost = end - timedelta(seconds=0.04)
    assert timezones.time_span_text(start, almost, CHICAGO) == "13:30-13:35"


def test_a_span_over_midnight_has_both_dates() -> None:
    start = at(2025, 4, 17, 4, 58)
    message = timezones.span_text(start, start + timedelta(minutes=5), CHICAGO)
    assert message == "04/16/2025 23:58-04/17/2025 00:03 CDT"


def test_a_span_over_a_clock_change_has_both_zones() -> None:
    start, end = at(2025, 11, 2, 6, 58), at(2025, 11, 2, 7, 3)
    assert timezones.span_text(start, end, CHICAGO) == "11/02/2025 01:58 CDT-01:03 CST"
    assert timezones.time_span_text(start, end, CHICAGO) == "01:58 CDT-01:03 CST"
    second = timezones.time_span_text(end, end + timedelta(minutes=1), CHICAGO)
    assert second == "01:03-01:04 CST"


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [
        ("CDT", "CDT"),
        ("Central Daylight Time", "CDT"),
        ("Mitteleuropäische Sommerzeit", "UTC+05:30"),
        ("+0530", "UTC+05:30"),
        ("W. Europe Standard Time", "UTC+05:30"),
        (None, "UTC+05:30"),
    ],
)
def test_a_zone_is_shown_by_a_short_name_or_its_offset(name: str | None, shown_as: str) -> None:
    zone = dateutil_tz.tzoffset(name, 5.5 * 3600)
    assert timezones.zone_text(datetime(2025, 1, 1, tzinfo=zone)) == shown_as
