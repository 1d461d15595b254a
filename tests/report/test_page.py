"""The page as text: what stands in it, what may run in it, how large it is."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from markupsafe import escape
from support.bare_job import bare_job
from support.jobs import START, a_clip

from footage.job.outcome import outcome_of
from footage.job.outputs import clips_in
from footage.model import (
    Camera,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Output,
    ProgramRun,
    Reading,
    Retrieval,
    RetrievalState,
    SafetyEvent,
    Step,
    StepKind,
    Vehicle,
    Window,
)
from footage.report import page
from footage.report.page_data import Fact, PageData, page_data
from footage.report.page_stills import Still, StillRow, StillSheet
from footage.report.page_tables import OnDisk
from footage.system import timezones

HOSTILE = '</script><script>alert(1)</script> & "quotes" \u2028 {{ 7 * 7 }}'
SHOWN = str(escape(HOSTILE.replace("\u2028 ", "")))


def a_job(minutes: int = 2, cameras: int = 2, **changes: Any) -> Job:
    names = tuple(Camera(f"input{n}", f"Camera {n}") for n in range(cameras))
    usual: dict[str, Any] = {"start": START, "minutes": minutes, "cameras": names}
    job = bare_job(**{**usual, **changes})
    for minute in range(minutes):
        start = job.start + timedelta(minutes=minute)
        asked = Window(start, start + timedelta(minutes=1))
        for camera in names:
            name = f"{camera.label}_VideoClip_Truck 42_2025-04-16_{start:%H-%M-%S}.mp4"
            media = Media(camera, MediaStatus.AVAILABLE, clip=a_clip(asked, name))
            job.retrievals.append(Retrieval(asked, [media], state=RetrievalState.ACCEPTED, id=name))
    for camera in names:
        seconds = sum(clip.duration for clip in job.clips(camera))
        path = PurePosixPath(f"{camera.label}_Merged_Truck 42.mp4")
        contents = clips_in(job, [camera])[0]
        job.outputs.append(
            Output("merge", camera.label, path, seconds, 10**9, "ab" * 32, "x", contents=contents)
        )
    return job


def said(job: Job, readings: Sequence[Reading] = ()) -> PageData:
    paths = [output.path.name for output in job.outputs]
    tz = timezones.zone(job.timezone)
    return page_data(job, outcome_of(job), readings, OnDisk(frozenset(paths), {}, ""), tz)


def rendered(job: Job, readings: Sequence[Reading] = (), stills: StillSheet | None = None) -> str:
    return page.render(said(job, readings), stills, (Fact("Program", "1.2.3"),))


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found
    return json.loads(found[1])


def drive(seconds: int) -> list[Reading]:
    return [
        Reading(START + timedelta(seconds=s), 40 + s / 1e5, -90.123456, s % 30, 271.5, HOSTILE)
        for s in range(seconds)
    ]


def test_foreign_words_are_escaped_wherever_they_stand() -> None:
    job = a_job(vehicle=Vehicle(HOSTILE, HOSTILE, HOSTILE, HOSTILE), provider=HOSTILE)
    job.roles = {"input0": HOSTILE}
    failed = Media(job.cameras[1], MediaStatus.REFUSED, HOSTILE)
    job.retrievals[-1].media = [failed]
    job.runs = [ProgramRun(START, HOSTILE, HOSTILE, HOSTILE, HOSTILE)]
    job.custody = [Step(START, 0, StepKind.ASKED, HOSTILE, HOSTILE, text=HOSTILE)]
    job.outputs = [replace(one, note=HOSTILE) for one in job.outputs]
    sheet = StillSheet((HOSTILE,), (StillRow("13:30:00", (Still("", HOSTILE),)),), 1)
    text = rendered(job, drive(30), sheet)
    assert text.count("<script") == 2 == text.count("</script>")
    assert "alert(1)</script>" not in text and "{{" not in text.replace(html.escape("{{"), "")
    assert text.count(SHOWN) > 10
    assert data_of(text)["cameras"][0]["name"].startswith(HOSTILE[:20])


def test_only_its_own_script_and_style_may_run() -> None:
    text = rendered(a_job())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    rules = dict(rule.strip().split(" ", 1) for rule in html.unescape(policy[1]).split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        (source,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert "style=" not in text.replace("<style>", "")  # which the policy would not let work
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", text)


def test_it_tells_all_in_the_promised_order() -> None:
    text = rendered(a_job(), drive(60))
    titles = re.findall(r"<h[12][^>]*>(.*?)</h", text)
    assert titles == [
        "Truck 42",
        "Player",
        "Coverage",
        "Speed",
        "Track",
        "Originals",
        "Custody",
        "How to check",
        "Versions",
    ]
    assert "What to know" not in text  # nothing is wrong
    assert text.index("Complete.") < text.index("<dl") < text.index(">Player<")


def test_an_hour_of_six_cameras_is_within_300_kb() -> None:
    """Beyond that each original, whose hash must stand in it, adds about 0.4 kB."""
    assert len(rendered(a_job(60, 6), drive(3600)).encode()) <= 300_000


def test_of_a_long_custody_the_rest_is_counted() -> None:
    job = a_job()
    job.runs = [ProgramRun(START, "ann", "desk", "1.2.3")]
    job.custody = [Step(START, 0, StepKind.DOWNLOADED, f"{n}.mp4") for n in range(400)]
    job.custody.append(Step(START, 0, StepKind.RENDERED, "film.mp4"))
    custody = said(job).custody
    assert [step.about for step in custody.steps] == ["film.mp4"]
    assert "Of 401 steps there is no room here for these: 400 downloaded." in custody.text
    assert custody.runs == ("2025-04-16 18:30:00 UTC: ann on desk, version 1.2.3",)


def test_steps_of_making_the_page_do_not_make_it_anew() -> None:
    job = a_job()
    job.runs = [ProgramRun(START, "ann", "desk", "1.2.3")]
    job.custody = [Step(START, 0, StepKind.DOWNLOADED, "a.mp4")]
    before = page.content_text(said(job))
    job.custody.append(Step(START, 0, StepKind.REPORTED, "Report.html"))
    assert page.content_text(said(job)) == before
    job.custody.append(Step(START, 0, StepKind.LOST, "a.mp4"))
    assert page.content_text(said(job)) != before
    other = replace(job, created=job.created + timedelta(seconds=1))
    assert page.content_text(said(other)) != page.content_text(said(job))


def test_the_clock_changes_within_the_time_where_the_zone_does() -> None:
    start = START.replace(month=11, day=2, hour=6, minute=30)  # an hour before the clocks go back
    job = a_job(60, 1, start=start, timezone="America/Chicago")
    data = data_of(rendered(job))
    assert data["zones"] == [[0, -300, "CDT"], [1800, -360, "CST"]]


def test_on_several_days_a_gap_has_its_date() -> None:
    start = START.replace(hour=23, minute=59)
    job = a_job(2, 2, start=start)
    del job.retrievals[0]
    gap = re.search(r'<span class="when">(.*?)</span>', rendered(job))
    assert gap and gap[1] == "04/16/2025 23:59:00 UTC to 04/17/2025 00:00:00 UTC"


def test_pictures_have_a_contact_sheet_in_place_of_the_player() -> None:
    job = bare_job(media_type=MediaType.IMAGE, every=30.0)
    sheet = PurePosixPath("ContactSheet_50% #1.jpg")
    job.outputs = [Output("contact-sheet", "", sheet, 0.0, 1, "ab" * 32, "x")]
    text = rendered(job)
    assert '<img class="sheet" src="ContactSheet_50%25%20%231.jpg"' in text
    assert 'id="stage"' not in text


def test_a_name_of_this_job_is_known_by_vehicle_and_time() -> None:
    names = data_of(rendered(a_job()))["names"]
    assert names["vehicle"] == "_Truck 42_"
    assert (names["first"], names["last"]) == ("2025-04-16_18-30-00", "2025-04-16_18-32-00")
    assert names["page"] == "Report_Truck 42_2025-04-16_18-30-00_2min.html"


def test_a_safety_event_is_a_fact_and_a_mark_on_each_bar() -> None:
    begins = START + timedelta(seconds=30)
    crash = SafetyEvent(
        "e-1", "Samsara", begins, begins, "281", "Truck 42", HOSTILE, ("NearCollison",), "coached"
    )
    outside = replace(crash, id="e-2", start=START - timedelta(seconds=5))
    page_said = said(a_job(events=(crash, outside)))
    text = page.render(page_said, None, ())
    assert text.count("Safety event, as said by Samsara") == 2
    assert "Near collison at " in text and "state: coached" in text
    assert HOSTILE not in text and "driver: " in text
    assert [mark.percent for mark in page_said.moments] == [25]
    assert text.count('<g class="moment"><line class="around" x1="25.0%"') == 2, "one a camera"
