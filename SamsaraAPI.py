"""The Samsara client: one method per endpoint of Samsara's API.

Reference pages: https://developers.samsara.com/reference/ `postmediaretrieval`,
`getmediaretrieval`, `listuploadedmedia`, `listvehicles`; https://developers.samsara.com/docs/
`rate-limits`, `response-codes`, `pagination`, `authentication`, `telematics-history`; the help
center (https://kb.samsara.com) on video types and on dash-cam storage.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from footage.cloud.clock_comparison import ClockComparison
from footage.cloud.http import ApiClient
from footage.cloud.json_fields import as_dict, as_text, utc_text
from footage.cloud.media_matching import distinct_media
from footage.cloud.permissions import Permissions
from footage.cloud.provider import ListedVehicle, Provider
from footage.cloud.rate_limit import Clock, RateLimit, Wait
from footage.cloud.samsara_answers import (
    read_dash_cam,
    read_retrieval,
    read_uploaded,
    read_vehicle,
    refusal_meaning,
)
from footage.cloud.samsara_contacts import samsara_contacts
from footage.cloud.samsara_events import SamsaraEvents
from footage.cloud.samsara_lists import list_items
from footage.cloud.samsara_quota import QuotaRecord
from footage.cloud.session import HeaderAuth, SignIn
from footage.cloud.shared_inputs import Shot, asked_for, by_input, shot_of
from footage.cloud.sign_in import checked_key
from footage.errors import RequestRefused
from footage.model import (
    Accepted,
    Camera,
    Contact,
    Cost,
    Media,
    MediaType,
    Reading,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)
from footage.system.intervals import cut, moments
from footage.telemetry.samsara_track import SamsaraTrack

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

# What the API calls the kinds of footage (`postmediaretrieval`).
MEDIA_TYPES = {
    MediaType.HIGH: "videoHighRes",
    MediaType.LOW: "videoLowRes",
    MediaType.HYPERLAPSE: "hyperlapse",
    MediaType.IMAGE: "image",
}

# The limits of the reference pages, each per organization.
VEHICLE_LISTS = RateLimit(25, 1.0)
MEDIA_LISTS = RateLimit(5, 1.0)
REQUESTS = RateLimit(100, 60.0)
POLLS = RateLimit(5, 1.0)

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
WIDER = timedelta(minutes=1)  # whether it filters by start or overlap is not documented
LONG_JOB = 600.0  # seconds; from here on the dashboard itself picks another kind than high-res

# Permissions as the dialog in which a token is made names them.
READ_MEDIA, WRITE_MEDIA = "Read Media Retrieval", "Write Media Retrieval"
KEY_HELP = (
    "It needs the permissions Read Vehicles, Write Media Retrieval, Read Media Retrieval (and Read "
    "Vehicle Statistics for speed and place), and works only in the region of your account "
    f"({', '.join(REGIONS)})."
)


class SamsaraAPI(Provider):
    """Samsara's client.

    key:      an API token with the permissions in KEY_HELP
    base_url: of the account's region, see REGIONS
    wait:     waits so many seconds; may raise `Interrupted`
    clock:    seconds, never going back

    Raises UsageError for a key that is none or a base URL that is not safe for it.
    """

    name = "Samsara"
    regions = REGIONS
    cameras: Sequence[Camera] = CAMERAS
    camera_words: Mapping[str, str] = {
        "road": "dashcamRoadFacing",
        "driver": "dashcamDriverFacing",
        **{name: name for name in ("analog1", "analog2", "analog3", "analog4")},
        "analog": "analog1",
    }
    min_poll_interval = 0.0  # POLLS is the only limit
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
        auth = HeaderAuth("Authorization", f"Bearer {key}")
        sign_in = SignIn(auth, secrets=[key], name="API key", help=KEY_HELP)
        self._client = ApiClient(self.name, base_url, sign_in, clock=clock, wait=wait)
        self._vehicles_limiter = self._client.rate_limiter(VEHICLE_LISTS)
        self._media_limiter = self._client.rate_limiter(MEDIA_LISTS)
        self._request_limiter = self._client.rate_limiter(REQUESTS)
        self._poll_limiter = self._client.rate_limiter(POLLS)
        self._track = SamsaraTrack(self._client)
        self._contacts = samsara_contacts(self._client, clock)
        self._quota = QuotaRecord()
        self._permissions = Permissions(self.name)
        self.events = SamsaraEvents(self._client, self._permissions, self._media_limiter, CAMERAS)

    def clock_comparison(self) -> ClockComparison:
        return self._client.clock

    # --- vehicles --------------------------------------------------------------------------------

    def vehicles(self, kind: str = "vehicle") -> list[Vehicle]:
        """All vehicles the key may see, in Samsara's order; a page that fails is asked for again.

        Trailers and other assets with cameras are listed among them: `kind` makes no difference.
        Raises AuthenticationError, RequestRefused, or TransientError when Samsara does not answer
        after all tries.
        """
        return [one.vehicle for one in self.fleet(kind)]

    def fleet(self, kind: str = "vehicle") -> list[ListedVehicle]:
        vehicles: dict[str, ListedVehicle] = {}
        with self._permissions.needed("Read Vehicles"):
            items = list_items(
                self._client, "/fleet/vehicles", self._vehicles_limiter, {"limit": "512"}
            )
        for item in items:
            vehicle = read_vehicle(item)
            if vehicle:
                listed = ListedVehicle(vehicle, read_dash_cam(item))
                vehicles.setdefault(vehicle.id, listed)
        return list(vehicles.values())

    # --- what is in the cloud already -----------------------------------------------------------

    def uploaded(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType
    ) -> list[Media]:
        """What of these cameras and kind is in the cloud (`listuploadedmedia`), by time.

        Asked a minute wider on both sides, in days. Raises AuthenticationError, RequestRefused or
        TransientError.
        """
        uploaded: dict[Shot, Media] = {}
        asked = asked_for(cameras, CAMERAS)
        whole = Window(span.start - WIDER, span.end + WIDER)
        for day in cut(whole, LONGEST_LISTED.total_seconds()):
            params: dict[str, str | Sequence[str]] = {
                "vehicleIds": vehicle.id,
                "startTime": utc_text(day.start),
                "endTime": utc_text(day.end),
                "inputs": [camera.input for camera in asked],
            }
            if MEDIA_TYPES[media_type] in LISTED_TYPES:
                params["mediaTypes"] = [MEDIA_TYPES[media_type]]
            with self._permissions.needed(READ_MEDIA):
                items = list_items(self._client, "/cameras/media", self._media_limiter, params)
            for item in map(as_dict, items):
                media = read_uploaded(item, vehicle.id, asked, MEDIA_TYPES[media_type])
                if media and media.start and media.end:
                    uploaded[shot_of(media)] = self._shown(media)
        return sorted(uploaded.values(), key=lambda media: media.start or span.start)

    # --- asking for footage ----------------------------------------------------------------------

    def default_cameras(self, kind: str, media_type: MediaType) -> Sequence[Camera]:
        """The two of the dash-cam, and the first analog one."""
        return CAMERAS[:3]

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
            Retrieval(window, list(map(Media, on_one_input)), media_type)
            for window in windows
            for on_one_input in by_input(cameras)
        ]

    def cost(self, retrievals: Sequence[Retrieval]) -> Cost:
        """In seconds of high-resolution video, the unit of Samsara's quota: "900 s of quota".

        That each camera counts by itself is not documented, and assumed here. How low-res and
        hyperlapse count is not documented, so for them there is no figure.
        """
        each = [(one, len(asked_for(one.cameras, CAMERAS))) for one in retrievals]
        stills = sum(count for one, count in each if one.media_type is MediaType.IMAGE)
        seconds = sum(one.window.seconds * count for one, count in each)
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
        self._request_limiter.reserve()

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        """Ask for the footage of one window (`postmediaretrieval`), sent once.

        For what it raises see Provider.
        """
        body = {
            "vehicleId": vehicle.id,
            "mediaType": MEDIA_TYPES[retrieval.media_type],
            "startTime": utc_text(retrieval.window.start),
            "endTime": utc_text(retrieval.window.end),
            "inputs": [camera.input for camera in asked_for(retrieval.cameras, CAMERAS)],
        }
        try:
            with self._permissions.needed(WRITE_MEDIA):
                answer = self._client.post(
                    "/cameras/media/retrieval",
                    self._request_limiter,
                    body,
                    quota_used=self._quota.is_used,
                )
        except RequestRefused as refusal:
            meaning = refusal_meaning(refusal, retrieval.window, LONGEST_SURELY, SHORTEST)
            raise meaning from refusal
        data = as_dict(answer.data.get("data"))
        named = data.get("retrievalId")
        retrieval_id = named.strip() if isinstance(named, str) else ""
        retrieval_id = self._client.accepted_id(answer, retrieval_id, retrieval)
        quota_status = self._client.without_secrets(as_text(data.get("quotaStatus")))
        seconds = self.cost([retrieval]).amount or 0.0
        quota = self._quota.on_accepted(quota_status, seconds)
        return Accepted(retrieval_id, quota, answer.request_id)

    # --- polling ---------------------------------------------------------------------------------

    def check(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        """What Samsara reports now (`getmediaretrieval`), a Media per camera and piece of footage.

        Raises AuthenticationError, RequestRefused (it does not know the id) or TransientError.
        """
        if retrieval.state is RetrievalState.FOUND:
            return self._find_again(vehicle, retrieval)
        with self._permissions.needed(READ_MEDIA):
            answer = self._client.get(
                "/cameras/media/retrieval", self._poll_limiter, {"retrievalId": retrieval.id}
            )
        return distinct_media(
            map(self._shown, read_retrieval(answer.data, asked_for(retrieval.cameras, CAMERAS)))
        )

    def _shown(self, media: Media) -> Media:
        """The media without any secret in what is shown of it."""
        media.provider_message = self._client.without_secrets(media.provider_message)
        return media

    def _find_again(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        """A new URL for what was found among the uploaded media."""
        cameras = [media.camera for media in retrieval.media]
        # It may begin long before the stretch that it is used for.
        times = [retrieval.window.start, retrieval.window.end]
        times += [time for media in retrieval.media for time in (media.start, media.end) if time]
        span = Window(min(times), max(times))
        uploaded = self.uploaded(vehicle, span, cameras, retrieval.media_type)
        known = {shot_of(media) for media in retrieval.media}
        # A journal of before has no serials.
        same = [one for one in uploaded if known & {shot_of(one), shot_of(replace(one, serial=""))}]
        if len({(media.camera, media.serial) for media in same}) < len(retrieval.media):
            raise RequestRefused("It is no longer in the cloud.")
        return same

    # --- the vehicle's own data ------------------------------------------------------------------

    def readings(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        """See SamsaraTrack."""
        return self._track.readings(vehicle, span)

    def contact(self, vehicle: Vehicle) -> Contact | None:
        return self._contacts.of(vehicle.id)

    def contacts(self) -> Mapping[str, Contact]:
        return self._contacts.all()
