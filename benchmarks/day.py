"""A long job of six cameras against the simulator, whose footage is so small that what costs time
is the program's own work.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path, PurePosixPath

from benchmarks.long_job import Cost, Order
from benchmarks.material import clip_name, own_copy
from benchmarks.measure import bare_ffmpeg
from benchmarks.runs import PROGRAM
from footage.cloud.download import Download
from footage.job import custody
from footage.job.journal import Journal
from footage.media import encoder, probe
from footage.model import (
    Camera,
    Clip,
    Job,
    Media,
    MediaStatus,
    Retrieval,
    RetrievalState,
    Tracks,
    Vehicle,
    Window,
)
from footage.system import filenames
from footage.system.whole_files import digest
from SamsaraAPI import CAMERAS as SAMSARA_CAMERAS
from simulator import CAMERAS, Scenario, Simulator, Truck, Uploaded, start
from simulator.footage import Content

START = datetime(2025, 4, 16, 13, 30, tzinfo=timezone.utc)
INPUTS = tuple(CAMERAS)
_TRUCK = Truck("281474976710042", "Truck 42", INPUTS)
_WITH_SOUND = "dashcamDriverFacing"
_LONGEST = 640.0  # seconds that a run may take


@cache
def small_minute(folder: Path, sound: bool) -> Path:
    """A minute of film, one tiny picture a second."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"small-{'sound' if sound else 'silent'}.mp4"
    arguments = ["-f", "lavfi", "-i", "color=gray:s=64x48:r=1:d=60"]
    if sound:
        arguments += ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-c:a", "aac", "-t", "60"]
    bare_ffmpeg([*arguments, "-c:v", "libx264", "-preset", "ultrafast", str(target)])
    return target


def windows(count: int) -> Iterator[tuple[str, datetime]]:
    """Input and start of so many retrievals, minute after minute."""
    for number in range(count):
        minute, camera = divmod(number, len(INPUTS))
        yield INPUTS[camera], START + timedelta(minutes=minute)


def footage(count: int, drawn: Path, folder: Path) -> Path:
    """A folder with a clip for each of so many retrievals, by camera and time."""
    folder.mkdir(parents=True)
    for number, (name, moment) in enumerate(windows(count)):
        window = Window(moment, moment + timedelta(minutes=1))
        source = small_minute(drawn, name == _WITH_SOUND)
        own_copy(source, folder / clip_name(_camera(name), window), number)
    return folder


def _camera(name: str) -> Camera:
    return next(one for one in SAMSARA_CAMERAS if one.input == name)


def cloud(count: int, drawn: Path, folder: Path, uploaded: int = 0) -> Simulator:
    """A simulator without limits that has a file for each of so many retrievals; the first
    `uploaded` of them were requested before.
    """
    folder.mkdir(parents=True)
    there = [Uploaded(name, moment, trigger="api") for name, moment in windows(uploaded)]
    for number, (name, moment) in enumerate(windows(count)):
        content = Content(_TRUCK.name, CAMERAS[name], moment, 60.0)
        own_copy(small_minute(drawn, name == _WITH_SOUND), folder / content.file_name, number)
    return start(
        Scenario(
            vehicles=[_TRUCK],
            limits={},
            cache=folder,
            delay=0.0,
            quota=1e9,
            uploaded=there,
        )
    )


def run(sim: Simulator, order: Order, folder: Path, options: Sequence[str]) -> Cost:
    """One run of the program; its files are in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    arguments = [*options, "--yes", f"--logs={folder / 'Logs'}", "--poll-seconds=0.5"]
    done = subprocess.run(  # noqa: S603 - this very program
        [sys.executable, "-m", "benchmarks.long_job", json.dumps(asdict(order)), *arguments],
        cwd=PROGRAM,
        env={**os.environ, "SAMSARA_BASE_URL": sim.api_url, "SAMSARA_API_KEY": sim.token},
        stdout=subprocess.PIPE,
        timeout=_LONGEST,
        check=True,
    )
    return Cost(**json.loads(done.stdout))


def half_done(count: int, here: int, drawn: Path, folder: Path) -> list[str]:
    """The options that go on with a job of so many retrievals, written as the program does it: of
    the first `here` the clips are here, and the rest was not requested yet.
    """
    cameras = list(map(_camera, INPUTS))
    videos = folder / "Videos"
    videos.mkdir(parents=True)
    job = Job(
        provider="Samsara",
        vehicle=Vehicle(_TRUCK.id, _TRUCK.name, file_name=_TRUCK.name),
        start=START,
        minutes=count // len(INPUTS),
        timezone="UTC",
        cameras=tuple(cameras),
        cameras_named=True,
        created=datetime.now(timezone.utc),
        folder=str(videos),
        encoder=encoder.CURRENT,
    )
    by_input = {camera.input: camera for camera in cameras}
    job.retrievals = [
        Retrieval(Window(moment, moment + timedelta(minutes=1)), [Media(by_input[name])])
        for name, moment in windows(count)
    ]
    with closing(Journal.create(folder / "Logs", job, f"{START:%Y-%m-%d_%H-%M-%S}")) as journal:
        for number, one in enumerate(job.retrievals[:here]):
            with journal.change(one):
                _bring(journal, one, number, drawn, videos)
        return [f"--resume={journal.path}"]


def _bring(journal: Journal, one: Retrieval, number: int, drawn: Path, videos: Path) -> None:
    """Have the clip of a retrieval on the disk, and in the job as if it had been fetched."""
    media, start = one.media[0], one.window.start
    source = small_minute(drawn, media.camera.input == _WITH_SOUND)
    name = filenames.clip_name(
        media.camera, journal.job.vehicle, start, timezone.utc, one.media_type
    )
    path = videos / name
    own_copy(source, path, number)
    one.requested_at = start
    custody.asked(journal, one)
    one.state, one.id = RetrievalState.ACCEPTED, f"retrieval-{number}"
    custody.accepted(journal, one, f"request-{number}")
    media.status, media.start, media.end = MediaStatus.AVAILABLE, start, one.window.end
    custody.available(journal, one, media)
    size, sha256 = path.stat().st_size, digest(path)
    media.clip = Clip(
        path=PurePosixPath(name),
        window=one.window,
        start=start,
        tracks=_tracks(source),
        size=size,
        sha256=sha256,
        fetched_at=datetime.now(timezone.utc),
        reported=60.0,
    )
    came = Download(path, size, sha256, media.clip.tracks, False, "127.0.0.1", "1A2B3C")
    custody.fetched(journal, one, media.clip, came)


@cache
def _tracks(source: Path) -> Tracks:
    return probe.probe(source)


def new_job(count: int, folder: Path) -> list[str]:
    """The options that ask for so many retrievals."""
    return [
        f"--vehicle={_TRUCK.name}",
        f"--start={START:%m/%d/%Y %H:%M}",
        f"--minutes={count // len(INPUTS)}",
        "--cameras=all",
        "--timezone=UTC",
        f"--output={folder / 'Videos'}",
    ]
