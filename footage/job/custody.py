"""What the steps of a job's custody say. Each is noted within the `change` that it tells of.

Nothing secret is in them: no key, and no address of a file, as those are signed.
"""

from __future__ import annotations

from collections.abc import Mapping

from footage.cloud.download import Download
from footage.cloud.json_fields import utc_text
from footage.errors import (
    AuthenticationError,
    FootageError,
    ProviderError,
    QuotaExhausted,
    RequestRefused,
)
from footage.job.journal import Journal
from footage.model import Clip, Media, Output, Retrieval, RetrievalState, StepKind, Tracks, Window
from footage.system.text import media_text, single_line

# By the kind of a finished file, what is said to have happened when it was made.
STEP_OF_OUTPUT: Mapping[str, StepKind] = {
    "merge": StepKind.MERGED,
    "side-by-side": StepKind.RENDERED,
    "contact-sheet": StepKind.RENDERED,
    "event-clip": StepKind.DOWNLOADED,
    "report": StepKind.REPORTED,
}

_LONGEST_IDS = 200  # characters, of a file that came in many parts
_REFUSALS = (RequestRefused, QuotaExhausted, AuthenticationError)


# --- a request ------------------------------------------------------------------------------------


def asked(journal: Journal, retrieval: Retrieval) -> None:
    """A request is about to be sent."""
    again = retrieval.possible_duplicates
    text = f"{_what(retrieval)}{'; an earlier sending got no answer' if again else ''}"
    journal.note(StepKind.ASKED, text=text)


def accepted(journal: Journal, retrieval: Retrieval, request_id: str) -> None:
    """The provider took a request."""
    journal.note(
        StepKind.ACCEPTED,
        retrieval_id=retrieval.id,
        request_id=request_id,
        text=_what(retrieval),
    )


def not_accepted(journal: Journal, retrieval: Retrieval, error: BaseException) -> None:
    """A request was refused, or its answer never came."""
    refused = isinstance(error, _REFUSALS)
    # An error that is not ours (the person stopped the program) says nothing to anybody.
    reason = str(error) if isinstance(error, FootageError) else "the program was stopped"
    journal.note(
        StepKind.REFUSED if refused else StepKind.UNANSWERED,
        request_id=error.request_id if isinstance(error, ProviderError) else "",
        text=f"{_what(retrieval)}: {single_line(reason)}",
    )


def cut_off(journal: Journal, retrieval: Retrieval) -> None:
    """The run that sent a request ended before the answer was there."""
    reason = "the program ended before an answer came; it may have been accepted"
    journal.note(StepKind.UNANSWERED, text=f"{_what(retrieval)}: {reason}")


def _what(retrieval: Retrieval) -> str:
    """What a request is for: "high-res of Road from 2025-04-16T18:30:00Z to ..."."""
    cameras = ", ".join(camera.label for camera in retrieval.cameras)
    return f"{media_text(retrieval.media_type)} of {cameras} {_when(retrieval.window)}"


def _when(window: Window) -> str:
    if window.start == window.end:
        return f"at {utc_text(window.start)}"
    return f"from {utc_text(window.start)} to {utc_text(window.end)}"


# --- its footage ----------------------------------------------------------------------------------


def available(journal: Journal, retrieval: Retrieval, media: Media) -> None:
    """The provider has the footage of a camera."""
    text = media.camera.label
    if media.start is not None:
        text += f", by the provider's times from {utc_text(media.start)}"
        text += f" to {utc_text(media.end)}" if media.end is not None else ""
    if retrieval.state is RetrievalState.FOUND:
        text += "; in the provider's cloud already: this job asked for nothing"
    elif retrieval.from_other_job:
        text += "; by the request of another job: this one asked for nothing"
    journal.note(StepKind.AVAILABLE, retrieval_id=retrieval.id, text=text)


def not_available(journal: Journal, retrieval: Retrieval, media: Media) -> None:
    """There will be no footage of a camera, and why: in the provider's words, or as delivered."""
    reason = media.provider_message or "nothing of it was delivered"
    text = f"{media.camera.label} {_when(retrieval.window)}: {media.status.value}"
    text += f" ({reason})" if reason != media.status.value else ""
    journal.note(StepKind.NOT_AVAILABLE, retrieval_id=retrieval.id, text=text)


def fetched(journal: Journal, retrieval: Retrieval, clip: Clip, download: Download[Tracks]) -> None:
    """A file came and was measured; or it was here, and was measured again."""
    name, measured = clip.path.name, _measured(clip.tracks)
    if download.reused:
        measured = f"here already, as long as the host says of its own; {measured}"
    else:
        journal.note(
            StepKind.DOWNLOADED,
            file=name,
            retrieval_id=retrieval.id,
            size=clip.size,
            sha256=clip.sha256,
            request_id=single_line(download.request_id, _LONGEST_IDS),
            text=f"from {download.host}",
        )
    journal.note(
        StepKind.VERIFIED,
        file=name,
        retrieval_id=retrieval.id,
        size=clip.size,
        sha256=clip.sha256,
        text=measured,
    )


def _measured(tracks: Tracks) -> str:
    """What was measured in a file."""
    video, audio = tracks.video, tracks.audio
    text = f"{video.codec} {video.width}x{video.height}"
    if not video.duration:  # a still
        return text
    text += f", {video.duration:.3f} s, {video.frames} frames"
    text += f", sound {audio.codec} {audio.sample_rate} Hz" if audio is not None else ", no sound"
    text += f", {len(video.holes)} stretches without a picture" if video.holes else ""
    return f"{text}, not all of it can be decoded" if video.damaged else text


# --- files on this computer -----------------------------------------------------------------------


def lost(journal: Journal, file: Clip | Output, size: int, sha256: str) -> None:
    """A file is missing, or is not as it was; `size` and `sha256` are those that it has now."""
    now = "changed" if sha256 else "missing"
    text = f"{now}: it had {file.size} bytes and the SHA-256 {file.sha256}"
    journal.note(StepKind.LOST, file=file.path.name, size=size, sha256=sha256, text=text)


def found_again(journal: Journal, file: Clip | Output) -> None:
    """A file that was lost is as it was."""
    name = file.path.name
    journal.note(StepKind.FOUND_AGAIN, file=name, size=file.size, sha256=file.sha256)


def made(journal: Journal, output: Output, text: str) -> None:
    """A finished file was made; `text` says how."""
    kind = STEP_OF_OUTPUT.get(output.kind, StepKind.WRITTEN)
    name = output.path.name
    journal.note(kind, file=name, size=output.size, sha256=output.sha256, text=text)
