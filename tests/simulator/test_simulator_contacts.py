"""The simulated lists that tell when vehicles were online, and Motive's locations."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.bare_client import START, TRUCK, MotiveClient, RunMotive, RunSamsara, text

from simulator.drive import at

GATEWAYS, CONNECTIONS = "/gateways", "/v1/camera_connections"
LOCATIONS = f"/v1/vehicle_locations/{TRUCK.id}"


def test_gateways_tell_when_they_were_connected(run: RunSamsara) -> None:
    client = run(offline={TRUCK.id: 7200.0}, page_size=3)
    pages, after = [], dict[str, str]()
    for _ in range(2):
        page = client.get(GATEWAYS, **after).json()
        pages.append(page["data"])
        after = {"after": page["pagination"]["endCursor"]}
    listed = [one for some in pages for one in some]
    spare, never, truck = listed[:3]
    assert "asset" not in spare and "lastConnected" not in never["connectionStatus"]
    assert truck["asset"]["id"] == TRUCK.id
    assert truck["connectionStatus"]["healthStatus"] == "Unplugged"
    last = datetime.fromisoformat(truck["connectionStatus"]["lastConnected"].replace("Z", "+00:00"))
    assert timedelta(hours=2) <= datetime.now(timezone.utc) - last < timedelta(hours=2, minutes=1)
    assert len(listed) == 6


def test_connections_end_with_the_latest(run_motive: RunMotive) -> None:
    client = run_motive(offline={TRUCK.id: 7200.0}, page_size=3)
    first = client.get(CONNECTIONS, **{"vehicle_ids[]": TRUCK.id, "per_page": 100}).json()
    rest = client.get(CONNECTIONS, **{"vehicle_ids[]": TRUCK.id, "page_no": 2}).json()
    assert first["pagination"]["total"] == 4
    (last,) = rest["camera_connections"]
    assert last["camera_connection"]["type"] == "disconnected"
    assert last["camera_connection"]["cam_type"] == "dc54"


def test_both_can_be_forbidden(run: RunSamsara, run_motive: RunMotive) -> None:
    assert run(contacts_status=403).get(GATEWAYS).status_code == 403
    assert run_motive(contacts_status=404).get(CONNECTIONS).status_code == 404


# --- Motive's locations -------------------------------------------------------------------------


def located(client: MotiveClient, **headers: str) -> dict[str, dict[str, Any]]:
    """The readings of the day, by their times."""
    client.headers.update(headers)
    answer = client.get(LOCATIONS, date=f"{START:%Y-%m-%d}").json()
    (items,) = answer.values()
    readings = [next(iter(item.values())) for item in items]
    return {one["located_at"]: one for one in readings}


@pytest.mark.parametrize(
    ("style", "asked", "factor"),
    [
        ({}, "true", 3.6),
        ({}, "false", 3600 / 1609.344),
        ({"track_units": "mph"}, "true", 3600 / 1609.344),
        ({"track_units": "kmh"}, "false", 3.6),
    ],
)
def test_locations_are_true_to_the_drive(
    run_motive: RunMotive, style: dict[str, Any], asked: str, factor: float
) -> None:
    one = located(run_motive(style=style), **{"X-Metric-Units": asked})[text(START)]
    fix = at(TRUCK.id, START)
    assert one["speed"] == pytest.approx(fix.speed * factor, abs=0.01)
    assert (one["lat"], one["description"]) == (pytest.approx(fix.latitude), fix.place)


def test_a_day_of_locations_may_be_the_companys(run_motive: RunMotive) -> None:
    night = START.replace(hour=2)
    client = run_motive(style={"track_day": "company"}, start=night)
    assert text(night) not in located(client)
    yesterday = client.get(LOCATIONS, date=f"{night - timedelta(days=1):%Y-%m-%d}").json()
    assert text(night) in str(yesterday)


def test_locations_need_a_date_a_vehicle_and_the_permission(run_motive: RunMotive) -> None:
    client = run_motive()
    assert client.get(LOCATIONS).status_code == 400
    assert client.get("/v1/vehicle_locations/1", date="2025-03-01").status_code == 404
    assert run_motive(gps_enabled=False).get(LOCATIONS).status_code == 403
    old = run_motive(style={"track_list": "location_histories"})
    assert "location_histories" in old.get(LOCATIONS, date="2025-03-01").json()
