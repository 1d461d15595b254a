"""The page as text: one HTML file with its style and script in it, that loads nothing but films.

Every word that comes from elsewhere is data: Jinja2 escapes what stands in the page, and the script
gets the rest as JSON and writes it as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from footage.model import Job, StepKind
from footage.report import bag, coverage, package_layout
from footage.report.charts import HEIGHT, MAP_HEIGHT, MAP_WIDTH, WIDTH
from footage.report.page_custody import Custody
from footage.report.page_data import Fact, PageData
from footage.report.page_stills import StillSheet
from footage.report.players import CameraFilm, Piece
from footage.system import filenames, timezones
from footage.system.text import single_line
from footage.telemetry.overlay_text import SPEED_UNITS

_TEMPLATES = files("footage.report") / "templates"
# Put together in this order; main.js begins the work.
_SCRIPTS = ("clock", "films", "player", "controls", "charts", "sha256", "check", "main")

# What could end a script, or be taken for markup, within JSON.
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
_MILLISECOND = 1000
# What is noted when the page, the list of hashes after it and the like are made, or compared.
_STEPS_OF_MAKING = {
    one.value
    for one in (StepKind.REPORTED, StepKind.WRITTEN, StepKind.PACKAGED, StepKind.VERIFIED_AGAIN)
}


def render(page: PageData, stills: StillSheet | None, tools: tuple[Fact, ...]) -> str:
    """The page as HTML.

    tools: what it was made with, by name and version
    """
    return _template().render(
        page=page,
        job=page.job,
        stills=stills,
        tools=tools,
        data=Markup(json_text(script_data(page))),  # noqa: S704 - escaped by `json_text`
        style=Markup(style()),  # noqa: S704 - ours
        script=Markup(script()),  # noqa: S704 - ours
        style_hash=source_hash(style()),
        script_hash=source_hash(script()),
        speed_size=(int(WIDTH), int(HEIGHT)),
        map_size=(int(MAP_WIDTH), int(MAP_HEIGHT)),
    )


@lru_cache
def _template() -> jinja2.Template:
    """Compiled once: that takes longer than all else in a page of a few minutes."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: _read(name)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = lambda text: single_line(text, None)
    return environment.get_template("report.html.j2")


@lru_cache
def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text("utf-8").replace("\r\n", "\n")


def style() -> str:
    return _read("report.css")


def script() -> str:
    """All of the script, in a scope of its own."""
    body = "\n".join(_read(f"{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{body}}})();\n'


def source_hash(source: str) -> str:
    """How a content security policy names a script or style that may stand in the page."""
    digest = hashlib.sha256(source.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode("ascii")


def template_hash() -> str:
    """Changes whenever anything of what the page is made with does."""
    sources = (_read("report.html.j2"), style(), script())
    return hashlib.sha256("\0".join(sources).encode()).hexdigest()


def content_text(page: PageData) -> str:
    """Changes with whatever the page says, but for the steps of the custody that making it is."""
    steps = tuple(one for one in page.custody.steps if one.what not in _STEPS_OF_MAKING)
    return repr((page.job.created, replace(page, custody=Custody((), steps, ""))))


# --- what the script works with -----------------------------------------------------------------


def json_text(value: object) -> str:
    """JSON that can stand in a script element whatever is in it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


def script_data(page: PageData) -> dict[str, Any]:
    """What the script needs to know, as JSON can hold it; times in seconds after the start."""
    job = page.job
    track = page.telemetry.track
    film = page.side_by_side
    return {
        "start": round(job.start.timestamp() * _MILLISECOND, 3),
        "seconds": job.span.seconds,
        "zones": [[one.start, one.offset, one.name] for one in page.zones],
        "several_days": page.several_days,
        "pace": _pace(page),
        "side_by_side": film
        and {
            "file": film.file,
            "codec": film.codec,
            "rate": [film.rate.numerator, film.rate.denominator],
            "pace": film.pace,
        },
        "cameras": [
            _camera(camera, page.bars[number] if page.bars else None)
            for number, camera in enumerate(page.cameras)
        ],
        "unit": page.unit,
        "factor": SPEED_UNITS[job.units].factor,
        "track": list(_track(page)),
        "places": list(_places(page)),
        "projection": track
        and [
            round(track.projection.x0, 4),
            round(track.projection.dx, 6),
            round(track.projection.y0, 4),
            round(track.projection.dy, 6),
            track.projection.east,
        ],
        "names": _names(page),
    }


def _pace(page: PageData) -> float:
    """Seconds of the wall clock in one second of playing at the usual speed."""
    if page.side_by_side is not None:
        return page.side_by_side.pace
    factors = [piece.factor for camera in page.cameras for piece in camera.pieces]
    return round(statistics.median_low(factors), 3) if factors else 1


def _camera(camera: CameraFilm, bar: coverage.Bar | None) -> dict[str, Any]:
    return {
        "name": camera.name,
        "file": camera.file,
        "codec": camera.codec,
        "sound": camera.sound,
        "why": camera.why,
        "pieces": [_piece(piece) for piece in camera.pieces],
        "gaps": [
            [round(one.start, 3), round(one.end, 3), one.text]
            for one in (bar.stretches if bar else ())
            if one.kind in coverage.WITHOUT_FOOTAGE
        ],
    }


def _piece(piece: Piece) -> list[float | int | bool]:
    """In the order in which clock.js reads it."""
    return [
        round(piece.start, 4),
        round(piece.end, 4),
        round(piece.at, 4),
        round(piece.zero, 4),
        round(piece.stop, 4),
        round(piece.factor, 6),
        piece.rate.numerator,
        piece.rate.denominator,
        piece.frames,
        int(piece.even),
    ]


def _track(page: PageData) -> Iterator[list[list[float | None]]]:
    start = page.job.start
    for run in page.telemetry.runs:
        yield [
            [
                round((one.time - start).total_seconds(), 3),
                round(one.latitude, 6),
                round(one.longitude, 6),
                None if one.speed is None else round(one.speed, 3),
                None if one.heading is None else round(one.heading, 1),
            ]
            for one in run
        ]


def _places(page: PageData) -> Iterator[tuple[float, str]]:
    """Where the name of the place changes."""
    before = ""
    for run in page.telemetry.runs:
        for one in run:
            place = single_line(one.place, 80)
            if place != before:
                before = place
                yield round((one.time - page.job.start).total_seconds(), 3), place


def _names(page: PageData) -> dict[str, Any]:
    """By what the files of this job are known among others."""
    job: Job = page.job
    tz = timezones.zone(job.timezone)
    vehicle = filenames.report_name(job, tz).removeprefix("Report_")
    moment = filenames.moment_name(job.start, tz)
    return {
        "page": page.page_name,
        "list": page.hash_list,
        "vehicle": "_" + vehicle[: vehicle.rindex(moment)],
        "first": moment[:19],
        "last": filenames.moment_name(job.end, tz)[:19],
        "package": _names_in_package() if page.in_package else None,
    }


def _names_in_package() -> dict[str, Any]:
    """What the page checks of a package beside the files of its tables."""
    return {
        "lists": [bag.MANIFEST_NAME, bag.TAG_MANIFEST_NAME],
        "written": [*package_layout.WRITTEN_FOR_IT],
    }


def made_at() -> Fact:
    """When the page is made, by this computer's clock."""
    return Fact("This page was made", f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC")
