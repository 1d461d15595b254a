"""What stands on the screen at the end: the files, what is missing and why, what to know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path

from footage.errors import ExitStatus
from footage.job import outcome, reuse
from footage.model import Job, MediaType, Window
from footage.system import timezones
from footage.system.intervals import overlap
from footage.system.text import count_text, length_text, size_text
from footage.ui.progress import Screen


def print_summary(
    job: Job, screen: Screen, folder: Path, journal: Path, tz: tzinfo, notes: Sequence[str]
) -> ExitStatus:
    """Print what came of the job and return the exit status that it makes."""
    status = outcome.exit_status(job)
    screen.say()
    places = {camera.label: number for number, camera in enumerate(job.cameras)}
    rows = [
        [
            output.path.name,
            length_text(output.duration) if output.duration else "",
            size_text(output.size),
        ]
        for output in sorted(job.outputs, key=lambda output: places.get(output.camera, -1))
    ]
    if rows:
        screen.table(rows)
    if job.media_type is MediaType.IMAGE and (pictures := _pictures(job)):
        screen.say(pictures)
    for line in _findings(job, tz):
        screen.say(line)
    for output in job.outputs:
        if output.kind == "merge" and output.note:
            screen.say(f"{output.path.name}: {output.note}")
    if taken := _reused(job):
        screen.say(taken)
    for note in notes:
        screen.say(note)
    if job.quota:
        screen.say(
            f'When the last request was sent, {job.provider} said: "{job.quota}" (what was '
            "uploaded after that is not in it)"
        )
    if status is ExitStatus.NOTHING:
        screen.say("No footage could be had.")
        if len(outcome.not_installed(job)) == len(job.cameras):
            screen.say("This vehicle seems to have none of the cameras asked for.")
        else:
            screen.say("Was it this vehicle, and was it driving at that time?")
    if job.outputs:
        screen.say(f"The files are in {folder}")
    screen.say(f"The request ids are in {journal}")
    return status


def _pictures(job: Job) -> str:
    """How many there are, and what they are called."""
    names = [clip.path.name for camera in job.cameras for clip in job.clips(camera)]
    if not names:
        return ""
    more = f" to {names[-1]}" if len(names) > 1 else ""
    return f"{count_text(len(names), 'picture')}: {names[0]}{more}"


def _reused(job: Job) -> str:
    """How much was not paid for again; "" for none."""
    there = [(one, media.clip) for one in reuse.reused(job) for media in one.media if media.clip]
    if not there:
        return ""
    if job.media_type is MediaType.IMAGE:
        return f"Reused: {count_text(len(there), 'picture')}, not paid for again."
    spans = (overlap(Window(clip.start, clip.end), one.window) for one, clip in there)
    seconds = sum(span.seconds for span in spans if span)
    return (
        f"Reused: {length_text(seconds)} of footage that was in the cloud or asked for "
        "already; it was not paid for again."
    )


def _findings(job: Job, tz: tzinfo) -> list[str]:
    lines = [
        f"Missing: {job.shown_name(part.camera)} {_when(part.window, job, tz)}, {part.reason}"
        for part in outcome.missing(job)
    ]
    still = job.media_type is MediaType.IMAGE
    nothing = "no picture" if still else "no footage of any minute"
    for camera in outcome.not_installed(job):
        *_, words = (media.provider_message for _, media in job.media(camera))
        provider_message = f' ("{words}")' if words else ""
        lines.append(
            f"{job.shown_name(camera)}: {nothing}; it seems not to be installed{provider_message}"
        )
    for media, retrieval, off in outcome.shifted(job):
        start = _when(retrieval.window, job, tz)
        direction = "earlier" if off < 0 else "later"
        lines.append(
            f"{job.shown_name(media.camera)} {start} begins {abs(off):.1f} s {direction} than "
            "asked; it is shown at its true time"
        )
    again = outcome.asked_once_more(job)
    if again:
        requests = count_text(len(again), "request")
        lines.append(f"{requests} more than planned: what had failed was asked for once more")
    twice = outcome.possibly_counted_twice(job)
    if twice:
        requests = count_text(len(twice), "request")
        lines.append(f"{requests} got no answer and may have been counted twice by {job.provider}")
    return lines


def _when(window: Window, job: Job, tz: tzinfo) -> str:
    """A stretch within the job, or one moment; with its date where the job is of several days."""
    days = {timezones.local(moment, tz).date() for moment in (job.start, job.end)}
    if window.start == window.end:
        if len(days) > 1:
            return timezones.clock_text(window.start, tz)
        return timezones.time_text(window.start, tz)
    if len(days) > 1:
        return timezones.span_text(window.start, window.end, tz)
    return timezones.time_span_text(window.start, window.end, tz)
