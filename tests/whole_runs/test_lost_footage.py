"""Bad days that cost footage: what is missing is named, why it is, and the rest goes on."""

from __future__ import annotations

import pytest
from support.runs import DRIVER, ROAD, Bench, of_each_provider, of_motive, promised

from simulator import OnClip

MOST_OF_IT = "Road_Merged_Truck 42_2025-04-16_13-30-00_2min.mp4"
SIDE = "SideBySide_Merged_Truck 42_2025-04-16_13-30-00_{}min.mp4"
ROAD_CLIP = "Road_VideoClip_Truck 42_2025-04-16_13-3{}-00.mp4"

NOT_RECORDING = 'the camera was not recording ("Camera was not recording at 2025-04-16T18:31:00Z.")'
UPLOAD_FAILED = (3, "the upload failed")  # and was asked for once more
NO_VIDEO = (2, "what {} delivered is not playable video")
# What happens to the second minute -> requests and the reason that is given, with each provider.
# Motive has one word for whatever does not come.
COSTLY = {
    "not recording": (
        OnClip("not_recording", at=1),
        {"samsara": (2, NOT_RECORDING), "motive": (2, NOT_RECORDING)},
    ),
    "failed": (OnClip("failed", at=1), {"samsara": UPLOAD_FAILED, "motive": UPLOAD_FAILED}),
    "invalid": (
        OnClip("invalid", at=1),
        {"samsara": (2, "Samsara calls the request invalid"), "motive": UPLOAD_FAILED},
    ),
    "unavailable": (
        OnClip("unavailable", at=1),
        {"samsara": (2, "the camera has no footage of it"), "motive": UPLOAD_FAILED},
    ),
    "never a video": (OnClip("html", at=1, times=0), {"samsara": NO_VIDEO, "motive": NO_VIDEO}),
}


@of_each_provider
@pytest.mark.parametrize("what", COSTLY)
def test_a_lost_minute_is_named_with_its_reason(bench: Bench, what: str) -> None:
    mishap, expected = COSTLY[what]
    posts, reason = expected[bench.side.key]
    with bench.cloud(mishap) as sim:
        ran = bench.run(sim, minutes=2, cameras="road")
        assert len(bench.posts(sim)) == posts
    assert ran.status == 3
    reason = reason.format(bench.side.name)
    assert ran.lines_with("Missing") == [f"Missing: Road 13:31-13:32, {reason}"]
    assert ran.names == {ROAD_CLIP.format(0), MOST_OF_IT}
    assert ran.journal["finished"] is True


@of_each_provider
def test_lost_minutes_of_several_cameras_are_each_named(
    bench: Bench,
) -> None:
    bad = (
        OnClip("failed", camera=ROAD, at=0),
        OnClip("failed", camera=DRIVER, at=1, until=3),
    )
    with bench.cloud(*bad) as sim:
        ran = bench.run(sim, minutes=3, cameras="road,driver")
        assert len(bench.posts(sim)) == bench.requests(minutes=3, cameras=2) + 3
    assert ran.status == 3
    assert ran.lines_with("Missing") == [
        "Missing: Road 13:30-13:31, the upload failed",
        "Missing: Driver 13:31-13:33, the upload failed",
    ]
    assert SIDE.format(3) in ran.names
    assert any(row.startswith("SideBySide") and "3:00" in row for row in ran.lines)
    assert any(row.startswith("Road_Merged") and "2:00" in row for row in ran.lines)


@pytest.mark.many_cases
@of_each_provider
@pytest.mark.parametrize("how", ["invalid", "refuse"])
def test_an_absent_default_camera_is_one_line_and_no_loss(bench: Bench, how: str) -> None:
    with bench.cloud(missing_camera=how) as sim:
        ran = bench.run(sim, vehicle="truck 43", minutes=2)
    assert ran.status == 0
    assert "Missing" not in ran.out
    third = bench.labels[2]
    (line,) = ran.lines_with(f"{third}:")
    assert line.startswith(f"{third}: no footage of any minute; not installed, or switched off")
    assert ran.names == promised(2, ("Road", "Driver"), "Truck 43")


@of_each_provider
def test_a_named_camera_surely_absent_is_one_line_and_no_loss(
    bench: Bench,
) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, vehicle="truck 43", minutes=2, cameras="road,analog1")
    assert ran.status == 0
    assert "Missing" not in ran.out
    (line,) = ran.lines_with(f"{bench.labels[2]}:")
    assert "not installed, or switched off (privacy)" in line
    assert ran.names == promised(2, ("Road",), "Truck 43")


def test_a_named_camera_refused_as_unknown_is_one_line(
    bench: Bench,
) -> None:
    with bench.cloud(missing_camera="refuse") as sim:
        ran = bench.run(sim, vehicle="truck 43", cameras="road,analog1,analog4")
    assert ran.status == 0, ran.out
    assert "Missing" not in ran.out
    assert len(ran.lines_with("not installed, or switched off")) == 2
    assert ran.names == promised(1, ("Road",), "Truck 43")


@of_motive
def test_a_request_for_two_cameras_refused_leaves_both_missing(bench: Bench) -> None:
    with bench.cloud(missing_camera="refuse") as sim:
        ran = bench.run(sim, vehicle="truck 43", cameras="road,analog1")
    assert [line.split(" (")[0] for line in ran.lines_with("Missing")] == [
        f"Missing: {label} 13:30-13:31, Motive refused the request" for label in ("Road", "Left")
    ]
    assert ran.status == 1
    assert "not installed" not in ran.out


@of_each_provider
def test_with_one_camera_left_it_says_why_no_side_by_side(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, vehicle="van 7 / north")
    assert ran.status == 0
    assert "No side-by-side: only one camera (Road) has footage." in ran.lines
    assert ran.names == promised(1, ("Road",), "Van 7 _ North-281474976710007")


@of_each_provider
def test_where_nothing_could_be_had_it_ends_with_1(bench: Bench) -> None:
    with bench.cloud(OnClip("unavailable")) as sim:
        ran = bench.run(sim, cameras="road,driver,analog1")
        requests = bench.requests(minutes=1, cameras=3)
        # Where a failure is tried once more, it is in one request for all of them again.
        assert len(bench.posts(sim)) == requests * (2 if bench.side.repeats else 1)
    assert ran.status == 1
    assert "No footage could be had." in ran.lines
    assert [line.split(",")[0] for line in ran.lines_with("Missing")] == [
        f"Missing: {label} 13:30-13:31" for label in bench.labels
    ]
    assert ran.names == set()


@of_each_provider
@pytest.mark.parametrize(("short", "status"), [(1.8, 0), (2.4, 3)])
def test_more_than_two_missing_seconds_make_it_incomplete(
    bench: Bench, short: float, status: int
) -> None:
    with bench.cloud(OnClip("short", short, at=0)) as sim:
        ran = bench.run(sim, cameras="road")
    assert ran.status == status
    (line,) = ran.lines_with("Missing")
    assert line == "Missing: Road 13:30:58-13:31:00, the clip that came does not cover it"


@of_each_provider
def test_a_file_that_is_cut_off_in_the_cloud_is_used(bench: Bench) -> None:
    with bench.cloud(OnClip("cut", at=0, times=0)) as sim:
        ran = bench.run(sim, minutes=2, cameras="road")
        assert len(sim.downloads()) == 3  # a second time, for a transfer may break off as well
    assert ran.status == 3
    clip = ROAD_CLIP.format(0)
    assert ran.names == {clip, ROAD_CLIP.format(1), MOST_OF_IT}
    assert ran.lines_with("does not decode cleanly") == [
        f"{clip} does not decode cleanly: it is damaged, as it came from {bench.side.name}"
    ]
    (line,) = ran.lines_with(f"s of the 60.0 s that {bench.side.name} reports")
    assert line.startswith("Road 13:30-13:31 plays ")
    (line,) = ran.lines_with("Missing")
    assert line.endswith("-13:31:00, the clip that came does not cover it")


@of_each_provider
def test_after_the_longest_wait_it_stops_and_keeps_what_came(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 500.0, camera=DRIVER)) as sim:
        ran = bench.run(sim, "--max-wait=0.04", cameras="road,driver")
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=2)
    assert ran.status == 4
    assert "The longest wait is over; what has not come yet can still come" in ran.out
    assert ran.lines_with("Missing") == [
        "Missing: Driver 13:30-13:31, it has not been uploaded yet"
    ]
    assert ran.names == promised(1, ("Road",))
    assert ran.journal["finished"] is False


@of_each_provider
def test_a_used_up_quota_stops_the_asking_and_not_the_rest(bench: Bench) -> None:
    with bench.cloud(**bench.quota(minutes=1), delay=0.0) as sim:
        # Samsara counts a minute once it is uploaded: then, and no sooner, the quota is used up.
        bench.run(sim, "--yes", minutes=1, cameras="road")
        ran = bench.run(sim, "--yes", minutes=4, cameras="road")
        refused = [call for call in bench.posts(sim) if not call.accepted]
        assert [call.status for call in refused] == [429], "it asked on"
    assert ran.status == 4
    assert bench.side.used_up in ran.out
    (line,) = ran.lines_with("it has not been asked for yet")
    assert line.startswith("Missing: Road 13:31-13:34, ")
    assert ROAD_CLIP.format(0) in ran.names
    assert "--resume" in ran.out
    assert ran.journal["finished"] is False


@of_each_provider
def test_a_key_revoked_in_the_middle_ends_with_a_sentence(bench: Bench) -> None:
    with bench.cloud(revoke_after=bench.side.overture + 1, delay=5.0) as sim:
        ran = bench.run(sim, minutes=2, cameras="road")
    assert ran.status == 2
    (line,) = ran.lines_with(f"{bench.side.name} refused the API key (401: ")
    assert bench.side.key_help in line
    assert "--resume" in line
    assert [item["state"] for item in ran.journal["retrievals"]].count("accepted") >= 1
