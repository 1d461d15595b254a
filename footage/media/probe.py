"""What a video file holds, measured from its packets."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from footage.errors import FfmpegError, NotAVideo
from footage.media import ffmpeg
from footage.model import AudioTrack, Tracks, VideoTrack

# Only these containers of video are opened, and only as the one file they are: to ffmpeg a list of
# other files or addresses is a video as well, and what a server delivered is not to be trusted.
_ONE_VIDEO = ("-format_whitelist", "mov,matroska,mpegts,mpeg,avi", "-protocol_whitelist", "file")

# Frame rates cameras really have; a measured one this close (0.5 %) is taken to be it.
_COMMON_RATES = [Fraction(n) for n in (1, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60)] + [
    Fraction(n * 1000, 1001) for n in (15, 24, 30, 60)
]

# A file of one such picture is a photograph, to which ffmpeg gives a length of its own.
_STILLS = ("mjpeg", "png", "webp", "gif", "bmp")


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
    """Measure the tracks of a file from all of its packets: size, rate, and true duration.

    The source is ffmpeg's `framecrc` listing of the copied packets: a documented, structured
    form. Raises NotAVideo when there is no picture in it that can be shown.
    """
    if path.is_dir():  # Windows would call it a refused permission, as if the disk were at fault
        raise NotAVideo("The file is not playable video.")
    try:
        listing = ffmpeg.run(
            # Without -xerror a file that ends in the middle of a frame is no error to ffmpeg.
            ["-xerror", *_ONE_VIDEO, "-i", str(path), "-map", "0:v:0", "-map", "0:a:0?"]
            + ["-c", "copy", "-f", "framecrc", "-"],
            stop=stop,
        )
        streams = _parse_framecrc(listing)
        # There are packets; decode one frame to see that they are pictures.
        first_picture = ffmpeg.run(
            [*_ONE_VIDEO, "-i", str(path), "-map", "0:v:0"]
            + ["-frames:v", "1", "-f", "framecrc", "-"],
            stop=stop,
        )
    except FfmpegError as error:
        raise NotAVideo("The file is not playable video.") from error
    video = next((s for s in streams if s.facts.get("media_type") == "video"), None)
    audio = next((s for s in streams if s.facts.get("media_type") == "audio"), None)
    decoded = any(_is_packet(line) for line in first_picture.splitlines())
    if video is None or not video.pts or not decoded:
        raise NotAVideo("The file holds no video.")
    return Tracks(_video_track(video), _audio_track(audio) if audio else None)


def _is_packet(line: str) -> bool:
    """True for the line of one packet or frame, False for a header line of the listing."""
    return bool(line) and not line.startswith("#")


def _parse_framecrc(listing: str) -> list[_Stream]:
    """The streams of a `framecrc` listing, in the order of their numbers."""
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
        rate=_common_rate(rate),
        time_base=stream.time_base,
        frames=frames,
        duration=_seconds(stream, end - first),
    )


def _aspect(text: str) -> str:
    """The pixel's shape; "0/1" is how ffmpeg writes that the file does not say."""
    return "1/1" if text.startswith("0/") else text


def _audio_track(stream: _Stream) -> AudioTrack | None:
    if not stream.pts:
        return None
    # The last packet is often given a shorter duration; it still holds a whole frame.
    frame, count = stream.durations.most_common(1)[0]
    first, span = min(stream.pts), max(stream.pts) - min(stream.pts)
    # A hole inside the track shows in the time stamps only.
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


def _common_rate(rate: Fraction) -> Fraction:
    """The camera frame rate that a measured rate stands for."""
    nearest = min(_COMMON_RATES, key=lambda common: abs(common - rate))
    if abs(nearest - rate) <= nearest * Fraction(5, 1000):
        return nearest
    return rate.limit_denominator(1001)
