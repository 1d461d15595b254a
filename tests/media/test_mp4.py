"""What finished films say of themselves, whatever a vehicle is called."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from footage.media import ffmpeg
from footage.media.mp4 import Chapter, Tags, index_space, write_metadata, write_mp4
from footage.model import UTC

FILMED = datetime(2025, 4, 16, 18, 30, 7, 900_000, tzinfo=UTC)
SINCE_1904 = datetime(1904, 1, 1, tzinfo=UTC)
CHAPTERS = [Chapter(0, 0.5, "one"), Chapter(0.5, 1, "two")]
SOUND = ["-f", "lavfi", "-t", "1", "-i", "anullsrc=r=8000:cl=mono"]


def written(folder: Path, tags: Tags | None) -> Path:
    """A second of silence with these tags, written as films are."""
    folder.mkdir(exist_ok=True)
    metadata, target = folder / "metadata.txt", folder / "x.mp4"
    write_metadata(tags, CHAPTERS, metadata)
    arguments = [*SOUND, "-f", "ffmetadata", "-i", str(metadata)]
    arguments += ["-map", "0:a", "-map_chapters", "1", "-map_metadata", "1"]
    write_mp4(arguments, index_space(20, len(CHAPTERS)), target, None, None)
    return target


def tags_in(path: Path) -> dict[str, str]:
    """The tags as ffmpeg reads them."""
    text = ffmpeg.run(["-i", str(path), "-f", "ffmetadata", "-"])
    head = text.partition("\n[CHAPTER]\n")[0]
    pairs = (line.split("=", 1) for line in head.splitlines() if "=" in line)
    plain = dict(pairs)
    return {key: _unescaped(value).rstrip() for key, value in plain.items()}


def _unescaped(text: str) -> str:
    return text.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")


def creation_times(path: Path) -> list[datetime]:
    """Those of the movie and of each of its tracks, read from the boxes."""
    data, times = path.read_bytes(), []
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        at = data.index(kind) + 4
        form = ">Q" if data[at] else ">I"
        (seconds,) = struct.unpack_from(form, data, at + 4)
        times.append(SINCE_1904 + timedelta(seconds=seconds))
    return times


def test_a_film_has_its_title_time_and_comment(tmp_path: Path) -> None:
    path = written(tmp_path, Tags("Truck 42, Road, 13:30 CDT", FILMED, "Samsara; retrieval a"))
    tags = tags_in(path)
    assert tags["title"] == "Truck 42, Road, 13:30 CDT"
    assert tags["comment"] == "Samsara; retrieval a"
    assert creation_times(path) == [FILMED.replace(microsecond=0)] * 3


def test_the_time_is_that_of_utc(tmp_path: Path) -> None:
    chicago = FILMED.astimezone(timezone(timedelta(hours=-5)))
    assert (
        creation_times(written(tmp_path, Tags("", chicago, "")))
        == [FILMED.replace(microsecond=0)] * 3
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a=b;c#d\\e", "a=b;c#d\\e"),
        ("two\nlines\r\ncomment=forged", "two lines comment=forged"),
        ("x\n[CHAPTER]\nTIMEBASE=1/1", "x [CHAPTER] TIMEBASE=1/1"),
        ("\"quoted\" 'n' Łódź 日本 🚚", "\"quoted\" 'n' Łódź 日本 🚚"),
        ("nul\0, half \ud800 and \u202e turned", "nul, half and turned"),
        ("ends in \\", "ends in \\"),
        (";FFMETADATA1", ";FFMETADATA1"),
    ],
)
def test_foreign_words_stay_what_they_are(tmp_path: Path, name: str, shown: str) -> None:
    path = written(tmp_path, Tags(name, FILMED, f"of {name}"))
    tags = tags_in(path)
    assert (tags["title"], tags["comment"]) == (shown, f"of {shown}")
    titles = ffmpeg.run(["-i", str(path), "-f", "ffmetadata", "-"]).count("\n[CHAPTER]\n")
    assert titles == len(CHAPTERS)


def test_the_same_is_written_to_the_byte(tmp_path: Path) -> None:
    tags = Tags("Truck", FILMED, "Samsara")
    one, other = (written(tmp_path / name, tags).read_bytes() for name in ("one", "other"))
    assert one == other
    assert written(tmp_path, None).read_bytes() != one


def test_without_tags_it_says_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, None)
    assert not {"title", "comment"} & set(tags_in(path))
    assert creation_times(path) == [SINCE_1904] * 3
