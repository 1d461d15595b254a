"""A still counts as evidence only where all of it can be seen."""

from __future__ import annotations

import gc
import io
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from footage.errors import Interrupted, NotAVideo
from footage.media import stills
from footage.model import Tracks, VideoTrack
from simulator.cameras import CAMERAS
from simulator.footage import Content, draw

FORMATS: dict[str, dict[str, Any]] = {
    "mjpeg": {"format": "JPEG"},
    "progressive": {"format": "JPEG", "progressive": True},
    "png": {"format": "PNG"},
    "webp": {"format": "WEBP"},
}
WHITE, RED = (255, 255, 255), (200, 0, 0)


def noise(width: int = 160, height: int = 96) -> Image.Image:
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def encoded(picture: Image.Image, **how: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, **how)  # type: ignore[arg-type]
    return data.getvalue()


@pytest.fixture
def still(tmp_path: Path) -> Path:
    """Where a test puts the bytes that came; the name ends as that of a running download."""
    return tmp_path / "Road_Image_Truck 42.jpg.part"


@pytest.fixture(autouse=True)
def nothing_on_the_screen(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    gc.collect()  # lest what other tests left behind speaks up in between
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield
    assert [str(warning.message) for warning in told] == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_is_one_frame_without_length_or_sound(name: str, still: Path) -> None:
    still.write_bytes(encoded(noise(), **FORMATS[name]))
    codec = "mjpeg" if name == "progressive" else name
    track = VideoTrack(codec, 160, 96, "1/1", Fraction(1), Fraction(1), frames=1, duration=0.0)
    assert stills.probe(still) == Tracks(track, None)


def test_the_simulated_stills_are_pictures(still: Path) -> None:
    moment = datetime(2025, 4, 16, 18, 30, tzinfo=timezone.utc)
    draw(Content("Truck 42", CAMERAS["dashcamDriverFacing"], moment, 0), still)
    video = stills.probe(still).video
    assert (video.codec, video.width, video.height) == ("mjpeg", 480, 360)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", FORMATS)
def test_a_picture_that_was_cut_off_is_refused(name: str, share: float, still: Path) -> None:
    whole = encoded(noise(), **FORMATS[name])
    still.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(NotAVideo, match=r"^The file is not a readable picture\.$"):
        stills.probe(still)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!DOCTYPE html><html><body>Access denied</body></html>",
        b'{"message": "expired"}',
        b"\xff\xd8\xff",
        bytes(byte ^ 0x55 for byte in encoded(noise(), format="JPEG")),
        bytes(range(256)) * 40,
        encoded(noise(), format="GIF"),
        encoded(noise(), format="BMP"),
        encoded(noise(), format="TIFF"),
    ],
    ids=["empty", "page", "json", "three bytes", "xor", "bytes", "gif", "bmp", "tiff"],
)
def test_what_is_no_jpeg_png_or_webp_is_refused(data: bytes, still: Path) -> None:
    still.write_bytes(data)
    with pytest.raises(NotAVideo, match=r"^The file is not a readable picture\.$"):
        stills.probe(still)


@pytest.mark.parametrize("name", ["mjpeg", "progressive", "png"])
def test_a_picture_that_was_changed_half_way_is_refused(name: str, still: Path) -> None:
    whole = encoded(noise(), **FORMATS[name])
    half = len(whole) // 2
    still.write_bytes(whole[:half] + bytes(byte ^ 0x55 for byte in whole[half:]))
    with pytest.raises(NotAVideo):
        stills.probe(still)


def test_a_cut_picture_is_refused_by_a_forgiving_pillow(
    still: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    whole = encoded(noise(), format="JPEG")
    still.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NotAVideo):
        stills.probe(still)
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True  # somebody else's setting is left as it was


@pytest.mark.parametrize("side", [7_200, 10_000, 60_000])
def test_an_impossible_size_is_refused_before_decoding(side: int, still: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    still.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )
    with pytest.raises(NotAVideo, match=r"more than 50 megapixels.*it was not opened\.$"):
        stills.probe(still)


def test_a_whole_picture_with_damaged_extras_is_a_picture(still: Path) -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x09\x01\x12\xff\xff"
    still.write_bytes(encoded(noise(), format="JPEG", exif=exif))
    assert stills.probe(still).video.width == 160


def test_a_file_that_is_not_there_is_the_disks_trouble(still: Path) -> None:
    with pytest.raises(FileNotFoundError):
        stills.probe(still)


def test_it_stops_when_told_to(still: Path) -> None:
    still.write_bytes(encoded(noise(), format="JPEG"))
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        stills.probe(still, stop)


def test_many_at_once_leave_the_settings_as_they_were(still: Path) -> None:
    still.write_bytes(encoded(noise(), format="JPEG"))
    before = list(warnings.filters)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(stills.probe, [still] * 60))
    assert all(tracks == found[0] for tracks in found)
    assert list(warnings.filters) == before


# --- how it is shown ------------------------------------------------------------------------------


def turned(orientation: int) -> bytes:
    """A wide picture with a red upper left corner, stored as a camera so held would store it."""
    upright = Image.new("RGB", (160, 80), WHITE)
    upright.paste(RED, (0, 0, 80, 40))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    return encoded(stored, format="JPEG", exif=exif)


@pytest.mark.parametrize("least", [None, (40, 20)])
@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_is_shown_upright(
    orientation: int, least: tuple[int, int] | None, still: Path
) -> None:
    still.write_bytes(turned(orientation))
    video = stills.probe(still).video
    assert (video.width, video.height) == (160, 80)
    shown = stills.load(still, least)
    assert shown.size == (least or (160, 80))
    corners = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)]
    greens = [
        shown.getpixel((int(x * shown.width), int(y * shown.height)))[1]  # type: ignore[index]
        for x, y in corners
    ]
    assert greens[0] < 40
    assert min(greens[1:]) > 215


def test_a_large_jpeg_is_decoded_no_larger_than_need_be(still: Path) -> None:
    still.write_bytes(encoded(noise(1280, 720), format="JPEG"))
    width, height = stills.load(still, (320, 180)).size
    assert 320 <= width < 1280
    assert 180 <= height < 720
    assert width * 9 == height * 16


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_any_kind_of_colour_becomes_rgb(mode: str, still: Path) -> None:
    kind = "JPEG" if mode in ("L", "CMYK") else "PNG"
    still.write_bytes(encoded(Image.new("RGB", (64, 48), RED).convert(mode), format=kind))
    shown = stills.load(still)
    assert shown.mode == "RGB"
    assert stills.probe(still).video.width == 64


def test_place_and_device_are_left_behind(still: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    exif.get_ifd(0x8825)[1] = "N"
    still.write_bytes(encoded(noise(), format="JPEG", exif=exif, comment=b"driver 7"))
    assert stills.load(still).info == {}
