"""What our other jobs know: what they asked for, have fetched, and have made."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from footage.job import reuse
from footage.job.journal import Journal
from footage.job.journal_folder import JournalFolder, read_folder, read_near
from footage.job.whole import is_whole
from footage.model import Camera, Job, Output, Retrieval, RetrievalState, Window

# Jobs that are further apart than this have no clip in common: none lasts so long.
_APART = timedelta(hours=1)
# A provider may know whole minutes only, so what a job has requested may reach so far beyond it.
_WIDER = timedelta(minutes=1)


class OtherJobs:
    """The jobs in the folder of a job's journal that are of the same vehicle and about the same
    time, as they were when this run first asked.

    Their journals are read once for a run, but by `at`: a folder may hold hundreds. So may a list,
    whose jobs change while they are gone on with: no job of it reads those that have nothing to do
    with it.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal = journal
        self._folder = folder
        self._journals: JournalFolder | None = None
        self._lock = threading.Lock()

    @property
    def jobs(self) -> Sequence[Job]:
        """All of them; and of a copy of this one's journal what only that has requested."""
        with self._lock:
            if self._journals is None:
                own = self._journal.path
                self._journals = read_folder(own.parent, own, self._may_matter)
        with self._journal.locked() as mine:
            return self._journals.others(mine)

    def at(self, window: Window) -> Sequence[tuple[Job, bool]]:
        """Those that may have requested footage of a window, as they are on the disk now; and
        whether a run is sending a request of each at the moment.
        """
        own, job = self._journal.path, self._journal.job
        wider = Window(window.start - _WIDER, window.end + _WIDER)
        found = read_near(own.parent, own, (job.provider, job.vehicle.id), wider)
        if not found.jobs:
            return ()
        sending = [one.job for one in found.jobs if _is_sending(one.job) and one.in_use]
        with self._journal.locked() as mine:
            others = found.others(mine)
        return [(other, any(other is one for one in sending)) for other in others]

    def _may_matter(self, other: Job) -> bool:
        mine = self._journal.job
        near = (
            other.span.start <= mine.span.end + _APART
            and mine.span.start <= other.span.end + _APART
        )
        return near and (other.provider, other.vehicle.id) == (mine.provider, mine.vehicle.id)

    def known_id(self, retrieval: Retrieval) -> tuple[str, Sequence[Camera]]:
        """The id under which another job has asked for the same, and for which of the cameras."""
        others = [other for other, _ in self.at(retrieval.window)]
        return reuse.known_id(retrieval, self._journal.job, others)

    def is_ours(self, path: Path, camera: Camera, window: Window) -> bool:
        """Whether this very file is the clip that one of our jobs, this one included, has fetched
        for this camera and window.

        Of most there is no file yet, so nothing is gone through for them.
        """
        if not path.is_file():
            return False
        with self._journal.locked() as job:
            mine = [media.clip for _, media in job.media() if media.camera.input == camera.input]
        theirs = [
            media.clip
            for other in self._of_this_folder()
            for _, media in other.media()
            if media.camera.input == camera.input
        ]
        return any(
            clip is not None
            and clip.window == window
            and clip.path.name == path.name
            and is_whole(self._folder, clip)
            for clip in (*mine, *theirs)
        )

    def made_before(self, kind: str, camera: str, made_from: str) -> Output | None:
        """The whole file that another job of this vehicle made here of the very same clips."""
        for job in self._of_this_folder():
            for output in job.outputs:
                wanted = (output.kind, output.camera, output.made_from)
                if wanted == (kind, camera, made_from) and is_whole(self._folder, output):
                    return output
        return None

    def have_made(self, name: str) -> bool:
        """Whether the file of this name is one of another job."""
        return any(
            name == other.path.name for job in self._of_this_folder() for other in job.outputs
        )

    def _of_this_folder(self) -> list[Job]:
        """Those whose files go into the same folder."""
        return [job for job in self.jobs if job.folder == self._journal.job.folder]


def _is_sending(job: Job) -> bool:
    return any(one.state is RetrievalState.REQUESTING for one in job.retrievals)
