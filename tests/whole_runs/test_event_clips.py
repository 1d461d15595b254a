"""The clips that a provider keeps of an event by itself: kept where nothing better is to be had."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.runs import (
    DRIVER,
    NOTHING_ANSWERED,
    ROAD,
    START,
    Bench,
    Ran,
    of_each_provider,
    of_motive,
)

from simulator import TRUCKS, Event, EventStyle, OnCall, OnClip, Simulator, Uploaded

MOMENT = START + timedelta(minutes=2, seconds=20, milliseconds=400)
CRASH = Event(1, TRUCKS[0].id, MOMENT, "Crash", kind="crash", seconds=7.2)
AROUND = ("--before=20", "--after=20", "--pick=all", "--yes")
SPAN = ("--from=04/16/2025 13:00", "--to=04/17/2025 13:00")
OWN = Uploaded(ROAD, START + timedelta(minutes=2, seconds=16), 10.0, listed=False)
OF_DRIVER = replace(OWN, input=DRIVER)
OVERWRITTEN = OnClip("unavailable", camera=ROAD)
NAME = "EventClip_Truck 42_2025-04-16_13-32-20_time-guessed.mp4"


def run(bench: Bench, sim: Simulator, *options: str) -> Ran:
    given = (*SPAN, *AROUND, *options)
    return bench.run(sim, "--events", *given, cameras="road,driver", **NOTHING_ANSWERED)


def own_clips(ran: Ran) -> list[str]:
    return sorted(name for name in ran.names if "EventClip" in name)


def of_summary(ran: Ran) -> Any:
    (job,) = json.loads(ran.lines_with('"version"')[-1])["jobs"]
    return job


def logged(ran: Ran, words: str) -> list[str]:
    """The lines of the summary in the log that say so."""
    return [line for line in ran.log.splitlines() if words in line and "  INFO  " in line]


@of_each_provider
def test_it_is_kept_and_called_a_guess(bench: Bench) -> None:
    with bench.cloud(OVERWRITTEN, events=[CRASH], uploaded=[OWN, OF_DRIVER]) as sim:
        ran = run(bench, sim, "--json")
    assert ran.status == 3, "what was asked for is missing all the same"
    assert own_clips(ran) == [f"Road_{NAME}"]
    job = of_summary(ran)
    (own,) = (one for one in job["files"] if one["kind"] == "event-clip")
    assert own["note"].startswith("time guessed from the event: ")
    path = ran.videos / own["file"]
    assert own["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert own["seconds"] == pytest.approx(10, abs=0.6)
    (line,) = ran.lines_with("Event 1 (Crash, Truck 42")
    assert f"Road_{NAME}: time guessed from the event" in line
    # It is in no film, and no clip of the job.
    assert not [one for one in job["files"] if one["camera"] == "Road" and one["kind"] == "merge"]
    assert {one["camera"] for one in job["clips"]} == {"Driver"}
    assert f"Road_{NAME}: time guessed from the event: {bench.side.name} does not tell" in ran.log
    (report,) = ran.videos.glob("Report_*")
    text = report.read_text("utf-8")
    assert "its time guessed from the event" in text and own["sha256"] in text
    (hashes,) = ran.videos.glob("SHA256SUMS_*")
    assert own["sha256"] in hashes.read_text("utf-8")
    (step,) = [one for one in ran.journal["custody"] if one.get("file") == own["file"]][:1]
    assert step["kind"] == "downloaded" and "own clip of the safety event" in step["text"]


@of_each_provider
def test_it_goes_into_the_package_and_is_verified(bench: Bench) -> None:
    with bench.cloud(OVERWRITTEN, events=[CRASH], uploaded=[OWN]) as sim:
        ran = run(bench, sim)
        logs = f"--logs={bench.logs}"
        assert bench.run_as(sim, ["--verify", logs]).status == 0
        packed = bench.run_as(sim, ["--package", logs, f"--to={bench.folder / 'Out'}"])
    assert packed.status == 0, packed.out
    (inside,) = (bench.folder / "Out").rglob("*EventClip*")
    assert inside.parent.name == "event-clips"
    assert Path(inside).read_bytes() == (ran.videos / own_clips(ran)[0]).read_bytes()


@of_each_provider
def test_where_footage_came_it_is_not_asked_for(bench: Bench) -> None:
    with bench.cloud(events=[CRASH], uploaded=[OWN, OF_DRIVER]) as sim:
        ran = run(bench, sim)
        assert not [call for call in sim.calls if call.endpoint == "event"]
    assert ran.status == 0
    assert own_clips(ran) == []
    assert "guessed" not in ran.log


def test_what_the_list_has_is_taken_with_its_time(bench: Bench) -> None:
    there = [replace(OWN, listed=True), OF_DRIVER]
    with bench.cloud(OVERWRITTEN, events=[CRASH], uploaded=there) as sim:
        ran = run(bench, sim)
    assert own_clips(ran) == []
    assert "Road_Merged" in " ".join(ran.names)


@of_each_provider
def test_it_is_fetched_once(bench: Bench) -> None:
    # The driver's is still coming when the first run ends.
    late = OnClip("late", 3600.0, camera=DRIVER)
    with bench.cloud(OVERWRITTEN, late, events=[CRASH], uploaded=[OWN]) as sim:
        first = run(bench, sim, "--max-wait=0.01")
        sim.finish_uploads()
        ran = bench.resume(sim)
        assert len(sim.downloads()) == 2, "the driver's clip, and the event's own"
    assert first.status == 4
    assert own_clips(ran) == [f"Road_{NAME}"]


def test_what_never_comes_is_not_waited_for_twice(bench: Bench) -> None:
    never = OnClip("late", 3600.0, camera=ROAD)
    with bench.cloud(never, events=[CRASH], uploaded=[OWN]) as sim:
        coming = run(bench, sim, "--fetch-later")
        assert own_clips(coming) == []
        (path,) = coming.journals
        ran = bench.run_as(sim, [f"--resume={path}", f"--logs={bench.logs}", "--max-wait=0.02"])
    assert ran.status == 4
    assert own_clips(ran) == [f"Road_{NAME}"]


@of_each_provider
def test_why_there_is_none_is_told(bench: Bench) -> None:
    style = EventStyle(media_allowed=False, clips="none")
    with bench.cloud(OVERWRITTEN, events=[CRASH], uploaded=[OWN], event_style=style) as sim:
        ran = run(bench, sim)
    assert ran.status == 3
    assert own_clips(ran) == []
    (line,) = logged(ran, "No own clip of the safety event Crash: ")
    assert "Read Camera Media" in line or "Motive says that there is none" in line


@of_motive
@pytest.mark.parametrize(
    ("clips", "names"),
    [("drawn", []), ("dual", [f"Road and driver_{NAME}"]), ("plain", [f"Road_{NAME}"])],
)
def test_only_what_is_as_filmed_is_taken(bench: Bench, clips: str, names: list[str]) -> None:
    style = EventStyle(clips=clips)
    with bench.cloud(OVERWRITTEN, events=[CRASH], uploaded=[OWN], event_style=style) as sim:
        ran = run(bench, sim)
    assert own_clips(ran) == names
    assert bool(logged(ran, "no address of one as it was filmed")) is not bool(names)


@of_motive
def test_an_event_withdrawn_meanwhile_is_told(bench: Bench) -> None:
    # Listed, looked at once more before anything is paid, and gone when its clip is asked for.
    gone = replace(CRASH, withdrawn=True, listings=2)
    with bench.cloud(OVERWRITTEN, events=[gone], uploaded=[OWN]) as sim:
        ran = run(bench, sim)
    assert len(logged(ran, "does not list the event any more; it may be withdrawn")) == 1
    assert own_clips(ran) == []


def test_a_download_that_fails_leaves_the_rest(bench: Bench) -> None:
    broken = replace(OWN, bad=[OnClip("garbage")])
    with bench.cloud(OVERWRITTEN, events=[CRASH], uploaded=[broken]) as sim:
        ran = run(bench, sim)
    assert ran.status == 3
    assert logged(ran, "No own clip of the safety event Crash of the camera Road: ")
    assert "Driver_Merged" in " ".join(ran.names)


def test_an_error_when_it_is_asked_for_stops_nothing(bench: Bench) -> None:
    forbidden = OnCall("error", "event", value=403.0)
    with bench.cloud(OVERWRITTEN, forbidden, events=[CRASH], uploaded=[OWN]) as sim:
        ran = run(bench, sim)
    assert ran.status == 3
    assert "Driver_Merged" in " ".join(ran.names)
