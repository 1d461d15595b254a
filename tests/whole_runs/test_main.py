"""`python main.py` by pipe and in this process: questions, options, exit status, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timezone

import pytest
from support.runs import (
    DRIVER,
    NOTHING_ANSWERED,
    PROJECT,
    START,
    START_TEXT,
    WRONG_KEY,
    Bench,
    answers,
    of_each_provider,
    of_motive,
    plays,
    promised,
)

import helpers
from footage.job.runner import Pipeline
from footage.system import timezones
from simulator import OnClip, Truck

PERMISSIONS = {
    "samsara": ("Read Vehicles", "Write Media Retrieval", "Read Media Retrieval"),
    "motive": ("Admin > Developers > API Access", "scopes", "groups"),
}
HEAVY = ("requests", "rich", "moviepy", "numpy", "PIL", "tenacity", "flask", "simulator")


def questions(bench: Bench) -> tuple[str, ...]:
    """The four of them, as they are asked."""
    return (
        f"{bench.side.name} API key: ",
        helpers.VEHICLE_QUESTION,
        helpers.START_QUESTION,
        helpers.MINUTES_QUESTION,
    )


def in_order(text: str, parts: tuple[str, ...]) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)


# --- by pipe, as a process without any terminal ---------------------------------------------------


@of_each_provider
def test_four_answers_by_pipe_make_every_promised_file(bench: Bench) -> None:
    with bench.cloud() as sim:
        given = answers(sim.token, "  TRUCK   42 ", START_TEXT, "2")
        ran = bench.pipe(sim, answers=given, key="", telemetry=True, **NOTHING_ANSWERED)
        assert len(bench.posts(sim)) == bench.requests(minutes=2, cameras=3)
    assert ran.status == 0, ran.out
    assert in_order(ran.out, questions(bench))
    assert ran.names == promised(2, bench.labels, track=bench.side.track)
    assert plays(ran.videos / "SideBySide_Merged_Truck 42_2025-04-16_13-30-00_2min.mp4")
    asked = ", ".join(bench.side.usual)
    assert f"Truck 42   04/16/2025 13:30-13:32 CDT   {asked}   high-res" in ran.out
    assert bench.cost(minutes=2, cameras=3) in ran.out
    assert "\x1b" not in ran.out  # plain lines: no terminal is there to understand more
    assert {path.suffix for path in ran.logs.iterdir()} == {".json", ".log"}


@of_each_provider
def test_input_that_ends_early_is_one_sentence(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.pipe(sim, answers=answers(sim.token), key="", **NOTHING_ANSWERED)
        assert sim.posts() == []
    assert ran.status == 2
    assert ran.lines[-1] == "The input ended before 'Vehicle name' was answered."


@of_each_provider
def test_the_key_can_stand_in_an_env_file(bench: Bench) -> None:
    with bench.cloud() as sim:
        name = bench.side.key_variable
        (bench.folder / ".env").write_text(f"{name}={sim.token}\n", "utf-8")
        told = {bench.side.url_variable: sim.urls[bench.side.key]}
        done = subprocess.run(
            [sys.executable, str(PROJECT / "main.py"), *bench.options(vehicle="truck 4")],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**{n: v for n, v in os.environ.items() if n != name}, **told},
            cwd=bench.folder,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert b"No vehicle is called 'truck 4'; the closest names are 'Truck 42'" in done.stderr
    assert done.stdout == b""


def test_the_demo_shows_it_all_without_an_account(bench: Bench) -> None:
    done = subprocess.run(
        [
            sys.executable,
            str(PROJECT / "main.py"),
            "--demo",
            f"--output={bench.videos}",
            f"--logs={bench.logs}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "SAMSARA_API_KEY": WRONG_KEY, "PYTHONIOENCODING": "utf-8"},
        cwd=bench.folder,
        timeout=300,
        check=False,
    )
    message = done.stdout.decode("utf-8")
    assert (done.returncode, done.stderr) == (0, b""), message
    names = sorted(path.name.split("_2")[0] for path in bench.videos.iterdir())
    assert names == [
        "Analog_Merged_Truck 42",
        *["Analog_VideoClip_Truck 42"] * 3,
        "Driver_Merged_Truck 42",
        *["Driver_VideoClip_Truck 42"] * 3,
        "Road_Merged_Truck 42",
        *["Road_VideoClip_Truck 42"] * 3,
        "SideBySide_Merged_Truck 42",
        "Track_Truck 42",
    ]
    assert f"The files are in {bench.videos}" in message
    assert "begins 4.0 s earlier than asked" in message
    assert "Missing" not in message
    log = next((bench.logs / "Demo").glob("*.log")).read_text("utf-8")
    assert "-> 429" in log and "-> 503" in log


@of_motive
def test_the_demo_shows_the_other_provider_too(bench: Bench) -> None:
    done = subprocess.run(
        [
            sys.executable,
            str(PROJECT / "main.py"),
            "--demo",
            "--provider=motive",
            "--cameras=driver,left",  # the smaller pictures
            f"--output={bench.videos}",
            f"--logs={bench.logs}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "MOTIVE_API_KEY": WRONG_KEY, "PYTHONIOENCODING": "utf-8"},
        cwd=bench.folder,
        timeout=300,
        check=False,
    )
    message = done.stdout.decode("utf-8")
    assert (done.returncode, done.stderr) == (0, b""), message
    assert sorted(path.name.split("_2")[0] for path in bench.videos.iterdir()) == [
        "Driver_Merged_Truck 42",
        "Driver_VideoClip_Truck 42",  # three minutes in one
        "Left_Merged_Truck 42",
        "Left_VideoClip_Truck 42",
        "SideBySide_Merged_Truck 42",
    ]
    assert "1 request, 3 min" in message
    assert "Motive usually takes 10 to 12 minutes." in message
    assert "Samsara" not in message and "Missing" not in message


def test_the_first_question_comes_before_anything_heavy_is_loaded(bench: Bench) -> None:
    script = f"""
import json, sys
import main
from footage.ui.terminal import Terminal
def read(self, question, hidden=False):
    loaded = [name for name in {HEAVY!r} if name in sys.modules]
    print(json.dumps([question, hidden, loaded]))
    raise SystemExit
Terminal.read = read
main.main([])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "SAMSARA_API_KEY": "", "PYTHONPATH": str(PROJECT)},
        cwd=bench.folder,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == ["Samsara API key: ", True, []]


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
            WRONG_KEY, sim.token, "truck 4", "Truck 42", "16/04/2025 13:30", START_TEXT, "five", "1"
        )
        ran = bench.run(sim, answers=given, key="", cameras="driver", **NOTHING_ANSWERED)
        assert len(sim.posts()) == 1 and bench.asked(sim) == [START]
    assert ran.status == 0
    assert [ran.out.count(question) for question in questions(bench)] == [2, 2, 2, 2]
    assert f"{bench.side.name} refused the API key (401: {bench.side.unknown})" in ran.out
    assert "No vehicle is called 'truck 4'; the closest names are 'Truck 42'" in ran.out
    assert "There is no month 16; the month comes first" in ran.out
    assert "Please give the duration as a whole number of minutes from 1 to 1440" in ran.out


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
        ({"minutes": 1441}, "whole number of minutes from 1 to 1440"),
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
def test_a_camera_that_no_vehicle_has_is_one_sentence_with_those_there_are(
    bench: Bench, words: str
) -> None:
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
def test_unattended_two_vehicles_of_one_name_are_an_error_that_names_their_ids(
    bench: Bench,
) -> None:
    with bench.cloud(vehicles=TWINS) as sim:
        ran = bench.run(sim, vehicle="truck 8", answers=answers("1"))
        assert sim.posts() == []
    assert ran.status == 2
    assert all(f"id:{twin.id}" in ran.out for twin in TWINS)


# --- cost -----------------------------------------------------------------------------------------


@of_each_provider
def test_more_than_an_hour_by_pipe_needs_yes(bench: Bench) -> None:
    with bench.cloud() as sim:
        given = answers(sim.token, "truck 42", START_TEXT, "61", "y", "yes")
        ran = bench.run(sim, answers=given, key="", **NOTHING_ANSWERED)
        assert sim.posts() == []
    assert ran.status == 2
    assert bench.cost(minutes=61, cameras=3) in ran.out
    assert "add --yes" in ran.lines[-1]


@of_each_provider
def test_yes_agrees_beforehand(bench: Bench) -> None:
    with bench.cloud(**bench.quota(minutes=0)) as sim:
        ran = bench.run(sim, "--yes", minutes=61)
        assert [call.status for call in bench.posts(sim)] == [429]
    assert ran.status == 3
    assert bench.side.used_up in ran.out


# --- faults of our own ----------------------------------------------------------------------------


@of_each_provider
def test_a_fault_of_the_program_is_a_sentence_and_its_traceback_is_in_the_log(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_pipeline: Pipeline) -> list[str]:
        raise ZeroDivisionError("a fault made for this test")

    monkeypatch.setattr(Pipeline, "run", broken)
    with bench.cloud() as sim:
        ran = bench.run(sim)
    assert ran.status == 1
    assert "The program has met a fault of its own" in ran.out
    assert "a fault made for this test" not in ran.out
    assert "Traceback" in ran.log and "a fault made for this test" in ran.log


@of_each_provider
def test_a_forced_crash_shows_no_secret(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def broken(pipeline: Pipeline) -> list[str]:
        seen.append(os.environ[f"{bench.side.key.upper()}_API_KEY"])
        url = "https://media.example/a.mp4?X-Sim-Signature=0123456789abcdef"
        raise RuntimeError(f"it broke with {seen[0]} at {url} and {pipeline!r}")

    monkeypatch.setattr(Pipeline, "run", broken)
    with bench.cloud() as sim:
        ran = bench.run(sim)  # looks for the key and for signatures in all it wrote
        assert seen == [sim.token]
    assert "it broke with" in ran.log
    assert "0123456789abcdef" not in ran.log


@of_each_provider
def test_a_folder_that_cannot_be_written_is_one_sentence(bench: Bench) -> None:
    (bench.folder / "Logs").write_text("a file where a folder should be", "utf-8")
    with bench.cloud(OnClip("unavailable")) as sim:
        ran = bench.run(sim)
        assert sim.posts() == []
    assert ran.status in (1, 2)
    assert len(ran.lines) == 1 and "Logs" in ran.out


def test_without_its_packages_it_says_how_to_install_them() -> None:
    done = subprocess.run(
        [sys.executable, "-S", str(PROJECT / "main.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install -r requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr
