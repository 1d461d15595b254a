"""Ends a program that is to stop, or that does nothing any more.

An ffmpeg that waits for ever, for its input or for a drive, uses no processor time and reads
nothing. It would hold up its job without end.
"""

from __future__ import annotations

import logging
import subprocess
import threading

import psutil

log = logging.getLogger("footage.media.watchdog")

_STOP_POLL = 0.1  # seconds
_POLLS_A_LOOK = 10
# Looks in a row at a program that did nothing, one a second. They are counted rather than timed,
# for while the computer sleeps nobody looks. A disk that wakes up or a network that is slow takes
# less than that.
_IDLE_LOOKS = 120
# Seconds of processor time over all these looks. ffmpeg tells of its progress twice a second also
# when it makes none: some 20 milliseconds.
_IDLE_PROCESSOR_TIME = 0.1


class Watchdog(threading.Thread):
    """Kills the process when `stop` is set, or when it does nothing for two minutes.

    stalled: whether it was killed because it did nothing
    """

    def __init__(self, process: subprocess.Popen[bytes], stop: threading.Event | None) -> None:
        super().__init__(name="watchdog", daemon=True)
        self.stalled = False
        self._process = process
        self._stop_event = stop
        self._ended = threading.Event()
        self._done = (0.0, 0)  # processor time and what was read, when it last did something
        self._idle_looks = 0

    def end(self) -> None:
        """The process has ended, or is being ended: leave it alone."""
        self._ended.set()

    def run(self) -> None:
        """Look until the process has ended."""
        polls = 0
        while not self._ended.wait(_STOP_POLL):
            if self._stop_event is not None and self._stop_event.is_set():
                self._process.kill()
                return
            polls += 1
            if polls % _POLLS_A_LOOK == 0 and self._is_stalled():
                log.warning("It did nothing for %d seconds, and is ended", _IDLE_LOOKS)
                self.stalled = True
                self._process.kill()
                return

    def _is_stalled(self) -> bool:
        try:
            seconds, read = _work(self._process.pid)
        except psutil.Error:  # it has ended, or the system does not tell
            return False
        if seconds - self._done[0] >= _IDLE_PROCESSOR_TIME or read != self._done[1]:
            self._done = seconds, read
            self._idle_looks = 0
        else:
            self._idle_looks += 1
        return self._idle_looks >= _IDLE_LOOKS


def _work(number: int) -> tuple[float, int]:
    """What a process has done so far: seconds of processor time, and reads where these are told."""
    process = psutil.Process(number)
    times = process.cpu_times()
    # macOS does not tell of reads.
    reads = process.io_counters().read_count if hasattr(process, "io_counters") else 0
    return times.user + times.system, reads
