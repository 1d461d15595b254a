"""Killed anywhere and resumed, a job ends with the same files, and nothing is paid twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.media import listing
from support.runs import PROJECT, ROAD, Bench, environment, files_in, of_each_provider

from footage.job.journal import read
from footage.job.outcome import is_paid
from footage.model import Job, StepKind
from footage.system.whole_files import digest
from simulator import OnClip, Simulator

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="dying runs are forked, which Windows cannot"
)

KILLED = 137  # as killable.py has it
MINUTES = 2
# One broken transfer and one clip that begins early, so that runs are killed while they deal with
# those as well; and with Motive one request that is for too long.
BAD = (OnClip("truncate", camera=ROAD, at=1), OnClip("early", 2.0, camera=ROAD, at=1))


@dataclass
class KillableRuns:
    """Runs of one bench that are killed where a test says."""

    process: subprocess.Popen[str]
    bench: Bench
    sim: Simulator
    paid_before: int = 0  # requests accepted for other jobs
    options: tuple[str, ...] = ()  # more than the usual ones

    @property
    def requests(self) -> int:
        """How many requests a job takes that is not killed."""
        return self.bench.requests(MINUTES, cameras=2)

    @property
    def paid(self) -> int:
        return len(self.sim.retrievals) - self.paid_before

    def run(self, *arguments: str, **kill: Any) -> int:
        order = {
            "arguments": list(arguments),
            "environment": environment(self.sim, None),
            "output": str(self.bench.folder / "output.txt"),
            **kill,
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(json.loads(self.process.stdout.readline())["status"])

    def start(self, **kill: Any) -> int:
        options = self.bench.options(minutes=MINUTES, cameras="road,driver", poll=0.02)
        return self.run(*options, *self.options, **kill)

    def resume(self, **kill: Any) -> int:
        """Go on, or begin where the first run was killed before it had a journal."""
        if not list(self.bench.logs.glob("request_ids_*.json")):
            return self.start(**kill)
        return self.take_up("--resume", **kill)

    def take_up(self, *arguments: str, **kill: Any) -> int:
        return self.run(*arguments, "--logs", str(self.bench.logs), "--poll-seconds=0.02", **kill)

    @property
    def output(self) -> str:
        """What all runs have printed."""
        return (self.bench.folder / "output.txt").read_text("utf-8")


@pytest.fixture(scope="module")
def fork_server() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(PROJECT / "tests" / "support" / "killable.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def runs(fork_server: subprocess.Popen[str], bench: Bench) -> Iterator[KillableRuns]:
    with bench.cloud(*BAD) as sim:
        yield KillableRuns(fork_server, bench, sim)


@pytest.fixture(scope="module")
def whole_runs() -> dict[str, dict[str, str]]:
    """What `undisturbed` returned so far, by provider."""
    return {}


@pytest.fixture
def undisturbed(
    fork_server: subprocess.Popen[str],
    bench: Bench,
    whole_runs: dict[str, dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """The content of each file after a run that is not killed, with the bench's provider."""
    key = bench.side.key
    if key not in whole_runs:
        other = replace(bench, folder=tmp_path_factory.mktemp("undisturbed"))
        with other.cloud(*BAD) as sim:
            runs = KillableRuns(fork_server, other, sim)
            assert runs.start() == 0, runs.output
            assert runs.paid == runs.requests
        whole_runs[key] = content(other.videos)
    return whole_runs[key]


def content(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file below a folder; of merges that of their packets."""
    return {
        str(path.relative_to(folder)): digest(path)
        if "_Merged_" not in path.name
        else sha256(packets_of(path).encode()).hexdigest()
        for path in files_in(folder)
        if not path.name.startswith(
            "index.html"
        )  # of all jobs: the next run over any of them writes it anew
    }


def packets_of(path: Path) -> str:
    """When each packet of a film is decoded and shown, and what is in it.

    What else is in the file depends on how long the names of the requests are.
    """
    options = ("-map", "0:v", "-map", "0:a?", "-c", "copy", "-f", "framecrc")
    return repr(listing("-copyts", "-i", str(path), *options))


def same(actual: dict[str, str], expected: dict[str, str]) -> bool:
    """The same names, clips byte for byte, and merges packet for packet.

    The side-by-side is encoded, and x264 with several threads does not promise equal bytes; nor are
    those of report and list of hashes the same, which tell when a file came, and its hash.
    """
    others = ("SideBySide", "Report_", "SHA256SUMS_")
    return set(actual) == set(expected) and all(
        actual[name] == expected[name] for name in expected if not name.startswith(others)
    )


def check_custody(job: Job) -> None:
    """Of each file the custody says last that it is as it is; a request that was taken is named."""
    last = {step.file: step.sha256 for step in job.custody if step.file}
    files = {output.path.name: output.sha256 for output in job.outputs}
    clips = [media.clip for _, media in job.media() if media.clip is not None]
    assert files | {clip.path.name: clip.sha256 for clip in clips} == last
    accepted = {step.retrieval_id for step in job.custody if step.kind is StepKind.ACCEPTED}
    assert {one.id for one in job.retrievals if is_paid(one)} == accepted


def check_end(runs: KillableRuns, undisturbed: dict[str, str], kills: int) -> None:
    """All files are as they should be, and every sending beyond the plan is accounted for."""
    assert same(content(runs.bench.videos), undisturbed), runs.output
    (path,) = runs.bench.logs.glob("request_ids_*.json")
    job = read(path)
    assert job.finished
    check_custody(job)
    doubts = sum(retrieval.possible_duplicates for retrieval in job.retrievals)
    assert runs.paid <= runs.requests + doubts
    assert doubts <= kills
    if doubts:
        assert "may have been counted twice" in runs.output


@pytest.mark.long
@pytest.mark.parametrize(
    ("bench", "when", "first", "step"),
    [
        ("samsara", "before", 1, 6),
        ("samsara", "after", 4, 6),
        ("motive", "before", 1, 6),
        ("motive", "after", 4, 6),
        ("samsara", "amid", 2, 6),
        ("motive", "amid", 3, 6),
    ],
    indirect=["bench"],
)
def test_killed_at_the_saves_of_the_journal(
    runs: KillableRuns, undisturbed: dict[str, str], when: str, first: int, step: int
) -> None:
    home = runs.bench.folder
    runs.options = ("--no-reuse",)  # each job is to ask for its own, although the cloud is one
    for number in range(first, 60, step):
        runs.bench.folder = home / f"{when}-{number}"
        runs.bench.folder.mkdir()
        runs.paid_before = len(runs.sim.retrievals)
        status = runs.start(save=number, when=when)
        if status != KILLED:
            break
        assert runs.resume() == 0, runs.output
        check_end(runs, undisturbed, 1)
    assert number > 12


@pytest.mark.long
@pytest.mark.parametrize(("bench", "seed"), [("samsara", 0), ("motive", 1)], indirect=["bench"])
def test_killed_between_steps_and_their_folding_in(
    runs: KillableRuns, undisturbed: dict[str, str], seed: int
) -> None:
    """The JSON is written anew after nearly each change, and at each opening: at, between and amid
    these and the steps themselves the runs are killed."""
    chance = random.Random(seed)

    def kill() -> dict[str, Any]:
        when = chance.choice(("before", "amid", "after"))
        return {"save": chance.randint(1, 12), "when": when, "fold_after": 0.005}

    kills, status = 0, runs.start(**kill())
    while status == KILLED:
        kills += 1
        assert kills < 100, "it does not get anywhere"
        status = runs.resume(**kill())
    assert status == 0, runs.output
    assert kills > 3
    # It may have been killed when all was done, before anybody was told: this tells it once more.
    assert runs.take_up("--resume", str(next(runs.bench.logs.glob("request_ids_*.json")))) == 0
    check_end(runs, undisturbed, kills)
    assert [path.name for path in runs.bench.logs.glob("request_ids_*")] == [
        path.name for path in runs.bench.logs.glob("request_ids_*.json")
    ]


def lines_until_killed(chance: random.Random) -> int:
    """After how many lines a run is killed: mostly few, now and then enough to get somewhere."""
    return int(10 ** chance.uniform(2.8, 5.5))


@pytest.mark.parametrize(
    ("bench", "seed"),
    [
        ("samsara", 0),
        ("motive", 5),
        pytest.param("samsara", 1, marks=pytest.mark.long),
        pytest.param("samsara", 2, marks=pytest.mark.long),
    ],
    indirect=["bench"],
)
def test_killed_over_and_over_at_any_line(
    runs: KillableRuns, undisturbed: dict[str, str], seed: int
) -> None:
    chance = random.Random(seed)
    kills, status = 0, runs.start(lines=lines_until_killed(chance))
    while status == KILLED:
        kills += 1
        assert kills < 400, "it does not get anywhere"
        status = runs.resume(lines=lines_until_killed(chance))
    assert status == 0, runs.output
    check_end(runs, undisturbed, kills)


@of_each_provider
def test_a_request_under_way_when_killed_is_reported(
    runs: KillableRuns, undisturbed: dict[str, str]
) -> None:
    assert runs.start(save=3, when="after") == KILLED  # "being requested" is written, no more
    assert runs.paid == 0
    assert runs.resume() == 0
    check_end(runs, undisturbed, 1)
    assert "1 request got no answer and may have been counted twice" in runs.output


@pytest.mark.long
@of_each_provider
def test_of_a_finished_job_only_lost_files_are_made_again(
    runs: KillableRuns, undisturbed: dict[str, str]
) -> None:
    assert runs.start() == 0
    journal = str(next(runs.bench.logs.glob("request_ids_*.json")))
    calls = len(runs.sim.calls)
    assert runs.take_up("--resume", journal) == 0
    assert "nothing is left to do" in runs.output
    for name in undisturbed:
        if "_Merged_" in name:
            path = runs.bench.videos / name
            path.unlink() if name.startswith("Road") else path.write_bytes(b"damaged")
    assert runs.take_up("--resume", journal) == 0
    assert same(content(runs.bench.videos), undisturbed)
    assert len(runs.sim.calls) == calls, "it needs no network to make them again"
