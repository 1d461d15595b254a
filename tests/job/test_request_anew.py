"""What need not be paid for is not, and is requested after all where it turns out to be gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.media import at, window
from support.retrieving import (
    DRIVER,
    ROAD,
    SECRET,
    Stage,
    found,
    from_other_job,
    statuses,
    without_addresses,
)

from footage.cloud.download import Download
from footage.errors import (
    NotAVideo,
    RequestRefused,
    TransientError,
    Undeliverable,
    UrlExpired,
)
from footage.job.journal import read
from footage.job.run_state import PollSettings
from footage.model import (
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)

GONE = RequestRefused("It is no longer in the cloud.")
UNKNOWN = RequestRefused("Object not found.")


def test_what_was_found_is_fetched_without_a_request(stage: Stage) -> None:
    job = stage.begin(found(), found(60, 120))
    stage.collect()
    assert (stage.asked, dict(stage.provider.polls)) == ([], {})
    assert [clip.start for clip in job.clips(ROAD)] == [at(0), at(60)]
    assert [one["state"] for one in stage.on_disk["retrievals"]] == ["found", "found"]


def test_an_expired_address_is_looked_up_not_paid_for(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    job = stage.begin(found())
    stage.collect()
    assert stage.asked == []
    assert len(stage.provider.polls[""]) == 1
    assert len(job.clips(ROAD)) == 1


def test_another_run_looks_it_up_again_by_its_times(stage: Stage) -> None:
    stage.begin(found(3, 57))
    job = stage.again()  # the address is a secret and is not in the journal
    assert (job.retrievals[0].media[0].url, statuses(job)) == (None, [MediaStatus.AVAILABLE])
    seen: list[Retrieval] = []

    def status(retrieval: Retrieval, poll: int) -> str:
        seen.append(retrieval)
        return "available"

    stage.provider.status = status
    stage.collect()
    assert stage.asked == []
    assert seen[0].state is RetrievalState.FOUND
    assert len(job.clips(ROAD)) == 1


def test_what_is_gone_from_the_cloud_is_requested(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    stage.provider.status = lambda retrieval, poll: "available" if retrieval.id else GONE
    job = stage.begin(found(0, 120), minutes=2)
    stage.collect()
    assert stage.asked == [(ROAD.input, window(0)), (ROAD.input, window(60))]
    assert [one["state"] for one in stage.on_disk["retrievals"]] == ["accepted", "accepted"]
    assert [clip.start for clip in job.clips(ROAD)] == [at(0), at(60)]
    assert job.settled


def test_a_part_of_a_second_is_never_asked_for(stage: Stage) -> None:
    """An item may stand for a stretch that ends anywhere; providers count in seconds."""
    stage.downloader.answers = [UrlExpired("gone")]
    stage.provider.status = lambda retrieval, poll: "available" if retrieval.id else GONE
    job = stage.begin(found(30.2, 90.3), minutes=2)
    stage.collect()
    assert stage.asked == [
        (ROAD.input, Window(at(30), at(90))),
        (ROAD.input, Window(at(90), at(91))),
    ]
    assert job.settled


def test_nothing_beyond_the_job_is_asked_for(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    stage.provider.status = lambda retrieval, poll: "available" if retrieval.id else GONE
    stage.begin(found(-30, 90), minutes=1)
    stage.collect()
    assert stage.asked == [(ROAD.input, window(0))]


def test_what_was_learned_about_length_counts_there_too(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    stage.provider.status = lambda retrieval, poll: "available" if retrieval.id else GONE
    one = found(0, 120)
    one.media_type = MediaType.LOW
    stage.begin(one, minutes=2, media_type=MediaType.LOW, longest=60.0)
    stage.collect()
    assert stage.asked == [(ROAD.input, window(0)), (ROAD.input, window(60))]


def test_an_item_that_is_no_video_is_requested_instead(stage: Stage) -> None:
    stage.downloader.answers = [NotAVideo("a page of text") for _ in range(3)]
    job = stage.begin(found())
    stage.collect()
    assert stage.asked == [(ROAD.input, window(0))]
    assert len(job.clips(ROAD)) == 1


def test_trouble_with_the_list_is_no_reason_to_pay(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    trouble = TransientError("503")
    stage.provider.status = lambda retrieval, poll: "available" if poll > 5 else trouble
    job = stage.begin(found())
    stage.collect()
    assert stage.asked == []
    assert len(job.clips(ROAD)) == 1


def test_a_still_that_is_gone_is_asked_for_at_its_moment(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    stage.provider.status = lambda retrieval, poll: "available" if retrieval.id else GONE
    one = found(30, 30)
    one.media_type = MediaType.IMAGE
    job = stage.begin(one, minutes=1, media_type=MediaType.IMAGE, every=30.0)
    stage.collect()
    assert stage.asked == [(ROAD.input, window(30, 0))]
    assert job.settled


def test_what_leads_nowhere_in_the_cloud_is_requested(stage: Stage) -> None:
    stage.downloader.answers = [Undeliverable("404")] * 3
    job = stage.begin(found())
    retriever = stage.collect()
    assert len(job.clips(ROAD)) == 1
    assert retriever.results.requested_after_all == 1
    assert stage.asked == [(ROAD.input, window(0))]


def test_what_another_job_asked_for_is_only_polled(stage: Stage) -> None:
    job = stage.begin(from_other_job(), from_other_job(minute=1, id="theirs too"))
    stage.collect()
    assert stage.asked == []
    assert sorted(stage.provider.polls) == ["theirs", "theirs too"]
    assert len(job.clips(ROAD)) == 2


def test_an_id_the_provider_does_not_know_is_requested(stage: Stage) -> None:
    stage.provider.status = lambda retrieval, poll: (
        UNKNOWN if retrieval.from_other_job else "available"
    )
    job = stage.begin(from_other_job(), from_other_job(minute=1))
    stage.collect()
    assert sorted(stage.asked) == [(ROAD.input, window(0)), (ROAD.input, window(60))]
    assert [one["from_other_job"] for one in stage.on_disk["retrievals"]] == [False, False]
    assert [clip.window for clip in job.clips(ROAD)] == [window(0), window(60)]


def test_clips_that_are_here_are_not_asked_for_again(stage: Stage) -> None:
    both = from_other_job(ROAD, DRIVER)
    job = stage.begin(both, cameras=(ROAD, DRIVER))
    polls: list[int] = []

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        if not retrieval.from_other_job:
            return [Media(DRIVER, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET)]
        polls.append(1)
        if len(polls) > 1:
            raise UNKNOWN
        return [Media(ROAD, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET), Media(DRIVER)]

    stage.provider.check = check  # type: ignore[method-assign]
    stage.collect()
    assert stage.asked == [(DRIVER.input, window(0))]
    assert [(one.id, [m.camera for m in one.media]) for one in job.retrievals] == [
        ("theirs", [ROAD]),
        ("id-1", [DRIVER]),
    ]
    assert len(job.clips(ROAD)) == len(job.clips(DRIVER)) == 1
    assert read(stage.journal.path) == without_addresses(job)


def test_a_clip_on_its_way_is_not_lost_nor_paid_again(stage: Stage) -> None:
    """One camera is being fetched while a poll for the other finds that the id is unknown."""
    job = stage.begin(from_other_job(ROAD, DRIVER), cameras=(ROAD, DRIVER))
    polls: list[int] = []
    fetch = stage.downloader.fetch

    def slow(url: str, target: Path, *more: Any) -> Download[Any]:
        if target.name.startswith("Road"):
            stage.clock.wait_until(lambda: bool(stage.provider.requests), None)
        return fetch(url, target, *more)

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        if not retrieval.from_other_job:
            return [Media(DRIVER, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET)]
        polls.append(1)
        if len(polls) > 1:
            raise UNKNOWN
        return [Media(ROAD, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET), Media(DRIVER)]

    stage.downloader.fetch = slow  # type: ignore[method-assign,assignment]
    stage.provider.check = check  # type: ignore[method-assign]
    stage.collect()
    assert stage.asked == [(DRIVER.input, window(0))]
    assert len(job.clips(ROAD)) == len(job.clips(DRIVER)) == 1


def test_a_failed_camera_is_not_asked_for_a_third_time(stage: Stage) -> None:
    """Its second request is on the way already when the rest of the id turns out unknown."""
    job = stage.begin(from_other_job(ROAD, DRIVER), cameras=(ROAD, DRIVER))
    polls: list[int] = []

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        if not retrieval.from_other_job:
            camera = retrieval.media[0].camera
            return [Media(camera, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET)]
        polls.append(1)
        if len(polls) > 1:
            raise UNKNOWN
        return [Media(ROAD, MediaStatus.FAILED, "failed"), Media(DRIVER)]

    stage.provider.check = check  # type: ignore[method-assign]
    stage.collect()
    assert sorted(stage.asked) == sorted([(ROAD.input, window(0)), (DRIVER.input, window(0))])
    assert len(job.clips(ROAD)) == len(job.clips(DRIVER)) == 1


def test_what_comes_too_late_waits_for_another_run(
    stage: Stage,
) -> None:
    stage.poll_settings = PollSettings(5.0, 120.0)
    stage.provider.answers[0] = [TransientError("no network") for _ in range(99)]
    stage.provider.status = lambda retrieval, poll: UNKNOWN
    job = stage.begin(from_other_job(), minutes=1)
    retriever = stage.collect()
    assert retriever.results.wait_expired
    (one,) = job.retrievals
    assert (one.state, one.from_other_job, one.possible_duplicates) == (
        RetrievalState.PLANNED,
        False,
        0,
    )
    assert one.window == window(0)


def test_a_piece_that_is_here_is_kept_when_the_rest_is_gone(stage: Stage) -> None:
    """Two pieces of one camera, of which one is fetched before the request becomes unknown."""
    job = stage.begin(from_other_job())
    first = Media(ROAD, MediaStatus.AVAILABLE, "", at(0), at(25), SECRET)
    second = Media(ROAD, MediaStatus.PENDING, "", at(30), at(55))

    def status(retrieval: Retrieval, poll: int) -> object:
        if not retrieval.from_other_job:
            return "available"
        return [first, second] if poll == 1 else UNKNOWN

    stage.provider.status = status
    stage.collect()
    assert stage.asked == [(ROAD.input, window(0))]
    kept, anew = job.retrievals
    assert [media.start for media in kept.media] == [at(0)]
    assert all(media.clip for media in (*kept.media, *anew.media))
