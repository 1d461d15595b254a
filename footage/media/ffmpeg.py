"""The only door to the ffmpeg that moviepy ships: where it is, how it is run, what a file holds."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from footage.errors import DiskError, FfmpegError, Interrupted, NotAVideo
from footage.model import AudioTrack, Tracks, VideoTrack

log = logging.getLogger("footage.media.ffmpeg")

# Only these containers of video are opened, and only as the one file they are: to ffmpeg a list of
# other files or addresses is a video as well, and what a server delivered is not to be trusted.
_ONE_VIDEO = ("-format_whitelist", "mov,matroska,mpegts,mpeg,avi", "-protocol_whitelist", "file")

# Frame rates cameras really have; a measured one this close (0.5 %) is taken to be it.
_COMMON_RATES = [Fraction(n) for n in (1, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60)] + [
    Fraction(n * 1000, 1001) for n in (15, 24, 30, 60)
]

# A file of one such picture is a photograph, to which ffmpeg gives a length of its own.
_STILLS = ("mjpeg", "png", "webp", "gif", "bmp")


@lru_cache(maxsize=1)
def binary() -> str:
    """The path of the ffmpeg that moviepy uses; `IMAGEIO_FFMPEG_EXE` can name another."""
    from imageio_ffmpeg import get_ffmpeg_exe

    return str(get_ffmpeg_exe())


def run(
    arguments: Sequence[str],
    *,
    stdin: bytes | None = None,
    progress: Callable[[float], None] | None = None,
    stop: threading.Event | None = None,
) -> str:
    """Run ffmpeg to its end and return what it wrote to standard output.

    stdin:    bytes given to it as `pipe:0`
    progress: called with the seconds of output written so far
    stop:     when set, ffmpeg is killed and Interrupted raised

    Raises FfmpegError when it ends with an error, with its last words as `detail`.
    """
    command = [binary(), "-hide_banner", "-v", "error", "-y"]
    command += [] if stdin is not None else ["-nostdin"]
    command += ["-progress", "pipe:1", "-nostats"] if progress else []
    command += arguments
    log.debug("ffmpeg %s", " ".join(command[1:]))
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - a list, no shell; the binary is moviepy's own
            command,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        ended = threading.Event()
        helpers = [threading.Thread(target=_kill_on, args=(stop, ended, process), daemon=True)]
        if stdin is not None:
            helpers.append(threading.Thread(target=_feed, args=(process, stdin), daemon=True))
        for helper in helpers:
            helper.start()
        try:
            output = _read(process, progress)
            status = process.wait()
        finally:
            ended.set()
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        errors.seek(0)
        detail = errors.read().decode("utf-8", "replace").strip()
    if stop is not None and stop.is_set():
        raise Interrupted("Stopped while working on a video.")
    if status != 0:
        log.error("ffmpeg ended with status %s: %s", status, detail)
        _raise_disk_error(detail)
        raise FfmpegError(_last_words(detail), detail)
    if detail:
        log.debug("ffmpeg said: %s", detail)
    return output


def _read(process: subprocess.Popen[bytes], progress: Callable[[float], None] | None) -> str:
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    lines: list[str] = []
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace")
        if progress is None:
            lines.append(line)
        elif line.startswith("out_time_us="):
            value = line.partition("=")[2].strip()
            if value.lstrip("-").isdigit():
                progress(max(0.0, int(value) / 1e6))
    return "".join(lines)


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None  # noqa: S101 - it was opened as a pipe
    try:
        with process.stdin:
            process.stdin.write(data)
    except OSError:  # ffmpeg ended first; its exit status tells why
        log.debug("ffmpeg closed its input early")


def _kill_on(
    stop: threading.Event | None, ended: threading.Event, process: subprocess.Popen[bytes]
) -> None:
    while stop is not None and not ended.wait(0.1):
        if stop.is_set():
            process.kill()
            return


def _raise_disk_error(detail: str) -> None:
    """What the system says through ffmpeg about the disk, as it would say it to us."""
    for number in (errno.ENOSPC, errno.EROFS, errno.EACCES):
        if os.strerror(number) in detail:
            raise DiskError(
                f"The video tool could not write: {os.strerror(number).lower()}. "
                "Make room, or allow writing there, and start again."
            )


def _last_words(detail: str) -> str:
    last = detail.splitlines()[-1] if detail else "no reason given"
    return f"The video tool (ffmpeg) could not do its work: {last}"


# --- what a file holds ----------------------------------------------------------------------------


@dataclass
class _Stream:
    """One stream while its packets are counted; times in units of its time base."""

    facts: dict[str, str] = field(default_factory=dict)
    pts: list[int] = field(default_factory=list)
    durations: Counter[int] = field(default_factory=Counter)
    end: int = 0

    @property
    def time_base(self) -> Fraction:
        return Fraction(self.facts["tb"])


def probe(path: Path, stop: threading.Event | None = None) -> Tracks:
    """Read every packet of a file and tell what it holds, and how long its picture really is.

    The source is ffmpeg's `framecrc` listing of the copied packets: a documented, structured
    form. Raises NotAVideo when there is no picture in it that can be shown.
    """
    try:
        listing = run(
            # Without -xerror a file that ends in the middle of a frame is no error to ffmpeg.
            ["-xerror", *_ONE_VIDEO, "-i", str(path), "-map", "0:v:0", "-map", "0:a:0?"]
            + ["-c", "copy", "-f", "framecrc", "-"],
            stop=stop,
        )
        streams = _parse_framecrc(listing)
        # The packets are there; now see that at least one of them is a picture.
        shown = run(
            [
                *_ONE_VIDEO,
                "-i",
                str(path),
                "-map",
                "0:v:0",
                "-frames:v",
                "1",
                "-f",
                "framecrc",
                "-",
            ],
            stop=stop,
        )
    except FfmpegError as error:
        raise NotAVideo("The file is not playable video.") from error
    video = next((s for s in streams if s.facts.get("media_type") == "video"), None)
    audio = next((s for s in streams if s.facts.get("media_type") == "audio"), None)
    if video is None or not video.pts or not any(_is_packet(line) for line in shown.splitlines()):
        raise NotAVideo("The file holds no video.")
    return Tracks(_video_track(video), _audio_track(audio) if audio else None)


def _is_packet(line: str) -> bool:
    return bool(line) and not line.startswith("#")


def _parse_framecrc(listing: str) -> list[_Stream]:
    streams: dict[int, _Stream] = {}
    for line in listing.splitlines():
        if _is_packet(line):
            number, _, pts, duration = (int(text) for text in line.split(",")[:4])
            stream = streams.setdefault(number, _Stream())
            stream.pts.append(pts)
            stream.durations[duration] += 1
            stream.end = max(stream.end, pts + duration)
        elif ":" in line:
            name, _, value = line.lstrip("#").partition(":")
            key, _, number_text = name.partition(" ")
            if number_text.isdigit():
                streams.setdefault(int(number_text), _Stream()).facts[key] = value.strip()
    return [streams[number] for number in sorted(streams)]


def _seconds(stream: _Stream, ticks: int) -> float:
    return float(ticks * stream.time_base)


def _video_track(stream: _Stream) -> VideoTrack:
    width, height = (int(text) for text in stream.facts["dimensions"].split("x"))
    first, frames = min(stream.pts), len(stream.pts)
    end = stream.end
    if frames > 1 and stream.pts and max(stream.pts) == end:  # the last has no length of its own
        end += round((end - first) / (frames - 1))
    if end <= first or (frames == 1 and stream.facts.get("codec_id") in _STILLS):
        raise NotAVideo("The file holds a single picture without a length.")
    span = max(stream.pts) - first
    rate = Fraction(frames - 1, 1) / (span * stream.time_base) if span else Fraction(1)
    return VideoTrack(
        codec=stream.facts.get("codec_id", ""),
        width=width,
        height=height,
        aspect=_aspect(stream.facts.get("sar", "1/1")),
        rate=_snap(rate),
        time_base=stream.time_base,
        frames=frames,
        duration=_seconds(stream, end - first),
    )


def _aspect(text: str) -> str:
    """The pixel's shape; "0/1" is ffmpeg's way of saying that the file does not tell."""
    return "1/1" if text.startswith("0/") else text


def _audio_track(stream: _Stream) -> AudioTrack | None:
    if not stream.pts:
        return None
    # The last packet is often cut short; it still holds a whole frame.
    frame, count = stream.durations.most_common(1)[0]
    first, span = min(stream.pts), max(stream.pts) - min(stream.pts)
    # A hole within shows in the time stamps only.
    even = count >= len(stream.pts) - 2 and abs(span - frame * (len(stream.pts) - 1)) <= frame
    rate = int(stream.facts.get("sample_rate", "0"))
    samples = round(frame * stream.time_base * rate)
    return AudioTrack(
        codec=stream.facts.get("codec_id", ""),
        sample_rate=rate,
        layout=stream.facts.get("channel_layout_name", ""),
        first=_seconds(stream, first),
        packets=len(stream.pts),
        frame=samples if even and rate else 0,
    )


def _snap(rate: Fraction) -> Fraction:
    nearest = min(_COMMON_RATES, key=lambda common: abs(common - rate))
    if abs(nearest - rate) <= nearest * Fraction(5, 1000):
        return nearest
    return rate.limit_denominator(1001)


def concat_list(entries: Sequence[tuple[Path, float | None]]) -> str:
    """The text of a list for ffmpeg's concat reader: files, each with its exact length in seconds.

    A given length replaces what the file says of itself, so that rounding does not add up.
    """
    lines = ["ffconcat version 1.0"]
    for path, duration in entries:
        # The reader knows one quoting: '...' with each ' as '\''
        lines.append("file '" + path.resolve().as_posix().replace("'", "'\\''") + "'")
        if duration is not None:
            lines.append(f"duration {duration:.6f}")
    return "\n".join(lines) + "\n"
