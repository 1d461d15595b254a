"""The vehicle's own data as the Samsara client fetches them from the simulated cloud."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from support.samsara import START
from support.scripted import FakeTime

import simulator
from footage.errors import RequestRefused
from footage.model import Reading, Vehicle, Window
from footage.telemetry.interpolation import at as reading_at
from footage.telemetry.interpolation import holes
from SamsaraAPI import SamsaraAPI
from simulator import drive
from simulator.scenario import Scenario

SPAN = Window(START, START + timedelta(minutes=1))


def fetched(scenario: Scenario, minutes: float = 2) -> tuple[list[Reading], Window, Vehicle]:
    """The readings of the scenario's first vehicle, without waiting for the rate limits."""
    time = FakeTime()
    span = Window(START, START + timedelta(minutes=minutes))
    with simulator.start(scenario) as cloud:
        samsara = SamsaraAPI(cloud.token, cloud.api_url, wait=time.wait, clock=time.clock)
        vehicle = samsara.vehicles()[0]
        return samsara.readings(vehicle, span), span, vehicle


def worst(readings: Sequence[Reading], span: Window, vehicle: Vehicle) -> list[float]:
    """By how much speed (m/s), heading and position (degrees) are off at most."""
    off = [0.0, 0.0, 0.0]
    for tenth in range(int(span.seconds) * 10 + 1):
        moment = span.start + timedelta(seconds=tenth / 10)
        here, truth = reading_at(readings, moment), drive.at(vehicle.id, moment)
        assert here is not None and here.heading is not None and here.speed is not None
        turn = (here.heading - truth.heading + 180) % 360 - 180
        away = max(abs(here.latitude - truth.latitude), abs(here.longitude - truth.longitude))
        one = (abs(here.speed - truth.speed), abs(turn), away)
        off = [max(pair) for pair in zip(off, one, strict=True)]
    return off


@pytest.mark.parametrize(
    ("scenario", "count", "limits"),
    [
        # The finer readings have the heading in whole degrees.
        (Scenario(limits={}, gps_page_size=50, empty_gps_pages=(1,)), 141, (0.01, 0.51, 3e-6)),
        (Scenario(limits={}, gps_page_size=10, stream_enabled=False), 29, (0.1, 0.05, 5e-5)),
        (Scenario(limits={}, gps_enabled=False), 141, (0.01, 0.51, 3e-6)),
    ],
)
def test_readings_are_true_at_every_tenth_of_a_second(
    scenario: Scenario, count: int, limits: tuple[float, ...]
) -> None:
    readings, span, vehicle = fetched(scenario)
    assert len(readings) == count
    assert holes(readings, span) == []
    for off, limit in zip(worst(readings, span, vehicle), limits, strict=True):
        assert off < limit


def test_the_places_are_those_of_the_drive() -> None:
    readings, _, vehicle = fetched(Scenario(limits={}))
    late = timedelta(seconds=5)  # a street's name comes with the next reading of the history
    for one in readings:
        places = {drive.at(vehicle.id, moment).place for moment in (one.time, one.time - late)}
        assert one.place in places
    assert len({one.place for one in readings}) >= 2


def test_a_hole_is_a_hole() -> None:
    hole = (START + timedelta(seconds=30), START + timedelta(seconds=60))
    readings, span, _ = fetched(Scenario(limits={}, gps_holes=(hole,)))
    assert holes(readings, span) == [Window(hole[0] - timedelta(seconds=1), hole[1])]


def test_the_limits_of_the_simulated_cloud_are_kept() -> None:
    with simulator.start(Scenario(gps_page_size=20)) as cloud:
        samsara = SamsaraAPI(cloud.token, cloud.api_url)
        vehicle = samsara.vehicles()[0]
        samsara.readings(vehicle, SPAN)
        assert {call.status for call in cloud.calls} == {200}
        assert len(cloud.calls) > 10


def test_a_key_without_the_right_learns_which_one_it_lacks() -> None:
    with pytest.raises(RequestRefused, match="Read Vehicle Statistics"):
        fetched(Scenario(limits={}, gps_enabled=False, stream_enabled=False))
