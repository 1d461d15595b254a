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
from footage.job.poll_schedule import PollSchedule
from footage.job.retrieval_run import MediaRun, RetrievalRun
from footage.model import Camera, Job, Media, MediaStatus, Retrieval, RetrievalState
from footage.system.threads import Changes, StopEvent

log = logging.getLogger("footage.job.run_state")

_LONGEST_PAUSE = 60.0  # seconds between two polls of one retrieval, at most
_SLOWER = 1.5  # each pause is so much longer than the one before
_LOOK_AGAIN = 1.0  # seconds, once the longest wait is over
# So many calls in a row that the provider did not answer, where nothing is waited for, and the job
# is left for later: each may take ten seconds to fail, and other jobs come after it.
HELD_UP_AFTER = 3


@dataclass
class PollSettings:
    """How long and how often to poll: seconds between polls at first, seconds in all.

    once: wait for nothing: what a first poll does not bring is left for later
    requests_only: the requests are sent, and all else is left for later
    """

    poll_seconds: float = 5.0
    max_wait: float = 24 * 3600.0
    once: bool = False
    requests_only: bool = False


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
    held_up: the provider did not answer, and where nothing is waited for the job is left for later
    checking: it is not known yet whether all clips are as the journal says
    """

    def __init__(self, context: JobContext, settings: PollSettings) -> None:
        self.context = context
        self.first_pause = max(settings.poll_seconds, context.provider.min_poll_interval)
        self.deadline = context.clock() + settings.max_wait
        self._once = settings.once
        self._requests_only = settings.requests_only
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
        self.held_up = False
        self.checking = False
        self._unanswered = 0  # calls in a row

    # --- what the provider answers ----------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Whether to try again after a while what did not work at once."""
        return not self._once

    def on_answer(self) -> None:
        """The provider has answered a call, whatever it said."""
        self.trouble, self._unanswered = "", 0

    def on_trouble(self, trouble: str) -> None:
        """The provider did not answer a call, or could not serve it."""
        self.trouble = trouble
        self._unanswered += 1
        if self._once and self._unanswered >= HELD_UP_AFTER:
            self.leave_for_later()

    def leave_for_later(self) -> None:
        """The provider does not answer, and this run is not to wait for it."""
        if not self.held_up:
            log.warning("Left for later: %s", self.trouble)
            self.held_up = True
            self.context.changes.notify()

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
        if self.held_up:
            return not run.fetching
        if self._requests_only and not run.retrieval.state.unsent:
            return True
        if run.retrieval.state is RetrievalState.PLANNED and (
            self.out_of_quota or self.cost.declined
        ):
            return True
        if self._once and run.polled and not run.fetching:
            media = run.retrieval.media
            return all(one.settled or one.url is None for one in media)
        if self.context.clock() < self.deadline:
            return False
        self.wait_expired = True
        return not run.fetching

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
            run.polled = False
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
            while self._to_request and not self.out_of_quota and not self.cost.declined:
                run = self._to_request.popleft()
                if not run.replaced:
                    return run
        return None

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

    def polled(self, run: RetrievalRun) -> None:
        """A poll of it is over; where nothing is waited for, that may be all of this run."""
        first, run.polled = not run.polled, True
        if first and self._once:
            self.context.changes.notify()

    def poll_later(self, run: RetrievalRun) -> None:
        """Poll it again after a pause that grows with each poll that brought nothing."""
        pause = run.next_pause or self.first_pause
        run.next_pause = min(pause * _SLOWER, max(_LONGEST_PAUSE, self.first_pause))
        self.poll(run, pause)

    def fetch(self, run: RetrievalRun, media: Media) -> None:
        """Fetch this media, whose URL is known, as soon as a thread is free; within `change`."""
        one = run.media_run(media)
        if not one.noted_available:  # not at each new address of the same
            one.noted_available = True
            custody.available(self.context.journal, run.retrieval, media)
        with self._queues:
            self._to_fetch.append(one)
        self.context.changes.notify()

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
