"""What the tests of retrieving share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.retrieving import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.clock.set()
    made.workers.join(2.0)
