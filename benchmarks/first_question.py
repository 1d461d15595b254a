"""Claim: the first question is on the screen at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import Row, Table, compare

_MAIN = Path(__file__).resolve().parent.parent / "main.py"


@dataclass(frozen=True)
class Size:
    rounds: int


FULL = Size(15)
QUICK = Size(7)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Start `python main.py` and wait for its question; compare with a Python that does nothing."""
    work.mkdir(parents=True, exist_ok=True)
    _first_question(work)  # the first start after an update writes the bytecode
    shown: list[float] = []
    compared = compare(
        [lambda: shown.append(_first_question(work))], lambda: _nothing(work), size.rounds
    )[0]
    how = f"median of {size.rounds} starts"
    return Table(
        "First question on screen",
        (
            Row(
                "seconds from `python main.py` to the first question",
                0.5,
                median(shown),
                f"{how}; {median(shown) / compared.theirs:.1f} times a bare `python -c pass` "
                f"({compared.theirs:.3f} s)",
                unit="s",
            ),
        ),
    )


def _first_question(work: Path) -> float:
    """Seconds until the first question is printed; then the input ends, and so does the program."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SAMSARA_")}
    begun = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, str(_MAIN)],
        cwd=work,  # a folder without a .env that would answer the question
        env=environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdin is not None and program.stderr is not None  # noqa: S101 - pipes
        seen = b""
        while not seen.endswith(b": "):
            byte = program.stderr.read(1)
            if not byte:
                raise RuntimeError(f"The program ended before it asked; its output was {seen!r}.")
            seen += byte
        taken = time.perf_counter() - begun
        program.stdin.close()
        program.stderr.read()
    return taken


def _nothing(work: Path) -> None:
    subprocess.run([sys.executable, "-c", "pass"], cwd=work, check=True)
