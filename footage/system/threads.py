"""Threads that do the waiting, what wakes them, and the one event that stops them all."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from contextvars import ContextVar

from footage.errors import Interrupted

log = logging.getLogger("footage.system.threads")

# Which of several jobs a thread works at, for the lines of the log; "": there is only one.
work_of: ContextVar[str] = ContextVar("work_of", default="")

_LONGEST_WAIT = 24 * 3600.0  # seconds: Windows takes no more than 49 days for one wait
# Seconds: there a Ctrl+C is heard only between two waits of the main thread.
_MAIN_THREAD_WAIT = 0.2 if os.name == "nt" else _LONGEST_WAIT


class StopEvent(threading.Event):
    """Set when everything has to end. Every wait of the program ends as soon as it is set.

    parent: when that one is set, this one is too; not the other way round
    """

    def __init__(self, parent: StopEvent | None = None) -> None:
        super().__init__()
        self._changes: weakref.WeakSet[Changes] = weakref.WeakSet()
        self._children: weakref.WeakSet[StopEvent] = weakref.WeakSet()
        if parent is not None:
            parent._children.add(self)
            if parent.is_set():
                self.set()

    def set(self) -> None:
        """Stop everything, and wake every thread that waits."""
        super().set()
        for changes in list(self._changes):
            changes.notify()
        for child in list(self._children):
            child.set()

    def wakes(self, changes: Changes) -> None:
        """End the waits for these changes too when the event is set."""
        self._changes.add(changes)

    def pause(self, seconds: float) -> None:
        """Wait so many seconds; raises Interrupted as soon as the event is set."""
        in_main_thread = threading.current_thread() is threading.main_thread()
        longest = _MAIN_THREAD_WAIT if in_main_thread else _LONGEST_WAIT
        until = time.monotonic() + seconds
        while not self.wait(min(seconds, longest)):
            seconds = until - time.monotonic()
            if seconds <= 0:
                return
        raise Interrupted("Stopped.")


class UninterruptedLock:
    """A lock, which its thread may take again, that Ctrl+C never leaves taken.

    A signal's KeyboardInterrupt comes at any instruction: also between the taking of a lock and the
    block that gives it back, and then every other thread would wait for it for ever. So while the
    main thread has any such lock, the interrupt waits until it has none: see `interrupt`.
    """

    _taken_by_main = 0  # how often, over all of these locks
    _interrupted = False

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            UninterruptedLock._taken_by_main += 1
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()
        if threading.current_thread() is threading.main_thread():
            UninterruptedLock._taken_by_main -= 1
            if UninterruptedLock._interrupted and not UninterruptedLock._taken_by_main:
                UninterruptedLock._interrupted = False
                raise KeyboardInterrupt

    @property
    def is_mine(self) -> bool:
        """Whether the calling thread has it."""
        return self._lock._is_owned()  # type: ignore[attr-defined, no-any-return]

    @classmethod
    def interrupt(cls) -> None:
        """Raise KeyboardInterrupt in the main thread, which calls this: now, or once it has no such
        lock any more.
        """
        if cls._taken_by_main:
            cls._interrupted = True
        else:
            raise KeyboardInterrupt


class Changes:
    """Counts changes, and wakes the threads that wait for the next one.

        seen = changes.count
        ...                      # nothing to do at the moment
        changes.wait(seen, 60.0)

    A change between the first line and the last is not missed: the wait ends at once then.

    also: what is notified of each of these changes too
    """

    def __init__(self, stop: StopEvent, also: Changes | None = None) -> None:
        self._stop = stop
        self._also = also
        # Its lock may be taken twice by one thread: a signal's handler sets the stop event.
        self._condition = threading.Condition(threading.RLock())
        self.count = 0
        stop.wakes(self)

    def notify(self) -> None:
        """Something has changed: wake everybody who waits."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()
        if self._also is not None:
            self._also.notify()

    def wait(self, seen: int, seconds: float | None = None) -> None:
        """Wait until `count` is no longer `seen`, at most so many seconds (None: for ever).

        Raises Interrupted as soon as the stop event is set.
        """
        self.wait_or_stop(seen, seconds)
        if self._stop.is_set():
            raise Interrupted("Stopped.")

    def wait_or_stop(self, seen: int, seconds: float | None = None) -> None:
        """The same, but when the stop event is set it only returns."""
        longest = _LONGEST_WAIT if seconds is None else min(seconds, _LONGEST_WAIT)
        in_main_thread = threading.current_thread() is threading.main_thread()
        at_once = _MAIN_THREAD_WAIT if in_main_thread else _LONGEST_WAIT
        until = time.monotonic() + longest
        with self._condition:
            while self.count == seen and not self._stop.is_set():
                left = until - time.monotonic()
                if left <= 0:
                    return
                self._condition.wait(min(left, at_once))


class WorkerGroup:
    """Some threads that work until they are done, are stopped, or one of them fails.

    They are daemons: one that hangs in the network does not keep the program from ending.

    changes: notified when one of them has ended
    """

    def __init__(self, stop: StopEvent, changes: Changes | None = None) -> None:
        self._stop = stop
        self._changes = changes
        self._threads: list[threading.Thread] = []
        self._ended: set[threading.Thread] = set()
        self._failure: BaseException | None = None

    def add(self, name: str, work: Callable[[], None]) -> None:
        """Start a thread that does `work`."""
        thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    @property
    def busy(self) -> bool:
        """True while any of them works. Raises the first failure of any, once."""
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        # One that has ended is alive for a moment after it has said so; and one may die before it
        # begins, as where a tool that traces it cannot follow.
        return any(one.is_alive() and one not in self._ended for one in self._threads)

    def join(self, seconds: float) -> None:
        """Wait until all of them have ended, at most so many seconds."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            if not thread.is_alive():  # nor one that Ctrl+C kept from being started
                continue
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():  # the time is over
                return

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Interrupted:
            log.debug("%s stopped", threading.current_thread().name)
        except BaseException as error:  # noqa: BLE001 - handed on to the thread that waits
            log.debug("%s failed: %r", threading.current_thread().name, error)
            if self._failure is None and not self._stop.is_set():
                self._failure = error
            self._stop.set()
        finally:
            self._ended.add(threading.current_thread())
            if self._changes is not None:
                self._changes.notify()
