"""The coverage bars: what each camera has of the asked time, stretch by stretch. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise

from footage.job.outcome import Missing, Outcome
from footage.model import Camera, Job, Media, MediaType, Retrieval, Window
from footage.system.intervals import Spans, overlap, uncovered
from footage.system.text import count_text, length_text


class Kind(str, Enum):
    """What a stretch of a bar says; `text` stands in the key, and is what a screen reader reads.

    Each but PRESENT is drawn with a pattern of its own, so that nothing is told by colour alone.
    """

    text: str

    def __new__(cls, value: str, text: str = "") -> Kind:
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member

    @property
    def patterned(self) -> bool:
        return self is not Kind.PRESENT

    PRESENT = "present", "Footage"
    SHIFTED = "shifted", "Footage that begins earlier or later than asked"
    DOUBTFUL = "doubtful", "Footage whose clock may be off"
    DAMAGED = "damaged", "Damaged footage"
    GAP = "gap", "No footage"
    AWAITED = "awaited", "No footage yet"
    REPEATED = "repeated", "Answered with footage that is shown at another time"
    ANOTHER = "another", "Answered with the footage of another time"


# Of two things that can be said of the same footage the later one counts.
_BY_WEIGHT = (Kind.PRESENT, Kind.SHIFTED, Kind.DOUBTFUL, Kind.DAMAGED)
_BETWEEN_PICTURES = 0.06  # of the space of one
WITHOUT_FOOTAGE = frozenset(Kind) - frozenset(_BY_WEIGHT)


@dataclass(frozen=True)
class Stretch:
    """One part of a bar; `start` and `end` in seconds after the job's start."""

    start: float
    end: float
    kind: Kind
    text: str = ""


@dataclass(frozen=True)
class Bar:
    """What one camera has, from the start of the asked time to its end.

    pictures: each stretch is one picture, and not a length of film
    """

    name: str
    stretches: tuple[Stretch, ...]
    pictures: bool = False

    @property
    def present_text(self) -> str:
        """How much of the asked time it has: "2:40 of 3:00", or "2 of 3 pictures"."""
        if self.pictures:
            count = sum(one.kind not in WITHOUT_FOOTAGE for one in self.stretches)
            return f"{count} of {count_text(len(self.stretches), 'picture')}"
        lengths = [(one.end - one.start, one.kind in WITHOUT_FOOTAGE) for one in self.stretches]
        there = sum(length for length, without in lengths if not without)
        return f"{length_text(there)} of {length_text(sum(length for length, _ in lengths))}"

    @property
    def notes(self) -> list[Stretch]:
        """The stretches of which there is something to say."""
        return [one for one in self.stretches if one.kind is not Kind.PRESENT]


@dataclass(frozen=True)
class _Part:
    window: Window
    kind: Kind
    text: str


def bars(job: Job, outcome: Outcome) -> list[Bar]:
    """A bar for each camera; none where the job is of one moment."""
    if job.span.seconds <= 0:
        return []
    stills = job.media_type is MediaType.IMAGE
    return [
        Bar(
            outcome.camera_names[camera],
            tuple(
                Stretch(
                    (part.window.start - job.start).total_seconds(),
                    (part.window.end - job.start).total_seconds(),
                    part.kind,
                    part.text,
                )
                for part in (
                    _still_parts(job, outcome, camera)
                    if stills
                    else _joined(_video_parts(job, outcome, camera))
                )
            ),
            stills,
        )
        for camera in job.cameras
    ]


def _joined(parts: Iterator[_Part]) -> list[_Part]:
    """In order; neighbours of which the same is said are one."""
    joined: list[_Part] = []
    for part in sorted(parts, key=lambda part: part.window.start):
        last = joined[-1] if joined else None
        if (
            last is not None
            and (last.kind, last.text) == (part.kind, part.text)
            and last.window.end == part.window.start
        ):
            joined[-1] = _Part(Window(last.window.start, part.window.end), part.kind, part.text)
        else:
            joined.append(part)
    return joined


# --- films --------------------------------------------------------------------------------------


def _video_parts(job: Job, outcome: Outcome, camera: Camera) -> Iterator[_Part]:
    for absent in outcome.not_installed:
        if absent.camera == camera:
            yield _Part(job.span, Kind.GAP, absent.explanation)
            return
    gaps = [part for part in outcome.missing if part.camera == camera]
    asked = Spans(job.media(camera), lambda answer: answer[0].window)
    for gap in gaps:
        yield _gap(outcome, gap, asked)
    marked = Spans(_marked(outcome, job, camera), lambda part: part.window)
    for present in uncovered(job.span, [gap.window for gap in gaps]):
        yield from _present(present, marked)


def _gap(outcome: Outcome, gap: Missing, asked_for: Spans[tuple[Retrieval, Media]]) -> _Part:
    """A stretch without footage, and what became of the request for it.

    asked_for: all requests for this camera
    """
    for repeat in outcome.clips.repeated:
        if repeat.camera == gap.camera and overlap(repeat.window, gap.window):
            return _Part(gap.window, Kind.REPEATED, gap.explanation)
    asked = [
        (retrieval, media)
        for retrieval, media in asked_for.near(gap.window)
        if overlap(retrieval.window, gap.window)
    ]
    if any(m.clip is not None and overlap(m.clip.span, r.window) is None for r, m in asked):
        return _Part(gap.window, Kind.ANOTHER, gap.explanation)
    coming = any(not media.settled and media.lost is None for _, media in asked)
    return _Part(gap.window, Kind.AWAITED if coming else Kind.GAP, gap.explanation)


def _marked(outcome: Outcome, job: Job, camera: Camera) -> Iterator[_Part]:
    """The clips of which there is something to say."""
    by_window = {clip.window: clip for clip in job.clips(camera)}
    for shift in outcome.clips.shifted:
        clip = by_window.get(shift.window)
        if shift.camera == camera and clip is not None:
            direction = "earlier" if shift.seconds < 0 else "later"
            text = f"begins {abs(shift.seconds):.1f} s {direction} than asked; shown at its time"
            yield _Part(clip.span, Kind.SHIFTED, text)
    for unread in outcome.clips.unread_times:
        if unread.camera == camera:
            text = f'its time ("{unread.text}") cannot be read; shown at the time asked for'
            yield _Part(unread.window, Kind.DOUBTFUL, text)
    for other in outcome.clips.other_lengths:
        if other.camera == camera:
            text = f"plays {other.plays:.1f} s of {other.reported:.1f} s reported; clock may be off"
            yield _Part(other.window, Kind.DOUBTFUL, text)
    for damage in outcome.clips.damaged:
        clip = by_window.get(damage.window)
        if damage.camera == camera and clip is not None:
            text = f"does not decode cleanly, as it came from {outcome.provider}"
            yield _Part(clip.span, Kind.DAMAGED, text)


def _present(window: Window, marked: Spans[_Part]) -> Iterator[_Part]:
    """A stretch with footage, cut where what is to be said of it changes."""
    here = [part for part in marked.near(window) if overlap(part.window, window)]
    inner = (edge for part in here for edge in (part.window.start, part.window.end))
    edges: list[datetime] = sorted(
        {window.start, window.end, *(edge for edge in inner if window.start < edge < window.end)}
    )
    for start, end in pairwise(edges):
        stretch = Window(start, end)
        about = [part for part in marked.near(stretch) if overlap(part.window, stretch)]
        kind = max((part.kind for part in about), key=_BY_WEIGHT.index, default=Kind.PRESENT)
        texts = dict.fromkeys(part.text for part in about)
        yield _Part(Window(start, end), kind, "; ".join(texts))


# --- stills -------------------------------------------------------------------------------------


def _still_parts(job: Job, outcome: Outcome, camera: Camera) -> Iterator[_Part]:
    """For each moment asked for: is there a picture of it? It is drawn almost to the next one."""
    absent = {one.camera: one.explanation for one in outcome.not_installed}
    reasons = {
        part.window.start: part.explanation for part in outcome.missing if part.camera == camera
    }
    moments = sorted({retrieval.window.start for retrieval in job.retrievals})
    for moment, end in zip(moments, [*moments[1:], job.end], strict=False):
        until = min(end, moment + timedelta(seconds=job.every or job.span.seconds))
        if until <= moment:
            continue
        until -= (until - moment) * _BETWEEN_PICTURES
        reason = absent.get(camera) or reasons.get(moment)
        kind = Kind.GAP if reason else Kind.PRESENT
        yield _Part(Window(moment, until), kind, reason or "")
