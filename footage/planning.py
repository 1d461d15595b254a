"""From answers to requests: what is asked for, and what need not be."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from footage import reuse
from footage.errors import NotNow, RequestRefused
from footage.model import Camera, Job, Media, MediaType, Retrieval, RetrievalState, Window
from footage.windows import fitting, overlap, uncovered

if TYPE_CHECKING:
    from footage.provider import Provider

log = logging.getLogger("footage.planning")

# Seconds: the unit in which stretches without footage are left out of the plan.
_STEP = {MediaType.TIMELAPSE: 300.0}
_MINUTE = 60.0


@dataclass(frozen=True)
class Plan:
    """What the person should know of the plan, line by line.

    listed: False where the provider says that it has no footage of that time at all
    """

    notes: list[str]
    listed: bool


def plan(job: Job, provider: Provider, others: Sequence[Job], *, reusing: bool) -> Plan:
    """Fill the job with its requests.

    others:  our jobs of before, whose requests need not be made again
    reusing: look for what is in the cloud or was asked for already

    Raises UsageError for a length that cannot be asked for, KeyRefused, or NotNow.
    """
    notes: list[str] = []
    spans, listed = [job.span], True
    if not provider.is_live(job.media_type) and job.minutes:
        recorded = provider.recorded(job.vehicle, job.span)
        if recorded is not None:
            step = _STEP.get(job.media_type, _MINUTE)
            # Where nothing at all is listed, the person decides: see `order`.
            spans = with_footage(job.span, recorded, step) or [job.span]
            job.no_footage = uncovered(job.span, spans)
            listed = any(overlap(job.span, one) for one in recorded)
    planned = [
        one for span in spans for one in provider.plan(span, job.cameras, job.media_type, job.every)
    ]
    job.longest = reuse.learned_longest(job, others)
    planned = fitting(planned, job.longest)
    if reusing and not provider.is_live(job.media_type):
        uploaded, trouble = _uploaded(job, provider)
        notes += trouble
        planned = reuse.from_cloud(planned, uploaded)

        def plan_rest(rest: Window, cameras: Sequence[Camera]) -> list[Retrieval]:
            return fitting(provider.plan(rest, cameras, job.media_type, job.every), job.longest)

        planned = reuse.from_journals(planned, job, others, plan_rest=plan_rest)
        for media in uploaded:
            if media.role:
                job.roles[media.camera.input] = media.role
    job.retrievals = planned
    return Plan(notes, listed)


def to_request(job: Job) -> list[Retrieval]:
    """What will be asked for, and paid."""
    return [one for one in job.retrievals if one.state is RetrievalState.PLANNED]


def _uploaded(job: Job, provider: Provider) -> tuple[list[Media], list[str]]:
    try:
        return provider.uploaded(job.vehicle, job.span, job.cameras, job.media_type), []
    except (RequestRefused, NotNow) as trouble:
        log.warning("The uploaded media could not be listed: %s", trouble)
        return [], [
            f"What is in {provider.name}'s cloud already could not be looked up "
            f"({trouble.message.rstrip('.')}); all of it will be requested."
        ]


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
