"""Of two runs that want the same footage at the same moment one requests it, the other follows."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from filelock import FileLock
from support.media import at, window
from support.retrieving import DRIVER, ROAD, Stage

from footage.job import last_look
from footage.job.last_look import LOCK, LONGEST_ANSWER, Found, LastLook
from footage.job.locks import take_lock
from footage.job.other_jobs import OtherJobs
from footage.job.run_state import PollSettings, RunState
from footage.model import Camera, Media, MediaStatus, Retrieval, RetrievalState, SafetyEvent

ACCEPTED, PLANNED = RetrievalState.ACCEPTED, RetrievalState.PLANNED


class Run(Stage):
    """A run with a job of its own, whose journal is beside those of the others."""

    def wants(self, *retrievals: Retrieval, planned: float = 0.0, reuse: bool = True) -> Run:
        """Begin the journal of a job that was planned in this second, so that it is another job."""
        self.begin(*retrievals, created=at(planned), reuse=reuse, minutes=10)
        self.state = RunState(self.context(), PollSettings())
        (self.first,) = self.state.add(self.journal.job.retrievals[:1])
        self.last_look = LastLook(self.state, OtherJobs(self.journal, self.videos))
        return self

    def look(self, *unusable: str) -> Found:
        """The last look before the job's first request is sent."""
        return self.last_look.before_sending(self.first, unusable, self.note)

    def note(self, retrieval: Retrieval) -> None:
        with self.journal.change():
            retrieval.state = RetrievalState.REQUESTING

    def answered(self, state: RetrievalState = ACCEPTED, name: str = "theirs") -> None:
        """The provider answers the job's first request."""
        with self.journal.change():
            self.first.retrieval.state = state
            self.first.retrieval.id = name if state is ACCEPTED else ""

    @property
    def has(self) -> list[tuple[RetrievalState, str, int]]:
        """State, id and length of each retrieval."""
        return [(r.state, r.id, int(r.window.seconds)) for r in self.journal.job.retrievals]


def part(start: float = 0, seconds: float = 60, camera: Camera = ROAD) -> Retrieval:
    return Retrieval(window(start, seconds), [Media(camera)])


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Run, Run]:
    """Two runs that have planned the same minute."""
    return Run(tmp_path).wants(part()), Run(tmp_path).wants(part(), planned=1)


def test_what_another_run_is_sending_is_followed(runs: tuple[Run, Run]) -> None:
    mine, other = runs
    assert (other.look(), mine.look()) == (Found.NOTHING, Found.AWAITED)
    other.answered()
    assert mine.look() is Found.FOLLOWED
    assert mine.has == [(ACCEPTED, "theirs", 60)]
    assert mine.journal.job.retrievals[0].from_other_job


def test_what_is_only_planned_keeps_nobody(runs: tuple[Run, Run]) -> None:
    """Its run may wait for a person, or end before it is sent."""
    mine, _ = runs
    assert mine.look() is Found.NOTHING


@pytest.mark.parametrize("state", [RetrievalState.REFUSED, PLANNED], ids=["refused", "no answer"])
def test_what_another_run_was_refused_is_sent(runs: tuple[Run, Run], state: RetrievalState) -> None:
    mine, other = runs
    other.look()
    assert mine.look() is Found.AWAITED
    other.answered(state)
    assert mine.look() is Found.NOTHING


def test_a_run_that_ended_without_an_answer_is_not_awaited(runs: tuple[Run, Run]) -> None:
    mine, other = runs
    other.look()
    other.journal.close()  # as the system does it for a run that was killed
    assert mine.look() is Found.NOTHING


def test_a_run_that_hangs_is_not_awaited_for_ever(runs: tuple[Run, Run]) -> None:
    mine, other = runs
    other.look()
    assert mine.look() is Found.AWAITED
    mine.clock.now += LONGEST_ANSWER - 1
    assert mine.look() is Found.AWAITED
    mine.clock.now += 1
    assert mine.look() is Found.NOTHING


def test_of_a_longer_window_only_the_rest_is_sent(tmp_path: Path) -> None:
    mine = Run(tmp_path).wants(part(0, 120))
    other = Run(tmp_path).wants(part(60), planned=1)
    other.look()
    assert mine.look() is Found.AWAITED
    other.answered()
    assert mine.look() is Found.FOLLOWED
    assert mine.has == [(PLANNED, "", 60), (ACCEPTED, "theirs", 60)]


def test_a_longer_request_of_another_run_is_followed_once(tmp_path: Path) -> None:
    mine = Run(tmp_path).wants(part(0), part(60))
    other = Run(tmp_path).wants(part(0, 120), planned=1)
    other.look()
    other.answered()
    assert mine.look() is Found.FOLLOWED
    (mine.first,) = mine.state.add(mine.journal.job.retrievals[1:])
    assert mine.look() is Found.FOLLOWED
    assert mine.has == [(ACCEPTED, "theirs", 120)]


def test_a_rest_that_takes_as_much_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Motive knows whole minutes only: the rest of a minute takes a minute."""
    mine = Run(tmp_path).wants(part(30))
    mine.journal.job.events = (SafetyEvent("1", "fake", at(40), at(41), "1"),)
    monkeypatch.setattr(mine.provider, "plan", lambda *asked: [part(30)])
    other = Run(tmp_path).wants(part(0), planned=1)
    other.look()
    other.answered()
    assert mine.look() is Found.FOLLOWED
    assert sorted(mine.has) == [(ACCEPTED, "theirs", 60), (PLANNED, "", 60)]
    rest = [one for one in mine.journal.job.retrievals if one.state is PLANNED]
    (mine.first,) = mine.state.add(rest)
    assert mine.look() is Found.NOTHING


def test_what_brought_nothing_is_not_followed_again(runs: tuple[Run, Run]) -> None:
    mine, other = runs
    other.look()
    other.answered()
    with mine.journal.change() as job:  # its upload failed, and it is requested once more
        failed = Retrieval(window(0), [Media(ROAD)], state=ACCEPTED, id="theirs")
        failed.media[0].status = MediaStatus.FAILED
        job.retrievals.append(failed)
    assert mine.look() is Found.NOTHING


def test_an_id_that_is_not_known_is_not_followed_again(runs: tuple[Run, Run]) -> None:
    mine, other = runs
    other.look()
    other.answered()
    assert mine.look("theirs") is Found.NOTHING


def test_other_footage_is_not_awaited(tmp_path: Path) -> None:
    mine = Run(tmp_path).wants(part())
    others = part(60), part(0, camera=DRIVER)
    for number, one in enumerate(others, 1):
        assert Run(tmp_path).wants(one, planned=number).look() is Found.NOTHING
    assert mine.look() is Found.NOTHING


def test_who_wants_it_anew_does_not_look(tmp_path: Path) -> None:
    mine = Run(tmp_path).wants(part(), reuse=False)
    Run(tmp_path).wants(part(), planned=1).look()
    assert mine.look() is Found.NOTHING


def test_a_lock_that_hangs_holds_nobody_up(
    runs: tuple[Run, Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(last_look, "_LOCK_TIMEOUT", 0.0)
    mine, _ = runs
    with FileLock(mine.journal.path.with_name(LOCK)):
        assert mine.look() is Found.NOTHING


def test_nobody_looks_while_another_run_looks(runs: tuple[Run, Run]) -> None:
    mine, _ = runs
    taken: list[bool] = []

    def try_to_lock(retrieval: Retrieval) -> None:
        taken.append(take_lock(FileLock(mine.journal.path.with_name(LOCK)), 0))

    mine.last_look.before_sending(mine.first, (), try_to_lock)
    try_to_lock(mine.first.retrieval)
    assert taken == [False, True]


def test_two_runs_at_once_pay_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have planned the same ten minutes, and neither has seen anything of the other."""
    monkeypatch.setattr(last_look, "LONGEST_ANSWER", 1e9)  # a clock that jumps passes any time
    minutes = [60 * number for number in range(10)]
    runs = [Run(tmp_path / name) for name in ("one", "two")]
    for number, one in enumerate(runs):
        one.logs, one.provider.ids = tmp_path / "Logs", f"of-run-{number}"
        one.wants(*map(part, minutes), planned=number)
    retrievers = [one.beside_others() for one in runs]
    threads = [
        threading.Thread(target=one.run, args=(retriever,))
        for one, retriever in zip(runs, retrievers, strict=True)
    ]
    for thread, retriever in zip(threads, retrievers, strict=True):
        retriever.cost.confirm()
        thread.start()
    for thread in threads:
        thread.join(60.0)
    sent = [retrieval.window for one in runs for retrieval in one.provider.requests]
    assert sorted(sent) == list(map(window, minutes))
    for one in runs:
        assert all(media.clip for _, media in one.journal.job.media())
        assert len(one.journal.job.retrievals) == len(minutes)
