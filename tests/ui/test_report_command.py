"""`--report` makes the page of any job anew, without asking a provider."""

from __future__ import annotations

import shutil

from support.runs import Bench

from simulator import OnClip


def test_the_page_of_an_unfinished_job_is_made_without_network(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0, at=1)) as sim:
        options = bench.options(minutes=2, cameras="road")
        ran = bench.run_as(sim, [*options, "--max-wait=0.05"])
        assert ran.status == 4
        pages = {name for name in ran.about if name.startswith("Report_")}
        for name in pages:
            (ran.videos / name).unlink()
        calls = len(sim.calls)
        (journal,) = ran.journals
        done = bench.run_as(sim, ["--report", str(journal)])
        assert len(sim.calls) == calls
    assert done.status == 0
    (name,) = [name for name in done.about if name.startswith("Report_")]
    assert done.lines[-1] == f"Its page is {done.videos / name}"
    text = (done.videos / name).read_text("utf-8")
    assert "Not complete yet." in text and "Road lacks 1:00 min" in text
    assert not done.journal["finished"]


def test_without_its_folder_there_is_no_place_for_the_page(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, cameras="road")
        shutil.rmtree(ran.videos)
        done = bench.run_as(sim, ["--report", str(ran.journals[0])])
    assert done.status == 2
    assert "which is not there; the page belongs beside them" in done.out
    assert not ran.videos.exists()
