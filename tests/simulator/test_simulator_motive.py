"""The simulated Motive keeps the documented rules of recalls, keys, limits and quota."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
from support.bare_client import (
    DRIVER,
    IMAGES,
    LONG,
    NO_FOOTAGE,
    RECALLS,
    ROAD,
    START,
    TRUCK,
    RunMotive,
    clocks,
    fetch,
    message_of,
    saved,
    text,
)

from simulator import ASSETS, CAMERAS, TRUCKS
from simulator.motive_rules import POSITIONS

UTC = timezone.utc
ASSET = ASSETS[0]


def test_a_recall_covers_all_cameras_and_becomes_available(run_motive: RunMotive) -> None:
    client = run_motive(delay=LONG)
    answer = client.post(duration=2)
    assert answer.status_code == 201
    created = answer.json()
    assert (created["status"], created["recall_type"]) == ("pending", "regular")
    assert created["vehicle"] == {"id": int(TRUCK.id), "number": "Truck 42"}
    assert (created["start_time"], created["end_time"]) == (text(START), "2025-03-01T13:32:00Z")
    first = client.get(f"{RECALLS}/{created['id']}").json()
    assert first["status"] == "pending"
    assert {camera["download_url"] for camera in first["cameras"]} == {None}
    client.sim.finish_uploads()
    done = client.settled(f"{RECALLS}/{created['id']}")
    assert (done["status"], done["created_at"]) == ("success", created["created_at"])
    assert [camera["position"] for camera in done["cameras"]] == [
        "front_facing",
        "driver_facing",
        "side_left",
    ]
    for camera in done["cameras"]:
        clip = fetch(camera["download_url"])
        assert (clip.headers["Content-Type"], clip.content[4:8]) == ("video/mp4", b"ftyp")
    (retrieval,) = client.sim.retrievals
    assert (retrieval.id, retrieval.inputs) == (created["id"], (ROAD, DRIVER, "analog1"))


def test_the_clip_is_of_the_camera_and_the_time(run_motive: RunMotive, tmp_path: Path) -> None:
    url = run_motive().cameras(1, camera_positions=["side_left"])["side_left"]["download_url"]
    number, begin = CAMERAS["analog1"].number, START + timedelta(minutes=1)
    expected = [(number, begin + timedelta(seconds=second)) for second in range(60)]
    assert clocks(saved(url, tmp_path)) == expected


def test_each_poll_gives_a_new_url(run_motive: RunMotive) -> None:
    client = run_motive()
    recall = client.request(camera_positions=["rear", "front_facing"])
    urls = {client.settled(f"{RECALLS}/{recall}")["cameras"][0]["download_url"] for _ in "ab"}
    assert len(urls) == 2


def test_positions_choose_among_the_cameras_there_are(run_motive: RunMotive) -> None:
    client = run_motive(NO_FOOTAGE, vehicles=[replace(TRUCK, cameras=tuple(CAMERAS)), *TRUCKS[1:]])
    assert set(client.cameras()) == set(POSITIONS)
    chosen = ["front_narrow_facing", "side_right"]
    assert list(client.cameras(camera_positions=chosen)) == chosen
    two = client.cameras(vehicle_number="Truck 43", camera_positions=["driver_facing", "rear"])
    assert list(two) == ["driver_facing"]
    none = client.post(vehicle_number="Truck 43", camera_positions=["rear"])
    assert none.status_code == 422
    assert client.post(vehicle_number="Trailer 101").status_code == 422
    strict = run_motive(NO_FOOTAGE, missing_camera="refuse")
    assert strict.post(camera_positions=["driver_facing", "rear"]).status_code == 422


def test_assets_are_requested_by_name(run_motive: RunMotive) -> None:
    client = run_motive(NO_FOOTAGE)
    recall = client.recall(vehicle_number=None, asset_name=ASSET.name)
    assert recall["primary_entity"] == "asset"
    assert recall["asset"] == {"id": int(ASSET.id), "name": ASSET.name}
    assert "vehicle" not in recall
    assert [camera["position"] for camera in recall["cameras"]] == [
        "side_left",
        "side_right",
        "rear",
    ]
    assert client.sim.retrievals[0].vehicle == ASSET


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"asset_name": ASSET.name}, 422, "Exactly one"),
        ({"vehicle_number": None}, 422, "Exactly one"),
        ({"vehicle_number": 42}, 422, "vehicle_number"),
        ({"vehicle_number": "Truck 99"}, 404, "vehicle"),
        ({"vehicle_number": None, "asset_name": TRUCK.name}, 404, "asset"),
        ({"duration": 4}, 422, "duration"),
        ({"duration": "1"}, 422, "duration"),
        ({"duration": True}, 422, "duration"),
        ({"duration": None}, 422, "duration"),
        ({"duration": 5}, 422, "duration"),
        ({"duration": 1, "recall_type": "timelapse"}, 422, "duration"),
        ({"recall_type": "slow"}, 422, "recall_type"),
        ({"recall_type": ["regular"]}, 422, "recall_type"),
        ({"start_time": "2999-01-01T00:00:00Z"}, 422, "future"),
        ({"start_time": "yesterday"}, 422, "ISO 8601"),
        ({"start_time": "2025-02-30T00:00:00Z"}, 422, "ISO 8601"),
        ({"start_time": None}, 422, "ISO 8601"),
        ({"start_time": "2019-01-01T00:00:00Z"}, 422, "not available"),
        ({"camera_positions": []}, 400, "camera_positions"),
        ({"camera_positions": "rear"}, 400, "camera_positions"),
        ({"camera_positions": ["rear", "roof"]}, 400, "roof"),
    ],
)
def test_a_recall_that_breaks_the_rules_is_refused(
    run_motive: RunMotive, body: dict[str, Any], status: int, word: str
) -> None:
    client = run_motive(NO_FOOTAGE)
    answer = client.post(**body)
    assert answer.status_code == status
    assert word in message_of(answer)
    assert client.sim.retrievals == []


def test_a_body_that_is_no_object_is_refused(run_motive: RunMotive) -> None:
    client = run_motive()
    assert [client.send(path, [1]).status_code for path in (RECALLS, IMAGES)] == [400, 400]


def test_the_type_may_be_left_out_and_offsets_are_understood(run_motive: RunMotive) -> None:
    recall = run_motive().recall(recall_type=None, start_time="2025-03-01T08:30-05:00")
    assert (recall["recall_type"], recall["start_time"]) == ("regular", text(START))


def test_footage_that_is_not_over_yet_is_refused(run_motive: RunMotive) -> None:
    answer = run_motive().post(start_time=text(datetime.now(UTC) - timedelta(seconds=20)))
    assert "not available" in message_of(answer)


def test_timelapse_is_sped_up(run_motive: RunMotive, tmp_path: Path) -> None:
    client = run_motive(hyperlapse_factor=30)
    timelapse: dict[str, Any] = {
        "duration": 5,
        "recall_type": "timelapse",
        "camera_positions": ["side_left"],
    }
    url = client.cameras(**timelapse)["side_left"]["download_url"]
    seen = [moment for _, moment in clocks(saved(url, tmp_path))]
    assert seen == [START + timedelta(seconds=30 * frame) for frame in range(10)]


@pytest.mark.parametrize(
    ("options", "key", "status"),
    [({}, "wrong", 401), ({"forbidden": True}, None, 403), ({"revoke_after": 0}, None, 401)],
)
def test_keys_are_checked(
    run_motive: RunMotive, options: dict[str, Any], key: str | None, status: int
) -> None:
    client = run_motive(**options)
    client.headers["X-Api-Key"] = key or client.sim.token
    answer = client.get("/v1/vehicles")
    assert answer.status_code == status
    assert message_of(answer)


def test_the_other_providers_header_is_no_key(run_motive: RunMotive) -> None:
    client = run_motive()
    client.headers = {"Authorization": f"Bearer {client.sim.token}"}
    assert client.get("/v1/vehicles").status_code == 401
    client.headers = {"X-Api-Key": client.sim.token}
    fleet = f"{client.sim.api_url}/fleet/vehicles"
    assert requests.get(fleet, headers=client.headers, timeout=9).status_code == 401


def test_the_media_host_takes_no_key(run_motive: RunMotive) -> None:
    client = run_motive()
    url = client.cameras(camera_positions=["front_facing"])["front_facing"]["download_url"]
    assert requests.get(url, headers=client.headers, timeout=9).status_code == 400
    assert fetch(url).status_code == 200


def test_unknown_things_are_not_found(run_motive: RunMotive) -> None:
    client = run_motive()
    paths = (f"{RECALLS}/1", f"{IMAGES}/dashcam/1", "/v1/nothing", "/v1/vehicles/lookup?number=x")
    for path in paths:
        answer = client.get(path)
        assert (answer.status_code, bool(message_of(answer))) == (404, True)
    assert client.get(RECALLS).status_code == 405
    assert client.get("/v1/vehicles/lookup").status_code == 400


def test_quota_is_minutes_of_a_recall_however_many_cameras(run_motive: RunMotive) -> None:
    client = run_motive(
        NO_FOOTAGE, style={"regular_minutes": 10, "regular_used": 5, "timelapse_minutes": 20}
    )
    client.request(duration=3)
    client.request(10, duration=15, recall_type="timelapse", camera_positions=["rear", "side_left"])
    answer = client.get(f"{RECALLS}/quota").json()
    assert answer["quota_info"] == {
        "regular": {"used_minutes": 8, "remaining_minutes": 2, "total_minutes": 10},
        "timelapse": {"used_minutes": 15, "remaining_minutes": 5, "total_minutes": 20},
    }
    assert answer["rate_limit"] == {"limit": 60, "period_seconds": 60.0}


@pytest.mark.parametrize("code", [429, 422, 403])
def test_a_used_up_quota_refuses_without_retry_after(run_motive: RunMotive, code: int) -> None:
    client = run_motive(NO_FOOTAGE, style={"regular_minutes": 3, "quota_code": code})
    client.request(duration=2)
    refusal = client.post(5, duration=2)
    assert (refusal.status_code, "quota" in message_of(refusal)) == (code, True)
    assert "Retry-After" not in refusal.headers
    client.request(5, duration=1)


@pytest.mark.parametrize("with_wait", [False, True])
def test_too_many_posts_are_refused(run_motive: RunMotive, with_wait: bool) -> None:
    client = run_motive(
        NO_FOOTAGE,
        style={"rate_limit": (2, 60.0), "retry_after": with_wait, "rate_limit_key": "limit"},
    )
    answers = [client.post(minute) for minute in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert ("Retry-After" in answers[2].headers) == with_wait
    assert client.get(f"{RECALLS}/quota").json()["limit"] == {"limit": 2, "period_seconds": 60.0}
    assert len(client.sim.retrievals) == 2


@pytest.mark.parametrize("code", [409, 422, 400])
def test_duplicates_can_be_rejected(run_motive: RunMotive, code: int) -> None:
    client = run_motive(NO_FOOTAGE, style={"duplicates": "reject", "duplicate_code": code})
    first = client.request()
    refusal = client.post(camera_positions=["driver_facing"])
    assert refusal.status_code == code
    assert {"duplicate", "already"} <= set(message_of(refusal).lower().split())
    others: list[dict[str, Any]] = [
        {"minute": 1},
        {"duration": 2},
        {"vehicle_number": "Truck 43"},
        {"duration": 5, "recall_type": "timelapse"},
    ]
    assert len({first, *(client.request(**other) for other in others)}) == 5


def test_duplicates_are_accepted_otherwise(run_motive: RunMotive) -> None:
    client = run_motive(NO_FOOTAGE)
    assert client.request() != client.request()


def test_smart_dashcams_give_one_minute_and_no_timelapse(run_motive: RunMotive) -> None:
    client = run_motive(NO_FOOTAGE, style={"smart_dashcam": True})
    client.request()
    for body in ({"duration": 2}, {"duration": 5, "recall_type": "timelapse"}):
        refusal = client.post(**body)
        assert (refusal.status_code, "Smart dashcams" in message_of(refusal)) == (422, True)
    client.request(vehicle_number=None, asset_name=ASSET.name, duration=3)
