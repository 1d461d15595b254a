"""Finished jobs on disk, made in no time: their files are a few bytes, or a second of film."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from footage.job.job_list import work_folder
from footage.job.journal import Journal, read
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Outputs, clips_in
from footage.media import ffmpeg, merge
from footage.media.probe import probe
from footage.model import (
    Clip,
    Job,
    Media,
    MediaStatus,
    Output,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)
from footage.report import evidence
from footage.system import filenames, timezones
from support.bare_job import bare_job
from support.jobs import CAMERAS, START, a_clip

ZONE = "America/Chicago"
TZ = timezones.zone(ZONE)


@dataclass
class KeptJob:
    """A finished job of two cameras, its files and its journal.

    logs, videos: the folders
    path:         the journal
    """

    logs: Path
    videos: Path
    path: Path

    @property
    def files(self) -> list[Path]:
        """What a person sees in the folder of the films."""
        return sorted(one for one in self.videos.iterdir() if not one.name.startswith("."))

    @property
    def hash_list(self) -> Path:
        (name,) = [one.path for one in read(self.path).outputs if one.kind == "hashes"]
        return self.videos / name

    def file(self, pattern: str) -> Path:
        """The one file of a name that fits."""
        (found,) = self.videos.glob(pattern)
        return found

    def change(self, **values: Any) -> None:
        """Change fields of the job in its journal."""
        journal = Journal.open(self.path)
        with journal.change() as job:
            for name, value in values.items():
                setattr(job, name, value)
        journal.close()

    def write_list(self) -> None:
        """Write the list of hashes as a run does at its end."""
        journal = Journal.open(self.path)
        write_list(journal)
        journal.close()


def keep_job(
    folder: Path,
    vehicle: str = "Truck 42",
    *,
    real: bool = False,
    minutes: int = 2,
    when: str = "2025-04-17_10-00-00",
    **changes: Any,
) -> KeptJob:
    """A finished job in `folder`, with a list of its hashes.

    real: clips and merges are films, and not just bytes
    when: in the name of the journal; jobs of one folder need different ones
    """
    videos, logs = folder / "Videos", folder / "Logs"
    videos.mkdir(parents=True, exist_ok=True)
    truck = Vehicle("281", vehicle, file_name=filenames.safe_name(vehicle))
    job = bare_job(
        vehicle=truck,
        start=START,
        minutes=minutes,
        timezone=ZONE,
        cameras=CAMERAS,
        created=START + timedelta(seconds=len(logs_in(logs))),
        folder=str(videos),
        finished=True,
        **changes,
    )
    job.retrievals = [
        _retrieval(job, camera_number, minute, real)
        for camera_number in range(len(CAMERAS))
        for minute in range(minutes)
    ]
    job.outputs = [_merge(job, number, real) for number in range(len(CAMERAS))]
    job.outputs += [
        _made(job, "side-by-side", filenames.side_by_side_name(job, TZ)),
        _made(job, "track", filenames.track_name(truck, START, 60 * minutes, TZ)),
    ]
    journal = Journal.create(logs, job, when)
    write_list(journal)
    journal.close()
    return KeptJob(logs, videos, journal.path)


def logs_in(logs: Path) -> list[Path]:
    return list(logs.glob("request_ids_*.json"))


def write_list(journal: Journal) -> None:
    folder = Path(journal.job.folder)
    work = work_folder(journal.path, folder)
    work.mkdir(exist_ok=True)
    others = OtherJobs(journal, folder)
    evidence.list_hashes(journal, Outputs(journal, folder, work, others))
    work.rmdir()


def _retrieval(job: Job, camera_number: int, minute: int, real: bool) -> Retrieval:
    camera = job.cameras[camera_number]
    start = job.start + timedelta(minutes=minute)
    window = Window(start, start + timedelta(minutes=1))
    name = filenames.clip_name(camera, job.vehicle, start, TZ)
    path = Path(job.folder) / name
    if real:
        path.write_bytes(film(40 * minute + 20 * camera_number))
    elif not path.exists():
        path.write_bytes(f"clip {name}".encode())
    clip = replace(a_clip(window, name), size=path.stat().st_size, sha256=_hash(path))
    if real:
        clip = replace(clip, tracks=probe(path))
    media = Media(camera, MediaStatus.AVAILABLE, start=start, end=window.end, clip=clip)
    number = f"retrieval-{camera.label}-{minute}"
    return Retrieval(window, [media], state=RetrievalState.ACCEPTED, id=number)


def _merge(job: Job, camera_number: int, real: bool) -> Output:
    camera = job.cameras[camera_number]
    name = filenames.merged_name(camera, job.vehicle, job.start, job.length, TZ, job.media_type)
    clips = job.clips(camera)
    if real:
        hues = tuple(40 * minute + 20 * camera_number for minute in range(job.minutes))
        (Path(job.folder) / name).write_bytes(_merged(hues, clips, Path(job.folder), job.span))
    output = _made(job, "merge", name)
    return replace(output, camera=camera.label, contents=clips_in(job, [camera])[0])


_merges: dict[tuple[int, ...], bytes] = {}


def _merged(hues: tuple[int, ...], clips: Sequence[Clip], folder: Path, span: Window) -> bytes:
    """The merge of films of these hues, made once."""
    if hues not in _merges:
        target = folder / "merging.mp4"
        merge.merge(clips, folder, target, span, TZ, stop=threading.Event())
        _merges[hues] = target.read_bytes()
        target.unlink()
    return _merges[hues]


def _made(job: Job, kind: str, name: str) -> Output:
    path = Path(job.folder) / name
    if not path.exists():
        path.write_bytes(f"{kind} {name}".encode())
    size = path.stat().st_size
    return Output(kind, "", PurePosixPath(name), 60.0, size, _hash(path), "made from")


@cache
def film(hue: int) -> bytes:
    """A second of moving picture with sound, another one for each hue."""
    sources = ["-f", "lavfi", "-i", f"testsrc2=s=64x48:r=10:d=1,hue=h={hue}"]
    sources += ["-f", "lavfi", "-i", f"sine=f={300 + 10 * hue}:r=16000:d=1"]
    coded = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        ffmpeg.run([*sources, *coded, str(path)])
        return path.read_bytes()


def _hash(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
