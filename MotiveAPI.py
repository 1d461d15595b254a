"""The Motive client: one method per endpoint of Motive's API.

Reference pages: https://developer-docs.gomotive.com/reference/ `create-a-video-recall-request`,
`fetch-details-of-a-specific-video-recall`, `fetch-the-available-timelines-for-a-vehicle`,
`fetch-the-video-recall-quota-of-your-company`, `begin-image-capture`,
`fetch-the-captured-image`, `list-all-the-company-vehicles`, `list-all-the-company-assets`;
https://developer-docs.gomotive.com/docs/ `authentication`,
`time-zone`; the help center (https://helpcenter.gomotive.com) on how long recalls take.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import quote

from footage.cloud.clock_comparison import ClockComparison
from footage.cloud.http import ApiClient
from footage.cloud.json_fields import as_text
from footage.cloud.media_matching import distinct_media
from footage.cloud.motive_advice import MotiveAdvice
from footage.cloud.motive_answers import (
    camera_at,
    is_in_part,
    read_cameras,
    read_image_id,
    read_recall_id,
    read_vehicle,
    status_of,
    unwrapped,
)
from footage.cloud.motive_contacts import motive_contacts
from footage.cloud.motive_events import MotiveEvents
from footage.cloud.motive_lists import list_items
from footage.cloud.motive_refusals import refusal_meaning
from footage.cloud.motive_requests import (
    RECALLS,
    image_body,
    recall_body,
    timelapse_windows,
    whole_steps,
)
from footage.cloud.provider import Provider
from footage.cloud.rate_limit import Clock, RateLimit, Wait
from footage.cloud.session import HeaderAuth, SignIn
from footage.cloud.sign_in import checked_key
from footage.errors import (
    RequestRefused,
)
from footage.model import (
    Accepted,
    Camera,
    Contact,
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
from footage.system.intervals import cut
from footage.system.text import count_text
from footage.telemetry.motive_track import MotiveTrack

log = logging.getLogger("footage.motive")

BASE_URL = "https://api.gomotive.com"

IMAGES = "/v1/image_captures"

CAMERAS = (
    Camera("front_facing", "Road"),
    Camera("driver_facing", "Driver"),
    Camera("front_narrow_facing", "Road narrow"),
    Camera("side_left", "Left"),
    Camera("side_right", "Right"),
    Camera("rear", "Rear"),
)
ROAD, DRIVER, NARROW, *OMNICAM = CAMERAS

# Its durations: 1, 2 or 3 minutes of regular video, of a smart dashcam 1; time-lapse one of these.
LONGEST_RECALL = 180.0
LONGEST_SMART = 60.0
TIMELAPSE_MINUTES = (60, 45, 30, 15, 10, 5)
LONG_JOB = 600.0  # seconds; from here on a time-lapse is worth a thought

# No figures are published; the one for recalls stands in the quota's answer under a name that is
# not documented. So these are on the careful side.
LISTS = RateLimit(2, 1.0)
REQUESTS = RateLimit(30, 60.0)
POLLS = RateLimit(2, 1.0)

# By this header the units are chosen in which speeds are told; the one that it leads to is checked.
METRIC = "X-Metric-Units"

# Seconds; as of the sister interface for camera control: none is published here.
MIN_POLL_INTERVAL = 10.0
PARTIAL_SUCCESS_WAIT = 1800.0  # seconds; so long what a "partial success" lacks may still come

KEY_HELP = (
    "Look the key up in Motive under Admin > Developers > API Access: whether it has expired (keys "
    "do within six months), whether its scopes allow this, and whether the groups it is limited to "
    "hold the vehicle."
)


class MotiveAPI(Provider):
    """Motive's client.

    key:      an API key of the company that may read vehicles and assets, and make and read video
              recalls and image captures, as chosen where it is made: Admin > Developers > API
              Access (the names of the scopes are not documented)
    base_url: BASE_URL, or that of a stand-in
    wait:     waits so many seconds; may raise `Interrupted`
    clock:    seconds, never going back

    Raises UsageError for a key that is none or a base URL that is not safe for it.
    """

    name = "Motive"
    cameras: Sequence[Camera] = CAMERAS
    camera_words: Mapping[str, str] = {
        "front": "front_facing",
        "driver": "driver_facing",
        "narrow": "front_narrow_facing",
        "left": "side_left",
        "right": "side_right",
        "rear": "rear",
    }
    min_poll_interval = MIN_POLL_INTERVAL
    partial_success_wait = PARTIAL_SUCCESS_WAIT
    has_telemetry = True

    def __init__(
        self,
        key: str,
        base_url: str = BASE_URL,
        *,
        wait: Wait = time.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        key = checked_key(key)
        auth = HeaderAuth("X-Api-Key", key)
        sign_in = SignIn(auth, secrets=[key], name="API key", help=KEY_HELP)
        self._client = ApiClient(
            self.name, base_url, sign_in, headers={METRIC: "true"}, clock=clock, wait=wait
        )
        self._list_limiter = self._client.rate_limiter(LISTS)
        self._advice = MotiveAdvice(self._client)
        self._request_limiter = self._client.rate_limiter(REQUESTS)
        self._poll_limiter = self._client.rate_limiter(POLLS)
        self._clock = clock
        self.events = MotiveEvents(self._client)
        self._track = MotiveTrack(self._client)
        self._contacts = motive_contacts(self._client, clock)
        # Recall id, and whether it is done in part only -> when that was first reported.
        self._done_since: dict[tuple[str, bool], float] = {}

    def clock_comparison(self) -> ClockComparison:
        return self._client.clock

    # --- vehicles --------------------------------------------------------------------------------

    def vehicles(self, kind: str = "vehicle") -> list[Vehicle]:
        """All vehicles (or assets) the key may see, in Motive's order.

        One without a number (an asset without a name) is left out: footage is asked for by it.
        Raises AuthenticationError, RequestRefused, or TransientError when Motive does not answer
        after all tries.
        """
        vehicles: dict[str, Vehicle] = {}
        names = (f"{kind}s",)
        for item in list_items(self._client, f"/v1/{kind}s", self._list_limiter, names):
            vehicle = read_vehicle(item, kind)
            if vehicle is None:
                log.warning("One of Motive's %ss has no name and cannot be asked for.", kind)
            else:
                vehicles.setdefault(vehicle.id, vehicle)
        return list(vehicles.values())

    # --- what there is, before anything is requested ---------------------------------------------

    def recorded(self, vehicle: Vehicle, span: Window) -> list[Window] | None:
        return self._advice.recorded(vehicle, span)

    def quota(self, media_type: MediaType) -> Quota | None:
        return self._advice.quota(media_type)

    # --- the vehicle's own data ------------------------------------------------------------------

    def readings(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        """See MotiveTrack."""
        return self._track.readings(vehicle, span)

    def contact(self, vehicle: Vehicle) -> Contact | None:
        return self._contacts.of(vehicle.id) if vehicle.kind == "vehicle" else None

    def contacts(self) -> Mapping[str, Contact]:
        return self._contacts.all()

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
        return camera_at(word, CAMERAS)

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

        Motive's durations are whole minutes, of time-lapse some of them: what they add up to may
        begin earlier than the span.
        """
        if media_type is MediaType.IMAGE:
            now = Window(span.start, span.start)
            return [Retrieval(now, [Media(camera)], media_type) for camera in cameras]
        if media_type is MediaType.HIGH:
            windows = cut(whole_steps(span, 60.0), LONGEST_RECALL)
        else:
            windows = timelapse_windows(span, TIMELAPSE_MINUTES)
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
        self._request_limiter.reserve()

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        """Ask for the footage of one window, or for a still now, sent once.

        For what it raises see Provider.
        """
        is_image = retrieval.media_type is MediaType.IMAGE
        if is_image:
            body = image_body(vehicle, retrieval)
        else:
            body = recall_body(vehicle, retrieval, CAMERAS)
        try:
            answer = self._client.post(
                IMAGES if is_image else RECALLS,
                self._request_limiter,
                body,
                quota_used=None if is_image else self._quota_check(retrieval),
                plain_403=is_image,
            )
        except RequestRefused as refusal:
            raise refusal_meaning(refusal, retrieval, LONGEST_SMART) from refusal
        data = unwrapped(answer.data)
        if is_image:
            usual_type = "omnicam" if retrieval.media[0].camera in OMNICAM else "dashcam"
            retrieval_id = read_image_id(data, usual_type)
        else:
            retrieval_id = read_recall_id(data)
        known_id = self._client.accepted_id(answer, retrieval_id, retrieval)
        return Accepted(known_id, request_id=answer.request_id)

    def _quota_check(self, retrieval: Retrieval) -> Callable[[], bool | None]:
        """Whether a 429 means the quota, read once per request: Motive has one code for both."""

        @cache
        def used_up() -> bool | None:
            quota = self.quota(retrieval.media_type)
            left = quota.left if quota else None
            return None if left is None else left < retrieval.window.seconds / 60

        return used_up

    # --- polling ---------------------------------------------------------------------------------

    def check(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        """What Motive reports now of the cameras (`fetch-details-...`, `fetch-the-captured-image`).

        Raises AuthenticationError, RequestRefused (it does not know the id) or TransientError.
        """
        if retrieval.media_type is MediaType.IMAGE:
            camera_type, _, number = retrieval.id.rpartition("/")
            path = f"{IMAGES}/{quote(camera_type, safe='')}/{quote(number, safe='')}"
        else:
            path = f"{RECALLS}/{quote(retrieval.id, safe='')}"
        answer = self._client.get(path, self._poll_limiter)
        return self._read_poll(retrieval, unwrapped(answer.data))

    def _read_poll(self, retrieval: Retrieval, data: Mapping[str, Any]) -> list[Media]:
        """What an answer says of each camera, even if only by leaving it out."""
        overall = self._client.without_secrets(as_text(data.get("status")), 60)
        cameras = retrieval.cameras
        reported = read_cameras(data, cameras, CAMERAS, overall)
        for media in reported:
            media.provider_message = self._client.without_secrets(media.provider_message)
        named = {media.camera for media in reported}
        # Only where the positions are spelled as we know them does a missing one say something.
        if status_of(overall) is MediaStatus.AVAILABLE and not named & set(CAMERAS):
            log.warning("Motive is done, but its answer names no camera: %s", sorted(data))
            overall = ""
        left_out = self._left_out(retrieval.id, overall)
        reported += [replace(left_out, camera=camera) for camera in cameras if camera not in named]
        return distinct_media(reported)

    def _left_out(self, recall_id: str, overall: str) -> Media:
        """What it means for a camera that an answer does not name it.

        When all is done, the vehicle has no such camera; but not at once, as the answer may have
        been made half-way. What a recall done in part lacks may still come, and is waited for.
        """
        status = status_of(overall)
        if status is not MediaStatus.AVAILABLE:
            return Media(ROAD, status, provider_message=overall)
        in_part = is_in_part(overall)
        first_seen = self._done_since.setdefault((recall_id, in_part), self._clock())
        grace = self.partial_success_wait if in_part else self.min_poll_interval
        if self._clock() - first_seen < grace:
            return Media(ROAD, MediaStatus.PENDING, provider_message=overall)
        if in_part:
            return Media(ROAD, MediaStatus.UNAVAILABLE, provider_message=overall)
        return Media(ROAD, MediaStatus.INVALID)
