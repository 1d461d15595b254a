"""`--verify`: whether the files that are here are as they were fetched and made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from footage.errors import DiskError, ExitStatus, JournalDamaged, JournalError, UsageError
from footage.job.journal import Journal
from footage.job.journal_folder import JournalFolder, StoredJob, read_folder, stored_job
from footage.job.journal_heads import journal_paths
from footage.job.new_job import headline
from footage.model import Job, StepKind
from footage.report import hash_list
from footage.report.findings import Verified
from footage.report.hashing import Hashing
from footage.report.verify import LISTS, verify_job, verify_list
from footage.report.verify_bag import is_bag, verify_bag
from footage.system import timezones
from footage.system.text import count_text, quotable, size_text
from footage.ui.job_run import worst
from footage.ui.options import EVERYTHING
from footage.ui.progress import Screen
from footage.ui.session import Session
from footage.ui.terminal import is_terminal

_STAGE = "Verifying"
_NOTED = 10  # so many findings are named in the journal's step


def verify(session: Session, path: Path) -> ExitStatus:
    """Verify what a path names: see the option. Raises UsageError where there is nothing in it."""
    command = _Verification(session)
    package = next(filter(is_bag, (path.parent, path.parent.parent)), None)
    if path == EVERYTHING:
        command.everything()
    elif path.is_dir():
        command.folder(path)
    elif package is not None:  # nor is anything noted in the journal that is in it
        command.bag(package)
    elif path.suffix.lower() == ".zip":
        raise UsageError(f"{path.name} is a ZIP: unpack it, and give the folder to --verify.")
    elif path.suffix.lower() == ".txt":
        command.hash_list(path)
    else:
        command.journal(path)
    return command.end()


class _Verification:
    """One run of `--verify`: what it looked at, and what came of it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        out = session.terminal.out
        self._screen = Screen(out, interactive=is_terminal(out))
        self._total = 0
        self._hashing = Hashing(session.stop, self._show)
        self._logs = session.options.logs
        self._folders: set[Path] = set()  # of journals that were read
        self._statuses: list[ExitStatus] = []

    # --- what there is to verify ------------------------------------------------------------------

    def everything(self) -> None:
        folder = self._read(self._logs)
        if not folder.jobs and not folder.unreadable:
            self._say(f"There is no job in {self._logs}, so there is nothing to verify.")
            return
        self._say(f"Verifying {count_text(len(folder.jobs), 'job')} of {self._logs}.")
        self._jobs_of(folder)

    def journal(self, path: Path) -> None:
        self._read(path.parent)
        self._read(self._logs)
        try:
            stored = stored_job(path, self._logs)
        except JournalDamaged as error:
            self._unreadable(error)
            return
        self._job(stored)

    def hash_list(self, path: Path) -> None:
        """The job whose list it is, where its journal is here; else the list alone."""
        jobs = [one for one in self._read(self._logs).jobs if _has_list(one.job, path)]
        for stored in jobs:
            self._job(stored)
        if not jobs:
            self._with_total([path.parent / name for name in _names_in(path)])
            self._tell(self._work(lambda: verify_list(path, self._hashing)))

    def bag(self, folder: Path) -> None:
        self._with_total([path for path in folder.rglob("*") if path.is_file()])
        self._tell(self._work(lambda: verify_bag(folder, self._hashing)))

    def folder(self, folder: Path) -> None:
        """A package; a folder of journals; or the jobs and lists whose files are in a folder."""
        if is_bag(folder):
            self.bag(folder)
            return
        jobs = [one for one in self._read(self._logs).jobs if _is_same(one.job.folder, folder)]
        own = self._read(folder) if journal_paths(folder) else JournalFolder((), {})
        if own.jobs or own.unreadable:
            self._jobs_of(own)
        for stored in jobs:
            self._job(stored)
        lists = [
            path
            for path in sorted(folder.glob(LISTS))
            if not any(_has_list(one.job, path) for one in (*jobs, *own.jobs))
        ]
        for path in lists:
            self.hash_list(path)
        if not self._statuses:
            raise UsageError(
                f"{quotable(str(folder))} has neither a list of hashes nor a package, and no job "
                f"in {self._logs} has its files there, so there is nothing to verify."
            )

    def end(self) -> ExitStatus:
        """The last line, where several were verified; and the status of all."""
        status = worst(self._statuses)
        if len(self._statuses) > 1:
            wrong = sum(one is not ExitStatus.COMPLETE for one in self._statuses)
            text = "all are as they were" if not wrong else f"{wrong} are not as they were"
            self._say(f"{len(self._statuses)} verified: {text}.")
        return status

    # --- one after the other ----------------------------------------------------------------------

    def _read(self, folder: Path) -> JournalFolder:
        self._folders.add(folder)
        return read_folder(folder)

    def _all_jobs(self) -> list[StoredJob]:
        return [one for folder in self._folders for one in read_folder(folder).jobs]

    def _jobs_of(self, folder: JournalFolder) -> None:
        for stored in sorted(folder.jobs, key=lambda one: one.job.created, reverse=True):
            self._job(stored, brief=True)
        for error in folder.unreadable.values():
            self._unreadable(error)

    def _unreadable(self, error: JournalError) -> None:
        """A journal that is not as it was written is a finding; another cannot be read here."""
        self._session.terminal.warn(str(error))
        damaged = isinstance(error, JournalDamaged)
        self._statuses.append(ExitStatus.CHANGED if damaged else error.exit_status)

    def _job(self, stored: StoredJob, brief: bool = False) -> None:
        """Verify a job and note it in its journal, where that can be opened and written.

        Its lock is held meanwhile, so that no other run changes what is being compared.
        """
        try:
            journal = stored.open()
        except (JournalError, DiskError) as error:
            verified = self._verified(stored.job)
            self._tell(verified, brief)
            self._not_noted(error)
            return
        with closing(journal):
            verified = self._verified(journal.job)
            self._tell(verified, brief)
            self._note(journal, verified)

    def _verified(self, job: Job) -> Verified:
        folder, names = Path(job.folder), hash_list.entries(job)
        self._with_total([folder / name for name in names])
        what = headline(job, timezones.zone(job.timezone))
        return self._work(lambda: verify_job(job, what, self._all_jobs, self._hashing))

    def _note(self, journal: Journal, verified: Verified) -> None:
        findings = verified.findings[:_NOTED]
        text = "; ".join([verified.in_short, *(finding.sentence for finding in findings)])
        try:
            with journal.change():
                journal.note(StepKind.VERIFIED_AGAIN, text=text)
        except DiskError as error:
            self._not_noted(error)

    def _not_noted(self, error: Exception) -> None:
        self._session.terminal.warn(f"The verification is not noted in the journal: {error}")

    # --- the screen -------------------------------------------------------------------------------

    def _work(self, verification: Callable[[], Verified]) -> Verified:
        with self._screen:
            return verification()

    def _with_total(self, paths: Sequence[Path]) -> None:
        self._total = self._hashing.size + sum(
            path.stat().st_size for path in paths if path.is_file()
        )

    def _show(self, name: str, size: int) -> None:
        text = f"{size_text(size)} of {size_text(self._total)}, {name}"
        self._screen.show(_STAGE, text, size, self._total)
        self._screen.refresh()

    def _say(self, text: str) -> None:
        self._screen.say(text)

    def _tell(self, verified: Verified, brief: bool = False) -> None:
        """What came of one; briefly, only what is wrong is told beside the result."""
        self._statuses.append(verified.exit_status)
        self._say(f"{verified.what}: {verified.in_short}.")
        for finding in verified.findings:
            self._say(finding.sentence)
        for note in () if brief else verified.notes:
            self._say(note)


def _has_list(job: Job, path: Path) -> bool:
    """Whether a list of hashes is that of a job."""
    names = {one.path.name for one in job.outputs if one.kind == hash_list.KIND}
    return path.name in names and _is_same(job.folder, path.parent)


def _is_same(folder: str, other: Path) -> bool:
    """Whether two names, of which one may be of a link, are of one folder."""
    try:
        return Path(folder).samefile(other)
    except OSError:
        return False


def _names_in(path: Path) -> Sequence[str]:
    try:
        return list(hash_list.read(path.read_bytes().decode()))
    except (OSError, ValueError):  # said when it is verified
        return []
