"""`--package` on the command line: which job, where it goes, what is said."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from support.kept_jobs import KeptJob, keep_job

import main
from footage.errors import ExitStatus
from footage.job.journal import Journal, read
from footage.model import StepKind


@pytest.fixture
def kept(tmp_path: Path) -> KeptJob:
    return keep_job(tmp_path, real=True, minutes=1)


def run(*arguments: str | Path) -> int:
    return main.main([str(one) for one in arguments])


def test_the_newest_finished_job_is_packaged_and_verified(
    kept: KeptJob, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = keep_job(tmp_path, "Truck 43", when="2025-04-17_11-00-00")
    newer.change(finished=False)
    to = tmp_path / "it's for Zoë"
    named: list[str | Path] = [
        "--reference",
        "CLM-7",
        "--by",
        "Kim",
        "--to",
        to,
        "--logs",
        kept.logs,
    ]
    assert run("--package", *named) == ExitStatus.COMPLETE
    said = capsys.readouterr()
    assert f"Packaging Truck 42   {'Wed 16 Apr 2025'}" in said.out
    assert kept.path.name in said.out
    (folder,) = to.iterdir()
    assert folder.name == "CLM-7_Truck 42_2025-04-16_13-30-00"
    assert "6 files of the job" in said.out and str(folder) in said.out
    inner = folder / "data/journal.json"
    for named_file in (folder, folder / "manifest-sha256.txt", inner):
        assert run("--verify", named_file, "--logs", kept.logs) == ExitStatus.COMPLETE
        said = capsys.readouterr()
        assert "the package CLM-7" in said.out
        assert "nothing is changed, missing or surplus" in said.out
    (folder / "data/added").write_bytes(b"")
    assert run("--verify", folder, "--logs", kept.logs) == ExitStatus.CHANGED
    assert "SURPLUS: data/added (no manifest has it)" in capsys.readouterr().out


def test_a_job_that_is_named_is_packaged_beside_its_files(
    kept: KeptJob, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.change(finished=False)
    assert run("--package", kept.path, "--zip", "--logs", kept.logs) == ExitStatus.COMPLETE
    assert "what --resume still brings is not in the package" in capsys.readouterr().err
    assert kept.file("Package_Truck 42_*.zip").is_file()
    assert run("--verify", kept.path, "--logs", kept.logs) == ExitStatus.COMPLETE


def test_changed_files_are_refused_with_five(
    kept: KeptJob, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.file("Track_*").write_bytes(b"?")
    assert run("--package", "--logs", kept.logs) == ExitStatus.CHANGED
    error = capsys.readouterr().err
    assert "Nothing was packaged" in error and "Track_Truck 42" in error
    assert not [one for one in read(kept.path).custody if one.kind is StepKind.PACKAGED]


def test_a_job_in_use_or_none_is_a_sentence(
    kept: KeptJob, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(Journal.open(kept.path)):
        assert run("--package", "--logs", kept.logs) == ExitStatus.USAGE
    assert "Another run is working on this job" in capsys.readouterr().err
    assert run("--package", "--logs", tmp_path / "None") == ExitStatus.USAGE
    assert "There is no finished job in" in capsys.readouterr().err
