"""All that the page says, from a job and what came of it. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo

from footage.job import event_text, findings_text
from footage.job.outcome import Outcome
from footage.media.shown_names import event_name
from footage.model import Job, MediaType, Reading
from footage.report import (
    bag,
    charts,
    coverage,
    how_to_check,
    package_layout,
    players,
    time_statement,
    times,
)
from footage.report.charts import SpeedLine, TrackMap
from footage.report.coverage import Bar, Stretch
from footage.report.how_to_check import Way
from footage.report.page_custody import Custody, custody_of
from footage.report.page_tables import FileRow, OnDisk, made_files, originals
from footage.report.players import CameraFilm, SideBySideFilm
from footage.report.times import Mark, ZoneStretch
from footage.report.verdict import Verdict, verdict_of
from footage.system import filenames, timezones
from footage.system.text import media_text, single_line
from footage.telemetry.overlay_text import SPEED_UNITS


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
    moments: tuple[Mark, ...]
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

    def note_text(self, stretch: Stretch) -> str:
        """What stands below a bar of one of its stretches."""
        kind = self.kind_text(stretch.kind)
        if not stretch.text:
            return kind
        if stretch.kind in (coverage.Kind.GAP, coverage.Kind.AWAITED):
            return f"{kind}: {stretch.text}"
        return stretch.text[:1].upper() + stretch.text[1:]

    def when(self, stretch: Stretch) -> str:
        """From when until when a stretch of a bar is."""
        start, end = (self.job.start + timedelta(seconds=s) for s in (stretch.start, stretch.end))
        tz = timezones.zone(self.job.timezone)
        text = timezones.clock_text if self.several_days else timezones.time_text
        if self.job.media_type is MediaType.IMAGE:
            return text(start, tz)
        return f"{text(start, tz)} to {text(end, tz)}"

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
    list_name = on_disk.hash_list
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
        marks=tuple(times.marks(job.span, tz)) if job.length else (),
        zones=tuple(times.zone_stretches(job.span, tz)),
        several_days=times.several_days(job.span, tz),
        moments=tuple(_moments(job, tz)),
        side_by_side=players.side_by_side_film(job, on_disk.frames) if video else None,
        cameras=tuple(players.camera_films(job, outcome.camera_names)) if video else (),
        contact_sheet=sheets[-1].path.name if sheets else "",
        telemetry=_telemetry(job, readings),
        originals=tuple(originals(job, outcome, on_disk, tz)),
        files=tuple(made_files(job, outcome, on_disk)),
        custody=custody_of(job),
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
    end = f" to {timezones.spelled_text(job.end, tz)}" if job.length else ""
    zone = f" ({job.timezone})" if job.timezone else ""
    yield Fact("Asked for, local time", f"{start}{end}{zone}")
    yield Fact("Asked for, UTC", times.utc_text(job.span))
    yield Fact("Provider", _shown(job.provider))
    names = ", ".join(_shown(name) for name in outcome.camera_names.values())
    yield Fact("Cameras", names)
    yield Fact("Kind of footage", media_text(job.media_type, job.every))
    if job.reference:
        yield Fact("Reference", _shown(job.reference))
    if job.incident_list:
        rows = ", ".join(map(str, job.incident_rows))
        yield Fact("Of the list", f"{_shown(job.incident_list)}, row {rows}")
    for event in job.events:
        yield Fact(event_text.title(event), event_text.details(event, tz))


def _moments(job: Job, tz: tzinfo) -> Iterator[Mark]:
    """The moments of the safety events, as they are marked on the bars."""
    for event in job.events:
        seconds = (event.start - job.start).total_seconds()
        if 0 <= seconds < job.length:
            text = f"{event_name(event)}, {timezones.time_text(event.start, tz)}"
            yield Mark(round(100 * seconds / job.length, 3), _shown(text))


def _findings(outcome: Outcome, tz: tzinfo) -> Iterator[str]:
    """What is not as it was asked for, in sentences, and what the makers of the files note."""
    yield from findings_text.sentences(outcome, tz)
    for output in outcome.files:
        if output.note and output.kind in ("merge", "event-clip"):
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
