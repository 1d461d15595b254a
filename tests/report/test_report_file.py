"""The page is made as a file of the job, anew where what it says has changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.media import ROAD, Shelf
from support.page_jobs import PagedJob, add_films, filmed_job, make_page

from footage.errors import Interrupted
from footage.job.journal import Journal
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Outputs
from footage.media import frames
from footage.report.report_file import make_report
from footage.system.threads import StopEvent


@pytest.fixture
def paged(tmp_path: Path, shelf: Shelf) -> PagedJob:
    folder = tmp_path / "Videos"
    folder.mkdir()
    job = filmed_job(folder, shelf, {"Road": [shelf.clip(ROAD, 0, 2), shelf.clip(ROAD, 30, 2)]})
    add_films(job, shelf, side_by_side=False)
    return make_page(job, tmp_path / "Logs")


def again(paged: PagedJob, stop: StopEvent | None = None, **changes: object) -> None:
    """Make the page once more, after a change of the job."""
    journal = Journal.open(paged.journal)
    try:
        with journal.change() as job:
            for name, value in changes.items():
                setattr(job, name, value)
        outputs = Outputs(journal, paged.folder, paged.folder, OtherJobs(journal, paged.folder))
        make_report(journal, outputs, stop or StopEvent())
    finally:
        journal.close()


def test_it_has_the_jobs_name_and_stands_in_its_journal(paged: PagedJob) -> None:
    assert paged.page.name == "Report_Truck 42_2025-03-01_07-30-00_1min.html"
    (output,) = [one for one in paged.job.outputs if one.kind == "report"]
    assert (output.path.name, output.size) == (paged.page.name, paged.page.stat().st_size)
    assert paged.job.custody[-2].kind.value == "reported"  # last comes the list of hashes


def test_it_is_made_anew_only_where_something_has_changed(paged: PagedJob) -> None:
    before = paged.page.stat().st_ino
    again(paged)
    assert paged.page.stat().st_ino == before
    again(paged, roles={"input0": "Cab roof"})
    assert "Cab roof" in paged.text
    assert len(list(paged.folder.glob("Report_*"))) == 1


def test_a_film_that_is_missing_is_said_so_and_the_rest_stays(paged: PagedJob) -> None:
    clip = sorted(paged.folder.glob("Road_VideoClip_*"))[1]
    clip.unlink()
    again(paged)
    row = re.search(rf"{re.escape(clip.name)}.*?<strong class=\"lost\">missing", paged.text, re.S)
    assert row and row[0].count("<tr") == 0


def test_a_still_that_cannot_be_taken_does_not_stop_the_page(
    paged: PagedJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "take", lambda wanted, *_: [None] * len(wanted))
    again(paged, roles={"input0": "Cab roof"})
    name = sorted(paged.folder.glob("Road_VideoClip_*"))[0].name
    assert f"no still could be taken of {name}" in paged.text


def test_it_can_be_stopped_and_leaves_the_old_one(paged: PagedJob) -> None:
    before, stop = paged.text, StopEvent()
    stop.set()
    with pytest.raises(Interrupted):
        again(paged, stop, roles={"input0": "Cab roof"})
    assert paged.text == before
