"""Clips of one camera that differ in codec, size or frame rate, joined through moviepy."""

from __future__ import annotations

import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from footage.errors import FfmpegError, FootageError, Interrupted
from footage.media import encoder
from footage.media.merge_input import MergeInput
from footage.media.mp4 import index_space, write_mp4
from footage.model import Clip

if TYPE_CHECKING:
    from moviepy import VideoClip, VideoFileClip

_PACKETS_A_SECOND = 110  # at most: 60 frames of video and 48 packets of audio at 48 kHz


def reencode(
    source: MergeInput, part: Path, progress: Callable[[float], None] | None = None
) -> None:
    """Write the clips, re-encoded and none of them stretched or cut, into the file `part`.

    progress: called with the seconds written so far

    Raises FfmpegError, DiskError or Interrupted.
    """
    joined = source.work / "joined.mp4"
    opened: list[VideoFileClip] = []
    try:
        _write(source, joined, opened, progress)
    except FootageError:
        raise
    except Exception as error:  # moviepy has no error class of its own
        raise FfmpegError("The video tool could not join the clips.", str(error)) from error
    finally:
        for video in opened:
            video.close()
    inputs = ["-i", str(joined), "-f", "ffmetadata", "-i", str(source.write_chapters())]
    outputs = ["-map", "0", "-map_chapters", "1", "-c", "copy"]
    space = index_space(int(source.duration * _PACKETS_A_SECOND), len(source.chapters))
    write_mp4([*inputs, *outputs], space, part, None, source.stop)


def _write(
    source: MergeInput,
    target: Path,
    opened: list[VideoFileClip],
    progress: Callable[[float], None] | None,
) -> None:
    """Let moviepy's compositor write the clips; those that it opens are added to `opened`."""
    from moviepy import concatenate_videoclips

    joined = concatenate_videoclips(
        [_open(source.path(clip), clip, opened) for clip in source.clips], method="compose"
    )
    joined.write_videofile(
        str(target),
        fps=float(max(clip.tracks.video.rate for clip in source.clips)),
        codec=encoder.REENCODE_CODEC,
        preset=encoder.REENCODE_PRESET,
        audio_codec="aac",
        temp_audiofile=str(source.work / "sound.m4a"),
        ffmpeg_params=list(encoder.REENCODE_PARAMETERS),
        pixel_format=encoder.REENCODE_PIXELS,
        logger=_progress_logger(source.duration, progress, source.stop),
    )


def _open(path: Path, clip: Clip, opened: list[VideoFileClip]) -> VideoClip:
    """The clip for moviepy, in its true shape and exactly as long as its picture."""
    from moviepy import VideoFileClip

    video = clip.tracks.video
    # moviepy takes every pixel to be square.
    shape = (round(video.width * Fraction(video.aspect)), video.height)
    square = shape[0] == video.width
    file = VideoFileClip(str(path), target_resolution=None if square else shape)
    opened.append(file)
    # To moviepy a clip lasts as long as the longer of its picture and its audio.
    part = file.without_audio().with_duration(clip.duration)
    if file.audio is not None:
        duration = min(file.audio.duration, clip.duration)
        part = part.with_audio(file.audio.subclipped(0, duration))
    return part


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
