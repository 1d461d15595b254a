"""The files of a job that are no film: made once, and the same each time."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from dateutil import tz
from support.bare_job import bare_job
from support.readings import START, reading

from footage.job.further_files import telemetry_orders
from footage.job.journal import Journal
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Outputs
from footage.model import StepKind, Vehicle
from footage.telemetry import readings_file

READINGS = [reading(second, place="Łódź") for second in range(0, 120, 5)]


def made_in(folder: Path) -> Journal:
    """The journal of a job whose track and readings are made in `folder`."""
    folder.mkdir()
    truck = Vehicle("1", "Kim's Truck", file_name="Kim's Truck")
    job = bare_job(vehicle=truck, start=START, minutes=2, folder=str(folder))
    journal = Journal.create(folder / "Logs", job, "now")
    work = folder / "work"
    work.mkdir()
    outputs = Outputs(journal, folder, work, OtherJobs(journal, folder))
    for _ in range(2):  # the second time they are there already
        for order in telemetry_orders(job, READINGS, tz.UTC):
            outputs.make(order)
    assert list(work.iterdir()) == []
    return journal


def test_the_readings_are_a_file_beside_the_track(tmp_path: Path) -> None:
    job = made_in(tmp_path / "one").job
    assert [(one.kind, one.path.name) for one in job.outputs] == [
        ("track", "Track_Kim's Truck_2025-04-16_13-30-00_2min.gpx"),
        ("readings", "Readings_Kim's Truck_2025-04-16_13-30-00_2min.json"),
    ]
    path = tmp_path / "one" / job.outputs[1].path
    assert readings_file.load(path) == READINGS
    assert json.loads(path.read_text("utf-8"))["readings"][0]["place"] == "Łódź"
    assert job.outputs[1].duration == timedelta(minutes=2).total_seconds()
    assert job.outputs[1].contents == job.outputs[0].contents != ()


def test_they_are_the_same_to_the_byte_each_time(tmp_path: Path) -> None:
    one, other = (made_in(tmp_path / name).job for name in ("one", "other"))
    assert [file.sha256 for file in one.outputs] == [file.sha256 for file in other.outputs]


def test_each_is_in_the_custody_once(tmp_path: Path) -> None:
    journal = made_in(tmp_path / "one")
    assert [(step.kind, step.file) for step in journal.job.custody] == [
        (StepKind.WRITTEN, one.path.name) for one in journal.job.outputs
    ]
    (text,) = {step.text for step in journal.job.custody}
    assert text.startswith("24 readings of Samsara; ")
