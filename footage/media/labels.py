"""The labels of a side-by-side: the running clock, the cameras' names, tiles without footage."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from footage.media import drawn_text
from footage.media.layout import Tile
from footage.media.side_by_side_plan import Clock

if TYPE_CHECKING:
    from PIL.Image import Image

_WHITE = 255
_OPACITY = 160  # of the black ground behind the letters, of 255
_DARK = (16, 16, 20)
_DIM = (200, 200, 200)
_SMALLEST = 8  # pixels
_READABLE = 11  # pixels; what a label has at least where it is free to choose
_LONGEST_SPEED = "100 km/h NW"  # what is to have room beside clock and vehicle, whatever the place
# By the brightness of a pixel: opaque where a letter is, as see-through as the ground elsewhere.
_OPACITY_AT = [_OPACITY + (255 - _OPACITY) * brightness // 255 for brightness in range(256)]


@dataclass(frozen=True)
class Header:
    """Size of its letters and the pixels that the line may take, from the upper left on.

    beside_name: it is on the first tile, whose name stands to the right of it
    """

    size: int
    width: int
    beside_name: bool


@dataclass(frozen=True)
class Line:
    """A line that changes: its pictures (LA), equally large, are drawn while one goes over them."""

    texts: tuple[str, ...]
    size: int
    width: int

    @property
    def height(self) -> int:
        return line_height(self.size)

    def __iter__(self) -> Iterator[Image]:
        return (_line(text, self.size, self.width) for text in self.texts)


def text_size(shorter_side: int) -> int:
    """Height of the letters in pixels: a twentieth of the tile's shorter side, but readable."""
    return max(_READABLE, shorter_side // 20)


def _text_size_on(tile: Tile) -> int:
    return text_size(min(tile.width, tile.height))


def line_height(size: int) -> int:
    """Height in pixels of one label line with letters of `size`."""
    return _even_up(size * 3 // 2)


def header(tile: Tile, width: int, name: str, clock: Clock) -> Header:
    """Where the line with clock, vehicle and readings has room.

    tile, name: of the camera in the upper left
    width:      of the whole picture

    On that tile beside the name, written up to a quarter smaller; else over the whole width.
    """
    usual = _text_size_on(tile)
    parts = [clock.first_text, clock.name, *([_LONGEST_SPEED] if clock.overlay_texts else [])]
    text = re.sub(r"[0-9]", "0", drawn_text.BLANKS.join(parts))  # one width for all seconds
    room = tile.width - label(name, usual, tile.width).width
    for size in range(usual, max(_READABLE, usual * 3 // 4) - 1, -1):
        if _width(text, size) <= room:
            return Header(size, room, beside_name=True)
    return Header(usual, width, beside_name=False)


def name(text: str, tile: Tile, header: Header) -> tuple[int, int, Image]:
    """The label of a camera's name, with the x and y at which it stands in the picture.

    In the upper right corner of its tile, where the header is on a tile; where the header runs over
    the whole width, in the upper left corner, below the header.
    """
    picture = label(text, _text_size_on(tile), tile.width)
    if header.beside_name:
        return tile.x + tile.width - picture.width, tile.y, picture
    return tile.x, tile.y or line_height(header.size), picture


def label(text: str, size: int, max_width: int | None = None) -> Image:
    """One line of text on a see-through dark ground, written smaller where it must be.

    The picture is gray with alpha (LA), which takes half the time of RGBA to draw and to pack.
    """
    if max_width is None:
        return _line(text, size, _width(text, size))
    size = _fitting([text], size, max_width)
    return _line(text, size, min(_width(text, size), max_width))


def clock(
    texts: Sequence[str], size: int, max_width: int, overlay_texts: Sequence[str] = ()
) -> Line:
    """The line that shows `texts` one after the other.

    overlay_texts: what stands after each text, such as "47 mph NE, Elm Street, Springfield"

    A line too wide for the picture loses the end of its overlay text, comma by comma up to the
    first; where that is not enough, all are written smaller; and at last they are cut.
    """
    lines = list(texts)
    if overlay_texts:
        pairs = zip(texts, overlay_texts, strict=True)
        lines = [_with_overlay_text(text, more, size, max_width) for text, more in pairs]
    size = _fitting(lines, size, max_width)
    width = min(max(_width(line, size) for line in lines), max_width)
    return Line(tuple(lines), size, width)


def no_footage(lines: Sequence[str], width: int, height: int) -> Image:
    """A dark tile (RGB) with `lines` in its middle."""
    from PIL import Image, ImageDraw

    tile = Image.new("RGB", (width, height), _DARK)
    draw = ImageDraw.Draw(tile)
    size = _fitting(lines, text_size(min(width, height)), width)
    y = (height - len(lines) * line_height(size)) / 2
    for text in lines:
        x = (width - drawn_text.width(text, size)) / 2
        drawn_text.draw(draw, (max(0.0, x), y), text, size, _DIM)
        y += line_height(size)
    return tile


def _with_overlay_text(text: str, more: str, size: int, max_width: int) -> str:
    """The text and as much of the overlay text as fits, but never less than its first part."""
    line = f"{text}{drawn_text.BLANKS}{more}"
    while "," in more and _width(line, size) > max_width:
        more = more.rpartition(",")[0]
        line = f"{text}{drawn_text.BLANKS}{more}"
    return line


def _fitting(lines: Sequence[str], size: int, max_width: int) -> int:
    """The size, at most `size`, at which all lines fit; below _SMALLEST none can be read."""
    while size > _SMALLEST and max(_width(line, size) for line in lines) > max_width:
        size -= 1
    return size


def _line(text: str, size: int, width: int) -> Image:
    from PIL import Image, ImageDraw

    height = line_height(size)
    # The ground is no wider than the text: beside it there may be another camera's picture.
    letters = Image.new("L", (min(_width(text, size), width), height))
    at = (size // 2, height / 2)
    drawn_text.draw(ImageDraw.Draw(letters), at, text, size, _WHITE, "lm")
    line = Image.merge("LA", (letters, letters.point(_OPACITY_AT)))
    if line.width == width:
        return line
    picture = Image.new("LA", (width, height))
    picture.paste(line)
    return picture


def _width(text: str, size: int) -> int:
    """Pixels of a line with the margin around its text."""
    return _even_up(drawn_text.width(text, size) + size)


def _even_up(length: int) -> int:
    return length + length % 2
