"""What the tests of downloads share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.media_host import Host

from footage.cloud.download import Downloader


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.http.shutdown()
    host.http.server_close()


@pytest.fixture
def waits() -> list[float]:
    """The pauses that were made, in seconds; none takes any time."""
    return []


@pytest.fixture
def downloader(waits: list[float]) -> Downloader:
    return Downloader(lambda seconds: waits.append(seconds) if seconds else None, timeout=(2, 2))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "Vidéos of O'Neil 東京" / "Road 2025-04-16.mp4"
