"""Whole runs of the pipeline, each in a process of its own and fed over loopback."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.material import Picture, clip_name, minute_of_footage, new_job, own_copy
from benchmarks.measure import new_name
from benchmarks.one_job import Order, Result

PROGRAM = Path(__file__).resolve().parent.parent


@cache
def whole_run(
    minutes: int, held_back: int, picture: Picture, timed: int, drawn: Path, work: Path
) -> Result:
    """Retrieve, merge and render `minutes` of film; the clip of minute `held_back` comes last.

    The same run is measured only once, even if several claims use its result.
    """
    served = new_name(work, "")
    served.mkdir(parents=True)
    for number, (retrieval, media) in enumerate(new_job(minutes, work).media()):
        source = minute_of_footage(drawn, media.camera, picture)
        own_copy(source, served / clip_name(media.camera, retrieval.window), number)
    with served_from(served) as host:
        order = Order(minutes, held_back, host, str(new_name(work, "")), timed)
        run = subprocess.run(  # noqa: S603 - this very program
            [sys.executable, "-m", "benchmarks.one_job", json.dumps(asdict(order))],
            cwd=PROGRAM,
            stdout=subprocess.PIPE,
            check=True,
        )
    return Result(**json.loads(run.stdout))


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without logging."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served_from(folder: Path) -> Iterator[str]:
    """A media host on loopback for the files of `folder`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
