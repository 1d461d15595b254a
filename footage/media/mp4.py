"""MP4 files that start at once in a browser, with chapters and with what they say of themselves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from footage.errors import FfmpegError
from footage.media import ffmpeg
from footage.model import UTC
from footage.system.text import single_line

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


@dataclass(frozen=True)
class Tags:
    """What a finished file says of itself to players.

    created: when what it shows was filmed; an MP4 keeps whole seconds of it
    """

    title: str
    created: datetime
    comment: str


def with_moments(
    chapters: Sequence[Chapter], moments: Iterable[tuple[float, str]]
) -> list[Chapter]:
    """The chapters, and one more from each moment on, in seconds, to the end of the one it is in.

    One that is less than a second away from the beginning of a chapter gives it its title. Those
    that are in no chapter are left out.
    """
    result = list(chapters)
    for at, title in sorted(moments):
        place = next((n for n, one in enumerate(result) if one.start <= at < one.end), None)
        if place is None:
            continue
        around = result[place]
        if at - around.start < 1:
            result[place] = replace(around, title=title)
        else:
            result[place : place + 1] = [replace(around, end=at), Chapter(at, around.end, title)]
    return result


def write_metadata(tags: Tags | None, chapters: Sequence[Chapter], path: Path) -> None:
    """Write tags and chapters in ffmpeg's metadata form (UTF-8)."""
    lines = [";FFMETADATA1"]
    if tags is not None:
        created = tags.created.astimezone(UTC).replace(microsecond=0, tzinfo=None)
        lines += [f"title={_escaped(tags.title)}", f"creation_time={created.isoformat()}Z"]
        lines += [f"comment={_escaped(tags.comment)}"]
    for chapter in chapters:
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={round(chapter.start * 1000)}"]
        lines += [f"END={round(chapter.end * 1000)}", f"title={_escaped(chapter.title)}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _escaped(text: str) -> str:
    """A text on one line of ffmpeg's metadata form, whatever a vehicle is called."""
    line = "".join("\\" + c if c in "=;#\\" else c for c in single_line(text, None))
    # ffmpeg takes a line that ends in a backslash as going on in the next, even an escaped one.
    return f"{line} " if line.endswith("\\") else line


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
