"""What the run over several jobs ends with."""

from __future__ import annotations

import itertools

import pytest

from footage.errors import ExitStatus
from footage.ui.job_run import worst


@pytest.mark.parametrize("two", list(itertools.combinations(ExitStatus, 2)))
def test_of_any_two_statuses_one_is_the_worse(two: tuple[ExitStatus, ExitStatus]) -> None:
    assert worst(two) == worst(reversed(two))
    assert worst(two) in two


def test_what_counts_most() -> None:
    assert worst([]) is ExitStatus.COMPLETE
    assert worst([ExitStatus.COMPLETE, ExitStatus.INCOMPLETE]) is ExitStatus.INCOMPLETE
    assert worst([ExitStatus.INCOMPLETE, ExitStatus.STILL_COMING]) is ExitStatus.STILL_COMING
    assert worst(ExitStatus) is ExitStatus.INTERRUPTED
