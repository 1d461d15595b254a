"""The answers of a job, once it is settled what is wanted: the options say the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from footage.cloud.provider import Provider
from footage.cloud.provider_entry import ProviderEntry
from footage.job.answers import Answers
from footage.job.clock import clock_offset
from footage.model import Camera, MediaType, SafetyEvent, Vehicle
from footage.system import filenames, timezones
from footage.ui.options import Options


@dataclass(frozen=True)
class Wanted:
    """Which footage is wanted; the fields are those of `Job` of the same names, `duration` is in
    seconds.
    """

    vehicle: Vehicle
    start: datetime
    duration: int
    timezone: str
    cameras: tuple[Camera, ...]
    cameras_named: bool
    reference: str = ""
    incident_list: str = ""
    incident_rows: tuple[int, ...] = ()
    events: tuple[SafetyEvent, ...] = ()


def answers_of(
    options: Options, entry: ProviderEntry, provider: Provider, wanted: Wanted
) -> Answers:
    """All that a job is made of."""
    folder = options.output
    if options.folder_per_job:
        tz = timezones.zone(wanted.timezone)
        folder /= filenames.job_folder_name(wanted.vehicle, wanted.start, tz, wanted.reference)
    host_is_chosen = entry.key in options.base_urls
    pictures = options.media is MediaType.IMAGE
    return Answers(
        vehicle=wanted.vehicle,
        start=wanted.start,
        minutes=wanted.duration // 60,
        seconds=wanted.duration % 60,
        timezone=wanted.timezone,
        cameras=wanted.cameras,
        cameras_named=wanted.cameras_named,
        folder=str(folder),
        region="" if host_is_chosen else options.region or entry.usual_region,
        labels=options.labels,
        layout=options.layout,
        size=options.size,
        media_type=options.media,
        every=options.every if pictures and wanted.duration else 0.0,
        units=options.units,
        telemetry=options.telemetry and provider.has_telemetry,
        reuse=options.reuse,
        clock_offset=clock_offset(provider),
        own_folder=options.folder_per_job,
        reference=wanted.reference,
        incident_list=wanted.incident_list,
        incident_rows=wanted.incident_rows,
        events=wanted.events,
    )
