"""Makes the page of a job, as one of its finished files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from footage.job.journal import Journal
from footage.job.outcome import Outcome, outcome_of
from footage.job.outputs import Order, Outputs, fingerprint
from footage.job.telemetry_fetch import Track
from footage.job.this_run import this_run
from footage.media import mp4_boxes
from footage.model import Job
from footage.report import hash_list, page
from footage.report.package_layout import Packed, with_packed_names
from footage.report.page_data import Fact, PageData, page_data
from footage.report.page_stills import still_sheet
from footage.report.page_tables import OnDisk
from footage.system import filenames, timezones
from footage.system.threads import StopEvent
from footage.system.whole_files import disk_errors, free_name

KIND = "report"  # of the `Output` that it is


def make_report(journal: Journal, outputs: Outputs, stop: StopEvent) -> None:
    """Write the page of a job, unless the very same is there already."""
    readings = Track(journal, None).inside
    with journal.locked() as job:
        tz = timezones.zone(job.timezone)
        folder = Path(job.folder)
        outcome = outcome_of(job, (), outputs.failures)
        said = page_data(job, outcome, readings, _on_disk(job, folder), tz)

    def build(target: Path) -> tuple[float, str]:
        _write(target, said, outcome, tz, stop)
        return 0.0, ""

    made_from = fingerprint([page.template_hash(), page.content_text(said)])
    outputs.make(Order(KIND, "", filenames.report_name(job, tz), made_from, build))


def report_for_package(journal: Journal, packed: Sequence[Packed], stop: StopEvent) -> bytes:
    """The page of a job whose links lead to the files of a package, and that checks the package."""
    readings = Track(journal, None).inside
    with journal.locked() as job:
        tz = timezones.zone(job.timezone)
        folder, outcome = Path(job.folder), outcome_of(job)
        here = _on_disk(job, folder)
        names = {one.name: PurePosixPath(one.inside).name for one in packed}
        on_disk = OnDisk(
            frozenset(names.values()),
            {names[name]: count for name, count in here.frames.items() if name in names},
            here.hash_list,
        )
        renamed = with_packed_names(job)
        places = {names[one.name]: one.inside for one in packed}
        said = page_data(renamed, outcome_of(renamed), readings, on_disk, tz, places)
    with TemporaryDirectory() as work:
        stills = still_sheet(job, outcome, tz, folder, Path(work), stop)
    return page.render(said, stills, _tools()).encode()


def _write(target: Path, said: PageData, outcome: Outcome, tz: tzinfo, stop: StopEvent) -> None:
    stills = still_sheet(said.job, outcome, tz, Path(said.job.folder), target.parent, stop)
    target.write_text(page.render(said, stills, _tools()), encoding="utf-8", newline="\n")


def _on_disk(job: Job, folder: Path) -> OnDisk:
    """Which of a job's files are there, and how many frames its films have."""
    paths = [media.clip.path for _, media in job.media() if media.clip]
    paths += [output.path for output in job.outputs]
    films = [one.path for one in job.outputs if one.kind == "side-by-side"]
    with disk_errors(folder):
        there = {path.name for path in paths if (folder / path).is_file()}
        frames = {path.name: _frames(folder / path) for path in films if path.name in there}
        lists = [one.path.name for one in job.outputs if one.kind == hash_list.KIND]
        # Another job's may have the name that this one's would have.
        free = free_name(folder / filenames.hash_list_name(job, timezones.zone(job.timezone)))
    return OnDisk(frozenset(there), frames, (lists or [free.name])[-1])


def _frames(path: Path) -> int:
    tracks = mp4_boxes.tracks(path) if mp4_boxes.is_mp4(path) else []
    return next((track.samples for track in tracks if track.kind == "vide"), 0)


def _tools() -> tuple[Fact, ...]:
    run = this_run()
    return (
        page.made_at(),
        Fact("Program", f"fleet-dashcam-footage {run.program}"),
        Fact("Made with", run.tools),
    )
