"""`--json`: what the summary says, as one JSON object; docs/json.md describes it field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from footage import __version__
from footage.basics import UTC
from footage.errors import ExitStatus

if TYPE_CHECKING:  # it is not needed before the first question
    from footage.cloud.provider import ListedVehicle
    from footage.job.outcome import Outcome, Request
    from footage.model import Camera, Contact, Job, Output, SafetyEvent, Window

# Raised where a field is renamed or means something else; more fields may come without that.
VERSION = 1

STATUS_WORDS = {
    ExitStatus.COMPLETE: "complete",
    ExitStatus.NOTHING: "nothing",
    ExitStatus.INCOMPLETE: "incomplete",
    ExitStatus.STILL_COMING: "still coming",
}


class JsonSummary:
    """Collects what a run has to say of its jobs, and prints it at the end.

    wanted: the run was started with --json
    """

    def __init__(self, wanted: bool = False) -> None:
        self.wanted = wanted
        self._jobs: dict[Path, dict[str, Any]] = {}
        self._events: list[dict[str, Any]] = []
        self._vehicles: list[dict[str, Any]] = []

    def add(self, journal: Path, job: Job, outcome: Outcome) -> None:
        """What came of a job; of one that is gone on with several times the last counts."""
        if self.wanted:
            self._jobs[journal] = {"journal": str(journal), **_job_values(job, outcome)}

    def has(self, journal: Path) -> bool:
        """Whether it says anything of a job."""
        return journal in self._jobs

    def of(self, journal: Path) -> JsonSummary:
        """The summary of that job alone."""
        summary = JsonSummary(self.wanted)
        summary._jobs = {path: values for path, values in self._jobs.items() if path == journal}
        return summary

    def list_events(
        self, events: Sequence[SafetyEvent], in_cloud: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """The safety events that were listed, and of which cameras footage is in the cloud."""
        here = in_cloud or {}
        self._events = [
            {**event_values(one), "in_cloud": _list_or_none(here.get(one.id))} for one in events
        ]

    def list_vehicles(
        self, provider: str, listed: Sequence[ListedVehicle], contacts: Mapping[str, Contact]
    ) -> None:
        """The vehicles that were listed, and when they were online."""
        self._vehicles = [
            {
                "id": one.vehicle.id,
                "name": one.vehicle.name,
                "vin": one.vehicle.vin,
                "plate": one.vehicle.plate,
                "kind": one.vehicle.kind,
                "provider": provider,
                "cameras": cameras_of(one, contacts),
                "last_online": contact_values(contacts.get(one.vehicle.id)),
            }
            for one in listed
        ]

    def write(self, out: TextIO | None, status: ExitStatus, message: str = "") -> None:
        """Print the object on one line.

        message: the sentence with which the run ended early; "" for none
        """
        if not self.wanted or out is None:
            return
        values = {
            "version": VERSION,
            "program": __version__,
            "exit_status": int(status),
            "message": message,
            "jobs": list(self._jobs.values()),
            "events": self._events,
            "vehicles": self._vehicles,
        }
        import json  # late: 2 ms that the first question does not wait for

        out.write(json.dumps(values) + "\n")  # ASCII, so that any encoding of the stream will do
        out.flush()


def _list_or_none(cameras: Sequence[str] | None) -> list[str] | None:
    return None if cameras is None else list(cameras)


def cameras_of(one: ListedVehicle, contacts: Mapping[str, Contact]) -> list[str] | None:
    """What the provider says of a vehicle's cameras; None where it does not say."""
    if one.cameras is not None:
        return list(one.cameras)
    contact = contacts.get(one.vehicle.id)
    return [contact.camera] if contact and contact.camera else None


def contact_values(contact: Contact | None) -> dict[str, Any] | None:
    """When a vehicle was online; None where the provider does not tell."""
    if contact is None:
        return None
    return {
        "at": _moment(contact.at),
        "online_since": contact.online,
        "state": contact.state,
        "asked_at": _moment(contact.asked_at),
    }


def event_values(event: SafetyEvent) -> dict[str, Any]:
    """A safety event, as the provider tells it."""
    return {
        "id": event.id,
        "provider": event.provider,
        "start": _moment(event.start),
        "end": _moment(event.end),
        "vehicle": {"id": event.vehicle_id, "name": event.vehicle},
        "driver": event.driver,
        "labels": list(event.labels),
        "state": event.state,
        "severity": event.severity,
        "g_force": event.g_force,
        "place": event.place,
        "latitude": event.latitude,
        "longitude": event.longitude,
        "link": event.link,
    }


def _job_values(job: Job, outcome: Outcome) -> dict[str, Any]:
    return {
        "provider": job.provider,
        "vehicle": {"id": job.vehicle.id, "name": job.vehicle.name},
        "start": _moment(job.start),
        "end": _moment(job.end),
        "timezone": job.timezone,
        "media": job.media_type.value,
        "events": [event_values(one) for one in job.events],
        "status": STATUS_WORDS[outcome.exit_status],
        "exit_status": int(outcome.exit_status),
        "folder": job.folder,
        "files": [_file_values(one) for one in outcome.files],
        "lost_files": [
            {"file": one.path.name, "loss": one.loss.value} for one in outcome.lost_files
        ],
        "clips": _clip_values(job),
        "missing": [
            {
                **_stretch(one.camera, one.window),
                "reason": one.reason,
                "provider_message": one.provider_message,
            }
            for one in outcome.missing
        ],
        "not_installed": [
            {"camera": one.camera.label, "provider_message": one.provider_message}
            for one in outcome.not_installed
        ],
        **_finding_values(outcome),
        "reused": {"clips": outcome.reused.clips, "seconds": outcome.reused.seconds},
        "retrieval_ids": list(dict.fromkeys(one.id for one in job.retrievals if one.id)),
        "paid": [_request(one) for one in outcome.paid],
        "asked_once_more": [_request(one) for one in outcome.asked_once_more],
        "possibly_counted_twice": [_request(one) for one in outcome.possibly_counted_twice],
        "quota": outcome.quota,
        "last_online": contact_values(outcome.contact),
        "notes": list(outcome.notes),
        "failures": list(outcome.failures),
    }


def _finding_values(outcome: Outcome) -> dict[str, Any]:
    """Where a clip is not what was asked for."""
    clips = outcome.clips
    return {
        "shifted": [
            {**_stretch(one.camera, one.window), "seconds": one.seconds} for one in clips.shifted
        ],
        "repeated": [
            {**_stretch(one.camera, one.window), "shown_for": _window(one.shown_for)}
            for one in clips.repeated
        ],
        "unread_times": [
            {**_stretch(one.camera, one.window), "text": one.text} for one in clips.unread_times
        ],
        "other_lengths": [
            {**_stretch(one.camera, one.window), "plays": one.plays, "reported": one.reported}
            for one in clips.other_lengths
        ],
        "damaged": [one.path.name for one in clips.damaged],
    }


def _file_values(output: Output) -> dict[str, Any]:
    return {
        "file": output.path.name,
        "kind": output.kind,
        "camera": output.camera,
        "seconds": output.duration,
        "bytes": output.size,
        "sha256": output.sha256,
        "note": output.note,
    }


def _clip_values(job: Job) -> list[dict[str, Any]]:
    """The clips (or pictures) that are here, by camera and time."""
    return [
        {
            "file": clip.path.name,
            "camera": camera.label,
            "asked_start": _moment(clip.window.start),
            "asked_end": _moment(clip.window.end),
            "start": _moment(clip.start),
            "seconds": clip.duration,
            "factor": clip.factor,
            "bytes": clip.size,
            "sha256": clip.sha256,
        }
        for camera in job.cameras
        for clip in job.clips(camera)
    ]


def _stretch(camera: Camera, window: Window) -> dict[str, str]:
    return {"camera": camera.label, **_window(window)}


def _request(request: Request) -> dict[str, Any]:
    return {**_window(request.window), "cameras": _labels(request.cameras)}


def _labels(cameras: Sequence[Camera]) -> list[str]:
    return [camera.label for camera in cameras]


def _window(window: Window) -> dict[str, str]:
    return {"start": _moment(window.start), "end": _moment(window.end)}


def _moment(moment: datetime) -> str:
    """In UTC, as in RFC 3339: "2025-04-16T18:30:00Z"; with a fraction only where there is one."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
