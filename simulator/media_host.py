"""The host of the signed URLs: serves clips, whole or in ranges, and plays the mishaps.

It is another origin than the APIs' and takes no API key: a request that carries one is refused, as
storage services refuse two kinds of authorization at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import md5
from pathlib import PurePosixPath
from uuid import uuid4

from flask import Flask, Response, request
from werkzeug.http import parse_range_header

from simulator import http_server
from simulator.calls import CallLog
from simulator.cloud import Cloud, Item
from simulator.mishaps import OnClip
from simulator.signing import Signer

_PIECE = 16 * 1024
_ERROR_PAGE = "<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
# The first of these that applies to a transfer is the one that happens.
_TRANSFER_KINDS = ("busy", "html", "garbage", "reset", "truncate", "cut", "stall", "slow")


def path_of(item: Item) -> str:
    """The path of an item's file on this host."""
    return f"/media/{item.key}.{'jpeg' if item.media_type == 'image' else 'mp4'}"


def build(cloud: Cloud, signer: Signer, log: CallLog, stopping: threading.Event) -> Flask:
    """The application that serves the clips of `cloud`."""
    app = Flask("media", static_folder=None)

    @app.get("/media/<path:name>")
    def download(name: str) -> Response:
        call = http_server.record_call(log, "media", "download")
        response = _answer(cloud, signer, stopping, name)
        response.headers["x-amz-request-id"] = uuid4().hex[:16].upper()  # as S3 names its answers
        call.status = response.status_code
        return response

    return app


def _answer(cloud: Cloud, signer: Signer, stopping: threading.Event, name: str) -> Response:
    if "Authorization" in request.headers or "X-Api-Key" in request.headers:
        return _error(400, "InvalidArgument", "Only one auth mechanism allowed")
    complaint = signer.complaint(
        request.path,
        *(request.args.get(f"X-Sim-{part}", "") for part in ("Expires", "Nonce", "Signature")),
    )
    if complaint:
        return _error(403, "AccessDenied", complaint)
    item = cloud.item(str(PurePosixPath(name).with_suffix("")))
    if item is None or item.rendering is None:
        return _error(404, "NoSuchKey", "The specified key does not exist.")
    occasion = cloud.count_transfer(item)
    active = (item.mishap(kind, occasion) for kind in _TRANSFER_KINDS)
    mishap = next((mishap for mishap in active if mishap), None)
    if mishap and mishap.kind == "busy":
        return _error(int(mishap.amount), "SlowDown", "Please reduce your request rate.")
    if mishap and mishap.kind == "html":
        return Response(_ERROR_PAGE, mimetype="text/html")
    data = item.rendering.result().read_bytes()
    if mishap and mishap.kind == "garbage":
        data = bytes(byte ^ 0x55 for byte in data)
    return _file(data, path_of(item), cloud.scenario.ranges, mishap, stopping)


def _file(
    data: bytes, path: str, ranges: bool, mishap: OnClip | None, stopping: threading.Event
) -> Response:
    etag = md5(data, usedforsecurity=False).hexdigest()
    response = Response(mimetype="image/jpeg" if path.endswith("jpeg") else "video/mp4")
    response.set_etag(etag)
    if ranges:
        response.headers["Accept-Ranges"] = "bytes"
        wanted = _range(etag, len(data))
        if wanted == (0, 0):
            failure = _error(416, "InvalidRange", "The requested range is not satisfiable")
            failure.headers["Content-Range"] = f"bytes */{len(data)}"
            return failure
        if wanted:
            response.status_code = 206
            response.headers["Content-Range"] = f"bytes {wanted[0]}-{wanted[1] - 1}/{len(data)}"
            data = data[slice(*wanted)]
    if mishap is None or mishap.kind == "garbage":
        response.set_data(data)
        return response
    if mishap.kind != "cut":
        response.headers["Content-Length"] = str(len(data))
    response.response = _broken(data, mishap, stopping)
    return response


def _range(etag: str, size: int) -> tuple[int, int] | None:
    """The requested bytes as (begin, end); None means all, (0, 0) a range outside of the file."""
    wanted = parse_range_header(request.headers.get("Range"))
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    if "If-Range" in request.headers and request.if_range.etag != etag:
        return None
    return wanted.range_for_length(size) or (0, 0)


def _broken(data: bytes, mishap: OnClip, stopping: threading.Event) -> Iterator[bytes]:
    """The body, sent slowly or broken off as the mishap says."""
    half = len(data) // 2
    if mishap.kind == "slow":
        for begin in range(0, len(data), _PIECE):
            piece = data[begin : begin + _PIECE]
            stopping.wait(len(piece) / mishap.amount)
            yield piece
        return
    yield data[:half]
    if mishap.kind == "reset":
        raise http_server.DropConnectionError
    if mishap.kind == "stall":
        stopping.wait(mishap.amount)
        yield data[half:]


def _error(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
    body += f"<Message>{message}</Message></Error>"
    return Response(body, status, mimetype="application/xml")
