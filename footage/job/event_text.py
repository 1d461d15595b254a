"""What a safety event is, in words: all of it is as the provider says."""

from __future__ import annotations

from datetime import tzinfo

from footage.media.shown_names import event_name
from footage.model import SafetyEvent
from footage.system import timezones
from footage.system.text import single_line, words_of


def title(event: SafetyEvent) -> str:
    """Whose words they are: they are not checked here."""
    return f"Safety event, as said by {event.provider}"


def details(event: SafetyEvent, tz: tzinfo) -> str:
    """All that the provider says of an event, on one line."""
    place = event.place
    if event.latitude is not None and event.longitude is not None:
        place = f"{place} ({event.latitude:.5f}, {event.longitude:.5f})".strip()
    parts = (
        f"{event_name(event)} at {timezones.clock_text(event.start, tz)}",
        f"state: {words_of(event.state).lower()}" if event.state else "",
        f"{event.g_force:.2f} g" if event.g_force is not None else "",
        f"severity: {event.severity}" if event.severity else "",
        f"driver: {event.driver}" if event.driver else "",
        f"place: {place}" if place else "",
        f"link: {event.link}" if event.link else "",
        f"id: {event.id}",
    )
    return ", ".join(single_line(part, 500) for part in parts if part)
