"""Runs of the program that die, for the crash tests: `python tests/mortal.py`, POSIX only.

It loads the program once; then for each line of JSON on its standard input it forks a child that
runs `main` with the given arguments and dies, as in a power cut, where the line says:

    {"arguments": [...], "lines": N}      after N lines of the project's own code
    {"arguments": [...], "save": N, "when": "before" | "after"}   at the N-th save of the journal
    {"arguments": [...]}                  not at all

Nothing of the dying process runs any more: no `finally`, no buffer is written. It answers with one
line of JSON: {"status": N}, 137 for a death.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

import footage.job.journal
import footage.job.runner
import footage.ui.progress
import footage.ui.summary
import main
import MotiveAPI
import SamsaraAPI  # noqa: F401
from footage.cloud import rate_limit

DEAD = 137


def die_after_lines(count: int) -> None:
    """End the process after so many lines of the project's own code, in whichever thread."""
    left = [count]
    modules = ("footage", "main.py", "SamsaraAPI.py", "MotiveAPI.py")
    own = tuple(str(PROJECT / name) for name in modules)

    def on_line(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            left[0] -= 1
            if left[0] <= 0:
                os._exit(DEAD)
        return on_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        return on_line if frame.f_code.co_filename.startswith(own) else None

    threading.settrace(on_call)
    sys.settrace(on_call)


def die_at_save(number: int, when: str) -> None:
    """End the process right before or right after the N-th time that the journal is written."""
    write, left = footage.job.journal.whole_files.write_lines, [number]

    def write_and_die(target: Path, lines: Iterable[str]) -> None:
        left[0] -= 1
        if left[0] == 0 and when == "before":
            os._exit(DEAD)
        write(target, lines)
        if left[0] == 0:
            os._exit(DEAD)

    footage.job.journal.whole_files.write_lines = write_and_die


def live(order: dict[str, Any]) -> None:
    """The child: run the program as told."""
    log = os.open(order["said"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["environment"])
    rate_limit.spacing = lambda calls, period: (
        0.0005
    )  # limits are other tests' matter; these want many deaths
    MotiveAPI.MotiveAPI.min_poll_interval = 0.0
    if "save" in order:
        die_at_save(order["save"], order["when"])
    if "lines" in order:
        die_after_lines(order["lines"])
    status = main.main(order["arguments"])
    sys.settrace(None)
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            live(json.loads(line))
        _, ended = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"status": os.waitstatus_to_exitcode(ended)}) + "\n")
        sys.stdout.flush()
