"""`--watch`: a week of looks in a moment; no event is lost, and none is paid for twice."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.drives import cannot_be_listed
from support.runs import START, Bench, of_each_provider
from support.watching import HOUR, Watched

from footage.errors import DiskError, FfmpegError, UsageError
from footage.job.journal import Journal, read
from footage.job.watch_state import write_state
from footage.job.watched_jobs import WatchedJob, camera_seconds
from footage.ui import watch_look
from simulator import TRUCKS, Event, OnCall, OnClip, Simulator, Uploaded

DAY = timedelta(days=1)
CRASH = Event(1, TRUCKS[0].id, START + HOUR, "Crash", kind="crash", seconds=7)


def another(number: int, at: timedelta, **changes: Any) -> Event:
    """An event of another truck, or of the same."""
    truck = TRUCKS[number % 2].id
    return replace(CRASH, number=number, start=START + at, vehicle=truck, **changes)


def requested(bench: Bench, sim: Simulator) -> Counter[tuple[str, datetime]]:
    """How often each second of each vehicle was requested (of one camera)."""
    seconds: Counter[tuple[str, datetime]] = Counter()
    for one in sim.retrievals:
        length = round((one.end - one.start).total_seconds())
        seconds.update((one.vehicle.id, one.start + timedelta(seconds=n)) for n in range(length))
    return seconds


def events_of_jobs(bench: Bench) -> list[str]:
    jobs = [read(path) for path in sorted(bench.logs.glob("request_ids_*.json"))]
    assert all(job.watched for job in jobs)
    return sorted(event.id for job in jobs for event in job.events)


@of_each_provider
def test_a_week_loses_no_event_and_pays_none_twice(bench: Bench) -> None:
    events = [
        CRASH,
        another(2, 30 * HOUR, late=3 * 3600),
        another(3, 31 * HOUR, late=3 * 86400),  # its truck had no connection for days
        another(4, 52 * HOUR),  # while the provider is away
        another(5, 80 * HOUR),  # while no watch runs
        another(6, 100 * HOUR, state="dismissed"),  # until reviewers change their minds
        # Seen when the footage of another one with which it overlaps was requested already.
        replace(CRASH, number=7, start=CRASH.start + timedelta(seconds=10), late=7200),
    ]
    changed = replace(events[5], state="needsReview")
    with bench.cloud(delay=0) as sim:
        watched = Watched(
            bench, sim, events,
            changes=[(START + 110 * HOUR, changed)],
            outages=[(START + 50 * HOUR, START + 56 * HOUR)],
        )  # fmt: skip
        watched.watch(78 * HOUR, every=40)
        watched.off(6 * HOUR)
        said = watched.watch(84 * HOUR, every=40)
        looks = len([one for one in sim.calls if "events" in one.path])
        seconds = requested(bench, sim)
    assert looks > 200
    side = "samsara_id" if bench.side.key == "samsara" else "motive_id"
    assert events_of_jobs(bench) == sorted(str(getattr(one, side)) for one in events)
    if bench.side.key == "samsara":
        assert set(seconds.values()) == {1}, "no second of any camera is paid for twice"
    else:
        assert sum(seconds.values()) == 60 * len(events), "Motive gives whole minutes"
    assert said.count(": complete") == len(events), said
    assert said.count("The watch goes on, and looks again.") == 1
    assert said.count("answers again.") == 1


def test_footage_is_requested_once_all_of_it_is_recorded(bench: Bench) -> None:
    soon = another(2, timedelta(minutes=20, seconds=-8), late=5, seconds=2)
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [soon], options=("--before=5", "--after=40"))
        watched.watch(timedelta(minutes=30))
        assert sim.posts() == []
        watched.watch(timedelta(minutes=30))
        (one,) = sim.retrievals
    assert one.end - one.start == timedelta(seconds=47)


def test_what_is_overwritten_first_is_requested_first(bench: Bench) -> None:
    late = {"late": 5 * 3600.0}
    events = [another(2, 2 * HOUR, **late), another(3, HOUR, **late), another(4, 3 * HOUR)]
    with bench.cloud(delay=0) as sim:
        Watched(bench, sim, events).watch(9 * HOUR, every=480)
        starts = [one.start for one in sim.retrievals]
    assert len(starts) == 3 and starts == sorted(starts)


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        ([], [1, 2]),
        (["--labels=crash"], [1]),
        (["--vehicle=Truck 43"], [2]),
        (["--all-states"], [1, 2, 3]),
    ],
)
def test_which_events_are_wanted(bench: Bench, options: list[str], numbers: list[int]) -> None:
    there = [
        replace(CRASH, vehicle=TRUCKS[0].id),
        replace(CRASH, number=2, vehicle=TRUCKS[1].id, label="Braking", start=START + 2 * HOUR),
        replace(CRASH, number=3, state="dismissed", start=START + 3 * HOUR),
    ]
    with bench.cloud(delay=0) as sim:
        Watched(bench, sim, there).watch(5 * HOUR, *options, every=120)
    expected = [event.samsara_id for event in there if event.number in numbers]
    assert events_of_jobs(bench) == sorted(expected)


def test_what_is_older_than_the_watch_is_not_wanted(bench: Bench) -> None:
    with bench.cloud(delay=0) as sim:
        Watched(bench, sim, [replace(CRASH, start=START - HOUR)]).watch(5 * HOUR, every=120)
        assert sim.posts() == []


# --- the budget ---------------------------------------------------------------------------------


def test_the_budget_holds_over_restarts_and_months(bench: Bench) -> None:
    """Each event takes 17 s of one camera."""
    may = datetime(2025, 5, 1, tzinfo=START.tzinfo)
    begin = may - timedelta(minutes=40)
    events = [replace(CRASH, number=n, start=begin + n * timedelta(minutes=2)) for n in range(1, 5)]
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, events, now=begin)
        watched.watch(timedelta(minutes=8), "--budget=0.6", every=1)
        assert len(sim.posts()) == 2
        said = watched.watch(timedelta(minutes=20), "--budget=0.6", every=1)
        assert len(sim.posts()) == 2, "what an earlier run has requested counts"
        assert said.count("is not requested: it needs 0.3 camera-minutes, and 0 of 0.6") == 2, said
        assert "of this month's 0.6 are used, as the journals say" in said
        watched.watch(timedelta(minutes=30), "--budget=0.6", every=1)
        assert len(sim.posts()) == 4
    jobs = [read(path) for path in bench.logs.glob("request_ids_*.json")]
    assert all(camera_seconds(job.retrievals) == 17 for job in jobs), "none is requested half"


def test_what_is_in_the_cloud_needs_no_budget(bench: Bench) -> None:
    clip = Uploaded("dashcamRoadFacing", CRASH.start - timedelta(minutes=1), 120.0)
    with bench.cloud(delay=0, uploaded=[clip]) as sim:
        said = Watched(bench, sim, [CRASH]).watch(2 * HOUR, "--budget=0")
        assert sim.posts() == []
    assert "all of it is there already." in said and ": complete" in said


def test_without_a_budget_that_is_said(bench: Bench) -> None:
    with bench.cloud() as sim:
        said = Watched(bench, sim).watch(HOUR)
    assert "There is no --budget: nothing but Samsara's own quota" in said


# --- what goes wrong ----------------------------------------------------------------------------


@of_each_provider
def test_a_key_that_is_refused_ends_the_watch(bench: Bench) -> None:
    with bench.cloud(revoke_after=0) as sim, pytest.raises(UsageError):
        Watched(bench, sim).watch(HOUR)


@pytest.mark.parametrize("options", [[], ["--vehicle=Truck 42"]])
def test_it_may_start_before_the_provider_answers(bench: Bench, options: list[str]) -> None:
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [CRASH], outages=[(START, START + 3 * HOUR)])
        said = watched.watch(5 * HOUR, *options)
    assert said.count("looks again.") == said.count("answers again.") == 1
    assert said.count(": complete") == 1


def test_the_older_list_in_between_pays_nothing_twice(bench: Bench) -> None:
    """Where Samsara refuses the stream for a while; its older list has other ids."""
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [CRASH])
        watched.watch(3 * HOUR)
        watched.bad = [OnCall("error", "events", 404)]
        watched.events = [CRASH, another(2, 4 * HOUR)]
        watched.watch(3 * HOUR)
        watched.bad = []
        said = watched.watch(3 * HOUR)
        assert len(sim.posts()) == 2
    assert said.count("New: ") == said.count(": complete") == 2


def test_a_full_disk_ends_no_watch(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [CRASH])

        def when_there_is_room(do: Callable[..., Any]) -> Callable[..., Any]:
            def called(*arguments: Any) -> Any:
                if watched.now < START + 3 * HOUR:
                    raise DiskError("The disk is full.")
                return do(*arguments)

            return called

        with monkeypatch.context() as patch:
            patch.setattr(watch_look, "write_state", when_there_is_room(write_state))
            patch.setattr(Journal, "create", when_there_is_room(Journal.create))
            said = watched.watch(5 * HOUR)
    assert said.count("The disk is full.") == 2 and said.count(": complete") == 1


def test_a_drive_that_is_away_ends_no_watch(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that it knows are requested once, and the budget is not counted anew."""
    later = another(2, 3 * HOUR)
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [CRASH, later])
        back = START + 5 * HOUR  # it goes away as soon as something is requested
        cannot_be_listed(bench.logs, monkeypatch, lambda: sim.posts() != [] and watched.now < back)
        said = watched.watch(8 * HOUR)
        assert max(requested(bench, sim).values()) == 1
    assert "cannot be read" in said and said.count("The watch goes on") == 1
    assert said.count(": complete") == 2


def test_a_refusal_in_passing_does_not_end_it(bench: Bench) -> None:
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [CRASH], bad=[OnCall("error", "events", 401, nth=(2, 3))])
        said = watched.watch(3 * HOUR)
        assert "The watch goes on" in said and ": complete" in said
        watched.bad = [OnCall("error", "events", 401)]
        with pytest.raises(UsageError, match="does not list safety events"):
            watched.watch(3 * HOUR)


def test_footage_that_never_comes_is_told_once(bench: Bench) -> None:
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [CRASH], bad=[OnClip("unavailable")])
        watched.watch(2 * HOUR)
        said = watched.watch(2 * HOUR)
    assert said.count(": nothing; report: ") == 1


def test_an_event_of_an_unknown_vehicle_is_told_once(bench: Bench) -> None:
    with bench.cloud(delay=0) as sim:
        gone = replace(CRASH, vehicle="123456")
        said = Watched(bench, sim, [gone]).watch(6 * HOUR)
        assert sim.posts() == []
    assert said.count("cannot be requested") == 1


# --- telling ------------------------------------------------------------------------------------

KEEPS = """
import json, os, sys
given = json.loads(sys.stdin.buffer.read().decode("utf-8"))
with open(sys.argv[1], "a", encoding="utf-8") as file:
    file.write(json.dumps([given, sorted(os.environ)]) + "\\n")
"""


def told(bench: Bench) -> list[Any]:
    path = bench.folder / "told.txt"
    return list(map(json.loads, path.read_text("utf-8").splitlines())) if path.exists() else []


def keeping(bench: Bench) -> str:
    """A --notify whose program keeps what it is given."""
    script = bench.folder / "it's a program.py"
    script.write_text(KEEPS, "utf-8")
    return f'--notify="{sys.executable}" "{script}" "{bench.folder / "told.txt"}"'


def test_each_job_is_told_of_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSARA_API_KEY", "another-secret-key")
    monkeypatch.setenv("HARMLESS", "1")
    with bench.cloud(delay=0) as sim:
        monkeypatch.setenv("BY_ANOTHER_NAME", f"Bearer {sim.token}")
        watched = Watched(bench, sim, [CRASH, another(2, 3 * HOUR)])
        watched.watch(4 * HOUR, keeping(bench), every=60)
        watched.watch(2 * HOUR, keeping(bench), every=60)
    assert len(told(bench)) == 2
    given, variables = told(bench)[0]
    assert (given["version"], given["exit_status"], len(given["jobs"])) == (1, 0, 1)
    assert given["jobs"][0]["events"][0]["id"] == CRASH.samsara_id
    assert given["jobs"][0]["status"] == "complete"
    assert "HARMLESS" in variables
    assert not {"SAMSARA_API_KEY", "BY_ANOTHER_NAME"} & set(variables)


def test_what_was_finished_and_not_told_is_told(bench: Bench) -> None:
    """As after a run that was killed in between."""
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [CRASH])
        watched.watch(3 * HOUR, every=60)
        (path,) = bench.logs.glob("request_ids_*.json")
        with closing(Journal.open(path)) as journal, journal.change() as job:
            job.notified = ""
        watched.watch(2 * HOUR, keeping(bench), every=60)
        watched.watch(2 * HOUR, keeping(bench), every=60)
    assert len(told(bench)) == 1


def test_a_command_that_fails_stops_nothing(bench: Bench) -> None:
    failing = f'--notify="{sys.executable}" -c "raise SystemExit(7)"'
    with bench.cloud(delay=0) as sim:
        said = Watched(bench, sim, [CRASH, another(2, 2 * HOUR)]).watch(4 * HOUR, failing, every=60)
    assert said.count(": complete") == 2
    assert said.count("The command of --notify has failed: it ended with status 7.") == 2


def test_a_film_that_cannot_be_made_is_told_as_failed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise FfmpegError("It cannot be joined.")

    with bench.cloud(delay=0) as sim, monkeypatch.context() as patch:
        patch.setattr("footage.job.runner.merge.merge", fail)
        watched = Watched(bench, sim, [CRASH])
        said = watched.watch(5 * HOUR, keeping(bench), every=60)
        assert said.count(": failed") == 1
        patch.undo()
        said = watched.watch(2 * HOUR, keeping(bench), every=60)
    assert said.count(": complete") == 1
    assert [given["jobs"][0]["status"] for given, _ in told(bench)][-1] == "complete"


# --- a long time --------------------------------------------------------------------------------


# What is not the program's: the simulated cloud in the same process, the tests, and what measures.
_NOT_OURS = ("*/simulator/*", "*/werkzeug/*", "*/tests/*", "*/coverage/*", tracemalloc.__file__)


def memory_held() -> int:
    """Bytes that the program and its libraries hold."""
    gc.collect()
    snapshot = tracemalloc.take_snapshot()
    kept = snapshot.filter_traces([tracemalloc.Filter(False, name) for name in _NOT_OURS])
    return sum(one.size for one in kept.statistics("filename"))


@pytest.mark.long
def test_looks_that_find_nothing_leave_no_trace(bench: Bench) -> None:
    """Neither in memory nor in the log: measured over hundreds of looks at the same events."""
    events = [another(n, timedelta(minutes=-n), state="dismissed") for n in range(1, 6)]
    looks, held = 0, dict[int, int]()
    with bench.cloud(delay=0) as sim:
        watched = Watched(bench, sim, [*events, CRASH])
        usual = watched.as_of

        def as_of(now: datetime) -> None:
            nonlocal looks
            usual(now)
            sim._log._calls.clear()  # the simulated cloud remembers each call
            looks += 1
            if looks in (80, 90, 100, 180, 190, 200):
                held[looks] = memory_held()

        watched.as_of = as_of  # type: ignore[method-assign]
        tracemalloc.start()
        try:
            watched.watch(100 * HOUR, every=30)
        finally:
            tracemalloc.stop()
        log = "".join(path.read_text("utf-8") for path in bench.logs.glob("*.log"))
    assert looks >= 200
    assert max(held[180], held[190], held[200]) - max(held[80], held[90], held[100]) < 100_000
    quiet = [line for line in log.splitlines() if "/safety-events/stream" in line]
    assert len(quiet) < 12, "the look that found something, and one of each day"


def test_more_jobs_than_can_be_open_take_turns(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a journal cannot be opened for a while, as with a full disk."""
    usual, fails = WatchedJob.open, iter([False, True, True])

    def open_seldom(one: WatchedJob) -> Journal:
        if next(fails, False):
            raise DiskError("There is no room.")
        return usual(one)

    monkeypatch.setattr("footage.system.open_files.most_jobs", lambda: 1)
    monkeypatch.setattr(WatchedJob, "open", open_seldom)
    events = [another(number, number * timedelta(minutes=1)) for number in range(1, 5)]
    with bench.cloud(delay=0) as sim:
        said = Watched(bench, sim, events).watch(6 * HOUR)
        assert len(sim.posts()) == 4
    assert said.count(": complete") == 4, said
    assert said.count("There is no room.") == 1
