"""The last look at our other jobs before a request is sent: of two runs that want the same footage
at the same moment one requests it, and the other follows.

Each request stands in its journal as "requesting" before it is sent. From this look until that is
on the disk a run holds a lock, which all runs with the same folder of logs share. So of two runs
the second looks after the first has written, and sees what that one is sending.

Only a request that is being sent, or was sent, counts. One that is merely planned keeps nobody
from sending the same: the run that planned it may end before, or wait for a person, and nobody
could know for how long. Where two runs have planned the same, the one that gets there first sends
it.

The answer to another run's request may be a refusal, so it is awaited, and then either its id is
followed or the request is sent here. It is sent here as well where that run has ended without an
answer (its journal is no longer locked), and after some minutes, should that run hang.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum, auto

from filelock import FileLock

from footage.job import planning
from footage.job.locks import take_lock
from footage.job.other_jobs import OtherJobs
from footage.job.retrieval_run import RetrievalRun
from footage.job.run_state import RunState
from footage.model import Job, Retrieval, RetrievalState

log = logging.getLogger("footage.job.last_look")

LOCK = ".requests.lock"  # in the folder of the logs
LOOK_AGAIN = 1.0  # seconds, while another run awaits the answer to the same request
# Seconds for which that is awaited. A call fails after 40 s of silence; the rest is for pauses that
# the provider asks for.
LONGEST_ANSWER = 180.0

# Seconds for which the lock is waited for. It is held for a few milliseconds, so whoever has it for
# longer hangs, and holds up nobody: nothing is requested twice unless both want the same footage.
_LOCK_TIMEOUT = 5.0

_AWAITED = "awaited"  # stands for the id that the answer to a request will tell


class Found(Enum):
    """What the look has found of a request."""

    NOTHING = auto()  # it is noted as being sent, and is to be sent now
    AWAITED = auto()  # another run is sending it: look again later
    FOLLOWED = auto()  # others have requested it, which is followed now


class LastLook:
    """Looks for one job of this run; from one thread at a time."""

    def __init__(self, state: RunState, other_jobs: OtherJobs) -> None:
        self._state = state
        self._context = state.context
        self._provider = state.context.provider
        self._other_jobs = other_jobs
        self._lock_hangs = False

    def before_sending(
        self, run: RetrievalRun, unusable: Collection[str], note: Callable[[Retrieval], None]
    ) -> Found:
        """Look whether a request is to be sent, and note it where it is.

        unusable: ids of requests that brought nothing, and are not followed again
        note:     writes into the journal that the request is being sent
        """
        job = self._context.journal.job
        if not job.reuse or self._provider.is_live(job.media_type):
            note(run.retrieval)
            return Found.NOTHING
        with self._alone():
            instead = self._in_place_of(run, unusable)
            if instead is None:
                note(run.retrieval)
                return Found.NOTHING
        if any(one.id == _AWAITED for one in instead):
            return Found.AWAITED
        self._follow(run, instead)
        return Found.FOLLOWED

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other run is between its look and its note."""
        lock = FileLock(self._context.journal.path.with_name(LOCK))
        taken = take_lock(lock, 0.0 if self._lock_hangs else _LOCK_TIMEOUT)
        if not taken and not self._lock_hangs:
            log.warning("%s has been locked for %g s; going on without it", LOCK, _LOCK_TIMEOUT)
        self._lock_hangs = not taken
        try:
            yield
        finally:
            lock.release()

    def _in_place_of(
        self, run: RetrievalRun, unusable: Collection[str]
    ) -> Sequence[Retrieval] | None:
        """What of other jobs is to be followed; None where the request is to be sent."""
        retrieval = run.retrieval
        others = self._other_jobs.at(retrieval.window)
        if not others:  # as almost always
            return None
        with self._context.journal.locked() as job:
            failed = {
                one.id for one in job.retrievals if any(m.status.ask_again for m in one.media)
            }
            # A request that is longer than the window may be followed by this job already.
            followed = [one for one in job.retrievals if one.from_other_job]
            ids = {one.id for one in job.retrievals if one.id}
            awaits = not self._awaited_for_long(run)
            seen = [_as_seen(other, {*unusable, *failed}, awaits) for other in others]
            plan = planning.from_other_jobs(
                job, self._provider, [*followed, retrieval], seen, job.longest
            )
        instead = [one for one in plan if not any(one is known for known in followed)]
        # A provider of whole minutes may need the same minute also for the part that is left.
        if not any(one.id and one.id not in ids for one in instead) and (
            _to_send(instead) >= _to_send([retrieval])
        ):
            return None
        if any(one.id == _AWAITED for one in instead) and run.awaited_since is None:
            run.awaited_since = self._context.clock()
            log.info("%s: another run is requesting it", retrieval.window.start.isoformat())
        return instead

    def _awaited_for_long(self, run: RetrievalRun) -> bool:
        since = run.awaited_since
        return since is not None and self._context.clock() - since >= LONGEST_ANSWER

    def _follow(self, run: RetrievalRun, instead: Sequence[Retrieval]) -> None:
        """Put what is followed, and what is left to be requested, in place of a request."""
        log.info("%s: other jobs have requested it", run.retrieval.window.start.isoformat())
        with self._context.change() as job:
            run.replaced = True
            planning.put_in_place(job, [run.retrieval], instead)
            for one in instead:
                self._state.enqueue(one)


def _to_send(retrievals: Sequence[Retrieval]) -> float:
    """Seconds of all cameras that are still to be requested."""
    return sum(one.window.seconds * len(one.cameras) for one in retrievals if not one.id)


def _as_seen(other: tuple[Job, bool], unusable: Collection[str], awaits: bool) -> Job:
    """Another job, with what its run is sending at the moment as if that were accepted.

    other: the job, and whether a run works on it
    """
    job, in_use = other
    retrievals: list[Retrieval] = []
    for one in job.retrievals:
        if one.state is RetrievalState.REQUESTING and in_use and awaits:
            retrievals.append(replace(one, state=RetrievalState.ACCEPTED, id=_AWAITED))
        elif one.id not in unusable:
            retrievals.append(one)
    return replace(job, retrievals=retrievals)
