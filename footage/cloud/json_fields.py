"""Reading a provider's JSON, of which every field may be missing or of another type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dateutil.parser import isoparse

from footage.model import UTC
from footage.system.text import single_line


def as_dict(value: object) -> Mapping[str, Any]:
    """An object as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """An array as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """A string as it is, a whole number in digits, anything else as nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def as_number(value: object) -> float | None:
    """A number that can be counted with; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < 1e15 else None  # which is false of "not a number", too


def as_time(value: object) -> datetime | None:
    """A time in UTC, one without a zone taken as UTC; None where it cannot be read.

    It is ISO 8601, or nearly so, as Ruby on Rails has it: "2025-04-16 13:30:20 UTC" or "... -0500".
    """
    if not isinstance(value, str) or len(value) < len("2025-01-01T00:00"):
        return None
    text = re.sub(r"(?i)\s*(UTC|GMT|Z)$", "Z", value.strip())
    text = re.sub(r"\s+(?=[+-]\d\d:?\d\d$)", "", text)
    text = re.sub(r"(?<=^\d{4}-\d\d-\d\d)\s+", "T", text)
    try:
        moment = isoparse(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def unread_time(*values: object) -> str:
    """The first of these that is given, and is no time that can be read, as text; "" for none."""
    unread = (value for value in values if value not in (None, "") and as_time(value) is None)
    return single_line(str(next(unread, "")), 60)


def utc_text(moment: datetime) -> str:
    """A moment as both providers take it: "2025-04-16T13:30:00Z"."""
    moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds") + "Z"
