"""What came of a job, computed once into one plain object; what shows it only renders that."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from footage.cloud.shared_inputs import input_of, is_further
from footage.errors import ExitStatus
from footage.job import reuse
from footage.job.clip_findings import ClipFindings, findings_of
from footage.media import timeline
from footage.model import (
    Camera,
    Contact,
    Job,
    Loss,
    Media,
    MediaStatus,
    MediaType,
    Output,
    Retrieval,
    RetrievalState,
    SafetyEvent,
    Window,
)
from footage.system.intervals import Spans, overlap

# Up to so many seconds of a camera's footage may be missing and it still counts as complete: clips
# begin and end a little off.
TOLERATED = 2.0


@dataclass(frozen=True)
class Missing:
    """A stretch (a moment, of stills) for which a camera has no footage, and why.

    provider_message: the provider's own words on it, "" for none
    """

    camera: Camera
    window: Window
    reason: str
    provider_message: str = ""

    @property
    def explanation(self) -> str:
        """The reason, with the provider's own words where there are any."""
        return self.reason + _quoted(self.provider_message)


@dataclass(frozen=True)
class NotInstalled:
    """A camera of which nothing ever comes, and the provider's own words on it.

    The vehicle lacks it, or a privacy setting keeps it from recording: providers do not tell which.
    """

    camera: Camera
    provider_message: str

    @property
    def explanation(self) -> str:
        return "not installed, or switched off (privacy)" + _quoted(self.provider_message)


@dataclass(frozen=True)
class LostFile:
    """A finished file that is no longer on this computer as it was made."""

    path: PurePath
    loss: Loss

    @property
    def explanation(self) -> str:
        return f"it {self.loss.text} on this computer"


@dataclass(frozen=True)
class Request:
    """A request to the provider: its window and the cameras it is for."""

    window: Window
    cameras: tuple[Camera, ...]


@dataclass(frozen=True)
class Reused:
    """Footage that was not paid for again: clips (or stills), and the seconds they cover."""

    clips: int
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """What came of a job.

    camera_names: every camera of the job, by the name that a person reads: "Rear bumper (Analog)"
    files:        the finished files, those of the whole job first, then by camera
    lost_files:   finished files that are missing on this computer, or were changed there
    pictures:     the stills that came, by camera and time
    clips:        where a clip is not what was asked for
    paid:         requests that the provider took, so that they count against the quota
    asked_once_more: requests made a second time because the first upload failed
    possibly_counted_twice: requests of which an earlier sending got no answer
    quota:        what the provider said last on the month's quota, "" for nothing
    events:       the safety events that it is of
    contact:      when the vehicle was online, where something is still to come and that is told
    notes:        what else the run has to say, in sentences
    failures:     files that could not be made, in sentences
    """

    provider: str
    media_type: MediaType
    span: Window
    camera_names: Mapping[Camera, str]
    exit_status: ExitStatus
    files: tuple[Output, ...]
    lost_files: tuple[LostFile, ...]
    pictures: tuple[PurePath, ...]
    missing: tuple[Missing, ...]
    not_installed: tuple[NotInstalled, ...]
    clips: ClipFindings
    reused: Reused
    paid: tuple[Request, ...]
    asked_once_more: tuple[Request, ...]
    possibly_counted_twice: tuple[Request, ...]
    quota: str
    events: tuple[SafetyEvent, ...]
    contact: Contact | None
    notes: tuple[str, ...]
    failures: tuple[str, ...]


def outcome_of(job: Job, notes: Sequence[str] = (), failures: Sequence[str] = ()) -> Outcome:
    """What came of a job, with the notes and failures of the run that worked on it."""
    absent = not_installed(job)
    missing = tuple(_missing(job, absent))
    places = {camera.label: number for number, camera in enumerate(job.cameras)}
    outputs = sorted(job.outputs, key=lambda output: places.get(output.camera, -1))
    stills = job.media_type is MediaType.IMAGE
    return Outcome(
        provider=job.provider,
        media_type=job.media_type,
        span=job.span,
        camera_names={camera: _name(job, camera) for camera in job.cameras},
        exit_status=_exit_status(job, missing, failures),
        files=tuple(one for one in outputs if one.loss is None),
        lost_files=tuple(LostFile(one.path, one.loss) for one in outputs if one.loss),
        pictures=tuple(clip.path for camera in job.cameras for clip in job.clips(camera) if stills),
        missing=missing,
        not_installed=tuple(NotInstalled(camera, _last_message(job, camera)) for camera in absent),
        clips=findings_of(job),
        reused=_reused(job),
        paid=_requests(job, is_paid),
        asked_once_more=_requests(job, lambda one: one.repeat and one.requested_at is not None),
        possibly_counted_twice=_requests(job, lambda one: one.possible_duplicates > 0),
        quota=job.quota,
        events=job.events,
        contact=job.contact if _still_coming(job) else None,
        notes=tuple(notes),
        failures=tuple(failures),
    )


def _name(job: Job, camera: Camera) -> str:
    """What a camera is for, and its label, with which the names of its files begin."""
    role = job.shown_name(camera)
    return role if role == camera.label else f"{role} ({camera.label})"


def not_installed(job: Job) -> list[Camera]:
    """Cameras that were invalid for every window; of those that nobody named, refused as well.

    A vehicle lacks them. A refusal may have another reason, so it counts as missing footage where
    the person named the camera, where the request was for several or was a second try, and where
    nothing but refusals came for any camera.
    """
    turned_down = (MediaStatus.INVALID, MediaStatus.REFUSED)
    refusal_counts = not job.cameras_named and any(
        media.status not in turned_down for _, media in job.media()
    )

    def is_absent(retrieval: Retrieval, media: Media) -> bool:
        if media.clip is not None or media.lost is not None:
            return False
        if media.status is MediaStatus.REFUSED:
            return refusal_counts and len(retrieval.media) == 1 and not retrieval.repeat
        return media.status is MediaStatus.INVALID

    def all_absent(camera: Camera) -> bool:
        answers = _last_answers(job, camera)
        return bool(answers) and all(is_absent(*answer) for answer in answers.values())

    return [camera for camera in job.cameras if all_absent(camera)]


def _last_message(job: Job, camera: Camera) -> str:
    """The provider's words on the last request for a camera."""
    *_, (_, media) = job.media(camera)
    return media.provider_message


def _exit_status(job: Job, missing: Sequence[Missing], failures: Sequence[str]) -> ExitStatus:
    """COMPLETE; else STILL_COMING where another run may bring something; else NOTHING where there
    is no footage, or INCOMPLETE where a camera lacks too much or a file was not made.
    """
    coming = _still_coming(job)
    if not any(media.clip for _, media in job.media()):
        if coming:
            return ExitStatus.STILL_COMING
        lost = any(media.lost for _, media in job.media())
        return ExitStatus.INCOMPLETE if lost else ExitStatus.NOTHING
    if job.media_type is MediaType.IMAGE:
        complete = not missing
    else:
        seconds = dict.fromkeys(job.cameras, 0.0)
        for part in missing:
            seconds[part.camera] += part.window.seconds
        complete = max(seconds.values(), default=0.0) <= TOLERATED
    if complete and not failures:
        return ExitStatus.COMPLETE
    return ExitStatus.STILL_COMING if coming else ExitStatus.INCOMPLETE


def _still_coming(job: Job) -> bool:
    """What was here once, and is lost on this computer, does not come by itself."""
    return any(not media.settled and media.lost is None for _, media in job.media())


# --- what is missing ------------------------------------------------------------------------------


def _missing(job: Job, absent: Sequence[Camera]) -> list[Missing]:
    """Every gap of every camera but the absent, by camera and time; equal neighbours are joined."""
    parts: list[Missing] = []
    find = _missing_stills if job.media_type is MediaType.IMAGE else _missing_stretches
    for camera in job.cameras:
        for part in find(job, camera) if camera not in absent else ():
            last = parts[-1] if parts else None
            if (
                last is not None
                and (last.camera, last.explanation) == (part.camera, part.explanation)
                and last.window.end == part.window.start != part.window.end
            ):
                window = Window(last.window.start, part.window.end)
                parts[-1] = Missing(camera, window, part.reason, part.provider_message)
            else:
                parts.append(part)
    return parts


def _missing_stretches(job: Job, camera: Camera) -> Iterator[Missing]:
    """The gaps of one camera, cut where the reason may change."""
    asked = _asked(job, camera)
    edges = sorted({edge for one, _ in asked for edge in (one.window.start, one.window.end)})
    placed = Spans(asked, lambda answer: answer[0].window)
    for gap in timeline.gaps(job.clips(camera), job.span):
        within = edges[bisect_right(edges, gap.start) : bisect_left(edges, gap.end)]
        for start, end in zip([gap.start, *within], [*within, gap.end], strict=True):
            # Of several requests for one window (asked once more) the last has the last word.
            covering = [
                (retrieval, media)
                for retrieval, media in placed.near(Window(start, start))
                if retrieval.window.start <= start < retrieval.window.end
            ]
            yield _explained(job, camera, Window(start, end), covering[-1] if covering else None)


def _asked(job: Job, camera: Camera) -> list[tuple[Retrieval, Media]]:
    """The requests for a camera and what came of each; of a further camera on another's input,
    also those of the other that brought, or will bring, nothing of this one.
    """
    own = list(job.media(camera))
    if not is_further(camera):
        return own
    brought = {id(retrieval) for retrieval, _ in own}
    through_other = [
        (one, Media(camera, media.status if media.clip is None else MediaStatus.INVALID))
        for one, media in job.media()
        if media.camera.input == input_of(camera) and id(one) not in brought
    ]
    return through_other + own


def _missing_stills(job: Job, camera: Camera) -> Iterator[Missing]:
    """The moments of which a camera has no picture."""
    present = {one.window for one, media in job.media(camera) if media.clip is not None}
    for window, answer in sorted(_last_answers(job, camera).items(), key=lambda pair: pair[0]):
        if window not in present:
            yield _explained(job, camera, window, answer)


def _last_answers(job: Job, camera: Camera) -> dict[Window, tuple[Retrieval, Media]]:
    """For each window what came of the last request for it: of several that one counts."""
    return {retrieval.window: (retrieval, media) for retrieval, media in job.media(camera)}


def _explained(
    job: Job, camera: Camera, window: Window, answer: tuple[Retrieval, Media] | None
) -> Missing:
    """A missing stretch with its reason; `answer` is what came of its request, None if unasked."""
    if answer is None:
        reason = f"{job.provider} has no footage of it, so it was not asked for"
        return Missing(camera, window, reason)
    retrieval, media = answer
    if media.lost is not None and media.clip is None:
        return Missing(camera, window, f"its clip {media.lost.loss.text} on this computer")
    message = media.provider_message
    # What is unusable has a message of our own.
    quotable = media.status.final and media.status is not MediaStatus.UNUSABLE
    if media.clip is not None or not quotable or message == media.status.value:
        message = ""
    return Missing(camera, window, _reason(job, retrieval, media, window), message)


def _reason(job: Job, retrieval: Retrieval, media: Media, window: Window) -> str:
    clip = media.clip
    if clip is not None and clip.start < window.end and window.start < clip.end:
        return "the clip has no picture there" + (
            ": it is damaged" if clip.tracks.video.damaged else ""
        )
    if clip is not None and overlap(clip.span, retrieval.window) is None:
        return f"{job.provider} answered with the footage of another time"
    if clip is not None:
        return "the clip that came does not cover it"
    if media.status is MediaStatus.REFUSED and "not recording" in media.provider_message.lower():
        return "the camera was not recording"
    if media.status is MediaStatus.INVALID and not media.provider_message:
        return f"{job.provider} delivered nothing of this camera"
    if retrieval.state is RetrievalState.PLANNED and not media.status.final:
        if retrieval.possible_duplicates:
            return f"{job.provider} did not answer the request"
        return "it has not been asked for yet"
    footage = "a picture" if job.media_type is MediaType.IMAGE else "playable video"
    return media.status.reason.format(provider=job.provider, footage=footage)


def _quoted(message: str) -> str:
    return f' ("{message}")' if message else ""


# --- what else came of it -------------------------------------------------------------------------


def _reused(job: Job) -> Reused:
    clips = [(one, media.clip) for one in reuse.reused(job) for media in one.media if media.clip]
    covered = (overlap(clip.span, one.window) for one, clip in clips)
    return Reused(len(clips), sum(span.seconds for span in covered if span))


def _requests(job: Job, counts: Callable[[Retrieval], bool]) -> tuple[Request, ...]:
    return tuple(Request(one.window, tuple(one.cameras)) for one in job.retrievals if counts(one))


def is_paid(retrieval: Retrieval) -> bool:
    return retrieval.state is RetrievalState.ACCEPTED and not retrieval.from_other_job
