"""A job that was stopped is simply continued."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from support.drives import cannot_be_listed
from support.runs import PROJECT, ROAD, Bench, environment, of_each_provider

from footage.cloud import download
from footage.errors import FfmpegError
from footage.media import render
from simulator import OnCall, OnClip, Simulator


def resumed_names(bench: Bench) -> list[str]:
    return [path.name for path in bench.videos.iterdir()]


def started(sim: Simulator, options: Sequence[str]) -> subprocess.Popen[bytes]:
    """The program with nobody at it, in a process of its own that can be sent signals."""
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "main.py"), *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment(sim, None)},
        start_new_session=True,
    )


@of_each_provider
def test_what_came_too_late_is_fetched_later_and_files_renewed(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0, camera=ROAD, at=1)) as sim:
        first = bench.run(sim, "--max-wait=0.05", minutes=2)
        assert first.status == 4
        assert "--resume" in first.out
        # On a slow machine the minute before has not come in time either.
        assert first.lines_with("-13:32, it has not been uploaded yet")
        bench.uploads_arrive(sim)
        second = bench.resume(sim)
        assert second.status == 0, second.out
        requests = bench.requests(minutes=2, cameras=3)
        assert len(bench.posts(sim)) == requests, "nothing was asked for twice"
        assert len({call.path for call in sim.downloads()}) == 6
        assert second.names == {name for name in second.names if " (2)" not in name}
        assert bench.resume(sim).lines_with("There is no unfinished job")


@of_each_provider
def test_a_key_refused_midway_stops_and_another_goes_on(
    bench: Bench,
) -> None:
    with bench.cloud(revoke_after=bench.side.overture + 2, delay=2.0) as sim:
        ran = bench.run(sim, minutes=2)
        assert ran.status == 2
        assert ran.lines_with(bench.side.key_help)
        assert ran.lines_with("--resume")
        assert ran.journal["finished"] is False


@of_each_provider
def test_a_key_is_asked_for_and_nothing_else(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01").status == 4
        bench.uploads_arrive(sim)
        ran = bench.resume(sim, key="", answers=sim.token + "\n")
        assert ran.status == 0, ran.out
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=3)
        assert f"{bench.side.name} API key: " in ran.out
        assert "Vehicle name" not in ran.out


@of_each_provider
def test_a_damaged_clip_is_fetched_without_another_request(bench: Bench) -> None:
    with bench.cloud() as sim:
        assert bench.run(sim).status == 0
        (clip,) = bench.videos.glob("Road_VideoClip*")
        whole = clip.read_bytes()
        clip.write_bytes(whole[:-1000] + bytes(1000))
        (merge,) = bench.videos.glob("Road_Merged*")
        merge.unlink()
        journal = next(bench.logs.glob("request_ids_*.json"))
        assert bench.resume(sim, str(journal)).status == 0
        assert clip.read_bytes() == whole
        assert [name for name in resumed_names(bench) if "(damaged)" in name], "nothing is deleted"
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=3)


@of_each_provider
def test_a_damaged_journal_is_named_and_exit_is_2(bench: Bench) -> None:
    with bench.cloud() as sim:
        bench.logs.mkdir(parents=True)
        journal = bench.logs / "request_ids_x.json"
        journal.write_text("{", encoding="utf-8")
        ran = bench.resume(sim, str(journal))
        assert ran.status == 2
        assert ran.lines_with("request_ids_x.json is damaged")
        assert journal.read_text("utf-8") == "{"
        assert bench.resume(sim, "nowhere.json").status == 2


@of_each_provider
def test_two_jobs_in_one_folder_share_clips_and_nothing_else(bench: Bench) -> None:
    with bench.cloud() as sim:
        first = bench.run(sim, minutes=2)
        before = {name: (first.videos / name).read_bytes() for name in first.names}
        films = {name for name in before if name.startswith("SideBySide")}
        second = bench.run(sim, "--no-reuse", minutes=2, cameras="road,driver")
        assert second.status == 0
        assert len(bench.posts(sim)) == bench.requests(2, 3) + bench.requests(2, 2)
        for name, content in before.items():
            assert (second.videos / name).read_bytes() == content
        assert {name for name in second.names if name.startswith("SideBySide")} > films


@pytest.mark.many_cases
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("bench", "name"),
    [("samsara", "SIGTERM"), ("samsara", "SIGHUP"), ("samsara", "SIGINT"), ("motive", "SIGTERM")],
    indirect=["bench"],
)
def test_any_signal_to_stop_saves_and_says_how_to_go_on(bench: Bench, name: str) -> None:
    with bench.cloud(OnClip("late", 3.0)) as sim:
        process = started(sim, bench.options())
        requests = bench.requests(minutes=1, cameras=3)
        while len(sim.posts()) < requests:
            assert process.poll() is None
            time.sleep(0.05)
        begun = time.monotonic()
        process.send_signal(getattr(signal, name))
        message = process.communicate(timeout=20)[0].decode()
        took = time.monotonic() - begun
        assert process.returncode == 130
        assert not list(bench.logs.glob("*.steps.jsonl")), "the journal has all of it"
        # The journal is named where it is not in the usual folder: as typed, it is found again.
        (journal,) = bench.logs.glob("request_ids_*.json")
        program = shlex.quote(str(PROJECT / "main.py"))
        assert f"{program} --resume {shlex.quote(str(journal))}" in message
        assert "Traceback" not in message
        assert took < 10  # two seconds on a machine that does nothing else
        ran = bench.resume(sim)
        assert ran.status == 0, ran.out
        # A request that was cut off before its answer came is made again, and that is told.
        doubts = sum(item["possible_duplicates"] for item in ran.journal["retrievals"])
        assert len(sim.posts()) == requests + doubts
        assert doubts <= 1
        assert ("may have been counted twice" in ran.out) is (doubts == 1)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("others", [[], ["{"]], ids=["alone", "beside one that is damaged"])
def test_jobs_that_are_taken_up_are_stopped_alike(bench: Bench, others: list[str]) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01", cameras="road").status == 4
        for content in others:
            (bench.logs / "request_ids_x.json").write_text(content, "utf-8")
        polls = len(sim.polls())
        process = started(sim, ["--resume", f"--logs={bench.logs}", "--poll-seconds=0.05"])
        while len(sim.polls()) == polls:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        message = process.communicate(timeout=20)[0].decode()
        assert process.returncode == 130, message
        assert "Stopped." in message
        assert "fault" not in message
        bench.uploads_arrive(sim)
        assert bench.resume(sim).status == (2 if others else 0)
        assert len(sim.posts()) == 1


@of_each_provider
def test_a_full_disk_is_one_sentence_and_nothing_is_lost(bench: Bench) -> None:
    with bench.cloud() as sim:
        with bench.monkeypatch.context() as patch:

            def full(descriptor: int) -> None:
                raise OSError(errno.ENOSPC, "No space left on device")

            patch.setattr(download, "flush_to_disk", full)
            ran = bench.run(sim)
        assert ran.status == 1
        assert ran.lines_with("is full")
        assert ran.lines_with("--resume")
        assert bench.resume(sim).status == 0
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=3)


def gone(bench: Bench, sim: Simulator, patch: pytest.MonkeyPatch) -> None:
    cannot_be_listed(bench.videos, patch, lambda: sim.posts() != [], below="*.work")


def full(bench: Bench, sim: Simulator, patch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    patch.setattr(render, "rename", refuse)


@pytest.mark.parametrize("happens", [gone, full])
def test_a_disk_that_fails_while_rendering_is_one_sentence(
    bench: Bench, happens: Callable[[Bench, Simulator, pytest.MonkeyPatch], None]
) -> None:
    with bench.cloud(delay=0.0) as sim:
        with bench.monkeypatch.context() as patch:
            happens(bench, sim, patch)
            ran = bench.run(sim, cameras="road,driver")
        assert ran.status == 1
        assert ran.lines_with("--resume") and "fault" not in ran.out
        assert bench.resume(sim).status == 0
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=2)


@of_each_provider
def test_too_little_room_is_said_before_anything_is_requested(bench: Bench) -> None:
    usage = shutil.disk_usage(bench.folder)._replace(free=1_000_000)
    bench.monkeypatch.setattr("footage.job.budget.shutil.disk_usage", lambda path: usage)
    with bench.cloud() as sim:
        ran = bench.run(sim)
        assert ran.status == 2
        assert ran.lines_with("1.0 MB are free")
        assert sim.posts() == []


@of_each_provider
def test_a_disk_for_small_files_is_told_before_paying(bench: Bench) -> None:
    bench.monkeypatch.setattr("footage.system.whole_files.takes_large_files", lambda folder: False)
    with bench.cloud() as sim:
        ran = bench.run(sim, minutes=50)
        assert ran.status == 2
        (line,) = ran.lines_with("takes no file of 4 GB or more")
        assert "--output" in line
        assert sim.posts() == []


@of_each_provider
def test_too_little_room_for_rendering_is_said_before_it_begins(bench: Bench) -> None:
    usage = shutil.disk_usage(bench.folder)._replace(free=500_000)
    with bench.cloud() as sim:
        with bench.monkeypatch.context() as patch:
            patch.setattr("footage.job.budget.shutil.disk_usage", lambda path: usage)
            ran = bench.run(sim, "--yes")
        assert ran.status == 1
        assert ran.lines_with("make room and continue with --resume")
        assert not [name for name in ran.names if "_Merged_" in name]
        assert bench.resume(sim).status == 0


@of_each_provider
def test_a_network_that_is_gone_for_long_is_waited_for(bench: Bench) -> None:
    dropped = 8 * bench.requests(minutes=1, cameras=3)  # eight looks at each
    bad = (
        OnCall("drop", on="poll", nth=tuple(range(1, dropped + 1))),
        OnCall("hang", on="poll", value=0.3, nth=(dropped + 1,)),
    )
    with bench.cloud(*bad) as sim:
        assert bench.run(sim).status == 0


@of_each_provider
def test_the_journal_tells_where_the_files_went(bench: Bench, tmp_path: Path) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        elsewhere = tmp_path / "où l'on veut"
        first = bench.run(sim, "--max-wait=0.01", output=elsewhere)
        assert first.status == 4
        assert first.journal["folder"] == str(elsewhere)
        bench.uploads_arrive(sim)
        assert bench.resume(sim).status == 0
        assert len(list(elsewhere.glob("*_Merged_*.mp4"))) == 4
        for path in bench.logs.glob("request_ids_*.json"):
            assert json.loads(path.read_text("utf-8"))["finished"] is True


@of_each_provider
def test_options_that_change_the_job_are_refused_with_resume(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01").status == 4
        (journal,) = bench.logs.glob("request_ids_*.json")
        before, posts = journal.read_bytes(), len(sim.posts())
        for option in (f"--provider={bench.side.key}", "--minutes=3", "--cameras=driver"):
            ran = bench.resume(sim, option)
            assert ran.status == 2
            assert ran.lines_with(f"leave out {option.split('=')[0]}")
        assert (journal.read_bytes(), len(sim.posts())) == (before, posts)


@of_each_provider
def test_a_file_that_cannot_be_made_takes_nothing_else_down(bench: Bench) -> None:
    with bench.cloud() as sim:
        with bench.monkeypatch.context() as patch:

            def fail(*arguments: object, **options: object) -> None:
                raise FfmpegError("The video tool broke.", "its own words")

            patch.setattr(render.Renderer, "_render_minute", fail)
            ran = bench.run(sim)
        assert ran.status == 3
        assert ran.lines_with("SideBySide_Merged_Truck 42_2025-04-16_13-30-00_1min.mp4 could not")
        assert len([name for name in ran.names if name.startswith(("Road_M", "Driver_M"))]) == 2
        assert "its own words" in ran.log
        assert bench.resume(sim).status == 0
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=3)
