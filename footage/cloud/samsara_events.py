"""Samsara's safety events: `getsafetyeventsv2stream`, and `getsafetyevents` where that is refused.

Which footage of them is in the cloud is asked of `listuploadedmedia`: an event's own list of media
has no times, and needs a permission of its own. It is asked for only what else is not to be had.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from footage.cloud.events import (
    OwnClip,
    degrees,
    link_of,
    moment_of,
    newest_first,
    text_of,
)
from footage.cloud.http import ApiClient
from footage.cloud.json_fields import as_dict, as_list, as_number, as_text, as_time, utc_text
from footage.cloud.permissions import Permissions
from footage.cloud.rate_limit import RateLimit, RateLimiter
from footage.cloud.samsara_answers import camera_of
from footage.cloud.samsara_lists import list_items
from footage.errors import AuthenticationError, ProviderError, RequestRefused
from footage.model import UTC, Camera, SafetyEvent, Window
from footage.system.intervals import cut
from footage.system.urls import may_carry_secrets

log = logging.getLogger("footage.samsara")

PERMISSION = "Read Safety Events & Scores"
STREAM, LEGACY = "/safety-events/stream", "/fleet/safety-events"
BY_ID = "/safety-events"
LISTS = RateLimit(5, 1.0)

# It is not certain which of an event's times the list goes by, and a record may be made late: so
# more is asked for, and what began outside is left out here.
WIDER = timedelta(hours=1)
# An event's footage is looked for within this of it.
_AROUND = timedelta(seconds=60)
_VEHICLES = 20  # in one query of the uploaded media, at most; and of at most a day
_DAY = 86400.0
# Seconds within which events are looked up together: with what is around them a query is of no
# more than a day.
_TOGETHER = 86000


class SamsaraEvents:
    """Lists them with the client of one account. See EventSource.

    media_limiter: that of the list of uploaded media
    cameras:       those that footage is looked for of
    """

    def __init__(
        self,
        client: ApiClient,
        permissions: Permissions,
        media_limiter: RateLimiter,
        cameras: Sequence[Camera],
    ) -> None:
        self._client = client
        self._permissions = permissions
        self._limiter = client.rate_limiter(LISTS)
        self._media_limiter = media_limiter
        self._cameras = cameras

    def listed(self, span: Window, vehicle_id: str = "") -> list[SafetyEvent]:
        wide = Window(span.start - WIDER, min(span.end + WIDER, datetime.now(UTC)))
        try:
            return newest_first(self._stream(wide, vehicle_id), span)
        except (AuthenticationError, RequestRefused) as refusal:
            if refusal.status not in (403, 404):
                raise
            log.warning("The stream of safety events is refused: %s", refusal)
            try:
                return newest_first(self._legacy(wide, vehicle_id), span)
            except (AuthenticationError, RequestRefused) as error:
                log.warning("So is the older list: %s", error)
                raise refusal from None

    def _stream(self, wide: Window, vehicle_id: str) -> dict[str, SafetyEvent]:
        """By id; of one that was changed meanwhile what was told last."""
        # Every page is asked for with the very same parameters: with others the cursor is refused.
        params = {
            "startTime": utc_text(wide.start),
            "endTime": utc_text(wide.end),
            "queryByTimeField": "createdAtTime",
            "includeAsset": "true",
            "includeDriver": "true",
            **({"assetIds": vehicle_id} if vehicle_id else {}),
        }
        with self._permissions.needed(PERMISSION):
            items = list_items(self._client, STREAM, self._limiter, params)
        return _by_id(items, read_event, vehicle_id)

    def _legacy(self, wide: Window, vehicle_id: str) -> dict[str, SafetyEvent]:
        params = {
            "startTime": utc_text(wide.start),
            "endTime": utc_text(wide.end),
            **({"vehicleIds": vehicle_id} if vehicle_id else {}),
        }
        with self._permissions.needed(PERMISSION):
            items = list_items(self._client, LEGACY, self._limiter, params)
        return _by_id(items, read_legacy_event, vehicle_id)

    def withdrawn(self, events: Sequence[SafetyEvent]) -> set[str]:
        """None: what its reviewers reject is listed as dismissed."""
        return set()

    def in_cloud(self, events: Sequence[SafetyEvent]) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        try:
            for some in _batches(events):
                uploaded = self._uploaded(some)
                for event in some:
                    here = uploaded[event.vehicle_id]
                    inputs = {
                        camera for camera, span in here
                        if span.start <= event.end and event.start <= span.end
                    }  # fmt: skip
                    found[event.id] = [one.label for one in self._cameras if one in inputs]
        except ProviderError as error:
            log.warning("What is in the cloud of the events cannot be listed: %s", error)
        return found

    def own_clips(self, event: SafetyEvent) -> list[OwnClip]:
        """Those of `getsafetyevents`, asked for by one id, as an id may have a comma in it."""
        with self._permissions.needed(PERMISSION):
            items = list_items(self._client, BY_ID, self._limiter, {"safetyEventIds": event.id})
        item = next((one for one in map(as_dict, items) if text_of(one.get("id")) == event.id), {})
        clips = read_own_clips(item, self._cameras)
        if not clips:
            raise RequestRefused(
                "Samsara lists none with the event (the key needs the permission Read Camera Media "
                "for it)."
            )
        return clips

    def _uploaded(self, events: Sequence[SafetyEvent]) -> Mapping[str, list[tuple[Camera, Window]]]:
        """Vehicle's id -> what is in the cloud of it about the time of these events."""
        uploaded: dict[str, list[tuple[Camera, Window]]] = defaultdict(list)
        start = min(one.start for one in events) - _AROUND
        end = max(one.end for one in events) + _AROUND
        for part in cut(Window(start, end), _DAY):
            params = {
                "vehicleIds": ",".join(sorted({one.vehicle_id for one in events})),
                "startTime": utc_text(part.start),
                "endTime": utc_text(part.end),
            }
            items = list_items(self._client, "/cameras/media", self._media_limiter, params)
            for item in map(as_dict, items):
                camera = camera_of(item, self._cameras)
                began, ended = as_time(item.get("startTime")), as_time(item.get("endTime"))
                if camera and began and ended:
                    vehicle = as_text(item.get("vehicleId"))
                    uploaded[vehicle].append((camera, Window(began, ended)))
        return uploaded


def _batches(events: Sequence[SafetyEvent]) -> Iterator[list[SafetyEvent]]:
    """The events by about a day, and by as many vehicles as one query takes."""
    days: dict[int, dict[str, list[SafetyEvent]]] = defaultdict(lambda: defaultdict(list))
    for event in events:
        days[int(event.start.timestamp()) // _TOGETHER][event.vehicle_id].append(event)
    for by_vehicle in days.values():
        each = list(by_vehicle.values())
        for first in range(0, len(each), _VEHICLES):
            yield [one for of_one in each[first : first + _VEHICLES] for one in of_one]


# --- reading --------------------------------------------------------------------------------------


def _by_id(items: Sequence[object], read: Any, vehicle_id: str) -> dict[str, SafetyEvent]:
    found: dict[str, SafetyEvent] = {}
    for item in items:
        event = read(as_dict(item))
        if event is None:
            log.warning("A safety event has no id, time or vehicle, and is left out.")
        elif not vehicle_id or event.vehicle_id == vehicle_id:
            found[event.id] = event
    return found


def read_event(item: Mapping[str, Any]) -> SafetyEvent | None:
    """One item of the stream; None for one without id, vehicle or time.

    The times are called `startMs` and `endMs`, and are texts; numbers are understood as well.
    """
    asset, driver = as_dict(item.get("asset")), as_dict(item.get("driver"))
    start = moment_of(item.get("startMs"))
    event = _read_common(item, start, moment_of(item.get("endMs")), asset, driver)
    return event and replace(
        event,
        labels=_labels(item, "label"),
        state=text_of(item.get("eventState"), 60),
        link=link_of(item.get("inboxEventUrl")) or link_of(item.get("incidentReportUrl")),
    )


def read_legacy_event(item: Mapping[str, Any]) -> SafetyEvent | None:
    """One item of the older list, which has a time and no end."""
    vehicle, driver = as_dict(item.get("vehicle")), as_dict(item.get("driver"))
    event = _read_common(item, moment_of(item.get("time")), None, vehicle, driver)
    return event and replace(
        event, labels=_labels(item, "label"), state=text_of(item.get("coachingState"), 60)
    )


def read_own_clips(item: Mapping[str, Any], cameras: Sequence[Camera]) -> list[OwnClip]:
    """The clips of an event of these cameras, one of each."""
    clips: dict[Camera, OwnClip] = {}
    for media in map(as_dict, as_list(item.get("media"))):
        camera, url = camera_of(media, cameras), as_text(media.get("url")).strip()
        if camera is not None and may_carry_secrets(url):
            clips.setdefault(camera, OwnClip(camera, url))
    return list(clips.values())


def _read_common(
    item: Mapping[str, Any],
    start: datetime | None,
    end: datetime | None,
    vehicle: Mapping[str, Any],
    driver: Mapping[str, Any],
) -> SafetyEvent | None:
    event_id, vehicle_id = text_of(item.get("id")), text_of(vehicle.get("id"))
    if not event_id or not vehicle_id or start is None:
        return None
    location = as_dict(item.get("location"))
    return SafetyEvent(
        id=event_id,
        provider="Samsara",
        start=start,
        end=max(start, end or start),
        vehicle_id=vehicle_id,
        vehicle=text_of(vehicle.get("name")),
        driver=text_of(driver.get("name")),
        g_force=as_number(item.get("maxAccelerationGForce")),
        place=_place(as_dict(location.get("address"))),
        latitude=degrees(location.get("latitude"), 90),
        longitude=degrees(location.get("longitude"), 180),
    )


def _place(address: Mapping[str, Any]) -> str:
    street = " ".join(
        filter(None, (text_of(address.get(n), 80) for n in ("streetNumber", "street")))
    )
    town = [text_of(address.get(name), 80) for name in ("city", "state")]
    return ", ".join(filter(None, [street, *town]))


def _labels(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Each once. A label that is not known here is shown as it is."""
    found = [text_of(as_dict(one).get(name), 60) for one in as_list(item.get("behaviorLabels"))]
    return tuple(dict.fromkeys(filter(None, found)))
