"""What the program expects of a provider whose cameras report safety events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from footage.cloud.json_fields import as_number, as_text, as_time
from footage.model import UTC, Camera, SafetyEvent, Window
from footage.system.text import single_line

# Road and driver in one picture, as Motive has it.
BOTH_VIEWS = Camera("dual_facing", "Road and driver")


@dataclass(frozen=True)
class OwnClip:
    """A clip that the provider keeps of an event by itself. When it begins is not told.

    url: where it can be downloaded; a secret, never journalled, printed or logged
    """

    camera: Camera
    url: str = field(repr=False)


class EventSource(Protocol):
    """Lists the safety events of one account."""

    def listed(self, span: Window, vehicle_id: str = "") -> list[SafetyEvent]:
        """The events that began within `span`, each once, the newest first.

        vehicle_id: of this vehicle alone; "" for all
        Raises AuthenticationError where the key may not list them, RequestRefused or
        TransientError.
        """

    def withdrawn(self, events: Sequence[SafetyEvent]) -> set[str]:
        """The ids of those that the provider has taken back since they were listed."""

    def in_cloud(self, events: Sequence[SafetyEvent]) -> Mapping[str, Sequence[str]]:
        """Id of an event -> labels of the cameras of which some footage is in the cloud already.

        It only is advice: events of which the provider does not say are left out.
        """

    def own_clips(self, event: SafetyEvent) -> list[OwnClip]:
        """The clips that are kept of an event by itself, one of each camera, as they were filmed.

        Raises AuthenticationError, RequestRefused, also where there are none, or TransientError.
        """


def moment_of(value: object) -> datetime | None:
    """A time as text, or in milliseconds since 1970; None where it cannot be read."""
    number = as_number(value)
    if number is None:
        return as_time(value)
    try:
        return datetime.fromtimestamp(number / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def text_of(value: object, limit: int = 200) -> str:
    """A text on one line, cut."""
    return single_line(as_text(value), limit)


def link_of(value: object) -> str:
    """A link to a page of the dashboard; "" for what is none."""
    link = text_of(value, 500)
    return link if link.startswith("https://") and " " not in link else ""


def degrees(value: object, most: float) -> float | None:
    """A latitude or longitude of at most so many degrees; None for what is none."""
    number = as_number(value)
    return number if number is not None and abs(number) <= most else None


def newest_first(events: Mapping[str, SafetyEvent], span: Window) -> list[SafetyEvent]:
    """Those that began within `span`."""
    inside = [one for one in events.values() if span.start <= one.start <= span.end]
    return sorted(inside, key=lambda one: (one.start, one.id), reverse=True)
