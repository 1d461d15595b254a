"""Claim: the first question is on the screen at once, however many old jobs there are; so is what
--help prints.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.material import new_job
from benchmarks.measure import Row, Table, compare
from footage.job.journal import Journal
from footage.model import MediaStatus, RetrievalState

_MAIN = Path(__file__).resolve().parent.parent / "main.py"
_AN_HOUR = 60  # minutes of each old job


@dataclass(frozen=True)
class Size:
    """old_jobs: how many finished jobs lie in the folder of journals."""

    rounds: int
    old_jobs: int = 100


FULL = Size(15)
QUICK = Size(7)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Start `python main.py` and wait for its question; compare with a Python that does nothing."""
    logs, no_logs = work / "Logs", work / "NoLogs"
    _keep_old_jobs(logs, size.old_jobs)
    no_logs.mkdir(parents=True, exist_ok=True)
    ask = partial(_first_question, work)
    ask()  # the first start after an update writes the bytecode
    _help(work)
    compared, helped = compare([ask, partial(_help, work)], partial(_nothing, work), size.rounds)
    how = f"median of {size.rounds} starts"
    rows = (
        Row(
            "seconds from `python main.py` to the first question",
            0.5,
            compared.ours,
            how,
            unit="s",
        ),
        Row(
            "the same, against a bare `python -c pass`",
            8.0,
            compared.ratio,
            f"{compared.seconds}, {how}",
        ),
        Row(
            "`python main.py --help`, against a bare `python -c pass`",
            8.0,
            helped.ratio,
            f"{helped.seconds}, {how}",
        ),
        _with_old_jobs(size, work, logs, no_logs),
    )
    return Table("First question on screen", rows)


def _with_old_jobs(size: Size, work: Path, logs: Path, no_logs: Path) -> Row:
    """A person at a terminal is offered what is unfinished, so the journals are looked at first."""
    claim = f"the same at a terminal, with {size.old_jobs} old jobs of an hour, against without"
    if os.name == "nt":
        return Row(claim, 1.3, None, "a terminal to try it at is there on Linux and macOS only")
    ask, without = (partial(_at_a_terminal, work, folder) for folder in (logs, no_logs))
    without()
    compared = compare([ask], without, size.rounds)[0]
    return Row(claim, 1.3, compared.ratio, f"{compared.seconds}, median of {size.rounds} starts")


def _keep_old_jobs(logs: Path, count: int) -> None:
    """Journals of finished jobs, each with a retrieval for each camera and minute."""
    for number in range(count):
        job = new_job(_AN_HOUR, logs)
        job.created += timedelta(days=number)
        for retrieval, media in job.media():
            retrieval.state, retrieval.id = RetrievalState.ACCEPTED, f"retrieval-{number}"
            media.status, media.provider_message = MediaStatus.UNAVAILABLE, "unavailable"
        job.finished = True
        Journal.create(logs, job, f"{number}").close()


def _at_a_terminal(work: Path, logs: Path) -> None:
    """The same with a terminal for all that is typed and shown."""
    import pty  # Windows does not have it

    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, str(_MAIN), f"--logs={logs}"],
            cwd=work,
            env=_environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,  # else what is hidden would be asked at our own terminal
        ) as program:
            _read_question(partial(os.read, ours, 1))
            program.kill()
    finally:
        os.close(ours)
        os.close(theirs)


def _read_question(read_byte: Callable[[], bytes]) -> None:
    seen = b""
    while not seen.endswith(b": "):
        byte = read_byte()
        if not byte:
            raise RuntimeError(f"The program ended before it asked; its output was {seen!r}.")
        seen += byte


def _nothing(work: Path) -> None:
    subprocess.run([sys.executable, "-c", "pass"], cwd=work, env=_environment(), check=True)


def _help(work: Path) -> None:
    command = [sys.executable, str(_MAIN), "--help"]
    subprocess.run(  # noqa: S603 - this very program
        command, cwd=work, env=_environment(), stdout=subprocess.DEVNULL, check=True
    )


def _environment() -> dict[str, str]:
    """Without keys that would answer a question, and with the bytecode that Python keeps by itself:
    only the very first start compiles the program.
    """
    left_out = ("SAMSARA_", "PYTHONDONTWRITEBYTECODE")
    return {k: v for k, v in os.environ.items() if not k.startswith(left_out)}


def _first_question(work: Path) -> None:
    """Wait until the first question is printed; then the input ends, and so does the program."""
    with subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, str(_MAIN)],
        cwd=work,  # a folder without a .env that would answer the question
        env=_environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdin is not None and program.stderr is not None  # noqa: S101 - pipes
        _read_question(partial(program.stderr.read, 1))
        program.kill()
        program.communicate()
