"""What need not be paid for again: footage that is in the cloud already, and requests that other
jobs of ours have made. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from footage.errors import UsageError
from footage.media.timeline import BRIDGED
from footage.model import (
    Camera,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Window,
)
from footage.system.intervals import overlap, uncovered

# A still of the cloud stands for a moment that is asked for when it is closer to it than this, in
# seconds: those of another second are of another moment.
SAME_MOMENT = 1.0

# Of what somebody has asked for so much may lack, in seconds: a camera delivers the closest it has,
# so another request would bring, and cost, the same.
REQUESTED_LACKS = 1.0

Replan = Callable[[Window, Sequence[Camera]], list[Retrieval]]


@dataclass
class _Use:
    """One item of the cloud, and the requests whose windows it covers, alone or with others."""

    item: Media
    span: Window
    alone: bool = True
    stands_for: list[Retrieval] = field(default_factory=list)

    @property
    def windows(self) -> list[Window]:
        return [retrieval.window for retrieval in self.stands_for]


def from_cloud(planned: Sequence[Retrieval], uploaded: Iterable[Media]) -> list[Retrieval]:
    """The plan with every window that uploaded media cover wholly taken from there.

    planned:  requests that were not sent yet
    uploaded: of the same kind of footage, each with its actual times and a URL
    """
    items = [
        _Use(item, Window(item.start, item.end)) for item in uploaded if item.start and item.end
    ]
    left: list[Retrieval] = []
    for retrieval in planned:
        lacking = [
            media
            for media in retrieval.media
            if not _cover(
                retrieval, media.camera, [u for u in items if u.item.camera == media.camera]
            )
        ]
        if len(lacking) == len(retrieval.media):
            left.append(retrieval)
        elif lacking:
            left.append(replace(retrieval, media=lacking))
    kind = planned[0].media_type if planned else MediaType.HIGH
    found = [_found(use, window, kind) for use in items for window in _as_windows(use, kind)]
    return sorted(left + found, key=lambda retrieval: retrieval.window)


def _cover(retrieval: Retrieval, camera: Camera, items: Sequence[_Use]) -> bool:
    """Choose the items that cover a window of one camera; False where they do not."""
    window = retrieval.window
    if retrieval.media_type is MediaType.IMAGE:
        near = [use for use in items if _apart(use.span.start, window.start) < SAME_MOMENT]
        if near:
            nearest = min(near, key=lambda use: _apart(use.span.start, window.start))
            nearest.stands_for.append(retrieval)
        return bool(near)
    items = [use for use in items if overlap(use.span, window)]
    alone = [use for use in items if not uncovered(window, [use.span], BRIDGED.total_seconds())]
    if alone:
        # One that is fetched anyway, so that no stretch is there twice; else the shortest.
        best = min(alone, key=lambda use: (not use.stands_for, use.span.seconds, use.span))
        best.stands_for.append(retrieval)
        return True
    together = _together(window, items) or _nearly(window, items)
    for use in together:
        use.stands_for.append(retrieval)
        use.alone = use.alone and len(together) == 1
    return bool(together)


def _nearly(window: Window, items: Sequence[_Use]) -> list[_Use]:
    """The one item that was asked for and lacks the least, where that is next to nothing."""

    def lacks(use: _Use) -> float:
        return sum(gap.seconds for gap in uncovered(window, [use.span]))

    near = [use for use in items if use.item.requested and lacks(use) <= REQUESTED_LACKS]
    return [min(near, key=lacks)] if near else []


def _together(window: Window, items: Sequence[_Use]) -> list[_Use]:
    """The fewest items that cover a window end to start; none where they do not.

    So no two of them begin before the window, and each is fetched under a name of its own.
    """
    chosen: list[_Use] = []
    reached, tolerance = window.start, BRIDGED.total_seconds()
    while (window.end - reached).total_seconds() > tolerance:
        within = [
            use
            for use in items
            if (use.span.start - reached).total_seconds() <= tolerance and use.span.end > reached
        ]
        if not within:
            return []
        chosen.append(max(within, key=lambda use: (use.span.end, use.span.start)))
        reached = chosen[-1].span.end
    return chosen


def _apart(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds())


def _as_windows(use: _Use, kind: MediaType) -> list[Window]:
    """Under which window an item is kept: the stretch it stands for, so that it is fetched once."""
    if not use.stands_for or kind is MediaType.IMAGE:
        return use.windows
    whole = Window(min(use.windows).start, max(window.end for window in use.windows))
    return [whole if use.alone else overlap(whole, use.span) or use.span]


def _found(use: _Use, window: Window, kind: MediaType) -> Retrieval:
    item = use.item
    media = Media(
        item.camera,
        MediaStatus.AVAILABLE,
        item.provider_message,
        item.start,
        item.end,
        url=item.url,
        role=item.role,
    )
    doubts = sum(
        one.possible_duplicates + (one.state is RetrievalState.REQUESTING) for one in use.stands_for
    )
    return Retrieval(window, [media], kind, state=RetrievalState.FOUND, possible_duplicates=doubts)


def from_journals(
    planned: Sequence[Retrieval],
    job: Job,
    others: Iterable[Job],
    since: datetime | None = None,
    plan_rest: Replan | None = None,
) -> list[Retrieval]:
    """The plan with every request that another of our jobs has made followed by its id.

    others:    jobs of any provider and vehicle; only those like `job` count
    since:     only requests made later than this; None for all
    plan_rest: plans what earlier requests of shorter windows leave of a longer one; without it
               only those of the very same window, or a longer one, are followed
    """
    alike = [other for other in others if _alike(other, job)]
    plan: list[Retrieval] = []
    for retrieval in planned:
        if retrieval.state not in (RetrievalState.PLANNED, RetrievalState.REQUESTING):
            plan.append(retrieval)
            continue
        usable = [one for other in alike for one in _usable(retrieval, other, since)]
        window = retrieval.window
        same = [one for one in usable if one.window == window]
        longer = [
            one for one in usable if one.window.start <= window.start < window.end <= one.window.end
        ]
        shorter = _end_to_end(one for one in usable if overlap(one.window, window) == one.window)
        if same or longer:
            earlier = (same or longer)[0]
            if not any(one.from_other_job and one.id == earlier.id for one in plan):
                plan.append(_followed(retrieval, earlier))
        elif shorter and plan_rest and retrieval.state is RetrievalState.PLANNED:
            plan += _pieces(retrieval, shorter, plan_rest)
        else:
            plan.append(retrieval)
    return plan


def _followed(retrieval: Retrieval, earlier: Retrieval) -> Retrieval:
    """`retrieval` as the request that another job has made, of its window."""
    in_doubt = retrieval.state is RetrievalState.REQUESTING
    return replace(
        retrieval,
        window=earlier.window,
        media=[Media(media.camera) for media in retrieval.media],
        state=RetrievalState.ACCEPTED,
        id=earlier.id,
        requested_at=earlier.requested_at,
        possible_duplicates=retrieval.possible_duplicates + in_doubt,
        from_other_job=True,
    )


def _pieces(
    retrieval: Retrieval, shorter: Sequence[Retrieval], plan_rest: Replan
) -> list[Retrieval]:
    """A longer window as what was asked for already, and the rest; whole where that cannot be."""
    cameras = [media.camera for media in retrieval.media]
    try:
        rest = [
            one
            for gap in uncovered(retrieval.window, [one.window for one in shorter])
            for one in plan_rest(gap, cameras)
        ]
    except UsageError:  # what is left has a length that cannot be asked for
        return [retrieval]
    followed = [_followed(retrieval, one) for one in shorter]
    return sorted([*followed, *rest], key=lambda one: one.window)


def _end_to_end(retrievals: Iterable[Retrieval]) -> list[Retrieval]:
    """Those that do not overlap, as many as possible, in order."""
    chosen: list[Retrieval] = []
    for one in sorted(retrievals, key=lambda one: (one.window.end, one.window.start)):
        if one.window.seconds and (not chosen or chosen[-1].window.end <= one.window.start):
            chosen.append(one)
    return chosen


def known_id(retrieval: Retrieval, job: Job, others: Iterable[Job]) -> tuple[str, Sequence[Camera]]:
    """The id under which another of our jobs asked for the same window, and for which of these
    cameras, as many as possible; "" where none did.
    """
    found: tuple[str, Sequence[Camera]] = ("", ())
    for camera_sets in ([retrieval.cameras], [[camera] for camera in retrieval.cameras]):
        for other in others:
            for cameras in camera_sets if _alike(other, job) else ():
                wanted = replace(retrieval, media=[Media(camera) for camera in cameras])
                for one in _usable(wanted, other):
                    there = [c for c in retrieval.cameras if c in one.cameras]
                    if one.window == retrieval.window and len(there) > len(found[1]):
                        found = (one.id, there)
        if found[0]:
            break
    return found


def learned_longest(job: Job, others: Iterable[Job]) -> float:
    """Seconds: the longest window that earlier jobs of this vehicle learned to ask for; 0: none."""
    return min(
        (other.longest for other in others if _alike(other, job) and other.longest), default=0.0
    )


def reused(job: Job) -> list[Retrieval]:
    """What of the job was not paid for, because it was in the cloud or asked for already."""
    return [
        one for one in job.retrievals if one.state is RetrievalState.FOUND or one.from_other_job
    ]


def _alike(one: Job, other: Job) -> bool:
    """Of the same provider, vehicle and kind of footage."""
    return (one.provider, one.vehicle.kind, one.vehicle.id, one.media_type) == (
        other.provider,
        other.vehicle.kind,
        other.vehicle.id,
        other.media_type,
    )


def _usable(retrieval: Retrieval, other: Job, since: datetime | None = None) -> Iterator[Retrieval]:
    """The accepted requests of another job that bring, or may still bring, all these cameras.

    A camera that the vehicle lacks is no reason to ask again, as long as another one is there.
    since: made later than this; None for at any time
    """
    wanted = {media.camera.input for media in retrieval.media}
    for one in other.retrievals:
        asked = {media.camera.input: media.status for media in one.media}
        in_time = since is None or (one.requested_at is not None and one.requested_at > since)
        if one.state is not RetrievalState.ACCEPTED or not one.id or not in_time:
            continue
        if not wanted <= set(asked) or any(asked[name].ask_again for name in wanted):
            continue
        if any(not asked[name].final for name in wanted):
            yield one
