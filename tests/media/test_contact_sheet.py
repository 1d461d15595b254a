"""The contact sheet shows every still in its place, at its true time, and names what is missing."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path, PurePath

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from footage.errors import Interrupted, NotAVideo
from footage.media import contact_sheet, stills
from footage.media.contact_sheet_plan import (
    CELL_WIDTH,
    MOST_PIXELS,
    MOST_ROWS,
    MOST_SIDE,
    TEXT_FROM,
    Sheet,
    SheetLayout,
    make_layout,
    plan_sheet,
)
from footage.model import (
    UTC,
    Camera,
    Clip,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Tracks,
    Vehicle,
    VideoTrack,
    Window,
)
from footage.system import timezones
from footage.system.whole_files import digest

CHICAGO = timezones.zone("America/Chicago")
START = datetime(2025, 4, 16, 18, 30, tzinfo=UTC)
LABELS = ("Road", "Driver", "Analog 1", "Analog 2", "Analog 3", "Analog 4")
RED, GREEN, BLUE, BLACK = (200, 30, 30), (30, 180, 30), (30, 30, 200), (0, 0, 0)
PAPER = (255, 255, 255)

Colour = tuple[int, int, int]
Stills = dict[tuple[str, int], Clip]  # by the camera's label and the number of the row


def camera(label: str) -> Camera:
    return Camera(f"input of {label}", label)


def moment(row: int, every: float = 60, start: datetime = START) -> datetime:
    return start + timedelta(seconds=row * every)


def still(
    folder: Path, colour: Colour, start: datetime, size: tuple[int, int] = (64, 36), **how: object
) -> Clip:
    """A picture of one colour on the disk."""
    name = sha256(f"{colour} {start} {size} {how}".encode()).hexdigest()[:16] + ".jpg"
    Image.new("RGB", size, colour).save(folder / name, "JPEG", **how)  # type: ignore[arg-type]
    tracks, checksum = stills.probe(folder / name), digest(folder / name)
    size_ = (folder / name).stat().st_size
    return Clip(PurePath(name), Window(start, start), start, tracks, size_, checksum)


def imagined(start: datetime, size: tuple[int, int] = (640, 360)) -> Clip:
    """A still of which there is no file, for what is only planned."""
    video = VideoTrack("mjpeg", *size, "1/1", Fraction(1), Fraction(1), frames=1, duration=0.0)
    checksum = sha256(f"{start} {size}".encode()).hexdigest()
    return Clip(PurePath("none"), Window(start, start), start, Tracks(video, None), 1, checksum)


def job(
    found: Stills,
    rows: int,
    labels: Iterable[str] = LABELS[:3],
    *,
    every: float = 60,
    start: datetime = START,
    name: str = "Truck 42",
) -> Job:
    """A job that asked for every camera's still at every moment, and got those of `found`."""
    cameras = tuple(camera(label) for label in labels)
    retrievals = []
    for row in range(rows):
        for one in cameras:
            clip = found.get((one.label, row))
            media = Media(one, MediaStatus.AVAILABLE if clip else MediaStatus.FAILED, clip=clip)
            when = moment(row, every, start)
            retrievals.append(
                Retrieval(Window(when, when), [media], MediaType.IMAGE, RetrievalState.ACCEPTED)
            )
    return Job(
        provider="samsara",
        vehicle=Vehicle("1", name),
        start=start,
        minutes=max(1, int(rows * every // 60)),
        timezone="America/Chicago",
        cameras=cameras,
        cameras_named=True,
        created=start,
        folder="",
        media_type=MediaType.IMAGE,
        every=every,
        retrievals=retrievals,
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


def close(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 12


def planned(job: Job) -> Sheet:
    return plan_sheet(job, (), Path(), CHICAGO)


# --- what stands where ----------------------------------------------------------------------------


def test_every_still_stands_in_its_cameras_column_and_its_moments_row(tmp_path: Path) -> None:
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


def test_a_camera_without_any_still_has_no_column_and_the_order_is_the_jobs(tmp_path: Path) -> None:
    found = {
        ("Analog 2", 0): still(tmp_path, RED, moment(0)),
        ("Driver", 0): still(tmp_path, GREEN, moment(0)),
    }
    made = make(job(found, 1, ("Analog 2", "Road", "Driver")), tmp_path)
    assert made.plan.columns == ("Analog 2", "Driver")
    assert close(made.colour(0, 0), RED)
    assert close(made.colour(1, 0), GREEN)


def test_a_column_is_named_by_what_the_camera_is_for() -> None:
    asked = job({("Analog 1", 0): imagined(START)}, 1)
    asked.roles["input of Analog 1"] = "Left mirror"
    assert planned(asked).columns == ("Left mirror",)


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


# --- time -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (0.0, ""),
        (0.999, ""),
        (-0.999, ""),
        (1.0, "taken 13:30:01"),
        (-3.4, "taken 13:29:57"),
        (-3.6, "taken 13:29:56"),
        (86_400.0, "taken 04/17 13:30:00"),
    ],
)
def test_a_still_of_another_moment_tells_its_own_time(off: float, words: str) -> None:
    taken = START + timedelta(seconds=off)
    sheet = planned(job({("Road", 0): imagined(taken)}, 1))
    (row,) = sheet.rows
    assert row.head == ("13:30:00",)  # the moment that was asked for
    assert row.cells[0] is not None
    assert row.cells[0].taken == words


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


def test_of_two_stills_for_one_moment_the_closer_one_is_shown() -> None:
    near, far = imagined(START + timedelta(seconds=2)), imagined(START - timedelta(seconds=9))
    for first, second in ((near, far), (far, near)):
        asked = job({("Road", 0): first}, 1)
        again = Media(camera("Road"), MediaStatus.AVAILABLE, clip=second)
        asked.retrievals.append(Retrieval(Window(START, START), [again], repeat=True))
        sheet = planned(asked)
        assert [cell.sha256 for row in sheet.rows for cell in row.cells if cell] == [near.sha256]
        assert sheet.facts[-1] == "1 of 3 pictures"


def test_where_the_day_changes_the_date_stands_by_the_row() -> None:
    start = datetime(2025, 4, 17, 4, 58, tzinfo=UTC)
    sheet = planned(job({("Road", 0): imagined(start)}, 4, start=start))
    assert [row.head for row in sheet.rows] == [
        ("04/16/2025", "23:58:00"),
        ("23:59:00",),
        ("04/17/2025", "00:00:00"),
        ("00:01:00",),
    ]


def test_where_daylight_saving_ends_each_row_names_its_zone() -> None:
    start = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
    late = imagined(start + timedelta(minutes=60))
    sheet = planned(job({("Road", 0): late}, 3, every=1800, start=start))
    assert [row.head for row in sheet.rows] == [
        ("01:30:00", "CDT"),
        ("01:00:00", "CST"),
        ("01:30:00", "CST"),
    ]
    assert sheet.facts[0] == "11/02/2025 01:30 CDT-02:00 CST"
    assert sheet.rows[0].cells[0] is not None
    assert sheet.rows[0].cells[0].taken == "taken 01:30:00 CST"


# --- how large ------------------------------------------------------------------------------------


def long_job(columns: int, rows: int, shape: tuple[int, int], off: float = 0) -> Job:
    labels = [f"Camera {number}" for number in range(columns)]
    found = {
        (label, row): imagined(moment(row) + timedelta(seconds=off), shape)
        for label in labels
        for row in range(0, rows, 7)
    }
    return job(found, rows, labels)


@pytest.mark.parametrize("shape", [(640, 360), (480, 360), (360, 640), (2000, 100)])
@pytest.mark.parametrize(
    ("columns", "rows"), [(1, 1), (3, 5), (6, 60), (1, 1440), (6, 1500), (2, 4000), (10, 400)]
)
def test_a_sheet_keeps_within_what_jpeg_and_memory_hold(
    columns: int, rows: int, shape: tuple[int, int]
) -> None:
    sheet = planned(long_job(columns, rows, shape, off=5))
    layout = make_layout(sheet)
    assert len(sheet.rows) <= MOST_ROWS
    assert layout.y(len(sheet.rows)) < layout.height <= MOST_SIDE
    assert layout.columns[-1][0] + layout.columns[-1][1] < layout.width <= MOST_SIDE
    assert layout.width * layout.height <= MOST_PIXELS
    assert layout.cell >= 41
    assert all(64 <= width <= CELL_WIDTH for _, width in layout.columns)
    if columns * rows <= 360:
        assert layout.cell >= 170  # a short job is not squeezed


def test_of_too_many_rows_only_every_so_many_th_is_shown_and_the_sheet_says_so() -> None:
    sheet = planned(long_job(1, 4000, (640, 360)))
    assert len(sheet.rows) == 1334
    assert "only one row in 3 of 4,000 is shown" in sheet.facts
    assert [row.head[-1] for row in sheet.rows[:3]] == ["13:30:00", "13:33:00", "13:36:00"]
    assert "only" not in " ".join(planned(long_job(1, 1500, (640, 360))).facts)


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


def test_the_fingerprint_tells_whatever_changes_the_sheet_and_nothing_else() -> None:
    def asked() -> Job:
        return job({("Road", 0): imagined(START), ("Driver", 1): imagined(moment(1))}, 2)

    def known(job: Job, tz: str = "America/Chicago") -> str:
        return contact_sheet.fingerprint(job, (), timezones.zone(tz))

    def with_clip(**changes: object) -> Job:
        changed = asked()
        media = changed.retrievals[0].media[0]
        assert media.clip is not None
        media.clip = replace(media.clip, **changes)  # type: ignore[arg-type]
        return changed

    def with_role() -> Job:
        changed = asked()
        changed.roles["input of Driver"] = "Cab"
        return changed

    base = known(asked())
    assert known(with_clip(path=PurePath("elsewhere.jpg"))) == base
    assert known(with_clip(start=START + timedelta(seconds=0.2))) == base
    others = [
        known(with_clip(sha256="0" * 64)),
        known(with_clip(start=START + timedelta(seconds=2))),
        known(with_role()),
        known(replace(asked(), vehicle=Vehicle("1", "Truck 43"))),
        known(asked(), "America/New_York"),
        known(replace(asked(), minutes=3)),
        known(job({("Road", 0): imagined(START)}, 2)),
        known(job({("Road", 0): imagined(START), ("Driver", 1): imagined(moment(1))}, 3)),
    ]
    assert len({base, *others}) == len(others) + 1
    assert known(job({}, 2)) != base


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
