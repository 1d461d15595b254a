"""What is not as it was asked for, in sentences: for the summary and for the report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from footage.job import contact_text
from footage.job.outcome import Outcome
from footage.model import MediaType, Window
from footage.system import timezones
from footage.system.text import count_text


def sentences(outcome: Outcome, tz: tzinfo) -> Iterator[str]:
    """What is not as it was asked for."""
    names = outcome.camera_names
    for part in outcome.missing:
        when = when_text(part.window, outcome, tz)
        yield f"Missing: {names[part.camera]} {when}, {part.explanation}"
    if outcome.contact is not None:
        yield contact_text.sentence(outcome.contact, outcome.provider, tz)
    still = outcome.media_type is MediaType.IMAGE
    nothing = "no picture" if still else "no footage of any minute"
    for file in outcome.lost_files:
        yield f"{file.path.name}: {file.explanation}"
    for absent in outcome.not_installed:
        yield f"{names[absent.camera]}: {nothing}; {absent.explanation}"
    yield from clip_sentences(outcome, tz)
    if outcome.asked_once_more:
        requests = count_text(len(outcome.asked_once_more), "request")
        yield f"{requests} more than planned: what had failed was asked for once more"
    if outcome.possibly_counted_twice:
        requests = count_text(len(outcome.possibly_counted_twice), "request")
        yield f"{requests} got no answer and may have been counted twice by {outcome.provider}"


def clip_sentences(outcome: Outcome, tz: tzinfo) -> Iterator[str]:
    """Where a clip is not what was asked for."""
    names = outcome.camera_names
    for shift in outcome.clips.shifted:
        direction = "earlier" if shift.seconds < 0 else "later"
        yield (
            f"{names[shift.camera]} {when_text(shift.window, outcome, tz)} begins "
            f"{abs(shift.seconds):.1f} s {direction} than asked; it is shown at its true time"
        )
    for repeat in outcome.clips.repeated:
        yield (
            f"{names[repeat.camera]} {when_text(repeat.window, outcome, tz)} was answered with the "
            f"very same footage as {when_text(repeat.shown_for, outcome, tz)}; it is shown once, "
            "at its true time"
        )
    for unread in outcome.clips.unread_times:
        yield (
            f"{names[unread.camera]} {when_text(unread.window, outcome, tz)}: the time that "
            f'{outcome.provider} gives ("{unread.text}") cannot be read; it is shown at the time '
            "asked for, so its clock may be off"
        )
    for other in outcome.clips.other_lengths:
        yield (
            f"{names[other.camera]} {when_text(other.window, outcome, tz)} plays "
            f"{other.plays:.1f} s of the {other.reported:.1f} s that {outcome.provider} reports: "
            f"its clock may be off by up to {abs(other.plays - other.reported):.0f} s"
        )
    for damage in outcome.clips.damaged:
        yield (
            f"{damage.path.name} does not decode cleanly: it is damaged, as it came from "
            f"{outcome.provider}"
        )


def when_text(window: Window, outcome: Outcome, tz: tzinfo) -> str:
    """A stretch within the job, or one moment; with its date where the job is of several days."""
    ends = (outcome.span.start, outcome.span.end)
    several_days = len({timezones.local(moment, tz).date() for moment in ends}) > 1
    if window.start == window.end:
        text = timezones.clock_text if several_days else timezones.time_text
        return text(window.start, tz)
    span_text = timezones.span_text if several_days else timezones.time_span_text
    return span_text(window.start, window.end, tz)
