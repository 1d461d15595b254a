"""Motive's driver performance events, `/v2/driver_performance_events`.

What is known of them is mostly from programs that use them; see the reference.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import request

from simulator.api import ApiError, stamp
from simulator.cloud import Cloud, Item
from simulator.events import Event, listed
from simulator.motive_rules import POSITIONS
from simulator.scenario import Truck

_PER_PAGE, _MOST_PER_PAGE = 25, 100
_VIEWS = ("front_facing", "driver_facing", "dual_facing")
_COMPANY = timedelta(hours=-6)  # its days are not those of UTC


class PerformanceEvents:
    """Answers the calls for events.

    sign: a new URL for an item of the cloud
    """

    def __init__(self, cloud: Cloud, sign: Callable[[Item], str], not_permitted: str) -> None:
        self._cloud = cloud
        self._scenario = cloud.scenario
        self._style = cloud.scenario.event_style
        self._sign = sign
        self._not_permitted = not_permitted
        self._listed = Counter[int]()
        self._lock = threading.Lock()

    def listed(self, _call: object) -> Any:
        if self._style.status != 200:
            raise ApiError(self._style.status, self._not_permitted)
        first, last = (_day(name) for name in ("start_date", "end_date"))
        vehicles = request.args.getlist("vehicle_ids[]")
        kinds = [kind for kind in request.args.get("event_types", "").split(",") if kind]
        events: list[Event] = []
        number, size = _number("page_no", 1), _number("per_page", _PER_PAGE)
        if size > _MOST_PER_PAGE:
            raise ApiError(400, f"per_page must be at most {_MOST_PER_PAGE}.")
        for event in listed(self._scenario.events):
            day = (event.start + _COMPANY).strftime("%Y-%m-%d")
            if (
                first <= day <= last
                and (not vehicles or event.vehicle in vehicles)
                and (not kinds or event.kind in kinds)
                and not self._is_gone(event, number)
            ):
                events += [event] * (2 if event.twice else 1)
        size = min(size, self._style.page_size)
        shown = events[(number - 1) * size : number * size]
        total = {"total": len(events)}
        paging = {"per_page": size, "page_no": number}
        return {
            "driver_performance_events": [
                {"driver_performance_event": self._event(event)} for event in shown
            ],
            "pagination": paging if self._style.total_at_top else {**paging, **total},
            **(total if self._style.total_at_top else {}),
        }

    def _is_gone(self, event: Event, page: int) -> bool:
        """Whether it was withdrawn, after it had been listed as often as it is."""
        with self._lock:
            if page == 1:
                self._listed[event.number] += 1
            return event.withdrawn and self._listed[event.number] > event.listings

    def _event(self, event: Event) -> dict[str, Any]:
        truck = self._cloud.vehicle(event.vehicle)
        first, _, last = event.driver.partition(" ")
        answer: dict[str, Any] = {
            "id": event.motive_id,
            "type": event.kind,
            "start_time": stamp(event.start),
            "end_time": stamp(event.end),
            "duration": event.seconds,
            "acceleration": str(event.g_force),
            "lat": event.latitude,
            "lon": event.longitude,
            "location": event.place,
            "start_speed": 31,
            "end_speed": 0,
            "driver": {"id": 77, "first_name": first, "last_name": last} if first else None,
            "metadata": {"severity": event.severity},
            "coaching_status": "dismissed" if event.state == "dismissed" else "pending_review",
            "camera_media": self._media(event),
            **self._vehicle(event, truck),
        }
        if event.aggregated:
            part = {"start_time": stamp(event.start), "end_time": stamp(event.end)}
            answer["sub_event_metadata"] = {
                "max_intensity_event": part,
                "sub_event_count": 2,
                "sub_events": [part, part],
            }
        return answer

    def _vehicle(self, event: Event, truck: Truck | None) -> dict[str, Any]:
        number = int(event.vehicle)
        if self._style.vehicle_as == "vehicle_id" or truck is None:
            return {"vehicle_id": number}
        return {self._style.vehicle_as: {"id": number, "number": truck.name}}

    def _media(self, event: Event) -> dict[str, Any] | None:
        """The event's own clips. Without `media_required` they have no URLs, and where nothing was
        uploaded they never do, although they are called available.
        """
        truck = self._cloud.vehicle(event.vehicle)
        if truck is None or not truck.cameras:
            return None
        positions = {name: position for position, name in POSITIONS.items()}
        there = {
            positions[item.input]: self._sign(item)
            for item in self._cloud.available()
            if item.vehicle.id == event.vehicle
            and item.trigger == "safetyEvent"
            and item.input in positions
            and item.start <= event.end
            and event.start <= item.end
        }
        media: dict[str, Any] = {
            "id": event.motive_id,
            "available": self._style.clips != "none",
            "cam_type": "dc64",
            "duration": 20,
            "auto_transcode_status": "completed" if there else "in progress",
        }
        if request.args.get("media_required") == "true":
            media["downloadable_videos"] = self._urls(there)
            media["downloadable_images"] = {"front_facing_jpg_url": None}
        return media

    def _urls(self, there: dict[str, str]) -> dict[str, str | None]:
        """The addresses by their names: of a clip as it was filmed, and with something drawn in."""
        clips, front = self._style.clips, there.get("front_facing")
        plain = there if clips == "plain" else {"dual_facing": front} if clips == "dual" else {}
        drawn = {} if clips == "none" else there
        return {
            **{f"{one}_plain_url": plain.get(one) for one in _VIEWS},
            **{f"{one}_enhanced_url": drawn.get(one) for one in _VIEWS},
            "dual_facing_enhanced_ai_viz_url": drawn.get("front_facing"),
        }


def _day(name: str) -> str:
    text = request.args.get(name, "")
    try:
        return datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m-%d")
    except ValueError:
        raise ApiError(400, f"{name} must be a date such as 2026-11-03.") from None


def _number(name: str, usual: int) -> int:
    text = request.args.get(name, str(usual))
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise ApiError(400, f"{name} must be a positive number.")
    return int(text)
