"""The journals of a folder: each job once, in its newest state, and copies that nothing is paid by.

OneDrive keeps both files where two computers have changed one; people make copies, too.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.jobs import START, a_job

from footage.errors import JournalError
from footage.job import journal_files, journal_folder
from footage.job.journal import Journal, read
from footage.job.journal_folder import JournalFolder, read_folder, stored_job
from footage.job.other_jobs import OtherJobs
from footage.model import Job, RetrievalState

COPY = "request_ids_now-LAPTOP-7.json"


def accept(journal: Journal, number: int, name: str) -> None:
    """A request of the job was taken, under this id."""
    with journal.change() as job:
        job.retrievals[number].state = RetrievalState.ACCEPTED
        job.retrievals[number].id = name


def two_states(folder: Path) -> tuple[Journal, bytes, bytes]:
    """A journal, with the file as it was earlier and as it is now."""
    journal = Journal.create(folder, a_job(), "now")
    accept(journal, 0, "first")
    journal.fold()
    earlier = journal.path.read_bytes()
    accept(journal, 1, "second")
    journal.fold()
    return journal, earlier, journal.path.read_bytes()


def test_of_unfinished_jobs_the_newest_comes_first(tmp_path: Path) -> None:
    for day, finished in ((1, False), (3, True), (2, False)):
        job = a_job(created=START + timedelta(days=day), finished=finished)
        Journal.create(tmp_path, job, f"{day}").close()
    (tmp_path / "request_ids_damaged.json").write_text("{", encoding="utf-8")
    assert [one.job.created.day for one in read_folder(tmp_path).unfinished] == [18, 17]


@pytest.mark.parametrize("copy_is_newer", [True, False])
def test_of_two_copies_the_newer_one_counts(tmp_path: Path, copy_is_newer: bool) -> None:
    journal, earlier, now = two_states(tmp_path)
    copy = journal.path.with_name(COPY)
    copy.write_bytes(now if copy_is_newer else earlier)
    journal.path.write_bytes(earlier if copy_is_newer else now)
    journal.close()
    newer, older = (copy, journal.path) if copy_is_newer else (journal.path, copy)
    for stored in (
        *read_folder(tmp_path).unfinished,
        stored_job(older, tmp_path),
        stored_job(newer, tmp_path),
    ):
        assert (stored.path, list(stored.copies)) == (newer, [older])
        assert [one.id for one in stored.job.retrievals[:2]] == ["first", "second"]


def test_what_is_newer_is_not_how_much_is_here(tmp_path: Path) -> None:
    """A run may find that files are gone: its journal has less in it then, and is the newer one."""
    journal, _, now = two_states(tmp_path)
    copy = journal.path.with_name(COPY)
    copy.write_bytes(now)
    with journal.change() as job:
        job.retrievals[1].state, job.retrievals[1].id = RetrievalState.PLANNED, ""
    journal.close()
    assert stored_job(copy, tmp_path).path == journal.path


@pytest.mark.parametrize(
    "name", ["request_ids_mine.json", "request_ids_2025-04-16_13-30-00 2.json"]
)
def test_of_equal_copies_both_names_lead_to_one(tmp_path: Path, name: str) -> None:
    journal = Journal.create(tmp_path, a_job(), "2025-04-16_13-30-00")
    now = journal.path.read_bytes()
    journal.close()
    copy = journal.path.with_name(name)
    copy.write_bytes(now)
    assert {stored_job(path, tmp_path).path for path in (copy, journal.path)} == {journal.path}


def test_a_copy_elsewhere_leads_to_the_journal_in_logs(tmp_path: Path) -> None:
    journal, earlier, _ = two_states(tmp_path / "Logs")
    journal.close()
    copy = tmp_path / "Desktop" / "my job.json"
    copy.parent.mkdir()
    copy.write_bytes(earlier)
    assert stored_job(copy, tmp_path / "Logs").path == journal.path


def test_a_run_on_one_copy_keeps_others_off_the_job(tmp_path: Path) -> None:
    journal, _, now = two_states(tmp_path)
    copy = journal.path.with_name(COPY)
    copy.write_bytes(now)
    with pytest.raises(JournalError, match="Another run is working"):
        stored_job(copy, tmp_path).open()
    # Another computer has gone on with its copy meanwhile: that is the newest now.
    other = Journal.open(copy)
    for _ in range(3):
        with other.change():
            pass
    other.close()
    with pytest.raises(JournalError, match=f"Another run is .* by a copy .*{journal.path.name}"):
        stored_job(copy, tmp_path).open()
    assert read_folder(tmp_path).unfinished == []
    journal.close()
    stored_job(copy, tmp_path).open().close()


def test_what_only_a_copy_has_requested_is_known(tmp_path: Path) -> None:
    """Two computers have gone on with one job, each with requests of its own."""
    journal, earlier, _ = two_states(tmp_path)
    copy = journal.path.with_name(COPY)
    copy.write_bytes(earlier)
    other = Journal.open(copy)
    accept(other, 2, "third")
    other.close()

    def known(folder: JournalFolder) -> list[list[str]]:
        return [[one.id for one in job.retrievals if one.id] for job in folder.others()]

    assert known(read_folder(tmp_path)) == [["first", "second"], ["third"]]
    (of_copy,) = OtherJobs(journal, tmp_path).jobs
    assert [one.id for one in of_copy.retrievals] == ["third"]
    accept(journal, 2, "third")
    assert list(OtherJobs(journal, tmp_path).jobs) == []
    assert read(copy).retrievals[2].id == "third", "a copy stays as it is"


def test_jobs_of_different_times_are_two(tmp_path: Path) -> None:
    for seconds in (0, 1):
        job = a_job(created=START + timedelta(seconds=seconds))
        Journal.create(tmp_path, job, f"{seconds}").close()
    assert len(read_folder(tmp_path).jobs) == 2


def test_steps_without_their_journal_are_told(tmp_path: Path) -> None:
    with closing(Journal.create(tmp_path, a_job(), "2025-04-16_13-30-00")) as journal:
        accept(journal, 0, "one")
        kept = journal.path.read_bytes()
        journal.path.unlink()
        (error,) = read_folder(tmp_path).unreadable.values()
        assert "is not there" in str(error) and ".steps.jsonl" in str(error)
        journal.path.write_bytes(kept)
        assert not read_folder(tmp_path).unreadable


def test_a_journal_is_parsed_again_only_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def count(path: Path) -> Job:
        parsed.append(path.name)
        return read(path)

    monkeypatch.setattr(journal_folder, "read", count)
    with closing(Journal.create(tmp_path, a_job(), "2025-04-16_13-30-00")) as journal:
        first = read_folder(tmp_path).jobs[0].job
        assert read_folder(tmp_path).jobs[0].job is first
        with journal.change() as job:
            job.quota = "used up"
        assert read_folder(tmp_path).jobs[0].job.quota == "used up"
    assert parsed == [journal.path.name] * 2


def test_a_journal_that_is_gone_on_with_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Journal.create(tmp_path, a_job(), "other").close()
    journal = Journal.create(tmp_path, a_job(created=START + timedelta(days=3)), "now")
    journal.close()
    parsed = parsed_journals(monkeypatch)
    stored_job(journal.path, tmp_path).open().close()
    assert sorted(parsed) == ["request_ids_now.json", "request_ids_other.json"]


def test_a_journal_that_has_changed_since_is_read_again(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    accept(journal, 0, "first")
    stored = stored_job(journal.path, tmp_path)
    accept(journal, 1, "second")
    journal.close()
    with closing(stored.open()) as opened:
        assert [one.id for one in opened.job.retrievals[:2]] == ["first", "second"]


def parsed_journals(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the journals whose JSON is parsed from now on."""
    parsed: list[str] = []
    read_json = journal_files._read_json

    def watched(path: Path) -> tuple[str, dict[str, Any]]:
        parsed.append(path.name)
        return read_json(path)

    monkeypatch.setattr(journal_files, "_read_json", watched)
    return parsed
