"""Jobs on disk with films that can be played, and the page that the program makes of them.

Each frame of the films carries its moment (see simulator/barcode.py), so a screenshot tells which
one is shown.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from footage.job.job_list import work_folder
from footage.job.journal import Journal, read
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Outputs, clips_in
from footage.job.telemetry_fetch import Track
from footage.media import merge
from footage.model import (
    Camera,
    Clip,
    Job,
    Media,
    MediaStatus,
    Output,
    Reading,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)
from footage.report import evidence
from footage.system import filenames, timezones
from footage.system.threads import StopEvent
from footage.system.whole_files import digest
from footage.telemetry import readings_file
from support.bare_job import bare_job
from support.media import CHICAGO, ROAD, START, Shelf, window

TZ = timezones.zone(CHICAGO)


@dataclass(frozen=True)
class PagedJob:
    """A job with its page: the folder of its files, the journal, and the page's own path."""

    folder: Path
    journal: Path
    page: Path

    @property
    def job(self) -> Job:
        return read(self.journal)

    def file(self, pattern: str) -> Path:
        (found,) = self.folder.glob(pattern)
        return found

    @property
    def text(self) -> str:
        return self.page.read_text("utf-8")


def filmed_job(
    folder: Path, shelf: Shelf, films: Mapping[str, Sequence[Clip]], **changes: Any
) -> Job:
    """A job of one minute whose cameras, by label, have these clips of the shelf.

    A camera without any has failed.
    """
    cameras = tuple(Camera(f"input{number}", label) for number, label in enumerate(films))
    usual: dict[str, Any] = {
        "vehicle": Vehicle("281", "Truck 42", file_name="Truck 42"),
        "start": START,
        "timezone": CHICAGO,
        "cameras": cameras,
        "cameras_named": True,
        "folder": str(folder),
        "created": START + timedelta(days=1),
        "finished": True,
    }
    job = bare_job(**{**usual, **changes})
    for camera in cameras:
        clips = [_clip(job, camera, one, shelf) for one in films[camera.label]]
        job.retrievals += [_answered(camera, clip) for clip in clips]
        if not clips:
            media = Media(camera, MediaStatus.FAILED, 'failed: <b>"disk" & more</b>')
            asked = Window(job.start, job.end)
            job.retrievals.append(Retrieval(asked, [media], state=RetrievalState.ACCEPTED, id="x"))
    return job


def _clip(job: Job, camera: Camera, drawn: Clip, shelf: Shelf) -> Clip:
    """A drawn clip in the job's folder, by the name that the program would give it."""
    name = filenames.clip_name(camera, job.vehicle, drawn.start, TZ)
    shutil.copyfile(shelf.folder / drawn.path, Path(job.folder) / name)
    start = max(drawn.start, job.start)
    seconds = (min(drawn.end, job.end) - start).total_seconds()
    asked = window((start - START).total_seconds(), seconds)
    return replace(drawn, path=PurePosixPath(name), window=asked)


def _answered(camera: Camera, clip: Clip) -> Retrieval:
    media = Media(camera, MediaStatus.AVAILABLE, start=clip.start, end=clip.end, clip=clip)
    return Retrieval(clip.window, [media], state=RetrievalState.ACCEPTED, id=clip.path.name[:20])


def add_films(job: Job, shelf: Shelf, *, side_by_side: bool = True) -> None:
    """Merge the clips of each camera. The Road camera's picture stands for the side-by-side."""
    folder = Path(job.folder)
    for camera in job.cameras:
        clips = job.clips(camera)
        if clips:
            name = filenames.merged_name(
                camera, job.vehicle, job.start, job.length, TZ, job.media_type
            )
            merge.merge(clips, folder, folder / name, job.span, TZ)
            seconds = sum(clip.duration for clip in clips)
            made = _output(job, "merge", name, seconds)
            contents = clips_in(job, [camera])[0]
            job.outputs.append(replace(made, camera=camera.label, contents=contents))
    if side_by_side:
        name = filenames.side_by_side_name(job, TZ)
        film = shelf.clip(ROAD, 0, job.span.seconds)
        shutil.copyfile(shelf.folder / film.path, folder / name)
        job.outputs.append(_output(job, "side-by-side", name, job.span.seconds))


def _output(job: Job, kind: str, name: str, seconds: float) -> Output:
    path = Path(job.folder) / name
    size = path.stat().st_size
    return Output(kind, "", PurePosixPath(name), seconds, size, digest(path), "made from")


def make_page(job: Job, logs: Path, readings: Sequence[Reading] = ()) -> PagedJob:
    """Journal the job, and make its page and list of hashes as a run does at its end."""
    folder = Path(job.folder)
    journal = Journal.create(logs, job, "2025-04-17_10-00-00")
    if readings:
        job.telemetry = True
        readings_file.save(Track(journal, None).path, readings)
    work = work_folder(journal.path, folder)
    work.mkdir()
    outputs = Outputs(journal, folder, work, OtherJobs(journal, folder))
    evidence.make(journal, outputs, StopEvent())
    assert not outputs.failures
    work.rmdir()
    (page,) = [one.path for one in journal.job.outputs if one.kind == "report"]
    journal.close()
    return PagedJob(folder, journal.path, folder / page)


def drive(seconds: Sequence[float]) -> list[Reading]:
    """Readings of a drive to the north-east, ever faster, at these seconds after START."""
    return [
        Reading(START + timedelta(seconds=s), 40 + s / 5000, -90 + s / 5000, s / 2, 45.0, "Elm St")
        for s in seconds
    ]
