"""Finished files: each is made once from the same clips, published whole, and journalled."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from footage.errors import FfmpegError, NotAVideo
from footage.job import custody
from footage.job.journal import Journal
from footage.job.other_jobs import OtherJobs
from footage.job.whole import is_whole
from footage.model import Camera, Clip, Job, Output, Reading
from footage.system.whole_files import digest, disk_errors, publish, publish_new

log = logging.getLogger("footage.job.outputs")

_SHORT = 16  # characters of a clip's SHA-256 by which it is known among those of a job


@dataclass(frozen=True)
class Order:
    """A file to be made.

    kind, camera, name: as in `Output`; `name` is the file's
    made_from: fingerprint of all that decides its content, but for its name
    build: writes the file it is given; returns its seconds and a note
    contents, lacks: as in `Output`; what was here once and is not in it
    process: says how it was made, for the custody; the text is "" unless given
    """

    kind: str
    camera: str
    name: str
    made_from: str
    build: Callable[[Path], tuple[float, str]]
    contents: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    process: Callable[[], str] = str

    @property
    def fingerprint(self) -> str:
        """Of its name too: that tells span and zone, by which what stands in the file is called."""
        return fingerprint([self.name, self.made_from])


class Outputs:
    """Makes the finished files of a job.

    failures: files that could not be made, in words
    notes:    what else there is to say of them, in sentences
    """

    def __init__(self, journal: Journal, folder: Path, work: Path, other_jobs: OtherJobs) -> None:
        self._journal = journal
        self._folder = folder
        self._work = work
        self._other_jobs = other_jobs
        self.failures: list[str] = []
        self.notes: list[str] = []

    def begin(self) -> None:
        """All files are made once more, as far as they are not there already."""
        self.failures.clear()
        self.notes.clear()

    def make(self, order: Order) -> None:
        """Make a file, unless the very same is there already, and journal it.

        A file of this name that another job made is not touched, nor is one that has more in it.
        """
        mine = self._of_kind(order)
        for output in mine:
            if not is_whole(self._folder, output):
                continue
            if output.made_from == order.fingerprint:
                log.info("%s is there already", output.path)
                return
            if _has_all_of(output, order):
                log.info("%s has more in it, and is kept", output.path)
                self.notes.append(
                    f"{output.path.name} is kept as it was made, when more of the footage was here."
                )
                return
        twin = self._other_jobs.made_before(order.kind, order.camera, order.fingerprint)
        if twin is not None:
            log.info("%s was made by another job of the same clips", twin.path)
            how = "made by another job, of the same"
            self._remember(replace(twin, loss=None), order, how)
            return
        unfinished = self._work / order.name
        try:
            with disk_errors(self._folder):
                seconds, note = order.build(unfinished)
        except (FfmpegError, NotAVideo) as error:  # clips and other files are none the worse for it
            log.exception("%s could not be made: %s", order.name, getattr(error, "detail", ""))
            failure = f"{order.name} could not be made. {error} Try again with --resume."
            self.failures.append(failure)
            return
        with disk_errors(self._folder):
            target = self._publish(unfinished, order)
        output = Output(
            kind=order.kind,
            camera=order.camera,
            path=PurePosixPath(target.name),
            duration=seconds,
            size=target.stat().st_size,
            sha256=digest(target),
            made_from=order.fingerprint,
            note="; ".join(filter(None, [note, _lack_text(order)])),
            contents=order.contents,
        )
        self._remember(output, order, "; ".join(filter(None, [order.process(), output.note])))
        log.info("Made %s", output.path)

    def is_made(self, order: Order) -> bool:
        """Whether `make` would make nothing, going by what is journalled of the files."""
        return any(
            output.loss is None
            and (output.made_from == order.fingerprint or _has_all_of(output, order))
            for output in self._of_kind(order)
        )

    def _of_kind(self, order: Order) -> list[Output]:
        """The job's files of this kind and camera, the newest last."""
        with self._journal.locked() as job:
            return [
                output
                for output in job.outputs
                if (output.kind, output.camera) == (order.kind, order.camera)
            ]

    def _publish(self, unfinished: Path, order: Order) -> Path:
        """Give a finished file its name: that of the file whose place it takes, or a new one."""
        mine = self._of_kind(order)
        for output in mine:
            if _is_bettered_by(output, order) and not self._other_jobs.have_made(output.path.name):
                target = self._folder / output.path
                publish(unfinished, target)
                return target
        begun = self._begun(order)
        if begun is not None:
            publish(unfinished, begun)
            return begun
        # A number tells it from a better one, which may be on its way back from another folder.
        better = any(not _is_bettered_by(output, order) for output in mine)
        first = 2 if better else 1
        return publish_new(unfinished, self._folder / order.name, first, self._note_begun(order))

    def _note_begun(self, order: Order) -> Callable[[Path], None]:
        """Notes the name that a file is about to get: a run that is killed before the file itself
        is journalled leaves it under a name of which nobody else would know whose it is.
        """

        def note(path: Path) -> None:
            with self._journal.change() as job:
                job.publishing = (order.kind, order.camera, path.name)

        return note

    def _begun(self, order: Order) -> Path | None:
        """The file that a killed run left under its name before it was journalled."""
        with self._journal.locked() as job:
            begun, own = job.publishing, {output.path.name for output in job.outputs}
        if begun[:2] != (order.kind, order.camera) or begun[2] in own:
            return None
        path = self._folder / begun[2]
        return path if path.is_file() and not self._other_jobs.have_made(path.name) else None

    def _remember(self, output: Output, order: Order, how: str) -> None:
        """Journal a file, in place of those that have nothing which is not in it."""
        instead_of = [one for one in self._of_kind(order) if _is_bettered_by(one, order)]
        with self._journal.change() as job:
            job.outputs = [one for one in job.outputs if one not in instead_of] + [output]
            if job.publishing[:2] == (order.kind, order.camera):
                job.publishing = ()  # another's is for a file that a killed run has left
            custody.made(self._journal, output, how)


def _is_bettered_by(output: Output, order: Order) -> bool:
    """What is made by the order has all that is in a file made before."""
    if output.contents:
        return set(output.contents) <= set(order.contents)
    return not order.lacks  # of an earlier version of the program: it may have had all of it


def _has_all_of(output: Output, order: Order) -> bool:
    """A file made before has all that would be in a new one, and more."""
    return set(output.contents) > set(order.contents)


def _lack_text(order: Order) -> str:
    """What a person should know of a file that is made without what was here once."""
    return f"made without {', '.join(order.lacks)}" if order.lacks else ""


def fingerprint(parts: Iterable[str]) -> str:
    """A short digest of what decides the content of a file."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def clips_in(job: Job, cameras: Iterable[Camera]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What of these cameras is here to be shown, and what is not any more: see `Order`."""
    cameras = list(cameras)
    here = [short_hash(clip) for camera in cameras for clip in job.clips(camera)]
    lost = [one.clip.path.name for camera in cameras for one in job.lost_clips(camera)]
    return tuple(here), tuple(lost)


def short_hash(clip: Clip) -> str:
    """By what a clip is known in `Output.contents`."""
    return short_hash_of(clip.sha256)


def short_hash_of(sha256: str) -> str:
    return sha256[:_SHORT]


def minutes_with(readings: Iterable[Reading]) -> tuple[str, ...]:
    """The minutes of which there are readings, as `Output.contents` has them."""
    return tuple(dict.fromkeys(f"{reading.time:%Y-%m-%dT%H:%M}" for reading in readings))
