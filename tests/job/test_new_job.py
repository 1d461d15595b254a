"""From answers to a job, whose folder is tried before anything is requested."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from support.bare_job import bare_job

from footage.errors import UsageError
from footage.job import new_job
from footage.job.answers import Answers
from footage.model import Job
from footage.system import whole_files


def test_a_folder_too_deep_for_the_names_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def too_long(folder: Path, inner: int, name: int) -> int:
        tried.append(name)
        return 283

    monkeypatch.setattr(whole_files, "try_long_names", too_long)
    with pytest.raises(UsageError, match="would need 283 characters") as refused:
        new_job._make_folder(bare_job(), tmp_path)
    assert "nothing was requested" in str(refused.value)
    assert tried == [len("SideBySide_Merged_Truck 42_2025-04-16_18-30-00_1min.mp4")]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be used"):
        new_job._make_folder(bare_job(), tmp_path / "file" / "inside")


def test_each_answer_is_a_field_of_the_job_of_the_same_type() -> None:
    of_job = {field.name: field.type for field in fields(Job)}
    answers = {field.name: field.type for field in fields(Answers)}
    assert answers.items() <= of_job.items()
