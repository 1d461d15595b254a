"""Whether the files of a job are as its journal remembers them, and what that leaves to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePath

from footage.job import custody
from footage.job.journal import Journal
from footage.model import UTC, Clip, Job, Loss, LostClip, Media, MediaStatus, Output
from footage.system.whole_files import digest, disk_errors

log = logging.getLogger("footage.job.whole")

_NAMED = 10  # so many lost files are named on the screen


def is_whole(folder: Path, file: Clip | Output) -> bool:
    """The file of a clip or output is there, with the size and content that were journalled."""
    return loss_of(folder, file) is None


def loss_of(folder: Path, file: Clip | Output) -> Loss | None:
    """What became of the file of a clip or output; None where it is as it was journalled."""
    path = folder / file.path
    with disk_errors(folder):
        if not path.is_file():
            return Loss.MISSING
        same = path.stat().st_size == file.size and digest(path) == file.sha256
        return None if same else Loss.CHANGED


@dataclass(frozen=True)
class _Checked:
    """What the files of a media, or of the outputs, were found to be."""

    media: Media
    clip: Clip
    loss: Loss | None


@dataclass(frozen=True)
class _News:
    """What became of a file; the size and SHA-256 that it has now, 0 and "" where it is missing."""

    file: Clip | Output
    loss: Loss | None
    size: int
    sha256: str


def check_files(journal: Journal, folder: Path, pause: Callable[[float], object]) -> list[str]:
    """Look at all files of a job; what is missing or was changed is noted, and said in sentences.

    What the journal knew of such a file stays in it; a file that is back is taken up again. A
    finished job of which something can be fetched or made again is no longer finished.

    pause: called with 0 between two files; raises Interrupted where the person stops the program
    """
    # Hashing takes long, so it is done before the job is changed, and no other thread waits for it.
    checked: list[_Checked] = []
    with journal.locked() as job:
        all_media = [media for _, media in job.media()]
        outputs = list(job.outputs)
    losses: dict[Clip, Loss | None] = {}
    for media in all_media:
        clip = media.clip or (media.lost.clip if media.lost else None)
        if clip is not None:
            if clip not in losses:
                pause(0)
                losses[clip] = loss_of(folder, clip)
            checked.append(_Checked(media, clip, losses[clip]))
    outputs_now = []
    for output in outputs:
        pause(0)
        outputs_now.append(replace(output, loss=loss_of(folder, output)))
    changed = [one for one in checked if one.loss is not _noted_loss(one.media)]
    differing: dict[PurePath, tuple[Clip | Output, Loss | None]] = {
        one.clip.path: (one.clip, one.loss) for one in changed
    }
    for now, before in zip(outputs_now, outputs, strict=True):
        if now.loss is not before.loss:
            differing[now.path] = now, now.loss
    news = [_news(folder, *one) for one in differing.values()]
    lost = [one.media for one in checked if one.loss is not None]
    if changed or lost or outputs_now != outputs:
        with journal.change() as job:
            for one in changed:
                _note(one)
            for file in news:
                _note_step(journal, file)
            for media in lost:
                media.status = MediaStatus.PENDING  # it may be in the cloud still
            job.outputs = outputs_now
            job.finished = job.finished and not (changed or lost or _can_be_made_again(job))
    return _sentences(journal.job)


def _news(folder: Path, file: Clip | Output, loss: Loss | None) -> _News:
    if loss is None:
        return _News(file, None, file.size, file.sha256)
    path = folder / file.path
    with disk_errors(folder):
        if loss is Loss.CHANGED and path.is_file():
            return _News(file, loss, path.stat().st_size, digest(path))
    return _News(file, loss, 0, "")


def _note_step(journal: Journal, news: _News) -> None:
    """Add to the custody what became of a file; within `change`."""
    if news.loss is None:
        custody.found_again(journal, news.file)
    else:
        custody.lost(journal, news.file, news.size, news.sha256)


def _noted_loss(media: Media) -> Loss | None:
    """What the journal says of the file of a clip."""
    return media.lost.loss if media.lost and not media.clip else None


def _note(checked: _Checked) -> None:
    """Write into the job that a clip is lost, or is back; within `change`."""
    media, clip = checked.media, checked.clip
    if checked.loss is None:
        log.info("%s is back", clip.path)
        media.clip, media.lost, media.status = clip, None, MediaStatus.AVAILABLE
        return
    media.clip, media.lost = None, LostClip(clip, checked.loss, datetime.now(UTC))


def _can_be_made_again(job: Job) -> bool:
    """A finished file is lost, and no other of its kind is there."""
    there = {(output.kind, output.camera) for output in job.outputs if output.loss is None}
    return any((output.kind, output.camera) not in there for output in job.outputs)


def _sentences(job: Job) -> list[str]:
    clips = [(one.clip, one.loss) for one in job.lost_clips()]
    outputs = [(output, output.loss) for output in job.outputs if output.loss]
    files: list[tuple[Clip | Output, Loss]] = [*clips, *outputs]
    for file, loss in files:
        log.info("%s %s: sha256 %s", file.path, loss.text, file.sha256)
    sentences = [f"{file.path.name} {loss.text} on this computer." for file, loss in files]
    more = len(sentences) - _NAMED
    if more <= 0:
        return sentences
    return [*sentences[:_NAMED], f"So it is with {more} more files, all named in the log."]
