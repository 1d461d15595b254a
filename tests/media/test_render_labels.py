"""The labels in a rendered picture: each where it belongs, in every frame, whatever the layout."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from support.media import START, frames

from footage.media import encoder, ffmpeg, labels
from footage.media.layout import Layout, Tile
from footage.media.render_command import command
from footage.media.side_by_side_plan import Clock, Minute, TileSegment
from footage.model import UTC

LOSSLESS = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "0"]
RATE = 2
SECONDS = 3
NAMES = ("Road", "Driver", "Side")
LAYOUTS = {
    "the clock is on the first tile": Layout(
        960, 270, (Tile(0, 0, 480, 270), Tile(480, 0, 480, 270))
    ),
    "the clock is on two tiles of three": Layout(
        480, 120, tuple(Tile(160 * n, 0, 160, 120) for n in range(3))
    ),
    "the clock is wider than the tiles": Layout(
        280, 280, (Tile(0, 0, 160, 120), Tile(40, 130, 160, 120))
    ),
    "a large tile and two small ones": Layout(
        480, 240, (Tile(0, 0, 320, 240), Tile(320, 0, 160, 120), Tile(320, 120, 160, 120))
    ),
    "the clock is higher than the tiles": Layout(
        400, 40, (Tile(0, 0, 80, 12), Tile(80, 0, 80, 40), Tile(300, 0, 100, 40))
    ),
}


def dark_minute(layout: Layout) -> Minute:
    """Three seconds in which no camera has footage."""
    tiles = layout.tiles
    clock = Clock(
        first_moment=START,
        offset=Fraction(0),
        step=Fraction(1),
        count=SECONDS,
        name="Truck 42",
        first_text="04/16/2025 13:30:00 UTC",
        overlay_texts=(),
        tz=UTC,
    )
    last = SECONDS * RATE
    return Minute(
        number=0,
        first=0,
        last=last,
        rate=Fraction(RATE),
        pace=1,
        layout=layout,
        names=NAMES[: len(tiles)],
        tiles=tuple((TileSegment(0, last, lines=("no footage",)),) for _ in tiles),
        clock=clock,
        encoder=encoder.CURRENT,
    )


def expected(minute: Minute) -> list[npt.NDArray[np.uint8]]:
    """The brightness of the pictures, put together by Pillow."""
    layout, clock = minute.layout, minute.clock
    assert clock is not None
    header = labels.header(layout.tiles[0], layout.width, minute.names[0], clock)
    made = []
    for line in labels.clock(clock.texts(), header.size, header.width):
        picture = Image.new("L", (layout.width, layout.height))
        for tile in layout.tiles:
            dark = labels.no_footage(("no footage",), tile.width, tile.height)
            picture.paste(dark.convert("L"), (tile.x, tile.y))
        # The names lie over the clock where both are on one spot.
        picture.paste(line.getchannel("L"), (0, 0), line.getchannel("A"))
        for name, tile in zip(minute.names, layout.tiles, strict=True):
            x, y, label = labels.name(name, tile, header)
            picture.paste(label.getchannel("L"), (x, y), label.getchannel("A"))
        made += [np.asarray(picture)] * RATE
    return made


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_label_is_in_its_place_in_every_frame(layout: Layout, tmp_path: Path) -> None:
    minute = dark_minute(layout)
    arguments, fed = command(minute, tmp_path, tmp_path)
    film = tmp_path / "film.mp4"
    ffmpeg.run([*arguments, *LOSSLESS, str(film)], stdin=fed)
    stamps, pictures = frames(film, (layout.width, layout.height))
    assert len(stamps) == SECONDS * RATE
    assert stamps[-1] == pytest.approx(2.5)
    for shown, right in zip(pictures, expected(minute), strict=True):
        differ = np.abs(shown.astype(int) - right.astype(int))
        assert differ.max() <= 3  # of 255: what video levels and their rounding lose
