"""Requests are journalled before they are sent, and repeated only where that is safe."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.media import at, window
from support.retrieving import (
    DRIVER,
    ROAD,
    Stage,
    from_other_job,
    minute_of,
    statuses,
)

from footage.errors import (
    AlreadyRequested,
    AuthenticationError,
    NoSuchCamera,
    OutcomeUnknown,
    QuotaExhausted,
    RequestRefused,
    TransientError,
)
from footage.model import (
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Window,
)

UNKNOWN = RequestRefused("Object not found.")
SILENCE = OutcomeUnknown("no answer")


def test_a_request_is_journalled_before_it_is_sent(
    stage: Stage,
) -> None:
    seen: list[list[tuple[str, str]]] = []

    def read_the_file(retrieval: Retrieval) -> None:
        seen.append([(r["state"], r["retrieval_id"]) for r in stage.on_disk["retrievals"]])

    stage.provider.before_request = read_the_file
    stage.plan(3)
    stage.collect()
    planned, asking = ("planned", ""), ("requesting", "")
    assert seen == [
        [asking, planned, planned],
        [("accepted", "id-1"), asking, planned],
        [("accepted", "id-1"), ("accepted", "id-2"), asking],
    ]
    assert [r["retrieval_id"] for r in stage.on_disk["retrievals"]] == ["id-1", "id-2", "id-3"]
    assert stage.on_disk["quota"] == "1 s of 2 s used"


def test_signed_urls_are_never_journalled(stage: Stage) -> None:
    stage.plan(2)
    stage.collect()
    assert "nobody-may-see-this" not in "".join(
        path.read_text("utf-8") for path in stage.journal.path.parent.glob("request_ids_*")
    )


def test_what_did_not_arrive_is_repeated_until_it_does(stage: Stage) -> None:
    stage.provider.answers[0] = [TransientError("no network") for _ in range(12)]
    job = stage.plan(1)
    stage.collect()
    assert len(stage.provider.requests) == 13
    assert job.retrievals[0].possible_duplicates == 0
    assert stage.on_disk["retrievals"][0]["possible_duplicates"] == 0
    assert job.settled
    assert stage.clock.now > 5 + 10 + 20 + 40 + 60 * 8  # the pauses grow up to a minute


def test_what_is_in_doubt_is_repeated_at_most_twice(stage: Stage) -> None:
    stage.provider.answers[0] = [OutcomeUnknown("lost"), OutcomeUnknown("lost")]
    stage.provider.answers[1] = [OutcomeUnknown("lost") for _ in range(9)]
    job = stage.plan(3)
    stage.collect()
    assert [minute_of(r) for r in stage.provider.requests] == [0, 0, 0, 1, 1, 1, 2]
    assert [r.possible_duplicates for r in job.retrievals] == [2, 3, 0]
    assert statuses(job) == [MediaStatus.AVAILABLE, MediaStatus.PENDING, MediaStatus.AVAILABLE]
    assert job.retrievals[1].state is RetrievalState.PLANNED, "another run may ask again"


def test_a_refusal_is_final_and_the_rest_goes_on(stage: Stage) -> None:
    stage.provider.answers[1] = [RequestRefused("Camera was not recording at 13:31.")]
    job = stage.plan(3)
    stage.collect()
    assert len(stage.provider.requests) == 3
    refused = stage.on_disk["retrievals"][1]
    assert refused["state"] == "refused"
    assert refused["media"][0]["provider_message"] == "Camera was not recording at 13:31."
    assert [media.clip is not None for _, media in job.media()] == [True, False, True]


def test_a_used_up_quota_ends_the_requests_not_the_polls(stage: Stage) -> None:
    stage.provider.answers[1] = [QuotaExhausted("Exceeded monthly usage limit.")]
    stage.provider.status = lambda retrieval, poll: "available" if poll > 3 else "pending"
    job = stage.plan(4)
    retriever = stage.collect()
    assert len(stage.provider.requests) == 2
    assert retriever.results.out_of_quota == "Exceeded monthly usage limit."
    assert [r["state"] for r in stage.on_disk["retrievals"]] == ["accepted"] + ["planned"] * 3
    assert job.retrievals[0].media[0].clip is not None
    assert [r.possible_duplicates for r in job.retrievals] == [0] * 4


def test_a_key_refused_in_the_middle_stops_it_all(stage: Stage) -> None:
    stage.provider.answers[1] = [AuthenticationError("revoked")]
    job = stage.plan(3)
    with pytest.raises(AuthenticationError):
        stage.collect()
    assert len(stage.provider.requests) == 2
    assert job.retrievals[1].state is RetrievalState.PLANNED
    assert stage.on_disk["retrievals"][1]["state"] == "planned"


def test_a_camera_that_is_not_there_is_no_refusal(stage: Stage) -> None:
    stage.provider.answers[0] = [NoSuchCamera("Invalid: inputs.")]
    stage.provider.answers[1] = [NoSuchCamera("Invalid: inputs.")]
    one, both = Retrieval(window(0), [Media(ROAD)]), [Media(ROAD), Media(DRIVER)]
    job = stage.begin(one, Retrieval(window(60), both), cameras=(ROAD, DRIVER))
    stage.collect()
    refused = MediaStatus.REFUSED  # which of the two it is was not said
    assert statuses(job) == [MediaStatus.INVALID, refused, refused]


def test_a_picture_taken_again_stands_for_the_failed_one(stage: Stage) -> None:
    cloud = stage.provider
    cloud.live = True
    cloud.status = lambda retrieval, poll: "available" if retrieval.repeat else "failed"
    long_ago = Window(at(0), at(0))
    job = stage.begin(Retrieval(long_ago, [Media(ROAD)], MediaType.IMAGE),
                media_type=MediaType.IMAGE)  # fmt: skip
    stage.collect()
    failed, taken = job.retrievals
    assert failed.window == taken.window != long_ago
    assert taken.window.start - at(0) > timedelta(days=1)


def test_a_duplicate_is_followed_by_another_jobs_id(stage: Stage) -> None:
    stage.provider.answers[0] = [AlreadyRequested("Asked for before.")]
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    stage.collect(known=("theirs", [ROAD]))
    (one,) = job.retrievals
    assert (one.state, one.id, one.from_other_job) == (RetrievalState.ACCEPTED, "theirs", True)
    assert len(job.clips(ROAD)) == 1
    assert len(stage.asked) == 1


def test_other_cameras_of_a_duplicate_are_requested_alone(stage: Stage) -> None:
    stage.provider.answers[0] = [AlreadyRequested("Duplicate.")]
    cameras = (ROAD, DRIVER)
    job = stage.begin(Retrieval(window(0), [Media(c) for c in cameras]), cameras=cameras)
    stage.collect(known=("theirs", [ROAD]))
    first, second = job.retrievals
    assert (first.id, first.cameras, first.from_other_job) == ("theirs", [ROAD], True)
    assert (second.cameras, second.from_other_job) == ([DRIVER], False)
    assert all(len(job.clips(camera)) == 1 for camera in cameras)


def test_a_duplicate_that_is_not_ours_is_refused(stage: Stage) -> None:
    stage.provider.answers[0] = [AlreadyRequested("Asked for before.")]
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]), Retrieval(window(60), [Media(ROAD)]))
    stage.collect()
    assert job.retrievals[0].state is RetrievalState.REFUSED
    assert job.retrievals[0].media[0].provider_message == "Asked for before."
    assert [clip.window for clip in job.clips(ROAD)] == [window(60)]


def test_a_duplicate_after_a_lost_answer_says_what_to_do(stage: Stage) -> None:
    stage.provider.answers[0] = [SILENCE, AlreadyRequested("Duplicate.")]
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    stage.collect()
    (media,) = job.retrievals[0].media
    assert media.status is MediaStatus.REFUSED
    assert "ask for it again with another start or length" in media.provider_message


def test_an_unknown_id_is_not_followed_in_circles(stage: Stage) -> None:
    stage.provider.status = lambda retrieval, poll: UNKNOWN
    stage.provider.answers[0] = [AlreadyRequested("Asked for before.") for _ in range(9)]
    job = stage.begin(from_other_job())
    stage.collect(known=("theirs", [ROAD]))
    assert len(stage.asked) == 1
    assert statuses(job) == [MediaStatus.REFUSED]
