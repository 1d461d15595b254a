"""The Samsara API as its reference describes it: vehicles, retrievals, uploaded media, refusals.

Sources: reference pages postmediaretrieval, getmediaretrieval, listuploadedmedia, listvehicles and
the guides on rate limits, response codes and pagination.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Flask, Response, jsonify, request

from simulator import wire
from simulator.api import Api, ApiError, stamp
from simulator.calls import Call, CallLog
from simulator.cloud import Cloud, Item, RefusedError
from simulator.samsara_rules import BadParameterError, ListQuery, read_list_query, read_retrieval
from simulator.scenario import Truck
from simulator.signing import Signer

# The list speaks of the same cameras by other names than the retrievals do.
_LIST_NAMES = {
    "dashcamRoadFacing": "dashcamForwardFacing",
    "dashcamDriverFacing": "dashcamInwardFacing",
}
_LIMIT_PER_PAGE = 512


class SamsaraApi(Api):
    """Answers the calls as Samsara does."""

    unauthorized = "Invalid token."
    not_permitted = "Token does not have the required permission."
    fault = "context deadline exceeded"

    def __init__(
        self, cloud: Cloud, signer: Signer, log: CallLog, media_url: str, stopping: threading.Event
    ) -> None:
        super().__init__(cloud, signer, log, media_url, stopping, cloud.scenario.limits)

    def build(self) -> Flask:
        app = Flask("samsara")
        app.add_url_rule("/fleet/vehicles", view_func=self._view("vehicles", self._vehicles))
        app.add_url_rule("/fleet/vehicles/<vehicle>", view_func=self._view("vehicle", self._one))
        app.add_url_rule("/cameras/media", view_func=self._view("list", self._list))
        retrieval = "/cameras/media/retrieval"
        app.add_url_rule(retrieval, view_func=self._view("look", self._look), methods=["GET"])
        app.add_url_rule(retrieval, view_func=self._view("post", self._post), methods=["POST"])
        app.register_error_handler(404, self._view("", self._nothing))
        app.register_error_handler(405, self._view("", self._not_allowed))
        return app

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
        limit = request.args.get("limit", str(_LIMIT_PER_PAGE))
        if not limit.isdigit() or not 1 <= int(limit) <= _LIMIT_PER_PAGE:
            raise ApiError(400, "Invalid value for parameter: limit.")
        vehicles = [_vehicle(truck) for truck in self._scenario.vehicles]
        return self._page(vehicles, int(limit), self._scenario.empty_pages)

    def _one(self, _call: Call, vehicle: str) -> Any:
        truck = self._cloud.vehicle(vehicle)
        if truck is None:
            raise ApiError(404, "Object not found.")
        return {"data": _vehicle(truck)}

    def _page(self, items: list[Any], limit: int, empty: Any = ()) -> Any:
        """One page: the cursor says how many pages and items have gone before."""
        size = min(limit, self._scenario.page_size)
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

    # --- retrievals -----------------------------------------------------------------------------

    def _post(self, call: Call) -> Any:
        try:
            wanted = read_retrieval(call.body)
        except BadParameterError as error:
            raise ApiError(400, str(error)) from error
        truck = self._cloud.vehicle(wanted.vehicle)
        if truck is None:
            raise ApiError(400, "Invalid value for parameter: vehicleId.")
        used, quota = self._cloud.quota_used, self._scenario.quota
        if used >= quota:
            raise ApiError(429, "Exceeded monthly usage limit of high-res video.")
        try:
            asked = self._cloud.ask(
                truck, wanted.media_type, wanted.start, wanted.end, wanted.inputs
            )
        except RefusedError as refusal:
            raise ApiError(400, str(refusal)) from refusal
        call.accepted = asked.id
        sentence = f"Current monthly usage is {used:.1f} seconds of high-res video"
        return {
            "data": {
                "retrievalId": asked.id,
                "quotaStatus": f"{sentence} out of {quota:.1f} available.",
            }
        }

    def _look(self, _call: Call) -> Any:
        asked_id = request.args.get("retrievalId")
        if not asked_id:
            raise ApiError(400, "Invalid value for parameter: retrievalId.")
        items = self._cloud.look(asked_id)
        if items is None:
            raise ApiError(404, "Object not found.")
        return {"data": {"media": [self._retrieved(item) for item in items]}}

    def _retrieved(self, item: Item) -> dict[str, Any]:
        """One item of a retrieval, with a new URL where it can be had."""
        odd = item.struck("odd_status", item.looks)
        status = odd.text if odd else item.status
        answer = self._common(item, item.input, status == "available")
        answer["status"] = status
        return answer

    def _common(self, item: Item, name: str, available: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "vehicleId": item.vehicle.id,
            "input": name,
            "mediaType": item.media_type,
            "startTime": stamp(item.start),
            "endTime": stamp(item.end),
        }
        if available:
            url, expires = self._signed(item)
            answer["availableAtTime"] = stamp(item.ready_time)
            answer["urlInfo"] = {"url": url, "urlExpiryTime": stamp(expires)}
        return answer

    # --- what is in the cloud -------------------------------------------------------------------

    def _list(self, _call: Call) -> Any:
        try:
            query = read_list_query(wire.query())
        except BadParameterError as error:
            raise ApiError(400, str(error)) from error
        found = [
            {
                **self._common(item, _LIST_NAMES.get(item.input, item.input), True),
                "triggerReason": item.trigger,
            }
            for item in self._cloud.available()
            if _wanted(item, query)
        ]
        return self._page(found, self._scenario.page_size)


def _wanted(item: Item, query: ListQuery) -> bool:
    ids = (item.vehicle.id, f"samsara.vin:{item.vehicle.vin}")
    return (
        any(vehicle in query.vehicles for vehicle in ids)
        and item.start < query.end + timedelta(microseconds=1)
        and item.end > query.start
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
