"""What is written on the picture, in the font that Pillow carries: none need be installed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

_TEXT = (255, 255, 255, 255)
_BEHIND = (0, 0, 0, 160)
_DARK = (16, 16, 20)
_DIM = (200, 200, 200)
_SMALLEST = 8  # pixels
_BLANKS = " " * 3  # between the parts of a line


def text_size(tile_height: int) -> int:
    """Height of the letters in pixels: a twentieth of the tile, never too small to read."""
    return max(11, tile_height // 20)


def line_height(size: int) -> int:
    """Height in pixels of one label line with letters of `size`."""
    return _even_up(size * 3 // 2)


def label(text: str, size: int, max_width: int | None = None) -> Image:
    """One line of text on a see-through dark ground (RGBA), written smaller where it must be."""
    if max_width is None:
        return _line(text, size, _width(text, size))
    size = _fitting([text], size, max_width)
    return _line(text, size, min(_width(text, size), max_width))


def clock(
    texts: Sequence[str], size: int, max_width: int, told: Sequence[str] = ()
) -> Iterator[Image]:
    """Pictures of all `texts` (RGBA), equally large, one after the other.

    told: what stands after each text, such as "47 mph NE, Elm Street, Springfield"

    A line too wide for the picture loses the end of what is told, comma by comma up to the first;
    where that is not enough, all are written smaller; and at last they are cut.
    """
    if told:
        lines = [_cut(t, more, size, max_width) for t, more in zip(texts, told, strict=True)]
    else:
        lines = list(texts)
    size = _fitting(lines, size, max_width)
    width = min(max(_width(line, size) for line in lines), max_width)
    return (_line(line, size, width) for line in lines)


def no_footage(lines: Sequence[str], width: int, height: int) -> Image:
    """A dark tile (RGB) with `lines` in its middle."""
    from PIL import Image, ImageDraw

    tile = Image.new("RGB", (width, height), _DARK)
    draw = ImageDraw.Draw(tile)
    size = _fitting(lines, text_size(height), width)
    y = (height - len(lines) * line_height(size)) / 2
    for text in lines:
        x = (width - _font(size).getlength(text)) / 2
        draw.text((max(0.0, x), y), text, font=_font(size), fill=_DIM)
        y += line_height(size)
    return tile


def _cut(text: str, told: str, size: int, max_width: int) -> str:
    """The text and as much of what is told as fits, but never less than its first part."""
    line = f"{text}{_BLANKS}{told}"
    while "," in told and _width(line, size) > max_width:
        told = told.rpartition(",")[0]
        line = f"{text}{_BLANKS}{told}"
    return line


def _fitting(lines: Sequence[str], size: int, max_width: int) -> int:
    """The size, at most `size`, at which all lines fit; below _SMALLEST none can be read."""
    while size > _SMALLEST and max(_width(line, size) for line in lines) > max_width:
        size -= 1
    return size


def _line(text: str, size: int, width: int) -> Image:
    from PIL import Image, ImageDraw

    picture = Image.new("RGBA", (width, line_height(size)))
    draw = ImageDraw.Draw(picture)
    # No wider than its text: beside it there may be another camera's picture.
    draw.rectangle((0, 0, min(_width(text, size), width) - 1, picture.height), fill=_BEHIND)
    draw.text(
        (size // 2, line_height(size) / 2),
        _one_line(text),
        font=_font(size),
        fill=_TEXT,
        anchor="lm",
    )
    return picture


def _width(text: str, size: int) -> int:
    return _even_up(int(_font(size).getlength(_one_line(text))) + size + 1)


def _one_line(text: str) -> str:
    """As the font can write it: without line breaks, and without the accents that it lacks."""
    return "".join(_sign(sign) for sign in text)


def _sign(sign: str) -> str:
    if not sign.isprintable():
        return " "
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return plain or sign


def _even_up(length: int) -> int:
    return length + length % 2


@lru_cache(maxsize=8)
def _font(size: int) -> FreeTypeFont | ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)
