"""What the provider keeps of a safety event by itself, where no footage with a known time came.

Such a clip does not tell when it begins: that it shows the event's moment is a guess. So it never
becomes part of a film; it is kept as a file beside them, and called a guess wherever it is named.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from footage.cloud.download import Download, Downloader
from footage.cloud.events import BOTH_VIEWS, EventSource, OwnClip
from footage.errors import AuthenticationError, DownloadError, RequestRefused, TransientError
from footage.job.journal import Journal
from footage.job.outcome import not_installed
from footage.job.outputs import Order, Outputs, fingerprint, short_hash_of
from footage.media import probe, stills
from footage.media.shown_names import event_name
from footage.model import Camera, Job, MediaType, SafetyEvent, Tracks
from footage.system import filenames
from footage.system.threads import StopEvent
from footage.system.whole_files import disk_errors, publish

log = logging.getLogger("footage.job.event_clips")

KIND = "event-clip"
# By how a picture begins; what begins otherwise is taken for video.
_PICTURES = {b"\xff\xd8": "jpg", b"\x89P": "png", b"RI": "webp"}


@dataclass(frozen=True)
class EventClips:
    """Brings the events' own clips of a job into its folder.

    work: the folder for unfinished files
    """

    journal: Journal
    source: EventSource
    outputs: Outputs
    work: Path
    tz: tzinfo
    stop: StopEvent

    def bring(self) -> list[str]:
        """Fetch what is wanted and not here; returns why there is none, in sentences.

        Called once nothing else is awaited: a true clip is better.
        """
        with self.journal.locked() as job:
            wanted = list(_wanted(job, self.tz))
        return [note for event, cameras in wanted for note in self._bring_of(event, cameras)]

    def _bring_of(self, event: SafetyEvent, cameras: Sequence[Camera]) -> list[str]:
        """Those of one event and of these cameras; returns why there is none."""
        what = f"No own clip of the safety event {event_name(event)}"
        try:
            there = self.source.own_clips(event)
        except (AuthenticationError, RequestRefused, TransientError) as error:
            log.warning("No own clips of the event %s: %s", event.id, error)
            return [f"{what}: {error.message}"]
        there = [one for one in there if one.camera in (*cameras, BOTH_VIEWS)]
        notes = [] if there else [f"{what} of the cameras whose footage is missing."]
        for clip in there:
            try:
                self._fetch(event, clip)
            except DownloadError as problem:
                notes.append(f"{what} of the camera {clip.camera.label}: {problem}")
        return notes

    def _fetch(self, event: SafetyEvent, clip: OwnClip) -> None:
        unfinished = self.work / f"event {fingerprint([event.id, clip.camera.input])}"

        def measure(path: Path) -> Tracks:
            if _ending(path) == "mp4":
                return probe.probe(path, self.stop)
            return stills.probe(path, self.stop)

        found = Downloader(self.stop.pause).fetch(clip.url, unfinished, measure)
        stem = _stem(self.journal.job, clip.camera, event, self.tz)

        def build(target: Path) -> tuple[float, str]:
            with disk_errors(target.parent):
                publish(found.path, target)
            return found.verified.video.duration, note_of(event)

        self.outputs.make(
            Order(
                kind=KIND,
                camera=clip.camera.label,
                name=f"{stem}.{_ending(found.path)}",
                made_from=fingerprint([event.id, clip.camera.input]),
                build=build,
                contents=(short_hash_of(found.sha256),),
                process=lambda: _process(event, found),
            )
        )


def note_of(event: SafetyEvent) -> str:
    """What the person has to know of such a clip."""
    return (
        f"time guessed from the event: {event.provider} does not tell when this clip of its own "
        "begins, so it is in none of the films"
    )


def _process(event: SafetyEvent, found: Download[Tracks]) -> str:
    return f"{event.provider}'s own clip of the safety event {event.id}, from {found.host}"


def _wanted(job: Job, tz: tzinfo) -> Iterator[tuple[SafetyEvent, Sequence[Camera]]]:
    """The events, and the cameras of which no footage of their moment is here."""
    if job.media_type is MediaType.IMAGE:
        return
    absent = not_installed(job)
    kept = [one.path.name for one in job.outputs if one.kind == KIND and one.loss is None]
    for event in job.events:
        cameras = [
            camera
            for camera in job.cameras
            if camera not in absent
            and _lacks(job, camera, event)
            and not any(
                name.startswith(_stem(job, one, event, tz))
                for name in kept
                for one in (camera, BOTH_VIEWS)
            )
        ]
        if cameras:
            yield event, cameras


def _stem(job: Job, camera: Camera, event: SafetyEvent, tz: tzinfo) -> str:
    """The name of an event's own clip, without its ending."""
    return filenames.event_clip_name(camera, job.vehicle, event.start, tz)


def _lacks(job: Job, camera: Camera, event: SafetyEvent) -> bool:
    """A camera has no clip of the event's moment."""
    clips = job.clips(camera)
    return not any(clip.start <= event.end and event.start <= clip.end for clip in clips)


def _ending(path: Path) -> str:
    """The ending of a file's name, by what it begins with."""
    with disk_errors(path.parent), path.open("rb") as file:
        return _PICTURES.get(file.read(2), "mp4")
