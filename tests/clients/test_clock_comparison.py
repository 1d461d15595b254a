"""The provider's clock against this computer's, answer by answer."""

from __future__ import annotations

import threading
from email.utils import formatdate

import pytest
from support.samsara import page
from support.scripted import ScriptedServer

from footage.cloud.clock_comparison import COUNTED_WITHIN, KNOWN_WITHIN, ClockComparison
from SamsaraAPI import SamsaraAPI

NOW = 1_700_000_000


def an_answer(at: float = NOW, **headers: str) -> dict[str, str]:
    """The headers of an answer that was written at that second."""
    return {"Date": formatdate(at, usegmt=True), **headers}


@pytest.mark.parametrize(
    ("began", "ended", "ahead"),
    [
        (NOW, NOW + 1, "0.0"),  # somewhere within that very second
        (NOW + 0.2, NOW + 0.4, "0.2"),
        (NOW + 60.5, NOW + 60.5, "-60.0"),
        (NOW - 2.0, NOW - 1.0, "2.0"),
        (NOW + 0.52, NOW + 0.54, "0.0"),  # never "-0.0"
    ],
)
def test_it_is_measured_against_the_middle_of_the_call(
    began: float, ended: float, ahead: str
) -> None:
    clock = ClockComparison()
    clock.note(an_answer(), began, ended)
    assert clock.counts == {ahead: 1}
    assert clock.latest == pytest.approx(float(ahead), abs=0.051)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.1),
        ({"Date": "yesterday"}, 0.1),
        (an_answer(Age="300"), 0.1),
        (an_answer(), COUNTED_WITHIN + 0.1),
        (an_answer(), -5.0),  # this computer's clock was set back meanwhile
    ],
)
def test_what_tells_too_little_is_not_counted(headers: dict[str, str], seconds: float) -> None:
    clock = ClockComparison()
    clock.note(headers, NOW, NOW + seconds)
    assert not clock.counts


def test_no_answer_is_off_by_more_than_is_said() -> None:
    for written in (0.0, 0.999):  # of a second
        for late in (0.0, 1.0):  # written at the begin or at the end of the longest call
            clock = ClockComparison()
            began = NOW + written - late * COUNTED_WITHIN
            clock.note(an_answer(), began, began + COUNTED_WITHIN - 0.001)
            (offset,) = clock.counts
            assert abs(float(offset)) <= KNOWN_WITHIN


def test_every_answer_is_counted_once_whatever_the_thread() -> None:
    clock = ClockComparison()

    def note() -> None:
        for _ in range(200):
            clock.note(an_answer(), NOW, NOW)

    work = [threading.Thread(target=note) for _ in range(4)]
    for one in work:
        one.start()
    for one in work:
        one.join()
    assert clock.counts == {"0.5": 800}


def test_a_client_counts_its_answers(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    server.script = [page(), page()]
    samsara.vehicles()
    samsara.vehicles()
    counts = samsara.clock_comparison().counts
    assert sum(counts.values()) == 2
    assert max(abs(float(offset)) for offset in counts) <= KNOWN_WITHIN
