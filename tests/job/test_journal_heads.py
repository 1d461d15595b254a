"""Which journals have to be read before the first question, seen by their beginnings."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from support.drives import cannot_be_listed
from support.jobs import START, a_job

from footage.errors import DiskError, JournalError
from footage.job import journal_folder
from footage.job.journal import Journal, read
from footage.job.journal_files import load
from footage.job.journal_folder import unfinished_jobs
from footage.job.journal_heads import journal_names, maybe_unfinished, steps_path

COPY = "request_ids_now-LAPTOP-7.json"


def kept(folder: Path, day: int, **changes: bool) -> Path:
    """The journal of a job that was made on another day than others."""
    journal = Journal.create(
        folder, a_job(created=START + timedelta(days=day), **changes), f"{day}"
    )
    journal.close()
    return journal.path


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The journals that were read as a whole."""
    paths: list[Path] = []

    def count(path: Path) -> object:
        paths.append(path)
        return read(path)

    monkeypatch.setattr(journal_folder, "read", count)
    return paths


def test_what_is_over_is_not_read_as_a_whole(tmp_path: Path, parsed: list[Path]) -> None:
    kept(tmp_path, 1, finished=True)
    kept(tmp_path, 2, discarded=True)
    open_job = kept(tmp_path, 3)
    assert [one.path for one in unfinished_jobs(tmp_path)] == [open_job]
    assert parsed == [open_job]


def test_nothing_is_missed_that_only_the_steps_say(tmp_path: Path) -> None:
    path = kept(tmp_path, 1, finished=True)
    assert maybe_unfinished(tmp_path) == []
    steps_path(path).touch()
    assert maybe_unfinished(tmp_path) == [path]


def test_a_copy_that_is_not_finished_is_no_job_to_offer(tmp_path: Path) -> None:
    """The newest state counts, so the finished journal is read along with its older copy."""
    journal = Journal.create(tmp_path, a_job(), "now")
    copy = tmp_path / COPY
    copy.write_bytes(journal.path.read_bytes())
    with journal.change() as job:
        job.finished = True
    journal.close()
    steps_path(copy).touch()
    assert set(maybe_unfinished(tmp_path)) == {copy, journal.path}
    assert unfinished_jobs(tmp_path) == []


@pytest.mark.parametrize("text", ["{", "", '{\n "finished": tru\n "retrievals": [\n'])
def test_a_damaged_journal_is_left_to_who_reads_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "request_ids_damaged.json"
    path.write_text(text, encoding="utf-8")
    assert maybe_unfinished(tmp_path) == [path]
    assert unfinished_jobs(tmp_path) == []


def test_a_journal_with_the_line_ends_of_windows_is_known(tmp_path: Path) -> None:
    path = kept(tmp_path, 1, finished=True)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert maybe_unfinished(tmp_path) == []


def test_a_folder_that_cannot_be_read_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path, 1)
    assert journal_names(tmp_path / "none yet") == []
    cannot_be_listed(tmp_path, monkeypatch)
    with pytest.raises(DiskError, match="nobody knows what was requested before"):
        maybe_unfinished(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="there a link takes a right that few have")
def test_a_link_that_leads_to_itself_is_no_empty_folder(tmp_path: Path) -> None:
    folder = tmp_path / "Logs"
    folder.symlink_to(folder)
    with pytest.raises(DiskError, match="nobody knows what was requested before"):
        journal_names(folder)


def test_a_journal_that_cannot_be_looked_at_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, stat = kept(tmp_path, 1), Path.stat

    def gone(one: Path, **options: bool) -> object:
        if one.name == path.name:
            raise OSError(116, "Stale file handle", str(one))
        return stat(one, **options)

    monkeypatch.setattr(Path, "stat", gone)
    with pytest.raises(JournalError, match=r"cannot be read \(Stale file handle\)"):
        load(path)
    assert journal_folder.read_folder(tmp_path).unreadable.keys() == {path}
