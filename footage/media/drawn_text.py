"""Text on pictures, in letters that one of the fonts has: never a box in place of a letter."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from footage.media import fonts

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

_CACHED_WIDTHS = 256  # a clock has a text for each second of a minute, which is measured thrice
_PLAIN_TEXTS = 256  # all texts of a clock are ASCII but for the places
# Between the parts of a line: time, vehicle, readings. What is written from right to left in one of
# them must not change the order of the others.
BLANKS = " " * 3

Colour = int | tuple[int, int, int]


class _Run(NamedTuple):
    """Letters that follow each other in one font."""

    text: str
    font: Path
    shaped: bool


@lru_cache(maxsize=_CACHED_WIDTHS)
def width(text: str, size: int) -> int:
    """Pixels that `text` takes in letters of `size` pixels, rounded up."""
    return int(sum(_advance(run, size) for run in _runs(text))) + 1


def draw(
    canvas: ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: Colour,
    anchor: str = "la",
) -> None:
    """Write one line; `anchor` says which point of it stands at `at`, as in Pillow ("lm", "mm")."""
    runs = _runs(text)
    x, y = at
    if len(runs) > 1:
        across = sum(_advance(run, size) for run in runs)
        x -= {"l": 0.0, "m": across / 2, "r": across}[anchor[0]]
        # Letters of different fonts stand on one line: that of the first font.
        top = _font(runs[0], size).getbbox(runs[0].text, anchor="l" + anchor[1])[1]
        y += top - _font(runs[0], size).getbbox(runs[0].text, anchor="ls")[1]
        anchor = "ls"
    for run in runs:
        canvas.text((x, y), run.text, font=_font(run, size), fill=colour, anchor=anchor)
        x += _advance(run, size)


def fitted(text: str, size: int, smallest: int, room: int) -> tuple[str, int]:
    """The text and the size, at most `size`, with which it fits into `room` pixels.

    Smaller where it must be, down to `smallest`; cut short with "..." where that is not enough.
    """
    while size > smallest and width(text, size) > room:
        size -= 1
    if width(text, size) <= room:
        return text, size
    while text and width(text + "...", size) > room:
        text = text[:-1].rstrip()
    return text + "...", size


def one_line(text: str) -> str:
    """The text with composed accents and plain blanks, without what shows nothing of its own."""
    if text.isascii() and text.isprintable():
        return text
    text = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return "".join(c for c in text if not _invisible(c))


@lru_cache(maxsize=_PLAIN_TEXTS)
def drawable(text: str) -> bool:
    """Whether there is a font for each letter, and the means to order them where that is needed."""
    return None not in map(_runs_of_part, _parts(one_line(text)))


def _invisible(letter: str) -> bool:
    # 0xFE00 to 0xFE0F choose between shapes of the letter before.
    return not letter.isprintable() or "\ufe00" <= letter <= "\ufe0f"


def _runs(text: str) -> tuple[_Run, ...]:
    if text.isascii() and text.isprintable():
        return (_Run(text, fonts.packaged(), False),)
    return _runs_of(text)


@lru_cache(maxsize=_PLAIN_TEXTS)
def _runs_of(text: str) -> tuple[_Run, ...]:
    """The text as runs; what cannot be drawn at all is a question mark."""
    runs: list[_Run] = []
    for part in _parts(one_line(text)):
        runs += _runs_of_part(part) or [_Run(_ascii(part), fonts.packaged(), False)]
    return tuple(runs) or (_Run("", fonts.packaged(), False),)


def _parts(text: str) -> list[str]:
    """The parts of a line and what is between them."""
    return [part for part in re.split(f"({BLANKS}+)", text) if part]


def _runs_of_part(text: str) -> list[_Run] | None:
    """One part of a line, or None where it cannot be drawn."""
    if any(map(_needs_shaping, text)):
        font = fonts.with_all(frozenset(text)) if fonts.can_shape() else None
        return [_Run(text, font, True)] if font else None
    chosen = fonts.by_letter(frozenset(text))
    if len(chosen) < len(set(text)):
        return None
    return [
        _Run("".join(letters), font, False)
        for font, letters in groupby(text, key=lambda letter: chosen[letter])
    ]


def _needs_shaping(letter: str) -> bool:
    """Written from right to left, set over or under another letter, or joined with it."""
    return (
        unicodedata.bidirectional(letter) in ("R", "AL", "AN")
        or unicodedata.category(letter).startswith("M")
        or "\u1800" <= letter <= "\u18af"  # Mongolian
    )


def _ascii(text: str) -> str:
    """The last resort, for what has no id to be written in its place."""
    return "".join(
        unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode() or "?" for c in text
    )


def _font(run: _Run, size: int) -> FreeTypeFont:
    return fonts.load(run.font, size, run.shaped)


def _advance(run: _Run, size: int) -> float:
    return _font(run, size).getlength(run.text)
