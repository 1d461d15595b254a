"""One run of the program that tells its processor time: `python -m benchmarks.idle_job OPTION ...`.

The options are main.py's. Each line on standard input is answered by one line on standard output:
the seconds of processor time that this process has used. When the input ends, so does the run.
"""

from __future__ import annotations

import os
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
        output.write(f"{time.process_time()}\n")
        output.flush()
    os._exit(0)  # the run itself would wait for a day


if __name__ == "__main__":
    threading.Thread(target=_answer, daemon=True).start()
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        main.main(sys.argv[1:])
