"""A job's files as one package that anybody can check: a BagIt folder (RFC 8493), or a ZIP of it.

It is built beside its place, under a hidden name, and renamed when it is whole. Each file is hashed
as it lies in the package, and compared with the journal: what was changed since is not packaged.
docs/package.md describes what is in it.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from footage import __version__
from footage.errors import DiskError, FilesChanged, UsageError
from footage.job.journal import Journal
from footage.model import UTC, Job, Output, StepKind
from footage.report import bag, certificate, custody_table, how_to_check, package_layout
from footage.report.hashing import Hashing
from footage.report.package_layout import Packed, packed_files
from footage.report.package_sinks import FolderSink, Sink, ZipSink
from footage.report.verify import on_disk
from footage.system import filenames, timezones
from footage.system.text import quotable, size_text
from footage.system.whole_files import disk_errors

# Makes the report whose links lead to the package's own files.
MakeReport = Callable[[Sequence[Packed]], bytes]

_NAMED = 10  # so many changed files are named in one sentence
_MOST_REFERENCE = 40  # characters of it in the name: Windows takes no path of more than 259
# Characters from the package's folder on. Longer ones may not fit where somebody unpacks it on
# Windows, where a whole path has 259 at most.
_LONG_PATH = 200
_KEPT = "Nothing was packaged, and nothing of the job was changed."


@dataclass(frozen=True)
class Order:
    """What is asked for.

    to:        the folder that the package goes into
    as_zip:    a ZIP in place of a folder
    reference: of the claim or case, "" for none
    by:        the person or organisation that hands it over, "" for none
    """

    to: Path
    as_zip: bool = False
    reference: str = ""
    by: str = ""


@dataclass(frozen=True)
class Packaged:
    """A finished package: where it is, how many files of the job are in it, and their bytes.

    notes: what the person should know, in sentences
    """

    path: Path
    files: int
    size: int
    notes: tuple[str, ...]


def make_package(
    journal: Journal, order: Order, hashing: Hashing, make_report: MakeReport | None = None
) -> Packaged:
    """Package a job, and note it in its journal.

    Raises FilesChanged where a file is missing or not as it was fetched or made; UsageError where
    there is nothing to package; DiskError; Interrupted.
    """
    job, when = journal.job, datetime.now(UTC)
    packed = packed_files(job)
    if not packed:
        raise UsageError("This job has no files yet, so there is nothing to package.")
    _check_there(journal, packed)
    name = package_name(job, order.reference)
    with disk_errors(order.to, kept=_KEPT):
        order.to.mkdir(parents=True, exist_ok=True)
        sink = _sink(journal, order, name, when)
    try:
        with disk_errors(order.to, kept=_KEPT):
            _add_files(job, packed, sink, hashing)
            target = sink.target()
            with journal.change():
                journal.note(StepKind.PACKAGED, file=target.name, text=_step_text(order))
            with _noted_where_it_fails(journal, target):
                texts = _texts(journal, packed, make_report)
                for inside, data in {**texts, **_tags(order, packed, texts, when)}.items():
                    sink.add_bytes(data, inside)
                path = sink.finish(target)
    except BaseException:
        sink.discard()
        raise
    size = sum(one.file.size for one in packed)
    return Packaged(path, len(packed), size, tuple(_notes(job, name, packed)))


def package_name(job: Job, reference: str) -> str:
    """`CLM-1234_Truck 42_2025-04-16_13-30-00`; without a reference it begins with `Package`."""
    begin = filenames.safe_name(reference)[:_MOST_REFERENCE].strip(". ") if reference else "Package"
    vehicle = filenames.safe_name(job.vehicle.file_name or job.vehicle.name)
    when = filenames.moment_name(job.start, timezones.zone(job.timezone))
    return f"{begin}_{vehicle}_{when}".replace("%", "_")


def _sink(journal: Journal, order: Order, name: str, when: datetime) -> Sink:
    """Where the package is built; what a killed run left there is removed.

    Only the run that has the job's journal builds under this name.
    """
    whole = str(journal.path.resolve())
    digest = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    work = order.to / f".{journal.path.stem}-{digest}.package"
    with suppress(FileNotFoundError):
        work.unlink() if work.is_file() else shutil.rmtree(work)
    return ZipSink(work, order.to, name, when) if order.as_zip else FolderSink(work, order.to, name)


def _check_there(journal: Journal, packed: Sequence[Packed]) -> None:
    """FilesChanged where a file is missing or has another size, before anything is copied."""
    changed, folder = [], Path(journal.job.folder)
    if not folder.is_dir():
        raise FilesChanged(
            f"The files of this job are in {folder}, which is not there; connect its disk, or put "
            "the folder back. Nothing was packaged."
        )
    for one in packed:
        path = on_disk(folder, one.name)
        if not path.is_file():
            changed.append(f"{one.name} is missing")
        elif path.stat().st_size != one.file.size:
            changed.append(f"{one.name} was changed")
    _refuse(changed)


def _add_files(job: Job, packed: Sequence[Packed], sink: Sink, hashing: Hashing) -> None:
    changed = []
    for one in packed:
        # Hashed where it now lies, so that what is in the package is what was compared.
        source = on_disk(Path(job.folder), one.name)
        sha256 = sink.add_file(source, one.inside, hashing)
        if sha256 != one.file.sha256:
            changed.append(f"{one.name} was changed")
    _refuse(changed)


def _refuse(changed: Sequence[str]) -> None:
    if not changed:
        return
    named = ", ".join(map(quotable, changed[:_NAMED]))
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    raise FilesChanged(
        f"Nothing was packaged, as not all files are as they were fetched or made: {named}{more}. "
        "Put them back as they were, or let --resume fetch and make again what can be had; what "
        "is lost for good is then noted, and the package says so."
    )


@contextmanager
def _noted_where_it_fails(journal: Journal, target: Path) -> Iterator[None]:
    """The step that tells of the package is noted before, as it is in there: a package that does
    not come about after all is noted, too.
    """
    try:
        yield
    except BaseException:
        with suppress(DiskError), journal.change():
            text = "this package was not finished, and does not exist"
            journal.note(StepKind.PACKAGED, file=target.name, text=text)
        raise


def _step_text(order: Order) -> str:
    parts = ["as a ZIP" if order.as_zip else "as a folder", f"in {order.to}"]
    if order.reference:
        parts.append(f"reference {order.reference}")
    if order.by:
        parts.append(f"by {order.by}")
    return ", ".join(parts)


# --- what is written for the package --------------------------------------------------------------


def _texts(
    journal: Journal, packed: Sequence[Packed], make_report: MakeReport | None
) -> dict[str, bytes]:
    """The files in data that are made for it, by their places."""
    job = journal.job
    journal.fold()  # its file goes into the package
    files = {one.inside: one.file.sha256 for one in packed}
    texts = {
        package_layout.CUSTODY: custody_table.csv_text(job).encode(),
        package_layout.CERTIFICATE: certificate.text(job, files).encode(),
        # As it is now, with the step that tells of this package.
        package_layout.JOURNAL: journal.path.read_bytes(),
    }
    if make_report is not None:
        texts[package_layout.REPORT] = make_report(packed)
    return texts


def _tags(
    order: Order, packed: Sequence[Packed], texts: Mapping[str, bytes], when: datetime
) -> dict[str, bytes]:
    """The files beside data, by name."""
    payload = {one.inside: one.file.sha256 for one in packed}
    payload |= {inside: _digest(data) for inside, data in texts.items()}
    sizes = [*(one.file.size for one in packed), *map(len, texts.values())]
    info = [
        ("Source-Organization", order.by),
        ("External-Identifier", order.reference),
        ("External-Description", "Dash-cam footage and what was made of it; see VERIFY.txt"),
        ("Bagging-Date", f"{when:%Y-%m-%d}"),
        ("Bag-Software-Agent", f"fleet-dashcam-footage {__version__}"),
        ("Bag-Size", size_text(sum(sizes))),
        ("Payload-Oxum", bag.oxum(sizes)),
    ]
    tags = {
        bag.DECLARATION_NAME: bag.DECLARATION,
        bag.INFO_NAME: bag.info_text(info),
        bag.MANIFEST_NAME: bag.manifest_text(payload),
        how_to_check.NAME: how_to_check.package_text(),
    }
    written = {name: text.encode() for name, text in tags.items()}
    hashes = {name: _digest(data) for name, data in written.items()}
    return {**written, bag.TAG_MANIFEST_NAME: bag.manifest_text(hashes).encode()}


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _notes(job: Job, name: str, packed: Sequence[Packed]) -> list[str]:
    lost = [one.clip.path.name for one in job.lost_clips()]
    kinds = {(one.file.kind, one.file.camera) for one in packed if isinstance(one.file, Output)}
    lost += [
        one.path.name for one in job.outputs if one.loss and (one.kind, one.camera) not in kinds
    ]
    notes = []
    if lost:
        names = ", ".join(map(quotable, lost[:_NAMED]))
        notes.append(f"Not in it, as they are lost on this computer: {names}.")
    if not job.finished:
        notes.append("This job is not finished: what --resume still brings is not in the package.")
    longest = max(len(f"{name}/{one.inside}") for one in packed)
    if longest > _LONG_PATH:
        notes.append(
            f"Its longest path has {longest} characters. On Windows, where a whole path may have "
            "259, keep or unpack it near the root of a disk, such as in C:\\."
        )
    return notes
