"""The side-by-side of a job: rendered minute by minute while footage is still awaited."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from footage.errors import FfmpegError
from footage.job import film_tags
from footage.job.journal import Journal
from footage.job.outputs import Order, Outputs, clips_in, fingerprint, minutes_with
from footage.job.progress import RenderProgress
from footage.job.retriever import Retriever
from footage.job.telemetry_fetch import Track
from footage.media.planned import Planned
from footage.media.render import Renderer
from footage.media.render_plan import chapters, plan
from footage.media.side_by_side_plan import SideBySidePlan
from footage.model import Job, Media, Retrieval
from footage.system import filenames
from footage.system.threads import Changes, StopEvent

log = logging.getLogger("footage.job.side_by_side")

# To plan the film of a day takes a quarter of a second, and something comes a few times a second.
# So planning takes one part of so many of the time while it does.
_SHARE = 30

_KIND = "side-by-side"


class SideBySide:
    """Plans and renders the film of a job, as far as its footage is here.

    look_again_at: by `time.monotonic`, when what has come meanwhile is looked at; None: what has
                   come so far was looked at, or will be by the next `render_next`
    """

    def __init__(
        self,
        journal: Journal,
        outputs: Outputs,
        work: Path,
        tz: tzinfo,
        track: Track,
        stop: StopEvent,
    ) -> None:
        self._journal = journal
        self._outputs = outputs
        self._folder = Path(journal.job.folder)
        self._work = work
        self._tz = tz
        self._track = track
        self._stop = stop
        self._parts = Planned()
        self._done = self._length = 0.0
        self._renderer = Renderer(self._folder, self._work, self._stop)
        self._film: SideBySidePlan | None = None  # as it is planned by what was here as `_planned`
        self._planned: object = None
        self._plan_from = 0.0  # not planned again before
        self._failed = False
        self.look_again_at: float | None = None

    @property
    def progress(self) -> RenderProgress | None:
        """How much is rendered; None where nothing can be yet."""
        return RenderProgress(self._done, self._length) if self._length else None

    def render_meanwhile(self, retriever: Retriever, changes: Changes) -> None:
        """Render each minute as soon as its footage is here, until nothing more will come."""
        while True:
            seen = changes.count
            over = retriever.done
            while retriever.checked and self.render_next(closing=over):
                self._stop.pause(0)
            if over or self._failed:
                return
            retriever.wait(seen, self.look_again_at)

    def render_next(self, *, closing: bool) -> bool:
        """Render one minute that nothing can change any more; False where there is none now.

        closing: nothing more will come, so that gaps are final
        """
        if self._failed or not self._track.ready:
            return False
        # What is planned is settled, so it is rendered before it is looked what else has come.
        if self._render_planned():
            return True
        if not closing and time.monotonic() < self._plan_from:
            self.look_again_at = self._plan_from
            return False
        self.look_again_at = None
        self._plan(closing=closing)
        return self._render_planned()

    def _render_planned(self) -> bool:
        """Render one minute of the plan as it is; False where none is left."""
        film = None if self._failed else self._film
        try:
            if film is not None and self._renderer.render_next(film, self._note_progress(film)):
                return True
        except (FfmpegError, OSError):  # tried again when all is here; what fails then is reported
            log.exception("A minute of the side-by-side could not be rendered")
            self._failed = True
        self._film = None
        return False

    def _plan(self, *, closing: bool) -> None:
        """Plan the film anew, if something has come since it was planned."""
        begun = time.thread_time()
        state = self._state()
        if state != self._planned:
            film = self.film(closing=closing)
            # What is made already is not rendered again, only to be found there at the end.
            made = film is None or self._is_made(film)
            self._film, self._planned = None if made else film, state
        self._plan_from = time.monotonic() + _SHARE * (time.thread_time() - begun)

    def _is_made(self, film: SideBySidePlan) -> bool:
        with self._journal.locked() as job:
            if not any(output.kind == _KIND for output in job.outputs):
                return False  # without what the order would take for a long film
        return self._outputs.is_made(self.order(film))

    def film(self, *, closing: bool) -> SideBySidePlan | None:
        """The plan of the film; `closing`: nothing more will come, so that gaps are final."""
        job = self._as_it_is()
        return plan(
            job,
            self._tz,
            self._track.readings,
            with_labels=job.labels,
            closing=closing,
            planned=self._parts,
        )

    def order(self, film: SideBySidePlan) -> Order:
        """How the finished film is made."""
        job = self._journal.job

        def build(target: Path) -> tuple[float, str]:
            # A new one reads all that is rendered once more, and knows from then on what there is.
            renderer = self._renderer = Renderer(self._folder, self._work, self._stop)
            marks = chapters(job, film.pace, self._tz)
            with self._journal.locked():
                tags = film_tags.of_side_by_side(job, self._tz)
            renderer.finish(film, target, marks, self._note_progress(film), tags)
            return film.duration, f"sound: {film.audio_from}" if film.audio_from else "no sound"

        name = filenames.side_by_side_name(job, self._tz)
        parts = [part for part in (*film.minutes, *film.audio) if part is not None]
        made_from = fingerprint(part.fingerprint for part in parts)
        here, lost = clips_in(self._as_it_is(), job.cameras)
        readings = minutes_with(self._track.inside) if job.telemetry and job.labels else ()

        def process() -> str:
            return Renderer(self._folder, self._work, self._stop).process(film)

        contents = (*here, *readings)
        return Order(_KIND, "", name, made_from, build, contents, lost, process)

    def _as_it_is(self) -> Job:
        """What the film shows of the job as it is now. The plan takes long, and nobody waits."""
        with self._journal.locked() as job:
            retrievals = [
                Retrieval(
                    one.window,
                    [Media(m.camera, m.status, clip=m.clip, lost=m.lost) for m in one.media],
                )
                for one in job.retrievals
            ]
            return replace(job, retrievals=retrievals, roles=dict(job.roles))

    def _state(self) -> object:
        """Changes whenever something has come that may settle a minute."""
        with self._journal.locked() as job:
            return [(media.settled, media.clip is None) for _, media in job.media()]

    def _note_progress(self, film: SideBySidePlan) -> Callable[[float], None]:
        """Remembers how much of the film is rendered, for the screen."""
        self._length = film.duration

        def note(seconds: float) -> None:
            self._done = seconds

        return note
