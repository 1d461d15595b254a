"""Samsara's safety events: the stream, one by its id, and the older list.

Sources: reference pages getsafetyeventsv2stream, getsafetyeventsv2 and getsafetyevents.
"""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import request

from simulator import http_server
from simulator.api import ApiError, stamp
from simulator.cloud import Cloud, Item
from simulator.events import Event, listed
from simulator.samsara_rules import BadParameterError, read_span
from simulator.scenario import Truck

_STATES = (
    "needsReview", "reviewed", "needsCoaching", "coached", "dismissed", "needsRecognition",
    "recognized",
)  # fmt: skip
_TIME_FIELDS = ("updatedAtTime", "createdAtTime")


class SafetyEvents:
    """Answers the calls for safety events.

    sign: a new URL for an item of the cloud
    """

    def __init__(self, cloud: Cloud, sign: Callable[[Item], str], not_permitted: str) -> None:
        self._cloud = cloud
        self._scenario = cloud.scenario
        self._style = cloud.scenario.event_style
        self._sign = sign
        self._not_permitted = not_permitted
        self._listed = Counter[int]()
        self._lost_cursors = 0
        self._lock = threading.Lock()

    def stream(self, _call: object) -> Any:
        self._raise_unless_ok(self._style.stream_status)
        query = http_server.query()
        field = _one(query, "queryByTimeField") or "updatedAtTime"
        if field not in _TIME_FIELDS:
            raise ApiError(400, "Invalid value for parameter: queryByTimeField.")
        start, end = _span(query, end_needed=False)
        vehicles, states = _joined(query, "assetIds"), _joined(query, "eventStates")
        labels = _joined(query, "behaviorLabels")
        if any(state not in _STATES for state in states):
            raise ApiError(400, "Invalid value for parameter: eventStates.")
        entries: list[tuple[Event, str]] = []
        for event in listed(self._scenario.events):
            changed = event.start + timedelta(seconds=2 * event.late if event.twice else event.late)
            # Created means the event's own time, as the text of 2026 has it.
            moment = event.start if field == "createdAtTime" else changed
            if (
                start <= moment <= end
                and (not vehicles or event.vehicle in vehicles)
                and (not states or event.state in states)
                and (not labels or event.label in labels)
            ):
                entries += [(event, "needsReview")] if event.twice else []
                entries.append((event, event.state))
        return self._page(entries, lambda one: self._streamed(*one))

    def one(self, _call: object) -> Any:
        """By their ids, which here is one: an id may have a comma in it."""
        wanted = _one(http_server.query(), "safetyEventIds")
        if not wanted:
            raise ApiError(400, "safetyEventIds is missing")
        found = [event for event in listed(self._scenario.events) if event.samsara_id == wanted]
        return self._page(found, lambda event: self._streamed(event, event.state))

    def legacy(self, _call: object) -> Any:
        self._raise_unless_ok(self._style.legacy_status)
        query = http_server.query()
        start, end = _span(query, end_needed=True)
        vehicles = _joined(query, "vehicleIds")
        events = [
            event
            for event in listed(self._scenario.events)
            if start <= event.start <= end and (not vehicles or event.vehicle in vehicles)
        ]
        return self._page(events, self._legacy_event)

    def _raise_unless_ok(self, status: int) -> None:
        if status != 200:
            raise ApiError(status, self._not_permitted if status == 403 else "Object not found.")

    # --- pages ----------------------------------------------------------------------------------

    def _page(self, entries: list[Any], shown: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """A page. Its cursor is good for the very same parameters alone."""
        plain = request.query_string.decode()
        same = "&".join(part for part in plain.split("&") if not part.startswith("after="))
        mark = hashlib.sha256(f"{request.path}?{same}".encode()).hexdigest()[:12]
        after = request.args.get("after", "")
        number, begin = 0, 0
        if after:
            known, _, place = after.partition(".")
            page, _, first = place.partition("-")
            if not (page.isdigit() and first.isdigit()) or self._loses_cursor():
                raise ApiError(400, "Invalid cursor.")
            if known != mark:
                raise ApiError(400, "Parameters differ from previous paginated request")
            number, begin = int(page), int(first)
        size = 0 if number in self._style.empty_pages else self._style.page_size
        more = begin + size < len(entries)
        cursor = f"{mark}.{number + 1}-{begin + size}" if more else ""
        return {
            "data": [shown(one) for one in entries[begin : begin + size]],
            "pagination": {"endCursor": cursor, "hasNextPage": more},
        }

    def _loses_cursor(self) -> bool:
        with self._lock:
            self._lost_cursors += 1
            return self._lost_cursors <= self._style.lost_cursors

    # --- events ---------------------------------------------------------------------------------

    def _streamed(self, event: Event, state: str) -> dict[str, Any]:
        query = http_server.query()
        truck = self._cloud.vehicle(event.vehicle)
        changed = event.start + timedelta(seconds=event.late)
        answer: dict[str, Any] = {
            "id": event.samsara_id,
            "startMs": _time(event, event.start),
            "endMs": _time(event, event.end),
            "createdAtTime": stamp(changed),
            "updatedAtTime": stamp(changed),
            "tripStartTime": stamp(event.start - timedelta(hours=1)),
            "tripEndTime": stamp(event.start + timedelta(hours=1)) if event.trip_over else None,
            "asset": _asset(event, truck, _one(query, "includeAsset") == "true"),
            "driver": _driver(event, _one(query, "includeDriver") == "true"),
            "behaviorLabels": [{"label": event.label, "source": "automated"}],
            "contextLabels": [],
            "eventState": state,
            "maxAccelerationGForce": event.g_force,
            "location": {
                "latitude": event.latitude,
                "longitude": event.longitude,
                "headingDegrees": 92,
                "address": dict(zip(("city", "state"), event.place.split(", "), strict=False)),
            },
            "inboxEventUrl": f"https://cloud.samsara.com/o/1/fleet/safety/{event.number}",
            "incidentReportUrl": f"https://cloud.samsara.com/o/1/incidents/{event.number}",
        }
        with self._lock:
            self._listed[event.number] += 1
            there = self._listed[event.number] >= event.media_after
        if self._style.media_allowed and there:
            answer["media"] = [
                {"input": item.input, "url": self._sign(item)} for item in self._clips(event)
            ]
        return answer

    def _clips(self, event: Event) -> list[Item]:
        """What was uploaded for the event."""
        return [
            item
            for item in self._cloud.available()
            if item.vehicle.id == event.vehicle
            and item.trigger == "safetyEvent"
            and item.start <= event.end
            and event.start <= item.end
        ]

    def _legacy_event(self, event: Event) -> dict[str, Any]:
        truck = self._cloud.vehicle(event.vehicle)
        label = event.label[:1].lower() + event.label[1:]
        return {
            "id": f"{event.vehicle}-{round(event.start.timestamp() * 1000)}",
            "time": stamp(event.start),
            "vehicle": {"id": event.vehicle, "name": truck.name if truck else ""},
            "driver": _driver(event, True),
            "behaviorLabels": [{"label": label, "name": event.label, "source": "automated"}],
            "coachingState": event.state,
            "maxAccelerationGForce": event.g_force,
            "location": {"latitude": event.latitude, "longitude": event.longitude},
        }


def _time(event: Event, moment: datetime) -> str | int:
    return round(moment.timestamp() * 1000) if event.numeric else stamp(moment)


def _asset(event: Event, truck: Truck | None, full: bool) -> dict[str, Any]:
    if not full or truck is None:
        return {"id": event.vehicle}
    return {"id": truck.id, "name": truck.name, "type": "vehicle", "vin": truck.vin}


def _driver(event: Event, full: bool) -> dict[str, Any]:
    if not event.driver:
        return {"id": ""}
    driver = {"id": str(51_200 + len(event.driver))}
    return {**driver, "name": event.driver} if full else driver


def _span(query: Mapping[str, list[str]], *, end_needed: bool) -> tuple[datetime, datetime]:
    for name in ("startTime", *(("endTime",) if end_needed else ())):
        if not _one(query, name):
            raise ApiError(400, f"{name} is missing")
    try:
        return read_span(query)
    except BadParameterError as error:
        raise ApiError(400, str(error)) from error


def _one(query: Mapping[str, list[str]], name: str) -> str:
    return next(iter(query.get(name, ())), "")


def _joined(query: Mapping[str, list[str]], name: str) -> list[str]:
    """A list, as one text with commas."""
    if len(query.get(name, ())) > 1:
        raise ApiError(400, f"Invalid value for parameter: {name}.")
    return [word for word in _one(query, name).split(",") if word]
