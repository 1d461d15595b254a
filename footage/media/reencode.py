"""Clips that cannot be in one track with the others of their camera, re-encoded through moviepy."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path, PurePath
from typing import NamedTuple

from footage.errors import FfmpegError, FootageError, Interrupted
from footage.media import encoder
from footage.media.merge_input import MergeInput
from footage.model import Clip

# How a picture that stands upright is turned for a track that players turn by so many degrees.
_TURNS = {0: "", 90: "transpose=cclock,", 180: "hflip,vflip,", 270: "transpose=clock,"}
_NAMED = 3  # how many clips the note names


class Form(NamedTuple):
    """What all clips in one track have in common; size and shape of a pixel as shown."""

    codec: str
    width: int
    height: int
    aspect: str
    turn: int


def reencode_odd_ones(
    source: MergeInput, progress: Callable[[float], None] | None = None
) -> tuple[dict[PurePath, Path], str]:
    """Re-encode each clip that has another form than most, one after the other, to that form.

    progress: called with the seconds written so far

    Returns the new pictures by their clips' paths, and what the person should know of it.
    Raises FfmpegError, DiskError or Interrupted.
    """
    form, odd = _usual_form(source.clips), odd_ones(source.clips)
    written: dict[PurePath, Path] = {}
    for number, clip in enumerate(odd):
        target = source.work / f"encoded-{number}.mp4"
        _reencode(source, clip, form, target, progress)
        written[clip.path] = target
    return written, _note(odd, form)


def odd_ones(clips: Sequence[Clip]) -> list[Clip]:
    """Those of a camera's clips that cannot be in one track with most of them."""
    form = _usual_form(clips)
    return [clip for clip in clips if _form(clip) != form]


def _form(clip: Clip) -> Form:
    video = clip.tracks.video
    return Form(video.codec, video.width, video.height, video.aspect, video.turn)


def _usual_form(clips: Sequence[Clip]) -> Form:
    """The form that most clips have, of equally many the largest; it must be one we can write."""
    forms = Counter(_form(clip) for clip in clips)
    if len(forms) == 1:
        return next(iter(forms))
    # H.264 in yuv420p needs even sides.
    possible = [
        form
        for form in forms
        if form.codec in encoder.REENCODE and form.width % 2 == 0 and form.height % 2 == 0
    ]
    if not possible:
        largest = max(forms, key=lambda form: form.width * form.height)
        width, height = (length + length % 2 for length in (largest.width, largest.height))
        return Form("h264", width, height, largest.aspect, 0)
    return max(possible, key=lambda form: (forms[form], form.width * form.height))


def _note(odd: Sequence[Clip], form: Form) -> str:
    if not odd:
        return ""
    reasons = {
        "codec": any(_form(clip).codec != form.codec for clip in odd),
        "size": any(_form(clip)[1:4] != form[1:4] for clip in odd),
        "rotation": any(_form(clip).turn != form.turn for clip in odd),
    }
    named = " and ".join(reason for reason, differs in reasons.items() if differs)
    names = ", ".join(clip.path.name for clip in odd[:_NAMED])
    more = f" and {len(odd) - _NAMED} more" if len(odd) > _NAMED else ""
    return f"re-encoded: {names}{more}, of another {named} than the other clips"


def _reencode(
    source: MergeInput,
    clip: Clip,
    form: Form,
    target: Path,
    progress: Callable[[float], None] | None,
) -> None:
    """Let moviepy write the picture of one clip, neither stretched nor cut, in another form."""
    from moviepy import VideoFileClip

    name, options = encoder.REENCODE[form.codec]
    video = clip.tracks.video
    opened: VideoFileClip | None = None
    try:
        opened = VideoFileClip(str(source.path(clip)), audio=False)
        width, height = _inner_size(video.width, video.height, Fraction(video.aspect), form)
        opened.with_duration(clip.duration).write_videofile(
            str(target),
            fps=float(video.rate),
            codec=name,
            preset=encoder.REENCODE_PRESET,
            audio=False,
            ffmpeg_params=[
                *options,
                "-vf",
                f"scale={width}:{height},pad={form.width}:{form.height}:(ow-iw)/2:(oh-ih)/2,"
                f"{_TURNS[form.turn]}setsar={_stored_aspect(form)}",
            ],
            pixel_format=encoder.REENCODE_PIXELS,
            logger=_progress_logger(clip.duration, progress, source.stop),
        )
    except FootageError:
        raise
    except Exception as error:  # moviepy has no error class of its own
        raise FfmpegError("The video tool could not re-encode a clip.", str(error)) from error
    finally:
        if opened is not None:
            opened.close()


def _inner_size(width: int, height: int, aspect: Fraction, form: Form) -> tuple[int, int]:
    """The size at which a picture fits into the form in its own shape; both sides even."""
    across = width * aspect / Fraction(form.aspect)  # in the form's own pixels, at its own height
    scale = min(form.width / across, Fraction(form.height, height))
    return max(2, int(across * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def _stored_aspect(form: Form) -> str:
    return "/".join(reversed(form.aspect.split("/"))) if form.turn in (90, 270) else form.aspect


def _progress_logger(
    duration: float, progress: Callable[[float], None] | None, stop: threading.Event | None
) -> object:
    """What moviepy reports its progress to; it raises Interrupted when `stop` is set."""
    from proglog import ProgressBarLogger

    class Logger(ProgressBarLogger):  # type: ignore[misc]
        def bars_callback(
            self, bar: str, attr: str, value: int, old_value: int | None = None
        ) -> None:
            if stop is not None and stop.is_set():
                raise Interrupted("Stopped while joining clips.")
            total = self.bars[bar]["total"]
            if progress is not None and bar == "frame_index" and attr == "index" and total:
                progress(duration * value / total)

    return Logger()
