"""Retrieving a whole job: taken up where it stood, shown, stopped, and idle at next to no cost."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from support.checking import check_files
from support.media import window
from support.retrieving import (
    ROAD,
    Stage,
    low,
    minute_of,
    without_addresses,
)

from footage.errors import (
    RequestRefused,
)
from footage.job.journal import read
from footage.job.run_state import PollSettings
from footage.model import (
    Clip,
    Job,
    MediaType,
    Retrieval,
    RetrievalState,
)
from footage.system import whole_files

UNKNOWN = RequestRefused("Object not found.")


def collected(stage: Stage, minutes: int) -> Job:
    job = stage.plan(minutes)
    stage.collect()
    stage.anew()
    return job


def test_a_whole_clip_is_not_fetched_again(stage: Stage) -> None:
    collected(stage, 3)
    stage.collect()
    assert (stage.provider.requests, dict(stage.provider.polls)) == ([], {})
    assert stage.downloader.fetched == []


@pytest.mark.parametrize("damage", ["gone", "changed", "cut"])
def test_a_damaged_clip_is_fetched_without_a_request(stage: Stage, damage: str) -> None:
    job = collected(stage, 3)
    clip = job.retrievals[1].media[0].clip
    assert isinstance(clip, Clip)
    path = stage.videos / clip.path
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"x" * len(whole) if damage == "changed" else whole[:3])
    check_files(stage.journal, stage.videos, stage.clock.pause)
    stage.collect()
    assert stage.provider.requests == []
    assert stage.downloader.fetched == [path.name]
    assert path.read_bytes() == whole


def test_a_request_under_way_is_the_only_one_in_doubt(stage: Stage) -> None:
    job = stage.plan(3)
    accepted, doubtful, planned = job.retrievals
    with stage.journal.change():
        accepted.state, accepted.id = RetrievalState.ACCEPTED, "id-before"
        doubtful.state = RetrievalState.REQUESTING
    stage.collect()
    assert sorted(minute_of(r) for r in stage.provider.requests) == [1, 2]
    assert [r.possible_duplicates for r in job.retrievals] == [0, 1, 0]
    assert (accepted.id, planned.state) == ("id-before", RetrievalState.ACCEPTED)
    assert len(job.clips(ROAD)) == 3


def test_progress_counts_what_is_asked_uploaded_and_here(stage: Stage) -> None:
    stage.provider.answers[1] = [RequestRefused("no")]
    stage.plan(3)
    progress = stage.collect().progress()
    assert (progress.asked, progress.requests) == (3, 3)
    assert (progress.uploaded, progress.awaited, progress.fetched) == (2, 2, 2)
    assert progress.lost == 1
    assert progress.fetching == ()
    assert progress.trouble == ""


def test_what_is_requested_once_more_is_not_lost(stage: Stage) -> None:
    stage.provider.status = lambda retrieval, poll: "available" if retrieval.repeat else "failed"
    stage.plan(1)
    progress = stage.collect().progress()
    assert (progress.fetched, progress.lost) == (1, 0)


def test_cutting_and_requesting_anew_at_the_same_time(stage: Stage) -> None:
    """The list of retrievals changes under all threads, and in the end all of it is here."""
    stage.provider.longest = 60.0
    stage.provider.status = lambda retrieval, poll: (
        UNKNOWN if retrieval.from_other_job else "failed" if fails(retrieval) else "available"
    )

    def fails(retrieval: Retrieval) -> bool:
        return minute_of(retrieval) % 7 == 3 and not retrieval.repeat

    plan: list[Retrieval] = []
    for n in range(6):
        start = 1200 * n
        theirs = low(start + 600)
        theirs.state, theirs.id, theirs.from_other_job = (
            RetrievalState.ACCEPTED,
            f"theirs-{n}",
            True,
        )
        plan += [low(start), theirs]
    job = stage.begin(*plan, minutes=120, media_type=MediaType.LOW)
    stage.collect()
    whole = [window(60 * n) for n in range(120)]
    assert [clip.window for clip in job.clips(ROAD)] == whole
    accepted = [one for one in stage.provider.requests if one.window.seconds == 60]
    assert sorted(one.window for one in accepted if not one.repeat) == whole
    assert len([one for one in accepted if one.repeat]) == sum(n % 7 == 3 for n in range(120))
    assert without_addresses(job) == read(stage.journal.path)


# --- waiting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [1, 30])
def test_an_hour_of_waiting_wakes_hardly_any_thread(stage: Stage, minutes: int) -> None:
    """Eight threads, of which only polls that are due have something to do."""
    stage.poll_settings = PollSettings(5.0, 3600.0)
    stage.provider.status = lambda retrieval, poll: "pending"
    stage.plan(minutes)
    stage.collect()
    assert stage.clock.now == 3600.0
    assert len(stage.provider.polls) == minutes
    assert stage.clock.waits < 3600  # one wake-up a second, over all threads


def test_a_poll_without_news_does_not_rewrite_the_journal(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.provider.status = lambda retrieval, poll: "available" if poll > 20 else "pending"
    stage.plan(1)
    saves: list[int] = []
    write = whole_files.write_lines

    def counted(target: Path, lines: Iterable[str]) -> None:
        saves.append(len(stage.provider.polls["id-1"]))
        write(target, lines)

    monkeypatch.setattr(whole_files, "write_lines", counted)
    stage.collect()
    assert len(stage.provider.polls["id-1"]) == 21
    assert not [polls for polls in saves if 1 < polls < 21], "the first poll tells the status"


def test_a_stop_ends_all_threads_wherever_they_wait(stage: Stage) -> None:
    def status(retrieval: Retrieval, poll: int) -> str:
        if poll == 3:
            stage.clock.set()
        return "pending"

    stage.provider.status = status
    stage.plan(3)
    stage.collect()
    assert stage.clock.now < 60.0
