"""What has to be known of the clips before their packets are joined, and copies of unusual ones.

ffmpeg's reader of a list of files takes streams by their number and goes on with what the first
file says of them. A clip that is not laid out so is first copied, packet for packet, into a plain
file: picture, then sound, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePath

from footage.errors import FfmpegError
from footage.media import ffmpeg, mp4_boxes, mp4_samples, packets
from footage.media.merge_input import MergeInput
from footage.media.merge_times import VideoTimes, common_clock
from footage.media.mp4_boxes import TrackTimes
from footage.media.packets import Stream
from footage.model import Clip

# How parameter sets get into the packets of a clip that has others than the first, so that a player
# takes them up where the clip begins. (With H.264 ffmpeg's list reader does the same by itself.)
_IN_BAND = {"hevc": "hevc_mp4toannexb,", "h264": "h264_mp4toannexb,", "mpeg4": "dump_extra,"}
_APPLE_TAG = ["-tag:v", "hvc1"]  # the only one of two for HEVC that Apple's players open


@dataclass
class Prepared:
    """The clips of a merge, ready to be joined.

    copies:     see MergeInput
    times:      when each packet of the picture is shown
    packets:    how many there are
    delay:      seconds by which the first packet of a clip comes before the clip's own zero
    convert:    the list reader has to put each clip's parameter sets into its packets
    same_audio: the packets of audio are as many as was measured
    """

    copies: dict[PurePath, Path]
    times: TrackTimes
    packets: int
    delay: float = 0.0
    convert: bool = False
    same_audio: bool = True
    tag: list[str] = field(default_factory=list)


def prepare(source: MergeInput) -> Prepared:
    """Read through all clips once, and copy those that cannot be read as they are."""
    clock = common_clock(clip.tracks.video.time_base for clip in source.clips)
    times, copies, delay, same_audio = VideoTimes(clock), dict(source.copies), 0.0, True
    convert = _convert(source)
    extradata = ""
    for clip, start in _placed(source):
        path = source.read_from(clip)
        stream = _video(source, clip)
        extradata = extradata or stream.facts.get("extradata", "")
        other = stream.facts.get("extradata", "") != extradata and not convert
        in_band = _IN_BAND.get(clip.tracks.video.codec, "") if other else ""
        if in_band and clip.tracks.video.damaged:
            stream = _video(source, clip, in_band)
        if clip.path in source.copies or other or not _is_plain(path, clip, stream):
            copy = _copied(source, clip, path, stream, in_band)
            copies[clip.path] = copy
            same_audio = same_audio and _is_plain(copy, clip, stream)
        times.add(stream, start, start + Fraction(clip.duration))
        audio = clip.tracks.audio
        delay = max(delay, -min(stream.pts) * float(stream.time_base), -audio.first if audio else 0)
    return Prepared(
        copies=copies,
        times=times.finished(sum((Fraction(clip.duration) for clip in source.clips), Fraction(0))),
        packets=times.packets,
        delay=delay,
        convert=convert,
        same_audio=same_audio,
        tag=_tag(source.clips[0]),
    )


def _tag(clip: Clip) -> list[str]:
    return _APPLE_TAG if clip.tracks.video.codec == "hevc" else []


def _placed(source: MergeInput) -> Iterator[tuple[Clip, Fraction]]:
    """The clips, and the second of the merge at which each begins."""
    start = Fraction(0)
    for clip in source.clips:
        yield clip, start
        start += Fraction(clip.duration)


def _video(source: MergeInput, clip: Clip, in_band: str = "") -> Stream:
    """The packets of a clip's picture; see `packets.listed` on bitstream filters."""
    path, damaged = source.read_from(clip), clip.tracks.video.damaged
    if not damaged and not in_band and (plain := mp4_samples.video(path)) is not None:
        return plain
    streams = packets.listed(
        path, [packets.VIDEO], source.stop, cut_off=damaged, video_filter=in_band
    )
    if not streams or not streams[0].pts:
        raise FfmpegError(f"There is no picture in {path.name} any more.")
    return streams[0]


def _convert(source: MergeInput) -> bool:
    """True where ffmpeg's list reader puts the parameter sets of H.264 clips into their packets.

    It cannot read through damage for that.
    """
    videos = [clip.tracks.video for clip in source.clips]
    if videos[0].codec != "h264" or any(video.damaged for video in videos):
        return False
    return len({_parameters(source.read_from(clip)) for clip in source.clips}) > 1


def _parameters(path: Path) -> bytes:
    """The parameter sets of an H.264 track as they stand in an MP4's index (its box `avcC`)."""
    for track in mp4_boxes.tracks(path) if mp4_boxes.is_mp4(path) else []:
        begin = track.description.find(b"avcC")
        if begin >= 4:
            length = int.from_bytes(track.description[begin - 4 : begin], "big")
            return track.description[begin : begin - 4 + length]
    return b""


def _is_plain(path: Path, clip: Clip, stream: Stream) -> bool:
    """True where the first track is the picture, the second the sound, and all packets are read.

    stream: the packets of the picture as they are read
    """
    tracks = mp4_boxes.tracks(path) if mp4_boxes.is_mp4(path) else []
    audio = clip.tracks.audio
    expected = [("vide", len(stream.pts)), *([("soun", audio.packets)] if audio else [])]
    found = [(track.kind, track.samples) for track in tracks if track.kind in ("vide", "soun")]
    first = [(track.kind, track.samples) for track in tracks[: len(expected)]]
    return found == first == expected


def _copied(source: MergeInput, clip: Clip, path: Path, stream: Stream, in_band: str) -> Path:
    """A plain file with the packets of a clip (those in `path`), one after the other.

    stream:  the packets of the picture in `path`
    in_band: the bitstream filter with which its parameter sets are put into its packets
    """
    copy = source.work / f"plain-{clip.sha256}.mp4"
    if copy.exists():
        return copy
    audio = clip.tracks.audio
    own = source.path(clip)
    inputs = [*packets.ONE_VIDEO, *packets.from_zero(path), "-i", str(path)]
    outputs = ["-map", packets.VIDEO, "-c", "copy", "-map_chapters", "-1"]
    tick = f"N*{clip.duration / len(stream.pts):.9f}/TB"
    outputs += ["-bsf:v", f"{in_band}setts=pts='{tick}':dts='{tick}'"]
    if audio is not None and audio.frame:
        number = 0
        if own != path:
            inputs += [*packets.ONE_VIDEO, *packets.from_zero(own), "-i", str(own)]
            number = 1
        time = f"N*{audio.frame}/{audio.sample_rate}/TB"
        outputs += ["-map", f"{number}{packets.AUDIO[1:]}"]
        outputs += ["-bsf:a", f"setts=pts='{time}':dts='{time}'"]
    ffmpeg.run([*inputs, *outputs, *_tag(clip), str(copy)], stop=source.stop)
    return copy
