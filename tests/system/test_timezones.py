"""Time zones by their names, and moments as clocks there show them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from dateutil import tz as dateutil_tz
from support.terminals import refusal

from footage.model import UTC
from footage.system import timezones, zone_words

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


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("EST", ["America/New_York"]),
        ("mst", ["America/Denver", "America/Phoenix"]),
        ("HST", ["Pacific/Honolulu"]),
        ("CST", ["America/Chicago"]),
        ("PDT", ["America/Los_Angeles"]),
        ("Central", ["America/Chicago"]),
        ("central time", ["America/Chicago"]),
        ("Mountain Time Zone", ["America/Denver", "America/Phoenix"]),
        ("Eastern Standard Time", ["America/New_York"]),
        ("Pacific Daylight Time", ["America/Los_Angeles"]),
        ("US Mountain Standard Time", ["America/Phoenix"]),
        ("W. Europe Standard Time", ["Europe/Berlin"]),
        ("BST", ["Europe/London"]),
    ],
)
def test_what_people_call_a_zone_is_never_taken_for_one(text: str, offered: list[str]) -> None:
    with pytest.raises(timezones.UnclearZone) as unclear:
        timezones.full_name(text)
    assert list(unclear.value.offered) == offered
    assert str(unclear.value).endswith(f"Did you mean {' or '.join(offered)}?")


def test_the_word_on_a_fixed_offset_is_about_that_day() -> None:
    summer, winter = datetime(2025, 7, 16), datetime(2025, 1, 16)
    assert "on that day New York had EDT." in refusal(timezones.full_name, "EST", summer)
    assert "in summer New York has EDT." in refusal(timezones.full_name, "EST", winter)
    assert "in summer Denver has MDT." in refusal(timezones.full_name, "MST")


def test_a_fixed_offset_of_an_older_job_stays_what_it_was() -> None:
    july = datetime(2025, 7, 16, tzinfo=timezones.zone("EST"))
    assert july.utcoffset() == timedelta(hours=-5)


def test_all_that_is_offered_exists() -> None:
    for names in zone_words._WORDS.values():
        assert [timezones.full_name(name) for name in names] == list(names)


def test_zone_data_are_those_of_the_package(tmp_path: Path) -> None:
    """Mexico gave up daylight saving in 2022; data of a system may be older."""
    folder = tmp_path / "America"
    folder.mkdir()
    old = timezones._DATABASE / "zoneinfo/America/Chicago"  # which has daylight saving
    (folder / "Mexico_City").write_bytes(old.read_bytes())
    code = (
        "from datetime import datetime; from footage.system import timezones;"
        "july = datetime(2025, 7, 16, tzinfo=timezones.zone('America/Mexico_City'));"
        "print(july.utcoffset())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
        cwd=Path(timezones.__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "-1 day, 18:00:00"


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


def test_a_spelled_moment_has_its_weekday_and_month_in_letters() -> None:
    assert timezones.spelled_text(at(2025, 3, 4, 19, 30), CHICAGO) == (
        "Tue 4 Mar 2025, 1:30:00 PM CST"
    )
    assert "12:05:09 AM" in timezones.spelled_text(at(2025, 3, 4, 6, 5, 9), CHICAGO)
    assert "12:05:09 PM" in timezones.spelled_text(at(2025, 3, 4, 18, 5, 9), CHICAGO)


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
