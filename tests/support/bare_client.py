"""The bare calls of the simulated Samsara and a look at its footage: for the simulator's tests."""

from __future__ import annotations

import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import requests

from simulator import TRUCKS, Simulator, cameras

START = datetime(2025, 3, 1, 13, 30, tzinfo=timezone.utc)
ROAD, DRIVER = "dashcamRoadFacing", "dashcamDriverFacing"
TRUCK = TRUCKS[0]
SMALL = cameras(width=160, height=120, fps=5, sound=False)
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


class Client:
    """The bare calls, as a program would make them."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.headers = {"Authorization": f"Bearer {sim.token}"}

    def get(self, path: str, **params: Any) -> requests.Response:
        return requests.get(self.sim.api_url + path, params=params, headers=self.headers, timeout=9)

    def post(
        self, minute: int = 0, seconds: float = 10, poll_settings: float = 9, **body: Any
    ) -> requests.Response:
        begin = START + timedelta(minutes=minute)
        wanted = {
            "vehicleId": TRUCK.id,
            "mediaType": "videoHighRes",
            "startTime": text(begin),
            "endTime": text(begin + timedelta(seconds=seconds)),
            "inputs": [ROAD],
            **body,
        }
        url = f"{self.sim.api_url}/cameras/media/retrieval"
        return requests.post(url, json=wanted, headers=self.headers, timeout=poll_settings)

    def request(self, *place: int, **body: Any) -> str:
        return str(self.post(*place, **body).json()["data"]["retrievalId"])

    def poll(self, retrieval: str) -> list[dict[str, Any]]:
        answer = self.get("/cameras/media/retrieval", retrievalId=retrieval)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"]["media"])

    def settled(self, retrieval: str) -> dict[str, Any]:
        """The one item, once it is no longer pending."""
        give_up = time.monotonic() + 30  # the longest clip is drawn in 2 s on an idle machine
        while time.monotonic() < give_up:
            (item,) = self.poll(retrieval)
            if item["status"] != "pending":
                return dict(item)
            time.sleep(0.03)
        raise AssertionError("pending for ever")

    def url(self, *place: int, **body: Any) -> str:
        return str(self.settled(self.request(*place, **body))["urlInfo"]["url"])


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def fetch(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=9)


def decode(path: Path, width: int, height: int, *filters: str) -> Any:
    """All frames as RGB."""
    scale = ",".join([*filters, f"scale={width}:{height}"])
    command = [FFMPEG, "-v", "error", "-i", str(path), "-vf", scale]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)
