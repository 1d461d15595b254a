"""A job as plain JSON values, and back. Pure functions; docs/journal.md lists the fields.

msgspec makes the values from the dataclasses of model.py, so a field that is added there is in the
journal without a change here. Only the exceptions stand here: the fields that are not journalled,
those with another name in the journal, and those that stand one level higher in it.

An added field needs a default: it is what a journal has that was written before. Raise VERSION,
and add a migration, where a field is renamed or means something else, or where an earlier program
must not go on with the job because it does not know the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import datetime
from fractions import Fraction
from pathlib import PurePath, PurePosixPath
from typing import Any

import msgspec

from footage.media import encoder
from footage.model import (
    Clip,
    Job,
    Media,
    Output,
    Retrieval,
    RetrievalState,
    Step,
    Tracks,
    Window,
)

VERSION = 3

# Fields that are not in the journal.
NOT_JOURNALLED: dict[type, tuple[str, ...]] = {
    Retrieval: ("media_type",),  # the job's
    Media: (
        "url",  # a secret, and not valid for long
        "role",  # the job's `roles` have it
        "requested",  # of use only while the job is planned
    ),
    Clip: ("window",),  # its retrieval's
}

# Fields whose name in the journal is another one than in model.py.
_NAMES: dict[type, dict[str, str]] = {
    Retrieval: {"id": "retrieval_id"},
    Media: {"camera": "input"},
    Clip: {"path": "file"},
    Output: {"path": "file"},
}

# The fields that a step of the custody always has; the others are left out where they are empty.
_OF_EACH_STEP = ("at", "run", "kind")

# A field whose own fields stand in the journal in its place.
_INLINED: dict[type, tuple[str, type]] = {Retrieval: ("window", Window), Clip: ("tracks", Tracks)}


# --- to JSON --------------------------------------------------------------------------------------


def journalled_fields(kind: type) -> list[str]:
    """The fields of a dataclass that are in the journal, by their names in model.py."""
    left_out = NOT_JOURNALLED.get(kind, ())
    return [field.name for field in fields(kind) if field.name not in left_out]


def head_values(job: Job) -> dict[str, Any]:
    """The journal's version and all fields of the job but the lists that grow with it."""
    values = _plain(replace(job, retrievals=[], outputs=[], custody=[]))
    del values["retrievals"], values["outputs"], values["custody"]
    return {"version": VERSION, **values}


def retrieval_values(retrieval: Retrieval) -> dict[str, Any]:
    values = _plain(retrieval)
    values["media"] = [_media_values(one) for one in values["media"]]
    return _journalled(Retrieval, values)


def _media_values(values: dict[str, Any]) -> dict[str, Any]:
    values["camera"] = values["camera"]["input"]
    if values["clip"] is not None:
        values["clip"] = _journalled(Clip, values["clip"])
    if values.get("lost") is not None:  # msgspec leaves out a default that it has not read
        values["lost"]["clip"] = _journalled(Clip, values["lost"]["clip"])
    return _journalled(Media, values)


def output_values(output: Output) -> dict[str, Any]:
    return _journalled(Output, _plain(output))


def step_values(step: Step) -> dict[str, Any]:
    """A step of the custody, without what it has nothing of: a long job has 50,000 of them."""
    values = _plain(step)
    return {name: values[name] for name in values if name in _OF_EACH_STEP or values[name]}


def _plain(value: object) -> Any:
    """A dataclass as dicts, lists, texts and numbers; times as ISO 8601."""
    return msgspec.to_builtins(value, enc_hook=_plain_other)


def _plain_other(value: object) -> str:
    """What msgspec does not know: fractions and paths."""
    return value.as_posix() if isinstance(value, PurePath) else str(value)


def _journalled(kind: type, values: dict[str, Any]) -> dict[str, Any]:
    """The plain values of a dataclass as they stand in the journal."""
    left_out, names = NOT_JOURNALLED.get(kind, ()), _NAMES.get(kind, {})
    inlined, _ = _INLINED.get(kind, ("", kind))
    written: dict[str, Any] = {}
    for name, value in values.items():
        if name == inlined:
            written.update(value)
        elif name not in left_out:
            written[names.get(name, name)] = value
    return written


# --- from JSON ------------------------------------------------------------------------------------


def from_json(data: dict[str, Any]) -> Job:
    """The job in the values of a journal of any version so far.

    Raises KeyError, TypeError, AttributeError, ValueError or ArithmeticError where they are not
    what a journal has.
    """
    for version, migrate in _MIGRATIONS.items():
        if data["version"] == version:
            data = migrate(data)
    cameras = {camera["input"]: camera for camera in _list(data, "cameras")}
    retrievals = [
        _read_retrieval(item, data["media_type"], cameras) for item in _list(data, "retrievals")
    ]
    outputs = [_as_in_model(Output, item) for item in _list(data, "outputs")]
    values = {**data, "retrievals": retrievals, "outputs": outputs}
    job = msgspec.convert(values, Job, dec_hook=_read_other)
    _own_name(job.vehicle.file_name)
    _check(job)
    if any(step.run >= len(job.runs) for step in job.custody):
        raise ValueError("a step of the custody is of no run")
    if job.encoder not in encoder.SIDE_BY_SIDE:  # of a later version of this program
        raise ValueError("there are no such settings of the encoder")
    return job


def _read_retrieval(
    item: dict[str, Any], media_type: str, cameras: dict[str, Any]
) -> dict[str, Any]:
    values = _as_in_model(Retrieval, item)
    media = [_as_in_model(Media, entry) for entry in _list(item, "media")]
    for one in media:
        one["camera"] = cameras[one["camera"]]
        if one["clip"] is not None:
            one["clip"] = {**_as_in_model(Clip, one["clip"]), "window": values["window"]}
        if one.get("lost") is not None:
            lost = {**_as_in_model(Clip, one["lost"]["clip"]), "window": values["window"]}
            one["lost"] = {**one["lost"], "clip": lost}
    return {**values, "media_type": media_type, "media": media}


def _list(item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = item[key]
    if not isinstance(value, list):
        raise TypeError(f"{key} is not a list")
    return value


def _as_in_model(kind: type, item: dict[str, Any]) -> dict[str, Any]:
    """The values of a dataclass by the names and levels of model.py: undoes `_journalled`."""
    item = dict(item)
    values = {name: item.pop(key) for name, key in _NAMES.get(kind, {}).items()}
    if kind in _INLINED:
        name, inner = _INLINED[kind]
        values[name] = {one.name: item.pop(one.name) for one in fields(inner)}
    return {**item, **values}


def _read_other(kind: type, value: object) -> object:
    """What msgspec does not know: fractions and paths."""
    if not isinstance(value, str):
        raise TypeError("a value is not a text")
    return Fraction(value) if kind is Fraction else PurePosixPath(_own_name(value))


def _own_name(name: str) -> str:
    """A file name that stays inside its folder, whatever was written into the journal."""
    if not name or name in (".", "..") or any(c in name for c in '/\\:"<>|?*\0'):
        raise ValueError("a file name leads out of its folder")
    return name


def _check(value: object) -> None:
    """ValueError for what has the right type and still cannot be, anywhere in a value."""
    if isinstance(value, (str, float)):
        return
    if isinstance(value, int) and value < 0:
        raise ValueError("a whole number is below zero")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a time has no time zone")
    if isinstance(value, Retrieval) and value.state is RetrievalState.ACCEPTED and not value.id:
        raise ValueError("an accepted request has no retrieval id")
    if isinstance(value, (list, tuple)):
        _check_each(value)
    elif hasattr(value, "__dataclass_fields__"):
        _check_each(vars(value).values())


def _check_each(values: Iterable[object]) -> None:
    """A day's job has 700,000 values, most of them of a type of which none is wrong."""
    for one in values:
        if type(one) not in _NEVER_WRONG:
            _check(one)


_NEVER_WRONG = frozenset({str, float, bool, type(None)})


# --- journals of earlier versions -----------------------------------------------------------------


def migrate_v1(data: dict[str, Any]) -> dict[str, Any]:
    """Version 1 knew one provider and one kind of footage: what version 2 says of them."""
    data["vehicle"].setdefault("kind", "vehicle")
    for retrieval in data["retrievals"]:
        retrieval.setdefault("adopted", False)
        for media in retrieval["media"]:
            if media["clip"] is not None:
                media["clip"].setdefault("factor", 1.0)
    new = {"media_type": "high", "every": 0.0, "units": "mph", "telemetry": False, "reuse": True}
    return {**data, **new, "roles": {}, "longest": 0.0, "no_footage": [], "version": 2}


def migrate_v2(data: dict[str, Any]) -> dict[str, Any]:
    """Version 2 had other names for three fields."""
    for retrieval in data["retrievals"]:
        retrieval["possible_duplicates"] = retrieval.pop("maybe_counted")
        retrieval["from_other_job"] = retrieval.pop("adopted")
        for media in retrieval["media"]:
            media["provider_message"] = media.pop("said")
    return {**data, "version": 3}


# In order of version, so that the oldest goes through all of them.
_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: migrate_v1, 2: migrate_v2}
