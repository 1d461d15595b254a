"""`--verify` on the command line: what is verified, what is noted, and how it ends."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.kept_jobs import KeptJob, keep_job

import main
from footage.errors import ExitStatus
from footage.job.journal import Journal, read
from footage.model import StepKind
from footage.system import whole_files
from footage.system.threads import StopEvent


@dataclass
class Said:
    status: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Said:
    status = main.main([str(one) for one in arguments])
    caught = capsys.readouterr()
    assert "Traceback" not in caught.err
    return Said(status, caught.out, caught.err)


def steps(kept: KeptJob) -> list[str]:
    return [one.text for one in read(kept.path).custody if one.kind is StepKind.VERIFIED_AGAIN]


@pytest.fixture
def kept(tmp_path: Path) -> KeptJob:
    return keep_job(tmp_path, real=True, minutes=1)


@pytest.mark.parametrize("named", ["nothing", "journal", "folder", "list", "logs"])
def test_a_whole_job_is_verified_and_noted(
    named: str, kept: KeptJob, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {
        "nothing": [],
        "journal": [kept.path],
        "folder": [kept.videos],
        "list": [kept.hash_list],
        "logs": [kept.logs],
    }
    before = {path: path.read_bytes() for path in kept.files}
    said = run(capsys, "--verify", *paths[named], "--logs", kept.logs)
    assert said.status == ExitStatus.COMPLETE, said
    assert "nothing is changed, missing or surplus" in said.out
    (step,) = steps(kept)
    assert "7 files" in step and "nothing is changed, missing or surplus" in step
    assert {path: path.read_bytes() for path in kept.files} == before
    named_job = re.search(r"Verifying 1 job of .*Logs", said.out)
    assert bool(named_job) == (named == "nothing")


def test_what_is_wrong_ends_with_five(
    kept: KeptJob, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    other = keep_job(tmp_path, "Truck 43", real=True, minutes=1, when="2025-04-17_11-00-00")
    clip = kept.file("Road_VideoClip_Truck 42*")
    clip.write_bytes(b"changed")
    said = run(capsys, "--verify", "--logs", kept.logs)
    assert said.status == 5
    assert f"CHANGED: {clip.name} (its hash is" in said.out
    assert "2 verified: 1 are not as they were." in said.out
    assert f"1 changed; CHANGED: {clip.name}" in steps(kept)[0]
    assert "nothing is changed" in steps(other)[0]
    # A step about a file that is lost does not mend anything, nor does it make the job unfinished.
    assert read(kept.path).finished


def test_a_journal_that_was_changed_is_a_finding(
    kept: KeptJob, capsys: pytest.CaptureFixture[str]
) -> None:
    text = kept.path.read_text("utf-8")
    kept.path.write_text(text.replace("Truck 42", "Truck 43", 1), "utf-8")
    for path in ([], [kept.path], [kept.logs]):
        said = run(capsys, "--verify", *path, "--logs", kept.logs)
        assert said.status == ExitStatus.CHANGED
        assert "was changed by hand since it was written" in said.err


def test_a_newer_journal_cannot_be_verified(
    kept: KeptJob, capsys: pytest.CaptureFixture[str]
) -> None:
    text = kept.path.read_text("utf-8")
    kept.path.write_text(text.replace('"version": 3', '"version": 99'), "utf-8")
    said = run(capsys, "--verify", kept.path, "--logs", kept.logs)
    assert said.status == ExitStatus.USAGE
    assert "newer version" in said.err


def test_a_job_in_use_is_verified_without_a_note(
    kept: KeptJob, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(Journal.open(kept.path)):
        said = run(capsys, "--verify", kept.path, "--logs", kept.logs)
    assert said.status == ExitStatus.COMPLETE
    assert "not noted in the journal: Another run is working on this job" in said.err
    assert not steps(kept)


def test_a_journal_that_cannot_be_written_is_no_hindrance(
    kept: KeptJob, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(target: Path, lines: object) -> None:
        with whole_files.disk_errors(target.parent):
            raise PermissionError(13, "Permission denied", str(target))

    def refuse_more(path: Path, at: int, data: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(whole_files, "write_lines", refuse)
    monkeypatch.setattr(whole_files, "append", refuse_more)
    said = run(capsys, "--verify", kept.path, "--logs", kept.logs)
    assert said.status == ExitStatus.COMPLETE
    assert "not noted in the journal: " in said.err and "cannot be written" in said.err


def test_a_list_without_its_journal_is_verified_alone(
    kept: KeptJob, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for named in (kept.hash_list, kept.videos):
        said = run(capsys, "--verify", named, "--logs", tmp_path / "None")
        assert said.status == ExitStatus.COMPLETE
        assert "no journal of it here, so only the list was compared" in said.out
    kept.file("Track_*").unlink()
    said = run(capsys, "--verify", kept.videos, "--logs", tmp_path / "None")
    assert said.status == ExitStatus.CHANGED
    assert "MISSING: Track_" in said.out


def test_where_there_is_nothing_to_verify_it_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = run(capsys, "--verify", "--logs", tmp_path / "Logs")
    assert (said.status, "There is no job in" in said.out) == (ExitStatus.COMPLETE, True)
    said = run(capsys, "--verify", tmp_path, "--logs", tmp_path / "Logs")
    assert said.status == ExitStatus.USAGE and "nothing to verify" in said.err
    said = run(capsys, "--verify", tmp_path / "none", "--logs", tmp_path / "Logs")
    assert said.status == ExitStatus.USAGE and "there is no file or folder" in said.err
    (tmp_path / "a.zip").write_bytes(b"PK")
    said = run(capsys, "--verify", tmp_path / "a.zip")
    assert said.status == ExitStatus.USAGE and "unpack it" in said.err


def test_ctrl_c_ends_it_and_nothing_is_noted(
    kept: KeptJob, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "StopEvent", _Stopped)
    said = run(capsys, "--verify", "--logs", kept.logs)
    assert said.status == ExitStatus.INTERRUPTED
    assert not steps(kept)
    assert "Stopped" in said.err


class _Stopped(StopEvent):
    def __init__(self, parent: StopEvent | None = None) -> None:
        super().__init__(parent)
        self.set()


def test_other_options_do_not_go_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "--verify", "--minutes", "5")
    assert said.status == ExitStatus.USAGE
    assert "--verify goes with --logs and no other option; leave out --minutes" in said.err
    said = run(capsys, "--reference", "CLM-1")
    assert "--reference is for --package" in said.err
