"""What merges and side-by-sides say of themselves to players: whose they are, of when, and whence.

Nothing of it is in the fingerprint by which a film is known to be made already. Vehicle, camera,
start and zone are in its name, and the clips' own starts decide its content, so a film is made
anew where those change. Which request brought the same clips makes no other film, and a new
version of the program alone must not make all old ones anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

import footage
from footage.media.mp4 import Tags
from footage.model import Camera, Clip, Job
from footage.system import timezones
from footage.system.text import single_line

_IDS = 6  # so many retrieval ids are named in a film; a day's has thousands
_LONGEST_ID = 80  # characters


def of_merge(job: Job, camera: Camera, tz: tzinfo) -> Tags:
    """Of the merge of a camera, which has one clip at least; it begins with the first one's."""
    clips = job.clips(camera)
    return _tags(job, camera.label, clips[0].start, clips, tz)


def of_side_by_side(job: Job, tz: tzinfo) -> Tags:
    """Of the side-by-side, which begins at the asked time."""
    clips = [clip for camera in job.cameras for clip in job.clips(camera)]
    return _tags(job, "side by side", job.start, clips, tz)


def _tags(job: Job, what: str, start: datetime, clips: Iterable[Clip], tz: tzinfo) -> Tags:
    when = timezones.clock_text(start, tz)
    whence = f"{job.provider}; {_retrievals(job, clips)}"
    return Tags(
        title=f"{single_line(job.vehicle.name, 100)}, {what}, {when}",
        created=start,
        comment=f"{whence}; {footage.NAME} {footage.__version__}",
    )


def _retrievals(job: Job, clips: Iterable[Clip]) -> str:
    """By which requests the clips came, in the order of the clips."""
    paths = {clip.path: place for place, clip in enumerate(clips)}
    by_place = sorted(
        (paths[media.clip.path], single_line(retrieval.id, _LONGEST_ID))
        for retrieval, media in job.media()
        if media.clip is not None and media.clip.path in paths
    )
    ids = list(dict.fromkeys(one for _, one in by_place if one))
    if not ids:
        return "in its cloud already, without a request"
    more = f" and {len(ids) - _IDS} more" if len(ids) > _IDS else ""
    return f"retrieval {', '.join(ids[:_IDS])}{more}"
