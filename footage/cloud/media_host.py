"""The host of the footage: one GET for a file, or for the rest of it, and what its answers mean.

How hosts behave follows RFC 9110, sections 13 (If-Range), 14 (ranges) and 15 (statuses).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import local
from urllib.parse import urljoin

import requests

from footage.cloud.backoff import retry_after
from footage.cloud.connection_errors import TRANSPORT_ERRORS, bad_setting, why
from footage.cloud.error_text import error_message
from footage.cloud.session import direct, new_session
from footage.errors import (
    ConnectionSettingError,
    DownloadError,
    Undeliverable,
    UrlExpired,
)
from footage.system.text import single_line
from footage.system.urls import address, may_carry_secrets

log = logging.getLogger("footage.cloud.media_host")

LONGEST_PAUSE = 60.0  # seconds between two tries
MOST_REDIRECTS = 5

_REDIRECTS = (301, 302, 303, 307, 308)
_MAYBE_SECRET = re.compile(r"\S*[?&=%]\S*|\S{40,}")
# By which the support of a host finds an answer: that of S3, CloudFront, Google, Azure, of others.
_REQUEST_IDS = ("x-amz-request-id", "x-amz-cf-id", "x-guploader-uploadid", "x-ms-request-id")
_COMPRESSED = ("gzip", "x-gzip", "deflate", "compress", "br", "zstd")


class TransferBroken(Exception):
    """This try failed, another one may not; `pause` is what the host asked for, in seconds."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause


class WrongPart(TransferBroken):
    """The bytes on hand are of no use with what the host sends: the next try begins anew."""


@dataclass(frozen=True)
class Source:
    """Where the bytes of an unfinished file came from, so that no other file's are added to them.

    etag:  the host's name for this version of the file, if it is a strong one; or ""
    total: bytes of the whole file, where the host says
    """

    url: str
    etag: str
    total: int | None

    @classmethod
    def of(cls, url: str, headers: Mapping[str, str]) -> Source:
        """By an answer that brings the whole file."""
        etag = headers.get("ETag", "")
        return cls(url, etag if etag.startswith('"') else "", _length(headers))

    def may_continue(self, url: str) -> bool:
        """Whether the rest can be asked for, at this URL."""
        return self.total is not None and (self.url == url or bool(self.etag))

    def is_continued_by(self, url: str, headers: Mapping[str, str], on_hand: int) -> bool:
        """Whether a 206 is the rest of this very file."""
        content_range = headers.get("Content-Range", "").strip()
        match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", content_range)
        if not match or int(match[1]) != on_hand or match[3] != str(self.total):
            return False
        etag = headers.get("ETag", "")
        if self.etag and (etag or url != self.url):
            return etag == self.etag
        return url == self.url


class MediaHost:
    """Sends the requests for files; usable from many threads.

    timeout: seconds to connect, and of silence after which a connection counts as broken
    """

    def __init__(self, timeout: tuple[float, float]) -> None:
        self._timeout = timeout
        self._local = local()

    @contextmanager
    def ask(
        self, url: str, name: str, source: Source | None, on_hand: int
    ) -> Iterator[requests.Response]:
        """The answer with the file (200), or with what is missing from `on_hand` on (206).

        name:    of the file, for messages
        source:  where the bytes on hand came from; None to begin at the beginning
        on_hand: bytes

        Raises UrlExpired, DownloadError, Undeliverable, or TransferBroken.
        """
        headers = {"Accept-Encoding": "identity"}
        if source:
            headers["Range"] = f"bytes={on_hand}-"
            if source.etag:
                headers["If-Range"] = source.etag
        with self._follow(url, headers) as response:
            _classify(response, url, name, source)
            if response.status_code == 206 and not (
                source and source.is_continued_by(url, response.headers, on_hand)
            ):
                raise WrongPart("the host sent another part of the file than was asked for")
            yield response

    def _follow(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """Send the request, and again to where the host points: never to an open connection."""
        for _ in range(MOST_REDIRECTS + 1):
            reason = setting = ""
            try:
                response = self._session().get(
                    url,
                    headers=headers,
                    stream=True,
                    timeout=self._timeout,
                    allow_redirects=False,
                    proxies=direct(url),
                )
            except TRANSPORT_ERRORS as error:
                reason, setting = why(error), bad_setting(error)
            if setting:
                log.warning("%s: %s", host_name(url), setting)
                raise ConnectionSettingError(f"{host_name(url)} cannot be reached: {setting}")
            if reason:  # raised out here, so that no chain of errors quotes the address
                log.warning("%s: %s", host_name(url), reason)
                raise TransferBroken(reason)
            log.info("GET %s -> %d", host_name(url), response.status_code)
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not location:
                return response
            response.close()
            previous, url = url, urljoin(url, location)
            check_address(url, previous)
        raise DownloadError(
            f"{host_name(url)} sends us round in circles; the clip was not downloaded."
        )

    def _session(self) -> requests.Session:
        """This thread's session. It knows no key, and `auth` being given keeps ~/.netrc out."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = new_session(lambda request: request)
        return session


def _classify(response: requests.Response, url: str, name: str, source: Source | None) -> None:
    """Raise for every answer that brings no file."""
    status, host = response.status_code, host_name(url)
    if status in (200, 206):
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding in _COMPRESSED:
            raise DownloadError(f"{host} sent {name} packed ({encoding}), which was not asked.")
        return
    if status in (400, 401, 403, 410):
        words = _words(response)
        if status != 400 or "expired" in words.lower():
            raise UrlExpired(
                f"{host} refuses the footage ({status}{': ' if words else ''}{words}); a web "
                "filter of the network may block it"
            )
    if status == 416 and source:
        raise WrongPart(f"{host} has no more of the file than is here")
    if status in (408, 425, 429) or status >= 500:
        pause = min(retry_after(response.headers) or 0.0, 2 * LONGEST_PAUSE)
        raise TransferBroken(f"{host} answered {status}", pause)
    raise Undeliverable(f"{host} does not deliver {name} (it answered {status}).")


def _words(response: requests.Response) -> str:
    """What a host says with a refusal, in one line: of S3 and its kin the code and the message (it
    answers 400 `ExpiredToken` where others answer 403), of a web filter the title of its page.
    """
    try:
        content = bytes(response.raw.read(4096, decode_content=False))
    except TRANSPORT_ERRORS:
        return ""
    xml = re.findall(rb"<(?:Code|Message)>([^<]*)<", content)
    if xml:
        text = ": ".join(part.decode("utf-8", errors="replace") for part in xml)
    else:
        text = error_message(_json(content), content) or _without_tags(content)
    # A filter's page may quote the address: nothing that could be its query, or a part of it.
    return single_line(_MAYBE_SECRET.sub("...", text), 200)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _without_tags(content: bytes) -> str:
    text = re.sub(rb"(?s)<(script|style).*?</\1>|<[^>]*>", b" ", content)
    return " ".join(text.decode("utf-8", errors="replace").split())


def _length(headers: Mapping[str, str]) -> int | None:
    if "Transfer-Encoding" in headers:  # RFC 9112, 6.3: then it does not count
        return None
    text = headers.get("Content-Length", "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def request_id(headers: Mapping[str, str]) -> str:
    """What the host calls this answer; "" where it does not say. `headers` know no capitals."""
    named = (headers.get(name, "") for name in (*_REQUEST_IDS, "x-request-id"))
    return single_line(next(filter(None, named), ""), 200)


def check_address(url: str, previous: str = "") -> None:
    """DownloadError unless what is in the URL stays secret on its way.

    previous: the URL that pointed there, if one did
    """
    downgraded = previous.lower().startswith("https:") and not url.lower().startswith("https:")
    if downgraded or not may_carry_secrets(url):
        who = f"{host_name(previous)} points" if previous else "The provider points"
        raise DownloadError(f"{who} to an address that is not encrypted; it was not followed.")


def host_name(url: str) -> str:
    """Of whom a message may speak: the host's name, without path and query."""
    parts = address(url)
    return (parts.host if parts else None) or "the media host"
