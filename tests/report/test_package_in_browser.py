"""The page in a package checks the whole package; that beside several jobs' films its own job."""

from __future__ import annotations

import shutil
import unicodedata
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.browser import address, until
from support.kept_jobs import KeptJob, keep_job

from footage.job.job_list import work_folder
from footage.job.journal import Journal
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Outputs
from footage.model import Arrangement
from footage.report import evidence
from footage.report.hashing import Hashing
from footage.report.package import Order, make_package
from footage.report.report_file import report_for_package
from footage.system.threads import StopEvent

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pack(kept: KeptJob, to: Path) -> Path:
    stop = StopEvent()
    with closing(Journal.open(kept.path)) as journal:
        hashing = Hashing(stop)
        return make_package(
            journal,
            Order(to),
            hashing,
            lambda packed: report_for_package(journal, packed, stop),
        ).path


def make_evidence(kept: KeptJob) -> Path:
    """Make page and list of a job as a run does at its end; returns the page."""
    with closing(Journal.open(kept.path)) as journal:
        work = work_folder(kept.path, kept.videos)
        work.mkdir()
        outputs = Outputs(journal, kept.videos, work, OtherJobs(journal, kept.videos))
        evidence.make(journal, outputs, StopEvent())
        shutil.rmtree(work)
        (page,) = [one.path for one in journal.job.outputs if one.kind == "report"]
    return kept.videos / page


def said(browser: Browser, page: Path, chosen: Path | list[Path]) -> list[str]:
    """What a page says of a folder, or of files, that are chosen in it."""
    shown = browser.new_page()
    shown.goto(address(page))
    shown.locator("#files" if isinstance(chosen, list) else "#folder").set_input_files(chosen)
    until(shown, "document.querySelectorAll('#check-said li').length > 1")
    lines = shown.locator("#check-said li").all_inner_texts()
    shown.close()
    return lines


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    return pack(keep_job(folder, "L'été à 50% (2)", real=True, minutes=1), folder / "data")


def test_a_whole_package_is_found_so(browser: Browser, packaged: Path) -> None:
    page = packaged / "data/report.html"
    whole = ["14 files are as listed, byte for byte."]
    files = [path for path in packaged.rglob("*") if path.is_file()]
    for chosen in (packaged, files):
        lines = said(browser, page, chosen)
        assert lines[:-1] == whole
        assert "compared by manifest-sha256.txt" in lines[-1]
    inner = said(browser, page, packaged / "data")
    assert inner[0] == "6 files are as listed, byte for byte." and len(inner) == 2


def test_accents_that_a_disk_took_apart_are_no_fault(
    browser: Browser, packaged: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(packaged, folder)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.rename(path.with_name(unicodedata.normalize("NFD", path.name)))
    lines = said(browser, folder / "data/report.html", folder)
    assert lines[0] == "14 files are as listed, byte for byte." and len(lines) == 2


def test_each_change_of_a_package_is_named(
    browser: Browser, packaged: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(packaged, folder)
    changed = [folder / "VERIFY.txt", folder / "data/custody.csv", next(folder.glob("*/me*/Road*"))]
    for path in changed:
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    missing = next(folder.glob("data/originals/*"))
    twin = folder / "data/originals/again" / changed[-1].name
    twin.parent.mkdir()
    shutil.copy(missing, twin)
    missing.unlink()
    (folder / "more").write_bytes(b"")
    lines = said(browser, folder / "data/report.html", folder)

    def place(path: Path) -> str:
        return path.relative_to(folder).as_posix()

    assert {f"Changed: {place(path)}" for path in changed} <= set(lines)
    assert f"Missing: {place(missing)}" in lines
    assert {f"Surplus: {name} is in no list here" for name in (place(twin), "more")} <= set(lines)
    assert len(lines) == 2 + len(changed) + 1 + 2 + 1


def test_a_garbled_manifest_is_named(browser: Browser, packaged: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(packaged, folder)
    tags = folder / "tagmanifest-sha256.txt"
    tags.write_bytes(tags.read_bytes().replace(b"  VERIFY.txt", b" !VERIFY.txt"))
    lines = said(browser, folder / "data/report.html", folder)
    assert "tagmanifest-sha256.txt has a line that is no hash and name" in lines
    assert "Surplus: VERIFY.txt is in no list here" in lines


@pytest.mark.long
def test_each_job_of_a_folder_has_its_own_page(browser: Browser, tmp_path: Path) -> None:
    one = keep_job(tmp_path, real=True, minutes=1)
    other: dict[str, Any] = {"when": "2025-04-17_11-00-00", "layout": Arrangement.GRID}
    two = keep_job(tmp_path, real=True, minutes=1, **other)
    pages = [make_evidence(kept) for kept in (one, two)]
    for kept, page in zip((one, two), pages, strict=True):
        lines = said(browser, page, kept.videos)
        assert len(lines) == 2, lines
        assert f"compared by {kept.hash_list.name}." in lines[-1]
        # The commands in the page check that job's list, too.
        assert f"sha256sum -c '{kept.hash_list.name}'" in page.read_text("utf-8").replace(
            "&#39;", "'"
        )
    one.hash_list.unlink()
    surplus = [line for line in said(browser, pages[1], two.videos) if "Surplus" in line]
    assert surplus and all("is in no list here" in line for line in surplus)
