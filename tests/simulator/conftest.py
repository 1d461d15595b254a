"""Simulators for the tests: each test starts as many as it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.bare_client import (
    SMALL,
    SMALL_1FPS,
    START,
    MotiveClient,
    RunMotive,
    RunSamsara,
    SamsaraClient,
)

from simulator import Mishap, MotiveStyle, Scenario, Simulator, start


@pytest.fixture
def run_simulator(drawn_clips: Path) -> Iterator[Callable[..., Simulator]]:
    """Starts a simulator; by default with small pictures, no delays and no limits."""
    with ExitStack() as running:

        def begin(*bad: Mishap, **options: Any) -> Simulator:
            usual = {"cameras": SMALL, "cache": drawn_clips, "delay": 0.0, "limits": {}}
            scenario = Scenario(**{"bad": bad, "start": START, **usual, **options})
            return running.enter_context(start(scenario))

        yield begin


@pytest.fixture
def run(run_simulator: Callable[..., Simulator]) -> RunSamsara:
    """Starts a simulator; returns a client of its Samsara."""
    return lambda *bad, **options: SamsaraClient(run_simulator(*bad, **options))


@pytest.fixture
def run_motive(run_simulator: Callable[..., Simulator]) -> RunMotive:
    """Starts a simulator; returns a client of its Motive. `style` are fields of `MotiveStyle`."""

    def begin(*bad: Mishap, style: dict[str, Any] | None = None, **more: Any) -> MotiveClient:
        options = {"cameras": SMALL_1FPS, "motive": MotiveStyle(**(style or {})), **more}
        return MotiveClient(run_simulator(*bad, **options))

    return begin
