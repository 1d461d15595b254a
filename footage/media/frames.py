"""Single frames of films as small JPEGs, many at once."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from footage.errors import FfmpegError
from footage.media import ffmpeg, packets

log = logging.getLogger("footage.media.frames")

_AT_ONCE = 8  # frames that one ffmpeg takes: to start it costs more than a frame does
_THREADS = 2
_QUALITY = "6"  # of 2 (best) to 31: about 4 kB at a width of 200


@dataclass(frozen=True)
class Frame:
    """A frame to be taken: the first one `seconds` after the first packet of a film, or later."""

    path: Path
    seconds: float


def take(
    frames: Sequence[Frame], width: int, work: Path, stop: threading.Event | None = None
) -> list[bytes | None]:
    """The frames as JPEGs of so many pixels across; None for one that cannot be had.

    work: a folder for what is unfinished

    Raises Interrupted once `stop` is set.
    """
    batches = [frames[n : n + _AT_ONCE] for n in range(0, len(frames), _AT_ONCE)]
    with (
        tempfile.TemporaryDirectory(prefix="frames-", dir=work) as folder,
        ThreadPoolExecutor(_THREADS) as pool,
    ):
        tasks = [
            pool.submit(_take, batch, width, Path(folder) / str(number), stop)
            for number, batch in enumerate(batches)
        ]
        return [picture for task in tasks for picture in task.result()]


def _take(
    frames: Sequence[Frame], width: int, folder: Path, stop: threading.Event | None
) -> list[bytes | None]:
    """What one ffmpeg takes; where a film makes it fail, each frame by one of its own."""
    folder.mkdir()
    inputs: list[str] = []
    outputs: list[str] = []
    paths = [folder / f"{number}.jpg" for number in range(len(frames))]
    for number, frame in enumerate(frames):
        inputs += [*packets.ONE_VIDEO, "-ss", f"{max(0.0, frame.seconds):.6f}"]
        inputs += ["-i", str(frame.path)]
        outputs += ["-map", f"{number}{packets.VIDEO[1:]}", "-frames:v", "1"]
        # The pixels of some cameras are not square.
        outputs += ["-vf", f"scale=iw*sar:ih,scale={width}:-2", "-map_metadata", "-1"]
        # Full range, as JPEG has it: without it some films are refused.
        outputs += ["-pix_fmt", "yuvj420p", "-q:v", _QUALITY, str(paths[number])]
    try:
        ffmpeg.run([*inputs, *outputs], stop=stop)
    except FfmpegError as error:
        if len(frames) > 1:
            singly = [
                _take([frame], width, folder / f"alone-{number}", stop)
                for number, frame in enumerate(frames)
            ]
            return [picture for one in singly for picture in one]
        log.warning("No still of %s: %s", frames[0].path.name, error)
    return [path.read_bytes() if path.is_file() else None for path in paths]
