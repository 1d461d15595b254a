"""Several unfinished jobs: gone on with, listed, and given up; and what the log keeps of a run."""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from support.jobs import a_job
from support.runs import (
    NOTHING_ANSWERED,
    SIDES,
    START,
    START_TEXT,
    WRONG_KEY,
    Bench,
    Ran,
    of_each_provider,
)
from support.scripted import no_server

import main
from footage.errors import DiskError, UsageError
from footage.job.journal import Journal
from footage.job.journal_folder import StoredJob, read_folder
from footage.model import RetrievalState
from footage.system.threads import Changes, StopEvent
from footage.ui.options import parse_options
from footage.ui.session import Session
from footage.ui.terminal import Terminal
from providers import PROVIDERS
from simulator import OnCall, OnClip, Simulator

LATER_TEXT = "04/16/2025 13:31"


def journal_of(bench: Bench, number: int) -> str:
    """The path of a journal, in order of time."""
    return str(sorted(bench.logs.glob("request_ids_*.json"))[number])


def command(bench: Bench, *arguments: str) -> list[str]:
    """The options of a run that makes no job."""
    return [*arguments, f"--logs={bench.logs}"]


@of_each_provider
def test_a_job_that_waits_does_not_block_another(bench: Bench) -> None:
    """The newest job's footage never comes, that of the one before it does."""
    with bench.cloud(OnClip("late", 500.0)) as sim:
        for start in (START_TEXT, LATER_TEXT):
            first = bench.run(sim, "--max-wait=0.01", cameras="road", start=start)
            assert first.status == 4, first.out
        bench.uploads_arrive(sim, START)
        ran = bench.resume(sim, "--max-wait=0.05")
        assert ran.status == 4, ran.out
        assert [name for name in ran.names if "_Merged_" in name and "13-30-00" in name], ran.out
        assert len(sim.posts()) == 2, "nothing is requested again"
        listed = bench.run_as(sim, command(bench, "--jobs"))
    assert listed.status == 0
    assert len(listed.lines) == 2
    assert listed.lines[0].endswith(f"waiting for 1 of 1 clips   {ran.journals[1].name}")
    assert listed.lines[1].endswith(f"finished   {ran.journals[0].name}")


def test_more_jobs_than_can_be_open_are_left_for_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        for start in (START_TEXT, LATER_TEXT):
            bench.run(sim, "--max-wait=0.01", cameras="road", start=start)
        bench.uploads_arrive(sim)
        monkeypatch.setattr("footage.system.open_files.most_jobs", lambda: 1)
        first, second = bench.resume(sim), bench.resume(sim)
    assert (first.status, second.status) == (4, 0), first.out
    assert first.lines_with("1 of 2 are left for another --resume")


def test_each_folder_of_videos_gets_its_page_of_reports(bench: Bench) -> None:
    folders = [bench.folder / name for name in ("one", "two", "three")]
    with bench.cloud(OnClip("late", 500.0)) as sim:
        for minute, folder in enumerate(folders, 31):
            start = f"04/16/2025 13:{minute}"
            bench.run(sim, "--max-wait=0.01", cameras="road", start=start, output=folder)
        bench.uploads_arrive(sim)
        assert bench.resume(sim).status == 0
    for folder in folders:
        page = (folder / "index.html").read_text("utf-8")
        assert page.count("Report_") == 1 and ">finished<" in page


def test_a_journal_that_cannot_be_opened_holds_no_other_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as where no more files can be open, or the disk is full: one is gone on with."""
    usual = StoredJob.open

    def open_first(stored: StoredJob) -> Journal:
        monkeypatch.setattr(StoredJob, "open", usual)
        raise DiskError("There is no room.")

    with bench.cloud(OnClip("late", 500.0)) as sim:
        for start in (START_TEXT, LATER_TEXT):
            bench.run(sim, "--max-wait=0.01", cameras="road", start=start)
        bench.uploads_arrive(sim)
        monkeypatch.setattr(StoredJob, "open", open_first)
        ran = bench.resume(sim)
    assert ran.status == 1 and "There is no room." in ran.out, ran.out
    assert len([name for name in ran.names if name.startswith("Road_Merged_")]) == 1


def test_a_job_is_given_up(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01", cameras="road").status == 4
        journal = journal_of(bench, 0)
        logs = list(bench.logs.glob("*.log"))
        given_up = bench.run_as(sim, command(bench, "--discard", journal))
        assert given_up.status == 0
        assert given_up.lines_with("Given up: Truck 42")
        assert not [name for name in given_up.names if ".work" in name]
        assert bench.resume(sim).lines_with("There is no unfinished job")
        refused = bench.resume(sim, journal)
        assert refused.status == 2
        assert refused.lines_with("was given up")
        assert list(bench.logs.glob("*.log")) == logs, "where nothing is asked there is no log"


@of_each_provider
def test_the_log_ends_with_the_summary(bench: Bench) -> None:
    with bench.cloud(OnClip("unavailable", at=1)) as sim:
        ran = bench.run(sim, minutes=2, cameras="road")
        assert ran.status == 3
        (missing,) = ran.lines_with("Missing: ")
        for words in (
            missing,
            "America/Chicago",
            "Truck 42",
            "--minutes=2",
            "Paid for: ",
            "Version",
        ):
            assert words in ran.log
        assert ran.log.splitlines()[-1].endswith("The program ends with exit status 3")
        again = bench.resume(sim, journal_of(bench, 0))
        assert (again.status, again.lines_with("Missing: ")) == (3, [missing])


@pytest.mark.parametrize("answers", ["", "\n\n\n"], ids=["none", "blank"])
def test_without_a_usable_key_there_is_no_log(bench: Bench, answers: str) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, key="", answers=answers, **NOTHING_ANSWERED)
    assert ran.status == 2
    assert not list(bench.logs.glob("*.log"))


def test_a_wrong_answer_leaves_no_traceback_in_the_log(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, vehicle="no such truck")
    assert ran.status == 2
    assert "Traceback" not in ran.log and "no such truck" in ran.log


# --- journals that are copies, or cannot be read --------------------------------------------------


def test_an_earlier_copy_of_a_journal_pays_for_nothing(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01", cameras="road").status == 4
        (journal,) = bench.logs.glob("request_ids_*.json")
        text = journal.read_text("utf-8")
        earlier = Journal.open(journal)
        copy = journal.with_name(f"{journal.stem}-LAPTOP-7.json")
        for retrieval in earlier.job.retrievals:
            retrieval.state, retrieval.id = RetrievalState.PLANNED, ""
        earlier.job.revision = 0
        with earlier.change():
            pass
        earlier.close()
        journal.rename(copy)
        journal.write_text(text, "utf-8")
        named = bench.resume(sim, str(copy), "--max-wait=0.01")
        assert named.status == 4, named.out
        assert named.lines_with(f"{copy.name} is a copy of {journal.name}")
        both = bench.resume(sim, "--max-wait=0.01")
        assert both.lines_with(f"{copy.name} is a copy of {journal.name}; not used")
        listed = bench.run_as(sim, command(bench, "--jobs"))
        assert len(listed.lines) == 2
        assert listed.lines[1] == f"{copy.name}   a copy of {journal.name}; not used"
        assert len(sim.posts()) == 1
        assert bench.run_as(sim, command(bench, "--discard", str(copy))).status == 0
        assert bench.resume(sim).lines_with("There is no unfinished job")


def test_beside_an_unreadable_journal_the_others_go_on(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01", cameras="road").status == 4
        (bench.logs / "request_ids_x.json").write_text("{", "utf-8")
        bench.uploads_arrive(sim)
        ran = bench.resume(sim)
        assert [name for name in ran.names if "_Merged_" in name], ran.out
    (line,) = ran.lines_with("request_ids_x.json")
    assert "put back an older version of it, or move it to another folder" in line
    assert ran.status == 2, "somebody has to look at it"


# --- what becomes of the others -------------------------------------------------------------------


def two_jobs(bench: Bench, sim: Simulator, *options: str) -> None:
    """Two jobs that were begun, and of which nothing has come yet."""
    for start in (START_TEXT, LATER_TEXT):
        ran = bench.run(sim, "--max-wait=0.01", *options, cameras="road", start=start)
        assert ran.status == 4, ran.out


def merged(ran: Ran, minute: int) -> bool:
    return any("_Merged_" in name and f"13-3{minute}-00" in name for name in ran.names)


def test_a_job_that_fails_takes_none_of_the_others_along(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        elsewhere = bench.folder / "stick"
        first = bench.run(sim, "--max-wait=0.01", cameras="road", output=elsewhere)
        assert first.status == 4
        assert bench.run(sim, "--max-wait=0.01", cameras="road", start=LATER_TEXT).status == 4
        shutil.rmtree(elsewhere)
        elsewhere.write_bytes(b"no folder any more")
        bench.uploads_arrive(sim)
        ran = bench.resume(sim)
        assert merged(ran, 1), ran.out
        assert [line for line in ran.lines if str(elsewhere) in line]
    assert ran.status == 1


def test_a_provider_that_is_down_holds_up_no_other_job(bench: Bench) -> None:
    """The newest job has requests to send, and nobody answers; the other one's clips are there."""
    other = replace(bench, side=SIDES["motive"])
    with bench.cloud(OnClip("late", 500.0)) as sim:
        motive = other.run(sim, "--max-wait=0.01", cameras="driver", start=LATER_TEXT)
        assert motive.status == 4, motive.out
        with bench.cloud(OnCall("drop", on="post")) as lost:
            first = bench.run(lost, "--max-wait=0.01", cameras="road")
            assert first.status == 4, first.out
        bench.variables["SAMSARA_BASE_URL"] = no_server()
        bench.uploads_arrive(sim)
        bench.monkeypatch.setattr("footage.cloud.http.PAGE_TRIES", 1)
        ran = bench.resume(sim, "--max-wait=0.03")
        assert merged(ran, 1), ran.out
        assert len(sim.posts()) == 1, "of the other provider"
    assert ran.lines_with("Samsara does not answer at the moment")
    assert ran.status == 4, ran.out


def test_a_job_of_another_provider_gets_its_own_key(bench: Bench) -> None:
    other = replace(bench, side=SIDES["motive"])
    with bench.cloud(OnClip("late", 500.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01", cameras="road").status == 4
        motive = other.run(sim, "--max-wait=0.01", cameras="driver", start=LATER_TEXT)
        assert motive.status == 4
        bench.variables["MOTIVE_API_KEY"] = WRONG_KEY
        bench.uploads_arrive(sim)
        ran = bench.resume(sim)
        assert merged(ran, 0), ran.out
        assert ran.lines_with("Motive refused the API key")
        assert len([call for call in sim.posts() if call.path.startswith("/cameras/")]) == 1
    assert ran.status == 2


def test_ctrl_c_while_several_jobs_wait_says_how_to_go_on(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        two_jobs(bench, sim)
        wait = Changes.wait_or_stop

        def interrupted(changes: Changes, seen: int, seconds: float | None = None) -> None:
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt
            wait(changes, seen, seconds)

        with bench.monkeypatch.context() as patch:
            patch.setattr(Changes, "wait_or_stop", interrupted)
            ran = bench.resume(sim)
        assert ran.status == 130
        assert f"--resume --logs {bench.logs}" in ran.lines[-1]
        assert len(read_folder(bench.logs).unfinished) == 2, "nobody has them any more"


def test_jobs_that_have_lost_clips_do_not_wait_for_them(bench: Bench) -> None:
    """All clips came, and are gone from this computer and from the cloud before films were made."""
    with bench.cloud() as sim:
        for start in (START_TEXT, LATER_TEXT):
            assert bench.run(sim, cameras="road", start=start).status == 0
    for file in bench.videos.glob("*.mp4"):
        file.unlink()
    for path in bench.logs.glob("request_ids_*.json"):
        with closing(Journal.open(path)) as journal, journal.change() as job:
            job.finished, job.outputs = False, []
    begun = time.monotonic()
    with bench.cloud() as other:  # which knows none of the requests
        ran = bench.resume(other, "--max-wait=30")
        assert other.posts() == []
    assert time.monotonic() - begun < 600, "it has waited"
    assert len(ran.lines_with("VideoClip_Truck 42_2025-04-16_13-3")) == 2
    assert ran.status == 3, ran.out


def test_a_wrong_clock_is_told_once_on_resume_too(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        two_jobs(bench, sim)
        bench.monkeypatch.setattr("SamsaraAPI.SamsaraAPI.clock_offset", lambda client: 7200.4)
        ran = bench.resume(sim, "--max-wait=0.01")
    assert ran.lines_with("computer's clock") == [
        "This computer's clock is 2 hours behind Samsara's; set it right."
    ]
    assert ran.journal["clock_offset"] == 7200.4


@pytest.mark.skipif(os.name == "nt", reason="there it is one")
def test_a_folder_of_another_computer_is_told_of(bench: Bench) -> None:
    job = replace(a_job(), folder="C:\\Users\\Ann\\Videos")
    Journal.create(bench.logs, job, "now").close()
    with bench.cloud() as sim:
        ran = bench.resume(sim)
        assert sim.calls == []
    assert ran.status == 2
    assert ran.lines_with("is no folder of this computer")


# --- what is offered, and what does not go together -----------------------------------------------


def test_a_job_of_another_provider_is_offered_by_its_name(tmp_path: Path) -> None:
    logs = tmp_path / "Logs"
    Journal.create(logs, a_job(provider="Motive"), "now").close()
    questions = StringIO()
    terminal = Terminal(StringIO("n\n"), StringIO(), questions)
    terminal.interactive = True
    options = parse_options([f"--logs={logs}"], PROVIDERS, {}, [])
    assert main.offered(Session(options, terminal, StopEvent())) is None
    assert "There is an unfinished job: Motive: O'Brien 7" in questions.getvalue()


@pytest.mark.parametrize("beside", ["--yes", "--region=eu", "--poll-seconds=3", "--minutes=3"])
@pytest.mark.parametrize("given", ["--jobs", "--discard"])
def test_beside_jobs_and_discard_no_other_option_goes(
    tmp_path: Path, given: str, beside: str
) -> None:
    journal = tmp_path / "request_ids_now.json"
    journal.touch()
    arguments = [given, str(journal)] if given == "--discard" else [given]
    parse_options([*arguments, f"--logs={tmp_path}"], PROVIDERS, {}, [])
    with pytest.raises(UsageError) as refused:
        parse_options([*arguments, beside], PROVIDERS, {}, [])
    name = beside.partition("=")[0]
    assert str(refused.value) == f"{given} goes with --logs and no other option; leave out {name}."
