"""All stills of a job in one picture: a row for each moment asked for, a column for each camera.

One still is in memory at a time. The sheet itself has at most MOST_PIXELS, at four bytes each; only
a whole day of more than six cameras has more, so that it can still be read.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Collection, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from footage.errors import Interrupted, NotAVideo
from footage.media import drawn_text, stills
from footage.media.contact_sheet_plan import (
    BESIDE,
    FACT,
    HEAD,
    MARGIN,
    TAKEN,
    TEXT_FROM,
    TITLE,
    Cell,
    Sheet,
    SheetLayout,
    line_height,
    make_layout,
    plan_sheet,
    row_head_size,
)
from footage.model import Camera, Job

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

_VERSION = 1  # to be raised when the drawing changes, so that sheets are made anew
_QUALITY = 85
_PAPER, _INK, _FAINT = (255, 255, 255), (20, 20, 24), (90, 90, 96)
_DARK, _DIM = (16, 16, 20), (200, 200, 200)
_AROUND = (226, 226, 230)  # beside a picture of another shape than its column
_AMBER = (255, 170, 0)
_NOTE, _SMALLEST = 12, 9  # heights of letters, in pixels
_Box = tuple[int, int, int, int]  # left, top, right, bottom; the latter two exclusive


def make(
    job: Job,
    not_installed: Collection[Camera],
    folder: Path,
    tz: tzinfo,
    target: Path,
    stop: threading.Event | None = None,
) -> None:
    """Write the contact sheet of all stills of `job` into the file `target`, a JPEG.

    not_installed: cameras that the vehicle lacks, whose pictures do not count as missing
    folder:        where the clips' paths begin
    target:        written as it goes; making it appear whole is the caller's part

    The same stills give the same bytes. Cells become lower the more rows there are, and are legible
    up to MOST_ROWS. Raises ValueError where the job has no still at all, NotAVideo where one cannot
    be read any more, and Interrupted once `stop` is set.
    """
    from PIL import Image, ImageDraw

    sheet = plan_sheet(job, not_installed, folder, tz)
    if not sheet.columns:
        raise ValueError("A contact sheet needs at least one still.")
    layout = make_layout(sheet)
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


def fingerprint(job: Job, not_installed: Collection[Camera], tz: tzinfo) -> str:
    """The same for jobs whose contact sheets are the same."""
    sheet = plan_sheet(job, not_installed, Path(), tz)
    return hashlib.sha256(f"{_VERSION} {_QUALITY} {sheet!r}".encode()).hexdigest()[:20]


def _write_heads(draw: ImageDraw, sheet: Sheet, layout: SheetLayout) -> None:
    room, y = layout.width - 2 * MARGIN, MARGIN
    _write(draw, (MARGIN, y + line_height(TITLE) // 2), sheet.title, TITLE, room, "lm")
    y += line_height(TITLE)
    for line in layout.facts:
        _write(draw, (MARGIN, y + line_height(FACT) // 2), line, FACT, room, "lm", _FAINT)
        y += line_height(FACT)
    y = layout.heads + line_height(HEAD) // 2
    for (x, width), name in zip(layout.columns, sheet.columns, strict=True):
        _write(draw, (x + width // 2, y), name, HEAD, width, "mm")


def _write_row_head(draw: ImageDraw, head: Sequence[str], layout: SheetLayout, top: int) -> None:
    size = row_head_size(layout.cell)
    right = layout.columns[0][0] - BESIDE
    y = top + (layout.cell - len(head) * (size + 3)) // 2
    for text in head:
        y += size + 3
        _write(draw, (right, y - (size + 3) // 2), text, size, right, "rm")


def _draw_missing(draw: ImageDraw, box: _Box) -> None:
    left, top, right, bottom = box
    draw.rectangle((left, top, right - 1, bottom - 1), fill=_DARK)
    if bottom - top >= TEXT_FROM:
        middle = ((left + right) // 2, (top + bottom) // 2)
        _write(draw, middle, "no picture", HEAD, right - left - 4, "mm", _DIM)
    else:  # a dark cell alone might be a picture taken at night
        draw.line((left, top, right - 1, bottom - 1), fill=_DIM)
        draw.line((left, bottom - 1, right - 1, top), fill=_DIM)


def _draw_still(sheet: Image, draw: ImageDraw, cell: Cell, box: _Box) -> None:
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
        if drawn_text.width(text, _SMALLEST) > room:
            text = text.removeprefix(TAKEN)
        text, size = _fitted(text, _NOTE, room)
        upper = bottom - line_height(_NOTE) - 2
        draw.rectangle(
            (left, upper, left + drawn_text.width(text, size) + 7, bottom - 1), fill=_DARK
        )
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
    drawn_text.draw(draw, at, text, size, ink, anchor)


def _fitted(text: str, size: int, room: int) -> tuple[str, int]:
    smallest = min(size, max(_SMALLEST, size * 3 // 5))
    return drawn_text.fitted(text, size, smallest, room)
