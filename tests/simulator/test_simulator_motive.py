"""The simulated Motive keeps its documented rules, and is free where nothing is documented."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
import requests
from PIL import Image

from simulator import (
    ASSETS,
    CAMERAS,
    TRUCKS,
    MotiveStyle,
    OnCall,
    OnClip,
    Scenario,
    Simulator,
    Truck,
    cameras,
)
from simulator import start as start_simulator
from simulator.footage import read_clock
from simulator.motive_rules import POSITIONS, segments

UTC = timezone.utc
START = datetime(2025, 3, 1, 13, 30, tzinfo=UTC)
TRUCK, ASSET = TRUCKS[0], ASSETS[0]
RECALLS, IMAGES = "/v1/video_recall_requests", "/v1/image_captures"
ROAD, DRIVER = "dashcamRoadFacing", "dashcamDriverFacing"
SMALL = cameras(width=160, height=120, fps=1, sound=False)


class Client:
    """The bare calls, as a program would make them."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.headers = {"X-Api-Key": sim.token}

    def get(self, path: str, **params: Any) -> requests.Response:
        url = self.sim.motive_url + path
        return requests.get(url, params=params, headers=self.headers, timeout=9)

    def send(self, path: str, body: Any) -> requests.Response:
        url = self.sim.motive_url + path
        return requests.post(url, json=body, headers=self.headers, timeout=9)

    def post(self, minute: int = 0, **body: Any) -> requests.Response:
        """Ask for the first truck's footage; a field that is None is left out."""
        wanted = {
            "vehicle_number": TRUCK.name,
            "start_time": text(START + timedelta(minutes=minute)),
            "duration": 1,
            "recall_type": "regular",
            **body,
        }
        wanted = {key: value for key, value in wanted.items() if value is not None}
        return self.send(RECALLS, wanted)

    def request(self, minute: int = 0, **body: Any) -> str:
        answer = self.post(minute, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def settled(self, path: str) -> dict[str, Any]:
        """The recall or the image, once it is no longer pending."""
        for _ in range(150):
            answer = self.get(path).json()
            if answer["status"] != "pending":
                return dict(answer)
            time.sleep(0.03)
        raise AssertionError("pending for ever")

    def recall(self, minute: int = 0, **body: Any) -> dict[str, Any]:
        return self.settled(f"{RECALLS}/{self.request(minute, **body)}")

    def cameras(self, minute: int = 0, **body: Any) -> dict[str, dict[str, Any]]:
        found = self.recall(minute, **body)["cameras"]
        return {camera["position"]: camera for camera in found}


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def complaint(answer: requests.Response) -> str:
    assert set(answer.json()) == {"error_message"}
    return str(answer.json()["error_message"])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture
def run(drawn: Path) -> Iterator[Callable[..., Client]]:
    running: list[Simulator] = []

    def begin(*bad: OnClip | OnCall, style: dict[str, Any] | None = None, **more: Any) -> Client:
        usual = {"cameras": SMALL, "cache": drawn, "delay": 0.0, "start": START}
        scenario = Scenario(bad=bad, motive=MotiveStyle(**(style or {})), **{**usual, **more})
        running.append(start_simulator(scenario))
        return Client(running[-1])

    yield begin
    for sim in running:
        sim.stop()


# --- asking -----------------------------------------------------------------------------------


def test_a_recall_covers_all_cameras_and_becomes_available(run: Callable[..., Client]) -> None:
    client = run(delay=0.3)
    answer = client.post(duration=2)
    assert answer.status_code == 201
    created = answer.json()
    assert (created["status"], created["recall_type"]) == ("pending", "regular")
    assert created["vehicle"] == {"id": int(TRUCK.id), "number": "Truck 42"}
    assert (created["start_time"], created["end_time"]) == (text(START), "2025-03-01T13:32:00Z")
    first = client.get(f"{RECALLS}/{created['id']}").json()
    assert first["status"] == "pending"
    assert {camera["download_url"] for camera in first["cameras"]} == {None}
    done = client.settled(f"{RECALLS}/{created['id']}")
    assert (done["status"], done["created_at"]) == ("success", created["created_at"])
    assert [camera["position"] for camera in done["cameras"]] == [
        "front_facing",
        "driver_facing",
        "side_left",
    ]
    for camera in done["cameras"]:
        clip = requests.get(camera["download_url"], timeout=9)
        assert (clip.headers["Content-Type"], clip.content[4:8]) == ("video/mp4", b"ftyp")
    (retrieval,) = client.sim.retrievals
    assert (retrieval.id, retrieval.inputs) == (created["id"], (ROAD, DRIVER, "analog1"))


def clocks(url: str, folder: Path) -> list[Any]:
    """Camera number and time in each frame of a small clip."""
    clip = folder / "clip.mp4"
    clip.write_bytes(requests.get(url, timeout=9).content)
    reader = imageio_ffmpeg.read_frames(str(clip))
    next(reader)  # tells about the clip
    return [read_clock(np.frombuffer(frame, np.uint8).reshape(120, 160, 3)) for frame in reader]


def test_the_clip_is_of_the_camera_and_the_time(run: Callable[..., Client], tmp_path: Path) -> None:
    url = run().cameras(1, camera_positions=["side_left"])["side_left"]["download_url"]
    number, begin = CAMERAS["analog1"].number, START + timedelta(minutes=1)
    expected = [(number, begin + timedelta(seconds=second)) for second in range(60)]
    assert clocks(url, tmp_path) == expected


def test_each_look_gives_a_new_url(run: Callable[..., Client]) -> None:
    client = run()
    recall = client.request(camera_positions=["rear", "front_facing"])
    urls = {client.settled(f"{RECALLS}/{recall}")["cameras"][0]["download_url"] for _ in "ab"}
    assert len(urls) == 2


def test_positions_choose_cameras_and_what_a_truck_lacks_is_not_named(
    run: Callable[..., Client],
) -> None:
    client = run(vehicles=[replace(TRUCK, cameras=tuple(CAMERAS)), *TRUCKS[1:]])
    assert set(client.cameras()) == set(POSITIONS)
    chosen = ["front_narrow_facing", "side_right"]
    assert list(client.cameras(camera_positions=chosen)) == chosen
    two = client.cameras(vehicle_number="Truck 43", camera_positions=["driver_facing", "rear"])
    assert list(two) == ["driver_facing"]
    none = client.post(vehicle_number="Truck 43", camera_positions=["rear"])
    assert none.status_code == 422
    assert client.post(vehicle_number="Trailer 101").status_code == 422
    strict = run(missing_camera="refuse")
    assert strict.post(camera_positions=["driver_facing", "rear"]).status_code == 422


def test_assets_are_asked_by_name(run: Callable[..., Client]) -> None:
    client = run()
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
    run: Callable[..., Client], body: dict[str, Any], status: int, word: str
) -> None:
    client = run()
    answer = client.post(**body)
    assert answer.status_code == status
    assert word in complaint(answer)
    assert client.sim.retrievals == []


def test_a_body_that_is_no_object_is_refused(run: Callable[..., Client]) -> None:
    client = run()
    assert [client.send(path, [1]).status_code for path in (RECALLS, IMAGES)] == [400, 400]


def test_the_type_may_be_left_out_and_offsets_are_understood(run: Callable[..., Client]) -> None:
    recall = run().recall(recall_type=None, start_time="2025-03-01T08:30-05:00")
    assert (recall["recall_type"], recall["start_time"]) == ("regular", text(START))


def test_footage_that_is_not_over_yet_is_refused(run: Callable[..., Client]) -> None:
    answer = run().post(start_time=text(datetime.now(UTC) - timedelta(seconds=20)))
    assert "not available" in complaint(answer)


def test_timelapse_is_sped_up(run: Callable[..., Client], tmp_path: Path) -> None:
    client = run(hyperlapse_factor=30)
    timelapse = {"duration": 5, "recall_type": "timelapse", "camera_positions": ["side_left"]}
    url = client.cameras(**timelapse)["side_left"]["download_url"]
    seen = [moment for _, moment in clocks(url, tmp_path)]
    assert seen == [START + timedelta(seconds=30 * frame) for frame in range(10)]


# --- keys, limits, quota ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "key", "status"),
    [({}, "wrong", 401), ({"forbidden": True}, None, 403), ({"revoke_after": 0}, None, 401)],
)
def test_keys_are_checked(
    run: Callable[..., Client], options: dict[str, Any], key: str | None, status: int
) -> None:
    client = run(**options)
    client.headers["X-Api-Key"] = key or client.sim.token
    answer = client.get("/v1/vehicles")
    assert answer.status_code == status
    assert complaint(answer)


def test_the_other_providers_header_is_no_key(run: Callable[..., Client]) -> None:
    client = run()
    client.headers = {"Authorization": f"Bearer {client.sim.token}"}
    assert client.get("/v1/vehicles").status_code == 401
    client.headers = {"X-Api-Key": client.sim.token}
    fleet = f"{client.sim.api_url}/fleet/vehicles"
    assert requests.get(fleet, headers=client.headers, timeout=9).status_code == 401


def test_the_media_host_takes_no_key(run: Callable[..., Client]) -> None:
    client = run()
    url = client.cameras(camera_positions=["front_facing"])["front_facing"]["download_url"]
    assert requests.get(url, headers=client.headers, timeout=9).status_code == 400
    assert requests.get(url, timeout=9).status_code == 200


def test_unknown_things_are_not_found(run: Callable[..., Client]) -> None:
    client = run()
    paths = (f"{RECALLS}/1", f"{IMAGES}/dashcam/1", "/v1/nothing", "/v1/vehicles/lookup?number=x")
    for path in paths:
        answer = client.get(path)
        assert (answer.status_code, bool(complaint(answer))) == (404, True)
    assert client.get(RECALLS).status_code == 405
    assert client.get("/v1/vehicles/lookup").status_code == 400


def test_quota_is_minutes_of_a_recall_however_many_cameras(run: Callable[..., Client]) -> None:
    client = run(style={"regular_minutes": 10, "regular_used": 5, "timelapse_minutes": 20})
    client.request(duration=3)
    client.request(10, duration=15, recall_type="timelapse", camera_positions=["rear", "side_left"])
    answer = client.get(f"{RECALLS}/quota").json()
    assert answer["quota_info"] == {
        "regular": {"used_minutes": 8, "remaining_minutes": 2, "total_minutes": 10},
        "timelapse": {"used_minutes": 15, "remaining_minutes": 5, "total_minutes": 20},
    }
    assert answer["rate_limit"] == {"limit": 60, "period_seconds": 60.0}


@pytest.mark.parametrize("code", [429, 422, 403])
def test_a_quota_that_is_used_up_refuses_and_does_not_say_how_long(
    run: Callable[..., Client], code: int
) -> None:
    client = run(style={"regular_minutes": 3, "quota_code": code})
    client.request(duration=2)
    refusal = client.post(5, duration=2)
    assert (refusal.status_code, "quota" in complaint(refusal)) == (code, True)
    assert "Retry-After" not in refusal.headers
    client.request(5, duration=1)


@pytest.mark.parametrize("told", [False, True])
def test_too_many_posts_are_refused(run: Callable[..., Client], told: bool) -> None:
    client = run(style={"rate_limit": (2, 60.0), "retry_after": told, "rate_limit_key": "limit"})
    answers = [client.post(minute) for minute in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert ("Retry-After" in answers[2].headers) == told
    assert client.get(f"{RECALLS}/quota").json()["limit"] == {"limit": 2, "period_seconds": 60.0}
    assert len(client.sim.retrievals) == 2


@pytest.mark.parametrize("code", [409, 422, 400])
def test_duplicates_can_be_rejected(run: Callable[..., Client], code: int) -> None:
    client = run(style={"duplicates": "reject", "duplicate_code": code})
    first = client.request()
    refusal = client.post(camera_positions=["driver_facing"])
    assert refusal.status_code == code
    assert {"duplicate", "already"} <= set(complaint(refusal).lower().split())
    others: list[dict[str, Any]] = [
        {"minute": 1},
        {"duration": 2},
        {"vehicle_number": "Truck 43"},
        {"duration": 5, "recall_type": "timelapse"},
    ]
    assert len({first, *(client.request(**other) for other in others)}) == 5


def test_duplicates_are_accepted_otherwise(run: Callable[..., Client]) -> None:
    client = run()
    assert client.request() != client.request()


def test_smart_dashcams_give_one_minute_and_no_timelapse(run: Callable[..., Client]) -> None:
    client = run(style={"smart_dashcam": True})
    client.request()
    for body in ({"duration": 2}, {"duration": 5, "recall_type": "timelapse"}):
        refusal = client.post(**body)
        assert (refusal.status_code, "Smart dashcams" in complaint(refusal)) == (422, True)
    client.request(vehicle_number=None, asset_name=ASSET.name, duration=3)


# --- timelines --------------------------------------------------------------------------------


def test_timelines_lack_the_holes_and_recalls_that_touch_one_are_refused(
    run: Callable[..., Client],
) -> None:
    hole = (START + timedelta(minutes=2), START + timedelta(minutes=4))
    client = run(footage_holes=[hole])
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


def test_timelines_of_assets(run: Callable[..., Client]) -> None:
    client = run(style={"kept": timedelta(hours=30), "timeline_names": ("number", "name")})
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


def test_quota_and_timelines_can_be_missing(run: Callable[..., Client]) -> None:
    client = run(style={"quota_status": 500, "timelines_status": 404})
    assert client.get(f"{RECALLS}/quota").status_code == 500
    path = f"{RECALLS}/vehicles/available_timelines"
    assert client.get(path, vehicle_number=TRUCK.name).status_code == 404


# --- images -----------------------------------------------------------------------------------


def image_of(client: Client, **body: str) -> dict[str, Any]:
    answer = client.send(IMAGES, body)
    assert answer.status_code == 200, answer.text
    pending = answer.json()
    assert pending["status"] == "pending"
    return client.settled(f"{IMAGES}/{pending['camera_type']}/{pending['request_id']}")


def test_an_image_is_of_the_moment_of_its_request(run: Callable[..., Client]) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    client = run(delay=0.2)
    image = image_of(client, vehicle_number=TRUCK.name, position="driver_facing")
    assert (image["camera_type"], image["status"]) == ("dashcam", "success")
    assert image["vehicle"] == {"id": int(TRUCK.id), "number": TRUCK.name}
    assert set(image["images"]["driver_facing"]) == {"url", "expires_at"}
    data = requests.get(image["images"]["driver_facing"]["url"], timeout=9).content
    clock = read_clock(np.asarray(Image.open(BytesIO(data)).convert("L")))
    assert clock is not None
    assert clock[0] == CAMERAS[DRIVER].number
    assert before <= clock[1] <= datetime.now(UTC)


def test_images_of_assets_come_from_omnicams(run: Callable[..., Client]) -> None:
    client = run(style={"dashcam_type": "ai_dashcam_plus"})
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
    run: Callable[..., Client], body: dict[str, Any], status: int
) -> None:
    answer = run().send(IMAGES, body)
    assert (answer.status_code, bool(complaint(answer))) == (status, True)


def test_images_fail_or_are_not_recorded(run: Callable[..., Client]) -> None:
    client = run(OnClip("failed", camera=DRIVER), OnClip("not_recording", camera=ROAD))
    failed = image_of(client, vehicle_number=TRUCK.name, position="driver_facing")
    assert (failed["status"], failed["images"]) == ("failed", {})
    refused = client.send(IMAGES, {"vehicle_number": TRUCK.name, "position": "front_facing"})
    assert "not recording" in complaint(refused)


def test_images_need_a_feature_of_the_company(run: Callable[..., Client]) -> None:
    answer = run(style={"images": False}).send(
        IMAGES, {"vehicle_number": TRUCK.name, "position": "front_facing"}
    )
    assert (answer.status_code, "video_monitoring" in complaint(answer)) == (403, True)


# --- the fleet --------------------------------------------------------------------------------


def test_vehicles_come_in_numbered_pages_and_wrapped(run: Callable[..., Client]) -> None:
    client = run()
    first = client.get("/v1/vehicles", per_page=3).json()
    assert first["pagination"] == {"per_page": 3, "page_no": 1, "total": len(TRUCKS)}
    second = client.get("/v1/vehicles", per_page=3, page_no=2).json()
    items = first["vehicles"] + second["vehicles"]
    assert [item["vehicle"]["number"] for item in items] == [truck.name for truck in TRUCKS]
    assert client.get("/v1/vehicles", page_no=3).json()["vehicles"] == []
    assert client.get("/v1/vehicles").json()["pagination"]["per_page"] == 25
    assert client.get("/v1/vehicles", per_page=500).json()["pagination"]["per_page"] == 100
    assert client.get("/v1/vehicles", page_no=0).status_code == 400
    short = run(page_size=2).get("/v1/vehicles", per_page=100).json()
    assert (len(short["vehicles"]), short["pagination"]["per_page"]) == (2, 2)


def test_a_vehicle_is_found_by_its_number(run: Callable[..., Client]) -> None:
    vehicle = run().get("/v1/vehicles/lookup", number="Van 7 / North").json()["vehicle"]
    assert (vehicle["id"], vehicle["status"]) == (281474976710007, "active")
    assert set(vehicle["eld_device"]) == {"id", "identifier"}


def test_assets_are_found_by_name(run: Callable[..., Client]) -> None:
    client = run(assets=[ASSET, Truck("7", "TRAILER-77", ("analog1",))])

    def names(**query: str) -> list[str]:
        found = client.get("/v1/assets", **query).json()["assets"]
        return [item["asset"]["name"] for item in found]

    assert names() == names(name="trailer-7") == ["TRAILER-7", "TRAILER-77"]
    assert names(name="TRAILER-7", exact_match="true") == ["TRAILER-7"]
    assert names(status="deactivated") == []


# --- what is not documented -------------------------------------------------------------------


@pytest.mark.parametrize("wrapper", ["video_recall_request", "data", "data.video_recall_request"])
def test_recalls_can_be_wrapped(run: Callable[..., Client], wrapper: str) -> None:
    client = run(style={"wrapper": wrapper, "id_as": "number", "create_status": 200})
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
def test_urls_have_other_keys(run: Callable[..., Client], as_what: str) -> None:
    client = run(
        style={
            "position_key": "camera",
            "url_key": "download_urls",
            "urls_as": as_what,
            "expiry_key": "",
            "camera_status": False,
            "url_awaited": False,
        },
        delay=0.2,
    )
    recall = client.request(camera_positions=["driver_facing"])
    assert client.get(f"{RECALLS}/{recall}").json()["cameras"] == [{"camera": "driver_facing"}]
    (camera,) = client.settled(f"{RECALLS}/{recall}")["cameras"]
    assert set(camera) == {"camera", "download_urls"}
    given = camera["download_urls"]
    url = {"text": lambda: given, "list": lambda: given[0], "object": lambda: given["mp4"]}
    assert requests.get(url[as_what](), timeout=9).status_code == 200


def test_cameras_can_be_an_object_that_tells_the_actual_times(run: Callable[..., Client]) -> None:
    client = run(
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


def test_actual_times_are_kept_quiet_by_default(run: Callable[..., Client]) -> None:
    client = run(OnClip("early", 4.0))
    camera = client.cameras(camera_positions=["front_facing"])["front_facing"]
    assert set(camera) == {"position", "status", "download_url", "expires_at"}


def test_statuses_have_other_words(run: Callable[..., Client]) -> None:
    words = {"pending": "Processing", "done": "COMPLETED", "failed": "Error", "mixed": "Partial"}
    client = run(OnClip("failed", camera=DRIVER), style=words, delay=0.2)
    recall = f"{RECALLS}/{client.request(camera_positions=['front_facing', 'driver_facing'])}"
    assert client.get(recall).json()["status"] == "Processing"
    time.sleep(0.2)
    for _ in range(100):
        answer = client.get(recall).json()
        if answer["status"] != "Processing":
            break
        time.sleep(0.03)
    assert answer["status"] == "Partial"
    assert [camera["status"] for camera in answer["cameras"]] == ["COMPLETED", "Error"]


@pytest.mark.parametrize("key", ["error_message", "error", "message", "errors", ""])
def test_errors_have_other_bodies(run: Callable[..., Client], key: str) -> None:
    client = run(style={"error_key": key, "rule_code": 400})
    answer = client.post(duration=7)
    assert answer.status_code == 400
    message = answer.json()[key] if key else answer.text
    assert "duration" in (message[0] if key == "errors" else message)


def test_a_style_that_is_none_is_noticed() -> None:
    with pytest.raises(ValueError, match="cameras_as"):
        MotiveStyle(cameras_as="tuple")


# --- bad days ---------------------------------------------------------------------------------


def test_one_camera_can_fail_alone(run: Callable[..., Client]) -> None:
    client = run(OnClip("failed", camera="analog1", times=1), OnClip("unavailable", at=5))
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


def test_mishaps_by_minute_strike_the_recall_that_begins_there(run: Callable[..., Client]) -> None:
    client = run(OnClip("not_recording", at=3), OnClip("failed", camera=ROAD, at="13:37"))
    assert [client.post(minute, duration=3).status_code for minute in (0, 3, 6)] == [201, 422, 201]
    refused = client.post(3)
    assert "not recording" in complaint(refused)
    last = client.sim.retrievals[-1]
    states = [item["status"] for item in client.settled(f"{RECALLS}/{last.id}")["cameras"]]
    assert states == ["failed", "success", "success"]


def test_odd_statuses_and_empty_looks_keep_a_recall_pending(run: Callable[..., Client]) -> None:
    client = run(OnClip("odd_status", "archiving", camera=ROAD, times=3), empty_polls=1)
    path = f"{RECALLS}/{client.request()}"
    first, second = client.get(path).json(), client.get(path).json()
    assert (first["status"], first["cameras"]) == ("pending", [])
    assert (second["status"], second["cameras"][0]["status"]) == ("pending", "archiving")
    assert client.settled(path)["status"] == "success"


def test_urls_expire(run: Callable[..., Client]) -> None:
    camera = run(OnClip("expire", 0)).cameras(camera_positions=["front_facing"])["front_facing"]
    assert requests.get(camera["download_url"], timeout=9).status_code == 403


def test_calls_go_wrong_before_and_after_they_are_accepted(run: Callable[..., Client]) -> None:
    kinds = ("throttle", "error", "lost", "drop", "lost_drop", "gateway", "nonsense")
    client = run(*(OnCall(kind, "post", nth=(n,)) for n, kind in enumerate(kinds, 1)))
    answered = []
    for _ in range(8):
        try:
            answered.append(client.post().status_code)
        except requests.exceptions.ConnectionError:
            answered.append(0)
    assert answered == [429, 503, 503, 0, 0, 502, 200, 201]
    accepted = [bool(call.accepted) for call in client.sim.posts()]
    assert accepted == [False, False, True, False, True, False, False, True]
    assert [call.accepted for call in client.sim.posts() if call.accepted] == [
        retrieval.id for retrieval in client.sim.retrievals
    ]


def test_calls_are_recorded_under_the_words_that_both_providers_share(
    run: Callable[..., Client],
) -> None:
    client = run(OnCall("error", "quota", 500), OnCall("error", "timelines", 502))
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


def test_the_demo_is_good_for_recalls_too() -> None:
    demo = replace(Scenario.demo(START), cameras=SMALL, delay=0.0)
    with start_simulator(demo) as sim:
        client = Client(sim)
        assert [client.post(minute, duration=3).status_code for minute in (0, 3)] == [201, 429]
        paths = [f"{RECALLS}/{sim.retrievals[0].id}", f"{RECALLS}/{client.request(3, duration=3)}"]
        answers = [client.get(paths[0]) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 503]
        time.sleep(0.1)
        assert client.get(paths[0]).json()["status"] == "pending"  # side_left is late by 2 s
        cameras = {}
        for _ in range(100):
            cameras = {c["position"]: c for c in client.get(paths[0]).json()["cameras"]}
            if cameras["driver_facing"]["download_url"]:
                break
            time.sleep(0.03)
        with pytest.raises(requests.exceptions.RequestException):
            whole(cameras["driver_facing"]["download_url"])
        whole(cameras["driver_facing"]["download_url"])
        road = next(item for item in sim.retrievals[1].items if item.input == ROAD)
        assert road.start == START + timedelta(minutes=2, seconds=56)


def whole(url: str) -> bytes:
    """The body, and an error where it is shorter than promised."""
    answer = requests.get(url, timeout=9)
    if len(answer.content) != int(answer.headers["Content-Length"]):
        raise requests.exceptions.ConnectionError("short")
    return answer.content


# --- choosing the style from the command line -----------------------------------------------------


def test_a_style_is_chosen_by_words() -> None:
    style = MotiveStyle()
    for choice in ("cameras_as=object", "smart_dashcam=yes", "regular_minutes=0", "mixed=partial"):
        style = style.with_choice(choice)
    assert style == MotiveStyle(
        cameras_as="object", smart_dashcam=True, regular_minutes=0, mixed="partial"
    )


@pytest.mark.parametrize(
    "choice", ["", "cameras_as", "cameras_as=heap", "colour=red", "smart_dashcam=1", "kept=5"]
)
def test_what_is_no_choice_is_told(choice: str) -> None:
    with pytest.raises(ValueError, match=r"no choice|is one of"):
        MotiveStyle().with_choice(choice)
