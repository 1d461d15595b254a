"""The job on disk: `request_ids_<when>.json`, whole at any instant, rewritten before and after
every step that spends money or time, so that any run can go on where another stopped.

README.md describes the file field by field.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from dateutil.parser import isoparse
from filelock import FileLock, Timeout

from footage import files
from footage.errors import JournalError
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

log = logging.getLogger("footage.journal")

VERSION = 2
_PREFIX = "request_ids_"
# Seconds: what a killed run was just starting holds its lock until it runs by itself.
_LOCK_PATIENCE = 2.0

# What comes of values that are not what they should be.
_DAMAGE = (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)

T = TypeVar("T")


class Journal:
    """One job and its file. All changes go through `change`, from any thread."""

    def __init__(self, path: Path, job: Job) -> None:
        self.path = path
        self.job = job
        self._changing = threading.RLock()
        self._written = _Written()
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))

    @classmethod
    def create(cls, folder: Path, job: Job, when: str) -> Journal:
        """Begin the journal of a new job in `folder`; `when` becomes part of its name."""
        with files.disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(1):
            suffix = "" if number == 1 else f"_{number}"
            journal = cls(folder / f"{_PREFIX}{when}{suffix}.json", job)
            # The lock comes first: it claims the name against a run that starts beside this one.
            if journal._claim(0) and not journal.path.exists():
                break
            journal._lock.release()
        journal.save()
        return journal

    @classmethod
    def open(cls, path: Path) -> Journal:
        """Take up the job of an existing journal; raises JournalError and leaves the file alone
        when it is damaged, of another version, or in use by another run."""
        journal = cls(path, read(path))
        if not journal._claim(_LOCK_PATIENCE):
            raise JournalError(
                f"Another run is working on this job ({path.name}); let it finish, or stop it "
                "first."
            )
        try:
            journal.job = read(path)  # as it is now that nobody else can change it
        except JournalError:
            journal._lock.release()
            raise
        return journal

    @contextmanager
    def change(self) -> Iterator[Job]:
        """Change the job; the file is rewritten before the block is left."""
        with self._changing:
            yield self.job
            self.save()

    @contextmanager
    def reading(self) -> Iterator[Job]:
        """Look at the job while no other thread changes it."""
        with self._changing:
            yield self.job

    def save(self) -> None:
        """Write the job as it is, in one step. Raises DiskError."""
        with self._changing:
            files.write_lines(self.path, _lines(self.job, self._written))

    def close(self) -> None:
        """Let others have the job."""
        self._lock.release()
        if self.job.finished:  # nobody waits for it any more
            with suppress(OSError):
                Path(self._lock.lock_file).unlink(missing_ok=True)

    def _claim(self, patience: float) -> bool:
        """Take the job for this run; the system gives it back even when the run is killed."""
        with files.disk_errors(self.path.parent):
            try:
                self._lock.acquire(timeout=patience)
            except Timeout:
                return False
        return True


def read(path: Path) -> Job:
    """The job in a journal. Raises JournalError, in a sentence, when it cannot be relied on."""
    named = f"The journal {path.name}"
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text)
    except OSError as error:
        raise JournalError(f"{named} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise JournalError(
            f"{named} is damaged: it is not valid JSON. It is left alone."
        ) from error
    version = data.get("version") if isinstance(data, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise JournalError(f"{named} is damaged: it has no version. It is left alone.")
    if version > VERSION:
        raise JournalError(
            f"{named} was written by a newer version of this program; use that one. "
            "It is left alone."
        )
    try:
        job = from_json(_as_now(data))
    except _DAMAGE as error:
        raise JournalError(
            f"{named} is damaged or was changed by hand ({_reason(error)}). It is left alone."
        ) from error
    if not _is_sealed(text):
        raise JournalError(f"{named} was changed by hand since it was written. It is left alone.")
    return job


def jobs(folder: Path) -> Iterator[tuple[Path, Job]]:
    """All jobs in a folder with their journals; damaged ones are left out."""
    for path in sorted(folder.glob(f"{_PREFIX}*.json")):
        try:
            yield path, read(path)
        except JournalError as error:
            log.warning("%s", error)


def unfinished(folder: Path) -> list[tuple[Path, Job]]:
    """The jobs in a folder that are not finished, the newest first."""
    found = [(path, job) for path, job in jobs(folder) if not job.finished]
    return sorted(found, key=lambda pair: pair[1].created, reverse=True)


def _reason(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


class _Written:
    """The lines of the retrievals as they were last written.

    A day's job has thousands, of which a step changes one: making all lines anew took 0.8 s, most
    of what saving takes.
    """

    def __init__(self) -> None:
        self._lines: dict[int, tuple[Retrieval, tuple[object, ...], str]] = {}

    def line(self, retrieval: Retrieval) -> str:
        """The retrieval as JSON, made anew only where something in it has changed."""
        now = _state_of(retrieval)
        # The retrieval is kept with its line, so that no other can have the same id meanwhile.
        known = self._lines.get(id(retrieval))
        if known is None or known[1] != now:
            known = (retrieval, now, json.dumps(_retrieval(retrieval)))
            self._lines[id(retrieval)] = known
        return known[2]


def _state_of(retrieval: Retrieval) -> tuple[object, ...]:
    """All of a retrieval that is journalled; a clip never changes, so it stands for itself."""
    return (
        retrieval.window,
        retrieval.state,
        retrieval.id,
        retrieval.requested_at,
        retrieval.maybe_counted,
        retrieval.repeat,
        retrieval.adopted,
        [
            (media.camera, media.status, media.said, media.start, media.end, media.clip)
            for media in retrieval.media
        ],
    )


def _lines(job: Job, written: _Written) -> Iterator[str]:
    """The journal's text: a line for each field, and one for each item of a list.

    Made while it is written. Its last field seals those before it.
    """
    seal = hashlib.sha256()
    for line in _content_lines(job, written):
        seal.update(line.encode())
        yield line
    yield f' "seal": "{seal.hexdigest()}"'
    yield "}"


def _is_sealed(text: str) -> bool:
    """Nothing in the text was changed since it was written."""
    lines = text.splitlines()
    return len(lines) > 2 and hashlib.sha256("".join(lines[:-2]).encode()).hexdigest() in lines[-2]


def _content_lines(job: Job, written: _Written) -> Iterator[str]:
    yield "{"
    for key, value in _head(job).items():
        yield f" {json.dumps(key)}: {json.dumps(value)},"
    yield from _list_lines("retrievals", map(written.line, job.retrievals))
    yield from _list_lines("outputs", (json.dumps(_output(one)) for one in job.outputs))


def _list_lines(key: str, items: Iterator[str]) -> Iterator[str]:
    yield f" {json.dumps(key)}: ["
    item = next(items, None)
    while item is not None:
        following = next(items, None)
        yield f"  {item}{',' if following is not None else ''}"
        item = following
    yield " ],"


# --- to JSON --------------------------------------------------------------------------------------


def to_json(job: Job) -> dict[str, Any]:
    """The job as plain JSON values; times as ISO 8601 in UTC. Signed URLs are left out."""
    return {
        **_head(job),
        "retrievals": [_retrieval(retrieval) for retrieval in job.retrievals],
        "outputs": [_output(output) for output in job.outputs],
    }


def _head(job: Job) -> dict[str, Any]:
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


def _retrieval(retrieval: Retrieval) -> dict[str, Any]:
    return {
        "start": _time(retrieval.window.start),
        "end": _time(retrieval.window.end),
        "state": retrieval.state.value,
        "retrieval_id": retrieval.id,
        "requested_at": _time(retrieval.requested_at),
        "maybe_counted": retrieval.maybe_counted,
        "repeat": retrieval.repeat,
        "adopted": retrieval.adopted,
        "media": [
            {
                "input": media.camera.input,
                "status": media.status.value,
                "said": media.said,
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


def _output(output: Output) -> dict[str, Any]:
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


def _as_now(data: dict[str, Any]) -> dict[str, Any]:
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
            maybe_counted=_whole(item, "maybe_counted"),
            repeat=_typed(item, "repeat", bool),
            adopted=_typed(item, "adopted", bool),
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
        said=_text(entry, "said"),
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
