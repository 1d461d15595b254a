"""The two clients, each against a scripted server on loopback. Nothing here waits for real."""

from __future__ import annotations

import pytest
from support import motive as of_motive
from support import samsara as of_samsara
from support.scripted import FakeTime, ScriptedServer

from MotiveAPI import MotiveAPI
from SamsaraAPI import SamsaraAPI


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def samsara(server: ScriptedServer, time: FakeTime) -> SamsaraAPI:
    return SamsaraAPI(of_samsara.KEY, server.url, wait=time.wait, clock=time.clock)


@pytest.fixture
def motive(server: ScriptedServer, time: FakeTime) -> MotiveAPI:
    return MotiveAPI(of_motive.KEY, server.url, wait=time.wait, clock=time.clock)
