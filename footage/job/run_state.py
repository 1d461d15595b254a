"""What requester, poller and fetcher share: the job's context, and the state of this run."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from footage.cloud.provider import Provider
from footage.job import custody
from footage.job.clock import AnswersOfRun
from footage.job.cost_confirmation import CostConfirmation
from footage.job.journal import Journal
from footage.job.poll_schedule import PollSchedule, next_pause
from footage.job.retrieval_run import MediaRun, RetrievalRun
from footage.model import Camera, Job, Media, MediaStatus, Retrieval, RetrievalState
from footage.system.threads import Changes, StopEvent

log = logging.getLogger("footage.job.run_state")

_LOOK_AGAIN = 1.0  # seconds, once the longest wait is over


@dataclass
class PollSettings:
    """How long and how often to poll: seconds between polls at first, seconds in all.

    beside_others: other jobs share the threads, so what fails is put off and waited for by nobody
    rounds: this program goes on with the job again after the longest wait
    """

    poll_seconds: float = 5.0
    max_wait: float = 24 * 3600.0
    beside_others: bool = False
    rounds: bool = False


@dataclass(frozen=True)
class JobContext:
    """The job, where its footage comes from and goes to, and how its threads wait.

    folder:  where clips go, named by `name_of` camera and time; `work` holds unfinished ones
    clock:   seconds, from any start
    changes: notified of each change of the job, so that threads need not look again and again
    answers: those of the provider, which are counted in the job with each of its changes

    It is made in one place, and read field by field by the three that share it; fewer fields would
    only be the same ones in two objects.
    """

    journal: Journal
    provider: Provider
    folder: Path
    work: Path
    name_of: Callable[[Camera, datetime], str]
    stop: StopEvent
    changes: Changes
    answers: AnswersOfRun
    clock: Callable[[], float] = field(default=time.monotonic)

    @contextmanager
    def change(self, *touched: Retrieval) -> Iterator[Job]:
        """Change the job: it is saved when the block ends, and who waits for a change is woken.

        touched: see `Journal.change`
        """
        with self.journal.change(*touched) as job:
            self.answers.bring_into(job)
            yield job
        self.changes.notify()


class RunState:
    """The retrievals of the run, and the three queues between the threads that work at them.

    out_of_quota: the provider's words, once the month's quota is used up
    wait_expired: the longest wait is over and something is still pending
    requested_after_all: requests for what was thought to be there without paying
    trouble: what keeps the requesting or polling from going on at the moment, "" for nothing
    beside_others: see `PollSettings`
    checking: it is not known yet whether all clips are as the journal says
    """

    def __init__(self, context: JobContext, settings: PollSettings) -> None:
        self.context = context
        self.first_pause = max(settings.poll_seconds, context.provider.min_poll_interval)
        self._max_wait = settings.max_wait
        self.deadline = context.clock() + settings.max_wait
        self.beside_others = settings.beside_others
        self.runs: list[RetrievalRun] = []
        self.polls = PollSchedule(context.provider.min_poll_interval, context.clock)
        self.cost = CostConfirmation(context.changes)
        self._to_request: deque[RetrievalRun] = deque()
        self._to_fetch: deque[MediaRun] = deque()
        self._queues = threading.Lock()
        self._over_so_far = 0
        self.out_of_quota = ""
        self.wait_expired = False
        self.requested_after_all = 0
        self.trouble = ""
        self.checking = False
        self.send_again_at: float | None = None  # by the clock; None: nothing is put off

    # --- what the provider answers ----------------------------------------------------------------

    def on_answer(self) -> None:
        """The provider has answered a call, whatever it said."""
        self.trouble = ""

    def on_trouble(self, trouble: str) -> None:
        """The provider did not answer a call, or could not serve it."""
        self.trouble = trouble

    # --- what is over -----------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Nothing more will come in this run."""
        if self.checking:
            return False
        with self.context.journal.locked():
            # What is over stays over, so a long job is not gone through from its start each time.
            while self._over_so_far < len(self.runs):
                if not self.over(self.runs[self._over_so_far]):
                    return False
                self._over_so_far += 1
            return True

    def over(self, run: RetrievalRun) -> bool:
        """Nothing more will come of this retrieval in this run."""
        if run.replaced or run.skipped or run.retrieval.settled:
            return True
        if run.retrieval.state is RetrievalState.PLANNED and (
            self.out_of_quota or self.cost.declined
        ):
            return True
        if self.context.clock() < self.deadline:
            return False
        self.wait_expired = True
        return not run.fetching

    def begin_waiting(self) -> None:
        """The longest wait is counted from now on."""
        self.deadline = self.context.clock() + self._max_wait

    def wait(self, seen: int, until: float | None = None) -> None:
        """Wait for the next change after `seen`, but not longer than until this time (None: any),
        nor than the longest wait of the run lasts.

        Raises Interrupted as soon as the run is stopped.
        """
        now = self.context.clock()
        # It may have passed since the caller looked whether the run is done; then nobody would wake
        # it. Later only a download that is under way is waited for.
        latest = self.deadline if now < self.deadline else now + _LOOK_AGAIN
        until = latest if until is None else min(until, latest)
        self.context.changes.wait(seen, max(0.0, until - now))

    # --- the queues -------------------------------------------------------------------------------

    def add(self, retrievals: Iterable[Retrieval]) -> list[RetrievalRun]:
        """The records of new retrievals of the job; within the `change` that adds them to it."""
        added = [RetrievalRun(retrieval) for retrieval in retrievals]
        self.runs += added
        return added

    def enqueue(self, retrieval: Retrieval) -> None:
        """Add a retrieval, and give it to whoever has to go on with it; within `change`."""
        (run,) = self.add([retrieval])
        for media in retrieval.media:
            if media.clip is None and media.status is MediaStatus.AVAILABLE:
                if media.url is not None:  # seen a moment ago, while the job was planned
                    self.fetch(run, media)
                else:
                    media.status = MediaStatus.PENDING
        if retrieval.settled or all(media.settled or media.url for media in retrieval.media):
            return
        if retrieval.state in (RetrievalState.ACCEPTED, RetrievalState.FOUND):
            self.poll(run, 0.0)
            return
        if retrieval.state is RetrievalState.REQUESTING:
            # The run before ended between sending and answer: the only kind that is in doubt.
            custody.cut_off(self.context.journal, retrieval)
            retrieval.state = RetrievalState.PLANNED
            retrieval.possible_duplicates += 1
        self.request([run])

    def take_up_again(self, retrieval: Retrieval) -> None:
        """A clip of it turned out to be lost, so it is polled like one that never came."""
        with self.context.journal.locked():
            run = next(run for run in self.runs if run.retrieval is retrieval)
            self._over_so_far = 0
        self.poll(run, 0.0)
        self.context.changes.notify()

    def request(self, runs: Sequence[RetrievalRun]) -> None:
        """Request these, after what is to be requested already."""
        with self._queues:
            self._to_request.extend(runs)
        self.context.changes.notify()

    def next_to_request(self) -> RetrievalRun | None:
        """Take the next that is to be requested, if any may be."""
        with self._queues:
            if self.send_again_at is not None and self.context.clock() < self.send_again_at:
                return None
            self.send_again_at = None
            while self._to_request and not self.out_of_quota and not self.cost.declined:
                run = self._to_request.popleft()
                if not run.replaced:
                    return run
        return None

    def put_off(self, run: RetrievalRun, pause: float, why: str) -> None:
        """Send this request, and those after it, `pause` seconds from now at the earliest."""
        log.warning("Put off for %.0f s: %s", pause, why)
        with self._queues:
            self._to_request.appendleft(run)
            self.send_again_at = self.context.clock() + pause
        self.context.changes.notify()

    def take_all_to_request(self) -> list[RetrievalRun]:
        """Empty the queue of what is to be requested."""
        with self._queues:
            taken = [run for run in self._to_request if not run.replaced]
            self._to_request.clear()
        return taken

    def poll(self, run: RetrievalRun, pause: float) -> None:
        """Poll it `pause` seconds from now."""
        if self.polls.put(run, pause):
            self.context.changes.notify()

    def poll_later(self, run: RetrievalRun) -> None:
        """Poll it again after a pause that grows with each poll that brought nothing; but once more
        before the longest wait is over.
        """
        pause = run.next_pause or self.first_pause
        run.next_pause = next_pause(pause, self.first_pause)
        last_pause = self.deadline - self.context.clock() - self.first_pause
        self.poll(run, last_pause if self.first_pause <= last_pause < pause else pause)

    def fetch(self, run: RetrievalRun, media: Media) -> None:
        """Fetch this media, whose URL is known, as soon as a thread is free; within `change`."""
        one = run.media_run(media)
        if not one.noted_available:  # not at each new address of the same
            one.noted_available = True
            custody.available(self.context.journal, run.retrieval, media)
        with self._queues:
            self._to_fetch.append(one)
        self.context.changes.notify()

    @property
    def has_to_request(self) -> bool:
        """Something may be requested now."""
        again = self.send_again_at
        later = self.cost.pending or (again is not None and self.context.clock() < again)
        return bool(self._to_request) and not later

    @property
    def has_to_fetch(self) -> bool:
        """Something waits for a thread that fetches it."""
        return bool(self._to_fetch)

    def next_to_fetch(self, may_be: Callable[[MediaRun], bool]) -> MediaRun | None:
        """Take the first that is to be fetched and of which `may_be` is true, if any."""
        with self._queues:
            chosen = next((one for one in self._to_fetch if may_be(one)), None)
            if chosen is not None:
                self._to_fetch.remove(chosen)
        return chosen

    def skip(self, run: RetrievalRun, reason: str) -> None:
        """Leave a retrieval alone for this run; another one may fare better."""
        log.warning("%s: %s", run.retrieval.window.start.isoformat(), reason)
        run.skipped = reason
        self.context.changes.notify()
