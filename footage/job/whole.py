"""Whether the files of a job are as its journal remembers them, and what that leaves to do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from footage.job import custody
from footage.job.journal import Journal
from footage.job.progress import CheckProgress
from footage.model import UTC, Clip, Job, Loss, LostClip, Media, MediaStatus, Output, Retrieval
from footage.system.whole_files import digest, disk_errors

log = logging.getLogger("footage.job.whole")

_NAMED = 10  # so many lost files are named on the screen

# A file whose time of change is later than this after its download was touched since.
_WRITTEN_AFTER = timedelta(seconds=5)

# Nanoseconds: a file that was changed so short a time ago may be changed again without another
# time of change.
_SURE_AFTER = 2_000_000_000


def is_whole(folder: Path, file: Clip | Output) -> bool:
    """The file of a clip or output is there, with the size and content that were journalled."""
    return loss_of(folder, file) is None


def loss_of(folder: Path, file: Clip | Output) -> Loss | None:
    """What became of the file of a clip or output; None where it is as it was journalled."""
    path = folder / file.path
    with disk_errors(folder):
        loss = _glance(path, file)
        return loss or (None if _digest_once(path) == file.sha256 else Loss.CHANGED)


def _glance(path: Path, file: Clip | Output) -> Loss | None:
    """What its size alone says of a file; None where it may be as it was."""
    if not path.is_file():
        return Loss.MISSING
    return None if path.stat().st_size == file.size else Loss.CHANGED


# SHA-256 of files that were hashed in this run, and the marks by which they would be others. A run
# over several jobs looks at each of them again and again.
_hashed: dict[Path, tuple[tuple[int, ...], str]] = {}


def _digest_once(path: Path) -> str:
    """The SHA-256 of a file; hashed again only where it is not the file that was hashed before."""
    found = path.stat()
    marks = (found.st_mtime_ns, found.st_size, found.st_ino)
    if path in _hashed and _hashed[path][0] == marks:
        return _hashed[path][1]
    sha256 = digest(path)
    if time.time_ns() - found.st_mtime_ns > _SURE_AFTER:
        _hashed[path] = marks, sha256
    return sha256


@dataclass(frozen=True)
class _Found:
    """What became of a file; the size and SHA-256 that it has now, 0 and "" where it is missing."""

    file: Clip | Output
    loss: Loss | None
    size: int
    sha256: str


class FileCheck:
    """Looks at all files of a job. What is missing or was changed is noted in its journal; what the
    journal knew of such a file stays in it, and a file that is back is taken up again. A finished
    job of which something can be fetched or made again is no longer finished.

    A long job has thousands of clips, whose hashing takes minutes. So `look` goes by their sizes
    alone, and `hash_rest` makes sure, if need be beside other work: until it has ended no clip is
    to be used. No other thread waits for either: hashing is done before the job is changed.

    pause: called with 0 between two files; raises Interrupted where the person stops the program
    """

    def __init__(self, journal: Journal, folder: Path, pause: Callable[[float], object]) -> None:
        self._journal = journal
        self._folder = folder
        self._pause = pause
        self._to_hash: list[Clip | Output] = []
        self._hashed = 0
        self._sentences: list[str] = []

    @property
    def progress(self) -> CheckProgress:
        """How many of the files that have to be hashed are."""
        return CheckProgress(self._hashed, len(self._to_hash))

    def take_sentences(self) -> list[str]:
        """What `hash_rest` found to be lost since this was called last, in sentences."""
        taken, self._sentences = self._sentences, []
        return taken

    def look(self) -> None:
        """Note what is missing or has another size. What was lost before, and may be back, is
        hashed at once, so that it is not fetched in vain.
        """
        with self._journal.locked() as job:
            files = _noted_losses(job)
        found: list[_Found] = []
        touched: list[Clip | Output] = []
        others: list[Clip | Output] = []
        lost: set[Clip | Output] = set()
        for file, noted in files.items():
            path = self._folder / file.path
            with disk_errors(self._folder):
                loss = _glance(path, file)
                if loss is None and noted is None:
                    (touched if _touched_since(path, file) else others).append(file)
                elif loss is None:
                    self._pause(0)
                    loss = loss_of(self._folder, file)
            if loss is not noted:
                found.append(self._found(file, loss))
            if loss is not None:
                lost.add(file)
        self._note(found, lost)
        self._to_hash = [*touched, *others]

    def hash_rest(self) -> Iterator[list[Retrieval]]:
        """Compare all other files with their hashes; after each, give the retrievals whose footage
        turned out to be lost: mostly none.
        """
        for file in self._to_hash[self._hashed :]:
            self._pause(0)
            loss = loss_of(self._folder, file)
            self._hashed += 1
            if loss is None:
                yield []
                continue
            self._sentences.append(_lost_sentence(file, loss))
            yield self._note([self._found(file, loss)], {file})

    def _found(self, file: Clip | Output, loss: Loss | None) -> _Found:
        if loss is None:
            return _Found(file, None, file.size, file.sha256)
        path = self._folder / file.path
        with disk_errors(self._folder):
            if loss is Loss.CHANGED and path.is_file():
                return _Found(file, loss, path.stat().st_size, digest(path))
        return _Found(file, loss, 0, "")

    def _note(self, found: Iterable[_Found], lost: set[Clip | Output]) -> list[Retrieval]:
        """Write into the job what became of its files; returns the retrievals that lost a clip.

        lost: all files that are not as they were, also those that were noted before
        """
        losses = {one.file: one for one in found}
        if not losses and not lost:
            return []
        lacking: list[Retrieval] = []
        with self._journal.change() as job:
            for retrieval, media in job.media():
                clip = _clip_of(media)
                if clip is None:
                    continue
                if clip in losses and losses[clip].loss is not _noted_loss(media):
                    _note_media(media, clip, losses[clip].loss)
                if clip in lost:
                    media.status = MediaStatus.PENDING  # it may be in the cloud still
                    lacking.append(retrieval)
            job.outputs = [
                replace(one, loss=losses[one].loss) if one in losses else one for one in job.outputs
            ]
            for one in losses.values():
                if one.loss is None:
                    custody.found_again(self._journal, one.file)
                else:
                    custody.lost(self._journal, one.file, one.size, one.sha256)
            nothing_to_fetch = not lacking and not any(isinstance(one, Clip) for one in losses)
            job.finished = job.finished and nothing_to_fetch and not _can_be_made_again(job)
        return lacking


def _noted_losses(job: Job) -> Mapping[Clip | Output, Loss | None]:
    """All files of a job, each once, and what the journal says became of them."""
    files: dict[Clip | Output, Loss | None] = {}
    for _, media in job.media():
        if (clip := _clip_of(media)) is not None:
            files[clip] = _noted_loss(media)
    return {**files, **{output: output.loss for output in job.outputs}}


def _clip_of(media: Media) -> Clip | None:
    """The clip that is here, or was."""
    return media.clip or (media.lost.clip if media.lost else None)


def _noted_loss(media: Media) -> Loss | None:
    """What the journal says of the file of a clip."""
    return media.lost.loss if media.lost and not media.clip else None


def _note_media(media: Media, clip: Clip, loss: Loss | None) -> None:
    """Write into the job that a clip is lost, or is back; within `change`."""
    if loss is None:
        log.info("%s is back", clip.path)
        media.clip, media.lost, media.status = clip, None, MediaStatus.AVAILABLE
        return
    media.clip, media.lost = None, LostClip(clip, loss, datetime.now(UTC))


def _touched_since(path: Path, file: Clip | Output) -> bool:
    """The file was written to after it was downloaded; False where nobody knows when that was."""
    fetched_at = file.fetched_at if isinstance(file, Clip) else None
    if fetched_at is None:
        return False
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return changed > fetched_at + _WRITTEN_AFTER


def _can_be_made_again(job: Job) -> bool:
    """A finished file is lost, and no other of its kind is there."""
    there = {(output.kind, output.camera) for output in job.outputs if output.loss is None}
    return any((output.kind, output.camera) not in there for output in job.outputs)


def lost_sentences(job: Job) -> list[str]:
    """What is missing or was changed, in sentences."""
    clips = [(one.clip, one.loss) for one in job.lost_clips()]
    outputs = [(output, output.loss) for output in job.outputs if output.loss]
    files: list[tuple[Clip | Output, Loss]] = [*clips, *outputs]
    for file, loss in files:
        log.info("%s %s: sha256 %s", file.path, loss.text, file.sha256)
    sentences = [_lost_sentence(file, loss) for file, loss in files]
    more = len(sentences) - _NAMED
    if more <= 0:
        return sentences
    return [*sentences[:_NAMED], f"So it is with {more} more files, all named in the log."]


def _lost_sentence(file: Clip | Output, loss: Loss) -> str:
    return f"{file.path.name} {loss.text} on this computer."
