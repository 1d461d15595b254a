"""Draws one clip into a file with the ffmpeg that imageio-ffmpeg brings along.

The same clip is always drawn the same: nothing in it depends on the day or the machine.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image

from simulator import picture, sound
from simulator.barcode import Gray, read_clock
from simulator.cameras import CameraModel

__all__ = ["ENCODERS", "Content", "DrawingStoppedError", "draw", "read_clock"]

_VERSION = 3  # raise it when the drawing changes, so that cached clips are not used

# Encoder settings by name. "a" and "b" have the same size and frame rate, and different parameter
# sets (SPS/PPS); "mpeg4" is another codec altogether.
ENCODERS: dict[str, tuple[str, ...]] = {
    "a": ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "23"),
    "b": ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-x264-params", "cabac=1:ref=2"),
    "mpeg4": ("-c:v", "mpeg4", "-q:v", "4"),
}


class DrawingStoppedError(Exception):
    """The simulator was stopped while the clip was being drawn."""


@dataclass(frozen=True)
class Content:
    """What a clip shows.

    start:   UTC
    seconds: of the wall clock; 0 means a still
    pace:    how many times faster than the clock it plays; other than 1 it has no sound
    """

    vehicle: str
    model: CameraModel
    start: datetime
    seconds: float
    pace: float = 1.0

    @property
    def file_name(self) -> str:
        """A name that is the same for the same content, on every machine."""
        digest = sha256(f"{_VERSION} {self!r}".encode()).hexdigest()[:24]
        return f"{digest}.{'mp4' if self.seconds else 'jpeg'}"

    @property
    def count(self) -> int:
        """How many frames the film has, at least one."""
        return max(1, round(self.seconds * self.model.fps / self.pace))

    def frames(self) -> Iterator[Gray]:
        return picture.frames(self.model, self.vehicle, self.start, self.count, self.pace)


def draw(content: Content, target: Path, stopping: Callable[[], bool] = lambda: False) -> None:
    """Draw `content` into the file `target`.

    Raises DrawingStoppedError when `stopping` turns true, RuntimeError when ffmpeg fails.
    """
    if content.seconds:
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            _draw_video(content, target, Path(scratch), stopping)
    else:
        _draw_still(content, target)


def _draw_video(
    content: Content, target: Path, scratch: Path, stopping: Callable[[], bool]
) -> None:
    with (
        (scratch / "errors.txt").open("w+b") as errors,
        subprocess.Popen(  # noqa: S603 - our own binary and arguments
            _command(content, scratch, target), stdin=subprocess.PIPE, stderr=errors
        ) as ffmpeg,
    ):
        assert ffmpeg.stdin is not None  # noqa: S101 - for the type checker: stdin is a pipe
        try:
            for frame in content.frames():
                if stopping():
                    raise DrawingStoppedError
                ffmpeg.stdin.write(frame.data)
        except OSError:
            pass  # ffmpeg ended early; its exit status and messages are read below
        except BaseException:
            ffmpeg.kill()
            raise
        finally:
            with suppress(OSError):
                ffmpeg.stdin.close()
        if ffmpeg.wait() != 0:
            errors.seek(0)
            raise RuntimeError(f"ffmpeg failed: {errors.read().decode('utf-8', 'replace')}")


def _command(content: Content, scratch: Path, target: Path) -> list[str]:
    import imageio_ffmpeg

    model = content.model
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", "-threads", "1"]
    command += ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{model.width}x{model.height}"]
    command += ["-framerate", f"{model.fps:.10g}", "-i", "pipe:0"]
    if model.sound and content.pace == 1:
        raw = scratch / "sound.raw"
        raw.write_bytes(sound.samples(model.tone, content.start, content.seconds).tobytes())
        command += ["-f", "s16le", "-ar", str(sound.SAMPLE_RATE), "-ac", "1", "-i", str(raw)]
        command += ["-c:a", "aac", "-b:a", "48k", "-aac_coder", "fast"]
    command += [
        *ENCODERS[model.encoder],
        "-g",
        str(model.gop),
        "-pix_fmt",
        "yuv420p",
        "-threads",
        "2",
    ]
    command += ["-fflags", "+bitexact", "-flags", "+bitexact", "-movflags", "+faststart"]
    return [*command, "-f", "mp4", str(target)]


def _draw_still(content: Content, target: Path) -> None:
    model = content.model
    frame = next(content.frames())
    luma, chroma = np.split(frame, [model.height * model.width])
    planes = chroma.reshape(2, model.height // 2, model.width // 2)
    parts = [luma.reshape(model.height, model.width), *planes.repeat(2, axis=1).repeat(2, axis=2)]
    still = Image.merge("YCbCr", [Image.fromarray(part) for part in parts])
    still.save(target, "JPEG", quality=90)
