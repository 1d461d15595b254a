"""Each retrieval is polled by itself: not twice at once, and never too often."""

from __future__ import annotations

from support.media import window

from footage.job.poll_schedule import PollSchedule
from footage.job.retrieval_run import RetrievalRun
from footage.model import Media, Retrieval
from SamsaraAPI import CAMERAS

ROAD = CAMERAS[0]


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def retrieval(minute: int = 0) -> RetrievalRun:
    return RetrievalRun(Retrieval(window(60 * minute), [Media(ROAD)]))


def test_what_is_due_first_is_polled_first_and_at_its_time() -> None:
    time = Time()
    polls = PollSchedule(0.0, time)
    late, soon = retrieval(), retrieval(1)
    polls.put(late, 5.0)
    polls.put(soon, 2.0)
    assert polls.take() is None
    assert polls.next_at == 102.0
    time.now += 6
    assert [polls.take(), polls.take(), polls.take()] == [soon, late, None]
    assert polls.next_at is None


def test_of_two_wishes_for_one_retrieval_the_earlier_counts() -> None:
    time = Time()
    polls = PollSchedule(0.0, time)
    one = retrieval()
    for pause in (5.0, 1.0, 3.0):
        polls.put(one, pause)
    time.now += 1
    assert polls.take() is one
    time.now += 60
    assert polls.take() is None, "one poll was wanted, not three"


def test_no_poll_comes_too_soon_after_the_last() -> None:
    time = Time()
    polls = PollSchedule(10.0, time)
    one, other = retrieval(), retrieval(1)
    polls.put(one, 0.0)
    assert polls.take() is one
    time.now += 3
    polls.put(one, 0.0)
    polls.put(other, 0.0)
    assert polls.take() is other
    assert polls.next_at == 110.0
    time.now += 7
    assert polls.take() is one


def test_only_a_poll_that_is_now_the_next_is_said_to_be() -> None:
    """Only then those who wait for the next poll have to be woken."""
    polls = PollSchedule(0.0, Time())
    one = retrieval()
    assert polls.put(one, 5.0)
    assert not polls.put(retrieval(1), 6.0)
    assert polls.put(retrieval(2), 4.0)
    assert not polls.put(one, 4.5)
    assert polls.put(one, 1.0)
