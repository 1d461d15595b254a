"""Jobs of stills, on the disk and imagined."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any

from PIL import Image

from footage import model
from footage.media import stills
from footage.media.contact_sheet_plan import (
    Sheet,
    plan_sheet,
)
from footage.system import timezones
from footage.system.whole_files import digest

CHICAGO = timezones.zone("America/Chicago")


START = datetime(2025, 4, 16, 18, 30, tzinfo=model.UTC)


LABELS = ("Road", "Driver", "Analog 1", "Analog 2", "Analog 3", "Analog 4")


RED, GREEN, BLUE, BLACK = (200, 30, 30), (30, 180, 30), (30, 30, 200), (0, 0, 0)


PAPER = (255, 255, 255)


Colour = tuple[int, int, int]


Stills = dict[tuple[str, int], model.Clip]  # by the camera's label and the number of the row


def camera(label: str) -> model.Camera:
    return model.Camera(f"input of {label}", label)


def moment(row: int, every: float = 60, start: datetime = START) -> datetime:
    return start + timedelta(seconds=row * every)


def still(
    folder: Path, colour: Colour, start: datetime, size: tuple[int, int] = (64, 36), **how: Any
) -> model.Clip:
    """A picture of one colour on the disk."""
    name = sha256(f"{colour} {start} {size} {how}".encode()).hexdigest()[:16] + ".jpg"
    Image.new("RGB", size, colour).save(folder / name, "JPEG", **how)
    tracks, checksum = stills.probe(folder / name), digest(folder / name)
    size_ = (folder / name).stat().st_size
    return model.Clip(PurePath(name), model.Window(start, start), start, tracks, size_, checksum)


def imagined(start: datetime, size: tuple[int, int] = (640, 360)) -> model.Clip:
    """A still of which there is no file, for what is only planned."""
    video = model.VideoTrack(
        "mjpeg", *size, "1/1", Fraction(1), Fraction(1), frames=1, duration=0.0
    )
    checksum = sha256(f"{start} {size}".encode()).hexdigest()
    return model.Clip(
        PurePath("none"), model.Window(start, start), start, model.Tracks(video, None), 1, checksum
    )


def job(
    found: Stills,
    rows: int,
    labels: Iterable[str] = LABELS[:3],
    *,
    every: float = 60,
    start: datetime = START,
    name: str = "Truck 42",
) -> model.Job:
    """A job that asked for every camera's still at every moment, and got those of `found`."""
    cameras = tuple(camera(label) for label in labels)
    retrievals = []
    for row in range(rows):
        for one in cameras:
            clip = found.get((one.label, row))
            media = model.Media(
                one, model.MediaStatus.AVAILABLE if clip else model.MediaStatus.FAILED, clip=clip
            )
            when = moment(row, every, start)
            retrievals.append(
                model.Retrieval(
                    model.Window(when, when),
                    [media],
                    model.MediaType.IMAGE,
                    model.RetrievalState.ACCEPTED,
                )
            )
    return model.Job(
        provider="samsara",
        vehicle=model.Vehicle("1", name),
        start=start,
        minutes=max(1, int(rows * every // 60)),
        timezone="America/Chicago",
        cameras=cameras,
        cameras_named=True,
        created=start,
        folder="",
        media_type=model.MediaType.IMAGE,
        every=every,
        retrievals=retrievals,
    )


def planned(job: model.Job) -> Sheet:
    return plan_sheet(job, (), Path(), CHICAGO)
