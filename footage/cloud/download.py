"""One URL into one verified file, which appears whole or not at all."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from footage.cloud.connection_errors import TRANSPORT_ERRORS, why
from footage.cloud.media_host import (
    LONGEST_PAUSE,
    MediaHost,
    Source,
    TransferBroken,
    WrongPart,
    check_address,
    host_name,
    request_id,
)
from footage.cloud.rate_limit import Wait
from footage.errors import DownloadError, NotAVideo
from footage.system.whole_files import (
    PART,
    digest,
    disk_errors,
    flush_to_disk,
    hash_of,
    remove,
    rename,
)

log = logging.getLogger("footage.cloud.download")

T = TypeVar("T")
Progress = Callable[[int, "int | None"], None]

CHUNK = 128 * 1024  # bytes; with 64 KiB a download takes 1.3 times the processor time
TIMEOUT = (10.0, 30.0)  # seconds to connect, seconds of silence
SIZE_LIMIT = 2 * 1024**3  # bytes
TRIES = 6  # in a row without a new byte


@dataclass(frozen=True)
class Download(Generic[T]):
    """A file that is whole and verified.

    size in bytes; sha256 in hexadecimal; verified: what `verify` returned.
    reused: it was there already, and the host's has the same length
    host: who delivered it
    request_id: by which the host's support finds the answer; several where the file came in parts,
        "" for none
    """

    path: Path
    size: int
    sha256: str
    verified: T
    reused: bool
    host: str = ""
    request_id: str = ""


@dataclass
class _Task(Generic[T]):
    """One call of `fetch`, over all its tries."""

    url: str
    target: Path
    verify: Callable[[Path], T]
    progress: Progress
    existing: Path | None = None
    existing_checked: bool = False  # the file that was there already has been judged
    best: int = 0  # the most bytes that were ever on hand
    fruitless: int = 0  # tries in a row without a new byte
    request_ids: list[str] = field(default_factory=list)  # of the answers that brought its bytes

    @property
    def part(self) -> Path:
        return self.target.with_name(self.target.name + PART)

    def got(self, received: int, total: int | None) -> None:
        """Count and show progress; any of it makes the patience new."""
        if received > self.best:
            self.best, self.fruitless = received, 0
        self.progress(received, total)


class _TooLarge(DownloadError):
    """More bytes than any clip has."""


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
        self._host = MediaHost(timeout)
        self._tries = tries
        self._sources: dict[Path, Source] = {}

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
        check_address(url)
        task = _Task(url, target, verify, progress or (lambda received, total: None), existing)
        with _disk(target.parent):
            target.parent.mkdir(parents=True, exist_ok=True)
        patiently = Retrying(
            retry=retry_if_exception_type(TransferBroken),
            stop=lambda state: task.fruitless >= self._tries,
            wait=lambda state: _pause(state, task.fruitless),
            sleep=self._wait,
            reraise=True,
        )
        try:
            return patiently(self._attempt, task)
        except TransferBroken as broken:
            reason = str(broken)
        # Out here, so that the error carries no chain of errors that quote the address.
        raise DownloadError(
            f"{target.name} could not be fetched from {host_name(url)}: {reason}. "
            f"{self._tries} tries brought nothing new; it can be had again later."
        )

    # --- one try ---------------------------------------------------------------------------------

    def _attempt(self, task: _Task[T]) -> Download[T]:
        task.fruitless += 1
        try:
            return self._try_once(task)
        except WrongPart:
            self._sources.pop(task.target, None)
            raise
        except (NotAVideo, _TooLarge):
            # Only here, where the part is closed: Windows does not remove a file that is open.
            self._discard(task)
            raise

    def _try_once(self, task: _Task[T]) -> Download[T]:
        on_hand = self._on_hand(task)
        source = self._sources.get(task.target) if on_hand else None
        with self._host.ask(task.url, task.target.name, source, on_hand) as response:
            if response.status_code != 206:  # the whole file: the part is made of this one
                on_hand = 0
                self._sources[task.target] = Source.of(task.url, response.headers)
            total = self._sources[task.target].total
            self._check_size(task, total)
            if on_hand == 0:
                already = self._already_there(task, total)
                if already:
                    return already
            if on_hand == 0:
                task.request_ids.clear()
            task.request_ids += filter(None, [request_id(response.headers)])
            size, sha256, broken = self._receive(task, response, on_hand, total)
        if total is not None and size > total:
            del self._sources[task.target]
            broken = "more bytes came than were announced"
        if broken or (total is not None and size < total):
            reason = broken or f"the answer ended after {size} of {total} bytes"
            log.warning("%s: %s", task.target.name, reason)
            raise TransferBroken(reason)
        return self._finish(task, size, sha256)

    def _on_hand(self, task: _Task[T]) -> int:
        """Bytes of the part that this try can go on from; 0 to begin at the beginning."""
        source = self._sources.get(task.target)
        if source is None or source.total is None or not source.may_continue(task.url):
            return 0
        with _disk(task.target.parent):
            size = task.part.stat().st_size if task.part.exists() else 0
        return size if size < source.total else 0

    def _check_size(self, task: _Task[T], size: int | None) -> None:
        if size is not None and size > self._size_limit:
            raise _TooLarge(
                f"{task.target.name} is larger than {self._size_limit / 1e6:,.0f} MB, more than "
                "any clip can be; it was not downloaded."
            )

    def _already_there(self, task: _Task[T], total: int | None) -> Download[T] | None:
        """The file of an earlier run, where it is whole and still what the host has."""
        existing = task.existing
        if existing is None or total is None or task.existing_checked:
            return None
        task.existing_checked = True
        with _disk(existing.parent):
            if not existing.is_file() or existing.stat().st_size != total:
                return None
        try:
            verified = task.verify(existing)
        except NotAVideo:
            return None
        with _disk(existing.parent):
            sha256 = digest(existing)
        self._discard(task)
        task.progress(total, total)
        return Download(existing, total, sha256, verified, reused=True)

    def _receive(
        self, task: _Task[T], response: requests.Response, on_hand: int, total: int | None
    ) -> tuple[int, str, str]:
        """Append the body to the part: bytes on hand now, their SHA-256, and why it broke off."""
        folder = task.target.parent
        with _disk(folder):
            sha256 = hash_of(task.part) if on_hand else hashlib.sha256()
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
                    _refuse_text(task.target.name, task.url, piece)
                self._check_size(task, on_hand + len(piece))
                with _disk(folder, need=(total or 0) - on_hand):
                    file.write(piece)
                sha256.update(piece)
                on_hand += len(piece)
                task.got(on_hand, total)
        finally:
            with _disk(folder, need=(total or 0) - on_hand), file:
                file.flush()
                flush_to_disk(file.fileno())
        return on_hand, sha256.hexdigest(), broken

    def _finish(self, task: _Task[T], size: int, sha256: str) -> Download[T]:
        """Verify the whole part and give it its name."""
        with _disk(task.target.parent), task.part.open("rb") as file:
            head = file.read(64)
        _refuse_text(task.target.name, task.url, head)
        verified = task.verify(task.part)
        with _disk(task.target.parent):
            rename(task.part, task.target)
        del self._sources[task.target]
        ids = ", ".join(task.request_ids)
        return Download(task.target, size, sha256, verified, False, host_name(task.url), ids)

    def _discard(self, task: _Task[T]) -> None:
        """Remove the part; what comes next begins at the beginning."""
        self._sources.pop(task.target, None)
        with _disk(task.target.parent):
            remove(task.part)


def _refuse_text(name: str, url: str, head: bytes) -> None:
    """An error page comes with status 200 from some hosts; no video begins like one."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start and start[:1] not in (b"<", b"{", b"["):
        return
    what = "a page of text instead of a video" if start else "an empty file"
    raise NotAVideo(f"{name}: {host_name(url)} delivered {what}.")


def _pause(state: RetryCallState, fruitless: int) -> float:
    """Seconds until the next try: doubled with each that brought nothing, or what is asked."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.pause if isinstance(error, TransferBroken) else 0.0
    return max(asked, min(2.0 ** max(fruitless - 1, 0), LONGEST_PAUSE))


def _disk(folder: Path, need: int = 0) -> AbstractContextManager[None]:
    """What the disk says, as one sentence; `need` is in bytes."""
    kept = "Footage that was asked for stays with the provider; start the program again to go on."
    return disk_errors(folder, need, kept)
