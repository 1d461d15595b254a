"""What came of a job, in the words that stand beside each of its rows in FILE.results.csv."""

from __future__ import annotations

from collections.abc import Iterator

from footage.errors import ExitStatus
from footage.incidents.results_file import RowResult
from footage.job import contact_text
from footage.job.outcome import Outcome, is_paid, outcome_of
from footage.model import Job, StepKind
from footage.system import timezones
from footage.ui.job_run import Ended
from footage.ui.json_summary import STATUS_WORDS


def result_of(job: Job, ended: Ended) -> RowResult:
    """What is known of a job by now."""
    finished = job.finished
    outcome = outcome_of(job)
    files = {one.kind: one.path.name for one in reversed(outcome.files)}
    requested = any(one.id for one in job.retrievals)
    word = "failed" if ended.error else STATUS_WORDS.get(ended.status, "failed")
    if ended.status is ExitStatus.STILL_COMING and requested and not any(job.outputs):
        word = "requested"
    notes = (ended.error, *outcome.notes, *outcome.failures, *_told(job, outcome))
    return RowResult(
        status=word,
        missing=_missing_text(job, outcome) if finished else "",
        film=files.get("side-by-side") or files.get("merge") or files.get("contact-sheet", ""),
        report=files.get("report", ""),
        folder=job.folder,
        quota_seconds=f"{_paid_seconds(job):.0f}",
        finished_at=_finished_at(job) if finished else "",
        message="; ".join(filter(None, notes)),
    )


def _told(job: Job, outcome: Outcome) -> Iterator[str]:
    """What the provider tells of the vehicle, and which clip is a guess."""
    if outcome.contact is not None:
        zone = timezones.zone(job.timezone)
        yield contact_text.sentence(outcome.contact, outcome.provider, zone)
    for output in outcome.files:
        if output.kind == "event-clip":
            yield f"{output.path.name}: {output.note}"


def _finished_at(job: Job) -> str:
    """When the last of its files was made."""
    made = [step.at for step in job.custody if step.kind is StepKind.REPORTED]
    return f"{made[-1]:%Y-%m-%dT%H:%M:%SZ}" if made else ""


def _missing_text(job: Job, outcome: Outcome) -> str:
    """The stretches without footage, and why."""
    tz = timezones.zone(job.timezone)
    gaps = [
        f"{outcome.camera_names[one.camera]} "
        f"{timezones.time_span_text(one.window.start, one.window.end, tz)}, {one.explanation}"
        for one in outcome.missing
    ]
    absent = [
        f"{outcome.camera_names[one.camera]}: {one.explanation}" for one in outcome.not_installed
    ]
    return "; ".join([*gaps, *absent])


def _paid_seconds(job: Job) -> float:
    """Seconds of the windows that were paid for, each as often as it was requested."""
    return sum(one.window.seconds for one in job.retrievals if is_paid(one))
