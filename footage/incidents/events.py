"""Safety events: which of a listing are wanted, how they are picked, and as rows of a list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from footage.errors import UsageError
from footage.incidents.rows import Incident
from footage.model import UTC, SafetyEvent
from footage.system.durations import LONGEST_MINUTES
from footage.system.text import quotable, spreadsheet_cell

# What people call some kinds -> what the providers do. Capitals, blanks and marks do not matter.
_SYNONYMS: Mapping[str, Sequence[str]] = {
    "harsh braking": ("Braking", "hard_brake"),
    "harsh acceleration": ("Acceleration", "hard_accel"),
    "harsh turn": ("HarshTurn", "hard_corner"),
    "near collision": ("NearCollison", "near_miss"),  # Samsara's own spelling
    "mobile usage": ("MobileUsage", "cell_phone"),
    "seat belt": ("NoSeatbelt", "seat_belt_violation"),
    "tailgating": ("GenericTailgating", "tailgating"),
    "stop sign": ("RollingStop", "stop_sign_violation"),
    "drowsiness": ("Drowsy", "drowsiness"),
    "distraction": ("GenericDistraction", "distraction"),
}

# States in which the provider's reviewers have thrown an event out.
_DISMISSED = ("dismissed", "autodismissed")

SAVED_COLUMNS = (
    *("vehicle", "at", "before", "minutes", "timezone", "reference", "provider", "note"),
    *("driver", "label", "state", "severity", "place", "link"),
)


def squeezed(text: str) -> str:
    """A label without capitals, blanks and marks, by which two are compared."""
    return re.sub(r"[\W_]+", "", text).casefold()


def wanted(
    events: Sequence[SafetyEvent], labels: Sequence[str], all_states: bool
) -> list[SafetyEvent]:
    """Those of these labels, all where there are none; without what reviewers have dismissed."""
    meant = {squeezed(one) for word in labels for one in (word, *_synonyms(word))}
    return [
        one
        for one in events
        if (all_states or squeezed(one.state) not in _DISMISSED)
        and (not meant or not meant.isdisjoint(map(squeezed, one.labels)))
    ]


def _synonyms(word: str) -> Sequence[str]:
    plain = {squeezed(name): names for name, names in _SYNONYMS.items()}
    return plain.get(squeezed(word), ())


def label_counts(events: Sequence[SafetyEvent]) -> str:
    """Which labels there are: "Braking (12), Crash (1)"."""
    counts = Counter(label for one in events for label in one.labels)
    return ", ".join(f"{quotable(label)} ({count})" for label, count in counts.most_common())


def picked(text: str, count: int) -> list[int]:
    """The numbers, from 1, of "1,3-5" or "all"; each once, in order. Raises UsageError."""
    words = [word for word in re.split(r"[,;\s]+", re.sub(r"\s*-\s*", "-", text.strip())) if word]
    if [word.casefold() for word in words] == ["all"]:
        return list(range(1, count + 1))
    numbers: set[int] = set()
    for word in words:
        match = re.fullmatch(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", word)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last <= count:
            raise UsageError(
                f"'{quotable(word)}' is none of the events 1 to {count}; write numbers such as "
                "1,3-5, or all."
            )
        numbers |= set(range(first, last + 1))
    if not numbers:
        raise UsageError("No event is picked; write numbers such as 1,3-5, or all.")
    return sorted(numbers)


def as_incident(
    number: int, event: SafetyEvent, before: int, after: int, timezone: str, now: datetime
) -> Incident:
    """What is wanted of an event: from so many seconds before it until so many after its end.

    Cut to whole seconds, outwards. What would end in the future ends now.
    """
    start = (event.start - timedelta(seconds=before)).replace(microsecond=0)
    end = event.end + timedelta(seconds=after)
    if end.microsecond:
        end = end.replace(microsecond=0) + timedelta(seconds=1)
    end = min(end, now.replace(microsecond=0), start + timedelta(minutes=LONGEST_MINUTES))
    return Incident(
        row=number,
        vehicle=f"id:{event.vehicle_id}",
        start=start,
        duration=max(1, round((end - start).total_seconds())),
        moment=event.start,
        timezone=timezone,
        event=event,
    )


def as_rows(events: Sequence[SafetyEvent], incidents: Sequence[Incident]) -> list[list[str]]:
    """The events as the rows of a list of incidents, with its header, for a person to edit."""
    rows = [list(SAVED_COLUMNS)]
    for event, one in zip(events, incidents, strict=True):
        moment = event.start.astimezone(UTC).replace(microsecond=0)
        values = (
            *(event.vehicle or one.vehicle, f"{moment:%Y-%m-%dT%H:%M:%SZ}"),
            *(str(round((moment - one.start).total_seconds())), f"{one.duration}s"),
            *(one.timezone, event.id, event.provider.casefold(), "", event.driver),
            *(", ".join(event.labels), event.state, severity_text(event), place_text(event)),
            event.link,
        )
        rows.append(list(map(spreadsheet_cell, values)))
    return rows


def severity_text(event: SafetyEvent) -> str:
    """The greatest acceleration, or the severity in the provider's words; "" for neither."""
    return f"{event.g_force:.2f} g" if event.g_force is not None else event.severity


def place_text(event: SafetyEvent) -> str:
    """The place, or where it is in degrees; "" where neither is known."""
    if event.place or event.latitude is None or event.longitude is None:
        return event.place
    return f"{event.latitude:.5f}, {event.longitude:.5f}"
