"""Motive's locations of a vehicle, `/v1/vehicle_locations/<id>`: all readings of one day.

Source: reference page vehicle-locations-get-specific, which has the call and its parameters; the
names in the answer are those of older pages and of public clients. What is open, `MotiveStyle`
chooses.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from flask import request

from simulator import drive
from simulator.api import ApiError, stamp
from simulator.cloud import Cloud
from simulator.samsara_track import moments

UTC = timezone.utc
_COMPANY = timedelta(hours=-6)  # its days are not those of UTC
_KMH, _MPH = 3.6, drive.MILES_PER_HOUR  # of one metre per second


class VehicleLocations:
    """Answers the calls for the locations of a vehicle."""

    def __init__(self, cloud: Cloud, not_permitted: str) -> None:
        self._cloud = cloud
        self._scenario = cloud.scenario
        self._style = cloud.scenario.motive
        self._not_permitted = not_permitted

    def of_day(self, _call: object, vehicle: str) -> Any:
        if not self._scenario.gps_enabled:
            raise ApiError(403, self._not_permitted)
        truck = self._cloud.vehicle(vehicle)
        if truck is None:
            raise ApiError(404, "The vehicle was not found.")
        try:
            day = datetime.strptime(request.args.get("date", ""), "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise ApiError(400, "date must be a date such as 2026-11-03.") from None
        begin = day - _COMPANY if self._style.track_day == "company" else day
        end = begin + timedelta(days=1, microseconds=-1)
        # A whole day of a reading each few seconds is much to draw: only the hours of the job are.
        start = self._scenario.start
        if start is not None:
            begin = max(begin, start - timedelta(hours=1))
            end = min(end, start + timedelta(hours=1))
        times = moments(begin, end, self._style.track_every, self._scenario.gps_holes)
        items = [self._reading(truck.id, when) for when in times]
        name = self._style.track_list
        one = {"vehicle_locations": "vehicle_location"}.get(name, "location_history")
        return {name: [{one: item} for item in reversed(items)]}

    def _reading(self, vehicle: str, when: datetime) -> dict[str, Any]:
        fix = drive.at(vehicle, when)
        metric = request.headers.get("X-Metric-Units", "false").lower() == "true"
        units = {"kmh": True, "mph": False}.get(self._style.track_units, metric)
        return {
            "id": f"{vehicle}-{when.timestamp():.0f}",
            "located_at": stamp(when),
            "lat": round(fix.latitude, 7),
            "lon": round(fix.longitude, 7),
            "bearing": round(fix.heading, 2),
            "speed": round(fix.speed * (_KMH if units else _MPH), 3),
            "type": "breadcrumb",
            "description": fix.place,
            "odometer": 904.35,
            "fuel": None,
        }
