"""Plans the side-by-side: which clip each tile shows in every frame. Pure functions.

A minute is planned as soon as nothing that is still awaited can change it, so the plan does not
depend on the order in which clips arrive.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from functools import partial
from itertools import chain

from footage.media import audio, shown_names, timeline
from footage.media.drawn_text import BLANKS
from footage.media.layout import Layout, make_layout
from footage.media.mp4 import Chapter, with_moments
from footage.media.planned import Planned
from footage.media.settled_minutes import Awaited, awaited_windows, is_final, overlapping
from footage.media.side_by_side_plan import (
    AudioMinute,
    AudioPart,
    Clock,
    Minute,
    SideBySidePlan,
    TileSegment,
)
from footage.model import Camera, Clip, Job, Reading, Window
from footage.system import timezones
from footage.telemetry.overlay_text import overlay_texts

MAX_RATE = Fraction(30)
_AUDIO_ORDER = ("Driver", "Road")  # whose audio the side-by-side has; then any other's


@dataclass(frozen=True)
class _Scale:
    """Converts moments of the wall clock to the time and the frames of a side-by-side."""

    start: datetime
    pace: int
    rate: Fraction

    def seconds(self, moment: datetime) -> Fraction:
        """Seconds of the side-by-side at a moment of the wall clock, exact to the microsecond."""
        after = (moment - self.start) // timedelta(microseconds=1)
        return Fraction(after, 1_000_000 * self.pace)

    def frame(self, moment: datetime) -> int:
        return round(self.seconds(moment) * self.rate)

    def has_frames(self, window: Window) -> bool:
        return self.frame(window.start) < self.frame(window.end)


@dataclass(frozen=True)
class _Source:
    """What one camera has for the side-by-side.

    clips: those that reach into each minute
    gaps:  of the whole job, in order
    final: for each minute, whether what it shows is settled
    """

    name: str
    clips: Sequence[Sequence[Clip]]
    gaps: Sequence[Window]
    final: Sequence[bool]


def plan(
    job: Job,
    tz: tzinfo,
    readings: Sequence[Reading] | None = (),
    *,
    with_labels: bool = True,
    closing: bool = False,
    planned: Planned | None = None,
) -> SideBySidePlan | None:
    """What the side-by-side of `job` is made of, as far as that is settled.

    readings: the vehicle's own, in order of time; shown beside the clock if the job asks for it;
              None where there can be none
    closing:  nothing more is waited for, so everything counts as settled
    planned:  what was planned before of this job, and is from now on

    None while it is not even known which cameras it shows, or when fewer than two have footage.
    """
    clips = {camera: job.clips(camera) for camera in job.cameras}
    awaited = {c: Awaited([] if closing else awaited_windows(job, c)) for c in job.cameras}
    if not all(clips[camera] or not awaited[camera] for camera in job.cameras):
        return None
    cameras = [camera for camera in job.cameras if clips[camera]]
    if len(cameras) < 2:
        return None
    rate = min(MAX_RATE, max(clips[camera][0].tracks.video.rate for camera in cameras))
    scale = _Scale(job.start, _pace(job, [clips[camera] for camera in cameras], rate), rate)
    windows = [one for one in timeline.minutes(job.span, scale.pace) if scale.has_frames(one)]
    layout = make_layout([clips[c][0].tracks.video for c in cameras], job.layout, job.size)
    telemetry = tuple(readings) if job.telemetry and readings is not None else None
    names = tuple(shown_names.camera_name(job, camera) for camera in cameras)
    common = _Common(job, scale, layout, names, telemetry, tz, with_labels)
    planned = planned or Planned()
    planned.begin((cameras, common.decides))
    sources = [
        planned.part(
            ("source", c),
            (clips[c], awaited[c].windows),
            partial(_source, job, c, clips[c], awaited[c], windows, scale.pace),
        )
        for c in cameras
    ]
    audio_camera = None if job.media_type.sped_up else _audio_camera(cameras, clips)
    audio_source = sources[cameras.index(audio_camera)] if audio_camera else None

    def minute(number: int, window: Window) -> Minute | None:
        if not all(source.final[number] for source in sources):
            return None
        of_each = [(one.clips[number], list(overlapping(one.gaps, window))) for one in sources]
        return planned.part(number, of_each, partial(_minute, common, sources, number, window))

    return SideBySidePlan(
        minutes=tuple(minute(number, window) for number, window in enumerate(windows)),
        audio=tuple(_audio(audio_source, windows, scale, planned)) if audio_source else (),
        audio_from=job.shown_name(audio_camera) if audio_camera else "",
        duration=job.span.seconds / scale.pace,
        pace=scale.pace,
    )


@dataclass(frozen=True)
class _Common:
    """What all minutes of a film have in common; `readings`: None where they are not shown."""

    job: Job
    scale: _Scale
    layout: Layout
    names: tuple[str, ...]
    readings: Sequence[Reading] | None
    tz: tzinfo
    with_labels: bool

    @property
    def decides(self) -> tuple[object, ...]:
        """All of it that decides what is planned."""
        job = self.job
        of_job = (job.span, job.encoder, job.units, job.vehicle)
        return (of_job, self.scale, self.layout, self.names, self.readings, self.tz,
                self.with_labels)  # fmt: skip


def _minute(common: _Common, sources: Sequence[_Source], number: int, window: Window) -> Minute:
    job, scale, tz = common.job, common.scale, common.tz
    first, last = scale.frame(window.start), scale.frame(window.end)
    clock = _clock(job, first, last, scale, common.readings, tz) if common.with_labels else None
    return Minute(
        number=number,
        first=first,
        last=last,
        rate=scale.rate,
        pace=scale.pace,
        layout=common.layout,
        names=common.names if common.with_labels else (),
        tiles=tuple(_tile(source, number, window, scale, tz) for source in sources),
        clock=clock,
        encoder=job.encoder,
    )


def chapters(job: Job, pace: int, tz: tzinfo) -> list[Chapter]:
    """The chapters of a side-by-side: one for each minute of the wall clock, and named by it.

    Where it is so fast that they would be closer than a second, for each 2, 5, 10 ... minutes.
    One more begins with each safety event, and is named by it.
    """

    def at(moment: datetime) -> float:
        return (moment - job.start).total_seconds() / pace

    marks = [
        Chapter(at(window.start), at(window.end), timezones.clock_text(window.start, tz))
        for window in timeline.marks(job.span, pace)
    ]
    names = [(at(moment), title) for moment, title in shown_names.event_titles(job, tz)]
    return with_moments(marks, names)


def _pace(job: Job, clips: Iterable[Sequence[Clip]], rate: Fraction) -> int:
    """The pace of a job's side-by-side: that of the camera whose footage is sped up least.

    What counts of a camera is its usual factor, the median: so neither a single odd clip nor the
    order in which clips arrive changes it. The side-by-side has at least one frame.
    """
    if not job.media_type.sped_up:
        return 1
    least = min(statistics.median_low([clip.factor for clip in own]) for own in clips)
    return max(1, min(math.floor(least + 0.5), math.floor(Fraction(job.span.seconds) * rate)))


def _source(
    job: Job,
    camera: Camera,
    clips: Sequence[Clip],
    awaited: Awaited,
    windows: Sequence[Window],
    pace: int,
) -> _Source:
    gaps = timeline.gaps(clips, job.span)
    margin = timedelta(minutes=pace)
    return _Source(
        name=shown_names.camera_name(job, camera),
        clips=timeline.by_minute(clips, job.start, len(windows), pace),
        gaps=gaps,
        final=[is_final(awaited, window, gaps, margin) for window in windows],
    )


# --- the tiles --------------------------------------------------------------------------------


def _tile(
    source: _Source, number: int, window: Window, scale: _Scale, tz: tzinfo
) -> tuple[TileSegment, ...]:
    """What a camera's tile shows in one minute."""
    segments: list[TileSegment] = []
    for piece in timeline.pieces(source.clips[number], window):
        first, last = scale.frame(piece.start), scale.frame(piece.end)
        if first == last:
            continue
        if piece.clip is not None:
            segments.append(_clip_segment(piece.clip, first, last, scale))
        else:
            around = Window(piece.start, piece.end)
            gap = next(iter(overlapping(source.gaps, around)), around)
            lines = (
                source.name,
                "no footage",
                f"from {timezones.clock_text(gap.start, tz)}",
                f"until {timezones.clock_text(gap.end, tz)}",
            )
            segments.append(TileSegment(first, last, lines=lines))
    return tuple(segments)


def _clip_segment(clip: Clip, first: int, last: int, scale: _Scale) -> TileSegment:
    return TileSegment(
        first=first,
        last=last,
        path=str(clip.path),
        clip_start=scale.seconds(_first_packet(clip)),
        speed=Fraction(clip.factor).limit_denominator(1_000_000) / scale.pace,
        seek_preroll=max(Fraction(1, 2), Fraction(3, 2) / clip.tracks.video.rate),
        sha256=clip.sha256,
    )


def _first_packet(clip: Clip) -> datetime:
    """The moment from which ffmpeg counts a clip's time."""
    return clip.start + timedelta(seconds=clip.tracks.video.begins * clip.factor)


def _clock(
    job: Job,
    first: int,
    last: int,
    scale: _Scale,
    readings: Sequence[Reading] | None,
    tz: tzinfo,
) -> Clock:
    """The clock of frames `first` up to `last`, with the vehicle's readings (None: not shown)."""
    frame = scale.pace / scale.rate  # seconds of the wall clock
    begin = first * frame + Fraction(job.start.microsecond, 1_000_000)
    # The text changes with each whole second, or with each frame where that is more than a second
    # (the text then shows the moment without its fraction of a second).
    first_picture = Fraction(math.floor(begin)) if frame <= 1 else begin
    offset, step = begin - first_picture, max(Fraction(1), frame)
    moment = job.start.replace(microsecond=0) + timedelta(seconds=float(first_picture))
    clock = Clock(
        first_moment=moment,
        offset=offset,
        step=step,
        count=math.floor(((last - first - 1) * frame + offset) / step) + 1,
        name=shown_names.vehicle_name(job.vehicle)
        + (f"{BLANKS}{scale.pace} x speed" if scale.pace > 1 else ""),
        first_text=timezones.clock_text(moment, tz),
        overlay_texts=(),
        tz=tz,
    )
    if readings is None:
        return clock
    texts = overlay_texts(readings, clock.moments(), job.units)
    return replace(clock, overlay_texts=tuple(map(shown_names.place_text, texts)))


# --- the audio --------------------------------------------------------------------------------


def _audio_camera(
    cameras: Sequence[Camera], clips: Mapping[Camera, Sequence[Clip]]
) -> Camera | None:
    """The camera whose audio is used: Driver, else Road, else the first that has any."""
    with_audio = [c for c in cameras if any(clip.tracks.audio for clip in clips[c])]
    order = {label: place for place, label in enumerate(_AUDIO_ORDER)}
    return min(with_audio, key=lambda c: order.get(c.label, len(order)), default=None)


def _audio(
    source: _Source, windows: Sequence[Window], scale: _Scale, planned: Planned
) -> list[AudioMinute | None]:
    """The audio of each minute; it is encoded with a little of its neighbours, so needs them."""

    def parts_of(number: int) -> list[AudioPart]:
        clips, window = source.clips[number], windows[number]
        return planned.part(
            ("audio parts", number),
            (source.name, clips),
            lambda: _audio_parts(clips, window, scale),
        )

    parts = [parts_of(number) for number in range(len(windows))]
    result: list[AudioMinute | None] = []
    for number, window in enumerate(windows):
        around = range(max(0, number - 1), min(len(windows), number + 2))
        if not all(source.final[n] for n in around):
            result.append(None)
            continue
        heard = [parts[n] for n in around]
        made = partial(_audio_minute, number, window, scale, heard)
        result.append(planned.part(("audio", number), heard, made))
    return result


def _audio_minute(
    number: int, window: Window, scale: _Scale, heard: Sequence[Sequence[AudioPart]]
) -> AudioMinute:
    first, last = (
        audio.frame_at(float(scale.seconds(moment))) for moment in (window.start, window.end)
    )
    return AudioMinute(number, first, last, _joined(chain.from_iterable(heard)))


def _audio_parts(clips: Sequence[Clip], window: Window, scale: _Scale) -> list[AudioPart]:
    return [
        AudioPart(
            start=float(scale.seconds(piece.start)),
            end=float(scale.seconds(piece.end)),
            path=str(piece.clip.path),
            clip_start=float(scale.seconds(_first_packet(piece.clip))),
            sha256=piece.clip.sha256,
        )
        for piece in timeline.pieces(map(_heard_throughout, clips), window)
        if piece.clip is not None and piece.clip.tracks.audio is not None
    ]


def _heard_throughout(clip: Clip) -> Clip:
    """The clip for its audio, which is there also where its picture has a hole."""
    video = clip.tracks.video
    if not video.holes:
        return clip
    return replace(clip, tracks=replace(clip.tracks, video=replace(video, holes=())))


def _joined(parts: Iterable[AudioPart]) -> tuple[AudioPart, ...]:
    """Parts of one clip that follow each other as one: a clip of ten minutes is opened once."""
    result: list[AudioPart] = []
    for part in parts:
        if (
            result
            and result[-1]._replace(start=part.start, end=part.end) == part
            and (result[-1].end == part.start)
        ):
            part = part._replace(start=result.pop().start)
        result.append(part)
    return tuple(result)
