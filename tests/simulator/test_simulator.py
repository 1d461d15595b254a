"""The simulated cloud keeps what it promises: the API's rules, honest footage, and bad days."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
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

from simulator import CAMERAS, TRUCKS, OnCall, OnClip, Scenario, Simulator, Uploaded, parse
from simulator import start as start_simulator
from simulator.calls import Call
from simulator.footage import ENCODERS, Content, DrawingStoppedError, draw, read_clock
from simulator.limits import SlidingWindow, retry_after
from simulator.mishaps import Place
from simulator.sound import SAMPLE_RATE


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture
def run(drawn: Path) -> Iterator[Callable[..., Client]]:
    running: list[Simulator] = []

    def begin(*bad: OnClip | OnCall, **options: Any) -> Client:
        usual = {"cameras": SMALL, "cache": drawn, "delay": 0.0, "limits": {}, "start": START}
        options = {**usual, **options}
        running.append(start_simulator(Scenario(bad=bad, **options)))
        return Client(running[-1])

    yield begin
    for sim in running:
        sim.stop()


# --- the API's rules --------------------------------------------------------------------------


def test_starts_fast_on_two_origins_and_cleans_up_after_itself() -> None:
    start_simulator().stop()  # pays for the imports
    began = time.monotonic()
    with start_simulator() as sim:
        assert time.monotonic() - began < 1.0  # 0.01 s measured; other work may go on
        assert sim.api_url != sim.media_url
        folder = sim._renderer._folder
        assert folder.exists()
    assert not folder.exists()


def test_vehicles_come_in_pages_of_which_one_is_empty(run: Callable[..., Client]) -> None:
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


@pytest.mark.parametrize(
    ("options", "token", "status"),
    [({}, "wrong", 401), ({"forbidden": True}, None, 403), ({"revoke_after": 0}, None, 401)],
)
def test_keys_are_checked(
    run: Callable[..., Client], options: dict[str, Any], token: str | None, status: int
) -> None:
    client = run(**options)
    if token:
        client.headers["Authorization"] = f"Bearer {token}"
    answer = client.get("/fleet/vehicles")
    assert answer.status_code == status
    assert set(answer.json()) == {"message", "requestId"}


def test_unknown_things_are_not_found(run: Callable[..., Client]) -> None:
    client = run()
    for path in ("/nothing", "/fleet/vehicles/1", "/cameras/media/retrieval?retrievalId=x"):
        answer = client.get(path)
        assert (answer.status_code, set(answer.json())) == (404, {"message", "requestId"})


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
def test_a_request_that_breaks_the_rules_is_refused(
    run: Callable[..., Client], body: dict[str, Any]
) -> None:
    client = run()
    answer = client.post(**body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "requestId"}
    assert client.sim.retrievals == []


def test_offsets_and_milliseconds_are_understood(run: Callable[..., Client]) -> None:
    client = run()
    item = client.settled(
        client.request(startTime="2025-03-01T14:30:00.500+01:00", endTime="2025-03-01T13:30:05Z")
    )
    assert item["startTime"] == "2025-03-01T13:30:00.500Z"


def test_a_retrieval_is_pending_then_available_with_a_new_url_each_time(
    run: Callable[..., Client],
) -> None:
    client = run(delay=0.3)
    retrieval = client.request()
    (item,) = client.poll(retrieval)
    assert item["status"] == "pending"
    assert "urlInfo" not in item
    item = client.settled(retrieval)
    assert item["status"] == "available"
    assert (item["startTime"], item["endTime"]) == (text(START), "2025-03-01T13:30:10Z")
    assert client.poll(retrieval)[0]["urlInfo"]["url"] != item["urlInfo"]["url"]


def test_the_quota_counts_completed_seconds_and_runs_out(run: Callable[..., Client]) -> None:
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


def test_uploaded_media_are_listed_under_their_other_names(run: Callable[..., Client]) -> None:
    client = run(uploaded=[Uploaded(DRIVER, START, 10)], page_size=1)
    client.settled(client.request())
    query = {
        "vehicleIds": TRUCK.id,
        "startTime": text(START),
        "endTime": text(START + timedelta(hours=24)),
    }
    first = client.get("/cameras/media", **query).json()
    second = client.get("/cameras/media", **query, after=first["pagination"]["endCursor"]).json()
    items = first["data"] + second["data"]
    assert {(item["input"], item["triggerReason"]) for item in items} == {
        ("dashcamForwardFacing", "api"),
        ("dashcamInwardFacing", "safetyEvent"),
    }
    assert client.get("/cameras/media", **query, inputs=[DRIVER]).json()["data"][0]["input"] == (
        "dashcamInwardFacing"
    )
    too_long = {**query, "endTime": text(START + timedelta(hours=25))}
    assert client.get("/cameras/media", **too_long).status_code == 400
    assert client.get("/cameras/media", **query, inputs=f"{ROAD},{DRIVER}").status_code == 400


def test_a_sliding_window_lets_nobody_double_up_at_its_edge() -> None:
    now = 0.0
    window = SlidingWindow(2, 60, lambda: now)
    now = 59.0
    assert [window.take(), window.take()] == [0, 0]
    now = 61.0
    assert window.take() == 58.0
    now = 118.999
    assert window.take() == pytest.approx(0.001)
    now = 119.0
    assert [window.take(), window.take(), window.take()] == [0, 0, 60.0]


def test_retry_after_is_fractional_and_rounded_up() -> None:
    assert retry_after(0.402341) == "0.40235"
    assert retry_after(2) == "2.00000"


def test_too_many_calls_are_refused_with_the_time_that_is_left(run: Callable[..., Client]) -> None:
    client = run(limits={"vehicles": (2, 0.5)})
    answers = [client.get("/fleet/vehicles") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    time.sleep(float(answers[2].headers["Retry-After"]))
    assert client.get("/fleet/vehicles").status_code == 200


def test_calls_are_recorded(run: Callable[..., Client]) -> None:
    client = run()
    fetch(client.url())
    post: Call = client.sim.posts()[0]
    assert post.body["inputs"] == [ROAD]
    assert (post.status, post.accepted) == (200, client.sim.retrievals[0].id)
    assert client.sim.polls()[0].query == {"retrievalId": [post.accepted]}
    (download,) = client.sim.downloads()
    assert (download.origin, download.status) == ("media", 200)
    assert "Authorization" not in download.headers


# --- the media host ---------------------------------------------------------------------------


def test_urls_are_for_their_holder_only_and_expire(run: Callable[..., Client]) -> None:
    client = run(OnClip("expire", 1.0))
    url = client.url()
    assert fetch(url, Authorization="Bearer x").status_code == 400
    assert fetch(url).status_code == 200
    assert fetch(url.replace(ROAD, DRIVER)).status_code == 403
    time.sleep(1.0)
    late = fetch(url)
    assert (late.status_code, b"Request has expired" in late.content) == (403, True)


def test_ranges_are_served(run: Callable[..., Client]) -> None:
    url = run().url()
    whole = fetch(url)
    data, etag = whole.content, whole.headers["ETag"]
    assert (whole.headers["Accept-Ranges"], int(whole.headers["Content-Length"])) == (
        "bytes",
        len(data),
    )
    rest = fetch(url, Range="bytes=100-", **{"If-Range": etag})
    assert (rest.status_code, rest.content) == (206, data[100:])
    assert rest.headers["Content-Range"] == f"bytes 100-{len(data) - 1}/{len(data)}"
    assert fetch(url, Range="bytes=100-", **{"If-Range": '"other"'}).status_code == 200
    assert fetch(url, Range=f"bytes={len(data)}-").status_code == 416


def test_a_host_without_ranges_sends_everything(run: Callable[..., Client]) -> None:
    answer = fetch(run(ranges=False).url(), Range="bytes=100-")
    assert answer.status_code == 200
    assert "Accept-Ranges" not in answer.headers


# --- bad days ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["failed", "unavailable", "invalid"])
def test_uploads_can_end_without_footage(run: Callable[..., Client], status: str) -> None:
    client = run(OnClip(status, camera=ROAD))
    item = client.settled(client.request())
    assert item["status"] == status
    assert "urlInfo" not in item


def test_what_failed_once_works_when_asked_again(run: Callable[..., Client]) -> None:
    client = run(OnClip("failed", times=1))
    assert client.settled(client.request())["status"] == "failed"
    assert client.settled(client.request())["status"] == "available"


def test_a_camera_the_vehicle_lacks(run: Callable[..., Client]) -> None:
    client = run()
    assert client.settled(client.request(inputs=["analog4"]))["status"] == "invalid"
    assert run(missing_camera="refuse").post(inputs=["analog4"]).status_code == 400


def test_clips_can_be_late_short_and_shifted(run: Callable[..., Client]) -> None:
    client = run(
        OnClip("late", 0.5, at="13:30"), OnClip("short", 4, at=1), OnClip("shift", -4.0, at=1)
    )
    late, odd = client.request(), client.request(1)
    assert client.poll(late)[0]["status"] == "pending"
    item = client.settled(odd)
    assert (item["startTime"], item["endTime"]) == ("2025-03-01T13:30:56Z", "2025-03-01T13:31:02Z")
    assert client.settled(late)["status"] == "available"


def test_a_shifted_clip_shows_the_time_it_reports(
    run: Callable[..., Client], tmp_path: Path
) -> None:
    url = run(OnClip("shift", 3.5)).url()
    path = tmp_path / "clip.mp4"
    path.write_bytes(fetch(url).content)
    assert read_clock(decode(path, 160, 120)[0]) == (1, START + timedelta(seconds=3.5))


def test_not_recording_refuses_the_request(run: Callable[..., Client]) -> None:
    client = run(OnClip("not_recording", camera=ROAD, at="13:31", until="13:33"))
    assert [client.post(minute).status_code for minute in range(4)] == [200, 400, 400, 200]
    assert "not recording at" in client.post(1).json()["message"]
    assert client.post(1, inputs=[DRIVER]).status_code == 200


def test_odd_statuses_and_empty_looks(run: Callable[..., Client]) -> None:
    client = run(OnClip("odd_status", "archiving", times=2), empty_polls=1)
    retrieval = client.request()
    assert client.poll(retrieval) == []
    assert client.poll(retrieval)[0]["status"] == "archiving"
    assert client.settled(retrieval)["status"] == "available"


def test_transfers_break_once_and_then_work(run: Callable[..., Client]) -> None:
    kinds = ("truncate", "cut", "reset", "html", "busy", "garbage", "stall")
    client = run(*(OnClip(kind, at=minute) for minute, kind in enumerate(kinds)))
    urls = dict(zip(kinds, (client.url(minute) for minute in range(len(kinds))), strict=True))
    for kind in ("truncate", "reset"):
        with pytest.raises(requests.exceptions.RequestException):
            fetch_all(urls[kind])
    short = fetch(urls["cut"])
    assert "Content-Length" not in short.headers
    html = fetch(urls["html"])
    assert (html.status_code, html.headers["Content-Type"][:9]) == (200, "text/html")
    assert fetch(urls["busy"]).status_code == 503
    assert b"ftyp" not in fetch(urls["garbage"]).content[:16]
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(urls["stall"], timeout=0.2)
    for kind in kinds:
        assert b"ftyp" in fetch_all(urls[kind])[:16]
    assert len(short.content) == len(fetch_all(urls["cut"])) // 2


def fetch_all(url: str) -> bytes:
    """The body, and an error where it is shorter than promised."""
    answer = fetch(url)
    if len(answer.content) != int(answer.headers["Content-Length"]):
        raise requests.exceptions.ConnectionError("short")
    return answer.content


def test_calls_go_wrong_before_and_after_they_are_accepted(run: Callable[..., Client]) -> None:
    kinds = ("throttle", "error", "lost", "drop", "lost_drop", "gateway", "nonsense")
    client = run(*(OnCall(kind, "post", nth=(n,)) for n, kind in enumerate(kinds, 1)))
    answered = []
    for _ in range(8):
        try:
            answered.append(client.post().status_code)
        except requests.exceptions.ConnectionError:
            answered.append(0)
    assert answered == [429, 503, 503, 0, 0, 502, 200, 200]
    accepted = [bool(call.accepted) for call in client.sim.posts()]
    assert accepted == [False, False, True, False, True, False, False, True]
    assert len(client.sim.retrievals) == 3


def test_an_answer_can_come_too_late(run: Callable[..., Client]) -> None:
    client = run(OnCall("hang", "post", 0.5))
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.post(poll_settings=0.2)
    assert len(client.sim.retrievals) == 1


def test_a_key_can_be_revoked_in_the_middle(run: Callable[..., Client]) -> None:
    client = run(revoke_after=2)
    assert [client.get("/fleet/vehicles").status_code for _ in range(3)] == [200, 200, 401]


def test_the_same_seed_brings_the_same_misfortunes() -> None:
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


def test_the_demo_has_one_of_each() -> None:
    demo = replace(Scenario.demo(START), cameras=SMALL, delay=0.0, limits={})
    with start_simulator(demo) as sim:
        client = Client(sim)
        assert [client.post(minute).status_code for minute in range(2)] == [200, 429]
        retrieval = client.request(1)
        statuses = {}
        for look in range(40):
            answer = client.get("/cameras/media/retrieval", retrievalId=retrieval)
            statuses[look] = answer.status_code
            if look > 3 and answer.json()["data"]["media"][0]["status"] == "available":
                break
            time.sleep(0.03)
        assert answer.json()["data"]["media"][0]["startTime"] == "2025-03-01T13:30:56Z"
        assert [look for look, status in statuses.items() if status != 200] == [2]
        url = client.url(inputs=[DRIVER])
        with pytest.raises(requests.exceptions.RequestException):
            fetch_all(url)
        assert fetch_all(url)


# --- footage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height", "factor"),
    [(160, 120, 0.5), (160, 120, 2), (214, 120, 0.75), (352, 240, 0.5)],
)
@pytest.mark.parametrize("preset", ["ultrafast", "medium"])
def test_the_clock_survives_scaling_and_encoding(
    tmp_path: Path, width: int, height: int, factor: float, preset: str
) -> None:
    model = replace(CAMERAS["analog2"], width=width, height=height, fps=5)
    start = START + timedelta(seconds=0.3)
    original, again = tmp_path / "a.mp4", tmp_path / "b.mp4"
    draw(Content("Truck 42", model, start, 4), original)
    size = (int(width * factor) // 2 * 2, int(height * factor) // 2 * 2)
    command = [FFMPEG, "-v", "error", "-i", str(original), "-vf", f"scale={size[0]}:{size[1]}"]
    command += ["-c:v", "libx264", "-preset", preset, "-crf", "23", str(again)]
    subprocess.run(command, check=True)
    expected = [(4, start + timedelta(seconds=frame / 5)) for frame in range(20)]
    assert [read_clock(frame) for frame in decode(again, *size)] == expected
    assert [read_clock(frame[..., 0]) for frame in decode(original, width, height)] == expected


def test_no_clock_is_read_where_there_is_none() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8)
    for frame in (noise, np.zeros((120, 160)), np.full((120, 160), 255), np.full((9, 9), 128)):
        assert read_clock(frame) is None


def test_the_top_is_free_for_labels(tmp_path: Path) -> None:
    model = SMALL[ROAD]
    draw(Content("Truck 42", model, START, 1), tmp_path / "a.mp4")
    top = decode(tmp_path / "a.mp4", 160, 120)[0][:14].mean(axis=2)
    assert top.min() > 40
    assert top.max() < 220


def test_each_second_begins_with_a_beep(tmp_path: Path) -> None:
    model = replace(SMALL[DRIVER], sound=True)
    draw(Content("Truck 42", model, START + timedelta(seconds=0.25), 4), tmp_path / "a.mp4")
    command = [FFMPEG, "-v", "error", "-i", str(tmp_path / "a.mp4"), "-f", "s16le", "pipe:1"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    wave = np.abs(np.frombuffer(raw, np.int16).astype(float))
    loud = np.flatnonzero(wave > 3000)
    begins = loud[np.flatnonzero(np.diff(loud, prepend=-SAMPLE_RATE) > SAMPLE_RATE // 2)]
    assert begins / SAMPLE_RATE == pytest.approx([0.75, 1.75, 2.75, 3.75], abs=0.004)


def test_drawing_stops_when_told_and_says_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = Content("Truck 42", SMALL[ROAD], START, 60)
    with pytest.raises(DrawingStoppedError):
        draw(content, tmp_path / "a.mp4", lambda: True)
    monkeypatch.setitem(ENCODERS, "a", ("-c:v", "no-such-codec"))
    with pytest.raises(RuntimeError, match="no-such-codec"):
        draw(content, tmp_path / "a.mp4")


def test_the_same_clip_is_always_drawn_the_same(tmp_path: Path) -> None:
    content = Content("Truck 42", CAMERAS[ROAD], START, 1)
    for name in ("a.mp4", "b.mp4"):
        draw(content, tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_looks_differ_in_what_the_decoder_is_told(tmp_path: Path) -> None:
    found = set()
    for encoder in ("a", "b", "mpeg4"):
        model = replace(SMALL[ROAD], encoder=encoder)
        draw(Content("Truck 42", model, START, 1), tmp_path / "a.mp4")
        assert len(decode(tmp_path / "a.mp4", 160, 120)) == 5
        data = (tmp_path / "a.mp4").read_bytes()
        marker = b"esds" if encoder == "mpeg4" else b"avcC"
        found.add(data[data.index(marker) :][:40])
    assert len(found) == 3


def test_footage_of_one_camera_can_differ_from_clip_to_clip(
    run: Callable[..., Client], tmp_path: Path
) -> None:
    client = run(OnClip("size", "96x80", at=1), OnClip("fps", 10, at=1))
    (tmp_path / "a.mp4").write_bytes(fetch(client.url(1, 2)).content)
    assert len(decode(tmp_path / "a.mp4", 96, 80)) == 20


def test_stills_are_jpegs(run: Callable[..., Client]) -> None:
    url = run().url(mediaType="image", endTime=text(START))
    assert fetch(url).content[:2] == b"\xff\xd8"
