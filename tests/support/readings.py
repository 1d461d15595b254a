"""Readings for the tests of telemetry."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from footage.model import Reading

START = datetime(2025, 4, 16, 13, 30, tzinfo=timezone.utc)


def when(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(
    seconds: float,
    latitude: float = 40.0,
    longitude: float = -90.0,
    speed: float | None = 20.0,
    heading: float | None = 90.0,
    place: str = "",
) -> Reading:
    return Reading(when(seconds), latitude, longitude, speed, heading, place)


some_reading = st.builds(
    Reading,
    st.just(START),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.none() | st.floats(0, 150),
    st.none() | st.floats(0, 360, exclude_max=True),
    st.sampled_from(["", "Elm Street"]),
)
