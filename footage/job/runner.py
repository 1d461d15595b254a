"""From a journalled job to its files: retrieve, side by side, merge.

Each stage takes what the one before left in the job, so it can be run again after a crash, on
another day, or without the network.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from footage.cloud.download import Downloader
from footage.cloud.provider import Provider
from footage.errors import Declined, FootageError, RequestRefused, TransientError
from footage.job import budget, film_tags, further_files, planning
from footage.job.clock import AnswersOfRun, clock_offset, clock_text
from footage.job.cost_confirmation import CostConfirmation
from footage.job.event_clips import EventClips
from footage.job.job_contact import JobContact
from footage.job.job_list import work_folder
from footage.job.journal import Journal
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Order, Outputs, clips_in, fingerprint
from footage.job.progress import MergeProgress, ProgressDisplay
from footage.job.retrieval_notes import retrieval_notes
from footage.job.retriever import Retriever
from footage.job.run_state import JobContext, PollSettings
from footage.job.side_by_side import SideBySide
from footage.job.telemetry_fetch import Track
from footage.job.whole import FileCheck
from footage.media import ffmpeg, merge
from footage.media.shown_names import event_titles
from footage.model import Camera, Job, MediaType
from footage.system import filenames, timezones
from footage.system.text import count_text
from footage.system.threads import Changes, StopEvent, WorkerGroup
from footage.system.whole_files import PART, disk_errors

log = logging.getLogger("footage.job.runner")

Report = Callable[[Outputs], None]

_SHOW_EVERY = 0.25  # seconds from one showing of the progress to the next, while there is some


def _no_report(outputs: Outputs) -> None:
    """Nothing is to be said of the finished files."""


@dataclass
class Pipeline:
    """One run over one job.

    provider: None where nothing has to be asked of it any more
    display:  where the progress is shown
    confirm:  asks the person a question that is answered with yes or no
    check:    of the files that earlier runs have brought; None for a job that begins
    downloader: that of all jobs of the run, which share its connections; None: one for this job
    """

    journal: Journal
    provider: Provider | None
    display: ProgressDisplay
    stop: StopEvent
    poll_settings: PollSettings = field(default_factory=PollSettings)
    confirm: Callable[[str], bool] = lambda question: True
    check: FileCheck | None = None
    downloader: Downloader | None = None

    def __post_init__(self) -> None:
        job = self.journal.job
        self.folder = Path(job.folder)  # where clips and finished files go
        self._tz: tzinfo = timezones.zone(job.timezone)
        self._wait_expired = self.provider is not None  # unless the retrieving ends before
        self._waited = False  # the longest wait is over
        self._clock_told = False
        self._answers = AnswersOfRun(self.provider)
        self.track = Track(self.journal, self.provider)
        self._other_jobs = OtherJobs(self.journal, self.folder)
        self._outputs = Outputs(self.journal, self.folder, self.work, self._other_jobs)
        self.side_by_side = SideBySide(
            self.journal, self._outputs, self.work, self._tz, self.track, self.stop
        )

    @property
    def job(self) -> Job:
        return self.journal.job

    @property
    def failures(self) -> Sequence[str]:
        """Files that could not be made, in words."""
        return self._outputs.failures

    @property
    def work(self) -> Path:
        return work_folder(self.journal.path, self.folder)

    def run(self, report: Report = _no_report) -> list[str]:
        """Take the job as far as it goes in this run; returns notes for the summary."""
        self.prepare()
        notes = [] if self.provider is None else self._retrieve(self.provider)
        return [*notes, *self.make_files(report)]

    def prepare(self) -> None:
        """See that files can be made, before anything is requested."""
        ffmpeg.check()
        with disk_errors(self.folder):
            self.work.mkdir(parents=True, exist_ok=True)
            for left_over in self.work.glob(f"*{PART}"):
                with suppress(OSError):  # a child of a killed run may still hold it
                    left_over.unlink()

    def make_files(self, report: Report = _no_report) -> list[str]:
        """Make the films, and all else, of what is here; returns notes for the summary.

        report: writes what is to be said of the finished files; called when all are made, before
            the job counts as finished, so that a run killed there does it again
        """
        self._outputs.begin()
        notes: list[str] = []
        budget.check_space_to_merge(self.job, self.folder)
        self.track.complete()
        if self.job.media_type is MediaType.IMAGE:
            self._lay_out_stills()
        else:
            notes += self._join_film()  # first: when the last clip comes, it is all but finished
            self._merge_all()
        notes += self._bring_event_clips()
        notes += self._write_telemetry()
        self.keep_answers()
        report(self._outputs)
        finished = self._all_came and not self.failures
        if finished:
            shutil.rmtree(self.work, ignore_errors=True)  # a finished job leaves nothing about
        with self.journal.change() as job:
            job.finished = finished
        self.journal.fold()
        return [*notes, *self._outputs.notes]

    @property
    def _all_came(self) -> bool:
        """All that will come has come; what came once, and is lost, does not come by itself."""
        if self._wait_expired:
            return self.job.settled
        return all(media.settled or media.lost for _, media in self.job.media())

    # --- retrieving, and rendering meanwhile ------------------------------------------------------

    def _retrieve(self, provider: Provider) -> list[str]:
        """Bring all clips that can be had in this run; returns notes for the summary."""
        changes = Changes(self.stop)
        retriever = self.retriever(provider, changes)
        group = WorkerGroup(self.stop, changes)
        contact = JobContact(self.journal, provider)

        def fetch_track() -> None:
            self.track.fetch()
            changes.notify()  # the film may have waited for it

        try:
            retriever.start(group, self.check)
            group.add("track", fetch_track)
            group.add("contact", lambda: contact.work(retriever, changes))
            if self.job.media_type is not MediaType.IMAGE:
                group.add("render", lambda: self.side_by_side.render_meanwhile(retriever, changes))
            self._watch(provider, retriever, group, changes, contact)
        except BaseException:
            self.stop.set()
            group.join(1.0)  # a thread that hangs in the network does not keep the program
            with suppress(FootageError):  # it must not hide what went wrong
                self.keep_answers()
            raise
        return self.retrieved(retriever)

    def retriever(self, provider: Provider, changes: Changes) -> Retriever:
        """What brings the clips; it has not begun yet.

        changes: notified of each change of the job
        """
        self._refresh_plan(provider)
        context = JobContext(
            journal=self.journal,
            provider=provider,
            folder=self.folder,
            work=self.work,
            name_of=self._clip_name,
            stop=self.stop,
            changes=changes,
            answers=self._answers,
        )
        downloader = self.downloader or Downloader(self.stop.pause)
        return Retriever(context, downloader, self.poll_settings, self._other_jobs)

    def retrieved(self, retriever: Retriever) -> list[str]:
        """Nothing more will come in this run; returns notes for the summary."""
        assert self.provider is not None  # noqa: S101 - it is what something came from
        results = retriever.results
        self._wait_expired = self._waited = results.wait_expired
        if not results.put_off:
            JobContact(self.journal, self.provider).ask()  # what is still awaited is told with it
        return retrieval_notes(results, self.provider.name)

    def keep_answers(self) -> None:
        """Count in the job what the provider answered since its last change."""
        if self._answers.has_news:
            with self.journal.change() as job:
                self._answers.bring_into(job)

    def _watch(
        self,
        provider: Provider,
        retriever: Retriever,
        group: WorkerGroup,
        changes: Changes,
        contact: JobContact,
    ) -> None:
        """Show the progress, and ask what has to be asked, until all threads have ended."""
        begun = time.monotonic()
        hinted = False
        shown: object = None
        while group.busy:
            seen = changes.count
            progress = replace(retriever.progress(), contact=contact.contact)
            if progress.asked and progress.uploaded < progress.awaited and not hinted:
                hinted = True
                if hint := provider.waiting_hint(self.job.media_type):
                    self.display.say(hint)
            seconds = time.monotonic() - begun
            film = self.side_by_side.progress
            self._tell_lost()
            self.display.show_retrieving(progress, seconds, film)
            self.tell_clock(provider)
            if retriever.cost.pending:
                self.confirm_cost(retriever.cost)
            before, shown = shown, (replace(progress, next_poll=None), film and film.done)
            if shown == before and progress.asked == progress.requests:
                changes.wait_or_stop(seen, self.display.holds_for(seconds))
            else:
                group.join(_SHOW_EVERY)
        self.tell_clock(provider)
        self._tell_lost()
        film = self.side_by_side.progress
        seconds = time.monotonic() - begun
        self.display.show_retrieving(retriever.progress(), seconds, film, last=True)
        if film is not None:
            self.display.show_rendered(film.length)

    def _tell_lost(self) -> None:
        """Tell what was found to be missing or changed since this was called last."""
        for sentence in self.check.take_sentences() if self.check is not None else []:
            self.display.say(sentence)

    def tell_clock(self, provider: Provider) -> None:
        """Tell and note that the clock of this computer is wrong, once an answer has shown it; of a
        new job that was done before it was planned.
        """
        offset = clock_offset(provider)
        if not offset or self.check is None or self._clock_told:
            return
        self._clock_told = True
        self.display.say_once(clock_text(provider, offset))
        with self.journal.change() as job:
            job.clock_offset = offset

    def confirm_cost(self, cost: CostConfirmation) -> None:
        """Show the quota that the first answer reported, and ask if the job will not fit into it.

        Raises Declined where the person does not want to go on, UsageError where nobody can
        be asked.
        """
        report, provider = cost.report, self.provider
        assert report is not None and provider is not None  # noqa: S101 - else this is not called
        self.display.say(budget.quota_text(provider.name, report.quota))
        warning = budget.quota_warning(report.to_pay, provider, report.quota)
        if warning and not self.confirm(f"{warning} Go on?"):
            cost.decline()
            raise Declined("Nothing more was requested.")
        cost.confirm()

    def _refresh_plan(self, provider: Provider) -> None:
        """Take out of the plan what came into the cloud, or was requested by another of our jobs,
        since the plan was made: it is not paid for again.

        Of a job that this run has planned only the latter: the plan may have waited for the
        person's yes for minutes, but few calls that list the cloud are allowed.
        """
        job = self.job
        if provider.is_live(job.media_type):
            return
        planned = [one for one in job.retrievals if one.state.unsent]
        sent = [one for one in job.retrievals if not one.state.unsent]
        match = planning.CloudMatch(planned)
        if self.check is not None:
            try:
                match = planning.from_cloud(job, provider, planned)
            except (RequestRefused, TransientError) as trouble:
                log.warning("What is in the cloud could not be looked up: %s", trouble)
        elif not job.reuse:
            return
        # All of them: those of a list were read minutes before its last job was planned.
        since = None if job.reuse else job.created
        followed = planning.from_other_jobs(
            job, provider, match.retrievals, self._other_jobs.jobs, job.longest, since
        )
        if followed != planned or match.is_news(job):
            with self.journal.change() as job:
                match.teach(job)
                job.retrievals[:] = sorted([*sent, *followed], key=lambda one: one.window)

    def _clip_name(self, camera: Camera, start: datetime) -> str:
        job = self.job
        if job.media_type is MediaType.IMAGE:
            return filenames.still_name(camera, job.vehicle, start, self._tz)
        return filenames.clip_name(camera, job.vehicle, start, self._tz, job.media_type)

    # --- side by side -----------------------------------------------------------------------------

    def _join_film(self) -> list[str]:
        """The finished film, or why there is none."""
        job = self.job
        film = self.side_by_side.film(closing=True)
        if film is None:
            shown = [job.shown_name(camera) for camera in job.cameras if job.clips(camera)]
            if not shown:
                return []
            return [f"No side-by-side: only one camera ({shown[0]}) has footage."]
        self._outputs.make(self.side_by_side.order(film))
        self.display.show_rendered(film.duration, finished=True)
        return []

    # --- merging ----------------------------------------------------------------------------------

    def _merge_all(self) -> None:
        cameras = [camera for camera in self.job.cameras if self.job.clips(camera)]
        begun = time.monotonic()
        for number, camera in enumerate(cameras):
            self.display.show_merging(MergeProgress(camera, number, len(cameras)))
            self._merge(camera)
        if cameras:
            self.display.show_merged(cameras, time.monotonic() - begun)

    def _merge(self, camera: Camera) -> None:
        job = self.job
        clips = job.clips(camera)
        name = filenames.merged_name(
            camera, job.vehicle, job.start, job.length, self._tz, job.media_type
        )
        seconds = sum(clip.duration for clip in clips)

        def build(target: Path) -> tuple[float, str]:
            tags = film_tags.of_merge(job, camera, self._tz)
            where = (self.folder, target, job.span, self._tz)
            moments = event_titles(job, self._tz)
            return seconds, merge.merge(clips, *where, tags=tags, moments=moments, stop=self.stop)

        made_from = fingerprint(f"{clip.sha256} {clip.start} {clip.factor}" for clip in clips)
        shown = clips_in(job, [camera])

        def process() -> str:
            return (
                f"of {count_text(len(clips), 'clip')} by ffmpeg {ffmpeg.check()}: packets are "
                "copied, but for what is named as encoded anew"
            )

        self._outputs.make(Order("merge", camera.label, name, made_from, build, *shown, process))

    # --- stills, and the vehicle's own data -------------------------------------------------------

    def _lay_out_stills(self) -> None:
        job = self.job
        if any(job.clips(camera) for camera in job.cameras):
            order = further_files.contact_sheet_order(job, self.folder, self._tz, self.stop)
            self._outputs.make(order)

    def _bring_event_clips(self) -> list[str]:
        """Those that are wanted, once nothing else is awaited; returns why there are none."""
        source = self.provider.events if self.provider is not None else None
        waited = self._waited and not self.poll_settings.rounds
        if source is None or not (self.job.settled or waited):
            return []
        clips = EventClips(self.journal, source, self._outputs, self.work, self._tz, self.stop)
        return clips.bring()

    def _write_telemetry(self) -> list[str]:
        """The track and the readings, where there are any; returns why there are none."""
        job, readings = self.job, self.track.inside
        if readings and job.length:
            for order in further_files.telemetry_orders(job, readings, self._tz):
                self._outputs.make(order)
        return [self.track.trouble] if self.track.trouble else []
