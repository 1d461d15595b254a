"""The simulated Motive where nothing is documented, and on a bad day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
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
    SMALL_1FPS,
    START,
    TRUCK,
    MotiveClient,
    RunMotive,
    fetch,
    fetch_whole,
    message_of,
    text,
    wait_for,
)

from simulator import MotiveStyle, OnCall, OnClip, Scenario
from simulator import start as start_simulator


@pytest.mark.parametrize("wrapper", ["video_recall_request", "data", "data.video_recall_request"])
def test_recalls_can_be_wrapped(run_motive: RunMotive, wrapper: str) -> None:
    client = run_motive(
        NO_FOOTAGE, style={"wrapper": wrapper, "id_as": "number", "create_status": 200}
    )
    answer = client.post()
    assert answer.status_code == 200

    def unwrapped(answer: Any) -> dict[str, Any]:
        for name in wrapper.split("."):
            assert list(answer) == [name]
            answer = answer[name]
        return dict(answer)

    recall = unwrapped(answer.json())["id"]
    assert isinstance(recall, int)
    assert unwrapped(client.get(f"{RECALLS}/{recall}").json())["id"] == recall


@pytest.mark.parametrize("as_what", ["text", "list", "object"])
def test_urls_have_other_keys(run_motive: RunMotive, as_what: str) -> None:
    client = run_motive(
        style={
            "position_key": "camera",
            "url_key": "download_urls",
            "urls_as": as_what,
            "expiry_key": "",
            "camera_status": False,
            "url_awaited": False,
        },
        delay=LONG,
    )
    recall = client.request(camera_positions=["driver_facing"])
    assert client.get(f"{RECALLS}/{recall}").json()["cameras"] == [{"camera": "driver_facing"}]
    client.sim.finish_uploads()
    (camera,) = client.settled(f"{RECALLS}/{recall}")["cameras"]
    assert set(camera) == {"camera", "download_urls"}
    given = camera["download_urls"]
    url = {"text": lambda: given, "list": lambda: given[0], "object": lambda: given["mp4"]}
    assert fetch(url[as_what]()).status_code == 200


def test_cameras_can_be_an_object_with_the_actual_times(run_motive: RunMotive) -> None:
    client = run_motive(
        OnClip("early", 4.0, camera=ROAD),
        style={"cameras_as": "object", "camera_times": True, "url_key": "url"},
    )
    recall = client.recall(camera_positions=["front_facing"])
    assert recall["start_time"] == text(START)
    (camera,) = recall["cameras"].values()
    assert list(recall["cameras"]) == ["front_facing"]
    assert (camera["start_time"], camera["end_time"]) == (
        "2025-03-01T13:29:56Z",
        "2025-03-01T13:31:00Z",
    )
    assert camera["url"].startswith(client.sim.media_url)


def test_actual_times_are_left_out_by_default(run_motive: RunMotive) -> None:
    client = run_motive(OnClip("early", 4.0))
    camera = client.cameras(camera_positions=["front_facing"])["front_facing"]
    assert set(camera) == {"position", "status", "download_url", "expires_at"}


def test_statuses_can_have_other_names(run_motive: RunMotive) -> None:
    names = {"pending": "Processing", "done": "COMPLETED", "failed": "Error", "mixed": "Partial"}
    client = run_motive(OnClip("failed", camera=DRIVER), style=names, delay=LONG)
    recall = f"{RECALLS}/{client.request(camera_positions=['front_facing', 'driver_facing'])}"
    assert client.get(recall).json()["status"] == "Processing"
    client.sim.finish_uploads()
    answer = client.settled(recall, pending="Processing")
    assert answer["status"] == "Partial"
    assert [camera["status"] for camera in answer["cameras"]] == ["COMPLETED", "Error"]


@pytest.mark.parametrize("key", ["error_message", "error", "message", "errors", ""])
def test_errors_have_other_bodies(run_motive: RunMotive, key: str) -> None:
    client = run_motive(style={"error_key": key, "rule_code": 400})
    answer = client.post(duration=7)
    assert answer.status_code == 400
    message = answer.json()[key] if key else answer.text
    assert "duration" in (message[0] if key == "errors" else message)


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="cameras_as"):
        MotiveStyle(cameras_as="tuple")


def test_a_style_is_chosen_by_name_and_value() -> None:
    style = MotiveStyle()
    for choice in ("cameras_as=object", "smart_dashcam=yes", "regular_minutes=0", "mixed=partial"):
        style = style.with_choice(choice)
    assert style == MotiveStyle(
        cameras_as="object", smart_dashcam=True, regular_minutes=0, mixed="partial"
    )


@pytest.mark.parametrize(
    "choice", ["", "cameras_as", "cameras_as=heap", "colour=red", "smart_dashcam=1", "kept=5"]
)
def test_what_is_no_choice_is_refused(choice: str) -> None:
    with pytest.raises(ValueError, match=r"no choice|is one of"):
        MotiveStyle().with_choice(choice)


def test_one_camera_can_fail_alone(run_motive: RunMotive) -> None:
    client = run_motive(OnClip("failed", camera="analog1", times=1), OnClip("unavailable", at=5))
    recall = client.recall()
    assert recall["status"] == "success"
    assert [camera["status"] for camera in recall["cameras"]] == ["success", "success", "failed"]
    assert recall["cameras"][2]["download_url"] is None
    assert client.cameras()["side_left"]["status"] == "success"
    nothing = client.recall(5)
    assert (nothing["status"], {camera["status"] for camera in nothing["cameras"]}) == (
        "failed",
        {"failed"},
    )


def test_mishaps_by_minute_apply_to_recalls_that_begin_there(run_motive: RunMotive) -> None:
    client = run_motive(
        OnClip("unavailable", at=0),  # so that it need not be rendered
        OnClip("not_recording", at=3),
        OnClip("failed", camera=ROAD, at="13:37"),
    )
    assert [client.post(minute, duration=3).status_code for minute in (0, 3, 6)] == [201, 422, 201]
    refused = client.post(3)
    assert "not recording" in message_of(refused)
    last = client.sim.retrievals[-1]
    states = [item["status"] for item in client.settled(f"{RECALLS}/{last.id}")["cameras"]]
    assert states == ["failed", "success", "success"]


def test_odd_statuses_and_empty_polls_keep_a_recall_pending(run_motive: RunMotive) -> None:
    client = run_motive(OnClip("odd_status", "archiving", camera=ROAD, times=3), empty_polls=1)
    path = f"{RECALLS}/{client.request()}"
    first, second = client.get(path).json(), client.get(path).json()
    assert (first["status"], first["cameras"]) == ("pending", [])
    assert (second["status"], second["cameras"][0]["status"]) == ("pending", "archiving")
    assert client.settled(path)["status"] == "success"


def test_urls_expire(run_motive: RunMotive) -> None:
    camera = run_motive(OnClip("expire", 0)).cameras(camera_positions=["front_facing"])[
        "front_facing"
    ]
    assert fetch(camera["download_url"]).status_code == 403


def test_calls_have_the_same_names_for_both_providers(run_motive: RunMotive) -> None:
    client = run_motive(
        NO_FOOTAGE, OnCall("error", "quota", 500), OnCall("error", "timelines", 502)
    )
    client.request()
    capture = client.send(IMAGES, {"vehicle_number": TRUCK.name, "position": "front_facing"}).json()
    client.get(f"{RECALLS}/{client.sim.retrievals[0].id}")
    client.get(f"{IMAGES}/{capture['camera_type']}/{capture['request_id']}")
    assert client.get(f"{RECALLS}/quota").status_code == 500
    path = f"{RECALLS}/vehicles/available_timelines"
    assert client.get(path, vehicle_number=TRUCK.name).status_code == 502
    client.get("/v1/vehicles")
    client.get("/v1/assets")
    client.get("/v1/vehicles/lookup", number=TRUCK.name)
    assert [call.endpoint for call in client.sim.calls] == [
        *["post", "post", "poll", "poll"],
        *["quota", "timelines", "vehicles", "vehicles", "vehicle"],
    ]
    assert (len(client.sim.posts()), len(client.sim.polls()), len(client.sim.retrievals)) == (
        2,
        2,
        2,
    )


def test_the_demo_is_good_for_recalls_too(drawn_clips: Path) -> None:
    demo = replace(Scenario.demo(START), cameras=SMALL_1FPS, delay=0.0, cache=drawn_clips)
    with start_simulator(demo) as sim:
        client = MotiveClient(sim)
        assert [client.post(minute, duration=3).status_code for minute in (0, 3)] == [201, 429]
        paths = [f"{RECALLS}/{sim.retrievals[0].id}", f"{RECALLS}/{client.request(3, duration=3)}"]
        answers = [client.get(paths[0]) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 503]
        answer = wait_for(
            lambda: client.get(paths[0]).json(),
            lambda answer: answer["cameras"][1]["status"] == "success",
        )
        driver = answer["cameras"][1]["download_url"]
        with pytest.raises(requests.exceptions.RequestException):
            fetch_whole(driver)
        fetch_whole(driver)
        road = next(item for item in sim.retrievals[1].items if item.input == ROAD)
        assert road.start == START + timedelta(minutes=2, seconds=56)
