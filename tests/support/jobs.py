"""Jobs to keep in a journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from footage.model import (
    UTC,
    AudioTrack,
    Camera,
    Clip,
    Contact,
    Job,
    Loss,
    LostClip,
    Media,
    MediaStatus,
    Output,
    ProgramRun,
    Retrieval,
    RetrievalState,
    SafetyEvent,
    Step,
    StepKind,
    Tracks,
    Vehicle,
    VideoTrack,
    Window,
)
from support.bare_job import bare_job

START = datetime(2025, 4, 16, 18, 30, tzinfo=UTC)
CAMERAS = (Camera("dashcamRoadFacing", "Road"), Camera("analog1", "Analog"))
VIDEO = VideoTrack("h264", 160, 120, "1/1", Fraction(30000, 1001), Fraction(1, 30000), 1798, 59.99)
AUDIO = AudioTrack("aac", 48000, "mono", -0.0213, 2813, 1024)


def a_clip(
    window: Window,
    name: str = "Road.mp4",
    audio: AudioTrack | None = AUDIO,
    factor: float = 1.0,
) -> Clip:
    tracks = Tracks(VIDEO, audio)
    digest = sha256(name.encode()).hexdigest()
    return Clip(PurePosixPath(name), window, window.start, tracks, 12345, digest, factor)


def a_job(minutes: int = 2, **changes: Any) -> Job:
    """A job of which nothing has been requested yet, with two cameras."""
    windows = [
        Window(START + timedelta(minutes=n), START + timedelta(minutes=n + 1))
        for n in range(minutes)
    ]
    usual: dict[str, Any] = {
        "vehicle": Vehicle("281", "O'Brien 7", "VIN", "PLATE", "O'Brien 7"),
        "start": START,
        "minutes": minutes,
        "timezone": "America/Chicago",
        "cameras": CAMERAS,
        "created": START + timedelta(days=1),
        "folder": "/somewhere/Vidéos",
        "region": "eu",
    }
    retrievals = [Retrieval(window, [Media(camera)]) for window in windows for camera in CAMERAS]
    return bare_job(**{**usual, "retrievals": retrievals, **changes})


def a_full_job() -> Job:
    """A job in which each list and each field that may be None has something."""
    job = a_job(roles={"analog1": "Left mirror"}, no_footage=[Window(START, START)])
    road = Output("merge", "Road", PurePosixPath("Road.mp4"), 60.0, 1, "ab", "cd", "note")
    job.runs = [ProgramRun(job.created, "ann", "office", "1.2", "ffmpeg 7") for _ in range(2)]
    job.custody = [
        Step(job.created, 0, StepKind.DOWNLOADED, "Road.mp4", "id", 1, "ab", "request", "text"),
        Step(job.created, 0, StepKind.VERIFIED, "Road.mp4"),
    ]
    job.clock_offsets = {"-0.3": 4}
    job.incident_rows = (2, 3)
    job.publishing = ("merge", "Road", "Road.mp4")
    job.events = (
        SafetyEvent(
            "id", "Samsara", START, job.end, "281", "Truck", "Ann", ("Crash",), "needsReview",
            1.5, "high", "Chicago", 41.5, -87.5, "https://example.org/1",
        ),
    )  # fmt: skip
    job.contact = Contact(START, job.created, True, "connected", "dc54")
    job.outputs = [replace(road, contents=("ab",), loss=Loss.MISSING)]
    first = job.retrievals[0]
    first.state, first.id, first.requested_at = RetrievalState.ACCEPTED, "id", START
    media = first.media[0]
    media.status, media.start, media.end = MediaStatus.AVAILABLE, START, job.end
    media.clip = replace(a_clip(first.window), fetched_at=job.created)
    media.lost = LostClip(a_clip(first.window, "Lost.mp4"), Loss.CHANGED, job.created)
    return job
