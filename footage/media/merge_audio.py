"""The audio of a merge, in step with its video however many clips there are.

Each clip's audio has some packets more or fewer than its video lasts, so joined as they are they
would drift apart. Where the audio is AAC of one kind its packets are copied, each to the place that
is nearest to its time; otherwise it is decoded and encoded once as a whole.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from footage.media import audio, ffmpeg
from footage.media.merge_input import MergeInput
from footage.media.merge_times import AudioTimes
from footage.model import AudioTrack, Clip

_AUDIO_STREAMS = 4  # a clip's audio is one of its first four streams
_LONGEST_VALUE = 8000  # characters of one option of a command


@dataclass(frozen=True)
class CopiedAudio:
    """How ffmpeg reads the clips' audio packets and puts them in step.

    concat_list: the list of files that are read, in ffmpeg's concat form
    options:     of the output: which packets are kept, in what order
    times:       when each of them is heard
    """

    concat_list: Path
    options: list[str]
    times: AudioTimes


def can_be_copied(clips: Sequence[Clip]) -> bool:
    """True for AAC of one kind throughout.

    At least one of the clips must have audio.
    """
    tracks = [clip.tracks.audio for clip in clips if clip.tracks.audio]
    kinds = {(track.codec, track.sample_rate, track.layout, track.frame) for track in tracks}
    return len(kinds) == 1 and tracks[0].codec == "aac" and tracks[0].frame == audio.FRAME


def copied(source: MergeInput) -> CopiedAudio:
    """The clips' own audio packets on one grid that runs through the whole merge.

    Each packet goes into the slot of the grid that is nearest to its time, those beyond the clip's
    video are dropped, and silent ones stand where there are none. So the audio is in step to half a
    packet when a player just plays packet after packet; by its time stamps, which are those of the
    clips, it is so to the sample.
    """
    first = next(clip for clip in source.clips if clip.tracks.audio)
    track = first.tracks.audio
    assert track is not None  # noqa: S101 - that is how it was chosen
    grid = _PacketGrid(source, first, track, AudioTimes(track.sample_rate, track.frame))
    position = 0.0
    for clip, (slot, end) in zip(source.clips, _slots(source.clips, grid.frame), strict=True):
        if clip.tracks.audio is not None:
            grid.add_silence(min(slot, end))
            grid.add_clip(clip, clip.tracks.audio, slot, end, position)
        grid.add_silence(end)
        position += clip.duration
    time = f"N*{track.frame}/{track.sample_rate}/TB"
    packet_filter = (
        f"noise=drop='{_all_but(grid.kept)}',"
        f"setts=pts='{time}':dts='{time}':duration='{track.frame}/{track.sample_rate}/TB'"
    )
    return CopiedAudio(
        concat_list=source.write_list("sound.txt", grid.entries),
        options=_option_value("-bsf:a", packet_filter, source.work),
        times=grid.times,
    )


def encoded(source: MergeInput) -> Path:
    """A file with all audio: decoded, put in step, and encoded once."""
    parts: list[audio.Part] = []
    position = 0.0
    for clip in source.clips:
        end = position + clip.duration
        if clip.tracks.audio:
            parts.append(audio.Part(position, end, source.path(clip), position))
        position = end
    whole = source.work / "sound.aac"
    with whole.open("wb") as file:
        # Piece by piece, so that memory and the number of open files stay small.
        for begin, end in _pieces(position):
            piece = source.work / "piece.aac"
            inside = [part for part in parts if part.end > begin - 1 and part.start < end + 1]
            audio.render(inside, audio.frame_at(begin), audio.frame_at(end), piece, source.stop)
            with piece.open("rb") as rendered:
                shutil.copyfileobj(rendered, file)
    return whole


@dataclass
class _PacketGrid:
    """Which packets of the files that are read one after the other fill the slots of the grid.

    first, track: the first clip that has audio, and that audio
    entries: the files, each with the seconds after which the next one begins
    kept:    ranges of packet numbers, counted through all files, that are not dropped
    times:   when each of these is heard
    """

    source: MergeInput
    first: Clip
    track: AudioTrack
    times: AudioTimes
    entries: list[tuple[Path, float | None]] = field(default_factory=list)
    kept: list[tuple[int, int]] = field(default_factory=list)
    _packets_read: int = 0
    _slots_filled: int = 0

    @property
    def frame(self) -> float:
        """Seconds in one packet, and so in one slot."""
        return self.track.frame / self.track.sample_rate

    def add_silence(self, until: int) -> None:
        """Fill the slots up to `until` with silent packets."""
        count = until - self._slots_filled
        if count <= 0:
            return
        if not self.entries:
            # ffmpeg learns from the first file what the streams are; its own audio is dropped here.
            self.entries.append((self.source.read_from(self.first), 0.001))
            self._packets_read += self.track.packets
        self.entries.append((_silence(self.source, self.track, count), count * self.frame))
        self.kept.append((self._packets_read, self._packets_read + count))
        for number in range(self._slots_filled, until):
            self.times.add(number * self.frame)
        self._packets_read += count
        self._slots_filled = until

    def add_clip(self, clip: Clip, track: AudioTrack, slot: int, end: int, position: float) -> None:
        """Read a clip whose first packet belongs into `slot`; what goes beyond `end` is dropped.

        position: seconds of the merge at which the clip begins
        """
        first, last = max(slot, self._slots_filled), min(slot + track.packets, end)
        if first < last:
            self.kept.append((self._packets_read + first - slot, self._packets_read + last - slot))
            self._slots_filled = last
            for number in range(first, last):
                time = position + track.first + (number - slot) * self.frame
                if number == slot and track.first < -self.frame / 2:
                    # The packet that primes the decoder still sounds of the clip before: not
                    # before that one's end, if only the next packet keeps its time.
                    time = min(max(time, self.times.end), time + self.frame - 1 / track.sample_rate)
                self.times.add(time)
        self.entries.append((self.source.read_from(clip), clip.duration))
        self._packets_read += track.packets


def _slots(clips: Sequence[Clip], frame: float) -> Iterator[tuple[int, int]]:
    """For each clip: the slot of its first audio packet, and the end of its slots.

    frame: seconds in one slot
    """
    position = 0.0
    for clip, following in zip_longest(clips, clips[1:]):
        track = clip.tracks.audio
        slot = _nearest((position + track.first) / frame) if track else 0
        position += clip.duration
        # An encoder's first packet only primes the decoder for the second, which without it begins
        # faded: it takes the last slot of the clip before.
        primes = following and following.tracks.audio and following.tracks.audio.first < -frame / 2
        yield slot, _nearest(position / frame) - (1 if primes else 0)


def _silence(source: MergeInput, track: AudioTrack, packets: int) -> Path:
    """A file of that many silent packets of the same kind as `track`.

    The list reader takes streams by their number, and which one a clip's audio has is unknown: so
    the file has the silence under each of the first few.
    """
    path = source.work / f"silence-{packets}.mp4"
    if not path.exists():
        ffmpeg.run(
            ["-f", "lavfi", "-i", f"anullsrc=r={track.sample_rate}:cl={track.layout}"]
            + ["-map", "0:a"] * _AUDIO_STREAMS
            + ["-c:a", "aac", "-b:a", "32k", "-bsf:a", f"noise=drop='gte(n,{packets})'"]
            + ["-t", f"{(packets + 2) * track.frame / track.sample_rate:.6f}", str(path)],
            stop=source.stop,
        )
    return path


def _nearest(number: float) -> int:
    """Rounded, halves always up: Python's own way takes every other half down."""
    return math.floor(number + 0.5)


def _all_but(kept: Sequence[tuple[int, int]]) -> str:
    """The expression that is true for every packet outside `kept`: ranges of numbers, in order.

    It halves the ranges again and again, so that a day of clips takes a dozen comparisons a packet.
    """
    borders = [0]  # where dropping begins (at the very first packet), ends, begins, ...
    for first, last in kept:
        if len(borders) > 1 and borders[-1] == first:
            borders[-1] = last
        else:
            borders += [first, last]

    def within(low: int, high: int) -> str:
        if high - low == 1:
            return str((low + 1) % 2)
        middle = (low + high) // 2
        return f"if(lt(n,{borders[middle]}),{within(low, middle)},{within(middle, high)})"

    return within(0, len(borders))


def _option_value(name: str, value: str, work: Path) -> list[str]:
    """An option of ffmpeg; a value too long for Windows' command line is read from a file."""
    if len(value) <= _LONGEST_VALUE:
        return [name, value]
    path = work / "option.txt"
    path.write_text(value, encoding="utf-8")
    return ["-/" + name[1:], str(path)]


def _pieces(duration: float) -> list[tuple[float, float]]:
    """Begin and end of pieces, all equally long and about a minute, that make up `duration`."""
    count = max(1, round(duration / 60))
    return [(duration * n / count, duration * (n + 1) / count) for n in range(count)]
