"""`--watch` as a process: killed, told to end, and started a second time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.programs import BY_ITSELF, tell_to_stop
from support.runs import HANGS_AFTER, NOTHING_ANSWERED, PROJECT, Bench, environment

from footage.job.journal import read
from footage.job.watch_state import only_watch
from footage.model import UTC, Job
from simulator import TRUCKS, Event, Simulator


def recent_events(count: int) -> list[Event]:
    """Of the last hour: a real watch has a real clock."""
    now = datetime.now(UTC)
    return [
        Event(n, TRUCKS[n % 2].id, now - timedelta(minutes=50 - 5 * n), "Crash", late=1.0)
        for n in range(count)
    ]


@contextmanager
def watching(bench: Bench, sim: Simulator, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The program, which looks every third of a second."""
    since = datetime.now(UTC) - timedelta(hours=2)
    command = [
        *(sys.executable, str(PROJECT / "main.py"), "--watch=0.005", "--before=5", "--after=5"),
        *bench.options(**NOTHING_ANSWERED, cameras="road", timezone="Etc/UTC"),
        *(f"--from={since:%Y-%m-%d %H:%M}", *options),
    ]
    with (bench.folder / "output.txt").open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment(sim, None)},
            **BY_ITSELF,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    until = time.monotonic() + HANGS_AFTER
    while not ready():
        assert process.poll() is None, "it has ended by itself"
        assert time.monotonic() < until
        time.sleep(0.02)


def jobs(bench: Bench) -> list[Job]:
    return [read(path) for path in sorted(bench.logs.glob("request_ids_*.json"))]


def output(bench: Bench) -> str:
    return (bench.folder / "output.txt").read_text("utf-8")


@pytest.mark.long
def test_killed_again_and_again_it_pays_for_nothing_twice(bench: Bench) -> None:
    events = recent_events(4)
    with bench.cloud(events=events) as sim:
        # At the first list, with a journal and no request, between requests, and while polling.
        kills = (2, 4, 5, 9, 14)
        for calls in kills:
            before = len(sim.calls)
            with watching(bench, sim) as process:
                wait_until(process, lambda: len(sim.calls) >= before + calls)  # noqa: B023
                process.kill()
        before = len(sim.calls)
        with watching(bench, sim) as process:
            wait_until(process, lambda: len(sim.calls) > before)  # else it is told before it begins
            wait_until(process, lambda: sum(job.notified == "complete" for job in jobs(bench)) == 4)
            tell_to_stop(process)
            assert process.wait(HANGS_AFTER) == 130
        sent = len(sim.posts())
    found = [event.id for job in jobs(bench) for event in job.events]
    assert sorted(found) == sorted(event.samsara_id for event in events)
    doubts = sum(one.possible_duplicates for job in jobs(bench) for one in job.retrievals)
    assert doubts <= len(kills)
    assert len(events) <= sent <= len(events) + doubts, "else something was paid twice"
    assert "The watch was stopped. The same command goes on with it." in output(bench)
    assert "Traceback" not in output(bench)


def test_told_to_end_it_says_what_is_unfinished(bench: Bench) -> None:
    with (
        bench.cloud(events=recent_events(2), delay=1e6) as sim,
        watching(bench, sim) as process,
    ):
        wait_until(process, lambda: len(sim.polls()) > 4)
        tell_to_stop(process)
        assert process.wait(HANGS_AFTER) == 130
    assert "The watch was stopped. 2 jobs are not finished." in output(bench)


def test_there_is_one_watch_a_folder(bench: Bench, tmp_path: Path) -> None:
    with bench.cloud() as sim, only_watch(bench.logs):
        ran = bench.run(sim, "--watch", **NOTHING_ANSWERED)
        assert sim.calls == []
    assert ran.status == 2
    assert "Another watch is running with the logs in" in ran.out
