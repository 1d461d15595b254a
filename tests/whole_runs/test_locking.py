"""The locking rule of footage/job/journal.py, watched in whole runs: screen, films and all."""

from __future__ import annotations

import pytest
from support.lock_watch import LockWatch
from support.runs import DRIVER, ROAD, Bench, of_each_provider

from simulator import OnClip


@pytest.mark.long
@of_each_provider
def test_whole_runs_keep_to_the_locking_rule(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = LockWatch(monkeypatch)
    bad = (OnClip("failed", camera=ROAD, at=0, times=1), OnClip("truncate", camera=DRIVER, times=1))
    with bench.cloud(*bad) as sim:
        ran = bench.run(sim, cameras="road,driver", telemetry=True)
        assert watch.broken == []
        assert watch.changes > 10
        lost = next(name for name in sorted(ran.names) if "_VideoClip_" in name)
        (bench.videos / lost).write_bytes(b"damaged")
        journal = next(bench.logs.glob("request_ids_*.json"))
        bench.resume(sim, str(journal))
    assert watch.broken == []
