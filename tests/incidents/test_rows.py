"""What the rows of a list ask for, and the sentences for those that cannot be understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.terminals import refusal

from footage.incidents.rows import Incident, Refused, Usual, understand
from footage.incidents.table_file import TableFile, TableRow
from footage.model import UTC
from footage.system.dates import DayOrder

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
USUAL = Usual(NOW, "America/Chicago")
MOMENT = datetime(2025, 4, 16, 18, 37, 20, tzinfo=UTC)


def table(header: str, *rows: str) -> TableFile:
    lines = [TableRow(number, tuple(row.split(","))) for number, row in enumerate(rows, 2)]
    return TableFile(tuple(header.split(",")), tuple(lines), ())


def only(header: str, row: str, usual: Usual = USUAL) -> Incident:
    (found,) = understand(table(header, row), usual)
    assert isinstance(found, Incident), found
    return found


def why(header: str, row: str, usual: Usual = USUAL) -> str:
    (found,) = understand(table(header, row), usual)
    assert isinstance(found, Refused), found
    assert found.row == 2
    return found.why


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("vehicle,at", "Truck 42,2025-04-16 13:37:20"),
        ("AT , Vehicle ", "4/16/2025 1:37:20 PM,Truck 42"),
        ("Unit,Date of Loss,Time of Loss", "Truck 42,04/16/2025,13:37:20"),
        ("date,time,truck", "2025-04-16,1:37:20 pm,Truck 42"),
        ("Vehicle Name,Date/Time,zone", "Truck 42,2025-04-16 14:37:20,America/New_York"),
        ("vin,occurred_at", "Truck 42,2025-04-16T18:37:20Z"),
    ],
)
def test_columns_go_by_many_names_in_any_order(header: str, row: str) -> None:
    found = only(header, row)
    assert (found.vehicle, found.moment) == ("Truck 42", MOMENT)
    assert (found.start, found.duration) == (MOMENT - timedelta(seconds=60), 120)


def test_the_window_is_the_rows_own_or_the_usual_one() -> None:
    at = "Truck 42,2025-04-16 13:37:20"
    found = only("vehicle,at,before,after", f"{at},30,2 min")
    assert (found.start, found.duration) == (MOMENT - timedelta(seconds=30), 150)
    found = only("vehicle,start,minutes", f"{at},5")
    assert (found.start, found.duration, found.moment) == (MOMENT, 300, None)
    found = only("vehicle,start", at, replace(USUAL, duration=90))
    assert (found.start, found.duration) == (MOMENT, 90)
    assert "no minutes" in why("vehicle,start", at)


def test_what_else_a_row_says_is_kept() -> None:
    found = only(
        "vehicle,at,claim number,cameras,media,provider,notes,weather",
        "Truck 42,2025-04-16 13:37:20,CLM-1,road,low,motive,rear-ended,rain",
    )
    assert (found.reference, found.cameras, found.media) == ("CLM-1", "road", "low")
    assert (found.provider, found.note, found.row) == ("motive", "rear-ended", 2)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",2025-04-16 13:30", "no vehicle"),
        ("2.81475E+14,2025-04-16 13:30", "last digits are lost"),
        ("Truck 42,", "no time"),
        ("Truck 42,2025-04-16", "has no time of day"),
        ("Truck 42,04/16/2025", "has no time of day"),
        ("Truck 42,13:30", "has no date"),
        ("Truck 42,45763.5625", "own number for a date"),
        ("Truck 42,soon", "soon: Please write date and time"),
        ("Truck 42,2025-03-09 02:30", "never was"),
        ("Truck 42,2025-11-02 01:30", "was there twice"),
        ("Truck 42,2026-04-16 13:30", "not in the past"),
        ("Truck 42,2026-01-10 05:59:30", "not in the past"),
        ("Truck 42", "no time"),
    ],
)
def test_a_row_that_is_not_clear_is_refused_by_its_number(row: str, sentence: str) -> None:
    assert sentence in why("vehicle,at", row)


@pytest.mark.parametrize(
    ("date", "clock"),
    [
        ("04/16/2025", "13:37:20"),
        # A spreadsheet gives what lacks from date or time of day, where the cell's format asks.
        ("04/16/2025 00:00", "13:37:20"),
        ("2025-04-16 00:00:00", "1:37:20 PM"),
        ("4/16/2025 12:00:00 AM", "1:37:20 PM"),
        ("2025-04-16T00:00:00", "1899-12-30T13:37:20"),
        ("04/16/2025", "12/30/1899 1:37:20 PM"),
    ],
)
def test_date_and_time_stand_in_two_columns(date: str, clock: str) -> None:
    assert only("vehicle,date,time", f"Truck 42,{date},{clock}").moment == MOMENT


def test_a_midnight_alone_is_the_time_of_day() -> None:
    found = only("vehicle,at", "Truck 42,04/16/2025 00:00")
    assert found.moment == datetime(2025, 4, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ("04/16/2025 13:30,13:37:20", "two times of day"),
        ("45763,0.5625", "own number for a date"),
        ("45763.0,.5625", "own number for a date"),
        ("soon,later", "soon later: Please write date and time"),
    ],
)
def test_two_columns_that_are_not_clear_are_refused(cells: str, sentence: str) -> None:
    assert sentence in why("vehicle,date,time", f"Truck 42,{cells}")


def test_a_window_that_is_not_over_yet_is_refused() -> None:
    row = "Truck 42,2026-01-10 05:58:30,120"
    assert "in the future" in why("vehicle,at,after", row)


def test_an_offset_says_which_of_the_two_hours_is_meant() -> None:
    found = only("vehicle,at", "Truck 42,2025-11-02 01:30 -0600")
    assert found.moment == datetime(2025, 11, 2, 7, 30, tzinfo=UTC)


def test_a_zone_that_is_not_clear_is_refused() -> None:
    assert "America/New_York" in why("vehicle,at,tz", "Truck 42,2025-04-16 13:30,EST")


def test_a_name_that_was_saved_as_no_formula_is_that_name() -> None:
    assert only("vehicle,at", "'-7,2025-04-16 13:37:20").vehicle == "-7"


# --- day and month ------------------------------------------------------------------------------


def days(*texts: str, order: DayOrder | None = None) -> list[tuple[int, int]]:
    rows = [f"Truck 42,{text}" for text in texts]
    found = understand(table("vehicle,at", *rows), replace(USUAL, order=order, timezone="UTC"))
    moments = [one.moment for one in found if isinstance(one, Incident)]
    return [(one.month, one.day) for one in moments if one]


def test_one_day_above_twelve_decides_for_the_whole_list() -> None:
    assert days("05/04/2025 13:30", "16/04/2025 13:30") == [(4, 5), (4, 16)]
    assert days("05/04/2025 13:30", "04/16/2025 13:30") == [(5, 4), (4, 16)]


def test_what_no_row_decides_is_asked_and_never_guessed() -> None:
    assert "--dates us" in refusal(days, "05/04/2025 13:30", "06/07/2025 13:30")
    assert days("05/04/2025 13:30", order=DayOrder.EU) == [(4, 5)]
    assert days("05.04.2025 13:30", order=DayOrder.EU) == [(4, 5)]
    assert days("05/04/2025 13:30", order=DayOrder.US) == [(5, 4)]


def test_dates_that_can_be_read_in_one_way_need_no_order() -> None:
    assert days("2025-04-05 13:30", "5 Apr 2025 13:30", "04/04/2025 13:30")[0] == (4, 5)


def test_rows_that_disagree_are_told() -> None:
    assert "one way" in refusal(days, "16/04/2025 13:30", "04/17/2025 13:30")


# --- the columns --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("at,minutes", "no column for the vehicle"),
        ("vehicle,minutes", "no column for the time"),
        ("vehicle,unit,at", "vehicle and unit are both"),
        ("vehicle,at,start", "more than one column for the time"),
    ],
)
def test_columns_that_are_missing_or_doubled_are_told(header: str, sentence: str) -> None:
    assert sentence in refusal(understand, table(header, "a,b,c"), USUAL)
