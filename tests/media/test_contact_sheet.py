"""The contact sheet shows every still in its place, at its true time, and names what is missing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePath

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from support.stills_jobs import (
    BLACK,
    BLUE,
    CHICAGO,
    GREEN,
    LABELS,
    RED,
    START,
    Colour,
    Stills,
    imagined,
    job,
    moment,
    still,
)

from footage.errors import Interrupted, NotAVideo
from footage.media import contact_sheet, stills
from footage.media.contact_sheet_plan import (
    CELL_WIDTH,
    TEXT_FROM,
    Sheet,
    SheetLayout,
    make_layout,
    plan_sheet,
)
from footage.model import (
    Job,
)


@dataclass
class Made:
    """A sheet as it came out of its file."""

    pixels: npt.NDArray[np.uint8]
    data: bytes
    layout: SheetLayout
    plan: Sheet

    def cell(self, column: int, row: int) -> npt.NDArray[np.uint8]:
        x, width = self.layout.columns[column]
        y = self.layout.y(row)
        return self.pixels[y : y + self.layout.cell, x : x + width]

    def colour(self, column: int, row: int) -> Colour:
        """What most of a cell shows."""
        red, green, blue = np.median(self.cell(column, row).reshape(-1, 3), axis=0)
        return int(red), int(green), int(blue)


def make(job: Job, folder: Path) -> Made:
    target = folder / "ContactSheet.jpg.123.part"
    contact_sheet.make(job, (), folder, CHICAGO, target)
    plan = plan_sheet(job, (), folder, CHICAGO)
    with Image.open(target) as picture:
        assert picture.format == "JPEG"
        pixels = np.asarray(picture.convert("RGB"))
    return Made(pixels, target.read_bytes(), make_layout(plan), plan)


def close(one: Sequence[int], other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 12


# --- what stands where ----------------------------------------------------------------------------


def test_every_still_has_its_cameras_column_and_moments_row(tmp_path: Path) -> None:
    colours = {
        ("Road", 0): RED,
        ("Road", 1): GREEN,
        ("Driver", 0): BLUE,
        ("Driver", 1): RED,
        ("Analog 1", 0): GREEN,
        ("Analog 1", 1): BLUE,
    }
    found = {k: still(tmp_path, colour, moment(k[1])) for k, colour in colours.items()}
    made = make(job(found, 2), tmp_path)
    assert made.plan.columns == ("Road", "Driver", "Analog 1")
    assert [row.head for row in made.plan.rows] == [("13:30:00",), ("13:31:00",)]
    assert made.plan.title == "Truck 42"
    assert made.plan.facts == ("04/16/2025 13:30-13:32 CDT", "every 1 min", "6 of 6 pictures")
    for (label, row), colour in colours.items():
        assert close(made.colour(LABELS.index(label), row), colour), (label, row)


def test_what_is_missing_is_a_dark_cell_that_says_so(tmp_path: Path) -> None:
    found = {
        ("Road", 0): still(tmp_path, RED, moment(0)),
        ("Driver", 1): still(tmp_path, BLACK, moment(1)),
    }
    made = make(job(found, 2), tmp_path)
    assert made.plan.facts[-1] == "2 of 6 pictures"  # the third camera has none at all
    for column, row in ((1, 0), (0, 1)):
        assert max(made.colour(column, row)) < 30
        assert made.cell(column, row).max() > 150  # the words
    assert made.cell(1, 1).max() < 30  # a picture taken in the dark has none


def test_columns_are_the_cameras_with_stills_in_job_order(tmp_path: Path) -> None:
    found = {
        ("Analog 2", 0): still(tmp_path, RED, moment(0)),
        ("Driver", 0): still(tmp_path, GREEN, moment(0)),
    }
    made = make(job(found, 1, ("Analog 2", "Road", "Driver")), tmp_path)
    assert made.plan.columns == ("Analog 2", "Driver")
    assert close(made.colour(0, 0), RED)
    assert close(made.colour(1, 0), GREEN)


@pytest.mark.parametrize("size", [(64, 36), (48, 48), (36, 64), (640, 60), (1280, 720)])
def test_a_still_keeps_its_own_shape(size: tuple[int, int], tmp_path: Path) -> None:
    found = {
        ("Road", 0): still(tmp_path, RED, START, (64, 36)),
        ("Driver", 0): still(tmp_path, BLUE, START, size),
    }
    made = make(job(found, 1), tmp_path)
    blue = (np.abs(made.cell(1, 0).astype(int) - BLUE).max(axis=2) < 40).astype(int)
    rows, columns = np.flatnonzero(blue.any(axis=1)), np.flatnonzero(blue.any(axis=0))
    height, width = len(rows), len(columns)
    assert blue[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean() > 0.97
    assert abs(width - height * size[0] / size[1]) <= 2 * max(1, size[0] / size[1])
    assert width <= CELL_WIDTH
    # As large as its cell holds it.
    assert height >= made.layout.cell - 2 or width >= made.layout.columns[1][1] - 2


def test_a_still_from_a_camera_hung_sideways_is_shown_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = Image.new("RGB", (40, 80), RED)
    stored.paste(BLUE, (0, 0, 40, 40))  # turned clockwise, the upper half is on the right
    stored.save(tmp_path / "s.jpg", "JPEG", exif=exif)
    clip = replace(imagined(START), path=PurePath("s.jpg"), tracks=stills.probe(tmp_path / "s.jpg"))
    made = make(job({("Road", 0): clip}, 1), tmp_path)
    cell = made.cell(0, 0)
    height, width = cell.shape[:2]
    assert width > height
    left, right = cell[height // 2, width // 4], cell[height // 2, width * 3 // 4]
    assert close(tuple(map(int, left)), RED)
    assert close(tuple(map(int, right)), BLUE)


def test_its_own_time_stands_on_the_picture(tmp_path: Path) -> None:
    found = {
        ("Road", 0): still(tmp_path, RED, moment(0)),
        ("Road", 1): still(tmp_path, RED, moment(1) + timedelta(seconds=7)),
    }
    made = make(job(found, 2), tmp_path)
    on_time, off = made.cell(0, 0), made.cell(0, 1)
    assert close(tuple(map(int, on_time[-8, 20])), RED)
    corner = off[-16:, :90]
    assert np.median(corner) < 30
    assert corner[..., 0].max() > 200  # the letters
    assert close(tuple(map(int, off[10, 160])), RED)


def test_low_cells_have_marks_in_place_of_words(tmp_path: Path) -> None:
    black, late = still(tmp_path, BLACK, START), still(tmp_path, RED, START)
    rows = 1000
    found: Stills = {
        ("Road", row): replace(black, start=moment(row)) for row in range(rows) if row != 5
    }
    found["Road", 7] = replace(late, start=moment(7) + timedelta(seconds=30))
    made = make(job(found, rows, LABELS[:1]), tmp_path)
    assert made.layout.cell < TEXT_FROM
    assert "amber frame: taken a second or more from the row's time" in made.layout.facts
    assert made.cell(0, 5).max() > 120  # the cross
    assert made.cell(0, 6).max() < 30  # a picture taken in the dark
    off = made.cell(0, 7)
    amber, inside = off[:2].mean(axis=(0, 1)), off[off.shape[0] // 2, off.shape[1] // 2]
    assert amber[1] > 100
    assert close(tuple(map(int, inside)), RED)


@pytest.mark.parametrize(
    "name",
    [
        "L'\u00c9t\u00e9 de Fran\u00e7oise",
        "\u5361\u8f66\u56db\u5341\u4e8c",
        "Truck \U0001f69a 42",
        "two\nlines\x00",
        "",
        "Refrigerated trailer 42 " * 20,
        "\u202etruck",
    ],
)
def test_any_name_fits_on_the_sheet(name: str, tmp_path: Path) -> None:
    asked = job({("Road", 0): still(tmp_path, RED, START)}, 1, name=name)
    asked.roles["input of Road"] = name
    made = make(asked, tmp_path)
    margin = made.pixels[:, -12:]
    assert margin.min() > 240  # nothing runs off the paper
    assert made.pixels[: made.layout.y(0) - 1].min() < 120  # and something is written


# --- the file -------------------------------------------------------------------------------------


def test_the_same_stills_give_the_same_bytes(tmp_path: Path) -> None:
    asked = job({("Road", 0): still(tmp_path, RED, START)}, 2)
    assert make(asked, tmp_path).data == make(asked, tmp_path).data


def test_nothing_of_a_stills_own_data_is_copied(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera maker"
    exif.get_ifd(0x8825)[1] = "N"
    clip = still(tmp_path, RED, START, exif=exif, comment=b"driver 7")
    assert b"Camera maker" in (tmp_path / clip.path).read_bytes()
    made = make(job({("Road", 0): clip}, 1), tmp_path)
    assert not any(words in made.data for words in (b"Exif", b"Camera maker", b"driver 7"))


# --- what can go wrong ----------------------------------------------------------------------------


def test_it_stops_when_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    asked = job({("Road", 0): still(tmp_path, RED, START)}, 1)
    with pytest.raises(Interrupted):
        contact_sheet.make(asked, (), tmp_path, CHICAGO, tmp_path / "sheet.jpg", stop)
    assert not (tmp_path / "sheet.jpg").exists()


def test_without_any_still_there_is_nothing_to_make(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one still"):
        contact_sheet.make(job({}, 2), (), tmp_path, CHICAGO, tmp_path / "sheet.jpg")


@pytest.mark.parametrize("data", [None, b"", b"\xff\xd8\xff\xe0 no picture any more"])
def test_a_still_that_was_damaged_since_is_named(data: bytes | None, tmp_path: Path) -> None:
    clip = still(tmp_path, RED, START)
    path = tmp_path / clip.path
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(NotAVideo, match=path.name):
        contact_sheet.make(job({("Road", 0): clip}, 1), (), tmp_path, CHICAGO, tmp_path / "s.jpg")
    assert not (tmp_path / "s.jpg").exists()
