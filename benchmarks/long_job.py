"""One run of the program over a long job, which tells what it cost:
`python -m benchmarks.long_job ORDER OPTION ...`.

ORDER is a JSON object, see `Order`; the options are main.py's. The answer is one JSON object on
standard output, see `Cost`. Calls go out without the provider's limits, and no minute of the film
is rendered; all else is as in any run, so what is measured is the program's own work.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass, field
from functools import partial, wraps
from pathlib import Path
from typing import Any

import helpers
import main
import SamsaraAPI
from benchmarks.material import clip_name
from benchmarks.one_job import available, peak_memory
from footage.cloud.download import Download, Downloader
from footage.cloud.rate_limit import RateLimit
from footage.errors import ExitStatus
from footage.media import probe, render
from footage.media.side_by_side_plan import AudioMinute, Minute
from footage.model import Accepted, Media, Quota, Retrieval, Tracks, Vehicle
from footage.system.whole_files import digest

_NO_LIMIT = RateLimit(1_000_000, 1.0)


@dataclass(frozen=True)
class Order:
    """only_start: the run is ended as soon as it calls the provider for the first time
    footage:    folder with the clips, by camera and time; their requests, polls and downloads are
                then answered by this process itself, as HTTP costs the same for each clip. "": by
                the simulator, as all other calls are
    probe:      each clip is measured by ffmpeg; else one of each size is
    """

    only_start: bool = False
    footage: str = ""
    probe: bool = False


@dataclass(frozen=True)
class Cost:
    """What a run has cost.

    wall, processor: seconds from the program's start to each of `MARKS` that it has come to, and
               to the `end`; the processor time is that of this process alone
    peak:      most memory it ever held, in bytes; None: unknown
    """

    wall: dict[str, float]
    processor: dict[str, float]
    peak: int | None


@dataclass
class _Marks:
    """When the program was where for the first time."""

    wall: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)

    def note(self, name: str) -> None:
        if name not in self.wall:
            self.wall[name] = time.perf_counter()
            self.processor[name] = time.process_time()

    def cost(self) -> Cost:
        """Of the run until now."""
        self.note("end")
        wall, processor = ({name: at - each["start"] for name, at in each.items()}
                           for each in (self.wall, self.processor))  # fmt: skip
        return Cost(wall, processor, peak_memory())


def _noted(
    function: Callable[..., Any], before: Callable[[], None], after: Callable[[], None]
) -> Callable[..., Any]:
    @wraps(function)
    def noting(*arguments: Any, **named: Any) -> Any:
        before()
        result = function(*arguments, **named)
        after()
        return result

    return noting


def _nothing() -> None:
    pass


def _mark(marks: _Marks, ended: Callable[[], None]) -> None:
    """Have it noted when the questions are answered, when the plan stands and is agreed to, and
    when the provider is asked for footage, or how far it is, for the first time.
    """
    answered, planned = partial(marks.note, "answered"), partial(marks.note, "planned")
    helpers.ask_for_answers = _noted(helpers.ask_for_answers, _nothing, answered)
    helpers.agree = _noted(helpers.agree, planned, partial(marks.note, "agreed"))

    def called() -> None:
        marks.note("called")
        ended()

    client = SamsaraAPI.SamsaraAPI
    client.request = _noted(client.request, called, _nothing)  # type: ignore[method-assign]
    client.check = _noted(client.check, called, _nothing)  # type: ignore[method-assign]


def _without_limits() -> None:
    SamsaraAPI.MEDIA_LISTS = SamsaraAPI.REQUESTS = SamsaraAPI.POLLS = _NO_LIMIT


def _without_http(footage: Path) -> None:
    """The provider has all footage at once, and it is copied instead of downloaded."""

    def request(self: Any, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        quota = Quota("Current monthly usage is 60.0 seconds.")
        return Accepted(f"of-{clip_name(retrieval.cameras[0], retrieval.window)}", quota)

    def check(self: Any, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        return available(retrieval, "https://127.0.0.1")

    def fetch(
        self: Downloader, url: str, target: Path, verify: Callable[[Path], Any], *rest: Any
    ) -> Download[Any]:
        shutil.copyfile(footage / url.rpartition("/")[2], target)
        size, sha256 = target.stat().st_size, digest(target)
        return Download(target, size, sha256, verify(target), False, "127.0.0.1", "1A2B3C4D")

    client = SamsaraAPI.SamsaraAPI
    client.request = request  # type: ignore[method-assign]
    client.check = check  # type: ignore[method-assign]
    Downloader.fetch = fetch  # type: ignore[method-assign, assignment]


def _without_rendering() -> None:
    """In place of what ffmpeg would make of a minute there is a file with next to nothing in it."""

    def minute(self: render.Renderer, plan: Minute, threads: int, progress: Any) -> None:
        _keep(self, "picture", plan)

    def audio(self: render.Renderer, plan: AudioMinute) -> None:
        _keep(self, "sound", plan)

    def join(self: render.Renderer, minutes: Any, sound: Any, target: Path, *rest: Any) -> None:
        for one in minutes:
            self._rendered("picture", one)
        target.write_bytes(b"film")

    render.Renderer._render_minute = minute  # type: ignore[method-assign, assignment]
    render.Renderer._render_audio = audio  # type: ignore[method-assign, assignment]
    render.Renderer._join = join  # type: ignore[method-assign, assignment]


def _keep(renderer: render.Renderer, kind: str, plan: Minute | AudioMinute) -> None:
    rendered = renderer.work / f"{kind}-of-{plan.number}.mp4"
    rendered.write_bytes(plan.fingerprint.encode())
    renderer._keep(kind, plan, rendered)


def _without_probing() -> None:
    """Clips of one size are the same film: see `material.own_copy`."""
    measured: dict[int, Tracks] = {}
    measure = probe.probe

    def by_size(path: Path, *arguments: Any, **named: Any) -> Tracks:
        size = path.stat().st_size
        if size not in measured:
            measured[size] = measure(path, *arguments, **named)
        digest(path)  # it is read, as it would be by ffmpeg
        return measured[size]

    probe.probe = by_size


def run(order: Order, options: list[str]) -> None:
    """Run the program, and write what it has cost."""
    marks, output = _Marks(), os.fdopen(os.dup(1), "w")

    def end() -> None:
        output.write(json.dumps(asdict(marks.cost())) + "\n")
        output.flush()
        os._exit(0)

    _without_limits()
    _without_rendering()
    if order.footage:
        _without_http(Path(order.footage))
    if not order.probe:
        _without_probing()
    _mark(marks, end if order.only_start else _nothing)
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        marks.note("start")
        status = main.main(options)
    if status != ExitStatus.COMPLETE:
        raise RuntimeError(f"The run has ended with the exit status {status}.")
    end()


if __name__ == "__main__":
    run(Order(**json.loads(sys.argv[1])), sys.argv[2:])
