"""When a vehicle was online, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from footage.job import contact_text
from footage.model import UTC, Contact

NOW = datetime(2025, 4, 16, 18, 0, tzinfo=UTC)
GONE = Contact(NOW - timedelta(hours=3), NOW, state="Unplugged")
THERE = Contact(NOW - timedelta(hours=3), NOW, True, camera="dc54")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"), (20, "20 s"), (90, "2 min"), (5000, "83 min"), (5400, "2 h"),
        (10900, "3 h"), (47 * 3600, "47 h"), (48 * 3600, "2 days"), (9 * 86400, "9 days"),
    ],
)  # fmt: skip
def test_how_long_ago(seconds: float, text: str) -> None:
    assert contact_text.ago_text(timedelta(seconds=seconds)) == text


def test_the_three_forms() -> None:
    assert contact_text.short(GONE, NOW) == "last online 3 h ago"
    assert contact_text.short(THERE, NOW) == "online for 3 h"
    later = NOW + timedelta(minutes=9)
    assert contact_text.short(replace(GONE, at=NOW - timedelta(minutes=4)), later) == "online"
    gone = replace(GONE, at=NOW - timedelta(minutes=6))
    assert contact_text.short(gone, later) == "last online 15 min ago"
    assert contact_text.listed(GONE, NOW, UTC) == "04/16/2025 15:00:00 UTC (3 h ago), Unplugged"
    assert contact_text.listed(THERE, NOW, UTC) == (
        "online since 04/16/2025 15:00:00 UTC (3 h ago)"
    )
    assert contact_text.sentence(GONE, "Samsara", UTC) == (
        "Samsara says that the vehicle was last online on 04/16/2025 15:00:00 UTC, 3 h before it "
        'was asked on 04/16/2025 18:00:00 UTC (its word: "Unplugged")'
    )
    assert contact_text.sentence(THERE, "Motive", UTC).startswith(
        "Motive says that the camera has been online since 04/16/2025 15:00:00 UTC, 3 h before"
    )
