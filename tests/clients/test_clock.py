"""A computer whose clock is wrong, by the provider's answers."""

from __future__ import annotations

import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import cast

import pytest
from support.samsara import page
from support.scripted import ScriptedServer

from footage.cloud.provider import Provider
from footage.job.clock import clock_offset, clock_text
from SamsaraAPI import SamsaraAPI


def test_the_clock_is_measured_by_the_date_of_an_answer(
    server: ScriptedServer, samsara: SamsaraAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert samsara.clock_offset() == 0.0
    ahead = formatdate(time.time() + 7200, usegmt=True)
    monkeypatch.setattr(BaseHTTPRequestHandler, "date_time_string", lambda handler: ahead)
    server.script = [page()]
    samsara.vehicles()
    assert samsara.clock_offset() == pytest.approx(7200, abs=5)


@pytest.mark.parametrize(
    ("offset", "used", "text"),
    [
        (100.0, 0.0, ""),
        (-119.0, 0.0, ""),
        (300.0, 300.0, "5 minutes behind Samsara's"),
        (-7200.0, -7200.0, "2 hours ahead of Samsara's"),
    ],
)
def test_a_wrong_clock_is_told_in_one_sentence(offset: float, used: float, text: str) -> None:
    class Clock:
        name = "Samsara"

        def clock_offset(self) -> float:
            return offset

    provider = cast(Provider, Clock())
    assert clock_offset(provider) == used
    if used:
        assert text in clock_text(provider, used)
