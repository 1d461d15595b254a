"""What came of a job: what is missing and why, and which exit status that makes. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from footage.errors import ExitStatus
from footage.media import timeline
from footage.model import (
    Camera,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Window,
)

# So much of a camera's footage may be missing at the edges of clips and still count as complete.
TOLERATED = 2.0


@dataclass(frozen=True)
class Missing:
    """A stretch for which a camera has no footage, and the reason in words."""

    camera: Camera
    window: Window
    reason: str


def missing(job: Job) -> list[Missing]:
    """Every gap of every camera that counts, by camera and time; equal neighbours are joined."""
    absent = not_installed(job)
    found: list[Missing] = []
    for camera in job.cameras:
        if camera in absent:
            continue
        explain = _stills_missing if job.media_type is MediaType.IMAGE else _explained
        for part in explain(job, camera):
            last = found[-1] if found else None
            if (
                last is not None
                and (last.camera, last.reason) == (part.camera, part.reason)
                and last.window.end == part.window.start != part.window.end
            ):
                found[-1] = Missing(camera, Window(last.window.start, part.window.end), part.reason)
            else:
                found.append(part)
    return found


def not_installed(job: Job) -> list[Camera]:
    """Cameras that were invalid for every window; of those that nobody named, refused as well.

    A vehicle lacks them. A refusal may have another reason, so it counts as missing footage where
    the person named the camera, where the request was for several or was a second try, and where
    nothing but refusals came for any camera.
    """
    no = (MediaStatus.INVALID, MediaStatus.REFUSED)
    telling = not job.cameras_named and any(media.status not in no for _, media in job.media())
    found = []
    for camera in job.cameras:
        # Of several requests for one window (asked once more) the last has the last word.
        last = {retrieval.window: (retrieval, media) for retrieval, media in job.media(camera)}
        if last and all(
            media.clip is None
            and (
                media.status is MediaStatus.INVALID
                or (
                    media.status is MediaStatus.REFUSED
                    and telling
                    and len(retrieval.media) == 1
                    and not retrieval.repeat
                )
            )
            for retrieval, media in last.values()
        ):
            found.append(camera)
    return found


def exit_status(job: Job) -> ExitStatus:
    """COMPLETE, INCOMPLETE where a camera lacks more than TOLERATED seconds, or NOTHING."""
    if not any(media.clip for _, media in job.media()):
        pending = any(not media.settled for _, media in job.media())
        return ExitStatus.INCOMPLETE if pending else ExitStatus.NOTHING
    absent = not_installed(job)
    for camera in job.cameras:
        if camera in absent:
            continue
        if job.media_type is MediaType.IMAGE:
            complete = not any(_stills_missing(job, camera))
        else:
            complete = timeline.missing_seconds(job.clips(camera), job.span) <= TOLERATED
        if not complete:
            return ExitStatus.INCOMPLETE
    return ExitStatus.COMPLETE


def shifted(job: Job, least: float = 1.0) -> Iterator[tuple[Media, Retrieval, float]]:
    """Clips that begin so many seconds or more away from what was asked; the difference signed."""
    for retrieval in job.retrievals:
        for camera in retrieval.cameras:
            there = [m for m in retrieval.media if m.camera == camera and m.clip is not None]
            # Of several pieces only the first is to begin at the start.
            for media in sorted(there, key=lambda m: m.clip.start if m.clip else job.end)[:1]:
                assert media.clip is not None  # noqa: S101 - tells the type checker
                off = (media.clip.start - retrieval.window.start).total_seconds()
                if abs(off) >= least:
                    yield media, retrieval, off


def asked_once_more(job: Job) -> list[Retrieval]:
    """Requests that were made a second time because the first upload failed."""
    return [one for one in job.retrievals if one.repeat and one.requested_at is not None]


def possibly_counted_twice(job: Job) -> list[Retrieval]:
    """Requests of which an earlier sending got no answer and may have been counted as well."""
    return [retrieval for retrieval in job.retrievals if retrieval.possible_duplicates]


def _explained(job: Job, camera: Camera) -> Iterator[Missing]:
    """The gaps of one camera, cut where the reason changes."""
    asked = list(job.media(camera))
    for gap in timeline.gaps(job.clips(camera), job.span):
        start = gap.start
        while start < gap.end:
            covering = [
                (retrieval, media)
                for retrieval, media in asked
                if retrieval.window.start <= start < retrieval.window.end
            ]
            # Of several requests for one window (asked once more) the last has the last word.
            retrieval, media = covering[-1] if covering else (None, None)
            end = min(gap.end, retrieval.window.end) if retrieval else gap.end
            yield Missing(camera, Window(start, end), _reason(job, retrieval, media))
            start = end if end > start else start + timedelta(minutes=1)


def _stills_missing(job: Job, camera: Camera) -> Iterator[Missing]:
    """The moments of which a camera has no picture."""
    asked = list(job.media(camera))
    there = {retrieval.window for retrieval, media in asked if media.clip is not None}
    last = {retrieval.window: (retrieval, media) for retrieval, media in asked}
    for window, (retrieval, media) in sorted(last.items(), key=lambda pair: pair[0]):
        if window not in there:
            yield Missing(camera, window, _reason(job, retrieval, media))


def _reason(job: Job, retrieval: Retrieval | None, media: Media | None) -> str:
    if retrieval is None or media is None:
        return f"{job.provider} has no footage of it, so it was not asked for"
    provider_message = (
        f' ("{media.provider_message}")'
        if media.provider_message and media.provider_message != media.status.value
        else ""
    )
    if media.clip is not None:
        return "the clip that came does not cover it"
    if media.status is MediaStatus.REFUSED:
        if "not recording" in media.provider_message.lower():
            return f"the camera was not recording{provider_message}"
        return f"{job.provider} refused the request{provider_message}"
    if media.status is MediaStatus.UNUSABLE:
        what = "a picture" if job.media_type is MediaType.IMAGE else "playable video"
        return f"what {job.provider} delivered is not {what}"
    if media.status is MediaStatus.FAILED:
        return f"the upload failed{provider_message}"
    if media.status is MediaStatus.UNAVAILABLE:
        return f"the camera has no footage of it{provider_message}"
    if media.status is MediaStatus.INVALID and not media.provider_message:
        return f"{job.provider} delivered nothing of this camera"
    if media.status is MediaStatus.INVALID:
        return f"{job.provider} calls the request invalid{provider_message}"
    if retrieval.state is RetrievalState.PLANNED and retrieval.possible_duplicates:
        return f"{job.provider} did not answer the request"
    if retrieval.state is RetrievalState.PLANNED:
        return "it has not been asked for yet"
    return "it has not been uploaded yet"
