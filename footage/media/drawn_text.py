"""Text on pictures, in the font that Pillow carries: none need be installed."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

_CACHED_WIDTHS = 6000  # a contact sheet measures up to four texts in each of its 1,500 rows

Colour = int | tuple[int, int, int]


@lru_cache(maxsize=_CACHED_WIDTHS)
def width(text: str, size: int) -> int:
    """Pixels that `text` takes in letters of `size` pixels, rounded up."""
    return int(font(size).getlength(one_line(text))) + 1


def draw(
    canvas: ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: Colour,
    anchor: str = "la",
) -> None:
    """Write one line; `anchor` says which point of it stands at `at`, as in Pillow ("lm", "mm")."""
    canvas.text(at, one_line(text), font=font(size), fill=colour, anchor=anchor)


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
    """As the font can write it: without line breaks, and without the accents that it lacks."""
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    if not letter.isprintable():
        return " "
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or letter


@lru_cache(maxsize=8)
def font(size: int) -> FreeTypeFont | ImageFont:
    """The font, for letters of `size` pixels."""
    from PIL import ImageFont

    return ImageFont.load_default(size)
