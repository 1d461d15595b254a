"""Will the disk hold it? Said before anything is paid for, and before hours of rendering."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from footage.errors import DiskError
from footage.model import Job, MediaType, Retrieval
from footage.system.text import size_text

# Bytes of a camera's minute of high-resolution video. Not documented by any provider; 1080p at
# 4 Mbit/s. An estimate is enough to notice a disk that is far too small.
_PER_MINUTE = 30_000_000
_PER_STILL = 500_000
_SHARE = {MediaType.LOW: 0.15, MediaType.HYPERLAPSE: 0.05, MediaType.TIMELAPSE: 0.05}

# A clip is kept, copied into its camera's merge, and encoded into the side-by-side.
_COPIES = 3


def too_little(folder: Path, retrievals: Sequence[Retrieval]) -> str:
    """One sentence when the footage of these retrievals will not fit into `folder`, else ""."""
    size = sum(_size(one) * len(one.media) for one in retrievals)
    return _lacking(folder, int(size * _COPIES), "about ")


def _size(retrieval: Retrieval) -> float:
    """Bytes that one camera's footage of a retrieval may have."""
    if retrieval.media_type is MediaType.IMAGE:
        return _PER_STILL
    share = _SHARE.get(retrieval.media_type, 1.0)
    return retrieval.window.seconds / 60 * _PER_MINUTE * share


def check_before_merging(job: Job, folder: Path) -> None:
    """Raises DiskError when the merges and the side-by-side will not fit beside the clips.

    What this job has made already is replaced, but only when the new file is whole.
    """
    clips = {media.clip.path: media.clip for _, media in job.media() if media.clip}
    merges = sum(clip.size for clip in clips.values())
    if job.outputs and job.finished:
        return
    lacking = _lacking(folder, 2 * merges, "")
    if lacking:
        raise DiskError(f"{lacking} The clips are kept; make room and continue with --resume.")


def _lacking(folder: Path, need: int, about: str) -> str:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    free = shutil.disk_usage(there).free
    if free >= need:
        return ""
    return f"This needs {about}{size_text(need)} in {folder}, where {size_text(free)} are free."
