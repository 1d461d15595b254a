"""One way to stop, however it is asked for: Ctrl+C, a closed terminal, a system that shuts down."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any

from footage.errors import ExitStatus
from footage.system.threads import StopEvent, UninterruptedLock

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")  # those that this system has

# What Windows tells a program whose window is closed, or whose user logs off or shuts down.
_CONSOLE_CLOSED = {"CTRL_CLOSE_EVENT": 2, "CTRL_LOGOFF_EVENT": 5, "CTRL_SHUTDOWN_EVENT": 6}
# Seconds of the five that Windows then gives the program before it ends it.
_CONSOLE_PATIENCE = 4.0


@contextmanager
def stop_on_signals(stop: StopEvent) -> Iterator[None]:
    """Inside of it the first signal to stop sets `stop` and raises KeyboardInterrupt in the main
    thread, once that has no `UninterruptedLock`; a second one ends the program at once, which its
    journal survives.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    stopping = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            os._exit(ExitStatus.INTERRUPTED)
        stopping = True
        stop.set()
        UninterruptedLock.interrupt()

    ended = threading.Event()
    with _console_handler(on_console_closed(stop, ended)):
        before: dict[int, Any] = {}
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handle)
        try:
            yield
        finally:
            ended.set()  # first: while the console waits for it, its handler cannot be taken away
            for number, handler in before.items():
                signal.signal(number, handler)


def on_console_closed(stop: StopEvent, ended: threading.Event) -> Callable[[int], bool]:
    """What Windows calls, in a thread of its own, when something happens to the console.

    It ends the process as soon as this returns, so this waits until `ended`: all is saved.
    """

    def on_event(event: int) -> bool:
        if event not in _CONSOLE_CLOSED.values():
            return False  # Ctrl+C and Ctrl+Break come as signals
        import _thread

        stop.set()
        _thread.interrupt_main()
        ended.wait(_CONSOLE_PATIENCE)
        return True

    return on_event


if sys.platform == "win32":
    import ctypes

    @contextmanager
    def _console_handler(handler: Callable[[int], bool]) -> Iterator[None]:
        """Have it called for the console's events."""
        called = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint)(handler)
        ctypes.windll.kernel32.SetConsoleCtrlHandler(called, 1)
        try:
            yield
        finally:
            ctypes.windll.kernel32.SetConsoleCtrlHandler(called, 0)

else:

    def _console_handler(handler: Callable[[int], bool]) -> nullcontext[None]:
        """Other systems send signals."""
        return nullcontext()
