"""Whether the files of a job are as its journal and its list of hashes have them. Nothing is
written here, and nothing is mended.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from footage.errors import JournalError
from footage.job.journal_folder import StoredJob, same_job
from footage.model import Clip, Job, Media, Output
from footage.report import hash_list
from footage.report.findings import Fault, Finding, Verified
from footage.report.hashing import Hashing
from footage.report.merge_check import check_merge
from footage.system import filenames, timezones
from footage.system.text import quotable

LISTS = "SHA256SUMS_*.txt"
_SHOWN = 12  # characters of a hash by which a person tells it from another


@dataclass
class Checker:
    """Compares files of one folder with what is recorded of them, and gathers the findings.

    actual: the hashes of the files that are there
    size:   their bytes
    """

    folder: Path
    hashing: Hashing
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    actual: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def compare(self, name: str, records: Mapping[str, str]) -> None:
        """Compare a file with each hash that is recorded of it.

        name:    of the file, from the folder on
        records: what has a record of it ("the journal"), and the hash that stands there
        """
        path = on_disk(self.folder, name)
        if not path.is_file():
            self.find(Fault.MISSING, name)
        else:
            try:
                self.actual[name] = self.hashing.digest(path)
                self.size += path.stat().st_size
            except OSError as error:
                self.find(Fault.UNREADABLE, name, error.strerror or str(error))
                return
            actual = self.actual[name]
            other = [what for what, sha256 in records.items() if sha256 != actual]
            if other:
                self.find(Fault.CHANGED, name, _changed_text(actual, other, records))
        if len(set(records.values())) > 1:
            hashes = ", ".join(f"{what}: {one[:_SHOWN]}..." for what, one in records.items())
            self.find(Fault.RECORDS_DIFFER, name, hashes)

    def find(self, fault: Fault, name: str, text: str = "") -> None:
        self.findings.append(Finding(fault, quotable(name), text))

    def files(self, *, below: bool = False) -> list[str]:
        """The files in the folder, and with `below` in those in it, from the folder on.

        That one of them cannot be listed is a fault: nobody knows what is surplus there.
        """
        names: list[str] = []
        for parent, folders, files in os.walk(self.folder, onerror=self._cannot_list):
            links = [one for one in folders if (Path(parent) / one).is_symlink()]
            within = Path(parent).relative_to(self.folder)
            names += [(within / name).as_posix() for name in (*files, *links)]
            if not below:
                break
        return names

    def _cannot_list(self, error: OSError) -> None:
        if isinstance(error, FileNotFoundError):  # so all files of it are missing, which is said
            return
        self.find(Fault.UNREADABLE, str(error.filename), f"the folder: {error.strerror}")

    def result(self, what: str) -> Verified:
        findings, notes = tuple(self.findings), tuple(self.notes)
        return Verified(what, self.folder, len(self.actual), self.size, findings, notes)


def verify_job(
    job: Job, what: str, read_jobs: Callable[[], Iterable[StoredJob]], hashing: Hashing
) -> Verified:
    """Compare all files of a job with its journal and its list of hashes, and its merges with their
    clips.

    what:      the job's name, for people
    read_jobs: reads all jobs that are known: what is theirs in this one's folder is not surplus
    """
    checker = Checker(Path(job.folder), hashing)
    recorded = hash_list.entries(job)
    lists = [output for output in job.outputs if output.kind == hash_list.KIND]
    if not recorded:
        checker.notes.append("Nothing has been fetched for this job yet.")
    elif not checker.folder.is_dir():
        text = "the folder of the job; is its disk connected?"
        checker.find(Fault.MISSING, str(checker.folder), text)
        return checker.result(what)
    for output in lists:
        checker.compare(output.path.name, {"the journal": output.sha256})
    listed = _listed(checker, job, lists)
    for name in {**recorded, **listed}:
        sources = (("the journal", recorded), ("the list", listed))
        checker.compare(name, {source: of[name] for source, of in sources if name in of})
    if lists and not _is_old_list(checker, job, lists):
        for name in recorded.keys() - listed.keys() if listed else ():
            checker.find(Fault.RECORDS_DIFFER, name, "the journal has it, and the list does not")
        for name in listed.keys() - recorded.keys():
            checker.find(Fault.RECORDS_DIFFER, name, "the list has it, and the journal does not")
    _find_surplus(checker, job, read_jobs)
    check_merges(checker, job)
    return checker.result(what)


def verify_list(path: Path, hashing: Hashing) -> Verified:
    """Compare the files in the folder of a list with that list alone."""
    checker = Checker(path.parent, hashing)
    for name, sha256 in _read(checker, path).items():
        if Path(name).is_absolute() or ".." in Path(name).parts:
            checker.find(Fault.UNREADABLE, name, "it leads out of the folder")
            continue
        checker.compare(name, {"the list": sha256})
    checker.notes.append("There is no journal of it here, so only the list was compared.")
    return checker.result(f"the list {path.name}")


def known_names(folder: Path, jobs: Iterable[Job]) -> set[str]:
    """The names of all files in a folder that a job knows of, or that a list there has."""
    names: set[str] = set()
    ours = [job for job in jobs if Path(job.folder) == folder]
    for job in ours:
        names |= {output.path.name for output in job.outputs}
        for _, media in job.media():
            names |= {clip.path.name for clip in _clips_of(media)}
    for path in folder.glob(LISTS):
        if path.name in names or not any(_belongs(path.name, job) for job in ours):
            names |= {path.name, *_try_to_read(path)}
    return set(map(composed, names))


def on_disk(folder: Path, name: str) -> Path:
    """Where a file is: a disk of a Mac may have taken the accents in its name apart."""
    path, apart = folder / name, folder / unicodedata.normalize("NFD", name)
    return apart if not path.exists() and apart.exists() else path


def composed(name: str) -> str:
    """A name with its accents put together, as those of our files are."""
    return unicodedata.normalize("NFC", name)


def _find_surplus(checker: Checker, job: Job, read_jobs: Callable[[], Iterable[StoredJob]]) -> None:
    """Find the files in a job's folder that have a name of this job's and are not known."""
    folder = checker.folder
    names = {composed(name) for name in checker.files() if _belongs(name, job)}
    if not names or not names - known_names(folder, [job]):
        return
    # Read only now: another run may have journalled meanwhile what it puts into the folder.
    jobs = list(read_jobs())
    unknown = sorted(names - known_names(folder, [job, *(one.job for one in jobs)]))
    others = [one for one in jobs if Path(one.job.folder) == folder and not same_job(one.job, job)]
    if unknown and any(_is_busy(one) for one in others):
        checker.notes.append(
            "Another run is working in this folder, so these may be files that it has just made: "
            f"{', '.join(map(quotable, unknown))}. Verify again when it has ended."
        )
        return
    for name in unknown:
        checker.find(Fault.SURPLUS, name, "neither a journal nor a list has it")


def _is_busy(stored: StoredJob) -> bool:
    try:
        return stored.in_use
    except JournalError:  # nothing can be locked there, so nobody knows
        return False


def _belongs(name: str, job: Job) -> bool:
    return not name.startswith(".") and filenames.belongs_to(
        name, job, timezones.zone(job.timezone)
    )


def _clips_of(media: Media) -> list[Clip]:
    """The clip of a media, and the one that it is in place of."""
    lost = [media.lost.clip] if media.lost else []
    return [*lost, *([media.clip] if media.clip else [])]


def _listed(checker: Checker, job: Job, lists: Sequence[Output]) -> dict[str, str]:
    """What the list of a job has; {} where there is none, which is said."""
    if not lists:
        if hash_list.entries(job):
            checker.notes.append(
                "This job has no list of hashes yet: --report with its request_ids file writes it."
            )
        return {}
    path = on_disk(checker.folder, lists[-1].path.name)
    return _read(checker, path) if path.is_file() else {}


def _is_old_list(checker: Checker, job: Job, lists: Sequence[Output]) -> bool:
    """The list is as it was written, and the job went on since: the end of a run writes it anew."""
    whole = all(checker.actual.get(one.path.name) == one.sha256 for one in lists)
    if job.finished or not whole:
        return False
    checker.notes.append(
        "This job is not finished, so its list of hashes may be older than the files; --resume "
        "writes it again."
    )
    return True


def _read(checker: Checker, path: Path) -> dict[str, str]:
    try:
        return hash_list.read(path.read_bytes().decode())
    except ValueError as error:
        checker.find(Fault.UNREADABLE, path.name, f"it is no list of hashes: {error}")
    except OSError as error:
        checker.find(Fault.UNREADABLE, path.name, error.strerror or str(error))
    return {}


def _try_to_read(path: Path) -> dict[str, str]:
    try:
        return hash_list.read(path.read_bytes().decode())
    except (OSError, ValueError):
        return {}


def _changed_text(actual: str, other: Sequence[str], records: Mapping[str, str]) -> str:
    fits = [what for what in records if what not in other]
    text = f"its hash is {actual[:_SHOWN]}..., and not that of {' and '.join(other)}"
    return text + (f", but that of {' and '.join(fits)}" if fits else "")


# --- merges ---------------------------------------------------------------------------------------


def check_merges(checker: Checker, job: Job, places: Mapping[str, str] | None = None) -> None:
    """Compare each merge that is whole with its clips, where all of them are.

    places: where in the folder each file is, by its name; unless given, under that name
    """

    def place(name: str) -> str:
        return name if places is None else places.get(name, "")

    def is_whole(file: Clip | Output) -> bool:
        return checker.actual.get(place(file.path.name)) == file.sha256

    for output in job.outputs:
        if output.kind != "merge" or not is_whole(output):
            continue
        name, clips = output.path.name, clips_of_merge(job, output)
        if not clips or not all(map(is_whole, clips)):
            checker.notes.append(f"{name} was not compared with its clips: not all are whole.")
            continue
        files = [(clip, on_disk(checker.folder, place(clip.path.name))) for clip in clips]
        hashing = checker.hashing
        hashing.show(f"comparing {name} with its clips", hashing.size)
        checked = check_merge(on_disk(checker.folder, place(name)), output, files, hashing.stop)
        if checked.sound:
            checker.notes.append(f"{name}: {checked.text}.")
        else:
            checker.find(Fault.NOT_ITS_CLIPS, place(name), checked.text)


def clips_of_merge(job: Job, output: Output) -> list[Clip]:
    """The clips that a merge was made of, in its order; [] where one is not known any more.

    Journals of earlier versions do not say which: then those of the camera that there are.
    """
    camera = next((one for one in job.cameras if one.label == output.camera), None)
    if camera is None:
        return []
    if not output.contents:
        return job.clips(camera)
    by_hash = {clip.sha256: clip for _, media in job.media(camera) for clip in _clips_of(media)}
    found = [
        next((clip for sha256, clip in by_hash.items() if sha256.startswith(short)), None)
        for short in output.contents
    ]
    clips = [clip for clip in found if clip is not None]
    return clips if len(clips) == len(found) else []
