"""From planned retrievals to clips on disk: one thread requests, some poll, some download.

They are the job's own (`start`), or those of all jobs of a run, which take one step of one job and
then one of another (footage/job/crew.py). All that they learn goes into the journal before anything
follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from footage.cloud.download import Downloader
from footage.job.cost_confirmation import CostConfirmation
from footage.job.counts import JobCounts
from footage.job.fetcher import Fetcher
from footage.job.other_jobs import OtherJobs
from footage.job.poller import Poller
from footage.job.progress import Progress
from footage.job.requester import Requester
from footage.job.run_state import JobContext, PollSettings, RunState
from footage.job.whole import FileCheck
from footage.system.threads import WorkerGroup

POLL_THREADS = 4  # so that slow answers do not keep the polls below the provider's limit
DOWNLOAD_THREADS = 3  # downloads at a time


@dataclass(frozen=True)
class RetrievalResults:
    """What the summary says of a run, beside what stands in the job.

    skipped:      why retrievals were left alone for this run, a reason for each
    wait_expired: the longest wait is over and something is still pending
    requested_after_all: requests for what was thought to be there without paying
    out_of_quota: the provider's words, once the month's quota is used up
    put_off: the provider did not take a request, which was to be sent again later
    """

    skipped: tuple[str, ...]
    wait_expired: bool
    requested_after_all: int
    out_of_quota: str
    put_off: bool


class Retriever:
    """Brings the retrievals of a job as far as they can come in this run.

    cost: has to be confirmed by the caller once it holds a report; see `CostConfirmation`
    """

    def __init__(
        self,
        context: JobContext,
        downloader: Downloader,
        poll_settings: PollSettings,
        other_jobs: OtherJobs,
    ) -> None:
        self._context = context
        self._state = RunState(context, poll_settings)
        self._requester = Requester(self._state, other_jobs)
        self._poller = Poller(self._state, self._requester)
        self._fetcher = Fetcher(self._state, self._requester, downloader, other_jobs)
        self._counts = JobCounts(context.journal)
        self._check: FileCheck | None = None

    def start(self, group: WorkerGroup, check: FileCheck | None = None) -> None:
        """Go on with every retrieval where it stands, and start the threads.

        check: of the files that are here already, of which the hashes are still to be compared
        """
        self._check = check
        self._state.checking = check is not None
        self.enqueue()
        group.add("requests", self._requester.work)
        for number in range(POLL_THREADS):
            group.add(f"poll-{number + 1}", self._poller.work)
        for number in range(DOWNLOAD_THREADS):
            group.add(f"fetch-{number + 1}", self._fetcher.work)
        if check is not None:
            group.add("check", lambda: self._hash_rest(check))

    def _hash_rest(self, check: FileCheck) -> None:
        """Compare what is here with its hashes; what turns out to be lost is fetched again."""
        for lacking in check.hash_rest():
            for retrieval in lacking:
                self._state.take_up_again(retrieval)
        self._state.checking = False
        self._context.changes.notify()

    @property
    def checked(self) -> bool:
        """All clips that are here are as the journal says, so they may be used."""
        return not self._state.checking

    def enqueue(self) -> None:
        """Go on with every retrieval where it stands."""
        with self._context.change() as job:
            for retrieval in job.retrievals:
                self._state.enqueue(retrieval)

    # --- one step, for threads that work at several jobs ------------------------------------------

    def send_next(self) -> bool:
        """Send the next request; False where none may be sent now."""
        return self._requester.step()

    def poll_next(self) -> bool:
        """Poll the request that is due; False where none is."""
        return self._poller.step()

    def fetch_next(self) -> bool:
        """Fetch the next clip; False where none can be fetched now."""
        return self._fetcher.step()

    @property
    def has_to_send(self) -> bool:
        return self._state.has_to_request

    @property
    def has_to_fetch(self) -> bool:
        return self._state.has_to_fetch

    @property
    def fetching(self) -> int:
        """Downloads under way."""
        return len(self._fetcher.under_way)

    @property
    def poll_at(self) -> float | None:
        """When the next poll is due, by `time.monotonic`; None where none is to come."""
        return self._state.polls.next_at

    @property
    def send_again_at(self) -> float | None:
        """Until then nothing is sent, as a request was not taken; None: nothing is put off."""
        return self._state.send_again_at

    @property
    def deadline(self) -> float:
        """The end of the longest wait, by `time.monotonic`."""
        return self._state.deadline

    @property
    def changes(self) -> int:
        """Counts the changes of the job."""
        return self._context.changes.count

    def begin_waiting(self) -> None:
        """The longest wait is counted from now on."""
        self._state.begin_waiting()

    # --- how far it is ----------------------------------------------------------------------------

    @property
    def cost(self) -> CostConfirmation:
        return self._state.cost

    @property
    def done(self) -> bool:
        """Nothing more will come in this run."""
        return self._state.done

    def wait(self, seen: int, until: float | None = None) -> None:
        """Wait until the job's changes are no longer `seen`, or the longest wait is over, but not
        longer than until this time (None: any).

        Raises Interrupted as soon as the run is stopped.
        """
        self._state.wait(seen, until)

    @property
    def results(self) -> RetrievalResults:
        """What came of it, once it is done."""
        skipped = tuple(run.skipped for run in self._state.runs if run.skipped)
        return RetrievalResults(
            skipped=skipped,
            wait_expired=self._state.wait_expired,
            requested_after_all=self._state.requested_after_all,
            out_of_quota=self._state.out_of_quota,
            put_off=self._state.send_again_at is not None,
        )

    def progress(self) -> Progress:
        """How far it has come."""
        counts, next_at = self._counts.counts(), self._state.polls.next_at
        return Progress(
            **vars(counts),
            next_poll=None if next_at is None else max(0.0, next_at - self._context.clock()),
            fetching=self._fetcher.under_way,
            trouble=self._state.trouble or self._fetcher.trouble,
            check=self._check.progress if self._check else None,
        )
