"""The Samsara API as its reference describes it: vehicles, retrievals, uploaded media, tracks.

Sources: reference pages postmediaretrieval, getmediaretrieval, listuploadedmedia, listvehicles,
getvehiclestatshistory, getlocationandspeed and the guides on rate limits, response codes and
pagination.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import uuid4

from flask import Response, jsonify, request

from simulator import contacts, http_server, samsara_track
from simulator.api import Api, ApiError, Backend, Route, stamp
from simulator.calls import Call
from simulator.cloud import Item, RefusedError
from simulator.samsara_events import SafetyEvents
from simulator.samsara_rules import (
    BadParameterError,
    ListQuery,
    Wanted,
    read_history_query,
    read_limit,
    read_list_query,
    read_retrieval,
    read_stream_query,
)
from simulator.scenario import Truck

# The list has other names for these cameras than the retrievals.
_LIST_NAMES = {
    "dashcamRoadFacing": "dashcamForwardFacing",
    "dashcamDriverFacing": "dashcamInwardFacing",
}
Raw = TypeVar("Raw")
Read = TypeVar("Read")


class SamsaraApi(Api):
    """Answers the calls as Samsara does."""

    unauthorized = "Invalid token."
    not_permitted = "Token does not have the required permission."
    fault = "context deadline exceeded"

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend, backend.cloud.scenario.limits)

    def routes(self) -> Sequence[Route]:
        events = SafetyEvents(self._cloud, lambda item: self._signed(item)[0], self.not_permitted)
        retrieval = "/cameras/media/retrieval"
        return [
            Route("GET", "/fleet/vehicles", "vehicles", self._vehicles),
            Route("GET", "/fleet/vehicles/<vehicle>", "vehicle", self._one),
            Route("GET", "/cameras/media", "list", self._list),
            Route("GET", "/fleet/vehicles/stats/history", "stats", self._history),
            Route("GET", "/assets/location-and-speed/stream", "stream", self._stream),
            Route("GET", "/safety-events/stream", "events", events.stream),
            Route("GET", "/safety-events", "event", events.one),
            Route("GET", "/fleet/safety-events", "legacy", events.legacy),
            Route("GET", "/gateways", "contacts", self._gateways),
            Route("GET", retrieval, "poll", self._poll),
            Route("POST", retrieval, "post", self._post),
        ]

    def _not_allowed(self, call: Call) -> None:
        raise ApiError(405, f"{call.method} not allowed on {call.path}.")

    def _key_is_good(self, call: Call) -> bool:
        return call.headers.get("Authorization") == f"Bearer {self._scenario.token}"

    def _failure(self, status: int, message: str) -> Response:
        response = jsonify({"message": message, "requestId": uuid4().hex[:8]})
        response.status_code = status
        return response

    def _too_many(self, wait: str) -> Response:
        response = self._failure(429, "Exceeded rate limit.")
        response.headers["Retry-After"] = wait
        return response

    # --- vehicles -------------------------------------------------------------------------------

    def _vehicles(self, _call: Call) -> Any:
        size = min(_read(read_limit, http_server.query()), self._scenario.page_size)
        vehicles = [_vehicle(truck) for truck in self._scenario.vehicles]
        return _page(vehicles, size, self._scenario.empty_pages)

    def _one(self, _call: Call, vehicle: str) -> Any:
        fleet = self._scenario.vehicles
        truck = next((truck for truck in fleet if vehicle in _ids(truck)), None)
        if truck is None:
            raise ApiError(404, "Object not found.")
        fields = _vehicle(truck)
        del fields["createdAtTime"]  # only the list has it
        return {"data": fields}

    def _gateways(self, _call: Call) -> Any:
        listed = contacts.gateways(self._scenario, self.not_permitted)
        return _page(listed, self._scenario.page_size)

    # --- location and speed ---------------------------------------------------------------------

    def _history(self, _call: Call) -> Any:
        if not self._scenario.gps_enabled:
            raise ApiError(403, self.not_permitted)
        query = _read(read_history_query, http_server.query())
        readings = samsara_track.history(self._scenario, query)
        page = self._track_page(readings, query.limit)
        return {**page, "data": samsara_track.as_history(page["data"])}

    def _stream(self, _call: Call) -> Any:
        if not self._scenario.stream_enabled:
            raise ApiError(403, self.not_permitted)
        query = _read(read_stream_query, http_server.query())
        readings = samsara_track.stream(self._scenario, query)
        page = self._track_page(readings, query.limit)
        return {**page, "data": samsara_track.as_stream(page["data"], query.with_speed)}

    def _track_page(self, readings: list[samsara_track.Reading], limit: int) -> dict[str, Any]:
        size = min(limit, self._scenario.gps_page_size)
        return _page(readings, size, self._scenario.empty_gps_pages)

    # --- retrievals -----------------------------------------------------------------------------

    def _post(self, call: Call) -> Any:
        wanted = _read(lambda body: read_retrieval(body, self._scenario.longest), call.body)
        truck = self._cloud.vehicle(wanted.vehicle)
        if truck is None:
            raise ApiError(400, "Invalid value for parameter: vehicleId.")
        used, quota = self._cloud.quota_used, self._scenario.quota
        if used >= quota:
            sentence = "Exceeded monthly usage limit of high-res video."
            raise ApiError(int(self._scenario.quota_refusal), sentence)
        inputs = _inputs(truck, wanted)
        try:
            retrieval = self._cloud.request(
                truck, wanted.media_type, wanted.start, wanted.end, inputs
            )
        except RefusedError as refusal:
            raise ApiError(400, str(refusal)) from refusal
        call.accepted = retrieval.id
        sentence = self._scenario.quota_sentence.format(used=used, quota=quota)
        return {"data": {"retrievalId": retrieval.id, "quotaStatus": sentence}}

    def _poll(self, _call: Call) -> Any:
        retrieval_id = request.args.get("retrievalId")
        if not retrieval_id:
            raise ApiError(400, "Invalid value for parameter: retrievalId.")
        items = self._cloud.poll(retrieval_id)
        if items is None:
            raise ApiError(404, "Object not found.")
        return {"data": {"media": [self._retrieved(item) for item in items]}}

    def _retrieved(self, item: Item) -> dict[str, Any]:
        """One item of a retrieval, with a new URL when it is available."""
        odd = item.mishap("odd_status", item.polls)
        status = odd.text if odd else item.status
        answer = {**self._common(item), **_mounted(item, "auxcamSerial"), "status": status}
        return {**answer, **self._fetchable(item)} if status == "available" else answer

    def _common(self, item: Item) -> dict[str, Any]:
        return {
            "vehicleId": item.vehicle.id,
            "input": item.input,
            "mediaType": item.media_type,
            "startTime": stamp(item.start),
            "endTime": stamp(item.end),
        }

    def _fetchable(self, item: Item) -> dict[str, Any]:
        """When the item became available, and a new URL."""
        answer: dict[str, Any] = {"availableAtTime": stamp(item.ready_time)}
        if item.url:
            url, expires = self._signed(item)
            answer["urlInfo"] = {"url": url, "urlExpiryTime": stamp(expires)}
        return answer

    # --- what is in the cloud -------------------------------------------------------------------

    def _list(self, _call: Call) -> Any:
        query = _read(read_list_query, http_server.query())
        items = [item for item in self._cloud.available() if _is_listed(item, query)]
        page = _page(items, self._scenario.page_size, self._scenario.empty_list_pages)
        return {**page, "data": {"media": [self._listed(item) for item in page["data"]]}}

    def _listed(self, item: Item) -> dict[str, Any]:
        return {
            **self._common(item),
            **_mounted(item, "auxCamSerial"),
            **self._fetchable(item),
            "input": _LIST_NAMES.get(item.input, item.input),
            "triggerReason": item.trigger,
        }


def _read(reader: Callable[[Raw], Read], raw: Raw) -> Read:
    """Apply `reader` to a query or a body. Raises ApiError for what breaks the rules."""
    try:
        return reader(raw)
    except BadParameterError as error:
        raise ApiError(400, str(error)) from error


def _page(items: Sequence[Any], size: int, empty: Sequence[int] = ()) -> dict[str, Any]:
    """One page; its cursor holds how many pages and items came before the next one."""
    after = request.args.get("after", "")
    page, _, first = after.partition("-") if after else ("0", "", "0")
    if not (page.isdigit() and first.isdigit()):
        raise ApiError(400, "Invalid value for parameter: after.")
    begin = int(first)
    end = begin if int(page) in empty else begin + size
    more = end < len(items)
    cursor = f"{int(page) + 1}-{end}" if more else ""
    return {
        "data": items[begin:end],
        "pagination": {"endCursor": cursor, "hasNextPage": more},
    }


def _inputs(truck: Truck, wanted: Wanted) -> tuple[str, ...]:
    """The requested inputs, by their names and by the roles of auxiliary cameras."""
    by_role = {role: name for name, role in truck.roles.items() if _is_auxiliary(name)}
    if not set(wanted.roles) <= set(by_role):
        raise ApiError(400, "Invalid value for parameter: cameraRoles.")
    return tuple(dict.fromkeys((*wanted.inputs, *(by_role[role] for role in wanted.roles))))


def _mounted(item: Item, serial_name: str) -> Mapping[str, str]:
    """The role of the item's camera, and the serial number of the device that it is wired to."""
    mounted: dict[str, str] = {}
    if item.input in item.vehicle.roles:
        mounted["cameraRole"] = item.vehicle.roles[item.input]
    if _is_auxiliary(item.input) and (mounted or item.serial):
        mounted[serial_name] = item.serial or f"XSIM{item.vehicle.id[-6:]}"
    return mounted


def _is_auxiliary(name: str) -> bool:
    return name.startswith("analog")


def _ids(truck: Truck) -> tuple[str, ...]:
    """The ids of a vehicle: its own and, where it has a VIN, the external one."""
    return (truck.id, f"samsara.vin:{truck.vin}") if truck.vin else (truck.id,)


def _is_listed(item: Item, query: ListQuery) -> bool:
    """Whether a list query matches an item: a clip that overlaps the window, a still within it."""
    still = item.start == item.end
    return (
        item.listed
        and any(vehicle in query.vehicles for vehicle in _ids(item.vehicle))
        and item.start <= query.end
        and (item.start >= query.start if still else item.end > query.start)
        and (not query.inputs or item.input in query.inputs)
        and (not query.media_types or item.media_type in query.media_types)
        and (not query.triggers or item.trigger in query.triggers)
        and (query.available_after is None or item.ready_time > query.available_after)
    )


def _vehicle(truck: Truck) -> dict[str, Any]:
    """A vehicle as the list shows it; one without a dash-cam has no `cameraSerial`."""
    vehicle: dict[str, Any] = {
        "id": truck.id,
        "name": truck.name,
        "vin": truck.vin,
        "licensePlate": truck.plate,
        "serial": f"GSIM{truck.id[-6:]}",
        "externalIds": {"samsara.vin": truck.vin} if truck.vin else {},
        "createdAtTime": "2024-01-01T00:00:00Z",
    }
    if truck.cameras:
        vehicle["cameraSerial"] = f"CSIM{truck.id[-6:]}"
    return vehicle
