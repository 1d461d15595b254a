"""JSON in which any field may be missing or of another type."""

from __future__ import annotations

from datetime import timedelta

from support.motive import START

from footage.cloud.json_fields import as_number, as_text, as_time, utc_text


def test_json_is_read_without_trust() -> None:
    texts: list[object] = ["a", 7, True, None, 1.5, []]
    assert [as_text(v) for v in texts] == ["a", "7", "", "", "", ""]
    assert [as_number(v) for v in (7, 1.5, True, "7", None)] == [7, 1.5, None, None, None]
    assert [as_number(v) for v in (float("nan"), float("inf"), 10**400)] == [None] * 3
    assert [as_time(v) for v in (None, 5, "", "2026", "2026-13-40T99:00:00Z")] == [None] * 5
    assert as_time("2025-03-01T14:03:00") == START
    assert utc_text(START + timedelta(milliseconds=250)) == "2025-03-01T14:03:00.250Z"
