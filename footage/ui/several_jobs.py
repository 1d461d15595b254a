"""A run over several jobs: each is taken as far as it goes, then all that wait are waited for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from footage.errors import (
    AuthenticationError,
    ConnectionSettingError,
    ExitStatus,
    FootageError,
    Interrupted,
    RequestRefused,
    TransientError,
)
from footage.job.job_list import awaited
from footage.job.journal import Journal
from footage.job.run_state import PollSettings
from footage.model import MediaStatus
from footage.system.threads import StopEvent
from footage.ui.environment import command_line, default_logs
from footage.ui.job_run import Ended, SignIn, go_on, log_error, worst
from footage.ui.session import Session

log = logging.getLogger("footage.ui.several_jobs")

# While several jobs wait for their vehicles: seconds from one check of them to the next, at most;
# how much longer each pause is than the one before; how many requests of a job are polled; and the
# longest that a job is left alone which was gone on with, and nothing came of it.
_LONGEST_PAUSE = 60.0
_SLOWER = 1.5
_POLLED_AT_ONCE = 20
_LONGEST_IN_VAIN = 900.0


@dataclass
class _Taken:
    """A job of a run over several, and how it ended when it was gone on with last.

    in_vain:  how often in a row nothing came of going on with it
    again_at: until then it is left alone, by `time.monotonic`
    """

    journal: Journal
    ended: Ended = field(default_factory=lambda: Ended(ExitStatus.STILL_COMING))
    in_vain: int = 0
    again_at: float = 0.0

    @property
    def waits(self) -> bool:
        """Something of it may come by waiting."""
        if self.ended.status is not ExitStatus.STILL_COMING:
            return False
        return self.ended.held_up or any(True for _ in awaited(self.journal.job))

    @property
    def progress(self) -> tuple[int, int, int]:
        """How much of it is requested, has come, and is made."""
        job = self.journal.job
        settled = sum(media.settled for _, media in job.media())
        return sum(bool(one.id) for one in job.retrievals), settled, len(job.outputs)

    def note(self, before: tuple[int, int, int]) -> None:
        """It was gone on with again; `before` is its progress until then."""
        if self.progress != before:
            self.in_vain = 0
            return
        self.in_vain += 1
        pause = min(_LONGEST_PAUSE * 2 ** (self.in_vain - 1), _LONGEST_IN_VAIN)
        self.again_at = time.monotonic() + pause


class SeveralJobs:
    """A run over several unfinished jobs, whose journals are open.

    after_each: called with a job that was worked at, and how that ended
    """

    def __init__(
        self,
        session: Session,
        journals: Sequence[Journal],
        sign_in: SignIn,
        after_each: Callable[[Journal, Ended], None] = lambda journal, ended: None,
    ) -> None:
        self._session = session
        self._jobs = [_Taken(journal) for journal in journals]
        self._sign_in = sign_in
        self._after_each = after_each
        options = session.options
        self._once = PollSettings(options.poll_seconds, options.max_wait_seconds, once=True)
        self._until = time.monotonic() + options.max_wait_seconds

    def run(self, *, requests_first: bool = False) -> ExitStatus:
        """Go on with each, in the order given, then wait for those that are still to come.

        requests_first: the requests of all are sent before anything else is done with any
        """
        try:
            if requests_first:
                self.send_requests()
            self._go_on_with_each()
            self._wait_for_the_rest()
        except (KeyboardInterrupt, Interrupted) as stopped:
            resume = ["--resume"]
            if self._session.options.logs != default_logs():
                resume += ["--logs", str(self._session.options.logs)]
            raise Interrupted(
                f"\nStopped. Go on with all of these jobs at any time with: {command_line(*resume)}"
            ) from stopped
        return worst(one.ended.status for one in self._jobs)

    def send_requests(self) -> None:
        """Send what is to be requested, of each job, and do nothing else."""
        for one in self._jobs:
            if any(retrieval.state.unsent for retrieval in one.journal.job.retrievals):
                self._take(one, replace(self._once, requests_only=True))

    def _go_on_with_each(self) -> None:
        for one in self._jobs:
            self._take(one, self._once)

    def _wait_for_the_rest(self) -> None:
        pause, rounds = self._session.options.poll_seconds, 0
        while waiting := [one for one in self._jobs if one.waits]:
            left = self._until - time.monotonic()
            if left <= 0:
                break
            if len(waiting) == 1:
                self._take(waiting[0], replace(self._once, max_wait=left, once=False))
                break
            if rounds == 0:
                self._session.terminal.say(
                    f"{len(waiting)} jobs wait for their vehicles; this run goes on with each as "
                    "soon as something of it has come."
                )
            shortest = max(self._sign_in(one.journal.job).min_poll_interval for one in waiting)
            self._session.stop.pause(min(left, max(pause, shortest)))
            for one in waiting:
                if time.monotonic() >= one.again_at and self._has_news(one, rounds):
                    before = one.progress
                    self._take(one, self._once)
                    one.note(before)
            pause, rounds = min(pause * _SLOWER, _LONGEST_PAUSE), rounds + 1

    def _take(self, one: _Taken, settings: PollSettings) -> None:
        """Go on with one job. What stops it stops none of the others, but for the person."""
        session = replace(self._session, stop=StopEvent(self._session.stop))
        try:
            one.ended = go_on(session, one.journal, self._sign_in, settings)
        except Interrupted:
            raise
        except FootageError as error:
            log_error("Stopped", error)
            self._session.terminal.warn(str(error))
            one.ended = Ended(error.exit_status)
        self._after_each(one.journal, one.ended)
        self._session.terminal.say()
        if one.ended.status is ExitStatus.INTERRUPTED:
            raise Interrupted

    def _tell_once(self, text: str) -> None:
        if text not in self._session.told:
            self._session.told.add(text)
            self._session.terminal.warn(text)

    def _has_news(self, one: _Taken, rounds: int) -> bool:
        """Whether it is worth going on with a job: the provider has more of its footage than its
        journal knows of, or did not answer the last time. Not all of a long job is polled at once.
        """
        if one.ended.held_up:
            return True
        job = one.journal.job
        provider, requests = self._sign_in(job), list(awaited(job))
        first = rounds * _POLLED_AT_ONCE % len(requests)
        for retrieval in islice(requests, first, first + _POLLED_AT_ONCE):
            try:
                answers = provider.check(job.vehicle, retrieval)
            except RequestRefused as refusal:
                log.warning("%s could not be polled: %s", retrieval.id, refusal)
                continue
            except TransientError as trouble:  # the next ones would fare no better
                self._tell_once(f"{trouble} Trying again by itself.")
                return False
            except (AuthenticationError, ConnectionSettingError) as final:
                log.warning("%s could not be polled: %s", retrieval.id, final)
                return True  # and the job is stopped with the reason
            pending = {media.camera for media in retrieval.media if not media.settled}
            if any(
                answer.camera in pending and answer.status is not MediaStatus.PENDING
                for answer in answers
            ):
                return True
        return False
