"""The labels of a side-by-side: the running clock, the cameras' names, tiles without footage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from footage.media import drawn_text

if TYPE_CHECKING:
    from PIL.Image import Image

_WHITE = 255
_OPACITY = 160  # of the black ground behind the letters, of 255
_DARK = (16, 16, 20)
_DIM = (200, 200, 200)
_SMALLEST = 8  # pixels
# By the brightness of a pixel: opaque where a letter is, as see-through as the ground elsewhere.
_OPACITY_AT = [_OPACITY + (255 - _OPACITY) * brightness // 255 for brightness in range(256)]
_BLANKS = " " * 3  # between the parts of a line


def text_size(tile_height: int) -> int:
    """Height of the letters in pixels: a twentieth of the tile, never too small to read."""
    return max(11, tile_height // 20)


def line_height(size: int) -> int:
    """Height in pixels of one label line with letters of `size`."""
    return _even_up(size * 3 // 2)


def label(text: str, size: int, max_width: int | None = None) -> Image:
    """One line of text on a see-through dark ground, written smaller where it must be.

    The picture is gray with alpha (LA), which takes half the time of RGBA to draw and to pack.
    """
    if max_width is None:
        return _line(text, size, _width(text, size))
    size = _fitting([text], size, max_width)
    return _line(text, size, min(_width(text, size), max_width))


def row(placed: Sequence[tuple[int, Image]]) -> Image:
    """Labels, each with the x at which it stands, as one picture from x = 0 on.

    One picture costs a renderer less than several, also where most of it is see-through.
    """
    from PIL import Image

    width = max(x + one.width for x, one in placed)
    picture = Image.new("LA", (_even_up(width), max(one.height for _, one in placed)))
    for x, one in placed:
        picture.paste(one, (x, 0))
    return picture


def clock(
    texts: Sequence[str], size: int, max_width: int, overlay_texts: Sequence[str] = ()
) -> Iterator[Image]:
    """Pictures of all `texts` (LA), equally large, one after the other.

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
    return (_line(line, size, width) for line in lines)


def no_footage(lines: Sequence[str], width: int, height: int) -> Image:
    """A dark tile (RGB) with `lines` in its middle."""
    from PIL import Image, ImageDraw

    tile = Image.new("RGB", (width, height), _DARK)
    draw = ImageDraw.Draw(tile)
    size = _fitting(lines, text_size(height), width)
    y = (height - len(lines) * line_height(size)) / 2
    for text in lines:
        x = (width - drawn_text.width(text, size)) / 2
        drawn_text.draw(draw, (max(0.0, x), y), text, size, _DIM)
        y += line_height(size)
    return tile


def _with_overlay_text(text: str, more: str, size: int, max_width: int) -> str:
    """The text and as much of the overlay text as fits, but never less than its first part."""
    line = f"{text}{_BLANKS}{more}"
    while "," in more and _width(line, size) > max_width:
        more = more.rpartition(",")[0]
        line = f"{text}{_BLANKS}{more}"
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
