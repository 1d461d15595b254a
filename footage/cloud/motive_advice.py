"""What Motive has, and what of the quota is left, before anything is requested: mere advice."""

from __future__ import annotations

import logging

from footage.cloud.http import ApiClient
from footage.cloud.motive_answers import read_quota, read_timelines, unwrapped
from footage.cloud.motive_requests import NAME_FIELDS, RECALL_TYPES, RECALLS
from footage.cloud.rate_limit import RateLimit
from footage.errors import AuthenticationError, ProviderError
from footage.model import MediaType, Quota, Vehicle, Window
from footage.system.intervals import joined, overlap

log = logging.getLogger("footage.motive")

LISTS = RateLimit(2, 1.0)  # no figure is published


class MotiveAdvice:
    """Asks with the client of one account."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._limiter = client.rate_limiter(LISTS)

    def recorded(self, vehicle: Vehicle, span: Window) -> list[Window] | None:
        """The stretches of `span` with footage (`fetch-the-available-timelines-...`), in order.

        None for any answer that is not surely about this vehicle: it only is advice.
        """
        try:
            answer = self._client.get(
                f"{RECALLS}/{vehicle.kind}s/available_timelines",
                self._limiter,
                {NAME_FIELDS[vehicle.kind]: vehicle.name},
                tries=1,
            )
        except ProviderError as error:
            log.warning("Motive's timelines are not available: %s", error)
            return None
        stretches = read_timelines(unwrapped(answer.data), vehicle)
        if stretches is None:
            return None
        return joined(filter(None, (overlap(stretch, span) for stretch in stretches)))

    def quota(self, media_type: MediaType) -> Quota | None:
        """The month's minutes of recalls (`fetch-the-video-recall-quota-of-your-company`).

        None for images, of which no quota is documented, and where Motive does not say.
        Raises AuthenticationError where the key is not known at all (401).
        """
        if media_type not in RECALL_TYPES:
            return None
        try:
            answer = self._client.get(f"{RECALLS}/quota", self._limiter, tries=1)
        except ProviderError as error:
            if isinstance(error, AuthenticationError) and error.status == 401:
                raise
            log.warning("Motive's quota cannot be read: %s", error)
            return None
        return read_quota(unwrapped(answer.data), RECALL_TYPES[media_type], RECALL_TYPES.values())
