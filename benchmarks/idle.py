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
from footage.job.poll_schedule import next_pause
from footage.job.run_state import PollSettings
from simulator import OnClip, Scenario, Simulator, start

_A_DAY = 24 * 3600.0
_LONGEST_START = 60.0  # seconds until the program has begun to wait
_SETTLING = 2.0  # seconds from the first poll on that are not measured
_START = "04/16/2025 13:30"


@dataclass(frozen=True)
class Size:
    """seconds: how long the waiting is watched."""

    seconds: float


_HOUR = 3600.0
_STANDS_FOR = 3  # one retrieval, polled as often as so many are in their first hour


def _polls_in_an_hour() -> int:
    """How often one retrieval is polled in the first hour of waiting, by the usual first pause."""
    first = pause = PollSettings().poll_seconds
    waited, polls = first, 0
    while waited <= _HOUR:
        polls += 1
        waited += pause
        pause = next_pause(pause, first)
    return polls


FULL = QUICK = Size(_HOUR / (_STANDS_FOR * _polls_in_an_hour()))


@dataclass(frozen=True)
class _Spent:
    """What waiting took for so many `seconds`: processor time, and switches to its threads; None
    where the system does not count them.
    """

    seconds: float
    processor: float
    switches: int | None


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Run the program against a simulator that never delivers; look at what it took twice."""
    few, many = (_waiting(minutes, size.seconds, work) for minutes in (1, 5))
    polled = (
        f"for {5 * _STANDS_FOR} retrievals, each polled once in {_STANDS_FOR * size.seconds:.0f} s"
    )
    wakes = None if many.switches is None else many.switches / many.seconds
    return Table(
        "Waiting for uploads",
        (
            Row(
                "processor time of an hour of waiting",
                2.0,
                few.processor / few.seconds * _HOUR,
                f"{1000 * few.processor:.0f} ms in {few.seconds:.0f} s, polling as often as for "
                "three cameras in their first hour",
                unit="s",
            ),
            Row(
                "share of a core, 15 retrievals pending",
                0.5,
                100 * many.processor / many.seconds,
                f"{1000 * many.processor:.0f} ms in {many.seconds:.0f} s, polling as {polled}",
                unit="%",
            ),
            Row(
                "wake-ups a second of all threads, 15 retrievals pending",
                20.0,
                wakes,
                "context switches, as Linux counts them" if wakes is not None else "Linux only",
                unit="",
            ),
        ),
    )


def _waiting(minutes: int, seconds: float, work: Path) -> _Spent:
    """Watch the waiting for so many minutes of one camera."""
    folder = new_name(work, "")
    folder.mkdir(parents=True)
    # Nothing is rendered for footage that is not there, and that it is not there comes a day later.
    scenario = Scenario(bad=[OnClip("unavailable")], delay=_A_DAY)
    with start(scenario) as sim, _program(sim, folder, minutes, seconds) as program:
        assert program.stdin is not None and program.stdout is not None  # noqa: S101 - pipes
        try:
            _wait_for_polls(sim, program, minutes)
            time.sleep(_SETTLING)
            before, begun = _spent(program.stdin, program.stdout), time.perf_counter()
            time.sleep(seconds)
            after = _spent(program.stdin, program.stdout)
            waited = time.perf_counter() - begun
        finally:
            program.stdin.close()
    switches = after[1] - before[1] if after[1] >= 0 else None
    return _Spent(waited, after[0] - before[0], switches)


def _program(
    sim: Simulator, folder: Path, minutes: int, poll_seconds: float
) -> subprocess.Popen[str]:
    arguments = [
        "--vehicle=Truck 42",
        f"--start={_START}",
        f"--minutes={minutes}",
        "--cameras=road",
    ]
    arguments += ["--timezone=UTC", "--no-telemetry", "--yes"]
    arguments.append(f"--poll-seconds={poll_seconds}")
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


def _wait_for_polls(sim: Simulator, program: subprocess.Popen[str], count: int) -> None:
    give_up = time.monotonic() + _LONGEST_START
    while len(sim.polls()) < count:
        if program.poll() is not None or time.monotonic() > give_up:
            raise RuntimeError("The program has not begun to wait for its footage.")
        time.sleep(0.05)


def _spent(to_program: IO[str], from_program: IO[str]) -> tuple[float, int]:
    """Seconds of processor time that the program has used so far, and switches to its threads."""
    to_program.write("\n")
    to_program.flush()
    processor, switches = from_program.readline().split()
    return float(processor), int(switches)
