"""`index.html` in the folder of the videos: every job in it, the newest first, with its report."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from pathlib import Path, PurePath
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from footage.errors import DiskError
from footage.job.job_list import state_text
from footage.job.journal import Journal
from footage.job.journal_folder import read_folder
from footage.model import Job, Output
from footage.report.page import source_hash
from footage.system import timezones, whole_files
from footage.system.text import length_text, media_text, visible

log = logging.getLogger("footage.report.index_page")

NAME = "index.html"
GENERATOR = "fleet-dashcam-footage"  # by which the page is known as ours
REPORT = "report"  # kind of an `Output`


@dataclass(frozen=True)
class Row:
    """A job as a line of the page; `link` is the address of its report, "" where there is none."""

    when: str
    vehicle: str
    length: str
    kind: str
    provider: str
    state: str
    link: str


def write(journal: Journal) -> None:
    """Write the page for the folder of the job's videos, from all journals beside the job's own.

    A page of that name that is not ours stays. That it cannot be written is noted in the log: the
    job is none the worse for it.
    """
    with journal.locked() as mine:
        folder = mine.videos_folder
        own = (mine.created, _row(mine))
    with _only_logged():
        stored = read_folder(journal.path.parent, but=journal.path).jobs
        others = [one.job for one in stored if one.job.videos_folder == folder]
        _write(Path(folder), [own, *_rows(others)])


def refresh(logs: Path) -> None:
    """Write the page of each folder of videos that has jobs in a folder of logs, where it is not as
    the journals say: many jobs may end before it is written, and a run may be killed before.
    """
    folders: dict[PurePath, list[Job]] = defaultdict(list)
    with _only_logged():
        for one in read_folder(logs).jobs:
            folders[one.job.videos_folder].append(one.job)
    for folder, jobs in folders.items():
        with _only_logged():
            _write(Path(folder), _rows(jobs))


@contextmanager
def _only_logged() -> Iterator[None]:
    try:
        yield
    except (DiskError, OSError) as error:
        log.warning("The page with all reports was not written: %s", error)


def _rows(jobs: Iterable[Job]) -> list[tuple[datetime, Row]]:
    return [(job.created, _row(job)) for job in jobs if not job.discarded]


def _write(folder: Path, rows: Iterable[tuple[datetime, Row]]) -> None:
    """Write the page of a folder, unless it is as it should be."""
    newest_first = sorted(rows, key=itemgetter(0), reverse=True)
    page = folder / NAME
    if not page.parent.is_dir():
        return
    there = page.read_text(encoding="utf-8", errors="replace") if page.exists() else None
    if there is not None and GENERATOR not in there:
        log.info("%s is not ours, and is left alone", page)
        return
    whole_files.remove_left_behind(page)
    lines = render([row for _, row in newest_first]).splitlines()
    if there is None or there.splitlines() != lines:
        whole_files.write_lines(page, lines)


def _row(job: Job) -> Row:
    tz = timezones.zone(job.timezone)
    folder = PurePath(job.folder).relative_to(job.videos_folder).as_posix()
    return Row(
        when=timezones.spelled_text(job.start, tz),
        vehicle=visible(job.vehicle.name),
        length=length_text(job.length) if job.length else "one moment",
        kind=media_text(job.media_type, job.every),
        provider=job.provider,
        state=state_text(job),
        link=next((quote(f"{folder}/{report.path}") for report in _reports(job)), ""),
    )


def _reports(job: Job) -> Iterator[Output]:
    """The job's reports that are there, the newest first."""
    return (one for one in reversed(job.outputs) if one.kind == REPORT and one.loss is None)


def render(rows: Sequence[Row]) -> str:
    """The page as HTML. Whatever stands in the rows is shown as text."""
    style = _environment().get_template("index.css").render()
    page = _environment().get_template("index.html.j2")
    return page.render(rows=rows, style=style, style_hash=source_hash(style), generator=GENERATOR)


@lru_cache
def _environment() -> Environment:
    """Keeps the templates compiled, as the page is written for each job of a list."""
    return Environment(
        loader=PackageLoader("footage.report"), autoescape=True, undefined=StrictUndefined
    )
