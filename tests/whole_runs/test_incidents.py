"""`--incidents FILE`: a list becomes jobs, and beside each row it is said what came of it."""

from __future__ import annotations

import csv
import errno
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from support.runs import START_TEXT, Bench, Ran, of_each_provider

from footage.job.fetcher import Fetcher
from footage.job.journal import Journal
from footage.system.whole_files import disk_errors
from footage.ui.incident_list import _only_run_of
from simulator import OnClip, Simulator

HEADER = "Unit,Occurred at,Claim Number,weather"


def saved(bench: Bench, *rows: str) -> Path:
    path = bench.folder / "claims.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def run(bench: Bench, sim: Simulator, path: Path, *options: str) -> Ran:
    about = [f"--incidents={path}", "--before=30", "--after=30", "--yes", *options]
    return bench.run(sim, *about, cameras="road", vehicle=None, start=None, minutes=None)


def results(path: Path) -> list[dict[str, str]]:
    text = path.with_name(f"{path.name}.results.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@of_each_provider
def test_each_row_becomes_footage_or_a_reason(bench: Bench) -> None:
    path = saved(
        bench,
        "Truck 42,04/16/2025 13:30:30,CLM-1,rain",
        "truck 43,2025-04-16 13:31:30,CLM-2,sun",
        "Truck 99x,04/16/2025 13:30:30,CLM-3,",
        "Truck 42,04/16/2025,CLM-4,",
    )
    with bench.cloud() as sim:
        ran = run(bench, sim, path, "--folder-per-job")
        sent = len(sim.posts())
        again = run(bench, sim, path, "--folder-per-job")
        assert len(sim.posts()) == sent, "nothing is requested twice"
    assert ran.status == again.status == 3, ran.out
    first, second, third, fourth = results(path)
    assert (first["status"], second["status"]) == ("complete", "complete")
    assert (first["weather"], first["quota_seconds"]) == ("rain", "60")
    folder = Path(first["folder"])
    assert folder.name == "CLM-1 2025-04-16_13-30-00 Truck 42"
    assert (folder / first["film"]).is_file() and (folder / first["report"]).is_file()
    assert first["finished_at"] and not first["message"]
    page = (folder / first["report"]).read_text(encoding="utf-8")
    assert "CLM-1" in page and "claims.csv, row 2" in page
    assert third["status"] == fourth["status"] == "refused"
    assert "closest names" in third["message"] and "no time of day" in fourth["message"]
    assert "Row 5 is refused" in ran.out


def test_a_dry_run_requests_nothing(bench: Bench) -> None:
    path = saved(bench, f"Truck 42,{START_TEXT},,")
    with bench.cloud() as sim:
        ran = run(bench, sim, path, "--dry-run")
        assert sim.posts() == []
    assert ran.status == 0
    assert "In all: 1 job; 1 request" in ran.out or "In all: 1 job; 2 requests" in ran.out
    assert not path.with_name("claims.csv.results.csv").exists()


def test_more_rows_than_can_be_held_are_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footage.system.open_files.most_jobs", lambda: 1)
    path = saved(bench, f"Truck 42,{START_TEXT},,", "Truck 42,2025-04-16 13:40:00,,")
    with bench.cloud() as sim:
        ran = run(bench, sim, path)
        assert sim.posts() == []
    assert ran.status == 2
    assert "hold about 1 jobs at a time, too few for 2; nothing was requested." in ran.out


def test_rows_of_one_day_are_looked_up_in_one_call(bench: Bench) -> None:
    rows = [f"Truck 42,2025-04-16 13:{minute}:30,," for minute in (30, 33, 36)]
    with bench.cloud() as sim:
        ran = run(bench, sim, saved(bench, *rows), "--fetch-later")
        listed = [call for call in sim.calls if call.endpoint == "list"]
        assert len(sim.posts()) == 3, ran.out
    assert len(listed) == 1


def test_rows_that_overlap_are_paid_for_once(bench: Bench) -> None:
    rows = [f"Truck 42,2025-04-16 13:30:{second},CLM-{second}," for second in (30, 45)]
    path = saved(bench, *rows)
    with bench.cloud() as sim:
        ran = run(bench, sim, path)
    assert ran.status == 0, ran.out
    assert "row 2, 3" in ran.out and "75 s of quota" in ran.out
    assert [one["quota_seconds"] for one in results(path)] == ["75", "75"]


def test_one_truck_that_is_offline_holds_nobody_up(bench: Bench) -> None:
    path = saved(bench, "Truck 42,2025-04-16 13:30:30,,", "Truck 42,2025-04-16 13:35:30,,")
    with bench.cloud(OnClip("late", 3600, at=0)) as sim:
        ran = run(bench, sim, path, "--max-wait=0.15")
        assert len(sim.posts()) == 2
    assert ran.status == 4, ran.out
    assert [one["status"] for one in results(path)] == ["still coming", "complete"]


def test_results_that_are_open_elsewhere_hold_nobody_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footage.system.whole_files._HELD_PATIENCE", 0.1)
    path = saved(bench, f"Truck 42,{START_TEXT}:30,,")
    held = path.with_name("claims.csv.results.csv")
    held.mkdir()  # cannot be replaced, as a file that a spreadsheet has open on Windows
    with bench.cloud() as sim:
        ran = run(bench, sim, path)
    assert ran.status == 0, ran.out
    assert ran.out.count("results.csv cannot be replaced: close it") == 1
    assert "lacks the latest" in ran.out and "is in " in ran.out
    beside = path.with_name("claims.csv.results (2).csv").read_text(encoding="utf-8-sig")
    assert ",complete," in beside


def test_a_full_disk_leaves_rows_that_can_be_gone_on_with(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the results cannot be written at the end: the status is that of the rows."""
    path = saved(bench, f"Truck 42,{START_TEXT}:30,,", "Truck 42,2025-04-16 13:40:00,,")
    full = OSError(errno.ENOSPC, "No space left on device")

    def no_room(self: Fetcher, *arguments: object) -> None:
        with disk_errors(bench.videos):
            raise full

    with bench.cloud() as sim:
        with monkeypatch.context() as patch:
            patch.setattr(Fetcher, "_publish", no_room)
            patch.setattr("footage.incidents.results_file.whole_file", no_room)
            ran = run(bench, sim, path)
        assert ran.status == 4, ran.out
        assert "2 rows are unfinished. To go on, run the same command again" in ran.out
        assert "Row 2: Truck 42: The disk that holds" in ran.out
        assert "lacks what came of the latest rows" in ran.out
        again = run(bench, sim, path)
        assert again.status == 0, again.out
        assert len(sim.posts()) == 2
    assert [one["status"] for one in results(path)] == ["complete", "complete"]


def test_a_killed_run_leaves_no_wrong_page_of_reports(bench: Bench) -> None:
    """It is not written after each job, and the run that goes on may have nothing left to do."""
    path = saved(bench, f"Truck 42,{START_TEXT}:30,,", "Truck 42,2025-04-16 13:40:00,,")
    page = bench.videos / "index.html"
    with bench.cloud() as sim:
        assert run(bench, sim, path).status == 0
        whole = page.read_text("utf-8")
        assert whole.count('href="./Report_') == 2
        page.write_text(whole.replace("./Report_", ""), "utf-8")
        assert run(bench, sim, path).status == 0
        assert page.read_text("utf-8") == whole
        page.write_text(whole.replace("./Report_", ""), "utf-8")
        assert bench.resume(sim).status == 0
        assert page.read_text("utf-8") == whole


def test_a_list_is_worked_at_by_one_run_at_a_time(bench: Bench) -> None:
    path = saved(bench, f"Truck 42,{START_TEXT}:30,,")
    with bench.cloud() as sim, _only_run_of(path, bench.logs):
        assert run(bench, sim, path, "--dry-run").status == 0
        ran = run(bench, sim, path)
        assert sim.posts() == []
    assert ran.status == 2 and "Another run is working on claims.csv" in ran.out, ran.out


def test_a_row_that_another_run_works_on_is_coming(bench: Bench) -> None:
    path = saved(bench, f"Truck 42,{START_TEXT}:30,,")
    with bench.cloud() as sim:
        assert run(bench, sim, path, "--fetch-later").status == 4
        (journal,) = bench.logs.glob("request_ids*.json")
        with closing(Journal.open(journal)):  # as `--resume` does
            ran = run(bench, sim, path)
    assert ran.status == 4, ran.out
    (row,) = results(path)
    assert row["status"] == "requested" and "Another run is working" in row["message"]


def test_what_is_fetched_later_is_brought_by_resume(bench: Bench) -> None:
    path = saved(bench, f"Truck 42,{START_TEXT}:30,,")
    with bench.cloud() as sim:
        ran = run(bench, sim, path, "--fetch-later")
        assert ran.status == 4 and results(path)[0]["status"] == "requested"
        assert not list(bench.videos.glob("*.mp4"))
        assert bench.resume(sim).status == 0
        assert list(bench.videos.glob("Road_Merged_*"))
        assert len(sim.posts()) == 1
        assert run(bench, sim, path).status == 0
    assert results(path)[0]["status"] == "complete"


def test_without_a_yes_nothing_is_paid(bench: Bench) -> None:
    path = saved(bench, f"Truck 42,{START_TEXT},,")
    with bench.cloud() as sim:
        about = [f"--incidents={path}"]
        ran = bench.run(sim, *about, vehicle=None, start=None, minutes=None)
        assert sim.posts() == []
    assert ran.status == 2 and "--yes" in ran.out


def test_a_wrong_key_is_no_fault_of_the_rows(bench: Bench) -> None:
    path = saved(bench, f"Truck 42,{START_TEXT},,")
    with bench.cloud() as sim:
        ran = bench.run(
            sim, f"--incidents={path}", "--yes", key="wrong", vehicle=None, start=None, minutes=None
        )
    assert ran.status == 2 and "Row 2" not in ran.out


@of_each_provider
def test_no_minute_of_rows_that_are_near_is_paid_for_twice(bench: Bench) -> None:
    """Of Motive whole minutes are requested, which end with the row and begin before it."""
    path = saved(
        bench, "Truck 42,04/16/2025 13:31:30,CLM-1,", "Truck 42,04/16/2025 13:33:10,CLM-2,"
    )
    with bench.cloud() as sim:
        ran = run(bench, sim, path, "--before=45", "--after=45")
        asked = sorted((one.start, one.end) for one in sim.retrievals)
    assert ran.status == 0, ran.out
    assert all(end <= start for (_, end), (start, _) in pairwise(asked))
    assert [one["status"] for one in results(path)] == ["complete", "complete"]
