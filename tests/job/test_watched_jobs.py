"""What a watch knows of the jobs on disk: which events are requested, and what that has cost."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from support.bare_job import bare_job
from support.media import START, window

from footage.errors import JournalError
from footage.job.journal import Journal
from footage.job.watched_jobs import WatchedJobs, month_of
from footage.model import UTC, Job, Media, Retrieval, RetrievalState, SafetyEvent, Vehicle
from SamsaraAPI import CAMERAS

MONTH = month_of(START)
EVENT = SafetyEvent("e1", "Samsara", START, START, "1")


def a_request(state: RetrievalState = RetrievalState.ACCEPTED, **changes: object) -> Retrieval:
    """A minute of two cameras."""
    made = Retrieval(
        window(0), [Media(CAMERAS[0]), Media(CAMERAS[1])], state=state, requested_at=START
    )
    name = "r" if state is RetrievalState.ACCEPTED else ""
    return replace(made, id=name, **changes)  # type: ignore[arg-type]


def watched_job(*requests: Retrieval, **changes: object) -> Job:
    truck = Vehicle("1", "Truck 42", file_name="Truck 42")
    usual = {"vehicle": truck, "cameras": CAMERAS[:2], "watched": True, "events": (EVENT,)}
    return bare_job(*requests, **{**usual, **changes})


def keep(folder: Path, job: Job, when: str = "now") -> Path:
    with closing(Journal.create(folder, job, when)) as journal:
        return journal.path


def known(folder: Path) -> WatchedJobs:
    jobs = WatchedJobs(folder, "Samsara")
    jobs.refresh()
    return jobs


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(2025, 4, 30, 23, 59, 59, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC)),
        (datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC)),
        (
            datetime(2025, 4, 30, 20, tzinfo=timezone(timedelta(hours=-5))),
            datetime(2025, 5, 1, tzinfo=UTC),
        ),
    ],
)
def test_a_month_begins_by_utc(moment: datetime, month: datetime) -> None:
    assert month_of(moment) == month


@pytest.mark.parametrize(
    ("request_", "spent"),
    [
        (a_request(), 120),
        (a_request(possible_duplicates=1), 240),
        (a_request(RetrievalState.PLANNED), 120),
        (a_request(RetrievalState.REQUESTING), 120),
        (a_request(RetrievalState.PLANNED, possible_duplicates=1), 240),
        (a_request(RetrievalState.REFUSED), 0),
        (a_request(RetrievalState.FOUND), 0),
        (a_request(from_other_job=True), 0),
        (a_request(requested_at=START - timedelta(days=31)), 0),
    ],
)
def test_what_counts_in_the_budget(tmp_path: Path, request_: Retrieval, spent: float) -> None:
    keep(tmp_path, watched_job(request_))
    assert known(tmp_path).spent(MONTH) == spent


@pytest.mark.parametrize(
    "changes", [{"watched": False}, {"provider": "Motive"}, {"discarded": True}, {"finished": True}]
)
def test_what_is_not_to_be_sent_by_the_watch_counts_not(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    keep(tmp_path, watched_job(a_request(RetrievalState.PLANNED), **changes))
    assert known(tmp_path).spent(MONTH) == 0


def test_an_event_of_any_job_of_the_provider_is_known(tmp_path: Path) -> None:
    other = replace(EVENT, id="e2", provider="Motive")
    keep(tmp_path, watched_job(watched=False, discarded=True))
    keep(tmp_path, watched_job(provider="Motive", events=(other,)), "then")
    jobs = known(tmp_path)
    assert jobs.has(EVENT) and not jobs.has(other)


@pytest.mark.parametrize(("kept", "listed"), [("e1", "1-1744828200123"), ("1-1744828200123", "e1")])
def test_an_event_has_another_name_in_the_older_list(
    tmp_path: Path, kept: str, listed: str
) -> None:
    keep(tmp_path, watched_job(events=(replace(EVENT, id=kept),)))
    jobs = known(tmp_path)
    same = replace(EVENT, id=listed, start=START + timedelta(milliseconds=-300))
    assert jobs.has(same)
    assert not jobs.has(replace(same, start=START + timedelta(seconds=5)))
    assert not jobs.has(replace(same, id=f"{kept}0")), "two of one list are two"


def test_what_cannot_be_read_any_more_stays_known(tmp_path: Path) -> None:
    path = keep(tmp_path, watched_job())
    jobs = known(tmp_path)
    path.write_text("{", "utf-8")
    jobs.refresh()
    assert jobs.has(EVENT) and list(jobs.unreadable) == [path]


def test_a_journal_is_read_again_once_it_has_changed(tmp_path: Path) -> None:
    path = keep(tmp_path, watched_job(a_request()))
    jobs = known(tmp_path)
    assert len(jobs.unfinished) == 1 and not jobs.to_tell
    with closing(Journal.open(path)) as journal, journal.change() as job:
        job.finished = True
    os.utime(path, ns=(1, 1))  # as on a disk whose clock is coarse: another time all the same
    jobs.refresh()
    assert not jobs.unfinished and len(jobs.to_tell) == 1


def test_copies_of_a_journal_count_once(tmp_path: Path) -> None:
    path = keep(tmp_path, watched_job(a_request()))
    path.with_name("request_ids_copy.json").write_bytes(path.read_bytes())
    jobs = known(tmp_path)
    (one,) = jobs.unfinished
    assert jobs.spent(MONTH) == 120 and one.path == path
    with closing(Journal.open(one.copies[0])), pytest.raises(JournalError, match="Another run"):
        one.open()
    one.open().close()
