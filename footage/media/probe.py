"""What a video file holds, measured from its packets."""

from __future__ import annotations

import statistics
import threading
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from footage.errors import FfmpegError, NotAVideo
from footage.media import ffmpeg, mp4_boxes, packets
from footage.media.packets import Stream
from footage.model import AudioTrack, Tracks, VideoTrack

# Frame rates cameras really have; a measured one this close (0.5 %) is taken to be it.
_COMMON_RATES = [Fraction(n) for n in (1, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60)] + [
    Fraction(n * 1000, 1001) for n in (15, 24, 30, 60)
]

# A file of one such picture is a photograph, to which ffmpeg gives a length of its own.
_STILLS = ("mjpeg", "png", "webp", "gif", "bmp")


# Seconds. A frame is shown a little longer than usual where the next one comes late; where it comes
# later than this there is no picture in between.
_BRIDGED = 0.1
_NEIGHBOURS = 8  # frames before and after a hole that tell how long a frame lasts there
_SINGLE_FRAME = 1.0  # seconds that a file of one frame shows it at most
_RAW = "rawvideo"


def probe(path: Path, stop: threading.Event | None = None, *, cut_off: bool = False) -> Tracks:
    """Measure the tracks of a file from all of its packets: size, rate, and true duration.

    All of it is decoded once, so it is known which stretches cannot be shown.
    cut_off: it may end in the middle of a frame, and is measured as far as it goes

    Raises NotAVideo when there is no picture in it that can be shown.
    """
    if path.is_dir():  # Windows would call it a refused permission, as if the disk were at fault
        raise NotAVideo("The file is not playable video.")
    streams, complaints = [] if cut_off else _read_at_once(path, stop), False
    try:
        if not streams:
            streams, complaints = _read_apart(path, stop, cut_off)
    except FfmpegError as error:
        raise NotAVideo("The file is not playable video.") from error
    *streams, decoded = streams
    video = next((stream for stream in streams if stream.kind == "video"), None)
    audio = next((stream for stream in streams if stream.kind == "audio" and stream.pts), None)
    if video is None or not video.shown() or not decoded.pts:
        raise NotAVideo("The file holds no video.")
    begins = _begins(path, video, audio)
    lost = _lost(video, decoded, begins) if complaints else []
    track = _video_track(video, begins, lost, turn=_turn(path))
    track = replace(track, damaged=cut_off or complaints)
    return Tracks(track, _audio_track(audio) if audio else None)


def _read_at_once(path: Path, stop: threading.Event | None) -> list[Stream]:
    """The streams of a file and, last, its picture decoded, by one process. Empty where it has
    anything to complain of: then each has to be read on its own, to know what cannot be shown.
    """
    complaints: list[str] = []
    arguments = ["-xerror", *packets.ONE_VIDEO, *packets.from_zero(path), "-i", str(path)]
    for track in (packets.VIDEO, f"{packets.AUDIO}?", packets.VIDEO):
        arguments += ["-map", track]
    arguments += [*packets.COPIED, "-bsf:v:0", packets.ANY_ORDER, *_decoded("v:1")]
    try:
        listing = ffmpeg.run([*arguments, "-f", "framecrc", "-"], stop=stop, complaints=complaints)
    except FfmpegError:
        return []
    streams = packets.parse(listing)
    is_decoded = bool(streams) and streams[-1].facts.get("codec_id") == _RAW
    return streams if is_decoded and not complaints else []


def _read_apart(
    path: Path, stop: threading.Event | None, cut_off: bool
) -> tuple[list[Stream], bool]:
    """The streams of a file and, last, its picture decoded; and whether any of it cannot be.

    Raises FfmpegError.
    """
    complaints: list[str] = []
    streams = packets.listed(path, [packets.VIDEO, f"{packets.AUDIO}?"], stop, cut_off=cut_off)
    arguments = [*packets.ONE_VIDEO, "-i", str(path), "-map", packets.VIDEO, *_decoded("v:0")]
    listing = ffmpeg.run([*arguments, "-f", "framecrc", "-"], stop=stop, complaints=complaints)
    return [*streams, *(packets.parse(listing) or [Stream()])], bool(complaints)


def _decoded(stream: str) -> list[str]:
    """Options with which a picture is decoded to see that it can be: a corner of it is enough."""
    return [
        *(f"-c:{stream}", _RAW),
        *(f"-filter:{stream}", "crop=16:16:0:0"),
        *(f"-fps_mode:{stream}", "passthrough"),
        *(f"-enc_time_base:{stream}", "demux"),
    ]


def _begins(path: Path, video: Stream, audio: Stream | None) -> Fraction:
    """Seconds of the file before its first packet, which ffmpeg leaves out when it decodes."""
    firsts = [
        min([stream.shown()[0], *stream.leading]) * stream.time_base
        for stream in (video, audio)
        if stream
    ]
    return max(Fraction(0), min(firsts)) if mp4_boxes.is_mp4(path) else Fraction(0)


def _turn(path: Path) -> int:
    if not mp4_boxes.is_mp4(path):
        return 0
    return next((track.turn for track in mp4_boxes.tracks(path) if track.kind == "vide"), 0)


def _lost(video: Stream, decoded: Stream, begins: Fraction) -> list[tuple[int, int]]:
    """The stretches that cannot be decoded: each to the next key frame that can.

    What follows a lost frame is drawn upon it, and so shows what was not there.
    """
    scale = decoded.time_base / video.time_base
    there = {round(pts * scale + begins / video.time_base) for pts in decoded.pts}
    keys = sorted({video.pts[number] for number in video.keys} & there)
    shown = video.shown()
    stretches: list[tuple[int, int]] = []
    reached = shown[0] - 1
    for pts in shown:
        if pts not in there and pts > reached:
            after = bisect_right(keys, pts)
            reached = keys[after] - 1 if after < len(keys) else _end_of(video)
            stretches.append((pts, reached + 1 if after < len(keys) else reached))
    return stretches


def _usual(steps: Sequence[int]) -> int:
    """How long a frame usually lasts."""
    return round(statistics.median(steps)) if steps else 0


def _end_of(video: Stream) -> int:
    """When the last frame ends; one that claims to last for longer than usual does not."""
    shown = video.shown()
    steps = [after - before for before, after in pairwise(shown[-_NEIGHBOURS:])]
    own, bridged = video.last_duration, round(_BRIDGED / video.time_base)
    if not steps:
        return shown[-1] + min(own, round(_SINGLE_FRAME / video.time_base))
    usual = _usual(steps)
    return shown[-1] + (own if 0 < own <= usual + bridged else usual)


def _holes(video: Stream, lost: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches without a picture that are too long to be bridged, in order."""
    shown, bridged = video.shown(), round(_BRIDGED / video.time_base)
    steps = [after - before for before, after in pairwise(shown)]
    usual = _usual(steps)
    holes = [(0, shown[0])]
    for number, step in enumerate(steps):
        if step - usual > bridged:
            around = steps[max(0, number - _NEIGHBOURS) : number + _NEIGHBOURS + 1]
            holes.append((shown[number] + min(step, _usual(around)), shown[number + 1]))
    joined: list[tuple[int, int]] = []
    for begin, end in sorted([*holes, *lost]):
        if joined and begin <= joined[-1][1]:
            begin, end = joined[-1][0], max(end, joined.pop()[1])
        joined.append((begin, end))
    return [(begin, end) for begin, end in joined if end - begin > bridged]


def _seconds(stream: Stream, ticks: int) -> float:
    return float(ticks * stream.time_base)


def _video_track(
    stream: Stream, begins: Fraction, lost: Sequence[tuple[int, int]], turn: int
) -> VideoTrack:
    width, height = (int(text) for text in stream.facts["dimensions"].split("x"))
    aspect = _aspect(stream.facts.get("sar", "1/1"))
    if turn in (90, 270):
        width, height, aspect = height, width, "/".join(reversed(aspect.split("/")))
    shown, end = stream.shown(), _end_of(stream)
    if end <= shown[0] or (len(stream.pts) == 1 and stream.facts.get("codec_id") in _STILLS):
        raise NotAVideo("The file holds a single picture without a length.")
    holes = _holes(stream, lost)
    if holes and holes[-1][1] >= end:  # what cannot be shown at the end is not there
        end = holes.pop()[0]
    if end <= 0:
        raise NotAVideo("The file holds no video.")
    return VideoTrack(
        codec=stream.facts.get("codec_id", ""),
        width=width,
        height=height,
        aspect=aspect,
        rate=_rate(stream),
        time_base=stream.time_base,
        frames=len(stream.pts),
        duration=_seconds(stream, end),
        turn=turn,
        begins=float(begins),
        holes=tuple((_seconds(stream, begin), _seconds(stream, end)) for begin, end in holes),
    )


def _rate(stream: Stream) -> Fraction:
    """Frames a second, where none is lacking."""
    steps = [after - before for before, after in pairwise(stream.shown())]
    usual = _usual(steps)
    even = [step for step in steps if step <= usual * 1.5]
    if not sum(even):
        return Fraction(1)
    return _common_rate(Fraction(len(even), sum(even)) / stream.time_base)


def _aspect(text: str) -> str:
    """The pixel's shape; "0/1" is how ffmpeg writes that the file does not say."""
    return "1/1" if text.startswith("0/") else text


def _audio_track(stream: Stream) -> AudioTrack:
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
