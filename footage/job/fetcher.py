"""Fetch: what the cloud has of one camera's window becomes a verified clip on disk."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from footage.cloud.download import Download, Downloader
from footage.errors import DownloadError, NotAVideo, Undeliverable, UrlExpired
from footage.job import custody
from footage.job.other_jobs import OtherJobs
from footage.job.progress import DownloadProgress
from footage.job.requester import Requester
from footage.job.retrieval_run import MediaRun
from footage.job.run_state import RunState
from footage.job.whole import loss_of
from footage.media import probe, stills
from footage.model import (
    LENGTH_TOLERANCE,
    UTC,
    Clip,
    Loss,
    LostClip,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Tracks,
)
from footage.system.whole_files import digest, disk_errors, publish_new

log = logging.getLogger("footage.job.fetcher")

_UNUSABLE_AFTER = 3  # so many downloads that were no video, and it is taken as such
_GONE_AFTER = 3  # so many addresses that led to nothing, and it is taken as no longer in the cloud
_REFUSED_AFTER = 3  # so many new addresses in a row that the host refused: it is not their age


@dataclass(eq=False)
class _Download:
    """A download under way, the file that its clip becomes, and once it is there what came."""

    of: MediaRun
    target: Path
    progress: DownloadProgress
    fetched: Download[Tracks] | None = None


class Fetcher:
    """Downloads the footage whose URL is known; several threads may `work` at it.

    trouble: what keeps downloads from going on at the moment, "" for nothing
    """

    def __init__(
        self,
        state: RunState,
        requester: Requester,
        downloader: Downloader,
        other_jobs: OtherJobs,
    ) -> None:
        self._state = state
        self._context = state.context
        self._requester = requester
        self._downloader = downloader
        self._other_jobs = other_jobs
        self._fetching: list[_Download] = []
        self._lock = threading.Lock()
        self.trouble = ""

    @property
    def under_way(self) -> tuple[DownloadProgress, ...]:
        with self._lock:
            return tuple(download.progress for download in self._fetching)

    def work(self) -> None:
        """Fetch one after the other until the run is done."""
        while True:
            seen = self._context.changes.count
            if self._state.done:
                return
            if not self.step():
                self._state.wait(seen)

    def step(self) -> bool:
        """Fetch the next whose name is free; False where there is none."""
        download = self._next()
        if download is not None:
            self._fetch(download)
        return download is not None

    def _next(self) -> _Download | None:
        """Begin the next download whose name is free: two of one name are fetched in turn, as both
        would be written to the same place."""
        with self._lock:
            taken = {download.target.name for download in self._fetching}
            one = self._state.next_to_fetch(lambda one: self._target(one)[1].name not in taken)
            if one is None:
                return None
            time, target = self._target(one)
            one.run.fetching += 1
            begun = DownloadProgress(one.media.camera, time, target.name, 0, None)
            self._fetching.append(_Download(one, target, begun))
            return self._fetching[-1]

    def _target(self, one: MediaRun) -> tuple[datetime, Path]:
        """What a clip is named for, and the file that it becomes."""
        time = _named_for(one.run.retrieval, one.media)
        return time, self._context.folder / self._context.name_of(one.media.camera, time)

    def _fetch(self, download: _Download) -> None:
        run, media = download.of.run, download.of.media
        try:
            clip, unusable = self._download(download)
            # A request may bring better; but what was here before is not paid for without asking.
            again = run.retrieval.state is RetrievalState.FOUND and media.lost is None
            with self._context.change(run.retrieval):
                media.url = None
                if clip is not None and download.fetched is not None:
                    media.clip = clip
                    custody.fetched(self._context.journal, run.retrieval, clip, download.fetched)
                    if media.lost is not None and media.lost.clip.sha256 == clip.sha256:
                        media.lost = None
                elif unusable and not again:
                    media.status, media.provider_message = MediaStatus.UNUSABLE, unusable
                    custody.not_available(self._context.journal, run.retrieval, media)
                else:
                    media.status = MediaStatus.PENDING
        finally:
            with self._lock:
                self._fetching.remove(download)
                run.fetching -= 1
            self._context.changes.notify()
        if clip is None and unusable and again:
            self._requester.request_anew(run, unusable)
        elif clip is None and not unusable and download.of.refused >= _REFUSED_AFTER:
            self._state.skip(run, self.trouble)
        elif clip is None and not unusable:
            self._state.poll_later(run)

    def _download(self, download: _Download) -> tuple[Clip | None, str]:
        """The clip; without one, why there will never be any, "" where another try may bring it."""
        one, final = download.of, download.target
        in_cloud = one.run.retrieval.state is RetrievalState.FOUND
        try:
            fetched = download.fetched = self._fetch_file(download)
            path = self._publish(fetched, final, one.media.lost)
            self.trouble = ""
            log.info("%s: %d bytes, sha256 %s", path.name, fetched.size, fetched.sha256)
            if fetched.verified.video.damaged:
                log.warning("%s does not decode cleanly", path.name)
            return _clip(one, path, fetched), ""
        except (UrlExpired, Undeliverable) as problem:
            one.not_there += isinstance(problem, Undeliverable)
            one.refused = one.refused + 1 if isinstance(problem, UrlExpired) else 0
            if isinstance(problem, UrlExpired) and one.refused < _REFUSED_AFTER:
                log.info("The address of %s has expired; asking for a new one", final.name)
            else:
                self.trouble = str(problem)
                log.warning("%s", problem)
            gone = (in_cloud or one.media.lost) and one.not_there >= _GONE_AFTER
            return None, str(problem) if gone else ""
        except NotAVideo as problem:
            one.not_video += 1
            log.warning("%s: %s", final.name, problem)
            return None, str(problem) if one.not_video >= _UNUSABLE_AFTER else ""
        except DownloadError as problem:
            self.trouble = str(problem)
            log.warning("%s", problem)
            return None, ""

    def _fetch_file(self, download: _Download) -> Download[Tracks]:
        """Download and verify, or find the file that one of our jobs has fetched already."""
        retrieval, media = download.of.run.retrieval, download.of.media
        final = download.target

        def verify(path: Path) -> Tracks:
            tracks = self._probe(download.of, path)
            _check_length(retrieval, media, tracks)
            return tracks

        def show(received: int, total: int | None) -> None:
            with self._lock:
                if received > download.progress.received:
                    self.trouble = ""  # the host delivers
                download.progress = replace(download.progress, received=received, total=total)

        ours = self._other_jobs.is_ours(final, media.camera, retrieval.window)
        target = self._context.work / final.name
        return self._downloader.fetch(
            media.url or "", target, verify, show, final if ours else None
        )

    def _probe(self, one: MediaRun, path: Path) -> Tracks:
        """Measure a file; one that is cut off is taken as it is once it came like that twice.

        Then the cloud has no more of it: a transfer that breaks off does so at another place.
        """
        stop = self._context.stop
        if one.run.retrieval.media_type is MediaType.IMAGE:
            return stills.probe(path, stop)
        try:
            return probe.probe(path, stop)
        except NotAVideo:
            before, one.no_whole_video = one.no_whole_video, digest(path)
            if one.no_whole_video != before:
                raise
        return probe.probe(path, stop, cut_off=True)

    def _publish(self, fetched: Download[Tracks], final: Path, lost: LostClip | None) -> Path:
        """Give a new clip its name; the changed file of the one that was here before is set aside.

        The other file of this name may be that of another job: it stays, and this one is numbered.
        """
        if fetched.reused:
            return fetched.path
        folder = self._context.folder
        with disk_errors(folder):
            changed = lost and lost.clip.path.name == final.name and loss_of(folder, lost.clip)
            if changed is Loss.CHANGED:
                publish_new(final, final.with_name(f"{final.stem} (damaged){final.suffix}"))
            return publish_new(fetched.path, final)


def _clip(one: MediaRun, path: Path, fetched: Download[Tracks]) -> Clip:
    retrieval, media = one.run.retrieval, one.media
    return Clip(
        path=PurePosixPath(path.name),
        window=retrieval.window,
        start=media.start or retrieval.window.start,
        tracks=fetched.verified,
        size=fetched.size,
        sha256=fetched.sha256,
        factor=_factor(retrieval, media, fetched.verified),
        fetched_at=datetime.now(UTC),
        reported=(media.end - media.start).total_seconds() if media.start and media.end else 0.0,
    )


def _named_for(retrieval: Retrieval, media: Media) -> datetime:
    """The time in a clip's name: that asked for, and its own for each further piece of it."""
    first = next((one for one in retrieval.media if one.camera == media.camera), media)
    return retrieval.window.start if media is first else media.start or retrieval.window.start


def _check_length(retrieval: Retrieval, media: Media, tracks: Tracks) -> None:
    """NotAVideo for a file of the cloud that is not as long as the list of uploads has it.

    For its listed times nothing was requested; so what it lacks has to be asked for.
    """
    listed = media.start and media.end and (media.end - media.start).total_seconds()
    if retrieval.state is not RetrievalState.FOUND or not listed or retrieval.media_type.sped_up:
        return
    if tracks.video.duration and tracks.video.duration < listed - LENGTH_TOLERANCE:
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
