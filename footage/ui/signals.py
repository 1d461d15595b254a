"""One way to stop, however it is asked for: Ctrl+C, a closed terminal, a system that shuts down."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from footage.errors import ExitStatus
from footage.system.threads import StopEvent

# Seconds that Windows gives a program after its console window was closed.
_CONSOLE_PATIENCE = 4.0


@contextmanager
def stop_on_signals(stop: StopEvent) -> Iterator[None]:
    """Inside of it the first signal to stop sets `stop` and raises KeyboardInterrupt in the main
    thread; a second one ends the program at once, which its journal survives.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return
    seen: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        if seen:
            os._exit(ExitStatus.INTERRUPTED)
        seen.append(number)
        stop.set()
        raise KeyboardInterrupt

    before: dict[int, Any] = {}
    ended = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, handle)
    if sys.platform == "win32":
        _keep_console_handler(_on_console_closed(stop, ended))
    try:
        yield
    finally:
        ended.set()
        for number, handler in before.items():
            signal.signal(number, handler)


_kept: list[object] = []  # what Windows calls back must not be collected


def _keep_console_handler(handler: Callable[[int], bool]) -> None:
    if sys.platform == "win32":
        import ctypes

        called = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint)(handler)
        _kept.append(called)
        ctypes.windll.kernel32.SetConsoleCtrlHandler(called, 1)


def _on_console_closed(stop: StopEvent, ended: threading.Event) -> Callable[[int], bool]:
    """Windows ends the process as soon as this returns, so it waits until all is saved."""

    def closed(event: int) -> bool:
        if event not in (2, 5, 6):  # CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT
            return False
        import _thread

        stop.set()
        _thread.interrupt_main()
        ended.wait(_CONSOLE_PATIENCE)
        return True

    return closed
