"""Which incidents become one job."""

from __future__ import annotations

from dataclasses import replace

from support.media import at

from footage.cloud.motive_requests import whole_steps
from footage.incidents.grouping import Found, Requested, groups
from footage.incidents.rows import Incident
from footage.model import MediaType, Vehicle, Window
from SamsaraAPI import CAMERAS

DAY = 24 * 3600


def found(row: int, start: float, seconds: int = 90) -> Found:
    incident = Incident(row, "Truck 42", at(start), seconds, None, "")
    truck = Vehicle("1", "Truck 42")
    return Found(incident, "motive", truck, tuple(CAMERAS[:1]), False, MediaType.HIGH)


def to_the_second(one: Found, span: Window) -> Window:
    return span


def whole_minutes(one: Found, span: Window) -> Window:
    """As of Motive: what is asked for ends with the span, and begins whole minutes before."""
    return whole_steps(span, 60.0)


def rows_of(*every: Found, requested: Requested = to_the_second) -> list[tuple[int, ...]]:
    return [one.rows for one in groups(every, requested)]


def test_what_overlaps_or_touches_is_one_job() -> None:
    assert rows_of(found(2, 300), found(3, 0), found(4, 60), found(5, 150)) == [(3, 4, 5), (2,)]


def test_what_overlaps_in_whole_minutes_is_one_job() -> None:
    near = found(2, 30), found(3, 130)  # asked for: 0 to 120, and 100 to 220
    assert rows_of(*near) == [(2,), (3,)]
    assert rows_of(*near, requested=whole_minutes) == [(2, 3)]
    (group,) = groups(near, whole_minutes)
    assert whole_minutes(group.first, group.span) == Window(at(-20), at(220))


def test_what_touches_once_it_is_joined_is_joined() -> None:
    """2 is asked for until 75. 3 and 4 together are asked for from 70 on, each only from 90 on."""
    every = found(2, 15, 60), found(3, 100, 50), found(4, 155, 95)
    assert rows_of(*every[:2], requested=whole_minutes) == [(2,), (3,)]
    assert rows_of(*every, requested=whole_minutes) == [(2, 3, 4)]


def test_jobs_of_different_footage_are_not_joined() -> None:
    one = found(2, 0)
    other = replace(one, vehicle=Vehicle("2", "Truck 43"))
    third = replace(one, media=MediaType.TIMELAPSE)
    assert len(groups([one, other, third], to_the_second)) == 3


def test_no_job_is_longer_than_a_day() -> None:
    assert rows_of(found(2, 0, DAY - 60), found(3, 60, DAY - 120)) == [(2, 3)]
    assert rows_of(found(2, 0, DAY - 60), found(3, 60, DAY)) == [(2,), (3,)]
