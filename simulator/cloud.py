"""The state of the simulated cloud: what was requested, how far each upload is, what it cost.

It knows nothing of HTTP; the providers' own modules turn it into their answers.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

from simulator.cameras import CameraModel, low_resolution
from simulator.clip_renderer import ClipRenderer
from simulator.footage import Content
from simulator.mishaps import OnClip, Place
from simulator.scenario import Scenario, Truck

UTC = timezone.utc
_FINAL = ("failed", "unavailable", "invalid")


class RefusedError(Exception):
    """The request for footage is refused; the text goes to the client."""


@dataclass
class Item:
    """One camera's footage of one retrieval.

    start, end:  the actual times of the footage (UTC)
    ready_at:    monotonic time at which the upload is over, or its failure known
    ready_time:  the same moment as the wall clock shows it (UTC)
    final:       the status it ends with; "" means available
    rendering:   its file, once rendered; None where there will be none
    bad:         the mishaps that apply to this clip
    serial:      of the camera, where several are on the input
    url:         False: the list of uploaded media shows it without a URL
    listed:      False: the list of uploaded media lacks it
    polls, urls, transfers: how often it was polled, was given a URL, was downloaded
    All are given by name, so there may be many.
    """

    key: str
    vehicle: Truck
    input: str
    media_type: str
    start: datetime
    end: datetime
    ready_at: float
    ready_time: datetime
    final: str = ""
    trigger: str = "api"
    rendering: Future[Path] | None = None
    bad: Sequence[OnClip] = ()
    url: bool = True
    listed: bool = True
    serial: str = ""
    polls: int = 0
    urls: int = 0
    transfers: int = 0

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    @property
    def status(self) -> str:
        """The status of the upload now. Raises what went wrong where the clip was not rendered."""
        if self.final == "invalid" and not any(bad.kind == "invalid" for bad in self.bad):
            return self.final  # there is no such camera, which is known at once
        if time.monotonic() < self.ready_at:
            return "pending"
        if self.final or self.rendering is None:
            return self.final or "unavailable"
        if self.trigger == "api" and not self.rendering.done():
            return (
                "pending"  # uploaded footage has been there all along: wait below for its rendering
            )
        self.rendering.result()
        return "available"

    def mishap(self, kind: str, occasion: int) -> OnClip | None:
        """The mishap of this kind that applies on this occasion (from 1)."""
        return next((bad for bad in self.bad if bad.kind == kind and bad.applies(occasion)), None)


@dataclass
class Retrieval:
    """One accepted request for footage. Only `Cloud` makes them.

    polls: how often its status was requested
    """

    id: str
    vehicle: Truck
    media_type: str
    start: datetime
    end: datetime
    inputs: tuple[str, ...]
    items: list[Item] = field(default_factory=list)
    polls: int = 0


class Cloud:
    """Takes requests, lets uploads happen, and counts the quota; safe to use from all threads."""

    def __init__(self, scenario: Scenario, renderer: ClipRenderer) -> None:
        self.scenario = scenario
        self._renderer = renderer
        self._lock = threading.RLock()
        self._origin = scenario.start
        self._retrievals: dict[str, Retrieval] = {}
        self._items: dict[str, Item] = {}
        self._request_counts: Counter[tuple[str, str, datetime]] = Counter()
        self._clips = 0
        self._uncounted: list[Item] = []  # in the quota: not uploaded yet, when that was looked at
        self._quota_used = scenario.quota_used
        for number, uploaded in enumerate(scenario.uploaded):
            truck = self.vehicle(uploaded.vehicle) or scenario.vehicles[0]
            still = uploaded.media_type == "image"
            end = uploaded.start + timedelta(seconds=0 if still else uploaded.seconds)
            key, name, start = f"uploaded-{number}", uploaded.input, uploaded.start
            item = self._item(key, truck, name, start, end, uploaded.media_type)
            item = replace(item, trigger=uploaded.trigger, bad=uploaded.bad, url=uploaded.url)
            item = replace(item, serial=uploaded.serial, listed=uploaded.listed)
            self._upload(item)

    def vehicle(self, vehicle_id: str) -> Truck | None:
        return next((truck for truck in self.scenario.vehicles if truck.id == vehicle_id), None)

    # --- requesting -----------------------------------------------------------------------------

    def request(
        self,
        truck: Truck,
        media_type: str,
        start: datetime,
        end: datetime,
        inputs: tuple[str, ...],
        retrieval_id: str = "",
    ) -> Retrieval:
        """Accept a request and begin the uploads. Raises RefusedError.

        retrieval_id: Motive's own id; without one it is a request to Samsara, and gets a new id
        """
        with self._lock:
            self._origin = self._origin or start
            places = {name: self._place(name, start, end) for name in inputs}
            self._request_counts.update((truck.id, name, start) for name in inputs)
            self._refuse_impossible(truck, places)
            counted = not retrieval_id  # Motive counts its quota by itself
            retrieval_id = retrieval_id or str(uuid4())
            retrieval = Retrieval(retrieval_id, truck, media_type, start, end, inputs)
            for name in inputs:
                for serial in truck.serials.get(name, ("",)):
                    key = f"{retrieval_id}/{name}{serial}"
                    item = self._item(key, truck, name, start, end, media_type)
                    item = self._with_mishaps(replace(item, serial=serial), places[name])
                    retrieval.items.append(self._upload(item))
            self._retrievals[retrieval_id] = retrieval
            self._uncounted += retrieval.items if counted else []
            return retrieval

    def _place(self, name: str, start: datetime, end: datetime) -> Place:
        assert self._origin is not None  # noqa: S101 - set by the first request
        self._clips += 1
        minute = (start - self._origin) // timedelta(minutes=1)
        return Place(name, start, end, minute, self._clips, self.scenario.seed)

    def _refuse_impossible(self, truck: Truck, places: dict[str, Place]) -> None:
        if self.scenario.missing_camera == "refuse" and not set(places) <= set(truck.cameras):
            raise RefusedError("Invalid value for parameter: inputs.")
        if all(self._hit(truck, place, "not_recording") for place in places.values()):
            start = min(place.start for place in places.values())
            raise RefusedError(f"Camera was not recording at {start:%Y-%m-%dT%H:%M:%SZ}.")

    def _hit(self, truck: Truck, place: Place, kind: str) -> bool:
        asking = self._request_counts[truck.id, place.input, place.start]
        return any(bad.kind == kind and bad.applies(asking) for bad in self._on(place))

    def _on(self, place: Place) -> list[OnClip]:
        return [bad for bad in self.scenario.bad if isinstance(bad, OnClip) and bad.matches(place)]

    # --- uploading ------------------------------------------------------------------------------

    def _item(
        self,
        key: str,
        truck: Truck,
        name: str,
        start: datetime,
        end: datetime,
        media_type: str,
    ) -> Item:
        return Item(
            key=key,
            vehicle=truck,
            input=name,
            media_type=media_type,
            start=start,
            end=end,
            ready_at=time.monotonic(),
            ready_time=datetime.now(UTC),
        )

    def _with_mishaps(self, item: Item, place: Place) -> Item:
        """The item with what the vehicle lacks and what the mishaps change."""
        bad = self._on(place)
        wait = self.scenario.delay + _sum(bad, "late")
        # The nearest footage that there is may be that of another window: the same file again.
        shift = timedelta(seconds=_sum(bad, "shift") - _sum(bad, "again") * item.seconds)
        short = timedelta(seconds=_sum(bad, "short"))
        early = timedelta(seconds=_sum(bad, "early"))
        final = next((kind for kind in _FINAL if self._hit(item.vehicle, place, kind)), "")
        if self._hit(item.vehicle, place, "not_recording"):
            final = "unavailable"
        if item.input not in item.vehicle.cameras:
            final = self.scenario.missing_camera
        if item.media_type == "image":
            short = early = timedelta()  # one instant cannot be shortened
        if short and item.end - short <= item.start:
            final = final or "unavailable"  # nothing is left of it
            short = timedelta()
        return replace(
            item,
            start=item.start + shift - early,
            end=item.end + shift - short,
            ready_at=item.ready_at + wait,
            ready_time=item.ready_time + timedelta(seconds=wait),
            final=final,
            bad=bad,
        )

    def _upload(self, item: Item) -> Item:
        if not item.final:
            item.rendering = self._renderer.render(self._content(item))
        with self._lock:
            self._items[item.key] = item
        return item

    def _content(self, item: Item) -> Content:
        """What the item's file shows, by its media type and the mishaps."""
        cameras, pace = self.scenario.cameras, 1.0
        model = cameras.get(f"{item.input}/{item.serial}", cameras[item.input])
        if item.media_type == "videoLowRes":
            model = low_resolution(model)
        if item.media_type == "hyperlapse":
            paces = [bad.amount for bad in item.bad if bad.kind == "pace"]
            pace = paces[0] if paces else self.scenario.hyperlapse_factor
        model = _altered(model, item.bad)
        return Content(item.vehicle.name, model, item.start, item.seconds, pace)

    def finish_uploads(self) -> None:
        """What the vehicles are still uploading is in the cloud now."""
        with self._lock:
            for item in self._items.values():
                item.ready_at = min(item.ready_at, time.monotonic())
                item.ready_time = min(item.ready_time, datetime.now(UTC))

    # --- polling and downloading ----------------------------------------------------------------

    @property
    def retrievals(self) -> list[Retrieval]:
        """All accepted requests, in order."""
        with self._lock:
            return list(self._retrievals.values())

    def poll(self, retrieval_id: str) -> list[Item] | None:
        """The items of one retrieval that the cloud shows at this poll; None for an unknown id."""
        with self._lock:
            retrieval = self._retrievals.get(retrieval_id)
            if retrieval is None:
                return None
            retrieval.polls += 1
            for item in retrieval.items:
                item.polls += 1
            if retrieval.polls <= self.scenario.empty_polls:
                return []
            return [item for item in retrieval.items if not item.mishap("empty", item.polls)]

    def available(self) -> Iterator[Item]:
        """Everything in the cloud that can be downloaded, in order of its start."""
        with self._lock:
            items = sorted(self._items.values(), key=lambda item: (item.start, item.key))
        return (item for item in items if item.status == "available")

    def item(self, key: str) -> Item | None:
        with self._lock:
            return self._items.get(key)

    def count_url(self, item: Item) -> int:
        """Count a URL that is given out; returns its ordinal (from 1)."""
        with self._lock:
            item.urls += 1
            return item.urls

    def count_transfer(self, item: Item) -> int:
        """Count a transfer that begins; returns its ordinal (from 1)."""
        with self._lock:
            item.transfers += 1
            return item.transfers

    @property
    def quota_used(self) -> float:
        """High-res seconds of completed retrievals, each camera counted on its own.

        Ten stills count as one second. How much low-res video and hyperlapses count is not
        documented: the scenario chooses it.
        """
        with self._lock:
            waiting: list[Item] = []
            for item in self._uncounted:
                if item.status == "available":
                    self._quota_used += self._cost(item)
                elif not item.final:
                    waiting.append(item)
            self._uncounted = waiting
            return round(self._quota_used, 6)

    def _cost(self, item: Item) -> float:
        if item.media_type == "image":
            return 0.1
        weights = {
            "videoLowRes": self.scenario.low_weight,
            "hyperlapse": self.scenario.hyperlapse_weight,
        }
        return item.seconds * weights.get(item.media_type, 1.0)


def _sum(bad: Sequence[OnClip], kind: str) -> float:
    return sum(mishap.amount for mishap in bad if mishap.kind == kind)


def _altered(model: CameraModel, bad: Sequence[OnClip]) -> CameraModel:
    """The camera with the changes of mishaps such as `size`."""
    for mishap in bad:
        if mishap.kind == "encoder":
            model = replace(model, encoder=mishap.text)
        elif mishap.kind == "fps":
            model = replace(model, fps=mishap.amount)
        elif mishap.kind == "mute":
            model = replace(model, sound=False)
        elif mishap.kind == "size":
            width, height = mishap.text.split("x")
            model = replace(model, width=int(width), height=int(height))
    return model
