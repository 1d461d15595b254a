"""One file per camera: its clips in order of time, copied packet for packet, never re-encoded.

Only clips that cannot be joined so (another codec, size or frame rate) go through moviepy's
compositor, and the result says so.
"""

from __future__ import annotations

import logging
import math
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

from footage.errors import FfmpegError, FootageError, Interrupted
from footage.media import audio, ffmpeg, timeline
from footage.media.mp4 import Chapter, index_space, write_chapters, write_mp4
from footage.model import AudioTrack, Clip, Window
from footage.system import timezones
from footage.system.whole_files import whole_file

log = logging.getLogger("footage.media.merge")

# Sound is copied where its packets can be laid to within this of where they belong; else it is
# encoded anew. Seconds.
_IN_STEP = 0.04
_ONE_CHAPTER = timedelta(seconds=90)  # a clip asked for as a minute may well be longer than that
_STREAMS = 4  # a clip's sound is one of its first four streams
_LONGEST_VALUE = 8000  # characters of one option of a command


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
    progress: called with the seconds of film written so far

    Returns what the person should know about the file, "" when it is a plain copy.
    Raises FfmpegError, DiskError or Interrupted; `target` is then as it was before.
    """
    marks = chapters(clips, span, tz)
    with (
        tempfile.TemporaryDirectory(prefix="merge-", dir=target.parent) as work,
        whole_file(target) as part,
    ):
        job = _Join(clips, folder, Path(work), part, marks, progress, stop)
        differences = _differences(clips)
        if differences:
            job.reencode()
            return f"re-encoded: its clips differ in {differences}"
        return job.copy()


def chapters(clips: Sequence[Clip], span: Window, tz: tzinfo) -> list[Chapter]:
    """One chapter for each clip: the wall clock at its first frame, and the gap before it.

    A clip longer than about a minute (of the wall clock: it may be sped up) has one at each further
    whole minute of the asked time too.
    """
    marks: list[Chapter] = []
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
            marks.append(Chapter(position + start, position + end, title))
        position += clip.duration
        if clip.end > reached:
            reached, before = clip.end, clip
    if marks and span.end - reached > timeline.bridged(before):
        missing = f"{marks[-1].title} (nothing from {_until(reached, span.end, tz)} after it)"
        marks[-1] = replace(marks[-1], title=missing)
    return marks


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
    """In what the clips' pictures differ, in words; "" where they can be joined by copying."""
    videos = [clip.tracks.video for clip in clips]
    found: dict[str, set[object]] = {
        "codec": {video.codec for video in videos},
        "size": {(video.width, video.height, video.aspect) for video in videos},
        "frame rate": {video.rate for video in videos},
    }
    return ", ".join(name for name, values in found.items() if len(values) > 1)


@dataclass
class _Join:
    """One merge under way; `part` is the file being written."""

    clips: Sequence[Clip]
    folder: Path
    work: Path
    part: Path
    marks: Sequence[Chapter]
    progress: Callable[[float], None] | None
    stop: threading.Event | None

    def path(self, clip: Clip) -> Path:
        return self.folder / clip.path

    def copy(self) -> str:
        """Copy the packets of all clips; returns the note for the summary."""
        pictures = self._write_list(
            "video.txt", [(self._same_clock(clip), clip.duration) for clip in self.clips]
        )
        # Without -xerror a clip that cannot be opened would silently end the film there.
        # Without -copyts the pictures are moved by what the clips' sound begins before them.
        inputs = ["-xerror", "-copyts", "-f", "concat", "-safe", "0", "-i", str(pictures)]
        inputs += ["-f", "ffmetadata", "-i", str(self._chapter_file())]
        outputs = ["-map", "0:v:0", "-map_chapters", "1", "-c", "copy"]
        note = ""
        if any(clip.tracks.audio for clip in self.clips):
            if self._sound_can_be_copied():
                source, selection = self._copied_sound()
                if self._sound_comes_with_pictures(source):
                    # Every file is opened once: half the work where there are many small ones.
                    early = source[1]
                    inputs = ["-itsoffset", early, *inputs]
                    selection += ["-bsf:v", f"setts=pts=PTS-{early}/TB:dts=DTS-{early}/TB"]
                    outputs += ["-map", "0:a:0", *selection]
                else:
                    inputs += source
                    outputs += ["-map", "2:a:0", *selection]
            else:
                inputs += ["-f", "aac", "-i", str(self._encoded_sound())]
                outputs += ["-map", "2:a:0"]
                note = "its sound was encoded anew to keep it in step"
        packets = sum(
            clip.tracks.video.frames + (clip.tracks.audio.packets if clip.tracks.audio else 0)
            for clip in self.clips
        )
        # A clip without sound among others with it is filled with silence, 47 packets a second.
        space = index_space(packets + int(50 * self._length), len(self.marks))
        write_mp4([*inputs, *outputs], space, self.part, self.progress, self.stop)
        if self.progress is not None:
            self.progress(self._length)  # with -copyts ffmpeg counts from its first report only
        return note

    def reencode(self) -> None:
        """Join clips that differ, through moviepy's compositor: none is stretched or cut."""
        from moviepy import VideoClip, VideoFileClip, concatenate_videoclips

        parts: list[VideoClip] = []
        opened: list[VideoFileClip] = []
        joined = self.work / "joined.mp4"
        try:
            for clip in self.clips:
                video = clip.tracks.video
                # moviepy takes every pixel to be square.
                shape = (round(video.width * Fraction(video.aspect)), video.height)
                square = shape[0] == video.width
                source = VideoFileClip(
                    str(self.path(clip)), target_resolution=None if square else shape
                )
                opened.append(source)
                # To moviepy a clip lasts as long as the longer of its picture and its sound.
                part = source.without_audio().with_duration(clip.duration)
                if source.audio is not None:
                    heard = min(source.audio.duration, clip.duration)
                    part = part.with_audio(source.audio.subclipped(0, heard))
                parts.append(part)
            film = concatenate_videoclips(parts, method="compose")
            film.write_videofile(
                str(joined),
                fps=float(max(clip.tracks.video.rate for clip in self.clips)),
                codec="libx264",
                preset="veryfast",
                audio_codec="aac",
                temp_audiofile=str(self.work / "sound.m4a"),
                ffmpeg_params=["-crf", "20", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2"],
                pixel_format="yuv420p",
                logger=self._watch(),
            )
        except FootageError:
            raise
        except Exception as error:
            raise FfmpegError("The video tool could not join the clips.", str(error)) from error
        finally:
            for source in opened:
                source.close()
        inputs = ["-i", str(joined), "-f", "ffmetadata", "-i", str(self._chapter_file())]
        outputs = ["-map", "0", "-map_chapters", "1", "-c", "copy"]
        space = index_space(int(self._length * 110), len(self.marks))
        write_mp4([*inputs, *outputs], space, self.part, None, self.stop)

    def _watch(self) -> object:
        """What moviepy tells of its work; a stop ends it there and then."""
        from proglog import ProgressBarLogger

        stop, progress, length = self.stop, self.progress, self._length

        class Watch(ProgressBarLogger):  # type: ignore[misc]
            def bars_callback(
                self, bar: str, attr: str, value: int, old_value: int | None = None
            ) -> None:
                if stop is not None and stop.is_set():
                    raise Interrupted("Stopped while joining clips.")
                total = self.bars[bar]["total"]
                if progress is not None and bar == "frame_index" and attr == "index" and total:
                    progress(length * value / total)

        return Watch()

    @property
    def _length(self) -> float:
        return sum(clip.duration for clip in self.clips)

    def _chapter_file(self) -> Path:
        path = self.work / "chapters.txt"
        write_chapters(self.marks, path)
        return path

    def _write_list(self, name: str, entries: Sequence[tuple[Path, float | None]]) -> Path:
        path = self.work / name
        path.write_text(ffmpeg.concat_list(entries), encoding="utf-8")
        return path

    def _same_clock(self, clip: Clip) -> Path:
        """The clip, or a copy of it whose time stamps count in the first clip's unit."""
        first, own = self.clips[0].tracks.video.time_base, clip.tracks.video.time_base
        if own == first or first.numerator != 1:
            return self.path(clip)
        copy = self.work / f"clock-{clip.sha256}.mp4"
        if not copy.exists():
            ffmpeg.run(
                ["-i", str(self.path(clip)), "-map", "0:v:0", "-c", "copy"]
                + ["-video_track_timescale", str(first.denominator), str(copy)],
                stop=self.stop,
            )
        return copy

    # --- sound ---

    def _sound_can_be_copied(self) -> bool:
        """AAC of one kind throughout, in packets short enough to be laid in step one by one."""
        tracks = [clip.tracks.audio for clip in self.clips if clip.tracks.audio]
        kinds = {(track.codec, track.sample_rate, track.layout, track.frame) for track in tracks}
        return (
            len(kinds) == 1
            and tracks[0].codec == "aac"
            and tracks[0].frame == audio.FRAME
            and tracks[0].frame / tracks[0].sample_rate / 2 <= _IN_STEP
        )

    def _copied_sound(self) -> tuple[list[str], list[str]]:
        """The input that reads all sound packets, and the options that lay them in step.

        Every clip's sound has some packets more or fewer than its picture lasts, and joined as
        they are they would drift. So they are laid on one grid that runs through the whole film:
        each goes into the slot that is nearest to its time, those beyond the clip's picture are
        dropped, and silent ones stand where there are none. The sound is then in step by its
        time stamps *and* when a player just plays packet after packet.
        """
        track = next(clip.tracks.audio for clip in self.clips if clip.tracks.audio)
        frame = track.frame / track.sample_rate
        entries: list[tuple[Path, float | None]] = []
        read, slot = 0, 0  # packets read so far, and slots filled with those that were kept
        kept: list[tuple[int, int]] = []

        def silence(until: int) -> None:
            nonlocal read, slot
            if until > slot and not entries:
                # What the streams are is told by the first file, whose own sound is left out here.
                first = next(clip for clip in self.clips if clip.tracks.audio)
                entries.append((self.path(first), 0.001))
                read += first.tracks.audio.packets if first.tracks.audio else 0
            if until > slot:
                entries.append((self._silence(track, until - slot), (until - slot) * frame))
                kept.append((read, read + until - slot))
                read, slot = read + until - slot, until

        for clip, (place, end) in zip(self.clips, self._slots(frame), strict=True):
            audio = clip.tracks.audio
            if audio is not None:
                silence(min(place, end))
                first, last = max(place, slot), min(place + audio.packets, end)
                if first < last:
                    kept.append((read + first - place, read + last - place))
                    slot = last
                entries.append((self.path(clip), clip.duration))
                read += audio.packets
            silence(end)
        listed = self._write_list("sound.txt", entries)
        # Begun a little late, no packet lies before zero, where some would be left out unasked;
        # the packets that are kept are then given their slots' times.
        early = max(0.0, -min(c.tracks.audio.first for c in self.clips if c.tracks.audio))
        time = f"N*{track.frame}/{track.sample_rate}/TB"
        return (
            ["-itsoffset", f"{early:.6f}", "-f", "concat", "-safe", "0", "-i", str(listed)],
            _option_value(
                "-bsf:a",
                f"noise=drop='{_all_but(kept)}',"
                f"setts=pts='{time}':dts='{time}':duration='{track.frame}/{track.sample_rate}/TB'",
                self.work,
            ),
        )

    def _sound_comes_with_pictures(self, source: Sequence[str]) -> bool:
        """The list of sounds names the very files, in the very order, as the list of pictures."""
        pictures = (self.work / "video.txt").read_text(encoding="utf-8")
        return pictures == Path(source[-1]).read_text(encoding="utf-8")

    def _slots(self, frame: float) -> Iterator[tuple[int, int]]:
        """For each clip: the slot of its sound's first packet, and the end of its slots.

        frame: seconds in one slot
        """
        position = 0.0
        for clip, after in zip_longest(self.clips, self.clips[1:]):
            audio = clip.tracks.audio
            place = _nearest((position + audio.first) / frame) if audio else 0
            position += clip.duration
            # An encoder's first packet only leads in the second, which without it begins faded:
            # it takes the last slot of the clip before.
            leads_in = after and after.tracks.audio and after.tracks.audio.first < -frame / 2
            yield place, _nearest(position / frame) - (1 if leads_in else 0)

    def _silence(self, track: AudioTrack, packets: int) -> Path:
        """A file of that many silent packets of the same kind as `track`.

        The list reader takes streams by their number, and which a clip's sound has is unknown: so
        the file has the silence under each of the first few.
        """
        path = self.work / f"silence-{packets}.mp4"
        if not path.exists():
            streams = range(_STREAMS)
            ffmpeg.run(
                ["-f", "lavfi", "-i", f"anullsrc=r={track.sample_rate}:cl={track.layout}"]
                + [argument for _ in streams for argument in ("-map", "0:a")]
                + ["-c:a", "aac", "-b:a", "32k", "-bsf:a", f"noise=drop='gte(n,{packets})'"]
                + ["-t", f"{(packets + 2) * track.frame / track.sample_rate:.6f}", str(path)],
                stop=self.stop,
            )
        return path

    def _encoded_sound(self) -> Path:
        """A stream of all sound: decoded, laid in step, and encoded once."""
        parts: list[audio.Part] = []
        position = 0.0
        for clip in self.clips:
            end = position + clip.duration
            if clip.tracks.audio:
                parts.append(audio.Part(position, end, self.path(clip), position))
            position = end
        whole = self.work / "sound.aac"
        with whole.open("wb") as file:
            # Piece by piece, so that memory and the number of open files stay small.
            for begin, end in _minutes(position):
                piece = self.work / "piece.aac"
                inside = [p for p in parts if p.end > begin - 1 and p.start < end + 1]
                audio.render(inside, audio.frame_at(begin), audio.frame_at(end), piece, self.stop)
                with piece.open("rb") as source:
                    shutil.copyfileobj(source, file)
        return whole


def _nearest(number: float) -> int:
    """Rounded, halves always up: Python's own way takes every other half down."""
    return math.floor(number + 0.5)


def _all_but(kept: Sequence[tuple[int, int]]) -> str:
    """The expression that is true for every packet outside `kept`: ranges of numbers, in order.

    It halves the ranges again and again, so that a day of clips takes a dozen comparisons a packet.
    """
    borders = [0]  # where dropping begins (at the very first packet), ends, begins, ...
    for first, last in kept:
        if len(borders) > 1 and borders[-1] == first:
            borders[-1] = last
        else:
            borders += [first, last]

    def within(low: int, high: int) -> str:
        if high - low == 1:
            return str((low + 1) % 2)
        middle = (low + high) // 2
        return f"if(lt(n,{borders[middle]}),{within(low, middle)},{within(middle, high)})"

    return within(0, len(borders))


def _option_value(name: str, value: str, work: Path) -> list[str]:
    """An option of ffmpeg; a value too long for Windows' command line is read from a file."""
    if len(value) <= _LONGEST_VALUE:
        return [name, value]
    path = work / "option.txt"
    path.write_text(value, encoding="utf-8")
    return ["-/" + name[1:], str(path)]


def _minutes(length: float) -> list[tuple[float, float]]:
    count = max(1, round(length / 60))
    return [(length * n / count, length * (n + 1) / count) for n in range(count)]
