"""The footage that the benchmarks use: rendered by the simulator, and laid out as a job on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path, PurePosixPath

from footage import model
from footage.media import encoder, probe, timeline
from footage.system.whole_files import digest
from simulator.cameras import CAMERAS as MODELS
from simulator.footage import Content, draw

START = datetime(2025, 4, 16, 13, 30, tzinfo=model.UTC)
VEHICLE = model.Vehicle("1", "Truck 42", file_name="Truck 42")
ROAD = model.Camera("dashcamRoadFacing", "Road")
DRIVER = model.Camera("dashcamDriverFacing", "Driver")
CAMERAS = (ROAD, DRIVER, model.Camera("analog1", "Analog"))


@dataclass(frozen=True)
class Picture:
    """The size of every camera's picture in pixels, and its frames a second."""

    width: int
    height: int
    rate: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height} at {self.rate}/s"


@cache
def minute_of_footage(folder: Path, camera: model.Camera, picture: Picture) -> Path:
    """A file with one minute of `camera`, with sound, rendered at the first call."""
    target = folder / f"{camera.label}-{picture.width}x{picture.height}-{picture.rate}.mp4"
    model = replace(
        MODELS[camera.input],
        width=picture.width,
        height=picture.height,
        fps=float(picture.rate),
        gop=2 * picture.rate,
        sound=True,
    )
    folder.mkdir(parents=True, exist_ok=True)
    draw(Content(VEHICLE.name, model, START, 60.0), target)
    return target


def own_copy(source: Path, target: Path, number: int) -> None:
    """Copy a clip so that no other is the same file: with a number behind the film, in a box that
    players skip. The very same footage twice would be shown once.
    """
    box = (16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big")
    target.write_bytes(source.read_bytes() + box)


def clip_name(camera: model.Camera, window: model.Window) -> str:
    return f"{camera.label}-{window.start:%d-%H-%M}.mp4"


def new_job(minutes: int, folder: Path) -> model.Job:
    """A job of three cameras, planned and not requested yet: one retrieval a camera and minute."""
    job = model.Job(
        provider="Benchmark",
        vehicle=VEHICLE,
        start=START,
        minutes=minutes,
        timezone="UTC",
        cameras=CAMERAS,
        cameras_named=False,
        created=START + timedelta(days=1),
        folder=str(folder.resolve()),
        encoder=encoder.CURRENT,
    )
    job.retrievals = [
        model.Retrieval(window, [model.Media(camera)])
        for window in timeline.minutes(job.span)
        for camera in CAMERAS
    ]
    return job


def fetched_job(minutes: int, picture: Picture, drawn: Path, folder: Path) -> model.Job:
    """The same job with all of its clips in `folder`, each a file of its own."""
    sources = {camera: minute_of_footage(drawn, camera, picture) for camera in CAMERAS}
    return fetched_from(new_job(minutes, folder), sources, folder)


def fetched_from(job: model.Job, sources: Mapping[model.Camera, Path], folder: Path) -> model.Job:
    """Give the job its clips in `folder`: each the film of its camera, in a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    tracks = {camera: probe.probe(path) for camera, path in sources.items()}
    for number, (retrieval, media) in enumerate(job.media()):
        window, camera = retrieval.window, media.camera
        name = clip_name(camera, window)
        own_copy(sources[camera], folder / name, number)
        retrieval.state, retrieval.id = model.RetrievalState.ACCEPTED, "1"
        media.status = model.MediaStatus.AVAILABLE
        media.clip = model.Clip(
            path=PurePosixPath(name),
            window=window,
            start=window.start,
            tracks=tracks[camera],
            size=(folder / name).stat().st_size,
            sha256=digest(folder / name),
        )
        media.start, media.end = media.clip.start, media.clip.end
    return job
