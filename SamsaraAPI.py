"""The Samsara client: one method per thing asked of Samsara's cloud.

Reference pages: https://developers.samsara.com/reference/ `postmediaretrieval`,
`getmediaretrieval`, `listvehicles`; https://developers.samsara.com/docs/ `rate-limits`,
`response-codes`, `pagination`, `authentication`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dateutil.parser import isoparse
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from footage.client import Answer, ApiClient, HeaderKey, checked_key
from footage.errors import NotNow
from footage.model import UTC, Camera, Media, MediaStatus, Retrieval, Vehicle, Window
from footage.pacing import Clock, Wait
from footage.provider import Accepted
from footage.secrets import printable

log = logging.getLogger("footage.samsara")

# A key works only on the host of the region its account lives in (`authentication`).
REGIONS: Mapping[str, str] = {
    "us": "https://api.samsara.com",
    "eu": "https://api.eu.samsara.com",
    "ca": "https://api.ca.samsara.com",
}

CAMERAS = (
    Camera("dashcamRoadFacing", "Road"),
    Camera("dashcamDriverFacing", "Driver"),
    Camera("analog1", "Analog"),
    Camera("analog2", "Analog2"),
    Camera("analog3", "Analog3"),
    Camera("analog4", "Analog4"),
)

# What the list of uploaded media calls the same two cameras (`listuploadedmedia`).
OTHER_NAMES = {
    "dashcamForwardFacing": "dashcamRoadFacing",
    "dashcamInwardFacing": "dashcamDriverFacing",
}

LONGEST_WINDOW = timedelta(seconds=60)  # of high-resolution video in one retrieval
VEHICLE_TRIES = 5

# `getmediaretrieval` lists these words without saying what they mean; any other one is not final.
STATUSES = {
    "pending": MediaStatus.PENDING,
    "available": MediaStatus.AVAILABLE,
    "failed": MediaStatus.FAILED,
    "unavailable": MediaStatus.UNAVAILABLE,
    "invalid": MediaStatus.INVALID,
}


class SamsaraAPI:
    """Fulfils `footage.provider.Provider` for Samsara.

    key:      an API token with the rights in `permissions`
    base_url: of the account's region, see REGIONS
    wait:     waits so many seconds; may raise `Interrupted`
    clock:    seconds, never going back

    Raises UsageError for a key that is none or a base URL that is not safe for it.
    """

    name = "Samsara"
    permissions = "Read Vehicles, Write Media Retrieval, Read Media Retrieval"
    cameras: Sequence[Camera] = CAMERAS
    default_cameras: Sequence[Camera] = CAMERAS[:3]

    def __init__(
        self,
        key: str,
        base_url: str = REGIONS["us"],
        *,
        wait: Wait = time.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        key = checked_key(key)
        self._wait = wait
        self._client = ApiClient(
            self.name,
            base_url,
            HeaderKey("Authorization", f"Bearer {key}"),
            secret=key,
            key_help=(
                f"It needs the permissions {self.permissions}, and works only in the region of "
                f"your account ({', '.join(REGIONS)})."
            ),
            clock=clock,
            wait=wait,
        )
        # The limits of the three reference pages, each per organization.
        self._list_pace = self._client.pacer(25, 1.0)
        self._request_pace = self._client.pacer(100, 60.0)
        self._check_pace = self._client.pacer(5, 1.0)

    # --- vehicles --------------------------------------------------------------------------------

    def vehicles(self) -> list[Vehicle]:
        """All vehicles the key may see, in Samsara's order; a page that fails is asked for again.

        Raises KeyRefused, RequestRefused, or NotNow when Samsara cannot be had after all tries.
        """
        found: dict[str, Vehicle] = {}
        for item in self._vehicle_items():
            vehicle = _vehicle(item)
            if vehicle:
                found.setdefault(vehicle.id, vehicle)
        return list(found.values())

    def _vehicle_items(self) -> Iterator[object]:
        """The items of all pages. A page may be empty and yet not be the last (`pagination`)."""
        params = {"limit": "512"}
        seen = set[str]()
        while True:
            page = self._vehicle_page(params).data
            yield from _list(page.get("data"))
            paging = _dict(page.get("pagination"))
            cursor = paging.get("endCursor")
            if paging.get("hasNextPage") is not True:
                return
            if not isinstance(cursor, str) or not cursor or cursor in seen:
                log.warning("Samsara's list of vehicles goes round in circles; stopped there.")
                return
            seen.add(cursor)
            params = {"limit": "512", "after": cursor}

    def _vehicle_page(self, params: Mapping[str, str]) -> Answer:
        patiently = Retrying(
            retry=retry_if_exception(_may_pass_soon),
            stop=stop_after_attempt(VEHICLE_TRIES),
            wait=wait_exponential(multiplier=1, max=15),
            sleep=self._wait,
            reraise=True,
        )
        return patiently(self._client.get, "/fleet/vehicles", self._list_pace, params)

    # --- asking for footage ----------------------------------------------------------------------

    def plan(self, span: Window, cameras: Sequence[Camera]) -> list[Retrieval]:
        """One retrieval per camera and window of at most a minute, by time, then camera."""
        planned = []
        start = span.start
        while start < span.end:
            end = min(start + LONGEST_WINDOW, span.end)
            planned += [Retrieval(Window(start, end), [Media(camera)]) for camera in cameras]
            start = end
        return planned

    def cost(self, retrievals: Sequence[Retrieval]) -> str:
        """Seconds of high-resolution video, the unit of Samsara's quota: "900 s".

        That each camera counts by itself is not documented, and assumed here.
        """
        seconds = sum(one.window.seconds * len(one.media) for one in retrievals)
        return f"{seconds:.0f} s"

    def wait_for_turn(self) -> None:
        """Wait until the next request may be sent; this thread's `request` then goes at once."""
        self._request_pace.reserve()

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        """Ask for the footage of one window (`postmediaretrieval`); one sending.

        Raises KeyRefused, RequestRefused, QuotaExhausted, NotNow or InDoubt, as in Provider.
        """
        answer = self._client.post(
            "/cameras/media/retrieval",
            self._request_pace,
            {
                "vehicleId": vehicle.id,
                "mediaType": "videoHighRes",
                "startTime": _rfc3339(retrieval.window.start),
                "endTime": _rfc3339(retrieval.window.end),
                "inputs": [media.camera.input for media in retrieval.media],
            },
        )
        data = _dict(answer.data.get("data"))
        retrieval_id = data.get("retrievalId")
        if not isinstance(retrieval_id, str) or not retrieval_id.strip():
            raise self._client.uncertain(
                "POST",
                "Samsara took the request, but its answer holds no retrieval id.",
                answer.status,
                answer.request_id,
            )
        log.info(
            "Asked for %s from %s: retrieval %s",
            ", ".join(media.camera.label for media in retrieval.media),
            _rfc3339(retrieval.window.start),
            retrieval_id,
        )
        return Accepted(retrieval_id.strip(), printable(_text(data.get("quotaStatus"))))

    # --- looking it up ---------------------------------------------------------------------------

    def check(self, retrieval: Retrieval) -> list[Media]:
        """What Samsara says now (`getmediaretrieval`), one Media per camera it mentions.

        Raises KeyRefused, RequestRefused (it does not know the id) or NotNow.
        """
        answer = self._client.get(
            "/cameras/media/retrieval", self._check_pace, {"retrievalId": retrieval.id}
        )
        wanted = {media.camera.input: media.camera for media in retrieval.media}
        found: dict[Camera, Media] = {}
        for item in map(_dict, _list(_dict(answer.data.get("data")).get("media"))):
            name = _text(item.get("input"))
            camera = wanted.get(OTHER_NAMES.get(name, name))
            if camera is None:
                continue
            media = _media(camera, item)
            if camera not in found or _hope(media) > _hope(found[camera]):
                found[camera] = media
        return list(found.values())


def _may_pass_soon(error: BaseException) -> bool:
    """A 429 has had its repetitions in the client already."""
    return isinstance(error, NotNow) and error.status != 429


# --- reading Samsara's JSON: every field may be missing or of another type ----------------------


def _vehicle(item: object) -> Vehicle | None:
    fields = _dict(item)
    vehicle_id = printable(_text(fields.get("id")))
    if not vehicle_id:
        return None
    return Vehicle(
        id=vehicle_id,
        name=printable(_text(fields.get("name"))) or vehicle_id,
        vin=printable(_text(fields.get("vin"))),
        plate=printable(_text(fields.get("licensePlate"))),
    )


def _media(camera: Camera, item: Mapping[str, Any]) -> Media:
    word = printable(_text(item.get("status")), 60)
    address = _dict(item.get("urlInfo")).get("url")
    url = address.strip() if isinstance(address, str) and address.strip() else None
    # The list of uploaded media has no status: there, an address means that it is available.
    status = STATUSES.get(word.lower() or ("available" if url else ""), MediaStatus.PENDING)
    if status is MediaStatus.AVAILABLE and url is None:
        status = MediaStatus.PENDING
    return Media(
        camera=camera,
        status=status,
        said=word,
        start=_time(item.get("startTime")),
        end=_time(item.get("endTime")),
        url=url if status is MediaStatus.AVAILABLE else None,
    )


def _hope(media: Media) -> int:
    """Should one camera be mentioned twice, what can still be had counts."""
    return {MediaStatus.AVAILABLE: 2, MediaStatus.PENDING: 1}.get(media.status, 0)


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A string as it is, a whole number in digits, anything else as nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    """An RFC 3339 time in UTC; None where it is none."""
    if not isinstance(value, str) or len(value) < len("2025-01-01T00:00"):
        return None
    try:
        moment = isoparse(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _rfc3339(moment: datetime) -> str:
    moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds") + "Z"
