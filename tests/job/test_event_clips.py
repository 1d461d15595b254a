"""For which cameras an event's own clip is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from support.jobs import START, a_clip, a_job

from footage.cloud.events import EventSource, OwnClip
from footage.errors import RequestRefused
from footage.job.event_clips import EventClips
from footage.job.journal import Journal
from footage.job.outputs import Outputs
from footage.model import UTC, MediaStatus, MediaType, SafetyEvent
from footage.system.threads import StopEvent

EVENT = SafetyEvent(
    "e-1", "Samsara", START + timedelta(seconds=20), START + timedelta(seconds=27), "1",
    labels=("Crash",),
)  # fmt: skip


class Source:
    """Has no clips, and keeps for what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def own_clips(self, event: SafetyEvent) -> list[OwnClip]:
        self.asked.append(event.id)
        raise RequestRefused("There is none.")


class Case:
    """A job of one event, and what is asked for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = a_job(events=(EVENT,))

    def set(self, status: MediaStatus) -> None:
        for _, media in self.job.media():
            media.status = status

    def notes(self) -> list[str]:
        source = Source()
        journal = Journal(self.folder / "request_ids_x.json", self.job)
        outputs = cast(Outputs, None)
        clips = EventClips(
            journal, cast(EventSource, source), outputs, self.folder, UTC, StopEvent()
        )
        notes = clips.bring()
        assert len(notes) == len(source.asked)
        return notes


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_it_is_asked_for_where_nothing_will_come(case: Case) -> None:
    case.set(MediaStatus.UNAVAILABLE)
    assert case.notes() == ["No own clip of the safety event Crash: There is none."]


def test_not_where_the_moment_is_there(case: Case) -> None:
    for number, (retrieval, media) in enumerate(case.job.media()):
        clip = replace(a_clip(retrieval.window, f"{number}.mp4"), sha256=f"{number}")
        media.status, media.clip = MediaStatus.AVAILABLE, clip
    assert case.notes() == []
    for _, media in case.job.media():  # it ends before the event begins
        assert media.clip is not None
        media.clip = replace(media.clip, start=START - timedelta(days=1))
    assert len(case.notes()) == 1


def test_not_for_cameras_that_are_not_there(case: Case) -> None:
    case.set(MediaStatus.INVALID)
    assert case.notes() == []


def test_not_for_pictures_or_jobs_of_no_event(case: Case) -> None:
    case.set(MediaStatus.UNAVAILABLE)
    case.job.media_type = MediaType.IMAGE
    assert case.notes() == []
    case.job.media_type, case.job.events = MediaType.HIGH, ()
    assert case.notes() == []


def test_of_several_events_each(case: Case) -> None:
    case.set(MediaStatus.UNAVAILABLE)
    case.job.events = (EVENT, replace(EVENT, id="e-2", labels=("Braking",)))
    assert [note.split(":")[0] for note in case.notes()] == [
        "No own clip of the safety event Crash",
        "No own clip of the safety event Braking",
    ]
