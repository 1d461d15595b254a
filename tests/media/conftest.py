"""Fixtures of the tests of media."""

from __future__ import annotations

import pytest
from support.media import Shelf, shelf_of


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Clips that are drawn once for all tests."""
    return shelf_of(tmp_path_factory)
