"""The rate limiter: never over the limit in any window, close to it when much is to do."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footage.cloud.rate_limit import RateLimiter
from footage.errors import Interrupted


class FakeClock:
    """Time that passes only when somebody waits; `late` seconds more than asked each time."""

    def __init__(self, late: float = 0.0) -> None:
        self.now = 1000.0
        self.late = late
        self.lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        with self.lock:
            self.now += seconds + self.late


def most_in_a_window(starts: list[float], period: float) -> int:
    return max(sum(first <= other <= first + period for other in starts) for first in starts)


LIMITS = st.sampled_from([(1, 1.0), (5, 1.0), (25, 1.0), (100, 60.0)])


@given(
    limit=LIMITS,
    before_first=st.floats(0, 100),
    steps=st.lists(
        st.tuples(st.floats(0, 70), st.one_of(st.none(), st.floats(0, 30))), min_size=1, max_size=60
    ),
    late=st.floats(0, 0.02),
)
def test_no_window_sees_more_than_the_limit(
    limit: tuple[int, float],
    before_first: float,
    steps: list[tuple[float, float | None]],
    late: float,
) -> None:
    calls, period = limit
    clock = FakeClock(late)
    rate_limiter = RateLimiter(calls, period, clock, clock.wait)
    clock.now += before_first
    starts: list[float] = []
    for idle, hold in steps:
        for _ in range(calls + 2):
            rate_limiter.take()
            starts.append(clock.now)
        clock.now += idle
        if hold is not None:
            rate_limiter.hold(hold)
            allowed = clock.now + hold
            rate_limiter.take()
            starts.append(clock.now)
            assert clock.now >= allowed
    assert most_in_a_window(starts, period) <= calls


@pytest.mark.parametrize(("calls", "period"), [(5, 1.0), (25, 1.0), (100, 60.0)])
def test_at_least_nine_tenths_of_the_limit_are_used(calls: int, period: float) -> None:
    clock = FakeClock()
    rate_limiter = RateLimiter(calls, period, clock, clock.wait)
    began = clock.now
    for _ in range(10 * calls + 1):
        rate_limiter.take()
    assert 10 * calls / (clock.now - began) >= 0.9 * calls / period


def test_the_first_spacing_is_as_long_as_the_others() -> None:
    clock = FakeClock()
    rate_limiter = RateLimiter(1, 10.0, clock, clock.wait)
    clock.now += 9.9
    rate_limiter.take()
    first = clock.now
    rate_limiter.take()
    assert clock.now - first >= 10.0


def test_a_first_call_need_not_wait() -> None:
    clock = FakeClock()
    RateLimiter(5, 1.0, clock, clock.wait).take()
    assert clock.now == 1000.0


def test_a_hold_is_not_shortened_by_a_later_shorter_one() -> None:
    clock = FakeClock()
    rate_limiter = RateLimiter(5, 1.0, clock, clock.wait)
    rate_limiter.hold(30)
    rate_limiter.hold(1)
    rate_limiter.take()
    assert clock.now >= 1030.0


def test_waiting_can_be_interrupted() -> None:
    def stopped(seconds: float) -> None:
        raise Interrupted("stopped")

    rate_limiter = RateLimiter(1, 60.0, FakeClock(), stopped)
    rate_limiter.take()
    with pytest.raises(Interrupted):
        rate_limiter.take()


@given(delays=st.lists(st.floats(0, 3), min_size=130, max_size=150))
def test_reserved_starts_keep_the_limit_when_used_late(delays: list[float]) -> None:
    clock = FakeClock()
    rate_limiter = RateLimiter(100, 60.0, clock, clock.wait)
    starts: list[float] = []
    for delay in delays:
        rate_limiter.reserve()
        clock.now += delay
        rate_limiter.take()
        starts.append(clock.now)
    assert most_in_a_window(starts, 60.0) <= 100


def test_a_reserved_start_is_used_at_once_and_only_once() -> None:
    clock = FakeClock()
    rate_limiter = RateLimiter(5, 1.0, clock, clock.wait)
    rate_limiter.reserve()
    rate_limiter.take()
    assert clock.now == 1000.0
    rate_limiter.take()
    assert clock.now >= 1000.0 + rate_limiter.spacing - 1e-6


def test_a_reserved_start_obeys_a_hold() -> None:
    clock = FakeClock()
    rate_limiter = RateLimiter(5, 1.0, clock, clock.wait)
    rate_limiter.reserve()
    rate_limiter.hold(10)
    rate_limiter.take()
    assert clock.now >= 1010.0


def test_threads_share_the_limit() -> None:
    clock = FakeClock()
    rate_limiter = RateLimiter(10, 1.0, clock, clock.wait)

    def take_often() -> None:
        for _ in range(25):
            rate_limiter.take()

    threads = [threading.Thread(target=take_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now - 1000.0 >= 99 * rate_limiter.spacing - 1e-6


@given(calls=st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), min_size=20, max_size=40))
def test_late_arrivals_keep_the_limit(calls: list[tuple[float, float]]) -> None:
    """Each call is answered so many seconds after its start, and counted somewhere before that."""
    clock = FakeClock()
    rate_limiter = RateLimiter(5, 1.0, clock, clock.wait)
    arrivals: list[float] = []
    for seconds, share in calls:
        with rate_limiter.turn():
            arrivals.append(clock.now + seconds * share)
            clock.now += seconds
    assert most_in_a_window(sorted(arrivals), 1.0 - 1e-6) <= 5


def test_a_call_without_an_answer_takes_one_place_only() -> None:
    clock = FakeClock()
    rate_limiter = RateLimiter(5, 1.0, clock, clock.wait)
    began = clock.now
    with rate_limiter.turn():  # the provider does not answer
        for _ in range(41):
            rate_limiter.take()
    assert clock.now - began == pytest.approx(10.0, rel=0.1)  # four a second
