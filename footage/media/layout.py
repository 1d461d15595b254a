"""Where each camera's tile stands in the side-by-side picture. Pure functions.

Another arrangement is a change of `make_layout` alone: planning, labels and rendering read places
and sizes of the tiles from the layout. Tiles must have even sides and not cover each other; the
running clock is drawn over the upper left of the picture, each name one line below the top of its
tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from footage.model import VideoTrack

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


def make_layout(tracks: Sequence[VideoTrack]) -> Layout:
    """Place one tile for each track: a row of up to three, four as 2x2, five or six as 3x2.

    All tiles have one height, the tallest source's where the picture's limits allow it, and
    their own aspect.
    """
    columns = len(tracks) if len(tracks) <= 3 else (len(tracks) + 1) // 2
    rows = [tracks[first : first + columns] for first in range(0, len(tracks), columns)]
    aspects = [[_aspect(track) for track in row] for row in rows]
    widest = max(sum(row) for row in aspects)
    height = _even(
        min(
            Fraction(max(track.height for track in tracks)),
            Fraction(MAX_WIDTH) / widest,
            Fraction(MAX_HEIGHT, len(rows)),
        )
    )
    tiles: list[Tile] = []
    for row_number, row in enumerate(aspects):
        x = 0
        for aspect in row:
            width = _even(aspect * height)
            tiles.append(Tile(x, row_number * height, width, height))
            x += width
    return Layout(max(t.x + t.width for t in tiles), height * len(rows), tuple(tiles))


def _aspect(track: VideoTrack) -> Fraction:
    """Width by height as shown, pixels that are not square included."""
    return Fraction(track.width, track.height) * Fraction(track.aspect)


def _even(length: Fraction) -> int:
    """The even number at or below a length: yuv420p halves both sides."""
    return max(2, int(length) // 2 * 2)
