"""Whether the files of a job are as its journal remembers them, and what that leaves to do."""

from __future__ import annotations

from pathlib import Path

from footage.model import Clip, Job, Output
from footage.system.whole_files import digest, disk_errors


def is_whole(folder: Path, file: Clip | Output) -> bool:
    """The file of a clip or output is there, with the size and content that were journalled."""
    path = folder / file.path
    with disk_errors(folder):
        return path.is_file() and path.stat().st_size == file.size and digest(path) == file.sha256


def nothing_left(job: Job, folder: Path) -> bool:
    """The job is finished, and its files are as they were made."""
    return job.finished and all(is_whole(folder, output) for output in job.outputs)


def needs_provider(job: Job, folder: Path) -> bool:
    """Footage has still to come, or a clip has to be fetched again."""
    clips = [media.clip for _, media in job.media() if media.clip]
    return not job.settled or not all(is_whole(folder, clip) for clip in clips)
