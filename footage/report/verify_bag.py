"""Whether a package, or any other BagIt folder, is as its manifests and its journal say."""

from __future__ import annotations

from pathlib import Path

from footage.errors import JournalError
from footage.job import journal
from footage.model import Job
from footage.report import bag, package_layout
from footage.report.findings import Fault, Verified
from footage.report.hashing import Hashing
from footage.report.verify import Checker, check_merges, composed, on_disk


def is_bag(folder: Path) -> bool:
    return (folder / bag.DECLARATION_NAME).is_file()


def verify_bag(folder: Path, hashing: Hashing) -> Verified:
    """Hash all files of a package anew; compare them with its manifests and its journal, and each
    merge with its clips.
    """
    checker = Checker(folder, hashing)
    tags = _manifest(checker, bag.TAG_MANIFEST_NAME)
    payload = _manifest(checker, bag.MANIFEST_NAME)
    job = _job(checker)
    places = {one.name: one.inside for one in package_layout.packed_files(job)} if job else {}
    in_journal = (
        {one.inside: one.file.sha256 for one in package_layout.packed_files(job)} if job else {}
    )
    for name, sha256 in tags.items():
        checker.compare(name, {"the tag manifest": sha256})
    for name in {**payload, **in_journal}:
        sources = (("the manifest", payload), ("the journal", in_journal))
        checker.compare(name, {source: of[name] for source, of in sources if name in of})
    for name in in_journal.keys() - payload.keys() if payload else ():
        checker.find(Fault.RECORDS_DIFFER, name, "the journal has it, and the manifest does not")
    if job is not None:
        for name in payload.keys() - in_journal.keys() - set(package_layout.WRITTEN_FOR_IT):
            text = "the manifest has it, and the journal does not"
            checker.find(Fault.RECORDS_DIFFER, name, text)
    known = {composed(name) for name in (*tags, *payload, bag.TAG_MANIFEST_NAME)}
    surplus = {name for name in checker.files(below=True) if composed(name) not in known}
    for name in surplus:
        checker.find(Fault.SURPLUS, name, "no manifest has it")
    _compare_sizes(checker, payload)
    if job is not None:
        check_merges(checker, job, places)
    checker.findings.sort(key=lambda finding: finding.file)
    return checker.result(f"the package {folder.name}")


def _manifest(checker: Checker, name: str) -> dict[str, str]:
    """What a manifest has, {} where it cannot be read, which is a finding.

    The names in it that lead out of the package are findings, and left out.
    """
    path = checker.folder / name
    try:
        text = path.read_bytes().decode()
        hashes = bag.read_manifest(text)
    except FileNotFoundError:
        checker.find(Fault.MISSING, name)
        return {}
    except (OSError, ValueError) as error:
        checker.find(Fault.UNREADABLE, name, str(error))
        return {}
    if _is_ours(checker) and text != bag.manifest_text(hashes):
        checker.find(Fault.CHANGED, name, "it is not written as this program writes it")
    outside = [one for one in hashes if Path(one).is_absolute() or ".." in Path(one).parts]
    for one in outside:
        checker.find(Fault.UNREADABLE, one, "it leads out of the package")
        del hashes[one]
    return hashes


def _is_ours(checker: Checker) -> bool:
    return (checker.folder / package_layout.JOURNAL).is_file()


def _job(checker: Checker) -> Job | None:
    """The job of the package, where it has one that can be relied on."""
    path = checker.folder / package_layout.JOURNAL
    if not path.is_file():
        checker.notes.append("There is no journal in it, so only its manifests were compared.")
        return None
    try:
        return journal.read(path)
    except JournalError as error:
        checker.find(Fault.UNREADABLE, package_layout.JOURNAL, str(error))
        return None


def _compare_sizes(checker: Checker, payload: dict[str, str]) -> None:
    """Compare number and size of the files in data with what bag-info.txt says of them."""
    try:
        values = bag.read_info((checker.folder / bag.INFO_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return
    stated = values.get("Payload-Oxum", "")
    paths = [on_disk(checker.folder, name) for name in payload]
    try:
        actual = bag.oxum([path.stat().st_size for path in paths])
    except OSError:  # one is missing, and named
        return
    if stated and stated != actual:
        text = f"it says {stated} bytes and files, and there are {actual}"
        checker.find(Fault.RECORDS_DIFFER, bag.INFO_NAME, text)
