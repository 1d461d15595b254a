"""What the page's players need: which second of which film shows which moment. Pure functions.

A camera's merge is its clips one after the other: without the gaps between them, and with all of
each clip where two overlap. So its own time is not that of the wall clock; the pieces below lead
from one to the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from footage.job.outputs import short_hash
from footage.media import timeline
from footage.media.render_plan import MAX_RATE
from footage.model import Camera, Clip, Job, Output

_SAME_LENGTH = 0.05  # seconds by which the lengths of a merge and of its clips may differ


@dataclass(frozen=True)
class Piece:
    """From `start` to `end` a camera's merge shows one clip without a hole.

    start, end: seconds of the wall clock after the beginning of the job
    at:         second of the merge that shows the start
    zero:       second of the merge at which the clip's first frame stands
    stop:       second of the merge at which the clip ends
    factor:     seconds of the wall clock in one second of the merge
    rate:       frames a second
    frames:     how many frames of the merge come before the clip
    even:       the clip lacks no frame, so that they can be counted by the rate
    """

    start: float
    end: float
    at: float
    zero: float
    stop: float
    factor: float
    rate: Fraction
    frames: int
    even: bool


@dataclass(frozen=True)
class CameraFilm:
    """One camera's merge.

    name:   what the person calls the camera
    file:   "" where there is none
    codec:  of the picture, as ffmpeg calls it
    sound:  it has any
    why:    why there is nothing to play, in words; "" where there is
    pieces: in order of the wall clock, without overlaps
    """

    name: str
    file: str
    codec: str
    sound: bool
    why: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class SideBySideFilm:
    """The side-by-side: a frame for each step of the clock, from the job's start to its end.

    rate: frames a second
    pace: seconds of the wall clock in one second of it
    """

    file: str
    codec: str
    rate: Fraction
    pace: int


def side_by_side_film(job: Job, frames: Mapping[str, int]) -> SideBySideFilm | None:
    """The newest side-by-side that is there; None where there is none.

    frames: file name -> how many frames it has
    """
    films = [one for one in job.outputs if one.kind == "side-by-side" and one.loss is None]
    if not films or not films[-1].duration:
        return None
    film = films[-1]
    pace = max(1, round(job.span.seconds / film.duration))
    count = frames.get(film.path.name, 0)
    return SideBySideFilm(film.path.name, "h264", _rate(job, film, count), pace)


def _rate(job: Job, film: Output, frames: int) -> Fraction:
    """The rate that gives a film of this length so many frames: that of one of its cameras."""
    clips = [clip for camera in job.cameras for clip in job.clips(camera)]
    rates = [MAX_RATE, *sorted({min(MAX_RATE, clip.tracks.video.rate) for clip in clips})]
    fitting = [rate for rate in rates if round(Fraction(film.duration) * rate) == frames]
    if fitting:
        return fitting[0]
    return Fraction(frames) / Fraction(film.duration) if frames else rates[-1]


def camera_films(job: Job, names: Mapping[Camera, str]) -> list[CameraFilm]:
    """The films of all cameras, also of those that have none.

    names: of the cameras, as the person knows them
    """
    return [_camera_film(job, camera, names[camera]) for camera in job.cameras]


def _camera_film(job: Job, camera: Camera, name: str) -> CameraFilm:
    merges = [o for o in job.outputs if (o.kind, o.camera) == ("merge", camera.label)]
    there = [one for one in merges if one.loss is None]
    if not there:
        why = "Its film is not on this computer as it was made." if merges else "No film was made."
        if not merges and not job.clips(camera):
            why = "This camera has no footage."
        return CameraFilm(name, "", "", False, why, ())
    merge = there[-1]
    clips = _clips_of(job, camera, merge)
    if clips is None:
        why = f"{merge.path.name} was made of other clips than the journal knows."
        return CameraFilm(name, "", "", False, why, ())
    return CameraFilm(
        name=name,
        file=merge.path.name,
        codec=clips[0].tracks.video.codec,
        sound=any(clip.tracks.audio for clip in clips),
        why="",
        pieces=tuple(_pieces(job, clips)),
    )


def _clips_of(job: Job, camera: Camera, merge: Output) -> Sequence[Clip] | None:
    """The clips that a merge was made of, in its order; None where they are not all known.

    A clip that is lost by now is in it all the same.
    """
    known = [*job.clips(camera), *(one.clip for one in job.lost_clips(camera))]
    contents = set(merge.contents)
    clips = sorted(
        {c.sha256: c for c in known if not contents or short_hash(c) in contents}.values(),
        key=lambda clip: (clip.start, clip.path),
    )
    length = sum(clip.duration for clip in clips)
    return clips if clips and abs(length - merge.duration) <= _SAME_LENGTH else None


def _pieces(job: Job, clips: Sequence[Clip]) -> Iterable[Piece]:
    zeros, frames = [0.0], [0]
    for clip in clips:
        zeros.append(zeros[-1] + clip.duration)
        frames.append(frames[-1] + clip.tracks.video.frames)
    place = {clip.path: number for number, clip in enumerate(clips)}

    def seconds(moment: datetime) -> float:
        return (moment - job.start).total_seconds()

    for shown in _shown(job, clips):
        if (of := shown.clip) is None:
            continue
        number, video = place[of.path], of.tracks.video
        inside = (shown.start - of.start).total_seconds() / of.factor
        yield Piece(
            start=seconds(shown.start),
            end=seconds(shown.end),
            at=zeros[number] + max(0.0, inside),
            zero=zeros[number],
            stop=zeros[number + 1],
            factor=of.factor,
            rate=video.rate,
            frames=frames[number],
            even=not video.damaged and video.frames == round(video.duration * video.rate),
        )


def _shown(job: Job, clips: Sequence[Clip]) -> list[timeline.Piece]:
    """What one camera shows, by the rule of the side-by-side; parts of one clip are joined."""
    windows = timeline.minutes(job.span)
    shown: list[timeline.Piece] = []
    for window, near in zip(
        windows, timeline.by_minute(clips, job.start, len(windows)), strict=True
    ):
        for piece in timeline.pieces(near, window):
            last = shown[-1] if shown else None
            if last and piece.clip and last.clip is piece.clip and last.end == piece.start:
                shown[-1] = timeline.Piece(last.start, piece.end, piece.clip)
            else:
                shown.append(piece)
    return shown
