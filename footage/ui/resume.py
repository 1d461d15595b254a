"""`--resume`: go on with the job of a journal, or with every unfinished job."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

from footage.errors import DiskError, ExitStatus, JournalError
from footage.job.job_list import only_waits
from footage.job.journal import Journal
from footage.job.journal_folder import JournalFolder, read_folder, stored_job
from footage.report import index_page
from footage.system import open_files
from footage.ui.job_run import SignIn, go_on, worst
from footage.ui.session import Session
from footage.ui.several_jobs import SeveralJobs


def take_up(session: Session, path: Path, sign_in: SignIn) -> ExitStatus:
    """Go on with the job of a journal; where that is a copy, with the newest of its journals."""
    stored = stored_job(path, session.options.logs)
    if stored.path != path.resolve():
        session.terminal.say(
            f"{path.name} is a copy of {stored.path.name}, which is at least as new; this run goes "
            "on with that one."
        )
    with closing(stored.open()) as journal:
        return go_on(session, journal, sign_in).status


def take_up_all(session: Session, sign_in: SignIn) -> ExitStatus:
    """Go on with every unfinished job that no other run has, one after the other.

    Those with something to do at once come first. Each is polled once and made of what is there;
    only when all that are left wait for their vehicles does the run wait, for all of them.
    Returns the worst of their statuses.
    """
    journals = read_folder(session.options.logs)
    for error in journals.unreadable.values():
        session.terminal.warn(str(error))
    status = _take_up_each(session, journals, sign_in)
    return worst([status, ExitStatus.USAGE]) if journals.unreadable else status


def _take_up_each(session: Session, folder: JournalFolder, sign_in: SignIn) -> ExitStatus:
    unfinished = folder.unfinished
    if not unfinished:
        return _nothing_to_take_up(session, folder)
    unfinished.sort(key=lambda stored: only_waits(stored.job))  # else the newest first
    room = open_files.most_jobs()
    statuses: list[ExitStatus] = []
    if len(unfinished) > room:
        statuses.append(ExitStatus.STILL_COMING)
        session.terminal.warn(
            f"This computer lets a program hold about {room} jobs at a time, so "
            f"{len(unfinished) - room} of {len(unfinished)} are left for another --resume. With a "
            "higher limit on open files (ulimit -n) all are gone on with at once."
        )
    with ExitStack() as opened:
        journals: list[Journal] = []
        for stored in unfinished[:room]:
            for path in stored.copies:
                session.terminal.say(f"{path.name} is a copy of {stored.path.name}; not used.")
            try:
                journals.append(stored.open())
            except (JournalError, DiskError) as error:  # or another run was quicker
                session.terminal.warn(str(error))
                statuses += [error.exit_status] if isinstance(error, DiskError) else []
            else:
                opened.callback(journals[-1].close)
        if len(journals) == 1:
            statuses.append(go_on(session, journals[0], sign_in).status)
        elif journals:
            statuses.append(SeveralJobs(session, journals, sign_in).run())
    return worst(statuses)


def _nothing_to_take_up(session: Session, folder: JournalFolder) -> ExitStatus:
    """Say why there is no job to go on with.

    The run that finished the last one may have been killed before the page with all reports was
    written.
    """
    index_page.refresh(session.options.logs)
    busy = [one.path.name for one in folder.jobs if not one.job.finished and one.in_use]
    if busy:
        session.terminal.say(f"Another run is working on {', '.join(busy)}; nothing was done.")
    else:
        another = "other " if folder.unreadable else ""
        session.terminal.say(
            f"There is no {another}unfinished job in {session.options.logs}; nothing was done."
        )
    return ExitStatus.COMPLETE
