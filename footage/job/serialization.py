"""A job as plain JSON values, and back; README.md describes it field by field. Pure functions."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any, TypeVar

from dateutil.parser import isoparse

from footage.model import (
    UTC,
    AudioTrack,
    Camera,
    Clip,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Output,
    Retrieval,
    RetrievalState,
    Tracks,
    Vehicle,
    VideoTrack,
    Window,
)

VERSION = 2

T = TypeVar("T")


# --- to JSON --------------------------------------------------------------------------------------


def to_json(job: Job) -> dict[str, Any]:
    """The job as plain JSON values; times as ISO 8601 in UTC. Signed URLs are left out."""
    return {
        **head_values(job),
        "retrievals": [retrieval_values(retrieval) for retrieval in job.retrievals],
        "outputs": [output_values(output) for output in job.outputs],
    }


def head_values(job: Job) -> dict[str, Any]:
    """All fields but the lists that grow with the job."""
    return {
        "version": VERSION,
        "provider": job.provider,
        "vehicle": {
            "id": job.vehicle.id,
            "name": job.vehicle.name,
            "vin": job.vehicle.vin,
            "plate": job.vehicle.plate,
            "file_name": job.vehicle.file_name,
            "kind": job.vehicle.kind,
        },
        "start": _time(job.start),
        "minutes": job.minutes,
        "timezone": job.timezone,
        "cameras": [{"input": camera.input, "label": camera.label} for camera in job.cameras],
        "cameras_named": job.cameras_named,
        "created": _time(job.created),
        "folder": job.folder,
        "region": job.region,
        "labels": job.labels,
        "media_type": job.media_type.value,
        "every": job.every,
        "units": job.units,
        "telemetry": job.telemetry,
        "reuse": job.reuse,
        "roles": job.roles,
        "longest": job.longest,
        "no_footage": [
            {"start": _time(window.start), "end": _time(window.end)} for window in job.no_footage
        ],
        "finished": job.finished,
        "quota": job.quota,
    }


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def retrieval_values(retrieval: Retrieval) -> dict[str, Any]:
    return {
        "start": _time(retrieval.window.start),
        "end": _time(retrieval.window.end),
        "state": retrieval.state.value,
        "retrieval_id": retrieval.id,
        "requested_at": _time(retrieval.requested_at),
        "maybe_counted": retrieval.possible_duplicates,
        "repeat": retrieval.repeat,
        "adopted": retrieval.from_other_job,
        "media": [
            {
                "input": media.camera.input,
                "status": media.status.value,
                "said": media.provider_message,
                "start": _time(media.start),
                "end": _time(media.end),
                "clip": _clip(media.clip) if media.clip else None,
            }
            for media in retrieval.media
        ],
    }


def _clip(clip: Clip) -> dict[str, Any]:
    video, audio = clip.tracks.video, clip.tracks.audio
    return {
        "file": clip.path.as_posix(),
        "start": _time(clip.start),
        "size": clip.size,
        "sha256": clip.sha256,
        "factor": clip.factor,
        "video": {
            "codec": video.codec,
            "width": video.width,
            "height": video.height,
            "aspect": video.aspect,
            "rate": str(video.rate),
            "time_base": str(video.time_base),
            "frames": video.frames,
            "duration": video.duration,
        },
        "audio": audio
        and {
            "codec": audio.codec,
            "sample_rate": audio.sample_rate,
            "layout": audio.layout,
            "first": audio.first,
            "packets": audio.packets,
            "frame": audio.frame,
        },
    }


def output_values(output: Output) -> dict[str, Any]:
    return {
        "kind": output.kind,
        "camera": output.camera,
        "file": output.path.as_posix(),
        "duration": output.duration,
        "size": output.size,
        "sha256": output.sha256,
        "made_from": output.made_from,
        "note": output.note,
    }


# --- from JSON ------------------------------------------------------------------------------------


def migrate_v1(data: dict[str, Any]) -> dict[str, Any]:
    """A journal of version 1, which knew one provider and one kind of footage, as one of today."""
    if data["version"] == 1:
        data["vehicle"].setdefault("kind", "vehicle")
        defaults = {"media_type": "high", "every": 0.0, "units": "mph", "telemetry": False}
        data.update(defaults, reuse=True, roles={}, longest=0.0, no_footage=[])
        for retrieval in data["retrievals"]:
            retrieval.setdefault("adopted", False)
            for media in retrieval["media"]:
                if media["clip"] is not None:
                    media["clip"].setdefault("factor", 1.0)
    return data


def from_json(data: dict[str, Any]) -> Job:
    """The job that `to_json` wrote. Raises KeyError, TypeError or ValueError where it cannot be."""
    cameras = {
        camera["input"]: Camera(_text(camera, "input"), _text(camera, "label"))
        for camera in _list(data, "cameras")
    }
    vehicle = data["vehicle"]
    job = Job(
        provider=_text(data, "provider"),
        vehicle=Vehicle(
            id=_text(vehicle, "id"),
            name=_text(vehicle, "name"),
            vin=_text(vehicle, "vin"),
            plate=_text(vehicle, "plate"),
            file_name=_own_name(_text(vehicle, "file_name")),
            kind=_text(vehicle, "kind"),
        ),
        start=_moment(data, "start"),
        minutes=_whole(data, "minutes"),
        timezone=_text(data, "timezone"),
        cameras=tuple(cameras.values()),
        cameras_named=_typed(data, "cameras_named", bool),
        created=_moment(data, "created"),
        folder=_text(data, "folder"),
        region=_text(data, "region"),
        labels=_typed(data, "labels", bool),
        media_type=MediaType(data["media_type"]),
        every=_number(data, "every"),
        units=_text(data, "units"),
        telemetry=_typed(data, "telemetry", bool),
        reuse=_typed(data, "reuse", bool),
        roles={name: _text(data["roles"], name) for name in _typed(data, "roles", dict)},
        longest=_number(data, "longest"),
        no_footage=[
            Window(_moment(item, "start"), _moment(item, "end"))
            for item in _list(data, "no_footage")
        ],
        finished=_typed(data, "finished", bool),
        quota=_text(data, "quota"),
    )
    for item in _list(data, "retrievals"):
        window = Window(_moment(item, "start"), _moment(item, "end"))
        media = [_read_media(entry, cameras, window) for entry in _list(item, "media")]
        retrieval = Retrieval(
            window=window,
            media=media,
            media_type=job.media_type,
            state=RetrievalState(item["state"]),
            id=_text(item, "retrieval_id"),
            requested_at=_perhaps(item, "requested_at"),
            possible_duplicates=_whole(item, "maybe_counted"),
            repeat=_typed(item, "repeat", bool),
            from_other_job=_typed(item, "adopted", bool),
        )
        if retrieval.state is RetrievalState.ACCEPTED and not retrieval.id:
            raise ValueError("an accepted request has no retrieval id")
        job.retrievals.append(retrieval)
    job.outputs = [_read_output(item) for item in _list(data, "outputs")]
    return job


def _read_media(entry: dict[str, Any], cameras: dict[str, Camera], window: Window) -> Media:
    return Media(
        camera=cameras[entry["input"]],
        status=MediaStatus(entry["status"]),
        provider_message=_text(entry, "said"),
        start=_perhaps(entry, "start"),
        end=_perhaps(entry, "end"),
        clip=_read_clip(entry["clip"], window) if entry["clip"] is not None else None,
    )


def _read_clip(item: dict[str, Any], window: Window) -> Clip:
    video, audio = item["video"], item["audio"]
    return Clip(
        path=PurePosixPath(_own_name(_text(item, "file"))),
        window=window,
        start=_moment(item, "start"),
        tracks=Tracks(
            VideoTrack(
                codec=_text(video, "codec"),
                width=_whole(video, "width"),
                height=_whole(video, "height"),
                aspect=_text(video, "aspect"),
                rate=Fraction(_text(video, "rate")),
                time_base=Fraction(_text(video, "time_base")),
                frames=_whole(video, "frames"),
                duration=_number(video, "duration"),
            ),
            audio
            and AudioTrack(
                codec=_text(audio, "codec"),
                sample_rate=_whole(audio, "sample_rate"),
                layout=_text(audio, "layout"),
                first=_number(audio, "first"),
                packets=_whole(audio, "packets"),
                frame=_whole(audio, "frame"),
            ),
        ),
        size=_whole(item, "size"),
        sha256=_text(item, "sha256"),
        factor=_number(item, "factor"),
    )


def _read_output(item: dict[str, Any]) -> Output:
    return Output(
        kind=_text(item, "kind"),
        camera=_text(item, "camera"),
        path=PurePosixPath(_own_name(_text(item, "file"))),
        duration=_number(item, "duration"),
        size=_whole(item, "size"),
        sha256=_text(item, "sha256"),
        made_from=_text(item, "made_from"),
        note=_text(item, "note"),
    )


def _typed(item: dict[str, Any], key: str, kind: type[T]) -> T:
    value = item[key]
    if not isinstance(value, kind):
        raise TypeError(f"{key} is not what it should be")
    return value


def _text(item: dict[str, Any], key: str) -> str:
    return _typed(item, key, str)


def _whole(item: dict[str, Any], key: str) -> int:
    value = _typed(item, key, int)
    if isinstance(value, bool) or value < 0:
        raise ValueError(f"{key} is not a whole number")
    return value


def _number(item: dict[str, Any], key: str) -> float:
    value = item[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{key} is not a number")
    return float(value)


def _list(item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return _typed(item, key, list)


def _moment(item: dict[str, Any], key: str) -> datetime:
    moment = isoparse(_text(item, key))
    if moment.tzinfo is None:
        raise ValueError(f"{key} has no time zone")
    return moment.astimezone(UTC)


def _perhaps(item: dict[str, Any], key: str) -> datetime | None:
    return _moment(item, key) if item[key] is not None else None


def _own_name(name: str) -> str:
    """A file name that stays inside its folder, whatever was written into the journal."""
    if not name or name in (".", "..") or any(c in name for c in '/\\:"<>|?*\0'):
        raise ValueError("a file name leads out of its folder")
    return name
