"""What need not be paid for again: footage that is in the cloud already, and footage that another
of our jobs has requested. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from footage.cloud.shared_inputs import input_of
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
from footage.system.intervals import Spans, joined, out_to_seconds, overlap, uncovered

# A still in the cloud is used for a wanted moment when it is less than so many seconds from it:
# those of another second are of another moment.
SAME_MOMENT = 1.0

_NEAR = timedelta(seconds=SAME_MOMENT)

# Footage in the cloud that somebody has requested may lack so many seconds of a window and is used
# all the same: a camera delivers the closest it has, so another request would bring, and cost, the
# same.
REQUESTED_LACKS = 1.0

# Seconds of a window that have to be in the cloud, so that only its other parts are requested.
_WORTH_CUTTING = 5.0

_TOLERANCE = BRIDGED.total_seconds()

Replan = Callable[[Window, Sequence[Camera]], list[Retrieval]]


# --- what is in the cloud -------------------------------------------------------------------------


@dataclass
class _CloudItem:
    """One file in the cloud, and the planned requests that need not be made because of it.

    span:       the time that the file shows
    sufficient: it covers each of these requests by itself, without another file
    """

    media: Media
    span: Window
    sufficient: bool = True
    replaces: list[Retrieval] = field(default_factory=list)

    @property
    def windows(self) -> list[Window]:
        return [retrieval.window for retrieval in self.replaces]


def from_cloud(
    planned: Sequence[Retrieval], uploaded: Iterable[Media], known: Iterable[Camera] = ()
) -> list[Retrieval]:
    """The plan, with each window that uploaded media cover completely fetched from the cloud.

    planned:  requests that were not sent yet
    uploaded: of the same kind of footage, each with its actual times and a URL
    known:    cameras that the vehicle has, beside those that the media are of
    """
    items = [
        _CloudItem(media, Window(media.start, media.end))
        for media in uploaded
        if media.start and media.end
    ]
    cameras = {*known, *(item.media.camera for item in items)}
    by_input: dict[str, list[_CloudItem]] = {}
    for item in items:
        by_input.setdefault(item.media.camera.input, []).append(item)
    placed = {name: Spans(of_it, lambda item: item.span) for name, of_it in by_input.items()}
    still_planned: list[Retrieval] = []
    for retrieval in planned:
        lacking = [
            media
            for media in retrieval.media
            if not _use_items(retrieval, media.camera, cameras, placed)
        ]
        if len(lacking) == len(retrieval.media):
            still_planned.append(retrieval)
        elif lacking:
            still_planned.append(replace(retrieval, media=lacking))
    media_type = planned[0].media_type if planned else MediaType.HIGH
    fetched = [
        _found_retrieval(item, window, media_type)
        for item in items
        for window in _windows_to_fetch(item, media_type)
    ]
    return sorted(still_planned + fetched, key=lambda retrieval: retrieval.window)


def cut_at_uploaded(planned: Iterable[Retrieval], uploaded: Iterable[Media]) -> Iterator[Retrieval]:
    """The requests for video, each cut so that what uploaded media cover is a part of its own.

    The parts that are not covered begin and end with whole seconds, and last one at least. Returned
    as they are: requests for several cameras, and those of which little is covered.
    """
    spans = [(one.camera, Window(one.start, one.end)) for one in uploaded if one.start and one.end]
    for one in planned:
        window, cameras = one.window, one.cameras
        of_it = [overlap(span, window) for camera, span in spans if [camera] == cameras]
        there = [part for part in of_it if part is not None and part.seconds >= _WORTH_CUTTING]
        gaps = uncovered(window, there, _TOLERANCE)
        missing = [overlap(out_to_seconds(gap), window) or gap for gap in gaps]
        missing = joined(missing)
        parts = sorted([*missing, *uncovered(window, missing)])
        if not missing or len(parts) == 1 or one.media_type is MediaType.IMAGE:
            yield one
            continue
        for number, part in enumerate(parts):
            yield replace(
                one,
                window=part,
                media=[Media(cameras[0])],
                possible_duplicates=one.possible_duplicates if number == 0 else 0,
            )


def _use_items(
    retrieval: Retrieval,
    camera: Camera,
    known: Iterable[Camera],
    items: Mapping[str, Spans[_CloudItem]],
) -> bool:
    """Note at the items of a camera which are used for a request; False where they do not do.

    items: by the input of their camera

    Every further camera that is known on the same input has to be covered as well: a request is for
    an input, so what is lacking of one cannot be asked for by itself.
    """
    choose = _nearest_still if retrieval.media_type is MediaType.IMAGE else _covering_items
    on_input = {one.input for one in known if input_of(one) == input_of(camera)}
    chosen = [
        choose(retrieval.window, items[name].near(retrieval.window, _NEAR) if name in items else [])
        for name in {camera.input, *on_input}
    ]
    if not all(chosen):
        return False
    for of_camera in chosen:
        for item in of_camera:
            item.replaces.append(retrieval)
            item.sufficient = item.sufficient and len(of_camera) == 1
    return True


def _nearest_still(moment: Window, stills: Sequence[_CloudItem]) -> list[_CloudItem]:
    """The still closest to a moment; none where all are too far from it."""

    def distance(still: _CloudItem) -> float:
        return abs((still.span.start - moment.start).total_seconds())

    near = [still for still in stills if distance(still) < SAME_MOMENT]
    return [min(near, key=distance)] if near else []


def _covering_items(window: Window, items: Sequence[_CloudItem]) -> list[_CloudItem]:
    """The items to fetch for a window of video; none where they do not cover it."""
    items = [item for item in items if overlap(item.span, window)]
    whole = [item for item in items if not uncovered(window, [item.span], _TOLERANCE)]
    if whole:
        # One that is fetched anyway, so that no stretch is there twice; else the shortest.
        return [min(whole, key=lambda item: (not item.replaces, item.span.seconds, item.span))]
    return _covering_together(window, items) or _covering_nearly(window, items)


def _covering_nearly(window: Window, items: Sequence[_CloudItem]) -> list[_CloudItem]:
    """Of the items that somebody requested the one that lacks least, if that is next to nothing."""

    def lack(item: _CloudItem) -> float:
        return sum(gap.seconds for gap in uncovered(window, [item.span]))

    near = [item for item in items if item.media.requested and lack(item) <= REQUESTED_LACKS]
    return [min(near, key=lack)] if near else []


def _covering_together(window: Window, items: Sequence[_CloudItem]) -> list[_CloudItem]:
    """The fewest items that cover a window together; none where they do not.

    So no two of them begin before the window, and each is fetched under a name of its own.
    """
    chosen: list[_CloudItem] = []
    reached = window.start
    while (window.end - reached).total_seconds() > _TOLERANCE:
        adjoining = [
            item
            for item in items
            if (item.span.start - reached).total_seconds() <= _TOLERANCE and item.span.end > reached
        ]
        if not adjoining:
            return []
        chosen.append(max(adjoining, key=lambda item: (item.span.end, item.span.start)))
        reached = chosen[-1].span.end
    return chosen


def _windows_to_fetch(item: _CloudItem, media_type: MediaType) -> list[Window]:
    """The windows under which an item is fetched: for video one, so that it is fetched once."""
    if not item.replaces or media_type is MediaType.IMAGE:
        return item.windows
    whole = Window(min(item.windows).start, max(window.end for window in item.windows))
    return [whole if item.sufficient else overlap(whole, item.span) or item.span]


def _found_retrieval(item: _CloudItem, window: Window, media_type: MediaType) -> Retrieval:
    """A retrieval whose footage is in the cloud: nothing is requested, only fetched.

    Whatever may have been counted for the requests that it replaces stays noted.
    """
    media = replace(item.media, status=MediaStatus.AVAILABLE, requested=False, clip=None)
    duplicates = sum(
        one.possible_duplicates + (one.state is RetrievalState.REQUESTING) for one in item.replaces
    )
    return Retrieval(
        window, [media], media_type, state=RetrievalState.FOUND, possible_duplicates=duplicates
    )


# --- what other jobs have requested ---------------------------------------------------------------


def from_journals(
    planned: Sequence[Retrieval],
    job: Job,
    others: Iterable[Job],
    since: datetime | None = None,
    plan_rest: Replan | None = None,
    partly: bool = False,
) -> list[Retrieval]:
    """The plan, with each request that another of our jobs has made followed by its id.

    others:    jobs of any provider and vehicle; only those for the same footage count
    since:     only requests made later than this; None for all
    plan_rest: plans what earlier requests of shorter windows leave of a longer one; without it
               only those of the very same window, or a longer one, are followed
    partly:    so are those that only overlap with a window
    """
    jobs = [other for other in others if _same_footage(other, job)]
    requests = Spans((one for other in jobs for one in other.retrievals), lambda one: one.window)
    plan: list[Retrieval] = []
    followed: set[str] = set()  # one may overlap with several
    for retrieval in planned:
        if not retrieval.state.unsent:
            _add(plan, followed, [retrieval])
            continue
        usable = list(_usable_requests(retrieval, requests.near(retrieval.window), since))
        window = retrieval.window
        same = [one for one in usable if one.window == window]
        longer = [
            one for one in usable if one.window.start <= window.start < window.end <= one.window.end
        ]
        shorter = _without_overlap(
            one
            for one in usable
            if (part := overlap(one.window, window)) and (partly or part == one.window)
        )
        if same or longer:
            earlier = (same or longer)[0]
            parts = [] if earlier.id in followed else [_followed(retrieval, earlier)]
        elif shorter and plan_rest and retrieval.state is RetrievalState.PLANNED:
            parts = _followed_in_part(retrieval, shorter, plan_rest)
            parts = [one for one in parts if not one.id or one.id not in followed]
        else:
            parts = [retrieval]
        _add(plan, followed, parts)
    return plan


def _add(plan: list[Retrieval], followed: set[str], parts: Sequence[Retrieval]) -> None:
    """Add to a plan, and to the ids of other jobs that are followed in it."""
    plan += parts
    followed.update(one.id for one in parts if one.from_other_job)


def _followed(retrieval: Retrieval, earlier: Retrieval) -> Retrieval:
    """`retrieval` in place of which the request of another job is followed, with its window."""
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


def _followed_in_part(
    retrieval: Retrieval, shorter: Sequence[Retrieval], plan_rest: Replan
) -> list[Retrieval]:
    """Earlier requests of parts of a window, and new ones for the rest of it.

    The request as it was where the rest cannot be asked for by itself.
    """
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


def _without_overlap(retrievals: Iterable[Retrieval]) -> list[Retrieval]:
    """As many as possible of which no two overlap, in order."""
    chosen: list[Retrieval] = []
    for one in sorted(retrievals, key=lambda one: (one.window.end, one.window.start)):
        if one.window.seconds and (not chosen or chosen[-1].window.end <= one.window.start):
            chosen.append(one)
    return chosen


def known_id(retrieval: Retrieval, job: Job, others: Iterable[Job]) -> tuple[str, Sequence[Camera]]:
    """The id of another job's request for the same window, and which of the cameras it is for.

    Of several the one for the most cameras; ("", ()) where there is none.
    """
    best: tuple[str, Sequence[Camera]] = ("", ())
    jobs = [other for other in others if _same_footage(other, job)]
    for camera_sets in ([retrieval.cameras], [[camera] for camera in retrieval.cameras]):
        for other in jobs:
            for cameras in camera_sets:
                wanted = replace(retrieval, media=[Media(camera) for camera in cameras])
                for one in _usable_requests(wanted, other.retrievals):
                    covered = [camera for camera in retrieval.cameras if camera in one.cameras]
                    if one.window == retrieval.window and len(covered) > len(best[1]):
                        best = (one.id, covered)
        if best[0]:
            break
    return best


def learned_longest(job: Job, others: Iterable[Job]) -> float:
    """Seconds: the longest window that earlier jobs of this vehicle learned to ask for; 0: none."""
    return min(
        (other.longest for other in others if _same_footage(other, job) and other.longest),
        default=0.0,
    )


def reused(job: Job) -> list[Retrieval]:
    """What of the job was not paid for, because it was in the cloud or asked for already."""
    return [
        one for one in job.retrievals if one.state is RetrievalState.FOUND or one.from_other_job
    ]


def _same_footage(one: Job, other: Job) -> bool:
    """Of the same provider, vehicle and kind of footage."""
    return (one.provider, one.vehicle.kind, one.vehicle.id, one.media_type) == (
        other.provider,
        other.vehicle.kind,
        other.vehicle.id,
        other.media_type,
    )


def _usable_requests(
    retrieval: Retrieval, requests: Iterable[Retrieval], since: datetime | None = None
) -> Iterator[Retrieval]:
    """The accepted ones of another job's requests that bring, or may still bring, all cameras of
    `retrieval`.

    A camera that the vehicle lacks is no reason to ask again, as long as another one is there.
    since: made later than this; None for at any time
    """
    wanted = {media.camera.input for media in retrieval.media}
    for one in requests:
        in_time = since is None or (one.requested_at is not None and one.requested_at > since)
        if one.state is not RetrievalState.ACCEPTED or not one.id or not in_time:
            continue
        statuses = {media.camera.input: media.status for media in one.media}
        if not wanted <= set(statuses) or any(statuses[name].ask_again for name in wanted):
            continue
        if any(not statuses[name].final for name in wanted):
            yield one
