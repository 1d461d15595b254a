"""Draws the frames of a clip: moving background, text for people, barcode for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from simulator import barcode
from simulator.barcode import BLACK, WHITE, Gray
from simulator.cameras import CameraModel

_LINES = 3
_LINE = 0.11  # height of a line of text, as a share of the picture's
_STEP = 2  # pixels the background moves from frame to frame


def frames(
    model: CameraModel, vehicle: str, start: datetime, count: int, pace: float = 1.0
) -> Iterator[Gray]:
    """The frames in yuv420p, one flat array that is reused for each; `start` is UTC.

    Sped-up footage has `pace` seconds of the wall clock in each second of film.

    Only what changes is painted again; the text changes at most ten times a second.
    """
    height, width = model.height, model.width
    luma_size, chroma_size = height * width, (height // 2) * (width // 2)
    frame = np.empty(luma_size + 2 * chroma_size, dtype=np.uint8)
    luma = frame[:luma_size].reshape(height, width)
    backdrop = luma[: round(height * (barcode.TOP - _LINES * _LINE))]
    texture = _texture(len(backdrop), width)
    _paint_chroma(frame[luma_size:], model, len(backdrop) // 2)
    shown = ""
    for number in range(count):
        when = start + timedelta(seconds=number * pace / model.fps)
        offset = number * _STEP % width
        backdrop[:] = texture[:, offset : offset + width]
        text = f"{when:%H:%M:%S}.{when.microsecond // 100_000} UTC"
        if text != shown:
            shown = text
            _write(luma, (f"{model.label}  {vehicle}", f"{when:%Y-%m-%d}", text))
        barcode.draw(luma, model.number, when)
        yield frame


def _texture(height: int, width: int) -> Gray:
    """Diagonal waves, twice as wide as the picture and without a seam, so that they can scroll."""
    x = np.arange(2 * width)[np.newaxis, :] * (2 * np.pi * 4 / width)
    y = np.arange(height)[:, np.newaxis] * (2 * np.pi * 3 / height)
    return (120 + 45 * np.sin(x + y)).astype(np.uint8)


def _paint_chroma(chroma: Gray, model: CameraModel, rows: int) -> None:
    """The camera's colour for the backdrop; text and barcode stay black and white."""
    planes = chroma.reshape(2, model.height // 2, model.width // 2)
    planes[:] = 128
    for plane, value in zip(planes, model.colour, strict=True):
        plane[:rows] = value


def _write(luma: Gray, lines: tuple[str, ...]) -> None:
    height, width = luma.shape
    top = round(height * (barcode.TOP - _LINES * _LINE))
    bottom = round(height * barcode.TOP)
    borders = [top + (bottom - top) * line // _LINES for line in range(_LINES + 1)]
    for text, upper, lower in zip(lines, borders, borders[1:], strict=False):
        luma[upper:lower] = _line(text, width, lower - upper)


@lru_cache(maxsize=64)
def _line(text: str, width: int, height: int) -> Gray:
    """One line of white text in the middle of a black band."""
    size = int(height * 0.85)
    if _text_width(text, size) > width * 0.96:
        size = max(6, int(size * width * 0.96 / _text_width(text, size)))
    band = np.full((height, width), BLACK, dtype=np.uint8)
    left = max(0, (width - _text_width(text, size)) // 2)
    for letter in text:
        drawn = _letter(letter, size, height)[:, : max(0, width - left)]
        band[:, left : left + drawn.shape[1]] = drawn
        left += drawn.shape[1]
    return band


def _text_width(text: str, size: int) -> int:
    """Pixels."""
    return sum(_letter_width(letter, size) for letter in text)


@lru_cache(maxsize=1024)
def _letter_width(letter: str, size: int) -> int:
    return math.ceil(_font(size).getlength(letter))


@lru_cache(maxsize=1024)
def _letter(letter: str, size: int, height: int) -> Gray:
    """One white letter on black. Each is drawn once, as nearly each frame has a text of its own."""
    band = Image.new("L", (_letter_width(letter, size), height), BLACK)
    ImageDraw.Draw(band).text((0, height / 2), letter, WHITE, _font(size), anchor="lm")
    return np.asarray(band)


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
