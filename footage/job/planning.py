"""From answers to requests: what is asked for, and what need not be."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from footage.cloud.shared_inputs import told_apart
from footage.errors import RequestRefused, TransientError
from footage.job import reuse
from footage.model import Camera, Job, Media, MediaType, Retrieval, RetrievalState, Window
from footage.system.intervals import cut, overlap, uncovered

if TYPE_CHECKING:
    from footage.cloud.provider import Provider
    from footage.job.shared_listing import Uploaded

log = logging.getLogger("footage.job.planning")

# Seconds: the unit in which stretches without footage are left out of the plan.
_STEP = {MediaType.TIMELAPSE: 300.0}
_MINUTE = 60.0


@dataclass(frozen=True)
class CloudMatch:
    """Planned requests, with those in the cloud already taken from there, and what was learned.

    roles, serials: as in `Job`, as the provider's list of its media tells them
    """

    retrievals: Sequence[Retrieval]
    roles: Mapping[str, str] = field(default_factory=dict)
    serials: Mapping[str, str] = field(default_factory=dict)

    def is_news(self, job: Job) -> bool:
        """Whether the list has told anything that the job does not have yet."""
        return not (
            self.roles.items() <= job.roles.items() and self.serials.items() <= job.serials.items()
        )

    def teach(self, job: Job) -> None:
        """Note in a job what the list has told, and the cameras that nobody knew of."""
        job.roles = {**job.roles, **self.roles}
        job.serials = {**job.serials, **self.serials}
        used = (camera for one in self.retrievals for camera in one.cameras)
        job.cameras = tuple(dict.fromkeys((*job.cameras, *used)))


@dataclass(frozen=True)
class Plan:
    """What is to be requested for a job, and what was learned while it was planned.

    longest, no_footage: see Job
    warnings: why the person may not want to pay for it, each a sentence
    """

    match: CloudMatch
    longest: float
    no_footage: Sequence[Window]
    warnings: Sequence[str]

    def put_into(self, job: Job) -> None:
        """Make this the plan of a job."""
        job.retrievals = list(self.match.retrievals)
        self.match.teach(job)
        job.longest = self.longest
        job.no_footage = list(self.no_footage)


def plan(
    job: Job, provider: Provider, others: Sequence[Job], uploaded: Uploaded | None = None
) -> Plan:
    """Plan the requests of a job that has none yet; the job is not changed.

    others: our earlier jobs, whose requests need not be made again
    uploaded: lists what is in the cloud; the provider's own list unless given

    Raises UsageError for a length that cannot be asked for, AuthenticationError, or TransientError.
    """
    warnings: list[str] = []
    spans = [job.span]
    if not provider.is_live(job.media_type) and job.length:
        recorded = provider.recorded(job.vehicle, job.span)
        if recorded is not None:
            step = _STEP.get(job.media_type, _MINUTE)
            # Where nothing at all is listed, the person decides: see `new_job`.
            spans = with_footage(job.span, recorded, step) or [job.span]
            if not any(overlap(job.span, one) for one in recorded):
                warnings.append(f"{provider.name} lists no footage of that time at all.")
    planned = [
        one for span in spans for one in provider.plan(span, job.cameras, job.media_type, job.every)
    ]
    longest = reuse.learned_longest(job, others)
    match = CloudMatch(not_longer(planned, longest))
    if job.reuse and not provider.is_live(job.media_type):
        try:
            match = from_cloud(job, provider, match.retrievals, uploaded, cutting=bool(job.events))
        except (RequestRefused, TransientError) as trouble:
            log.warning("The uploaded media could not be listed: %s", trouble)
            warnings.append(
                f"What is in {provider.name}'s cloud already could not be looked up "
                f"({trouble.message.rstrip('.')}), so all of it would be requested and paid for."
            )

        followed = from_other_jobs(job, provider, match.retrievals, others, longest)
        match = replace(match, retrievals=followed)
    return Plan(match, longest, uncovered(job.span, spans), warnings)


def from_other_jobs(
    job: Job,
    provider: Provider,
    planned: Sequence[Retrieval],
    others: Sequence[Job],
    longest: float = 0.0,
    since: datetime | None = None,
) -> list[Retrieval]:
    """Requests that are not sent yet, with what other jobs have requested followed there.

    longest: seconds of the longest window that may be asked for; 0: not known
    since:   only requests made later than this; None for all
    """

    def plan_rest(rest: Window, cameras: Sequence[Camera]) -> list[Retrieval]:
        return not_longer(provider.plan(rest, cameras, job.media_type, job.every), longest)

    # Events of one vehicle come in a row, and are told of one by one.
    return reuse.from_journals(
        planned, job, others, since, plan_rest=plan_rest, partly=bool(job.events)
    )


def from_cloud(
    job: Job,
    provider: Provider,
    planned: Sequence[Retrieval],
    uploaded: Uploaded | None = None,
    *,
    cutting: bool = False,
) -> CloudMatch:
    """Requests that are not sent yet, with what is in the cloud by now taken from there.

    uploaded: see `plan`
    cutting: also where that is a part of a request, of which then only the rest is left. Cameras
             send some seconds of each safety event by themselves.

    Nothing is taken for pictures that are taken live, nor where the person wants no reuse.
    Requests that nothing in the cloud replaces are returned as the same objects. The job is not
    changed, so that this may be called on any thread.

    Raises AuthenticationError, RequestRefused or TransientError.
    """
    if not planned or not job.reuse or provider.is_live(job.media_type):
        return CloudMatch(planned)
    span = Window(min(one.window.start for one in planned), max(one.window.end for one in planned))
    listed = (uploaded or provider.uploaded)(job.vehicle, span, job.cameras, job.media_type)
    listed, serials = told_apart(listed, job.serials, job.cameras)
    roles = {media.camera.input: media.role for media in listed if media.role}
    if cutting:
        planned = list(reuse.cut_at_uploaded(planned, listed))
    match = reuse.from_cloud(planned, listed, job.cameras)
    return CloudMatch(match, roles, serials)


def put_in_place(job: Job, old: Sequence[Retrieval], new: Sequence[Retrieval]) -> None:
    """Put `new` into the job where the first of `old` stands, and take all of `old` out."""
    place = next(n for n, one in enumerate(job.retrievals) if one is old[0])
    before = job.retrievals[:place]
    after = [one for one in job.retrievals[place:] if not any(one is gone for gone in old)]
    job.retrievals[:] = [*before, *new, *after]


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
    for one in cut(span, step):
        if not any(overlap(one, stretch) for stretch in recorded):
            continue
        whole = not uncovered(one, recorded)
        last, last_whole = parts[-1] if parts else (None, False)
        if last is not None and whole and last_whole and last.end == one.start:
            parts[-1] = (Window(last.start, one.end), True)
        else:
            parts.append((one, whole))
    return [window for window, _ in parts]


def cut_smaller(retrieval: Retrieval, longest: float) -> list[Retrieval]:
    """The same footage in requests of windows not longer than `longest` seconds, not yet sent."""
    return [
        Retrieval(
            window,
            [Media(media.camera) for media in retrieval.media],
            retrieval.media_type,
            possible_duplicates=retrieval.possible_duplicates if number == 0 else 0,
            repeat=retrieval.repeat,
        )
        for number, window in enumerate(cut(retrieval.window, longest))
    ]


def not_longer(planned: Iterable[Retrieval], longest: float) -> list[Retrieval]:
    """The requests, those longer than `longest` seconds cut smaller; 0 is no limit."""
    return [
        piece
        for one in planned
        for piece in (cut_smaller(one, longest) if 0 < longest < one.window.seconds else [one])
    ]
