"""What is asked for: all of the asked time, but for what is not there or need not be paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.media import START, at, window

from footage.cloud.provider import Provider
from footage.errors import AuthenticationError, RequestRefused, TransientError
from footage.job import planning
from footage.model import (
    Camera,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)
from footage.system.intervals import cut, moments, overlap, uncovered
from SamsaraAPI import CAMERAS

ROAD, DRIVER = CAMERAS[:2]
TRUCK = Vehicle("1", "Truck 42")


@dataclass
class Cloud:
    """A provider whose answers are set down; it asks for footage in windows of `longest`."""

    in_cloud: list[Media] | Exception = field(default_factory=list)
    stretches: list[Window] | None = None
    longest: float = 60.0
    live: bool = False
    name: str = "Samsara"
    asked: list[str] = field(default_factory=list)

    def uploaded(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType
    ) -> list[Media]:
        self.asked.append("uploaded")
        if isinstance(self.in_cloud, Exception):
            raise self.in_cloud
        return self.in_cloud

    def recorded(self, vehicle: Vehicle, span: Window) -> list[Window] | None:
        self.asked.append("recorded")
        return self.stretches

    def is_live(self, media_type: MediaType) -> bool:
        return self.live

    def plan(
        self, span: Window, cameras: Sequence[Camera], media_type: MediaType, every: float = 0.0
    ) -> list[Retrieval]:
        still = media_type is MediaType.IMAGE
        windows = (
            [Window(moment, moment) for moment in moments(span, every)]
            if still
            else cut(span, self.longest)
        )
        return [
            Retrieval(one, [Media(camera)], media_type) for one in windows for camera in cameras
        ]


def job(minutes: int = 4, **changes: object) -> Job:
    made = Job(
        provider="Samsara",
        vehicle=TRUCK,
        start=START,
        minutes=minutes,
        timezone="",
        cameras=(ROAD,),
        cameras_named=True,
        created=START,
        folder="",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def plan(made: Job, cloud: Cloud, *others: Job) -> list[str]:
    return planning.plan(made, cast(Provider, cloud), others)


def windows(made: Job) -> list[Window]:
    return [one.window for one in made.retrievals]


# --- what is there at all -------------------------------------------------------------------------


def test_where_nobody_knows_what_was_recorded_everything_is_asked_for() -> None:
    made = job()
    doubts = plan(made, Cloud())
    assert windows(made) == [window(60 * n) for n in range(4)]
    assert (doubts, made.no_footage) == ([], [])


def test_whole_minutes_without_footage_are_not_asked_for_and_are_named() -> None:
    made = job(6)
    plan(made, Cloud(stretches=[window(0, 120), window(300, 60)], longest=180.0))
    assert windows(made) == [window(0, 120), window(300, 60)]
    assert made.no_footage == [window(120, 180)]


def test_a_minute_that_is_covered_in_part_is_asked_for_by_itself() -> None:
    """So that nothing else is lost should the provider refuse it."""
    made = job(5)
    plan(made, Cloud(stretches=[Window(at(0), at(150)), Window(at(170), at(300))], longest=300.0))
    assert windows(made) == [window(0, 120), window(120), window(180, 120)]
    assert made.no_footage == []


def test_where_nothing_at_all_is_listed_the_person_decides_about_all_of_it() -> None:
    made = job()
    (doubt,) = plan(made, Cloud(stretches=[]))
    assert doubt.endswith("lists no footage of that time at all.")
    assert windows(made) == [window(60 * n) for n in range(4)]
    assert made.no_footage == []


def test_time_lapse_is_left_out_in_pieces_that_can_be_asked_for() -> None:
    made = job(15, media_type=MediaType.TIMELAPSE)
    plan(made, Cloud(stretches=[window(0, 301)], longest=3600.0))
    assert windows(made) == [window(0, 300), window(300, 300)]
    assert made.no_footage == [window(600, 300)]


stretches = st.lists(
    st.builds(window, st.integers(-100, 700), st.sampled_from([1, 20, 60, 90, 200])), max_size=5
)


@given(stretches)
def test_whatever_was_recorded_is_asked_for_and_the_rest_is_named(recorded: list[Window]) -> None:
    span = window(0, 600)
    parts = planning.with_footage(span, recorded, 60.0)
    assert parts == sorted(parts)
    assert all(not overlap(one, other) for n, one in enumerate(parts) for other in parts[:n])
    for stretch in recorded:
        if inside := overlap(stretch, span):
            assert uncovered(inside, parts) == []
    for minute in cut(span, 60.0):
        footage = any(overlap(minute, stretch) for stretch in recorded)
        assert any(overlap(minute, part) for part in parts) is footage
    for part in parts:  # long ones hold no minute that may be refused
        assert part.seconds == 60 or not uncovered(part, recorded)


def test_a_picture_taken_now_is_neither_looked_for_nor_measured() -> None:
    cloud = Cloud(in_cloud=[Media(ROAD)], stretches=[], live=True)
    made = job(0, media_type=MediaType.IMAGE)
    plan(made, cloud)
    assert cloud.asked == []
    assert windows(made) == [window(0, 0)]


# --- how long a window may be ---------------------------------------------------------------------


def test_the_longest_window_that_another_job_learned_is_kept_to_from_the_start() -> None:
    made = job(20, media_type=MediaType.LOW)
    others = [job(media_type=MediaType.LOW, longest=300.0), job(longest=10.0)]
    plan(made, Cloud(longest=600.0), *others)
    assert [one.seconds for one in windows(made)] == [300.0] * 4
    assert made.longest == 300.0


def test_windows_that_are_short_enough_are_left_alone() -> None:
    made = job(2)
    plan(made, Cloud(), job(longest=300.0))
    assert windows(made) == [window(0), window(60)]


# --- what need not be paid for --------------------------------------------------------------------

THERE = Media(ROAD, MediaStatus.AVAILABLE, "", at(0), at(60), "https://media.example/a", "Front")


def test_what_is_in_the_cloud_or_asked_for_already_is_not_asked_for() -> None:
    asked = Retrieval(window(60), [Media(ROAD)], state=RetrievalState.ACCEPTED, id="theirs")
    made = job(3)
    doubts = plan(made, Cloud([THERE]), replace(job(), retrievals=[asked]))
    states = [one.state for one in made.retrievals]
    assert states == [RetrievalState.FOUND, RetrievalState.ACCEPTED, RetrievalState.PLANNED]
    assert planning.to_request(made) == made.retrievals[2:]
    assert made.roles == {ROAD.input: "Front"}
    assert doubts == []


def test_without_reuse_all_of_it_is_asked_for_and_nothing_is_looked_up() -> None:
    asked = Retrieval(window(60), [Media(ROAD)], state=RetrievalState.ACCEPTED, id="theirs")
    cloud, made = Cloud([THERE]), job(3, reuse=False)
    plan(made, cloud, replace(job(), retrievals=[asked]))
    assert len(planning.to_request(made)) == 3
    assert "uploaded" not in cloud.asked


@pytest.mark.parametrize("trouble", [TransientError("It is down."), RequestRefused("Not for you.")])
def test_a_list_that_cannot_be_had_makes_it_doubtful_that_all_should_be_paid_for(
    trouble: Exception,
) -> None:
    made = job(3)
    (doubt,) = plan(made, Cloud(trouble))
    assert str(trouble).rstrip(".") in doubt
    assert doubt.endswith("all of it would be requested and paid for.")
    assert len(planning.to_request(made)) == 3


def test_other_jobs_are_followed_also_where_the_list_cannot_be_had() -> None:
    asked = Retrieval(window(60), [Media(ROAD)], state=RetrievalState.ACCEPTED, id="theirs")
    made = job(3)
    plan(made, Cloud(TransientError("It is down.")), replace(job(), retrievals=[asked]))
    assert [one.id for one in made.retrievals] == ["", "theirs", ""]


def test_a_key_that_is_refused_is_no_passing_trouble() -> None:
    with pytest.raises(AuthenticationError):
        plan(job(), Cloud(AuthenticationError("revoked")))


def test_a_long_window_is_cut_before_it_is_looked_for() -> None:
    """So that the part that is in the cloud need not be asked for with the rest."""
    made = job(10, media_type=MediaType.LOW)
    plan(made, Cloud([THERE], longest=600.0), job(media_type=MediaType.LOW, longest=60.0))
    assert len(planning.to_request(made)) == 9


@given(stretches, st.integers(1, 10))
def test_every_moment_is_asked_for_found_or_named(recorded: list[Window], minutes: int) -> None:
    made = job(minutes)
    plan(made, Cloud([THERE], stretches=recorded))
    assert uncovered(made.span, [*windows(made), *made.no_footage]) == []
    end = START + timedelta(minutes=minutes)
    assert all(one.start >= START and one.end <= end for one in windows(made))
