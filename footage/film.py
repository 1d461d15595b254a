"""The plan of the side-by-side film: which clip each tile shows in every frame. Pure functions.

A minute is planned as soon as nothing that is still awaited can change it, so the plan does not
depend on the order in which clips arrive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction

from footage import sound, timeline, zones
from footage.layout import Layout, lay_out
from footage.model import Camera, Clip, Job, Window

MAX_RATE = Fraction(30)
# Fixed, so that minutes rendered on different days can be joined by copying.
ENCODER = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p")
_SOUND_ORDER = ("Driver", "Road")  # whose sound the film has; then any other's


@dataclass(frozen=True)
class Shown:
    """One stretch of a tile, in frames of the film: a clip, or the words that stand for none.

    zero: seconds of the film at which the clip's first frame belongs
    """

    first: int
    last: int
    path: str = ""
    zero: Fraction = Fraction(0)
    sha256: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """The running clock of one minute: its text changes with every second of the wall clock.

    whole: the last whole second at or before the minute's first frame
    shift: seconds from there to the first frame
    count: how many seconds it shows; `first_text` tells zone and wording in the fingerprint
    """

    whole: datetime
    shift: Fraction
    count: int
    name: str
    first_text: str
    tz: tzinfo = field(repr=False, compare=False)

    def texts(self) -> list[str]:
        """What stands there in each second."""
        return [
            f"{zones.clock_text(self.whole + timedelta(seconds=n), self.tz)}   {self.name}"
            for n in range(self.count)
        ]


@dataclass(frozen=True)
class Minute:
    """All that decides the pictures of one minute; frames `first` up to `last` (exclusive)."""

    number: int
    first: int
    last: int
    rate: Fraction
    layout: Layout
    names: tuple[str, ...]
    tiles: tuple[tuple[Shown, ...], ...]
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
    parts: tuple[tuple[float, float, str, float, str], ...]  # start, end, path, zero, sha256

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self, sound.ENCODER)


@dataclass(frozen=True)
class Film:
    """The plan of a side-by-side; a minute that may still change is None."""

    minutes: tuple[Minute | None, ...]
    sounds: tuple[SoundPiece | None, ...]
    sound_from: str
    length: float


def _fingerprint(plan: object, settings: Sequence[str]) -> str:
    return hashlib.sha256(f"{plan!r} {settings!r}".encode()).hexdigest()[:20]


def plan(job: Job, tz: tzinfo, *, with_labels: bool = True, closing: bool = False) -> Film | None:
    """What the film of `job` is made of, as far as that is settled.

    closing: nothing more is waited for, so everything counts as settled

    None while it is not even known which cameras it shows, or when fewer than two have footage.
    """
    clips = {camera: job.clips(camera) for camera in job.cameras}
    awaited = {camera: [] if closing else _awaited(job, camera) for camera in job.cameras}
    if not all(clips[camera] or not awaited[camera] for camera in job.cameras):
        return None
    shown = [camera for camera in job.cameras if clips[camera]]
    if len(shown) < 2:
        return None
    tracks = [clips[camera][0].tracks.video for camera in shown]
    rate = min(MAX_RATE, max(track.rate for track in tracks))
    layout = lay_out(tracks)
    gaps = {camera: timeline.gaps(clips[camera], job.span) for camera in shown}
    windows = timeline.minutes(job.span)
    near = {camera: _by_minute(clips[camera], job, len(windows)) for camera in shown}
    final = {
        camera: [_final(awaited[camera], window, gaps[camera]) for window in windows]
        for camera in shown
    }
    minutes: list[Minute | None] = []
    for number, window in enumerate(windows):
        if not all(final[camera][number] for camera in shown):
            minutes.append(None)
            continue
        first, last = (_frame(moment, job, rate) for moment in (window.start, window.end))
        minutes.append(
            Minute(
                number=number,
                first=first,
                last=last,
                rate=rate,
                layout=layout,
                names=tuple(camera.label for camera in shown) if with_labels else (),
                tiles=tuple(
                    _tile(camera, near[camera][number], window, gaps[camera], job, rate, tz)
                    for camera in shown
                ),
                clock=_clock(job, first, last, rate, tz) if with_labels else None,
            )
        )
    heard = _heard(shown, clips)
    sounds = _sounds(job, near[heard], windows, final[heard]) if heard else []
    return Film(tuple(minutes), tuple(sounds), heard.label if heard else "", job.span.seconds)


def _by_minute(clips: Sequence[Clip], job: Job, count: int) -> list[list[Clip]]:
    """The clips that reach into each minute; a day's job has too many to look at all each time."""
    near: list[list[Clip]] = [[] for _ in range(count)]
    minute = timedelta(minutes=1)
    for clip in clips:
        first, last = (clip.start - job.start) // minute, (clip.end - job.start) // minute
        for number in range(max(0, first), min(count, last + 1)):
            near[number].append(clip)
    return near


def _awaited(job: Job, camera: Camera) -> list[Window]:
    """The windows for which this camera's footage may still come."""
    return [retrieval.window for retrieval, media in job.media(camera) if not media.settled]


def _final(awaited: Sequence[Window], window: Window, gaps: Sequence[Window]) -> bool:
    """What a camera shows of a minute cannot change any more.

    Its own clip is here, and every gap within the minute is bounded by settled minutes: so a
    gap's label can say until when it lasts, and a neighbour's clip that reaches in is here. A
    hole so short that it is bridged does not wait: it is filled from the minute's own clip.
    """
    margin = timedelta(minutes=1)
    touching = [
        Window(gap.start - margin, gap.end + margin)
        for gap in gaps
        if min(gap.end, window.end) - max(gap.start, window.start) > timeline.BRIDGED
    ]
    return not any(
        still.start < known.end and known.start < still.end
        for still in awaited
        for known in [window, *touching]
    )


def _seconds(moment: datetime, job: Job) -> Fraction:
    """Seconds of the film at a wall-clock moment, exact to the microsecond."""
    return Fraction((moment - job.start) // timedelta(microseconds=1), 1_000_000)


def _frame(moment: datetime, job: Job, rate: Fraction) -> int:
    return round(_seconds(moment, job) * rate)


def _tile(
    camera: Camera,
    clips: Sequence[Clip],
    window: Window,
    gaps: Sequence[Window],
    job: Job,
    rate: Fraction,
    tz: tzinfo,
) -> tuple[Shown, ...]:
    shown: list[Shown] = []
    for piece in timeline.pieces(clips, window):
        first, last = _frame(piece.start, job, rate), _frame(piece.end, job, rate)
        if first == last:
            continue
        if piece.clip is not None:
            clip = piece.clip
            shown.append(Shown(first, last, str(clip.path), _seconds(clip.start, job), clip.sha256))
        else:
            gap = next(
                (gap for gap in gaps if gap.start < piece.end and piece.start < gap.end),
                Window(piece.start, piece.end),
            )
            words = (
                camera.label,
                "no footage",
                f"from {zones.clock_text(gap.start, tz)}",
                f"until {zones.clock_text(gap.end, tz)}",
            )
            shown.append(Shown(first, last, words=words))
    return tuple(shown)


def _clock(job: Job, first: int, last: int, rate: Fraction, tz: tzinfo) -> Clock:
    begin = job.start + timedelta(seconds=float(first / rate))
    whole = begin.replace(microsecond=0)
    return Clock(
        whole=whole,
        shift=Fraction(begin.microsecond, 1_000_000),
        count=int(Fraction(last - first) / rate) + 2,
        name=job.vehicle.name,
        first_text=zones.clock_text(whole, tz),
        tz=tz,
    )


def _heard(shown: Sequence[Camera], clips: Mapping[Camera, Sequence[Clip]]) -> Camera | None:
    """The camera whose sound the film has: Driver, else Road, else the first that has any."""
    with_sound = [c for c in shown if any(clip.tracks.audio for clip in clips[c])]
    order = {label: place for place, label in enumerate(_SOUND_ORDER)}
    return min(with_sound, key=lambda c: order.get(c.label, len(order)), default=None)


def _sounds(
    job: Job, near: Sequence[Sequence[Clip]], windows: Sequence[Window], final: Sequence[bool]
) -> list[SoundPiece | None]:
    """The sound of each minute; one needs its neighbours, for it is encoded into them a little."""
    parts: list[list[tuple[float, float, str, float, str]]] = [
        [
            (
                float(_seconds(piece.start, job)),
                float(_seconds(piece.end, job)),
                str(piece.clip.path),
                float(_seconds(piece.clip.start, job)),
                piece.clip.sha256,
            )
            for piece in timeline.pieces(clips, window)
            if piece.clip is not None and piece.clip.tracks.audio is not None
        ]
        for clips, window in zip(near, windows, strict=True)
    ]
    result: list[SoundPiece | None] = []
    for number, window in enumerate(windows):
        around = range(max(0, number - 1), min(len(windows), number + 2))
        if not all(final[n] for n in around):
            result.append(None)
            continue
        first, last = (
            sound.frame_at(float(_seconds(moment, job))) for moment in (window.start, window.end)
        )
        heard = tuple(part for n in around for part in parts[n])
        result.append(SoundPiece(number, first, last, heard))
    return result
