"""From answers to requests: what is asked for, and what need not be."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from footage.errors import RequestRefused, TransientError
from footage.job import reuse
from footage.model import Camera, Job, MediaType, Retrieval, RetrievalState, Window
from footage.system.intervals import fitting, overlap, uncovered

if TYPE_CHECKING:
    from footage.cloud.provider import Provider

log = logging.getLogger("footage.job.planning")

# Seconds: the unit in which stretches without footage are left out of the plan.
_STEP = {MediaType.TIMELAPSE: 300.0}
_MINUTE = 60.0


def plan(job: Job, provider: Provider, others: Sequence[Job]) -> list[str]:
    """Fill the job with its requests; returns what makes it doubtful that they should be paid for.

    others: our jobs of before, whose requests need not be made again

    Raises UsageError for a length that cannot be asked for, KeyRefused, or NotNow.
    """
    doubts: list[str] = []
    spans = [job.span]
    if not provider.is_live(job.media_type) and job.minutes:
        recorded = provider.recorded(job.vehicle, job.span)
        if recorded is not None:
            step = _STEP.get(job.media_type, _MINUTE)
            # Where nothing at all is listed, the person decides: see `order`.
            spans = with_footage(job.span, recorded, step) or [job.span]
            job.no_footage = uncovered(job.span, spans)
            if not any(overlap(job.span, one) for one in recorded):
                doubts.append(f"{provider.name} lists no footage of that time at all.")
    planned = [
        one for span in spans for one in provider.plan(span, job.cameras, job.media_type, job.every)
    ]
    job.longest = reuse.learned_longest(job, others)
    planned = fitting(planned, job.longest)
    if job.reuse and not provider.is_live(job.media_type):
        try:
            planned = from_cloud(job, provider, planned)
        except (RequestRefused, TransientError) as trouble:
            log.warning("The uploaded media could not be listed: %s", trouble)
            doubts.append(
                f"What is in {provider.name}'s cloud already could not be looked up "
                f"({trouble.message.rstrip('.')}), so all of it would be requested and paid for."
            )

        def plan_rest(rest: Window, cameras: Sequence[Camera]) -> list[Retrieval]:
            return fitting(provider.plan(rest, cameras, job.media_type, job.every), job.longest)

        planned = reuse.from_journals(planned, job, others, plan_rest=plan_rest)
    job.retrievals = planned
    return doubts


def from_cloud(job: Job, provider: Provider, planned: Sequence[Retrieval]) -> list[Retrieval]:
    """Requests that are not sent, with what is in the cloud by now taken from there.

    What it does not change it gives back as it is. Raises KeyRefused, RequestRefused or NotNow.
    """
    if not planned:
        return []
    span = Window(min(one.window.start for one in planned), max(one.window.end for one in planned))
    uploaded = provider.uploaded(job.vehicle, span, job.cameras, job.media_type)
    told = {media.camera.input: media.role for media in uploaded if media.role}
    job.roles = {**job.roles, **told}
    return reuse.from_cloud(planned, uploaded)


def to_request(job: Job) -> list[Retrieval]:
    """What will be asked for, and paid."""
    return [one for one in job.retrievals if one.state is RetrievalState.PLANNED]


def with_footage(span: Window, recorded: Sequence[Window], step: float) -> list[Window]:
    """The parts of `span` to ask for: those of its steps of which there is any footage.

    Steps that are covered wholly are joined; one that is covered in part stands by itself, so
    that nothing else is lost if the provider refuses it.
    step: seconds
    """
    parts: list[tuple[Window, bool]] = []
    start = span.start
    while start < span.end:
        end = min(start + timedelta(seconds=step), span.end)
        one = Window(start, end)
        start = end
        if not any(overlap(one, there) for there in recorded):
            continue
        whole = not uncovered(one, recorded)
        last, last_whole = parts[-1] if parts else (None, False)
        if last is not None and whole and last_whole and last.end == one.start:
            parts[-1] = (Window(last.start, one.end), True)
        else:
            parts.append((one, whole))
    return [window for window, _ in parts]
