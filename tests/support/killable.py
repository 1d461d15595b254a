"""Runs of the program that are killed, for test_crashes.py: `python tests/support/killable.py`.

It loads the program once. For each line of JSON on its standard input it forks a child that runs
`main` with the given arguments, writes what it prints to the file `output`, and kills itself, as in
a power cut, where the line says so:

    {..., "lines": N}      after N lines of the project's own code
    {..., "save": N, "when": "before" | "amid" | "after"}   at the N-th writing of the journal: of
                           its JSON or of a line of steps; amid: when some of the bytes are written
    {..., "fold_after": N}   its JSON is brought up to date N seconds after a change
    {...}                  not at all

Nothing of the killed process runs any more: no `finally`, and no buffer is written. The answer is
one line of JSON: {"status": N}, 137 for a killed run. POSIX only.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

# Some only so that they are loaded once, and not by each child.
import footage.job.journal
import footage.job.runner
import footage.ui.progress
import footage.ui.summary
import main
import MotiveAPI
import SamsaraAPI  # noqa: F401
from footage.cloud import rate_limit
from footage.system import whole_files

KILLED = 137


def kill_after_lines(count: int) -> None:
    """End the process after so many lines of the project's own code, in whichever thread."""
    remaining = [count]
    modules = ("footage", "main.py", "SamsaraAPI.py", "MotiveAPI.py")
    own = tuple(str(PROJECT / name) for name in modules)

    def on_line(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            remaining[0] -= 1
            if remaining[0] <= 0:
                os._exit(KILLED)
        return on_line

    def on_call(frame: FrameType, event: str, argument: Any) -> Any:
        return on_line if frame.f_code.co_filename.startswith(own) else None

    threading.settrace(on_call)
    sys.settrace(on_call)


def kill_at_save(number: int, when: str) -> None:
    """End the process at the N-th time that one of the journal's two files is written."""
    write_lines, append, remaining = whole_files.write_lines, whole_files.append, [number]
    chance = random.Random(number)

    def written(write: Callable[[float], None]) -> None:
        """`write` is called with how much is written: of its part that comes first."""
        remaining[0] -= 1
        if remaining[0] == 0 and when == "before":
            os._exit(KILLED)
        write(chance.random() if remaining[0] == 0 and when == "amid" else 1.0)
        if remaining[0] == 0:
            os._exit(KILLED)

    def write_lines_and_kill(target: Path, lines: Iterable[str]) -> None:
        def write(part: float) -> None:
            if part == 1.0:
                write_lines(target, lines)
            else:
                text = "".join(f"{line}\n" for line in lines)
                whole_files.part_of(target).write_text(text[: int(part * len(text))], "utf-8")

        written(write)

    def append_and_kill(path: Path, at: int, data: bytes) -> None:
        written(lambda part: append(path, at, data[: math.ceil(part * len(data))]))

    whole_files.write_lines = write_lines_and_kill
    whole_files.append = append_and_kill


def run_program(order: dict[str, Any]) -> None:
    """The child: run the program as the line says."""
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["environment"])
    # Limits are the matter of other tests; these want many kills in little time.
    rate_limit.spacing = lambda calls, period: 0.0005
    rate_limit.RateLimiter._full_for = lambda limiter, now: 0.0  # type: ignore[method-assign, assignment]
    MotiveAPI.MotiveAPI.min_poll_interval = 0.0
    if "fold_after" in order:
        footage.job.journal._FOLD_AFTER = order["fold_after"]
    if "save" in order:
        kill_at_save(order["save"], order["when"])
    if "lines" in order:
        kill_after_lines(order["lines"])
    status = main.main(order["arguments"])
    sys.settrace(None)
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            run_program(json.loads(line))
        _, ended = os.waitpid(child, 0)
        sys.stdout.write(json.dumps({"status": os.waitstatus_to_exitcode(ended)}) + "\n")
        sys.stdout.flush()
