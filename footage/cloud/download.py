"""One URL into one verified file, which appears whole or not at all.

How hosts behave follows RFC 9110, sections 13 (If-Range), 14 (ranges) and 15 (statuses).
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin

import requests
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_fixed,
)

from footage.cloud.http import TRANSPORT_ERRORS, direct, new_session, retry_after, why
from footage.cloud.rate_limit import Wait
from footage.errors import DiskError, DownloadError, NotAVideo, Undeliverable, UrlExpired
from footage.system.urls import address, may_carry_secrets

log = logging.getLogger("footage.cloud.download")

T = TypeVar("T")
Progress = Callable[[int, "int | None"], None]

CHUNK = 64 * 1024  # bytes
TIMEOUT = (10.0, 30.0)  # seconds to connect, seconds of silence
SIZE_LIMIT = 2 * 1024**3  # bytes
TRIES = 6  # in a row without a new byte
LONGEST_PAUSE = 60.0  # seconds
MOST_REDIRECTS = 5
RENAME_TRIES = 10  # a virus scanner may hold a fresh file for a moment

_REDIRECTS = (301, 302, 303, 307, 308)
_COMPRESSED = ("gzip", "x-gzip", "deflate", "compress", "br", "zstd")


@dataclass(frozen=True)
class Download(Generic[T]):
    """A file that is whole and verified.

    size in bytes; sha256 in hexadecimal; verified: what `verify` returned.
    reused: it was there already, and the host's has the same length
    """

    path: Path
    size: int
    sha256: str
    verified: T
    reused: bool


@dataclass(frozen=True)
class _Source:
    """Where the bytes of a part came from, so that no other file's are added to them."""

    url: str
    etag: str  # a strong one, or ""
    total: int | None  # bytes


@dataclass
class _Task(Generic[T]):
    """One call of `fetch`, over all its tries."""

    url: str
    target: Path
    verify: Callable[[Path], T]
    progress: Progress
    existing: Path | None = None
    looked_at: bool = False  # the file that was there already has been judged
    best: int = 0  # the most bytes that were ever on hand
    fruitless: int = 0  # tries in a row without a new byte

    @property
    def part(self) -> Path:
        return self.target.with_name(self.target.name + ".part")

    def got(self, received: int, total: int | None) -> None:
        """Count and show progress; any of it makes the patience new."""
        if received > self.best:
            self.best, self.fruitless = received, 0
        self.progress(received, total)


class _Broken(Exception):
    """This try failed, another one may not; `pause` is what the host asked for, in seconds."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause


class Downloader:
    """Fetches files from the media host; one for all, usable from many threads.

    wait:       waits so many seconds and may raise `Interrupted`; also called, with 0, between the
                pieces of a file, so that a download ends at once when the person stops the program
    size_limit: bytes, of one file
    timeout:    seconds to connect, and of silence after which a connection counts as broken
    """

    def __init__(
        self,
        wait: Wait = time.sleep,
        *,
        size_limit: int = SIZE_LIMIT,
        timeout: tuple[float, float] = TIMEOUT,
        tries: int = TRIES,
    ) -> None:
        self._wait = wait
        self._size_limit = size_limit
        self._timeout = timeout
        self._tries = tries
        self._sources: dict[Path, _Source] = {}
        self._local = local()

    def fetch(
        self,
        url: str,
        target: Path,
        verify: Callable[[Path], T],
        progress: Progress | None = None,
        existing: Path | None = None,
    ) -> Download[T]:
        """The file behind `url` as `target`, written as `<name>.part` beside it until verified.

        verify:   looks at the whole file, returns what it found; raises NotAVideo
        progress: called with the bytes on hand, and of the whole where known
        existing: a file that may hold the same already

        Raises UrlExpired (come again with a new URL: the bytes on hand are kept), NotAVideo,
        DownloadError, or DiskError. No error holds the URL's query.
        """
        _check_address(url)
        task = _Task(url, target, verify, progress or (lambda received, total: None), existing)
        with _disk(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
        patiently = Retrying(
            retry=retry_if_exception_type(_Broken),
            stop=lambda state: task.fruitless >= self._tries,
            wait=lambda state: _pause(state, task.fruitless),
            sleep=self._wait,
            reraise=True,
        )
        try:
            return patiently(self._attempt, task)
        except _Broken as broken:
            reason = str(broken)
        # Out here, so that the error carries no chain of errors that quote the address.
        raise DownloadError(
            f"{target.name} could not be fetched from {_host(url)}: {reason}. "
            f"{self._tries} tries brought nothing new; it can be had again later."
        )

    # --- one try ---------------------------------------------------------------------------------

    def _attempt(self, task: _Task[T]) -> Download[T]:
        task.fruitless += 1
        on_hand = self._on_hand(task)
        with self._ask(task, on_hand) as response:
            if response.status_code != 206:
                on_hand = 0
                self._begin(task, response)
            self._check_size(task, self._sources[task.target].total)
            if on_hand == 0:
                already = self._already_there(task)
                if already:
                    return already
            size, sha256, broken = self._receive(task, response, on_hand)
        total = self._sources[task.target].total
        if total is not None and size > total:
            del self._sources[task.target]
            broken = "more bytes came than were announced"
        if broken or (total is not None and size < total):
            reason = broken or f"the answer ended after {size} of {total} bytes"
            log.warning("%s: %s", task.target.name, reason)
            raise _Broken(reason)
        return self._finish(task, size, sha256)

    def _on_hand(self, task: _Task[T]) -> int:
        """Bytes of the part that this try can go on from; 0 to begin at the beginning."""
        source = self._sources.get(task.target)
        if source is None or source.total is None:
            return 0
        if source.url != task.url and not source.etag:
            return 0
        with _disk(task.target.parent):
            size = task.part.stat().st_size if task.part.exists() else 0
        return size if size < source.total else 0

    def _begin(self, task: _Task[T], response: requests.Response) -> None:
        """A whole file is coming: from here on the part is made of this one."""
        etag = response.headers.get("ETag", "")
        strong = etag if etag.startswith('"') else ""
        self._sources[task.target] = _Source(task.url, strong, _length(response.headers))

    def _check_size(self, task: _Task[T], size: int | None) -> None:
        if size is not None and size > self._size_limit:
            self._discard(task)
            raise DownloadError(
                f"{task.target.name} is larger than {self._size_limit / 1e6:,.0f} MB, more than "
                "any clip can be; it was not downloaded."
            )

    def _already_there(self, task: _Task[T]) -> Download[T] | None:
        """The file of an earlier run, where it is whole and still what the host has."""
        total = self._sources[task.target].total
        existing = task.existing
        if existing is None or task.looked_at:
            return None
        task.looked_at = True
        with _disk(existing.parent):
            if not existing.is_file() or existing.stat().st_size != total:
                return None
        try:
            verified = task.verify(existing)
        except NotAVideo:
            return None
        with _disk(existing.parent):
            sha256 = _digest(existing).hexdigest()
        self._discard(task)
        task.progress(total, total)
        return Download(existing, total, sha256, verified, reused=True)

    def _receive(
        self, task: _Task[T], response: requests.Response, on_hand: int
    ) -> tuple[int, str, str]:
        """Append the body to the part: bytes on hand now, their SHA-256, and why it broke off."""
        folder, total = task.target.parent, self._sources[task.target].total
        with _disk(folder):
            digest = _digest(task.part) if on_hand else hashlib.sha256()
            file = task.part.open("ab" if on_hand else "wb")
        broken = ""
        # What has arrived is written at once: a whole CHUNK waited for is lost when it breaks off.
        read = getattr(response.raw, "read1", response.raw.read)
        try:
            task.got(on_hand, total)
            while True:
                self._wait(0)
                try:
                    piece: bytes = read(CHUNK, decode_content=False)
                except TRANSPORT_ERRORS as error:
                    broken = f"{why(error)} after {on_hand} of {total or 'unknown'} bytes"
                    break
                if not piece:
                    break
                if on_hand == 0:
                    self._refuse_text(task, piece)
                self._check_size(task, on_hand + len(piece))
                with _disk(folder, need=(total or 0) - on_hand):
                    file.write(piece)
                digest.update(piece)
                on_hand += len(piece)
                task.got(on_hand, total)
        finally:
            with _disk(folder, need=(total or 0) - on_hand), file:
                file.flush()
                os.fsync(file.fileno())
        return on_hand, digest.hexdigest(), broken

    def _finish(self, task: _Task[T], size: int, sha256: str) -> Download[T]:
        """Verify the whole part and give it its name."""
        with _disk(task.target.parent), task.part.open("rb") as file:
            head = file.read(64)
        self._refuse_text(task, head)
        try:
            verified = task.verify(task.part)
        except NotAVideo:
            self._discard(task)
            raise
        rename = Retrying(
            retry=retry_if_exception_type(PermissionError),
            stop=stop_after_attempt(RENAME_TRIES if os.name == "nt" else 1),
            wait=wait_fixed(0.2),
            sleep=self._wait,
            reraise=True,
        )
        with _disk(task.target.parent):
            rename(task.part.replace, task.target)
        del self._sources[task.target]
        return Download(task.target, size, sha256, verified, reused=False)

    def _refuse_text(self, task: _Task[T], head: bytes) -> None:
        """An error page comes with status 200 from some hosts; no video begins like one."""
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
        if start and start[:1] not in (b"<", b"{", b"["):
            return
        self._discard(task)
        what = "a page of text instead of a video" if start else "an empty file"
        raise NotAVideo(f"{task.target.name}: {_host(task.url)} delivered {what}.")

    def _discard(self, task: _Task[T]) -> None:
        self._sources.pop(task.target, None)
        with _disk(task.target.parent):
            task.part.unlink(missing_ok=True)

    # --- the host --------------------------------------------------------------------------------

    @contextmanager
    def _ask(self, task: _Task[T], on_hand: int) -> Iterator[requests.Response]:
        """The answer with the file (200), or with what is missing from `on_hand` on (206)."""
        headers = {"Accept-Encoding": "identity"}
        source = self._sources.get(task.target)
        if on_hand and source:
            headers["Range"] = f"bytes={on_hand}-"
            if source.etag:
                headers["If-Range"] = source.etag
        response = self._follow(task.url, headers)
        with response:
            self._classify(task, response)
            if response.status_code == 206 and not (
                on_hand and source and _goes_on(response.headers, source, task.url, on_hand)
            ):
                self._sources.pop(task.target, None)
                raise _Broken("the host sent another part of the file than was asked for")
            yield response

    def _follow(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """Send the request, and again to where the host points: never to an open connection."""
        for _ in range(MOST_REDIRECTS + 1):
            reason = ""
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
                reason = why(error)
            if reason:
                log.warning("%s: %s", _host(url), reason)
                raise _Broken(reason)
            log.info("GET %s -> %d", _host(url), response.status_code)
            location = response.headers.get("Location")
            if response.status_code not in _REDIRECTS or not location:
                return response
            response.close()
            previous, url = url, urljoin(url, location)
            _check_address(url, previous)
        raise DownloadError(f"{_host(url)} sends us round in circles; the clip was not downloaded.")

    def _classify(self, task: _Task[T], response: requests.Response) -> None:
        """Raise for every answer that brings no file."""
        status, host, name = response.status_code, _host(task.url), task.target.name
        if status in (200, 206):
            encoding = response.headers.get("Content-Encoding", "").strip().lower()
            if encoding in _COMPRESSED:
                raise DownloadError(f"{host} sent {name} packed ({encoding}), which was not asked.")
            return
        if status in (401, 403, 410) or (status == 400 and _says_expired(response)):
            raise UrlExpired(f"The address of {name} at {host} is no longer valid ({status}).")
        if status == 416 and task.target in self._sources:
            self._sources.pop(task.target)
            raise _Broken(f"{host} has no more of the file than is here")
        if status in (408, 425, 429) or status >= 500:
            pause = min(retry_after(response.headers) or 0.0, 2 * LONGEST_PAUSE)
            raise _Broken(f"{host} answered {status}", pause)
        raise Undeliverable(f"{host} does not deliver {name} (it answered {status}).")

    def _session(self) -> requests.Session:
        """This thread's session. It knows no key, and `auth` being given keeps ~/.netrc out."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = new_session(lambda request: request)
        return session


# --- reading the host's headers -------------------------------------------------------------------


def _length(headers: Mapping[str, str]) -> int | None:
    if "Transfer-Encoding" in headers:  # RFC 9112, 6.3: then it does not count
        return None
    text = headers.get("Content-Length", "").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _goes_on(headers: Mapping[str, str], source: _Source, url: str, on_hand: int) -> bool:
    """Whether a 206 is the rest of the very file that the part is from."""
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", headers.get("Content-Range", "").strip())
    if not found or int(found[1]) != on_hand:
        return False
    if found[3] != str(source.total):
        return False
    etag = headers.get("ETag", "")
    if source.etag and (etag or url != source.url):
        return etag == source.etag
    return url == source.url


def _says_expired(response: requests.Response) -> bool:
    """S3 and its kin answer 400 `ExpiredToken` where others answer 403."""
    try:
        return b"expired" in bytes(response.raw.read(2048, decode_content=False)).lower()
    except TRANSPORT_ERRORS:
        return False


def _check_address(url: str, previous: str = "") -> None:
    """DownloadError unless what is in the URL stays secret on its way."""
    downgraded = previous.lower().startswith("https:") and not url.lower().startswith("https:")
    if downgraded or not may_carry_secrets(url):
        who = f"{_host(previous)} points" if previous else "The provider points"
        raise DownloadError(f"{who} to an address that is not encrypted; it was not followed.")


def _host(url: str) -> str:
    parts = address(url)
    return (parts.host if parts else None) or "the media host"


def _pause(state: RetryCallState, fruitless: int) -> float:
    """Seconds until the next try: doubled with each that brought nothing, or what is asked."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.pause if isinstance(error, _Broken) else 0.0
    return max(asked, min(2.0 ** max(fruitless - 1, 0), LONGEST_PAUSE))


# --- the disk -------------------------------------------------------------------------------------


def _digest(path: Path) -> Any:
    """SHA-256 of a file so far (`hashlib`'s objects have no public type)."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1024**2):
            digest.update(piece)
    return digest


@contextmanager
def _disk(folder: Path, need: int = 0) -> Iterator[None]:
    """Turn what the disk says into one sentence; `need` is in bytes."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
            more = (
                f" at least {need / 1e6:,.1f} MB more are needed for this clip;" if need > 0 else ""
            )
            text = f"The disk with {folder} is full:{more} free some space and start again."
        elif isinstance(error, PermissionError) or error.errno == errno.EROFS:
            text = (
                f"{folder} cannot be written to: allow writing there, close programs that have "
                "its files open, or choose another folder, and start again."
            )
        else:
            text = f"{folder} cannot be used ({error.strerror or 'disk error'})."
        raise DiskError(f"{text} Footage that was asked for stays with the provider.") from error
