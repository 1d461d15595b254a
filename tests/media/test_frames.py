"""Single frames as JPEGs: the right ones, and one that cannot be had spoils no other."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.media import DRIVER, ROAD, Shelf, at

from footage.errors import Interrupted
from footage.media import ffmpeg, frames
from footage.media.frames import Frame
from simulator.footage import read_clock


def shown(picture: bytes | None) -> object:
    """Camera and moment that a frame tells."""
    assert picture is not None
    with Image.open(io.BytesIO(picture)) as image:
        assert image.format == "JPEG"
        return read_clock(np.asarray(image.convert("L")))


def test_the_frames_asked_for_are_taken(shelf: Shelf, tmp_path: Path) -> None:
    road, driver = (shelf.folder / shelf.clip(model, 0, 4).path for model in (ROAD, DRIVER))
    wanted = [Frame(road, n / 5 - 0.002) for n in range(9)] + [Frame(driver, 2.3)]
    taken = frames.take(wanted, 160, tmp_path)
    assert [shown(one) for one in taken[:9]] == [(1, at(n / 5)) for n in range(9)]
    assert shown(taken[9]) == (2, at(2.4))
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_cannot_be_read_spoils_no_other(shelf: Shelf, tmp_path: Path) -> None:
    road = shelf.folder / shelf.clip(ROAD, 0, 4).path
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all")
    taken = frames.take([Frame(road, 0), Frame(broken, 0), Frame(road, 1)], 160, tmp_path)
    assert taken[1] is None
    assert [shown(taken[0]), shown(taken[2])] == [(1, at(0)), (1, at(1))]


def test_square_pixels_and_full_range_come_of_any_film(tmp_path: Path) -> None:
    film = tmp_path / "wide.mp4"
    source = ["-f", "lavfi", "-i", "color=white:s=64x64:r=5:d=1,setsar=2/1,format=yuv420p"]
    ffmpeg.run([*source, "-c:v", "libx264", str(film)])
    (taken,) = frames.take([Frame(film, 0)], 200, tmp_path)
    assert taken is not None
    with Image.open(io.BytesIO(taken)) as image:
        assert image.size == (200, 100)
        assert image.convert("L").getpixel((100, 50)) == pytest.approx(255, abs=3)


def test_it_ends_when_it_is_to_stop(shelf: Shelf, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    road = shelf.folder / shelf.clip(ROAD, 0, 4).path
    with pytest.raises(Interrupted):
        frames.take([Frame(road, 0)], 160, tmp_path, stop)
