"""Small clips drawn once, and what a finished file really shows and sounds like.

Everything is read back through the ffmpeg that the program ships, from the file's own packets.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from hashlib import sha256
from pathlib import Path, PurePath

import numpy as np
import numpy.typing as npt
import pytest

from footage import model
from footage.media import encoder, ffmpeg, probe
from footage.system.whole_files import digest
from simulator.cameras import CameraModel
from simulator.footage import Content, draw

Samples = npt.NDArray[np.int16]
Frames = npt.NDArray[np.uint8]

START = datetime(2025, 3, 1, 13, 30, tzinfo=timezone.utc)
CHICAGO = "America/Chicago"

# Cameras as small as their clock stays readable; tests change what they are about.
ROAD = CameraModel("Road", 1, 160, 120, fps=5, tone=440, sound=True, colour=(160, 90))
DRIVER = CameraModel("Driver", 2, 160, 120, fps=5, tone=880, sound=True, colour=(90, 165))
ANALOG = CameraModel("Analog", 3, 160, 120, fps=5, tone=660, colour=(95, 95))


def at(seconds: float) -> datetime:
    """The wall clock so many seconds after START."""
    return START + timedelta(seconds=seconds)


def window(start: float, seconds: float = 60) -> model.Window:
    return model.Window(at(start), at(start + seconds))


def shelf_of(factory: pytest.TempPathFactory) -> Shelf:
    """The one shelf of this test session, for all processes that run its tests."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each process has a folder in that of the session
        folder = folder.parent
    folder = folder / "shelf"
    folder.mkdir(exist_ok=True)
    return Shelf(folder)


# --- clips ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shelf:
    """Drawn clips in one folder; the same clip is drawn once."""

    folder: Path

    def clip(
        self, model: CameraModel, start: float, seconds: float, asked: model.Window | None = None
    ) -> model.Clip:
        """A clip whose first frame shows START + `start`."""
        content = Content("Truck 42", model, at(start), seconds)
        path = self.folder / content.file_name
        self._make(path, lambda part: draw(content, part))
        return self.known(path, start, asked)

    def _make(self, path: Path, make: Callable[[Path], object]) -> None:
        """Have the file made, unless it is there; another process may be at the same one."""
        if path.exists():
            return
        part = path.with_name(f"{os.getpid()}-{threading.get_ident()}-{path.name}")
        make(part)
        try:
            part.replace(path)
        except PermissionError:  # on Windows, where another process has made and opened it
            assert path.exists()

    def clips(
        self,
        model: CameraModel,
        places: Sequence[tuple[float, float]],
        asked: model.Window | None = None,
    ) -> list[model.Clip]:
        """Several clips: (start, seconds) each."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda place: self.clip(model, place[0], place[1], asked), places))

    def known(self, path: Path, start: float, asked: model.Window | None = None) -> model.Clip:
        """A file on the shelf as a clip."""
        tracks = probe.probe(path)
        asked = asked or model.Window(at(start), at(start + tracks.video.duration))
        return model.Clip(
            path=PurePath(path.relative_to(self.folder)),
            window=asked,
            start=at(start),
            tracks=tracks,
            size=path.stat().st_size,
            sha256=digest(path),
        )

    def changed(self, clip: model.Clip, *arguments: str, ending: str = "mp4") -> model.Clip:
        """The clip after ffmpeg has made something else of it; -c copy unless told otherwise."""
        key = sha256(repr((clip.sha256, arguments)).encode()).hexdigest()[:24]
        path = self.folder / f"{key}.{ending}"
        source = str(self.folder / clip.path)
        options = ["-i", source, "-map", "0", "-c", "copy", *arguments]
        self._make(path, lambda part: ffmpeg.run([*options, str(part)]))
        start = (clip.start - START).total_seconds()
        return self.known(path, start, clip.window)


def imagined(
    start: float,
    seconds: float,
    asked: model.Window | None = None,
    *,
    path: str = "",
    sound: bool = True,
) -> model.Clip:
    """A clip of which there is no file, for what only counts and compares."""
    video = model.VideoTrack(
        codec="h264",
        width=160,
        height=120,
        aspect="1/1",
        rate=Fraction(15),
        time_base=Fraction(1, 15360),
        frames=round(seconds * 15),
        duration=seconds,
    )
    audio = model.AudioTrack("aac", 48_000, "mono", 0.0, round(seconds * 48_000 / 1024), 1024)
    name = path or f"{start}-{seconds}.mp4"
    return model.Clip(
        path=PurePath(name),
        window=asked or model.Window(at(start), at(start + seconds)),
        start=at(start),
        tracks=model.Tracks(video, audio if sound else None),
        size=1000,
        sha256=sha256(name.encode()).hexdigest(),
    )


# --- jobs -----------------------------------------------------------------------------------------


def job(
    clips: Mapping[str, Iterable[model.Clip]],
    minutes: int = 1,
    *,
    name: str = "Truck 42",
    awaited: Iterable[tuple[str, int]] = (),
) -> model.Job:
    """A job whose cameras, by label, have these clips, each under the minute it was asked for.

    awaited: (label, minute) whose footage may still come; anything else is missing for good
    """
    cameras = tuple(model.Camera(f"input{n}", label) for n, label in enumerate(clips))
    pending = set(awaited)
    retrievals: list[model.Retrieval] = []
    for camera in cameras:
        own = list(clips[camera.label])
        for minute in range(minutes):
            asked = window(60 * minute)
            found = [clip for clip in own if clip.window == asked]
            status = (
                model.MediaStatus.PENDING
                if (camera.label, minute) in pending
                else model.MediaStatus.FAILED
            )
            media = model.Media(camera, model.MediaStatus.AVAILABLE if found else status)
            media.clip = found[0] if found else None
            retrievals.append(model.Retrieval(asked, [media], state=model.RetrievalState.ACCEPTED))
    return model.Job(
        provider="samsara",
        vehicle=model.Vehicle("1", name),
        start=START,
        minutes=minutes,
        timezone=CHICAGO,
        cameras=cameras,
        cameras_named=True,
        created=START + timedelta(days=1),
        folder="",
        encoder=encoder.CURRENT,
        retrievals=retrievals,
    )


# --- what a file holds ----------------------------------------------------------------------------


def listing(*arguments: str) -> list[list[str]]:
    """The packet lines of a framecrc or framemd5 listing, cut into their columns."""
    lines = ffmpeg.run([*arguments, "-"]).splitlines()
    return [[cell.strip() for cell in line.split(",")] for line in lines if line[:1].isdigit()]


def packet_sums(path: Path, kind: str = "v") -> list[str]:
    """The checksum of every packet as it stands in the file.

    For H.264 without the parameter sets, which joining repeats at key frames: the pictures alone.
    """
    pictures = ["-bsf:v", "filter_units=remove_types=6-9"] if kind == "v" else []
    found = listing(
        *("-i", str(path), "-map", f"0:{kind}:0", "-c", "copy", *pictures, "-f", "framecrc")
    )
    return [line[5] for line in found]


def frame_sums(path: Path) -> list[str]:
    """The checksum of every frame that the file decodes to, none dropped or repeated."""
    found = listing("-i", str(path), "-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5")
    return [line[5] for line in found]


def complaints(path: Path) -> str:
    """What ffmpeg has to say about a file when it decodes all of it; "" is a sound file."""
    command = [ffmpeg.binary(), "-nostdin", "-v", "error", "-xerror", "-i", str(path)]
    # Counted as finely as the file does: frames at uneven times are no reason to complain.
    command += ["-map", "0", "-fps_mode", "passthrough", "-enc_time_base:v", "demux"]
    done = subprocess.run(
        [*command, "-f", "null", "-"], capture_output=True, text=True, check=False
    )
    return done.stderr + ("" if done.returncode == 0 else f"status {done.returncode}")


def frames(path: Path, size: tuple[int, int], *, every: int = 1) -> tuple[list[float], Frames]:
    """The time stamps (seconds) and the pictures (gray, count x height x width) of a file."""
    width, height = size
    pick = ["-vf", f"select=not(mod(n\\,{every}))"] if every > 1 else []
    stamps = listing(
        *("-i", str(path), "-map", "0:v:0", *pick, "-fps_mode", "passthrough"),
        *("-enc_time_base", "1:90000", "-f", "framecrc"),
    )
    return [int(line[2]) / 90_000 for line in stamps], raw(path, pick, "gray").reshape(
        -1, height, width
    )


def colours(path: Path, size: tuple[int, int], moment: float) -> Frames:
    """One picture of a file (height x width x RGB) at `moment` seconds."""
    width, height = size
    picture = raw(path, ["-ss", f"{moment:.3f}", "-frames:v", "1"], "rgb24")
    return picture.reshape(height, width, 3)


def raw(path: Path, options: Sequence[str], pixels: str) -> Frames:
    command = [ffmpeg.binary(), "-nostdin", "-v", "error", "-i", str(path), "-map", "0:v:0"]
    command += [*options, "-fps_mode", "passthrough", "-pix_fmt", pixels, "-f", "rawvideo", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8)


def played(path: Path, rate: int = 16_000) -> Samples:
    """The sound as a player hears it that plays packet after packet and looks at no time stamp."""
    command = [ffmpeg.binary(), "-nostdin", "-v", "error", "-i", str(path), "-map", "0:a:0"]
    # Without -ar: a resampler told nothing of time stamps must not fill or cut anything.
    command += ["-af", f"asetpts=N/SR/TB,aresample={rate}", "-ac", "1", "-f", "s16le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.int16)


def stamped(path: Path) -> tuple[Samples, int]:
    """The sound with each decoded frame laid where its time stamp says; and samples a second."""
    audio = probe.probe(path).audio
    assert audio is not None
    rate = audio.sample_rate
    lines = listing(
        *("-i", str(path), "-map", "0:a:0", "-c:a", "pcm_s16le", "-ac", "1", "-f", "framecrc")
    )
    command = [ffmpeg.binary(), "-nostdin", "-v", "error", "-i", str(path), "-map", "0:a:0"]
    done = subprocess.run(
        [*command, "-ac", "1", "-f", "s16le", "-"], capture_output=True, check=True
    )
    sound = np.frombuffer(done.stdout, np.int16)
    places = [int(line[2]) for line in lines]
    counts = [int(line[4]) // 2 for line in lines]
    assert sum(counts) == len(sound)
    laid = np.zeros(max(p + n for p, n in zip(places, counts, strict=True)), np.int16)
    taken = 0
    for place, count in zip(places, counts, strict=True):
        begin = max(0, -place)
        laid[max(0, place) : place + count] = sound[taken + begin : taken + count]
        taken += count
    return laid, rate


def beeps(sound: Samples, rate: int) -> list[float]:
    """When (seconds) each beep begins that follows at least a fifth of a second of quiet."""
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > 3000)
    if not len(loud):
        return []
    begins = loud[np.flatnonzero(np.diff(loud, prepend=-rate) > rate // 5)]
    return [float(sample) / rate for sample in begins]


def chapters(path: Path) -> list[tuple[float, float, str]]:
    """The chapters that a player sees: begin and end in seconds, and title."""
    found: list[tuple[float, float, str]] = []
    text = ffmpeg.run(["-i", str(path), "-f", "ffmetadata", "-"])
    for block in text.split("[CHAPTER]\n")[1:]:
        facts = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        base = Fraction(facts["TIMEBASE"])
        title = facts["title"].replace("\\", "")
        found.append((float(int(facts["START"]) * base), float(int(facts["END"]) * base), title))
    return found


def starts_at_once(path: Path) -> bool:
    """The index (moov) stands before the pictures (mdat)."""
    data, at_byte, order = path.read_bytes(), 0, []
    while at_byte < len(data):
        size = int.from_bytes(data[at_byte : at_byte + 4], "big")
        order.append(data[at_byte + 4 : at_byte + 8])
        if size == 1:
            size = int.from_bytes(data[at_byte + 8 : at_byte + 16], "big")
        at_byte += size if size else len(data)
    return order.index(b"moov") < order.index(b"mdat")
