"""When the cameras of Motive's vehicles were online (`fetch-the-camera-connection-events`).

The page names the fields `type`, `duration`, `cam_type` and `cam_serial_num`, and says that it
tells when a camera went off or on line. The names of its times, its words and its parameters are
not documented: the likely ones are understood, and an event that is not tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from footage.cloud.contacts import ALL, Contacts
from footage.cloud.events import moment_of, text_of
from footage.cloud.http import ApiClient
from footage.cloud.json_fields import as_dict, as_list, as_number
from footage.cloud.motive_lists import PER_PAGE
from footage.cloud.rate_limit import Clock, RateLimit
from footage.model import UTC, Contact

CONNECTIONS = "/v1/camera_connections"
LISTS = RateLimit(2, 1.0)
LOOKED_BACK = timedelta(days=30)
MOST_PAGES = 20

_LISTS = ("camera_connections", "camera_connection_events", "data")
_ITEMS = ("camera_connection", "camera_connection_event")
_START = ("start_time", "occurred_at", "event_time", "time", "timestamp", "created_at")
# Of the models that Motive's pages name.
_VIEWS = {"dc53": "road", "dc54": "road, driver"}
_LONGEST = 366 * 86400.0  # seconds; what is called longer is no duration


def motive_contacts(client: ApiClient, clock: Clock) -> Contacts:
    """The contacts of an account, asked for vehicle by vehicle, as the list may be long."""
    limiter = client.rate_limiter(LISTS)

    def fetch(vehicle_id: str) -> Mapping[str, Contact]:
        now = datetime.now(UTC)
        return read_contacts(_events(client, limiter, vehicle_id, now), now)

    return Contacts(client.name, fetch, one_by_one=True, clock=clock)


def _events(client: ApiClient, limiter: Any, vehicle_id: str, now: datetime) -> list[Any]:
    params: dict[str, str] = {
        "start_date": f"{now - LOOKED_BACK:%Y-%m-%d}",
        "end_date": f"{now + timedelta(days=1):%Y-%m-%d}",
        "per_page": str(PER_PAGE),
    }
    if vehicle_id != ALL:
        params["vehicle_ids[]"] = vehicle_id
    found: list[Any] = []
    for number in range(1, MOST_PAGES + 1):
        page = client.get(CONNECTIONS, limiter, {**params, "page_no": str(number)}, tries=1).data
        items = next((as_list(page[name]) for name in _LISTS if name in page), [])
        found += map(_unwrapped, items)
        total = as_number(as_dict(page.get("pagination")).get("total"))
        if total is None or len(found) >= total or not items:
            break
    return found


def _unwrapped(item: object) -> Mapping[str, Any]:
    fields = as_dict(item)
    return next((as_dict(fields[name]) for name in _ITEMS if name in fields), fields)


def read_contacts(events: Iterable[Mapping[str, Any]], asked_at: datetime) -> dict[str, Contact]:
    """Vehicle's id -> its contact, by the latest change between off and on line that is told."""
    latest: dict[str, Contact] = {}
    for event in events:
        vehicle = text_of(as_dict(event.get("vehicle")).get("id")) or text_of(
            event.get("vehicle_id")
        )
        for contact in _changes(event, asked_at):
            known = latest.get(vehicle)
            if vehicle and (known is None or known.at <= contact.at):
                latest[vehicle] = contact
    return latest


def _changes(event: Mapping[str, Any], asked_at: datetime) -> Iterator[Contact]:
    """What an event begins, and what its end does: a camera that was offline for an hour is online
    from then on.
    """
    word = text_of(event.get("type"), 60)
    plain = word.casefold().replace("_", "").replace("-", "").replace(" ", "")
    offline = any(part in plain for part in ("disconnect", "offline", "unplug"))
    if not offline and not any(part in plain for part in ("connect", "online")):
        return
    start = next(filter(None, (moment_of(event.get(name)) for name in _START)), None)
    if start is None:
        return
    seconds = as_number(event.get("duration")) or 0.0
    end = moment_of(event.get("end_time"))
    if end is None and 0 < seconds <= _LONGEST:
        end = start + timedelta(seconds=seconds)
    model = text_of(event.get("cam_type"), 40)
    views = _VIEWS.get(model.casefold())
    model = f"{model} ({views})" if views else model
    if start <= asked_at:
        yield Contact(start, asked_at, not offline, word, model)
    if end is not None and start < end <= asked_at:
        yield Contact(end, asked_at, offline, camera=model)
