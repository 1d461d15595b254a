"""At a terminal: the hidden key, the questions, the bars, and Ctrl+C at any time."""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

if sys.platform == "win32":
    pytest.skip("pexpect has no pseudo-terminals on Windows", allow_module_level=True)

import imageio_ffmpeg
import pexpect
from support.pictures import plays
from support.runs import (
    DRIVER,
    NOTHING_ANSWERED,
    PROJECT,
    ROAD,
    START,
    START_SHOWN,
    WRONG_KEY,
    ZONE,
    Bench,
    assert_nothing_secret,
    environment,
    files_in,
    of_each_provider,
    promised,
)

import helpers
from footage.job.journal import read
from simulator import TRUCKS, Event, OnClip, Simulator

GO_ON = "Go on? [Y/n]: "
PROMPTLY = 20.0  # seconds; what Ctrl+C interrupts would go on for a minute or more


class Person:
    """Somebody at a terminal who has started the program."""

    def __init__(
        self, bench: Bench, sim: Simulator, key: str, more: Sequence[str] = (), **answered: Any
    ) -> None:
        options = [*bench.options(poll=0.2, **answered), *more]
        self.child = pexpect.spawn(
            sys.executable,
            [str(PROJECT / "main.py"), *options],
            cwd=str(bench.folder),
            env={**os.environ, **environment(sim, key), "TERM": "xterm", "COLUMNS": "120"},
            dimensions=(40, 120),
            encoding="utf-8",
            timeout=60,
        )
        self.shown = ""

    def sees(self, text: str) -> None:
        """Wait until `text` (a pattern) stands on the screen."""
        self.child.expect(text)
        self.shown += f"{self.child.before}{self.child.after}"

    def answers(self, question: str, text: str) -> None:
        """Wait for the question, then type the answer and Enter."""
        self.sees(re.escape(question))
        self.child.sendline(text)

    def presses_ctrl_c(self) -> float:
        """Press it, and return how many seconds the program takes to end."""
        pressed = time.monotonic()
        self.child.sendintr()
        self.waits()
        return time.monotonic() - pressed

    def waits(self) -> int:
        """Until the program has ended; its exit status, as a shell tells it."""
        self.child.expect(pexpect.EOF)
        self.shown += str(self.child.before)
        self.child.close()
        if self.child.exitstatus is None:  # Ctrl+C came when all was done but the exit itself
            return 128 + int(self.child.signalstatus or 0)
        return int(self.child.exitstatus)


@pytest.fixture
def person(bench: Bench) -> Iterator[Callable[..., Person]]:
    """Starts the program at a terminal; ends it after the test, whatever happened."""
    started: list[Person] = []

    def sit_down(sim: Simulator, key: str | None = None, **answered: Any) -> Person:
        started.append(Person(bench, sim, sim.token if key is None else key, **answered))
        return started[-1]

    yield sit_down
    for one in started:
        one.child.close(force=True)


def assert_no_half_file(bench: Bench) -> None:
    """What has a final name is whole; the rest is recognizable as unfinished."""
    for path in files_in(bench.videos):
        if path.suffix == ".mp4" and path.parent == bench.videos:
            assert plays(path), f"{path.name} is half a file"


@of_each_provider
def test_the_questions_at_a_terminal(bench: Bench, person: Callable[..., Person]) -> None:
    provider = bench.side.name
    with bench.cloud(OnClip("late", 1.0)) as sim:
        at = person(sim, key="", cameras="road,driver", **NOTHING_ANSWERED)
        at.answers(f"{provider} API key: ", WRONG_KEY)
        at.sees(f"{provider} refused the API key")
        at.answers(f"{provider} API key: ", sim.token)
        at.answers(helpers.VEHICLE_QUESTION, "truk 42")
        at.answers("Did you mean Truck 42? [Y/n] ", "")
        at.answers(f"{helpers.START_QUESTION}, {ZONE}): ", "4/16/25 1:30 PM")
        at.answers(helpers.MINUTES_QUESTION, "1 min")
        at.sees(f"{START_SHOWN}   1 min")
        assert sim.posts() == []
        at.answers(GO_ON, "")
        at.sees("Requesting.*\u2501")  # a bar
        at.sees(r"of 2 uploaded, next check in \d+ s, \d:\d\d so far")
        at.sees("The files are in")
        assert at.waits() == 0
        # Neither of the keys was echoed, nor is any in what was written.
        assert_nothing_secret(sim, at.shown, bench.folder)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", at.shown)
    for stage in ("Requesting", "Waiting", "Downloading", "Merging", "Side by side"):
        assert re.search(rf"{stage} +\u2501+", shown), stage
    assert "Traceback" not in shown
    films = {path.name for path in files_in(bench.videos) if path.suffix == ".mp4"}
    assert films == promised(1, ("Road", "Driver"))


@of_each_provider
def test_safety_events_are_picked_page_by_page(bench: Bench, person: Callable[..., Person]) -> None:
    events = [
        Event(number, TRUCKS[0].id, START + timedelta(minutes=5 * number), "Crash", seconds=2)
        for number in range(1, 23)
    ]
    asked = ["--events", "--from=04/16/2025 13:00", "--to=04/17/2025 13:00", "--before=10"]
    with bench.cloud(events=events) as sim:
        at = person(sim, more=[*asked, "--after=8"], cameras="road", **NOTHING_ANSWERED)
        at.sees("22 safety events of")
        at.answers("Which of them (1 to 22, such as 1,3-5, or all; Enter for more): ", "")
        at.sees(r"21 +04/16/2025 13:40:00 CDT")
        at.answers("Enter for none): ", "23")
        at.sees("'23' is none of the events 1 to 22")
        at.answers("Enter for none): ", "1, 22")
        at.sees("In all: 2 jobs; 2 requests")
        assert sim.posts() == []
        at.answers("Go on? [y/N]: ", "y")
        at.sees(r"Event 22 \(Crash, Truck 42, 04/16/2025 13:35:00 CDT\): complete")
        assert at.waits() == 0
        assert_nothing_secret(sim, at.shown, bench.folder)


@of_each_provider
def test_ctrl_c_at_a_question(bench: Bench, person: Callable[..., Person]) -> None:
    with bench.cloud() as sim:
        at = person(sim, **NOTHING_ANSWERED)
        at.sees(re.escape(helpers.VEHICLE_QUESTION))
        assert at.presses_ctrl_c() < PROMPTLY
        assert sim.posts() == []
    assert at.child.exitstatus == 130
    assert "Stopped." in at.shown and "Traceback" not in at.shown
    assert files_in(bench.videos) == []


@of_each_provider
def test_ctrl_c_while_waiting(bench: Bench, person: Callable[..., Person]) -> None:
    with bench.cloud(OnClip("late", 500.0, camera=DRIVER)) as sim:
        at = person(sim, cameras="road,driver")
        at.answers(GO_ON, "")
        at.sees("1 of 2 clips")
        assert at.presses_ctrl_c() < PROMPTLY
        assert_nothing_secret(sim, at.shown, bench.folder)
    assert at.child.exitstatus == 130
    assert re.search("1 of 2 clips are .*in", at.shown.rpartition("Stopped")[2])
    assert "Traceback" not in at.shown
    assert_no_half_file(bench)


@of_each_provider
def test_ctrl_c_while_downloading(bench: Bench, person: Callable[..., Person]) -> None:
    with bench.cloud(OnClip("slow", 1_500.0, camera=ROAD)) as sim:
        at = person(sim, cameras="road,driver")
        at.answers(GO_ON, "")
        at.sees(r"Road 13:30 \d+ kB of \d+ kB")
        assert at.presses_ctrl_c() < PROMPTLY
        assert_nothing_secret(sim, at.shown, bench.folder)
    assert at.child.exitstatus == 130
    assert "Stopped" in at.shown and "Traceback" not in at.shown
    names = {path.name for path in files_in(bench.videos)}
    assert "Road_VideoClip_Truck 42_2025-04-16_13-30-00.mp4" not in names
    assert_no_half_file(bench)


@pytest.fixture
def slow_encoder(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ffmpeg, but what it renders comes no faster than in real time."""
    script = bench.folder / "slow-ffmpeg"
    script.write_text(
        "#!/bin/sh\n"
        f'real="{imageio_ffmpeg.get_ffmpeg_exe()}"\n'
        'case "$*" in *filter_complex*) exec "$real" -re "$@" ;; esac\n'
        'exec "$real" "$@"\n',
        "utf-8",
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(script))


@of_each_provider
def test_ctrl_c_while_rendering(
    bench: Bench, person: Callable[..., Person], slow_encoder: None
) -> None:
    with bench.cloud() as sim:
        at = person(sim, cameras="road,driver")
        at.answers(GO_ON, "")
        at.sees(r"Side by side.*[1-9]\d* %")
        assert at.presses_ctrl_c() < PROMPTLY
        assert_nothing_secret(sim, at.shown, bench.folder)
    assert at.child.exitstatus == 130
    assert re.search("2 of 2 clips are .*in", at.shown.rpartition("Stopped")[2])
    assert "Traceback" not in at.shown
    assert not list(bench.videos.glob("SideBySide_*"))
    assert_no_half_file(bench)


@pytest.mark.many_cases
@of_each_provider
@pytest.mark.parametrize(("answer", "status", "posts"), [("n", 1, 0), ("y", 4, 1)])
def test_more_than_an_hour_is_asked_about(
    bench: Bench, person: Callable[..., Person], answer: str, status: int, posts: int
) -> None:
    with bench.cloud(**bench.quota(minutes=0)) as sim:
        at = person(sim, minutes=61)
        at.sees(re.escape(f"more than an hour and will cost {bench.cost(minutes=61, cameras=3)}."))
        if bench.side.foretold:
            at.sees("none of its 61 minutes would fit.")
        at.answers(" Go on? [y/N]: ", answer)
        assert at.waits() == status
        assert len(bench.posts(sim)) == posts
        assert (sim.posts() == []) is (answer == "n")
    assert ("Nothing was requested." in at.shown) is (posts == 0)
    assert (bench.side.used_up in at.shown) is (posts == 1)


@pytest.mark.many_cases
@of_each_provider
@pytest.mark.parametrize("answer", ["n", "y"])
def test_what_the_quota_will_not_hold_is_asked_about(
    bench: Bench, person: Callable[..., Person], answer: str
) -> None:
    with bench.cloud(OnClip("late", 500.0), **bench.quota(minutes=100, used=99)) as sim:
        at = person(sim, minutes=2, cameras="road")
        if not bench.side.foretold:
            at.answers(GO_ON, "")
        at.sees(f"This job needs {bench.needed(minutes=2, cameras=1)}, but .* are left this month")
        before = 0 if bench.side.foretold else 1  # the answer to a request tells the quota
        assert len(sim.posts()) == before
        at.answers("about 1 of its 2 minutes would fit. Go on? [y/N]: ", answer)
        if answer == "y":
            while len(bench.posts(sim)) == before:
                assert at.child.isalive()
                time.sleep(0.05)
            at.presses_ctrl_c()
        else:
            assert at.waits() == 1
            assert len(sim.posts()) == before
    said = "Nothing was requested." if bench.side.foretold else "Nothing more was requested."
    assert (said in at.shown) is (answer == "n")


@of_each_provider
def test_an_unfinished_job_is_offered_and_enter_goes_on(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 2.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01").status == 4
        person = Person(bench, sim, sim.token, **NOTHING_ANSWERED)
        person.sees("There is an unfinished job: Truck 42")
        clips = len(bench.side.usual)  # which of the cameras there are is not known yet
        person.answers(f"0 of {clips} clips are here. Continue it? [Y/n] ", "")
        assert person.waits() == 0
        assert "SideBySide_Merged" in person.shown
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=3)


@of_each_provider
def test_an_unfinished_job_that_is_declined_is_left_for_later(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 2.0)) as sim:
        assert bench.run(sim, "--max-wait=0.01").status == 4
        person = Person(bench, sim, sim.token, **NOTHING_ANSWERED)
        person.answers("Continue it? [Y/n] ", "n")
        person.sees("Vehicle name: ")
        person.presses_ctrl_c()
        assert len(sim.posts()) == bench.requests(minutes=1, cameras=3)


@of_each_provider
def test_ctrl_c_twice_leaves_at_once_and_the_job_can_be_resumed(bench: Bench) -> None:
    with bench.cloud(OnClip("late", 3.0)) as sim:
        person = Person(bench, sim, sim.token)
        person.answers(GO_ON, "")
        person.sees("Waiting")
        person.child.sendintr()
        person.child.sendintr()
        assert person.waits() == 130
        journal = read(next(bench.logs.glob("request_ids_*.json")))
        assert not journal.finished
        assert not [path for path in files_in(bench.videos) if path.suffix == ".mp4"]
