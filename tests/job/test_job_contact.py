"""While footage is awaited it is asked when the vehicle was online."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from support.jobs import START, a_job

from footage.cloud.contacts import ASK_AGAIN_AFTER
from footage.cloud.provider import Provider
from footage.job import journal
from footage.job.job_contact import JobContact
from footage.job.journal import Journal
from footage.job.retriever import Retriever
from footage.model import Contact, MediaStatus, RetrievalState, Vehicle
from footage.system.threads import Changes, StopEvent

GONE = Contact(START, START + timedelta(hours=3), state="Unplugged")


class Source:
    """A provider that tells what it is given."""

    name = "Samsara"

    def __init__(self, contact: Contact | None) -> None:
        self.told = contact
        self.asked = 0

    def contact(self, vehicle: Vehicle) -> Contact | None:
        self.asked += 1
        return self.told


class Run:
    """A retriever whose waits move the clock, until some time has passed."""

    def __init__(self, lasts: float) -> None:
        self.now = 0.0
        self.lasts = lasts

    @property
    def done(self) -> bool:
        return self.now >= self.lasts

    def wait(self, seen: int, until: float) -> None:
        self.now = min(until, self.lasts)


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Journal]:
    """A job of which something is awaited."""
    job = a_job()
    for one in job.retrievals:
        one.state, one.id = RetrievalState.ACCEPTED, "id"
    open_journal = journal.Journal.create(tmp_path, job, "now")
    yield open_journal
    open_journal.close()


def asked_of(waiting: Journal, source: Source, run: Run) -> JobContact:
    made = JobContact(waiting, cast(Provider, source), lambda: run.now)
    made.work(cast(Retriever, run), Changes(StopEvent()))
    return made


def test_what_is_told_is_kept_in_the_journal(
    waiting: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    made = asked_of(waiting, Source(GONE), Run(2 * ASK_AGAIN_AFTER))
    assert made.contact == GONE
    assert journal.read(waiting.path).contact == GONE
    assert len([one for one in caplog.messages if "last online" in one]) == 1, "it is logged once"


def test_it_is_asked_late_and_seldom(waiting: Journal) -> None:
    for lasts, asked in ((10, 0), (30, 1), (ASK_AGAIN_AFTER, 1), (3 * ASK_AGAIN_AFTER, 3)):
        source = Source(None)
        asked_of(waiting, source, Run(lasts))
        assert source.asked == asked
    assert waiting.job.contact is None


def test_a_job_that_awaits_nothing_asks_nothing(waiting: Journal) -> None:
    with waiting.change() as job:
        for _, media in job.media():
            media.status = MediaStatus.UNAVAILABLE
    source = Source(GONE)
    assert not JobContact(waiting, cast(Provider, source)).ask()
    assert source.asked == 0
    with waiting.change() as job:
        for one in job.retrievals:
            one.state = RetrievalState.PLANNED
            for media in one.media:
                media.status = MediaStatus.PENDING
    assert not JobContact(waiting, cast(Provider, source)).ask()
    assert source.asked == 0


def test_the_same_again_is_not_written_again(waiting: Journal) -> None:
    made = JobContact(waiting, cast(Provider, Source(GONE)))
    assert made.ask()
    revision = waiting.job.revision
    assert not made.ask()
    assert waiting.job.revision == revision
