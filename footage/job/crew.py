"""Several jobs at once, with the threads of one.

Each thread takes one step of one job (sends a request, polls one, fetches a clip, renders a minute)
and then one of another: that of which such a step was taken longest ago. So the number of threads,
connections and programs is that of a single job, whatever the number of jobs; a job that waits has
none. One thread renders and makes the files, so that two jobs never do it at a time; the others
download meanwhile, so that no address runs out while something else is rendered.

What goes wrong at a job ends the work at that job only.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from footage.errors import FootageError, Interrupted
from footage.job.crew_member import Member, Stage, Step, Told
from footage.job.retriever import DOWNLOAD_THREADS, POLL_THREADS, Retriever
from footage.system.threads import Changes, StopEvent, WorkerGroup, work_of

log = logging.getLogger("footage.job.crew")

# Downloads of one job at a time, where there are others: a host that is slow for one vehicle does
# not take all threads.
_OF_ONE_JOB = DOWNLOAD_THREADS - 1
# Seconds without anything new of a job, and files are made of what is there while the rest is
# awaited: made at once they would all be made anew a moment later.
_PARTLY_AFTER = 60.0


class Crew:
    """The threads of a run over several jobs.

    changes: notified of each change of any of the jobs
    making:  the job whose files are rendered or made at the moment
    """

    def __init__(self, stop: StopEvent, told: Told, members: Iterable[Member]) -> None:
        self._stop = stop
        self._told = told
        self.changes = Changes(stop)
        self._group = WorkerGroup(stop, self.changes)
        self._members = list(members)
        self._lock = threading.Lock()
        self._turn = 0
        self.making: Member | None = None

    @property
    def members(self) -> list[Member]:
        """The jobs that have not ended."""
        with self._lock:
            return list(self._members)

    @property
    def busy(self) -> bool:
        """True while any thread works. Raises what went wrong in one, unless it was of one job."""
        return self._group.busy

    def join(self, seconds: float) -> None:
        """Wait until all threads have ended, at most so many seconds."""
        self._group.join(seconds)

    def send(self, rounds: int) -> None:
        """Start to send all requests, and do nothing else.

        rounds: so often is sent what was not taken
        """
        self._start_senders([one for one in self.members if one.unsent], rounds)

    def start(self) -> None:
        """Start to go on with all of the jobs until each has ended."""
        members = self.members
        for one in members:
            if one.retriever is not None:
                one.retriever.begin_waiting()
            elif one.pipeline.provider is None:
                one.over = True
        self._start_senders(members, None)
        for number in range(POLL_THREADS):
            self._group.add(f"poll-{number + 1}", self._poll)
        for number in range(DOWNLOAD_THREADS):
            self._group.add(f"fetch-{number + 1}", self._fetch)
        self._group.add("track", self._track)
        self._group.add("make", self._make)

    def end(self) -> None:
        """The run is stopped: keep what is known of the jobs that were not brought to their end."""
        self._stop.set()
        self._group.join(1.0)  # a thread that hangs in the network does not keep the program
        for one in self.members:
            with suppress(FootageError):
                one.pipeline.keep_answers()

    def fail(self, one: Member, error: Exception) -> None:
        """Do not go on with a job in this run."""
        with self._lock:
            if one.stage is Stage.ENDED:
                return
            one.stage = Stage.ENDED
        one.pipeline.stop.set()
        with suppress(FootageError):
            one.pipeline.keep_answers()
        self._told.failed(one, error)
        self._dismiss(one)

    # --- a step of one job ------------------------------------------------------------------------

    @contextmanager
    def _at(self, one: Member) -> Iterator[None]:
        """Work at a job that was entered: what goes wrong is told, and ends the job alone."""
        token = work_of.set(one.name)
        try:
            yield
        except Interrupted:
            if self._stop.is_set():
                raise
            # else the job was ended by another thread
        except Exception as error:  # noqa: BLE001 - a fault at one job is none of the others
            self.fail(one, error)
        finally:
            work_of.reset(token)
            with self._lock:
                one.active -= 1

    def _enter(self, one: Member) -> bool:
        """Count this thread among those that work at a job; False where nobody may."""
        with self._lock:
            if one.stage is not Stage.GOING or one.over:
                return False
            one.active += 1
            return True

    def _take_turn(
        self, step: Step, wanted: Callable[[Member], bool], act: Callable[[Member], bool]
    ) -> bool:
        """Take a step of the job of which it was taken longest ago; False where none is wanted."""
        candidates = [one for one in self.members if one.retriever is not None and wanted(one)]
        for one in sorted(candidates, key=lambda one: one.turns.get(step, 0)):
            if not self._enter(one):
                continue
            acted = False
            with self._at(one):
                acted = not self._is_over(one) and act(one)
            if acted:
                self._turn += 1
                one.turns[step] = self._turn
            if acted or one.over:  # who waits until nobody works at the job has to look again
                self.changes.notify()
            if acted:
                return True
        return False

    def _is_over(self, one: Member) -> bool:
        """Whether nothing more will come of a job; from then on nobody else takes a step of it."""
        if not one.over and one.retriever is not None and one.retriever.done:
            one.over = True
        return one.over

    def _dismiss(self, one: Member) -> None:
        """What is known of a job that has ended needs no more memory."""
        with self._lock:
            if one in self._members:
                self._members.remove(one)
        self.changes.notify()

    # --- requests ---------------------------------------------------------------------------------

    def _start_senders(self, members: list[Member], rounds: int | None) -> None:
        """A thread for each provider, as one that does not answer holds up its own jobs only."""
        providers = {id(one.pipeline.provider): one.pipeline.provider for one in members}
        for provider in providers.values():
            if provider is not None:
                of_it = [one for one in members if one.pipeline.provider is provider]
                self._group.add("requests", partial(self._send, of_it, rounds))

    def _send(self, members: list[Member], rounds: int | None) -> None:
        """Send the requests of the jobs of one provider, the soonest overwritten first.

        members: is emptied
        rounds: so often each job sends what was not taken; None: as long as there is a job
        """
        first = sorted(members, key=lambda one: (not one.unsent, one.pipeline.job.start))
        tries = dict.fromkeys(first, 0)
        first.clear()  # nothing here keeps a job that has ended: what is known of it needs memory
        members.clear()
        while True:
            seen = self.changes.count
            for one in list(tries):
                if rounds is None or tries[one] < rounds:
                    acted = self._send_all_of(one)
                    tries[one] += acted and not _awaits_a_yes(one)
            del one
            tries = {one: tried for one, tried in tries.items() if one.stage is not Stage.ENDED}
            if not tries:
                return
            again = [
                one.retriever.send_again_at
                for one in tries
                if one.retriever is not None and (rounds is None or tries[one] < rounds)
            ]
            times = [at for at in again if at is not None]
            if rounds is not None and not times and not any(map(_awaits_a_yes, tries)):
                return
            self._wait(seen, times)

    def _send_all_of(self, one: Member) -> bool:
        """Begin with a job where that is not done, and send what of it may be sent now; False where
        that is nothing.
        """
        acted = False
        if one.retriever is None and self._enter(one):
            with self._at(one):
                acted = self._begin(one)
        while one.retriever is not None and one.retriever.has_to_send and self._enter(one):
            sent = False
            with self._at(one):
                sent = one.retriever.send_next()
            if not sent:
                break
            acted = True
        if acted and one.stage is not Stage.ENDED:
            self._told.sent(one)
            self.changes.notify()
        return acted

    def _begin(self, one: Member) -> bool:
        pipeline = one.pipeline
        assert pipeline.provider is not None  # noqa: S101 - else there is no thread for it
        pipeline.prepare()
        retriever = pipeline.retriever(pipeline.provider, Changes(pipeline.stop, also=self.changes))
        if one.agreed:
            retriever.cost.confirm()
        retriever.enqueue()
        one.retriever = retriever
        pipeline.tell_clock(pipeline.provider)
        return True

    # --- polls and downloads ----------------------------------------------------------------------

    def _poll(self) -> None:
        while (seen := self._look()) is not None:
            now = time.monotonic()

            def due(one: Member, now: float = now) -> bool:
                at = _retriever(one).poll_at
                return at is not None and at <= now

            if not self._take_turn(Step.POLL, due, lambda one: _retriever(one).poll_next()):
                begun = [one.retriever for one in self.members if one.retriever is not None]
                times = [one.poll_at for one in begun]
                self._wait(seen, [at for at in times if at is not None and at > now])

    def _fetch(self) -> None:
        def has_any(one: Member) -> bool:
            retriever = _retriever(one)
            return retriever.has_to_fetch and (
                retriever.fetching < _OF_ONE_JOB or len(self._members) == 1
            )

        while (seen := self._look()) is not None:
            if not self._take_turn(Step.FETCH, has_any, lambda one: _retriever(one).fetch_next()):
                self._wait(seen)

    def _track(self) -> None:
        """Speed and place of a vehicle are asked for once a clip is here."""

        def lacks(one: Member) -> bool:
            return not one.tracked and bool(_retriever(one).progress().fetched)

        def bring(one: Member) -> bool:
            one.tracked = True
            one.pipeline.track.fetch()
            return True

        while (seen := self._look()) is not None:
            if not self._take_turn(Step.TRACK, lacks, bring):
                self._wait(seen)

    def _look(self) -> int | None:
        """The number of changes, before a thread looks for something to do; None once no job is
        left: asked after the counting, so that the last one's end is not missed.
        """
        seen = self.changes.count
        return seen if self._members else None

    def _wait(self, seen: int, times: Iterable[float] = ()) -> None:
        """Wait for a change after `seen`, but not beyond the first of some times."""
        until = min(times, default=None)
        self.changes.wait(seen, None if until is None else max(0.0, until - time.monotonic()))

    # --- files ------------------------------------------------------------------------------------

    def _make(self) -> None:
        """Make the files of one job after the other, those first of which nothing more will come;
        meanwhile render what is there of the others.
        """
        while (seen := self._look()) is not None:
            now = time.monotonic()
            members = self.members
            for one in members:
                self._note_what_came(one, now)
            ready = next((one for one in members if self._is_over(one) and self._free(one)), None)
            if ready is not None:
                self._make_files(ready, ended=True)
            elif not self._render_a_minute():
                partly = next((one for one in members if _is_partly_here(one, now)), None)
                if partly is not None and self._free(partly):
                    self._make_files(partly, ended=False)
                else:
                    self._wait(seen, self._look_again_at(members, now))

    def _free(self, one: Member) -> bool:
        """Take a job for the making of its files; False where somebody works at it."""
        with self._lock:
            if one.stage is not Stage.GOING or one.active:
                return False
            one.stage = Stage.MAKING
            one.active += 1
            return True

    def _make_files(self, one: Member, *, ended: bool) -> None:
        pipeline, retriever = one.pipeline, one.retriever
        self.making = one
        with self._at(one):
            notes: list[str] = []
            if retriever is None:
                pipeline.prepare()
            elif ended:
                notes += pipeline.retrieved(retriever)
            if pipeline.provider is not None:
                pipeline.tell_clock(pipeline.provider)
            notes += pipeline.make_files(one.report)
            one.made_of = one.came[0]
            self._told.made(one, notes, ended=ended)
            with self._lock:
                one.stage = Stage.ENDED if ended else Stage.GOING
            if ended:
                self._dismiss(one)
        self.making = None
        self.changes.notify()

    def _render_a_minute(self) -> bool:
        """Of one of the jobs whose footage is still to come in part."""

        now = time.monotonic()

        def has_news(one: Member) -> bool:
            look_at = one.pipeline.side_by_side.look_again_at
            due = one.rendered != _retriever(one).changes if look_at is None else look_at <= now
            return one.film and one.pipeline.track.ready and due

        def render(one: Member) -> bool:
            change, self.making = _retriever(one).changes, one
            rendered = one.pipeline.side_by_side.render_next(closing=False)
            if not rendered:
                one.rendered = change
            return rendered

        rendered = self._take_turn(Step.RENDER, has_news, render)
        self.making = None
        return rendered

    def _note_what_came(self, one: Member, now: float) -> None:
        if one.retriever is not None:
            fetched = one.retriever.progress().fetched
            if fetched != one.came[0]:
                one.came = fetched, now

    def _look_again_at(self, members: list[Member], now: float) -> list[float]:
        """When the longest wait of a job is over, or files are to be made of what is here of it."""
        times = [one.retriever.deadline for one in members if one.retriever is not None]
        times += [one.came[1] + _PARTLY_AFTER for one in members if one.came[0] != one.made_of]
        films = [one.pipeline.side_by_side.look_again_at for one in members]
        times += [at for at in films if at is not None]
        # What is over by now waits for a thread, which will say when it has ended its step.
        return [at for at in times if at > now]


def _awaits_a_yes(one: Member) -> bool:
    """Its requests wait until a person has agreed to what they cost."""
    return one.retriever is not None and one.retriever.cost.pending


def _is_partly_here(one: Member, now: float) -> bool:
    """Some of it is here of which no files are made, and nothing more has come for a while."""
    fetched, since = one.came
    waits = one.retriever is not None and not one.retriever.fetching
    return waits and fetched != one.made_of and now - since >= _PARTLY_AFTER


def _retriever(one: Member) -> Retriever:
    """Of a job that is begun."""
    assert one.retriever is not None  # noqa: S101 - others are not asked for
    return one.retriever
