"""What is typed for a vehicle and for cameras."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest
from support.terminals import piped, refusal, shown, typed

import helpers
from footage.cloud.provider import Provider
from footage.errors import UsageError
from footage.model import Camera, Vehicle
from footage.ui.matching import match_vehicle, parse_cameras
from footage.ui.terminal import NoAnswerError

# --- vehicles ---------------------------------------------------------------------------------

FLEET = [
    Vehicle("281", "Truck 42", "1FUJGLDR0CSBH1234", "ABC 123"),
    Vehicle("282", "Truck 43", "1FUJGLDR0CSBH1235", ""),
    Vehicle("283", "Van", "VIN-A", "P1"),
    Vehicle("284", "VAN ", "VIN-B", "P2"),
]


@pytest.mark.parametrize(
    "text",
    ["Truck 42", " truck   42 ", "TRUCK 42", "281", "id:281", "1fujgldr0csbh1234", "abc 123"],
)
def test_a_vehicle_is_found_by_name_id_vin_or_plate(text: str) -> None:
    vehicle = match_vehicle(text, FLEET)
    assert (vehicle.id, vehicle.file_name) == ("281", "Truck 42")


def test_one_close_name_is_told_as_one() -> None:
    with pytest.raises(UsageError, match="the closest name is 'Truck 42'"):
        match_vehicle("Truck 4x", [Vehicle("1", "Truck 42")])


def test_an_unknown_vehicle_is_answered_with_the_closest_names() -> None:
    message = refusal(match_vehicle, "Truk 42", FLEET)
    assert "'Truck 42', 'Truck 43'" in message
    many = [Vehicle(str(n), f"Truck {n}") for n in range(30)]
    assert refusal(match_vehicle, "Truck", many).count("'Truck") == 6
    assert "among the 4" in refusal(match_vehicle, "qqqq", FLEET)
    assert "\x1b" not in refusal(match_vehicle, "Vann\x1b[2J", [Vehicle("1", "Van\x1b")])


def test_a_person_is_asked_whether_the_one_close_name_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for text in ("truk 42", "Truck42", "truck 42\u200e."):
        terminal = typed(monkeypatch, "")
        assert match_vehicle(text, FLEET, terminal).id == "281"
        assert shown(terminal) == "Did you mean Truck 42? [Y/n] "
    assert "closest names" in refusal(match_vehicle, "truk 42", FLEET, typed(monkeypatch, "n"))


def test_of_several_close_names_one_is_picked(monkeypatch: pytest.MonkeyPatch) -> None:
    # Another number is another truck, and of two that are as close none is guessed at.
    terminal = typed(monkeypatch, "y", "2")
    assert match_vehicle("Truck 44", FLEET, terminal).id == "282"
    assert "No vehicle is called 'Truck 44'." in shown(terminal)
    assert "Did you mean 1 Truck 42, 2 Truck 43? (number, or another name): " in shown(terminal)
    assert "'y' is neither a number from 1 to 2 nor the name" in shown(terminal)
    for answer in ("Truck 42", "id:281", "abc 123"):
        assert match_vehicle("Truck 44", FLEET, typed(monkeypatch, answer)).id == "281"


def test_a_close_name_may_be_that_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = [*FLEET, Vehicle("285", "Vans")]
    terminal = typed(monkeypatch, "1", "2")
    assert match_vehicle("v", fleet, terminal).id == "284"
    assert "Did you mean 1 VAN, 2 Vans?" in shown(terminal)
    assert "2 vehicles fit" in shown(terminal)


def test_a_vehicle_that_is_called_1_is_within_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = [*FLEET[:2], Vehicle("285", "1"), Vehicle("286", "Other", plate="2")]
    assert match_vehicle("1", fleet).id == "285", "the question itself has no numbers"
    terminal = typed(monkeypatch, "1")
    assert match_vehicle("Truck 44", fleet, terminal).name == "Truck 42"
    assert "for the vehicle called 1 type name:1 or its id:" in shown(terminal)
    for answer in ("name:1", "id:285"):
        assert match_vehicle("Truck 44", fleet, typed(monkeypatch, answer)).id == "285"
    assert match_vehicle("name:1", fleet).id == "285"


def test_of_two_with_the_one_close_name_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = typed(monkeypatch, "y", "2")
    assert match_vehicle("vann", FLEET, terminal).id == "284"


def test_by_pipe_a_close_name_asks_nothing() -> None:
    terminal = piped("y")
    refusal(match_vehicle, "truk 42", FLEET, terminal)
    assert terminal.read("") == "y"


def test_marks_that_show_nothing_do_not_matter() -> None:
    assert match_vehicle("\u200eTruck\u00a042", FLEET).id == "281"


def test_an_empty_answer_or_list_has_its_own_sentence() -> None:
    assert "type the vehicle's name" in refusal(match_vehicle, " ", FLEET)
    assert "sees no vehicles" in refusal(match_vehicle, "Van", [])


@pytest.mark.parametrize("answer", ["2", "vin-b", "P2", "284", "id:284"])
def test_of_two_with_the_same_name_one_is_chosen(answer: str) -> None:
    terminal = piped(answer)
    vehicle = match_vehicle("van", FLEET, terminal)
    assert (vehicle.id, vehicle.file_name) == ("284", "VAN-284")
    assert "VIN VIN-A, plate P1, id 283" in shown(terminal)


def test_a_choice_that_fits_none_or_two_is_asked_again() -> None:
    twins = [Vehicle("2", "Van", "A"), Vehicle("3", "Van", "B")]
    terminal = piped("van", "2", "id:2")
    assert match_vehicle("Van", twins, terminal).id == "2"
    assert "fits none" in shown(terminal)
    assert "fits more than one" in shown(terminal)


def test_an_unfinished_choice_ends_the_vehicle_question_too() -> None:
    terminal = piped("van", "x", "y", "z", "Truck 42")
    with pytest.raises(NoAnswerError, match="three times"):
        terminal.ask(helpers.VEHICLE_QUESTION, lambda t: match_vehicle(t, FLEET, terminal))
    assert terminal.read("") == "Truck 42"


def test_unattended_the_ids_to_use_are_told() -> None:
    message = refusal(match_vehicle, "van", FLEET)
    assert "id:283" in message
    assert "id:284" in message


def test_a_name_that_is_another_vehicles_id_is_not_guessed() -> None:
    fleet = [Vehicle("1", "281"), Vehicle("281", "Truck")]
    assert "id:281" in refusal(match_vehicle, "281", fleet)
    assert match_vehicle("id:281", fleet).name == "Truck"


def test_a_vehicle_listed_on_two_pages_is_one_vehicle() -> None:
    assert match_vehicle("Truck 42", [FLEET[0], *FLEET]).file_name == "Truck 42"


# --- cameras ----------------------------------------------------------------------------------

CAMERAS = [
    Camera("dashcamRoadFacing", "Road"),
    Camera("dashcamDriverFacing", "Driver"),
    Camera("analog1", "Analog"),
    Camera("analog2", "Analog2"),
]
WORDS = {"road": "dashcamRoadFacing", "driver": "dashcamDriverFacing", "analog1": "analog1"}
WORDS |= {"analog2": "analog2", "analog": "analog1"}
CARGO = Camera("cargo_bay", "Cargo bay")
PROVIDER = cast(
    Provider,
    SimpleNamespace(cameras=CAMERAS, camera_words=WORDS, other_camera={"cargo_bay": CARGO}.get),
)


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("road", [0]),
        ("driver, ROAD", [0, 1]),
        ("analog", [2]),
        ("analog1,analog,Analog 1", [2]),
        ("analog2", [3]),
        ("dashcamDriverFacing", [1]),
        ("road,all,", [0, 1, 2, 3]),
    ],
)
def test_cameras_are_named_in_our_words_or_the_providers(text: str, indices: Sequence[int]) -> None:
    cameras, named = parse_cameras(text, PROVIDER)
    assert cameras == [CAMERAS[i] for i in indices]
    assert named is ("all" not in text)


@pytest.mark.parametrize("text", ["rear", "road,rear", "", ","])
def test_unknown_cameras_are_answered_with_the_possible_ones(text: str) -> None:
    assert "road, driver, analog1, analog2, all" in refusal(parse_cameras, text, PROVIDER)


def test_a_camera_may_be_named_as_the_provider_names_it() -> None:
    assert parse_cameras("cargo_bay, road", PROVIDER) == ([CAMERAS[0], CARGO], True)


def test_all_are_the_cameras_that_the_vehicle_can_have() -> None:
    possible = CAMERAS[1:3]
    assert parse_cameras("all", PROVIDER, possible) == (list(possible), False)
    with pytest.raises(UsageError, match=f"There is no {CAMERAS[0].label} camera for this"):
        parse_cameras("road", PROVIDER, possible)
