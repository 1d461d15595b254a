"""What a job is made of: the answers to the questions, whoever or whatever gave them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from footage.model import Arrangement, Camera, MediaType, SafetyEvent, Vehicle


@dataclass(frozen=True)
class Answers:
    """All of it settled and checked; each field is the one of `Job` of the same name."""

    vehicle: Vehicle
    start: datetime
    minutes: int
    timezone: str
    cameras: tuple[Camera, ...]
    cameras_named: bool
    folder: str
    region: str
    labels: bool
    layout: Arrangement
    size: tuple[int, int] | None
    media_type: MediaType
    every: float
    units: str
    telemetry: bool
    reuse: bool
    clock_offset: float = 0.0
    own_folder: bool = False
    seconds: int = 0
    reference: str = ""
    incident_list: str = ""
    incident_rows: tuple[int, ...] = ()
    events: tuple[SafetyEvent, ...] = ()
