"""Claim: waiting for uploads costs next to no processor time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.measure import Row, Table, new_name
from benchmarks.runs import PROGRAM
from simulator import OnClip, Scenario, Simulator, start

_A_DAY = 24 * 3600.0
_LONGEST_START = 60.0  # seconds until the program has begun to wait
_SETTLING = 2.0  # seconds from the first poll on that are not measured
_START = "04/16/2025 13:30"


@dataclass(frozen=True)
class Size:
    """seconds: how long the waiting is watched."""

    seconds: float


# One camera polled once in 20 s stands for three cameras, each polled once in the 60 s that lie
# between two polls after the first minutes.
FULL = QUICK = Size(20.0)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Run the program against a simulator that never delivers; read its processor time twice."""
    folder = new_name(work, "")
    folder.mkdir(parents=True)
    # Nothing is rendered for footage that is not there, and that it is not there comes a day later.
    scenario = Scenario(bad=[OnClip("unavailable")], delay=_A_DAY)
    with start(scenario) as sim, _program(sim, folder, size.seconds) as program:
        assert program.stdin is not None and program.stdout is not None  # noqa: S101 - pipes
        try:
            _wait_for_poll(sim, program)
            time.sleep(_SETTLING)
            before, begun = _processor_time(program.stdin, program.stdout), time.perf_counter()
            time.sleep(size.seconds)
            spent = _processor_time(program.stdin, program.stdout) - before
            waited = time.perf_counter() - begun
        finally:
            program.stdin.close()
    how = f"{1000 * spent:.0f} ms in {waited:.0f} s, polling as often as for three cameras"
    claim = "processor time of an hour of waiting"
    return Table("Waiting for uploads", (Row(claim, 2.0, spent / waited * 3600, how, unit="s"),))


def _program(sim: Simulator, folder: Path, poll_seconds: float) -> subprocess.Popen[str]:
    arguments = ["--vehicle=Truck 42", f"--start={_START}", "--minutes=1", "--cameras=road"]
    arguments += ["--timezone=UTC", "--no-telemetry", "--yes", f"--poll-seconds={poll_seconds}"]
    arguments += [f"--output={folder / 'Videos'}", f"--logs={folder / 'Logs'}"]
    environment = {"SAMSARA_BASE_URL": sim.api_url, "SAMSARA_API_KEY": sim.token}
    return subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", "benchmarks.idle_job", *arguments],
        cwd=PROGRAM,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _wait_for_poll(sim: Simulator, program: subprocess.Popen[str]) -> None:
    give_up = time.monotonic() + _LONGEST_START
    while not sim.polls():
        if program.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError("The program has not begun to wait for its footage.")
        time.sleep(0.05)


def _processor_time(to_program: IO[str], from_program: IO[str]) -> float:
    """Seconds that the program has used so far."""
    to_program.write("\n")
    to_program.flush()
    return float(from_program.readline())
