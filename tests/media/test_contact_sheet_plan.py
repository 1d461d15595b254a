"""What a contact sheet says, and how large everything is on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePath

import pytest
from support.stills_jobs import (
    START,
    camera,
    imagined,
    job,
    moment,
    planned,
)

from footage.media import contact_sheet
from footage.media.contact_sheet_plan import (
    CELL_WIDTH,
    MOST_PIXELS,
    MOST_ROWS,
    MOST_SIDE,
    make_layout,
)
from footage.model import (
    UTC,
    Job,
    Media,
    MediaStatus,
    Retrieval,
    Vehicle,
    Window,
)
from footage.system import timezones


def test_a_column_is_named_by_what_the_camera_is_for() -> None:
    asked = job({("Analog 1", 0): imagined(START)}, 1)
    asked.roles["input of Analog 1"] = "Left mirror"
    assert planned(asked).columns == ("Left mirror",)


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


def test_of_too_many_rows_some_are_left_out_and_it_says_so() -> None:
    sheet = planned(long_job(1, 4000, (640, 360)))
    assert len(sheet.rows) == 1334
    assert "only one row in 3 of 4,000 is shown" in sheet.facts
    assert [row.head[-1] for row in sheet.rows[:3]] == ["13:30:00", "13:33:00", "13:36:00"]
    assert "only" not in " ".join(planned(long_job(1, 1500, (640, 360))).facts)


def test_the_sheets_fingerprint_changes_with_the_sheet_only() -> None:
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
