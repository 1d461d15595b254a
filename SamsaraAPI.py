"""The Samsara client: one method per thing asked of Samsara's cloud.

Reference pages: https://developers.samsara.com/reference/ `postmediaretrieval`,
`getmediaretrieval`, `listuploadedmedia`, `listvehicles`; https://developers.samsara.com/docs/
`rate-limits`, `response-codes`, `pagination`, `authentication`, `telematics-history`; the help
center (https://kb.samsara.com) on video types and on dash-cam storage.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from footage.cloud.http import ApiClient, HeaderAuth, SignIn
from footage.cloud.json_fields import as_dict, as_list, as_number, as_text, as_time, utc_text
from footage.cloud.media_matching import pieces_of
from footage.cloud.rate_limit import Clock, RateLimiter, Wait
from footage.cloud.sign_in import checked_key
from footage.errors import (
    AuthenticationError,
    NoSuchCamera,
    RequestRefused,
    TransientError,
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
    RetrievalState,
    Vehicle,
    Window,
)
from footage.system.intervals import cut, moments
from footage.system.text import printable
from footage.telemetry.interpolation import LONGEST_HOLE, circle, merged

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

# What the API calls the kinds of footage (`postmediaretrieval`).
MEDIA_TYPES = {
    MediaType.HIGH: "videoHighRes",
    MediaType.LOW: "videoLowRes",
    MediaType.HYPERLAPSE: "hyperlapse",
    MediaType.IMAGE: "image",
}

# The longest window of each kind, seconds. The help center's pages on video types and storage give
# a minute for high-res, and how long the dashboard's low-res and hyperlapse can be; that the API
# has the same limits for those two is not documented, so a refusal of one is cut down to
# LONGEST_SURELY, and should even that be too long, to SHORTEST.
LONGEST_HIGH = 60.0
LONGEST_LOW = 600.0
LONGEST_HYPERLAPSE = 2400.0
LONGEST_SURELY = 60.0
SHORTEST = 30.0

STILLS_PER_SECOND = 10  # of quota (`postmediaretrieval`)
LONGEST_LISTED = timedelta(hours=24)  # in one query of the uploaded media (`listuploadedmedia`)
LISTED_TYPES = ("image", "videoHighRes")  # the only ones its filter takes
REQUESTED = ("api", "videoRetrieval")  # `triggerReason` of what somebody has asked for
WIDER = timedelta(minutes=1)  # whether it filters by start or overlap is not documented
LONG_JOB = 600.0  # seconds; from here on the dashboard itself picks another kind than high-res

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

# `getmediaretrieval` lists these words without saying what they mean; any other one is not final.
STATUSES = {
    "pending": MediaStatus.PENDING,
    "available": MediaStatus.AVAILABLE,
    "failed": MediaStatus.FAILED,
    "unavailable": MediaStatus.UNAVAILABLE,
    "invalid": MediaStatus.INVALID,
}


class SamsaraAPI:
    """Fulfils `footage.cloud.provider.Provider` for Samsara.

    key:      an API token with the rights in `permissions`
    base_url: of the account's region, see REGIONS
    wait:     waits so many seconds; may raise `Interrupted`
    clock:    seconds, never going back

    Raises UsageError for a key that is none or a base URL that is not safe for it.
    """

    name = "Samsara"
    regions = REGIONS
    permissions = (
        "Read Vehicles, Write Media Retrieval, Read Media Retrieval (and Read Vehicle Statistics "
        "for speed and place)"
    )
    cameras: Sequence[Camera] = CAMERAS
    words: Mapping[str, str] = {
        "road": "dashcamRoadFacing",
        "driver": "dashcamDriverFacing",
        **{name: name for name in ("analog1", "analog2", "analog3", "analog4")},
        "analog": "analog1",
    }
    media_types: Sequence[MediaType] = tuple(MEDIA_TYPES)
    min_poll_interval = 0.0  # the pace below is the only limit
    has_telemetry = True

    def __init__(
        self,
        key: str,
        base_url: str = REGIONS["us"],
        *,
        wait: Wait = time.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        key = checked_key(key)
        self._client = ApiClient(
            self.name,
            base_url,
            SignIn(
                HeaderAuth("Authorization", f"Bearer {key}"),
                secrets=[key],
                name="API key",
                help=f"It needs the permissions {self.permissions}, and works only in the region "
                f"of your account ({', '.join(REGIONS)}).",
            ),
            clock=clock,
            wait=wait,
        )
        # The limits of the three reference pages, each per organization.
        self._list_pace = self._client.rate_limiter(25, 1.0)
        self._uploaded_pace = self._client.rate_limiter(5, 1.0)
        self._request_pace = self._client.rate_limiter(100, 60.0)
        self._check_pace = self._client.rate_limiter(5, 1.0)
        self._history_pace = self._client.rate_limiter(5, 1.0)  # no limit is documented for it
        self._stream_pace = self._client.rate_limiter(10, 1.0)

    # --- vehicles --------------------------------------------------------------------------------

    def vehicles(self, kind: str = "vehicle") -> list[Vehicle]:
        """All vehicles the key may see, in Samsara's order; a page that fails is asked for again.

        Trailers and other assets with cameras are listed among them: `kind` makes no difference.
        Raises KeyRefused, RequestRefused, or NotNow when Samsara cannot be had after all tries.
        """
        found: dict[str, Vehicle] = {}
        for item in self._items("/fleet/vehicles", self._list_pace, {"limit": "512"}):
            vehicle = _vehicle(item)
            if vehicle:
                found.setdefault(vehicle.id, vehicle)
        return list(found.values())

    def _items(
        self, path: str, rate_limiter: RateLimiter, params: Mapping[str, str | Sequence[str]]
    ) -> Iterator[object]:
        """All items of a list. A page may be empty and yet not be the last (`pagination`)."""
        asked: Mapping[str, str | Sequence[str]] = params
        seen = set[str]()
        while True:
            page = self._client.page(path, rate_limiter, asked).data
            yield from as_list(page.get("data"))
            paging = as_dict(page.get("pagination"))
            cursor = paging.get("endCursor")
            if paging.get("hasNextPage") is not True:
                return
            if not isinstance(cursor, str) or not cursor or cursor in seen:
                log.warning("Samsara's list %s goes round in circles; stopped there.", path)
                return
            seen.add(cursor)
            asked = {**params, "after": cursor}

    # --- what is there already -------------------------------------------------------------------

    def uploaded(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType
    ) -> list[Media]:
        """What of these cameras and kind is in the cloud (`listuploadedmedia`), by time.

        Asked a minute wider on both sides, in days. Raises KeyRefused, RequestRefused or NotNow.
        """
        wanted = {camera.input: camera for camera in cameras}
        found: dict[tuple[Camera, datetime, datetime], Media] = {}
        whole = Window(span.start - WIDER, span.end + WIDER)
        for day in cut(whole, LONGEST_LISTED.total_seconds()):
            params: dict[str, str | Sequence[str]] = {
                "vehicleIds": vehicle.id,
                "startTime": utc_text(day.start),
                "endTime": utc_text(day.end),
                "inputs": list(wanted),
            }
            if MEDIA_TYPES[media_type] in LISTED_TYPES:
                params["mediaTypes"] = [MEDIA_TYPES[media_type]]
            for item in map(as_dict, self._items("/cameras/media", self._uploaded_pace, params)):
                name = as_text(item.get("input"))
                camera = wanted.get(OTHER_NAMES.get(name, name))
                if camera is None or item.get("mediaType") != MEDIA_TYPES[media_type]:
                    continue
                if as_text(item.get("vehicleId")) not in ("", vehicle.id):
                    continue
                media = self._media(camera, item)
                media.requested = item.get("triggerReason") in REQUESTED
                if media.url and media.start and media.end:
                    found[camera, media.start, media.end] = media
        return sorted(found.values(), key=lambda media: media.start or span.start)

    def recorded(self, vehicle: Vehicle, span: Window) -> list[Window] | None:
        """Samsara does not tell beforehand what the cameras have."""
        return None

    def quota(self, media_type: MediaType) -> Quota | None:
        """Samsara tells it with the answer to a request only."""
        return None

    # --- asking for footage ----------------------------------------------------------------------

    def possible_cameras(self, kind: str, media_type: MediaType) -> Sequence[Camera]:
        """All there are."""
        return CAMERAS

    def default_cameras(self, kind: str, media_type: MediaType) -> Sequence[Camera]:
        """The two of the dash-cam, and the first analog one."""
        return CAMERAS[:3]

    @staticmethod
    def other_camera(word: str) -> Camera | None:
        """None: other inputs are refused (`postmediaretrieval`)."""
        return None

    def waiting_hint(self, media_type: MediaType) -> str:
        """Nothing: no usual time is published."""
        return ""

    def is_live(self, media_type: MediaType) -> bool:
        """Stills are of the past, too."""
        return False

    def plan(
        self, span: Window, cameras: Sequence[Camera], media_type: MediaType, every: float = 0.0
    ) -> list[Retrieval]:
        """One retrieval per camera and window (or still), by time, then camera."""
        if media_type is MediaType.IMAGE:
            windows = [Window(moment, moment) for moment in moments(span, every)]
        else:
            longest = {MediaType.LOW: LONGEST_LOW, MediaType.HYPERLAPSE: LONGEST_HYPERLAPSE}
            windows = cut(span, longest.get(media_type, LONGEST_HIGH))
        return [
            Retrieval(window, [Media(camera)], media_type)
            for window in windows
            for camera in cameras
        ]

    def cost(self, retrievals: Sequence[Retrieval]) -> Cost:
        """In seconds of high-resolution video, the unit of Samsara's quota: "900 s of quota".

        That each camera counts by itself is not documented, and assumed here. How low-res and
        hyperlapse count is not documented, so for them there is no figure.
        """
        stills = sum(len(one.media) for one in retrievals if one.media_type is MediaType.IMAGE)
        seconds = sum(one.window.seconds * len(one.cameras) for one in retrievals)
        if any(one.media_type in (MediaType.LOW, MediaType.HYPERLAPSE) for one in retrievals):
            return Cost(f"{seconds:.0f} s of footage (how it counts is not documented)", None)
        amount = seconds + stills / STILLS_PER_SECOND
        return Cost(f"{amount:.1f}".removesuffix(".0") + " s of quota", amount)

    def advice(self, span: Window, cameras: Sequence[Camera], media_type: MediaType) -> str:
        """What low-res or hyperlapse would mean, for a long job in high-res."""
        if media_type is not MediaType.HIGH or span.seconds <= LONG_JOB:
            return ""
        high, low, fast = (
            len(self.plan(span, cameras, kind))
            for kind in (MediaType.HIGH, MediaType.LOW, MediaType.HYPERLAPSE)
        )
        return (
            f"Instead of {high} requests, --media low would make {low} and --media hyperlapse "
            f"{fast}, of less data, so sooner uploaded; how they count against the quota "
            "Samsara does not document."
        )

    def wait_for_turn(self) -> None:
        """Wait until the next request may be sent; this thread's `request` then goes at once."""
        self._request_pace.reserve()

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        """Ask for the footage of one window (`postmediaretrieval`); one sending.

        Raises KeyRefused, RequestRefused, QuotaExhausted, NotNow or InDoubt, as in Provider.
        """
        body = {
            "vehicleId": vehicle.id,
            "mediaType": MEDIA_TYPES[retrieval.media_type],
            "startTime": utc_text(retrieval.window.start),
            "endTime": utc_text(retrieval.window.end),
            "inputs": [media.camera.input for media in retrieval.media],
        }
        try:
            answer = self._client.post("/cameras/media/retrieval", self._request_pace, body)
        except RequestRefused as refusal:
            raise _explained(refusal, retrieval.window) from refusal
        data = as_dict(answer.data.get("data"))
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
            utc_text(retrieval.window.start),
            retrieval_id,
        )
        words = self._client.shown(as_text(data.get("quotaStatus")))
        return Accepted(retrieval_id.strip(), _quota(words))

    # --- looking it up ---------------------------------------------------------------------------

    def check(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        """What Samsara says now (`getmediaretrieval`), a Media per camera and piece of footage.

        Raises KeyRefused, RequestRefused (it does not know the id) or NotNow.
        """
        if retrieval.state is RetrievalState.FOUND:
            return self._find_again(vehicle, retrieval)
        answer = self._client.get(
            "/cameras/media/retrieval", self._check_pace, {"retrievalId": retrieval.id}
        )
        wanted = {media.camera.input: media.camera for media in retrieval.media}
        found: list[Media] = []
        for item in map(as_dict, as_list(as_dict(answer.data.get("data")).get("media"))):
            name = as_text(item.get("input"))
            camera = wanted.get(OTHER_NAMES.get(name, name))
            if camera is not None:
                found.append(self._media(camera, item))
        return pieces_of(found)

    def _find_again(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        """A new address for what was found among the uploaded media."""
        cameras = [media.camera for media in retrieval.media]
        # It may begin long before the stretch that it is used for.
        times = [retrieval.window.start, retrieval.window.end]
        times += [time for media in retrieval.media for time in (media.start, media.end) if time]
        span = Window(min(times), max(times))
        there = self.uploaded(vehicle, span, cameras, retrieval.media_type)
        same = {(media.camera, media.start, media.end) for media in retrieval.media}
        found = [media for media in there if (media.camera, media.start, media.end) in same]
        if len({media.camera for media in found}) < len(retrieval.media):
            raise RequestRefused("It is no longer in the cloud.")
        return found

    def _media(self, camera: Camera, item: Mapping[str, Any]) -> Media:
        """One item of a retrieval's answer, or of the list of uploaded media."""
        word = self._client.shown(as_text(item.get("status")), 60)
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
            role=_role(item.get("cameraRole")),
        )

    # --- the vehicle's own data ------------------------------------------------------------------

    def readings(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        """Where the vehicle was, how fast and which way, in order of time, each moment once.

        They reach LONGEST_HOLE seconds beyond `span` on both sides, so that the moments at its ends
        lie between two readings as well. Both sources are asked, and one alone will do: the history
        (`getvehiclestatshistory`), which has the places, and the stream of locations and speeds
        (`getlocationandspeed`), which can be finer and may need a licence or another device.

        Raises RequestRefused where Samsara refuses both, also for the key's permissions, so that
        footage can still be had without; NotNow when it cannot be had after all tries.
        """
        wide = Window(span.start - WIDER, span.end + WIDER)
        coarse: list[Reading] = []
        fine: list[Reading] = []
        failed: AuthenticationError | RequestRefused | TransientError | None = None
        try:
            coarse = self._history(vehicle, wide)
        except (AuthenticationError, RequestRefused, TransientError) as error:
            log.warning("The history of %s cannot be had: %s", vehicle.name, error)
            failed = error
        try:
            fine = self._fine_track(vehicle, wide)
        except (AuthenticationError, RequestRefused, TransientError) as error:
            log.warning("The finer track of %s cannot be had: %s", vehicle.name, error)
        if failed and not fine:
            raise _without_key(failed) from failed
        margin = timedelta(seconds=LONGEST_HOLE)
        found = [
            reading
            for reading in merged(coarse, fine)
            if span.start - margin <= reading.time <= span.end + margin
        ]
        log.info(
            "Readings of %s: %d of the history, %d finer ones, %d kept",
            vehicle.name,
            len(coarse),
            len(fine),
            len(found),
        )
        return found

    def _history(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        params = {
            "types": "gps",
            "vehicleIds": vehicle.id,
            "startTime": utc_text(span.start),
            "endTime": utc_text(span.end),
        }
        items = self._items("/fleet/vehicles/stats/history", self._history_pace, params)
        found = (
            _history_reading(as_dict(gps))
            for item in map(as_dict, items)
            if as_text(item.get("id")) in ("", vehicle.id)
            for gps in as_list(item.get("gps"))
        )
        return [reading for reading in found if reading]

    def _fine_track(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        """That a vehicle's id is the id of its asset is not documented, and assumed here."""
        params = {
            "ids": vehicle.id,
            "startTime": utc_text(span.start),
            "endTime": utc_text(span.end),
            "includeSpeed": "true",
            "includeHighFrequencyLocations": "true",
            "limit": "512",
        }
        items = self._items("/assets/location-and-speed/stream", self._stream_pace, params)
        found = (
            _stream_reading(item)
            for item in map(as_dict, items)
            if as_text(as_dict(item.get("asset")).get("id")) in ("", vehicle.id)
        )
        return [reading for reading in found if reading]


# --- reading Samsara's JSON: every field may be missing or of another type ----------------------


def _vehicle(item: object) -> Vehicle | None:
    fields = as_dict(item)
    vehicle_id = printable(as_text(fields.get("id")))
    if not vehicle_id:
        return None
    return Vehicle(
        id=vehicle_id,
        name=printable(as_text(fields.get("name"))) or vehicle_id,
        vin=printable(as_text(fields.get("vin"))),
        plate=printable(as_text(fields.get("licensePlate"))),
    )


# What a refusal for the length of a window may say; no code or text for it is documented.
_TOO_LONG = re.compile(
    r"(?i)endTime|too long|longer|exceed|maximum|at most|duration|\blasts?\b|time range"
)

# What Samsara's own sample (https://github.com/samsarahq/functions-examples) takes as "impossible";
# of a long window it may be true in a part only.
_NOT_RECORDING = re.compile(r"(?i)not recording")

_NO_SUCH_INPUT = re.compile(r"(?i)\binputs?\b|cameraRoles?")
_NOT_ITS_LENGTH = re.compile(r"(?i)vehicle|mediaType|startTime|permission")


def _explained(refusal: RequestRefused, window: Window) -> RequestRefused:
    """What a refusal means, by its words: codes and texts are not documented.

    Nothing is plain from the one documented text, "Invalid value for parameter.": a long window is
    then tried in shorter pieces.
    """
    words = refusal.message
    if _NOT_RECORDING.search(words):
        clear, about_length = False, True
    elif _NO_SUCH_INPUT.search(words):
        return NoSuchCamera(words, status=refusal.status, request_id=refusal.request_id)
    elif _TOO_LONG.search(words):
        clear, about_length = True, True
    else:
        clear = False
        about_length = refusal.status in (400, 413, 422) and not _NOT_ITS_LENGTH.search(words)
    if about_length and window.seconds > LONGEST_SURELY:
        return WindowTooLong(refusal, LONGEST_SURELY, only_this=not clear)
    if clear and window.seconds > SHORTEST:
        return WindowTooLong(refusal, SHORTEST)
    return refusal


_NUMBER = r"(\d[\d,]*(?:\.\d+)?)"
_STANDS = re.compile(
    rf"(?i)usage(?: is)?:? {_NUMBER}(?: seconds)?(?: of [a-z -]+?)?(?: out)? of "
    rf"{_NUMBER}(?: seconds)?(?: available)?[.\s]*$"
)


def _quota(words: str) -> Quota | None:
    """The sentence, with its two figures where it has the documented form or nearly so."""
    if not words:
        return None
    stands = _STANDS.search(words)
    if stands and "second" in words.lower():
        used, total = (float(number.replace(",", "")) for number in stands.groups())
        return Quota(words, used=used, total=total)
    return Quota(words)


def _role(value: object) -> str:
    """What a camera is for, in words: "Left mirror"; "" where Samsara does not say."""
    word = printable(as_text(value), 40)
    if word in ROLES:
        return ROLES[word]
    apart = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", word).strip()
    return apart[:1].upper() + apart[1:].lower()


# --- reading the vehicle's data ------------------------------------------------------------------

METRES_PER_SECOND = 0.44704  # in one mile an hour, by its definition
FASTEST = 150.0  # metres a second; no vehicle on a road is faster


def _history_reading(gps: Mapping[str, Any]) -> Reading | None:
    """One entry of the history, whose speed is in miles an hour."""
    speed = as_number(gps.get("speedMilesPerHour"))
    place = as_text(as_dict(gps.get("reverseGeo")).get("formattedLocation"))
    return _reading(
        as_time(gps.get("time")),
        gps,
        None if speed is None else speed * METRES_PER_SECOND,
        place or as_text(as_dict(gps.get("address")).get("name")),
    )


def _stream_reading(item: Mapping[str, Any]) -> Reading | None:
    """One item of the stream, whose speeds are in metres a second: the GPS's, else the engine's."""
    speeds = as_dict(item.get("speed"))
    speed = _speed(as_number(speeds.get("gpsSpeedMetersPerSecond")))
    if speed is None:
        speed = as_number(speeds.get("ecuSpeedMetersPerSecond"))
    return _reading(as_time(item.get("happenedAtTime")), as_dict(item.get("location")), speed, "")


def _reading(
    time: datetime | None, location: Mapping[str, Any], speed: float | None, place: str
) -> Reading | None:
    """A reading of what is believable; None without a time or a place on earth.

    The documented examples have coordinates that are none, and exactly 0, 0 (in the Atlantic) is
    what a receiver without a fix tells.
    """
    latitude = as_number(location.get("latitude"))
    longitude = as_number(location.get("longitude"))
    heading = as_number(location.get("headingDegrees"))
    if time is None or latitude is None or longitude is None:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180) or latitude == longitude == 0:
        return None
    return Reading(
        time=time,
        latitude=latitude,
        longitude=longitude,
        speed=_speed(speed),
        heading=None if heading is None else circle(heading),
        place=printable(place, 120),
    )


def _speed(value: float | None) -> float | None:
    return value if value is not None and 0 <= value <= FASTEST else None


def _without_key(
    error: AuthenticationError | RequestRefused | TransientError,
) -> RequestRefused | TransientError:
    """The same error, but that a key without this one permission does not end the job."""
    if not isinstance(error, AuthenticationError):
        return error
    return RequestRefused(
        f"No permission for the vehicle's data ({error.status}): the API key needs the permission "
        "Read Vehicle Statistics.",
        status=error.status,
        request_id=error.request_id,
    )
