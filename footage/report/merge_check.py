"""Whether a merge holds the packets of its clips, and what it may lawfully have beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from footage.errors import FfmpegError
from footage.media import merge_audio, own_packets, reencode
from footage.media.own_packets import Compared
from footage.model import Clip, Output
from footage.system.text import count_text
from footage.system.threads import StopEvent

# Packets of sound at either end of a clip that go to the clip beside it, as its slots are nearest.
_AT_BORDERS = 2


@dataclass(frozen=True)
class MergeCheck:
    """What came of comparing a merge with its clips; `sound`: it is as its note says it is."""

    sound: bool
    text: str


def check_merge(
    merge: Path, output: Output, clips: Sequence[tuple[Clip, Path]], stop: StopEvent
) -> MergeCheck:
    """Compare a merge with its clips, which are given in its order, each with its file.

    What its note told when it was made, that a clip was re-encoded or that its sound was encoded
    anew, is no fault; nor are silence where a clip has no sound, sound left out that reaches beyond
    a clip's picture, and packets of a damaged clip that cannot be read.
    """
    own, paths = [clip for clip, _ in clips], [path for _, path in clips]
    try:
        pictures = _pictures(own_packets.compare_video(merge, paths, stop), output, own)
        sounds = _sounds(own_packets.compare_audio(merge, paths, stop), output, own)
    except FfmpegError as error:
        return MergeCheck(False, f"it cannot be compared with its clips: {error}")
    text = "; ".join(filter(None, [pictures.text, sounds.text]))
    return MergeCheck(pictures.sound and sounds.sound, text)


def _pictures(compared: Compared, output: Output, clips: Sequence[Clip]) -> MergeCheck:
    packets = count_text(compared.own, "packet")
    if compared.all_copied:
        return MergeCheck(True, f"its picture is its clips' own: {packets}")
    told = reencode.odd_ones(clips) if "re-encoded" in output.note else []
    lacking = [
        clip
        for clip, left_out in zip(clips, compared.left_out, strict=True)
        if left_out and clip not in told
    ]
    cut = [clip for clip in lacking if not clip.tracks.video.damaged]
    if cut:
        return MergeCheck(False, f"it lacks some of the picture of {_names(cut)}")
    if compared.added and not told:
        foreign = count_text(compared.added, "packet")
        return MergeCheck(False, f"its picture has {foreign} that none of its clips has")
    parts = [f"its picture is its clips' own ({packets})"]
    if told:
        parts.append(f"but for what was re-encoded: {_names(told)}")
    if lacking:
        parts.append(f"but for what cannot be read of the damaged {_names(lacking)}")
    return MergeCheck(True, " ".join(parts))


def _sounds(compared: Compared, output: Output, clips: Sequence[Clip]) -> MergeCheck:
    if not any(clip.tracks.audio for clip in clips):
        foreign = count_text(compared.added, "packet")
        text = f"it has sound ({foreign}), and its clips have none" if compared.added else ""
        return MergeCheck(not text, text)
    if compared.all_copied:
        return MergeCheck(True, f"its sound too: {count_text(compared.own, 'packet')}")
    if not merge_audio.can_be_copied(clips):
        told = "sound was encoded anew" in output.note
        return MergeCheck(told, "its sound " + ("was encoded anew" if told else "is not theirs"))
    pairs = zip(clips, compared.left_out, strict=True)
    cut = [clip for clip, left_out in pairs if left_out > _beyond_picture(clip)]
    if cut:
        return MergeCheck(False, f"it lacks some of the sound of {_names(cut)}")
    if compared.added > sum(map(_silence, clips)):
        foreign = count_text(compared.added, "packet")
        return MergeCheck(False, f"its sound has {foreign} that none of its clips has")
    parts = [f"its sound too ({count_text(compared.own, 'packet')})"]
    if compared.added:
        parts.append(f"with {count_text(compared.added, 'packet')} of silence added")
    if any(compared.left_out):
        parts.append(f"without {sum(compared.left_out)} beyond the picture of their clips")
    return MergeCheck(True, ", ".join(parts))


def _beyond_picture(clip: Clip) -> int:
    """How many packets of a clip's sound may be left out."""
    track = clip.tracks.audio
    if track is None or not track.frame:
        return 0
    beyond = max(0.0, track.end - clip.duration) + max(0.0, -track.first)
    return math.ceil(beyond * track.sample_rate / track.frame) + _AT_BORDERS


def _silence(clip: Clip) -> int:
    """How many silent packets there may be for a clip."""
    track = clip.tracks.audio
    if track is None or not track.frame:
        return math.ceil(clip.duration * 50) + _AT_BORDERS  # 47 packets a second at 48 kHz
    heard = min(track.end, clip.duration) - max(0.0, track.first)
    return math.ceil((clip.duration - heard) * track.sample_rate / track.frame) + _AT_BORDERS


def _names(clips: Sequence[Clip]) -> str:
    return ", ".join(clip.path.name for clip in clips)
