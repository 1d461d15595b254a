"""Audio in exact pieces of AAC that can be put end to end without a seam.

An encoder begins each file with some 20 ms of its own, so files joined by copying drift away from
the picture. Here every piece is cut on one grid of AAC frames that runs through the whole output:
it is encoded with a little of what comes before and after, and only its own packets are kept.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from footage.media import ffmpeg
from footage.system.whole_files import whole_file

RATE = 48_000  # samples a second of all audio this program encodes
FRAME = 1024  # samples in one AAC packet
_LEAD = 2 * FRAME  # encoded before the piece so that its first packet finds its neighbour
_PRIMING = 1  # packets the encoder puts before the first sample
ENCODER = ("-c:a", "aac", "-b:a", "128k")


@dataclass(frozen=True)
class Part:
    """From `start` to `end` (seconds of the output) the audio of `path` is heard.

    clip_start: seconds of the output at which the file begins

    path:       None is silence
    """

    start: float
    end: float
    path: Path | None
    clip_start: float = 0.0


def frame_at(seconds: float) -> int:
    """The AAC frame of the grid that begins nearest to `seconds`."""
    return round(seconds * RATE / FRAME)


def render(
    parts: Sequence[Part], first: int, last: int, target: Path, stop: threading.Event | None = None
) -> None:
    """Write the AAC frames `first` up to `last` (exclusive) of the audio that `parts` describe.

    Where no part covers a moment there is silence. The file is a bare ADTS stream of exactly
    `last - first` packets; such files may simply be appended to each other.
    """
    begin, end = first * FRAME - _LEAD, (last + 1) * FRAME
    sources: list[str] = []
    filters: list[str] = []
    reached, count = begin, 0
    for part in sorted(parts, key=lambda part: part.start):
        start = max(reached, round(part.start * RATE))
        stop_at = min(end, round(part.end * RATE))
        if part.path is None or start >= stop_at:
            continue
        if start > reached:
            filters.append(_silence(start - reached, count))
            count += 1
        clip_start = round(part.clip_start * RATE)
        filters.append(
            f"[{len(sources) // 2}:a:0]aresample={RATE}:async=1:first_pts=0,"
            f"aformat=sample_fmts=fltp:channel_layouts=stereo,apad,"
            f"atrim=start_sample={start - clip_start}:end_sample={stop_at - clip_start},"
            f"asetpts=PTS-STARTPTS[p{count}]"
        )
        sources += ["-i", str(part.path)]
        count += 1
        reached = stop_at
    if reached < end:
        filters.append(_silence(end - reached, count))
        count += 1
    joined = "".join(f"[p{number}]" for number in range(count))
    graph = ";".join([*filters, f"{joined}concat=n={count}:v=0:a=1[sound]"])
    dropped = _LEAD // FRAME + _PRIMING
    with whole_file(target) as unfinished:
        ffmpeg.run(
            [*sources, "-filter_complex", graph, "-map", "[sound]", *ENCODER]
            + ["-bsf:a", f"noise=drop='lt(n,{dropped})+gte(n,{dropped + last - first})'"]
            + ["-f", "adts", str(unfinished)],
            stop=stop,
        )


def _silence(samples: int, number: int) -> str:
    return (
        f"anullsrc=r={RATE}:cl=stereo,aformat=sample_fmts=fltp:channel_layouts=stereo,"
        f"atrim=end_sample={samples}[p{number}]"
    )
