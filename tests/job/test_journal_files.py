"""The journal's JSON and the steps beside it: together they have all, wherever a run was killed."""

from __future__ import annotations

import gc
import json
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from support.jobs import a_full_job, a_job

from footage.errors import DiskError, JournalError
from footage.job import journal as journals
from footage.job.journal import Journal, read
from footage.job.journal_folder import read_folder
from footage.job.journal_heads import steps_path
from footage.model import Job, RetrievalState, StepKind
from footage.system import whole_files
from footage.system.later import Later


def work_at(journal: Journal, upon: Callable[[], object] = lambda: None) -> None:
    """Four changes as a run makes them; `upon` is called after each."""
    first, second = journal.job.retrievals[:2]
    with journal.change(first):
        first.state = RetrievalState.REQUESTING
        journal.note(StepKind.ASKED, text="Road")
    upon()
    with journal.change(first) as job:
        first.state, first.id, job.quota = RetrievalState.ACCEPTED, "paid-for", "1 used"
        journal.note(StepKind.ACCEPTED, retrieval_id="paid-for")
    upon()
    with journal.change() as job:
        job.retrievals.remove(second)
    upon()
    with journal.change() as job:
        job.outputs.clear()
        job.region = "eu"
    upon()


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    # Nothing is folded in by itself, however long a test takes on a busy computer.
    monkeypatch.setattr("footage.job.journal._FOLD_AFTER", 3600.0)
    return Journal.create(tmp_path / "Logs", a_full_job(), "now")


def steps_of(journal: Journal) -> Path:
    return steps_path(journal.path)


def state(path: Path) -> str:
    """All of a job that a journal tells, in words that can be compared."""
    return repr(read(path))


def test_a_change_adds_a_line_and_leaves_the_json(journal: Journal) -> None:
    before = journal.path.read_bytes()
    work_at(journal, lambda: None)
    assert journal.path.read_bytes() == before
    assert steps_of(journal).read_text("utf-8").count("\n") == 4
    assert read(journal.path) == journal.job
    journal.close()
    assert not steps_of(journal).exists()
    assert read(journal.path) == journal.job
    assert json.loads(journal.path.read_text("utf-8"))["quota"] == "1 used"


def test_a_run_that_is_looked_at_has_its_steps(journal: Journal) -> None:
    folder = journal.path.parent
    seen: list[tuple[Job, int]] = []
    work_at(journal, lambda: seen.append((read_folder(folder).jobs[0].job, journal.job.revision)))
    assert [job.revision for job, _ in seen] == [revision for _, revision in seen]
    assert seen[1][0].retrievals[0].id == "paid-for"


@pytest.mark.long
def test_cut_off_at_any_byte_it_is_as_after_a_change(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = journal.path.parent
    states = {0: state(journal.path)}
    work_at(journal, lambda: states.update({steps_of(journal).stat().st_size: state(journal.path)}))
    text, whole = whole_files.read_text(journal.path), steps_of(journal).read_bytes()

    def expected(size: int) -> str:
        # The end of the line alone may be missing: all of the change is there.
        return states.get(size + 1) or states[max(at for at in states if at <= size)]

    # From memory: each of thousands of files would be written and read, at 6 ms on some systems.
    size = 0
    with monkeypatch.context() as patched:
        patched.setattr(whole_files, "read_text", lambda path: text)
        patched.setattr(whole_files, "read_bytes", lambda path: whole[:size])
        for size in range(len(whole) + 1):
            assert state(journal.path) == expected(size)
    ends = {end for at in states for end in (at - 1, at) if end >= 0}
    for size in sorted({*range(0, len(whole) + 1, 100), *ends}):
        steps_of(journal).write_bytes(whole[:size])
        copied = Path(shutil.copytree(folder, tmp_path / str(size))) / journal.path.name
        opened = Journal.open(copied)
        assert repr(opened.job) == expected(size)
        opened.close()
        assert state(copied) == expected(size)
        assert not steps_path(copied).exists()


def test_killed_before_the_steps_are_removed(journal: Journal) -> None:
    work_at(journal)
    left = steps_of(journal).read_bytes()
    journal.fold()
    steps_of(journal).write_bytes(left)
    assert read(journal.path) == journal.job
    journal._file_lock.release()
    again = Journal.open(journal.path)
    assert again.job == journal.job
    assert not steps_of(journal).exists()


def test_steps_that_cannot_be_removed_are_in_nobodys_way(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(path: Path) -> None:
        raise PermissionError(13, "held open", str(path))

    monkeypatch.setattr(whole_files, "remove", held)
    work_at(journal)
    journal.fold()
    assert steps_of(journal).exists()
    assert read(journal.path) == journal.job
    for quota in ("2 used", "3 used"):
        with journal.change() as job:
            job.quota = quota
        assert read(journal.path) == journal.job
    journal.close()
    assert Journal.open(journal.path).job == journal.job


def test_a_copy_of_the_json_alone_is_a_journal(journal: Journal, tmp_path: Path) -> None:
    work_at(journal)
    copy = tmp_path / "request_ids_copy.json"
    shutil.copy(journal.path, copy)
    assert read(copy).revision == 1
    journal.close()
    shutil.copy(journal.path, copy)
    assert read(copy) == journal.job


def test_steps_damaged_in_the_middle_are_not_guessed(journal: Journal) -> None:
    work_at(journal)
    lines = steps_of(journal).read_bytes().splitlines(keepends=True)
    damaged = b"".join([lines[0], lines[1].replace(b"paid-for", b"paid-FOR"), *lines[2:]])
    steps_of(journal).write_bytes(damaged)
    journal._file_lock.release()
    with pytest.raises(JournalError, match=f"{steps_of(journal).name} is damaged"):
        Journal.open(journal.path)
    assert steps_of(journal).read_bytes() == damaged


def test_an_older_json_is_not_mixed_with_newer_steps(journal: Journal) -> None:
    older = journal.path.read_bytes()
    work_at(journal)
    journal.fold()
    with journal.change() as job:
        job.quota = "2 used"
    journal._file_lock.release()
    journal.path.write_bytes(older)
    with pytest.raises(JournalError, match="goes on from, and is left alone"):
        Journal.open(journal.path)
    assert journal.path.read_bytes() == older
    steps_of(journal).rename(journal.path.with_name("elsewhere"))
    assert Journal.open(journal.path).job.revision == 1


def test_a_name_whose_steps_are_still_there_is_taken(journal: Journal) -> None:
    work_at(journal)
    journal._file_lock.release()
    journal.path.unlink()
    other = Journal.create(journal.path.parent, a_job(), "now")
    assert other.path.name == "request_ids_now_2.json"
    assert read(other.path) == other.job


def test_the_json_is_brought_up_to_date_by_itself(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Later()
    monkeypatch.setattr(journals, "_LATER", later)
    monkeypatch.setattr(journals, "_FOLD_AFTER", 0.0)
    work_at(journal)
    while (thread := later._thread) is not None:
        thread.join()
    assert not steps_of(journal).exists()
    assert json.loads(journal.path.read_text("utf-8"))["region"] == "eu"


def test_a_journal_that_is_given_up_is_not_written(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, a_job(), "now")
    work_at(journal)
    gone = weakref.ref(journal)
    journal._file_lock.release()
    del journal
    gc.collect()
    assert gone() is None, "who folds it in later does not keep it"


def test_a_change_by_halves_is_only_saved_with_the_next(journal: Journal) -> None:
    first = journal.job.retrievals[0]
    work_at(journal)
    saved = read(journal.path)

    def break_off() -> None:
        with pytest.raises(KeyError), journal.change(first):
            first.possible_duplicates = 7
            raise KeyError

    break_off()
    journal.fold()
    assert not steps_of(journal).exists()
    assert read(journal.path) == saved
    with journal.change(journal.job.retrievals[1]) as job:
        job.quota = "2 used"
    assert read(journal.path).retrievals[0].possible_duplicates == 7
    assert read(journal.path) == journal.job


def test_without_its_file_of_steps_the_json_is_written(journal: Journal) -> None:
    """A person may have moved it away while a run works."""
    work_at(journal)
    steps_of(journal).unlink()
    with journal.change() as job:
        job.quota = "2 used"
    assert read(journal.path) == journal.job
    assert not steps_of(journal).exists()


def test_what_cannot_be_folded_in_stays_in_the_steps(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    work_at(journal)

    def full(target: Path, lines: object) -> None:
        raise DiskError("full")

    with monkeypatch.context() as patched:
        patched.setattr(whole_files, "write_lines", full)
        journal.close()
    assert read(journal.path) == journal.job
    assert Journal.open(journal.path).job == journal.job
