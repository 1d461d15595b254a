"""Killed anywhere and taken up again, a job ends with the same files, and nothing is paid twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.runs import PROJECT, ROAD, Bench, environment, files_in, of_each_provider

from footage.job.journal import read
from footage.system.whole_files import digest
from simulator import OnClip, Simulator

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="dying runs are forked, which Windows cannot"
)

DEAD = 137  # as mortal.py has it
MINUTES = 2
# One broken transfer and one clip off its place, so that their ways are died on as well; and with
# Motive one request that is for too long.
BAD = (OnClip("truncate", camera=ROAD, at=1), OnClip("early", 2.0, camera=ROAD, at=1))


@dataclass
class Mortals:
    """Runs that die where they are told."""

    process: subprocess.Popen[str]
    bench: Bench
    sim: Simulator
    paid_before: int = 0  # requests accepted for other jobs
    options: tuple[str, ...] = ()  # more than the usual ones

    @property
    def requests(self) -> int:
        """What a job takes on which nobody dies."""
        return self.bench.requests(MINUTES, cameras=2)

    @property
    def paid(self) -> int:
        return len(self.sim.retrievals) - self.paid_before

    def run(self, *arguments: str, **death: Any) -> int:
        order = {
            "arguments": list(arguments),
            "environment": environment(self.sim, None),
            "said": str(self.bench.folder / "said.txt"),
            **death,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(json.loads(self.process.stdout.readline())["status"])

    def start(self, **death: Any) -> int:
        options = self.bench.options(minutes=MINUTES, cameras="road,driver", poll=0.02)
        return self.run(*options, *self.options, **death)

    def resume(self, **death: Any) -> int:
        """Go on, or begin where the first run died before it had a journal."""
        if not list(self.bench.logs.glob("request_ids_*.json")):
            return self.start(**death)
        return self.take_up("--resume", **death)

    def take_up(self, *arguments: str, **death: Any) -> int:
        return self.run(*arguments, "--logs", str(self.bench.logs), "--poll-seconds=0.02", **death)

    @property
    def said(self) -> str:
        return (self.bench.folder / "said.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def zygote() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(PROJECT / "tests" / "support" / "mortal.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def mortals(zygote: subprocess.Popen[str], bench: Bench) -> Iterator[Mortals]:
    with bench.cloud(*BAD) as sim:
        yield Mortals(zygote, bench, sim)


@pytest.fixture(scope="module")
def whole_runs() -> dict[str, dict[str, str]]:
    """What `undisturbed` has found so far."""
    return {}


@pytest.fixture
def undisturbed(
    zygote: subprocess.Popen[str],
    bench: Bench,
    whole_runs: dict[str, dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """The content of each file after a run that nothing happened to, with the bench's provider."""
    key = bench.side.key
    if key not in whole_runs:
        other = replace(bench, folder=tmp_path_factory.mktemp("undisturbed"))
        with other.cloud(*BAD) as sim:
            mortals = Mortals(zygote, other, sim)
            assert mortals.start() == 0, mortals.said
            assert mortals.paid == mortals.requests
        whole_runs[key] = content(other.videos)
    return whole_runs[key]


def content(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file below a folder."""
    return {str(path.relative_to(folder)): digest(path) for path in files_in(folder)}


def same(found: dict[str, str], expected: dict[str, str]) -> bool:
    """The same names, and clips and merges byte for byte.

    The side-by-side is encoded, and x264 with several threads does not promise equal bytes.
    """
    encoded = {name for name in expected if name.startswith("SideBySide")}
    return set(found) == set(expected) and all(
        found[name] == expected[name] for name in expected if name not in encoded
    )


def check_end(mortals: Mortals, undisturbed: dict[str, str], deaths: int) -> None:
    """All files are as they should be, and every sending beyond the plan is accounted for."""
    assert same(content(mortals.bench.videos), undisturbed), mortals.said
    (path,) = mortals.bench.logs.glob("request_ids_*.json")
    job = read(path)
    assert job.finished
    doubts = sum(retrieval.possible_duplicates for retrieval in job.retrievals)
    assert mortals.paid <= mortals.requests + doubts
    assert doubts <= deaths
    if doubts:
        assert "may have been counted twice" in mortals.said


@pytest.mark.parametrize(
    ("bench", "when", "first", "step"),
    [
        ("samsara", "before", 1, 2),
        ("samsara", "after", 2, 2),
        ("motive", "before", 1, 4),
        ("motive", "after", 2, 4),
    ],
    indirect=["bench"],
)
def test_killed_at_the_saves_of_the_journal(
    mortals: Mortals, undisturbed: dict[str, str], when: str, first: int, step: int
) -> None:
    home = mortals.bench.folder
    mortals.options = ("--no-reuse",)  # each job is to ask for its own, although the cloud is one
    for number in range(first, 60, step):
        mortals.bench.folder = home / f"{when}-{number}"
        mortals.bench.folder.mkdir()
        mortals.paid_before = len(mortals.sim.retrievals)
        status = mortals.start(save=number, when=when)
        if status != DEAD:
            break
        assert mortals.resume() == 0, mortals.said
        check_end(mortals, undisturbed, 1)
    assert number > 12


def lifetime(chance: random.Random) -> int:
    """How many lines a run lives: mostly short lives, now and then one that gets somewhere."""
    return int(10 ** chance.uniform(2.8, 5.5))


@pytest.mark.parametrize(
    ("bench", "seed"),
    [*(("samsara", seed) for seed in range(4)), ("motive", 5), ("motive", 6)],
    indirect=["bench"],
)
def test_killed_over_and_over_at_any_line(
    mortals: Mortals, undisturbed: dict[str, str], seed: int
) -> None:
    chance = random.Random(seed)
    deaths, status = 0, mortals.start(lines=lifetime(chance))
    while status == DEAD:
        deaths += 1
        assert deaths < 400, "it does not get anywhere"
        status = mortals.resume(lines=lifetime(chance))
    assert status == 0, mortals.said
    check_end(mortals, undisturbed, deaths)


@of_each_provider
def test_a_request_under_way_at_the_death_is_told_of(
    mortals: Mortals, undisturbed: dict[str, str]
) -> None:
    assert mortals.start(save=3, when="after") == DEAD  # "being requested" is written, no more
    assert mortals.paid == 0
    assert mortals.resume() == 0
    check_end(mortals, undisturbed, 1)
    assert "1 request got no answer and may have been counted twice" in mortals.said


@of_each_provider
def test_a_finished_job_is_left_as_it_is_and_a_lost_file_is_made_again(
    mortals: Mortals, undisturbed: dict[str, str]
) -> None:
    assert mortals.start() == 0
    journal = str(next(mortals.bench.logs.glob("request_ids_*.json")))
    calls = len(mortals.sim.calls)
    assert mortals.take_up("--resume", journal) == 0
    assert "nothing is left to do" in mortals.said
    for name in undisturbed:
        if "_Merged_" in name:
            path = mortals.bench.videos / name
            path.unlink() if name.startswith("Road") else path.write_bytes(b"damaged")
    assert mortals.take_up("--resume", journal) == 0
    assert same(content(mortals.bench.videos), undisturbed)
    assert len(mortals.sim.calls) == calls, "it needs no network to make them again"
