"""Motive's driver performance events (`fetch-the-drivers-performance-events-v2`).

No field of their clips tells when one begins, so a recall of the time is made instead. They are
asked for only where that brings nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from footage.cloud.events import (
    BOTH_VIEWS,
    OwnClip,
    degrees,
    moment_of,
    newest_first,
    text_of,
)
from footage.cloud.http import ApiClient, Params
from footage.cloud.json_fields import as_dict, as_list, as_number, as_text
from footage.cloud.rate_limit import RateLimit
from footage.errors import ProviderError, RequestRefused
from footage.model import Camera, SafetyEvent, Window
from footage.system.urls import may_carry_secrets

log = logging.getLogger("footage.motive")

EVENTS = "/v2/driver_performance_events"
# None is published. A week of 1,000 events is ten pages; what is too much is answered 429, and
# asked for again after a pause.
LISTS = RateLimit(4, 1.0)
PER_PAGE = 100  # the most there is
# The list takes whole days; it is not known in which zone, so a day more is asked on both sides.
WIDER = timedelta(days=1)


# What the addresses of a clip are called by.
_VIEWS = {
    "front_facing": Camera("front_facing", "Road"),
    "driver_facing": Camera("driver_facing", "Driver"),
    BOTH_VIEWS.input: BOTH_VIEWS,
}


class MotiveEvents:
    """Lists them with the client of one account. See EventSource."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._limiter = client.rate_limiter(LISTS)

    def listed(self, span: Window, vehicle_id: str = "") -> list[SafetyEvent]:
        params: dict[str, str | Sequence[str]] = {
            "start_date": f"{span.start - WIDER:%Y-%m-%d}",
            "end_date": f"{span.end + WIDER:%Y-%m-%d}",
            "per_page": str(PER_PAGE),
        }
        if vehicle_id:
            params["vehicle_ids[]"] = vehicle_id
        found: dict[str, SafetyEvent] = {}
        for item in self._items(params):
            event = read_event(item)
            if event is None:
                log.warning("One of Motive's events has no id, time or vehicle, and is left out.")
            elif not vehicle_id or event.vehicle_id == vehicle_id:
                found[event.id] = event
        return newest_first(found, span)

    def withdrawn(self, events: Sequence[SafetyEvent]) -> set[str]:
        """Motive takes an event back, most often a crash, when its review rejects it: it then is
        not listed any more. None where it cannot be listed again.
        """
        moments = [one.start for one in events]
        try:
            there = self.listed(Window(min(moments), max(moments)))
        except ProviderError as error:
            log.warning("Motive's events cannot be listed again: %s", error)
            return set()
        return {one.id for one in events} - {one.id for one in there}

    def in_cloud(self, events: Sequence[SafetyEvent]) -> Mapping[str, Sequence[str]]:
        return {}

    def own_clips(self, event: SafetyEvent) -> list[OwnClip]:
        """There is no call for one event: its day is listed again, with the addresses."""
        params: dict[str, str | Sequence[str]] = {
            "start_date": f"{event.start - WIDER:%Y-%m-%d}",
            "end_date": f"{event.start + WIDER:%Y-%m-%d}",
            "per_page": str(PER_PAGE),
            "vehicle_ids[]": event.vehicle_id,
            "media_required": "true",  # else the addresses are left out
        }
        item = next(
            (one for one in self._items(params) if text_of(one.get("id")) == event.id), None
        )
        if item is None:
            raise RequestRefused("Motive does not list the event any more; it may be withdrawn.")
        media = as_dict(item.get("camera_media"))
        if not media or media.get("available") is False:
            raise RequestRefused("Motive says that there is none.")
        clips = read_own_clips(media)
        if not clips:
            raise RequestRefused(
                "Motive gives no address of one as it was filmed; of most events there never is."
            )
        return clips

    def _items(self, params: Params) -> list[Mapping[str, Any]]:
        """The items of all pages, until there are as many as Motive counts; else nothing new.

        One that is listed twice counts twice.
        """
        seen = set[str]()
        items: list[Mapping[str, Any]] = []
        number = 1
        while True:
            query = {**params, "page_no": str(number)}
            page = self._client.page(EVENTS, self._limiter, query).data
            new = [_unwrapped(item) for item in as_list(page.get("driver_performance_events"))]
            items += new
            ids = {text_of(item.get("id")) for item in new}
            told = as_dict(page.get("pagination")).get("total", page.get("total"))
            total = as_number(told)
            if not new or (ids <= seen if total is None else len(items) >= total):
                return items
            seen |= ids
            number += 1


def _unwrapped(item: object) -> Mapping[str, Any]:
    fields = as_dict(item)
    return as_dict(fields.get("driver_performance_event")) or fields


def read_event(item: Mapping[str, Any]) -> SafetyEvent | None:
    """One event; None for one without id, vehicle or time.

    The vehicle is told in one of three ways. Accelerations and speeds have no unit that is
    documented, and are left out.
    """
    vehicle = as_dict(item.get("vehicle")) or as_dict(item.get("current_vehicle"))
    vehicle_id = text_of(vehicle.get("id")) or text_of(item.get("vehicle_id"))
    event_id, start = text_of(item.get("id")), moment_of(item.get("start_time"))
    if not event_id or not vehicle_id or start is None:
        return None
    driver = as_dict(item.get("driver"))
    names = [text_of(driver.get(name), 100) for name in ("first_name", "last_name")]
    kinds = [item.get("type"), *as_list(item.get("primary_behavior"))]
    severity = as_dict(item.get("metadata")).get("severity")
    return SafetyEvent(
        id=event_id,
        provider="Motive",
        start=start,
        end=max(start, _end(item, start)),
        vehicle_id=vehicle_id,
        vehicle=text_of(vehicle.get("number")),
        driver=" ".join(filter(None, names)),
        labels=tuple(dict.fromkeys(filter(None, (text_of(kind, 60) for kind in kinds)))),
        state=text_of(item.get("coaching_status"), 60),
        severity=text_of(severity, 60) or text_of(item.get("event_intensity"), 60),
        place=text_of(item.get("location")),
        latitude=degrees(item.get("lat"), 90),
        longitude=degrees(item.get("lon"), 180),
    )


def read_own_clips(media: Mapping[str, Any]) -> list[OwnClip]:
    """The clips as they were filmed: in what is called otherwise than plain something is drawn."""
    videos = as_dict(media.get("downloadable_videos"))
    urls = {name: as_text(videos.get(f"{name}_plain_url")).strip() for name in _VIEWS}
    clips = [OwnClip(_VIEWS[name], url) for name, url in urls.items() if may_carry_secrets(url)]
    alone = [clip for clip in clips if clip.camera != BOTH_VIEWS]
    return alone or clips


def _end(item: Mapping[str, Any], start: datetime) -> datetime:
    """Its end, or its start and duration; its start where neither is told."""
    seconds = as_number(item.get("duration")) or 0.0
    return moment_of(item.get("end_time")) or start + timedelta(seconds=min(seconds, 86400.0))
