"""What is known of the clocks: whose times the clips have, and how far this computer's was off.

Pure: from a job to plain data and sentences. No sentence says more than was measured or reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from statistics import median

from footage.cloud.clock_comparison import KNOWN_WITHIN
from footage.model import Camera, Job, Media, Retrieval, RetrievalState
from footage.system.text import count_text

IN_CLOUD = "in the provider's cloud already"
NOT_REPORTED = "no start reported that could be read; placed at the asked time"
FURTHER_PIECE = "a further piece of the same answer"


@dataclass(frozen=True)
class ClipTime:
    """When one clip was asked to begin, and when it begins as the provider reports it.

    camera:  what it is for, as a person reads it
    start:   None where the provider reported none
    seconds: by how much it begins later than asked (earlier where negative); None where that is
             not to be compared, for the reason in `note`
    """

    camera: str
    file: str
    asked: datetime
    start: datetime | None
    seconds: float | None
    note: str = ""


@dataclass(frozen=True)
class Spread:
    """The smallest, middle and largest of `count` values, in seconds."""

    smallest: float
    median: float
    largest: float
    count: int


@dataclass(frozen=True)
class TimeStatement:
    """What is known of the clocks.

    clips:     by camera and asked time
    starts:    by how much the clips begin later than asked; None where none is to be compared
    clock:     by how much the provider's clock was ahead of this computer's; None where it was not
               measured
    sentences: all of it in words
    """

    clips: tuple[ClipTime, ...]
    starts: Spread | None
    clock: Spread | None
    sentences: tuple[str, ...]


def of_job(job: Job) -> TimeStatement:
    """The time statement of a job, in whatever state it is."""
    clips = tuple(clip for camera in job.cameras for clip in _clip_times(job, camera))
    starts = _spread([clip.seconds for clip in clips if clip.seconds is not None])
    clock = _spread(_offsets(job.clock_offsets))
    sentences = (*_whose_clock(job), *_start_sentences(job, clips, starts), *_clock(job, clock))
    return TimeStatement(clips, starts, clock, sentences)


def _clip_times(job: Job, camera: Camera) -> Iterator[ClipTime]:
    pieces = [(one, media) for one, media in job.media(camera) if media.clip is not None]
    for retrieval, media in sorted(pieces, key=lambda pair: pair[0].window):
        assert media.clip is not None  # noqa: S101 - chosen so above
        note = _not_compared(retrieval, media)
        seconds = None
        if media.start is not None and not note:
            seconds = round((media.start - retrieval.window.start).total_seconds(), 3)
        yield ClipTime(
            camera=job.shown_name(camera),
            file=media.clip.path.name,
            asked=retrieval.window.start,
            start=media.start,
            seconds=seconds,
            note=note,
        )


def _not_compared(retrieval: Retrieval, media: Media) -> str:
    """Why a clip's start is not to be compared with the asked one; "" where it is."""
    if media.start is None:
        return NOT_REPORTED
    if retrieval.state is RetrievalState.FOUND:
        return IN_CLOUD
    of_camera = (one for one in retrieval.media if one.camera == media.camera)
    starts = [one.start for one in of_camera if one.clip is not None and one.start is not None]
    return FURTHER_PIECE if media.start > min(starts) else ""


def _offsets(counts: Mapping[str, int]) -> list[float]:
    return list(chain.from_iterable(repeat(float(text), n) for text, n in counts.items()))


def _spread(values: Sequence[float]) -> Spread | None:
    return Spread(min(values), median(values), max(values), len(values)) if values else None


# --- in words -------------------------------------------------------------------------------------


def _whose_clock(job: Job) -> tuple[str, ...]:
    return (
        f"The times of the footage are those that {job.provider} reports for it: of the camera's "
        f"or of {job.provider}'s clock, not of this computer's. They were not compared with any "
        "other clock.",
        "The times of the steps of the custody are those of this computer's clock.",
    )


def _start_sentences(job: Job, clips: Sequence[ClipTime], starts: Spread | None) -> Iterator[str]:
    if starts is not None:
        yield (
            f"{job.provider}'s start against the asked one, of {count_text(starts.count, 'clip')}: "
            f"{_spread_text(starts, 'later', 'earlier')}."
        )
    else:
        yield "There is no clip whose start can be compared with the asked one."
    for note in (NOT_REPORTED, IN_CLOUD, FURTHER_PIECE):
        count = sum(clip.note == note for clip in clips)
        if count:
            yield f"Not compared: {count_text(count, 'clip')} ({note})."


def _clock(job: Job, clock: Spread | None) -> Iterator[str]:
    if clock is not None:
        yield (
            f"This computer's clock against {job.provider}'s, by the Date header of "
            f"{count_text(clock.count, 'answer')}: "
            f"{_spread_text(clock, 'behind', 'ahead')}. Each is known to within "
            f"{KNOWN_WITHIN:g} s, as the header has whole seconds and an answer takes time."
        )
    elif job.clock_offset:
        yield (
            f"This computer's clock was about {_signed(job.clock_offset, 'behind', 'ahead of')} "
            f"{job.provider}'s when it was looked at; how far it was off at each answer was not "
            "kept."
        )
    else:
        yield f"This computer's clock was not compared with {job.provider}'s."


def _spread_text(spread: Spread, positive: str, negative: str) -> str:
    smallest, middle, largest = (
        _signed(seconds, positive, negative)
        for seconds in (spread.smallest, spread.median, spread.largest)
    )
    if smallest == largest:
        return smallest
    return f"from {smallest} to {largest}, median {middle}"


def _signed(seconds: float, positive: str, negative: str) -> str:
    """ "0.3 s later"."""
    rounded = round(abs(seconds), 1)
    return f"{rounded:.1f} s {positive if seconds >= 0 else negative}" if rounded else "0.0 s"
