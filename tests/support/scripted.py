"""A server on loopback with scripted answers, and a clock that does not wait."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[BaseHTTPRequestHandler], None]


class ScriptedServer:
    """Answers with what is scripted, in order; the last answer repeats. Keeps what it was asked.

    script: the answers to all calls; an entry of `paths` answers the calls of one path instead
    asked:  (method, path with query, headers, JSON body) of every call
    """

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.paths: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                script = outer.paths.get(self.path.partition("?")[0], outer.script)
                (script.pop(0) if len(script) > 1 else script[0])(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        # Clients that leave early are expected.
        self.http.handle_error = lambda *about: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def queries(self, path: str) -> list[dict[str, list[str]]]:
        """The queries of all calls of one path."""
        called = [urlsplit(url) for _, url, _, _ in self.asked]
        return [parse_qs(url.query, strict_parsing=True) for url in called if url.path == path]

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


def says(status: int, body: object = b"", headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with this JSON, or these bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """No answer: the connection ends."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def breaks_off(handler: BaseHTTPRequestHandler) -> None:
    """The connection ends in the middle of a JSON body."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data": {"retr')
    handler.wfile.flush()
    hangs_up(handler)


class FakeTime:
    """A clock that only its own waits move."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def no_server() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
