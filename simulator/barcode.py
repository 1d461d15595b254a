"""A strip of black and white blocks that carries the camera's number and the wall clock.

Three rows of sixteen blocks at the bottom of the picture: 3 bits camera, 37 bits hundredths of a
second since 2015, 8 bits checksum. The blocks are large, so that they survive scaling and
re-encoding: in a tile of 80x60 a block still measures 5x4.8 pixels.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache
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
    levels = _levels(frame)
    if np.any((levels > _SURELY_BLACK) & (levels < _SURELY_WHITE)):
        return None
    white = (levels >= _SURELY_WHITE).flatten()
    word = int.from_bytes(np.packbits(white).tobytes(), "big")
    payload, checksum = word >> _CHECK_BITS, word & (1 << _CHECK_BITS) - 1
    camera, ticks = payload >> _CLOCK_BITS, payload & (1 << _CLOCK_BITS) - 1
    if checksum != _checksum(payload) or not 1 <= camera <= 6:
        return None
    return camera, _EPOCH + ticks * _TICK


def _levels(frame: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Mean brightness of the inner part of each block (3x16), away from its blurred borders."""
    height, width = frame.shape[:2]
    rows = _inner_parts(height * TOP, height, ROWS)
    columns = _inner_parts(0, width, COLUMNS)
    first = int(rows.min())
    strip = frame[first : int(rows.max())].astype(np.float64)
    gray = strip.mean(axis=2) if strip.ndim == 3 else strip
    # The sum of any rectangle is told by four corners of the sums of all that begin at the origin.
    sums = np.pad(gray.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    by_rows = np.diff(sums[rows - first], axis=1)[:, 0]
    totals = np.diff(by_rows[:, columns], axis=2)[:, :, 0]
    return np.asarray(totals / np.outer(np.diff(rows)[:, 0], np.diff(columns)[:, 0]))


@lru_cache(maxsize=64)
def _inner_parts(begin: float, end: int, count: int) -> npt.NDArray[np.intp]:
    """From where to where (count x 2) the middle halves of so many blocks are, a pixel at least."""
    size = (end - begin) / count
    middles = begin + (np.arange(count) + 0.5) * size
    starts = np.minimum(np.round(middles - size / 4), end - 1).astype(np.intp)
    ends = np.maximum(np.round(middles + size / 4).astype(np.intp), starts + 1)
    return np.stack([starts, ends], axis=1)


def _checksum(payload: int) -> int:
    """CRC-8 (polynomial 0x07) over the five payload bytes; neither all black nor all white fits."""
    crc = 0xA5
    for byte in payload.to_bytes(5, "big"):
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc
