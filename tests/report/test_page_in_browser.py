"""The page in a real browser: what it loads, what it shows, and how its player keeps time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from support.browser import address, picture, until
from support.media import DRIVER, ROAD, START, Shelf
from support.page_jobs import PagedJob, add_films, drive, filmed_job, make_page

from footage.model import Vehicle

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page

NAME = '<script>alert(1)</script> "onload=alert(2)'
ROLE = '"><img src=x onerror=alert(3)>'
FRAME = 1 / 5  # seconds; of the films
Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory, shelf: Shelf) -> PagedJob:
    """Road lacks ten seconds, Driver begins four seconds early, of Analog there is nothing."""
    folder = tmp_path_factory.mktemp("paged")
    films = {
        "Road": [shelf.clip(ROAD, 0, 20), shelf.clip(ROAD, 30, 30)],
        "Driver": [shelf.clip(DRIVER, -4, 64)],
        "Analog": [],
    }
    job = filmed_job(
        folder,
        shelf,
        films,
        vehicle=Vehicle("281", NAME, file_name="Truck 42 #1%"),
        roles={"input1": ROLE},
    )
    add_films(job, shelf)
    return make_page(job, folder / "Logs", drive([*range(25), *range(45, 61)]))


@pytest.fixture
def open_page(browser: Browser, paged: PagedJob) -> Iterator[Open]:
    """Opens the page and waits until its film is there. What goes wrong in it fails the test."""
    troubles: list[str] = []
    contexts = []

    def dismiss(dialog: Dialog) -> None:
        troubles.append(dialog.message)
        dialog.dismiss()

    def open_it(job: PagedJob = paged, wait: bool = True, **how: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 1400}, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("dialog", dismiss)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(address(job.page))
        if wait:
            ready(page)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not troubles


def state(page: Page) -> Any:
    return page.evaluate("footageReport.state()")


def ready(page: Page) -> None:
    """Wait until the films stand where they are to."""
    until(
        page,
        "[...document.querySelectorAll('#stage .tile:not(.dark) video')]"
        ".every(film => film.readyState >= 2 && !film.seeking)",
    )


def go_to(page: Page, seconds: float) -> None:
    page.evaluate(
        "at => { const slider = document.getElementById('slider');"
        " slider.value = at; slider.dispatchEvent(new Event('input')); }",
        str(seconds),
    )
    ready(page)


def shown(page: Page, number: int = 0) -> float | None:
    """The moment that the picture of a tile tells, in seconds after the start."""
    read = picture(page, f"#stage .tile:nth-child({number + 1}) video")
    return None if read is None else (read[1] - START).total_seconds()


def at_clock(page: Page) -> str:
    return page.locator("#clock").inner_text()


# --- what it loads and shows ----------------------------------------------------------------------


def test_it_loads_nothing_but_the_local_films(browser: Browser, paged: PagedJob) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(unquote(request.url)))
    page.goto(address(paged.page))
    ready(page)
    page.click("#apart")
    ready(page)
    films = {one.path.name for one in paged.job.outputs if one.path.suffix == ".mp4"}
    folder = paged.folder.as_uri() + "/"
    assert {one.removeprefix(unquote(folder)) for one in asked} == {paged.page.name, *films}
    # Even a script could not: the page's own policy forbids it.
    tried = "fetch('http://127.0.0.1:9/').then(() => 'loaded', error => error.name)"
    assert page.evaluate(tried) == "TypeError"
    assert len({one for one in asked if not one.startswith("file:")}) == 0
    page.close()


def test_foreign_words_are_shown_as_text(open_page: Open) -> None:
    page = open_page()
    assert page.locator("h1").inner_text() == NAME
    page.click("#apart")
    ready(page)
    assert page.locator(".tile .name").nth(1).inner_text() == f"{ROLE} (Driver)"
    assert 'failed: <b>"disk" & more</b>' in page.locator(".tile .why").nth(2).inner_text()
    assert page.locator("img[src=x], h1 script, .why b").count() == 0


def test_it_says_what_is_missing_and_why(open_page: Open) -> None:
    page = open_page()
    verdict = page.locator(".verdict").inner_text()
    assert verdict.startswith("!")
    assert "Not complete. Road lacks 0:10 min" in " ".join(verdict.split())
    gaps = page.locator(".reasons").first.inner_text()
    assert "07:30:20 to 07:30:30 No footage" in " ".join(gaps.split())


def test_on_a_phone_nothing_is_beyond_the_edge(open_page: Open) -> None:
    page = open_page(viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# --- the player -----------------------------------------------------------------------------------


def test_each_step_is_one_frame_and_the_clock_tells_its_time(open_page: Open) -> None:
    page = open_page()
    go_to(page, 33.3)
    for key, frame in ((".", 167), (".", 168), (".", 169), (",", 168), (",", 167), (",", 166)):
        page.keyboard.press(key)
        ready(page)
        assert shown(page) == pytest.approx(frame * FRAME, abs=0.011)
        assert page.locator("#frame").inner_text() == f"frame {frame}"
        assert at_clock(page) == clock_text(frame * FRAME)


def clock_text(seconds: float) -> str:
    moment: datetime = START + timedelta(seconds=seconds, hours=-6)
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d} CST"


def test_keys_move_the_player(open_page: Open) -> None:
    page = open_page()
    for key, moment in (("ArrowRight", 1.0), ("ArrowRight", 2.0), ("ArrowLeft", 1.0)):
        page.keyboard.press(key)
        assert state(page)["moment"] == pytest.approx(moment, abs=0.01)
    for key, speed in (("[", 0.5), ("[", 0.25), ("[", 0.25), ("]", 0.5)):
        page.keyboard.press(key)
        assert state(page)["speed"] == speed
    page.keyboard.press(" ")
    until(page, "footageReport.state().moment > 1.3")
    page.keyboard.press(" ")
    stopped = state(page)
    assert not stopped["playing"] and stopped["films"][0]["paused"]
    page.keyboard.press("2")
    assert state(page)["mode"] == "cameras"
    assert page.locator(".tile.large .name").inner_text().endswith("(Driver)")
    page.keyboard.press("2")
    assert page.locator(".tile.large").count() == 0


def test_each_camera_is_shown_at_its_true_time(open_page: Open) -> None:
    page = open_page()
    page.click("#apart")
    for moment in (0.1, 12.5, 45.1, 59.7):
        go_to(page, moment)
        for number in (0, 1):
            assert shown(page, number) == pytest.approx(moment // FRAME * FRAME, abs=0.011)
    go_to(page, 25)
    tiles = page.locator("#stage .tile")
    assert "No footage from 07:30:20 to 07:30:30" in tiles.nth(0).inner_text()
    assert "failed" in tiles.nth(2).inner_text()
    assert [tile.is_visible() for tile in page.locator("#stage video").all()] == [False, True]


def test_films_keep_to_one_clock_over_a_gap(open_page: Open) -> None:
    page = open_page()
    page.click("#apart")
    go_to(page, 28.5)
    page.keyboard.press(" ")
    until(page, "footageReport.state().moment > 29.5")
    # A busy computer may hold a film up for a moment; then it catches up, and all keep together.
    off_before = page.evaluate(
        """() => new Promise(resolve => {
             const off = [];
             let together = 0;
             const look = () => {
               const now = footageReport.state();
               const frames = now.films.filter(film => film.ahead !== null)
                 .map(film => film.ahead * film.rate);
               if (now.moment > 31 && frames.length > 1) {
                 off.push(Math.max(...frames.map(Math.abs)));
                 together = off.at(-1) < 1 ? together + 1 : 0;
               }
               if (together === 20) resolve(null);
               else if (now.moment > 58) resolve(off); else setTimeout(look, 50);
             };
             look();
           })"""
    )
    assert off_before is None, "for a second on end no film is a frame off"


def test_a_click_in_bar_or_track_moves_all(open_page: Open) -> None:
    page = open_page()
    plot = page.locator(".plot").first
    box = plot.bounding_box()
    assert box is not None
    plot.click(position={"x": box["width"] / 2, "y": 10})
    assert state(page)["moment"] == pytest.approx(30, abs=0.2)
    track = page.locator("#track-map")
    box = track.bounding_box()
    assert box is not None
    track.click(position={"x": box["width"] - 30, "y": 30})  # to the north-east: the end
    assert state(page)["moment"] == pytest.approx(60, abs=0.2)
    assert "40.01200, -89.98800" in page.locator(".coordinates").inner_text()


def test_speed_is_told_but_for_where_nothing_is_known(open_page: Open) -> None:
    page = open_page()
    go_to(page, 20)
    assert page.locator("#motion").inner_text() == "22 mph NE (45°)"
    assert page.locator("#place").inner_text() == "40.00400, -89.99600 · Elm St"
    go_to(page, 30)
    assert page.locator("#motion").inner_text() == "No GPS at this moment"
    assert page.locator(".speed-plot .curve").get_attribute("d").count("M") == 2  # type: ignore[union-attr]


def test_where_it_is_can_be_copied(open_page: Open, paged: PagedJob) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    go_to(page, 12.5)
    page.keyboard.press("c")
    name = paged.file("SideBySide_*").name
    text = f"{clock_text(12.4)}, frame 62, {name}"
    assert page.locator("#copied").input_value() == text


def test_a_film_that_cannot_be_played_is_named(
    open_page: Open, tmp_path_factory: pytest.TempPathFactory, shelf: Shelf
) -> None:
    folder = tmp_path_factory.mktemp("hevc")
    drawn = shelf.clip(ROAD, 0, 2)
    hevc = shelf.changed(drawn, "-c:v", "libx265", "-x265-params", "log-level=none")
    job = filmed_job(folder, shelf, {"Road": [hevc]})
    add_films(job, shelf, side_by_side=False)
    page = open_page(make_page(job, folder / "Logs"), wait=False)
    until(page, "document.querySelector('.why').textContent.includes('VLC')")
    text = page.locator(".tile .why").inner_text()
    assert text.startswith("This browser cannot play HEVC (H.265) video. VLC (videolan.org) can")


def test_without_the_side_by_side_the_clock_goes_on(
    open_page: Open, paged: PagedJob, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(paged.folder, tmp_path / "copy"))
    (film,) = folder.glob("SideBySide_*")
    film.unlink()
    page = open_page(replace(paged, page=folder / paged.page.name), wait=False)
    until(page, "document.querySelector('.why').textContent !== ''")
    assert page.locator(".why").inner_text().startswith(f"{film.name} cannot be played here.")
    page.keyboard.press(" ")
    until(page, "footageReport.state().moment > 0.5")
    page.click("#apart")
    ready(page)
    assert shown(page, 0) is not None
