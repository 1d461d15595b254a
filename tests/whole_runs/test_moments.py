"""`--at`: a moment and the seconds around it, no more asked for, paid and shown than that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.runs import START, Bench, of_each_provider

from footage.media.probe import probe

MOMENT = "04/16/2025 13:30:50"  # 20 s before it is 13:30:30
WHEN = "Truck 42_2025-04-16_13-30-30_90s"


@of_each_provider
def test_ninety_seconds_around_a_moment(bench: Bench) -> None:
    around = [f"--at={MOMENT}", "--before=20", "--after=70"]
    with bench.cloud() as sim:
        ran = bench.run(sim, *around, start=None, minutes=None, cameras="road,driver")
        windows = sorted({(one.start - START, one.end - START) for one in sim.retrievals})
    assert ran.status == 0, ran.out
    assert "1:30:30 PM CDT   90 s" in ran.out
    assert probe(ran.videos / f"SideBySide_Merged_{WHEN}.mp4").video.duration == pytest.approx(90)
    road = bench.labels[0]
    assert f"{road}_Merged_{WHEN}.mp4" in ran.names
    if bench.side.key == "samsara":
        assert "180 s of quota" in ran.out
        assert windows == [(seconds(30), seconds(90)), (seconds(90), seconds(120))]
    else:  # which knows whole minutes only
        assert "2 min" in ran.out
        assert (windows[0][0], windows[-1][1]) == (seconds(0), seconds(120))
    assert ran.journal["minutes"] == 1 and ran.journal["seconds"] == 30


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)
