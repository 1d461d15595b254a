"""The packets of an MP4's picture as its index lists them, read without starting ffmpeg.

ffmpeg has the last word on what is in a file. A clip that was decoded as a whole when it came, and
whose index is as plain as nearly all are, holds what the index says: reading that takes a tenth of
the time that a process takes. `tests/media/test_mp4_samples.py` compares both.

Source: ISO/IEC 14496-12, chapters 8.5 to 8.7.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from footage.media import mp4_boxes
from footage.media.packets import LATEST_START, Stream

# By the four letters of the description: the box with the codec's parameters.
_CODECS = {b"avc1": b"avcC", b"hvc1": b"hvcC", b"hev1": b"hvcC"}
_PICTURE_HEADER = 78  # bytes of a description of a picture before the boxes in it
# Boxes by which ffmpeg finds further packets, other key frames, or several descriptions.
_ONLY_FFMPEG = (b"stps", b"sbgp", b"sgpd", b"saiz", b"senc")


class _NotPlainError(Exception):
    """The index is not one that is read here."""


def video(path: Path) -> Stream | None:
    """The picture of a whole MP4, as `packets.listed` has it; None where only ffmpeg can tell.

    Of `Stream.facts` there are `tb` and `extradata`.
    """
    try:
        moov = mp4_boxes.index(path)
        if moov is None:
            return None
        return _stream(moov, path.stat().st_size)
    except (OSError, struct.error, ValueError, KeyError, IndexError, _NotPlainError):
        return None


def _stream(moov: bytes, file_size: int) -> Stream:
    tracks = [body for kind, body in mp4_boxes.boxes(moov) if kind == b"trak"]
    pictures = [one for one in tracks if mp4_boxes.inside(one, b"mdia", b"hdlr")[8:12] == b"vide"]
    _plain(len(pictures) == 1 and not any(kind == b"mvex" for kind, _ in mp4_boxes.boxes(moov)))
    media = mp4_boxes.inside(pictures[0], b"mdia")
    header = mp4_boxes.inside(media, b"mdhd")
    clock = struct.unpack_from(">I", header, 20 if header[0] else 12)[0]
    movie = mp4_boxes.inside(moov, b"mvhd")
    movie_clock = struct.unpack_from(">I", movie, 20 if movie[0] else 12)[0]
    table = dict(mp4_boxes.boxes(mp4_boxes.inside(media, b"minf", b"stbl")))
    _plain(not any(kind in table for kind in _ONLY_FFMPEG) and clock > 0 and movie_clock > 0)
    sizes = _sizes(table[b"stsz"])
    _plain(bool(sizes) and min(sizes) > 0 and _reach(table, sizes) <= file_size)
    lengths = _expanded(table[b"stts"], ">II", len(sizes))
    offsets = _offsets(table.get(b"ctts"), len(sizes))
    decoded = [0, *accumulate(lengths[:-1])]
    times = [time + offset for time, offset in zip(decoded, offsets, strict=True)]
    begin = _begin(pictures[0], times, clock, movie_clock)
    keys = _keys(table.get(b"stss"), len(sizes))
    pts = array("q", (time - begin for time in times))
    _plain(keys[0] == 0 and len(set(pts)) == len(pts) and min(pts) <= LATEST_START * clock)
    return Stream(
        facts={"tb": f"1/{clock}", "extradata": _extradata(table[b"stsd"])},
        pts=pts,
        durations=Counter(lengths),
        last_duration=lengths[max(range(len(pts)), key=pts.__getitem__)],
        keys=keys,
    )


def _plain(condition: bool) -> None:
    if not condition:
        raise _NotPlainError


def _words(box: bytes, form: str) -> Iterator[tuple[int, ...]]:
    """The entries of a table that begins with its version, flags, and their number."""
    count = struct.unpack_from(">I", box, 4)[0]
    length = struct.calcsize(form)
    return struct.iter_unpack(form, box[8 : 8 + count * length])


def _expanded(box: bytes, form: str, count: int) -> list[int]:
    """The values of a table of (how often, value); as many as there are packets."""
    values: list[int] = []
    for times, value in _words(box, form):
        _plain(len(values) + times <= count)
        values += [value] * times
    _plain(len(values) == count)
    return values


def _offsets(box: bytes | None, count: int) -> list[int]:
    """By how much each packet is shown after it is decoded.

    Negative ones are not plain: ffmpeg moves all times by the most negative.
    """
    if box is None:
        return [0] * count
    values = _expanded(box, ">Ii", count)
    _plain(min(values) >= 0)
    return values


def _sizes(box: bytes) -> Sequence[int]:
    size, count = struct.unpack_from(">II", box, 4)
    if size:
        return [size] * count
    sizes = array("I", box[12 : 12 + 4 * count])
    _plain(sizes.itemsize == 4 and len(sizes) == count)
    sizes.byteswap()
    return sizes


def _reach(table: dict[bytes, bytes], sizes: Sequence[int]) -> int:
    """The place in the file behind the last byte of any packet."""
    if b"stco" in table:
        places = [place for (place,) in _words(table[b"stco"], ">I")]
    else:
        places = [place for (place,) in _words(table[b"co64"], ">Q")]
    runs = list(_words(table[b"stsc"], ">III"))
    _plain(runs[0][0] == 1 and {description for _, _, description in runs} == {1})
    ends = [first for first, _, _ in runs[1:]] + [len(places) + 1]
    reach, sample = 0, 0
    for (first, each, _), end in zip(runs, ends, strict=True):
        for chunk in range(first - 1, end - 1):
            reach = max(reach, places[chunk] + sum(sizes[sample : sample + each]))
            sample += each
    _plain(sample == len(sizes))
    return reach


def _begin(track: bytes, times: Sequence[int], clock: int, movie_clock: int) -> int:
    """The time of the track's clock at which the film begins, by its edit list: one stretch that
    shows everything."""
    edits = dict(mp4_boxes.boxes(track)).get(b"edts")
    if edits is None:
        return 0
    box = mp4_boxes.inside(edits, b"elst")
    entries = list(_words(box, ">Qqhh" if box[0] else ">Iihh"))
    _plain(len(entries) == 1)
    duration, start, rate, _ = entries[0]
    # What begins behind the stretch is not shown; it is known to one unit of the movie's clock.
    shown_to = start + (duration - 1) * clock / movie_clock
    _plain(rate == 1 and start == min(times) and max(times) < shown_to)
    return start


def _keys(box: bytes | None, count: int) -> array[int]:
    if box is None:
        return array("q", range(count))
    return array("q", (number - 1 for (number,) in _words(box, ">I")))


def _extradata(box: bytes) -> str:
    """The codec's parameters as ffmpeg's listing names them: length and checksum."""
    _plain(struct.unpack_from(">I", box, 4)[0] == 1)
    ((kind, body),) = mp4_boxes.boxes(box[8:])
    wanted = _CODECS.get(kind, b"")
    for inner, parameters in mp4_boxes.boxes(body[_PICTURE_HEADER:]):
        if inner == wanted:
            return f"{len(parameters):8d}, 0x{zlib.adler32(parameters, 0):08x}".strip()
    raise _NotPlainError
