"""What is written on the picture is there to be read, whatever it says and wherever it runs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import ImageFont
from PIL.Image import Image

from footage import labels

ODD_NAMES = [
    "Łódź-Кран 7",
    "卡车四十二",
    "Truck 🚚 42",
    "../../O'Brien: 7?",
    "100 %{pts}\\:'",
    "",
    "\u202etruck",
    "two\nlines",
    "tab\there",
    "nul\x00byte",
]


def gray(picture: Image) -> npt.NDArray[np.uint8]:
    return np.asarray(picture.convert("RGB").convert("L"))


@pytest.mark.parametrize(("height", "least"), [(240, 11), (360, 18), (720, 36), (1080, 54)])
def test_letters_are_a_twentieth_of_the_tile_and_never_too_small(height: int, least: int) -> None:
    assert labels.text_size(height) >= least


def test_no_font_needs_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_font(*_: object, **__: object) -> None:
        raise OSError("cannot open resource")

    labels._font.cache_clear()
    real = ImageFont.truetype
    # Pillow's own font is read from memory; any file name would have to be installed.
    monkeypatch.setattr(
        ImageFont,
        "truetype",
        lambda font=None, *a, **k: no_such_font() if isinstance(font, str) else real(font, *a, **k),
    )
    assert gray(labels.label("Road", 20)).max() > 200
    labels._font.cache_clear()


def test_a_label_is_white_on_dark_and_as_wide_as_its_words() -> None:
    short, long = labels.label("Road", 20), labels.label("Driver facing", 20)
    assert short.mode == "RGBA"
    assert short.width < long.width
    pixels = gray(short)
    assert pixels.max() == 255
    assert pixels[0].max() == 0  # the letters do not touch the border
    assert pixels[-1].max() == 0


def test_all_pictures_of_the_clock_are_of_one_size() -> None:
    texts = ["11:11:11", "00:00:00 a longer one"]
    width, height, data = labels.clock(texts, 20, 4000)
    assert len(data) == 2 * width * height * 4
    assert width % 2 == height % 2 == 0


def test_the_letters_of_different_seconds_differ() -> None:
    width, height, data = labels.clock(["13:30:05", "13:30:06"], 20, 4000)
    half = width * height * 4
    assert data[:half] != data[half:]


def test_a_long_vehicle_name_is_written_smaller_until_it_fits() -> None:
    text = "04/16/2025 13:30:05 CDT   " + "Refrigerated trailer 42 " * 2
    width, height, data = labels.clock([text], 18, 480)
    assert width <= 480
    assert height < labels.line_height(18)
    pixels = np.frombuffer(data, np.uint8).reshape(height, width, 4)
    assert pixels[:, -4:, 0].max() == 0  # the end of the text is not cut off


def test_a_name_too_long_for_any_size_is_cut_and_the_clock_stays() -> None:
    width, height, data = labels.clock(["04/16/2025 13:30:05 CDT   " + "x" * 500], 18, 480)
    assert width <= 480
    assert len(data) == width * height * 4


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_can_be_written(name: str) -> None:
    labels.label(name, 18)
    labels.clock([f"04/16/2025 13:30:05 CDT   {name}"], 18, 640)
    labels.no_footage([name or " "], 320, 240)


def test_a_letter_with_an_accent_is_written_even_if_the_font_has_it_not() -> None:
    assert labels.label("Cami\u00f3n 7", 18).tobytes() == labels.label("Camion 7", 18).tobytes()


def test_a_line_break_in_a_name_does_not_push_the_clock_off_its_line() -> None:
    one, two = labels.label("Truck 42", 18), labels.label("Truck\n42", 18)
    assert two.height == one.height
    assert abs(two.width - one.width) <= 4


@pytest.mark.parametrize("size", [(80, 60), (160, 120), (640, 360), (1920, 1080)])
def test_a_tile_without_footage_is_dark_and_says_why_in_its_middle(size: tuple[int, int]) -> None:
    words = ["Road", "no footage", "from 04/16/2025 13:30:05 CDT", "until 04/16/2025 13:31:00 CDT"]
    tile = labels.no_footage(words, *size)
    assert tile.size == size
    pixels = gray(tile)
    assert np.median(pixels) < 25
    rows = np.flatnonzero(pixels.max(axis=1) > 80)
    assert len(rows)
    assert abs((rows[0] + rows[-1]) / 2 - size[1] / 2) < size[1] * 0.1
