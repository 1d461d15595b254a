"""Reading Motive's JSON, of which every field may be missing or of another type. Pure functions.

Much of what Motive answers is not documented: spelling, nesting and codes are taken as they come
wherever their meaning is plain. The texts still hold whatever Motive wrote: the client hides
secrets in what it shows of them.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from footage.cloud.json_fields import as_dict, as_list, as_number, as_text, as_time, unread_time
from footage.model import Camera, Media, MediaStatus, Quota, Vehicle, Window
from footage.system.text import single_line
from footage.system.urls import may_carry_secrets

log = logging.getLogger("footage.motive")

KINDS = ("vehicle", "asset")  # of vehicles, by the names of the fields that hold one

# Lists of status words are not documented. These are as spelled in Motive's other interfaces and
# as near to them; a word that is not here is not final.
DONE = frozenset({"success", "succeeded", "completed", "complete", "available", "ready"})
FAILED = frozenset({"failed", "failure", "error", "cancelled", "canceled", "expired", "rejected"})
UNAVAILABLE = "unavailable"
PART = "partial"  # as any word for "done in part" begins

# Where the answers keep things; only those of image captures are documented.
WRAPPERS = ("video_recall_request", "image_capture", "data")
CAMERA_FIELDS = ("cameras", "images", "videos", "media", "download_urls")
POSITION_FIELDS = ("position", "camera_position", "camera")
URL_FIELDS = ("download_url", "url", "video_url", "media_url", "signed_url", "download_urls")
MOST_NESTED = 3  # so deep a URL may be hidden in lists and objects
REASON_FIELDS = ("error_message", "failure_reason", "reason", "error", "message")

_POSITION = re.compile(r"[a-z]+(_[a-z0-9]+)+")


def unwrapped(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is inside `{"data": {"video_recall_request": {...}}}`, and what stands beside it."""
    for _ in WRAPPERS:
        name = next((name for name in WRAPPERS if isinstance(data.get(name), dict)), None)
        if name is None:
            break
        # In `{"status": "success", "data": ...}` the status may well be that of the call.
        left_out = (name, "status") if name == "data" else (name,)
        beside = {key: value for key, value in data.items() if key not in left_out}
        data = {**beside, **data[name]}
    return data


# --- vehicles ------------------------------------------------------------------------------------


def read_vehicle(item: object, kind: str) -> Vehicle | None:
    """One item of a list of vehicles or assets; None for one without a number or name."""
    fields = as_dict(as_dict(item).get(kind, item))
    name = as_text(fields.get("number" if kind == "vehicle" else "name"))
    if not name.strip():
        return None
    # It is what requests go by, so blanks in it are kept; only what a terminal obeys is not.
    name = name if name.isprintable() else single_line(name)
    return Vehicle(
        id=single_line(as_text(fields.get("id"))) or name,
        name=name,
        vin=single_line(as_text(fields.get("vin"))),
        plate=single_line(as_text(fields.get("license_plate_number"))),
        kind=kind,
    )


def identity(item: object) -> str:
    """What distinguishes an item of a list from the others."""
    fields = as_dict(item)
    inner = next((fields[kind] for kind in KINDS if isinstance(fields.get(kind), dict)), item)
    return as_text(as_dict(inner).get("id")) or json.dumps(item, sort_keys=True)


# --- before a request ----------------------------------------------------------------------------


def read_timelines(data: Mapping[str, Any], vehicle: Vehicle) -> list[Window] | None:
    """The stretches of time with footage; None where the answer is not surely about the vehicle."""
    about = as_dict(data.get(vehicle.kind))
    name = as_text(about.get("number" if vehicle.kind == "vehicle" else "name"))
    listed = data.get("available_timelines")
    if not isinstance(listed, list) or name not in ("", vehicle.name):
        log.warning("Motive's timelines are not available: the answer is of another kind.")
        return None
    stretches: list[Window] = []
    for item in map(as_dict, listed):
        start, end = as_time(item.get("start_time")), as_time(item.get("end_time"))
        if start is None or end is None:
            log.warning("Motive's timelines are not available: a time cannot be read.")
            return None
        stretches.append(Window(start, end))
    return stretches


def read_quota(
    data: Mapping[str, Any], recall_type: str, recall_types: Collection[str]
) -> Quota | None:
    """ "12 of 100 minutes of recalls used this month, 88 left"; without figures, all that is there.

    recall_types: all there are, each with figures of its own
    """
    info = as_dict(data.get("quota_info")) or data
    figures = as_dict(info.get(recall_type))
    used, left, total = (
        as_number(figures.get(f"{name}_minutes")) for name in ("used", "remaining", "total")
    )
    if used is None and total is not None and left is not None:
        used = total - left
    if total is None and used is not None and left is not None:
        total = used + left
    kind = "time-lapse recalls" if recall_type == "timelapse" else "recalls"
    known = {"quota_info", *recall_types}
    beside = "; ".join(
        f"{key}: {_without_marks(value)}" for key, value in data.items() if key not in known
    )
    if used is not None and total is not None:
        left = max(0.0, total - used) if left is None else left
        text = f"{used:g} of {total:g} minutes of {kind} used this month, {left:g} left"
    elif left is not None:
        text = f"{left:g} minutes of {kind} left this month"
    else:
        text = beside  # whatever it is, the person can read it
    if text != beside:
        log.info("Motive says with the quota: %s", single_line(beside))
    return Quota(single_line(text), used, total, left, quoted=False) if text else None


def _without_marks(value: object) -> str:
    """A JSON value without its quotation marks and braces."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_without_marks(inner)}" for key, inner in value.items())
    return value if isinstance(value, str) else json.dumps(value)


# --- requests ------------------------------------------------------------------------------------


def read_recall_id(data: Mapping[str, Any]) -> str:
    """The id of a recall; "" where there is none."""
    return single_line(as_text(data.get("id")))


def read_image_id(data: Mapping[str, Any], usual_type: str) -> str:
    """The id of an image capture: "omnicam/1234", as both are needed to look it up; "" for none.

    usual_type: the camera type where the answer does not say it
    """
    number = single_line(as_text(data.get("request_id")))
    camera_type = single_line(as_text(data.get("camera_type"))) or usual_type
    return f"{camera_type}/{number}" if number else ""


# --- polls ---------------------------------------------------------------------------------------


def status_of(word: str) -> MediaStatus:
    """What a status word means, whether of one camera or of the whole; anything else is pending."""
    word = word.strip().lower()
    if word in DONE or word.startswith(PART):
        return MediaStatus.AVAILABLE
    if word == UNAVAILABLE:
        return MediaStatus.UNAVAILABLE
    return MediaStatus.FAILED if word in FAILED else MediaStatus.PENDING


def is_in_part(word: str) -> bool:
    """Whether a status word says that only a part is done."""
    return word.lower().startswith(PART)


def read_cameras(
    data: Mapping[str, Any], asked: Sequence[Camera], known: Sequence[Camera], overall: str
) -> list[Media]:
    """What an answer says of each camera it names; one may be named several times.

    asked:   the cameras that the request covers
    known:   all whose positions are known
    overall: the status word of the whole
    """
    return [_media(camera, fields, overall) for camera, fields in _named(data, asked, known)]


def camera_at(position: str, known: Sequence[Camera]) -> Camera | None:
    """The camera at a position: one that is known, or another of Motive's under its own name."""
    camera = next((camera for camera in known if camera.input == position), None)
    if camera is not None or not _POSITION.fullmatch(position):
        return camera
    log.warning("Motive has a camera that is not known here: %s", position)
    return Camera(position, position.replace("_", " ").capitalize())


def _named(
    data: Mapping[str, Any], asked: Sequence[Camera], known: Sequence[Camera]
) -> list[tuple[Camera, Mapping[str, Any]]]:
    """Each camera that an answer names, with the fields about it."""
    listed = next((data[name] for name in CAMERA_FIELDS if data.get(name)), None)
    items: list[tuple[str, object]] = [("", item) for item in as_list(listed)]
    for key, item in as_dict(listed).items():
        items += [(key, one) for one in (item if isinstance(item, list) else [item])]
    cameras: list[tuple[Camera, Mapping[str, Any]]] = []
    for key, item in items:
        fields = {"url": item} if isinstance(item, str) else as_dict(item)
        names = (as_text(fields.get(field)).strip().lower() for field in POSITION_FIELDS)
        camera = camera_at(next(filter(None, names), key.strip().lower()), known)
        if camera is not None:
            cameras.append((camera, fields))
    if len(asked) == 1 and not cameras:
        urls = list(dict.fromkeys(_urls(data)))
        if len(urls) == 1:  # without its times: they are those asked for
            cameras = [(asked[0], {"url": urls[0]})]
    return cameras


def _media(camera: Camera, fields: Mapping[str, Any], overall: str) -> Media:
    """One camera of an answer; what its fields do not say the status of the whole may say."""
    own = single_line(as_text(fields.get("status")), 60)
    word, overall_status = own or overall, status_of(overall)
    url, status = _url(fields), status_of(word)
    if url:
        status = MediaStatus.AVAILABLE
    elif status is MediaStatus.AVAILABLE:
        status = MediaStatus.PENDING  # its URL is still to come
    elif overall_status.final and not status.final:
        status = overall_status
    reasons = (single_line(as_text(fields.get(field))) for field in REASON_FIELDS)
    return Media(
        camera=camera,
        status=status,
        provider_message=next(filter(None, reasons), word) if status.final else word,
        start=as_time(fields.get("start_time")),
        end=as_time(fields.get("end_time")),
        url=url,
        unread_time=unread_time(fields.get("start_time"), fields.get("end_time")),
    )


def _url(fields: Mapping[str, Any]) -> str | None:
    """The first URL that can be used, under any of the names."""
    usable = list(dict.fromkeys(_urls(fields)))
    if len(usable) > 1:
        log.warning("Motive gives %d addresses for one camera; took the first.", len(usable))
    return usable[0] if usable else None


def _urls(fields: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """All URLs under any of the names, be they texts, in lists, or in objects."""
    for name in (*URL_FIELDS, *(CAMERA_FIELDS if depth == 0 else ())):
        value = fields.get(name)
        for one in [value, *as_list(value), *as_dict(value).values()]:
            if isinstance(one, str):
                if may_carry_secrets(one.strip()):
                    yield one.strip()
            elif isinstance(one, dict) and depth < MOST_NESTED:
                yield from _urls(one, depth + 1)
