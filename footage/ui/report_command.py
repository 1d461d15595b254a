"""`--report`: the page of a job is made anew, of what is here; no provider is asked."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

from footage.errors import ExitStatus, UsageError
from footage.job.job_list import work_folder
from footage.job.journal_folder import stored_job
from footage.job.new_job import headline
from footage.job.other_jobs import OtherJobs
from footage.job.outputs import Outputs
from footage.report import evidence, index_page, report_file
from footage.system import timezones
from footage.system.whole_files import disk_errors
from footage.ui.session import Session


def report(session: Session, path: Path) -> ExitStatus:
    """Make the page of the job of a journal, and the list of hashes with it.

    An unfinished job stays one: what its next run needs is not touched.
    """
    with closing(stored_job(path, session.options.logs).open()) as journal:
        job, folder = journal.job, Path(journal.job.folder)
        if not folder.is_dir():
            raise UsageError(
                f"The files of this job were in {job.folder}, which is not there; the page belongs "
                "beside them. Put the folder back, or connect its disk."
            )
        session.terminal.say(headline(job, timezones.zone(job.timezone)))
        work = work_folder(journal.path, folder)
        with disk_errors(folder):
            work.mkdir(parents=True, exist_ok=True)
        outputs = Outputs(journal, folder, work, OtherJobs(journal, folder))
        try:
            evidence.make(journal, outputs, session.stop)
        finally:
            if job.finished:
                shutil.rmtree(work, ignore_errors=True)
        index_page.write(journal)
        for failure in outputs.failures:
            session.terminal.warn(failure)
        pages = [one.path for one in job.outputs if one.kind == report_file.KIND]
        if outputs.failures or not pages:
            return ExitStatus.INCOMPLETE
        session.terminal.say(f"Its page is {folder / pages[-1]}")
    return ExitStatus.COMPLETE
