"""Finished files: each is made once from the same clips, published whole, and journalled."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from footage.errors import FfmpegError, NotAVideo
from footage.job.journal import Journal
from footage.job.other_jobs import OtherJobs
from footage.job.whole import is_whole
from footage.model import Output
from footage.system.whole_files import digest, disk_errors, publish, publish_new

log = logging.getLogger("footage.job.outputs")


@dataclass(frozen=True)
class Order:
    """A file to be made.

    kind, camera, name: as in `Output`; `name` is the file's
    made_from: fingerprint of all that decides its content, but for its name
    build: writes the file it is given; returns its seconds and a note
    """

    kind: str
    camera: str
    name: str
    made_from: str
    build: Callable[[Path], tuple[float, str]]


class Outputs:
    """Makes the finished files of a job.

    failures: files that could not be made, in words
    """

    def __init__(self, journal: Journal, folder: Path, work: Path, other_jobs: OtherJobs) -> None:
        self._journal = journal
        self._folder = folder
        self._work = work
        self._other_jobs = other_jobs
        self.failures: list[str] = []

    def make(self, order: Order) -> None:
        """Make a file, unless the very same is there already, and journal it.

        A file of this name that another job made is not touched.
        """
        # The name tells span and zone, by which what stands in the file is called.
        made_from = fingerprint([order.name, order.made_from])
        mine = [
            output
            for output in self._journal.job.outputs
            if (output.kind, output.camera) == (order.kind, order.camera)
        ]
        for output in mine:
            if output.made_from == made_from and is_whole(self._folder, output):
                log.info("%s is there already", output.path)
                return
        twin = self._other_jobs.made_before(order.kind, order.camera, made_from)
        if twin is not None:
            log.info("%s was made by another job of the same clips", twin.path)
            self._remember(twin, mine)
            return
        unfinished = self._work / order.name
        try:
            seconds, note = order.build(unfinished)
        except (FfmpegError, NotAVideo) as error:  # clips and other files are none the worse for it
            log.exception("%s could not be made: %s", order.name, getattr(error, "detail", ""))
            failure = f"{order.name} could not be made. {error} Try again with --resume."
            self.failures.append(failure)
            return
        with disk_errors(self._folder):
            target = self._publish(unfinished, order.name, mine)
        output = Output(
            kind=order.kind,
            camera=order.camera,
            path=PurePosixPath(target.name),
            duration=seconds,
            size=target.stat().st_size,
            sha256=digest(target),
            made_from=made_from,
            note=note,
        )
        self._remember(output, mine)
        log.info("Made %s", output.path)

    def _publish(self, unfinished: Path, name: str, mine: Sequence[Output]) -> Path:
        """Give a finished file its name: that of the job's own file before it, or a new one."""
        if mine:
            target = self._folder / mine[0].path
            publish(unfinished, target)
            return target
        return publish_new(unfinished, self._folder / name)

    def _remember(self, output: Output, instead_of: Sequence[Output]) -> None:
        with self._journal.change() as job:
            job.outputs = [one for one in job.outputs if one not in instead_of] + [output]


def fingerprint(parts: Iterable[str]) -> str:
    """A short digest of what decides the content of a file."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
