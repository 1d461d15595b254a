"""The track as a GPX file, which maps and accident software read.

Schema: https://www.topografix.com/GPX/1/1/gpx.xsd. GPX 1.1 has no speed and no course; they stand
in Garmin's published extension of a track point,
https://www8.garmin.com/xmlschemas/TrackPointExtensionv2.xsd: metres a second, and degrees clockwise
from true north.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment

import footage
from footage.model import UTC, Reading, Window
from footage.system.text import single_line
from footage.telemetry.interpolation import normalized_degrees, segments

_GPX = "http://www.topografix.com/GPX/1/1"
_EXTENSION = "http://www.garmin.com/xmlschemas/TrackPointExtension/v2"
# Points that are made into text at once: as objects of gpxpy those of a day would take 270 MB.
_AT_ONCE = 2000
_LINES_AFTER = 3  # lines of a file from the end of its segment on
_SCHEMAS = (
    (_GPX, "http://www.topografix.com/GPX/1/1/gpx.xsd"),
    (_EXTENSION, "https://www8.garmin.com/xmlschemas/TrackPointExtensionv2.xsd"),
)


def write(
    path: Path, readings: Sequence[Reading], span: Window, vehicle: str, source: str = ""
) -> int:
    """Write what was read within `span` (both ends included) as one track; the number of points.

    readings: in order of time; where two are too far apart to be joined a new segment begins
    vehicle:  its name, which becomes the track's
    source:   whose data it is, the provider's name

    Nothing is interpolated: each point is a reading. With the same arguments the file is the same
    to the byte. Raises OSError.
    """
    within = [reading for reading in readings if span.start <= reading.time <= span.end]
    runs = [_pieces(run) for run in segments(within)]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_texts(runs, partial(_document, span, vehicle, source)))
    return len(within)


def _pieces(run: Sequence[Reading]) -> list[Sequence[Reading]]:
    return [run[first : first + _AT_ONCE] for first in range(0, len(run), _AT_ONCE)]


def _texts(
    runs: Sequence[Sequence[Sequence[Reading]]], document: Callable[[list[GPXTrackSegment]], str]
) -> Iterator[str]:
    """The file in parts, of which each has so few points that they take little memory.

    runs: the segments, each in pieces
    document: a whole file of some segments
    """
    if not runs:
        yield document([])
        return
    for number, run in enumerate(runs):
        for place, piece in enumerate(run):
            text = document([GPXTrackSegment([_point(reading) for reading in piece])])
            lines = text.splitlines(keepends=True)
            first = next(n for n, line in enumerate(lines) if line.strip() == "<trkseg>") + 1
            last = len(lines) - _LINES_AFTER
            if place == 0:
                yield from lines[0 if number == 0 else first - 1 : first]
            yield from lines[first:last]
        yield from lines[last : None if number == len(runs) - 1 else last + 1]


def _document(span: Window, vehicle: str, source: str, segments: list[GPXTrackSegment]) -> str:
    name = single_line(vehicle)
    track = GPXTrack(name=name)
    track.comment = name
    track.description = f"{name}, {_utc(span.start)} to {_utc(span.end)}"
    track.source = single_line(source) or None
    track.segments = segments
    gpx = GPX()
    gpx.creator = footage.NAME
    gpx.name = name
    gpx.description = track.description
    gpx.nsmap["gpxtpx"] = _EXTENSION
    gpx.schema_locations = [part for pair in _SCHEMAS for part in pair]
    gpx.tracks = [track]
    # No metadata time: it would be that of the writing, and no two files would be the same.
    return str(gpx.to_xml("1.1")) + "\n"


def _point(reading: Reading) -> GPXTrackPoint:
    longitude = round(reading.longitude, 7)
    point = GPXTrackPoint(
        latitude=round(reading.latitude, 7),  # a centimetre
        longitude=-180.0 if longitude == 180 else longitude,  # the schema has one of the two
        time=reading.time.astimezone(UTC),
    )
    values = []  # in the order of the extension's schema
    if reading.speed is not None:
        values.append(("speed", f"{reading.speed:.3f}"))
    if reading.heading is not None:
        values.append(("course", f"{normalized_degrees(round(reading.heading, 2)):.2f}"))
    if values:
        extension = ElementTree.Element(f"{{{_EXTENSION}}}TrackPointExtension")
        for tag, text in values:
            ElementTree.SubElement(extension, f"{{{_EXTENSION}}}{tag}").text = text
        point.extensions = [extension]
    return point


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ", timespec="seconds").replace("+00:00", " UTC")
