"""Requesting, looking and fetching with a made-up provider, on a clock that runs by itself."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.media import START, imagined, window

from footage.cloud.download import Download
from footage.errors import (
    AuthenticationError,
    DownloadError,
    NotAVideo,
    OutcomeUnknown,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    UrlExpired,
)
from footage.job.journal import Journal
from footage.job.planning import CloudMatch
from footage.job.retriever import PollSettings, Retriever
from footage.model import (
    Accepted,
    Camera,
    Clip,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Quota,
    Retrieval,
    RetrievalState,
    Vehicle,
)
from footage.system.threads import StopEvent, WorkerGroup
from SamsaraAPI import CAMERAS

ROAD, DRIVER = CAMERAS[:2]
SECRET = "https://media.example/clip.mp4?signature=nobody-may-see-this"


class FastClock(StopEvent):
    """A clock that goes on by what is waited for, and the switch whose waits take no time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._turn = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        super().pause(0.0005)
        with self._turn:
            self.now += seconds


class FakeProvider:
    """Answers what the test has set down; by default everything is available at once."""

    name = "Samsara"
    permissions = ""
    cameras = CAMERAS
    min_poll_interval = 0.0

    def __init__(self, clock: FastClock) -> None:
        self.clock = clock
        self.requests: list[Retrieval] = []
        self.looks: dict[str, list[float]] = defaultdict(list)
        self.asked_at: dict[str, float] = {}
        self.answers: dict[int, list[Exception]] = defaultdict(list)  # by minute
        self.status: Callable[[Retrieval, int], Any] = lambda retrieval, look: "available"
        self.before_request: Callable[[Retrieval], None] = lambda retrieval: None

    def is_live(self, media_type: MediaType) -> bool:
        return False

    def wait_for_turn(self) -> None:
        pass

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        self.before_request(retrieval)
        self.requests.append(retrieval)
        planned = self.answers[minute_of(retrieval)]
        if planned:
            raise planned.pop(0)
        name = f"id-{len(self.requests)}"
        self.asked_at[name] = self.clock()
        return Accepted(name, Quota("1 s of 2 s used"))

    def check(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        looks = self.looks[retrieval.id]
        looks.append(self.clock())
        answer = self.status(retrieval, len(looks))
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return []
        try:
            status = MediaStatus(answer)
        except ValueError:
            status = MediaStatus.PENDING
        url = SECRET if status is MediaStatus.AVAILABLE else None
        start = retrieval.window.start
        return [Media(media.camera, status, answer, start, None, url) for media in retrieval.media]


class FakeDownloader:
    """Writes a few bytes where a clip is wanted; counts how many are under way."""

    def __init__(self) -> None:
        self.answers: list[Exception] = []
        self.fetched: list[str] = []
        self.under_way = self.most = 0
        self.takes = 0.0
        self._lock = threading.Lock()

    def fetch(
        self, url: str, target: Path, verify: object, progress: Any, existing: object = None
    ) -> Download[Any]:
        with self._lock:
            self.fetched.append(target.name)
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            problem = self.answers.pop(0) if self.answers else None
        try:
            time.sleep(self.takes)
            progress(5, 10)
            if problem:
                raise problem
            data = target.name.encode()
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            tracks = imagined(0, 60).tracks
            return Download(target, len(data), sha256(data).hexdigest(), tracks, reused=False)
        finally:
            with self._lock:
                self.under_way -= 1


def minute_of(retrieval: Retrieval) -> int:
    return int((retrieval.window.start - START).total_seconds() // 60)


@dataclass
class Stage:
    """A job with one camera, and all that is needed to collect it."""

    folder: Path
    clock: FastClock = field(default_factory=FastClock)
    downloader: FakeDownloader = field(default_factory=FakeDownloader)
    poll_settings: PollSettings = field(default_factory=PollSettings)

    def __post_init__(self) -> None:
        self.provider = FakeProvider(self.clock)
        self.videos = self.folder / "Videos"
        self.crew = WorkerGroup(self.clock)

    def plan(self, minutes: int) -> Job:
        """Begin the journal of a job of so many minutes."""
        job = Job(
            provider="Samsara",
            vehicle=Vehicle("1", "Truck 42", file_name="Truck 42"),
            start=START,
            minutes=minutes,
            timezone="",
            cameras=(ROAD,),
            cameras_named=True,
            created=START,
            folder=str(self.videos),
            retrievals=[Retrieval(window(60 * n), [Media(ROAD)]) for n in range(minutes)],
        )
        self.journal = Journal.create(self.folder / "Logs", job, "now")
        return job

    def collect(
        self,
        seconds: float = 20.0,
        *,
        agreed: bool = True,
        known_id: Callable[[Retrieval], tuple[str, Sequence[Camera]]] = lambda retrieval: ("", ()),
        in_cloud: Callable[[Sequence[Retrieval]], Sequence[Retrieval]] = lambda planned: planned,
        prepare: Callable[[Retriever], None] = lambda collection: None,
    ) -> Retriever:
        """Collect until nothing more will come; `prepare` is called just before."""
        self.videos.mkdir(exist_ok=True)
        collection = Retriever(
            journal=self.journal,
            provider=self.provider,  # type: ignore[arg-type]
            downloader=self.downloader,  # type: ignore[arg-type]
            folder=self.videos,
            work=self.folder / "work",
            name_of=name_of,
            poll_settings=self.poll_settings,
            stop=self.clock,
            clock=self.clock,
            known_id=known_id,
            in_cloud=lambda planned: CloudMatch(in_cloud(planned), {}),
        )
        if agreed:
            collection.agree()
        prepare(collection)
        collection.start(self.crew)
        until = time.monotonic() + seconds
        while self.crew.busy:
            assert time.monotonic() < until, "it does not come to an end"
            time.sleep(0.005)
        return collection

    @property
    def on_disk(self) -> dict[str, Any]:
        found = json.loads(self.journal.path.read_text("utf-8"))
        assert isinstance(found, dict)
        return found

    def looks(self, name: str = "id-1") -> list[float]:
        """When it was looked, in seconds from the request."""
        return [at - self.provider.asked_at[name] for at in self.provider.looks[name]]


def name_of(camera: Camera, start: object) -> str:
    return f"{camera.label} {start:%H-%M-%S}.mp4"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.clock.set()
    made.crew.join(2.0)


def statuses(job: Job) -> list[MediaStatus]:
    return [media.status for _, media in job.media()]


# --- asking ---------------------------------------------------------------------------------------


def test_the_journal_says_requesting_before_the_request_is_sent_and_has_its_id_after(
    stage: Stage,
) -> None:
    seen: list[list[tuple[str, str]]] = []

    def look_into_the_file(retrieval: Retrieval) -> None:
        seen.append([(r["state"], r["retrieval_id"]) for r in stage.on_disk["retrievals"]])

    stage.provider.before_request = look_into_the_file
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
    assert "nobody-may-see-this" not in stage.journal.path.read_text("utf-8")


def test_what_surely_did_not_arrive_is_repeated_for_as_long_as_it_takes(stage: Stage) -> None:
    stage.provider.answers[0] = [TransientError("no network") for _ in range(12)]
    job = stage.plan(1)
    stage.collect()
    assert len(stage.provider.requests) == 13
    assert job.retrievals[0].possible_duplicates == 0
    assert stage.on_disk["retrievals"][0]["maybe_counted"] == 0
    assert job.settled
    assert stage.clock.now > 5 + 10 + 20 + 40 + 60 * 8  # the pauses grow up to a minute


def test_what_is_in_doubt_is_repeated_at_most_twice_and_noted(stage: Stage) -> None:
    stage.provider.answers[0] = [OutcomeUnknown("lost"), OutcomeUnknown("lost")]
    stage.provider.answers[1] = [OutcomeUnknown("lost") for _ in range(9)]
    job = stage.plan(3)
    stage.collect()
    assert [minute_of(r) for r in stage.provider.requests] == [0, 0, 0, 1, 1, 1, 2]
    assert [r.possible_duplicates for r in job.retrievals] == [2, 3, 0]
    assert statuses(job) == [MediaStatus.AVAILABLE, MediaStatus.PENDING, MediaStatus.AVAILABLE]
    assert job.retrievals[1].state is RetrievalState.PLANNED, "another run may ask again"


def test_a_refused_request_is_final_and_the_rest_goes_on(stage: Stage) -> None:
    stage.provider.answers[1] = [RequestRefused("Camera was not recording at 13:31.")]
    job = stage.plan(3)
    stage.collect()
    assert len(stage.provider.requests) == 3
    refused = stage.on_disk["retrievals"][1]
    assert refused["state"] == "refused"
    assert refused["media"][0]["said"] == "Camera was not recording at 13:31."
    assert [media.clip is not None for _, media in job.media()] == [True, False, True]


def test_a_used_up_quota_ends_the_asking_and_what_was_accepted_still_comes(stage: Stage) -> None:
    stage.provider.answers[1] = [QuotaExhausted("Exceeded monthly usage limit.")]
    stage.provider.status = lambda retrieval, look: "available" if look > 3 else "pending"
    job = stage.plan(4)
    collection = stage.collect()
    assert len(stage.provider.requests) == 2
    assert collection.out_of_quota == "Exceeded monthly usage limit."
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


# --- looking --------------------------------------------------------------------------------------


def test_looks_come_soon_at_first_then_less_often_up_to_every_minute(stage: Stage) -> None:
    stage.provider.status = lambda retrieval, look: "available" if look == 14 else "pending"
    stage.plan(1)
    stage.collect()
    looks = stage.looks()
    pauses = [after - before for before, after in zip([0.0, *looks], looks, strict=False)]
    expected = [5.0, 5.0, 7.5, 11.25, 16.9, 25.3, 38.0, 57.0, *[60.0] * 6]
    assert len(pauses) == len(expected)
    for pause, least in zip(pauses, expected, strict=True):
        assert least - 0.1 <= pause <= least + 5.0, pauses


@pytest.mark.parametrize(
    "answer",
    ["pending", "archiving", None, TransientError("503")],
    ids=["pending", "odd", "empty", "5xx"],
)
def test_what_is_not_final_is_looked_at_again(stage: Stage, answer: Any) -> None:
    stage.provider.status = lambda retrieval, look: "available" if look == 5 else answer
    job = stage.plan(1)
    stage.collect()
    assert len(stage.looks()) == 5
    assert len(stage.provider.requests) == 1
    assert job.retrievals[0].media[0].clip is not None


@pytest.mark.parametrize("answer", ["invalid", "unavailable"])
def test_what_is_final_is_not_looked_at_again(stage: Stage, answer: str) -> None:
    stage.provider.status = lambda retrieval, look: answer
    job = stage.plan(1)
    stage.collect()
    assert len(stage.looks()) == 1
    assert len(stage.provider.requests) == 1
    assert statuses(job) == [MediaStatus(answer)]


@pytest.mark.parametrize(("second", "clips"), [("failed", 0), ("available", 1)])
def test_a_failed_upload_is_asked_for_once_more_and_only_once(
    stage: Stage, second: str, clips: int
) -> None:
    stage.provider.status = lambda retrieval, look: second if retrieval.repeat else "failed"
    job = stage.plan(1)
    stage.collect()
    assert len(stage.provider.requests) == 2
    assert [item["repeat"] for item in stage.on_disk["retrievals"]] == [False, True]
    assert len(job.clips(ROAD)) == clips


def test_an_id_that_is_turned_down_a_few_times_is_not_given_up_at_once(stage: Stage) -> None:
    unknown = RequestRefused("Object not found.")
    stage.provider.status = lambda retrieval, look: unknown if look < 4 else "available"
    job = stage.plan(1)
    stage.collect()
    assert job.retrievals[0].media[0].clip is not None


def test_an_id_that_is_turned_down_is_left_alone_for_this_run_and_not_written_off(
    stage: Stage,
) -> None:
    stage.provider.status = lambda retrieval, look: RequestRefused("Object not found.")
    job = stage.plan(1)
    collection = stage.collect()
    assert statuses(job) == [MediaStatus.PENDING]
    assert not job.settled
    assert list(collection.skipped.values()) == ["Object not found."]
    assert len(stage.looks()) == 5


def test_after_the_longest_wait_it_ends_and_nothing_is_taken_as_final(stage: Stage) -> None:
    stage.poll_settings = PollSettings(5.0, 300.0)
    stage.provider.status = lambda retrieval, look: (
        "available" if minute_of(retrieval) == 0 else "pending"
    )
    job = stage.plan(2)
    collection = stage.collect()
    assert collection.wait_expired
    assert [media.settled for _, media in job.media()] == [True, False]
    assert stage.clock.now >= 300.0


# --- fetching -------------------------------------------------------------------------------------


def test_at_most_three_clips_are_fetched_at_a_time(stage: Stage) -> None:
    stage.downloader.takes = 0.05
    job = stage.plan(12)
    stage.collect()
    assert stage.downloader.most == 3
    assert len(stage.downloader.fetched) == 12
    assert len(job.clips(ROAD)) == 12


def test_clips_are_fetched_while_others_are_awaited(stage: Stage) -> None:
    """The second minute is uploaded only after the first clip is here."""
    job = stage.plan(2)

    def status(retrieval: Retrieval, look: int) -> str:
        first = job.retrievals[0].media[0].clip
        return "available" if first or minute_of(retrieval) == 0 else "pending"

    stage.provider.status = status
    stage.collect()
    assert len(job.clips(ROAD)) == 2


def test_an_expired_url_is_replaced_without_a_new_request(stage: Stage) -> None:
    stage.downloader.answers = [UrlExpired("gone"), UrlExpired("gone")]
    job = stage.plan(1)
    stage.collect()
    assert len(stage.provider.requests) == 1
    assert len(stage.looks()) == 3
    assert len(job.clips(ROAD)) == 1


def test_a_clip_that_could_not_be_fetched_is_tried_again_later(stage: Stage) -> None:
    stage.downloader.answers = [DownloadError("the host is down") for _ in range(7)]
    job = stage.plan(1)
    stage.collect()
    assert len(stage.provider.requests) == 1
    assert len(job.clips(ROAD)) == 1


@pytest.mark.parametrize(("times", "status"), [(2, "available"), (3, "unusable")])
def test_what_is_no_video_three_times_is_taken_as_such(
    stage: Stage, times: int, status: str
) -> None:
    stage.downloader.answers = [NotAVideo("a page of text") for _ in range(times)]
    job = stage.plan(1)
    stage.collect()
    assert statuses(job) == [MediaStatus(status)]
    assert len(stage.provider.requests) == 1


# --- taking up a job where it stood ---------------------------------------------------------------


def collected(stage: Stage, minutes: int) -> Job:
    job = stage.plan(minutes)
    stage.collect()
    stage.provider.requests.clear()
    stage.provider.looks.clear()
    stage.downloader.fetched.clear()
    stage.crew = WorkerGroup(stage.clock)
    return job


def test_a_clip_that_is_whole_is_neither_asked_for_nor_fetched_again(stage: Stage) -> None:
    collected(stage, 3)
    stage.collect()
    assert (stage.provider.requests, dict(stage.provider.looks)) == ([], {})
    assert stage.downloader.fetched == []


@pytest.mark.parametrize("damage", ["gone", "changed", "cut"])
def test_a_clip_that_is_not_whole_is_fetched_again_without_a_request(
    stage: Stage, damage: str
) -> None:
    job = collected(stage, 3)
    clip = job.retrievals[1].media[0].clip
    assert isinstance(clip, Clip)
    path = stage.videos / clip.path
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"x" * len(whole) if damage == "changed" else whole[:3])
    stage.collect()
    assert stage.provider.requests == []
    assert stage.downloader.fetched == [path.name]
    assert path.read_bytes() == whole


def test_a_request_that_was_under_way_is_the_only_one_in_doubt(stage: Stage) -> None:
    job = stage.plan(3)
    accepted, doubtful, planned = job.retrievals
    accepted.state, accepted.id = RetrievalState.ACCEPTED, "id-before"
    doubtful.state = RetrievalState.REQUESTING
    stage.journal.save()
    stage.collect()
    assert sorted(minute_of(r) for r in stage.provider.requests) == [1, 2]
    assert [r.possible_duplicates for r in job.retrievals] == [0, 1, 0]
    assert (accepted.id, planned.state) == ("id-before", RetrievalState.ACCEPTED)
    assert len(job.clips(ROAD)) == 3


# --- what is shown --------------------------------------------------------------------------------


def test_progress_counts_what_is_asked_uploaded_and_here(stage: Stage) -> None:
    stage.provider.answers[1] = [RequestRefused("no")]
    stage.plan(3)
    progress = stage.collect().progress()
    assert (progress.asked, progress.requests) == (3, 3)
    assert (progress.uploaded, progress.awaited, progress.fetched) == (2, 2, 2)
    assert progress.fetching == ()
    assert progress.trouble == ""
