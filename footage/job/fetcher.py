"""Fetch: what the cloud has of one camera's window becomes a verified clip on disk."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from footage.cloud.download import Downloader
from footage.errors import DownloadError, NotAVideo, Undeliverable, UrlExpired
from footage.job.journal import Journal
from footage.media import ffmpeg, stills
from footage.model import (
    Camera,
    Clip,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Tracks,
    Window,
)
from footage.system.threads import StopEvent
from footage.system.whole_files import digest, disk_errors, publish_new

log = logging.getLogger("footage.job.fetcher")

_UNUSABLE_AFTER = 3  # so many downloads that were no video, and it is taken as such
_GONE_AFTER = 3  # so many addresses that led to nothing, and it is taken as no longer in the cloud
_MAY_LACK = 2.0  # seconds by which a file may be shorter than it was listed


@dataclass(frozen=True)
class DownloadProgress:
    """A download under way: bytes on hand, and in all where that is known.

    time: the start of what was asked for, or the clip's own where there are several of it
    """

    camera: Camera
    time: datetime
    name: str
    received: int
    total: int | None


class Fetcher:
    """Downloads what it is given; several threads may `work` at it.

    folder:  where clips go, by `name_of` camera and time; `work` holds unfinished ones
    no_clip: called where a download brought no clip, with the reason if there never will be one
    is_ours: whether a file that is there is the clip of this camera and window, by our journals
    trouble: what keeps downloads from going on at the moment, "" for nothing
    """

    def __init__(
        self,
        journal: Journal,
        downloader: Downloader,
        folder: Path,
        work: Path,
        name_of: Callable[[Camera, datetime], str],
        stop: StopEvent,
        no_clip: Callable[[Retrieval, str], None],
        is_ours: Callable[[Path, Camera, Window], bool],
    ) -> None:
        self._journal = journal
        self._downloader = downloader
        self._folder = folder
        self._work = work
        self._name_of = name_of
        self._stop = stop
        self._no_clip = no_clip
        self._is_ours = is_ours
        self._waiting: queue.Queue[tuple[Retrieval, Media]] = queue.Queue()
        self._not_video: dict[int, int] = {}
        self._expired: dict[int, int] = {}
        self._fetching: dict[int, DownloadProgress] = {}
        self._corrupt_names: set[str] = set()
        self._lock = threading.Lock()
        self.trouble = ""

    def put(self, retrieval: Retrieval, media: Media) -> None:
        """Fetch this one, whose URL is known, as soon as a thread is free."""
        self._waiting.put((retrieval, media))

    def quarantine(self, name: str) -> None:
        """The file of this name is not what the journal remembers: set it aside for a new one."""
        self._corrupt_names.add(name)

    @property
    def under_way(self) -> tuple[DownloadProgress, ...]:
        with self._lock:
            return tuple(self._fetching.values())

    def is_fetching(self, media: Media) -> bool:
        with self._lock:
            return id(media) in self._fetching

    def work(self, done: Callable[[], bool]) -> None:
        """Fetch one after the other until all is done."""
        while not done():
            try:
                retrieval, media = self._waiting.get(timeout=0.05)
            except queue.Empty:
                self._stop.pause(0)
                continue
            self._fetch(retrieval, media)

    def _fetch(self, retrieval: Retrieval, media: Media) -> None:
        """Bring one clip, unless another of its name is on its way: then it is this one's turn
        later, as both would be written to the same place."""
        time = _named_for(retrieval, media)
        final = self._folder / self._name_of(media.camera, time)
        with self._lock:
            name_taken = any(one.name == final.name for one in self._fetching.values())
            if not name_taken:
                self._fetching[id(media)] = DownloadProgress(
                    media.camera, time, final.name, 0, None
                )
        if name_taken:
            self.put(retrieval, media)
            self._stop.pause(0.1)
            return
        try:
            clip, unusable = self._download(retrieval, media, final)
            again = retrieval.state is RetrievalState.FOUND  # a request may bring better
            with self._journal.change():
                media.url = None
                if clip is not None:
                    media.clip = clip
                elif unusable and not again:
                    media.status, media.provider_message = MediaStatus.UNUSABLE, unusable
                else:
                    media.status = MediaStatus.PENDING
        finally:
            with self._lock:
                del self._fetching[id(media)]
        if clip is None:
            self._no_clip(retrieval, unusable)

    def _download(self, retrieval: Retrieval, media: Media, final: Path) -> tuple[Clip | None, str]:
        """The clip; without one, why there will never be any, "" where another try may bring it."""
        still = retrieval.media_type is MediaType.IMAGE
        key = id(media)

        def show(received: int, total: int | None) -> None:
            with self._lock:
                begun = self._fetching[key]
                self._fetching[key] = replace(begun, received=received, total=total)

        try:
            trusted = final.name not in self._corrupt_names
            ours = trusted and self._is_ours(final, media.camera, retrieval.window)
            target = self._work / final.name

            def verify(path: Path) -> Tracks:
                tracks = self._probe_still(path) if still else self._probe(path)
                _check_length(retrieval, media, tracks)
                return tracks

            got = self._downloader.fetch(
                media.url or "", target, verify, show, final if ours else None
            )
            with disk_errors(self._folder):
                if final.name in self._corrupt_names and not got.reused:
                    aside = final.with_name(f"{final.stem} (damaged){final.suffix}")
                    if final.exists():
                        publish_new(final, aside)
                path = got.path if got.reused else publish_new(got.path, final)
            self.trouble = ""
            log.info("%s: %d bytes, sha256 %s", path.name, got.size, got.sha256)
            clip = Clip(
                path=PurePosixPath(path.name),
                window=retrieval.window,
                start=media.start or retrieval.window.start,
                tracks=got.verified,
                size=got.size,
                sha256=got.sha256,
                factor=_factor(retrieval, media, got.verified),
            )
            return clip, ""
        except UrlExpired as problem:
            times = self._expired[key] = self._expired.get(key, 0) + 1
            log.info("The address of %s has expired; asking for a new one", final.name)
            if retrieval.state is RetrievalState.FOUND and times >= _GONE_AFTER:
                return None, str(problem)
        except Undeliverable as problem:
            times = self._expired[key] = self._expired.get(key, 0) + 1
            self.trouble = str(problem)
            log.warning("%s", problem)
            if retrieval.state is RetrievalState.FOUND and times >= _GONE_AFTER:
                return None, str(problem)
        except NotAVideo as problem:
            times = self._not_video[key] = self._not_video.get(key, 0) + 1
            log.warning("%s: %s", final.name, problem)
            return None, str(problem) if times >= _UNUSABLE_AFTER else ""
        except DownloadError as problem:
            self.trouble = str(problem)
            log.warning("%s", problem)
        return None, ""

    def _probe(self, path: Path) -> Tracks:
        return ffmpeg.probe(path, self._stop)

    def _probe_still(self, path: Path) -> Tracks:
        return stills.probe(path, self._stop)


def _named_for(retrieval: Retrieval, media: Media) -> datetime:
    """The time in a clip's name: that asked for, and its own for each further piece of it."""
    first = next(one for one in retrieval.media if one.camera == media.camera)
    return retrieval.window.start if media is first else media.start or retrieval.window.start


def _check_length(retrieval: Retrieval, media: Media, tracks: Tracks) -> None:
    """NotAVideo for a file of the cloud that is not as long as the list of uploads has it.

    For its listed times nothing was requested; so what it lacks has to be asked for.
    """
    listed = media.start and media.end and (media.end - media.start).total_seconds()
    if retrieval.state is not RetrievalState.FOUND or not listed or retrieval.media_type.sped_up:
        return
    if tracks.video.duration and tracks.video.duration < listed - _MAY_LACK:
        raise NotAVideo(
            f"What is in the cloud plays {tracks.video.duration:.1f} s, and not {listed:.1f} s."
        )


def _factor(retrieval: Retrieval, media: Media, tracks: Tracks) -> float:
    """Seconds of the wall clock that a second of the file shows, by the times that are reported.

    Only footage asked for as sped up is taken to be so: an ordinary clip that is shorter than
    reported lacks something.
    """
    if not retrieval.media_type.sped_up or not tracks.video.duration:
        return 1.0
    start, end = media.start or retrieval.window.start, media.end or retrieval.window.end
    return max(1.0, (end - start).total_seconds() / tracks.video.duration)


def is_whole(folder: Path, clip: Clip) -> bool:
    """The clip's file is there, with the size and the content the journal remembers."""
    path = folder / clip.path
    with disk_errors(folder):
        return path.is_file() and path.stat().st_size == clip.size and digest(path) == clip.sha256
