"""The tables of files, with the hashes that the page is checked by. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from footage.job import findings_text
from footage.job.outcome import Outcome
from footage.model import Clip, Job, Loss, MediaType, Output
from footage.report import hash_list, times

# What each kind of finished file is; those that are made at the very end are not in the page.
_WORDS = {
    "side-by-side": "Side-by-side: a rendering",
    "merge": "Merge of {camera}: its clips, joined without a change to any picture",
    "event-clip": "{camera}: the provider's own clip of the event, its time guessed from the event",
    "contact-sheet": "Contact sheet: a rendering",
    "track": "Track (GPX)",
    "readings": "Speed and place, as the provider gave them",
}
_AFTER_THE_PAGE = ("report", hash_list.KIND)


@dataclass(frozen=True)
class OnDisk:
    """What was found beside the page when it was made.

    names:  of all files there
    frames: file name -> how many frames the film has
    hash_list: the name of the list of hashes, which is written after the page
    """

    names: frozenset[str]
    frames: Mapping[str, int]
    hash_list: str


@dataclass(frozen=True)
class FileRow:
    """One file in the tables.

    what:   the camera, or what the file is
    asked, starts: for an original: the window asked for, and when it really begins
    state:  "" where the file is there as it was
    """

    name: str
    what: str
    asked: str
    starts: str
    seconds: str
    size: int
    sha256: str
    state: str


def originals(job: Job, outcome: Outcome, on_disk: OnDisk, tz: tzinfo) -> Iterator[FileRow]:
    """The clips as the provider delivered them, by camera and time."""
    cameras = {
        media.clip.path.name: outcome.camera_names[media.camera]
        for _, media in job.media()
        if media.clip
    }
    for one in job.lost_clips():
        cameras.setdefault(one.clip.path.name, "")
    losses = {one.clip.path.name: one.loss for one in job.lost_clips()}
    still = job.media_type is MediaType.IMAGE
    for clip in hash_list.all_clips(job):
        yield FileRow(
            name=clip.path.name,
            what=cameras[clip.path.name] or _camera_of_lost(job, outcome, clip),
            asked=findings_text.when_text(clip.window, outcome, tz),
            starts=times.exact_text(clip.start, tz),
            seconds="" if still else f"{clip.duration:.2f}",
            size=clip.size,
            sha256=clip.sha256,
            state=_state(clip.path.name, losses.get(clip.path.name), on_disk),
        )


def _camera_of_lost(job: Job, outcome: Outcome, clip: Clip) -> str:
    lost = ((camera, one.clip) for camera in job.cameras for one in job.lost_clips(camera))
    return next((outcome.camera_names[camera] for camera, one in lost if one == clip), "")


def made_files(job: Job, outcome: Outcome, on_disk: OnDisk) -> Iterator[FileRow]:
    """The files that were made of the clips, but for those that are made after the page."""
    names = {camera.label: name for camera, name in outcome.camera_names.items()}
    for output in _in_order(hash_list.all_outputs(job)):
        if output.kind in _AFTER_THE_PAGE:
            continue
        what = _WORDS.get(output.kind, output.kind.capitalize())
        if output.kind == "merge" and output.note:
            what = "Merge of {camera}: " + output.note.replace("{", "(").replace("}", ")")
        yield FileRow(
            name=output.path.name,
            what=what.format(camera=names.get(output.camera, output.camera)),
            asked="",
            starts="",
            seconds=f"{output.duration:.2f}" if output.duration else "",
            size=output.size,
            sha256=output.sha256,
            state=_state(output.path.name, output.loss, on_disk),
        )


def _in_order(outputs: Iterable[Output]) -> list[Output]:
    kinds = list(_WORDS)
    return sorted(
        outputs, key=lambda one: kinds.index(one.kind) if one.kind in kinds else len(kinds)
    )


def _state(name: str, loss: Loss | None, on_disk: OnDisk) -> str:
    if loss is Loss.CHANGED:
        return "changed"
    return "" if name in on_disk.names and loss is None else "missing"
