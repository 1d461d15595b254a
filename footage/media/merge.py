"""One file per camera: its clips in order of time, copied packet for packet, never re-encoded.

Only a clip that cannot be in one track with the others (another codec, size or turn) is re-encoded,
that clip alone, and the result says so.
"""

from __future__ import annotations

import logging
import math
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from footage.errors import FfmpegError
from footage.media import merge_audio, merge_copies, mp4_boxes, timeline
from footage.media.merge_input import MergeInput
from footage.media.merge_times import MOVIE_CLOCK
from footage.media.mp4 import Chapter, Tags, index_space, with_moments, write_mp4
from footage.media.mp4_boxes import TrackTimes
from footage.media.reencode import reencode_odd_ones
from footage.model import Clip, Window
from footage.system import timezones
from footage.system.whole_files import whole_file

log = logging.getLogger("footage.media.merge")

_NAMED_HOLES = 3  # so many stretches without a picture are named in one chapter
_ONE_CHAPTER = timedelta(seconds=90)  # a clip asked for as a minute may well be longer than that


def merge(
    clips: Sequence[Clip],
    folder: Path,
    target: Path,
    span: Window,
    tz: tzinfo,
    *,
    tags: Tags | None = None,
    moments: Sequence[tuple[datetime, str]] = (),
    progress: Callable[[float], None] | None = None,
    stop: threading.Event | None = None,
) -> str:
    """Join `clips` (of one camera, in order of actual start) into `target`.

    folder:   where the clips' paths begin
    span:     the asked time; gaps in it are named in the chapters, written in the zone `tz`
    tags:     what the file says of itself; None for nothing
    moments:  with which a chapter of its own begins, and its title
    progress: called with the seconds written so far

    Returns what the person should know about the file, "" when it is a plain copy.
    Raises FfmpegError, DiskError or Interrupted; `target` is then as it was before.
    """
    with (
        tempfile.TemporaryDirectory(prefix="merge-", dir=target.parent) as work,
        whole_file(target) as part,
    ):
        marks = with_moments(chapters(clips, span, tz), _places(clips, moments))
        source = MergeInput(clips, folder, Path(work), marks, stop, tags=tags)
        reencoded, note = reencode_odd_ones(source, progress)
        notes = [note, _copy(replace(source, copies=reencoded), part, progress)]
        return "; ".join(filter(None, notes))


def chapters(clips: Sequence[Clip], span: Window, tz: tzinfo) -> list[Chapter]:
    """One chapter for each clip, titled with the wall clock at its first frame and the gap before.

    A clip longer than about a minute (of the wall clock: it may be sped up) has one at each further
    whole minute of the asked time too. A stretch without a picture is named where it begins: a
    player goes on showing the frame before it.
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
        title += _doubts(clip)
        moments = list(_minutes_within(clip, span.start))
        titles = [title, *(timezones.clock_text(moment, tz) for moment in moments)]
        starts = [(moment - clip.start).total_seconds() / clip.factor for moment in moments]
        for title, start, end in zip(titles, [0.0, *starts], [*starts, clip.duration], strict=True):
            title += _holes_text(clip, start, end, tz)
            result.append(Chapter(position + start, position + end, title))
        position += clip.duration
        if clip.end > reached:
            reached, before = clip.end, clip
    if result and span.end - reached > timeline.bridged(before):
        missing = f"{result[-1].title} (nothing from {_until(reached, span.end, tz)} after it)"
        result[-1] = replace(result[-1], title=missing)
    return result


def _places(
    clips: Sequence[Clip], moments: Sequence[tuple[datetime, str]]
) -> Iterator[tuple[float, str]]:
    """At which second of the merge each moment is shown first; without those that are not."""
    for moment, title in moments:
        position = 0.0
        for clip in clips:
            if clip.start <= moment < clip.end:
                yield position + (moment - clip.start).total_seconds() / clip.factor, title
                break
            position += clip.duration


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


def _doubts(clip: Clip) -> str:
    """What is to be known of a clip as a whole."""
    text = " (does not decode cleanly)" if clip.tracks.video.damaged else ""
    if clip.length_differs:
        text += f" (plays {clip.duration:.1f} s of the reported {clip.reported:.1f} s)"
    return text


def _holes_text(clip: Clip, start: float, end: float, tz: tzinfo) -> str:
    """The stretches without a picture that begin between two seconds of a clip."""
    holes = [hole for hole in clip.tracks.video.holes if start <= hole[0] < end]
    named = [
        f"for {(until - begin) * clip.factor:.1f} s from "
        + timezones.clock_text(clip.start + timedelta(seconds=begin * clip.factor), tz)
        for begin, until in holes[:_NAMED_HOLES]
    ]
    more = [f"{len(holes) - _NAMED_HOLES} times more"] if len(holes) > _NAMED_HOLES else []
    return f" (no picture {', '.join([*named, *more])})" if holes else ""


def _until(start: datetime, end: datetime, tz: tzinfo) -> str:
    return f"{timezones.clock_text(start, tz)} to {timezones.clock_text(end, tz)}"


def _copy(source: MergeInput, part: Path, progress: Callable[[float], None] | None = None) -> str:
    """Copy the packets of all clips into the file `part`; returns the note for the summary."""
    prepared = merge_copies.prepare(source)
    source = replace(source, copies=prepared.copies)
    entries = [(source.read_from(clip), clip.duration) for clip in source.clips]
    pictures = source.write_list("video.txt", entries)
    # Without -xerror a clip that cannot be opened would silently end the file there. Delayed, no
    # packet lies before zero, where ffmpeg would drop it.
    reader = ["-itsoffset", f"{prepared.delay:.6f}", "-f", "concat", "-safe", "0"]
    reader += ["-auto_convert", "1" if prepared.convert else "0"]
    inputs = ["-xerror", "-copyts", *reader, "-i", str(pictures)]
    inputs += ["-f", "ffmetadata", "-i", str(source.write_metadata())]
    times: dict[str, TrackTimes] = {"vide": prepared.times}
    packets = {"vide": prepared.packets}
    step = f"N*{source.duration / prepared.packets:.9f}/TB"  # its true times are written afterwards
    outputs = ["-map", "0:v:0", "-map_chapters", "1", "-map_metadata", "1", "-c", "copy"]
    outputs += prepared.tag
    outputs += ["-bsf:v", f"setts=pts='{step}':dts='{step}'"]
    note = ""
    if not any(clip.tracks.audio for clip in source.clips):
        pass
    elif prepared.same_audio and merge_audio.can_be_copied(source.clips):
        copied = merge_audio.copied(source)
        times["soun"], packets["soun"] = copied.times.finished(), copied.times.packets
        if _same_text(copied.concat_list, pictures):
            # Every file is opened once: half the work where there are many small ones.
            outputs += ["-map", "0:a:0", *copied.options]
        else:
            inputs += [*reader, "-i", str(copied.concat_list)]
            outputs += ["-map", "2:a:0", *copied.options]
    else:
        inputs += ["-f", "aac", "-i", str(merge_audio.encoded(source))]
        outputs += ["-map", "2:a:0"]
        note = "its sound was encoded anew to keep it in step"
    # A clip without audio among others with it is filled with silence, 47 packets a second.
    count = prepared.packets + packets.get("soun", int(50 * source.duration))
    space = index_space(count, len(source.chapters) + len(source.clips))
    write_mp4([*inputs, *outputs], space, part, progress, source.stop)
    _check_complete(part, packets)
    mp4_boxes.write_times(part, times, MOVIE_CLOCK)
    if progress is not None:
        progress(source.duration)  # with -copyts ffmpeg counts from its first report only
    return note


def _check_complete(part: Path, packets: Mapping[str, int]) -> None:
    """FfmpegError unless as many packets of each kind came out as went in."""
    for track in mp4_boxes.tracks(part):
        expected = packets.get(track.kind, track.samples)
        if track.samples != expected:
            log.error("Of %d packets (%s) came %d out", expected, track.kind, track.samples)
            raise FfmpegError("The video tool left something out of the merged file.")


def _same_text(one: Path, other: Path) -> bool:
    return one.read_text(encoding="utf-8") == other.read_text(encoding="utf-8")
