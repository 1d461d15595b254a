"""What a contact sheet shows and says, and where everything stands on it. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from itertools import accumulate
from pathlib import Path

from footage.media import drawn_text, shown_names
from footage.model import Camera, Clip, Job
from footage.system import timezones

MOST_ROWS = 1500  # a minute of a day each; with more, only every second, third, ... row is shown
MOST_SIDE = 65_000  # pixels; JPEG itself ends at 65,535
MOST_PIXELS = 40_000_000
CELL_WIDTH = 320  # pixels, at most
TEXT_FROM = 60  # a lower cell has marks in place of words
MARGIN = 16
BESIDE = 8  # pixels between a row's time and its first cell
TITLE, FACT, HEAD = 24, 14, 14  # heights of letters, in pixels
_ROW_HEAD, _LOW_ROW_HEAD = 13, 11  # the same, of a row's time: beside usual cells and low ones
TAKEN = "taken "
_LOWEST_CELL = 41  # MOST_ROWS of these fit below each other; a car can still be told from a truck
_OFF = timedelta(seconds=1)  # from here on a still's own time is shown
_LEAST_WIDTH = 400  # so that the title finds room above a single small column
_LEAST_COLUMN = 64


@dataclass(frozen=True)
class Cell:
    """One still; `taken` is its own time in words where that is not the row's."""

    path: Path = field(repr=False)
    sha256: str
    width: int
    height: int
    taken: str


@dataclass(frozen=True)
class Row:
    """The stills of one moment; `head` is that moment in words, in one to three lines."""

    head: tuple[str, ...]
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Sheet:
    """All that decides what the sheet shows."""

    title: str
    facts: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class SheetLayout:  # eight plain numbers and places, set in one function
    """Where everything stands, in pixels.

    facts:   the lines below the title
    columns: (x, width) of each
    heads:   y of the columns' names
    top:     y of the first row
    cell:    height of a cell
    gap:     between rows, and between columns
    """

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


def plan_sheet(job: Job, not_installed: Collection[Camera], folder: Path, tz: tzinfo) -> Sheet:
    """What the contact sheet of `job` shows; see `contact_sheet.make`."""
    stills = _closest_stills(job)
    cameras = [c for c in job.cameras if any(camera == c for camera, _ in stills)]
    moments = sorted({retrieval.window.start for retrieval in job.retrievals})
    step = -(-len(moments) // MOST_ROWS) or 1
    # What is taken live has no span, and may be taken later than it was first wanted.
    first, last = (job.start, job.end) if job.length else (moments[0], moments[-1])
    same = first == last
    facts = [timezones.clock_text(first, tz) if same else timezones.span_text(first, last, tz)]
    facts += [_every(job.every)] if job.every else []
    wanted = len(moments) * sum(camera not in not_installed for camera in job.cameras)
    facts.append(f"{len(stills):,} of {wanted:,} pictures")
    facts += [f"only one row in {step} of {len(moments):,} is shown"] if step > 1 else []
    moments = moments[::step]
    return Sheet(
        title=shown_names.vehicle_name(job.vehicle),
        facts=tuple(facts),
        columns=tuple(shown_names.camera_name(job, camera) for camera in cameras),
        rows=tuple(
            Row(head, tuple(_cell(stills.get((c, moment)), folder, moment, tz) for c in cameras))
            for moment, head in zip(moments, _row_heads(moments, tz), strict=True)
        ),
    )


def _closest_stills(job: Job) -> dict[tuple[Camera, datetime], Clip]:
    """For each camera and moment asked for, the still taken closest to it."""
    closest: dict[tuple[Camera, datetime], Clip] = {}
    for retrieval, media in job.media():
        clip, moment = media.clip, retrieval.window.start
        if clip is None or media.camera not in job.cameras:
            continue
        other = closest.get((media.camera, moment))
        if other is None or _distance(clip, moment) < _distance(other, moment):
            closest[media.camera, moment] = clip
    return closest


def _every(seconds: float) -> str:
    return f"every {seconds / 60:g} min" if seconds % 60 == 0 else f"every {seconds:g} s"


def _distance(clip: Clip, moment: datetime) -> tuple[timedelta, str]:
    """Orders stills of one moment: the closest first, and always the same of two as close."""
    return abs(clip.start - moment), clip.sha256


def _cell(clip: Clip | None, folder: Path, moment: datetime, tz: tzinfo) -> Cell | None:
    if clip is None:
        return None
    taken = _taken(clip.start, moment, tz) if abs(clip.start - moment) >= _OFF else ""
    video = clip.tracks.video
    return Cell(folder / clip.path, clip.sha256, video.width, video.height, taken)


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
    return f"{TAKEN}{date}{own:%H:%M:%S}{zone}"


def make_layout(sheet: Sheet) -> SheetLayout:
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
    # Measured once for each height of letters, not for each that is tried for the cells.
    head_widths = {size: _row_head_width(sheet, size) for size in (_ROW_HEAD, _LOW_ROW_HEAD)}
    for height in range(tallest, _LOWEST_CELL, -1):
        layout = _with_cells(sheet, widths, height, head_widths)
        sides = max(layout.width, layout.height)
        if sides <= MOST_SIDE and layout.width * layout.height <= MOST_PIXELS:
            return layout
    return _with_cells(sheet, widths, _LOWEST_CELL, head_widths)


def _with_cells(
    sheet: Sheet, columns: Sequence[float], cell: int, head_widths: Mapping[int, int]
) -> SheetLayout:
    """The layout with cells of this height, and of these widths for each pixel of it."""
    gap = 6 if cell >= TEXT_FROM else 2
    left = MARGIN + head_widths[row_head_size(cell)] + BESIDE
    widths = [max(_LEAST_COLUMN, round(column * cell)) for column in columns]
    starts = [left + x for x in accumulate((w + gap for w in widths), initial=0)]
    width = max(_LEAST_WIDTH, starts[-1] - gap + MARGIN)
    facts = sheet.facts
    if cell < TEXT_FROM and any(c and c.taken for row in sheet.rows for c in row.cells):
        facts += ("amber frame: taken a second or more from the row's time",)
    lines = _lines(facts, width - 2 * MARGIN)
    heads = MARGIN + line_height(TITLE) + len(lines) * line_height(FACT) + 8
    top = heads + line_height(HEAD) + 2
    height = top + len(sheet.rows) * (cell + gap) - gap + MARGIN
    places = tuple(zip(starts, widths, strict=False))
    return SheetLayout(width, height, lines, places, heads, top, cell, gap)


def _lines(facts: Sequence[str], width: int) -> tuple[str, ...]:
    """The facts in as few lines as hold them."""
    lines: list[str] = []
    for fact in facts:
        longer = f"{lines[-1]}    {fact}" if lines else fact
        if lines and drawn_text.width(longer, FACT) <= width:
            lines[-1] = longer
        else:
            lines.append(fact)
    return tuple(lines)


def line_height(size: int) -> int:
    """Height of a line with letters of `size`, in pixels."""
    return size * 4 // 3


def row_head_size(cell: int) -> int:
    """Height of the letters of a row's time, beside cells of this height."""
    return _ROW_HEAD if cell >= TEXT_FROM else _LOW_ROW_HEAD


def _row_head_width(sheet: Sheet, size: int) -> int:
    return max(drawn_text.width(text, size) for row in sheet.rows for text in row.head)
