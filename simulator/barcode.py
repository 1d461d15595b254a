"""A strip of black and white blocks that carries the camera's number and the wall clock.

Three rows of sixteen blocks at the bottom of the picture: 3 bits camera, 37 bits hundredths of a
second since 2015, 8 bits checksum. The blocks are large, so that they survive scaling and
re-encoding: in a tile of 80x60 a block still measures 5x4.8 pixels.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import numpy.typing as npt

Gray = npt.NDArray[np.uint8]

TOP = 0.76  # where the strip begins, as a share of the picture's height
ROWS, COLUMNS = 3, 16
BLACK, WHITE = 16, 235

_EPOCH = datetime(2015, 1, 1, tzinfo=timezone.utc)
_TICK = timedelta(milliseconds=10)
_CLOCK_BITS, _CHECK_BITS = 37, 8
_SURELY_BLACK, _SURELY_WHITE = 90, 165


def bits(camera: int, when: datetime) -> list[int]:
    """The blocks' values, row by row; `camera` is 1..6, `when` is rounded to 0.01 s."""
    ticks = round((when - _EPOCH) / _TICK)
    if not 1 <= camera <= 6 or not 0 <= ticks < 1 << _CLOCK_BITS:
        raise ValueError(f"cannot be written as a barcode: camera {camera}, {when}")
    payload = camera << _CLOCK_BITS | ticks
    word = payload << _CHECK_BITS | _checksum(payload)
    return [word >> shift & 1 for shift in reversed(range(ROWS * COLUMNS))]


def edges(size: int, parts: int, begin: float = 0.0) -> list[int]:
    """Pixel borders of `parts` equal parts of the stretch from `begin` (a share) to the end."""
    return [round(size * (begin + (1 - begin) * part / parts)) for part in range(parts + 1)]


def draw(picture: Gray, camera: int, when: datetime) -> None:
    """Paint the strip into the bottom of a picture (height x width, luma)."""
    height, width = picture.shape
    levels = [WHITE if bit else BLACK for bit in bits(camera, when)]
    blocks = np.array(levels, dtype=np.uint8).reshape(ROWS, COLUMNS)
    rows = np.diff(edges(height, ROWS, TOP))
    columns = np.diff(edges(width, COLUMNS))
    picture[edges(height, ROWS, TOP)[0] :] = np.repeat(
        np.repeat(blocks, columns, axis=1), rows, axis=0
    )


def read_clock(frame: npt.NDArray[Any]) -> tuple[int, datetime] | None:
    """Read the strip of one tile (HxW or HxWx3, 0..255), cropped exactly to the tile.

    Returns the camera's number and the moment (UTC, to 0.01 s), or None where the strip
    cannot be read for sure.
    """
    gray = frame.astype(np.float32)
    if gray.ndim == 3:
        gray = gray.mean(axis=2)
    word = 0
    for row in range(ROWS):
        for column in range(COLUMNS):
            level = _middle(gray, row, column)
            if _SURELY_BLACK < level < _SURELY_WHITE:
                return None
            word = word << 1 | int(level >= _SURELY_WHITE)
    payload, checksum = word >> _CHECK_BITS, word & (1 << _CHECK_BITS) - 1
    camera, ticks = payload >> _CLOCK_BITS, payload & (1 << _CLOCK_BITS) - 1
    if checksum != _checksum(payload) or not 1 <= camera <= 6:
        return None
    return camera, _EPOCH + ticks * _TICK


def _middle(gray: npt.NDArray[np.float32], row: int, column: int) -> float:
    """Mean brightness of the inner part of one block, away from its blurred borders."""
    height, width = gray.shape
    tall, wide = height * (1 - TOP) / ROWS, width / COLUMNS
    y, x = height * TOP + (row + 0.5) * tall, (column + 0.5) * wide
    top, left = round(y - tall / 4), round(x - wide / 4)
    bottom, right = max(round(y + tall / 4), top + 1), max(round(x + wide / 4), left + 1)
    return float(gray[top:bottom, left:right].mean())


def _checksum(payload: int) -> int:
    """CRC-8 (polynomial 0x07) over the five payload bytes; neither all black nor all white fits."""
    crc = 0xA5
    for byte in payload.to_bytes(5, "big"):
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
