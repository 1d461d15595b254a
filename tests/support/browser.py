"""A real browser for the tests of the page: Chromium of the system, driven by Playwright."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from simulator.footage import read_clock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_PATIENCE = 60.0  # seconds; other work may go on beside the tests
# Nothing that a browser asks its maker for by itself; and it may run as root, as in a container.
_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser that runs while the block does; where there is none the tests are skipped."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed here")
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("there is no Chromium on this computer")
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield started
        started.close()


def picture(page: Page, selector: str) -> tuple[int, datetime] | None:
    """The number of the camera and the moment in the picture that a film shows now."""
    film = page.locator(selector)
    wide, high = film.evaluate("film => [film.videoWidth, film.videoHeight]")
    with Image.open(io.BytesIO(film.screenshot())) as image:
        scale = min(image.width / wide, image.height / high)
        left, top = (image.width - scale * wide) / 2, (image.height - scale * high) / 2
        box = tuple(map(round, (left, top, image.width - left, image.height - top)))
        return read_clock(np.asarray(image.crop(box).convert("L")))


def until(page: Page, condition: str) -> None:
    """Wait until an expression is true in the page, whose policy forbids Playwright's own way."""
    give_up = time.monotonic() + _PATIENCE
    while not page.evaluate(condition):
        assert time.monotonic() < give_up, f"it never came to be: {condition}"
        page.wait_for_timeout(20)


def address(path: Path) -> str:
    return path.absolute().as_uri()
