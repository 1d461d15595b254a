"""What is done with jobs without going on with them: `--jobs`, `--discard` and the like."""

from __future__ import annotations

from pathlib import Path

from footage.errors import ExitStatus
from footage.job.job_list import ListedJob, discard, listed_jobs
from footage.job.new_job import headline
from footage.system import timezones
from footage.ui.session import Session


def run_command(session: Session) -> ExitStatus:
    """Do what is asked for of the jobs that are here."""
    options = session.options
    if options.report is not None:
        from footage.ui.report_command import report

        return report(session, options.report)
    if options.verify is not None:
        from footage.ui.verify_command import verify

        return verify(session, options.verify)
    if options.package is not None:
        from footage.ui.package_command import package

        return package(session, options.package)
    return discard_job(session, options.discard) if options.discard else show_jobs(session)


def show_jobs(session: Session) -> ExitStatus:
    """List the jobs in the folder of the logs, the newest first."""
    jobs = listed_jobs(session.options.logs)
    if not jobs:
        session.terminal.say(f"There is no job in {session.options.logs}.")
    for one in jobs:
        session.terminal.say(_line(one))
    return ExitStatus.COMPLETE


def _line(one: ListedJob) -> str:
    if one.job is None:
        return f"{one.path.name}   {one.state}"
    line = headline(one.job, timezones.zone(one.job.timezone))
    return f"{one.job.provider}   {line}   {one.state}   {one.path.name}"


def discard_job(session: Session, path: Path) -> ExitStatus:
    """Give a job up."""
    stored = discard(path, session.options.logs)
    job = stored.job
    session.terminal.say(
        f"Given up: {headline(job, timezones.zone(job.timezone))}. Its files are kept in "
        f"{job.folder}, and its requests stay noted in {stored.path}."
    )
    return ExitStatus.COMPLETE
