"""`--json`: one object with what the summary says, as docs/json.md describes it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any

import pytest
from support.bare_job import bare_job
from support.media import imagined, window

import main
from footage import __version__
from footage.errors import ExitStatus
from footage.job.outcome import outcome_of
from footage.model import (
    Job,
    Loss,
    Media,
    MediaStatus,
    Output,
    Retrieval,
    RetrievalState,
    SafetyEvent,
)
from footage.ui.json_summary import JsonSummary
from SamsaraAPI import CAMERAS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "json.md"
ROAD, DRIVER, REAR, LEFT, *_ = CAMERAS


def requested(number: int, *media: Media, **more: Any) -> Retrieval:
    asked = Retrieval(window(60 * number), list(media), state=RetrievalState.ACCEPTED, **more)
    return replace(asked, id=f"id-{number}", requested_at=window(0).start)


def a_job_with_all_there_is_to_say() -> Job:
    late = imagined(4, 50, window(0), path="late.mp4")
    track = replace(late.tracks.video, damaged=True)
    clip = replace(late, tracks=replace(late.tracks, video=track), sha256="ab", reported=58.0)
    again = replace(clip, path=PurePath("again.mp4"), window=window(60))
    here = [Media(ROAD, MediaStatus.AVAILABLE, clip=one) for one in (clip, again)]
    here[0].unread_time = "yesterday"
    gone = Media(DRIVER, MediaStatus.UNAVAILABLE, "no footage")
    absent = [Media(LEFT, MediaStatus.INVALID, "no such camera") for _ in range(2)]
    outputs = [
        Output("merge", "Road", PurePath("Road.mp4"), 50.0, 8, "cd", "", "re-encoded"),
        Output("track", "", PurePath("Track.gpx"), 60.0, 9, "ef", "", loss=Loss.MISSING),
    ]
    retrievals = [
        requested(0, here[0], gone, absent[0], possible_duplicates=1),
        requested(1, here[1], absent[1], repeat=True),
    ]
    event = SafetyEvent("e-1", "Samsara", window(0).start, window(0).end, "281", labels=("Crash",))
    return bare_job(
        *retrievals, cameras=(ROAD, DRIVER, LEFT), outputs=outputs, minutes=2, events=(event,)
    )


def printed(*jobs: Job, status: ExitStatus = ExitStatus.COMPLETE, message: str = "") -> Any:
    results, out = JsonSummary(wanted=True), io.StringIO()
    for number, job in enumerate(jobs):
        results.add(Path(f"Logs/{number}.json"), job, outcome_of(job, ["A note."], ["A failure."]))
    results.write(out, status, message)
    assert out.getvalue().count("\n") == 1
    return json.loads(out.getvalue())


def described(table: int) -> set[str]:
    """The fields that a table of the page names."""
    rows = PAGE.read_text(encoding="utf-8").split("|---|---|")[table].splitlines()
    names = [row.split("|")[1] for row in rows if row.startswith("|")]
    return {name for cell in names for name in re.findall(r"`(\w+)`", cell)}


def test_every_field_is_described_and_no_other() -> None:
    values = printed(a_job_with_all_there_is_to_say())
    assert set(values) == described(1)
    assert set(values["jobs"][0]) == described(2)


def test_fields_within_a_field_are_named_beside_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    (job,) = printed(a_job_with_all_there_is_to_say())["jobs"]
    for field, value in job.items():
        items = value if isinstance(value, list) else [value]
        assert items, f"{field} has nothing to check"
        row = next(line for line in text.splitlines() if f"`{field}`" in line.split(" | ")[0])
        for item in items:
            assert not isinstance(item, dict) or all(f"`{name}`" in row for name in item), row


def test_what_it_says_is_what_came_of_the_job() -> None:
    values = printed(a_job_with_all_there_is_to_say(), status=ExitStatus.INCOMPLETE, message="So.")
    assert (values["exit_status"], values["message"]) == (3, "So.")
    assert values["program"] == __version__
    (job,) = values["jobs"]
    assert job["status"] == "incomplete" and job["exit_status"] == 3
    assert job["retrieval_ids"] == ["id-0", "id-1"]
    start = window(0).start
    assert job["start"] == start.isoformat().replace("+00:00", "Z")
    shifted = (start + timedelta(seconds=4)).isoformat().replace("+00:00", "Z")
    assert [clip["start"] for clip in job["clips"]] == [shifted]
    assert job["shifted"][0]["seconds"] == 4.0
    assert job["lost_files"] == [{"file": "Track.gpx", "loss": "missing"}]
    assert job["not_installed"] == [{"camera": LEFT.label, "provider_message": "no such camera"}]
    assert job["notes"] == ["A note."] and job["failures"] == ["A failure."]


def test_a_job_gone_on_with_twice_stands_there_once() -> None:
    results, out, job = JsonSummary(wanted=True), io.StringIO(), a_job_with_all_there_is_to_say()
    results.add(Path("a"), job, outcome_of(job, ["First."]))
    results.add(Path("a"), job, outcome_of(job, ["Last."]))
    results.write(out, ExitStatus.COMPLETE)
    assert [one["notes"] for one in json.loads(out.getvalue())["jobs"]] == [["Last."]]


def test_without_the_option_nothing_is_printed() -> None:
    out = io.StringIO()
    JsonSummary().write(out, ExitStatus.COMPLETE)
    assert out.getvalue() == ""


def test_a_wrong_option_is_told_in_the_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--json", "--minutes=none"]) == 2
    told = capsys.readouterr()
    values = json.loads(told.out)
    assert values["exit_status"] == 2 and values["jobs"] == []
    assert values["message"] and values["message"] in told.err
