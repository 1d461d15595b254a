"""The simulated Motive's timelines, image captures, vehicles and assets."""

from __future__ import annotations

import io
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.bare_client import (
    DRIVER,
    IMAGES,
    NO_FOOTAGE,
    RECALLS,
    ROAD,
    START,
    TRUCK,
    MotiveClient,
    RunMotive,
    fetch,
    message_of,
    text,
)

from simulator import ASSETS, CAMERAS, TRUCKS, OnClip, Truck
from simulator.footage import read_clock
from simulator.motive_rules import segments

UTC = timezone.utc
ASSET = ASSETS[0]


def test_holes_are_in_no_timeline_and_refuse_recalls(run_motive: RunMotive) -> None:
    hole = (START + timedelta(minutes=2), START + timedelta(minutes=4))
    client = run_motive(NO_FOOTAGE, footage_holes=[hole])
    path = f"{RECALLS}/vehicles/available_timelines"
    answer = client.get(path, vehicle_number=TRUCK.name).json()
    assert answer["vehicle"] == {"id": int(TRUCK.id), "number": TRUCK.name}
    assert (answer["primary_entity"], set(answer["eld_device"])) == (
        "vehicle",
        {"id", "identifier"},
    )
    first, second = answer["available_timelines"]
    assert (first["end_time"], second["start_time"]) == (text(hole[0]), text(hole[1]))
    assert answer["quota_info"]["regular"]["remaining_minutes"] == 1000
    codes = [client.post(minute, duration=2).status_code for minute in range(5)]
    assert codes == [201, 422, 422, 422, 201]


def test_timelines_of_assets(run_motive: RunMotive) -> None:
    client = run_motive(style={"kept": timedelta(hours=30), "timeline_names": ("number", "name")})
    path = f"{RECALLS}/assets/available_timelines"
    answer = client.get(path, name=ASSET.name).json()
    assert (answer["asset"]["name"], answer["vehicle"]) == (ASSET.name, None)
    (segment,) = answer["available_timelines"]
    begin, end = (datetime.fromisoformat(segment[key].replace("Z", "+00:00")) for key in segment)
    assert abs(end - begin) == timedelta(hours=30)
    assert client.get(path, asset_name=ASSET.name).status_code == 400
    assert client.get(path, name="no such").status_code == 404
    assert client.post().status_code == 422  # longer ago than is kept


def test_holes_cut_segments() -> None:
    def at(hour: int) -> datetime:
        return datetime(2025, 3, 1, hour, tzinfo=UTC)

    day = timedelta(hours=10)
    assert segments(at(20), day, []) == [(at(10), at(20))]
    assert segments(at(20), day, [(at(15), at(16)), (at(11), at(12))]) == [
        (at(10), at(11)),
        (at(12), at(15)),
        (at(16), at(20)),
    ]
    assert segments(at(20), day, [(at(9), at(11)), (at(19), at(21))]) == [(at(11), at(19))]
    assert segments(at(20), day, [(at(11), at(14)), (at(12), at(13))]) == [
        (at(10), at(11)),
        (at(14), at(20)),
    ]
    assert segments(at(20), day, [(at(9), at(22))]) == []
    assert segments(at(20), day, [(at(21), at(22))]) == [(at(10), at(20))]


def test_quota_and_timelines_can_be_missing(run_motive: RunMotive) -> None:
    client = run_motive(style={"quota_status": 500, "timelines_status": 404})
    assert client.get(f"{RECALLS}/quota").status_code == 500
    path = f"{RECALLS}/vehicles/available_timelines"
    assert client.get(path, vehicle_number=TRUCK.name).status_code == 404


def image_of(client: MotiveClient, **body: str) -> dict[str, Any]:
    answer = client.send(IMAGES, body)
    assert answer.status_code == 200, answer.text
    pending = answer.json()
    assert pending["status"] == "pending"
    return client.settled(f"{IMAGES}/{pending['camera_type']}/{pending['request_id']}")


def test_an_image_is_of_the_moment_of_its_request(run_motive: RunMotive) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    client = run_motive(delay=0.2)
    image = image_of(client, vehicle_number=TRUCK.name, position="driver_facing")
    assert (image["camera_type"], image["status"]) == ("dashcam", "success")
    assert image["vehicle"] == {"id": int(TRUCK.id), "number": TRUCK.name}
    assert set(image["images"]["driver_facing"]) == {"url", "expires_at"}
    data = fetch(image["images"]["driver_facing"]["url"]).content
    clock = read_clock(np.asarray(Image.open(io.BytesIO(data)).convert("L")))
    assert clock is not None
    assert clock[0] == CAMERAS[DRIVER].number
    assert before <= clock[1] <= datetime.now(UTC)


def test_images_of_assets_come_from_omnicams(run_motive: RunMotive) -> None:
    client = run_motive(style={"dashcam_type": "ai_dashcam_plus"})
    image = image_of(client, asset_name=ASSET.name, position="rear")
    assert (image["camera_type"], image["asset"]["name"]) == ("omnicam", ASSET.name)
    wrong = client.get(f"{IMAGES}/dashcam/{image['request_id']}")
    assert wrong.status_code == 404
    image = image_of(client, vehicle_number=TRUCK.name, position="front_facing")
    assert image["camera_type"] == "ai_dashcam_plus"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"vehicle_number": TRUCK.name, "position": "front_narrow_facing"}, 400),
        ({"vehicle_number": TRUCK.name}, 400),
        ({"vehicle_number": TRUCK.name, "position": ["rear"]}, 400),
        ({"asset_name": ASSET.name, "position": "front_facing"}, 400),
        ({"vehicle_number": TRUCK.name, "position": "rear"}, 422),
        ({"vehicle_number": "Truck 99", "position": "rear"}, 404),
        ({"position": "rear"}, 422),
    ],
)
def test_an_image_that_cannot_be_had_is_refused(
    run_motive: RunMotive, body: dict[str, Any], status: int
) -> None:
    answer = run_motive().send(IMAGES, body)
    assert (answer.status_code, bool(message_of(answer))) == (status, True)


def test_images_fail_or_are_not_recorded(run_motive: RunMotive) -> None:
    client = run_motive(OnClip("failed", camera=DRIVER), OnClip("not_recording", camera=ROAD))
    failed = image_of(client, vehicle_number=TRUCK.name, position="driver_facing")
    assert (failed["status"], failed["images"]) == ("failed", {})
    refused = client.send(IMAGES, {"vehicle_number": TRUCK.name, "position": "front_facing"})
    assert "not recording" in message_of(refused)


def test_images_need_a_feature_of_the_company(run_motive: RunMotive) -> None:
    answer = run_motive(style={"images": False}).send(
        IMAGES, {"vehicle_number": TRUCK.name, "position": "front_facing"}
    )
    assert (answer.status_code, "video_monitoring" in message_of(answer)) == (403, True)


def test_vehicles_come_in_numbered_pages_and_wrapped(run_motive: RunMotive) -> None:
    client = run_motive()
    first = client.get("/v1/vehicles", per_page=3).json()
    assert first["pagination"] == {"per_page": 3, "page_no": 1, "total": len(TRUCKS)}
    second = client.get("/v1/vehicles", per_page=3, page_no=2).json()
    items = first["vehicles"] + second["vehicles"]
    assert [item["vehicle"]["number"] for item in items] == [truck.name for truck in TRUCKS]
    assert client.get("/v1/vehicles", page_no=3).json()["vehicles"] == []
    assert client.get("/v1/vehicles").json()["pagination"]["per_page"] == 25
    assert client.get("/v1/vehicles", per_page=500).json()["pagination"]["per_page"] == 100
    assert client.get("/v1/vehicles", page_no=0).status_code == 400
    short = run_motive(page_size=2).get("/v1/vehicles", per_page=100).json()
    assert (len(short["vehicles"]), short["pagination"]["per_page"]) == (2, 2)


def test_a_vehicle_is_found_by_its_number(run_motive: RunMotive) -> None:
    vehicle = run_motive().get("/v1/vehicles/lookup", number="Van 7 / North").json()["vehicle"]
    assert (vehicle["id"], vehicle["status"]) == (281474976710007, "active")
    assert set(vehicle["eld_device"]) == {"id", "identifier"}


def test_assets_are_found_by_name(run_motive: RunMotive) -> None:
    client = run_motive(assets=[ASSET, Truck("7", "TRAILER-77", ("analog1",))])

    def names(**query: str) -> list[str]:
        found = client.get("/v1/assets", **query).json()["assets"]
        return [item["asset"]["name"] for item in found]

    assert names() == names(name="trailer-7") == ["TRAILER-7", "TRAILER-77"]
    assert names(name="TRAILER-7", exact_match="true") == ["TRAILER-7"]
    assert names(status="deactivated") == []
