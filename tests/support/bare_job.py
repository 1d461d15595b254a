"""A job with no more in it than a test is about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from footage.model import Job, Retrieval, Vehicle
from SamsaraAPI import CAMERAS
from support.media import START

TRUCK = Vehicle("1", "Truck 42")


def bare_job(*retrievals: Retrieval, **changes: Any) -> Job:
    """One minute of Samsara's road camera, or what the changes make of it."""
    job = Job(
        provider="Samsara",
        vehicle=TRUCK,
        start=START,
        minutes=1,
        timezone="UTC",
        cameras=CAMERAS[:1],
        cameras_named=False,
        created=START,
        folder="Videos",
        retrievals=list(retrievals),
    )
    return replace(job, **changes)
