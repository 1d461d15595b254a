"""Several jobs go on at once: none waits for another, and one is rendered at a time."""

from __future__ import annotations

import _thread
import csv
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.lock_watch import LockWatch
from support.runs import START, Bench, Ran

from footage.incidents import results_file
from footage.incidents.results_file import RowResult
from footage.job.journal import Journal
from footage.job.runner import Pipeline
from footage.media.render import Renderer
from simulator import OnClip, Simulator


def saved(bench: Bench, *rows: str) -> Path:
    path = bench.folder / "claims.csv"
    path.write_text("\n".join(["vehicle,at", *rows]) + "\n", encoding="utf-8")
    return path


def run(bench: Bench, sim: Simulator, path: Path, *options: str, cameras: str = "road") -> Ran:
    about = [f"--incidents={path}", "--before=30", "--after=30", "--yes", *options]
    return bench.run(sim, *about, cameras=cameras, vehicle=None, start=None, minutes=None)


def statuses(path: Path) -> list[str]:
    text = path.with_name(f"{path.name}.results.csv").read_text(encoding="utf-8-sig")
    return [one["status"] for one in csv.DictReader(text.splitlines())]


def on_results(
    monkeypatch: pytest.MonkeyPatch, then: Callable[[Mapping[int, RowResult]], None]
) -> None:
    """Do this whenever the results were written, in the thread that wrote them."""
    write = results_file.write

    def written(path: Path, table: Any, results: Mapping[int, RowResult], patience: float) -> None:
        write(path, table, results, patience)
        then(results)

    monkeypatch.setattr(results_file, "write", written)


def test_each_job_is_finished_as_soon_as_it_can_be(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is never online, one has everything at once, and one comes when that is finished."""
    path = saved(bench, *(f"Truck 42,2025-04-16 13:{minute}:30" for minute in (30, 32, 34)))
    at = [START + timedelta(minutes=minute) for minute in (0, 2, 4)]
    rendered: list[str] = []
    at_once: list[int] = []
    made = Renderer.render_next

    def watched(renderer: Renderer, *arguments: Any) -> bool:
        at_once.append(1)
        rendered.append(threading.current_thread().name)
        assert len(at_once) == 1, "two are rendered at a time"
        found = made(renderer, *arguments)
        at_once.pop()
        return found

    def then(results: Mapping[int, RowResult]) -> None:
        if results[3].status == "complete":
            assert list(bench.videos.glob("*_13-32-00*")), "its films are not there yet"
            bench.uploads_arrive(sim, at[2])
        if results[4].status == "complete":
            _thread.interrupt_main()

    monkeypatch.setattr(Renderer, "render_next", watched)
    on_results(monkeypatch, then)
    closed: list[datetime] = []
    close = Journal.close

    def noted(journal: Journal) -> None:
        closed.append(journal.job.start)
        close(journal)

    monkeypatch.setattr(Journal, "close", noted)
    watch = LockWatch(monkeypatch)
    late = (OnClip("late", 3600.0, at=at[0]), OnClip("late", 3600.0, at=at[2]))
    with bench.cloud(*late) as sim:
        ran = run(bench, sim, path, cameras="road,driver")
        assert len(sim.posts()) == 6
        assert not [call for call in sim.calls if call.status == 429]
    assert ran.status == 130, ran.out
    assert "Stopped. To go on, run the same command again" in ran.out
    assert statuses(path) == ["requested", "complete", "complete"]
    assert set(rendered) == {"make"}
    assert watch.broken == []
    assert closed[:2] == [at[1], at[2]], "what is finished is held no longer"
    assert "[Row 3: Truck 42] Side by side: minute 1 rendered" in ran.log
    posts = [call.at for call in sim.posts()]
    assert max(posts) < min(call.at for call in sim.polls()), "all requests are sent first"


def test_a_fault_at_one_job_is_none_of_the_others(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(bench, *(f"Truck 42,2025-04-16 13:{minute}:30" for minute in (30, 32)))
    make_files = Pipeline.make_files

    def faulty(pipeline: Pipeline, *arguments: Any) -> list[str]:
        if pipeline.job.start == START:
            raise ValueError("nobody has thought of this")
        return make_files(pipeline, *arguments)

    monkeypatch.setattr(Pipeline, "make_files", faulty)
    with bench.cloud() as sim:
        ran = run(bench, sim, path)
    assert statuses(path) == ["failed", "complete"]
    assert ran.lines_with("Row 2: Truck 42: The program has met a fault of its own at this job")
    assert "nobody has thought of this" in ran.log
    assert ran.status == 1, ran.out


def test_many_jobs_take_the_threads_of_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    at = (f"{13 + n // 30}:{2 * (n % 30):02}:00" for n in range(20))
    path = saved(bench, *(f"Truck 42,2025-04-16 {time}" for time in at))
    threads: set[str] = set()

    def then(results: Mapping[int, RowResult]) -> None:
        if results[21].status == "nothing":
            threads.update(one.name for one in threading.enumerate())

    on_results(monkeypatch, then)
    with bench.cloud(OnClip("unavailable")) as sim:
        ran = run(bench, sim, path)
        assert len(sim.posts()) == 20
    assert set(statuses(path)) == {"nothing"}, ran.out
    ours = {name for name in threads if name.startswith(("requests", "poll-", "fetch-"))}
    assert ours == {
        "requests",
        *(f"poll-{n}" for n in range(1, 5)),
        *(f"fetch-{n}" for n in range(1, 4)),
    }
