"""Whole runs that once paid twice, showed footage at the wrong time, or said what was not true."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from dateutil.tz import gettz
from support.pictures import clocks
from support.runs import FPS, ROAD, START, ZONE, Bench, Ran, of_each_provider, of_motive

from footage.job.journal import Journal, read
from footage.media.contact_sheet_plan import plan_sheet
from footage.model import Job, RetrievalState, Window
from footage.system.timezones import zone
from simulator import MotiveStyle, OnCall, Simulator, Uploaded

MINUTE = timedelta(minutes=1)


def journal_of(ran: Ran) -> Path:
    return sorted(ran.logs.glob("request_ids_*.json"))[-1]


def resume(bench: Bench, sim: Simulator, journal: Path) -> Ran:
    arguments = [f"--resume={journal}", f"--logs={bench.logs}", "--poll-seconds=0.05"]
    return bench._main(sim, arguments, "", None)


def rewrite(path: Path, job: Job) -> None:
    """Write a job that no run works on into its journal."""
    with Journal(path, job).change():
        pass


def as_it_was(journal: Path, sent: int) -> Job:
    """The journal as it stood when so many requests had been sent and nothing had come yet."""
    job = read(journal)
    for number, retrieval in enumerate(job.retrievals):
        for media in retrieval.media:
            media.clip = None
        if number >= sent:
            retrieval.state, retrieval.id = RetrievalState.PLANNED, ""
    job.outputs.clear()
    job.finished = False
    rewrite(journal, job)
    return job


# --- paid twice -----------------------------------------------------------------------------------


@of_each_provider
def test_a_request_taken_without_an_id_is_not_sent_again(bench: Bench) -> None:
    """Whoever answers so once answers so again, and each sending is paid for."""
    with bench.cloud(OnCall("nonsense", "post"), motive=MotiveStyle(camera_times=True)) as sim:
        ran = bench.run(sim, minutes=12, cameras="road")
        assert len(sim.posts()) == 2
    assert ran.status == 4
    assert "left alone for now" in ran.out
    counted = [one["possible_duplicates"] for one in ran.journal["retrievals"]]
    assert counted == [1, 1] + [0] * (len(counted) - 2)
    assert len(counted) > 2


@of_each_provider
def test_one_answer_without_an_id_does_not_stop_the_others(bench: Bench) -> None:
    nonsense = OnCall("nonsense", "post", nth=(1,))
    with bench.cloud(nonsense, motive=MotiveStyle(camera_times=True)) as sim:
        ran = bench.run(sim, minutes=9, cameras="road")
        states = [one["state"] for one in ran.journal["retrievals"]]
        assert len(sim.posts()) == len(states)
    assert states == ["planned"] + ["accepted"] * (len(states) - 1)
    assert ran.status == 4


@pytest.mark.many_cases
@of_each_provider
@pytest.mark.parametrize("in_doubt", [False, True])
def test_what_a_later_job_asked_for_is_not_asked_on_resume(bench: Bench, in_doubt: bool) -> None:
    with bench.cloud() as sim:
        first = bench.run(sim, "--no-reuse", minutes=3, cameras="road")
        earlier = journal_of(first)
        job = as_it_was(earlier, sent=1)
        if in_doubt:  # it was stopped between a sending and its answer
            job.retrievals[1].state = RetrievalState.REQUESTING
            rewrite(earlier, job)
        bench.run(sim, "--no-reuse", minutes=3, cameras="road")
        before = len(sim.posts())
        ran = resume(bench, sim, earlier)
        assert ran.status == 0, ran.out
        assert len(sim.posts()) == before
    job = read(earlier)
    assert [one.from_other_job for one in job.retrievals] == [False] + [True] * (
        len(job.retrievals) - 1
    )
    assert [one.possible_duplicates for one in job.retrievals][1] == in_doubt
    assert ran.lines_with("Reused:")


def test_a_job_without_reuse_asks_anew_on_resume_as_well(bench: Bench) -> None:
    with bench.cloud() as sim:
        bench.run(sim, minutes=3, cameras="road")
        ran = bench.run(sim, "--no-reuse", minutes=3, cameras="road")
        as_it_was(journal_of(ran), sent=1)
        before = len(sim.posts())
        assert resume(bench, sim, journal_of(ran)).status == 0
        assert len(sim.posts()) == before + 2


# --- shown at another time than its own -----------------------------------------------------------


@of_motive
def test_a_live_picture_is_of_the_moment_it_was_taken(bench: Bench) -> None:
    """Also where the network came back, or the job was taken up, hours after it was ordered."""
    day = timedelta(hours=26)
    with bench.cloud(OnCall("error", "post")) as sim:
        ran = bench.run(sim, "--media=image", "--max-wait=0.005", start=None, minutes=None)
        job = read(journal_of(ran))
        job.start -= day
        for one in job.retrievals:
            one.window = Window(one.window.start - day, one.window.end - day)
        rewrite(journal_of(ran), job)
    with bench.cloud() as sim:
        assert bench.resume(sim).status == 0
        taken = [one.start for one in sim.retrievals]
    clips = [media.clip for _, media in read(journal_of(ran)).media() if media.clip]
    assert len(clips) == len(taken) == 3
    for clip, moment in zip(clips, taken, strict=True):
        assert abs(clip.start - moment) < MINUTE
        # The file is called by that moment, not by the one a day before.
        assert f"{clip.start.astimezone(gettz(ZONE)):_%Y-%m-%d_%H-%M-}" in clip.path.name
    sheet = plan_sheet(read(journal_of(ran)), (), ran.videos, zone(ZONE))
    assert f"{taken[0].astimezone(gettz(ZONE)):%m/%d/%Y}" in sheet.facts[0]


def test_a_minute_twice_in_the_cloud_is_fetched_and_shown_once(bench: Bench) -> None:
    there = [Uploaded(ROAD, START, 180.0), Uploaded(ROAD, START + MINUTE, 60.0)]
    with bench.cloud(uploaded=there) as sim:
        ran = bench.run(sim, minutes=3, cameras="road")
        assert (ran.status, len(sim.posts())) == (0, 0)
    (merged,) = ran.videos.glob("Road_Merged_*")
    shown = clocks(merged)
    assert None not in shown
    assert len(shown) == 180 * FPS
    assert ran.lines_with("Reused: 3:00")


def test_pictures_of_other_seconds_do_not_stand_for_these(bench: Bench) -> None:
    with bench.cloud() as sim:
        bench.run(sim, "--media=image", "--every=20", cameras="road")
        before = len(sim.posts())
        start = "04/16/2025 13:30"
        ran = bench.run(sim, "--media=image", "--every=19", cameras="road", start=start)
        assert ran.status == 0
        # Of 0, 19, 38 and 57 seconds only the first is there, of 0, 20 and 40.
        assert len(sim.posts()) == before + 3


def test_a_merge_of_a_job_in_another_zone_is_not_reused(bench: Bench) -> None:
    """Its name and its chapters are in that other zone."""
    with bench.cloud() as sim:
        bench.run(sim, minutes=2, cameras="road")
        ran = bench.run(
            sim, minutes=2, cameras="road", start="04/16/2025 14:30", timezone="America/New_York"
        )
        assert ran.status == 0, ran.out
    (output,) = [one for one in ran.journal["outputs"] if one["kind"] == "merge"]
    assert output["file"] == "Road_Merged_Truck 42_2025-04-16_14-30-00_2min.mp4"
    assert (ran.videos / output["file"]).is_file()


# --- said what was not true -----------------------------------------------------------------------


@of_motive
def test_cameras_refused_together_are_not_called_absent(bench: Bench) -> None:
    """The refusal of a request for all of them says nothing of any one."""
    hole = [(START - MINUTE, START + 5 * MINUTE)]
    untold = MotiveStyle(timelines_status=404)
    with bench.cloud(motive=untold, footage_holes=hole) as sim:
        ran = bench.run(sim, minutes=2)
        assert len(sim.posts()) == 3
    assert ran.status == 1
    assert "installed" not in ran.out
    assert len(ran.lines_with("Missing: Road 13:30-13:32, Motive refused the request")) == 1


@of_motive
def test_a_duplicate_of_one_in_doubt_is_not_called_absent(
    bench: Bench,
) -> None:
    with bench.cloud(
        OnCall("lost", "post", nth=(1,)), motive=MotiveStyle(duplicates="reject")
    ) as sim:
        ran = bench.run(sim, minutes=2)
    assert ran.status == 1
    assert "installed" not in ran.out
    assert "an earlier sending, whose answer never came, was accepted" in ran.out


@pytest.mark.parametrize("status", [400, 403, 429])
def test_a_used_up_quota_is_told_with_the_status_that_came(bench: Bench, status: int) -> None:
    with bench.cloud(quota=0.0, quota_refusal=status) as sim:
        ran = bench.run(sim, cameras="road")
    assert ran.status == 4
    assert f"({status}: Exceeded monthly usage limit of high-res video.)" in ran.out
