"""What the finished files of a whole run show and say."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from footage.media import ffmpeg, labels
from footage.media.layout import Tile
from simulator.footage import read_clock
from support.media import chapters, complaints
from support.runs import HEIGHT, WIDTH


def frames(path: Path, width: int, height: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """All frames of a video, in gray: number x height x width."""
    command = [ffmpeg.binary(), "-v", "error", "-i", str(path)]
    command += ["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b"", done.stderr
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width)


def plays(path: Path) -> bool:
    """The whole file decodes, picture and sound, without a complaint."""
    return not complaints(path)


def clocks(path: Path, width: int = WIDTH, height: int = HEIGHT) -> list[datetime | None]:
    """The wall clock in every frame of one camera's file."""
    return [(read_clock(frame) or (0, None))[1] for frame in frames(path, width, height)]


def tile_clock(frame: Any, tile: Tile) -> tuple[int, datetime] | None:
    """Camera number and wall clock of one tile; None where it shows no footage."""
    return read_clock(frame[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width])


def titles(path: Path) -> list[str]:
    """The titles of a file's chapters."""
    return [title for _, _, title in chapters(path)]


def likeness(frame: Any, text: str, tile_height: int) -> float:
    """How much the picture's upper left looks as if `text` were written there."""
    size = labels.text_size(tile_height)
    drawn = np.asarray(labels.label(text, size).convert("L")).astype(float)
    shown = frame[: drawn.shape[0], : drawn.shape[1]].astype(float)
    return float(np.corrcoef(drawn.ravel(), shown.ravel())[0, 1])
