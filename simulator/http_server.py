"""The HTTP servers: threaded, on loopback, silent, and able to reset a connection on purpose."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from flask import Flask, request
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from simulator.calls import Call, CallLog

HOST = "127.0.0.1"
# SO_LINGER of no time: closing sends RST where it would send FIN.
_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class DropConnectionError(ConnectionError):
    """Raised while a call is answered, to reset its connection as a network failure would."""


class _Handler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing: the calls are in the `CallLog`."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        self.close_connection = True  # else the handler would wait for another request
        if isinstance(error, DropConnectionError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)


class _BuiltWhenCalled:
    """An application that is built for its first call: Flask takes 20 ms or more for its routes,
    and most runs call one provider only.
    """

    def __init__(self, build: Callable[[], Flask]) -> None:
        self._build = build
        self._app: Flask | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._lock:
            if self._app is None:
                self._app = self._build()
                # So that DropConnectionError reaches the server.
                self._app.config["PROPAGATE_EXCEPTIONS"] = True
        return self._app(environ, start_response)


class Server(ThreadedWSGIServer):
    """Serves one application on a port of its own, from its construction until `stop`."""

    daemon_threads = True

    def __init__(self, name: str, build: Callable[[], Flask], port: int = 0) -> None:
        super().__init__(HOST, port, _BuiltWhenCalled(build), handler=_Handler)
        self._thread = threading.Thread(
            target=self.serve_forever, args=(0.02,), name=name, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def shutdown_request(self, request: Any) -> None:
        with suppress(OSError):
            if any(request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_LINGER))):
                self.close_request(request)  # without the FIN that a shutdown sends first
                return
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a client may leave at any time
            super().handle_error(request, client_address)

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


def record_call(log: CallLog, origin: str, endpoint: str) -> Call:
    """Add the request that is being answered to the record of calls."""
    body = request.get_json(silent=True)
    return log.arrived(
        origin, endpoint, request.method, request.path, query(), body, dict(request.headers)
    )


def query() -> Mapping[str, list[str]]:
    """The query of the request that is being answered: each key with all of its values."""
    return request.args.to_dict(flat=False)
