"""What the command line and the environment say, as one frozen dataclass.

An option is declared in one place: its field in `Options`, with how it is typed, what --help says
of it, and whether it is settled for a job that is taken up again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from footage.basics import Arrangement, MediaType
from footage.system import dates, durations
from footage.system.dates import DayOrder
from footage.telemetry.overlay_text import DEFAULT_SPEED_UNIT, SPEED_UNITS
from footage.ui import values
from footage.ui.command_line import (
    Entries,
    option,
    read_command_line,
    sign_in_variables,
)
from footage.ui.environment import PLACE, Settings, default_logs, default_output
from footage.ui.event_options import EVENTS, EventOptions
from footage.ui.option_rules import GOES_WITH, check_command, check_kind, check_watch
from footage.ui.vehicle_options import FOOTAGE as _FOOTAGE
from footage.ui.vehicle_options import VehicleOptions
from footage.ui.watch_options import WATCH, WatchOptions

UNFINISHED = Path()  # `--resume` without a file: every unfinished job
EVERYTHING = Path()  # `--verify` without anything: every job
NEWEST = Path()  # `--package` without a file: the newest finished job

_FOLDER_PER_JOB = "FOLDER_PER_JOB"  # the one option that the environment may give

_FILES = "where it goes"
_RUN = "how it runs"
_KEPT = "what is done with footage that is here"
_GROUPS = (_FOOTAGE, EVENTS, WATCH, _FILES, _KEPT, _RUN)  # in the order of --help

# What several options have in common.
_TEXT: Any = {"parse": values.some_text}
_NAME: Any = {"metavar": "NAME", **_TEXT}
_AROUND: Any = {"default": 60, "metavar": "S", "parse": durations.seconds_around}
_FOLDER: Any = {"metavar": "FOLDER", "parse": values.folder}
_ON: Any = {"default": False, "action": "store_true"}
_OFF: Any = {"default": True, "action": "store_false"}  # typed with "no-" before its name


@dataclass(frozen=True)
class Options(VehicleOptions, EventOptions, WatchOptions):
    """All that is settled before the first question; None is what has to be asked."""

    provider: str = option(
        _FOOTAGE,
        "whose cloud the footage is in (default: samsara)",
        default="samsara",
        choices=lambda entries: [entry.key for entry in entries],
    )
    vehicle: str | None = option(
        _FOOTAGE,
        "the vehicle's name or number in the dashboard; its id, VIN or plate will do",
        **_NAME,
    )
    asset: str | None = option(
        _FOOTAGE,
        lambda entries: (
            "a trailer or other asset with cameras, in place of a vehicle "
            f"({', '.join(entry.name for entry in entries if entry.assets)})"
        ),
        **_NAME,
    )
    # As typed: `helpers.parse_start` reads it once the time zone is known.
    start: str | None = option(
        _FOOTAGE,
        'when the footage begins; "2025-04-16 13:30:05" or "16 Apr 2025 1:30 PM" will do. In the '
        'hour that the clocks repeat in autumn, add which one: "11/02/2025 01:30 CST" or "... '
        '-0600"',
        metavar=f'"{dates.SHOWN}"',
        parse=values.some_text,
    )
    duration: int | None = option(  # seconds
        _FOOTAGE,
        "how long it lasts: 1 to 1440 minutes, or seconds, as in 90s (0, with --media image: one "
        "moment)",
        name="--minutes",
        metavar="N",
        parse=durations.duration_or_moment,
    )
    end: str | None = option(
        _FOOTAGE, "when it ends, in place of --minutes", metavar=f'"{dates.SHOWN}"', **_TEXT
    )
    at: str | None = option(
        _FOOTAGE,
        "a moment, such as that of a crash, in place of --start and --minutes",
        metavar=f'"{dates.SHOWN}:SS"',
        **_TEXT,
    )
    before: int = option(
        _FOOTAGE, "with --at: footage from so many seconds before it (default: 60)", **_AROUND
    )
    after: int = option(
        _FOOTAGE, "with --at: until so many seconds after it (default: 60)", **_AROUND
    )
    media: MediaType = option(
        _FOOTAGE,
        "high (default), low: smaller video, sooner here; hyperlapse (Motive: timelapse): "
        "sped up, without sound; image: pictures",
        default=MediaType.HIGH,
        choices=[kind.value for kind in MediaType],
    )
    every: float = option(
        _FOOTAGE,
        "with --media image: seconds from one picture to the next (default: 60)",
        default=60.0,
        metavar="S",
        parse=values.seconds_between_pictures,
    )
    # An IANA name, known to exist; "" is the computer's own zone.
    timezone: str = option(
        _FOOTAGE,
        "the time zone of --start, such as America/Chicago (default: this computer's)",
        default="",
        metavar="ZONE",
        parse=values.time_zone,
    )
    # As typed, for `matching.parse_cameras`; None is the provider's default set.
    cameras: str | None = option(
        _FOOTAGE,
        lambda entries: (
            "which cameras, with commas. "
            + "; ".join(f"{entry.name}: {entry.cameras}" for entry in entries)
        ),
        metavar="LIST",
        parse=values.some_text,
    )
    output: Path = option(
        _FILES,
        f"the folder for the videos (default: Videos, {PLACE})",
        default=default_output,
        **_FOLDER,
    )
    folder_per_job: bool = option(
        _FILES,
        "a folder of its own for each job's files, inside that one (in .env: FOLDER_PER_JOB=yes)",
        **_ON,
    )
    logs: Path = option(
        _FILES,
        f"the folder for the logs and the record of what was asked for (default: Logs, {PLACE})",
        default=default_logs,
        **_FOLDER,
        of_job=False,
    )
    labels: bool = option(
        _FILES, "no clock, vehicle and camera names in the side-by-side picture", **_OFF
    )
    layout: Arrangement = option(
        _FILES,
        "how the cameras stand in the side-by-side: row (default; four or more in two rows), grid, "
        "stacked (below each other), focus (the first large, the others small beside it)",
        default=Arrangement.ROW,
        choices=[one.value for one in Arrangement],
    )
    # Width and height in pixels; None: as large as the cameras' own pictures allow.
    size: tuple[int, int] | None = option(
        _FILES,
        "a frame that the side-by-side must fit into, such as 1920x1080 (default: 3840x2160)",
        metavar="WxH",
        parse=values.frame_size,
    )
    units: str = option(
        _FILES,
        f"of the speed on the picture (default: {DEFAULT_SPEED_UNIT})",
        default=DEFAULT_SPEED_UNIT,
        choices=tuple(SPEED_UNITS),
    )
    telemetry: bool = option(
        _FILES,
        "do not ask for the vehicle's speed and place: none on the picture, no GPX file",
        **_OFF,
    )
    # UNFINISHED, or a journal; None for a new job.
    resume: Path | None = option(
        _RUN,
        "go on with every unfinished job, or with that of a request_ids file; "
        "nothing is asked but the key, and what is on its way is not requested again",
        metavar="FILE",
        nargs="?",
        const=UNFINISHED,
        parse=values.existing_file,
        of_job=False,
    )
    incidents: Path | None = option(
        _RUN,
        "get the footage of each row of a list (CSV): docs/incidents.md",
        metavar="FILE",
        parse=values.existing_file,
    )
    dates: DayOrder | None = option(
        _RUN,
        "with --incidents: the month (us) or the day (eu) comes first in its dates",
        choices=[one.value for one in DayOrder],
    )
    dry_run: bool = option(
        _RUN, "with --incidents: show what would be requested, and request nothing", **_ON
    )
    fetch_later: bool = option(
        _RUN, "with --incidents: send the requests and end; --resume brings the footage", **_ON
    )
    jobs: bool = option(
        _RUN, "list the jobs in the folder of the logs, and how far they are", **_ON, of_job=False
    )
    discard: Path | None = option(
        _RUN,
        "give the unfinished job of a request_ids file up: it is kept there, and not gone on with",
        metavar="FILE",
        parse=values.existing_file,
        of_job=False,
    )
    report: Path | None = option(
        _KEPT,
        "make the page of the job of a request_ids file anew, of what is here; also of an old or "
        "unfinished one",
        metavar="FILE",
        parse=values.existing_file,
        of_job=False,
    )
    # EVERYTHING, a journal, a folder or a list of hashes.
    verify: Path | None = option(
        _KEPT,
        "hash every file anew and compare it with list and journal, and each merge with its clips: "
        "of every job, or of that of a request_ids file, a SHA256SUMS file, a folder or a package",
        metavar="PATH",
        nargs="?",
        const=EVERYTHING,
        parse=values.existing_path,
        of_job=False,
    )
    # NEWEST, or a journal.
    package: Path | None = option(
        _KEPT,
        "put the newest finished job, or that of a request_ids file, into a folder that anybody "
        "can check (BagIt)",
        metavar="FILE",
        nargs="?",
        const=NEWEST,
        parse=values.existing_file,
        of_job=False,
    )
    to: str | None = option(
        _KEPT,
        "with --package: the folder that it goes into (default: where the job's files are); with "
        "--events: until when (default: now)",
        metavar="FOLDER",
        parse=values.some_text,
        of_job=False,
    )
    zip: bool = option(_KEPT, "with --package: a ZIP in place of a folder", **_ON, of_job=False)
    reference: str | None = option(
        _KEPT,
        "with --package: the number of the claim or case",
        metavar="CLAIM",
        parse=values.some_text,
        of_job=False,
    )
    by: str | None = option(_KEPT, "with --package: who hands it over", **_NAME, of_job=False)
    reuse: bool = option(
        _RUN, "ask for all of it, even what is in the cloud already and would cost nothing", **_OFF
    )
    yes: bool = option(_RUN, "do not ask before a long, costly retrieval", **_ON, of_job=False)
    json: bool = option(
        _RUN,
        "print the summary as one JSON object, and all else on the standard error",
        **_ON,
        of_job=False,
    )
    demo: bool = option(_RUN, "show it all with made-up footage, without an account", **_ON)
    region: str | None = option(
        _RUN,
        lambda entries: (
            "where your account is kept; counts more than the address in the "
            "environment. "
            + "; ".join(
                f"{entry.name}: {', '.join(entry.regions)} (default: {entry.usual_region})"
                for entry in entries
                if entry.regions
            )
        ),
        choices=lambda entries: sorted({region for entry in entries for region in entry.regions}),
        of_job=False,
    )
    poll_seconds: float = option(
        _RUN,
        "the shortest pause between two checks whether footage has come (default: 5)",
        default=5.0,
        metavar="S",
        parse=values.poll_seconds,
        of_job=False,
    )
    max_wait_seconds: float = option(
        _RUN,
        "stop waiting for footage after this long (default: 1440, a day)",
        default=1440 * 60.0,
        name="--max-wait",
        metavar="MINUTES",
        parse=values.wait_in_seconds,
        of_job=False,
    )
    # Provider -> what the environment answers of its sign-in, by the fields' names. Secret.
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    # Provider -> its address from the environment, checked.
    base_urls: Mapping[str, str] = field(default_factory=dict)

    @property
    def without_provider(self) -> bool:
        """What is to be done concerns jobs that are here, and no provider is asked."""
        return any(getattr(self, name) != getattr(Options, name) for name in GOES_WITH)


_DECLARED = sorted(
    (one for one in fields(Options) if one.metadata),
    key=lambda one: _GROUPS.index(one.metadata["group"]),
)


def parse_options(
    arguments: Sequence[str],
    entries: Entries,
    environment: Mapping[str, str] | None = None,
    folders: Sequence[Path] | None = None,
) -> Options:
    """Read the command line; `--help` and `--version` print and raise SystemExit(0).

    arguments:   without the program's name
    entries:     the providers there are
    environment: `os.environ` unless given
    folders:     where a `.env` may lie, the first one counts most; see `Settings`

    A demo takes nothing from the environment: neither key nor host has a place there.
    Raises UsageError, in one sentence, for what cannot be used.
    """
    given = read_command_line(arguments, _DECLARED, entries)
    check_command(given, _DECLARED)
    check_watch(given, _DECLARED)
    if "media" in given:
        given["media"] = MediaType(given["media"])
    if "dates" in given:
        given["dates"] = DayOrder(given["dates"])
    if "layout" in given:
        given["layout"] = Arrangement(given["layout"])
    key = given.get("provider", Options.provider)
    chosen = next(entry for entry in entries if entry.key == key)
    check_kind(given, chosen)
    if given.keys().isdisjoint(("demo", *GOES_WITH)):  # those sign in nowhere
        # A job that is taken up tells its provider later; else the others' settings do not matter.
        needed = entries if {"resume", "incidents"} & given.keys() else [chosen]
        addresses = [entry.url_variable for entry in entries]
        variables = [*sign_in_variables(entries), *addresses, _FOLDER_PER_JOB]
        settings = Settings(variables, environment, folders)
        given["credentials"] = _credentials(needed, settings)
        if "region" not in given:  # which counts more, so the address may be anything
            given["base_urls"] = _base_urls(needed, settings)
        if settings.get(_FOLDER_PER_JOB, values.yes_or_no):
            given["folder_per_job"] = True
    return Options(**given)


# --- the environment ----------------------------------------------------------------------------


def _credentials(entries: Entries, settings: Settings) -> dict[str, dict[str, str]]:
    """What the environment answers of each provider's sign-in."""
    credentials: dict[str, dict[str, str]] = {}
    for entry in entries:
        for asked in entry.sign_in:
            value = settings.get(asked.variable, asked.check)
            if value is not None:
                credentials.setdefault(entry.key, {})[asked.name] = value
    return credentials


def _base_urls(entries: Entries, settings: Settings) -> dict[str, str]:
    urls = {entry.key: settings.get(entry.url_variable, _base_url) for entry in entries}
    return {key: url for key, url in urls.items() if url is not None}


def _base_url(text: str) -> str:
    from footage.system.urls import checked_base_url  # late: urllib3 is heavy, and seldom needed

    return checked_base_url(text)
