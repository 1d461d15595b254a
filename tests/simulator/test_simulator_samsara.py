"""The simulated Samsara keeps the rules of its reference: vehicles, retrievals, quota."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.bare_client import (
    LONG,
    NO_FOOTAGE,
    ROAD,
    START,
    TRUCK,
    RunSamsara,
    text,
    until,
)

from simulator import TRUCKS, OnClip, Truck

LOW, LAPSE = "videoLowRes", "hyperlapse"
AUX = "analog1"
MIRROR = Truck("281474976719001", "Truck 9", (ROAD, AUX), "1VIN", roles={AUX: "leftMirrorMount"})


def test_vehicles_come_in_pages_of_which_one_is_empty(run: RunSamsara) -> None:
    client = run(page_size=2, empty_pages=(1,))
    pages: list[Any] = []
    after = ""
    while not pages or pages[-1]["pagination"]["hasNextPage"]:
        pages.append(client.get("/fleet/vehicles", **({"after": after} if after else {})).json())
        after = pages[-1]["pagination"]["endCursor"]
    assert [len(page["data"]) for page in pages] == [2, 0, 2]
    assert [item["id"] for page in pages for item in page["data"]] == [t.id for t in TRUCKS]
    assert len(client.get("/fleet/vehicles", limit=1).json()["data"]) == 1
    assert client.get("/fleet/vehicles", limit=513).status_code == 400
    assert client.get(f"/fleet/vehicles/{TRUCK.id}").json()["data"]["name"] == "Truck 42"


def test_a_vehicle_is_found_by_its_external_id(run: RunSamsara) -> None:
    answer = run().get(f"/fleet/vehicles/samsara.vin:{TRUCK.vin}")
    assert answer.json()["data"]["id"] == TRUCK.id


@pytest.mark.parametrize(
    "body",
    [
        {"vehicleId": "1"},
        {"vehicleId": 1},
        {"mediaType": "video"},
        {"mediaType": "image"},
        {"startTime": "2025-03-01 13:30:00"},
        {"startTime": "2025-03-01T13:30:00"},
        {"endTime": text(START)},
        {"endTime": text(START + timedelta(seconds=61))},
        {"inputs": []},
        {"inputs": ROAD},
        {"inputs": ["dashcamForward"]},
        {"inputs": None},
    ],
)
def test_a_request_that_breaks_the_rules_is_refused(run: RunSamsara, body: dict[str, Any]) -> None:
    client = run()
    answer = client.post(**body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "requestId"}
    assert client.sim.retrievals == []


def test_offsets_and_milliseconds_are_understood(run: RunSamsara) -> None:
    client = run()
    item = client.settled(
        client.request(startTime="2025-03-01T14:30:00.500+01:00", endTime="2025-03-01T13:30:05Z")
    )
    assert item["startTime"] == "2025-03-01T13:30:00.500Z"


def test_a_retrieval_is_pending_then_has_a_new_url_each_time(run: RunSamsara) -> None:
    client = run(delay=LONG)
    retrieval = client.request()
    (item,) = client.poll(retrieval)
    assert item["status"] == "pending"
    assert "urlInfo" not in item
    client.sim.finish_uploads()
    item = client.settled(retrieval)
    assert item["status"] == "available"
    assert (item["startTime"], item["endTime"]) == (text(START), "2025-03-01T13:30:10Z")
    assert client.poll(retrieval)[0]["urlInfo"]["url"] != item["urlInfo"]["url"]


def test_a_server_can_have_other_longest_windows(run: RunSamsara) -> None:
    usual = run(NO_FOOTAGE)
    assert usual.post(mediaType=LOW, endTime=until(600)).status_code == 200
    assert usual.post(mediaType=LOW, endTime=until(601)).status_code == 400
    client = run(NO_FOOTAGE, longest={LOW: 120, "videoHighRes": 90})
    answer = client.post(mediaType=LOW, endTime=until(121))
    assert answer.status_code == 400
    assert "endTime" in answer.json()["message"]
    assert client.post(mediaType=LOW, endTime=until(120)).status_code == 200
    assert client.post(endTime=until(90)).status_code == 200
    assert client.post(mediaType=LAPSE, endTime=until(2400)).status_code == 200
    assert client.post(mediaType=LAPSE, endTime=until(2401)).status_code == 400


def test_cameras_can_be_requested_by_their_role(run: RunSamsara) -> None:
    client = run(NO_FOOTAGE, vehicles=[MIRROR])

    def inputs(**body: Any) -> tuple[str, ...]:
        assert client.post(vehicleId=MIRROR.id, **body).status_code == 200
        return client.sim.retrievals[-1].inputs

    assert inputs(inputs=None, cameraRoles=["leftMirrorMount"]) == (AUX,)
    assert inputs(inputs=[ROAD], cameraRoles=["leftMirrorMount"]) == (ROAD, AUX)
    assert inputs(inputs=[AUX], cameraRoles=["leftMirrorMount"]) == (AUX,)
    for roles in ([], ["rearHigh"], ["leftMirror"], "leftMirrorMount"):
        answer = client.post(vehicleId=MIRROR.id, cameraRoles=roles)
        assert (answer.status_code, "cameraRoles" in answer.json()["message"]) == (400, True)
    assert client.post(vehicleId=MIRROR.id, inputs=None).status_code == 400


def test_the_quota_counts_completed_seconds_and_runs_out(run: RunSamsara) -> None:
    client = run(quota=30.0, quota_used=20.0)
    first = client.post().json()["data"]
    assert first["quotaStatus"] == (
        "Current monthly usage is 20.0 seconds of high-res video out of 30.0 available."
    )
    client.settled(first["retrievalId"])
    assert client.sim.quota_used == 30.0
    refusal = client.post(1)
    assert refusal.status_code == 429
    assert "Retry-After" not in refusal.headers


def test_the_quota_counts_each_media_type_by_its_weight(run: RunSamsara) -> None:
    client = run(low_weight=0.5, hyperlapse_weight=0.25)
    for second in range(10):
        client.settled(
            client.request(mediaType="image", startTime=until(second), endTime=until(second))
        )
    assert client.sim.quota_used == 1.0
    client.settled(client.request(mediaType=LOW, endTime=until(10)))
    client.settled(client.request(mediaType=LAPSE, endTime=until(20)))
    assert client.sim.quota_used == 1 + 5 + 5
    client.settled(client.request())
    assert client.sim.quota_used == 21.0


def test_what_is_not_completed_does_not_count(run: RunSamsara) -> None:
    client = run(OnClip("late", 60.0, at=1), OnClip("failed", at=2))
    client.request(1)
    client.settled(client.request(2))
    assert client.sim.quota_used == 0


@pytest.mark.parametrize("status", [429, "403", "400"])
def test_the_quota_refusal_and_its_sentence_can_be_chosen(
    run: RunSamsara, status: int | str
) -> None:
    sentence = "{quota:,.0f} s a month, {used:g} s used"
    client = run(quota=1000.5, quota_used=1000.0, quota_refusal=status, quota_sentence=sentence)
    answer = client.post().json()["data"]
    assert answer["quotaStatus"] == "1,000 s a month, 1000 s used"
    client.settled(answer["retrievalId"])
    assert client.post(1).status_code == int(status)
    assert len(client.sim.retrievals) == 1
