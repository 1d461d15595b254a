"""JSON in which any field may be missing or of another type."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.motive import START

from footage.cloud.json_fields import as_number, as_text, as_time, unread_time, utc_text


def test_json_is_read_without_trust() -> None:
    texts: list[object] = ["a", 7, True, None, 1.5, []]
    assert [as_text(v) for v in texts] == ["a", "7", "", "", "", ""]
    assert [as_number(v) for v in (7, 1.5, True, "7", None)] == [7, 1.5, None, None, None]
    assert [as_number(v) for v in (float("nan"), float("inf"), 10**400)] == [None] * 3
    assert [as_time(v) for v in (None, 5, "", "2026", "2026-13-40T99:00:00Z")] == [None] * 5
    assert as_time("2025-03-01T14:03:00") == START
    assert utc_text(START + timedelta(milliseconds=250)) == "2025-03-01T14:03:00.250Z"


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2025-04-16 13:30:20 UTC", 13),
        ("2025-04-16 13:30:20 GMT", 13),
        ("2025-04-16 13:30:20 -0500", 18),
        ("2025-04-16 13:30:20 -05:00", 18),
        ("2025-04-16  13:30:20+0000", 13),
        ("2025-04-16T13:30:20.5Z", 13),
        ("2025-04-16 13:30:20", 13),
    ],
)
def test_times_are_read_in_their_other_forms(text: str, hour: int) -> None:
    moment = as_time(text)
    assert moment is not None
    assert (moment.hour, moment.second) == (hour, 20)
    assert unread_time(None, "", text) == ""


@pytest.mark.parametrize("value", ["yesterday at noon", "16/04/2025 13:30:20", 1744810220])
def test_a_time_that_cannot_be_read_is_kept_as_text(value: object) -> None:
    assert unread_time("2025-04-16T13:30:20Z", value) == str(value)
