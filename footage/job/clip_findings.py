"""What a person should know of the clips that came: where one is not what was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from footage.model import Camera, Job, Window

# A clip that begins so many seconds or more away from what was asked for is told of.
_SHIFT_TOLD = 1.0


@dataclass(frozen=True)
class Shift:
    """A clip begins `seconds` later (earlier where negative) than the window asked for."""

    camera: Camera
    window: Window
    seconds: float


@dataclass(frozen=True)
class UnreadTime:
    """What the provider gives as a clip's time cannot be read: it is placed at the asked time."""

    camera: Camera
    window: Window
    text: str


@dataclass(frozen=True)
class Repeat:
    """A stretch that was answered with the very same footage as `shown_for`, where it is shown."""

    camera: Camera
    window: Window
    shown_for: Window


@dataclass(frozen=True)
class OtherLength:
    """A file plays for another time than from the start to the end that the provider reports."""

    camera: Camera
    window: Window
    plays: float
    reported: float


@dataclass(frozen=True)
class Damage:
    """A file of which not all can be decoded."""

    camera: Camera
    window: Window
    path: PurePath


@dataclass(frozen=True)
class ClipFindings:
    """What there is to say of the clips of a job, each by request and camera."""

    shifted: tuple[Shift, ...]
    unread_times: tuple[UnreadTime, ...]
    repeated: tuple[Repeat, ...]
    other_lengths: tuple[OtherLength, ...]
    damaged: tuple[Damage, ...]


def findings_of(job: Job) -> ClipFindings:
    """What there is to say of the clips of a job."""
    shown = [(camera, clip) for camera in job.cameras for clip in job.clips(camera)]
    return ClipFindings(
        shifted=tuple(_shifted(job, {clip.path for _, clip in shown})),
        unread_times=tuple(
            UnreadTime(media.camera, retrieval.window, media.unread_time)
            for retrieval, media in job.media()
            if media.clip and media.unread_time
        ),
        repeated=tuple(_repeated(job)),
        other_lengths=tuple(
            OtherLength(camera, clip.window, clip.duration, clip.reported)
            for camera, clip in shown
            if clip.length_differs
        ),
        damaged=tuple(
            Damage(camera, clip.window, clip.path)
            for camera, clip in shown
            if clip.tracks.video.damaged
        ),
    )


def _shifted(job: Job, shown: set[PurePath]) -> Iterator[Shift]:
    """Clips that do not begin where they were asked to; of a repeated one nothing is shown."""
    for retrieval in job.retrievals:
        for camera in retrieval.cameras:
            clips = [media.clip for media in retrieval.media if media.camera == camera]
            starts = [clip.start for clip in clips if clip and clip.path in shown]
            if not starts:
                continue
            # Of several pieces only the first is to begin at the start.
            seconds = (min(starts) - retrieval.window.start).total_seconds()
            if abs(seconds) >= _SHIFT_TOLD:
                yield Shift(camera, retrieval.window, seconds)


def _repeated(job: Job) -> list[Repeat]:
    """The windows whose clip is that of another window; equal neighbours are joined."""
    found: list[Repeat] = []
    for camera in job.cameras:
        clips = job.clips(camera)
        shown, by_content = {clip.path for clip in clips}, {clip.sha256: clip for clip in clips}
        unseen = [
            (retrieval.window, by_content[media.clip.sha256].window)
            for retrieval, media in job.media(camera)
            if media.clip and media.clip.path not in shown
        ]
        for window, shown_for in sorted(unseen):
            if window == shown_for:  # two pieces of one answer
                continue
            before = Window(found[-1].window.start, window.start) if found else window
            if found and found[-1] == Repeat(camera, before, shown_for):
                window = Window(found.pop().window.start, window.end)
            found.append(Repeat(camera, window, shown_for))
    return found
