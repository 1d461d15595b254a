"""What is asked for: all of the asked time, but for what is not there or need not be paid."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bare_job import bare_job
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
    return bare_job(minutes=minutes, cameras_named=True, **changes)


def plan(made: Job, cloud: Cloud, *others: Job) -> Sequence[str]:
    """Plan a job and put the plan into it; returns the warnings."""
    planned = planning.plan(made, cast(Provider, cloud), others)
    planned.put_into(made)
    return planned.warnings


def windows(made: Job) -> list[Window]:
    return [one.window for one in made.retrievals]


# --- what is there at all -------------------------------------------------------------------------


def test_without_a_list_of_recordings_all_is_asked_for() -> None:
    made = job()
    warnings = plan(made, Cloud())
    assert windows(made) == [window(60 * n) for n in range(4)]
    assert (warnings, made.no_footage) == ([], [])


def test_minutes_without_footage_are_named_not_asked_for() -> None:
    made = job(6)
    plan(made, Cloud(stretches=[window(0, 120), window(300, 60)], longest=180.0))
    assert windows(made) == [window(0, 120), window(300, 60)]
    assert made.no_footage == [window(120, 180)]


def test_a_minute_covered_in_part_is_asked_for_by_itself() -> None:
    """So that nothing else is lost should the provider refuse it."""
    made = job(5)
    plan(made, Cloud(stretches=[Window(at(0), at(150)), Window(at(170), at(300))], longest=300.0))
    assert windows(made) == [window(0, 120), window(120), window(180, 120)]
    assert made.no_footage == []


def test_where_nothing_is_listed_all_is_planned_with_a_warning() -> None:
    made = job()
    (warning,) = plan(made, Cloud(stretches=[]))
    assert warning.endswith("lists no footage of that time at all.")
    assert windows(made) == [window(60 * n) for n in range(4)]
    assert made.no_footage == []


def test_time_lapse_is_left_out_in_steps_of_five_minutes() -> None:
    made = job(15, media_type=MediaType.TIMELAPSE)
    plan(made, Cloud(stretches=[window(0, 301)], longest=3600.0))
    assert windows(made) == [window(0, 300), window(300, 300)]
    assert made.no_footage == [window(600, 300)]


stretches = st.lists(
    st.builds(window, st.integers(-100, 700), st.sampled_from([1, 20, 60, 90, 200])), max_size=5
)


@given(stretches)
def test_all_that_was_recorded_is_asked_for(recorded: list[Window]) -> None:
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


def test_for_a_picture_taken_now_nothing_is_looked_up() -> None:
    cloud = Cloud(in_cloud=[Media(ROAD)], stretches=[], live=True)
    made = job(0, media_type=MediaType.IMAGE)
    plan(made, cloud)
    assert cloud.asked == []
    assert windows(made) == [window(0, 0)]


# --- how long a window may be ---------------------------------------------------------------------


def test_a_limit_that_another_job_learned_is_kept_to() -> None:
    made = job(20, media_type=MediaType.LOW)
    others = [job(media_type=MediaType.LOW, longest=300.0), job(longest=10.0)]
    plan(made, Cloud(longest=600.0), *others)
    assert [one.seconds for one in windows(made)] == [300.0] * 4
    assert made.longest == 300.0


def test_windows_that_are_short_enough_are_left_alone() -> None:
    made = job(2)
    plan(made, Cloud(), job(longest=300.0))
    assert windows(made) == [window(0), window(60)]


def test_pieces_of_a_request_keep_what_is_known_of_it() -> None:
    sent = Retrieval(
        window(0, 150),
        [Media(ROAD), Media(DRIVER, provider_message="x")],
        MediaType.LOW,
        state=RetrievalState.REQUESTING,
        requested_at=at(999),
        possible_duplicates=2,
        repeat=True,
    )
    pieces = planning.cut_smaller(sent, 60.0)
    assert [piece.window for piece in pieces] == [window(0), window(60), window(120, 30)]
    for piece in pieces:
        assert [media.camera for media in piece.media] == [ROAD, DRIVER]
        assert all(media == Media(media.camera) for media in piece.media)
        assert (piece.state, piece.id) == (RetrievalState.PLANNED, "")
        assert (piece.media_type, piece.repeat) == (MediaType.LOW, True)
    assert [piece.possible_duplicates for piece in pieces] == [
        2,
        0,
        0,
    ]  # counted for one piece only
    assert pieces[0].media[0] is not pieces[1].media[0]


@pytest.mark.parametrize(("longest", "count"), [(0.0, 2), (30.0, 3), (60.0, 2), (600.0, 2)])
def test_only_what_is_too_long_is_cut_and_zero_is_no_limit(longest: float, count: int) -> None:
    planned = [Retrieval(window(0), [Media(ROAD)]), Retrieval(window(60, 30), [Media(ROAD)])]
    fitted = planning.not_longer(planned, longest)
    assert len(fitted) == count
    assert fitted[-1] is planned[-1]
    assert sum(one.window.seconds for one in fitted) == 90


# --- what need not be paid for --------------------------------------------------------------------

THERE = Media(ROAD, MediaStatus.AVAILABLE, "", at(0), at(60), "https://media.example/a", "Front")


def test_what_is_there_or_asked_for_is_not_asked_for_again() -> None:
    asked = Retrieval(window(60), [Media(ROAD)], state=RetrievalState.ACCEPTED, id="theirs")
    made = job(3)
    warnings = plan(made, Cloud([THERE]), replace(job(), retrievals=[asked]))
    states = [one.state for one in made.retrievals]
    assert states == [RetrievalState.FOUND, RetrievalState.ACCEPTED, RetrievalState.PLANNED]
    assert planning.to_request(made) == made.retrievals[2:]
    assert made.roles == {ROAD.input: "Front"}
    assert warnings == []


def test_without_reuse_all_is_asked_for_without_look_ups() -> None:
    asked = Retrieval(window(60), [Media(ROAD)], state=RetrievalState.ACCEPTED, id="theirs")
    cloud, made = Cloud([THERE]), job(3, reuse=False)
    plan(made, cloud, replace(job(), retrievals=[asked]))
    assert len(planning.to_request(made)) == 3
    assert "uploaded" not in cloud.asked


@pytest.mark.parametrize("trouble", [TransientError("It is down."), RequestRefused("Not for you.")])
def test_a_list_that_cannot_be_had_is_warned_of(
    trouble: Exception,
) -> None:
    made = job(3)
    (warning,) = plan(made, Cloud(trouble))
    assert str(trouble).rstrip(".") in warning
    assert warning.endswith("all of it would be requested and paid for.")
    assert len(planning.to_request(made)) == 3


def test_other_jobs_are_followed_also_without_the_list() -> None:
    asked = Retrieval(window(60), [Media(ROAD)], state=RetrievalState.ACCEPTED, id="theirs")
    made = job(3)
    plan(made, Cloud(TransientError("It is down.")), replace(job(), retrievals=[asked]))
    assert [one.id for one in made.retrievals] == ["", "theirs", ""]


def test_a_refused_key_ends_the_planning() -> None:
    with pytest.raises(AuthenticationError):
        plan(job(), Cloud(AuthenticationError("revoked")))


def test_a_long_window_is_cut_before_it_is_looked_up() -> None:
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


def test_planning_and_looking_up_change_nothing_of_the_job() -> None:
    """They may run on any thread: what is learned is put into the job by the caller."""
    made = job(3, retrievals=[Retrieval(window(0), [Media(ROAD)])])
    before = deepcopy(made)
    cloud = cast(Provider, Cloud([THERE], stretches=[window(0, 120)]))
    planned = planning.plan(made, cloud, [job(longest=30.0)])
    match = planning.from_cloud(made, cloud, made.retrievals)
    assert made == before
    assert (planned.longest, planned.no_footage) == (30.0, [window(120)])
    assert planned.match.roles == match.roles == {ROAD.input: "Front"}
    assert match.is_news(made)
    planned.put_into(made)
    assert not match.is_news(made)
