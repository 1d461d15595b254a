"""What is Motive's own, from end to end: recalls of all cameras, learning, timelines, pictures."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from support.pictures import clocks, plays
from support.runs import (
    DRIVER,
    FPS,
    ONE_MINUTE,
    ROAD,
    START,
    Bench,
    bodies,
    of_motive,
)

import MotiveAPI
from simulator import MotiveStyle, OnCall, OnClip, Simulator, Truck

pytestmark = of_motive

MINUTE = timedelta(minutes=1)
WHEN = "Truck 42_2025-04-16_13-30-00"
NO_CLIPS = OnClip("failed")  # for what is seen without any footage


def durations(sim: Simulator) -> list[tuple[int, int]]:
    """Minutes and status of each request."""
    return [(call.body["duration"], call.status) for call in sim.posts()]


# --- what is requested ----------------------------------------------------------------------------


@pytest.mark.long
def test_five_minutes_are_two_requests_for_all_cameras(bench: Bench) -> None:
    with bench.cloud(motive=MotiveStyle()) as sim:
        ran = bench.run(sim, minutes=5)
        assert ran.status == 0, ran.out
        asked = {"vehicle_number": "Truck 42", "recall_type": "regular"}
        assert bodies(sim) == [
            {**asked, "start_time": "2025-04-16T18:30:00Z", "duration": 3},
            {**asked, "start_time": "2025-04-16T18:33:00Z", "duration": 2},
        ]
        assert all(call.headers.get("X-Api-Key") == sim.token for call in sim.posts())
        for call in sim.downloads():  # the key is for Motive alone
            assert not {"x-api-key", "authorization"} & {name.lower() for name in call.headers}
    assert "2 requests, 5 min" in ran.out
    assert "0 of 1000 minutes of recalls used this month, 1000 left" in ran.out
    assert ran.names == {
        f"SideBySide_Merged_{WHEN}_5min.mp4",
        *(f"{label}_Merged_{WHEN}_5min.mp4" for label in bench.labels),
        *(
            f"{label}_VideoClip_Truck 42_2025-04-16_13-3{minute}-00.mp4"
            for label in bench.labels
            for minute in (0, 3)
        ),
    }
    shown = clocks(ran.videos / f"Road_Merged_{WHEN}_5min.mp4")
    assert shown == [START + timedelta(seconds=n / FPS) for n in range(300 * FPS)]
    absent = [line.split(":")[0] for line in ran.lines_with("not installed, or")]
    assert absent == ["Road narrow", "Right", "Rear"]


def test_named_cameras_are_asked_for_by_their_positions(bench: Bench) -> None:
    with bench.cloud(NO_CLIPS, motive=MotiveStyle()) as sim:
        bench.run(sim, cameras="front,driver,left")
        positions = ["front_facing", "driver_facing", "side_left"]
        assert bodies(sim)[0]["camera_positions"] == positions


def test_the_list_of_vehicles_has_many_pages(bench: Bench) -> None:
    trucks = tuple(Truck(f"4{n:05}", f"Truck {n}", (DRIVER,)) for n in range(1, 12))
    with bench.cloud(NO_CLIPS, vehicles=trucks, page_size=3) as sim:
        bench.run(sim, vehicle="truck 11")
        assert bodies(sim)[0]["vehicle_number"] == "Truck 11"
        assert len([call for call in sim.calls if call.endpoint == "vehicles"]) == 4


def test_smart_dashcams_teach_their_limit_by_one_refusal(bench: Bench) -> None:
    with bench.cloud(motive=MotiveStyle(smart_dashcam=True)) as sim:
        ran = bench.run(sim, minutes=3, cameras="road")
        assert ran.status == 0, ran.out
        assert durations(sim) == [(3, 422), (1, 201), (1, 201), (1, 201)]
        starts = [asked.start for asked in sim.retrievals]
        assert starts == [START, START + MINUTE, START + 2 * MINUTE]
        assert ran.journal["longest"] == 60
        # The next job of this vehicle knows it.
        again = bench.run(sim, minutes=2, cameras="driver")
        assert again.status == 0, again.out
        assert durations(sim)[4:] == [(1, 201), (1, 201)]


@pytest.mark.parametrize("error_key", ["error_message", "error", "message", "errors", ""])
def test_the_refusal_is_understood_in_whatever_form_it_comes(bench: Bench, error_key: str) -> None:
    style = MotiveStyle(smart_dashcam=True, error_key=error_key, failed="unavailable")
    with bench.cloud(NO_CLIPS, motive=style) as sim:
        ran = bench.run(sim, minutes=4, cameras="road")
        assert durations(sim) == [(3, 422), *[(1, 201)] * 4]
        starts = [asked.start for asked in sim.retrievals]
        assert starts == [START + n * MINUTE for n in range(4)], "the first minute comes first"
    assert ran.status == 1
    assert ran.lines_with("Missing") == [
        "Missing: Road 13:30-13:34, the camera has no footage of it"
    ]


def test_an_asset_is_asked_for_by_name_with_its_own_cameras(bench: Bench) -> None:
    with bench.cloud(motive=MotiveStyle(smart_dashcam=True)) as sim:
        ran = bench.run(sim, "--asset=trailer-7", vehicle=None)
        assert ran.status == 0, ran.out
        assert bodies(sim) == [
            {
                "asset_name": "TRAILER-7",
                "start_time": "2025-04-16T18:30:00Z",
                "duration": 1,
                "recall_type": "regular",
                "camera_positions": ["side_left", "side_right", "rear"],
            }
        ]
        paths = {call.path for call in sim.calls}
        assert "/v1/assets" in paths and "/v1/vehicles" not in paths
        assert "/v1/video_recall_requests/assets/available_timelines" in paths
    assert {name.split("_")[0] for name in ran.names} == {"Left", "Right", "Rear", "SideBySide"}
    assert all("TRAILER-7" in name for name in ran.names)


# --- time-lapse -----------------------------------------------------------------------------------


def test_a_timelapse_takes_few_requests_and_shows_true_time(bench: Bench) -> None:
    with bench.cloud(motive=MotiveStyle(), hyperlapse_factor=30.0) as sim:
        ran = bench.run(sim, "--media=timelapse", minutes=20, cameras="road,driver")
        assert ran.status == 0, ran.out
        kinds = [(body["duration"], body["recall_type"]) for body in bodies(sim)]
        assert kinds == [(15, "timelapse"), (5, "timelapse")]
    assert "2 requests, 20 min" in ran.out
    assert "0 of 600 minutes of time-lapse recalls used this month, 600 left" in ran.out
    shown = clocks(ran.videos / f"Road_Merged_{WHEN}_20min_timelapse.mp4")
    assert len(shown) == pytest.approx(20 * 60 / 30 * FPS, abs=2)
    assert (shown[0], shown[-1]) == (START, START + timedelta(seconds=1200 - 30 / FPS))
    assert plays(ran.videos / f"SideBySide_Merged_{WHEN}_20min_timelapse.mp4")


def test_a_timelapse_of_another_length_gets_what_covers_it(bench: Bench) -> None:
    with bench.cloud(motive=MotiveStyle()) as sim:
        ran = bench.run(sim, "--media=timelapse", minutes=7, cameras="road")
        assert [call.body["duration"] for call in sim.posts()] == [10]
    assert ran.status == 0, ran.out
    assert "1 request, 10 min" in ran.out
    (merge,) = ran.videos.glob("Road_Merged_*_7min_timelapse.mp4")
    assert plays(merge)


def test_a_timelapse_the_camera_cannot_record_is_refused(bench: Bench) -> None:
    with bench.cloud(motive=MotiveStyle(smart_dashcam=True)) as sim:
        ran = bench.run(sim, "--media=timelapse", minutes=5, cameras="road")
        assert len(sim.posts()) == 1
    assert ran.status == 1
    (line,) = ran.lines_with("Missing: Road 13:30-13:35")
    assert "Most likely this vehicle's camera cannot record time-lapse, as smart dashcams" in line
    assert "Smart dashcams do not support timelapse." in line


# --- what there is, as Motive tells it beforehand -------------------------------------------------


def test_what_no_timeline_holds_is_named_and_not_asked_for(bench: Bench) -> None:
    hole = (START + MINUTE, START + 2 * MINUTE)
    with bench.cloud(motive=MotiveStyle(), footage_holes=[hole]) as sim:
        ran = bench.run(sim, minutes=4, cameras="road")
        asked = [(body["start_time"][11:16], body["duration"]) for body in bodies(sim)]
        assert asked == [("18:30", 1), ("18:32", 2)]
    assert ran.status == 3
    assert ran.lines_with("Motive has no footage of 13:31-13:32; it is not asked for.")
    assert ran.lines_with("Missing") == [
        "Missing: Road 13:31-13:32, Motive has no footage of it, so it was not asked for"
    ]
    assert len(clocks(ran.videos / f"Road_Merged_{WHEN}_4min.mp4")) == 3 * 60 * FPS


def test_a_minute_with_footage_of_a_part_is_asked_for_by_itself(bench: Bench) -> None:
    hole = (START + timedelta(seconds=70), START + timedelta(seconds=90))
    with bench.cloud(motive=MotiveStyle(), footage_holes=[hole]) as sim:
        ran = bench.run(sim, minutes=3, cameras="road")
        assert durations(sim) == [(1, 201), (1, 422), (1, 201)]
    assert ran.status == 3
    (line,) = ran.lines_with("Missing")
    assert line.startswith("Missing: Road 13:31-13:32, Motive refused the request")
    assert "not available for the whole of the requested time" in line


@pytest.mark.parametrize(("timelines", "quota"), [(404, 404), (500, 503), (403, 403)])
def test_advice_that_cannot_be_had_stops_nothing(bench: Bench, timelines: int, quota: int) -> None:
    style = MotiveStyle(timelines_status=timelines, quota_status=quota)
    with bench.cloud(motive=style) as sim:
        ran = bench.run(sim, cameras="road")
        assert ran.status == 0, ran.out
        assert len(sim.posts()) == 1
    assert "Motive says" not in ran.out


def test_where_nothing_is_listed_at_all_it_asks(bench: Bench) -> None:
    with bench.cloud(motive=MotiveStyle(kept=timedelta(hours=30))) as sim:
        ran = bench.run(sim)
        assert (ran.status, sim.posts()) == (2, [])
        assert "Motive lists no footage of that time at all. Go on?" in ran.lines[-1]
        assert "add --yes" in ran.lines[-1]
        ran = bench.run(sim, "--yes", cameras="road")
        assert [call.status for call in sim.posts()] == [422]
    assert ran.status == 1
    assert ran.lines_with("not available for the whole of the requested time")


# --- asked for before -----------------------------------------------------------------------------


@pytest.mark.parametrize("code", [400, 409, 422])
def test_our_own_earlier_request_is_followed_when_rejected_now(bench: Bench, code: int) -> None:
    style = replace(ONE_MINUTE, duplicates="reject", duplicate_code=code)
    with bench.cloud(OnClip("late", 500.0), motive=style) as sim:
        assert bench.run(sim, "--max-wait=0.01", cameras="road").status == 4
        bench.uploads_arrive(sim)
        ran = bench.run(sim, "--no-reuse", cameras="road")
        assert ran.status == 0, ran.out
        assert [call.status for call in sim.posts()] == [201, code]
    assert "Missing" not in ran.out


def test_a_request_made_before_by_others_is_one_sentence(bench: Bench) -> None:
    style = replace(ONE_MINUTE, duplicates="reject")
    with bench.cloud(OnClip("late", 500.0), motive=style) as sim:
        bench.run(sim, "--max-wait=0.01", cameras="road")
        shutil.rmtree(bench.logs)
        ran = bench.run(sim, cameras="road")
        assert [call.status for call in sim.posts()] == [201, 409]
    assert ran.status == 1
    assert ran.lines_with("Missing") == [
        'Missing: Road 13:30-13:31, Motive refused the request ("Duplicate request: this video has '
        'already been requested.")'
    ]


def test_a_lost_answer_rejected_as_a_duplicate_is_told(
    bench: Bench,
) -> None:
    style = replace(ONE_MINUTE, duplicates="reject")
    with bench.cloud(OnCall("lost", "post", nth=(1,)), motive=style) as sim:
        ran = bench.run(sim, cameras="road")
        assert [call.status for call in sim.posts()] == [503, 409]
        assert len(sim.retrievals) == 1, "it is paid for once"
    assert ran.status == 1
    assert ran.lines_with("Duplicate request")
    assert ran.lines_with("1 request got no answer")


@pytest.mark.long
def test_a_done_job_that_lacks_cameras_is_not_paid_for_again(
    bench: Bench,
) -> None:
    with bench.cloud(motive=MotiveStyle()) as sim:
        assert bench.run(sim, minutes=2).status == 0
        again = bench.run(sim, minutes=2)
        assert again.status == 0, again.out
        assert len(sim.posts()) == 1
        # Of a longer one only what is new is requested.
        longer = bench.run(sim, minutes=3)
        assert longer.status == 0, longer.out
        assert [(call.body["start_time"], call.body["duration"]) for call in sim.posts()[1:]] == [
            ("2025-04-16T18:32:00Z", 1)
        ]
    assert len(longer.lines_with("not installed, or")) == 3


# --- quota ----------------------------------------------------------------------------------------


def test_a_used_up_quota_is_told_from_being_too_quick(bench: Bench) -> None:
    style = replace(ONE_MINUTE, regular_minutes=2)
    with bench.cloud(OnCall("throttle", "post", nth=(2,)), motive=style) as sim:
        ran = bench.run(sim, "--yes", minutes=3, cameras="road")
        # Both have the status 429 and nothing else; where minutes are left, it is asked again.
        assert durations(sim) == [(3, 422), (1, 429), (1, 201), (1, 201), (1, 429)]
        assert ran.status == 4, ran.out
        assert "The monthly video recall quota is used up." in ran.out
        assert len(ran.names) == 2 + 1
        assert bench.resume(sim).status == 4
        assert len(sim.retrievals) == 2


# --- what comes of a recall -----------------------------------------------------------------------


@pytest.mark.parametrize("mixed", ["", "partial_success"])
def test_one_camera_that_fails_takes_no_other_down(bench: Bench, mixed: str) -> None:
    style = replace(ONE_MINUTE, mixed=mixed)
    with bench.cloud(OnClip("failed", camera=DRIVER), motive=style) as sim:
        ran = bench.run(sim, cameras="road,driver")
        positions = [body["camera_positions"] for body in bodies(sim)]
        assert positions == [["front_facing", "driver_facing"], ["driver_facing"]]
    assert ran.status == 3
    assert ran.lines_with("Missing") == ["Missing: Driver 13:30-13:31, the upload failed"]
    assert "No side-by-side: only one camera (Road) has footage." in ran.lines


def test_a_second_try_rejected_as_a_duplicate_is_told(
    bench: Bench,
) -> None:
    style = replace(ONE_MINUTE, duplicates="reject")
    with bench.cloud(OnClip("failed", camera=DRIVER), motive=style) as sim:
        ran = bench.run(sim)
        assert [call.status for call in sim.posts()] == [201, 409]
    assert ran.status == 3
    assert ran.lines_with("Missing: Driver 13:30-13:31, Motive refused the request (")
    assert "Driver: no footage" not in ran.out


def test_a_recall_that_fails_as_a_whole_is_tried_once_more(bench: Bench) -> None:
    with bench.cloud(OnClip("failed", times=1)) as sim:
        ran = bench.run(sim)
        assert ran.status == 0, ran.out
        assert len(sim.posts()) == 2
        assert all("camera_positions" not in body for body in bodies(sim))
    assert len(ran.names) == 3 + 3 + 1


STYLES: dict[str, dict[str, Any]] = {
    "wrapped, ids are numbers": {"wrapper": "video_recall_request", "id_as": "number"},
    "wrapped twice, an object of cameras": {
        "wrapper": "data.video_recall_request",
        "cameras_as": "object",
        "create_status": 200,
    },
    "wrapped in data": {"wrapper": "data", "url_key": "url", "position_key": "camera_position"},
    "lists of addresses": {"url_key": "video_url", "urls_as": "list", "position_key": "camera"},
    "objects of addresses": {"url_key": "download_urls", "urls_as": "object"},
    "nothing until it is there": {"url_awaited": False, "expiry_key": "", "url_key": "media_url"},
    "cameras without a status": {"camera_status": False, "url_key": "signed_url"},
    "other words": {"pending": "Processing", "done": "Completed", "failed": "ERROR"},
    "words nobody knows": {"pending": "queued at gateway", "done": "available"},
}


@pytest.mark.parametrize("style", list(STYLES))
def test_answers_are_understood_in_every_form_they_may_have(bench: Bench, style: str) -> None:
    with bench.cloud(OnClip("late", 0.2), motive=MotiveStyle(**STYLES[style])) as sim:
        ran = bench.run(sim, cameras="road")
        assert len(sim.posts()) == 1
    assert ran.status == 0, ran.out
    assert len(ran.names) == 2


@pytest.mark.parametrize("word", ["failed", "Failure", "error", "cancelled", "expired"])
def test_words_for_failure_end_the_waiting(bench: Bench, word: str) -> None:
    style = MotiveStyle(failed=word)
    with bench.cloud(NO_CLIPS, motive=style) as sim:
        ran = bench.run(sim, cameras="road")
        assert len(sim.posts()) == 2  # it is tried once more
    assert ran.status == 1
    assert ran.lines_with("Missing: Road 13:30-13:31, the upload failed")


def test_what_a_partial_success_does_not_mention_is_missing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MotiveAPI.MotiveAPI, "partial_success_wait", 0.5)
    style = MotiveStyle(mixed="partial_success", leaves_out=True)
    with bench.cloud(OnClip("failed", camera=DRIVER), motive=style) as sim:
        ran = bench.run(sim, cameras="front,driver")
        assert len(sim.posts()) == 1
    assert ran.status == 3
    (line,) = ran.lines_with("Missing:")
    assert line.startswith("Missing: Driver 13:30-13:31")
    assert "not installed" not in ran.out


def test_an_unknown_camera_is_fetched_with_all_there_are(bench: Bench) -> None:
    style = MotiveStyle(renamed="side_left=cargo_facing")
    with bench.cloud(motive=style) as sim:
        ran = bench.run(sim)
        assert ran.status == 0, ran.out
        assert len(sim.posts()) == 1
    merged = [name for name in ran.names if name.startswith("Cargo facing_Merged_")]
    assert len(merged) == 1
    assert len(ran.names) == 3 + 3 + 1


def test_a_recall_is_not_polled_too_often(bench: Bench) -> None:
    assert MotiveAPI.MotiveAPI.min_poll_interval == 10.0
    bench.min_poll_interval = 0.6  # whatever --poll-seconds says: it is 0.05 here
    bad = (OnClip("late", 2.5, camera=ROAD), OnClip("garbage", camera=DRIVER, times=2))
    with bench.cloud(*bad) as sim:  # the one is awaited, the other has to be asked for again
        assert bench.run(sim, cameras="front,driver").status == 0
        times = [call.at for call in sim.polls()]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert len(pauses) >= 2
    assert min(pauses) > 0.55
