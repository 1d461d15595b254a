"""One file per camera: its clips in order of time, copied packet for packet, never re-encoded.

Only clips that cannot be joined so (another codec, size or frame rate) are re-encoded, and the
result says so.
"""

from __future__ import annotations

import math
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from footage.media import ffmpeg, merge_audio, timeline
from footage.media.merge_input import MergeInput
from footage.media.mp4 import Chapter, index_space, write_mp4
from footage.media.reencode import reencode
from footage.model import Clip, Window
from footage.system import timezones
from footage.system.whole_files import whole_file

_ONE_CHAPTER = timedelta(seconds=90)  # a clip asked for as a minute may well be longer than that


def merge(
    clips: Sequence[Clip],
    folder: Path,
    target: Path,
    span: Window,
    tz: tzinfo,
    *,
    progress: Callable[[float], None] | None = None,
    stop: threading.Event | None = None,
) -> str:
    """Join `clips` (of one camera, in order of actual start) into `target`.

    folder:   where the clips' paths begin
    span:     the asked time; gaps in it are named in the chapters, written in the zone `tz`
    progress: called with the seconds written so far

    Returns what the person should know about the file, "" when it is a plain copy.
    Raises FfmpegError, DiskError or Interrupted; `target` is then as it was before.
    """
    with (
        tempfile.TemporaryDirectory(prefix="merge-", dir=target.parent) as work,
        whole_file(target) as part,
    ):
        source = MergeInput(clips, folder, Path(work), chapters(clips, span, tz), stop)
        differences = _differences(clips)
        if differences:
            reencode(source, part, progress)
            return f"re-encoded: its clips differ in {differences}"
        return _copy(source, part, progress)


def chapters(clips: Sequence[Clip], span: Window, tz: tzinfo) -> list[Chapter]:
    """One chapter for each clip, titled with the wall clock at its first frame and the gap before.

    A clip longer than about a minute (of the wall clock: it may be sped up) has one at each further
    whole minute of the asked time too.
    """
    result: list[Chapter] = []
    position, reached = 0.0, span.start
    before: Clip | None = None
    for clip in clips:
        title = timezones.clock_text(clip.start, tz)
        bridged = timeline.bridged(before, clip)
        if clip.start - reached > bridged:
            title += f" (nothing from {_until(reached, clip.start, tz)})"
        elif before is not None and reached - clip.start > bridged:
            title += f" (repeats {(reached - clip.start).total_seconds():.1f} s)"
        moments = list(_minutes_within(clip, span.start))
        titles = [title, *(timezones.clock_text(moment, tz) for moment in moments)]
        starts = [(moment - clip.start).total_seconds() / clip.factor for moment in moments]
        for title, start, end in zip(titles, [0.0, *starts], [*starts, clip.duration], strict=True):
            result.append(Chapter(position + start, position + end, title))
        position += clip.duration
        if clip.end > reached:
            reached, before = clip.end, clip
    if result and span.end - reached > timeline.bridged(before):
        missing = f"{result[-1].title} (nothing from {_until(reached, span.end, tz)} after it)"
        result[-1] = replace(result[-1], title=missing)
    return result


def _minutes_within(clip: Clip, begin: datetime) -> Iterator[datetime]:
    """The whole minutes since `begin` inside a long clip, but for those all but at its ends."""
    if clip.end - clip.start <= _ONE_CHAPTER:
        return
    step = timeline.mark_step(clip.factor)
    moment = begin + math.ceil((clip.start - begin) / step) * step
    while clip.end - moment >= step / 12:
        if moment - clip.start >= step / 12:
            yield moment
        moment += step


def _until(start: datetime, end: datetime, tz: tzinfo) -> str:
    return f"{timezones.clock_text(start, tz)} to {timezones.clock_text(end, tz)}"


def _differences(clips: Sequence[Clip]) -> str:
    """In what the clips' video differs, in words; "" where they can be joined by copying."""
    videos = [clip.tracks.video for clip in clips]
    kinds: dict[str, set[object]] = {
        "codec": {video.codec for video in videos},
        "size": {(video.width, video.height, video.aspect) for video in videos},
        "frame rate": {video.rate for video in videos},
    }
    return ", ".join(name for name, values in kinds.items() if len(values) > 1)


def _copy(source: MergeInput, part: Path, progress: Callable[[float], None] | None = None) -> str:
    """Copy the packets of all clips into the file `part`; returns the note for the summary."""
    entries = [(_with_first_time_base(source, clip), clip.duration) for clip in source.clips]
    pictures = source.write_list("video.txt", entries)
    # Without -xerror a clip that cannot be opened would silently end the file there.
    # Without -copyts the video is moved by the time that the clips' audio begins before it.
    inputs = ["-xerror", "-copyts", "-f", "concat", "-safe", "0", "-i", str(pictures)]
    inputs += ["-f", "ffmetadata", "-i", str(source.write_chapters())]
    outputs = ["-map", "0:v:0", "-map_chapters", "1", "-c", "copy"]
    note = ""
    if not any(clip.tracks.audio for clip in source.clips):
        pass
    elif merge_audio.can_be_copied(source.clips):
        copied = merge_audio.copied(source)
        if _same_text(copied.concat_list, pictures):
            # Every file is opened once: half the work where there are many small ones.
            delay = copied.delay
            inputs = ["-itsoffset", delay, *inputs]
            outputs += ["-map", "0:a:0", *copied.options]
            outputs += ["-bsf:v", f"setts=pts=PTS-{delay}/TB:dts=DTS-{delay}/TB"]
        else:
            inputs += copied.input
            outputs += ["-map", "2:a:0", *copied.options]
    else:
        inputs += ["-f", "aac", "-i", str(merge_audio.encoded(source))]
        outputs += ["-map", "2:a:0"]
        note = "its sound was encoded anew to keep it in step"
    packets = sum(
        clip.tracks.video.frames + (clip.tracks.audio.packets if clip.tracks.audio else 0)
        for clip in source.clips
    )
    # A clip without audio among others with it is filled with silence, 47 packets a second.
    space = index_space(packets + int(50 * source.duration), len(source.chapters))
    write_mp4([*inputs, *outputs], space, part, progress, source.stop)
    if progress is not None:
        progress(source.duration)  # with -copyts ffmpeg counts from its first report only
    return note


def _same_text(one: Path, other: Path) -> bool:
    return one.read_text(encoding="utf-8") == other.read_text(encoding="utf-8")


def _with_first_time_base(source: MergeInput, clip: Clip) -> Path:
    """The clip's file, or a copy of it whose time stamps count in the first clip's time base."""
    first, own = source.clips[0].tracks.video.time_base, clip.tracks.video.time_base
    if own == first or first.numerator != 1:
        return source.path(clip)
    copy = source.work / f"clock-{clip.sha256}.mp4"
    if not copy.exists():
        ffmpeg.run(
            ["-i", str(source.path(clip)), "-map", "0:v:0", "-c", "copy"]
            + ["-video_track_timescale", str(first.denominator), str(copy)],
            stop=source.stop,
        )
    return copy
