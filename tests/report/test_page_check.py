"""The page compares the files of its own folder with the hashes that stand in it."""

from __future__ import annotations

import hashlib
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import address, until
from support.media import ROAD, Shelf
from support.page_jobs import PagedJob, add_films, filmed_job, make_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shelf: Shelf) -> PagedJob:
    folder = tmp_path_factory.mktemp("made")
    job = filmed_job(folder, shelf, {"Road": [shelf.clip(ROAD, 0, 2), shelf.clip(ROAD, 30, 2)]})
    add_films(job, shelf, side_by_side=False)
    return make_page(job, tmp_path_factory.mktemp("logs"))


@pytest.fixture
def folder(made: PagedJob, tmp_path: Path) -> Path:
    """A copy of the folder, to be changed."""
    return Path(shutil.copytree(made.folder, tmp_path / "it's a copy"))


@pytest.fixture(scope="module")
def page(browser: Browser, made: PagedJob) -> Page:
    page = browser.new_page()
    page.goto(address(made.page))
    return page


def checked(page: Page, folder: Path) -> list[str]:
    """What the page says of a folder that is chosen."""
    page.reload()
    page.locator("#folder").set_input_files(folder)
    until(page, "document.querySelectorAll('#check-said li').length > 1")
    return page.locator("#check-said li").all_inner_texts()


def test_files_as_they_were_made_are_found_so(page: Page, folder: Path) -> None:
    said = checked(page, folder)
    assert said[0] == "4 files are as listed, byte for byte."  # two clips, a merge, the page itself
    assert said[1].startswith("This page cannot hold its own hash. It was compared by SHA256SUMS_")
    assert len(said) == 2


def test_changed_missing_and_surplus_files_are_named(page: Page, folder: Path) -> None:
    first, second = sorted(folder.glob("Road_VideoClip_*"))
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(data)
    second.unlink()
    surplus = folder / second.name.replace("Road", "Rear")
    surplus.write_bytes(b"from elsewhere")
    (folder / "a letter.txt").write_text("nothing of this job")
    said = checked(page, folder)
    assert said[0] == "Not all files are as they are listed here."
    assert f"Changed: {first.name}" in said
    assert f"Missing: {second.name}" in said
    assert f"Surplus: {surplus.name} has a name of this job, and is in no list here" in said
    assert len(said) == 6


def test_a_page_that_was_changed_is_found_by_the_list(page: Page, folder: Path) -> None:
    (report,) = folder.glob("Report_*")
    report.write_text(report.read_text("utf-8").replace("Truck 42", "Truck 43"), "utf-8")
    assert f"Changed: {report.name}" in checked(page, folder)


def test_without_the_list_it_says_where_its_own_hash_stands(page: Page, folder: Path) -> None:
    (hash_list,) = folder.glob("SHA256SUMS_*")
    hash_list.unlink()
    said = checked(page, folder)
    assert said[0] == "3 files are as listed, byte for byte."
    assert said[1].endswith(f"It stands in {hash_list.name}, which was not among the files.")


def test_a_list_that_says_something_else_is_named(page: Page, folder: Path) -> None:
    (hash_list,) = folder.glob("SHA256SUMS_*")
    lines = hash_list.read_text("utf-8").splitlines()
    (at,) = [number for number, line in enumerate(lines) if "Merged" in line]
    lines[at] = "ab" * 32 + lines[at][64:]
    hash_list.write_text("\n".join(lines) + "\n", "utf-8")
    assert any("do not say the same of Road_Merged_" in line for line in checked(page, folder))


# --- its own SHA-256, for files too large for the browser's ---------------------------------------


def test_it_computes_as_everybody_does(page: Page) -> None:
    chance = random.Random(1)
    for length in (0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 128, 1000):
        data = chance.randbytes(length)
        found = page.evaluate("bytes => footageReport.sha256(new Uint8Array(bytes))", list(data))
        assert found == hashlib.sha256(data).hexdigest(), length


def test_pieces_of_a_large_file_make_one_hash(page: Page) -> None:
    size = (8 << 20) * 2 + 12345
    script = """async size => {
      const data = new Uint8Array(size).map((_, n) => (n * 31) % 251);
      const read = [];
      const hash = await footageReport.hashByPieces(new Blob([data]), bytes => read.push(bytes));
      return [hash, read];
    }"""
    found, read = page.evaluate(script, size)
    pattern = bytes(n * 31 % 251 for n in range(251))
    data = (pattern * (size // 251 + 1))[:size]
    assert found == hashlib.sha256(data).hexdigest()
    assert (len(read), sum(read)) == (3, size)
