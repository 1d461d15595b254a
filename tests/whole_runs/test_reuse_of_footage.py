"""Nothing is paid for twice, and nothing is spent unseen: reuse and the month's quota."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.drives import cannot_be_listed
from support.pictures import plays
from support.runs import ANALOG, DRIVER, ROAD, START, START_TEXT, Bench, of_each_provider, promised

from footage.job.journal import Journal, read
from footage.job.retriever import Retriever
from footage.ui import incident_plan
from simulator import OnCall, OnClip, Uploaded

MINUTE = timedelta(minutes=1)


@pytest.mark.many_cases
@pytest.mark.parametrize(
    "options", [[], ["--media=low"], ["--media=image"], ["--media=hyperlapse"]]
)
def test_the_same_job_from_a_clean_folder_requests_nothing(
    bench: Bench, options: list[str]
) -> None:
    with bench.cloud(OnClip("early", 4.0, camera=ROAD, at=1)) as sim:
        first = bench.run(sim, *options, minutes=2)
        posts = len(sim.posts())
        shutil.rmtree(bench.videos)
        shutil.rmtree(bench.logs)
        second = bench.run(sim, *options, minutes=2)
        assert (first.status, second.status) == (0, 0), second.out
        assert len(sim.posts()) == posts > 0
    assert first.names == second.names
    assert second.lines_with("Reused:")
    assert not first.lines_with("Reused:")
    assert "0 requests" in second.out


@pytest.mark.long
def test_clips_that_came_a_little_short_are_not_paid_for_again(bench: Bench) -> None:
    with bench.cloud(OnClip("short", 0.5)) as sim:
        first = bench.run(sim, minutes=2, cameras="road,driver")
        posts = len(sim.posts())
        shutil.rmtree(bench.videos)
        shutil.rmtree(bench.logs)
        second = bench.run(sim, minutes=2, cameras="road,driver")
        assert len(sim.posts()) == posts == 4
    assert first.names == second.names
    assert second.lines_with("Reused:")


def test_what_came_meanwhile_is_not_requested_on_resume(bench: Bench) -> None:
    """The month's quota was used up; somebody has fetched the rest in the dashboard."""
    with bench.cloud(quota=60.0, delay=0.0) as sim:
        assert bench.run(sim, "--yes", minutes=1, cameras="road").status == 0
        first = bench.run(sim, "--yes", minutes=3, cameras="road")
        assert first.status == 4, first.out
    there = [Uploaded(ROAD, START + n * MINUTE, trigger="videoRetrieval") for n in range(3)]
    with bench.cloud(uploaded=there) as sim:
        again = bench.resume(sim)
        assert again.status == 0, again.out
        assert not sim.posts()


@pytest.mark.parametrize("lost", ["lost", "lost_drop"])
def test_a_request_whose_answer_was_lost_is_not_sent_again(bench: Bench, lost: str) -> None:
    """It was taken all the same, as the list of what is in the cloud shows."""
    with bench.cloud() as sim:
        assert bench.run(sim, cameras="road").status == 0, "its picture is rendered"
    shutil.rmtree(bench.videos)
    shutil.rmtree(bench.logs)
    with bench.cloud(OnCall(lost, on="post"), delay=0.0) as sim:
        ran = bench.run(sim, cameras="road", poll=1.0)
        assert ran.status == 0, ran.out
        assert len(sim.posts()) == 1
        (retrieval,) = ran.journal["retrievals"]
        assert (retrieval["state"], retrieval["possible_duplicates"]) == ("found", 1)


def test_uploads_that_cannot_be_listed_are_asked_about(bench: Bench) -> None:
    with bench.cloud(OnCall("error", "list")) as sim:
        ran = bench.run(sim, cameras="road")
        assert ran.status == 2
        assert not sim.posts()
        assert "could not be looked up" in ran.out
        agreed = bench.run(sim, "--yes", cameras="road")
        assert agreed.status == 0, agreed.out


def test_only_what_is_not_in_the_cloud_is_requested(bench: Bench) -> None:
    there = [
        Uploaded(ROAD, START, 120.0),  # two minutes in one piece
        Uploaded(DRIVER, START - timedelta(seconds=20), 50.0),
        Uploaded(DRIVER, START + timedelta(seconds=30), 40.0),  # together the first minute
        Uploaded(ANALOG, START + timedelta(seconds=1), 59.0),  # not all of it
        Uploaded(ANALOG, START + MINUTE, 60.0, media_type="videoLowRes"),
        Uploaded(ANALOG, START + MINUTE, 60.0, url=False),
    ]
    with bench.cloud(uploaded=there) as sim:
        ran = bench.run(sim, minutes=2)
        assert ran.status == 0, ran.out
        asked = {(a.inputs[0], (a.start - START) // MINUTE) for a in sim.retrievals}
        assert asked == {(DRIVER, 1), (ANALOG, 0), (ANALOG, 1)}
    assert ran.lines_with("3:00 of footage that was in the cloud")
    side = ran.videos / "SideBySide_Merged_Truck 42_2025-04-16_13-30-00_2min.mp4"
    assert plays(side)
    with bench.cloud(uploaded=there) as sim:
        again = bench.run(sim, "--no-reuse", minutes=2)
        assert again.status == 0, again.out
        assert len(sim.posts()) == 6
    assert not again.lines_with("Reused:")


@of_each_provider
def test_what_another_job_still_awaits_is_not_asked_again(
    bench: Bench,
) -> None:
    with bench.cloud(OnClip("late", 500.0)) as sim:
        first = bench.run(sim, "--max-wait=0.05")  # time to send all
        assert first.status == 4
        bench.uploads_arrive(sim)
        posts = len(sim.posts())
        assert posts == bench.requests(minutes=1, cameras=3)
        second = bench.run(sim)
        assert second.status == 0, second.out
        assert len(sim.posts()) == posts
    assert second.lines_with("Reused: 3:00")
    assert "0 requests" in second.out


def test_footage_that_left_the_cloud_is_requested_after_all(
    bench: Bench,
) -> None:
    with bench.cloud(OnClip("late", 1.0), delay=0.0) as sim:
        first = bench.run(sim, cameras="road")
        assert first.status == 0
    with bench.cloud() as other:  # a cloud that does not know what the first one has uploaded
        shutil.rmtree(bench.videos)
        again = bench.run(other, cameras="road")
        assert again.status == 0, again.out
        assert len(other.posts()) == 1


# --- quota ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bench", "needed", "left", "fits", "stands"),
    [
        (
            *("samsara", "600 s of quota", "240 of 6,000", 2),
            'Samsara says: "Current monthly usage is 5760.0',
        ),
        (
            *("motive", "5 min", "4 of 100", 4),
            "Motive: 96 of 100 minutes of recalls used this month, 4 left.",
        ),
    ],
    indirect=["bench"],
)
def test_a_job_beyond_the_quota_says_how_much_fits_and_asks(
    bench: Bench, needed: str, left: str, fits: int, stands: str
) -> None:
    with bench.cloud(**bench.quota(minutes=100, used=96)) as sim:
        ran = bench.run(sim, minutes=5, cameras="road,driver")
        assert ran.status == 2
        # Where it is not foretold, the answer to the first request tells the quota.
        assert len(sim.posts()) == (0 if bench.side.foretold else 1)
        assert f"This job needs {needed}, but {left} are left this month" in ran.lines[-1]
        assert f"about {fits} of its 5 minutes would fit" in ran.lines[-1]
        assert "add --yes" in ran.lines[-1]
        # What was requested is kept.
        assert ("--resume" in ran.lines[-1]) is not bench.side.foretold
        assert stands in ran.out


@of_each_provider
def test_with_yes_the_quota_is_used_up_the_rest_comes_later(
    bench: Bench,
) -> None:
    with bench.cloud() as sim:
        assert bench.run(sim, minutes=5, cameras="road").status == 0, "its clips are rendered"
    shutil.rmtree(bench.videos)
    shutil.rmtree(bench.logs)
    with bench.cloud(**bench.quota(minutes=10, used=8), delay=0.0) as sim:
        ran = bench.run(sim, "--yes", minutes=5, cameras="road")
        assert ran.status == 4, ran.out
        accepted = len(sim.retrievals)
        assert 0 < accepted < 5
        assert bench.side.used_up in ran.out and "--resume" in ran.out
        assert len([n for n in ran.names if "VideoClip" in n]) == accepted
        bench.next_month(sim)
        ran = bench.resume(sim)
        assert ran.status == 0, ran.out
        assert len(sim.retrievals) == len(bench.asked(sim)) == 5, "nothing was asked for twice"
    assert ran.names == promised(5, ("Road",))


def test_a_quota_sentence_in_another_form_is_shown_as_it_is(bench: Bench) -> None:
    words = "You have used {used:.0f}s this month (plan: gold)"
    with bench.cloud(quota_sentence=words) as sim:
        ran = bench.run(sim)
        assert ran.status == 0
    assert 'Samsara says: "You have used 0s this month (plan: gold)"' in ran.out


@pytest.mark.parametrize(
    ("owner", "step"), [(Journal, "create"), (Retriever, "start")], ids=["a yes", "a request"]
)
@of_each_provider
def test_what_is_requested_just_before_is_followed(
    bench: Bench, owner: type, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch, or somebody else, requests it after the plan: while that waits for a person, or at
    the moment in which this run begins to request.
    """

    def somebody_else() -> None:
        assert bench.run(sim, minutes=1, cameras="road").status == 0

    with bench.cloud(delay=0.0) as sim:
        once_before(owner, step, somebody_else, monkeypatch)
        assert bench.run(sim, minutes=1, cameras="road").status == 0
        assert len(sim.posts()) == 1
    first, second = (read(path) for path in sorted(bench.logs.glob("request_ids_*.json")))
    assert first.retrievals[0].id == second.retrievals[0].id
    assert first.retrievals[0].from_other_job != second.retrievals[0].from_other_job


@of_each_provider
def test_what_is_requested_while_a_list_is_planned_is_followed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list reads the journals once, and may plan for minutes."""

    def somebody_else() -> None:
        assert bench.run(sim, "--max-wait=0.01", minutes=1, cameras="road").status == 4

    file = bench.folder / "list.csv"
    file.write_text(f"vehicle,start,minutes\nTruck 42,{START_TEXT},1\n", "utf-8")
    with bench.cloud(OnClip("late", 500.0)) as sim:
        once_before(incident_plan, "propose", somebody_else, monkeypatch)
        about = (f"--incidents={file}", "--yes", "--max-wait=0.01")
        ran = bench.run(sim, *about, cameras="road", vehicle=None, start=None, minutes=None)
        assert ran.status == 4, ran.out
        assert len(sim.posts()) == 1


@of_each_provider
def test_nothing_is_requested_where_old_jobs_cannot_be_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the moment in which the requests begin, after the folder was read for the plan."""
    gone: list[str] = []
    cannot_be_listed(bench.logs, monkeypatch, lambda: bool(gone))
    with bench.cloud(delay=0.0) as sim:
        once_before(Retriever, "start", lambda: gone.append("the drive"), monkeypatch)
        ran = bench.run(sim, minutes=1, cameras="road")
        assert ran.status == 1
        assert sim.posts() == []
        assert ran.out.count("cannot be read") == 1 and "nothing more is requested" in ran.out
        gone.clear()
        assert bench.resume(sim).status == 0
        assert len(sim.posts()) == 1


def test_a_drive_lost_after_the_films_takes_no_summary(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench.cloud(delay=0.0) as sim:
        cannot_be_listed(bench.logs, monkeypatch, lambda: any(bench.videos.glob("*Report*")))
        ran = bench.run(sim, minutes=1, cameras="road")
    assert ran.status == 0, ran.out
    assert "The files are in" in ran.out


def once_before(
    owner: Any, name: str, act: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Act once, before a function is called the next time."""
    function = getattr(owner, name)

    def called(*arguments: Any) -> Any:
        monkeypatch.setattr(owner, name, function)
        act()
        return function(*arguments)

    monkeypatch.setattr(owner, name, called)
