"""Windows that are too long are cut; what may be paid for already is looked for in the cloud."""

from __future__ import annotations

from support.media import at, window
from support.retrieving import (
    ROAD,
    Stage,
    in_cloud,
    low,
    statuses,
)

from footage.errors import (
    AlreadyRequested,
    OutcomeUnknown,
    RequestRefused,
    TransientError,
    WindowTooLong,
)
from footage.job.journal import read
from footage.model import (
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
)

SILENCE = OutcomeUnknown("no answer")


def test_one_refusal_for_length_cuts_all_that_waits(stage: Stage) -> None:
    stage.provider.longest = 60.0
    job = stage.begin(low(0), low(600), low(1200, 30), minutes=21, media_type=MediaType.LOW)
    stage.collect()
    refused = [one for one in stage.provider.requests if one.window.seconds > 60]
    assert len(refused) == 1
    pieces = [window(60 * n) for n in range(20)] + [window(1200, 30)]
    assert sorted(one.window for one in stage.provider.requests[1:]) == pieces
    assert [clip.window for clip in job.clips(ROAD)] == pieces
    assert [one.window for one in job.retrievals] == pieces
    assert stage.on_disk["longest"] == 60.0
    assert [one["state"] for one in stage.on_disk["retrievals"]] == ["accepted"] * 21
    assert read(stage.journal.path).longest == 60.0


def test_what_was_accepted_before_is_not_cut(stage: Stage) -> None:
    accepted = low(0)
    accepted.state, accepted.id = RetrievalState.ACCEPTED, "id-before"
    stage.provider.longest, stage.provider.asked_at = 60.0, {"id-before": 0.0}
    job = stage.begin(accepted, low(600), minutes=20, media_type=MediaType.LOW)
    stage.collect()
    assert job.retrievals[0] is accepted
    assert len(job.clips(ROAD)) == 11


def test_a_doubt_about_one_sending_goes_with_one_piece(stage: Stage) -> None:
    doubtful = low(0)
    doubtful.state = RetrievalState.REQUESTING
    stage.provider.longest = 300.0
    stage.provider.stated_longest = 300.0
    job = stage.begin(doubtful, minutes=10, media_type=MediaType.LOW)
    stage.collect()
    assert [one.possible_duplicates for one in job.retrievals] == [1, 0]


def test_a_length_that_cannot_be_cut_is_refused(stage: Stage) -> None:
    stage.provider.longest = 30.0
    for stated in (60.0, 600.0, 0.0):
        stage.provider.stated_longest = stated
        stage.provider.requests.clear()
        stage.anew()
        job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
        stage.collect()
        assert len(stage.provider.requests) == 1
        assert statuses(job) == [MediaStatus.REFUSED]
        stage.journal.close()


def test_what_is_skipped_is_not_cut_with_the_others(stage: Stage) -> None:
    """And what is cut is not taken for done because of it."""
    stage.provider.answers[0] = [OutcomeUnknown("lost") for _ in range(3)]
    job = stage.begin(low(0), low(600, 120), minutes=12, media_type=MediaType.LOW)

    def limit(retrieval: Retrieval) -> None:
        if len(stage.provider.requests) >= 3:
            too_long = WindowTooLong(RequestRefused("Too long."), 60.0)
            stage.provider.answers[10] = [too_long] if retrieval.window.seconds > 60 else []

    stage.provider.before_request = limit
    retriever = stage.collect()
    assert list(retriever.results.skipped) == ["Samsara did not answer the request"]
    assert [one.window for one in job.retrievals] == [window(0, 600), window(600), window(660)]
    assert [one.settled for one in job.retrievals] == [False, True, True]


def test_only_the_window_that_lacks_something_is_cut(stage: Stage) -> None:
    lacking = WindowTooLong(AlreadyRequested("?"), 60.0, only_this=True)
    stage.provider.answers[0] = [lacking]
    job = stage.begin(low(0, 120), low(120, 120), minutes=4)
    stage.collect()
    assert [one.window for one in job.retrievals] == [window(0), window(60), window(120, 120)]
    assert job.longest == 0


def test_a_long_window_that_lacks_something_is_cut_alone(stage: Stage) -> None:
    lacking = WindowTooLong(RequestRefused("Not recording."), 60.0, only_this=True)
    stage.provider.answers[0] = [lacking]
    job = stage.begin(
        *(Retrieval(window(600 * n, 600), [Media(ROAD)], MediaType.LOW) for n in range(2)),
        minutes=20,
    )
    stage.collect()
    lengths = [one.window.seconds for one in job.retrievals]
    assert lengths == [60.0] * 10 + [600.0]
    assert job.longest == 0


def test_what_a_lost_request_has_brought_is_taken(stage: Stage) -> None:
    stage.provider.answers[0] = [SILENCE]
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    stage.provider.in_cloud = [in_cloud()]
    stage.collect()
    assert len(stage.asked) == 1
    assert [one.state for one in job.retrievals] == [RetrievalState.FOUND]
    assert len(job.clips(ROAD)) == 1


def test_what_is_not_in_the_cloud_is_sent_again(stage: Stage) -> None:
    stage.provider.answers[0] = [SILENCE]
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    stage.collect()
    assert len(stage.asked) == 2
    assert stage.provider.cloud_listed
    assert job.retrievals[0].possible_duplicates == 1


def test_a_cloud_that_cannot_be_listed_stops_nothing(stage: Stage) -> None:
    stage.provider.in_cloud = TransientError("It is down.")
    stage.provider.answers[0] = [SILENCE]
    job = stage.begin(Retrieval(window(0), [Media(ROAD)]))
    stage.collect()
    assert len(job.clips(ROAD)) == 1


def test_what_a_dead_run_was_requesting_is_looked_for(stage: Stage) -> None:
    stage.begin(Retrieval(window(0), [Media(ROAD)], state=RetrievalState.REQUESTING))
    job = stage.again()
    stage.provider.in_cloud = [in_cloud()]
    stage.collect()
    assert stage.asked == []
    assert len(job.clips(ROAD)) == 1


def test_of_a_cut_window_only_what_lacks_is_requested(stage: Stage) -> None:
    stage.provider.longest = 60.0
    stage.provider.in_cloud = [in_cloud(60, 120)]
    job = stage.begin(low(0, 180), minutes=3, media_type=MediaType.LOW)
    stage.collect()
    requested = [one for _, one in stage.asked]
    assert requested == [window(0, 180), window(0), window(120)]
    assert [clip.start for clip in job.clips(ROAD)] == [at(0), at(60), at(120)]
