"""One run of the real pipeline in a process of its own: `python -m benchmarks.one_job ORDER`.

ORDER is a JSON object, see `Order`; the answer is one JSON object on standard output, see
`Result`. The process that measures serves the clips on loopback.
"""

from __future__ import annotations

import io
import json
import statistics
import sys
import threading
import time
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.material import DRIVER, clip_name, new_job
from benchmarks.measure import seconds
from footage.job.journal import Journal
from footage.job.run_state import PollSettings
from footage.job.runner import Pipeline
from footage.media import render
from footage.media.render_plan import plan
from footage.model import UTC, Accepted, Job, Media, MediaStatus, Retrieval, Vehicle
from footage.system.threads import StopEvent
from footage.ui.progress import JobDisplay, Screen
from SamsaraAPI import SamsaraAPI

_LONGEST_WAIT = 900.0  # seconds for everything but the last clip to be rendered


@dataclass(frozen=True)
class Order:
    """minutes of film; the Driver clip of minute `held_back` comes last (its sound is the film's).

    host: where the clips are served
    timed: how many minutes are rendered once more afterwards, to know what rendering takes
    """

    minutes: int
    held_back: int
    host: str
    folder: str
    timed: int


@dataclass(frozen=True)
class Result:
    """after_last: seconds from the last clip's file to the end of the run, all files finished.

    one_minute: seconds to render one minute of the film, in the same process, right after,
                picture and sound
    peak:       most memory the process ever held, in bytes, at the end of the run; None: unknown
    """

    after_last: float
    one_minute: float
    peak: int | None


class Provider(SamsaraAPI):
    """A Samsara client whose footage is available at once, except for the clip it holds back."""

    def __init__(self, order: Order, held_back: Retrieval) -> None:
        super().__init__("benchmark", order.host)
        self._host = order.host
        self._held_back = held_back
        self.release = threading.Event()  # set when all else is rendered

    def wait_for_turn(self) -> None:
        """Do not wait: there is no rate limit here."""

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        return Accepted(f"{retrieval.window.start:%H%M}-{retrieval.media[0].camera.label}")

    def check(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        if retrieval is self._held_back and not self.release.wait(_LONGEST_WAIT):
            raise RuntimeError("The other clips were not rendered in time.")
        return available(retrieval, self._host)


def available(retrieval: Retrieval, host: str) -> list[Media]:
    """The answer that all footage of a request is there, and where on a host."""
    window = retrieval.window
    return [
        replace(
            media,
            status=MediaStatus.AVAILABLE,
            start=window.start,
            end=window.end,
            url=f"{host}/{clip_name(media.camera, window)}",
        )
        for media in retrieval.media
    ]


def run(order: Order) -> Result:
    """Run the pipeline as the program does, and time its end."""
    folder = Path(order.folder)
    job = new_job(order.minutes, folder / "Videos")
    last = job.start + timedelta(minutes=order.held_back)
    held_back = next(r for r, _ in job.media(DRIVER) if r.window.start == last)
    provider = Provider(order, held_back)
    journal = Journal.create(folder / "Logs", job, "benchmark")
    stop = StopEvent()
    pipeline = Pipeline(
        journal=journal,
        provider=provider,
        display=JobDisplay(Screen(io.StringIO(), interactive=False), UTC, job.media_type),
        stop=stop,
        poll_settings=PollSettings(poll_seconds=0.2),
    )
    arrived: list[float] = []
    watch = threading.Thread(
        target=_watch, args=(journal, pipeline.work, provider, held_back, arrived, stop)
    )
    watch.start()
    try:
        pipeline.run()
        ended = time.perf_counter()
    finally:
        stop.set()
        watch.join()
        journal.close()
    peak = peak_memory()
    return Result(ended - arrived[0], _one_minute(job, folder, order.timed), peak)


def _watch(
    journal: Journal,
    work: Path,
    provider: Provider,
    held_back: Retrieval,
    arrived: list[float],
    stop: StopEvent,
) -> None:
    """Release the last clip when all else is rendered, and note when its file is there."""
    while not stop.wait(0.2) and not _all_else_rendered(journal, work):
        pass
    provider.release.set()
    while held_back.media[0].clip is None and not stop.wait(0.002):
        pass
    arrived.append(time.perf_counter())


def _all_else_rendered(journal: Journal, work: Path) -> bool:
    """One clip is awaited, and every part of the film that is settled without it is on disk."""
    with journal.locked() as job:
        if sum(not media.settled for _, media in job.media()) != 1:
            return False
        film = plan(job, UTC, with_labels=job.labels)
    if film is None:  # nothing at all can be rendered before it is here
        return True
    planned = [part for part in (*film.minutes, *film.audio) if part is not None]
    return all(any(work.glob(f"*{part.fingerprint}*")) for part in planned)


def _one_minute(job: Job, folder: Path, count: int) -> float:
    """Seconds to render one minute of this film, picture and sound, by themselves.

    The median of the film's first `count` minutes.
    """
    film = plan(job, UTC, with_labels=job.labels, closing=True)
    if film is None:
        raise RuntimeError("There is no film.")
    renderer = render.Renderer(folder / "Videos", folder / "again", StopEvent())
    pictures = replace(film, minutes=film.minutes[:count], audio=())
    audio = replace(film, minutes=(), audio=film.audio[:count])
    return sum(
        statistics.median(seconds(partial(renderer.render_next, part)) for _ in range(count))
        for part in (pictures, audio)
    )


def peak_memory() -> int | None:
    """The most memory this process ever held, in bytes; None where it is not reported.

    Linux's own figure comes first: the value of `getrusage` there begins with the memory of the
    process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(run(Order(**json.loads(sys.argv[1]))))) + "\n")
