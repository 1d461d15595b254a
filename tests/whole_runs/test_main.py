"""`python main.py` by pipe and in this process: the demo, cost, exit status, no traceback."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from support.pictures import plays
from support.questions import in_order, questions
from support.runs import (
    HANGS_AFTER,
    NOTHING_ANSWERED,
    PROJECT,
    START_SHOWN,
    START_TEXT,
    WRONG_KEY,
    ZONE,
    Bench,
    answers,
    environment,
    of_each_provider,
    of_motive,
    promised,
)

import helpers
from footage.job.runner import Pipeline
from simulator import OnClip

# Loaded only once they are needed: each takes 1 to 100 ms.
HEAVY = (
    *("requests", "rich", "moviepy", "numpy", "PIL", "tenacity", "flask", "simulator"),
    *("dateutil", "hashlib", "shutil", "tempfile", "argparse", "msgspec", "filelock"),
    *("dotenv", "tzlocal", "psutil", "jinja2", "urllib3", "asyncio", "subprocess", "zoneinfo"),
    *("fractions", "decimal", "json", "logging.handlers", "ssl", "difflib", "platform"),
    *("footage.model", "footage.cloud.provider", "footage.job.journal", "SamsaraAPI", "MotiveAPI"),
)


# --- by pipe, as a process without any terminal ---------------------------------------------------


@of_each_provider
def test_four_answers_by_pipe_make_every_promised_file(bench: Bench) -> None:
    with bench.cloud() as sim:
        given = answers(sim.token, "  TRUCK   42 ", START_TEXT, "2")
        ran = bench.pipe(sim, answers=given, key="", telemetry=True, **NOTHING_ANSWERED)
        assert len(bench.posts(sim)) == bench.requests(minutes=2, cameras=3)
    assert ran.status == 0, ran.out
    assert in_order(ran.out, questions(bench))
    assert ran.names == promised(2, bench.labels, track=True)
    assert plays(ran.videos / "SideBySide_Merged_Truck 42_2025-04-16_13-30-00_2min.mp4")
    asked = ", ".join(bench.side.usual)
    assert f"Truck 42   {START_SHOWN}   2 min   {asked}   high-res" in ran.out
    assert bench.cost(minutes=2, cameras=3) in ran.out
    assert "\x1b" not in ran.out  # plain lines: no terminal is there to understand more
    seen = [path for path in ran.logs.iterdir() if not path.name.startswith(".")]
    assert {path.suffix for path in seen} == {".json", ".log"}


@of_each_provider
def test_input_that_ends_early_is_one_sentence(bench: Bench) -> None:
    with bench.cloud() as sim:
        ran = bench.pipe(sim, answers=answers(sim.token), key="", **NOTHING_ANSWERED)
        assert sim.posts() == []
    assert ran.status == 2
    assert ran.lines[-1] == "The input ended before 'Vehicle name' was answered."


def test_without_any_stream_the_files_are_made(bench: Bench) -> None:
    # Windows' pythonw, which the Task Scheduler starts without a window, gives a program none.
    program = (
        "import sys; sys.stdin = sys.stdout = sys.stderr = None; import main; sys.exit(main.main())"
    )
    with bench.cloud() as sim:
        done = subprocess.run(
            [sys.executable, "-c", program, *bench.options()],
            env={**os.environ, **environment(sim, None), "PYTHONPATH": str(PROJECT)},
            cwd=bench.folder,
            capture_output=True,
            timeout=HANGS_AFTER,
            check=False,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert {path.name for path in bench.videos.iterdir()} >= promised(1, bench.labels)


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
            timeout=HANGS_AFTER,
            check=False,
        )
    assert done.returncode == 2
    assert b"No vehicle is called 'truck 4'; the closest names are 'Truck 42'" in done.stderr
    assert done.stdout == b""


def test_results_go_to_stdout_questions_to_stderr(bench: Bench) -> None:
    with bench.cloud() as sim:
        done = subprocess.run(
            [sys.executable, str(PROJECT / "main.py"), *bench.options(cameras="road", start=None)],
            input=f"{START_TEXT}\n".encode(),
            capture_output=True,
            env={**os.environ, **environment(sim, None)},
            cwd=bench.folder,
            timeout=HANGS_AFTER,
            check=False,
        )
    assert done.returncode == 0
    assert done.stderr.decode().splitlines() == [f"{helpers.START_QUESTION}, {ZONE}): "]
    assert b"Road_Merged_Truck 42" in done.stdout and b"Start date" not in done.stdout


def test_json_is_all_that_is_on_the_standard_output(bench: Bench) -> None:
    with bench.cloud() as sim:
        done = subprocess.run(
            [sys.executable, str(PROJECT / "main.py"), *bench.options(cameras="road"), "--json"],
            capture_output=True,
            env={**os.environ, **environment(sim, None)},
            cwd=bench.folder,
            timeout=HANGS_AFTER,
            check=False,
        )
    values = json.loads(done.stdout)
    (job,) = values["jobs"]
    assert (done.returncode, values["exit_status"], job["status"]) == (0, 0, "complete")
    assert {one["file"] for one in job["files"]} <= {path.name for path in bench.videos.iterdir()}
    assert b"Road_Merged_Truck 42" in done.stderr


def demonstration(bench: Bench, *options: str) -> str:
    """What `--demo` says, with keys in the environment that nobody is to use."""
    done = subprocess.run(
        [
            sys.executable,
            str(PROJECT / "main.py"),
            "--demo",
            *options,
            f"--output={bench.videos}",
            f"--logs={bench.logs}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={
            **os.environ,
            "SAMSARA_API_KEY": WRONG_KEY,
            "MOTIVE_API_KEY": WRONG_KEY,
            "PYTHONIOENCODING": "utf-8",
        },
        cwd=bench.folder,
        timeout=HANGS_AFTER,
        check=False,
    )
    message = done.stdout.decode("utf-8")
    assert (done.returncode, done.stderr) == (0, b""), message
    return message


def films_and_data(bench: Bench) -> list[str]:
    """The first words of the names of all files but those that are about the others."""
    about = ("Report_", "SHA256SUMS_", "index.html")
    names = [path.name for path in bench.videos.iterdir() if not path.name.startswith(about)]
    return sorted(name.split("_2")[0] for name in names)


@pytest.mark.long
@pytest.mark.parametrize("provider", ["samsara", "motive"])
def test_the_demo_shows_ten_safety_events(bench: Bench, provider: str) -> None:
    message = demonstration(bench, "--events", f"--provider={provider}", "--size=480x270")
    assert "10 safety events of" in message
    assert message.count("; report: ") == 2
    assert len(list(bench.videos.glob("Report_*.html"))) == 2


@pytest.mark.long
def test_the_demo_shows_it_all_without_an_account(bench: Bench) -> None:
    message = demonstration(bench, "--size=480x270")  # small, so that it is quickly rendered
    assert films_and_data(bench) == [
        "Analog_Merged_Truck 42",
        *["Analog_VideoClip_Truck 42"] * 3,
        "Driver_Merged_Truck 42",
        *["Driver_VideoClip_Truck 42"] * 3,
        "Readings_Truck 42",
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


@pytest.mark.long
@of_motive
def test_the_demo_shows_the_other_provider_too(bench: Bench) -> None:
    one_small_picture = "--cameras=left"
    message = demonstration(bench, "--provider=motive", one_small_picture)
    assert films_and_data(bench) == [
        "Left_Merged_Truck 42",
        "Left_VideoClip_Truck 42",  # three minutes in one
        "Readings_Truck 42",
        "Track_Truck 42",
    ]
    assert "1 request, 3 min" in message
    assert "Motive usually takes 10 to 12 minutes." in message
    assert "Samsara" not in message and "Missing" not in message


def test_nothing_heavy_is_loaded_before_the_first_question(bench: Bench) -> None:
    script = f"""
import sys
import main
from footage.ui.terminal import Terminal
def read(self, question, hidden=False):
    loaded = [name for name in {HEAVY!r} if name in sys.modules]
    print(repr((question, hidden, loaded)))
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
        timeout=HANGS_AFTER,
        check=True,
    )
    assert ast.literal_eval(done.stdout.decode()) == ("Samsara API key: ", True, [])


def test_help_loads_nothing_heavy_but_argparse() -> None:
    script = f"""
import sys
import main
try:
    main.main(["--help"])
finally:
    print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        cwd=PROJECT,
        text=True,
        timeout=HANGS_AFTER,
        check=True,
    )
    assert "--minutes N" in done.stdout
    assert done.stderr == "argparse\n"


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
    assert ran.status == 4
    assert bench.side.used_up in ran.out


# --- faults of our own ----------------------------------------------------------------------------


@of_each_provider
def test_a_fault_of_the_program_is_a_sentence(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_pipeline: Pipeline, _report: object) -> list[str]:
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

    def broken(pipeline: Pipeline, _report: object) -> list[str]:
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


@pytest.mark.parametrize("has_own_python", [False, True])
def test_without_its_packages_it_says_how_to_install_them(
    tmp_path: Path, has_own_python: bool
) -> None:
    shutil.copytree(PROJECT / "footage", tmp_path / "footage")
    for name in ("main.py", "requirements.txt"):
        shutil.copy(PROJECT / name, tmp_path)
    python = Path(sys.executable)
    if has_own_python:
        venv.create(tmp_path / ".venv", with_pip=False)
        names = ("bin/python", "Scripts/python.exe")
        python = next(path for name in names if (path := tmp_path / ".venv" / name).exists())
    done = subprocess.run(
        [str(python), "-S", str(tmp_path / "main.py")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install -r requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr
