"""The simulated Samsara's hyperlapses, low-res videos and stills."""

from __future__ import annotations

import io
import re
import subprocess
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
    START,
    RunSamsara,
    SamsaraClient,
    fetch,
    saved,
    seconds_shown,
    text,
    until,
)

from simulator import OnClip, cameras
from simulator.footage import read_clock

LOW, LAPSE = "videoLowRes", "hyperlapse"


def ffmpeg_info(path: Path) -> str:
    """What ffmpeg reports of a file."""
    command = [FFMPEG, "-hide_banner", "-i", str(path)]
    return subprocess.run(command, capture_output=True, text=True).stderr


def still(client: SamsaraClient, **body: Any) -> Image.Image:
    answer = fetch(
        client.url(mediaType="image", endTime=body.get("startTime", text(START)), **body)
    )
    return Image.open(io.BytesIO(answer.content))


def test_a_hyperlapse_plays_fast_and_shows_the_true_time(run: RunSamsara, tmp_path: Path) -> None:
    client = run(cameras=cameras(width=160, height=120, fps=5, sound=True))
    item = client.settled(client.request(mediaType=LAPSE, endTime=until(5 * 60)))
    assert (item["startTime"], item["endTime"]) == (text(START), until(5 * 60))
    path = saved(item["urlInfo"]["url"], tmp_path)
    # 300 s at 30 times the speed are 10 s of film; a frame every 0.2 s is one every 6 s of time.
    assert seconds_shown(path) == [6.0 * frame for frame in range(50)]
    assert "Duration: 00:00:10.00" in ffmpeg_info(path)
    assert "Audio" not in ffmpeg_info(path)


def test_the_factor_can_be_chosen_for_all_and_for_one_camera(
    run: RunSamsara, tmp_path: Path
) -> None:
    client = run(OnClip("pace", 10, camera=DRIVER), hyperlapse_factor=60.0)
    body = {"mediaType": LAPSE, "endTime": until(120)}
    assert seconds_shown(saved(client.url(**body), tmp_path)) == [12.0 * n for n in range(10)]
    path = saved(client.url(**body, inputs=[DRIVER]), tmp_path)
    assert seconds_shown(path) == [2.0 * n for n in range(60)]
    # The mishap has no effect on other media types.
    assert len(seconds_shown(saved(client.url(inputs=[DRIVER]), tmp_path))) == 50


def test_a_shifted_and_shortened_hyperlapse_has_its_true_times(
    run: RunSamsara, tmp_path: Path
) -> None:
    client = run(OnClip("shift", 3.0), OnClip("short", 60))
    item = client.settled(client.request(mediaType=LAPSE, endTime=until(180)))
    assert (item["startTime"], item["endTime"]) == (until(3), until(123))
    assert seconds_shown(saved(item["urlInfo"]["url"], tmp_path)) == [
        3 + 6.0 * n for n in range(20)
    ]


@pytest.mark.long
def test_low_res_is_small_and_has_sound(run: RunSamsara, tmp_path: Path) -> None:
    client = run(cameras=cameras(width=160, height=120, fps=5, sound=True))
    path = saved(client.url(mediaType=LOW, endTime=until(90)), tmp_path)
    assert re.search(r"Video: h264.* 80x60", ffmpeg_info(path))
    assert "Audio: aac" in ffmpeg_info(path)
    assert seconds_shown(path, 80, 60) == pytest.approx([n / 5 for n in range(450)], abs=0.006)


def test_low_res_is_half_the_size_and_its_clock_readable(run: RunSamsara, tmp_path: Path) -> None:
    for size, low in {(354, 242): (176, 120), (120, 90): (80, 60), (64, 48): (64, 48)}.items():
        client = run(cameras=cameras(width=size[0], height=size[1], fps=5, sound=False))
        path = saved(client.url(mediaType=LOW, endTime=until(2)), tmp_path)
        assert f" {low[0]}x{low[1]}" in ffmpeg_info(path)
    assert "Audio" not in ffmpeg_info(path)


def test_a_still_is_in_colour_and_shows_its_time(run: RunSamsara) -> None:
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


def test_a_still_can_be_shifted_but_not_shortened(run: RunSamsara) -> None:
    client = run(OnClip("shift", 1.5), OnClip("short", 5), OnClip("early", 4.0))
    item = client.settled(client.request(mediaType="image", endTime=text(START)))
    assert item["status"] == "available"
    assert item["startTime"] == item["endTime"] == "2025-03-01T13:30:01.500Z"
    picture = Image.open(io.BytesIO(fetch(item["urlInfo"]["url"]).content))
    assert read_clock(np.asarray(picture)) == (1, START + timedelta(seconds=1.5))


def test_stills_meet_the_mishaps_of_clips(run: RunSamsara) -> None:
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
