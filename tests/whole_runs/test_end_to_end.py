"""The whole program against a simulated cloud on good and bad days: files, words, exit status."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from support.pictures import clocks, frames, plays, tile_clock
from support.runs import (
    ANALOG,
    DRIVER,
    FPS,
    ROAD,
    START,
    WITH_SOUND,
    Bench,
    clip_as_served,
    files_in,
    of_each_provider,
    promised,
)

from footage.cloud.download import Downloader
from footage.errors import JournalError
from footage.job.journal import read
from footage.media.layout import make_layout
from footage.system.whole_files import read_text
from simulator import TRUCKS, Mishap, OnCall, OnClip, Truck

MINUTE = timedelta(minutes=1)
SIDE = "SideBySide_Merged_Truck 42_2025-04-16_13-30-00_{}min.mp4"
ROAD_CLIP = "Road_VideoClip_Truck 42_2025-04-16_13-3{}-00.mp4"


# --- what is asked, journalled and logged ---------------------------------------------------------


class Watcher(threading.Thread):
    """Reads the journal all the time while the program writes it, and notes what was wrong."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder = folder
        self.over = threading.Event()
        self.broken: list[str] = []
        self.asked: list[int] = []
        self.read = 0

    def run(self) -> None:
        while not self.over.wait(0.004):
            for path in self.folder.glob("request_ids_*.json"):
                text = read_text(path)  # Windows refuses it while the file is replaced
                try:
                    json.loads(text)
                    job = read(path)  # with the steps that are not in the JSON yet
                except (ValueError, JournalError) as error:
                    self.broken.append(f"{error}: {text[-200:]}")
                    continue
                self.read += 1
                self.asked.append(sum(bool(one.id) for one in job.retrievals))


@of_each_provider
@pytest.mark.read_while_written
def test_each_camera_and_minute_is_requested_and_noted_once(bench: Bench) -> None:
    requests = bench.requests(minutes=3, cameras=3)
    watcher = Watcher(bench.logs)
    with bench.cloud(OnCall("throttle", "post", nth=(3,)), delay=0.2) as sim:
        watcher.start()
        ran = bench.run(sim, minutes=3)
        watcher.over.set()
        watcher.join()
        assert ran.status == 0
        asked = Counter((one.start, one.end, name) for one in sim.retrievals for name in one.inputs)
        assert asked == {
            (START + n * MINUTE, START + (n + 1) * MINUTE, camera): 1
            for n in range(3)
            for camera in (ROAD, DRIVER, ANALOG)
        }
        assert len(sim.retrievals) == requests
        assert {(one.vehicle.id, one.media_type) for one in sim.retrievals} == {
            (TRUCKS[0].id, "videoHighRes")
        }

        # The journal was whole whenever it was read, and grew with the requests.
        assert watcher.broken == []
        assert watcher.read > 10
        assert watcher.asked == sorted(watcher.asked) and watcher.asked[-1] == requests
        assert len(set(watcher.asked)) > requests // 2

        # At the end it tells what was asked, its id, its state, its times and its file.
        journal = ran.journal
        assert journal["finished"] is True
        ids = {asked.id: asked for asked in sim.retrievals}
        assert {item["retrieval_id"] for item in journal["retrievals"]} == set(ids)
        for item in journal["retrievals"]:
            assert item["state"] == "accepted"
            assert item["start"] == f"{ids[item['retrieval_id']].start:%Y-%m-%dT%H:%M:%SZ}"
            brought = [media for media in item["media"] if media["clip"]]
            assert len(brought) == len(ids[item["retrieval_id"]].inputs)
            for media in brought:
                assert (media["status"], media["start"], media["end"]) == (
                    "available",
                    item["start"],
                    item["end"],
                )
                data = (ran.videos / media["clip"]["file"]).read_bytes()
                assert media["clip"]["sha256"] == sha256(data).hexdigest()
                assert media["clip"]["size"] == len(data)
        job = read(next(bench.logs.glob("request_ids_*.json")))
        assert (job.provider, len(job.retrievals)) == (bench.side.name, requests)

        # The log has one line for every call, with its status, its duration and its id there.
        calls = re.findall(
            r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d  [A-Z]+ +"
            r"(GET|POST) /\S+ -> (\d{3}) in \d+\.\d\d s \(request id [0-9a-f]{8}\)$",
            ran.log,
            re.MULTILINE,
        )
        made = [call for call in sim.calls if call.origin == "api"]
        assert Counter(calls) == Counter((call.method, str(call.status)) for call in made)
        assert ("POST", "429") in calls
        assert "Traceback" not in ran.log

    assert ran.names == promised(3, bench.labels)
    seen = [path for path in files_in(bench.logs) if not path.name.startswith(".")]
    assert {path.suffix for path in seen} == {".json", ".log"}
    rows = ran.lines_with("3:00")
    assert rows[0].startswith("SideBySide_") and len(rows) == 4
    assert f"The files are in {bench.videos}" in ran.out
    assert "Missing" not in ran.out


def test_what_stands_in_a_request(bench: Bench) -> None:
    with bench.cloud() as sim:
        assert bench.run(sim, cameras="road").status == 0
        assert [call.body for call in sim.posts()] == [
            {
                "vehicleId": TRUCKS[0].id,
                "startTime": "2025-04-16T18:30:00Z",
                "endTime": "2025-04-16T18:31:00Z",
                "mediaType": "videoHighRes",
                "inputs": [ROAD],
            }
        ]


@pytest.mark.long
def test_the_files_play_from_end_to_end(bench: Bench) -> None:
    with bench.cloud(cameras=WITH_SOUND) as sim:
        ran = bench.run(sim, minutes=2)
        assert ran.status == 0
    for path in ran.videos.glob("*.mp4"):
        assert plays(path), path.name


# --- bad days that cost time, but no footage ------------------------------------------------------

HARMLESS: list[tuple[str, list[Mishap], int]] = [
    ("an unknown status is looked at again", [OnClip("odd_status", times=2)], 1),
    ("an empty list is not yet", [OnClip("empty", times=2)], 1),
    ("5xx while looking is not yet", [OnCall("error", "poll", 500, nth=(1, 2))], 1),
    ("a page instead of an answer is not yet", [OnCall("gateway", "poll", nth=(1,))], 1),
    ("a broken answer is not yet", [OnCall("nonsense", "poll", nth=(1,))], 1),
    ("a dropped look is repeated", [OnCall("drop", "poll", nth=(1, 2))], 1),
    ("429 at all endpoints", [OnCall("throttle", "any", "0.05", nth=(1, 2, 4, 6))], 2),
    ("5xx at the list of vehicles", [OnCall("error", "vehicles", nth=(1,))], 1),
    ("an expired URL is replaced", [OnClip("expire", 0, times=2)], 1),
    ("a truncated body", [OnClip("truncate", times=2)], 1),
    ("a body that ends early without an error", [OnClip("cut", times=1)], 1),
    ("a reset connection", [OnClip("reset", times=2)], 1),
    ("an HTML page in place of the video", [OnClip("html", times=1)], 1),
    ("bytes that are no video", [OnClip("garbage", times=1)], 1),
    ("a stalled body", [OnClip("stall", 20.0)], 1),
    ("a busy media host", [OnClip("busy", times=1)], 1),
    ("a failed upload works when asked again", [OnClip("failed", times=1)], 2),
]


@of_each_provider
@pytest.mark.parametrize(
    ("mishaps", "posts"),
    [case[1:] for case in HARMLESS],
    ids=[case[0] for case in HARMLESS],
)
def test_a_bad_day_ends_complete(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, mishaps: list[Mishap], posts: int
) -> None:
    defaults = Downloader.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "timeout", (2.0, 0.5))
    with bench.cloud(*mishaps) as sim:
        ran = bench.run(sim, cameras="road")
        assert ran.status == 0, ran.out
        assert len(sim.posts()) == posts
        clip = ran.videos / ROAD_CLIP.format(0)
        assert sha256(clip.read_bytes()).hexdigest() == clip_as_served(sim, ROAD)
    assert ran.names == promised(1, ("Road",))
    assert "Missing" not in ran.out and "twice" not in ran.out
    assert "Traceback" not in ran.log


@of_each_provider
@pytest.mark.parametrize("kind", ["lost", "lost_drop"])
def test_a_request_whose_answer_was_lost_is_repeated_and_told(bench: Bench, kind: str) -> None:
    with bench.cloud(OnCall(kind, "post", nth=(1,)), delay=3.0) as sim:
        ran = bench.run(sim, cameras="road")
        assert ran.status == 0
        assert len(sim.posts()) == len(sim.retrievals) == 2
    name = bench.side.name
    assert f"1 request got no answer and may have been counted twice by {name}" in ran.out
    assert [item["possible_duplicates"] for item in ran.journal["retrievals"]] == [1]


def test_what_an_unanswered_request_brought_is_taken(bench: Bench) -> None:
    with bench.cloud(OnCall("lost", "post"), delay=0.0) as sim:
        ran = bench.run(sim, "--poll-seconds=1", cameras="road")
        assert len(sim.posts()) == 1
    assert ran.status == 0, ran.out
    assert ran.names == promised(1, ("Road",))


@of_each_provider
def test_an_unanswered_request_is_repeated_at_most_twice(bench: Bench) -> None:
    with bench.cloud(OnCall("lost", "post"), delay=5.0) as sim:
        ran = bench.run(sim, cameras="road")
        assert len(sim.posts()) == 3
    assert ran.status == 4, "another run may still get it"
    name = bench.side.name
    assert ran.lines_with(f"Missing: Road 13:30-13:31, {name} did not answer the request")
    assert ran.lines_with("1 request left alone for now")
    assert "may have been counted" in ran.out


@of_each_provider
def test_a_host_without_ranges_and_short_lived_addresses(bench: Bench) -> None:
    bad = (OnClip("truncate", camera=ROAD), OnCall("error", "any", rate=0.2))
    with bench.cloud(*bad, ranges=False, url_lifetime=2.0) as sim:
        ran = bench.run(sim, minutes=2, cameras="road,driver")
        assert ran.status == 0
        for camera, label in ((ROAD, "Road"), (DRIVER, "Driver")):
            for minute in (0, 1):
                name = ROAD_CLIP.format(minute).replace("Road", label)
                found = sha256((ran.videos / name).read_bytes()).hexdigest()
                assert found == clip_as_served(sim, camera, minute)
    assert ran.names == promised(2, ("Road", "Driver"))


# --- what is there already ------------------------------------------------------------------------


@of_each_provider
def test_a_clip_that_is_there_and_whole_is_kept_and_merged(bench: Bench) -> None:
    with bench.cloud() as sim:
        bench.run(sim, cameras="road")
        clip = bench.videos / ROAD_CLIP.format(0)
        before = clip.stat()
        ran = bench.run(sim, minutes=2, cameras="road")
        after = clip.stat()
        assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
    assert ran.status == 0
    shown = clocks(bench.videos / "Road_Merged_Truck 42_2025-04-16_13-30-00_2min.mp4")
    assert len(shown) == 2 * 60 * FPS and shown[0] == START


@of_each_provider
def test_a_clip_that_is_there_and_damaged_is_fetched_again(bench: Bench) -> None:
    with bench.cloud() as sim:
        bench.run(sim, cameras="road")
        clip = bench.videos / ROAD_CLIP.format(0)
        whole = clip.read_bytes()
        for damaged in (whole[: len(whole) // 2], b"\0" * len(whole)):
            clip.write_bytes(damaged)
            ran = bench.run(sim, cameras="road")
            assert ran.status == 0
            used = ran.journal["retrievals"][0]["media"][0]["clip"]["file"]
            assert (bench.videos / used).read_bytes() == whole


@of_each_provider
def test_the_same_again_makes_no_second_copies(bench: Bench) -> None:
    with bench.cloud() as sim:
        once = bench.run(sim, cameras="road,driver").names
        ran = bench.run(sim, cameras="road,driver")
    assert ran.status == 0
    assert ran.names == once == promised(1, ("Road", "Driver"))
    assert len(list(bench.logs.glob("request_ids_*.json"))) == 2


# --- names ----------------------------------------------------------------------------------------

EVIL = "../../O'Brien: 7?"


@of_each_provider
def test_an_odd_vehicle_name_and_an_odd_folder_do_no_harm(bench: Bench) -> None:
    odd = bench.folder / "Incident 7 – it's Müller’s % d'accord"
    trucks = (Truck("281474976710666", EVIL),)
    with bench.cloud(vehicles=trucks) as sim:
        ran = bench.run(sim, vehicle=EVIL, output=odd, minutes=2, cameras="road,driver")
    assert ran.status == 0
    outside = [path for path in files_in(bench.folder) if odd not in path.parents]
    assert {path.parent for path in outside} == {bench.logs}
    names = [path.name for path in files_in(odd)]
    assert len(names) == 2 * 3 + 1 + 3  # page, list of hashes, and the index of the pages
    assert all(path.parent == odd for path in files_in(odd))
    assert not [name for name in names if set(name) & set('<>:"/\\|?*')]
    assert all("O'Brien" in name for name in names if name != "index.html")
    assert plays(odd / next(name for name in names if name.startswith("SideBySide")))


def test_two_vehicles_of_one_name_keep_their_files_apart(bench: Bench) -> None:
    twins = (
        Truck("281474976710801", "Truck 8", vin="1FUJGLDR9CLBP0001", plate="AAA1"),
        Truck("281474976710802", "Truck 8", vin="1FUJGLDR9CLBP0002", plate="BBB2"),
    )
    with bench.cloud(vehicles=twins) as sim:
        first = bench.run(sim, vehicle=f"id:{twins[0].id}", cameras="road").names
        both = bench.run(sim, vehicle="bbb2", cameras="road").names
        assert [asked.vehicle.id for asked in sim.retrievals] == [twin.id for twin in twins]
    assert len(first) == 2 and len(both) == 4
    assert not [name for name in both if "(2)" in name]


def test_the_repeated_hour_keeps_its_files_apart(bench: Bench) -> None:
    with bench.cloud(start=None) as sim:
        for zone in ("CDT", "CST"):
            ran = bench.run(sim, start=f"11/03/2024 01:30 {zone}", cameras="road")
            assert ran.status == 0
        assert [f"{asked.start:%H:%M}" for asked in sim.retrievals] == ["06:30", "07:30"]
    assert len(ran.names) == 4
    assert not [name for name in ran.names if "(2)" in name]


# --- true times -----------------------------------------------------------------------------------


@pytest.mark.many_cases
@pytest.mark.parametrize(
    ("bench", "labels"), [("samsara", True), ("motive", False)], indirect=["bench"]
)
def test_the_side_by_side_shows_true_times_on_every_tile(bench: Bench, labels: bool) -> None:
    """Road begins 4 s early in its second minute, Driver is 3.3 s late, the third ends early."""
    bad = (
        OnClip("early", 4.0, camera=ROAD, at=1),
        OnClip("shift", 3.3, camera=DRIVER, at=0),
        OnClip("short", 20.0, camera=ANALOG, at=0),
        OnClip("unavailable", camera=DRIVER, at=1),
    )
    with bench.cloud(*bad) as sim:
        ran = bench.run(sim, *([] if labels else ["--no-labels"]), minutes=2)
    assert ran.status == 3
    assert "Road 13:31-13:32 begins 4.0 s earlier than asked; it is shown at its true time" in (
        ran.out
    )
    assert "Driver 13:30-13:31 begins 3.3 s later than asked" in ran.out
    job = read(next(bench.logs.glob("request_ids_*.json")))
    shown = [job.clips(camera) for camera in job.cameras]
    layout = make_layout([clips[0].tracks.video for clips in shown if clips])
    film = frames(ran.videos / SIDE.format(2), layout.width, layout.height)
    assert len(film) == 2 * 60 * FPS

    def have(second: float) -> list[bool]:
        """Which of the three cameras have footage of this second."""
        return [True, 3.3 <= second < 63.3, not 40 <= second < 60]

    for number, picture in enumerate(film):
        second = number / FPS
        if any(abs(second - edge) < 1 / FPS for edge in (3.3, 40, 60, 63.3)):
            continue
        for camera, (tile, there) in enumerate(
            zip(layout.tiles, have(second), strict=True), start=1
        ):
            read_there = tile_clock(picture, tile)
            if not there:
                assert read_there is None, (second, camera)
                continue
            assert read_there is not None, (second, camera)
            assert read_there[0] == camera
            off = (read_there[1] - START).total_seconds() - second
            assert abs(off) <= 0.5 / FPS + 0.011, (second, camera, off)


@of_each_provider
def test_a_merge_is_in_order_of_true_time_and_nothing_is_cut(bench: Bench) -> None:
    bad = (OnClip("early", 4.0, at=1), OnClip("unavailable", at=2), OnClip("late", 1.0, at=0))
    with bench.cloud(*bad) as sim:
        ran = bench.run(sim, minutes=4, cameras="road")
    assert ran.status == 3
    shown = clocks(ran.videos / "Road_Merged_Truck 42_2025-04-16_13-30-00_4min.mp4")
    expected: list[datetime] = []
    for begin, seconds in ((0, 60), (56, 64), (180, 60)):
        first = START + timedelta(seconds=begin)
        expected += [first + timedelta(seconds=n / FPS) for n in range(seconds * FPS)]
    assert shown == expected


def test_clips_of_different_making_are_joined_and_told(bench: Bench) -> None:
    with bench.cloud(OnClip("size", "200x120", at=1)) as sim:
        ran = bench.run(sim, minutes=2, cameras="road")
    assert ran.status == 0
    (line,) = [line for line in ran.lines_with("Road_Merged") if "2:00" not in line]
    assert "re-encoded" in line
    assert plays(ran.videos / "Road_Merged_Truck 42_2025-04-16_13-30-00_2min.mp4")
