"""The Motive client: one method per thing asked of Motive's cloud.

Reference pages: https://developer-docs.gomotive.com/reference/ `create-a-video-recall-request`,
`fetch-details-of-a-specific-video-recall`, `fetch-the-available-timelines-for-a-vehicle`,
`fetch-the-video-recall-quota-of-your-company`, `begin-image-capture`,
`fetch-the-captured-image`, `list-all-the-company-vehicles`, `lookup-a-vehicle-by-its-number`,
`list-all-the-company-assets`; https://developer-docs.gomotive.com/docs/ `authentication`,
`time-zone`; the help center (https://helpcenter.gomotive.com) on how long recalls take.

Much of what Motive answers is not described there: spelling, nesting and codes are taken as they
come wherever their meaning is plain.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from footage.cloud.http import ApiClient, HeaderAuth, SignIn
from footage.cloud.json_fields import as_dict, as_list, as_number, as_text, as_time, utc_text
from footage.cloud.media_matching import pieces_of
from footage.cloud.rate_limit import Clock, Wait
from footage.cloud.sign_in import checked_key
from footage.errors import (
    AlreadyRequested,
    AuthenticationError,
    ProviderError,
    RequestRefused,
    TransientError,
    UsageError,
    WindowTooLong,
)
from footage.model import (
    Accepted,
    Camera,
    Cost,
    Media,
    MediaStatus,
    MediaType,
    Quota,
    Reading,
    Retrieval,
    Vehicle,
    Window,
)
from footage.system.intervals import cut, joined, overlap
from footage.system.text import count_text, printable
from footage.system.urls import may_carry_secrets

log = logging.getLogger("footage.motive")

BASE_URL = "https://api.gomotive.com"

RECALLS = "/v1/video_recall_requests"
IMAGES = "/v1/image_captures"
LOOKUP = "/v1/vehicles/lookup"

CAMERAS = (
    Camera("front_facing", "Road"),
    Camera("driver_facing", "Driver"),
    Camera("front_narrow_facing", "Road narrow"),
    Camera("side_left", "Left"),
    Camera("side_right", "Right"),
    Camera("rear", "Rear"),
)
ROAD, DRIVER, NARROW, *OMNICAM = CAMERAS

# `recall_type` of each kind of video (`create-a-video-recall-request`).
RECALL_TYPES = {MediaType.HIGH: "regular", MediaType.TIMELAPSE: "timelapse"}

# Its durations: 1, 2 or 3 minutes of regular video, of a smart dashcam 1; time-lapse one of these.
LONGEST_RECALL = 180.0
LONGEST_SMART = 60.0
TIMELAPSE_MINUTES = (60, 45, 30, 15, 10, 5)
LONG_JOB = 600.0  # seconds; from here on a time-lapse is worth a thought

# How each kind of vehicle is named: in requests as documented for recalls; for image captures, and
# in the queries of timelines and of the look-up, by analogy, as those names are not documented.
NAME_FIELDS = {"vehicle": "vehicle_number", "asset": "asset_name"}
TIMELINE_QUERY = {"vehicle": "vehicle_number", "asset": "asset_name"}
LOOKUP_QUERY = "number"
POSITION_FIELD = "position"

# No figures are published; the one for recalls stands in the quota's answer under a name that is
# not documented. So these are on the careful side: calls, seconds.
LISTS = (2, 1.0)
REQUESTS = (30, 60.0)
LOOKS = (2, 1.0)

PER_PAGE = 100  # the most there is

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
MOST_NESTED = 3  # so deep an address may be hidden in lists and objects
REASON_FIELDS = ("error_message", "failure_reason", "reason", "error", "message")

_POSITION = re.compile(r"[a-z]+(_[a-z0-9]+)+")

_SAID_BEFORE = re.compile(
    r"(?i)duplicat|identical|pending request|\bsame (request|recall|time)"
    r"|\balready\b(?!.*\b(overwritten|deleted|erased|expired|removed|gone|lost)\b)"
    r"|^(?!.*\b(no|not|none|never|doesn't)\b).*\bexists?\b"
)
_TOO_MANY = re.compile(r"(?i)too many|number of (pending|open|active)|try again (later|in)\b")
_SMART_OR_LONG = re.compile(
    r"(?i)\bsmart|\b(1|one)[ -]?min|\b60[ -]?sec|\bduration|too long|time-?lapse.*\bsupport"
)
_NO_FOOTAGE = re.compile(
    r"(?i)\b(footage|videos?|recordings?|recorded)\b|not available|unavailable"
)
_NOT_ITS_LENGTH = re.compile(
    r"(?i)position|cameras?\b|vehicle|asset|recall_type|\bfuture\b|permi(t|ssion)|forbidden"
)
_IMAGES_OFF = re.compile(r"(?i)video_monitoring|\bimage|\bfeature")


class MotiveAPI:
    """Fulfils `footage.cloud.provider.Provider` for Motive.

    key:      an API key of the company, see `permissions`
    base_url: BASE_URL, or that of a stand-in
    wait:     waits so many seconds; may raise `Interrupted`
    clock:    seconds, never going back

    Raises UsageError for a key that is none or a base URL that is not safe for it.
    """

    name = "Motive"
    # The names of the scopes are not documented.
    permissions = (
        "to read vehicles and assets, and to make and read video recalls and image captures, as "
        "chosen where the key is made: Admin > Developers > API Access"
    )
    cameras: Sequence[Camera] = CAMERAS
    words: Mapping[str, str] = {
        "front": "front_facing",
        "driver": "driver_facing",
        "narrow": "front_narrow_facing",
        "left": "side_left",
        "right": "side_right",
        "rear": "rear",
    }
    media_types: Sequence[MediaType] = (MediaType.HIGH, MediaType.TIMELAPSE, MediaType.IMAGE)
    min_poll_interval = (
        10.0  # as of the sister interface for camera control; none is published here
    )
    patience_in_part = (
        1800.0  # seconds; so long what is missing of "partial success" may still come
    )
    has_telemetry = False

    def __init__(
        self,
        key: str,
        base_url: str = BASE_URL,
        *,
        wait: Wait = time.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        key = checked_key(key)
        self._client = ApiClient(
            self.name,
            base_url,
            SignIn(
                HeaderAuth("X-Api-Key", key),
                secrets=[key],
                name="API key",
                help="Look the key up in Motive under Admin > Developers > API Access: whether it "
                "has expired (keys do within six months), whether its scopes allow this, and "
                "whether the groups it is limited to hold the vehicle.",
            ),
            clock=clock,
            wait=wait,
        )
        self._list_pace = self._client.rate_limiter(*LISTS)
        self._advice_pace = self._client.rate_limiter(*LISTS)
        self._request_pace = self._client.rate_limiter(*REQUESTS)
        self._check_pace = self._client.rate_limiter(*LOOKS)
        self._clock = clock
        self._seen_done: dict[tuple[str, bool], float] = {}  # recall, and whether in part -> when

    # --- vehicles --------------------------------------------------------------------------------

    def vehicles(self, kind: str = "vehicle") -> list[Vehicle]:
        """All vehicles (or assets) the key may see, in Motive's order.

        One without a number (an asset without a name) is left out: footage is asked for by it.
        Raises KeyRefused, RequestRefused, or NotNow when Motive cannot be had after all tries.
        """
        found: dict[str, Vehicle] = {}
        for item in self._items(f"{kind}s"):
            vehicle = _vehicle(as_dict(item).get(kind, item), kind)
            if vehicle is None:
                log.warning("One of Motive's %ss has no name and cannot be asked for.", kind)
            else:
                found.setdefault(vehicle.id, vehicle)
        return list(found.values())

    def _items(self, what: str) -> Iterator[object]:
        """The items of all pages, until there are as many as Motive counts or nothing new."""
        seen = set[str]()
        number = 1
        while True:
            params = {"per_page": str(PER_PAGE), "page_no": str(number)}
            page = self._client.page(f"/v1/{what}", self._list_pace, params).data
            new = {_identity(item): item for item in as_list(page.get(what))}
            new = {identity: item for identity, item in new.items() if identity not in seen}
            yield from new.values()
            seen |= set(new)
            total = as_number(as_dict(page.get("pagination")).get("total"))
            if not new or (total is not None and len(seen) >= total):
                return
            number += 1

    def vehicle_by_number(self, number: str) -> Vehicle | None:
        """The vehicle with this number, None where Motive knows none (`lookup-a-vehicle-...`).

        Raises KeyRefused, RequestRefused or NotNow.
        """
        try:
            answer = self._client.get(LOOKUP, self._list_pace, {LOOKUP_QUERY: number})
        except RequestRefused as refusal:
            if refusal.status == 404:
                return None
            raise
        found = _vehicle(answer.data.get("vehicle", answer.data), "vehicle")
        if found is None or found.name.strip().casefold() != number.strip().casefold():
            return None
        return found

    # --- what is there already -------------------------------------------------------------------

    def uploaded(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType
    ) -> list[Media]:
        """Nothing: Motive has no list of what was recalled before."""
        return []

    def recorded(self, vehicle: Vehicle, span: Window) -> list[Window] | None:
        """The stretches of `span` with footage (`fetch-the-available-timelines-...`), in order.

        None for any answer that is not surely about this vehicle: it only is advice.
        """
        try:
            answer = self._client.get(
                f"{RECALLS}/{vehicle.kind}s/available_timelines",
                self._advice_pace,
                {TIMELINE_QUERY[vehicle.kind]: vehicle.name},
                tries=1,
            )
        except ProviderError as error:
            log.warning("Motive's timelines are not available: %s", error)
            return None
        data = _unwrapped(answer.data)
        about = as_dict(data.get(vehicle.kind))
        named = as_text(about.get("number" if vehicle.kind == "vehicle" else "name"))
        listed = data.get("available_timelines")
        if not isinstance(listed, list) or named not in ("", vehicle.name):
            log.warning("Motive's timelines are not available: the answer is of another kind.")
            return None
        found: list[Window] = []
        for item in map(as_dict, listed):
            start, end = as_time(item.get("start_time")), as_time(item.get("end_time"))
            if start is None or end is None:
                log.warning("Motive's timelines are not available: a time cannot be read.")
                return None
            within = overlap(Window(start, end), span)
            if within:
                found.append(within)
        return joined(found)

    def quota(self, media_type: MediaType) -> Quota | None:
        """The month's minutes of recalls (`fetch-the-video-recall-quota-of-your-company`).

        None for images, of which no quota is documented, and where Motive does not say.
        Raises KeyRefused where the key is not known at all (401).
        """
        if media_type not in RECALL_TYPES:
            return None
        try:
            answer = self._client.get(f"{RECALLS}/quota", self._advice_pace, tries=1)
        except ProviderError as error:
            if isinstance(error, AuthenticationError) and error.status == 401:
                raise
            log.warning("Motive's quota cannot be read: %s", error)
            return None
        return _quota(_unwrapped(answer.data), RECALL_TYPES[media_type])

    # --- asking for footage ----------------------------------------------------------------------

    def possible_cameras(self, kind: str, media_type: MediaType) -> Sequence[Camera]:
        """Stills are documented of these positions only; of recalls the server decides."""
        if media_type is not MediaType.IMAGE:
            return CAMERAS
        return tuple(OMNICAM) if kind == "asset" else (ROAD, DRIVER, *OMNICAM)

    def default_cameras(self, kind: str, media_type: MediaType) -> Sequence[Camera]:
        """All that can be had: assets have no dash-cam."""
        return tuple(OMNICAM) if kind == "asset" else self.possible_cameras(kind, media_type)

    @staticmethod
    def other_camera(word: str) -> Camera | None:
        """A position that is not known here, by Motive's own name such as `cargo_facing`."""
        return _camera(word)

    def waiting_hint(self, media_type: MediaType) -> str:
        """How long recalls take, and what a parked vehicle does (the help center)."""
        if media_type is MediaType.IMAGE:
            return ""
        return (
            "Motive usually takes 10 to 12 minutes. A parked vehicle looks for requests only every "
            "2 hours, later every 4, 8 and up to 12: start its engine, or come back with --resume."
        )

    def is_live(self, media_type: MediaType) -> bool:
        """A still is taken when it is asked for."""
        return media_type is MediaType.IMAGE

    def plan(
        self, span: Window, cameras: Sequence[Camera], media_type: MediaType, every: float = 0.0
    ) -> list[Retrieval]:
        """One retrieval of all cameras per window; of images one per camera, taken now.

        Raises UsageError for a length that Motive's durations do not add up to.
        """
        if media_type is MediaType.IMAGE:
            now = Window(span.start, span.start)
            return [Retrieval(now, [Media(camera)], media_type) for camera in cameras]
        minutes, rest = divmod(span.seconds, 60)
        if rest or minutes < 1:
            raise UsageError("Motive gives video in whole minutes only: choose a number of them.")
        if media_type is MediaType.HIGH:
            windows = cut(span, LONGEST_RECALL)
        else:
            windows = _timelapse_windows(span, int(minutes))
        return [
            Retrieval(window, [Media(camera) for camera in cameras], media_type)
            for window in windows
        ]

    def cost(self, retrievals: Sequence[Retrieval]) -> Cost:
        """Minutes of requested video, the unit of Motive's quota: "5 min".

        That all cameras of a recall count once is not documented, and assumed here. How images
        count is not documented at all.
        """
        pictures = sum(one.media_type is MediaType.IMAGE for one in retrievals)
        if pictures:
            return Cost(count_text(pictures, "picture"), None)
        minutes = sum(one.window.seconds for one in retrievals) / 60
        return Cost(f"{minutes:g} min", minutes)

    def advice(self, span: Window, cameras: Sequence[Camera], media_type: MediaType) -> str:
        """What a time-lapse would mean, for a long job."""
        if media_type is not MediaType.HIGH or span.seconds <= LONG_JOB:
            return ""
        return (
            f"Instead of {len(self.plan(span, cameras, media_type))} requests, "
            "--media timelapse takes one for up to an hour and has a quota of its own; smart "
            "dashcams cannot record it."
        )

    def wait_for_turn(self) -> None:
        """Wait until the next request may be sent; this thread's `request` then goes at once."""
        self._request_pace.reserve()

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        """Ask for the footage of one window, or for a still now; one sending.

        Raises KeyRefused, RequestRefused, QuotaExhausted, NotNow or InDoubt, as in Provider.
        """
        is_image = retrieval.media_type is MediaType.IMAGE
        body = _image_body(vehicle, retrieval) if is_image else _recall_body(vehicle, retrieval)
        try:
            answer = self._client.post(
                IMAGES if is_image else RECALLS,
                self._request_pace,
                body,
                is_final=None if is_image else self._quota_check(retrieval),
                plain_403=is_image,
            )
        except RequestRefused as refusal:
            raise _explained(refusal, retrieval) from refusal
        data = _unwrapped(answer.data)
        retrieval_id = _image_id(data, retrieval) if is_image else _recall_id(data)
        if not retrieval_id:
            raise self._client.uncertain(
                "POST",
                "Motive took the request, but its answer holds no id.",
                answer.status,
                answer.request_id,
            )
        log.info(
            "Asked for %s from %s: %s %s",
            ", ".join(media.camera.label for media in retrieval.media),
            utc_text(retrieval.window.start),
            "image" if is_image else "recall",
            retrieval_id,
        )
        return Accepted(retrieval_id)

    def _quota_check(self, retrieval: Retrieval) -> Callable[[], bool | None]:
        """Tells, once per request, whether a 429 means the quota: Motive has one code for both."""
        told: list[bool | None] = []

        def used_up() -> bool | None:
            if not told:
                quota = self.quota(retrieval.media_type)
                left = quota.left if quota else None
                told.append(None if left is None else left < retrieval.window.seconds / 60)
            return told[0]

        return used_up

    # --- looking it up ---------------------------------------------------------------------------

    def check(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        """What Motive says now of the cameras (`fetch-details-...`, `fetch-the-captured-image`).

        Raises KeyRefused, RequestRefused (it does not know the id) or NotNow.
        """
        if retrieval.media_type is MediaType.IMAGE:
            camera_type, _, number = retrieval.id.rpartition("/")
            path = f"{IMAGES}/{quote(camera_type, safe='')}/{quote(number, safe='')}"
        else:
            path = f"{RECALLS}/{quote(retrieval.id, safe='')}"
        answer = self._client.get(path, self._check_pace)
        return self._told(retrieval, _unwrapped(answer.data))

    def _told(self, retrieval: Retrieval, data: Mapping[str, Any]) -> list[Media]:
        """What an answer tells of each camera, even if only by leaving it out."""
        overall = self._client.shown(as_text(data.get("status")), 60)
        cameras = retrieval.cameras
        told = [
            self._media(camera, fields, overall) for camera, fields in _mentioned(data, cameras)
        ]
        named = {media.camera for media in told}
        # Only where the positions are spelled as we know them does a missing one say something.
        if _class_of(overall) is MediaStatus.AVAILABLE and not named & set(CAMERAS):
            log.warning("Motive is done, but its answer names no camera: %s", sorted(data))
            overall = ""
        left_out = self._left_out(retrieval.id, overall)
        told += [replace(left_out, camera=camera) for camera in cameras if camera not in named]
        return pieces_of(told)

    def _left_out(self, recall_id: str, overall: str) -> Media:
        """What is to be thought of a camera that an answer does not name.

        When all is done, the vehicle has no such camera; but not at once, lest an answer be read
        half-way through. Of what is done in part it may still come, and is waited for.
        """
        over = _class_of(overall)
        if over is not MediaStatus.AVAILABLE:
            return Media(ROAD, over, provider_message=overall)
        is_part = overall.lower().startswith(PART)
        key = (recall_id, is_part)
        first_seen = self._seen_done.setdefault(key, self._clock())
        if self._clock() - first_seen < (
            self.patience_in_part if is_part else self.min_poll_interval
        ):
            return Media(ROAD, MediaStatus.PENDING, provider_message=overall)
        if is_part:
            return Media(ROAD, MediaStatus.UNAVAILABLE, provider_message=overall)
        return Media(ROAD, MediaStatus.INVALID)

    def _media(self, camera: Camera, fields: Mapping[str, Any], overall: str) -> Media:
        """One camera of an answer; what it does not say itself the whole may say."""
        own = self._client.shown(as_text(fields.get("status")), 60)
        word, over = own or overall, _class_of(overall)
        url, status = _url(fields), _class_of(word)
        if url:
            status = MediaStatus.AVAILABLE
        elif status is MediaStatus.AVAILABLE:
            status = MediaStatus.PENDING  # its URL is still to come
        elif over.final and not status.final:
            status = over
        reasons = (self._client.shown(as_text(fields.get(field))) for field in REASON_FIELDS)
        return Media(
            camera=camera,
            status=status,
            provider_message=next(filter(None, reasons), word) if status.final else word,
            start=as_time(fields.get("start_time")),
            end=as_time(fields.get("end_time")),
            url=url,
        )

    def readings(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        """Raises RequestRefused: this is not asked of Motive."""
        raise RequestRefused("Speed, heading and place cannot be had from Motive here.")


def _timelapse_windows(span: Window, minutes: int) -> list[Window]:
    """As few windows as Motive's durations allow: with these, the longest first is the fewest."""
    if minutes % TIMELAPSE_MINUTES[-1]:
        lengths = ", ".join(str(length) for length in reversed(TIMELAPSE_MINUTES))
        raise UsageError(
            f"Motive gives time-lapse of {lengths} minutes, or sums of those: {minutes} is none."
        )
    windows = []
    start = span.start
    for length in TIMELAPSE_MINUTES:
        while span.end - start >= timedelta(minutes=length):
            windows.append(Window(start, start + timedelta(minutes=length)))
            start = windows[-1].end
    return windows


def _recall_body(vehicle: Vehicle, retrieval: Retrieval) -> dict[str, Any]:
    minutes, rest = divmod(retrieval.window.seconds, 60)
    if rest or minutes < 1:
        raise RequestRefused("Motive gives video in whole minutes only.")
    body: dict[str, Any] = {
        NAME_FIELDS[vehicle.kind]: vehicle.name,
        "start_time": utc_text(retrieval.window.start),
        "duration": int(minutes),
        "recall_type": RECALL_TYPES[retrieval.media_type],
    }
    positions = [media.camera.input for media in retrieval.media]
    # Left out it means all there are; an empty list is an error.
    if positions and not {camera.input for camera in CAMERAS} <= set(positions):
        body["camera_positions"] = positions
    return body


def _image_body(vehicle: Vehicle, retrieval: Retrieval) -> dict[str, Any]:
    return {
        NAME_FIELDS[vehicle.kind]: vehicle.name,
        POSITION_FIELD: retrieval.media[0].camera.input,
    }


def _explained(refusal: RequestRefused, retrieval: Retrieval) -> RequestRefused | TransientError:
    """What a refusal means; codes and texts are not documented, so it goes by their words."""
    said, status, request_id = refusal.message, refusal.status, refusal.request_id
    smart_or_long = _SMART_OR_LONG.search(said) is not None
    error = refusal
    conflict = status == 409 and not smart_or_long
    if _TOO_MANY.search(said):
        return TransientError(
            f"Motive takes no more requests for now ({said.rstrip('.')}).",
            status=status,
            request_id=request_id,
        )
    if conflict or (status in (400, 409, 422) and _SAID_BEFORE.search(said)):
        error = AlreadyRequested(said, status=status, request_id=request_id)
    elif retrieval.media_type is MediaType.IMAGE and (status == 403 or _IMAGES_OFF.search(said)):
        error = RequestRefused(
            f"Motive took no picture ({said.rstrip('.')}). Pictures are switched on in Motive "
            "under Admin > Safety > Cameras > Capture Trip Images, and the key has to allow them "
            "(Admin > Developers > API Access).",
            status=status,
            request_id=request_id,
        )
    elif retrieval.media_type is MediaType.TIMELAPSE and smart_or_long:
        error = RequestRefused(
            "Most likely this vehicle's camera cannot record time-lapse, as smart dashcams cannot. "
            f"Motive said: {said}",
            status=status,
            request_id=request_id,
        )
    elif retrieval.window.seconds > LONGEST_SMART and smart_or_long:
        error = WindowTooLong(refusal, LONGEST_SMART)
    elif retrieval.media_type is MediaType.HIGH and retrieval.window.seconds > LONGEST_SMART:
        tells_nothing = status in (400, 422) and not _NOT_ITS_LENGTH.search(said)
        if _NO_FOOTAGE.search(said):
            # All of a window has to be there, so shorter ones may bring what there is.
            error = WindowTooLong(refusal, LONGEST_SMART, only_this=True)
        elif tells_nothing and not retrieval.possible_duplicates:  # it may be a smart dashcam
            error = WindowTooLong(refusal, LONGEST_SMART, only_this=True)
        elif tells_nothing:  # most likely the sending before, whose answer never came
            error = AlreadyRequested(said, status=status, request_id=request_id)
    return error


# --- reading Motive's JSON: every field may be missing or of another type ------------------------


def _unwrapped(data: Mapping[str, Any]) -> Mapping[str, Any]:
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


def _identity(item: object) -> str:
    """What tells an item of a list from the others."""
    fields = as_dict(item)
    inner = next((fields[kind] for kind in NAME_FIELDS if isinstance(fields.get(kind), dict)), item)
    return as_text(as_dict(inner).get("id")) or json.dumps(item, sort_keys=True)


def _vehicle(item: object, kind: str) -> Vehicle | None:
    fields = as_dict(item)
    name = as_text(fields.get("number" if kind == "vehicle" else "name"))
    if not name.strip():
        return None
    # It is what requests go by, so blanks in it are kept; only what a terminal obeys is not.
    name = name if name.isprintable() else printable(name)
    return Vehicle(
        id=printable(as_text(fields.get("id"))) or name,
        name=name,
        vin=printable(as_text(fields.get("vin"))),
        plate=printable(as_text(fields.get("license_plate_number"))),
        kind=kind,
    )


def _quota(data: Mapping[str, Any], recall_type: str) -> Quota | None:
    """ "12 of 100 minutes of recalls used this month, 88 left"; else what Motive tells instead."""
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
    ours = {"quota_info", *RECALL_TYPES.values()}
    beside = "; ".join(
        f"{key}: {_plainly(value)}" for key, value in data.items() if key not in ours
    )
    if used is not None and total is not None:
        left = max(0.0, total - used) if left is None else left
        words = f"{used:g} of {total:g} minutes of {kind} used this month, {left:g} left"
    elif left is not None:
        words = f"{left:g} minutes of {kind} left this month"
    else:
        words = beside  # whatever it is, the person can read it
    if words != beside:
        log.info("Motive tells with the quota: %s", printable(beside))
    return Quota(printable(words), used, total, left, quoted=False) if words else None


def _plainly(value: object) -> str:
    """What Motive tells beside, without the marks of JSON."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plainly(inner)}" for key, inner in value.items())
    return value if isinstance(value, str) else json.dumps(value)


def _recall_id(data: Mapping[str, Any]) -> str:
    return printable(as_text(data.get("id")))


def _image_id(data: Mapping[str, Any], retrieval: Retrieval) -> str:
    """ "omnicam/1234": both are needed to look it up."""
    number = printable(as_text(data.get("request_id")))
    position = retrieval.media[0].camera
    camera_type = printable(as_text(data.get("camera_type")))
    camera_type = camera_type or ("omnicam" if position in OMNICAM else "dashcam")
    return f"{camera_type}/{number}" if number else ""


def _mentioned(
    data: Mapping[str, Any], cameras: Sequence[Camera]
) -> Iterator[tuple[Camera, Mapping[str, Any]]]:
    """Each camera that an answer names, and what it says of it; one may be named several times."""
    listed = next((data[name] for name in CAMERA_FIELDS if data.get(name)), None)
    items: list[tuple[str, object]] = [("", item) for item in as_list(listed)]
    for key, item in as_dict(listed).items():
        items += [(key, one) for one in (item if isinstance(item, list) else [item])]
    found: list[tuple[Camera, Mapping[str, Any]]] = []
    for key, item in items:
        fields = {"url": item} if isinstance(item, str) else as_dict(item)
        named = (as_text(fields.get(field)).strip().lower() for field in POSITION_FIELDS)
        camera = _camera(next(filter(None, named), key.strip().lower()))
        if camera is not None:
            found.append((camera, fields))
    if len(cameras) == 1 and not found:
        addresses = list(dict.fromkeys(_addresses(data)))
        if len(addresses) == 1:  # without its times: they are those asked for
            found = [(cameras[0], {"url": addresses[0]})]
    yield from found


def _camera(position: str) -> Camera | None:
    """The camera at a position: one of ours, or another of Motive's under its own name."""
    known = next((camera for camera in CAMERAS if camera.input == position), None)
    if known is not None or not _POSITION.fullmatch(position):
        return known
    log.warning("Motive has a camera that is not known here: %s", position)
    return Camera(position, position.replace("_", " ").capitalize())


def _class_of(word: str) -> MediaStatus:
    """What a status word means, whether of one camera or of the whole; anything else is pending."""
    word = word.strip().lower()
    if word in DONE or word.startswith(PART):
        return MediaStatus.AVAILABLE
    if word == UNAVAILABLE:
        return MediaStatus.UNAVAILABLE
    return MediaStatus.FAILED if word in FAILED else MediaStatus.PENDING


def _url(fields: Mapping[str, Any]) -> str | None:
    """The first address that can be used, under any of the names."""
    usable = list(dict.fromkeys(_addresses(fields)))
    if len(usable) > 1:
        log.warning("Motive gives %d addresses for one camera; took the first.", len(usable))
    return usable[0] if usable else None


def _addresses(fields: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """All addresses under any of the names, be they texts, in lists, or in objects."""
    for name in (*URL_FIELDS, *(CAMERA_FIELDS if depth == 0 else ())):
        value = fields.get(name)
        for one in [value, *as_list(value), *as_dict(value).values()]:
            if isinstance(one, str):
                if may_carry_secrets(one.strip()):
                    yield one.strip()
            elif isinstance(one, dict) and depth < MOST_NESTED:
                yield from _addresses(one, depth + 1)
