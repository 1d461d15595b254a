"""The page for everybody: on paper, for screen readers, in light and in dark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import address
from support.media import DRIVER, ROAD, Shelf
from support.page_jobs import PagedJob, add_films, drive, filmed_job, make_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shelf: Shelf) -> PagedJob:
    """Two minutes; of one camera the second is missing."""
    folder = tmp_path_factory.mktemp("made")
    films = {
        "Road": [shelf.clip(ROAD, 0, 2), shelf.clip(ROAD, 60, 2)],
        "Driver": [shelf.clip(DRIVER, 0, 2)],
        "Analog": [],
    }
    job = filmed_job(folder, shelf, films, minutes=2)
    add_films(job, shelf)
    return make_page(job, folder / "Logs", drive(range(0, 121, 5)))


@pytest.fixture
def page(browser: Browser, made: PagedJob) -> Page:
    page = browser.new_page()
    page.goto(address(made.page))
    return page


@pytest.mark.many_cases
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_rules_of_accessibility_are_kept(page: Page, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe is not installed here")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.click("#apart")
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    found = page.evaluate("tags => axe.run({runOnly: tags})", tags)
    broken = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
    assert not broken, json.dumps(broken, indent=1)
    assert len(found["passes"]) > 20


@pytest.mark.many_cases
@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_on_paper_there_is_a_still_of_each_minute(page: Page, size: str) -> None:
    page.emulate_media(media="print")
    assert not page.locator("#stage").is_visible()
    assert not page.locator("#drop").is_visible()
    stills = page.locator(".stills td img")
    assert stills.count() == 3
    assert all(one.is_visible() for one in stills.all())
    assert stills.first.evaluate("still => [still.naturalWidth, still.naturalHeight]") == [200, 150]
    assert page.locator(".stills .none").count() == 3
    assert page.locator(".originals .h").first.is_visible()
    page.emulate_media(media="screen")
    assert not stills.first.is_visible()
    pages = page.pdf(format=size).count(b"/Type /Page\n")
    assert 2 <= pages <= 8


@pytest.mark.long
def test_all_can_be_reached_and_named_by_the_keyboard(page: Page) -> None:
    names: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        script = """() => {
          const now = document.activeElement;
          const label = now.labels && now.labels[0] && now.labels[0].textContent;
          return now.getAttribute('aria-label') || label || now.textContent || now.tagName;
        }"""
        names.append(" ".join(page.evaluate(script).split()))
    for name in ("Moment", "Play", "One frame on", "Copy", "Each camera", "Choose the folder"):
        assert name in names, names
