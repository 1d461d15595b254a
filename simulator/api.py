"""What both providers' APIs share: the record of calls, the key, limits, mishaps, error bodies."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import uuid4

from flask import Flask, Response, jsonify
from werkzeug.routing import Map, Rule

from simulator import http_server
from simulator.calls import Call, CallLog
from simulator.cloud import Cloud, Item
from simulator.limits import SlidingWindow, retry_after
from simulator.media_host import path_of
from simulator.mishaps import OnCall
from simulator.signing import Signer

UTC = timezone.utc


class ApiError(Exception):
    """The call is answered with this HTTP status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Backend:
    """What the APIs of one simulated cloud share.

    media_url: the origin that the signed URLs point to
    stopping:  set when the simulator stops; ends what is still waiting
    """

    cloud: Cloud
    signer: Signer
    log: CallLog
    media_url: str
    stopping: threading.Event


class Route(NamedTuple):
    """A path of an API: what it is called in the log of calls, and what answers there."""

    method: str
    path: str
    endpoint: str
    answer: Callable[..., Any]


@lru_cache
def _url_map(routes: tuple[tuple[str, str], ...]) -> Map:
    """The routes as Flask matches them, made once: each takes 5 ms."""
    return Map([Rule(path, methods=[m], endpoint=f"{m} {path}") for m, path in routes])


class Api(ABC):
    """Answers the calls of one provider's API.

    unauthorized, not_permitted, fault: the provider's messages for 401, 403 and a server's error
    """

    unauthorized: str
    not_permitted: str
    fault: str

    def __init__(self, backend: Backend, limits: Mapping[str, tuple[int, float]]) -> None:
        self._cloud = backend.cloud
        self._scenario = backend.cloud.scenario
        self._signer = backend.signer
        self._log = backend.log
        self._media_url = backend.media_url
        self._stopping = backend.stopping
        self._limits = {
            endpoint: SlidingWindow(calls, seconds) for endpoint, (calls, seconds) in limits.items()
        }

    # --- where providers differ -----------------------------------------------------------------

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """The paths of this API."""

    @abstractmethod
    def _key_is_good(self, call: Call) -> bool:
        """Whether the call carries the accepted key in the header that this provider reads."""

    @abstractmethod
    def _failure(self, status: int, message: str) -> Response:
        """An error, in this provider's format."""

    @abstractmethod
    def _too_many(self, wait: str) -> Response:
        """The answer to a call over the rate limit; `wait` is for Retry-After."""

    # --- every call -----------------------------------------------------------------------------

    def build(self) -> Flask:
        """The application that serves this API."""
        app = Flask(type(self).__name__, static_folder=None)
        routes = self.routes()
        app.url_map = _url_map(tuple((route.method, route.path) for route in routes))
        for route in routes:
            view = self._view(route.endpoint, route.answer)
            app.view_functions[f"{route.method} {route.path}"] = view
        app.register_error_handler(404, self._view("", self._nothing))
        app.register_error_handler(405, self._view("", self._not_allowed))
        return app

    def _view(self, endpoint: str, answer: Callable[..., Any]) -> Callable[..., Response]:
        """Wrap an endpoint in what all share; `answer` is given the call and the path's parts."""

        def view(*_error: Exception, **part: str) -> Response:
            call = http_server.record_call(self._log, "api", endpoint)
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
            late = _response(answer())  # the work is done at once, only its answer is late
            self._stopping.wait(mishap.amount)
            return late
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
