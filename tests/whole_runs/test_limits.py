"""A whole run stays under the limits of each provider, in every window of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.runs import ONE_MINUTE, Bench

from simulator import OnClip
from simulator.calls import Call
from simulator.limits import SAMSARA_LIMITS


def busiest(calls: Sequence[Call], seconds: float) -> int:
    """The most calls that arrived within so many seconds."""
    times = [call.at for call in calls]
    return max(sum(start <= at < start + seconds for at in times) for start in times)


@pytest.mark.parametrize(
    ("bench", "minutes", "posts", "looks"),
    [("samsara", 3, (100, 60.0), (5, 1.0)), ("motive", 2, (30, 60.0), (2, 1.0))],
    indirect=["bench"],
)
def test_requests_and_looks_stay_under_the_limits(
    bench: Bench, minutes: int, posts: tuple[int, float], looks: tuple[int, float]
) -> None:
    bench.paced = True
    style = replace(ONE_MINUTE, rate_limit=posts, failed="unavailable")
    nothing = OnClip("unavailable")  # what comes is of no matter here
    with bench.cloud(nothing, limits=SAMSARA_LIMITS, motive=style, delay=3.0) as sim:
        ran = bench.run(sim, minutes=minutes, cameras="road,driver")
        assert ran.status == 1, ran.out
        assert len(bench.posts(sim)) == bench.requests(minutes, cameras=2)
        assert not [call for call in sim.calls if call.status == 429]
        # So few requests never fill their minute: they keep the distance that many would need.
        times = [call.at for call in sim.posts()]
        assert len(times) >= 3
        distance = (times[-1] - times[0]) / (len(times) - 1)
        # As they arrive: a busy computer brings the first one late.
        assert distance >= 0.85 * posts[1] / posts[0]
        # Looks are wanted twenty times a second at first; as many as may be are made.
        assert len(sim.polls()) > looks[0]
        assert busiest(sim.polls(), looks[1]) <= looks[0]
