"""`FILE.results.csv`, also where a spreadsheet has it open and it cannot be replaced."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

import pytest

from footage.errors import DiskError
from footage.incidents.results_file import ResultsFile, RowResult, results_path
from footage.incidents.table_file import TableFile, TableRow
from footage.system import whole_files

TABLE = TableFile(("vehicle",), (TableRow(2, ("Truck 42",)),))
COMING, COMPLETE = {2: RowResult("still coming")}, {2: RowResult("complete")}


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ResultsFile:
    """Its name is taken by what cannot be replaced: on each system, by a folder."""
    monkeypatch.setattr(whole_files, "_HELD_PATIENCE", 0.1)
    path = results_path(tmp_path / "claims.csv")
    path.mkdir()
    return ResultsFile(path, TABLE)


def test_it_is_told_once_that_the_file_cannot_be_replaced(results: ResultsFile) -> None:
    assert "claims.csv.results.csv cannot be replaced: close it" in results.keep(COMING)
    assert results.keep(COMPLETE) == ""
    results.path.rmdir()
    assert results.keep(COMING) == ""
    assert "still coming" in results.path.read_text("utf-8-sig")
    assert results.finish(COMING) == results.path


def test_a_file_that_is_let_go_gets_all_at_the_end(results: ResultsFile) -> None:
    results.keep(COMING)
    results.path.rmdir()
    assert results.finish(COMPLETE) == results.path
    assert "complete" in results.path.read_text("utf-8-sig")


def test_a_file_that_stays_open_is_written_beside(results: ResultsFile) -> None:
    results.keep(COMING)
    written = results.finish(COMPLETE)
    assert written.name == "claims.csv.results (2).csv"
    assert "complete" in written.read_text("utf-8-sig")
    assert results.path.is_dir()


def test_a_full_disk_is_told_as_such(results: ResultsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(whole_files, "flush_to_disk", full)
    told = results.keep(COMING)
    assert "is full: make room there. The rows go on" in told and "spreadsheet" not in told


def test_results_that_can_be_nowhere_are_an_error(results: ResultsFile) -> None:
    results.keep(COMING)
    shutil.rmtree(results.path.parent)
    results.path.parent.write_text("no folder")
    with pytest.raises(DiskError):
        results.finish(COMPLETE)
