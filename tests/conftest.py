"""What tests of several packages share."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from support import open_files
from support.runs import SIDES, Bench
from support.scripted import ScriptedServer

# How long an example takes says something about the machine, nothing about the program. The same
# examples each time: a run that fails fails again. `--hypothesis-profile=search` draws others.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("quick", settings.get_profile("steady"), max_examples=30)
settings.register_profile("search", deadline=None)
settings.load_profile("quick")

# Where no bytecode is written, each process that a test starts compiles the whole program again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# What was started in the background may ignore these, and so would the runs that are to be stopped.
for _name in ("SIGINT", "SIGHUP"):
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        _usual = signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL
        signal.signal(_number, _usual)


class _Sys:
    """The module `sys` for `threading`. Coverage traces each thread from its start on, and Python
    refuses that while another thread begins to be traced: the thread would end before it began.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)

    @staticmethod
    def settrace(function: Any) -> None:
        while True:
            try:
                sys.settrace(function)
                return
            except RuntimeError:
                time.sleep(0)


threading._sys = _Sys()  # type: ignore[attr-defined]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all",
        action="store_true",
        help="also the long tests, all of many like cases and examples, and both providers where "
        "they are alike",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--all") and not config.getoption("--hypothesis-profile"):
        settings.load_profile("steady")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays until the end, so the garbage collector need not go through it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --all leave out the long tests, of each pair alike but for the provider one by turns,
    and of many like cases two of three."""
    if config.getoption("--all"):
        return
    alike: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        alike[re.sub(rf"\b({'|'.join(SIDES)})(?=[-\]])", "*", item.nodeid)].append(item)
    left_out = {item for item in items if item.get_closest_marker("long")}
    left_out |= {
        pair[zlib.crc32(name.encode()) % 2] for name, pair in alike.items() if len(pair) == 2
    }
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("many_cases") and item not in left_out:
            cases[item.nodeid.partition("[")[0]].append(item)
    for of_one_test in cases.values():
        left_out |= set(of_one_test) - set(of_one_test[::3])
    config.hook.pytest_deselected(items=[item for item in items if item in left_out])
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True)
def no_open_file_is_removed_or_renamed(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test passes in which a file is removed or renamed that we hold open: Windows refuses."""
    if request.node.get_closest_marker("read_while_written"):
        yield
        return
    open_files.watch.begin()
    yield
    refused = open_files.watch.end()
    assert not refused, "\n".join(refused)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server on loopback for the tests of clients."""
    server = ScriptedServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def drawn_clips(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Where the simulated cloud keeps the clips it has rendered, for all tests of the session and
    for all processes that run them."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":  # each process has a folder of its own in the one of the session
        folder = folder.parent
    folder = folder / "drawn-clips"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def bench(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    drawn_clips: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Bench:
    """Of Samsara; with `runs.of_each_provider` or `runs.of_motive` of those, by their keys."""
    side = SIDES[getattr(request, "param", "samsara")]
    return Bench(tmp_path, drawn_clips, monkeypatch, side)
