"""One list of what is in the cloud for many jobs of a vehicle: a provider allows few such calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from footage.model import Camera, Media, MediaType, Vehicle, Window
from footage.system.intervals import overlap

# The longest stretch that is listed at once. Samsara takes a day in one call, and its client asks a
# minute wider on both sides.
_LONGEST = timedelta(hours=23)

# Listed beyond a job's own time: what the provider's client would find for it alone.
_WIDER = timedelta(minutes=1)


class Uploaded(Protocol):
    """Lists what is in the cloud: see `Provider.uploaded`."""

    def __call__(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType, /
    ) -> Sequence[Media]: ...


class SharedListing:
    """Lists what is in the cloud for jobs whose times are known, once for those of about a day.

    lists: the provider's own list
    spans: the vehicle's id and the time of each job
    """

    def __init__(self, lists: Uploaded, spans: Iterable[tuple[str, Window]]) -> None:
        self._lists = lists
        self._stretches: dict[str, list[Window]] = {}
        for vehicle, span in sorted(spans):
            stretches = self._stretches.setdefault(vehicle, [])
            start = stretches[-1].start if stretches else span.start
            if stretches and span.end - start <= _LONGEST:
                stretches[-1] = Window(start, max(span.end, stretches[-1].end))
            else:
                stretches.append(span)
        self._listed: dict[tuple[object, ...], Sequence[Media]] = {}

    def uploaded(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType, /
    ) -> Sequence[Media]:
        """What of these cameras and kind is in the cloud; raises what the provider's list does."""
        around = [
            one
            for one in self._stretches.get(vehicle.id, [])
            if one.start <= span.start and span.end <= one.end
        ]
        whole = around[0] if around else span
        asked = (vehicle.id, whole, tuple(cameras), media_type)
        if asked not in self._listed:
            self._listed[asked] = self._lists(vehicle, whole, cameras, media_type)
        wider = Window(span.start - _WIDER, span.end + _WIDER)
        return [
            replace(media)  # each job changes its own
            for media in self._listed[asked]
            if media.start and media.end and _touches(Window(media.start, media.end), wider)
        ]


def _touches(one: Window, other: Window) -> bool:
    """Also where one of them is a moment, as a still is."""
    return overlap(one, other) is not None or other.start <= one.start <= other.end
