"""Each retrieval is polled by itself: not twice at once, and never too often."""

from __future__ import annotations

from support.media import window

from footage.job.poll_schedule import PollSchedule, next_pause
from footage.job.retrieval_run import RetrievalRun
from footage.model import Media, Retrieval
from SamsaraAPI import CAMERAS

ROAD = CAMERAS[0]


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def pauses(first: float, count: int) -> list[float]:
    found = [first]
    while len(found) < count:
        found.append(next_pause(found[-1], first))
    return found


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


def test_pauses_grow_with_the_time_waited_up_to_three_minutes() -> None:
    found = pauses(5.0, 100)
    assert found == sorted(found)
    assert max(found) == 180.0
    waited = [sum(found[:number]) for number in range(len(found))]
    for before, pause in zip(waited, found, strict=True):
        assert pause <= max(60.0, before / 3), "footage that is there is not noticed in time"
    assert sum(moment <= 3600 for moment in waited) <= 35


def test_no_pause_is_below_the_first() -> None:
    assert set(pauses(600.0, 5)) == {600.0}
    assert pauses(70.0, 3) == [70.0, 77.0, 84.7]
