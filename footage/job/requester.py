"""Requests footage, one window after the other, and deals with every answer but the footage.

The journal says "requesting" before a request is sent and has its id right after, so a run that
dies in between leaves one retrieval in doubt at most.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto

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
from footage.job import custody
from footage.job.budget import still_to_pay
from footage.job.cost_confirmation import QuotaReport
from footage.job.last_look import LOOK_AGAIN, Found, LastLook
from footage.job.other_jobs import OtherJobs
from footage.job.planning import cut_smaller, from_cloud, not_longer, put_in_place
from footage.job.retrieval_run import RetrievalRun
from footage.job.run_state import RunState
from footage.model import (
    UTC,
    Accepted,
    Camera,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Window,
)
from footage.system.intervals import out_to_seconds, overlap

log = logging.getLogger("footage.job.requester")

_LONGEST_PAUSE = 60.0  # seconds between two sendings of one request, at most
_REPEATS_IN_DOUBT = 2  # how often a request whose answer never came is sent again
_UNREAD_IN_A_ROW = 2  # so many requests were taken without an id, and no more are sent
_SAME_SHOT = timedelta(minutes=1)  # what is taken live may be so much later than it is called


class _Sent(Enum):
    """What to do after a request was sent."""

    SETTLED = auto()  # nothing: it was accepted, refused, replaced, or is left alone
    NOT_ACCEPTED = auto()  # send it again: it surely was not accepted
    UNKNOWN = auto()  # send it again, a few times at most: it may have been accepted


class Requester:
    """Sends the requests of a run, all from one thread: `work`.

    `request_anew` and `request_once_more` are called from any thread.
    """

    def __init__(self, state: RunState, other_jobs: OtherJobs) -> None:
        self._state = state
        self._context = state.context
        self._provider = state.context.provider
        self._other_jobs = other_jobs
        self._last_look = LastLook(state, other_jobs)
        self._unknown_ids: set[str] = set()  # of other jobs, that the provider does not know
        self._without_id = 0  # requests in a row that were taken, and whose answer had no id

    def work(self) -> None:
        """Request one after the other until the run is done."""
        while True:
            seen = self._context.changes.count
            if self._state.done:
                return
            if not self.step():
                self._state.wait(seen)

    def step(self) -> bool:
        """Send the next request, if any may be sent now; False where there is none."""
        run = None if self._state.cost.pending else self._state.next_to_request()
        if run is not None:
            self._request(run)
        return run is not None

    # --- one request ------------------------------------------------------------------------------

    def _request(self, run: RetrievalRun) -> None:
        """Send one request until its answer is known, or it is left alone for this run."""
        while self._context.clock() < self._state.deadline:
            if run.retrieval.possible_duplicates and self._take_from_cloud([run]):
                return
            if run.sent_in_vain > _REPEATS_IN_DOUBT:
                self._state.skip(run, f"{self._provider.name} did not answer the request")
                return
            self._provider.wait_for_turn()
            found = self._last_look.before_sending(
                run, self._unknown_ids, self._journal_as_requesting
            )
            if found is Found.FOLLOWED:
                return
            if found is Found.AWAITED:
                pause, why = LOOK_AGAIN, "another run is requesting the same"
            else:
                sent = self._send(run)
                if sent is _Sent.SETTLED:
                    return
                run.sent_in_vain += sent is _Sent.UNKNOWN
                pause, why = run.send_pause or self._state.first_pause, self._state.trouble
                run.send_pause = min(pause * 2, _LONGEST_PAUSE)
            if self._state.beside_others:
                self._state.put_off(run, pause, why)
                return
            left = self._state.deadline - self._context.clock()
            self._context.stop.pause(min(pause, max(0.0, left)))

    def _journal_as_requesting(self, retrieval: Retrieval) -> None:
        live = self._provider.is_live(retrieval.media_type)
        with self._context.change(*([] if live else [retrieval])) as job:
            retrieval.state = RetrievalState.REQUESTING
            retrieval.requested_at = now = datetime.now(UTC)
            if live and abs(now - retrieval.window.start) > _SAME_SHOT:
                # It will show this moment, not the one at which it was first wanted.
                _retake(job, retrieval, now.replace(microsecond=0))
            custody.asked(self._context.journal, retrieval)

    def _send(self, run: RetrievalRun) -> _Sent:
        try:
            accepted = self._provider.request(self._context.journal.job.vehicle, run.retrieval)
        except RequestRefused as refusal:
            self._state.on_answer()
            self._on_refusal(run, refusal)
            return _Sent.SETTLED
        except OutcomeUnknown as doubt:
            return self._on_no_answer(run, doubt)
        except BaseException as error:
            # Surely not accepted: nothing was sent, or the answer was a clear no.
            self._back_to_planned(run.retrieval, error)
            if isinstance(error, QuotaExhausted):
                self._state.on_answer()
                self._state.out_of_quota = error.message
                self._context.changes.notify()
                return _Sent.SETTLED
            if not isinstance(error, TransientError):
                raise
            self._state.on_trouble(str(error))
            return _Sent.NOT_ACCEPTED
        self._on_accepted(run, accepted)
        return _Sent.SETTLED

    def _on_accepted(self, run: RetrievalRun, accepted: Accepted) -> None:
        self._state.on_answer()
        self._without_id = 0
        with self._context.change(run.retrieval) as job:
            run.retrieval.state = RetrievalState.ACCEPTED
            run.retrieval.id = accepted.retrieval_id
            custody.accepted(self._context.journal, run.retrieval, accepted.request_id)
            if accepted.quota is not None:
                job.quota = accepted.quota.text
                if self._state.cost.report is None:
                    self._state.cost.report = QuotaReport(accepted.quota, still_to_pay(job))
        self._state.poll(run, self._state.first_pause)

    def _on_no_answer(self, run: RetrievalRun, doubt: OutcomeUnknown) -> _Sent:
        self._back_to_planned(run.retrieval, doubt, possible_duplicate=True)
        self._state.on_trouble(str(doubt))
        if not 200 <= doubt.status < 300:
            return _Sent.UNKNOWN
        # It was taken, but its answer has no id: another sending would be paid for as well, and
        # tell no more. Once it is not a single answer, the others are not sent either.
        self._state.skip(run, doubt.message)
        self._without_id += 1
        if self._without_id >= _UNREAD_IN_A_ROW:
            for waiting in self._state.take_all_to_request():
                self._state.skip(waiting, doubt.message)
        return _Sent.SETTLED

    def _back_to_planned(
        self, retrieval: Retrieval, error: BaseException, *, possible_duplicate: bool = False
    ) -> None:
        with self._context.change(retrieval):
            custody.not_accepted(self._context.journal, retrieval, error)
            retrieval.state = RetrievalState.PLANNED
            retrieval.possible_duplicates += possible_duplicate

    # --- refusals ---------------------------------------------------------------------------------

    def _on_refusal(self, run: RetrievalRun, refusal: RequestRefused) -> None:
        retrieval = run.retrieval
        if isinstance(refusal, WindowTooLong):
            if 0 < refusal.longest < retrieval.window.seconds:
                self._cut_smaller(run, refusal)
            else:
                self._refuse(retrieval, refusal)
        elif isinstance(refusal, AlreadyRequested):
            self._follow_earlier(run, refusal)
        elif isinstance(refusal, NoSuchCamera) and len(retrieval.cameras) == 1:
            self._refuse(retrieval, refusal, MediaStatus.INVALID)
        else:
            self._refuse(retrieval, refusal)

    def _refuse(
        self,
        retrieval: Retrieval,
        refusal: RequestRefused,
        status: MediaStatus = MediaStatus.REFUSED,
        message: str = "",
    ) -> None:
        """Note a refusal; `message` is what to say of it in place of the provider's own words."""
        message = message or refusal.message
        with self._context.change(retrieval):
            custody.not_accepted(self._context.journal, retrieval, refusal)
            retrieval.state = RetrievalState.REFUSED
            for media in retrieval.media:
                media.status, media.provider_message = status, message

    def _cut_smaller(self, refused: RetrievalRun, refusal: WindowTooLong) -> None:
        """Cut all that is still to be requested into shorter windows, and remember that.

        What is left alone for this run stays as it is. Where the refusal is of this one window, no
        other is cut, and nothing is remembered.
        """
        longest, only = refusal.longest, refused if refusal.only_this else None
        log.warning("Windows are cut into %g s: %s", longest, "all" if only is None else "one")
        pieces: list[RetrievalRun] = []
        with self._context.change() as job:
            custody.not_accepted(self._context.journal, refused.retrieval, refusal)
            if only is None:
                job.longest = longest
            too_long = [
                run
                for run in ([only] if only is not None else self._state.runs)
                if run.retrieval.state.unsent
                and run.retrieval.window.seconds > longest
                and not run.skipped
                and not run.replaced
            ]
            retrievals: list[Retrieval] = []
            for one in job.retrievals:
                run = next((run for run in too_long if run.retrieval is one), None)
                if run is None:
                    retrievals.append(one)
                    continue
                smaller = cut_smaller(one, longest)
                retrievals += smaller
                pieces += self._state.add(smaller)
                run.replaced = True
                too_long.remove(run)  # they are in one order, so the next is found at once
            job.retrievals[:] = retrievals
        pieces += self._state.take_all_to_request()
        # What comes first is requested first.
        self._state.request(sorted(pieces, key=lambda run: run.retrieval.window))
        if pieces:
            self._take_from_cloud(pieces)

    def _follow_earlier(self, run: RetrievalRun, refusal: AlreadyRequested) -> None:
        """The provider has the very same request already: follow that one, where we made it."""
        retrieval, message = run.retrieval, ""
        earlier, cameras = self._other_jobs.known_id(retrieval)
        if not earlier or earlier in self._unknown_ids:
            if retrieval.possible_duplicates:
                message = (
                    f"{refusal.message.rstrip('.')}: an earlier sending, whose answer never came, "
                    "was accepted; ask for it again with another start or length"
                )
            self._refuse(retrieval, refusal, message=message)
            return
        log.info("%s: following an earlier job's request", retrieval.window.start.isoformat())
        rest = [camera for camera in retrieval.cameras if camera not in cameras]
        with self._context.change() as job:
            custody.not_accepted(self._context.journal, retrieval, refusal)
            retrieval.state = RetrievalState.ACCEPTED
            retrieval.id = earlier
            retrieval.from_other_job = True
            anew: list[Retrieval] = []
            if rest:  # that request was not for these
                retrieval.media[:] = [one for one in retrieval.media if one.camera in cameras]
                anew = [Retrieval(retrieval.window, list(map(Media, rest)), retrieval.media_type)]
                job.retrievals += anew
            added = self._state.add(anew)
        self._state.request(added)
        self._state.poll(run, 0.0)

    # --- what is in the cloud already -------------------------------------------------------------

    def _take_from_cloud(self, runs: Sequence[RetrievalRun]) -> bool:
        """Take from the cloud what of these is there by now; True where nothing is left to request.

        What a request has brought whose answer never came, or somebody else, is not paid again.
        """
        planned = [run.retrieval for run in runs]
        try:
            match = from_cloud(self._context.journal.job, self._provider, planned)
        except (AuthenticationError, RequestRefused, TransientError) as trouble:
            log.warning("What is in the cloud could not be looked up: %s", trouble)
            return False
        new = [one for one in match.retrievals if not any(one is old for old in planned)]
        gone = [run for run in runs if not any(run.retrieval is one for one in match.retrievals)]
        with self._context.journal.locked() as job:
            if not gone and not match.is_news(job):  # else nothing is written
                return False
            with self._context.change():
                match.teach(job)
                for run in gone:
                    run.replaced = True
                if gone:
                    put_in_place(job, [run.retrieval for run in gone], new)
                for one in new:
                    self._state.enqueue(one)
        return len(gone) == len(planned)

    # --- requests for what turned out to be missing -----------------------------------------------

    def request_anew(self, run: RetrievalRun, reason: str) -> None:
        """What was to be had without paying is not there (any more): request it like the rest.

        Not for what is here, is being fetched, or will never be; nor for what was here once: that
        is not paid for without asking.
        """
        retrieval = run.retrieval
        with self._context.journal.locked():
            awaited = [media for media in retrieval.media if not media.settled and not media.url]
            lacking = [media for media in awaited if media.lost is None]
            if run.replaced or not awaited:  # another poll was quicker
                return
            if len(lacking) < len(awaited):
                self._state.skip(run, reason)
            if not lacking:
                return
            log.info("%s: %s It is requested anew.", retrieval.window.start.isoformat(), reason)
            self._unknown_ids.add(retrieval.id)
            cameras = list(dict.fromkeys(media.camera for media in lacking))
            with self._context.change() as job:
                anew = self._planned_anew(job, retrieval, cameras)
                retrieval.media[:] = [m for m in retrieval.media if m.settled or m.url or m.lost]
                run.replaced = not retrieval.media
                kept = [] if run.replaced else [retrieval]
                put_in_place(job, [retrieval], [*kept, *anew])
                self._state.requested_after_all += len(anew)
                added = self._state.add(anew)
        self._state.request(added)

    def _planned_anew(
        self, job: Job, retrieval: Retrieval, cameras: Sequence[Camera]
    ) -> list[Retrieval]:
        if retrieval.media_type is MediaType.IMAGE:
            return [Retrieval(retrieval.window, list(map(Media, cameras)), MediaType.IMAGE)]
        inside = overlap(retrieval.window, job.span)
        if inside is None:
            return []
        planned = self._provider.plan(out_to_seconds(inside), cameras, retrieval.media_type)
        return not_longer(planned, job.longest)

    def request_once_more(self, job: Job, retrieval: Retrieval, failed: Sequence[Camera]) -> None:
        """Request for a second time, and only once, what was not uploaded for these cameras; within
        the `change` that notes that it was not.

        Together, as they were: where a request is for several cameras, it is paid once for all.
        """
        log.info(
            "%s: the upload failed; requesting once more",
            ", ".join(camera.label for camera in failed),
        )
        again = Retrieval(
            retrieval.window, list(map(Media, failed)), retrieval.media_type, repeat=True
        )
        job.retrievals.append(again)
        self._state.request(self._state.add([again]))


def _retake(job: Job, retrieval: Retrieval, now: datetime) -> None:
    """A picture is taken at this moment; so is what a failed try before it was to show."""
    taken_before = retrieval.window
    for one in job.retrievals:
        if one.window == taken_before and one.cameras == retrieval.cameras:
            one.window = Window(now, now)
