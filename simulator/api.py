"""What every call of a provider's API meets: the record, the key, limits, mishaps, error bodies."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any
from uuid import uuid4

from flask import Flask, Response, jsonify, request

from simulator import http_server
from simulator.calls import Call, CallLog
from simulator.cloud import Cloud, Item
from simulator.limits import SlidingWindow, retry_after
from simulator.media_host import path_of
from simulator.mishaps import OnCall
from simulator.signing import Signer

UTC = timezone.utc


class ApiError(Exception):
    """An answer other than success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Api(ABC):
    """Answers the calls; `media_url` is the origin that the signed URLs point to."""

    unauthorized: str
    not_permitted: str
    fault: str

    def __init__(
        self,
        cloud: Cloud,
        signer: Signer,
        log: CallLog,
        media_url: str,
        stopping: threading.Event,
        limits: Mapping[str, tuple[int, float]],
    ) -> None:
        self._cloud = cloud
        self._scenario = cloud.scenario
        self._signer = signer
        self._log = log
        self._media_url = media_url
        self._stopping = stopping
        self._limits = {
            endpoint: SlidingWindow(calls, seconds) for endpoint, (calls, seconds) in limits.items()
        }

    # --- where providers differ -----------------------------------------------------------------

    @abstractmethod
    def build(self) -> Flask:
        """The application that serves this API."""

    @abstractmethod
    def _key_is_good(self, call: Call) -> bool:
        """Whether the call carries the accepted key, where this provider wants it."""

    @abstractmethod
    def _failure(self, status: int, message: str) -> Response:
        """An error in the form that this provider gives it."""

    @abstractmethod
    def _too_many(self, wait: str) -> Response:
        """The answer to a call over the limit; `wait` is seconds as text."""

    # --- every call -----------------------------------------------------------------------------

    def _view(self, endpoint: str, answer: Callable[..., Any]) -> Callable[..., Response]:
        """Wrap an endpoint in what all share: record, key, limits, mishaps, error bodies."""

        def view(*_error: Exception, **part: str) -> Response:
            call = self._log.arrived(
                "api", endpoint, request.method, request.path, http_server.query(),
                request.get_json(silent=True), dict(request.headers),
            )  # fmt: skip
            try:
                response = self._guarded(call, lambda: answer(call, **part))
            except ApiError as error:
                response = self._failure(error.status, error.message)
            response.headers["X-Request-Id"] = uuid4().hex[:8]
            call.status = response.status_code
            return response

        view.__name__ = endpoint or answer.__name__
        return view

    def _guarded(self, call: Call, answer: Callable[[], Any]) -> Response:
        self._check_key(call)
        for limited in ("any", call.endpoint):
            wait = self._limits[limited].take() if limited in self._limits else 0.0
            if wait:
                return self._too_many(retry_after(wait))
        mishap = self._mishap(call)
        if mishap is None:
            return _response(answer())
        if mishap.kind in ("lost", "lost_drop"):
            answer()
        if mishap.kind in ("drop", "lost_drop"):
            raise http_server.DropConnectionError
        if mishap.kind == "hang":
            answered = _response(answer())  # what is asked for is done, only the answer is late
            self._stopping.wait(mishap.amount)
            return answered
        if mishap.kind == "throttle":
            return self._too_many(mishap.text)
        if mishap.kind == "gateway":
            return Response("<html><body>Bad gateway</body></html>", int(mishap.amount))
        if mishap.kind == "nonsense":
            return Response('{"data":', int(mishap.amount), mimetype="application/json")
        return self._failure(int(mishap.amount), self.fault)

    def _check_key(self, call: Call) -> None:
        revoked = self._scenario.revoke_after is not None and (
            call.order > self._scenario.revoke_after
        )
        if revoked or not self._key_is_good(call):
            raise ApiError(401, self.unauthorized)
        if self._scenario.forbidden:
            raise ApiError(403, self.not_permitted)

    def _mishap(self, call: Call) -> OnCall | None:
        for bad in self._scenario.bad:
            if isinstance(bad, OnCall) and bad.on in ("any", call.endpoint):
                number = call.order if bad.on == "any" else call.number
                if bad.matches(number, self._scenario.seed):
                    return bad
        return None

    def _signed(self, item: Item) -> tuple[str, datetime]:
        """A new URL for an item that is available, and when it expires (UTC)."""
        expire = item.mishap("expire", self._cloud.count_url(item))
        lifetime = expire.amount if expire else self._scenario.url_lifetime
        signed, expires = self._signer.sign(path_of(item), lifetime)
        return f"{self._media_url}{signed}", datetime.fromtimestamp(expires, UTC)

    def _nothing(self, _call: Call) -> None:
        raise ApiError(404, "Object not found.")

    def _not_allowed(self, _call: Call) -> None:
        raise ApiError(405, "Method not allowed.")


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, with milliseconds where there are any."""
    precision = "milliseconds" if moment.microsecond else "seconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _response(answer: Any) -> Response:
    return answer if isinstance(answer, Response) else jsonify(answer)
