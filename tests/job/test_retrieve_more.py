"""What need not be paid for, what has to be asked for after all, and in what pieces."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.media import at, window
from test_retrieve import DRIVER, ROAD, SECRET, FakeProvider, Stage, minute_of, statuses

from footage.cloud.download import Download
from footage.errors import (
    AlreadyRequested,
    NotAVideo,
    OutcomeUnknown,
    RequestRefused,
    TransientError,
    UrlExpired,
    WindowTooLong,
)
from footage.job.journal import read
from footage.job.retriever import PollSettings
from footage.model import (
    Accepted,
    Camera,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Quota,
    Retrieval,
    RetrievalState,
    Tracks,
    Vehicle,
    VideoTrack,
    Window,
)
from footage.system.intervals import cut
from footage.system.threads import WorkerGroup

GONE = RequestRefused("It is no longer in the cloud.")
UNKNOWN = RequestRefused("Object not found.")


class Provider(FakeProvider):
    """As in the other tests, and it plans minutes; `longest` is what it lets through, seconds."""

    longest = 10_000.0
    told = 60.0
    quotas: Sequence[Quota | None] = (None,)

    def plan(
        self, span: Window, cameras: Sequence[Camera], media_type: MediaType, every: float = 0.0
    ) -> list[Retrieval]:
        return [
            Retrieval(one, [Media(camera)], media_type)
            for one in cut(span, 600.0 if media_type is MediaType.LOW else 60.0)
            for camera in cameras
        ]

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        if retrieval.window.seconds > self.longest:
            self.requests.append(retrieval)
            raise WindowTooLong(RequestRefused("That is too long."), self.told)
        accepted = super().request(vehicle, retrieval)
        number = min(len(self.requests), len(self.quotas)) - 1
        return Accepted(accepted.retrieval_id, self.quotas[number])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    made.provider = Provider(made.clock)
    yield made
    made.clock.set()
    made.crew.join(2.0)


def begin(stage: Stage, *retrievals: Retrieval, minutes: int = 0, **changes: Any) -> Job:
    """A job of these retrievals, in its journal."""
    job = stage.plan(minutes or len(retrievals))
    with stage.journal.change():
        job.retrievals[:] = retrievals
        for name, value in changes.items():
            setattr(job, name, value)
    return job


def found(start: float = 0, end: float = 60, url: str | None = SECRET) -> Retrieval:
    """A stretch that is in the cloud already, as the plan of a new job has it."""
    media = Media(ROAD, MediaStatus.AVAILABLE, "", at(start), at(end), url)
    return Retrieval(Window(at(start), at(end)), [media], state=RetrievalState.FOUND)


def from_other_job(*cameras: Camera, minute: int = 0, id: str = "theirs") -> Retrieval:
    media = [Media(camera) for camera in cameras or (ROAD,)]
    state = RetrievalState.ACCEPTED
    return Retrieval(window(60 * minute), media, state=state, id=id, from_other_job=True)


def provider(stage: Stage) -> Provider:
    assert isinstance(stage.provider, Provider)
    stage.provider.asked_at = {"theirs": 0.0, "": 0.0}
    return stage.provider


def asked(stage: Stage) -> list[tuple[str, Window]]:
    return [(m.camera.input, one.window) for one in stage.provider.requests for m in one.media]


def again(stage: Stage) -> Job:
    """The job as a later run finds it in the journal."""
    stage.journal.job = read(stage.journal.path)
    stage.crew = WorkerGroup(stage.clock)
    return stage.journal.job


# --- in the cloud already -------------------------------------------------------------------------


def test_what_was_found_is_fetched_without_a_request_and_without_a_look(stage: Stage) -> None:
    job = begin(stage, found(), found(60, 120))
    stage.collect()
    assert (asked(stage), dict(provider(stage).looks)) == ([], {})
    assert [clip.start for clip in job.clips(ROAD)] == [at(0), at(60)]
    assert [one["state"] for one in stage.on_disk["retrievals"]] == ["found", "found"]


def test_where_the_address_has_expired_it_is_looked_up_again_and_not_paid_for(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    job = begin(stage, found())
    stage.collect()
    assert asked(stage) == []
    assert len(provider(stage).looks[""]) == 1
    assert len(job.clips(ROAD)) == 1


def test_another_run_looks_it_up_again_by_its_times(stage: Stage) -> None:
    begin(stage, found(3, 57))
    job = again(stage)  # the address is a secret and is not in the journal
    assert (job.retrievals[0].media[0].url, statuses(job)) == (None, [MediaStatus.AVAILABLE])
    seen: list[Retrieval] = []
    provider(stage).status = lambda retrieval, look: seen.append(retrieval) or "available"
    stage.collect()
    assert asked(stage) == []
    assert seen[0].state is RetrievalState.FOUND
    assert len(job.clips(ROAD)) == 1


def test_what_is_gone_from_the_cloud_is_requested_after_all(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    provider(stage).status = lambda retrieval, look: "available" if retrieval.id else GONE
    job = begin(stage, found(0, 120), minutes=2)
    stage.collect()
    assert asked(stage) == [(ROAD.input, window(0)), (ROAD.input, window(60))]
    assert [one["state"] for one in stage.on_disk["retrievals"]] == ["accepted", "accepted"]
    assert [clip.start for clip in job.clips(ROAD)] == [at(0), at(60)]
    assert job.settled


def test_a_part_of_a_second_is_never_asked_for(stage: Stage) -> None:
    """An item may stand for a stretch that ends anywhere; providers count in seconds."""
    stage.downloader.answers = [UrlExpired("gone")]
    provider(stage).status = lambda retrieval, look: "available" if retrieval.id else GONE
    job = begin(stage, found(30.2, 90.3), minutes=2)
    stage.collect()
    assert asked(stage) == [
        (ROAD.input, Window(at(30), at(90))),
        (ROAD.input, Window(at(90), at(91))),
    ]
    assert job.settled


def test_what_reaches_beyond_the_job_is_not_asked_for_beyond_it(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    provider(stage).status = lambda retrieval, look: "available" if retrieval.id else GONE
    begin(stage, found(-30, 90), minutes=1)
    stage.collect()
    assert asked(stage) == [(ROAD.input, window(0))]


def test_what_was_learned_about_length_counts_there_too(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    provider(stage).status = lambda retrieval, look: "available" if retrieval.id else GONE
    one = found(0, 120)
    one.media_type = MediaType.LOW
    begin(stage, one, minutes=2, media_type=MediaType.LOW, longest=60.0)
    stage.collect()
    assert asked(stage) == [(ROAD.input, window(0)), (ROAD.input, window(60))]


def test_an_item_that_is_no_video_is_requested_instead(stage: Stage) -> None:
    stage.downloader.answers = [NotAVideo("a page of text") for _ in range(3)]
    job = begin(stage, found())
    stage.collect()
    assert asked(stage) == [(ROAD.input, window(0))]
    assert len(job.clips(ROAD)) == 1


def test_trouble_with_the_list_is_no_reason_to_pay(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    trouble = TransientError("503")
    provider(stage).status = lambda retrieval, look: "available" if look > 5 else trouble
    job = begin(stage, found())
    stage.collect()
    assert asked(stage) == []
    assert len(job.clips(ROAD)) == 1


def test_a_still_that_is_gone_is_asked_for_at_its_moment(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone")]
    provider(stage).status = lambda retrieval, look: "available" if retrieval.id else GONE
    one = found(30, 30)
    one.media_type = MediaType.IMAGE
    job = begin(stage, one, minutes=1, media_type=MediaType.IMAGE, every=30.0)
    stage.collect()
    assert asked(stage) == [(ROAD.input, window(30, 0))]
    assert job.settled


def test_two_pieces_of_the_same_second_are_fetched_one_after_the_other(stage: Stage) -> None:
    """They have one name: together they would be written into one file."""
    stage.downloader.takes = 0.05
    job = begin(stage, found(20.2, 40), found(20.7, 60), found(60, 120), minutes=2)
    together: set[str] = set()
    under_way: list[str] = []
    fetch = stage.downloader.fetch

    def watched(url: str, target: Path, *more: Any) -> Download[Any]:
        if target.name in under_way:
            together.add(target.name)
        under_way.append(target.name)
        try:
            return fetch(url, target, *more)
        finally:
            under_way.remove(target.name)

    stage.downloader.fetch = watched  # type: ignore[method-assign]
    stage.collect()
    assert not together
    assert stage.downloader.most == 2
    assert job.settled


# --- asked for by another job ---------------------------------------------------------------------


def test_what_another_job_asked_for_is_only_looked_at(stage: Stage) -> None:
    job = begin(stage, from_other_job(), from_other_job(minute=1, id="theirs too"))
    stage.collect()
    assert asked(stage) == []
    assert sorted(provider(stage).looks) == ["theirs", "theirs too"]
    assert len(job.clips(ROAD)) == 2


def test_an_id_that_the_provider_does_not_know_is_asked_for_after_all(stage: Stage) -> None:
    provider(stage).status = lambda retrieval, look: (
        UNKNOWN if retrieval.from_other_job else "available"
    )
    job = begin(stage, from_other_job(), from_other_job(minute=1))
    stage.collect()
    assert sorted(asked(stage)) == [(ROAD.input, window(0)), (ROAD.input, window(60))]
    assert [one["adopted"] for one in stage.on_disk["retrievals"]] == [False, False]
    assert [clip.window for clip in job.clips(ROAD)] == [window(0), window(60)]


def test_clips_that_are_here_are_kept_and_not_asked_for_again(stage: Stage) -> None:
    both = from_other_job(ROAD, DRIVER)
    job = begin(stage, both, cameras=(ROAD, DRIVER))
    looks: list[int] = []

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        if not retrieval.from_other_job:
            return [Media(DRIVER, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET)]
        looks.append(1)
        if len(looks) > 1:
            raise UNKNOWN
        return [Media(ROAD, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET), Media(DRIVER)]

    stage.provider.check = check  # type: ignore[method-assign]
    stage.collect()
    assert asked(stage) == [(DRIVER.input, window(0))]
    assert [(one.id, [m.camera for m in one.media]) for one in job.retrievals] == [
        ("theirs", [ROAD]),
        ("id-1", [DRIVER]),
    ]
    assert len(job.clips(ROAD)) == len(job.clips(DRIVER)) == 1
    assert read(stage.journal.path) == again_without_addresses(job)


def again_without_addresses(job: Job) -> Job:
    for _, media in job.media():
        media.url = None
    return job


def test_a_clip_that_is_on_its_way_meanwhile_is_not_lost_and_not_paid_again(stage: Stage) -> None:
    """One camera is being fetched while a look for the other finds that the id is unknown."""
    job = begin(stage, from_other_job(ROAD, DRIVER), cameras=(ROAD, DRIVER))
    fetching, told = threading.Event(), threading.Event()
    looks: list[int] = []
    fetch = stage.downloader.fetch

    def slow(url: str, target: Path, *more: Any) -> Download[Any]:
        if target.name.startswith("Road"):
            fetching.set()
            assert told.wait(10)
            time.sleep(0.1)
        return fetch(url, target, *more)

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        if not retrieval.from_other_job:
            return [Media(DRIVER, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET)]
        looks.append(1)
        if len(looks) > 1:
            assert fetching.wait(10)
            told.set()
            raise UNKNOWN
        return [Media(ROAD, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET), Media(DRIVER)]

    stage.downloader.fetch = slow  # type: ignore[method-assign]
    stage.provider.check = check  # type: ignore[method-assign]
    stage.collect()
    assert asked(stage) == [(DRIVER.input, window(0))]
    assert len(job.clips(ROAD)) == len(job.clips(DRIVER)) == 1


def test_a_camera_that_has_failed_for_good_is_not_asked_for_a_third_time(stage: Stage) -> None:
    """Its second request is on the way already when the rest of the id turns out unknown."""
    job = begin(stage, from_other_job(ROAD, DRIVER), cameras=(ROAD, DRIVER))
    looks: list[int] = []

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        if not retrieval.from_other_job:
            camera = retrieval.media[0].camera
            return [Media(camera, MediaStatus.AVAILABLE, "", at(0), at(60), SECRET)]
        looks.append(1)
        if len(looks) > 1:
            raise UNKNOWN
        return [Media(ROAD, MediaStatus.FAILED, "failed"), Media(DRIVER)]

    stage.provider.check = check  # type: ignore[method-assign]
    stage.collect()
    assert sorted(asked(stage)) == sorted([(ROAD.input, window(0)), (DRIVER.input, window(0))])
    assert len(job.clips(ROAD)) == len(job.clips(DRIVER)) == 1


# --- the provider says that it has the request already --------------------------------------------


def test_what_the_provider_has_already_is_followed_by_the_id_of_our_other_job(stage: Stage) -> None:
    provider(stage).answers[0] = [AlreadyRequested("Asked for before.")]
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]))
    stage.collect(known_id=lambda retrieval: ("theirs", retrieval.cameras))
    (one,) = job.retrievals
    assert (one.state, one.id, one.from_other_job) == (RetrievalState.ACCEPTED, "theirs", True)
    assert len(job.clips(ROAD)) == 1
    assert len(asked(stage)) == 1


def test_what_nobody_here_asked_for_is_refused_in_the_providers_words(stage: Stage) -> None:
    provider(stage).answers[0] = [AlreadyRequested("Asked for before.")]
    job = begin(stage, Retrieval(window(0), [Media(ROAD)]), Retrieval(window(60), [Media(ROAD)]))
    stage.collect(known_id=lambda retrieval: ("", ()))
    assert job.retrievals[0].state is RetrievalState.REFUSED
    assert job.retrievals[0].media[0].provider_message == "Asked for before."
    assert [clip.window for clip in job.clips(ROAD)] == [window(60)]


def test_an_id_that_was_unknown_before_is_not_followed_round_in_circles(stage: Stage) -> None:
    provider(stage).status = lambda retrieval, look: UNKNOWN
    provider(stage).answers[0] = [AlreadyRequested("Asked for before.") for _ in range(9)]
    job = begin(stage, from_other_job())
    stage.collect(known_id=lambda retrieval: ("theirs", retrieval.cameras))
    assert len(asked(stage)) == 1
    assert statuses(job) == [MediaStatus.REFUSED]


# --- too long -------------------------------------------------------------------------------------


def low(start: float, seconds: float = 600, camera: Camera = ROAD) -> Retrieval:
    return Retrieval(window(start, seconds), [Media(camera)], MediaType.LOW)


def test_one_refusal_for_length_cuts_all_that_waits_and_is_remembered(stage: Stage) -> None:
    provider(stage).longest = 60.0
    job = begin(stage, low(0), low(600), low(1200, 30), minutes=21, media_type=MediaType.LOW)
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
    provider(stage).longest, stage.provider.asked_at = 60.0, {"id-before": 0.0}
    job = begin(stage, accepted, low(600), minutes=20, media_type=MediaType.LOW)
    stage.collect()
    assert job.retrievals[0] is accepted
    assert len(job.clips(ROAD)) == 11


def test_a_doubt_about_one_sending_goes_with_one_piece(stage: Stage) -> None:
    doubtful = low(0)
    doubtful.state = RetrievalState.REQUESTING
    provider(stage).longest = 300.0
    provider(stage).told = 300.0
    job = begin(stage, doubtful, minutes=10, media_type=MediaType.LOW)
    stage.collect()
    assert [one.possible_duplicates for one in job.retrievals] == [1, 0]


def test_a_refusal_for_length_that_cutting_cannot_help_is_a_refusal(stage: Stage) -> None:
    provider(stage).longest = 30.0
    for told in (60.0, 600.0, 0.0):
        provider(stage).told = told
        stage.provider.requests.clear()
        stage.crew = WorkerGroup(stage.clock)
        job = begin(stage, Retrieval(window(0), [Media(ROAD)]))
        stage.collect()
        assert len(stage.provider.requests) == 1
        assert statuses(job) == [MediaStatus.REFUSED]
        stage.journal.close()


def test_what_was_given_up_is_left_alone_also_when_others_are_cut(stage: Stage) -> None:
    """And what is cut is not taken for done because of it."""
    provider(stage).answers[0] = [OutcomeUnknown("lost") for _ in range(3)]
    job = begin(stage, low(0), low(600, 120), minutes=12, media_type=MediaType.LOW)
    skipped: list[int] = []

    def limit(retrieval: Retrieval) -> None:
        skipped.append(len(stage.provider.requests))
        if len(skipped) > 3:
            too_long = WindowTooLong(RequestRefused("Too long."), 60.0)
            stage.provider.answers[10] = [too_long] if retrieval.window.seconds > 60 else []

    stage.provider.before_request = limit
    collection = stage.collect()
    assert list(collection.skipped.values()) == ["Samsara did not answer the request"]
    assert [one.window for one in job.retrievals] == [window(0, 600), window(600), window(660)]
    assert [one.settled for one in job.retrievals] == [False, True, True]


# --- quota ----------------------------------------------------------------------------------------

STANDS = Quota("800 of 1000", 800.0, 1000.0)


@pytest.mark.parametrize("unknown_at_first", [0, 2])
def test_after_the_first_answer_with_a_quota_nothing_is_requested_until_it_is_agreed_to(
    stage: Stage, unknown_at_first: int
) -> None:
    provider(stage).quotas = [None] * unknown_at_first + [STANDS, Quota("later")]
    job = stage.plan(5)
    seen: list[tuple[int, Quota | None]] = []

    def wait_a_little(collection: Any) -> None:
        def look() -> None:
            until = time.monotonic() + 5
            while collection.quota is None and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(0.15)
            seen.append((len(stage.provider.requests), collection.quota))
            collection.agree()

        threading.Thread(target=look, daemon=True).start()

    collection = stage.collect(agreed=False, prepare=wait_a_little)
    assert seen == [(unknown_at_first + 1, STANDS)]
    assert collection.quota == STANDS
    assert len(job.clips(ROAD)) == 5
    assert stage.on_disk["quota"] == "later"


def test_where_no_quota_is_told_nobody_has_to_agree(stage: Stage) -> None:
    job = stage.plan(3)
    collection = stage.collect(agreed=False)
    assert collection.quota is None
    assert len(job.clips(ROAD)) == 3


# --- what is told of a clip -----------------------------------------------------------------------


def test_what_a_camera_is_for_goes_into_the_job_and_the_journal(stage: Stage) -> None:
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


@pytest.mark.parametrize(
    ("kind", "start", "end", "plays", "factor"),
    [
        (MediaType.HYPERLAPSE, 0, 600, 20.0, 30.0),
        (MediaType.TIMELAPSE, 12, 312, 15.0, 20.0),
        (MediaType.HYPERLAPSE, None, None, 60.0, 10.0),  # by what was asked for
        (MediaType.HYPERLAPSE, 0, 30, 60.0, 1.0),  # never slower than life
        (MediaType.HYPERLAPSE, 0, 600, 0.0, 1.0),
        (MediaType.LOW, 0, 600, 20.0, 1.0),  # it lacks something, and is not sped up
        (MediaType.HIGH, 0, 60, 6.0, 1.0),
    ],
)
def test_how_much_faster_than_life_a_clip_is(
    stage: Stage,
    kind: MediaType,
    start: float | None,
    end: float | None,
    plays: float,
    factor: float,
) -> None:
    def time_of(second: float | None) -> datetime | None:
        return None if second is None else at(second)

    def check(vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        return [Media(ROAD, MediaStatus.AVAILABLE, "", time_of(start), time_of(end), SECRET)]

    stage.provider.check = check  # type: ignore[method-assign]
    stage.downloader.fetch = returning(stage, "video", plays)  # type: ignore[method-assign]
    asked_for = Retrieval(window(0, 600), [Media(ROAD)], kind)
    job = begin(stage, asked_for, minutes=10, media_type=kind)
    stage.collect()
    (clip,) = job.clips(ROAD)
    assert clip.factor == pytest.approx(factor)
    assert read(stage.journal.path).clips(ROAD)[0].factor == clip.factor
    if kind is MediaType.TIMELAPSE:
        assert (clip.start, clip.end) == (at(12), at(312))


@pytest.mark.parametrize("kind", [MediaType.IMAGE, MediaType.HIGH])
def test_stills_are_looked_into_as_stills_and_video_as_video(
    stage: Stage, kind: MediaType, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    monkeypatch.setattr("footage.media.stills.probe", lambda path, stop: looked.append("still"))
    monkeypatch.setattr("footage.media.probe.probe", lambda path, stop: looked.append("video"))
    stage.downloader.fetch = returning(stage, "", 0.0)  # type: ignore[method-assign]
    length = 0 if kind is MediaType.IMAGE else 60
    begin(stage, Retrieval(window(0, length), [Media(ROAD)], kind), media_type=kind)
    stage.collect()
    assert looked == ["still" if kind is MediaType.IMAGE else "video"]


def returning(stage: Stage, word: str, plays: float) -> Callable[..., Download[Any]]:
    """A downloader's `fetch` whose file plays so long; it is looked into where `word` is ""."""

    def fetch(
        url: str, target: Path, verify: Callable[[Path], Any], progress: Any, existing: Any = None
    ) -> Download[Any]:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"footage")
        if not word:
            verify(target)
        track = VideoTrack("h264", 16, 16, "1/1", Fraction(5), Fraction(1, 90), 5, plays)
        digest = sha256(b"footage").hexdigest()
        return Download(target, 7, digest, Tracks(track, None), reused=False)

    return fetch


# --- everything at once ---------------------------------------------------------------------------


def test_cutting_and_asking_after_all_do_not_get_in_each_others_way(stage: Stage) -> None:
    """The list of retrievals changes under all threads, and in the end all of it is here."""
    provider(stage).longest = 60.0
    provider(stage).status = lambda retrieval, look: (
        UNKNOWN if retrieval.from_other_job else "failed" if look_fails(retrieval) else "available"
    )

    def look_fails(retrieval: Retrieval) -> bool:
        return minute_of(retrieval) % 7 == 3 and not retrieval.repeat

    plan: list[Retrieval] = []
    for n in range(6):
        start = 1200 * n
        theirs = low(start + 600)
        theirs.state, theirs.id, theirs.from_other_job = (
            RetrievalState.ACCEPTED,
            f"theirs-{n}",
            True,
        )
        plan += [low(start), theirs]
    job = begin(stage, *plan, minutes=120, media_type=MediaType.LOW)
    stage.collect(60.0)
    whole = [window(60 * n) for n in range(120)]
    assert [clip.window for clip in job.clips(ROAD)] == whole
    accepted = [one for one in stage.provider.requests if one.window.seconds == 60]
    assert sorted(one.window for one in accepted if not one.repeat) == whole
    assert len([one for one in accepted if one.repeat]) == sum(n % 7 == 3 for n in range(120))
    assert again_without_addresses(job) == read(stage.journal.path)


def test_after_the_longest_wait_what_has_to_be_asked_for_waits_for_another_run(
    stage: Stage,
) -> None:
    stage.poll_settings = PollSettings(5.0, 120.0)
    provider(stage).answers[0] = [TransientError("no network") for _ in range(99)]
    provider(stage).status = lambda retrieval, look: UNKNOWN
    job = begin(stage, from_other_job(), minutes=1)
    collection = stage.collect()
    assert collection.wait_expired
    (one,) = job.retrievals
    assert (one.state, one.from_other_job, one.possible_duplicates) == (
        RetrievalState.PLANNED,
        False,
        0,
    )
    assert one.window == window(0)


def test_a_long_window_that_lacks_something_is_cut_and_the_others_are_not(stage: Stage) -> None:
    lacking = WindowTooLong(RequestRefused("Not recording."), 60.0, only_this=True)
    provider(stage).answers[0] = [lacking]
    job = begin(
        stage,
        *(Retrieval(window(600 * n, 600), [Media(ROAD)], MediaType.LOW) for n in range(2)),
        minutes=20,
    )
    stage.collect()
    lengths = [one.window.seconds for one in job.retrievals]
    assert lengths == [60.0] * 10 + [600.0]
    assert job.longest == 0
