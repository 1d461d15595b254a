"""When the vehicles were online: Samsara's `/gateways`, Motive's `/v1/camera_connections`.

Sources: reference pages getgateways and fetch-the-camera-connection-events; of the latter only the
fields `type`, `duration`, `cam_type` and `cam_serial_num` are known, the others are made up after
Motive's other lists.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from flask import request

from simulator.api import ApiError, stamp
from simulator.scenario import Scenario, Truck

UTC = timezone.utc
_JUST_NOW = 20.0  # seconds ago a vehicle that is online was heard of


def gateways(scenario: Scenario, not_permitted: str) -> list[dict[str, Any]]:
    """Samsara's gateways: one for each vehicle, one on none, and one that was never connected."""
    _raise_unless_allowed(scenario, not_permitted)
    listed = [_gateway(truck, scenario) for truck in scenario.vehicles]
    spare = {"model": "VG34", "serial": "GSIM000000"}
    fleet = [truck.id for truck in scenario.vehicles]
    never = {**spare, "serial": "GSIM000001", "asset": {"id": fleet[-1] if fleet else "1"}}
    return [spare, {**never, "connectionStatus": {"healthStatus": "Status Not Set"}}, *listed]


def _gateway(truck: Truck, scenario: Scenario) -> dict[str, Any]:
    ago = scenario.offline.get(truck.id, 0.0)
    last = datetime.now(UTC) - timedelta(seconds=ago or _JUST_NOW)
    return {
        "serial": f"GSIM{truck.id[-6:]}",
        "model": "VG34",
        "asset": {"id": truck.id, "externalIds": {}},
        "connectionStatus": {
            "healthStatus": "Unplugged" if ago else "Connected",
            "lastConnected": stamp(last.replace(microsecond=0)),
        },
    }


def connections(
    scenario: Scenario, not_permitted: str, number: Callable[[str, int], int]
) -> dict[str, Any]:
    """One page of Motive's events, the newest last; a vehicle without a camera has none.

    number: a number of the query, or the usual one
    """
    _raise_unless_allowed(scenario, not_permitted)
    wanted = request.args.getlist("vehicle_ids[]")
    now = datetime.now(UTC).replace(microsecond=0)
    events: list[dict[str, Any]] = []
    for truck in scenario.vehicles:
        if not truck.cameras or (wanted and truck.id not in wanted):
            continue
        ago = scenario.offline.get(truck.id, 0.0)
        weeks = now - timedelta(days=7)
        events.append(_event(truck, "connected", weeks, None))
        events.append(_event(truck, "firmware_update", now - timedelta(minutes=1), 30))
        events.append(_event(truck, "disconnected", weeks + timedelta(days=1), 3600))
        if ago:
            events.append(_event(truck, "disconnected", now - timedelta(seconds=ago), None))
    size = min(number("per_page", 25), 100, scenario.page_size)
    page = number("page_no", 1)
    shown = events[(page - 1) * size : page * size]
    return {
        "camera_connections": [{"camera_connection": event} for event in shown],
        "pagination": {"per_page": size, "page_no": page, "total": len(events)},
    }


def _event(truck: Truck, kind: str, start: datetime, duration: int | None) -> dict[str, Any]:
    both = {"dashcamRoadFacing", "dashcamDriverFacing"} <= set(truck.cameras)
    return {
        "id": int(start.timestamp()) % 10**6 + int(truck.id) % 1000,
        "type": kind,
        "start_time": stamp(start),
        "duration": duration,
        "cam_type": "dc54" if both else "dc53",
        "cam_serial_num": f"CSIM{truck.id[-6:]}",
        "vehicle": {"id": int(truck.id), "number": truck.name},
    }


def _raise_unless_allowed(scenario: Scenario, not_permitted: str) -> None:
    if scenario.contacts_status != 200:
        raise ApiError(scenario.contacts_status, not_permitted)
