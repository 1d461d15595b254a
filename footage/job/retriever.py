"""Request, look, and fetch: from planned retrievals to clips on disk.

One thread asks for footage, one window after the other; some look what has been uploaded; some
fetch what is there (`fetch.py`). All that they learn goes into the journal before anything follows
from it.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from footage.cloud.download import Downloader
from footage.cloud.media_matching import pairs
from footage.cloud.provider import Provider
from footage.errors import (
    AlreadyRequested,
    AuthenticationError,
    NoSuchCamera,
    OutcomeUnknown,
    QuotaExhausted,
    RequestRefused,
    TransientError,
    WindowTooLong,
)
from footage.job.budget import still_to_pay
from footage.job.fetcher import DownloadProgress, Fetcher, is_whole
from footage.job.journal import Journal
from footage.job.planning import CloudMatch, cut_smaller, not_longer
from footage.job.poll_schedule import PollSchedule
from footage.model import (
    UTC,
    Camera,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Quota,
    Retrieval,
    RetrievalState,
    Window,
)
from footage.system.intervals import out_to_seconds, overlap
from footage.system.threads import StopEvent, WorkerGroup

log = logging.getLogger("footage.job.retriever")

POLL_THREADS = 4  # so that slow answers do not keep the looks below the provider's limit
DOWNLOAD_THREADS = 3  # downloads at a time
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
    next_poll: seconds until the next poll; None while one is under way
    trouble: what keeps it from going on at the moment, "" for nothing
    """

    asked: int
    requests: int
    uploaded: int
    awaited: int
    fetched: int
    next_poll: float | None
    fetching: Sequence[DownloadProgress]
    trouble: str


@dataclass
class PollSettings:
    """How long and how often to look: seconds between looks at first, seconds in all."""

    poll_seconds: float = 5.0
    max_wait: float = 24 * 3600.0


class Retriever:
    """Brings the retrievals of a job as far as they can come in this run.

    known_id: the id under which another job of ours has asked for the same
    in_cloud: requests that are not sent, with those of which the footage is in the cloud by now
              taken from there; what it does not change it gives back as it is
    is_ours:  whether a file is the clip of a camera and window that one of our jobs has fetched
    """

    def __init__(
        self,
        journal: Journal,
        provider: Provider,
        downloader: Downloader,
        folder: Path,
        work: Path,
        name_of: Callable[[Camera, datetime], str],
        poll_settings: PollSettings,
        stop: StopEvent,
        clock: Callable[[], float] = time.monotonic,
        known_id: Callable[[Retrieval], tuple[str, Sequence[Camera]]] = lambda retrieval: ("", ()),
        in_cloud: Callable[[Sequence[Retrieval]], CloudMatch] = lambda planned: CloudMatch(
            planned, {}
        ),
        is_ours: Callable[[Path, Camera, Window], bool] = lambda path, camera, window: False,
    ) -> None:
        self._journal = journal
        self._provider = provider
        self._folder = folder
        self._fetcher = Fetcher(
            journal, downloader, folder, work, name_of, stop, self._no_clip, is_ours
        )
        self._known_id = known_id
        self._in_cloud = in_cloud
        self._patience = poll_settings
        self._pause = max(poll_settings.poll_seconds, provider.min_poll_interval)
        self._stop = stop
        self._clock = clock
        self._deadline = clock() + poll_settings.max_wait
        self._to_request: queue.Queue[Retrieval] = queue.Queue()
        self._looks = PollSchedule(provider.min_poll_interval, clock)
        self._pauses: dict[int, float] = {}
        self._turned_down: dict[int, int] = {}
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
        self.paid_after_all = 0  # requests for what was thought to be there without paying
        self.skipped: dict[int, str] = {}  # retrievals left alone for this run, and why
        self.wait_expired = False  # the longest wait is over and something is still pending

    def start(self, crew: WorkerGroup) -> None:
        """Take up every retrieval where it stands, and set the threads to work."""
        with self._journal.change() as job:
            for retrieval in job.retrievals:
                self._take_up(retrieval)
        crew.add("requests", self._keep_requesting)
        for number in range(POLL_THREADS):
            crew.add(f"look-{number + 1}", self._keep_looking)
        for number in range(DOWNLOAD_THREADS):
            crew.add(f"fetch-{number + 1}", lambda: self._fetcher.work(lambda: self.done))

    def agree(self) -> None:
        """Go on requesting, now that `quota` is known: until then only one request is sent."""
        self._agreed.set()

    @property
    def done(self) -> bool:
        """Nothing more will come in this run."""
        with self._journal.locked() as job:
            # What is over stays over, so a long job is not gone through from its start each time.
            while self._over_so_far < len(job.retrievals):
                if not self._over(job.retrievals[self._over_so_far]):
                    return False
                self._over_so_far += 1
            return True

    def progress(self) -> Progress:
        """How far it has come."""
        with self._journal.locked() as job:
            media = [media for _, media in job.media()]
            asked = sum(
                r.state not in (RetrievalState.PLANNED, RetrievalState.REQUESTING)
                for r in job.retrievals
            )
            requests = len(job.retrievals)
        return Progress(
            asked=asked,
            requests=requests,
            uploaded=sum(m.status is MediaStatus.AVAILABLE for m in media),
            awaited=sum(not m.status.final for m in media),
            fetched=sum(m.clip is not None for m in media),
            next_poll=self._looks.next_in,
            fetching=self._fetcher.under_way,
            trouble=self._trouble or self._fetcher.trouble,
        )

    def _take_up(self, retrieval: Retrieval) -> None:
        for media in retrieval.media:
            if media.clip is not None and not is_whole(self._folder, media.clip):
                log.warning("%s is gone or was changed; it is fetched again", media.clip.path)
                self._fetcher.quarantine(media.clip.path.name)
                media.clip = None
            if media.clip is None and media.status is MediaStatus.AVAILABLE:
                if media.url is not None:  # found a moment ago, while the job was planned
                    self._fetcher.put(retrieval, media)
                    continue
                media.status = MediaStatus.PENDING
        if retrieval.settled or all(media.settled or media.url for media in retrieval.media):
            return
        if retrieval.state in (RetrievalState.ACCEPTED, RetrievalState.FOUND):
            self._looks.put(retrieval, 0.0)
            return
        if retrieval.state is RetrievalState.REQUESTING:
            # The run before ended between sending and hearing: the only kind that is in doubt.
            retrieval.state = RetrievalState.PLANNED
            retrieval.possible_duplicates += 1
        self._to_request.put(retrieval)

    def _over(self, retrieval: Retrieval) -> bool:
        if retrieval.settled or id(retrieval) in self.skipped:
            return True
        if retrieval.state is RetrievalState.PLANNED and self.out_of_quota:
            return True
        if self._clock() < self._deadline:
            return False
        self.wait_expired = True
        return not any(self._fetcher.is_fetching(media) for media in retrieval.media)

    # --- asking -----------------------------------------------------------------------------------

    def _keep_requesting(self) -> None:
        while not self.done:
            try:
                retrieval = self._to_request.get(timeout=0.05)
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
            if retrieval.possible_duplicates and self._is_in_cloud([retrieval]):
                return
            if unanswered > _REPEATS_IN_DOUBT:
                self._give_up(retrieval, f"{self._provider.name} did not answer the request")
                return
            self._provider.wait_for_turn()
            with self._journal.change() as job:
                retrieval.state = RetrievalState.REQUESTING
                retrieval.requested_at = now = datetime.now(UTC)
                late = abs(now - retrieval.window.start) > _SAME_SHOT
                if late and self._provider.is_live(retrieval.media_type):
                    # It will show this moment, not the one at which it was first wanted.
                    _retake(job, retrieval, now.replace(microsecond=0))
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
            except NoSuchCamera as refusal:
                alone = len(retrieval.cameras) == 1
                status = MediaStatus.INVALID if alone else MediaStatus.REFUSED
                self._refuse(retrieval, refusal.message, status)
                return
            except RequestRefused as refusal:
                self._refuse(retrieval, refusal.message)
                return
            except OutcomeUnknown as doubt:
                with self._journal.change():
                    retrieval.state = RetrievalState.PLANNED
                    retrieval.possible_duplicates += 1
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
                if not isinstance(error, TransientError):
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
                self._looks.put(retrieval, self._pause)
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

    def _refuse(
        self, retrieval: Retrieval, words: str, status: MediaStatus = MediaStatus.REFUSED
    ) -> None:
        with self._journal.change():
            retrieval.state = RetrievalState.REFUSED
            for media in retrieval.media:
                media.status, media.provider_message = status, words

    def _is_in_cloud(self, planned: Sequence[Retrieval]) -> bool:
        """Take from the cloud what of these is there by now; True where nothing is left to ask.

        What a request has brought whose answer never came, or somebody else, is not paid again.
        """
        try:
            match = self._in_cloud(planned)
        except (AuthenticationError, RequestRefused, TransientError) as trouble:
            log.warning("What is in the cloud could not be looked up: %s", trouble)
            return False
        there = match.retrievals
        new = [one for one in there if not any(one is old for old in planned)]
        gone = [old for old in planned if not any(old is one for one in there)]
        if match.new_roles(self._journal.job):
            with self._journal.change() as job:
                job.roles.update(match.roles)
        if not new and not gone:
            return False
        with self._journal.change() as job:
            place = next(n for n, one in enumerate(job.retrievals) if one is gone[0])
            job.retrievals[place:place] = new
            job.retrievals[:] = [r for r in job.retrievals if not any(r is old for old in gone)]
            self._replaced |= {id(old): old for old in gone}
            for one in new:
                self._take_up(one)
        return len(gone) == len(planned)

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
                if too_long and meant and id(one) not in self.skipped:
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
        if smaller:
            self._is_in_cloud(smaller)

    def _follow_earlier(self, retrieval: Retrieval, words: str) -> None:
        """The provider has the very same request already: follow that one, where we made it."""
        earlier, cameras = self._known_id(retrieval)
        if not earlier or earlier in self._unknown:
            if retrieval.possible_duplicates:
                words = (
                    f"{words.rstrip('.')}: an earlier sending, whose answer never came, was "
                    "accepted; ask for it again with another start or length"
                )
            self._refuse(retrieval, words)
            return
        log.info("%s: following an earlier job's request", retrieval.window.start.isoformat())
        rest = [camera for camera in retrieval.cameras if camera not in cameras]
        with self._journal.change() as job:
            retrieval.state = RetrievalState.ACCEPTED
            retrieval.id = earlier
            retrieval.from_other_job = True
            if rest:  # that request was not for these
                retrieval.media[:] = [one for one in retrieval.media if one.camera in cameras]
                anew = Retrieval(retrieval.window, list(map(Media, rest)), retrieval.media_type)
                job.retrievals.append(anew)
                self._to_request.put(anew)
        self._looks.put(retrieval, 0.0)

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
            cameras = list(dict.fromkeys(media.camera for media in lacking))
            anew: list[Retrieval] = []
            if retrieval.media_type is MediaType.IMAGE:
                anew = [Retrieval(retrieval.window, list(map(Media, cameras)), MediaType.IMAGE)]
            elif inside := overlap(retrieval.window, job.span):
                planned = self._provider.plan(out_to_seconds(inside), cameras, retrieval.media_type)
                anew = not_longer(planned, job.longest)
            retrieval.media[:] = [media for media in retrieval.media if media.camera not in cameras]
            kept = [retrieval] if retrieval.media else []
            if not kept:
                self._replaced[id(retrieval)] = retrieval
            place = next(n for n, one in enumerate(job.retrievals) if one is retrieval)
            job.retrievals[place : place + 1] = [*kept, *anew]
            self.paid_after_all += len(anew)
        for one in anew:
            self._to_request.put(one)

    def _give_up(self, retrieval: Retrieval, words: str) -> None:
        """Leave it alone for this run; another one may fare better."""
        log.warning("%s: %s", retrieval.window.start.isoformat(), words)
        self.skipped[id(retrieval)] = words

    # --- looking ----------------------------------------------------------------------------------

    def _look_later(self, retrieval: Retrieval) -> None:
        """Look again after a pause that grows with each look that brought nothing."""
        pause = self._pauses.get(id(retrieval), self._pause)
        self._pauses[id(retrieval)] = min(pause * _SLOWER, max(_LONGEST_PAUSE, self._pause))
        self._looks.put(retrieval, pause)

    def _keep_looking(self) -> None:
        while not self.done:
            retrieval = self._looks.take()
            if retrieval is None:
                self._stop.pause(0.1)
            elif id(retrieval) not in self._replaced and not self._over(retrieval):
                self._look(retrieval)

    def _look(self, retrieval: Retrieval) -> None:
        try:
            answers = self._provider.check(self._journal.job.vehicle, retrieval)
        except TransientError as trouble:
            self._trouble = str(trouble)
            self._look_later(retrieval)
            return
        except RequestRefused as refusal:
            times = self._turned_down[id(retrieval)] = self._turned_down.get(id(retrieval), 0) + 1
            self._trouble = f"{self._provider.name} does not know a request: {refusal.message}"
            not_ours = retrieval.state is RetrievalState.FOUND or retrieval.from_other_job
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
        with self._journal.locked():
            news = self._learn_all(retrieval, answers)
            failed = dict.fromkeys(m.camera for m in news if m.status is MediaStatus.FAILED)
            if failed and not retrieval.repeat:
                self._ask_once_more(retrieval, list(failed))
            if news:
                self._journal.save()
            waiting = any(not m.settled and m.url is None for m in retrieval.media)
        if waiting:
            self._look_later(retrieval)

    def _learn_all(self, retrieval: Retrieval, answers: Sequence[Media]) -> list[Media]:
        """Take over what the provider says; returns the media of which something is new."""
        job = self._journal.job
        news: list[Media] = []
        for camera in dict.fromkeys(answer.camera for answer in answers):
            known = [media for media in retrieval.media if media.camera == camera]
            told = [answer for answer in answers if answer.camera == camera]
            if not known and (job.cameras_named or camera in self._provider.cameras):
                continue  # that one was not asked for
            for media, answer in pairs(known, told):
                if media is None:
                    media = Media(camera)
                    log.info("%s: another piece from %s", camera.label, answer.start)
                    retrieval.media.append(media)
                    if camera not in job.cameras:
                        job.cameras = (*job.cameras, camera)
                if self._learn(retrieval, media, answer):
                    news.append(media)
        return news

    def _learn(self, retrieval: Retrieval, media: Media, answer: Media) -> bool:
        """Take over what the provider says of one piece of footage; True when that was news."""
        if media.settled or media.url is not None:
            return False
        before = (media.status, media.provider_message, media.start, media.end, media.role)
        media.status, media.provider_message, media.role = (
            answer.status,
            answer.provider_message,
            answer.role,
        )
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
                media.provider_message or media.status.value,
            )
        return before != (media.status, media.provider_message, media.start, media.end, media.role)

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


def _retake(job: Job, retrieval: Retrieval, now: datetime) -> None:
    """A picture is taken at this moment; so is what a failed try before it was to show."""
    taken_before = retrieval.window
    for one in job.retrievals:
        if one.window == taken_before and one.cameras == retrieval.cameras:
            one.window = Window(now, now)


def _credible(moment: datetime | None, retrieval: Retrieval) -> datetime | None:
    """A time that a provider reports; None for one that has nothing to do with what was asked."""
    if moment is None or abs(moment - retrieval.window.start) > _CLOSEST_MEDIA:
        return None
    return moment
