"""The plan of the side-by-side film: which clip each tile shows in every frame. Pure functions.

A minute is planned as soon as nothing that is still awaited can change it, so the plan does not
depend on the order in which clips arrive.

A film of sped-up footage is sped up as well: its pace is how many seconds of the wall clock go by
in one second of film. Its "minutes", the pieces that are rendered one by one, are minutes of film.
"""

from __future__ import annotations

import hashlib
import math
import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from itertools import accumulate

from footage.media import audio, timeline
from footage.media.layout import Layout, lay_out
from footage.media.mp4 import Chapter
from footage.model import Camera, Clip, Job, Reading, Window
from footage.system import timezones
from footage.telemetry import interpolation

MAX_RATE = Fraction(30)
# Fixed, so that minutes rendered on different days can be joined by copying.
ENCODER = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p")
_SOUND_ORDER = ("Driver", "Road")  # whose sound the film has; then any other's

_Part = tuple[float, float, str, float, str]  # of a sound: start, end, path, zero, sha256


@dataclass(frozen=True)
class TileSegment:
    """One stretch of a tile, in frames of the film: a clip, or the words that stand for none.

    zero:  seconds of the film at which the clip's first frame belongs
    speed: seconds of the film that one second of the clip's file takes
    lead:  seconds of the file in which there is a frame for sure
    """

    first: int
    last: int
    path: str = ""
    zero: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    lead: Fraction = Fraction(1, 2)
    sha256: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """The running clock of one minute, a picture for each `step` seconds of the wall clock.

    whole: when the first picture begins, at or before the minute's first frame: at a whole second,
           or at that frame where one frame is more than a second
    shift: seconds of the wall clock from there to the first frame
    count: how many pictures there are; `first_text` tells zone and wording in the fingerprint
    told:  what the vehicle's sensors told, for each picture; empty where it is not shown
    """

    whole: datetime
    shift: Fraction
    step: Fraction
    count: int
    name: str
    first_text: str
    told: tuple[str, ...]
    tz: tzinfo = field(repr=False, compare=False)

    def moments(self) -> list[datetime]:
        """The wall clock at the beginning of each picture."""
        return [self.whole + timedelta(seconds=float(n * self.step)) for n in range(self.count)]

    def texts(self) -> list[str]:
        """What stands there in each picture: the time, and the vehicle."""
        return [f"{timezones.clock_text(at, self.tz)}   {self.name}" for at in self.moments()]


@dataclass(frozen=True)
class Minute:
    """All that decides the pictures of one minute; frames `first` up to `last` (exclusive)."""

    number: int
    first: int
    last: int
    rate: Fraction
    pace: int
    layout: Layout
    names: tuple[str, ...]
    tiles: tuple[tuple[TileSegment, ...], ...]
    clock: Clock | None

    @property
    def seconds(self) -> float:
        return float((self.last - self.first) / self.rate)

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self, ENCODER)


@dataclass(frozen=True)
class SoundPiece:
    """All that decides the sound of one minute; AAC frames `first` up to `last` (exclusive)."""

    number: int
    first: int
    last: int
    parts: tuple[_Part, ...]

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self, audio.ENCODER)


@dataclass(frozen=True)
class Film:
    """The plan of a side-by-side; a minute that may still change is None.

    sound_from: whose sound it has, as shown to the person; "" where it has none
    length:     seconds of film
    pace:       seconds of the wall clock in one second of film
    """

    minutes: tuple[Minute | None, ...]
    sounds: tuple[SoundPiece | None, ...]
    sound_from: str
    length: float
    pace: int


@dataclass(frozen=True)
class _Scale:
    """Where the wall clock stands in a film."""

    start: datetime
    pace: int
    rate: Fraction

    def seconds(self, moment: datetime) -> Fraction:
        """Seconds of the film at a wall-clock moment, exact to the microsecond."""
        after = (moment - self.start) // timedelta(microseconds=1)
        return Fraction(after, 1_000_000 * self.pace)

    def frame(self, moment: datetime) -> int:
        return round(self.seconds(moment) * self.rate)


def _fingerprint(plan: object, settings: Sequence[str]) -> str:
    return hashlib.sha256(f"{plan!r} {settings!r}".encode()).hexdigest()[:20]


def plan(
    job: Job,
    tz: tzinfo,
    readings: Sequence[Reading] | None = (),
    *,
    with_labels: bool = True,
    closing: bool = False,
) -> Film | None:
    """What the film of `job` is made of, as far as that is settled.

    readings: the vehicle's own, in order of time; shown beside the clock if the job asks for it;
              None where there can be none
    closing:  nothing more is waited for, so everything counts as settled

    None while it is not even known which cameras it shows, or when fewer than two have footage.
    """
    clips = {camera: job.clips(camera) for camera in job.cameras}
    awaited = {c: _Awaited([] if closing else _awaited(job, c)) for c in job.cameras}
    if not all(clips[camera] or not awaited[camera] for camera in job.cameras):
        return None
    shown = [camera for camera in job.cameras if clips[camera]]
    if len(shown) < 2:
        return None
    tracks = [clips[camera][0].tracks.video for camera in shown]
    rate = min(MAX_RATE, max(track.rate for track in tracks))
    scale = _Scale(job.start, _pace(job, [clips[camera] for camera in shown], rate), rate)
    layout = lay_out(tracks)
    gaps = {camera: timeline.gaps(clips[camera], job.span) for camera in shown}
    windows = [
        window
        for window in timeline.minutes(job.span, scale.pace)
        if scale.frame(window.start) < scale.frame(window.end)
    ]
    near = {c: _by_minute(clips[c], job.start, scale.pace, len(windows)) for c in shown}
    margin = timedelta(minutes=scale.pace)
    final = {
        camera: [_final(awaited[camera], window, gaps[camera], margin) for window in windows]
        for camera in shown
    }
    names = tuple(job.shown_name(camera) for camera in shown)
    told = readings if job.telemetry else None
    minutes: list[Minute | None] = []
    for number, window in enumerate(windows):
        if not all(final[camera][number] for camera in shown):
            minutes.append(None)
            continue
        first, last = scale.frame(window.start), scale.frame(window.end)
        minutes.append(
            Minute(
                number=number,
                first=first,
                last=last,
                rate=rate,
                pace=scale.pace,
                layout=layout,
                names=names if with_labels else (),
                tiles=tuple(
                    _tile(name, near[camera][number], window, gaps[camera], scale, tz)
                    for camera, name in zip(shown, names, strict=True)
                ),
                clock=_clock(job, first, last, scale, told, tz) if with_labels else None,
            )
        )
    heard = None if job.media_type.sped_up else _heard(shown, clips)
    sounds = _sounds(scale, near[heard], windows, final[heard]) if heard else []
    return Film(
        minutes=tuple(minutes),
        sounds=tuple(sounds),
        sound_from=job.shown_name(heard) if heard else "",
        length=job.span.seconds / scale.pace,
        pace=scale.pace,
    )


def marks(job: Job, film: Film, tz: tzinfo) -> list[Chapter]:
    """The chapters of the film: one for each minute of the wall clock, and named by it.

    In a film so fast that they would be closer than a second, for each 2, 5, 10 ... minutes.
    """

    def at(moment: datetime) -> float:
        return (moment - job.start).total_seconds() / film.pace

    return [
        Chapter(at(window.start), at(window.end), timezones.clock_text(window.start, tz))
        for window in timeline.marks(job.span, film.pace)
    ]


def _pace(job: Job, clips: Iterable[Sequence[Clip]], rate: Fraction) -> int:
    """The pace of a job's film: that of the camera whose footage is sped up least.

    What counts of a camera is its usual factor, the median: so neither a single odd clip nor the
    order in which clips arrive moves it. The film has at least one frame.
    """
    if not job.media_type.sped_up:
        return 1
    least = min(statistics.median_low([clip.factor for clip in own]) for own in clips)
    return max(1, min(math.floor(least + 0.5), math.floor(Fraction(job.span.seconds) * rate)))


def _by_minute(clips: Sequence[Clip], start: datetime, pace: int, count: int) -> list[list[Clip]]:
    """The clips that reach into each minute; a day's job has too many to look at all each time."""
    near: list[list[Clip]] = [[] for _ in range(count)]
    minute = timedelta(minutes=pace)
    for clip in clips:
        first, last = (clip.start - start) // minute, (clip.end - start) // minute
        for number in range(max(0, first), min(count, last + 1)):
            near[number].append(clip)
    return near


# --- what is settled ------------------------------------------------------------------------------


class _Awaited:
    """The windows for which a camera's footage may still come."""

    def __init__(self, windows: Iterable[Window]) -> None:
        ordered = sorted(windows)
        self._starts = [window.start for window in ordered]
        self._ends = list(accumulate((window.end for window in ordered), max))

    def __bool__(self) -> bool:
        return bool(self._starts)

    def touches(self, window: Window) -> bool:
        begun = bisect_left(self._starts, window.end)
        return begun > 0 and self._ends[begun - 1] > window.start


def _awaited(job: Job, camera: Camera) -> list[Window]:
    return [retrieval.window for retrieval, media in job.media(camera) if not media.settled]


def _final(awaited: _Awaited, window: Window, gaps: Sequence[Window], margin: timedelta) -> bool:
    """What a camera shows of a minute cannot change any more.

    Its own clip is here, and every gap within the minute is bounded by settled minutes: so a
    gap's label can say until when it lasts, and a neighbour's clip that reaches in is here. A
    hole so short that it is bridged does not wait: it is filled from the minute's own clip.

    margin: the length of a minute of film
    """
    if not awaited:
        return True
    return not awaited.touches(window) and not any(
        awaited.touches(Window(gap.start - margin, gap.end + margin))
        for gap in _overlapping(gaps, window)
        if min(gap.end, window.end) - max(gap.start, window.start) > timeline.BRIDGED
    )


def _overlapping(gaps: Sequence[Window], window: Window) -> Sequence[Window]:
    """Those of `gaps`, which are in order and apart from each other, that reach into `window`."""
    first = bisect_right(gaps, window.start, key=lambda gap: gap.end)
    return gaps[first : bisect_left(gaps, window.end, key=lambda gap: gap.start)]


# --- what is shown --------------------------------------------------------------------------------


def _tile(
    name: str,
    clips: Sequence[Clip],
    window: Window,
    gaps: Sequence[Window],
    scale: _Scale,
    tz: tzinfo,
) -> tuple[TileSegment, ...]:
    shown: list[TileSegment] = []
    for piece in timeline.pieces(clips, window):
        first, last = scale.frame(piece.start), scale.frame(piece.end)
        if first == last:
            continue
        if piece.clip is not None:
            shown.append(replace(_of_clip(piece.clip, scale), first=first, last=last))
        else:
            around = Window(piece.start, piece.end)
            gap = next(iter(_overlapping(gaps, around)), around)
            words = (
                name,
                "no footage",
                f"from {timezones.clock_text(gap.start, tz)}",
                f"until {timezones.clock_text(gap.end, tz)}",
            )
            shown.append(TileSegment(first, last, words=words))
    return tuple(shown)


def _of_clip(clip: Clip, scale: _Scale) -> TileSegment:
    return TileSegment(
        first=0,
        last=0,
        path=str(clip.path),
        zero=scale.seconds(clip.start),
        speed=Fraction(clip.factor).limit_denominator(1_000_000) / scale.pace,
        lead=max(Fraction(1, 2), Fraction(3, 2) / clip.tracks.video.rate),
        sha256=clip.sha256,
    )


def _clock(
    job: Job,
    first: int,
    last: int,
    scale: _Scale,
    readings: Sequence[Reading] | None,
    tz: tzinfo,
) -> Clock:
    """The clock of frames `first` up to `last`, with what `readings` tell (None: nothing said)."""
    frame = scale.pace / scale.rate  # seconds of the wall clock
    begin = first * frame + Fraction(job.start.microsecond, 1_000_000)
    # A text that changes with the second says it; from one that changes with the frame it is cut.
    whole = Fraction(math.floor(begin)) if frame <= 1 else begin
    shift, step = begin - whole, max(Fraction(1), frame)
    moment = job.start.replace(microsecond=0) + timedelta(seconds=float(whole))
    clock = Clock(
        whole=moment,
        shift=shift,
        step=step,
        count=math.floor(((last - first - 1) * frame + shift) / step) + 1,
        name=job.vehicle.name + (f"   {scale.pace} x speed" if scale.pace > 1 else ""),
        first_text=timezones.clock_text(moment, tz),
        told=(),
        tz=tz,
    )
    if readings is None:
        return clock
    return replace(clock, told=tuple(interpolation.texts(readings, clock.moments(), job.units)))


# --- what is heard --------------------------------------------------------------------------------


def _heard(shown: Sequence[Camera], clips: Mapping[Camera, Sequence[Clip]]) -> Camera | None:
    """The camera whose sound the film has: Driver, else Road, else the first that has any."""
    with_sound = [c for c in shown if any(clip.tracks.audio for clip in clips[c])]
    order = {label: place for place, label in enumerate(_SOUND_ORDER)}
    return min(with_sound, key=lambda c: order.get(c.label, len(order)), default=None)


def _sounds(
    scale: _Scale,
    near: Sequence[Sequence[Clip]],
    windows: Sequence[Window],
    final: Sequence[bool],
) -> list[SoundPiece | None]:
    """The sound of each minute; one needs its neighbours, for it is encoded into them a little."""
    parts = [_heard_in(clips, window, scale) for clips, window in zip(near, windows, strict=True)]
    result: list[SoundPiece | None] = []
    for number, window in enumerate(windows):
        around = range(max(0, number - 1), min(len(windows), number + 2))
        if not all(final[n] for n in around):
            result.append(None)
            continue
        first, last = (
            audio.frame_at(float(scale.seconds(moment))) for moment in (window.start, window.end)
        )
        heard = _joined(part for n in around for part in parts[n])
        result.append(SoundPiece(number, first, last, heard))
    return result


def _heard_in(clips: Sequence[Clip], window: Window, scale: _Scale) -> list[_Part]:
    return [
        (
            float(scale.seconds(piece.start)),
            float(scale.seconds(piece.end)),
            str(piece.clip.path),
            float(scale.seconds(piece.clip.start)),
            piece.clip.sha256,
        )
        for piece in timeline.pieces(clips, window)
        if piece.clip is not None and piece.clip.tracks.audio is not None
    ]


def _joined(parts: Iterable[_Part]) -> tuple[_Part, ...]:
    """Parts of one clip that follow each other as one: a clip of ten minutes is opened once."""
    result: list[_Part] = []
    for part in parts:
        if result and (result[-1][1], *result[-1][2:]) == (part[0], *part[2:]):
            part = (result.pop()[0], *part[1:])
        result.append(part)
    return tuple(result)
