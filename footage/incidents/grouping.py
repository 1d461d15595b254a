"""Incidents of one vehicle whose footage overlaps become one job: no minute is paid for twice."""

from __future__ import annotations

from collections.abc import Sequence
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


def groups(found: Sequence[Found]) -> list[Group]:
    """The jobs, the earliest first: that is overwritten first in the camera.

    Windows that touch are joined as well, as long as the whole does not last longer than a day.
    """
    made: list[Group] = []
    longest = timedelta(minutes=LONGEST_MINUTES)
    last: dict[tuple[object, ...], int] = {}
    for one in sorted(found, key=lambda each: (each.incident.start, each.incident.row)):
        place = last.get(one.alike)
        if place is not None:
            before = made[place]
            end = before.start + timedelta(seconds=before.duration)
            if one.incident.start <= end and one.incident.end - before.start <= longest:
                made[place] = Group((*before.members, one))
                continue
        last[one.alike] = len(made)
        made.append(Group((one,)))
    return made
