"""All minutes of a side-by-side are encoded alike, whenever and by whichever version they are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timezone
from pathlib import Path
from typing import Any

import pytest
from support.media import at, imagined, job, window
from support.side_by_sides import minutes_of, planned, whole

from footage.job.serialization import from_json, head_values
from footage.media import encoder
from footage.media.render_command import command
from footage.media.render_plan import plan
from footage.model import Job, Reading

BEFORE = "veryfast-21"


def two_cameras() -> Job:
    return job({"Road": whole("Road", 0), "Driver": whole("Driver", 0)})


@pytest.mark.parametrize("name", encoder.SIDE_BY_SIDE)
def test_a_minute_is_encoded_with_its_jobs_settings(name: str, tmp_path: Path) -> None:
    (minute,) = minutes_of(planned(replace(two_cameras(), encoder=name)))
    arguments, _ = command(minute, tmp_path, tmp_path)
    settings = list(encoder.SIDE_BY_SIDE[name])
    begin = arguments.index("-c:v")
    assert arguments[begin : begin + len(settings)] == settings


def journal_values() -> dict[str, Any]:
    """A journal of a new job, as it is read back from its file."""
    what = two_cameras()
    what.vehicle = replace(what.vehicle, file_name="Truck 42")
    values = {**head_values(what), "retrievals": [], "outputs": []}
    return dict(json.loads(json.dumps(values)))


def test_an_old_journal_goes_on_with_the_settings_of_its_time() -> None:
    values = journal_values()
    assert from_json(values).encoder == encoder.CURRENT
    del values["encoder"]
    assert from_json(values).encoder == BEFORE


def test_settings_of_a_later_version_are_refused() -> None:
    with pytest.raises(ValueError, match="encoder"):
        from_json({**journal_values(), "encoder": "of next year"})


def test_minutes_of_different_settings_are_told_apart() -> None:
    now, before = (
        minutes_of(planned(replace(two_cameras(), encoder=name)))[0].fingerprint
        for name in (encoder.CURRENT, BEFORE)
    )
    assert now != before


def test_fingerprints_are_those_of_earlier_versions() -> None:
    """What was rendered before an update is not rendered again after it."""
    clips = {
        label: [
            imagined(0, 60, window(0), path=f"{label[0]}0"),
            imagined(64, 50, window(60), path=f"{label[0]}1"),
        ]
        for label in ("Road", "Driver")
    }
    clips["Driver"].pop()
    what = replace(job(clips, minutes=2), telemetry=True, encoder=BEFORE)
    readings = [Reading(at(n), 40, -90, 10.0, 45.0, "Elm") for n in range(-5, 125)]
    made = plan(what, timezone.utc, readings, closing=True)
    assert made is not None
    assert [minute.fingerprint for minute in made.minutes if minute] == [
        "65081364596a894ebe04",
        "ee98dd62a9625c714531",
    ]
    assert [minute.fingerprint for minute in made.audio if minute] == [
        "ef943eb2591b1b630da4",
        "b095612e677152f50c96",
    ]
