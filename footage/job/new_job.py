"""A new job: planned from the answers, with what is to be known before it is paid for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from footage.cloud.provider import Provider
from footage.errors import UsageError
from footage.job import budget, planning
from footage.job.answers import Answers
from footage.job.shared_listing import Uploaded
from footage.media import encoder
from footage.model import UTC, Job, MediaType
from footage.system import filenames, timezones, whole_files
from footage.system.text import count_text, duration_text, media_text, quotable

LONG_MINUTES = 60  # of footage; more is asked about
MANY_PICTURES = 600  # likewise
_LONGEST_WORK_FOLDER = 60  # characters in the name of the folder that holds what is unfinished


@dataclass(frozen=True)
class Proposal:
    """A job that is planned, and not yet begun.

    preview:  lines on what it is, what it costs, and what need not be requested
    warnings: sentences to which the person has to agree, one by one
    """

    job: Job
    preview: Sequence[str]
    warnings: Sequence[str]


def propose(
    answers: Answers,
    provider: Provider,
    others: Sequence[Job],
    uploaded: Uploaded | None = None,
) -> Proposal:
    """Plan the job of these answers. Nothing is requested yet.

    others: our jobs of before
    uploaded: lists what is in the cloud; the provider's own list unless given
    Raises UsageError where the answers make no job, or its folder cannot be used.
    """
    job = _job(answers, provider)
    tz = timezones.zone(job.timezone)
    plan = planning.plan(job, provider, others, uploaded)
    plan.put_into(job)
    requests = planning.to_request(job)
    cost = f"{count_text(len(requests), 'request')}, {provider.cost(requests).text}"
    preview = [f"{headline(job, tz)}   {cost}", *_preview(job, provider, tz)]
    folder = Path(job.folder)
    _make_folder(job, folder)
    warnings = [
        *plan.warnings,
        _cost_warning(job, cost),
        budget.space_warning(folder, job.retrievals),
        budget.large_file_warning(folder, job),
    ]
    quota = provider.quota(job.media_type) if requests else None
    if quota is not None:
        preview.append(budget.quota_text(provider.name, quota))
        warnings.append(budget.quota_warning(budget.still_to_pay(job), provider, quota))
    return Proposal(job, preview, [warning for warning in warnings if warning])


def headline(job: Job, tz: tzinfo) -> str:
    """The job in one line; its date is spelled, so that nobody takes the month for the day."""
    length = [duration_text(job.length)] if job.length else []
    cameras = ", ".join(job.shown_name(camera) for camera in job.cameras)
    when = timezones.spelled_text(job.start, tz)
    kind = media_text(job.media_type, job.every)
    return "   ".join([quotable(job.vehicle.name), when, *length, cameras, kind])


def _job(answers: Answers, provider: Provider) -> Job:
    return Job(
        provider=provider.name,
        created=datetime.now(UTC),
        encoder=encoder.CURRENT,
        **vars(answers),  # what is called the same is the same
    )


def _preview(job: Job, provider: Provider, tz: tzinfo) -> list[str]:
    """What is known before anything is requested, line by line."""
    lines = [
        f"{provider.name} has no footage of {timezones.time_span_text(gap.start, gap.end, tz)}; "
        "it is not asked for."
        for gap in job.no_footage
    ]
    reused = len(job.retrievals) - len(planning.to_request(job))
    if reused:
        lines.append(
            f"{count_text(reused, 'part')} of {len(job.retrievals)} need not be paid for "
            "again: in the cloud, or asked for, already."
        )
    advice = provider.advice(job.span, job.cameras, job.media_type)
    return [*lines, advice] if advice else lines


def _cost_warning(job: Job, cost: str) -> str:
    """One sentence where much would be paid, else ""."""
    requests = planning.to_request(job)
    if job.media_type is MediaType.IMAGE:
        return f"These are many pictures: {cost}." if len(requests) > MANY_PICTURES else ""
    if job.length <= 60 * LONG_MINUTES or not requests:
        return ""
    return f"This is more than an hour and will cost {cost}."


def _make_folder(job: Job, folder: Path) -> None:
    """Make the folder, and see that it can hold this job's files, whose names are long.

    On Windows a path of more than 259 characters is refused, unless the computer is set otherwise.
    """
    tz = timezones.zone(job.timezone)
    names = [
        filenames.merged_name(camera, job.vehicle, job.start, job.length, tz, job.media_type)
        for camera in job.cameras
    ]
    names.append(filenames.side_by_side_name(job, tz))
    longest = max(len(name) for name in names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        length = whole_files.try_long_names(folder, _LONGEST_WORK_FOLDER, longest)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be used ({error.strerror or error}); nothing was requested. "
            "Choose another folder with --output."
        ) from error
    if length:
        raise UsageError(
            f"{folder} is too long a path: a file of this job would need {length} characters, more "
            "than this computer allows; nothing was requested. Choose another folder with --output."
        )
