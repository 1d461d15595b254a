"""Each retrieval is looked at by itself: not twice at once, and never too often."""

from __future__ import annotations

from support.media import window

from footage.job.poll_schedule import PollSchedule
from footage.model import Media, Retrieval
from SamsaraAPI import CAMERAS

ROAD = CAMERAS[0]


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def retrieval(minute: int = 0) -> Retrieval:
    return Retrieval(window(60 * minute), [Media(ROAD)])


def test_what_is_due_first_is_looked_at_first_and_nothing_before_its_time() -> None:
    time = Time()
    looks = PollSchedule(0.0, time)
    late, soon = retrieval(), retrieval(1)
    looks.put(late, 5.0)
    looks.put(soon, 2.0)
    assert looks.take() is None
    assert looks.next_in == 2.0
    time.now += 6
    assert [looks.take(), looks.take(), looks.take()] == [soon, late, None]
    assert looks.next_in is None


def test_of_two_wishes_for_one_retrieval_the_earlier_one_stands() -> None:
    time = Time()
    looks = PollSchedule(0.0, time)
    one = retrieval()
    for pause in (5.0, 1.0, 3.0):
        looks.put(one, pause)
    time.now += 1
    assert looks.take() is one
    time.now += 60
    assert looks.take() is None, "one look was wanted, not three"


def test_no_look_comes_sooner_after_the_last_than_is_good_for_it() -> None:
    time = Time()
    looks = PollSchedule(10.0, time)
    one, other = retrieval(), retrieval(1)
    looks.put(one, 0.0)
    assert looks.take() is one
    time.now += 3
    looks.put(one, 0.0)
    looks.put(other, 0.0)
    assert looks.take() is other
    assert looks.next_in == 7.0
    time.now += 7
    assert looks.take() is one
