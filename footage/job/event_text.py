"""What a safety event is, in words: all of it is as the provider says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import tzinfo

from footage.model import SafetyEvent
from footage.system import timezones
from footage.system.text import single_line


def shown_label(label: str) -> str:
    """A label in words: "HarshTurn" and "harsh_turn" are "Harsh turn"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|_+", " ", label).strip()
    return apart[:1].upper() + apart[1:].lower()


def shown_labels(event: SafetyEvent) -> str:
    return ", ".join(map(shown_label, event.labels)) or "Without a label"


def sentence(event: SafetyEvent, tz: tzinfo) -> str:
    """All that the provider says of an event, in one sentence."""
    place = event.place
    if event.latitude is not None and event.longitude is not None:
        place = " ".join(filter(None, [place, f"({event.latitude:.5f}, {event.longitude:.5f})"]))
    parts: Sequence[str] = (
        f"{shown_labels(event)} at {timezones.clock_text(event.start, tz)}",
        f"state: {shown_label(event.state).lower()}" if event.state else "",
        f"{event.g_force:.2f} g" if event.g_force is not None else "",
        f"severity: {event.severity}" if event.severity else "",
        f"driver: {event.driver}" if event.driver else "",
        f"place: {place}" if place else "",
        f"link: {event.link}" if event.link else "",
        f"id: {event.id}",
    )
    said = ", ".join(single_line(part, 500) for part in parts if part)
    return f"Safety event, as said by {event.provider}: {said}"
