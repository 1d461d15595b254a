"""Reading Samsara's JSON, of which every field may be missing or of another type. Pure functions.

The texts still hold whatever Samsara wrote: the client hides secrets in what it shows of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from footage.cloud.json_fields import as_dict, as_list, as_text, as_time, unread_time
from footage.errors import (
    AuthenticationError,
    NoSuchCamera,
    RequestRefused,
    TransientError,
    WindowTooLong,
)
from footage.model import Camera, Media, MediaStatus, Vehicle, Window
from footage.system.text import single_line, words_of

# What the list of uploaded media calls the same two cameras (`listuploadedmedia`).
OTHER_NAMES = {
    "dashcamForwardFacing": "dashcamRoadFacing",
    "dashcamInwardFacing": "dashcamDriverFacing",
}

REQUESTED = ("api", "videoRetrieval")  # `triggerReason` of what somebody has asked for

# `getmediaretrieval` lists these words without saying what they mean; any other one is not final.
STATUSES = {
    "pending": MediaStatus.PENDING,
    "available": MediaStatus.AVAILABLE,
    "failed": MediaStatus.FAILED,
    "unavailable": MediaStatus.UNAVAILABLE,
    "invalid": MediaStatus.INVALID,
}

# What `cameraRole` says of an analog camera (`getmediaretrieval`), where its own words do not do.
ROLES = {
    "leftMirrorMount": "Left mirror",
    "rightMirrorMount": "Right mirror",
    "inCab": "In cab",
    "leftBev": "Left bird's-eye",
    "rightBev": "Right bird's-eye",
    "rearBev": "Rear bird's-eye",
    "frontBev": "Front bird's-eye",
    "otherBev": "Other bird's-eye",
    "bevNotUsed": "",
}

# What a refusal for the length of a window may say; no code or text for it is documented.
_TOO_LONG = re.compile(
    r"(?i)endTime|too long|longer|exceed|maximum|at most|duration|\blasts?\b|time range"
)

# What Samsara's own sample (https://github.com/samsarahq/functions-examples) takes as "impossible";
# of a long window it may be true in a part only.
_NOT_RECORDING = re.compile(r"(?i)not recording")

_NO_SUCH_INPUT = re.compile(r"(?i)\binputs?\b|cameraRoles?")
_NOT_ITS_LENGTH = re.compile(r"(?i)vehicle|mediaType|startTime|permission")


def read_vehicle(item: object) -> Vehicle | None:
    """One item of the list of vehicles; None for one without an id."""
    fields = as_dict(item)
    vehicle_id = single_line(as_text(fields.get("id")))
    if not vehicle_id:
        return None
    return Vehicle(
        id=vehicle_id,
        name=single_line(as_text(fields.get("name"))) or vehicle_id,
        vin=single_line(as_text(fields.get("vin"))),
        plate=single_line(as_text(fields.get("licensePlate"))),
    )


def read_dash_cam(item: object) -> tuple[str, ...]:
    """The dash cam of an item of the list of vehicles; nothing where none is listed."""
    serial = single_line(as_text(as_dict(item).get("cameraSerial")), 60)
    return (f"dash cam {serial}",) if serial else ()


def camera_of(item: Mapping[str, Any], cameras: Sequence[Camera]) -> Camera | None:
    """Which of these cameras an item is of, by either of its names; None for another one."""
    name = as_text(item.get("input"))
    name = OTHER_NAMES.get(name, name)
    return next((camera for camera in cameras if camera.input == name), None)


def read_retrieval(data: Mapping[str, Any], cameras: Sequence[Camera]) -> list[Media]:
    """What an answer about a retrieval says of these cameras (`getmediaretrieval`)."""
    reported: list[Media] = []
    for item in map(as_dict, as_list(as_dict(data.get("data")).get("media"))):
        camera = camera_of(item, cameras)
        if camera is not None:
            reported.append(read_media(item, camera))
    return reported


def read_uploaded(
    item: Mapping[str, Any], vehicle_id: str, cameras: Sequence[Camera], media_type: str
) -> Media | None:
    """One item of the list of uploaded media; None for other footage, or without times or URL."""
    camera = camera_of(item, cameras)
    if camera is None or item.get("mediaType") != media_type:
        return None
    if as_text(item.get("vehicleId")) not in ("", vehicle_id):
        return None
    media = read_media(item, camera)
    media.requested = item.get("triggerReason") in REQUESTED
    return media if media.url and media.start and media.end else None


def read_media(item: Mapping[str, Any], camera: Camera) -> Media:
    """One item of a retrieval's answer, or of the list of uploaded media."""
    word = single_line(as_text(item.get("status")), 60)
    address = as_dict(item.get("urlInfo")).get("url")
    url = address.strip() if isinstance(address, str) and address.strip() else None
    # The list of uploaded media has no status: there, an address means that it is available.
    status = STATUSES.get(word.lower() or ("available" if url else ""), MediaStatus.PENDING)
    if status is MediaStatus.AVAILABLE and url is None:
        status = MediaStatus.PENDING
    return Media(
        camera=camera,
        status=status,
        provider_message=word,
        start=as_time(item.get("startTime")),
        end=as_time(item.get("endTime")),
        url=url if status is MediaStatus.AVAILABLE else None,
        role=read_role(item.get("cameraRole")),
        serial=single_line(as_text(item.get("auxcamSerial") or item.get("auxCamSerial")), 40),
        unread_time=unread_time(item.get("startTime"), item.get("endTime")),
    )


def read_role(value: object) -> str:
    """What a camera is for, in words: "Left mirror"; "" where Samsara does not say."""
    word = single_line(as_text(value), 40)
    return ROLES[word] if word in ROLES else words_of(word)


def refusal_meaning(
    refusal: RequestRefused, window: Window, surely_allowed: float, shortest: float
) -> RequestRefused:
    """The error that a refusal of a request for `window` stands for.

    It goes by the text: neither codes nor texts are documented, but for one, "Invalid value for
    parameter.", which does not say of which; a long window is then tried in shorter pieces.

    surely_allowed: seconds; a longer window may have been refused for its length
    shortest:       seconds to try where even that is too long
    """
    text = refusal.message
    if _NOT_RECORDING.search(text):
        surely_its_length, maybe_its_length = False, True
    elif _NO_SUCH_INPUT.search(text):
        return NoSuchCamera(text, status=refusal.status, request_id=refusal.request_id)
    elif _TOO_LONG.search(text):
        surely_its_length, maybe_its_length = True, True
    else:
        surely_its_length = False
        maybe_its_length = refusal.status in (400, 413, 422) and not _NOT_ITS_LENGTH.search(text)
    if maybe_its_length and window.seconds > surely_allowed:
        return WindowTooLong(refusal, surely_allowed, only_this=not surely_its_length)
    if surely_its_length and window.seconds > shortest:
        return WindowTooLong(refusal, shortest)
    return refusal


def telemetry_refusal(
    error: AuthenticationError | RequestRefused | TransientError,
) -> RequestRefused | TransientError:
    """The same error, but as a refusal where the key lacks this permission: the job goes on."""
    if not isinstance(error, AuthenticationError):
        return error
    return RequestRefused(
        f"No permission for the vehicle's data ({error.status}): the API key needs the permission "
        "Read Vehicle Statistics.",
        status=error.status,
        request_id=error.request_id,
    )
