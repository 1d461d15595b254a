"""All files of a job are looked at and hashed, with nothing beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from footage.job.journal import Journal
from footage.job.whole import FileCheck, lost_sentences


def check_files(journal: Journal, folder: Path, pause: Callable[[float], object]) -> list[str]:
    """What is not as the journal says, in sentences."""
    check = FileCheck(journal, folder, pause)
    check.look()
    for _ in check.hash_rest():
        pass
    return lost_sentences(journal.job)
