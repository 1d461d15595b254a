"""From a journalled job to its files: collect, side by side, merge.

Each stage takes what the one before left in the job, so it can be run again after a crash, on
another day, or without the network.
"""

from __future__ import annotations

import hashlib
import logging
import math
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath

from footage.cloud.download import Downloader
from footage.cloud.provider import Provider
from footage.errors import FfmpegError, NotAVideo, QuotaExhausted, RequestRefused, TransientError
from footage.job import budget, planning, reuse
from footage.job.fetcher import DownloadProgress, is_whole
from footage.job.journal import Journal, jobs
from footage.job.retriever import PollSettings, Progress, Retriever
from footage.job.telemetry_fetch import Track
from footage.media import contact_sheet, merge
from footage.media.render import Renderer
from footage.media.render_plan import Film, marks, plan
from footage.model import Camera, Job, MediaType, Output, Retrieval, RetrievalState, Window
from footage.system import filenames
from footage.system.text import count_text, length_text, size_text
from footage.system.threads import StopEvent, WorkerGroup
from footage.system.timezones import minute_text
from footage.system.whole_files import PART, digest, disk_errors, publish, publish_new
from footage.telemetry import gpx
from footage.ui.progress import Screen

log = logging.getLogger("footage.job.runner")


@dataclass
class Pipeline:
    """One run over one job.

    provider: None where nothing has to be asked of it any more
    folder:   where clips and finished files go
    confirm:  asks the person a question that is answered with yes or no
    resumed:  an earlier run has worked at the job
    """

    journal: Journal
    provider: Provider | None
    folder: Path
    tz: tzinfo
    poll_settings: PollSettings
    screen: Screen
    stop: StopEvent
    confirm: Callable[[str], bool] = lambda question: True
    resumed: bool = False
    failures: list[str] = field(default_factory=list)  # files that could not be made, in words
    _track: Track = field(init=False)
    _others: Sequence[Job] | None = None
    _film_length: float = 0.0
    _film_done: float = 0.0
    _film_begun: float = 0.0

    def __post_init__(self) -> None:
        self._track = Track(self.journal, self.provider)

    @property
    def job(self) -> Job:
        return self.journal.job

    @property
    def work(self) -> Path:
        """Holds what is unfinished, for this job alone; gone when the job is through."""
        journal = self.journal.path.resolve()
        whose = hashlib.sha256(str(journal).encode()).hexdigest()[:8]
        return self.folder / f".{journal.stem}-{whose}.work"

    def run(self) -> list[str]:
        """Take the job as far as it goes in this run; returns notes for the summary."""
        with disk_errors(self.folder):
            self.work.mkdir(parents=True, exist_ok=True)
            for left_over in self.work.glob(f"*{PART}"):
                with suppress(OSError):  # a child of a killed run may still hold it
                    left_over.unlink()
        notes = [] if self.provider is None else self._collect(self.provider)
        budget.check_space_to_merge(self.job, self.folder)
        self._track.complete()
        if self.job.media_type is MediaType.IMAGE:
            self._lay_out_stills()
        else:
            notes += self._join_film()  # first: when the last clip comes, it is all but finished
            self._merge_all()
        notes += self._write_track()
        if self.job.settled and not self.failures:
            shutil.rmtree(self.work, ignore_errors=True)  # a finished job leaves nothing about
        with self.journal.change() as job:
            job.finished = job.settled and not self.failures
        return notes

    # --- collecting, and rendering meanwhile ------------------------------------------------------

    def _collect(self, provider: Provider) -> list[str]:
        if self.resumed:
            self._refresh_plan_on_resume(provider)
        collection = Retriever(
            self.journal,
            provider,
            Downloader(self.stop.pause),
            self.folder,
            self.work,
            self._clip_name,
            self.poll_settings,
            self.stop,
            known_id=self._known_id,
            in_cloud=lambda planned: self._in_cloud(provider, planned),
            is_ours=self._is_ours,
        )
        renderer = self._renderer()
        crew = WorkerGroup(self.stop)
        collection.start(crew)
        crew.add("track", self._track.fetch)
        if self.job.media_type is not MediaType.IMAGE:
            crew.add("render", lambda: self._render_meanwhile(collection, renderer))
        begun = time.monotonic()
        asked = hinted = False
        try:
            while crew.busy:
                progress = collection.progress()
                if progress.asked and progress.uploaded < progress.awaited and not hinted:
                    hinted = True
                    if hint := provider.waiting_hint(self.job.media_type):
                        self.screen.say(hint)
                self._show(progress, time.monotonic() - begun)
                if collection.quota is not None and not asked:
                    asked = True
                    self._look_at_quota(provider, collection)
                crew.join(0.2)  # less where all is done
        except BaseException:
            self.stop.set()
            crew.join(1.0)  # what is in hand is dropped; then the threads are left to themselves
            raise
        self._show(collection.progress(), time.monotonic() - begun, last=True)
        if self._film_length:
            self.screen.show("Side by side", "rendered", self._film_length, self._film_length)
        notes = []
        if collection.wait_expired:
            notes.append(
                "The longest wait is over; what has not come yet can still come: "
                "continue with --resume."
            )
        if collection.skipped:
            alone = count_text(len(collection.skipped), "request")
            words = "; ".join(sorted(set(collection.skipped.values())))
            notes.append(f"{alone} left alone for now ({words}). Try again with --resume.")
        if collection.paid_after_all:
            made = count_text(collection.paid_after_all, "request")
            notes.append(
                f"{made} had to be made after all: {provider.name} does not have (any more) what "
                "was in its cloud, or asked for, already."
            )
        if collection.out_of_quota:
            notes.append(f"{collection.out_of_quota} Go on then with --resume.")
        return notes

    def _refresh_plan_on_resume(self, provider: Provider) -> None:
        """What has come into the cloud while this job was left alone, or was asked for by another
        job of ours meanwhile, is not paid for again.

        What another job asked for before this one was begun was looked at then.
        """
        if provider.is_live(self.job.media_type):
            return
        unsent = (RetrievalState.PLANNED, RetrievalState.REQUESTING)
        planned = [one for one in self.job.retrievals if one.state in unsent]
        sent = [one for one in self.job.retrievals if one.state not in unsent]
        try:
            match = self._in_cloud(provider, planned)
        except (RequestRefused, TransientError) as trouble:
            log.warning("What is in the cloud could not be looked up: %s", trouble)
            match = planning.CloudMatch(planned, {})
        others = self._other_jobs()
        followed = reuse.from_journals(match.retrievals, self.job, others, self.job.created)
        if followed != planned or match.new_roles(self.job):
            with self.journal.change() as job:
                job.roles.update(match.roles)
                job.retrievals[:] = sorted([*sent, *followed], key=lambda one: one.window)

    def _in_cloud(self, provider: Provider, planned: Sequence[Retrieval]) -> planning.CloudMatch:
        if provider.is_live(self.job.media_type) or not self.job.reuse:
            return planning.CloudMatch(planned, {})
        return planning.from_cloud(self.job, provider, planned)

    def _clip_name(self, camera: Camera, start: datetime) -> str:
        job = self.job
        if job.media_type is MediaType.IMAGE:
            return filenames.still_name(camera, job.vehicle, start, self.tz)
        return filenames.clip_name(camera, job.vehicle, start, self.tz, job.media_type)

    def _known_id(self, retrieval: Retrieval) -> tuple[str, Sequence[Camera]]:
        return reuse.known_id(retrieval, self.job, self._other_jobs())

    def _is_ours(self, path: Path, camera: Camera, window: Window) -> bool:
        """Whether this very file is what one of our jobs has fetched for this camera and window."""
        job = self.job
        for other in [job, *self._other_jobs()]:
            if (other.folder, other.vehicle.id) != (job.folder, job.vehicle.id):
                continue
            for _, media in other.media():
                clip = media.clip
                if clip is None or (media.camera.input, clip.window) != (camera.input, window):
                    continue
                if clip.path.name == path.name and is_whole(self.folder, clip):
                    return True
        return False

    def _other_jobs(self) -> Sequence[Job]:
        """Our other jobs, as they were when this run first looked."""
        if self._others is None:
            folder = self.journal.path.parent
            self._others = [job for path, job in jobs(folder) if path != self.journal.path]
        return self._others

    def _look_at_quota(self, provider: Provider, collection: Retriever) -> None:
        """The first answer told where the quota stands: say so, and ask if the job will not fit.

        Raises QuotaExhausted where the person does not want to go on, UsageError where nobody can
        be asked.
        """
        assert collection.quota is not None  # noqa: S101 - that is when this is called
        self.screen.say(budget.quota_text(provider.name, collection.quota))
        warning = budget.quota_warning(collection.to_pay, provider, collection.quota)
        if warning:
            with self.screen.paused():
                if not self.confirm(f"{warning} Go on?"):
                    raise QuotaExhausted("Nothing more was requested.")
        collection.agree()

    def _render_meanwhile(self, collection: Retriever, renderer: Renderer) -> None:
        """Render each minute of the side-by-side as soon as it is settled."""
        seen: object = None
        while True:
            over = collection.done
            state = self._state()
            if state != seen and self._track.ready:
                film = self._film(closing=over)
                try:
                    while film is not None and renderer.step(film, self._film_progress(film)):
                        self.stop.pause(0)
                except FfmpegError:  # it is tried again when all is here, and told of then
                    log.exception("A minute of the side-by-side could not be rendered")
                    return
                seen = state
            if over and (state == seen or not self._track.ready):
                return
            self.stop.pause(0.2)

    def _state(self) -> object:
        """Changes whenever something has come that may settle a minute."""
        with self.journal.locked() as job:
            return [(media.settled, media.clip is None) for _, media in job.media()]

    def _film(self, closing: bool) -> Film | None:
        with self.journal.locked() as job:
            return plan(job, self.tz, self._track.readings, with_labels=job.labels, closing=closing)

    def _film_progress(self, film: Film) -> Callable[[float], None]:
        """Remembers how much of the film is rendered, for the screen."""
        self._film_length = film.length
        self._film_begun = self._film_begun or time.monotonic()

        def progress(seconds: float) -> None:
            self._film_done = seconds

        return progress

    def _renderer(self) -> Renderer:
        return Renderer(self.folder, self.work, self.stop)

    def _show(self, progress: Progress, seconds: float, *, last: bool = False) -> None:
        """Bring the lines of the screen up to date; `last` is what remains standing."""
        show = self.screen.show
        asked = f"{progress.asked}/{progress.requests}"
        show("Requesting", asked, progress.asked, progress.requests, last)
        if progress.asked and progress.awaited:
            text = f"{progress.uploaded} of {progress.awaited} uploaded"
            if progress.uploaded < progress.awaited:
                if progress.next_poll is not None:
                    text += f", next check in {math.ceil(progress.next_poll) or 1} s"
                text += f", {length_text(seconds)} so far"
            show("Waiting", text, progress.uploaded, progress.awaited, last)
        if progress.fetching or progress.fetched:
            what = "pictures" if self.job.media_type is MediaType.IMAGE else "clips"
            text = f"{progress.fetched} of {progress.awaited} {what}"
            if progress.fetching:
                text += ", " + ", ".join(_fetching(one, self.tz) for one in progress.fetching)
            show("Downloading", text, progress.fetched, progress.awaited, last)
        if self._film_length and not last:
            self._show_film()
        trouble = "" if last else progress.trouble
        self.screen.note(f"{trouble} Trying again by itself." if trouble else "")

    def _show_film(self) -> None:
        done, length = self._film_done, self._film_length
        text = f"{100 * done / length:.0f} %"
        if done:
            left = (time.monotonic() - self._film_begun) * (length - done) / done
            text += f", {length_text(left)} left"
        self.screen.show("Side by side", text, done, length)

    # --- merging ----------------------------------------------------------------------------------

    def _merge_all(self) -> None:
        cameras = [camera for camera in self.job.cameras if self.job.clips(camera)]
        begun = time.monotonic()
        for number, camera in enumerate(cameras):
            self.screen.show("Merging", camera.label, number, len(cameras))
            self._merge(camera)
        if cameras:
            text = f"{', '.join(c.label for c in cameras)} in {time.monotonic() - begun:.1f} s"
            self.screen.show("Merging", text, len(cameras), len(cameras), last=True)

    def _merge(self, camera: Camera) -> None:
        job = self.job
        clips = job.clips(camera)
        name = filenames.merged_name(
            camera, job.vehicle, job.start, job.minutes, self.tz, job.media_type
        )
        seconds = sum(clip.duration for clip in clips)

        def build(target: Path) -> tuple[float, str]:
            note = merge.merge(clips, self.folder, target, job.span, self.tz, stop=self.stop)
            return seconds, note

        made_from = _fingerprint(f"{clip.sha256} {clip.start} {clip.factor}" for clip in clips)
        self._make("merge", camera.label, name, made_from, build)

    # --- side by side -----------------------------------------------------------------------------

    def _join_film(self) -> list[str]:
        job = self.job
        film = self._film(closing=True)
        if film is None:
            shown = [job.shown_name(camera) for camera in job.cameras if job.clips(camera)]
            if not shown:
                return []
            return [f"No side-by-side: only one camera ({shown[0]}) has footage."]
        name = filenames.side_by_side_name(
            job.vehicle, job.start, job.minutes, self.tz, job.media_type
        )

        def build(target: Path) -> tuple[float, str]:
            chapters = marks(job, film, self.tz)
            self._renderer().finish(film, target, chapters, self._film_progress(film))
            return film.length, f"sound: {film.sound_from}" if film.sound_from else "no sound"

        made_from = _fingerprint(
            part.fingerprint for part in (*film.minutes, *film.sounds) if part is not None
        )
        self._make("side-by-side", "", name, made_from, build)
        self.screen.show("Side by side", "done", film.length, film.length, last=True)
        return []

    # --- stills, and the vehicle's own data -------------------------------------------------------

    def _lay_out_stills(self) -> None:
        job = self.job
        if not any(job.clips(camera) for camera in job.cameras):
            return
        name = filenames.contact_sheet_name(job.vehicle, job.start, job.minutes, self.tz)

        def build(target: Path) -> tuple[float, str]:
            contact_sheet.make(job, self.folder, self.tz, target, self.stop)
            return 0.0, ""

        made_from = contact_sheet.fingerprint(job, self.tz)
        self._make("contact-sheet", "", name, made_from, build)

    def _write_track(self) -> list[str]:
        """The GPX file, where there are readings; else why there are none."""
        job, readings = self.job, self._track.inside
        if not readings or not job.minutes:
            return [self._track.trouble] if self._track.trouble else []
        name = filenames.track_name(job.vehicle, job.start, job.minutes, self.tz)

        def build(target: Path) -> tuple[float, str]:
            gpx.write(target, readings, job.span, job.vehicle.name, job.provider)
            return job.span.seconds, ""

        made_from = _fingerprint(map(repr, readings))
        self._make("track", "", name, made_from, build)
        return [self._track.trouble] if self._track.trouble else []

    # --- finished files ---------------------------------------------------------------------------

    def _make(
        self,
        kind: str,
        camera: str,
        name: str,
        made_from: str,
        build: Callable[[Path], tuple[float, str]],
    ) -> None:
        """Build a finished file, unless the very same is there already, and journal it.

        `build` writes the file it is given and returns its seconds and a note. A file of this
        name that another job made is not touched.
        """
        # The name tells span and zone, by which what stands in the file is called.
        made_from = _fingerprint([name, made_from])
        mine = [out for out in self.job.outputs if (out.kind, out.camera) == (kind, camera)]
        for output in mine:
            if output.made_from == made_from and _is_whole(self.folder, output):
                log.info("%s is there already", output.path)
                return
        twin = self._made_before(kind, camera, made_from)
        if twin is not None:
            log.info("%s was made by another job of the same clips", twin.path)
            self._remember(twin, mine)
            return
        unfinished = self.work / name
        try:
            seconds, note = build(unfinished)
        except (FfmpegError, NotAVideo) as error:  # clips and other files are none the worse for it
            log.exception("%s could not be made: %s", name, getattr(error, "detail", ""))
            self.failures.append(f"{name} could not be made. {error} Try again with --resume.")
            return
        with disk_errors(self.folder):
            target = self._publish(unfinished, name, mine)
        output = Output(
            kind=kind,
            camera=camera,
            path=PurePosixPath(target.name),
            duration=seconds,
            size=target.stat().st_size,
            sha256=digest(target),
            made_from=made_from,
            note=note,
        )
        self._remember(output, mine)
        log.info("Made %s", output.path)

    def _remember(self, output: Output, instead_of: Sequence[Output]) -> None:
        with self.journal.change() as job:
            job.outputs = [out for out in job.outputs if out not in instead_of] + [output]

    def _made_before(self, kind: str, camera: str, made_from: str) -> Output | None:
        """The whole file that another job of this vehicle made here of the very same clips."""
        for path, job in jobs(self.journal.path.parent):
            same = (job.folder, job.vehicle.id) == (self.job.folder, self.job.vehicle.id)
            if path == self.journal.path or not same:
                continue
            for output in job.outputs:
                wanted = (output.kind, output.camera, output.made_from)
                if wanted == (kind, camera, made_from) and _is_whole(self.folder, output):
                    return output
        return None

    def _publish(self, unfinished: Path, name: str, mine: Sequence[Output]) -> Path:
        """Give a finished file its name: that of the job's own file before it, or a new one."""
        if mine:
            target = self.folder / mine[0].path
            publish(unfinished, target)
            return target
        return publish_new(unfinished, self.folder / name)


def nothing_left(job: Job, folder: Path) -> bool:
    """The job is finished, and its files are as they were made."""
    return job.finished and all(_is_whole(folder, output) for output in job.outputs)


def needs_provider(job: Job, folder: Path) -> bool:
    """Footage has still to come, or a clip has to be fetched again."""
    clips = [media.clip for _, media in job.media() if media.clip]
    return not job.settled or not all(is_whole(folder, clip) for clip in clips)


def _is_whole(folder: Path, output: Output) -> bool:
    path = folder / output.path
    with disk_errors(folder):
        return (
            path.is_file() and path.stat().st_size == output.size and digest(path) == output.sha256
        )


def _fingerprint(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def _fetching(fetching: DownloadProgress, tz: tzinfo) -> str:
    """ "Road 13:31 1.2 of 4.0 MB" out of a download under way."""
    name = f"{fetching.camera.label} {minute_text(fetching.time, tz)}"
    if not fetching.total:
        return name
    return f"{name} {size_text(fetching.received)} of {size_text(fetching.total)}"
