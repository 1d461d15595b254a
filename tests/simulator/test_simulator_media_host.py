"""The simulated media host: signed URLs, ranges, and transfers that break."""

from __future__ import annotations

import pytest
import requests
from support.bare_client import DRIVER, ROAD, RunSamsara, fetch, fetch_whole

from simulator import OnClip


def test_urls_are_for_their_holder_only_and_expire(run: RunSamsara) -> None:
    client = run(OnClip("expire", 0.0, at=1))
    url = client.url()
    assert fetch(url, Authorization="Bearer x").status_code == 400
    assert fetch(url).status_code == 200
    assert fetch(url.replace(ROAD, DRIVER)).status_code == 403
    expired = fetch(client.url(1))
    assert (expired.status_code, b"Request has expired" in expired.content) == (403, True)


def test_ranges_are_served(run: RunSamsara) -> None:
    url = run().url()
    whole = fetch(url)
    data, etag = whole.content, whole.headers["ETag"]
    assert (whole.headers["Accept-Ranges"], int(whole.headers["Content-Length"])) == (
        "bytes",
        len(data),
    )
    rest = fetch(url, Range="bytes=100-", **{"If-Range": etag})
    assert (rest.status_code, rest.content) == (206, data[100:])
    assert rest.headers["Content-Range"] == f"bytes 100-{len(data) - 1}/{len(data)}"
    assert fetch(url, Range="bytes=100-", **{"If-Range": '"other"'}).status_code == 200
    assert fetch(url, Range=f"bytes={len(data)}-").status_code == 416


def test_a_host_without_ranges_sends_everything(run: RunSamsara) -> None:
    answer = fetch(run(ranges=False).url(), Range="bytes=100-")
    assert answer.status_code == 200
    assert "Accept-Ranges" not in answer.headers


def test_transfers_break_once_and_then_work(run: RunSamsara) -> None:
    kinds = ("truncate", "cut", "reset", "html", "busy", "garbage", "stall")
    client = run(*(OnClip(kind, at=minute) for minute, kind in enumerate(kinds)))
    urls = dict(zip(kinds, (client.url(minute) for minute in range(len(kinds))), strict=True))
    for kind in ("truncate", "reset"):
        with pytest.raises(requests.exceptions.RequestException):
            fetch_whole(urls[kind])
    short = fetch(urls["cut"])
    assert "Content-Length" not in short.headers
    html = fetch(urls["html"])
    assert (html.status_code, html.headers["Content-Type"][:9]) == (200, "text/html")
    assert fetch(urls["busy"]).status_code == 503
    assert b"ftyp" not in fetch(urls["garbage"]).content[:16]
    with pytest.raises(requests.exceptions.RequestException):
        requests.get(urls["stall"], timeout=0.2)
    for kind in kinds:
        assert b"ftyp" in fetch_whole(urls[kind])[:16]
    assert len(short.content) == len(fetch_whole(urls["cut"])) // 2
