"""Shows that a merge holds its clips' own packets, byte for byte and in order.

It goes by the files alone and knows nothing of how the merge was made.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from footage.media import packets

# Where clips have different parameter sets these stand in the packets of the merge too, so that a
# player takes them up. With these filters packets are compared without them.
_WITHOUT_PARAMETER_SETS = {
    "h264": "h264_mp4toannexb,filter_units=remove_types=7-9,",
    # Among those of HEVC an encoder may have put its remarks (39).
    "hevc": "hevc_mp4toannexb,filter_units=remove_types=32-35|39,",
    "mpeg4": "remove_extra=freq=all,",
}
# In a transport stream each packet of AAC has a header of its own, which an MP4 knows no place for.
_WITHOUT_HEADERS = {"aac": "aac_adtstoasc,"}


@dataclass(frozen=True)
class Compared:
    """How the packets of one track of a merge relate to those of its clips.

    own:      how many of them are in the clips, in the order of the clips
    added:    how many are in none of them: re-encoded, or silence where a clip has no sound
    left_out: clip by clip, how many of its packets are not in the merge
    """

    own: int
    added: int
    left_out: tuple[int, ...]

    @property
    def all_copied(self) -> bool:
        """The track is the clips' packets, all of them, and nothing else."""
        return not self.added and not any(self.left_out)


def compare_video(
    merge: Path, clips: Sequence[Path], stop: threading.Event | None = None
) -> Compared:
    """Compare the picture of a merge with that of its clips, which are given in order.

    Raises FfmpegError for a file without a picture or one that cannot be read.
    """
    as_they_are = _compare(merge, clips, packets.VIDEO, {}, stop)
    if as_they_are.all_copied:
        return as_they_are
    # Only now: the filters cannot read each damaged packet.
    filtered = _compare(merge, clips, packets.VIDEO, _WITHOUT_PARAMETER_SETS, stop)
    return max(as_they_are, filtered, key=lambda one: one.own)


def compare_audio(
    merge: Path, clips: Sequence[Path], stop: threading.Event | None = None
) -> Compared:
    """Compare the sound of a merge with that of its clips, which are given in order.

    Where it is copied, packets that reach beyond a clip's picture are left out, and silent ones
    are added where there are none. Raises FfmpegError for a file that cannot be read.
    """
    return _compare(merge, clips, f"{packets.AUDIO}?", _WITHOUT_HEADERS, stop)


def _compare(
    merge: Path,
    clips: Sequence[Path],
    track: str,
    filters: Mapping[str, str],
    stop: threading.Event | None,
) -> Compared:
    """Find the packets of each clip, a row without a gap, behind those of the clips before it.

    filters: by codec, the bitstream filters that packets go through before they are compared
    """
    merged = packets.hashes(merge, track, filters, stop)
    own, left_out, reached = 0, list[int](), 0
    for clip in clips:
        hashes = packets.hashes(clip, track, filters, stop)
        begin, first = _first_of(hashes, merged, reached)
        count = 0
        while (
            first + count < len(hashes)
            and begin + count < len(merged)
            and merged[begin + count] == hashes[first + count]
        ):
            count += 1
        own += count
        left_out.append(len(hashes) - count)
        if count:
            reached = begin + count
    return Compared(own, len(merged) - own, tuple(left_out))


def _first_of(clip: Sequence[bytes], merged: Sequence[bytes], reached: int) -> tuple[int, int]:
    """The first packet of a merge, from the number `reached` on, that is one of a clip's.

    Returns its numbers in the merge and in the clip; of a clip that has none, the end of it.
    """
    numbers = {one: number for number, one in reversed(list(enumerate(clip)))}
    for place in range(reached, len(merged)):
        if merged[place] in numbers:
            return place, numbers[merged[place]]
    return reached, len(clip)
