"""All stills of a job in one picture: a row for each moment asked for, a column for each camera.

First it is settled what the sheet says (`_plan`), then how large all is (`_lay_out`), then it is
drawn, with one still in memory at a time. The sheet itself has at most MOST_PIXELS, at four bytes
each; only a whole day of more than six cameras has more, so that it can still be read.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from footage.errors import Interrupted, NotAVideo
from footage.job import outcome
from footage.media import labels, stills
from footage.model import Camera, Clip, Job
from footage.system import timezones

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

MOST_ROWS = 1500  # a minute of a day each; with more, only every second, third, ... row is shown
MOST_SIDE = 65_000  # pixels; JPEG itself ends at 65,535
MOST_PIXELS = 40_000_000
CELL_WIDTH = 320  # pixels, at most
TEXT_FROM = 60  # a lower cell has marks in place of words
_LOWEST_CELL = 41  # MOST_ROWS of these fit below each other; a car can still be told from a truck
_TAKEN = "taken "
_OFF = timedelta(seconds=1)  # from here on a still's own time is told

_VERSION = 1  # to be raised when the drawing changes, so that sheets are made anew
_QUALITY = 85
_MARGIN = 16
_LEAST_WIDTH = 400  # so that the title finds room above a single small column
_LEAST_COLUMN = 64
_PAPER, _INK, _FAINT = (255, 255, 255), (20, 20, 24), (90, 90, 96)
_DARK, _DIM = (16, 16, 20), (200, 200, 200)
_AROUND = (226, 226, 230)  # beside a picture of another shape than its column
_AMBER = (255, 170, 0)
_TITLE, _FACT, _HEAD, _NOTE, _SMALLEST = 24, 14, 14, 12, 9  # heights of letters, in pixels
_BESIDE = 8  # pixels between a row's time and its first cell
_Box = tuple[int, int, int, int]  # left, top, right, bottom; the latter two exclusive


@dataclass(frozen=True)
class _Cell:
    """One still; `taken` is its own time in words where that is not the row's."""

    path: Path = field(repr=False)
    sha256: str
    width: int
    height: int
    taken: str


@dataclass(frozen=True)
class _Row:
    head: tuple[str, ...]
    cells: tuple[_Cell | None, ...]


@dataclass(frozen=True)
class _Sheet:
    """All that decides what the sheet shows."""

    title: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[_Row, ...]


@dataclass(frozen=True)
class _Layout:
    """Where everything stands, in pixels; `columns` are (x, width)."""

    width: int
    height: int
    facts: tuple[str, ...]
    columns: tuple[tuple[int, int], ...]
    heads: int
    top: int
    cell: int
    gap: int

    def y(self, row: int) -> int:
        return self.top + row * (self.cell + self.gap)


def make(
    job: Job, folder: Path, tz: tzinfo, target: Path, stop: threading.Event | None = None
) -> None:
    """Write the contact sheet of all stills of `job` into the file `target`, a JPEG.

    folder: where the clips' paths begin
    target: written as it goes; making it appear whole is the caller's part

    The same stills give the same bytes. Cells become lower the more rows there are, and are legible
    up to MOST_ROWS. Raises ValueError where the job has no still at all, NotAVideo where one cannot
    be read any more, and Interrupted once `stop` is set.
    """
    from PIL import Image, ImageDraw

    sheet = _plan(job, folder, tz)
    if not sheet.columns:
        raise ValueError("A contact sheet needs at least one still.")
    layout = _lay_out(sheet)
    picture = Image.new("RGB", (layout.width, layout.height), _PAPER)
    draw = ImageDraw.Draw(picture)
    _write_heads(draw, sheet, layout)
    for number, row in enumerate(sheet.rows):
        if stop is not None and stop.is_set():
            raise Interrupted("Stopped while working on a picture.")
        _write_row_head(draw, row.head, layout, layout.y(number))
        for (x, width), cell in zip(layout.columns, row.cells, strict=True):
            box = (x, layout.y(number), x + width, layout.y(number) + layout.cell)
            if cell is None:
                _draw_missing(draw, box)
            else:
                _draw_still(picture, draw, cell, box)
    picture.save(target, "JPEG", quality=_QUALITY)


def fingerprint(job: Job, tz: tzinfo) -> str:
    """The same for jobs whose contact sheets are the same."""
    sheet = _plan(job, Path(), tz)
    return hashlib.sha256(f"{_VERSION} {_QUALITY} {sheet!r}".encode()).hexdigest()[:20]


# --- what it says ---------------------------------------------------------------------------------


def _plan(job: Job, folder: Path, tz: tzinfo) -> _Sheet:
    found: dict[tuple[Camera, datetime], Clip] = {}
    for retrieval, media in job.media():
        clip, moment = media.clip, retrieval.window.start
        if clip is None or media.camera not in job.cameras:
            continue
        known = found.get((media.camera, moment))
        if known is None or _farness(clip, moment) < _farness(known, moment):
            found[media.camera, moment] = clip
    cameras = [c for c in job.cameras if any(camera == c for camera, _ in found)]
    moments = sorted({retrieval.window.start for retrieval in job.retrievals})
    step = -(-len(moments) // MOST_ROWS) or 1
    # What is taken live has no span, and may be taken later than it was first wanted.
    first, last = (job.start, job.end) if job.minutes else (moments[0], moments[-1])
    same = first == last
    facts = [timezones.clock_text(first, tz) if same else timezones.span_text(first, last, tz)]
    facts += [_every(job.every)] if job.every else []
    absent = outcome.not_installed(job)
    wanted = len(moments) * sum(camera not in absent for camera in job.cameras)
    facts.append(f"{len(found):,} of {wanted:,} pictures")
    facts += [f"only one row in {step} of {len(moments):,} is shown"] if step > 1 else []
    moments = moments[::step]
    return _Sheet(
        title=job.vehicle.name,
        facts=tuple(facts),
        columns=tuple(job.shown_name(camera) for camera in cameras),
        rows=tuple(
            _Row(head, tuple(_cell(found.get((c, moment)), folder, moment, tz) for c in cameras))
            for moment, head in zip(moments, _row_heads(moments, tz), strict=True)
        ),
    )


def _every(seconds: float) -> str:
    return f"every {seconds / 60:g} min" if seconds % 60 == 0 else f"every {seconds:g} s"


def _farness(clip: Clip, moment: datetime) -> tuple[timedelta, str]:
    """Orders stills of one moment: the closest first, and always the same of two as close."""
    return abs(clip.start - moment), clip.sha256


def _cell(clip: Clip | None, folder: Path, moment: datetime, tz: tzinfo) -> _Cell | None:
    if clip is None:
        return None
    taken = _taken(clip.start, moment, tz) if abs(clip.start - moment) >= _OFF else ""
    video = clip.tracks.video
    return _Cell(folder / clip.path, clip.sha256, video.width, video.height, taken)


def _row_heads(moments: Sequence[datetime], tz: tzinfo) -> list[tuple[str, ...]]:
    """The time of each row; the date where one begins, the zone where daylight saving changes."""
    here = [timezones.to_the_second(moment, tz) for moment in moments]
    several_days = len({moment.date() for moment in here}) > 1
    several_zones = len({timezones.zone_text(moment) for moment in here}) > 1
    heads: list[tuple[str, ...]] = []
    for number, moment in enumerate(here):
        new_day = number == 0 or here[number - 1].date() != moment.date()
        date = [f"{moment:%m/%d/%Y}"] if several_days and new_day else []
        zone = [timezones.zone_text(moment)] if several_zones else []
        heads.append((*date, f"{moment:%H:%M:%S}", *zone))
    return heads


def _taken(start: datetime, moment: datetime, tz: tzinfo) -> str:
    """A still's own time, with date and zone where they are not the row's."""
    own, row = timezones.to_the_second(start, tz), timezones.to_the_second(moment, tz)
    date = f"{own:%m/%d} " if own.date() != row.date() else ""
    zone = (
        f" {timezones.zone_text(own)}"
        if timezones.zone_text(own) != timezones.zone_text(row)
        else ""
    )
    return f"{_TAKEN}{date}{own:%H:%M:%S}{zone}"


# --- how large all is -----------------------------------------------------------------------------


def _lay_out(sheet: _Sheet) -> _Layout:
    """The largest cells with which the sheet keeps within its limits."""
    aspects = [
        [cell.width / cell.height for row in sheet.rows if (cell := row.cells[column])]
        for column in range(len(sheet.columns))
    ]
    # One height for all, in which the widest picture is as wide as a cell may be; but an odd
    # shape, a strip or a tower, must not make all others tiny or huge.
    widest = [max(column, default=1.0) for column in aspects]
    tallest = round(min(240.0, max(180.0, CELL_WIDTH / max(widest))))
    widths = [min(CELL_WIDTH, aspect * tallest) / tallest for aspect in widest]
    for height in range(tallest, _LOWEST_CELL, -1):
        layout = _with_cells(sheet, widths, height)
        sides = max(layout.width, layout.height)
        if sides <= MOST_SIDE and layout.width * layout.height <= MOST_PIXELS:
            return layout
    return _with_cells(sheet, widths, _LOWEST_CELL)


def _with_cells(sheet: _Sheet, columns: Sequence[float], cell: int) -> _Layout:
    """The layout with cells of this height, and of these widths for each pixel of it."""
    gap = 6 if cell >= TEXT_FROM else 2
    left = _MARGIN + max(_row_head_width(row.head, cell) for row in sheet.rows) + _BESIDE
    widths = [max(_LEAST_COLUMN, round(column * cell)) for column in columns]
    starts = [left + x for x in accumulate((w + gap for w in widths), initial=0)]
    width = max(_LEAST_WIDTH, starts[-1] - gap + _MARGIN)
    facts = sheet.facts
    if cell < TEXT_FROM and any(c and c.taken for row in sheet.rows for c in row.cells):
        facts += ("amber frame: taken a second or more from the row's time",)
    lines = _lines(facts, width - 2 * _MARGIN)
    heads = _MARGIN + _line(_TITLE) + len(lines) * _line(_FACT) + 8
    top = heads + _line(_HEAD) + 2
    height = top + len(sheet.rows) * (cell + gap) - gap + _MARGIN
    places = tuple(zip(starts, widths, strict=False))
    return _Layout(width, height, lines, places, heads, top, cell, gap)


def _lines(facts: Sequence[str], width: int) -> tuple[str, ...]:
    """The facts in as few lines as hold them."""
    lines: list[str] = []
    for fact in facts:
        longer = f"{lines[-1]}    {fact}" if lines else fact
        if lines and _width(longer, _FACT) <= width:
            lines[-1] = longer
        else:
            lines.append(fact)
    return tuple(lines)


# --- drawing --------------------------------------------------------------------------------------


def _write_heads(draw: ImageDraw, sheet: _Sheet, layout: _Layout) -> None:
    room, y = layout.width - 2 * _MARGIN, _MARGIN
    _write(draw, (_MARGIN, y + _line(_TITLE) // 2), sheet.title, _TITLE, room, "lm")
    y += _line(_TITLE)
    for line in layout.facts:
        _write(draw, (_MARGIN, y + _line(_FACT) // 2), line, _FACT, room, "lm", _FAINT)
        y += _line(_FACT)
    y = layout.heads + _line(_HEAD) // 2
    for (x, width), name in zip(layout.columns, sheet.columns, strict=True):
        _write(draw, (x + width // 2, y), name, _HEAD, width, "mm")


def _write_row_head(draw: ImageDraw, head: Sequence[str], layout: _Layout, top: int) -> None:
    size = _row_head_size(layout.cell)
    right = layout.columns[0][0] - _BESIDE
    y = top + (layout.cell - len(head) * (size + 3)) // 2
    for text in head:
        y += size + 3
        _write(draw, (right, y - (size + 3) // 2), text, size, right, "rm")


def _draw_missing(draw: ImageDraw, box: _Box) -> None:
    left, top, right, bottom = box
    draw.rectangle((left, top, right - 1, bottom - 1), fill=_DARK)
    if bottom - top >= TEXT_FROM:
        middle = ((left + right) // 2, (top + bottom) // 2)
        _write(draw, middle, "no picture", _HEAD, right - left - 4, "mm", _DIM)
    else:  # a dark cell alone might be a picture taken at night
        draw.line((left, top, right - 1, bottom - 1), fill=_DIM)
        draw.line((left, bottom - 1, right - 1, top), fill=_DIM)


def _draw_still(sheet: Image, draw: ImageDraw, cell: _Cell, box: _Box) -> None:
    """The still as large as the box holds it, in its own shape, in the middle."""
    from PIL.Image import Resampling

    left, top, right, bottom = box
    scale = min((right - left) / cell.width, (bottom - top) / cell.height)
    width, height = max(1, round(cell.width * scale)), max(1, round(cell.height * scale))
    try:
        still = stills.load(cell.path, (2 * width, 2 * height))
    except (OSError, NotAVideo) as error:
        raise NotAVideo(f"{cell.path.name} cannot be read as a picture any more.") from error
    draw.rectangle((left, top, right - 1, bottom - 1), fill=_AROUND)
    x, y = left + (right - left - width) // 2, top + (bottom - top - height) // 2
    sheet.paste(still.resize((width, height), Resampling.LANCZOS), (x, y))
    if not cell.taken:
        return
    if bottom - top >= TEXT_FROM:
        room, text = right - left - 8, cell.taken
        if _width(text, _SMALLEST) > room:
            text = text.removeprefix(_TAKEN)
        text, size = _fitted(text, _NOTE, room)
        upper = bottom - _line(_NOTE) - 2
        draw.rectangle((left, upper, left + _width(text, size) + 7, bottom - 1), fill=_DARK)
        _write(draw, (left + 4, (upper + bottom) // 2), text, size, right - left, "lm", _AMBER)
    else:
        draw.rectangle((left, top, right - 1, bottom - 1), outline=_AMBER, width=2)


def _write(
    draw: ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    room: int,
    anchor: str,
    ink: tuple[int, int, int] = _INK,
) -> None:
    text, size = _fitted(text, size, room)
    draw.text(at, labels._one_line(text), font=labels._font(size), fill=ink, anchor=anchor)


def _fitted(text: str, size: int, room: int) -> tuple[str, int]:
    """The text in letters of at most `size`, smaller or cut short where it has not the room."""
    least = min(size, max(_SMALLEST, size * 3 // 5))
    while size > least and _width(text, size) > room:
        size -= 1
    if _width(text, size) <= room:
        return text, size
    while text and _width(text + "...", size) > room:
        text = text[:-1].rstrip()
    return text + "...", size


@lru_cache(maxsize=4 * MOST_ROWS)
def _width(text: str, size: int) -> int:
    return int(labels._font(size).getlength(labels._one_line(text))) + 1


def _line(size: int) -> int:
    return size * 4 // 3


def _row_head_size(cell: int) -> int:
    return 13 if cell >= TEXT_FROM else 11


def _row_head_width(head: Sequence[str], cell: int) -> int:
    return max(_width(text, _row_head_size(cell)) for text in head)
