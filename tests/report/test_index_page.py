"""The page with all reports: each job of the folder, the newest first; no other page is touched."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePosixPath

from support.bare_job import TRUCK, bare_job
from support.media import START

from footage.job.journal import Journal
from footage.model import Job, Loss, Output
from footage.report import index_page

NAMED = replace(TRUCK, file_name="Truck 42")
REPORT = Output("report", "", PurePosixPath("Report_Truck 42.html"), 0.0, 9, "", "")


def noted(logs: Path, videos: Path, number: int, **changes: object) -> Journal:
    """A finished job, made so many minutes after the first, with a report."""
    created = START + timedelta(minutes=number)
    values = {
        "vehicle": NAMED,
        "folder": str(videos),
        "created": created,
        "finished": True,
        "outputs": [REPORT],
    }
    return Journal.create(logs, bare_job(**{**values, **changes}), f"2025-04-16_13-3{number}-00")


def page(videos: Path) -> str:
    return (videos / "index.html").read_text(encoding="utf-8")


def test_every_job_of_the_folder_stands_there_newest_first(tmp_path: Path) -> None:
    videos, logs = tmp_path / "Videos", tmp_path / "Logs"
    own = videos / "2025-04-16_13-30-00 Truck 44"
    own.mkdir(parents=True)
    names = ["Truck 42", "Truck 43", "Truck 44"]
    folders = [videos, videos, own]
    for number, (name, folder) in enumerate(zip(names, folders, strict=True)):
        vehicle = replace(TRUCK, name=name, file_name=name)
        with closing(noted(logs, folder, number, vehicle=vehicle, own_folder=folder == own)) as one:
            index_page.write(one)
    with closing(noted(logs, tmp_path / "elsewhere", 3, vehicle=replace(NAMED, name="Other"))):
        pass
    text = page(videos)
    assert text.index("Truck 44") < text.index("Truck 43") < text.index("Truck 42")
    assert 'href="./Report_Truck%2042.html"' in text
    assert 'href="2025-04-16_13-30-00%20Truck%2044/Report_Truck%2042.html"' in text
    assert "Other" not in text
    assert not (own / "index.html").exists()


def test_a_report_that_is_not_there_is_not_linked(tmp_path: Path) -> None:
    lost = replace(REPORT, loss=Loss.MISSING)
    with closing(noted(tmp_path, tmp_path, 0, outputs=[lost], finished=False)) as one:
        index_page.write(one)
    assert "href" not in page(tmp_path) and "none yet" in page(tmp_path)


def test_a_vehicles_name_is_text_and_nothing_else(tmp_path: Path) -> None:
    vehicle = replace(TRUCK, file_name="x", name="<script>alert(1)</script>")
    with closing(noted(tmp_path, tmp_path, 0, vehicle=vehicle)) as one:
        index_page.write(one)
    assert "<script" not in page(tmp_path) and "&lt;script&gt;" in page(tmp_path)
    assert "default-src 'none'" in page(tmp_path)


def test_a_page_of_another_making_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("My site", encoding="utf-8")
    with closing(noted(tmp_path, tmp_path, 0)) as one:
        index_page.write(one)
    assert page(tmp_path) == "My site"


def test_a_folder_that_is_gone_does_not_end_the_run(tmp_path: Path) -> None:
    with closing(noted(tmp_path, tmp_path / "gone", 0)) as one:
        index_page.write(one)
    assert not (tmp_path / "gone").exists()


def test_a_job_of_before_is_in_the_folder_it_names() -> None:
    job: Job = bare_job(folder="C:/Videos")
    assert str(job.videos_folder) in ("C:/Videos", "C:\\Videos")


def test_a_page_that_is_as_it_should_be_is_not_written(tmp_path: Path) -> None:
    videos, logs = tmp_path / "Videos", tmp_path / "Logs"
    videos.mkdir()
    with closing(noted(logs, videos, 0)) as one, closing(noted(logs, videos, 1)):
        index_page.write(one)
    before = (videos / "index.html").stat()
    index_page.refresh(logs)
    assert (videos / "index.html").stat() == before


def test_a_page_that_lacks_a_job_is_written_anew(tmp_path: Path) -> None:
    videos, other, logs = tmp_path / "Videos", tmp_path / "Other", tmp_path / "Logs"
    videos.mkdir()
    other.mkdir()
    with closing(noted(logs, videos, 0)) as one:
        index_page.write(one)
    with closing(noted(logs, videos, 1)), closing(noted(logs, other, 2)):
        pass
    index_page.refresh(logs)
    assert page(videos).count("Report_Truck%2042.html") == 2
    assert page(other).count("Report_Truck%2042.html") == 1
