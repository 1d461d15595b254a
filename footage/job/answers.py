"""What a job is made of: the answers to the questions, whoever or whatever gave them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from footage.model import Camera, MediaType, Vehicle


@dataclass(frozen=True)
class Answers:
    """All of it settled and checked; the fields mean what those of `Job` of the same name do."""

    vehicle: Vehicle
    start: datetime
    minutes: int
    timezone: str
    cameras: tuple[Camera, ...]
    cameras_named: bool
    folder: Path
    region: str
    labels: bool
    media_type: MediaType
    every: float
    units: str
    telemetry: bool
    reuse: bool
