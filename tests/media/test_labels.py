"""What is written on the picture is there to be read, whatever it says and wherever it runs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL.Image import Image
from support.media import START

from footage.media import labels
from footage.media.layout import Tile
from footage.media.side_by_side_plan import Clock
from footage.model import UTC

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
def test_letters_are_a_twentieth_of_the_tile_but_readable(height: int, least: int) -> None:
    assert labels.text_size(height) >= least


def test_no_font_needs_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_folders() -> list[Path]:
        raise AssertionError("the computer's fonts are looked for")

    monkeypatch.setattr("footage.media.fonts._folders", no_folders)
    assert gray(labels.label("Camión Ω Řidič 7", 20)).max() > 200


def test_a_label_is_white_on_dark_and_as_wide_as_its_words() -> None:
    short, long = labels.label("Road", 20), labels.label("Driver facing", 20)
    assert short.mode == "LA"
    assert short.width < long.width
    pixels = gray(short)
    assert pixels.max() == 255
    assert pixels[0].max() == 0  # the letters do not touch the border
    assert pixels[-1].max() == 0


def test_all_pictures_of_the_clock_are_of_one_size() -> None:
    texts = ["11:11:11", "00:00:00 a longer one"]
    first, second = labels.clock(texts, 20, 4000)
    assert first.size == second.size
    assert first.width % 2 == first.height % 2 == 0


def test_the_letters_of_different_seconds_differ() -> None:
    first, second = labels.clock(["13:30:05", "13:30:06"], 20, 4000)
    assert first.tobytes() != second.tobytes()


def test_a_long_vehicle_name_is_written_smaller_until_it_fits() -> None:
    text = "04/16/2025 13:30:05 CDT   " + "Refrigerated trailer 42 " * 2
    (picture,) = labels.clock([text], 18, 480)
    assert picture.width <= 480
    assert picture.height < labels.line_height(18)
    assert gray(picture)[:, -4:].max() == 0  # the end of the text is not cut off


def test_a_name_too_long_for_any_size_is_cut_off() -> None:
    (cut,) = labels.clock(["04/16/2025 13:30:05 CDT   " + "x" * 500], 18, 480)
    assert cut.width <= 480
    assert gray(cut)[:, :60].max() > 200


CLOCK = "04/16/2025 13:30:05 CDT   Truck 42"
TOLD = "47 mph NE, Elm Street, Springfield"


def drawn_alone(text: str, size: int) -> bytes:
    (picture,) = labels.clock([text], size, 4000)
    return picture.tobytes()


def test_the_overlay_text_stands_after_the_vehicles_name() -> None:
    (picture,) = labels.clock([CLOCK], 18, 4000, [TOLD])
    assert picture.tobytes() == drawn_alone(f"{CLOCK}   {TOLD}", 18)


@pytest.mark.parametrize("kept", ["47 mph NE, Elm Street", "47 mph NE"])
def test_a_line_too_wide_loses_the_place_first(kept: str) -> None:
    room = labels.label(f"{CLOCK}   {kept}", 18).width + 2
    (picture,) = labels.clock([CLOCK], 18, room, [TOLD])
    assert picture.tobytes() == drawn_alone(f"{CLOCK}   {kept}", 18)


def test_each_second_tells_as_much_as_it_has_room_for() -> None:
    room = labels.label(f"{CLOCK}   47 mph NE, Elm Street", 18).width + 2
    told = [TOLD, "9 mph, Oak"]
    first, second = labels.clock([CLOCK, CLOCK], 18, room, told)
    assert first.size == second.size
    ends = [np.flatnonzero(gray(picture).max(axis=0) > 80)[-1] for picture in (first, second)]
    alone = [f"{CLOCK}   47 mph NE, Elm Street", f"{CLOCK}   9 mph, Oak"]
    expected = [np.flatnonzero(gray(labels.label(t, 18)).max(axis=0) > 80)[-1] for t in alone]
    assert ends == expected


def test_a_line_too_wide_without_the_place_is_smaller() -> None:
    room = labels.label(f"{CLOCK}   47 mph NE", 14).width
    (picture,) = labels.clock([CLOCK], 18, room, [TOLD])
    assert picture.tobytes() == drawn_alone(f"{CLOCK}   47 mph NE", 14)


def test_a_cameras_long_name_stays_on_its_tile() -> None:
    role = "Left side mirror, facing the trailer"
    assert labels.label(role, 18).width > 240
    small = labels.label(role, 18, 240)
    assert small.width <= 240
    assert gray(small)[:, -4:].max() == 0  # written smaller, not cut off
    assert labels.label("x" * 200, 18, 240).width == 240
    assert labels.label("Road", 18, 240).tobytes() == labels.label("Road", 18).tobytes()


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_can_be_written(name: str) -> None:
    labels.label(name, 18)
    assert len(list(labels.clock([f"04/16/2025 13:30:05 CDT   {name}"], 18, 640))) == 1
    labels.no_footage([name or " "], 320, 240)


HEADER = Clock(
    first_moment=START,
    offset=Fraction(0),
    step=Fraction(1),
    count=1,
    name="Truck 42",
    first_text="04/16/2025 13:30:00 CDT",
    overlay_texts=("47 mph NE, Elm Street, Springfield",),
    tz=UTC,
)


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (480, 360), (1920, 1080)])
def test_the_header_stays_on_the_first_tile_beside_its_name(size: tuple[int, int]) -> None:
    tiles = [Tile(n * size[0], 0, *size) for n in range(3)]
    header = labels.header(tiles[0], 3 * size[0], "Road", HEADER)
    (line,) = labels.clock(HEADER.texts(), header.size, header.width, HEADER.overlay_texts)
    assert header.size >= labels.text_size(size[1]) * 3 // 4
    for tile in tiles:
        x, y, picture = labels.name("Road", tile, header)
        assert (x + picture.width, y) == (tile.x + tile.width, 0), "the upper right corner"
        assert x >= line.width


def test_a_header_too_long_for_its_tile_is_above_the_names() -> None:
    upper, lower = Tile(160, 0, 160, 120), Tile(0, 120, 160, 120)
    header = labels.header(Tile(0, 0, 160, 120), 320, "Road", HEADER)
    (line,) = labels.clock(HEADER.texts(), header.size, header.width, HEADER.overlay_texts)
    assert line.width <= 320
    assert labels.name("Driver", upper, header)[:2] == (160, line.height)
    assert labels.name("Analog", lower, header)[:2] == (0, 120)


def test_a_turned_cameras_header_has_the_usual_size() -> None:
    turned, upright = Tile(0, 0, 720, 1280), Tile(0, 0, 1280, 720)
    sizes = [labels.header(tile, 3000, "Road", HEADER).size for tile in (turned, upright)]
    assert sizes == [36, 36]


def test_a_line_break_in_a_name_makes_no_second_line() -> None:
    one, two = labels.label("Truck 42", 18), labels.label("Truck\n42", 18)
    assert two.height == one.height
    assert abs(two.width - one.width) <= 4


@pytest.mark.parametrize("size", [(80, 60), (160, 120), (640, 360), (1920, 1080)])
def test_a_tile_without_footage_is_dark_and_says_why(size: tuple[int, int]) -> None:
    words = ["Road", "no footage", "from 04/16/2025 13:30:05 CDT", "until 04/16/2025 13:31:00 CDT"]
    tile = labels.no_footage(words, *size)
    assert tile.size == size
    pixels = gray(tile)
    assert np.median(pixels) < 25
    rows = np.flatnonzero(pixels.max(axis=1) > 80)
    assert len(rows)
    assert abs((rows[0] + rows[-1]) / 2 - size[1] / 2) < size[1] * 0.1
