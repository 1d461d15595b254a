"""Whole runs in this process: each question, with answers of every kind, and the options."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from support.questions import in_order, questions
from support.runs import (
    DRIVER,
    NOTHING_ANSWERED,
    START,
    START_TEXT,
    WRONG_KEY,
    Bench,
    answers,
    of_each_provider,
)

from footage.system import timezones
from simulator import Truck

PERMISSIONS = {
    "samsara": ("Read Vehicles", "Write Media Retrieval", "Read Media Retrieval"),
    "motive": ("Admin > Developers > API Access", "scopes", "groups"),
}


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", range(4))
@of_each_provider
def test_input_may_end_at_any_question(bench: Bench, given: int) -> None:
    with bench.cloud() as sim:
        lines = (sim.token, "truck 42", START_TEXT)[:given]
        ran = bench.run(sim, answers=answers(*lines), key="", **NOTHING_ANSWERED)
        assert sim.posts() == []
    assert ran.status == 2
    assert ran.lines[-1].startswith("The input ended before '")
    assert ran.lines[-1].count(".") == 1
    asked, not_asked = questions(bench)[: given + 1], questions(bench)[given + 1 :]
    assert in_order(ran.out, asked)
    assert not [question for question in not_asked if question in ran.out]


@of_each_provider
@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        (0, ("", "two words", WRONG_KEY)),
        (1, ("", "truck 99", "zeppelin")),
        (2, ("yesterday", "02/30/2025 10:00", "03/10/2024 02:30")),
        (3, ("0", "2.5", "1441")),
    ],
)
def test_three_wrong_answers_end_it(bench: Bench, question: int, wrong: tuple[str, ...]) -> None:
    with bench.cloud() as sim:
        right = (sim.token, "truck 42", START_TEXT)[:question]
        given = answers(*right, *wrong, "never read")
        ran = bench.run(sim, answers=given, key="", **NOTHING_ANSWERED)
        assert sim.posts() == []
    assert ran.status == 2
    assert ran.out.count(questions(bench)[question]) == 3
    assert "answered three times in a way that cannot be used" in ran.lines[-1]
    assert "nothing was requested" in ran.lines[-1]


@of_each_provider
def test_wrong_answers_are_explained_and_asked_again(bench: Bench) -> None:
    with bench.cloud() as sim:
        given = answers(
            WRONG_KEY, sim.token, "truck 4", "Truck 42", "04.05.2025 13:30", START_TEXT, "five", "1"
        )
        ran = bench.run(sim, answers=given, key="", cameras="driver", **NOTHING_ANSWERED)
        assert len(sim.posts()) == 1 and bench.asked(sim) == [START]
    assert ran.status == 0
    assert [ran.out.count(question) for question in questions(bench)] == [2, 2, 2, 2]
    assert f"{bench.side.name} refused the API key (401: {bench.side.unknown})" in ran.out
    assert "No vehicle is called 'truck 4'; the closest names are 'Truck 42'" in ran.out
    assert "4.5.2025 can be read in two ways" in ran.out
    assert "Please give the duration in minutes from 1 to 1440" in ran.out


@of_each_provider
@pytest.mark.parametrize("forbidden", [False, True], ids=["wrong key", "key without permission"])
def test_a_refused_key_names_the_permissions_it_needs(bench: Bench, forbidden: bool) -> None:
    with bench.cloud(forbidden=forbidden) as sim:
        ran = bench.run(sim, key=None if forbidden else WRONG_KEY)
        assert sim.posts() == []
    assert ran.status == 2
    (line,) = ran.lines
    name, code = bench.side.name, 403 if forbidden else 401
    assert line.startswith(f"{name} refused the API key ({code}: ")
    assert all(permission in line for permission in PERMISSIONS[bench.side.key])


@of_each_provider
@pytest.mark.parametrize(
    ("answered", "sentence"),
    [
        ({"start": "11/05/2099 10:00"}, "in the future"),
        ({"start": "03/09/2025 02:30"}, "never was: the clocks were put forward over it"),
        ({"start": "11/03/2024 01:30"}, "was there twice"),
        ({"vehicle": "truck"}, "No vehicle is called 'truck'; the closest names are"),
        ({"minutes": 0}, "--minutes 0 is one moment, for --media image"),
        ({"minutes": 1441}, "duration in minutes from 1 to 1440"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_sentence(
    bench: Bench, answered: dict[str, str], sentence: str
) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, **answered)
        assert sim.posts() == []
    assert ran.status == 2
    assert sentence in ran.out
    assert len(ran.lines) == 1
    assert ran.names == set() if ran.videos.exists() else True


@pytest.mark.parametrize(
    ("bench", "words"),
    [
        ("samsara", "road, driver, analog1, analog2, analog3, analog4, all"),
        ("motive", "front, driver, narrow, left, right, rear, all"),
    ],
    indirect=["bench"],
)
def test_an_unknown_camera_is_answered_with_those_there_are(bench: Bench, words: str) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, cameras="roof")
        assert sim.posts() == []
    assert ran.status == 2
    assert ran.lines == [f"There is no camera 'roof'; choose from {words}."]
    assert not ran.videos.exists()


@pytest.mark.parametrize("option", ["--no-such-thing", "--poll-seconds=0", "--max-wait=long"])
def test_an_option_that_does_not_exist_is_one_sentence(bench: Bench, option: str) -> None:
    with bench.cloud() as sim:
        ran = bench.run(sim, option)
        assert sim.calls == []
    assert ran.status == 2
    assert len(ran.lines) == 1 and option.split("=")[0] in ran.out


@of_each_provider
def test_an_end_in_the_future_is_refused(bench: Bench) -> None:
    now = datetime.now(timezone.utc)
    with bench.cloud() as sim:
        start = f"{now.astimezone(timezones.zone('America/Chicago')):%m/%d/%Y %H:%M}"
        ran = bench.run(sim, start=start, minutes=30)
        assert sim.posts() == []
    assert ran.status == 2
    assert "in the future" in ran.out or "not in the past yet" in ran.out


@of_each_provider
def test_in_the_repeated_hour_it_asks_which_by_pipe_too(bench: Bench) -> None:
    with bench.cloud(start=None) as sim:
        given = answers("11/03/2024 01:30", "2", "1")
        ran = bench.run(sim, answers=given, cameras="road", start=None, minutes=None)
        assert [f"{asked.start:%H:%M}" for asked in sim.retrievals] == ["07:30"]
    assert ran.status == 0
    assert "01:30 on 11/03/2024 was there twice" in ran.out


# --- vehicles -------------------------------------------------------------------------------------


def test_the_list_of_vehicles_has_many_pages_and_some_are_empty(bench: Bench) -> None:
    trucks = tuple(Truck(f"2814749767{n:05}", f"Truck {n}", (DRIVER,)) for n in range(1, 12))
    with bench.cloud(vehicles=trucks, page_size=3, empty_pages=(0, 2, 3)) as sim:
        ran = bench.run(sim, vehicle="truck 11")
        assert [asked.vehicle.name for asked in sim.retrievals] == ["Truck 11"] * 3
        pages = [call for call in sim.calls if call.endpoint == "vehicles"]
        assert len(pages) == 4 + 3
    assert ran.status == 0


TWINS = (
    Truck("281474976710801", "Truck 8", (DRIVER,), vin="1FUJGLDR9CLBP0001", plate="AAA1"),
    Truck("281474976710802", "Truck 8", (DRIVER,), vin="1FUJGLDR9CLBP0002", plate="BBB2"),
)


def test_of_two_vehicles_of_one_name_the_person_chooses(bench: Bench) -> None:
    with bench.cloud(vehicles=TWINS) as sim:
        given = answers("truck 8", "3", "bbb2")
        ran = bench.run(sim, answers=given, vehicle=None, cameras="driver")
        assert [asked.vehicle.id for asked in sim.retrievals] == [TWINS[1].id]
    assert ran.status == 0
    assert "2 vehicles fit 'truck 8':" in ran.out
    assert "Truck 8, VIN 1FUJGLDR9CLBP0002, plate BBB2, id 281474976710802" in ran.out


@of_each_provider
def test_unattended_two_vehicles_of_one_name_are_an_error(
    bench: Bench,
) -> None:
    with bench.cloud(vehicles=TWINS) as sim:
        ran = bench.run(sim, vehicle="truck 8", answers=answers("1"))
        assert sim.posts() == []
    assert ran.status == 2
    assert all(f"id:{twin.id}" in ran.out for twin in TWINS)
