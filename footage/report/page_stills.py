"""A still of each camera and minute, for the printed page."""

from __future__ import annotations

import base64
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from footage.job.outcome import Outcome
from footage.media import frames, timeline
from footage.media.frames import Frame
from footage.model import Camera, Clip, Job, MediaType, Window
from footage.report import times
from footage.system import timezones
from footage.system.intervals import overlap

MOST_STILLS = 240  # about 1 MB in all
_WIDTH = 200  # pixels
_ROUNDING = 0.002  # seconds
_OWN_TIME = timedelta(seconds=1)  # a still this far from its row's time has its own time below it


@dataclass(frozen=True)
class Still:
    """One place of the sheet.

    picture: base64 of a JPEG; "" where there is none
    text:    its own time where that is not its row's, or why there is none
    """

    picture: str
    text: str


@dataclass(frozen=True)
class StillRow:
    """The stills of one moment."""

    time: str
    stills: tuple[Still, ...]


@dataclass(frozen=True)
class StillSheet:
    """columns: names of the cameras; every: minutes from one row to the next"""

    columns: tuple[str, ...]
    rows: tuple[StillRow, ...]
    every: int


@dataclass(frozen=True)
class _Wanted:
    """A still that is to be taken of a clip, and at what moment; without a clip, why not."""

    row: datetime
    moment: datetime
    clip: Clip | None
    text: str = ""


def still_sheet(
    job: Job,
    outcome: Outcome,
    tz: tzinfo,
    folder: Path,
    work: Path,
    stop: threading.Event | None = None,
) -> StillSheet | None:
    """Take the stills of a job of video; None where there are none to take.

    folder: where the clips' paths begin; work: for what is unfinished
    """
    if job.media_type is MediaType.IMAGE or not any(job.clips(one) for one in job.cameras):
        return None
    every, wanted = _wanted(job, outcome)
    takeable = {
        one: Frame(folder / one.clip.path, _second(one.clip, one.moment))
        for column in wanted.values()
        for one in column
        if one.clip is not None and (folder / one.clip.path).is_file()
    }
    taken = dict(
        zip(takeable, frames.take(list(takeable.values()), _WIDTH, work, stop), strict=True)
    )
    columns = [[_still(one, taken, tz) for one in column] for column in wanted.values()]
    text = timezones.clock_text if times.several_days(job.span, tz) else timezones.time_text
    heads = [one.row for one in next(iter(wanted.values()))]
    return StillSheet(
        columns=tuple(outcome.camera_names[camera] for camera in wanted),
        rows=tuple(
            StillRow(text(head, tz), tuple(column[number] for column in columns))
            for number, head in enumerate(heads)
        ),
        every=every,
    )


def _wanted(job: Job, outcome: Outcome) -> tuple[int, dict[Camera, list[_Wanted]]]:
    """Every how many minutes there is a row, and what is wanted of each camera in it."""
    absent = {one.camera for one in outcome.not_installed}
    cameras = [camera for camera in job.cameras if camera not in absent]
    windows = timeline.minutes(job.span)
    every = max(1, math.ceil(len(windows) * len(cameras) / MOST_STILLS))
    wanted: dict[Camera, list[_Wanted]] = {}
    for camera in cameras:
        near = timeline.by_minute(job.clips(camera), job.start, len(windows))
        wanted[camera] = [
            _of_minute(windows[number], near[number], camera, outcome)
            for number in range(0, len(windows), every)
        ]
    return every, wanted


def _of_minute(window: Window, clips: Sequence[Clip], camera: Camera, outcome: Outcome) -> _Wanted:
    """The first moment of a minute of which there is a picture."""
    for piece in timeline.pieces(clips, window):
        if piece.clip is not None:
            return _Wanted(window.start, piece.start, piece.clip)
    reasons = (
        part.explanation
        for part in outcome.missing
        if part.camera == camera and overlap(part.window, window)
    )
    return _Wanted(window.start, window.start, None, next(reasons, "no footage"))


def _second(clip: Clip, moment: datetime) -> float:
    """Seconds of the file, from its first packet, at a moment of the wall clock; a little before,
    so that no rounding leads to the next frame, and not beyond the last frame.
    """
    video = clip.tracks.video
    inside = (moment - clip.start).total_seconds() / clip.factor
    last = video.duration - float(1 / video.rate)
    return max(0.0, min(inside, last) - _ROUNDING) - video.begins


def _still(wanted: _Wanted, taken: Mapping[_Wanted, bytes | None], tz: tzinfo) -> Still:
    if wanted.clip is None:
        return Still("", wanted.text)
    picture = taken.get(wanted)
    if picture is None:
        return Still("", f"no still could be taken of {wanted.clip.path.name}")
    own = times.exact_text(wanted.moment, tz) if wanted.moment - wanted.row >= _OWN_TIME else ""
    return Still(base64.b64encode(picture).decode("ascii"), own)
