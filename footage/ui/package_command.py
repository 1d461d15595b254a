"""`--package`: a job's files, put together so that anybody can check them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from footage.errors import ExitStatus, UsageError
from footage.job.journal_folder import StoredJob, read_folder, stored_job
from footage.job.new_job import headline
from footage.report.hashing import Hashing
from footage.report.package import Order, make_package
from footage.report.package_layout import packed_files
from footage.report.report_file import report_for_package
from footage.system import timezones
from footage.system.text import count_text, size_text
from footage.ui.options import NEWEST
from footage.ui.progress import Screen
from footage.ui.session import Session
from footage.ui.terminal import is_terminal
from footage.ui.values import folder

_STAGE = "Packaging"


def package(session: Session, path: Path) -> ExitStatus:
    """Package the job of a journal, or the newest finished one."""
    options, terminal = session.options, session.terminal
    stored = _newest(options.logs) if path == NEWEST else stored_job(path, options.logs)
    screen = Screen(terminal.out, interactive=is_terminal(terminal.out))
    with closing(stored.open()) as journal:
        job = journal.job
        screen.say(f"Packaging {headline(job, timezones.zone(job.timezone))}, {stored.path.name}.")
        total = sum(one.file.size for one in packed_files(job))

        def show(name: str, size: int) -> None:
            text = f"{size_text(size)} of {size_text(total)}, {name}"
            screen.show(_STAGE, text, size, total)
            screen.refresh()

        order = Order(
            folder(options.to) if options.to else Path(job.folder),
            options.zip,
            options.reference or job.reference,
            options.by or "",
        )
        with screen:
            packaged = make_package(
                journal,
                order,
                Hashing(session.stop, show),
                lambda packed: report_for_package(journal, packed, session.stop),
            )
    for note in packaged.notes:
        terminal.warn(note)
    files = count_text(packaged.files, "file")
    screen.say(f"{files} of the job ({size_text(packaged.size)}) are in {packaged.path}")
    screen.say("How anybody checks it stands in its VERIFY.txt.")
    return ExitStatus.COMPLETE


def _newest(logs: Path) -> StoredJob:
    finished = [one for one in read_folder(logs).jobs if one.job.finished]
    if not finished:
        raise UsageError(
            f"There is no finished job in {logs}; name the request_ids file of the one to package."
        )
    return max(finished, key=lambda one: one.job.created)
