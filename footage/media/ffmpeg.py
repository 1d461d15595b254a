"""Where the ffmpeg that moviepy ships is found, and how it is run. Nothing else starts it."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

from footage.errors import DiskError, FfmpegError, FfmpegMissing, Interrupted
from footage.media.watchdog import Watchdog
from footage.system import whole_files

log = logging.getLogger("footage.media.ffmpeg")

_VARIABLE = "IMAGEIO_FFMPEG_EXE"
_ATTEMPTS = 2
_START_TIMEOUT = 30.0  # seconds; a virus scanner may look at it first

# What ffmpeg says in the system's words where it cannot write. Windows has no words for EDQUOT, but
# "Unknown error", which ffmpeg says of other things.
_DISK_ERRORS = [errno.ENOSPC, errno.EROFS, errno.EACCES]
if os.name != "nt":
    _DISK_ERRORS.append(errno.EDQUOT)


@lru_cache(maxsize=1)
def binary() -> str:
    """The path of the ffmpeg that moviepy uses; `IMAGEIO_FFMPEG_EXE` can name another."""
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        return str(get_ffmpeg_exe())
    except RuntimeError as error:
        raise FfmpegMissing(
            "The video tool (ffmpeg) is not there. Install the program's packages once more: "
            "python -m pip install --force-reinstall imageio-ffmpeg"
        ) from error


@lru_cache(maxsize=1)
def check() -> str:
    """See that ffmpeg can be started, before anything is paid for that needs it: its version.

    Raises FfmpegMissing, with what to do.
    """
    try:
        ran = subprocess.run(  # noqa: S603 - as below
            [binary(), "-version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_START_TIMEOUT,
            check=False,
        )
    except OSError as error:
        raise _cannot_start(error.strerror or str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise _cannot_start(f"it did not answer in {_START_TIMEOUT:.0f} s") from error
    if not ran.stdout.startswith(b"ffmpeg version"):
        raise _cannot_start("it is another program, or damaged")
    words = ran.stdout.decode("utf-8", "replace").split(maxsplit=3)
    return words[2] if len(words) > 2 else ""


def _cannot_start(reason: str) -> FfmpegMissing:
    if os.environ.get(_VARIABLE):
        what_to_do = f"The variable {_VARIABLE} names it: correct that, or remove it."
    else:
        what_to_do = (
            "Does a virus scanner hold it back? Allow it there, or install it once more: "
            "python -m pip install --force-reinstall imageio-ffmpeg"
        )
    return FfmpegMissing(
        f"The video tool (ffmpeg) cannot be started ({reason}): {binary()}. {what_to_do}"
    )


def run(
    arguments: Sequence[str],
    *,
    stdin: bytes | Iterable[bytes] | None = None,
    progress: Callable[[float], None] | None = None,
    stop: threading.Event | None = None,
    complaints: list[str] | None = None,
) -> str:
    """Run ffmpeg to its end and return what it wrote to standard output.

    stdin:    bytes given to it as `pipe:0`, at once or in pieces that are made meanwhile; where it
              is run once more, they are asked for once more
    progress: called with the seconds of output written so far
    stop:     when set, ffmpeg is killed and Interrupted raised
    complaints: takes what it wrote to standard error although it ended well

    An ffmpeg that does nothing any more is killed, and run once more.

    Raises FfmpegError when it ends with an error; `detail` is what it wrote to standard error.
    """
    command = [binary(), "-hide_banner", "-v", "error", "-y"]
    command += [] if stdin is not None else ["-nostdin"]
    command += ["-progress", "pipe:1", "-nostats"] if progress else []
    command += arguments
    log.debug("ffmpeg %s", " ".join(command[1:]))
    for _ in range(_ATTEMPTS):
        ended = _run_once(command, stdin, progress, stop)
        if stop is not None and stop.is_set():
            raise Interrupted("Stopped while working on a video.")
        if not ended.stalled:
            break
    else:
        raise FfmpegError(
            "The video tool (ffmpeg) did nothing any more, twice, and was ended. "
            "Is the folder on a drive that does not answer? Start again with --resume."
        )
    if ended.status != 0:
        log.error("ffmpeg ended with status %s: %s", ended.status, ended.errors)
        _raise_disk_error(ended.errors, ended.status)
        raise FfmpegError(_last_line(ended.errors), ended.errors)
    if ended.errors:
        log.debug("ffmpeg wrote: %s", ended.errors)
        if complaints is not None:
            complaints.append(ended.errors)
    return ended.output


@dataclass(frozen=True)
class _Ended:
    """How a run of ffmpeg has ended.

    output, errors: what it wrote to standard output and to standard error
    stalled:        it was killed because it did nothing any more
    """

    status: int
    output: str
    errors: str
    stalled: bool


def _run_once(
    command: Sequence[str],
    stdin: bytes | Iterable[bytes] | None,
    progress: Callable[[float], None] | None,
    stop: threading.Event | None,
) -> _Ended:
    with tempfile.TemporaryFile() as errors:
        process = _start(command, subprocess.DEVNULL if stdin is None else subprocess.PIPE, errors)
        watchdog = Watchdog(process, stop)
        watchdog.start()
        feeder: _Feeder | None = None
        if stdin is not None:
            feeder = _Feeder(process, (stdin,) if isinstance(stdin, bytes) else stdin)
            feeder.start()
        try:
            output = _read(process, progress)
            status = process.wait()
        finally:
            watchdog.end()
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if feeder is not None and feeder.error is not None:
            raise feeder.error
        errors.seek(0)
        detail = errors.read().decode("utf-8", "replace").strip()
    return _Ended(status, output, detail, watchdog.stalled)


def _start(command: Sequence[str], stdin: int, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - a list, no shell; the binary is moviepy's
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=errors
        )
    except OSError as error:
        raise _cannot_start(error.strerror or str(error)) from error


def _read(process: subprocess.Popen[bytes], progress: Callable[[float], None] | None) -> str:
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    lines: list[str] = []
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace")
        if progress is None:
            lines.append(line)
        elif line.startswith("out_time_us="):
            value = line.partition("=")[2].strip()
            if value.lstrip("-").isdigit():
                progress(max(0.0, int(value) / 1e6))
    return "".join(lines)


class _Feeder(threading.Thread):
    """Gives a process its input.

    error: why a piece of it could not be made; the process is killed then, for it would take the
           pieces before for the whole
    """

    def __init__(self, process: subprocess.Popen[bytes], pieces: Iterable[bytes]) -> None:
        super().__init__(name="feeder", daemon=True)
        self.error: Exception | None = None
        self._process = process
        self._pieces = pieces

    def run(self) -> None:
        """Write all pieces, or as many as the process takes, and close its input."""
        assert self._process.stdin is not None  # noqa: S101 - it was opened as a pipe
        pieces = iter(self._pieces)
        try:
            with self._process.stdin as pipe:
                while (piece := self._next(pieces)) is not None:
                    pipe.write(piece)
                    pipe.flush()
        except OSError:  # ffmpeg ended first; its exit status tells why
            log.debug("ffmpeg closed its input early")

    def _next(self, pieces: Iterator[bytes]) -> bytes | None:
        try:
            return next(pieces, None)
        except Exception as error:  # noqa: BLE001 - handed on to the thread that waits
            self.error = error
            self._process.kill()
            return None


def _raise_disk_error(detail: str, status: int) -> None:
    """Raise DiskError where ffmpeg's error text names a disk error of the operating system."""
    # With a limit on the size of files (`ulimit -f`) the system ends the program by a signal.
    too_large = status == -getattr(signal, "SIGXFSZ", 0) != 0
    if too_large or os.strerror(errno.EFBIG) in detail:
        raise DiskError(whole_files.too_large_text("the folder for the videos"))
    for number in _DISK_ERRORS:
        if os.strerror(number) in detail:
            raise DiskError(
                f"The video tool could not write: {os.strerror(number).lower()}. "
                "Make room, or allow writing there, and start again."
            )


def _last_line(detail: str) -> str:
    """A sentence with the last line of ffmpeg's error text."""
    last = detail.splitlines()[-1] if detail else "no reason given"
    return f"The video tool (ffmpeg) could not do its work: {last}"


def concat_list(entries: Sequence[tuple[Path, float | None]]) -> str:
    """The text of a list for ffmpeg's concat reader: files, each with its exact length in seconds.

    A given length replaces what the file says of itself, so that rounding does not add up.
    """
    lines = ["ffconcat version 1.0"]
    for path, duration in entries:
        # The reader knows one quoting: '...' with each ' as '\''
        lines.append("file '" + path.absolute().as_posix().replace("'", "'\\''") + "'")
        if duration is not None:
            lines.append(f"duration {duration:.6f}")
    return "\n".join(lines) + "\n"
