"""The simulated Samsara's media: hyperlapses, low-res, stills, auxiliary cameras, the quota."""

from __future__ import annotations

import io
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.bare_client import (
    DRIVER,
    FFMPEG,
    ROAD,
    SMALL,
    START,
    TRUCK,
    Client,
    decode,
    fetch,
    text,
)

from simulator import OnCall, OnClip, Scenario, Simulator, Truck, Uploaded, cameras
from simulator import start as start_simulator
from simulator.footage import Content, draw, read_clock

LOW, LAPSE = "videoLowRes", "hyperlapse"
AUX = "analog1"
MIRROR = Truck("281474976719001", "Truck 9", (ROAD, AUX), "1VIN", roles={AUX: "leftMirrorMount"})


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture
def run(drawn: Path) -> Iterator[Callable[..., Client]]:
    running: list[Simulator] = []

    def begin(*bad: OnClip | OnCall, **options: Any) -> Client:
        usual = {"cameras": SMALL, "cache": drawn, "delay": 0.0, "limits": {}, "start": START}
        running.append(start_simulator(Scenario(bad=bad, **{**usual, **options})))
        return Client(running[-1])

    yield begin
    for sim in running:
        sim.stop()


def until(seconds: float) -> str:
    return text(START + timedelta(seconds=seconds))


def saved(client: Client, folder: Path, **body: Any) -> Path:
    path = folder / "clip.mp4"
    path.write_bytes(fetch(client.url(**body)).content)
    return path


def clocks(path: Path, width: int, height: int) -> list[float]:
    """What every frame's barcode says, in seconds since START."""
    read = [read_clock(frame) for frame in decode(path, width, height)]
    return [(one[1] - START).total_seconds() if one else -1.0 for one in read]


def about(path: Path) -> str:
    """What ffmpeg says of a file."""
    command = [FFMPEG, "-hide_banner", "-i", str(path)]
    return subprocess.run(command, capture_output=True, text=True).stderr


def still(client: Client, **body: Any) -> Image.Image:
    answer = fetch(
        client.url(mediaType="image", endTime=body.get("startTime", text(START)), **body)
    )
    return Image.open(io.BytesIO(answer.content))


# --- hyperlapse -------------------------------------------------------------------------------


def test_a_hyperlapse_plays_fast_and_shows_the_true_time(
    run: Callable[..., Client], tmp_path: Path
) -> None:
    client = run(cameras=cameras(width=160, height=120, fps=5, sound=True))
    retrieval = client.request(mediaType=LAPSE, endTime=until(20 * 60))
    item = client.settled(retrieval)
    assert (item["startTime"], item["endTime"]) == (text(START), until(20 * 60))
    path = tmp_path / "clip.mp4"
    path.write_bytes(fetch(item["urlInfo"]["url"]).content)
    # 1200 s at 30 times the speed are 40 s of film; a frame every 0.2 s is one every 6 s of time.
    assert clocks(path, 160, 120) == [6.0 * frame for frame in range(200)]
    assert "Duration: 00:00:40.00" in about(path)
    assert "Audio" not in about(path)


def test_the_factor_can_be_chosen_for_all_and_for_one_camera(
    run: Callable[..., Client], tmp_path: Path
) -> None:
    client = run(OnClip("pace", 10, camera=DRIVER), hyperlapse_factor=60.0)
    body = {"mediaType": LAPSE, "endTime": until(120)}
    assert clocks(saved(client, tmp_path, **body), 160, 120) == [12.0 * n for n in range(10)]
    path = saved(client, tmp_path, **body, inputs=[DRIVER])
    assert clocks(path, 160, 120) == [2.0 * n for n in range(60)]
    # Of other media types the mishap is not.
    assert len(clocks(saved(client, tmp_path, inputs=[DRIVER]), 160, 120)) == 50


def test_a_shifted_and_shortened_hyperlapse_tells_so(
    run: Callable[..., Client], tmp_path: Path
) -> None:
    client = run(OnClip("shift", 3.0), OnClip("short", 60))
    item = client.settled(client.request(mediaType=LAPSE, endTime=until(180)))
    assert (item["startTime"], item["endTime"]) == (until(3), until(123))
    (tmp_path / "a.mp4").write_bytes(fetch(item["urlInfo"]["url"]).content)
    assert clocks(tmp_path / "a.mp4", 160, 120) == [3 + 6.0 * n for n in range(20)]


def test_the_same_window_at_another_pace_is_another_file() -> None:
    model = SMALL[ROAD]
    names = {Content("Truck 42", model, START, 60, pace).file_name for pace in (1.0, 10.0, 30.0)}
    assert len(names) == 3
    assert Content("Truck 42", model, START, 1, 30.0).count == 1


# --- low-res video ----------------------------------------------------------------------------


def test_ten_minutes_of_low_res_are_small_and_have_sound(
    run: Callable[..., Client], tmp_path: Path
) -> None:
    client = run(cameras=cameras(width=160, height=120, fps=5, sound=True))
    path = saved(client, tmp_path, mediaType=LOW, endTime=until(600))
    assert re.search(r"Video: h264.* 80x60", about(path))
    assert "Audio: aac" in about(path)
    assert clocks(path, 80, 60) == pytest.approx([n / 5 for n in range(3000)], abs=0.006)
    assert client.post(mediaType=LOW, endTime=until(601)).status_code == 400


def test_low_res_is_half_the_size_but_can_still_be_read(
    run: Callable[..., Client], tmp_path: Path
) -> None:
    for size, low in {(354, 242): (176, 120), (120, 90): (80, 60), (64, 48): (64, 48)}.items():
        client = run(cameras=cameras(width=size[0], height=size[1], fps=5, sound=False))
        path = saved(client, tmp_path, mediaType=LOW)
        assert f" {low[0]}x{low[1]}" in about(path)
    assert "Audio" not in about(path)


def test_a_server_can_have_other_longest_windows(run: Callable[..., Client]) -> None:
    client = run(longest={LOW: 120, "videoHighRes": 90})
    answer = client.post(mediaType=LOW, endTime=until(121))
    assert answer.status_code == 400
    assert "endTime" in answer.json()["message"]
    assert client.post(mediaType=LOW, endTime=until(120)).status_code == 200
    assert client.post(endTime=until(90)).status_code == 200
    assert client.post(mediaType=LAPSE, endTime=until(2400)).status_code == 200
    assert client.post(mediaType=LAPSE, endTime=until(2401)).status_code == 400


# --- stills -----------------------------------------------------------------------------------


def test_a_still_is_in_colour_and_shows_its_time(run: Callable[..., Client]) -> None:
    client = run()
    moment = START + timedelta(seconds=12.34)
    hues = []
    for number, name in ((1, ROAD), (2, DRIVER)):
        picture = still(client, startTime=text(moment), inputs=[name])
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (160, 120))
        pixels = np.asarray(picture)
        assert read_clock(pixels) == (number, moment)
        red, _, blue = pixels[5:40].reshape(-1, 3).mean(axis=0)
        hues.append(red - blue)
    assert hues[0] < -50  # the road camera's picture is bluish,
    assert hues[1] > 50  # the driver's reddish


def test_a_still_can_be_shifted_but_not_shortened(run: Callable[..., Client]) -> None:
    client = run(OnClip("shift", 1.5), OnClip("short", 5), OnClip("early", 4.0))
    item = client.settled(client.request(mediaType="image", endTime=text(START)))
    assert item["status"] == "available"
    assert item["startTime"] == item["endTime"] == "2025-03-01T13:30:01.500Z"
    picture = Image.open(io.BytesIO(fetch(item["urlInfo"]["url"]).content))
    assert read_clock(np.asarray(picture)) == (1, START + timedelta(seconds=1.5))


def test_stills_meet_the_mishaps_of_clips(run: Callable[..., Client]) -> None:
    body = {"mediaType": "image", "endTime": text(START)}
    for status in ("unavailable", "failed"):
        client = run(OnClip(status))
        assert client.settled(client.request(**body))["status"] == status
    client = run(OnClip("late", 0.3), OnClip("html"))
    retrieval = client.request(**body)
    assert client.poll(retrieval)[0]["status"] == "pending"
    url = client.settled(retrieval)["urlInfo"]["url"]
    assert fetch(url).headers["Content-Type"].startswith("text/html")
    whole = fetch(url)
    assert whole.headers["Content-Type"] == "image/jpeg"
    assert whole.content[:2] == b"\xff\xd8"
    assert fetch(run(OnClip("garbage")).url(**body)).content[:2] != b"\xff\xd8"
    assert len(fetch(run(OnClip("cut")).url(**body)).content) == len(whole.content) // 2


# --- auxiliary cameras ------------------------------------------------------------------------


def test_retrievals_and_the_list_tell_where_auxiliary_cameras_are(
    run: Callable[..., Client],
) -> None:
    client = run(vehicles=[MIRROR])
    retrieval = client.request(vehicleId=MIRROR.id, inputs=[ROAD, AUX])
    while any(item["status"] == "pending" for item in client.poll(retrieval)):
        time.sleep(0.02)
    road, aux = client.poll(retrieval)
    assert (aux["cameraRole"], bool(aux["auxcamSerial"])) == ("leftMirrorMount", True)
    assert "auxCamSerial" not in aux
    assert not {"cameraRole", "auxcamSerial"} & set(road)
    road, aux = sorted(listed(client, MIRROR.id), key=lambda item: item["input"], reverse=True)
    assert (road["input"], aux["input"]) == ("dashcamForwardFacing", AUX)
    assert (aux["cameraRole"], bool(aux["auxCamSerial"])) == ("leftMirrorMount", True)
    assert "auxcamSerial" not in aux
    assert not {"cameraRole", "auxCamSerial"} & set(road)


def test_cameras_can_be_asked_for_by_their_role(run: Callable[..., Client]) -> None:
    client = run(vehicles=[MIRROR])

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


# --- what is in the cloud already -------------------------------------------------------------


def listed(client: Client, vehicle: str = TRUCK.id, **query: Any) -> list[dict[str, Any]]:
    """The items of all pages."""
    found: list[dict[str, Any]] = []
    day = {"startTime": text(START), "endTime": until(24 * 3600)}
    query, more = {"vehicleIds": vehicle, **day, **query}, True
    while more:
        answer = client.get("/cameras/media", **query)
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
        more = answer.json()["pagination"]["hasNextPage"]
        query["after"] = answer.json()["pagination"]["endCursor"]
    return found


def test_the_list_holds_all_media_types_but_filters_by_two(run: Callable[..., Client]) -> None:
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
def test_the_list_refuses_what_breaks_its_rules(
    run: Callable[..., Client], wrong: dict[str, Any]
) -> None:
    query = {"vehicleIds": TRUCK.id, "startTime": text(START), "endTime": until(60), **wrong}
    assert run().get("/cameras/media", **query).status_code == 400


def test_our_own_retrievals_are_listed_once_they_are_available(
    run: Callable[..., Client],
) -> None:
    client = run(OnClip("failed", at=1))
    client.settled(client.request(mediaType=LOW))
    client.settled(client.request(1))
    (item,) = listed(client)
    assert (item["mediaType"], item["triggerReason"]) == (LOW, "api")
    assert listed(client, triggerReasons=["safetyEvent"]) == []
    assert [item["input"] for item in listed(client, f"1,samsara.vin:{TRUCK.vin}")] == [
        "dashcamForwardFacing"
    ]


def test_the_window_of_the_list_takes_what_overlaps_it(run: Callable[..., Client]) -> None:
    client = run(
        uploaded=[
            Uploaded(ROAD, START, media_type="image"),
            Uploaded(DRIVER, START, 10),
        ]
    )

    def found(begin: float, end: float) -> list[str]:
        window = {"startTime": until(begin), "endTime": until(end)}
        return [item["mediaType"] for item in listed(client, **window)]

    assert found(0, 60) == found(-5, 0) == found(0, 0) == ["image", "videoHighRes"]
    assert found(-5, -1) == found(10, 60) == []
    assert found(1, 60) == ["videoHighRes"]


def test_listed_footage_can_lack_its_url_or_break(run: Callable[..., Client]) -> None:
    broken = Uploaded(DRIVER, START, 10, bad=[OnClip("html")])
    client = run(uploaded=[Uploaded(ROAD, START, 10, url=False), broken])
    without, other = listed(client)
    assert "urlInfo" not in without
    assert without["availableAtTime"]
    assert fetch(other["urlInfo"]["url"]).headers["Content-Type"].startswith("text/html")


def test_a_vehicle_is_found_by_its_external_id(run: Callable[..., Client]) -> None:
    answer = run().get(f"/fleet/vehicles/samsara.vin:{TRUCK.vin}")
    assert answer.json()["data"]["id"] == TRUCK.id


# --- the quota --------------------------------------------------------------------------------


def test_the_quota_counts_each_media_type_by_its_weight(run: Callable[..., Client]) -> None:
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


def test_what_is_not_completed_does_not_count(run: Callable[..., Client]) -> None:
    client = run(OnClip("late", 60.0, at=1), OnClip("failed", at=2))
    client.request(1)
    client.settled(client.request(2))
    assert client.sim.quota_used == 0


@pytest.mark.parametrize("status", [429, "403", "400"])
def test_the_refusal_and_the_sentence_can_be_others(
    run: Callable[..., Client], status: int | str
) -> None:
    sentence = "{quota:,.0f} s a month, {used:g} s used"
    client = run(quota=1000.5, quota_used=1000.0, quota_refusal=status, quota_sentence=sentence)
    answer = client.post().json()["data"]
    assert answer["quotaStatus"] == "1,000 s a month, 1000 s used"
    client.settled(answer["retrievalId"])
    assert client.post(1).status_code == int(status)
    assert len(client.sim.retrievals) == 1


def test_a_still_is_drawn_the_same_each_time(tmp_path: Path) -> None:
    content = Content("Truck 42", SMALL[ROAD], START, 0)
    for name in ("a", "b"):
        draw(content, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
