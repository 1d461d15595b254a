"""A job that is retrieved from a made-up provider, in virtual time."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from footage.cloud.clock_comparison import ClockComparison
from footage.cloud.download import Download, Downloader
from footage.cloud.provider import Provider
from footage.errors import RequestRefused, WindowTooLong
from footage.job.clock import AnswersOfRun
from footage.job.journal import Journal, read
from footage.job.journal_text import JournalText
from footage.job.other_jobs import OtherJobs
from footage.job.retriever import Retriever
from footage.job.run_state import JobContext, PollSettings
from footage.job.whole import FileCheck
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
    Vehicle,
    Window,
)
from footage.system.intervals import cut
from SamsaraAPI import CAMERAS
from support.media import START, at, imagined, window
from support.virtual_time import VirtualChanges, VirtualTime, VirtualWorkers

ROAD, DRIVER = CAMERAS[:2]
SECRET = "https://media.example/clip.mp4?signature=nobody-may-see-this"


class FakeProvider:
    """Answers what the test has set down; by default everything is available at once.

    answers: by minute, what a request raises, one after the other
    status:  of a retrieval and the how-many-th poll of it: a status, an exception, None for nothing
    in_cloud: what is uploaded already, or why that cannot be listed
    longest: seconds, of the windows it lets through; a longer one is refused, and
             `stated_longest` is said to be allowed
    ids:     what its ids begin with
    quotas:  reported with the first request, the second, and so on; the last one stays
    """

    name = "Samsara"
    permissions = ""
    cameras = CAMERAS
    min_poll_interval = 0.0
    ids = "id"

    def __init__(self, clock: VirtualTime) -> None:
        self.clock = clock
        self.requests: list[Retrieval] = []
        self.polls: dict[str, list[float]] = defaultdict(list)
        self.asked_at: dict[str, float] = defaultdict(float)
        self.answers: dict[int, list[Exception]] = defaultdict(list)
        self.status: Callable[[Retrieval, int], Any] = lambda retrieval, poll: "available"
        self.before_request: Callable[[Retrieval], None] = lambda retrieval: None
        self.in_cloud: list[Media] | Exception = []
        self.cloud_listed = 0
        self.longest = 10_000.0
        self.stated_longest = 60.0
        self.quotas: Sequence[Quota | None] = (Quota("1 s of 2 s used"),)
        self.live = False
        self.comparison = ClockComparison()

    def is_live(self, media_type: MediaType) -> bool:
        return self.live

    def clock_comparison(self) -> ClockComparison:
        return self.comparison

    def plan(
        self, span: Window, cameras: Sequence[Camera], media_type: MediaType, every: float = 0.0
    ) -> list[Retrieval]:
        return [
            Retrieval(one, [Media(camera)], media_type)
            for one in cut(span, 600.0 if media_type is MediaType.LOW else 60.0)
            for camera in cameras
        ]

    def wait_for_turn(self) -> None:
        pass

    def uploaded(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType
    ) -> list[Media]:
        self.cloud_listed += 1
        if isinstance(self.in_cloud, Exception):
            raise self.in_cloud
        return self.in_cloud

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        self.before_request(retrieval)
        self.requests.append(retrieval)
        if retrieval.window.seconds > self.longest:
            raise WindowTooLong(RequestRefused("That is too long."), self.stated_longest)
        planned = self.answers[minute_of(retrieval)]
        if planned:
            raise planned.pop(0)
        name = f"{self.ids}-{len(self.requests)}"
        self.asked_at[name] = self.clock()
        return Accepted(name, self.quotas[min(len(self.requests), len(self.quotas)) - 1])

    def check(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        polls = self.polls[retrieval.id]
        polls.append(self.clock())
        answer = self.status(retrieval, len(polls))
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            return []
        if isinstance(answer, list):
            return answer
        try:
            status = MediaStatus(answer)
        except ValueError:
            status = MediaStatus.PENDING
        url = SECRET if status is MediaStatus.AVAILABLE else None
        start = retrieval.window.start
        return [Media(media.camera, status, answer, start, None, url) for media in retrieval.media]


class FakeDownloader:
    """Writes a few bytes where a clip is wanted; counts how many are under way.

    takes: seconds of virtual time that a download takes
    prefix: what a clip begins with, before its own name
    """

    def __init__(self, clock: VirtualTime) -> None:
        self.clock = clock
        self.takes = 0.0
        self.prefix = b""
        self.answers: list[Exception] = []
        self.fetched: list[str] = []
        self.under_way: list[str] = []
        self.most = 0
        self._lock = threading.Lock()

    def fetch(
        self, url: str, target: Path, verify: object, progress: Any, existing: object = None
    ) -> Download[Any]:
        with self._lock:
            self.fetched.append(target.name)
            self.under_way.append(target.name)
            self.most = max(self.most, len(self.under_way))
            problem = self.answers.pop(0) if self.answers else None
        try:
            if self.takes:
                self.clock.pause(self.takes)
            progress(5, 10)
            if problem:
                raise problem
            data = self.prefix + target.name.encode()
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            tracks = imagined(0, 60).tracks
            return Download(target, len(data), sha256(data).hexdigest(), tracks, reused=False)
        finally:
            with self._lock:
                self.under_way.remove(target.name)


class NoOtherJobs:
    """There are no other jobs, but for one that has asked for the same, where `known` says so."""

    def __init__(self, known: tuple[str, Sequence[Camera]] = ("", ())) -> None:
        self._known = known

    def known_id(self, retrieval: Retrieval) -> tuple[str, Sequence[Camera]]:
        return self._known

    def at(self, window: Window) -> Sequence[tuple[Job, bool]]:
        return ()

    def is_ours(self, path: Path, camera: Camera, window: Window) -> bool:
        return False


@dataclass
class Stage:
    """A job with one camera, and all that is needed to retrieve it."""

    folder: Path
    clock: VirtualTime = field(default_factory=VirtualTime)
    poll_settings: PollSettings = field(default_factory=PollSettings)

    def __post_init__(self) -> None:
        self.provider = FakeProvider(self.clock)
        self.downloader = FakeDownloader(self.clock)
        self.logs = self.folder / "Logs"
        self.videos = self.folder / "Videos"
        self.workers = VirtualWorkers(self.clock)

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
        self.journal = Journal.create(self.logs, job, "now")
        return job

    def begin(self, *retrievals: Retrieval, minutes: int = 0, **changes: Any) -> Job:
        """Begin the journal of a job of these retrievals."""
        job = self.plan(minutes or len(retrievals))
        with self.journal.change():
            job.retrievals[:] = retrievals
            for name, value in changes.items():
                setattr(job, name, value)
        return job

    def retriever(self, known: tuple[str, Sequence[Camera]] = ("", ())) -> Retriever:
        """One that has not started yet; `known`: see `NoOtherJobs`."""
        others = cast(OtherJobs, NoOtherJobs(known))
        return Retriever(
            self.context(), cast(Downloader, self.downloader), self.poll_settings, others
        )

    def beside_others(self) -> Retriever:
        """One that has not started yet, and knows the other jobs in the folder."""
        others = OtherJobs(self.journal, self.videos)
        return Retriever(
            self.context(), cast(Downloader, self.downloader), self.poll_settings, others
        )

    def context(self) -> JobContext:
        self.videos.mkdir(parents=True, exist_ok=True)
        return JobContext(
            journal=self.journal,
            provider=cast(Provider, self.provider),
            folder=self.videos,
            work=self.folder / "work",
            name_of=name_of,
            stop=self.clock,
            changes=VirtualChanges(self.clock),
            answers=AnswersOfRun(cast(Provider, self.provider)),
            clock=self.clock,
        )

    def collect(
        self,
        *,
        confirmed: bool = True,
        known: tuple[str, Sequence[Camera]] = ("", ()),
        check: FileCheck | None = None,
    ) -> Retriever:
        """Retrieve until nothing more will come; `check`: beside that."""
        retriever = self.retriever(known)
        if confirmed:
            retriever.cost.confirm()
        self.run(retriever, check)
        return retriever

    def run(self, retriever: Retriever, check: FileCheck | None = None) -> None:
        """Start a retriever and wait for its end; raises what a thread of it raises."""
        self.start(retriever, check)
        self.workers.join(60.0)
        assert not self.workers.busy, "it does not come to an end"

    def start(self, retriever: Retriever, check: FileCheck | None = None) -> None:
        """Start a retriever, and let time pass from when all its threads are there."""
        self.clock.hold()
        retriever.start(self.workers, check)
        self.clock.begin()

    def again(self) -> Job:
        """The job as a later run finds it in the journal."""
        self.journal.job = read(self.journal.path)
        self.anew()
        return self.journal.job

    def anew(self) -> None:
        """Forget what was asked and fetched so far, for another run."""
        self.provider.requests.clear()
        self.provider.polls.clear()
        self.downloader.fetched.clear()
        self.workers = VirtualWorkers(self.clock)

    @property
    def on_disk(self) -> dict[str, Any]:
        """What both files of the journal say, as the JSON would have it."""
        job = read(self.journal.path)
        content = json.loads("\n".join(JournalText(job).lines(job)))
        assert isinstance(content, dict)
        return content

    @property
    def asked(self) -> list[tuple[str, Window]]:
        """What was requested: camera and window."""
        return [(m.camera.input, one.window) for one in self.provider.requests for m in one.media]

    def polls(self, name: str = "id-1") -> list[float]:
        """When it was polled, in seconds from the request."""
        return [at - self.provider.asked_at[name] for at in self.provider.polls[name]]


def name_of(camera: Camera, start: datetime) -> str:
    return f"{camera.label} {start:%H-%M-%S}.mp4"


def minute_of(retrieval: Retrieval) -> int:
    return int((retrieval.window.start - START).total_seconds() // 60)


def statuses(job: Job) -> list[MediaStatus]:
    return [media.status for _, media in job.media()]


def without_addresses(job: Job) -> Job:
    """The job as a journal can hold it: addresses are secrets."""
    for _, media in job.media():
        media.url = None
    return job


def in_cloud(start: float = 0, end: float = 60, camera: Camera = ROAD) -> Media:
    """A stretch that is in the cloud already."""
    return Media(camera, MediaStatus.AVAILABLE, "", at(start), at(end), SECRET)


def found(start: float = 0, end: float = 60) -> Retrieval:
    """A stretch that is in the cloud already, as the plan of a new job has it."""
    media = [in_cloud(start, end)]
    return Retrieval(Window(at(start), at(end)), media, state=RetrievalState.FOUND)


def from_other_job(*cameras: Camera, minute: int = 0, id: str = "theirs") -> Retrieval:
    """A request that another job of ours has made."""
    media = [Media(camera) for camera in cameras or (ROAD,)]
    state = RetrievalState.ACCEPTED
    return Retrieval(window(60 * minute), media, state=state, id=id, from_other_job=True)


def low(start: float, seconds: float = 600, camera: Camera = ROAD) -> Retrieval:
    """A longer window, as for low-resolution video."""
    return Retrieval(window(start, seconds), [Media(camera)], MediaType.LOW)
