"""Incidents of one vehicle whose footage overlaps become one job: no minute is paid for twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from footage.incidents.rows import Incident
from footage.model import Camera, MediaType, SafetyEvent, Vehicle, Window
from footage.system.durations import LONGEST_MINUTES


@dataclass(frozen=True)
class Found:
    """An incident with what its words mean: the provider's key, the vehicle and the cameras."""

    incident: Incident
    provider: str
    vehicle: Vehicle
    cameras: tuple[Camera, ...]
    cameras_named: bool
    media: MediaType

    @property
    def alike(self) -> tuple[object, ...]:
        """Equal for incidents that one job can be of."""
        return self.provider, self.vehicle.id, self.cameras, self.media


@dataclass(frozen=True)
class Group:
    """Incidents that are one job, in order of time."""

    members: tuple[Found, ...]

    @property
    def first(self) -> Found:
        return self.members[0]

    @property
    def start(self) -> datetime:
        return self.first.incident.start

    @property
    def duration(self) -> int:
        """Seconds from the start of the first to the end of the last."""
        end = max(one.incident.end for one in self.members)
        return round((end - self.start).total_seconds())

    @property
    def span(self) -> Window:
        return Window(self.start, self.start + timedelta(seconds=self.duration))

    @property
    def rows(self) -> tuple[int, ...]:
        return tuple(sorted(one.incident.row for one in self.members))

    @property
    def events(self) -> tuple[SafetyEvent, ...]:
        return tuple(one.incident.event for one in self.members if one.incident.event)

    @property
    def reference(self) -> str:
        """Those of all rows, each once."""
        return ", ".join(dict.fromkeys(one.incident.reference for one in self.members)).strip(", ")


# What the provider is asked for, for a time of such an incident: it may know whole minutes only.
Requested = Callable[[Found, Window], Window]


def groups(found: Sequence[Found], requested: Requested) -> list[Group]:
    """The jobs, the earliest first: that is overwritten first in the camera.

    Joined is what is requested together: windows that overlap or touch, also where they only do so
    once they are whole minutes. No job gets longer than a day by that.
    """
    made: dict[tuple[object, ...], list[Group]] = {}
    for one in sorted(found, key=lambda each: (each.incident.start, each.incident.row)):
        of_it = made.setdefault(one.alike, [])
        of_it.append(Group((one,)))
        # What was joined may be requested from an earlier minute on, and touch the one before.
        while len(of_it) > 1 and _belong_together(of_it[-2], of_it[-1], requested):
            last = of_it.pop()
            of_it[-1] = Group((*of_it[-1].members, *last.members))
    every = [group for of_it in made.values() for group in of_it]
    return sorted(every, key=lambda group: (group.start, group.first.incident.row))


def _belong_together(one: Group, later: Group, requested: Requested) -> bool:
    whole = Group((*one.members, *later.members))
    if whole.duration > 60 * LONGEST_MINUTES:
        return False
    return requested(later.first, later.span).start <= requested(one.first, one.span).end
