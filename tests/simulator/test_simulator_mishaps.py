"""The faults that are injected into clips, their rules, and the demo."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from support.bare_client import (
    DRIVER,
    RETRIEVALS,
    ROAD,
    SMALL,
    START,
    RunSamsara,
    SamsaraClient,
    clocks,
    decode,
    fetch_whole,
    saved,
)

from simulator import OnCall, OnClip, Scenario, parse
from simulator import start as start_simulator
from simulator.mishaps import Place


@pytest.mark.parametrize("status", ["failed", "unavailable", "invalid"])
def test_uploads_can_end_without_footage(run: RunSamsara, status: str) -> None:
    client = run(OnClip(status, camera=ROAD))
    item = client.settled(client.request())
    assert item["status"] == status
    assert "urlInfo" not in item


def test_what_failed_once_works_when_requested_again(run: RunSamsara) -> None:
    client = run(OnClip("failed", times=1))
    assert client.settled(client.request())["status"] == "failed"
    assert client.settled(client.request())["status"] == "available"


def test_a_camera_the_vehicle_lacks(run: RunSamsara) -> None:
    client = run()
    assert client.settled(client.request(inputs=["analog4"]))["status"] == "invalid"
    assert run(missing_camera="refuse").post(inputs=["analog4"]).status_code == 400


def test_the_footage_of_another_window_byte_for_byte(run: RunSamsara) -> None:
    client = run(OnClip("again", at=1), OnClip("again", 2, at=2))
    items = [client.settled(client.request(minute, 60)) for minute in range(3)]
    assert {item["startTime"] for item in items} == {"2025-03-01T13:30:00Z"}
    assert len({fetch_whole(item["urlInfo"]["url"]) for item in items}) == 1


def test_clips_can_be_late_short_and_shifted(run: RunSamsara) -> None:
    client = run(
        OnClip("late", 0.5, at="13:30"), OnClip("short", 4, at=1), OnClip("shift", -4.0, at=1)
    )
    late, odd = client.request(), client.request(1)
    assert client.poll(late)[0]["status"] == "pending"
    item = client.settled(odd)
    assert (item["startTime"], item["endTime"]) == ("2025-03-01T13:30:56Z", "2025-03-01T13:31:02Z")
    assert client.settled(late)["status"] == "available"


def test_a_shifted_clip_shows_the_time_it_reports(run: RunSamsara, tmp_path: Path) -> None:
    url = run(OnClip("shift", 3.5)).url()
    assert clocks(saved(url, tmp_path))[0] == (1, START + timedelta(seconds=3.5))


def test_not_recording_refuses_the_request(run: RunSamsara) -> None:
    client = run(OnClip("not_recording", camera=ROAD, at="13:31", until="13:33"))
    assert [client.post(minute).status_code for minute in range(4)] == [200, 400, 400, 200]
    assert "not recording at" in client.post(1).json()["message"]
    assert client.post(1, inputs=[DRIVER]).status_code == 200


def test_odd_statuses_and_empty_polls(run: RunSamsara) -> None:
    client = run(OnClip("odd_status", "archiving", times=2), empty_polls=1)
    retrieval = client.request()
    assert client.poll(retrieval) == []
    assert client.poll(retrieval)[0]["status"] == "archiving"
    assert client.settled(retrieval)["status"] == "available"


def test_footage_of_one_camera_can_differ_from_clip_to_clip(
    run: RunSamsara, tmp_path: Path
) -> None:
    client = run(OnClip("size", "96x80", at=1), OnClip("fps", 10, at=1))
    assert len(decode(saved(client.url(1, 2), tmp_path), 96, 80)) == 20


def test_the_same_seed_brings_the_same_mishaps() -> None:
    rule, call = OnClip("failed", rate=0.3), OnCall("error", rate=0.3)

    def day(seed: int) -> list[tuple[bool, bool]]:
        places = [Place(ROAD, START, START, 0, number, seed) for number in range(200)]
        return [(rule.matches(place), call.matches(place.number, seed)) for place in places]

    assert day(1) == day(1) != day(2)
    assert 30 < sum(clip for clip, _ in day(1)) < 90


def test_rules_are_read_from_the_command_line() -> None:
    assert parse("late=30") == OnClip("late", "30")
    assert parse(f"short:{ROAD}@13:31=5") == OnClip("short", "5", ROAD, "13:31")
    assert parse("unavailable@13:30..13:35").until == "13:35"  # type: ignore[union-attr]
    assert parse("failed@#2%0.5*1") == OnClip("failed", at=2, rate=0.5, times=1)
    assert parse("truncate/4").every == 4
    assert parse("error:poll@1,3=500") == OnCall("error", "poll", "500", nth=(1, 3))
    for wrong in ("nothing", "late@25:99", "throttle:nowhere", "=3", "short=x"):
        with pytest.raises(ValueError, match=r"."):
            parse(wrong)


def test_the_demo_has_one_of_each(drawn_clips: Path) -> None:
    demo = Scenario.demo(START)
    demo = replace(demo, cameras=SMALL, delay=0.0, limits={}, cache=drawn_clips)
    with start_simulator(demo) as sim:
        client = SamsaraClient(sim)
        assert [client.post(minute).status_code for minute in range(2)] == [200, 429]
        retrieval = client.request(1)
        polls = [client.get(RETRIEVALS, retrievalId=retrieval).status_code for _ in range(4)]
        assert polls == [200, 200, 503, 200]
        assert client.settled(retrieval)["startTime"] == "2025-03-01T13:30:56Z"
        url = client.url(inputs=[DRIVER])
        with pytest.raises(requests.exceptions.RequestException):
            fetch_whole(url)
        assert fetch_whole(url)
