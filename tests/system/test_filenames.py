"""File names: legal everywhere, inside the folder, and never the same for two different things."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.bare_job import bare_job

from footage.model import UTC, Arrangement, Camera, MediaType, Vehicle
from footage.system import filenames, timezones
from footage.ui.matching import match_vehicle

CHICAGO = timezones.zone("America/Chicago")
ROAD = Camera("dashcamRoadFacing", "Road")
DEVICES = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"} | {
    port + digit for port in ("COM", "LPT") for digit in "0123456789\u00b9\u00b2\u00b3"
}


def assert_legal(name: str) -> None:
    assert name
    assert name == unicodedata.normalize("NFC", name)
    assert len(name) <= 80
    assert len(name.encode("utf-8")) <= 120
    assert not set(name) & set('<>:"/\\|?*')
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in name)
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert name.split(".")[0].rstrip().upper() not in DEVICES
    assert PurePosixPath(name).name == name
    assert PureWindowsPath(name).name == name


@given(
    st.text(alphabet=st.characters(), max_size=200) | st.text('CONUL1.\u00b9 /\\:"é', max_size=90)
)
@example("CON" + " " * 90 + "x")
@example("con." + "x" * 90)
@example("..\ud800")
@example("é" * 200)
def test_a_safe_name_is_legal_everywhere_and_stays_as_it_is(text: str) -> None:
    name = filenames.safe_name(text)
    assert_legal(name)
    assert filenames.safe_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Truck 42", "Truck 42"),
        ("  Truck   42\t", "Truck 42"),
        ("../../O'Brien: 7?", "_.._O'Brien_ 7_"),
        ("Žluťoučký kůň 7", "Žluťoučký kůň 7"),
        ("トラック", "トラック"),
        ("cafe\u0301", "café"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("COM\u00b9", "_COM\u00b9"),
        ("COM 1", "COM 1"),
        ("..", "unnamed"),
        ("", "unnamed"),
        ("a\u202egpj.exe", "a_gpj.exe"),
        ("C:\\Windows", "C__Windows"),
    ],
)
def test_what_a_safe_name_keeps_and_what_it_replaces(text: str, name: str) -> None:
    assert filenames.safe_name(text) == name


def file_names(vehicles: list[Vehicle]) -> list[str]:
    return [match_vehicle(f"id:{v.id}", vehicles).file_name for v in vehicles]


def test_a_plain_name_that_nobody_shares_stays_plain() -> None:
    fleet = [Vehicle("1", "Truck 42"), Vehicle("2", "Truck 43")]
    assert file_names(fleet) == ["Truck 42", "Truck 43"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Truck", "Truck"], ["Truck-1", "Truck-2"]),
        (["Truck", "TRUCK"], ["Truck-1", "TRUCK-2"]),
        (["a/b", "a:b"], ["a_b-1", "a_b-2"]),
        (["a/b", "a_b"], ["a_b-1", "a_b"]),
        (["cafe\u0301", "caf\u00e9"], ["café-1", "café-2"]),
        (["x" * 90, "x" * 91], ["x" * 78 + "-1", "x" * 78 + "-2"]),
        (["T", "T", "T-1"], ["T-1", "T-2", "T-1-3"]),
        (["", "unnamed"], ["unnamed-1", "unnamed"]),
    ],
)
def test_names_that_would_meet_on_disk_get_the_id(names: list[str], expected: list[str]) -> None:
    fleet = [Vehicle(str(number), name) for number, name in enumerate(names, 1)]
    assert file_names(fleet) == expected


@given(
    st.lists(
        st.builds(
            Vehicle,
            id=st.text("12aA-/", min_size=1, max_size=3),
            name=st.text("tT1a-2/: .é", max_size=4) | st.text(max_size=100),
        ),
        max_size=6,
        unique_by=lambda v: " ".join(v.id.casefold().split()),
    )
)
def test_different_vehicles_never_share_a_file_name(fleet: list[Vehicle]) -> None:
    made = file_names(fleet)
    assert len({name.casefold() for name in made}) == len(fleet)
    for name in made:
        assert_legal(name)
        assert filenames.safe_name(name) == name


def test_the_names_of_all_files() -> None:
    truck = Vehicle("1", "Truck 42", file_name="Truck 42")
    start = datetime(2025, 4, 16, 18, 30, tzinfo=UTC)
    job = bare_job(vehicle=truck, start=start, minutes=5)
    assert (
        filenames.clip_name(ROAD, truck, start, CHICAGO)
        == "Road_VideoClip_Truck 42_2025-04-16_13-30-00.mp4"
    )
    assert (
        filenames.merged_name(ROAD, truck, start, 300, CHICAGO, MediaType.HIGH)
        == "Road_Merged_Truck 42_2025-04-16_13-30-00_5min.mp4"
    )
    assert (
        filenames.side_by_side_name(job, CHICAGO)
        == "SideBySide_Merged_Truck 42_2025-04-16_13-30-00_5min.mp4"
    )
    job = replace(job, layout=Arrangement.GRID, size=(1920, 1080))
    assert (
        filenames.side_by_side_name(job, CHICAGO)
        == "SideBySide_Merged_Truck 42_2025-04-16_13-30-00_5min_grid_1920x1080.mp4"
    )
    assert (
        filenames.still_name(ROAD, truck, start, CHICAGO)
        == "Road_Image_Truck 42_2025-04-16_13-30-00.jpg"
    )
    assert (
        filenames.contact_sheet_name(truck, start, 300, CHICAGO)
        == "ContactSheet_Truck 42_2025-04-16_13-30-00_5min.jpg"
    )
    assert (
        filenames.track_name(truck, start, 300, CHICAGO)
        == "Track_Truck 42_2025-04-16_13-30-00_5min.gpx"
    )
    assert (
        filenames.readings_name(truck, start, 300, CHICAGO)
        == "Readings_Truck 42_2025-04-16_13-30-00_5min.json"
    )


def test_stills_a_second_apart_have_names_of_their_own() -> None:
    truck = Vehicle("1", "Truck 42", file_name="Truck 42")
    first = datetime(2025, 11, 2, 6, 59, 30, 700_000, tzinfo=UTC)  # within the first pass
    moments = [first + timedelta(seconds=n) for n in (*range(60), *range(3600, 3660))]
    assert len({filenames.still_name(ROAD, truck, moment, CHICAGO) for moment in moments}) == 120


def test_a_tampered_file_name_stays_inside_the_folder() -> None:
    truck = Vehicle("1", "T", file_name="../../etc/x")
    start = datetime(2025, 4, 16, 18, 30, tzinfo=UTC)
    assert "/" not in filenames.clip_name(ROAD, truck, start, CHICAGO)
    assert "/" not in filenames.still_name(ROAD, truck, start, CHICAGO)
    assert "/" not in filenames.contact_sheet_name(truck, start, 300, CHICAGO)
    assert "/" not in filenames.track_name(truck, start, 300, CHICAGO)
    assert "/" not in filenames.readings_name(truck, start, 300, CHICAGO)


def test_both_passes_of_the_repeated_hour_have_their_own_names() -> None:
    first = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
    assert filenames.moment_name(first, CHICAGO) == "2025-11-02_01-30-00_UTC-0500"
    second = first + timedelta(hours=1)
    assert filenames.moment_name(second, CHICAGO) == "2025-11-02_01-30-00_UTC-0600"
    assert filenames.moment_name(first - timedelta(hours=1), CHICAGO) == "2025-11-02_00-30-00"


@pytest.mark.parametrize("name", ["America/Chicago", "Australia/Lord_Howe", "Asia/Kolkata"])
@pytest.mark.parametrize(
    "around",
    [
        datetime(2025, 11, 2, 6, tzinfo=UTC),  # Chicago goes back
        datetime(2025, 3, 9, 8, tzinfo=UTC),  # Chicago goes forward
        datetime(2025, 4, 5, 15, tzinfo=UTC),  # Lord Howe goes back, by half an hour
        datetime(2025, 10, 4, 15, 30, tzinfo=UTC),  # Lord Howe goes forward
    ],
)
def test_every_minute_of_a_clock_change_has_its_own_name(name: str, around: datetime) -> None:
    zone = timezones.zone(name)
    minutes = [around + timedelta(minutes=n) for n in range(-180, 180)]
    assert len({filenames.moment_name(moment, zone) for moment in minutes}) == len(minutes)


def test_a_jobs_own_files_are_known_by_their_names() -> None:
    truck = Vehicle("281", "O'Brien [7]", file_name="O'Brien [7]")
    for media_type in MediaType:
        job = bare_job(vehicle=truck, minutes=3, media_type=media_type)
        later = job.start + timedelta(minutes=2)
        video = MediaType.HIGH if media_type is MediaType.IMAGE else media_type
        names = [
            filenames.clip_name(ROAD, truck, later, CHICAGO, video),
            filenames.still_name(ROAD, truck, later, CHICAGO),
            filenames.merged_name(ROAD, truck, job.start, 180, CHICAGO, media_type),
            filenames.side_by_side_name(job, CHICAGO),
            filenames.contact_sheet_name(truck, job.start, 180, CHICAGO),
            filenames.track_name(truck, job.start, 180, CHICAGO),
            filenames.readings_name(truck, job.start, 180, CHICAGO),
            filenames.readings_name(truck, job.start, 180, CHICAGO),
            filenames.report_name(job, CHICAGO),
            filenames.hash_list_name(job, CHICAGO),
        ]
        for name in names:
            stem, dot, ending = name.rpartition(".")
            for copy in (name, f"{stem} (2){dot}{ending}", f"{stem} - Copy{dot}{ending}"):
                assert filenames.belongs_to(copy, job, CHICAGO), copy
        others = [
            filenames.clip_name(ROAD, truck, job.end, CHICAGO, media_type),
            filenames.still_name(ROAD, replace(truck, file_name="7"), later, CHICAGO),
            filenames.track_name(truck, job.start, 1800, CHICAGO),
            filenames.track_name(truck, later, 180, CHICAGO),
            "holiday.mp4",
            "Track_O'Brien [7]_2025-13-99_13-30-00.gpx",
        ]
        assert not [name for name in others if filenames.belongs_to(name, job, CHICAGO)]


def test_a_name_in_the_repeated_hour_is_a_jobs_own() -> None:
    start = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)  # 1:30 CDT, and 1:30 CST an hour later
    job = bare_job(start=start, minutes=1)
    own = filenames.clip_name(ROAD, job.vehicle, start, CHICAGO)
    other = filenames.clip_name(ROAD, job.vehicle, start + timedelta(hours=1), CHICAGO)
    assert filenames.belongs_to(own, job, CHICAGO)
    assert not filenames.belongs_to(other, job, CHICAGO)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has no TZ to set the zone with")
def test_the_computers_own_zone_repeats_an_hour_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "America/Chicago")
        time.tzset()
        moment = datetime(2025, 11, 2, 6, 30, tzinfo=UTC)
        assert filenames.moment_name(moment, None) == "2025-11-02_01-30-00_UTC-0500"
        assert filenames.moment_name(moment - timedelta(hours=1), None) == "2025-11-02_00-30-00"
    time.tzset()
