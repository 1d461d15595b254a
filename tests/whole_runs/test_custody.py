"""The custody of whole runs, read as a court's expert would: each step once, in order, and true."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.runs import DRIVER, ROAD, Bench, of_each_provider

import footage
from footage.cloud.clock_comparison import KNOWN_WITHIN
from footage.job.journal import read
from footage.media import ffmpeg
from footage.model import Job, StepKind
from footage.report import time_statement
from footage.system.whole_files import digest
from simulator import OnClip

# What happens to a clip, in order; the first two once for each request.
ASKED, FETCHED = ("asked", "accepted"), ("available", "downloaded", "verified")
MADE = {
    "merge": "merged",
    "side-by-side": "rendered",
    "track": "written",
    "readings": "written",
    "report": "reported",
    "hashes": "written",
}


def custody_of(bench: Bench) -> Job:
    """The job of the only journal, whose custody is in order of time."""
    (path,) = bench.logs.glob("request_ids_*.json")
    job = read(path)
    times = [step.at for step in job.custody]
    assert times == sorted(times)
    return job


def kinds_of(job: Job, retrieval_id: str) -> list[str]:
    return [one.kind.value for one in job.custody if one.retrieval_id == retrieval_id]


def tags_of(path: Path) -> dict[str, str]:
    """What a film says of itself, as ffmpeg reads it."""
    text = ffmpeg.run(["-i", str(path), "-f", "ffmetadata", "-"]).partition("[CHAPTER]")[0]
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key: value.replace("\\", "") for key, value in pairs}


@of_each_provider
def test_each_step_is_there_once_in_order_and_true(bench: Bench) -> None:
    with bench.cloud(OnClip("truncate", camera=DRIVER, times=1)) as sim:
        ran = bench.run(sim, cameras="road,driver")
        assert ran.status == 0, ran.out
        requests = len(bench.posts(sim))
    job = custody_of(bench)
    text = (bench.logs / ran.journals[0].name).read_text("utf-8")
    assert "X-Sim-Signature" not in text and sim.token not in text and "://" not in text
    assert sum(one.kind is StepKind.ASKED for one in job.custody) == requests
    for retrieval in job.retrievals:
        came = sum(media.clip is not None for media in retrieval.media)
        assert sorted(kinds_of(job, retrieval.id)) == sorted(["accepted", *FETCHED * came])
    for one in job.custody:
        if one.file:
            path = bench.videos / one.file
            assert (one.size, one.sha256) == (path.stat().st_size, digest(path))
        if one.kind in (StepKind.ACCEPTED, StepKind.DOWNLOADED):
            assert one.request_id
    made = {output.path.name: MADE[output.kind] for output in job.outputs}
    assert {one.file: one.kind.value for one in job.custody if one.file in made} == made
    assert [run.program for run in job.runs] == [footage.__version__]
    check_clock(job)
    check_tags(bench, job)


def check_clock(job: Job) -> None:
    """The simulator has this computer's clock, so they are apart by no more than is uncertain."""
    clock = time_statement.of_job(job).clock
    assert clock is not None
    assert max(abs(clock.smallest), abs(clock.largest)) <= KNOWN_WITHIN


def check_tags(bench: Bench, job: Job) -> None:
    """The films name vehicle, camera, start, provider, a request of theirs, and the version."""
    ids = {one.id for one in job.retrievals}
    for output in job.outputs:
        if output.kind in ("merge", "side-by-side"):
            tags = tags_of(bench.videos / output.path)
            what = output.camera or "side by side"
            assert tags["title"] == f"Truck 42, {what}, 04/16/2025 13:30:00 CDT"
            provider, requests, program = tags["comment"].split("; ")
            assert (provider, program) == (job.provider, f"{footage.NAME} {footage.__version__}")
            named = set(requests.removeprefix("retrieval ").split(", "))
            assert named and named <= ids


def test_a_second_run_adds_what_it_did_and_nothing_else(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0, camera=ROAD)) as sim:
        assert bench.run(sim, "--max-wait=0.05", cameras="road,driver").status == 4
        first = custody_of(bench)
        bench.uploads_arrive(sim)
        assert bench.resume(sim).status == 0
    job = custody_of(bench)
    assert job.custody[: len(first.custody)] == first.custody
    assert job.runs[0] == first.runs[0]
    assert len(job.runs) == 2
    later = job.custody[len(first.custody) :]
    assert {one.run for one in later} == {1}
    assert [one.kind.value for one in later][:3] == list(FETCHED)
    assert StepKind.ASKED not in {one.kind for one in later}


@pytest.mark.parametrize("reuse", [True, False])
def test_a_second_job_says_whose_request_it_was(bench: Bench, reuse: bool) -> None:
    with bench.cloud() as sim:
        assert bench.run(sim, cameras="road").status == 0
        second = bench.run(sim, *([] if reuse else ["--no-reuse"]), cameras="road")
        assert second.status == 0
    job = read(second.journals[-1])
    kinds = [one.kind.value for one in job.custody]
    # Its clip is here already: nothing was downloaded for this job.
    assert "downloaded" not in kinds
    assert ("asked" in kinds) is not reuse
    texts = {one.kind: one.text for one in job.custody}
    assert texts[StepKind.VERIFIED].startswith("here already")
    assert texts[StepKind.MERGED] == "made by another job, of the same"
    if reuse:
        assert "this job asked for nothing" in texts[StepKind.AVAILABLE]
