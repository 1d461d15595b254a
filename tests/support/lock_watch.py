"""Watches that a job is changed as the locking rule of footage/job/journal.py says."""

from __future__ import annotations

import json
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import requests

from footage.job import serialization
from footage.job.journal import Journal
from footage.model import Job, Media, Retrieval


class LockWatch:
    """Keeps what breaks the locking rule, from when it is made until the test's end.

    changes: how many blocks of `change` were left, as a proof that there was something to watch
    broken:  what was done against the rule, by which thread, and where
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.changes = 0
        self.broken: list[str] = []
        self._journals: dict[int, _Watched] = {}
        watch = self

        def block(kind: str) -> Callable[..., AbstractContextManager[Job]]:
            original = getattr(Journal, kind)

            @contextmanager
            def watched(journal: Journal, *touched: Retrieval) -> Iterator[Job]:
                with original(journal, *touched) as job:
                    one = watch._journals.setdefault(id(journal), _Watched(journal))
                    with one.block(kind, watch, touched):
                        yield job

            return watched

        blocks = {kind: block(kind) for kind in ("change", "locked")}
        for kind, watched in blocks.items():
            monkeypatch.setattr(Journal, kind, watched)
        for journalled in (Job, Retrieval, Media):
            monkeypatch.setattr(journalled, "__setattr__", self._set)
        self._forbid(monkeypatch, requests.Session, "send", "the network was waited for")
        self._forbid(monkeypatch, subprocess.Popen, "__init__", "a program was run")

    @property
    def _set(self) -> Callable[[object, str, object], None]:
        """Stands in for `__setattr__` of what is journalled."""

        def set_field(changed: object, name: str, value: object) -> None:
            for one in list(self._journals.values()):
                # The revision is counted by the journal itself, when it saves.
                if one.has(changed) and "change" not in one.blocks and name != "revision":
                    self.note(f"{type(changed).__name__}.{name} was set outside of change()")
            object.__setattr__(changed, name, value)

        return set_field

    def _forbid(
        self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, message: str
    ) -> None:
        original = getattr(owner, name)

        def forbidden(*arguments: Any, **options: Any) -> Any:
            if any(one.blocks for one in list(self._journals.values())):
                self.note(f"{message} while the lock was held")
            return original(*arguments, **options)

        monkeypatch.setattr(owner, name, forbidden)

    def note(self, message: str) -> None:
        """Keep what is against the rule, with the lines of the program that did it."""
        places = [
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_stack()
            if "/footage/" in frame.filename.replace("\\", "/")
        ]
        self.broken.append(f"{message} [{threading.current_thread().name}] {' > '.join(places)}")


class _Watched:
    """One journal, and in which of its blocks each thread is."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._blocks = threading.local()
        self._last_seen: str | None = None

    @property
    def blocks(self) -> list[str]:
        """The blocks in which this thread is, the innermost last."""
        if not hasattr(self._blocks, "kinds"):
            self._blocks.kinds = []
        kinds: list[str] = self._blocks.kinds
        return kinds

    def has(self, one: object) -> bool:
        job = self._journal.job
        return one is job or any(
            one is retrieval or any(one is media for media in list(retrieval.media))
            for retrieval in list(job.retrievals)
        )

    @contextmanager
    def block(
        self, kind: str, watch: LockWatch, touched: Sequence[Retrieval] = ()
    ) -> Iterator[None]:
        """A block in which this thread has the lock: compares the job with what the last one left.

        So a list or a dict that was changed in place is noticed as well, and a retrieval that was
        changed in a block which names others.
        """
        before = self._retrievals() if touched else {}
        if not self.blocks and self._last_seen not in (None, self._state()):
            watch.note("the job was changed by somebody before")
        self._last_seen = self._state() if not self.blocks else self._last_seen
        self.blocks.append(kind)
        try:
            yield
        finally:
            if kind == "change":
                watch.changes += 1
                now = self._retrievals() if touched else {}
                changed = {key for key in now if before.get(key, now[key]) != now[key]}
                if changed - {id(one) for one in touched}:
                    watch.note("a retrieval was changed that the block did not name")
            elif "change" not in self.blocks and self._last_seen != self._state():
                watch.note("the job was changed in locked()")
            self._last_seen = self._state()
            self.blocks.pop()

    def _retrievals(self) -> dict[int, str]:
        """What is journalled of each retrieval, by its id in memory."""
        retrievals = self._journal.job.retrievals
        return {id(one): json.dumps(serialization.retrieval_values(one)) for one in retrievals}

    def _state(self) -> str:
        job = self._journal.job
        retrievals = [serialization.retrieval_values(one) for one in job.retrievals]
        outputs = [serialization.output_values(one) for one in job.outputs]
        head = {**serialization.head_values(job), "revision": 0}  # it is counted after the block
        steps = [serialization.step_values(one) for one in job.custody]
        return json.dumps([head, retrievals, outputs, steps])
