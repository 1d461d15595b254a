"""All that the page says, from a job and what came of it. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo

from footage.job import findings_text
from footage.job.outcome import Outcome
from footage.model import Clip, Job, Loss, MediaType, Output, ProgramRun, Reading
from footage.report import (
    bag,
    charts,
    coverage,
    custody_table,
    hash_list,
    how_to_check,
    package_layout,
    players,
    time_statement,
    times,
)
from footage.report.charts import SpeedLine, TrackMap
from footage.report.coverage import Bar, Stretch
from footage.report.how_to_check import Way
from footage.report.players import CameraFilm, SideBySideFilm
from footage.report.times import Mark, ZoneStretch
from footage.report.verdict import Verdict, verdict_of
from footage.system import filenames, timezones
from footage.system.text import media_text, single_line, size_text
from footage.telemetry.overlay_text import SPEED_UNITS

# What each kind of finished file is; those that are made at the very end are not in the page.
_WORDS = {
    "side-by-side": "Side-by-side: a rendering",
    "merge": "Merge of {camera}: its clips, joined without a change to any picture",
    "contact-sheet": "Contact sheet: a rendering",
    "track": "Track (GPX)",
    "readings": "Speed and place, as the provider gave them",
}
_AFTER_THE_PAGE = ("report", hash_list.KIND)
_MOST_STEPS = 300  # of the custody that the page shows; of more the kinds that are few


@dataclass(frozen=True)
class OnDisk:
    """What was found beside the page when it was made.

    names:  of all files there
    frames: file name -> how many frames the film has
    """

    names: frozenset[str]
    frames: Mapping[str, int]


@dataclass(frozen=True)
class FileRow:
    """One file in the tables.

    what:   the camera, or what the file is
    asked, starts: for an original: the window asked for, and when it really begins
    state:  "" where the file is there as it was
    """

    name: str
    what: str
    asked: str
    starts: str
    seconds: str
    size: int
    sha256: str
    state: str


@dataclass(frozen=True)
class Fact:
    """A name and its value, at the head of the page and at its end."""

    name: str
    value: str


@dataclass(frozen=True)
class Telemetry:
    """The vehicle's own readings.

    runs:  those that are drawn, in runs without a hole
    total: how many there are; more than are drawn where the job is long
    """

    runs: tuple[tuple[Reading, ...], ...]
    total: int
    speed: SpeedLine | None
    track: TrackMap | None

    @property
    def drawn(self) -> int:
        return sum(map(len, self.runs))


@dataclass(frozen=True)
class CustodyStep:
    """One step of the custody.

    about: the file or request, and what else there is to say
    run:   number of the program's run, from 1
    """

    time: str
    what: str
    about: str
    run: int


@dataclass(frozen=True)
class Custody:
    """What happened to the footage.

    runs: of the program: when, by whom, where, with what
    text: says whether these are all steps
    """

    runs: tuple[str, ...]
    steps: tuple[CustodyStep, ...]
    text: str


@dataclass(frozen=True)
class PageData:
    """All that the page says; what is in it is text from anywhere, and never markup.

    places: of the page in a package: by its name, where in the package each file is
    """

    job: Job = field(repr=False)  # what matters of it stands in the other fields
    vehicle: str
    facts: tuple[Fact, ...]
    verdict: Verdict
    findings: tuple[str, ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    zones: tuple[ZoneStretch, ...]
    several_days: bool
    side_by_side: SideBySideFilm | None
    cameras: tuple[CameraFilm, ...]
    contact_sheet: str
    telemetry: Telemetry
    originals: tuple[FileRow, ...]
    files: tuple[FileRow, ...]
    custody: Custody
    time_statement: tuple[str, ...]
    page_name: str
    hash_list: str
    ways: tuple[Way, ...]
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def in_package(self) -> bool:
        return bool(self.places)

    def place(self, name: str) -> str:
        """Where a file is: in a package from its folder on, else beside the page."""
        return self.places.get(name, name)

    def link(self, name: str) -> str:
        """Where a file is from the page's folder on."""
        return self.place(name).removeprefix(f"{bag.PAYLOAD}/")

    @property
    def plays(self) -> bool:
        """There is a film to play."""
        return self.side_by_side is not None or any(camera.file for camera in self.cameras)

    @property
    def has_sound(self) -> bool:
        return any(camera.sound for camera in self.cameras)

    def kind_text(self, kind: coverage.Kind) -> str:
        """What a kind of stretch is called in the bars of this job."""
        text = kind.text
        if self.job.media_type is MediaType.IMAGE:
            text = "No picture" if kind in coverage.WITHOUT_FOOTAGE else "A picture"
        return text

    def when(self, stretch: Stretch) -> str:
        """From when until when a stretch of a bar is."""
        start, end = (self.job.start + timedelta(seconds=s) for s in (stretch.start, stretch.end))
        tz = timezones.zone(self.job.timezone)
        if self.job.media_type is MediaType.IMAGE:
            return timezones.time_text(start, tz)
        return f"{timezones.time_text(start, tz)} to {timezones.time_text(end, tz)}"

    @property
    def unit(self) -> str:
        return SPEED_UNITS[self.job.units].label

    @property
    def kinds(self) -> list[coverage.Kind]:
        """The kinds that occur in the bars, for the key."""
        there = {one.kind for bar in self.bars for one in bar.stretches}
        return [kind for kind in coverage.Kind if kind in there]


def page_data(
    job: Job,
    outcome: Outcome,
    readings: Sequence[Reading],
    on_disk: OnDisk,
    tz: tzinfo,
    places: Mapping[str, str] | None = None,
) -> PageData:
    """What the page of a job says.

    readings: within the asked time, in order
    places:   as in `PageData`; None for the page beside the films
    """
    sheets = [one for one in job.outputs if one.kind == "contact-sheet" and one.loss is None]
    lists = [one.path.name for one in job.outputs if one.kind == hash_list.KIND]
    list_name = (lists or [filenames.hash_list_name(job, tz)])[-1]
    page_name = filenames.report_name(job, tz)
    if places:
        list_name, page_name = bag.MANIFEST_NAME, package_layout.REPORT
    video = job.media_type is not MediaType.IMAGE
    return PageData(
        job=job,
        vehicle=_shown(job.vehicle.name) or job.vehicle.id,
        facts=tuple(_facts(job, outcome, tz)),
        verdict=verdict_of(outcome),
        findings=tuple(_findings(outcome, tz)),
        bars=tuple(coverage.bars(job, outcome)),
        marks=tuple(times.marks(job.span, tz)) if job.minutes else (),
        zones=tuple(times.zone_stretches(job.span, tz)),
        several_days=times.several_days(job.span, tz),
        side_by_side=players.side_by_side_film(job, on_disk.frames) if video else None,
        cameras=tuple(players.camera_films(job, outcome.camera_names)) if video else (),
        contact_sheet=sheets[-1].path.name if sheets else "",
        telemetry=_telemetry(job, readings),
        originals=tuple(_originals(job, outcome, on_disk, tz)),
        files=tuple(_files(job, outcome, on_disk)),
        custody=_custody(job),
        time_statement=time_statement.of_job(job).sentences,
        page_name=page_name,
        hash_list=list_name,
        ways=how_to_check.ways(list_name),
        places=places or {},
    )


def _shown(text: str) -> str:
    return single_line(text, 200)


def _facts(job: Job, outcome: Outcome, tz: tzinfo) -> Iterator[Fact]:
    """What was asked for, of whom."""
    vehicle = [f"id {_shown(job.vehicle.id)}"]
    vehicle += [f"plate {_shown(job.vehicle.plate)}"] if job.vehicle.plate else []
    vehicle += [f"VIN {_shown(job.vehicle.vin)}"] if job.vehicle.vin else []
    yield Fact("Vehicle", f"{_shown(job.vehicle.name)} ({', '.join(vehicle)})")
    start = timezones.spelled_text(job.start, tz)
    end = f" to {timezones.spelled_text(job.end, tz)}" if job.minutes else ""
    zone = f" ({job.timezone})" if job.timezone else ""
    yield Fact("Asked for, local time", f"{start}{end}{zone}")
    yield Fact("Asked for, UTC", times.utc_text(job.span))
    yield Fact("Provider", _shown(job.provider))
    names = ", ".join(_shown(name) for name in outcome.camera_names.values())
    yield Fact("Cameras", names)
    yield Fact("Kind of footage", media_text(job.media_type, job.every))


def _findings(outcome: Outcome, tz: tzinfo) -> Iterator[str]:
    """What is not as it was asked for, in sentences, and what the makers of the files note."""
    yield from findings_text.sentences(outcome, tz)
    for output in outcome.files:
        if output.note and output.kind == "merge":
            yield f"{output.path.name}: {output.note}"
    yield from outcome.failures


def _telemetry(job: Job, readings: Sequence[Reading]) -> Telemetry:
    runs = tuple(tuple(run) for run in charts.thinned(readings))
    return Telemetry(
        runs=runs,
        total=len(readings),
        speed=charts.speed_line(runs, job.span, job.units),
        track=charts.track_map(runs, job.units),
    )


# --- the tables ---------------------------------------------------------------------------------


def _originals(job: Job, outcome: Outcome, on_disk: OnDisk, tz: tzinfo) -> Iterator[FileRow]:
    """The clips as the provider delivered them, by camera and time."""
    cameras = {
        media.clip.path.name: outcome.camera_names[media.camera]
        for _, media in job.media()
        if media.clip
    }
    for one in job.lost_clips():
        cameras.setdefault(one.clip.path.name, "")
    losses = {one.clip.path.name: one.loss for one in job.lost_clips()}
    still = job.media_type is MediaType.IMAGE
    for clip in hash_list.all_clips(job):
        yield FileRow(
            name=clip.path.name,
            what=cameras[clip.path.name] or _camera_of_lost(job, outcome, clip),
            asked=findings_text.when_text(clip.window, outcome, tz),
            starts=times.exact_text(clip.start, tz),
            seconds="" if still else f"{clip.duration:.2f}",
            size=clip.size,
            sha256=clip.sha256,
            state=_state(clip.path.name, losses.get(clip.path.name), on_disk),
        )


def _camera_of_lost(job: Job, outcome: Outcome, clip: Clip) -> str:
    lost = ((camera, one.clip) for camera in job.cameras for one in job.lost_clips(camera))
    return next((outcome.camera_names[camera] for camera, one in lost if one == clip), "")


def _files(job: Job, outcome: Outcome, on_disk: OnDisk) -> Iterator[FileRow]:
    """The files that were made of the clips, but for those that are made after the page."""
    names = {camera.label: name for camera, name in outcome.camera_names.items()}
    for output in _in_order(hash_list.all_outputs(job)):
        if output.kind in _AFTER_THE_PAGE:
            continue
        what = _WORDS.get(output.kind, output.kind.capitalize())
        if output.kind == "merge" and output.note:
            what = "Merge of {camera}: " + output.note.replace("{", "(").replace("}", ")")
        yield FileRow(
            name=output.path.name,
            what=what.format(camera=names.get(output.camera, output.camera)),
            asked="",
            starts="",
            seconds=f"{output.duration:.2f}" if output.duration else "",
            size=output.size,
            sha256=output.sha256,
            state=_state(output.path.name, output.loss, on_disk),
        )


def _in_order(outputs: Iterable[Output]) -> list[Output]:
    kinds = list(_WORDS)
    return sorted(
        outputs, key=lambda one: kinds.index(one.kind) if one.kind in kinds else len(kinds)
    )


def _state(name: str, loss: Loss | None, on_disk: OnDisk) -> str:
    if loss is Loss.CHANGED:
        return "changed"
    return "" if name in on_disk.names and loss is None else "missing"


# --- the custody --------------------------------------------------------------------------------


def _custody(job: Job) -> Custody:
    """All steps; of a long job those of the kinds that are few, and the number of the others."""
    runs = tuple(_run_text(run) for run in job.runs)
    steps = [
        _step(row, step.run + 1)
        for row, step in zip(custody_table.rows(job), job.custody, strict=True)
    ]
    if len(steps) <= _MOST_STEPS:
        return Custody(runs, tuple(steps), "Each step, in UTC by this computer's clock.")
    counts = Counter(step.what for step in steps)
    room, shown = _MOST_STEPS, set()
    for what, count in sorted(counts.items(), key=lambda pair: pair[1]):
        room -= count
        if room < 0:
            break
        shown.add(what)
    left_out = ", ".join(f"{n:,} {what}" for what, n in counts.items() if what not in shown)
    text = (
        f"In UTC by this computer's clock. Of {len(steps):,} steps there is no room here for "
        f"these: {left_out}. All of them are in the journal, and in the custody.csv of a package."
    )
    return Custody(runs, tuple(step for step in steps if step.what in shown), text)


def _run_text(run: ProgramRun) -> str:
    """ "2026-11-03 19:30:07 UTC: ann on desk-4, version 1.2.0 (ffmpeg 7.1, Python 3.12)"."""
    who = " on ".join(filter(None, [run.user, run.computer]))
    tools = f" ({run.tools})" if run.tools else ""
    parts = [who, f"version {run.program}{tools}"]
    return f"{times.utc_moment_text(run.began)} UTC: {', '.join(filter(None, parts))}"


def _step(row: custody_table.Row, run: int) -> CustodyStep:
    about = [row.file, f"retrieval {row.retrieval_id}" if row.retrieval_id else ""]
    about += [size_text(int(row.bytes)) if row.bytes else ""]
    about += [f"SHA-256 {row.sha256[:16]}…" if row.sha256 else ""]
    about += [f"request {row.request_id}" if row.request_id else "", row.text]
    return CustodyStep(
        time=row.time.replace("T", " ").removesuffix("Z"),
        what=row.event,
        about=", ".join(filter(None, about)),
        run=run,
    )
