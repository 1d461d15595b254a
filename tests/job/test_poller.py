"""Polls: how often, until when, and what is taken over from their answers."""

from __future__ import annotations

from typing import Any

import pytest
from support.media import at, window
from support.retrieving import (
    DRIVER,
    ROAD,
    SECRET,
    Stage,
    minute_of,
    statuses,
)

from footage.errors import (
    RequestRefused,
    TransientError,
)
from footage.job.journal import read
from footage.job.run_state import PollSettings
from footage.model import (
    Camera,
    Media,
    MediaStatus,
    Retrieval,
    Vehicle,
)

CARGO = Camera("cargo_facing", "Cargo facing")


def test_polls_come_soon_at_first_then_less_often(stage: Stage) -> None:
    stage.provider.status = lambda retrieval, poll: "available" if poll == 14 else "pending"
    stage.plan(1)
    stage.collect()
    polls = stage.polls()
    pauses = [after - before for before, after in zip([0.0, *polls], polls, strict=False)]
    expected = [5.0, 5.0, 7.5, 11.25, 16.9, 25.3, 38.0, 57.0, 60.0, 66.0, 72.6, 79.9, 87.8, 96.6]
    assert len(pauses) == len(expected)
    for pause, least in zip(pauses, expected, strict=True):
        assert least - 0.1 <= pause <= least + 5.0, pauses


def test_before_the_longest_wait_is_over_there_is_a_last_poll(stage: Stage) -> None:
    stage.poll_settings = PollSettings(max_wait=430.0)
    stage.provider.status = lambda retrieval, poll: (
        "available" if stage.clock.now > 400 else "pending"
    )
    job = stage.plan(1)
    stage.collect()
    assert statuses(job) == [MediaStatus.AVAILABLE]
    assert 420 <= stage.polls()[-1] <= 430


@pytest.mark.parametrize(
    "answer",
    ["pending", "archiving", None, TransientError("503")],
    ids=["pending", "odd", "empty", "5xx"],
)
def test_what_is_not_final_is_polled_again(stage: Stage, answer: Any) -> None:
    stage.provider.status = lambda retrieval, poll: "available" if poll == 5 else answer
    job = stage.plan(1)
    stage.collect()
    assert len(stage.polls()) == 5
    assert len(stage.provider.requests) == 1
    assert job.retrievals[0].media[0].clip is not None


@pytest.mark.parametrize("answer", ["invalid", "unavailable"])
def test_what_is_final_is_not_polled_again(stage: Stage, answer: str) -> None:
    stage.provider.status = lambda retrieval, poll: answer
    job = stage.plan(1)
    stage.collect()
    assert len(stage.polls()) == 1
    assert len(stage.provider.requests) == 1
    assert statuses(job) == [MediaStatus(answer)]


@pytest.mark.parametrize(("second", "clips"), [("failed", 0), ("available", 1)])
def test_a_failed_upload_is_requested_once_more(stage: Stage, second: str, clips: int) -> None:
    stage.provider.status = lambda retrieval, poll: second if retrieval.repeat else "failed"
    job = stage.plan(1)
    stage.collect()
    assert len(stage.provider.requests) == 2
    assert [item["repeat"] for item in stage.on_disk["retrievals"]] == [False, True]
    assert len(job.clips(ROAD)) == clips


def test_an_id_turned_down_a_few_times_is_polled_again(stage: Stage) -> None:
    unknown = RequestRefused("Object not found.")
    stage.provider.status = lambda retrieval, poll: unknown if poll < 4 else "available"
    job = stage.plan(1)
    stage.collect()
    assert job.retrievals[0].media[0].clip is not None


def test_an_id_turned_down_is_skipped_not_written_off(
    stage: Stage,
) -> None:
    stage.provider.status = lambda retrieval, poll: RequestRefused("Object not found.")
    job = stage.plan(1)
    retriever = stage.collect()
    assert statuses(job) == [MediaStatus.PENDING]
    assert not job.settled
    assert list(retriever.results.skipped) == ["Object not found."]
    assert len(stage.polls()) == 5


def test_after_the_longest_wait_nothing_is_taken_as_final(stage: Stage) -> None:
    stage.poll_settings = PollSettings(5.0, 300.0)
    stage.provider.status = lambda retrieval, poll: (
        "available" if minute_of(retrieval) == 0 else "pending"
    )
    job = stage.plan(2)
    retriever = stage.collect()
    assert retriever.results.wait_expired
    assert [media.settled for _, media in job.media()] == [True, False]
    assert stage.clock.now >= 300.0


def test_what_a_camera_is_for_is_journalled(stage: Stage) -> None:
    answers = [Media(ROAD, MediaStatus.PENDING, "pending", role="Left mirror")]
    ready = Media(ROAD, MediaStatus.AVAILABLE, "available", at(0), at(60), SECRET)

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        return [answers.pop()] if answers else [ready]  # the later answer has no role

    stage.provider.check = check  # type: ignore[method-assign]
    job = stage.plan(1)
    stage.collect()
    assert job.roles == {ROAD.input: "Left mirror"}
    assert job.shown_name(ROAD) == "Left mirror"
    assert read(stage.journal.path).roles == job.roles


def tells(stage: Stage, *media: Media) -> None:
    stage.provider.check = lambda vehicle, retrieval: list(media)  # type: ignore[method-assign]


def piece(start: float, camera: Camera = ROAD) -> Media:
    return Media(camera, MediaStatus.AVAILABLE, "", at(start), at(start + 25), SECRET)


def test_every_piece_of_a_camera_has_a_name_of_its_own(stage: Stage) -> None:
    tells(stage, piece(0), piece(30))
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    stage.collect()
    assert [clip.start for clip in job.clips(ROAD)] == [at(0), at(30)]
    assert len({clip.path for clip in job.clips(ROAD)}) == 2
    assert len(stage.again().clips(ROAD)) == 2


def test_an_unknown_camera_comes_along_where_all_were_asked(stage: Stage) -> None:
    tells(stage, piece(0), piece(0, CARGO))
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]), cameras_named=False)
    stage.collect()
    assert job.cameras == (ROAD, CARGO)
    assert len(job.clips(CARGO)) == 1
    assert stage.again().cameras == (ROAD, CARGO)


def test_a_camera_that_nobody_wanted_stays_away(stage: Stage) -> None:
    tells(stage, piece(0), piece(0, CARGO), piece(0, DRIVER))
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    stage.collect()
    assert [media.camera for _, media in job.media()] == [ROAD]
