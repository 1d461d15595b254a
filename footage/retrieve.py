"""Request, look, and fetch: from planned retrievals to clips on disk.

One thread asks for footage, one window after the other; some look what has been uploaded; some
fetch what is there (`fetch.py`). All that they learn goes into the journal before anything follows
from it.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from footage.download import Downloader
from footage.errors import (
    AlreadyRequested,
    InDoubt,
    NotNow,
    QuotaExhausted,
    RequestRefused,
    WindowTooLong,
)
from footage.fetch import Fetcher, Fetching, is_whole
from footage.journal import Journal
from footage.model import (
    UTC,
    Camera,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Window,
)
from footage.provider import Provider, Quota
from footage.quota import still_to_pay
from footage.windows import cut_smaller, fitting, in_seconds, overlap
from footage.workers import Crew, Stop

log = logging.getLogger("footage.retrieve")

LOOKERS = 4  # so that slow answers do not keep the looks below the provider's limit
FETCHERS = 3  # downloads at a time
_LONGEST_PAUSE = 60.0  # seconds between two looks at one retrieval, at most
_SLOWER = 1.5  # each pause is so much longer than the one before
_REPEATS_IN_DOUBT = 2  # how often a request whose answer never came is sent again
_UNREAD_IN_A_ROW = 2  # so many requests were taken without an id, and no more are sent
_CLOSEST_MEDIA = timedelta(days=1)  # what is reported further off is no time but a fault
_SAME_SHOT = timedelta(minutes=1)  # what is taken live may be so much later than it is called
_UNKNOWN_AFTER = 5  # so many looks in a row that were turned down, and it is given up


@dataclass(frozen=True)
class Progress:
    """How far the retrieving has come, for the screen.

    asked, requests: requests answered, and planned
    uploaded, awaited: camera windows whose footage is in the cloud, and may come or has
    next_look: seconds until the next look; None while one is under way
    trouble: what keeps it from going on at the moment, "" for nothing
    """

    asked: int
    requests: int
    uploaded: int
    awaited: int
    fetched: int
    next_look: float | None
    fetching: Sequence[Fetching]
    trouble: str


@dataclass
class Patience:
    """How long and how often to look: seconds between looks at first, seconds in all."""

    poll_seconds: float = 5.0
    max_wait: float = 24 * 3600.0


@dataclass(order=True)
class _Due:
    """A look to come; earlier ones first."""

    at: float
    number: int
    retrieval: Retrieval = field(compare=False)


class Collection:
    """Brings the retrievals of a job as far as they can come in this run."""

    def __init__(
        self,
        journal: Journal,
        provider: Provider,
        downloader: Downloader,
        folder: Path,
        work: Path,
        name_of: Callable[[Camera, datetime], str],
        patience: Patience,
        stop: Stop,
        clock: Callable[[], float] = time.monotonic,
        known_id: Callable[[Retrieval], str] = lambda retrieval: "",
    ) -> None:
        self._journal = journal
        self._provider = provider
        self._folder = folder
        self._fetcher = Fetcher(journal, downloader, folder, work, name_of, stop, self._no_clip)
        self._known_id = known_id
        self._patience = patience
        self._pause = max(patience.poll_seconds, provider.shortest_look)
        self._stop = stop
        self._clock = clock
        self._deadline = clock() + patience.max_wait
        self._to_request: queue.Queue[Retrieval] = queue.Queue()
        self._due: list[_Due] = []
        self._numbers = itertools.count()
        self._pauses: dict[int, float] = {}
        self._turned_down: dict[int, int] = {}
        self._lock = threading.Lock()
        # What stands in the job no longer. Kept, so that no other gets the same `id` meanwhile.
        self._replaced: dict[int, Retrieval] = {}
        self._unknown: set[str] = set()  # ids of other jobs that the provider does not know
        self._trouble = ""
        self._unread = 0  # requests in a row that were taken without an id
        self._over_so_far = 0
        self.out_of_quota = ""  # the provider's words, once the month's quota is used up
        self.quota: Quota | None = None  # as the first answer to a request told it
        self.to_pay: Sequence[Retrieval] = ()  # what was not counted in it
        self._agreed = threading.Event()  # to go on after that first answer
        self.given_up: dict[int, str] = {}  # retrievals left alone for this run, and why
        self.gave_up = False  # the longest wait is over and something is still pending

    def start(self, crew: Crew) -> None:
        """Take up every retrieval where it stands, and set the threads to work."""
        with self._journal.change() as job:
            for retrieval in job.retrievals:
                self._take_up(retrieval)
        crew.add("requests", self._keep_requesting)
        for number in range(LOOKERS):
            crew.add(f"look-{number + 1}", self._keep_looking)
        for number in range(FETCHERS):
            crew.add(f"fetch-{number + 1}", lambda: self._fetcher.work(lambda: self.done))

    def agree(self) -> None:
        """Go on requesting, now that `quota` is known: until then only one request is sent."""
        self._agreed.set()

    @property
    def done(self) -> bool:
        """Nothing more will come in this run."""
        with self._journal.reading() as job:
            # What is over stays over, so a long job is not gone through from its start each time.
            while self._over_so_far < len(job.retrievals):
                if not self._over(job.retrievals[self._over_so_far]):
                    return False
                self._over_so_far += 1
            return True

    def progress(self) -> Progress:
        """How far it has come."""
        with self._journal.reading() as job:
            media = [media for _, media in job.media()]
            asked = sum(
                r.state not in (RetrievalState.PLANNED, RetrievalState.REQUESTING)
                for r in job.retrievals
            )
            requests = len(job.retrievals)
        with self._lock:
            due = min((entry.at for entry in self._due), default=None)
        return Progress(
            asked=asked,
            requests=requests,
            uploaded=sum(m.status is MediaStatus.AVAILABLE for m in media),
            awaited=sum(not m.status.final for m in media),
            fetched=sum(m.clip is not None for m in media),
            next_look=None if due is None else max(0.0, due - self._clock()),
            fetching=self._fetcher.under_way,
            trouble=self._trouble or self._fetcher.trouble,
        )

    def _take_up(self, retrieval: Retrieval) -> None:
        for media in retrieval.media:
            if media.clip is not None and not is_whole(self._folder, media.clip):
                log.warning("%s is gone or was changed; it is fetched again", media.clip.path)
                self._fetcher.distrust(media.clip.path.name)
                media.clip = None
            if media.clip is None and media.status is MediaStatus.AVAILABLE:
                if media.url is not None:  # found a moment ago, while the job was planned
                    self._fetcher.put(retrieval, media)
                    continue
                media.status = MediaStatus.PENDING
        if retrieval.settled or all(media.settled or media.url for media in retrieval.media):
            return
        if retrieval.state in (RetrievalState.ACCEPTED, RetrievalState.FOUND):
            self._look_at(retrieval, 0.0)
            return
        if retrieval.state is RetrievalState.REQUESTING:
            # The run before ended between sending and hearing: the only kind that is in doubt.
            retrieval.state = RetrievalState.PLANNED
            retrieval.maybe_counted += 1
        self._to_request.put(retrieval)

    def _over(self, retrieval: Retrieval) -> bool:
        if retrieval.settled or id(retrieval) in self.given_up:
            return True
        if retrieval.state is RetrievalState.PLANNED and self.out_of_quota:
            return True
        if self._clock() < self._deadline:
            return False
        self.gave_up = True
        return not any(self._fetcher.is_fetching(media) for media in retrieval.media)

    # --- asking -----------------------------------------------------------------------------------

    def _keep_requesting(self) -> None:
        while not self.done:
            try:
                retrieval = self._to_request.get(timeout=0.2)
            except queue.Empty:
                self._stop.pause(0)
                continue
            if id(retrieval) not in self._replaced and not self.out_of_quota:
                self._request(retrieval)
                while self.quota is not None and not self._agreed.is_set():
                    self._stop.pause(0.1)

    def _request(self, retrieval: Retrieval) -> None:
        pause = self._pause
        unanswered = 0
        while self._clock() < self._deadline:
            if unanswered > _REPEATS_IN_DOUBT:
                self._give_up(retrieval, f"{self._provider.name} did not answer the request")
                return
            self._provider.wait_for_turn()
            with self._journal.change():
                retrieval.state = RetrievalState.REQUESTING
                retrieval.requested_at = now = datetime.now(UTC)
                late = abs(now - retrieval.window.start) > _SAME_SHOT
                still = retrieval.media_type is MediaType.IMAGE
                if late and still and self._provider.is_live(retrieval.media_type):
                    # It will show this moment, not the one at which it was first wanted.
                    now = now.replace(microsecond=0)
                    retrieval.window = Window(now, now)
            try:
                accepted = self._provider.request(self._journal.job.vehicle, retrieval)
            except WindowTooLong as refusal:
                if 0 < refusal.longest < retrieval.window.seconds:
                    only = retrieval if refusal.only_this else None
                    self._cut_smaller(refusal.longest, only)
                else:
                    self._refuse(retrieval, refusal.message)
                return
            except AlreadyRequested as refusal:
                self._follow_earlier(retrieval, refusal.message)
                return
            except RequestRefused as refusal:
                self._refuse(retrieval, refusal.message)
                return
            except InDoubt as doubt:
                with self._journal.change():
                    retrieval.state = RetrievalState.PLANNED
                    retrieval.maybe_counted += 1
                unanswered += 1
                self._trouble = str(doubt)
                if 200 <= doubt.status < 300:  # it was taken, and would be paid for again
                    self._leave_unread(retrieval, doubt.message)
                    return
            except BaseException as error:
                # Surely not accepted: nothing was sent, or the answer was a clear no.
                with self._journal.change():
                    retrieval.state = RetrievalState.PLANNED
                if isinstance(error, QuotaExhausted):
                    self.out_of_quota = error.message
                    return
                if not isinstance(error, NotNow):
                    raise
                self._trouble = str(error)
            else:
                self._trouble = ""
                self._unread = 0
                with self._journal.change() as job:
                    retrieval.state = RetrievalState.ACCEPTED
                    retrieval.id = accepted.retrieval_id
                    if accepted.quota is not None:
                        job.quota = accepted.quota.words
                        if self.quota is None:
                            self.to_pay = still_to_pay(job)
                            self.quota = accepted.quota
                self._look_at(retrieval, self._pause)
                return
            self._stop.pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _leave_unread(self, retrieval: Retrieval, words: str) -> None:
        """The provider took a request, but its answer told no id: another sending tells no more.

        Once it is not a single answer, the others are not sent either.
        """
        self._give_up(retrieval, words)
        self._unread += 1
        while self._unread >= _UNREAD_IN_A_ROW:
            try:
                one = self._to_request.get_nowait()
            except queue.Empty:
                return
            if id(one) not in self._replaced:
                self._give_up(one, words)

    def _refuse(self, retrieval: Retrieval, words: str) -> None:
        with self._journal.change():
            retrieval.state = RetrievalState.REFUSED
            for media in retrieval.media:
                media.status, media.said = MediaStatus.REFUSED, words

    def _cut_smaller(self, longest: float, only: Retrieval | None) -> None:
        """Cut all that is still to be requested into shorter windows, and remember that.

        What was given up stays as it is, so that it is left alone for this run.
        only: cut this one and no other, and remember nothing
        """
        log.warning("Windows are cut into %g s: %s", longest, "all" if only is None else "one")
        smaller: list[Retrieval] = []
        with self._journal.change() as job:
            if only is None:
                job.longest = longest
            waiting = (RetrievalState.PLANNED, RetrievalState.REQUESTING)
            kept: list[Retrieval] = []
            for one in job.retrievals:
                too_long = one.state in waiting and one.window.seconds > longest
                meant = only is None or one is only
                if too_long and meant and id(one) not in self.given_up:
                    pieces = cut_smaller(one, longest)
                    kept += pieces
                    smaller += pieces
                    self._replaced[id(one)] = one
                else:
                    kept.append(one)
            job.retrievals[:] = kept
        with suppress(queue.Empty):
            while True:
                smaller.append(self._to_request.get_nowait())
        for one in sorted(smaller, key=lambda one: one.window):  # what comes first is asked first
            self._to_request.put(one)

    def _follow_earlier(self, retrieval: Retrieval, words: str) -> None:
        """The provider has the very same request already: follow that one, where we made it."""
        earlier = self._known_id(retrieval)
        if not earlier or earlier in self._unknown:
            if retrieval.maybe_counted:
                words += " (an earlier sending, whose answer never came, was accepted)"
            self._refuse(retrieval, words)
            return
        log.info("%s: following an earlier job's request", retrieval.window.start.isoformat())
        with self._journal.change():
            retrieval.state = RetrievalState.ACCEPTED
            retrieval.id = earlier
            retrieval.adopted = True
        self._look_at(retrieval, 0.0)

    def _ask_after_all(self, retrieval: Retrieval, words: str) -> None:
        """What was to be had without paying is not there (any more): ask for it like the rest.

        Not for cameras whose clip is here, is being fetched, or will never be.
        """
        with self._journal.change() as job:
            lacking = [media for media in retrieval.media if not media.settled and not media.url]
            if id(retrieval) in self._replaced or not lacking:  # another look was quicker
                return
            log.info("%s: %s It is requested anew.", retrieval.window.start.isoformat(), words)
            self._unknown.add(retrieval.id)
            cameras = [media.camera for media in lacking]
            anew: list[Retrieval] = []
            if retrieval.media_type is MediaType.IMAGE:
                anew = [Retrieval(retrieval.window, list(map(Media, cameras)), MediaType.IMAGE)]
            elif inside := overlap(retrieval.window, job.span):
                planned = self._provider.plan(in_seconds(inside), cameras, retrieval.media_type)
                anew = fitting(planned, job.longest)
            retrieval.media[:] = [media for media in retrieval.media if media.camera not in cameras]
            kept = [retrieval] if retrieval.media else []
            if not kept:
                self._replaced[id(retrieval)] = retrieval
            place = next(n for n, one in enumerate(job.retrievals) if one is retrieval)
            job.retrievals[place : place + 1] = [*kept, *anew]
        for one in anew:
            self._to_request.put(one)

    def _give_up(self, retrieval: Retrieval, words: str) -> None:
        """Leave it alone for this run; another one may fare better."""
        log.warning("%s: %s", retrieval.window.start.isoformat(), words)
        self.given_up[id(retrieval)] = words

    # --- looking ----------------------------------------------------------------------------------

    def _look_at(self, retrieval: Retrieval, pause: float) -> None:
        """Put a look `pause` seconds from now on the list."""
        with self._lock:
            heapq.heappush(self._due, _Due(self._clock() + pause, next(self._numbers), retrieval))

    def _look_later(self, retrieval: Retrieval) -> None:
        """Look again after a pause that grows with each look that brought nothing."""
        pause = self._pauses.get(id(retrieval), self._pause)
        self._pauses[id(retrieval)] = min(pause * _SLOWER, max(_LONGEST_PAUSE, self._pause))
        self._look_at(retrieval, pause)

    def _keep_looking(self) -> None:
        while not self.done:
            with self._lock:
                now = self._clock()
                ready = heapq.heappop(self._due) if self._due and self._due[0].at <= now else None
            if ready is None:
                self._stop.pause(0.1)
            elif id(ready.retrieval) not in self._replaced and not self._over(ready.retrieval):
                self._look(ready.retrieval)

    def _look(self, retrieval: Retrieval) -> None:
        try:
            answers = self._provider.check(self._journal.job.vehicle, retrieval)
        except NotNow as trouble:
            self._trouble = str(trouble)
            self._look_later(retrieval)
            return
        except RequestRefused as refusal:
            times = self._turned_down[id(retrieval)] = self._turned_down.get(id(retrieval), 0) + 1
            self._trouble = f"{self._provider.name} does not know a request: {refusal.message}"
            not_ours = retrieval.state is RetrievalState.FOUND or retrieval.adopted
            if times >= _UNKNOWN_AFTER and not_ours:
                self._ask_after_all(retrieval, refusal.message)
            elif times >= _UNKNOWN_AFTER:
                # It may be the wrong account or a passing fault, so nothing is written off.
                self._give_up(retrieval, refusal.message)
            else:
                self._look_later(retrieval)
            return
        self._trouble = ""
        self._turned_down.pop(id(retrieval), None)
        with self._journal.reading():
            news = [one for one in retrieval.media if self._learn(retrieval, one, answers)]
            failed = [media.camera for media in news if media.status is MediaStatus.FAILED]
            if failed and not retrieval.repeat:
                self._ask_once_more(retrieval, failed)
            if news:
                self._journal.save()
            waiting = any(not m.settled and m.url is None for m in retrieval.media)
        if waiting:
            self._look_later(retrieval)

    def _learn(self, retrieval: Retrieval, media: Media, answers: Sequence[Media]) -> bool:
        """Take over what the provider says of one camera; True when that was news."""
        answer = next((a for a in answers if a.camera == media.camera), None)
        if answer is None or media.settled or media.url is not None:
            return False
        before = (media.status, media.said, media.start, media.end, media.role)
        media.status, media.said, media.role = answer.status, answer.said, answer.role
        if answer.role:
            self._journal.job.roles[media.camera.input] = answer.role
        media.start = _credible(answer.start, retrieval)
        media.end = _credible(answer.end, retrieval)
        if media.status is MediaStatus.AVAILABLE:
            media.url = answer.url
            self._fetcher.put(retrieval, media)
        elif media.status.final:
            log.info(
                "%s from %s: %s says %s",
                media.camera.label,
                retrieval.window.start.isoformat(),
                self._provider.name,
                media.said or media.status.value,
            )
        return before != (media.status, media.said, media.start, media.end, media.role)

    def _ask_once_more(self, retrieval: Retrieval, failed: Sequence[Camera]) -> None:
        """Uploads that failed are asked for a second time, and only once.

        Together, as they were: where a request is for several cameras, it is paid once for all.
        """
        labels = ", ".join(camera.label for camera in failed)
        log.info("%s: the upload failed; asking once more", labels)
        again = Retrieval(
            retrieval.window, list(map(Media, failed)), retrieval.media_type, repeat=True
        )
        self._journal.job.retrievals.append(again)
        self._to_request.put(again)

    # --- what could not be fetched ----------------------------------------------------------------

    def _no_clip(self, retrieval: Retrieval, unusable: str) -> None:
        """A download brought nothing; `unusable` says why what is in the cloud never will."""
        if unusable and retrieval.state is RetrievalState.FOUND:
            self._ask_after_all(retrieval, unusable)  # a request may bring better
        elif not unusable:
            self._look_later(retrieval)


def _credible(moment: datetime | None, retrieval: Retrieval) -> datetime | None:
    """A time that a provider reports; None for one that has nothing to do with what was asked."""
    if moment is None or abs(moment - retrieval.window.start) > _CLOSEST_MEDIA:
        return None
    return moment
