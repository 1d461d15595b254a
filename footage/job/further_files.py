"""How the files of a job are made that are no film: contact sheet, track, readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from importlib.metadata import version
from pathlib import Path

from footage.job import outcome
from footage.job.outputs import Order, clips_in, fingerprint, minutes_with
from footage.media import contact_sheet
from footage.model import Job, Reading
from footage.system import filenames
from footage.system.text import count_text
from footage.system.threads import StopEvent
from footage.telemetry import gpx, readings_file


def contact_sheet_order(job: Job, folder: Path, tz: tzinfo, stop: StopEvent) -> Order:
    """The contact sheet of the stills of a job, of which there is one at least."""
    absent = outcome.not_installed(job)
    name = filenames.contact_sheet_name(job.vehicle, job.start, job.length, tz)
    here, lost = clips_in(job, job.cameras)

    def build(target: Path) -> tuple[float, str]:
        contact_sheet.make(job, absent, folder, tz, target, stop)
        return 0.0, ""

    def process() -> str:
        return f"{count_text(len(here), 'still')} laid out by Pillow {version('pillow')}"

    made_from = contact_sheet.fingerprint(job, absent, tz)
    return Order("contact-sheet", "", name, made_from, build, here, lost, process)


def telemetry_orders(job: Job, readings: Sequence[Reading], tz: tzinfo) -> list[Order]:
    """The track, and the readings themselves, of which there is one at least."""
    arguments = (job.vehicle, job.start, job.length, tz)
    made_from, contents = fingerprint(map(repr, readings)), minutes_with(readings)

    def build_track(target: Path) -> tuple[float, str]:
        gpx.write(target, readings, job.span, job.vehicle.name, job.provider)
        return job.span.seconds, ""

    def build_readings(target: Path) -> tuple[float, str]:
        readings_file.save(target, readings)
        return job.span.seconds, ""

    def process() -> str:
        return (
            f"{count_text(len(readings), 'reading')} of {job.provider}; a speed or heading that "
            "one lacks is reckoned from those around it"
        )

    return [
        Order(kind, "", name, made_from, build, contents, process=process)
        for kind, name, build in (
            ("track", filenames.track_name(*arguments), build_track),
            ("readings", filenames.readings_name(*arguments), build_readings),
        )
    ]
