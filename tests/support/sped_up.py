"""Footage that is sped up, or of several minutes, and the jobs that have it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from footage.model import Clip, Job, Media, MediaStatus, MediaType, Retrieval, RetrievalState
from simulator.cameras import CameraModel
from simulator.footage import Content, draw
from support.media import (
    Shelf,
    at,
    imagined,
    job,
    window,
)


def fast(shelf: Shelf, model: CameraModel, start: float, seconds: float, factor: float) -> Clip:
    """A clip that shows so many seconds of the wall clock, each second of its file `factor`."""
    content = Content("Truck 42", model, at(start), seconds, factor)
    path = shelf.folder / content.file_name
    if not path.exists():
        draw(content, path)
    return replace(shelf.known(path, start, window(start, seconds)), factor=factor)


def dreamt(label: str, start: float, seconds: float, factor: float) -> Clip:
    """The same without a file."""
    clip = imagined(start, seconds / factor, window(start, seconds), path=f"{label}{start}")
    return replace(clip, factor=factor)


def trip(
    clips: dict[str, list[Clip]],
    minutes: int,
    *,
    awaited: Iterable[Clip] = (),
    kind: MediaType = MediaType.HYPERLAPSE,
) -> Job:
    """A job of these clips, each under the window it was asked for; `awaited` have not come yet."""
    what = replace(job({label: [] for label in clips}, minutes=minutes), media_type=kind)
    missing = list(awaited)
    what.retrievals = [
        Retrieval(
            clip.window,
            [
                Media(camera, MediaStatus.PENDING)
                if clip in missing
                else Media(camera, MediaStatus.AVAILABLE, clip=clip)
            ],
            kind,
            RetrievalState.ACCEPTED,
        )
        for camera in what.cameras
        for clip in clips[camera.label]
    ]
    return what
