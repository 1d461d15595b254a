"""Where each camera's tile stands in the side-by-side picture. Pure functions.

Another arrangement is a change of `make_layout` alone: planning, labels and rendering read places
and sizes of the tiles from the layout. Tiles must have even sides and not cover each other; the
first stands in the upper left, where the running clock is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from footage.model import Arrangement, VideoTrack

MAX_WIDTH = 3840  # the widest picture that players and H.264 decoders handle everywhere
MAX_HEIGHT = 2160


@dataclass(frozen=True)
class Tile:
    """A rectangle of the picture, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Layout:
    """The whole picture; `tiles` in the order of the cameras."""

    width: int
    height: int
    tiles: tuple[Tile, ...]


def make_layout(
    tracks: Sequence[VideoTrack],
    arrangement: Arrangement = Arrangement.ROW,
    size: tuple[int, int] | None = None,
) -> Layout:
    """Place one tile for each track, in its own aspect.

    size: width and height in pixels that the picture must not exceed; it need not fill them

    No tile is higher than the tallest source; a large one not higher than its own.
    """
    width, height = size or (MAX_WIDTH, MAX_HEIGHT)
    limits = (Fraction(min(width, MAX_WIDTH)), Fraction(min(height, MAX_HEIGHT)))
    aspects = [_aspect(track) for track in tracks]
    if arrangement is Arrangement.FOCUS and len(tracks) > 1:
        return _focus(aspects, Fraction(tracks[0].height), limits)
    tallest = Fraction(max(track.height for track in tracks))
    return _rows(aspects, _columns(len(tracks), arrangement), tallest, limits)


def _columns(count: int, arrangement: Arrangement) -> int:
    """How many tiles stand beside each other."""
    if arrangement is Arrangement.STACKED:
        return 1
    if arrangement is Arrangement.GRID:
        return math.ceil(math.sqrt(count))
    return count if count <= 3 else (count + 1) // 2


def _rows(
    aspects: Sequence[Fraction], columns: int, tallest: Fraction, limits: tuple[Fraction, Fraction]
) -> Layout:
    """Tiles of one height, row by row."""
    rows = [aspects[first : first + columns] for first in range(0, len(aspects), columns)]
    widest = max(sum(row) for row in rows)
    height = _even(min(tallest, limits[0] / widest, limits[1] / len(rows)))
    tiles: list[Tile] = []
    for row_number, row in enumerate(rows):
        x = 0
        for aspect in row:
            width = _even(aspect * height)
            tiles.append(Tile(x, row_number * height, width, height))
            x += width
    return _around(tiles)


def _focus(
    aspects: Sequence[Fraction], highest: Fraction, limits: tuple[Fraction, Fraction]
) -> Layout:
    """The first tile large, the others in a column to the right of it, at most half as high."""
    count = max(2, len(aspects) - 1)
    beside = max(aspects[1:]) / count
    height = _even(min(highest, limits[0] / (aspects[0] + beside), limits[1]))
    large = Tile(0, 0, _even(aspects[0] * height), height)
    small = _even(Fraction(height, count))
    tiles = [
        Tile(large.width, place * small, _even(aspect * small), small)
        for place, aspect in enumerate(aspects[1:])
    ]
    return _around([large, *tiles])


def _around(tiles: Sequence[Tile]) -> Layout:
    """The picture that just holds the tiles."""
    width = max(tile.x + tile.width for tile in tiles)
    height = max(tile.y + tile.height for tile in tiles)
    return Layout(width, height, tuple(tiles))


def _aspect(track: VideoTrack) -> Fraction:
    """Width by height as shown, pixels that are not square included."""
    return Fraction(track.width, track.height) * Fraction(track.aspect)


def _even(length: Fraction) -> int:
    """The even number at or below a length: yuv420p halves both sides."""
    return max(2, int(length) // 2 * 2)
