"""How far a watch has looked is kept; and there is one watch a folder."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.media import START

from footage.errors import UsageError
from footage.job.watch_state import WatchState, only_watch, read_state, write_state

STATE = WatchState(START, START + timedelta(hours=1))


def test_the_state_of_each_provider_is_kept(tmp_path: Path) -> None:
    later = WatchState(START, START + timedelta(hours=2))
    write_state(tmp_path, "Samsara", STATE)
    write_state(tmp_path, "Motive", later)
    assert read_state(tmp_path, "Samsara") == STATE
    assert read_state(tmp_path, "Motive") == later


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"Samsara": 1}', '{"Samsara": {"since": "2025-04-16", "looked": "x"}}',
     '{"Samsara": {"since": "2025-04-16T18:30:00", "looked": "2025-04-16T18:30:00"}}'],
)  # fmt: skip
def test_a_damaged_state_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "watch.json").write_text(text, "utf-8")
    assert read_state(tmp_path, "Samsara") is None
    write_state(tmp_path, "Samsara", STATE)
    assert read_state(tmp_path, "Samsara") == STATE


def test_a_second_watch_is_refused_until_the_first_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footage.job.locks._TIMEOUT", 0.01)
    with only_watch(tmp_path / "Logs"):
        with (
            pytest.raises(UsageError, match="Another watch is running"),
            only_watch(tmp_path / "Logs"),
        ):
            pass
        with only_watch(tmp_path / "Others"):
            pass
    with only_watch(tmp_path / "Logs"):
        pass
