"""The bare calls of the simulated APIs, and reading their footage: for the simulator's tests."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import imageio_ffmpeg
import numpy as np
import requests

from simulator import TRUCKS, OnClip, Simulator, cameras
from simulator.footage import read_clock

START = datetime(2025, 3, 1, 13, 30, tzinfo=timezone.utc)
LONG = 3600.0  # seconds of uploading that only `Simulator.finish_uploads` ends
ROAD, DRIVER = "dashcamRoadFacing", "dashcamDriverFacing"
TRUCK = TRUCKS[0]
WIDTH, HEIGHT = 160, 120
SMALL = cameras(width=WIDTH, height=HEIGHT, fps=5, sound=False)
SMALL_1FPS = cameras(width=WIDTH, height=HEIGHT, fps=1, sound=False)
NO_FOOTAGE = OnClip("unavailable")  # for tests that need no clips: nothing is rendered
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
RETRIEVALS, RECALLS, IMAGES = (
    "/cameras/media/retrieval",
    "/v1/video_recall_requests",
    "/v1/image_captures",
)

Answer = TypeVar("Answer")


class BareClient:
    """Calls one of the simulated APIs directly, without the program's own clients."""

    def __init__(self, sim: Simulator, origin: str, headers: dict[str, str]) -> None:
        self.sim = sim
        self.origin = origin
        self.headers = headers

    def get(self, path: str, **params: Any) -> requests.Response:
        return requests.get(self.origin + path, params=params, headers=self.headers, timeout=9)

    def send(self, path: str, body: Any, timeout: float = 9) -> requests.Response:
        return requests.post(self.origin + path, json=body, headers=self.headers, timeout=timeout)


class SamsaraClient(BareClient):
    def __init__(self, sim: Simulator) -> None:
        super().__init__(sim, sim.api_url, {"Authorization": f"Bearer {sim.token}"})

    def post(
        self, minute: int = 0, seconds: float = 10, timeout: float = 9, **body: Any
    ) -> requests.Response:
        """Request footage of the first truck's road camera."""
        begin = START + timedelta(minutes=minute)
        wanted = {
            "vehicleId": TRUCK.id,
            "mediaType": "videoHighRes",
            "startTime": text(begin),
            "endTime": text(begin + timedelta(seconds=seconds)),
            "inputs": [ROAD],
            **body,
        }
        return self.send(RETRIEVALS, wanted, timeout)

    def pages(self, path: str, query: dict[str, Any]) -> list[list[dict[str, Any]]]:
        """The items of a list, page by page."""
        pages: list[list[dict[str, Any]]] = []
        more, after = True, dict[str, str]()
        while more:
            answer = self.get(path, **query, **after)
            assert answer.status_code == 200, answer.text
            data = answer.json()["data"]
            pages.append(list(data["media"] if path == "/cameras/media" else data))
            after = {"after": answer.json()["pagination"]["endCursor"]}
            more = answer.json()["pagination"]["hasNextPage"]
        return pages

    def request(self, *place: int, **body: Any) -> str:
        """The id of a new retrieval."""
        return str(self.post(*place, **body).json()["data"]["retrievalId"])

    def poll(self, retrieval: str) -> list[dict[str, Any]]:
        answer = self.get(RETRIEVALS, retrievalId=retrieval)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"]["media"])

    def settled(self, retrieval: str) -> dict[str, Any]:
        """The one item, once it is no longer pending."""
        (item,) = self.all_settled(retrieval)
        return item

    def all_settled(self, retrieval: str) -> list[dict[str, Any]]:
        """The items, once none is pending any more."""
        return wait_for(
            lambda: self.poll(retrieval),
            lambda items: all(item["status"] != "pending" for item in items),
        )

    def url(self, *place: int, **body: Any) -> str:
        return str(self.settled(self.request(*place, **body))["urlInfo"]["url"])


class MotiveClient(BareClient):
    def __init__(self, sim: Simulator) -> None:
        super().__init__(sim, sim.motive_url, {"X-Api-Key": sim.token})

    def post(self, minute: int = 0, **body: Any) -> requests.Response:
        """Request the first truck's footage; a field that is None is left out."""
        wanted = {
            "vehicle_number": TRUCK.name,
            "start_time": text(START + timedelta(minutes=minute)),
            "duration": 1,
            "recall_type": "regular",
            **body,
        }
        return self.send(RECALLS, {k: value for k, value in wanted.items() if value is not None})

    def request(self, minute: int = 0, **body: Any) -> str:
        """The id of a new recall."""
        answer = self.post(minute, **body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def settled(self, path: str, pending: str = "pending") -> dict[str, Any]:
        """The recall or the image, once it is no longer pending."""
        return wait_for(
            lambda: dict(self.get(path).json()), lambda answer: answer["status"] != pending
        )

    def recall(self, minute: int = 0, **body: Any) -> dict[str, Any]:
        return self.settled(f"{RECALLS}/{self.request(minute, **body)}")

    def cameras(self, minute: int = 0, **body: Any) -> dict[str, dict[str, Any]]:
        """The cameras of a settled recall, by position."""
        return {camera["position"]: camera for camera in self.recall(minute, **body)["cameras"]}


def wait_for(read: Callable[[], Answer], is_done: Callable[[Answer], bool]) -> Answer:
    """What `read` returns, once `is_done` is true of it."""
    give_up = time.monotonic() + 60  # the longest clip is rendered in 2 s on an idle machine
    while time.monotonic() < give_up:
        value = read()
        if is_done(value):
            return value
        time.sleep(0.02)
    raise AssertionError(f"never done, last: {value!r}")


RunSamsara = Callable[..., SamsaraClient]
RunMotive = Callable[..., MotiveClient]


def until(seconds: float) -> str:
    """The time so many seconds after START."""
    return text(START + timedelta(seconds=seconds))


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def message_of(answer: requests.Response) -> str:
    """The message of one of Motive's errors."""
    assert set(answer.json()) == {"error_message"}
    return str(answer.json()["error_message"])


def fetch(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=9)


def fetch_whole(url: str) -> bytes:
    """The body. Raises ConnectionError where it is shorter than promised."""
    answer = fetch(url)
    if len(answer.content) != int(answer.headers["Content-Length"]):
        raise requests.exceptions.ConnectionError("short")
    return answer.content


def saved(url: str, folder: Path) -> Path:
    """The clip of a URL as a file."""
    path = folder / "clip.mp4"
    path.write_bytes(fetch(url).content)
    return path


def decode(path: Path, width: int = WIDTH, height: int = HEIGHT) -> Any:
    """All frames as RGB, scaled to a size."""
    command = [FFMPEG, "-v", "error", "-i", str(path), "-vf", f"scale={width}:{height}"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def clocks(path: Path, width: int = WIDTH, height: int = HEIGHT) -> list[Any]:
    """The camera's number and the time in the barcode of each frame."""
    return [read_clock(frame) for frame in decode(path, width, height)]


def seconds_shown(path: Path, width: int = WIDTH, height: int = HEIGHT) -> list[float]:
    """The time in the barcode of each frame, in seconds since START; -1 where none is readable."""
    read = clocks(path, width, height)
    return [(clock[1] - START).total_seconds() if clock else -1.0 for clock in read]
