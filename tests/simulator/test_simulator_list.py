"""The simulated Samsara's list of uploaded media."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from support.bare_client import (
    DRIVER,
    ROAD,
    START,
    TRUCK,
    RunSamsara,
    SamsaraClient,
    fetch,
    text,
    until,
)

from simulator import OnClip, Truck, Uploaded

LOW, LAPSE = "videoLowRes", "hyperlapse"
AUX = "analog1"
MIRROR = Truck("281474976719001", "Truck 9", (ROAD, AUX), "1VIN", roles={AUX: "leftMirrorMount"})


def test_uploaded_media_are_listed_under_their_other_names(run: RunSamsara) -> None:
    client = run(uploaded=[Uploaded(DRIVER, START, 10)], page_size=1)
    client.settled(client.request())
    query = {
        "vehicleIds": TRUCK.id,
        "startTime": text(START),
        "endTime": text(START + timedelta(hours=24)),
    }
    first = client.get("/cameras/media", **query).json()
    second = client.get("/cameras/media", **query, after=first["pagination"]["endCursor"]).json()
    items = first["data"]["media"] + second["data"]["media"]
    assert {(item["input"], item["triggerReason"]) for item in items} == {
        ("dashcamForwardFacing", "api"),
        ("dashcamInwardFacing", "safetyEvent"),
    }
    (item,) = listed(client, inputs=[DRIVER])
    assert item["input"] == "dashcamInwardFacing"
    too_long = {**query, "endTime": text(START + timedelta(hours=25))}
    assert client.get("/cameras/media", **too_long).status_code == 400
    assert client.get("/cameras/media", **query, inputs=f"{ROAD},{DRIVER}").status_code == 400


def listed(client: SamsaraClient, vehicle: str = TRUCK.id, **query: Any) -> list[dict[str, Any]]:
    """The items of all pages."""
    day = {"startTime": text(START), "endTime": until(24 * 3600)}
    pages = client.pages("/cameras/media", {"vehicleIds": vehicle, **day, **query})
    return [item for page in pages for item in page]


def test_auxiliary_cameras_have_a_role_and_a_serial(run: RunSamsara) -> None:
    client = run(vehicles=[MIRROR])
    retrieval = client.request(vehicleId=MIRROR.id, inputs=[ROAD, AUX])
    road, aux = client.all_settled(retrieval)
    assert (aux["cameraRole"], bool(aux["auxcamSerial"])) == ("leftMirrorMount", True)
    assert "auxCamSerial" not in aux
    assert not {"cameraRole", "auxcamSerial"} & set(road)
    road, aux = sorted(listed(client, MIRROR.id), key=lambda item: item["input"], reverse=True)
    assert (road["input"], aux["input"]) == ("dashcamForwardFacing", AUX)
    assert (aux["cameraRole"], bool(aux["auxCamSerial"])) == ("leftMirrorMount", True)
    assert "auxcamSerial" not in aux
    assert not {"cameraRole", "auxCamSerial"} & set(road)


def test_the_list_holds_all_media_types_but_filters_by_two(run: RunSamsara) -> None:
    uploaded = [
        Uploaded(ROAD, START + timedelta(minutes=number), 10, media_type=kind)
        for number, kind in enumerate(("image", "videoHighRes", LOW, LAPSE))
    ]
    client = run(uploaded=uploaded, page_size=2, empty_list_pages=(0, 2))
    items = listed(client)
    assert [item["mediaType"] for item in items] == ["image", "videoHighRes", LOW, LAPSE]
    assert [call.query.get("after") is None for call in client.sim.lists()] == [True] + [False] * 3
    assert items[0]["startTime"] == items[0]["endTime"] == text(START)
    for item in items:
        assert set(item) == {
            "vehicleId", "input", "mediaType", "startTime", "endTime", "availableAtTime",
            "triggerReason", "urlInfo",
        }  # fmt: skip
        assert fetch(item["urlInfo"]["url"]).status_code == 200
    assert [item["mediaType"] for item in listed(client, mediaTypes=["image"])] == ["image"]
    assert len(listed(client, mediaTypes=["image", "videoHighRes"])) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"mediaTypes": LOW},
        {"mediaTypes": "image,videoHighRes"},
        {"inputs[]": ROAD},
        {"inputs": "dashcamForwardFacing"},
        {"triggerReasons": "curiosity"},
        {"vehicleIds": [TRUCK.id, "2"]},
        {"vehicleIds": ",".join(map(str, range(21)))},
        {"vehicleIds": ""},
        {"availableAfterTime": "now"},
    ],
)
def test_the_list_refuses_what_breaks_its_rules(run: RunSamsara, wrong: dict[str, Any]) -> None:
    query = {"vehicleIds": TRUCK.id, "startTime": text(START), "endTime": until(60), **wrong}
    assert run().get("/cameras/media", **query).status_code == 400


def test_our_own_retrievals_are_listed_once_they_are_available(run: RunSamsara) -> None:
    client = run(OnClip("failed", at=1))
    client.settled(client.request(mediaType=LOW))
    client.settled(client.request(1))
    (item,) = listed(client)
    assert (item["mediaType"], item["triggerReason"]) == (LOW, "api")
    assert listed(client, triggerReasons=["safetyEvent"]) == []
    assert [item["input"] for item in listed(client, f"1,samsara.vin:{TRUCK.vin}")] == [
        "dashcamForwardFacing"
    ]


def test_the_window_of_the_list_takes_what_overlaps_it(run: RunSamsara) -> None:
    client = run(
        uploaded=[
            Uploaded(ROAD, START, media_type="image"),
            Uploaded(DRIVER, START, 10),
        ]
    )

    def types_in(begin: float, end: float) -> list[str]:
        window = {"startTime": until(begin), "endTime": until(end)}
        return [item["mediaType"] for item in listed(client, **window)]

    assert types_in(0, 60) == types_in(-5, 0) == types_in(0, 0) == ["image", "videoHighRes"]
    assert types_in(-5, -1) == types_in(10, 60) == []
    assert types_in(1, 60) == ["videoHighRes"]


def test_listed_footage_can_lack_its_url_or_break(run: RunSamsara) -> None:
    broken = Uploaded(DRIVER, START, 10, bad=[OnClip("html")])
    client = run(uploaded=[Uploaded(ROAD, START, 10, url=False), broken])
    without, other = listed(client)
    assert "urlInfo" not in without
    assert without["availableAtTime"]
    assert fetch(other["urlInfo"]["url"]).headers["Content-Type"].startswith("text/html")
