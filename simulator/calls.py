"""The record of every call that arrives, for tests to check."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One call as it arrived, and how it was answered. Only `CallLog` makes them.

    at:        seconds on the monotonic clock of this computer, at arrival
    origin:    "api" or "media"
    endpoint:  "post", "poll", "list", "vehicles", "vehicle", "quota", "timelines", "stats",
               "stream", "events", "event", "legacy" (the older list of events), "contacts" (when
               vehicles were online), "download", or "" (not found); the same names for all
               providers
    number:    ordinal of the call among those of this endpoint, from 1
    order:     ordinal of the call among those of this origin, from 1
    body:      the JSON that was sent; None where there was none
    status:    the HTTP status answered; 0 where the connection was dropped or none is sent yet
    accepted:  id of the retrieval that this call created, whether or not its answer arrived;
               "" where it created none
    """

    at: float
    origin: str
    endpoint: str
    number: int
    order: int
    method: str
    path: str
    query: Mapping[str, list[str]]
    body: Any
    headers: Mapping[str, str] = field(repr=False)
    status: int = 0
    accepted: str = ""


class CallLog:
    """Keeps the calls in order of arrival; safe to use from several threads."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def arrived(
        self,
        origin: str,
        endpoint: str,
        method: str,
        path: str,
        query: Mapping[str, list[str]],
        body: Any,
        headers: Mapping[str, str],
    ) -> Call:
        """Record a call and number it."""
        with self._lock:
            number = 1 + sum(call.endpoint == endpoint for call in self._calls)
            order = 1 + sum(call.origin == origin for call in self._calls)
            now = time.monotonic()
            call = Call(now, origin, endpoint, number, order, method, path, query, body, headers)
            self._calls.append(call)
            return call

    def all(self, endpoint: str = "") -> list[Call]:
        """All calls so far, or those of one endpoint."""
        with self._lock:
            return [call for call in self._calls if endpoint in ("", call.endpoint)]
