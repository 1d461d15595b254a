"""Where a vehicle was and how fast: Samsara's history, and its finer stream of locations.

Reference pages: `getvehiclestatshistory`, `getlocationandspeed`.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from footage.cloud.http import ApiClient
from footage.cloud.json_fields import utc_text
from footage.cloud.rate_limit import RateLimit
from footage.cloud.samsara_answers import telemetry_refusal
from footage.cloud.samsara_lists import read_items
from footage.cloud.samsara_readings import read_history, read_stream
from footage.errors import AuthenticationError, RequestRefused, TransientError
from footage.model import Reading, Vehicle, Window
from footage.telemetry.interpolation import LONGEST_HOLE, merged

log = logging.getLogger("footage.samsara")

HISTORY = RateLimit(5, 1.0)  # no limit is documented for it
STREAM = RateLimit(10, 1.0)
WIDER = timedelta(minutes=1)  # asked for on both sides


class SamsaraTrack:
    """Fetches the readings of vehicles with the client of one account."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._history_limiter = client.rate_limiter(HISTORY)
        self._stream_limiter = client.rate_limiter(STREAM)

    def readings(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        """Where the vehicle was, how fast and which way, in order of time, each moment once.

        They reach LONGEST_HOLE seconds beyond `span` on both sides, so that the moments at its ends
        lie between two readings as well. Both sources are asked, and one alone will do: the history
        (`getvehiclestatshistory`), which has the places, and the stream of locations and speeds
        (`getlocationandspeed`), which can be finer and may need a licence or another device.

        Raises RequestRefused where Samsara refuses both, also for the key's permissions, so that
        footage can still be had without; TransientError when it cannot be had after all tries.
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
            raise telemetry_refusal(failed) from failed
        margin = timedelta(seconds=LONGEST_HOLE)
        readings = [
            reading
            for reading in merged(coarse, fine)
            if span.start - margin <= reading.time <= span.end + margin
        ]
        log.info("Readings: %d coarse, %d finer, %d kept", len(coarse), len(fine), len(readings))
        return readings

    def _history(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        params = {
            "types": "gps",
            "vehicleIds": vehicle.id,
            "startTime": utc_text(span.start),
            "endTime": utc_text(span.end),
        }
        read = partial(read_history, vehicle_id=vehicle.id)
        path = "/fleet/vehicles/stats/history"
        return read_items(self._client, path, self._history_limiter, params, read)

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
        read = partial(read_stream, asset_id=vehicle.id)
        path = "/assets/location-and-speed/stream"
        return read_items(self._client, path, self._stream_limiter, params, read)
