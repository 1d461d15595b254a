"""What stands on the screen at the end: the files, what is missing and why, what to know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path

from footage import outcome, wording, zones
from footage.console import Screen
from footage.errors import ExitStatus
from footage.model import Job


def print_summary(
    job: Job, screen: Screen, folder: Path, journal: Path, tz: tzinfo, notes: Sequence[str]
) -> ExitStatus:
    """Print what came of the job and return the exit status that it makes."""
    status = outcome.exit_status(job)
    screen.say()
    places = {camera.label: number for number, camera in enumerate(job.cameras)}
    rows = [
        [output.path.name, wording.length_text(output.duration), wording.size_text(output.size)]
        for output in sorted(job.outputs, key=lambda output: places.get(output.camera, -1))
    ]
    if rows:
        screen.table(rows)
    for line in _findings(job, tz):
        screen.say(line)
    for output in job.outputs:
        if output.kind == "merge" and output.note:
            screen.say(f"{output.path.name}: {output.note}")
    for note in notes:
        screen.say(note)
    if job.quota:
        screen.say(f'{job.provider} says: "{job.quota}" (what still uploads is counted later)')
    if status is ExitStatus.NOTHING:
        screen.say("No footage could be had.")
        screen.say("Was it this vehicle, and was it driving at that time?")
    if job.outputs:
        screen.say(f"The files are in {folder}")
    screen.say(f"The request ids are in {journal}")
    return status


def _findings(job: Job, tz: tzinfo) -> list[str]:
    lines = [
        f"Missing: {part.camera.label} "
        f"{zones.time_span_text(part.window.start, part.window.end, tz)}, {part.reason}"
        for part in outcome.missing(job)
    ]
    for camera in outcome.not_installed(job):
        words = next((media.said for _, media in job.media(camera) if media.said), "")
        said = f' ("{words}")' if words else ""
        lines.append(
            f"{camera.label}: no footage of any minute; it seems not to be installed{said}"
        )
    for media, retrieval, off in outcome.shifted(job):
        start = zones.time_span_text(retrieval.window.start, retrieval.window.end, tz)
        direction = "earlier" if off < 0 else "later"
        lines.append(
            f"{media.camera.label} {start} begins {abs(off):.1f} s {direction} than asked; "
            "it is shown at its true time"
        )
    twice = outcome.maybe_counted_twice(job)
    if twice:
        requests = wording.count_text(len(twice), "request")
        lines.append(f"{requests} got no answer and may have been counted twice by {job.provider}")
    return lines
