"""Pictures of Motive from end to end: taken now, by the cameras there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from support.runs import (
    NOTHING_ANSWERED,
    ONE_MINUTE,
    START_TEXT,
    Bench,
    answers,
    bodies,
    of_motive,
)

import helpers
from simulator import OnClip

pytestmark = of_motive


def test_for_pictures_only_key_and_vehicle_are_asked(bench: Bench) -> None:
    with bench.cloud() as sim:
        given = answers(sim.token, "truck 42")
        ran = bench.run(sim, "--media=image", answers=given, key="", **NOTHING_ANSWERED)
        assert ran.status == 0, ran.out
        places = ["front_facing", "driver_facing", "side_left", "side_right", "rear"]
        assert bodies(sim) == [
            {"vehicle_number": "Truck 42", "position": place} for place in places
        ]
        assert {call.path for call in sim.posts()} == {"/v1/image_captures"}
        kinds = {call.path.split("/")[3] for call in sim.polls()}
        assert kinds == {"dashcam", "omnicam"}
    assert helpers.VEHICLE_QUESTION in ran.out
    assert helpers.START_QUESTION not in ran.out
    assert helpers.MINUTES_QUESTION not in ran.out
    assert "5 requests, 5 pictures" in ran.out
    assert sorted(name.split("_")[0] for name in ran.names) == [
        "ContactSheet",
        "Driver",
        "Left",
        "Road",
    ]
    with Image.open(next(ran.videos.glob("ContactSheet_*.jpg"))) as sheet:
        sheet.load()
    absent = [line.split(":")[0] for line in ran.lines_with("not installed, or")]
    assert absent == ["Right", "Rear"]


def test_a_picture_fails_and_is_taken_once_more(bench: Bench) -> None:
    with bench.cloud(OnClip("failed", every=2)) as sim:  # the second of three
        ran = bench.run(sim, "--media=image", cameras="road,driver", start=None, minutes=None)
        places = [body["position"] for body in bodies(sim)]
        assert places == ["front_facing", "driver_facing", "driver_facing"]
    assert ran.status == 0, ran.out
    assert len(list(ran.videos.glob("*_Image_*.jpg"))) == 2


def test_pictures_of_an_asset_are_of_its_positions_only(bench: Bench) -> None:
    with bench.cloud() as sim:
        nothing = NOTHING_ANSWERED
        ran = bench.run(sim, "--media=image", "--asset=TRAILER-8 / Reefer", **nothing)
        assert bodies(sim) == [
            {"asset_name": "TRAILER-8 / Reefer", "position": place}
            for place in ("side_left", "side_right", "rear")
        ]
    assert ran.status == 0, ran.out
    assert sorted(name.split("_")[0] for name in ran.names) == ["ContactSheet", "Rear"]


@pytest.mark.parametrize("cameras", [None, "road"])
def test_pictures_switched_off_are_a_sentence_that_says_where(
    bench: Bench, cameras: str | None
) -> None:
    with bench.cloud(motive=replace(ONE_MINUTE, images=False)) as sim:
        ran = bench.run(sim, "--media=image", start=None, minutes=None, cameras=cameras)
        assert sim.retrievals == []
    assert ran.status == 1
    assert "Admin > Safety > Cameras > Capture Trip Images" in ran.out
    assert "not installed" not in ran.out, "nobody knows that"


@pytest.mark.parametrize("given", [{"start": START_TEXT, "minutes": None}, {"start": None}])
def test_pictures_of_the_past_are_told_not_to_be_had(bench: Bench, given: dict[str, Any]) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, "--media=image", cameras="road", **given)
        assert sim.posts() == []
    assert ran.status == 2
    assert "Motive takes pictures only now: leave out the time" in ran.out
