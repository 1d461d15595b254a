"""Whether a job fits into the month's quota and onto the disk; said before footage is paid for."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from footage.cloud.provider import Provider
from footage.errors import DiskError
from footage.model import Job, MediaType, Quota, Retrieval, RetrievalState
from footage.system import whole_files
from footage.system.text import size_text

# Bytes of a camera's minute of high-resolution video. Not documented by any provider; 1080p at
# 4 Mbit/s. An estimate is enough to notice a disk that is far too small.
_PER_MINUTE = 30_000_000
_PER_STILL = 500_000
_SHARE = {MediaType.LOW: 0.15, MediaType.HYPERLAPSE: 0.05, MediaType.TIMELAPSE: 0.05}

# Bytes of its clips from which a film may be larger than the 4 GiB that FAT32 allows.
_LARGE = 4_200_000_000

# A clip is kept, copied into its camera's merge, and encoded into the side-by-side.
_COPIES = 3


# --- the quota ------------------------------------------------------------------------------------


def quota_text(provider: str, quota: Quota) -> str:
    """What is used and left, in one line; the provider's own words as they are."""
    if not quota.quoted:
        return f"{provider}: {quota.text}."
    if quota.left is None:
        return f'{provider} says: "{quota.text}"'
    return f'{provider} says: "{quota.text}" ({_number_text(quota.left)} left)'


def still_to_pay(job: Job) -> list[Retrieval]:
    """What of the job does not count among the provider's used quota yet.

    What is being uploaded does not either, so all that has not come is still to be paid; but not
    what was here once.
    """

    def is_awaited(one: Retrieval) -> bool:
        return any(not media.settled and media.lost is None for media in one.media)

    return [
        one
        for one in job.retrievals
        if is_awaited(one) and not one.from_other_job and one.state is not RetrievalState.FOUND
    ]


def quota_warning(to_pay: Sequence[Retrieval], provider: Provider, quota: Quota) -> str:
    """One sentence when what is still to be paid is more than what is left, else ""."""
    cost = provider.cost(to_pay)
    if not to_pay or cost.amount is None or quota.left is None or cost.amount <= quota.left:
        return ""
    of_all = "" if quota.total is None else f" of {_number_text(quota.total)}"
    share = quota.left / cost.amount
    if to_pay[0].media_type is MediaType.IMAGE:
        fits = f"{_whole_number_text(share * len(to_pay))} of its {len(to_pay)} pictures"
    else:
        minutes = sum(one.window.seconds for one in to_pay) / 60 / _requests_per_window(to_pay)
        fits = f"{_whole_number_text(share * minutes)} of its {minutes:.0f} minutes"
    return (
        f"This job needs {cost.text}, but {_number_text(quota.left)}{of_all} are left this month: "
        f"{fits} would fit."
    )


def _requests_per_window(to_pay: Sequence[Retrieval]) -> float:
    """How many requests there are for one and the same time."""
    return max(1.0, len(to_pay) / len({one.window for one in to_pay}))


def _number_text(amount: float) -> str:
    """An amount of quota: "1,200", or "899,994.5"."""
    return f"{amount:,.1f}".removesuffix(".0")


def _whole_number_text(number: float) -> str:
    return f"about {int(number)}" if number >= 1 else "none"


# --- the disk -------------------------------------------------------------------------------------


def space_warning(folder: Path, retrievals: Sequence[Retrieval]) -> str:
    """One sentence when the footage of these retrievals will not fit into `folder`, else ""."""
    size = sum(_estimated_size(one) * len(one.media) for one in retrievals)
    return _lack_of_space(folder, int(size * _COPIES), "about ")


def large_file_warning(folder: Path, job: Job) -> str:
    """One sentence when a film of this job may be larger than the disk of `folder` takes, else "".

    The largest is the side-by-side: about as large as all clips together, see `_COPIES`.
    """
    if job.media_type is MediaType.IMAGE:
        return ""
    size = int(sum(_estimated_size(one) * len(one.media) for one in job.retrievals))
    if size <= _LARGE or whole_files.takes_large_files(folder):
        return ""
    return (
        f"The disk of {folder} takes no file of 4 GB or more, like many USB sticks, and a film of "
        f"this job may have about {size_text(size)}: choose a folder on another disk with --output."
    )


def check_space_to_merge(job: Job, folder: Path) -> None:
    """Raises DiskError when the merges and the side-by-side will not fit beside the clips.

    What this job has made already is replaced, but only when the new file is whole.
    """
    if job.outputs and job.finished:
        return
    clips = {media.clip.path: media.clip for _, media in job.media() if media.clip}
    lack = _lack_of_space(folder, 2 * sum(clip.size for clip in clips.values()), "")
    if lack:
        raise DiskError(f"{lack} The clips are kept; make room and continue with --resume.")
    merged = [sum(clip.size for clip in job.clips(camera)) for camera in job.cameras]
    if max(merged, default=0) > _LARGE and not whole_files.takes_large_files(folder):
        raise DiskError(f"{whole_files.too_large_text(folder)} The clips are kept.")


def _estimated_size(retrieval: Retrieval) -> float:
    """Bytes that one camera's footage of a retrieval may have."""
    if retrieval.media_type is MediaType.IMAGE:
        return _PER_STILL
    share = _SHARE.get(retrieval.media_type, 1.0)
    return retrieval.window.seconds / 60 * _PER_MINUTE * share


def _lack_of_space(folder: Path, need: int, about: str) -> str:
    """One sentence when `need` bytes are not free in `folder`, else ""."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free >= need:
        return ""
    return f"This needs {about}{size_text(need)} in {folder}, where {size_text(free)} are free."
