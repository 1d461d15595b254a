"""`--events`: what the cameras reported is listed, picked, and its footage brought."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.runs import NOTHING_ANSWERED, ROAD, START, Bench, Ran, bodies, of_each_provider

from simulator import TRUCKS, Event, EventStyle, Simulator, Uploaded, week

MOMENT = START + timedelta(minutes=2, seconds=20, milliseconds=400)
CRASH = Event(
    1, TRUCKS[0].id, MOMENT, "Crash", kind="crash", seconds=7.2, g_force=1.83, severity="critical"
)
BRAKING = Event(
    2, TRUCKS[1].id, MOMENT + timedelta(hours=1), "Braking", kind="hard_brake", driver="", seconds=3
)
GONE = replace(BRAKING, number=3, start=MOMENT + timedelta(hours=2), state="dismissed")
SPAN = ("--from=04/16/2025 13:00", "--to=04/17/2025 13:00")
AROUND = ("--before=20", "--after=20")


def run(bench: Bench, sim: Simulator, *options: str, cameras: str | None = "road") -> Ran:
    return bench.run(sim, "--events", *SPAN, *options, cameras=cameras, **NOTHING_ANSWERED)


def only_json(ran: Ran) -> Any:
    return json.loads(ran.lines_with('"version"')[-1])


def reports(bench: Bench) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(bench.videos.glob("Report_*"))]


@of_each_provider
def test_an_event_becomes_footage_with_all_that_is_said(bench: Bench) -> None:
    with bench.cloud(events=[CRASH, BRAKING, GONE]) as sim:
        ran = run(bench, sim, "--pick=2", "--yes", *AROUND)
        sent = len(sim.posts())
        again = run(bench, sim, "--pick=2", "--yes", *AROUND)
        assert len(sim.posts()) == sent, "nothing is requested twice"
    assert ran.status == again.status == 0, ran.out
    assert "2 safety events of" in ran.out and "(1 more are not shown)" in ran.out
    assert "Event 2 (Crash, Truck 42, 04/16/2025 13:32:20 CDT): complete; report: " in ran.out
    job = ran.journal
    (event,) = job["events"]
    assert (event["labels"][0].casefold(), event["driver"]) == ("crash", "A. Muster")
    assert len(ran.journals) == 1
    (report,) = reports(bench)
    assert f"as said by {bench.side.name}" in report and "driver: A. Muster" in report
    assert "Safety event, as said by" in ran.log


def test_the_window_is_cut_to_whole_seconds(bench: Bench) -> None:
    with bench.cloud(events=[CRASH]) as sim:
        run(bench, sim, "--pick=all", "--yes", *AROUND)
        (body,) = bodies(sim)
    assert (body["startTime"], body["endTime"]) == ("2025-04-16T18:32:00Z", "2025-04-16T18:32:48Z")


def test_what_is_in_the_cloud_costs_nothing(bench: Bench) -> None:
    clip = Uploaded(ROAD, START + timedelta(minutes=2), 60.0)
    with bench.cloud(events=[CRASH], uploaded=[clip]) as sim:
        ran = run(bench, sim, "--yes", *AROUND)
        assert bodies(sim) == []
    assert ran.status == 0 and "in the cloud: Road" in ran.out


@of_each_provider
def test_by_pipe_nothing_is_paid_without_a_yes(bench: Bench) -> None:
    with bench.cloud(events=[CRASH, BRAKING]) as sim:
        listed = run(bench, sim)
        refused = run(bench, sim, "--pick=1")
        dry = run(bench, sim, "--dry-run")
        assert sim.posts() == []
    assert (listed.status, refused.status, dry.status) == (0, 2, 0)
    assert "Add --yes for the footage of all of them" in listed.out
    first, second = [line for line in listed.lines if "CDT  " in line]
    assert "Truck 43" in first and "Truck 42" in second


@of_each_provider
@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--labels=Harsh-Braking,crash"], 2),
        (["--labels=CRASH"], 1),
        (["--labels=harsh braking", "--all-states"], 2),
        (["--vehicle=Truck 43"], 1),
        (["--all-states"], 3),
        (["--labels=rollover"], 0),
    ],
)
def test_which_events_are_listed(bench: Bench, options: Sequence[str], count: int) -> None:
    with bench.cloud(events=[CRASH, BRAKING, GONE]) as sim:
        ran = run(bench, sim, "--json", *options)
    assert ran.status == 0
    assert len(only_json(ran)["events"]) == count
    if not count:
        assert "There are others" in ran.out


def test_an_event_as_json(bench: Bench) -> None:
    clip = Uploaded(ROAD, START + timedelta(minutes=2), 60.0)
    with bench.cloud(events=[CRASH], uploaded=[clip]) as sim:
        summary = only_json(run(bench, sim, "--json"))
    assert summary["jobs"] == []
    assert summary["events"] == [
        {
            "id": CRASH.samsara_id,
            "provider": "Samsara",
            "start": "2025-04-16T18:32:20.400000Z",
            "end": "2025-04-16T18:32:27.600000Z",
            "vehicle": {"id": TRUCKS[0].id, "name": "Truck 42"},
            "driver": "A. Muster",
            "labels": ["Crash"],
            "state": "needsReview",
            "severity": "",
            "g_force": 1.83,
            "place": "Chicago, IL",
            "latitude": 41.8807,
            "longitude": -87.6742,
            "link": "https://cloud.samsara.com/o/1/fleet/safety/1",
            "in_cloud": ["Road"],
        }
    ]


@of_each_provider
def test_a_saved_list_is_one_that_can_be_used(bench: Bench) -> None:
    path = bench.folder / "events.csv"
    with bench.cloud(events=[CRASH, BRAKING]) as sim:
        saved = run(bench, sim, f"--save={path}", *AROUND)
        assert saved.status == 0 and sim.posts() == []
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
        assert [row["vehicle"] for row in rows] == ["Truck 43", "Truck 42"]
        assert rows[1]["label"].casefold() == "crash" and rows[1]["driver"] == "A. Muster"
        given = [f"--incidents={path}", "--yes"]
        ran = bench.run(sim, *given, cameras="road", **NOTHING_ANSWERED)
    assert ran.status == 0, ran.out
    results = path.with_name("events.csv.results.csv").read_text("utf-8-sig")
    assert [row["status"] for row in csv.DictReader(results.splitlines())] == ["complete"] * 2


@of_each_provider
def test_a_week_of_a_thousand_is_listed_in_seconds(bench: Bench) -> None:
    events = week(TRUCKS, START + timedelta(hours=1), 1000, seed=7)
    bench.paced = True
    options = ["--from=04/09/2025 14:00", "--to=04/16/2025 14:00", "--all-states", "--json"]
    with bench.cloud(events=events, event_style=EventStyle(page_size=100)) as sim:
        began = time.monotonic()
        ran = bench.run(sim, "--events", *options, **NOTHING_ANSWERED)
        took = time.monotonic() - began
    listed = only_json(ran)["events"]
    assert len({one["id"] for one in listed}) == len(listed) == 1000
    assert took < 30  # 5 s is claimed of a computer that does nothing else


@pytest.mark.parametrize("bench", ["samsara"], indirect=True)
@pytest.mark.parametrize(
    "style",
    [
        EventStyle(page_size=1, empty_pages=(1,)),
        EventStyle(page_size=1, lost_cursors=1),
        EventStyle(stream_status=403),
        EventStyle(stream_status=404),
        EventStyle(media_allowed=False),
    ],
)
def test_samsaras_lists_and_their_oddities(bench: Bench, style: EventStyle) -> None:
    odd = [
        replace(CRASH, twice=True, state="reviewed"),
        replace(BRAKING, odd_id=True, numeric=True, label="SomethingNew", trip_over=False),
    ]
    with bench.cloud(events=odd, event_style=style) as sim:
        events = only_json(run(bench, sim, "--json"))["events"]
        asked = [call.query for call in sim.calls if call.path == "/safety-events/stream"]
    same = [{name: value for name, value in one.items() if name != "after"} for one in asked]
    assert all(one == same[0] for one in same), "else the cursor is refused"
    assert same[0]["queryByTimeField"] == ["createdAtTime"]
    assert [one["labels"][0].casefold() for one in events] == ["somethingnew", "crash"]
    assert [one["vehicle"]["name"] for one in events] == ["Truck 43", "Truck 42"]
    assert events[1]["state"] == "reviewed"


@pytest.mark.parametrize("bench", ["motive"], indirect=True)
@pytest.mark.parametrize(
    "style",
    [
        EventStyle(page_size=1),
        EventStyle(page_size=1, total_at_top=True),
        EventStyle(vehicle_as="current_vehicle"),
        EventStyle(vehicle_as="vehicle_id"),
    ],
)
def test_motives_list_and_its_oddities(bench: Bench, style: EventStyle) -> None:
    odd = [replace(CRASH, twice=True, withdrawn=True), replace(BRAKING, aggregated=True)]
    with bench.cloud(events=odd, event_style=style) as sim:
        events = only_json(run(bench, sim, "--json"))["events"]
    assert [one["labels"] for one in events] == [["hard_brake"], ["crash"]]
    assert [one["vehicle"]["name"] for one in events] == ["Truck 43", "Truck 42"]
    assert events[1]["severity"] == "critical" and events[1]["place"] == "Chicago, IL"


@of_each_provider
def test_a_key_that_may_not_list_them(bench: Bench) -> None:
    style = EventStyle(stream_status=403, legacy_status=403, status=403)
    with bench.cloud(events=[CRASH], event_style=style) as sim:
        ran = run(bench, sim)
    assert ran.status == 2
    assert "a moment (--at)" in ran.out
    if bench.side.name == "Samsara":
        assert "lacks the permission Read Safety Events & Scores" in ran.out


def test_a_wrong_number_is_told_before_anything_is_paid(bench: Bench) -> None:
    with bench.cloud(events=[CRASH]) as sim:
        ran = run(bench, sim, "--pick=2", "--yes")
        assert sim.posts() == []
    assert ran.status == 2 and "'2' is none of the events 1 to 1" in ran.out


def test_a_folder_is_no_file_to_save_to(bench: Bench, tmp_path: Path) -> None:
    with bench.cloud(events=[CRASH]) as sim:
        ran = run(bench, sim, f"--save={tmp_path}")
    assert ran.status == 2 and "is a folder" in ran.out


def test_only_what_is_not_in_the_cloud_is_requested(bench: Bench) -> None:
    clip = Uploaded(ROAD, MOMENT - timedelta(seconds=3.15), 10.0)
    with bench.cloud(events=[CRASH], uploaded=[clip]) as sim:
        ran = run(bench, sim, "--yes", *AROUND)
        asked = sorted((body["startTime"][-9:], body["endTime"][-9:]) for body in bodies(sim))
    assert asked == [("18:32:00Z", "18:32:18Z"), ("18:32:27Z", "18:32:48Z")]
    assert ran.status == 0 and "39 s of quota" in ran.out, ran.out


@pytest.mark.parametrize("bench", ["motive"], indirect=True)
def test_nothing_is_paid_for_a_withdrawn_event(bench: Bench) -> None:
    with bench.cloud(events=[replace(CRASH, withdrawn=True), BRAKING]) as sim:
        ran = run(bench, sim, "--pick=all", "--yes", *AROUND)
        assert {one.vehicle.name for one in sim.retrievals} == {"Truck 43"}
    assert ran.status == 0, ran.out
    assert "Event 2 (Crash) was withdrawn by Motive" in ran.out
    assert "Event 1 (Hard brake, Truck 43, 04/16/2025 14:32:20 CDT): complete" in ran.out


def test_events_that_overlap_are_one_job(bench: Bench) -> None:
    later = replace(CRASH, number=9, start=MOMENT + timedelta(seconds=15), label="HarshTurn")
    with bench.cloud(events=[CRASH, later]) as sim:
        ran = run(bench, sim, "--yes", *AROUND)
    assert ran.status == 0 and "event 1, 2" in ran.out
    assert "63 s of quota" in ran.out
    assert [one["labels"] for one in ran.journal["events"]] == [["Crash"], ["HarshTurn"]]


def test_what_is_fetched_later_is_brought_by_resume(bench: Bench) -> None:
    with bench.cloud(events=[CRASH]) as sim:
        ran = run(bench, sim, "--yes", "--fetch-later", *AROUND)
        assert ran.status == 4 and "CDT): requested" in ran.out
        assert bench.resume(sim).status == 0
        assert len(sim.posts()) == 1
        again = run(bench, sim, "--yes", *AROUND)
    assert again.status == 0 and "complete; report: " in again.out


@of_each_provider
def test_days_begin_at_other_times_elsewhere(bench: Bench) -> None:
    # 3:00 UTC of a day that has not begun in the company's zone.
    late = replace(CRASH, start=START.replace(day=17, hour=3, minute=0))
    options = ["--from=04/16/2025 21:30", "--to=04/16/2025 22:30", "--json"]
    with bench.cloud(events=[CRASH, late]) as sim:
        ran = bench.run(sim, "--events", *options, **NOTHING_ANSWERED)
    assert [one["start"] for one in only_json(ran)["events"]] == ["2025-04-17T03:00:00Z"]


def test_a_time_that_ends_before_it_begins_is_refused(bench: Bench) -> None:
    options = ["--from=04/16/2025 21:30", "--to=04/16/2025 20:30"]
    with bench.cloud(events=[CRASH]) as sim:
        ran = bench.run(sim, "--events", *options, **NOTHING_ANSWERED)
        assert sim.calls == []
    assert ran.status == 2 and "--from has to be before --to" in ran.out


def test_a_job_of_the_same_time_is_none_of_the_event(bench: Bench) -> None:
    with bench.cloud(events=[CRASH]) as sim:
        options = bench.options(start="04/16/2025 13:32", minutes=None, cameras="road")
        bench.run_as(sim, [*options, "--minutes=48s"])
        ran = run(bench, sim, "--yes", *AROUND)
        assert len(sim.posts()) == 1, "what it has requested is used"
    assert ran.status == 0, ran.out
    assert [len(json.loads(one.read_text("utf-8"))["events"]) for one in ran.journals] == [0, 1]
