"""A media host on loopback that answers with what is scripted, for tests of downloads."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from footage.cloud.download import Download, Downloader

VIDEO = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 2000
SHA = hashlib.sha256(VIDEO).hexdigest()
SECRET = "X-Amz-Signature=verysecret"

Answer = Callable[[BaseHTTPRequestHandler], None]


class Host:
    """Answers with what is scripted, in order; the last one repeats. Keeps the headers it got."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append({"path": self.path, **self.headers})
                answer = outer.script.pop(0) if len(outer.script) > 1 else outer.script[0]
                answer(self)

            def log_message(self, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *about: object) -> None:
                """Clients that leave early are expected."""

        self.http = Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        self.url = f"{self.base}/clip.mp4?{SECRET}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def ranges(self) -> list[str | None]:
        return [asked.get("Range") for asked in self.asked]


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def delivers(
    content: bytes = VIDEO,
    *,
    etag: str = '"v1"',
    cut: int | None = None,
    ranges: bool = True,
    stall: threading.Event | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """A host that knows ranges; `cut`: hangs up (or stalls) after so many bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        wanted = handler.headers.get("Range") if ranges else None
        if wanted and handler.headers.get("If-Range", etag) != etag:
            wanted = None
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = content[begin:]
        handler.send_response(206 if wanted else 200)
        if wanted:
            handler.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        if etag:
            handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        if cut is None:
            handler.wfile.write(body)
            return
        handler.wfile.write(body[:cut])
        handler.wfile.flush()
        if stall:
            stall.wait(5)
        hang_up(handler)

    return answer


def playable(path: Path) -> str:
    """Stands in for the check of a video: any file passes."""
    return f"seen {path.name}"


def fetch(
    downloader: Downloader,
    host: Host,
    target: Path,
    verify: Callable[[Path], str] = playable,
    progress: Callable[[int, int | None], None] | None = None,
) -> Download[str]:
    return downloader.fetch(host.url, target, verify, progress, existing=target)


def left(target: Path) -> list[str]:
    """The names in the folder of the target."""
    return sorted(path.name for path in target.parent.iterdir())
