"""The GPX file: its structure by the published schemas, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import gpxpy
import pytest
from support.readings import START, reading, when

from footage.model import Reading, Window
from footage.telemetry import gpx

SPAN = Window(START, START + timedelta(minutes=1))

GPX = "{http://www.topografix.com/GPX/1/1}"
TPX = "{http://www.garmin.com/xmlschemas/TrackPointExtension/v2}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

# The elements that may stand in another one, in the order in which the schemas have them; those
# with a * may be there many times.
CONTENT = {
    GPX + "gpx": ["metadata", "wpt*", "rte*", "trk*", "extensions"],
    GPX + "metadata": ["name", "desc", "author", "copyright", "link*", "time", "keywords"]
    + ["bounds", "extensions"],
    GPX + "trk": ["name", "cmt", "desc", "src", "link*", "number", "type", "extensions"]
    + ["trkseg*"],
    GPX + "trkseg": ["trkpt*", "extensions"],
    GPX + "trkpt": ["ele", "time", "magvar", "geoidheight", "name", "cmt", "desc", "src", "link*"]
    + ["sym", "type", "fix", "sat", "hdop", "vdop", "pdop", "ageofdgpsdata", "dgpsid"]
    + ["extensions"],
    TPX + "TrackPointExtension": ["atemp", "wtemp", "depth", "hr", "cad", "speed", "course"]
    + ["bearing", "Extensions"],
}
TEXTS = {"name", "cmt", "desc", "src"}
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")  # xsd:decimal has no exponents
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def check(element: Element) -> None:
    """Raise AssertionError unless the element is as the schemas want it, all the way down."""
    space, _, name = element.tag.rpartition("}")
    space += "}"
    if element.tag == GPX + "extensions":
        assert not any(child.tag.startswith(GPX) for child in element)
    elif element.tag in CONTENT:
        order = [entry.rstrip("*") for entry in CONTENT[element.tag]]
        many = {entry.rstrip("*") for entry in CONTENT[element.tag] if entry.endswith("*")}
        names = [child.tag.removeprefix(space) for child in element]
        assert names == sorted(names, key=order.index)
        assert all(names.count(one) == 1 for one in set(names) - many)
        assert not (element.text or "").strip()
    else:
        assert len(element) == 0
        assert element.text
        assert name in TEXTS or TIME.fullmatch(element.text) or DECIMAL.fullmatch(element.text)
    if element.tag == GPX + "trkpt":
        assert set(element.attrib) == {"lat", "lon"}
        assert all(DECIMAL.fullmatch(value) for value in element.attrib.values())
        assert -90 <= Decimal(element.attrib["lat"]) <= 90
        assert -180 <= Decimal(element.attrib["lon"]) < 180
    elif element.tag == TPX + "speed":
        assert Decimal(element.text or "") >= 0
    elif element.tag == TPX + "course":
        assert 0 <= Decimal(element.text or "") < 360
    elif element.tag == GPX + "gpx":
        assert element.get("version") == "1.1"
        assert element.get("creator")
        assert set(element.attrib) == {"version", "creator", XSI + "schemaLocation"}
        places = element.attrib[XSI + "schemaLocation"].split()
        assert dict(zip(places[::2], places[1::2], strict=True)) == {
            GPX.strip("{}"): "http://www.topografix.com/GPX/1/1/gpx.xsd",
            TPX.strip("{}"): "https://www8.garmin.com/xmlschemas/TrackPointExtensionv2.xsd",
        }
    else:
        assert not element.attrib
    for child in element:
        check(child)


def written(
    path: Path, readings: Sequence[Reading], vehicle: str = "Truck 42", source: str = ""
) -> Element:
    gpx.write(path, readings, SPAN, vehicle, source)
    root = ElementTree.fromstring(path.read_bytes())  # noqa: S314 - our own file
    assert root.tag == GPX + "gpx"
    check(root)
    return root


def text(element: Element, tag: str) -> str | None:
    """The text of what stands once in an element."""
    (inner,) = element.iter(tag)
    return inner.text


def points(element: Element) -> list[Element]:
    return element.findall(f".//{GPX}trkpt")


def test_every_reading_is_a_point_with_time_speed_and_course(tmp_path: Path) -> None:
    root = written(tmp_path / "t.gpx", [reading(0), reading(1.5, speed=1 / 3, heading=359.999)])
    first, second = points(root)
    assert first.attrib == {"lat": "40.0", "lon": "-90.0"}
    assert text(first, GPX + "time") == "2025-04-16T13:30:00Z"
    assert text(second, GPX + "time") == "2025-04-16T13:30:01.500000Z"
    values = [
        [one.text for one in point.findall(f".//{TPX}TrackPointExtension/*")]
        for point in (first, second)
    ]
    assert values == [["20.000", "90.00"], ["0.333", "0.00"]]


def test_what_is_not_known_is_not_there(tmp_path: Path) -> None:
    readings = [
        reading(0, speed=None),
        reading(1, heading=None),
        reading(2, speed=None, heading=None),
    ]
    names = [
        [one.tag for one in point.findall(f"{GPX}extensions/{TPX}TrackPointExtension/*")]
        for point in points(written(tmp_path / "t.gpx", readings))
    ]
    assert names == [[TPX + "course"], [TPX + "speed"], []]
    assert len(list(points(written(tmp_path / "t.gpx", readings))[2])) == 1  # no empty extensions


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(90, 180), (-90, -180), (89.99999999, 179.99999999), (1e-9, -1e-9), (0.00001, -0.00001)],
)
def test_places_at_the_edges_stay_within_the_schema(
    tmp_path: Path, latitude: float, longitude: float
) -> None:
    root = written(tmp_path / "t.gpx", [reading(0, float(latitude), float(longitude))])
    (point,) = points(root)
    assert abs(float(point.attrib["lat"]) - latitude) < 1e-6
    assert abs((float(point.attrib["lon"]) - longitude + 180) % 360 - 180) < 1e-6


def test_a_segment_begins_after_a_hole_within_the_span(tmp_path: Path) -> None:
    seconds = (-5, 0, 10, 20.5, 21, 59, 60, 61)
    readings = [reading(second) for second in seconds]
    root = written(tmp_path / "t.gpx", readings)
    assert len(root.findall(GPX + "trk")) == 1
    lengths = [len(points(segment)) for segment in root.iter(GPX + "trkseg")]
    assert lengths == [2, 2, 2]
    assert gpx.write(tmp_path / "t.gpx", readings, SPAN, "Truck 42") == 6


def test_the_vehicle_is_named_whatever_its_name(tmp_path: Path) -> None:
    vehicle = "Truck <42> & \"Co\" 'é'\x07"
    root = written(tmp_path / "t.gpx", [reading(0)], vehicle, source="A & B")
    plain = vehicle.rstrip("\x07")
    (track,) = root.findall(GPX + "trk")
    assert track.findtext(GPX + "name") == plain
    assert track.findtext(GPX + "cmt") == plain
    assert track.findtext(GPX + "src") == "A & B"
    assert track.findtext(GPX + "desc") == (
        f"{plain}, 2025-04-16 13:30:00 UTC to 2025-04-16 13:31:00 UTC"
    )


def test_a_track_without_points_is_valid_too(tmp_path: Path) -> None:
    assert points(written(tmp_path / "t.gpx", [])) == []
    assert gpx.write(tmp_path / "t.gpx", [], SPAN, "Truck 42") == 0


def test_the_same_readings_make_the_same_file(tmp_path: Path) -> None:
    readings = [reading(second) for second in range(30)]
    gpx.write(tmp_path / "one.gpx", readings, SPAN, "Truck 42")
    gpx.write(tmp_path / "other.gpx", readings, SPAN, "Truck 42")
    content = (tmp_path / "one.gpx").read_bytes()
    assert content == (tmp_path / "other.gpx").read_bytes()
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<gpx ')
    assert content.endswith(b"</gpx>\n")
    assert b"\r" not in content


def test_times_are_written_in_utc_whatever_zone_they_come_in(tmp_path: Path) -> None:
    ahead = timezone(timedelta(hours=5, minutes=30))
    local = Reading(when(7).astimezone(ahead), 40.0, -90.0)
    (point,) = points(written(tmp_path / "t.gpx", [local]))
    assert text(point, GPX + "time") == "2025-04-16T13:30:07Z"


def test_another_program_reads_back_what_was_written(tmp_path: Path) -> None:
    readings = [reading(second, 40 + second / 1000, -90 - second / 1000) for second in range(9)]
    gpx.write(tmp_path / "t.gpx", readings, SPAN, "Truck 42")
    read = gpxpy.parse((tmp_path / "t.gpx").read_text(encoding="utf-8"))
    (segment,) = read.tracks[0].segments
    for point, expected in zip(segment.points, readings, strict=True):
        assert point.latitude == pytest.approx(expected.latitude)
        assert point.longitude == pytest.approx(expected.longitude)
        assert point.time == expected.time


def test_the_check_itself_finds_what_is_wrong(tmp_path: Path) -> None:
    good = written(tmp_path / "t.gpx", [reading(0), reading(1)])

    def broken(change: Callable[[Element], Any]) -> None:
        root = ElementTree.fromstring(ElementTree.tostring(good))  # noqa: S314 - our own file
        change(root)
        with pytest.raises((AssertionError, ValueError)):
            check(root)

    broken(lambda root: root.set("version", "1.0"))
    broken(lambda root: points(root)[0].set("lat", "122.142"))
    broken(lambda root: points(root)[0].set("lon", "180"))
    broken(lambda root: points(root)[0].set("lon", "1e-07"))
    broken(lambda root: points(root)[0].append(ElementTree.Element(GPX + "time")))
    broken(lambda root: points(root)[0].append(ElementTree.Element(GPX + "speed")))
    broken(lambda root: setattr(points(root)[0][0], "text", "2025-04-16T13:30:00+00:00"))
    broken(lambda root: root.insert(0, root[-1]))


def test_a_long_track_is_the_same_made_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A day's points take 270 MB as objects; where two are too far apart there is a new segment.
    readings = [reading(second) for second in (*range(5), *range(3600, 3607))]
    span = Window(START, START + timedelta(hours=2))
    gpx.write(tmp_path / "whole.gpx", readings, span, "Truck 42")
    at_once: list[int] = []
    document = gpx._document

    def watched(*of: Any) -> str:
        at_once.append(sum(len(segment.points) for segment in of[-1]))
        return document(*of)

    monkeypatch.setattr(gpx, "_document", watched)
    monkeypatch.setattr(gpx, "_AT_ONCE", 2)
    gpx.write(tmp_path / "pieces.gpx", readings, span, "Truck 42")
    assert (tmp_path / "pieces.gpx").read_bytes() == (tmp_path / "whole.gpx").read_bytes()
    assert sum(at_once) == len(readings)
    assert max(at_once) == 2
