"""The readings on disk: what is saved is loaded, what is damaged is refused in a sentence."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.readings import START, reading, some_reading

from footage.errors import JournalError
from footage.model import Reading
from footage.telemetry.readings_file import load, save


@given(
    st.lists(st.tuples(st.integers(0, 10**9), some_reading), max_size=8, unique_by=lambda p: p[0])
)
def test_what_is_saved_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[int, Reading]]
) -> None:
    readings = [
        replace(one, time=START + timedelta(microseconds=us), place="ß")
        for us, one in sorted(pairs, key=lambda pair: pair[0])
    ]
    path = tmp_path_factory.mktemp("saved") / "track.json"
    save(path, readings)
    assert load(path) == readings


def test_the_file_is_json_with_a_line_for_each_reading(tmp_path: Path) -> None:
    path = tmp_path / "track.json"
    save(path, [reading(0, place="Straße"), reading(1.5)])
    lines = path.read_text(encoding="utf-8").splitlines()
    data = json.loads("".join(lines))
    assert [item["time"] for item in data["readings"]] == [
        "2025-04-16T13:30:00Z",
        "2025-04-16T13:30:01.500000Z",
    ]
    assert sum('"time"' in line for line in lines) == 2
    assert "Straße" in lines[3]
    assert [p.name for p in tmp_path.iterdir()] == ["track.json"]


def changed(data: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**data, "readings": [{**data["readings"][0], **fields}]}


@pytest.mark.parametrize(
    "damage",
    [
        lambda text, data: text[:-20],
        lambda text, data: "",
        lambda text, data: "[]",
        lambda text, data: "null",
        lambda text, data: json.dumps({**data, "version": 2}),
        lambda text, data: json.dumps({**data, "readings": None}),
        lambda text, data: json.dumps({**data, "readings": [1]}),
        lambda text, data: json.dumps({**data, "readings": data["readings"][::-1]}),
        lambda text, data: json.dumps({**data, "readings": [{"time": "2025-04-16T13:30:00Z"}]}),
        lambda text, data: json.dumps(changed(data, time="2025-04-16T13:30:00")),
        lambda text, data: json.dumps(changed(data, time="yesterday")),
        lambda text, data: json.dumps(changed(data, time=5)),
        lambda text, data: json.dumps(changed(data, latitude=122.142)),
        lambda text, data: json.dumps(changed(data, longitude="7")),
        lambda text, data: json.dumps(changed(data, speed=-1)),
        lambda text, data: json.dumps(changed(data, speed=math.nan)),
        lambda text, data: json.dumps(changed(data, speed=10**400)),
        lambda text, data: json.dumps(changed(data, heading=True)),
        lambda text, data: json.dumps(changed(data, place=None)),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(
    tmp_path: Path, damage: Callable[[str, Any], str]
) -> None:
    path = tmp_path / "track.json"
    save(path, [reading(0), reading(1)])
    text = path.read_text(encoding="utf-8")
    path.write_text(damage(text, json.loads(text)), encoding="utf-8")
    with pytest.raises(JournalError, match=r"track\.json.*(damaged|changed by hand).*\.$"):
        load(path)


def test_a_file_that_is_not_text_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "track.json"
    with pytest.raises(JournalError, match="cannot be read"):
        load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(JournalError, match="damaged"):
        load(path)
