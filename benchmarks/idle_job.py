"""One run of the program that tells what it costs: `python -m benchmarks.idle_job OPTION ...`.

The options are main.py's. Each line on standard input is answered by one line on standard output:
the seconds of processor time that this process has used, and how often its threads were switched
to, -1 where the system does not count that. When the input ends, so does the run.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import main


def _answer() -> None:
    """Waiting for a line costs no processor time, so it does not disturb what is measured."""
    output = sys.__stdout__
    assert output is not None  # noqa: S101 - it is a pipe
    for _ in sys.stdin:
        output.write(f"{time.process_time()} {_switches()}\n")
        output.flush()
    os._exit(0)  # the run itself would wait for a day


def _switches() -> int:
    """How often a thread of this process had to be switched to, as Linux counts it."""
    counted = [path.read_text() for path in Path("/proc/self/task").glob("*/status")]
    if not counted:
        return -1
    return sum(
        int(count) for text in counted for count in re.findall(r"ctxt_switches:\s+(\d+)", text)
    )


if __name__ == "__main__":
    threading.Thread(target=_answer, daemon=True).start()
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        main.main(sys.argv[1:])
