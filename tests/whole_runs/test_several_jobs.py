"""Several unfinished jobs: gone on with, listed, and given up; and what the log keeps of a run."""

from __future__ import annotations

import pytest
from support.runs import NOTHING_ANSWERED, START_TEXT, Bench, of_each_provider

from footage.job.journal import Journal
from footage.model import RetrievalState
from simulator import OnClip

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
    with bench.cloud(OnClip("late", 1.0, at=0), OnClip("late", 500.0, at=1)) as sim:
        for start in (START_TEXT, LATER_TEXT):
            first = bench.run(sim, "--max-wait=0.003", cameras="road", start=start)
            assert first.status == 4, first.out
        posts = len(sim.posts())
        ran = bench.resume(sim, "--max-wait=0.05")
        assert ran.status == 4, ran.out
        assert [name for name in ran.names if "_Merged_" in name and "13-30-00" in name], ran.out
        assert len(sim.posts()) == posts, "nothing is requested again"
        listed = bench.run_as(sim, command(bench, "--jobs"))
    assert listed.status == 0
    assert len(listed.lines) == 2
    assert listed.lines[0].endswith(f"waiting for 1 of 1 clips   {ran.journals[1].name}")
    assert listed.lines[1].endswith(f"finished   {ran.journals[0].name}")


def test_a_job_is_given_up(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        assert bench.run(sim, "--max-wait=0.003", cameras="road").status == 4
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
        assert bench.run(sim, "--max-wait=0.003", cameras="road").status == 4
        (journal,) = bench.logs.glob("request_ids_*.json")
        posts = len(sim.posts())
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
        named = bench.resume(sim, str(copy), "--max-wait=0.003")
        assert named.status == 4, named.out
        assert named.lines_with(f"{copy.name} is a copy of {journal.name}")
        both = bench.resume(sim, "--max-wait=0.003")
        assert both.lines_with(f"{copy.name} is a copy of {journal.name}; not used")
        listed = bench.run_as(sim, command(bench, "--jobs"))
        assert len(listed.lines) == 2
        assert listed.lines[1] == f"{copy.name}   a copy of {journal.name}; not used"
        assert len(sim.posts()) == posts
        assert bench.run_as(sim, command(bench, "--discard", str(copy))).status == 0
        assert bench.resume(sim).lines_with("There is no unfinished job")


def test_beside_an_unreadable_journal_the_others_go_on(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 1.0)) as sim:
        assert bench.run(sim, "--max-wait=0.003", cameras="road").status == 4
        (bench.logs / "request_ids_x.json").write_text("{", "utf-8")
        ran = bench.resume(sim)
        assert [name for name in ran.names if "_Merged_" in name], ran.out
    (line,) = ran.lines_with("request_ids_x.json")
    assert "put back an older version of it, or move it to another folder" in line
    assert ran.status == 2, "somebody has to look at it"
