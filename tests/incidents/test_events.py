"""Which safety events are wanted, how they are picked, and what becomes of them in a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.terminals import refusal

from footage.incidents import events as safety_events
from footage.incidents.rows import Incident, Usual, understand
from footage.incidents.table_file import TableFile, TableRow
from footage.model import UTC, SafetyEvent

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
START = datetime(2025, 4, 16, 18, 37, 20, 400_000, tzinfo=UTC)
CRASH = SafetyEvent(
    "e-1", "Samsara", START, START + timedelta(seconds=7.2), "281", "Truck 42", labels=("Crash",)
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1,3-5", [1, 3, 4, 5]), ("all", [1, 2, 3, 4, 5, 6]), (" 2 - 3 ; 2", [2, 3]), ("6 1", [1, 6])],
)
def test_numbers_and_ranges_are_picked(text: str, numbers: list[int]) -> None:
    assert safety_events.picked(text, 6) == numbers


@pytest.mark.parametrize("text", ["0", "7", "5-3", "x", "1-", ",", "1-9999999", "all 1"])
def test_what_is_no_number_of_an_event_is_refused(text: str) -> None:
    assert refusal(safety_events.picked, text, 6)


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("crash", "Crash"),
        ("harsh-braking", "Braking"),
        ("Harsh Braking", "hard_brake"),
        ("near collision", "NearCollison"),
        ("hard brake", "hard_brake"),
        ("SOMETHING new", "somethingNew"),
    ],
)
def test_kinds_go_by_what_people_call_them(word: str, label: str) -> None:
    event = replace(CRASH, labels=("Other", label))
    assert safety_events.wanted([event], [word], all_states=False) == [event]
    assert safety_events.wanted([event], ["rollover"], all_states=False) == []


@pytest.mark.parametrize("state", ["dismissed", "autoDismissed"])
def test_what_reviewers_dismissed_is_left_out(state: str) -> None:
    event = replace(CRASH, state=state)
    assert safety_events.wanted([event], [], all_states=False) == []
    assert safety_events.wanted([event], [], all_states=True) == [event]


def test_the_window_is_around_the_event_in_whole_seconds() -> None:
    found = safety_events.as_incident(1, CRASH, 60, 30, "America/Chicago", NOW)
    assert found.start == datetime(2025, 4, 16, 18, 36, 20, tzinfo=UTC)
    assert found.end == datetime(2025, 4, 16, 18, 37, 58, tzinfo=UTC)


def test_what_is_still_to_come_is_not_asked_for() -> None:
    now = START + timedelta(seconds=20)
    found = safety_events.as_incident(1, CRASH, 60, 60, "", now)
    assert found.end == now.replace(microsecond=0)


def test_a_saved_row_asks_for_the_same_footage() -> None:
    odd = replace(CRASH, vehicle="=HYPERLINK(1)", driver="@x", link="https://example.org")
    for event in (CRASH, odd):
        asked = safety_events.as_incident(1, event, 60, 30, "America/Chicago", NOW)
        header, row = safety_events.as_rows([event], [asked])
        (read,) = understand(TableFile(tuple(header), (TableRow(2, tuple(row)),)), Usual(NOW))
        assert isinstance(read, Incident), read
        assert (read.start, read.duration, read.timezone) == (
            asked.start,
            asked.duration,
            asked.timezone,
        )
        assert (read.provider, read.reference) == ("samsara", "e-1")
        assert not any(cell.startswith(("=", "@")) for cell in row)


def test_the_labels_that_there_are_are_counted() -> None:
    events = [CRASH, CRASH, replace(CRASH, labels=("Braking",))]
    assert safety_events.label_counts(events) == "Crash (2), Braking (1)"
