"""What may be paid for already is looked for before it is paid for again; nothing of it is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from support.media import at, window
from test_retrieve import ROAD, SECRET, Stage, statuses
from test_retrieve_more import again, asked, begin, found, provider, stage  # noqa: F401

from footage.errors import (
    AlreadyRequested,
    NoSuchCamera,
    OutcomeUnknown,
    TransientError,
    Undeliverable,
    UrlExpired,
    WindowTooLong,
)
from footage.model import (
    Camera,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Window,
)
from SamsaraAPI import CAMERAS

DRIVER = CAMERAS[1]
CARGO = Camera("cargo_facing", "Cargo facing")
SILENCE = OutcomeUnknown("no answer")


def nothing_there(planned: Sequence[Retrieval]) -> Sequence[Retrieval]:
    return planned


def all_there(planned: Sequence[Retrieval]) -> Sequence[Retrieval]:
    """The cloud has all of it by now."""
    return [replace(found(), window=one.window) for one in planned]


# --- before another sending -----------------------------------------------------------------------


def test_what_a_request_without_an_answer_has_brought_is_not_requested_again(stage: Stage) -> None:  # noqa: F811
    provider(stage).answers[0] = [SILENCE]
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]))
    stage.collect(in_cloud=all_there)
    assert len(asked(stage)) == 1
    assert [one.state for one in job.retrievals] == [RetrievalState.FOUND]
    assert len(job.clips(ROAD)) == 1


def test_what_is_not_there_is_sent_again_and_told_of(stage: Stage) -> None:  # noqa: F811
    looked: list[int] = []
    provider(stage).answers[0] = [SILENCE]
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]))
    stage.collect(in_cloud=lambda planned: looked.append(1) or planned)  # type: ignore[func-returns-value]
    assert len(asked(stage)) == 2
    assert looked
    assert job.retrievals[0].possible_duplicates == 1


def test_a_list_that_cannot_be_had_does_not_stop_the_asking(stage: Stage) -> None:  # noqa: F811
    def down(planned: Sequence[Retrieval]) -> Sequence[Retrieval]:
        raise TransientError("It is down.")

    provider(stage).answers[0] = [SILENCE]
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]))
    stage.collect(in_cloud=down)
    assert len(job.clips(ROAD)) == 1


def test_a_request_under_way_at_the_death_of_a_run_is_looked_for_by_the_next(stage: Stage) -> None:  # noqa: F811
    begin(stage, Retrieval(window(0), [Media(ROAD)], state=RetrievalState.REQUESTING))
    job = again(stage)
    stage.collect(in_cloud=all_there)
    assert asked(stage) == []
    assert len(job.clips(ROAD)) == 1


def test_of_a_window_that_is_cut_what_is_there_is_not_requested(stage: Stage) -> None:  # noqa: F811
    provider(stage).longest = 60.0
    low = Retrieval(window(0, 180), [Media(ROAD)], MediaType.LOW)
    job = begin(stage, low, minutes=3, media_type=MediaType.LOW)

    def middle(planned: Sequence[Retrieval]) -> Sequence[Retrieval]:
        there = found(60, 120)
        there.media_type = MediaType.LOW
        return [there if one.window == window(60) else one for one in planned]

    stage.collect(in_cloud=middle)
    sent = [one for _, one in asked(stage)]
    assert sent == [window(0, 180), window(0), window(120)]
    assert [clip.start for clip in job.clips(ROAD)] == [at(0), at(60), at(120)]


# --- refusals -------------------------------------------------------------------------------------


def test_a_camera_that_is_surely_not_there_is_told_apart_from_a_refusal(stage: Stage) -> None:  # noqa: F811
    provider(stage).answers[0] = [NoSuchCamera("Invalid: inputs.")]
    provider(stage).answers[1] = [NoSuchCamera("Invalid: inputs.")]
    one, both = Retrieval(window(0), [Media(ROAD)]), [Media(ROAD), Media(DRIVER)]
    job = begin(stage, one, Retrieval(window(60), both), cameras=(ROAD, DRIVER))
    stage.collect()
    refused = MediaStatus.REFUSED  # which of the two it is was not said
    assert statuses(job) == [MediaStatus.INVALID, refused, refused]


def test_of_what_was_asked_for_before_the_other_cameras_are_asked_for_alone(stage: Stage) -> None:  # noqa: F811
    provider(stage).answers[0] = [AlreadyRequested("Duplicate.")]
    stage_cameras = (ROAD, DRIVER)
    job = begin(
        stage, Retrieval(window(0), [Media(c) for c in stage_cameras]), cameras=stage_cameras
    )
    stage.collect(known_id=lambda retrieval: ("theirs", [ROAD]))
    first, second = job.retrievals
    assert (first.id, first.cameras, first.from_other_job) == ("theirs", [ROAD], True)
    assert (second.cameras, second.from_other_job) == ([DRIVER], False)
    assert all(len(job.clips(camera)) == 1 for camera in stage_cameras)


def test_a_duplicate_after_a_lost_answer_says_how_it_can_still_be_had(stage: Stage) -> None:  # noqa: F811
    provider(stage).answers[0] = [SILENCE, AlreadyRequested("Duplicate.")]
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]))
    stage.collect(in_cloud=nothing_there)
    (media,) = job.retrievals[0].media
    assert media.status is MediaStatus.REFUSED
    assert "ask for it again with another start or length" in media.provider_message


def test_only_the_window_that_lacks_something_is_cut(stage: Stage) -> None:  # noqa: F811
    lacking = WindowTooLong(AlreadyRequested("?"), 60.0, only_this=True)
    provider(stage).answers[0] = [lacking]
    low = [Retrieval(window(0, 120), [Media(ROAD)]), Retrieval(window(120, 120), [Media(ROAD)])]
    job = begin(stage, *low, minutes=4)
    stage.collect()
    assert [one.window for one in job.retrievals] == [window(0), window(60), window(120, 120)]
    assert job.longest == 0


# --- several pieces, and cameras that nobody knew of ----------------------------------------------


def tells(stage: Stage, *media: Media) -> None:  # noqa: F811
    provider(stage).check = lambda vehicle, retrieval: list(media)  # type: ignore[method-assign]


def piece(start: float, camera: Camera = ROAD) -> Media:
    return Media(camera, MediaStatus.AVAILABLE, "", at(start), at(start + 25), SECRET)


def test_every_piece_of_a_cameras_footage_is_fetched_under_a_name_of_its_own(stage: Stage) -> None:  # noqa: F811
    tells(stage, piece(0), piece(30))
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]))
    stage.collect()
    assert [clip.start for clip in job.clips(ROAD)] == [at(0), at(30)]
    assert len({clip.path for clip in job.clips(ROAD)}) == 2
    assert len(again(stage).clips(ROAD)) == 2


def test_a_camera_that_was_not_known_comes_along_where_all_were_asked_for(stage: Stage) -> None:  # noqa: F811
    tells(stage, piece(0), piece(0, CARGO))
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]), cameras_named=False)
    stage.collect()
    assert job.cameras == (ROAD, CARGO)
    assert len(job.clips(CARGO)) == 1
    assert again(stage).cameras == (ROAD, CARGO)


def test_a_camera_that_nobody_wanted_stays_away(stage: Stage) -> None:  # noqa: F811
    tells(stage, piece(0), piece(0, CARGO), piece(0, DRIVER))
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]))
    stage.collect()
    assert [media.camera for _, media in job.media()] == [ROAD]


# --- what the cloud has and does not deliver ------------------------------------------------------


def test_what_leads_nowhere_in_the_cloud_is_requested_after_all(stage: Stage) -> None:  # noqa: F811
    for problem in (UrlExpired("gone"), Undeliverable("404")):
        stage.downloader.answers = [problem] * 3
        job = begin(stage, found())
        collection = stage.collect()
        assert len(job.clips(ROAD)) == 1
        assert collection.paid_after_all == 1
        assert asked(stage) == [(ROAD.input, window(0))]
        stage.provider.requests.clear()
        stage.journal.close()
        stage.crew = type(stage.crew)(stage.clock)


# --- pictures that are taken now ------------------------------------------------------------------


def test_a_picture_that_is_taken_once_more_stands_for_the_one_that_failed(stage: Stage) -> None:  # noqa: F811
    cloud: Any = provider(stage)
    cloud.is_live = lambda media_type: True
    cloud.status = lambda retrieval, look: "available" if retrieval.repeat else "failed"
    long_ago = Window(at(0), at(0))
    job = begin(stage, Retrieval(long_ago, [Media(ROAD)], MediaType.IMAGE),
                media_type=MediaType.IMAGE)  # fmt: skip
    stage.collect()
    failed, taken = job.retrievals
    assert failed.window == taken.window != long_ago
    assert taken.window.start - at(0) > timedelta(days=1)
