"""Whole runs of the program against a simulated cloud, and what to look for afterwards."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import main
import MotiveAPI
from footage.cloud import rate_limit
from footage.job.requester import Requester
from footage.job.retrieval_run import RetrievalRun
from footage.job.run_state import RunState
from footage.ui.log_file import close_log
from simulator import Mishap, MotiveStyle, Scenario, Simulator, cameras
from simulator import start as start_simulator
from simulator.calls import Call

PROJECT = Path(main.__file__).resolve().parent
START = datetime(2025, 4, 16, 18, 30, tzinfo=timezone.utc)  # 13:30 in Chicago
START_SHOWN = "Wed 16 Apr 2025, 1:30:00 PM CDT"
START_TEXT = "04/16/2025 13:30"
ZONE = "America/Chicago"
ROAD, DRIVER, ANALOG = "dashcamRoadFacing", "dashcamDriverFacing", "analog1"
WIDTH, HEIGHT, FPS = 160, 120, 2
# Without sound: for the side-by-side it takes ten times as long to encode as the picture.
SMALL = cameras(width=WIDTH, height=HEIGHT, fps=FPS, sound=False)
WITH_SOUND = cameras(width=WIDTH, height=HEIGHT, fps=FPS)
WRONG_KEY = "samsara_api_" + "NobodyKnowsThisOne"
# Seconds after which a started program is taken to hang: many times what any takes, as Windows'
# programs start slowly under Wine, and other work may go on.
HANGS_AFTER = 600.0

# With these, Motive's windows are one minute long and their clips tell their true times, so that
# what is promised of both providers can be told in the same words.
ONE_MINUTE = MotiveStyle(smart_dashcam=True, camera_times=True, rate_limit=None)


def without_rate_limit(patch: pytest.MonkeyPatch) -> None:
    """Calls follow each other as fast as they can be made."""
    patch.setattr(rate_limit, "spacing", lambda calls, period: 0.0005)
    patch.setattr(rate_limit.RateLimiter, "_full_for", lambda limiter, now: 0.0)


@dataclass(frozen=True)
class Side:
    """What a provider calls things and how it counts, for promises that are kept with all.

    words:    what is typed for a camera, where it is not Samsara's word
    labels:   of the road, the driver's, and the third camera
    usual:    labels of the cameras that are asked for where none are chosen
    together: one request is for all cameras of a window
    overture: calls of the API that come before the first request is taken, in a job of some minutes
    key_help: what a person is told about a refused key
    unknown:  the provider's own words for a key that it does not know
    used_up:  what the provider says when the month's quota is used up
    repeats:  footage the vehicle has not got is asked for once more: it only is called failed
    foretold: the month's quota is known before anything is requested, not with the first answer
    track:    it tells speed and place, which are kept as a file beside the films
    """

    key: str
    name: str
    words: Mapping[str, str]
    labels: tuple[str, str, str]
    usual: tuple[str, ...]
    together: bool
    overture: int
    key_help: str
    unknown: str
    used_up: str
    repeats: bool
    foretold: bool

    @property
    def key_variable(self) -> str:
        """The variable of the environment, and of a `.env`, that holds the API key."""
        return f"{self.key.upper()}_API_KEY"

    @property
    def url_variable(self) -> str:
        """The variable that says where the API is to be found."""
        return f"{self.key.upper()}_BASE_URL"


SIDES = {
    "samsara": Side(
        "samsara",
        "Samsara",
        {},
        ("Road", "Driver", "Analog"),
        ("Road", "Driver", "Analog"),
        together=False,
        overture=2,  # vehicles, what is uploaded
        key_help="Write Media Retrieval",
        unknown="Invalid token.",
        used_up="Exceeded monthly usage limit",
        repeats=False,
        foretold=False,
    ),
    "motive": Side(
        "motive",
        "Motive",
        {"road": "front", "analog1": "left"},
        ("Road", "Driver", "Left"),
        ("Road", "Driver", "Road narrow", "Left", "Right", "Rear"),
        together=True,
        overture=4,  # vehicles, timelines, quota, a request for more than one minute
        key_help="Admin > Developers > API Access",
        unknown="invalid API key",
        used_up="The monthly video recall quota is used up.",
        repeats=True,
        foretold=True,
    ),
}

of_each_provider = pytest.mark.parametrize("bench", list(SIDES), indirect=True)
of_motive = pytest.mark.parametrize("bench", ["motive"], indirect=True)


@dataclass
class Ran:
    """One run that is over: what it said, and the folders it wrote to."""

    status: int
    out: str
    videos: Path
    logs: Path

    @property
    def names(self) -> set[str]:
        """The files in the output folder, those of work under way included; without what is written
        about them (`about`)."""
        return self._all_names - self.about

    @property
    def about(self) -> set[str]:
        """The reports, the lists of hashes, and the page that links the reports."""
        kinds = ("Report_", "SHA256SUMS_", "index.html")
        return {name for name in self._all_names if name.startswith(kinds)}

    @property
    def _all_names(self) -> set[str]:
        return {path.relative_to(self.videos).as_posix() for path in files_in(self.videos)}

    @property
    def journals(self) -> list[Path]:
        """All journals, in order of time."""
        return sorted(self.logs.glob("request_ids_*.json"))

    @property
    def journal(self) -> dict[str, Any]:
        """The newest journal."""
        found = json.loads(self.journals[-1].read_text("utf-8"))
        assert isinstance(found, dict)
        return found

    @property
    def log(self) -> str:
        """All activity logs."""
        paths = sorted(self.logs.glob("VideoRetrievalActivity_*.log"))
        return "".join(path.read_text("utf-8") for path in paths)

    @property
    def lines(self) -> list[str]:
        return self.out.strip().splitlines()

    def lines_with(self, word: str) -> list[str]:
        return [line for line in self.lines if word in line]


_step = Requester.step


def _step_beside_the_wait(requester: Requester) -> bool:
    """Sending a request takes nothing of the longest wait: a test that waits for a moment only
    would else find on a busy computer that nothing was requested.
    """
    state = requester._state
    if state.has_to_request:
        state.begin_waiting()
    begun = state.context.clock()
    try:
        return _step(requester)
    finally:
        state.deadline += state.context.clock() - begun


_over = RunState.over


def _over_once_requested(state: RunState, run: RetrievalRun) -> bool:
    """The longest wait is counted once nothing is left to request, for the same reason."""
    if state.has_to_request:
        state.begin_waiting()
    return _over(state, run)


@dataclass
class Bench:
    """Runs the program in this process or in another, each time with folders of its own.

    min_poll_interval: seconds between two looks that Motive's client keeps to at least, in here
    paced:         calls keep their distances, in here
    variables:     of the environment, in place of the usual ones, in here
    """

    folder: Path
    drawn: Path
    monkeypatch: pytest.MonkeyPatch
    side: Side = field(default_factory=lambda: SIDES["samsara"])
    min_poll_interval: float = 0.0
    paced: bool = False
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def videos(self) -> Path:
        return self.folder / "Videos"

    @property
    def logs(self) -> Path:
        return self.folder / "Logs"

    @contextmanager
    def cloud(self, *bad: Mishap, **options: Any) -> Iterator[Simulator]:
        """A simulated cloud with small pictures, no sound and no limits, unless told otherwise."""
        usual = {
            "cameras": SMALL,
            "cache": self.drawn,
            "limits": {},
            "start": START,
            "motive": replace(ONE_MINUTE),
        }
        with start_simulator(Scenario(bad=bad, **{**usual, **options})) as sim:
            yield sim

    # --- what differs from provider to provider ---------------------------------------------------

    @property
    def labels(self) -> tuple[str, str, str]:
        return self.side.labels

    def requests(self, minutes: int, cameras: int) -> int:
        """How many requests it takes, of one minute each."""
        return minutes if self.side.together else minutes * cameras

    def posts(self, sim: Simulator) -> list[Call]:
        """The requests that were sent, but for the one from which Motive's client learns how long
        they may be: see ONE_MINUTE."""
        return [call for call in sim.posts() if call.body.get("duration", 1) == 1]

    def asked(self, sim: Simulator) -> list[datetime]:
        """The minutes for which requests were taken, each once."""
        return sorted({one.start for one in sim.retrievals})

    def cost(self, minutes: int, cameras: int) -> str:
        """What is said to be paid, before it is known how long Motive's requests may be."""
        requests = -(-minutes // 3) if self.side.together else minutes * cameras
        noun = "request" if requests == 1 else "requests"
        return f"{requests} {noun}, {self.needed(minutes, cameras)}"

    def needed(self, minutes: int, cameras: int) -> str:
        """What that takes of the month's quota: Motive counts the minutes, of whatever cameras."""
        if self.side.together:
            return f"{minutes} min"
        return f"{60 * minutes * cameras} s of quota"

    def quota(self, minutes: int, used: int = 0) -> dict[str, Any]:
        """Options of `cloud`: the month has so many minutes of one camera, and some are used."""
        return {
            "quota": 60.0 * minutes,
            "quota_used": 60.0 * used,
            "motive": replace(ONE_MINUTE, regular_minutes=minutes, regular_used=used),
        }

    def uploads_arrive(self, sim: Simulator, *starts: datetime) -> None:
        """What takes longer ("late") is in the cloud now: all, or that of the windows given."""
        for one in sim.retrievals:
            if not starts or one.start in starts:
                for item in one.items:
                    item.ready_at, item.ready_time = time.monotonic(), datetime.now(timezone.utc)

    def next_month(self, sim: Simulator) -> None:
        """The month is over, and there is quota enough again."""
        object.__setattr__(sim.scenario, "quota", 900_000.0)
        object.__setattr__(sim.scenario.motive, "regular_minutes", 15_000)

    # --- running ----------------------------------------------------------------------------------

    def run(
        self,
        sim: Simulator,
        *options: str,
        answers: str = "",
        key: str | None = None,
        **answered: Any,
    ) -> Ran:
        """Run `main` in here, answering by options what in `answered` is not None."""
        return self._main(sim, [*self.options(**answered), *options], answers, key)

    def resume(
        self, sim: Simulator, *options: str, answers: str = "", key: str | None = None
    ) -> Ran:
        """Run `--resume` in here, with nothing but the folder of the logs."""
        arguments = ["--resume", *options, f"--logs={self.logs}", "--poll-seconds=0.05"]
        return self._main(sim, arguments, answers, key)

    def run_as(self, sim: Simulator, arguments: list[str], key: str | None = None) -> Ran:
        """Run `main` in here with just these arguments."""
        return self._main(sim, arguments, "", key)

    def _main(self, sim: Simulator, arguments: list[str], answers: str, key: str | None) -> Ran:
        message = io.StringIO()
        with self.monkeypatch.context() as patch:
            for name, value in {**environment(sim, key), **self.variables}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", io.StringIO(answers))
            if not self.paced:
                without_rate_limit(patch)
            patch.setattr(MotiveAPI.MotiveAPI, "min_poll_interval", self.min_poll_interval)
            patch.setattr(Requester, "step", _step_beside_the_wait)
            patch.setattr(RunState, "over", _over_once_requested)
            with redirect_stdout(message), redirect_stderr(message):
                try:
                    status = int(main.main(arguments))
                finally:
                    close_log()
        return self._ran(sim, status, message.getvalue())

    def pipe(
        self,
        sim: Simulator,
        *options: str,
        answers: str = "",
        key: str | None = None,
        **answered: Any,
    ) -> Ran:
        """Run `python main.py` as a process that has no terminal at all, answers piped in."""
        done = subprocess.run(
            [sys.executable, str(PROJECT / "main.py"), *self.options(**answered), *options],
            input=answers.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment(sim, key), "PYTHONIOENCODING": "utf-8"},
            cwd=self.folder,
            start_new_session=True,
            timeout=HANGS_AFTER,
            check=False,
        )
        return self._ran(sim, done.returncode, done.stdout.decode("utf-8"))

    def options(
        self,
        vehicle: str | None = "truck 42",
        start: str | None = START_TEXT,
        minutes: int | None = 1,
        cameras: str | None = None,
        output: Path | None = None,
        timezone: str = ZONE,
        poll: float = 0.05,
        telemetry: bool = False,
    ) -> list[str]:
        """Options that answer all but what is None, and lead into this bench's folders.

        cameras: in Samsara's words; they are said in those of the bench's provider
        """
        words = self.side.words
        if cameras is not None:
            cameras = ",".join(words.get(word, word) for word in cameras.split(","))
        given = {
            "--provider": None if self.side.key == "samsara" else self.side.key,
            "--vehicle": vehicle,
            "--start": start,
            "--minutes": minutes,
            "--cameras": cameras,
            "--timezone": timezone,
            "--output": output or self.videos,
            "--logs": self.logs,
            "--poll-seconds": poll,
        }
        message = [f"{name}={value}" for name, value in given.items() if value is not None]
        return message if telemetry else [*message, "--no-telemetry"]

    def _ran(self, sim: Simulator, status: int, out: str) -> Ran:
        ran = Ran(status, out, self.videos, self.logs)
        assert_nothing_secret(sim, out, self.folder)
        assert "Traceback" not in out, out
        return ran


NOTHING_ANSWERED: dict[str, Any] = {"vehicle": None, "start": None, "minutes": None}


def environment(sim: Simulator, key: str | None) -> dict[str, str]:
    """`key` None is the right one; "" leaves it to be asked for, whatever a `.env` may say."""
    key = sim.token if key is None else key
    urls = {SIDES[name].url_variable: url for name, url in sim.urls.items()}
    return urls | {SIDES[name].key_variable: key for name in sim.urls}


def bodies(sim: Simulator) -> list[dict[str, Any]]:
    """What was sent with each request."""
    return [call.body for call in sim.posts()]


def answers(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def assert_nothing_secret(sim: Simulator, out: str, folder: Path) -> None:
    """Neither the key nor what signs a URL is in the output or in any file."""
    signatures = {query for call in sim.downloads() for query in call.query["X-Sim-Signature"]}
    secrets = {sim.token, sim.token[8:], WRONG_KEY, "X-Sim-Signature", *signatures}
    for path in files_in(folder):
        if path.name == ".env":
            continue
        data = path.read_bytes()
        assert not [path for secret in secrets if secret.encode() in data]
    assert not [secret for secret in secrets if secret in out], out


def promised(
    minutes: int, labels: Sequence[str], vehicle: str = "Truck 42", track: bool = False
) -> set[str]:
    """The names of all files of a complete run in windows of one minute."""
    when = "2025-04-16_13-30-00"
    names = {f"{label}_Merged_{vehicle}_{when}_{minutes}min.mp4" for label in labels}
    if track:
        names.add(f"Track_{vehicle}_{when}_{minutes}min.gpx")
        names.add(f"Readings_{vehicle}_{when}_{minutes}min.json")
    if len(labels) > 1:
        names.add(f"SideBySide_Merged_{vehicle}_{when}_{minutes}min.mp4")
    return names | {
        f"{label}_VideoClip_{vehicle}_2025-04-16_13-3{minute}-00.mp4"
        for label in labels
        for minute in range(minutes)
    }


def clip_as_served(sim: Simulator, name: str, minute: int = 0) -> str:
    """SHA-256 of the clip that the cloud holds of a camera and of the window of a minute."""
    start = START + timedelta(minutes=minute)
    asked = [a for a in sim.retrievals if a.start == start]
    item = [item for a in asked for item in a.items if item.input == name][-1]
    assert item.rendering is not None
    return sha256(item.rendering.result().read_bytes()).hexdigest()
