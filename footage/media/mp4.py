"""MP4 files that start at once in a browser, with chapters."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from footage.errors import FfmpegError
from footage.media import ffmpeg

log = logging.getLogger("footage.media.mp4")

# What an MP4's index needs at most for one packet and one chapter, in bytes: so much is kept free
# at the front of the file, so that it starts at once in a browser without being written twice.
_INDEX_PER_PACKET = 48
_INDEX_PER_CHAPTER = 600
_INDEX_FIXED = 100_000

# Ticks a second of the file's own clock. Left to itself, ffmpeg takes one so fine that a chapter
# of a minute overflows its length, and the chapters are lost.
_MOVIE_CLOCK = ("-movie_timescale", "90000")


@dataclass(frozen=True)
class Chapter:
    """A chapter of a finished file: begin and end in seconds from its start, and its title."""

    start: float
    end: float
    title: str


def write_chapters(chapters: Sequence[Chapter], path: Path) -> None:
    """Write chapters in ffmpeg's metadata form (UTF-8)."""
    lines = [";FFMETADATA1"]
    for chapter in chapters:
        title = "".join("\\" + c if c in "=;#\\\n" else c for c in chapter.title)
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={round(chapter.start * 1000)}"]
        lines += [f"END={round(chapter.end * 1000)}", f"title={title}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def index_space(packets: int, chapters: int) -> int:
    """Bytes to keep free at the front of an MP4 for its index."""
    return _INDEX_FIXED + _INDEX_PER_PACKET * packets + _INDEX_PER_CHAPTER * chapters


def write_mp4(
    arguments: Sequence[str],
    space: int,
    part: Path,
    progress: Callable[[float], None] | None,
    stop: threading.Event | None,
) -> None:
    """Run ffmpeg with `arguments` to write an MP4 whose index stands at its front.

    The index goes into `space` bytes kept free; if it does not fit, the file is written the
    slow way, moving everything behind the index at the end.
    """
    try:
        ffmpeg.run(
            [*arguments, *_MOVIE_CLOCK, "-moov_size", str(space), "-f", "mp4", str(part)],
            progress=progress,
            stop=stop,
        )
    except FfmpegError as error:
        if "reserved_moov_size" not in error.detail:
            raise
        log.info("The index did not fit into %d bytes; writing the file again", space)
        ffmpeg.run(
            [*arguments, *_MOVIE_CLOCK, "-movflags", "+faststart", "-f", "mp4", str(part)],
            progress=progress,
            stop=stop,
        )
