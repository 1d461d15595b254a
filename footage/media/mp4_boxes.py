"""The index (`moov`) of an MP4 file: what its tracks are, and writing their times anew.

Sources: ISO/IEC 14496-12 (the boxes), and the QuickTime file format for edit lists.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from footage.errors import FfmpegError

_HEADER = 8  # bytes: a box's length and its kind
_MOST_INDEX = 1 << 30  # bytes; an index of a day of packets has some 100 MB
_KINDS = (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
_32_BITS = 1 << 32
# The matrix of a track's header by the turn (clockwise, in degrees) that it asks players for.
_TURNS = {(1, 0, 0, 1): 0, (0, 1, -1, 0): 90, (-1, 0, 0, -1): 180, (0, -1, 1, 0): 270}

Runs = Sequence[tuple[int, int]]  # (how often, value), one after the other


@dataclass(frozen=True)
class TrackFacts:
    """What the index says of one track.

    kind:        `vide`, `soun`, or another four letters
    samples:     how many packets the index lists; 0 in a file written in fragments
    description: the codec's parameters as they stand in the file
    turn:        degrees by which players turn the picture clockwise: 0, 90, 180 or 270
    """

    kind: str
    samples: int
    description: bytes
    turn: int


@dataclass(frozen=True)
class Edit:
    """One entry of an edit list.

    duration: in units of the movie's clock
    start:    in units of the track's clock; -1: nothing is shown for so long
    """

    duration: int
    start: int


@dataclass(frozen=True)
class TrackTimes:
    """When the packets of one track are decoded and shown; runs in the order of the packets.

    clock:   units a second of the track's clock
    lengths: how long each packet lasts
    offsets: by how much each is shown after it is decoded; empty: at once
    edits:   which stretches of the track are shown, one after the other
    """

    clock: int
    lengths: Runs
    offsets: Runs
    edits: Sequence[Edit]


def is_mp4(path: Path) -> bool:
    """True for a file of the MP4 and QuickTime family, by its first box."""
    try:
        with path.open("rb") as file:
            return file.read(_HEADER)[4:] in _KINDS
    except OSError:  # what reads it next tells why
        return False


def index(path: Path) -> bytes | None:
    """What is in a file's index; None for a file that has none. Raises OSError, struct.error."""
    found = _index(path)
    return found[1] if found is not None else None


def tracks(path: Path) -> list[TrackFacts]:
    """The tracks of a file, in order; empty for a file that has no readable index."""
    try:
        moov = index(path)
        return [_facts(body) for kind, body in boxes(moov or b"") if kind == b"trak"]
    except (OSError, struct.error, ValueError, KeyError):
        return []


def write_times(path: Path, times: dict[str, TrackTimes], movie_clock: int) -> None:
    """Write new times for the tracks of the kinds in `times` into a finished file's index.

    The packets stay where they are. The index is written over the old one and the space kept free
    behind it, or at the end of the file where it does not fit.
    """
    found = _index(path)
    if found is None:
        raise FfmpegError("The video tool wrote a file without an index.")
    offset, moov, space = found
    duration = 0
    parts: list[bytes] = []
    for kind, body in boxes(moov):
        if kind == b"trak":
            own = times.get(_facts(body).kind)
            if own is not None:
                shown = sum(edit.duration for edit in own.edits)
                body = _timed_track(body, own, shown)
            duration = max(duration, _track_duration(body))
        parts.append(_box(kind, body))
    parts = [_box(b"mvhd", _with_duration(_open(part), duration, movie_clock))
             if part[4:8] == b"mvhd" else part for part in parts]  # fmt: skip
    _put(path, offset, space, _box(b"moov", b"".join(parts)))


def _put(path: Path, offset: int, space: int, moov: bytes) -> None:
    left = space - len(moov)
    with path.open("r+b") as file:
        file.seek(offset)
        if left == 0 or left >= _HEADER:
            file.write(moov)
            if left:
                file.write(struct.pack(">I4s", left, b"free"))
        else:
            file.write(struct.pack(">I4s", space, b"free"))
            file.seek(0, 2)
            file.write(moov)


# --- reading --------------------------------------------------------------------------------------


def _index(path: Path) -> tuple[int, bytes, int] | None:
    """Where the index is, what is in it, and the bytes from there that may be written anew."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        position, found = 0, None
        while position + _HEADER <= end:
            file.seek(position)
            size, kind = struct.unpack(">I4s", file.read(_HEADER))
            header = _HEADER
            if size == 1:
                size, header = struct.unpack(">Q", file.read(8))[0], 16
            elif size == 0:
                size = end - position
            if size < header:
                return None
            if found is not None:
                begin, moov, space = found
                if kind == b"free" and position == begin + space:
                    return begin, moov, space + size
                return found
            if kind == b"moov":
                if size > _MOST_INDEX:
                    return None
                found = position, file.read(size - header), size
            position += size
    return found


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes in `data`: their kind and what is in them."""
    position = 0
    while position + _HEADER <= len(data):
        size, kind = struct.unpack_from(">I4s", data, position)
        header = _HEADER
        if size == 1:
            size, header = struct.unpack_from(">Q", data, position + _HEADER)[0], 16
        elif size == 0:
            size = len(data) - position
        if size < header or position + size > len(data):
            raise ValueError("a box is longer than what it stands in")
        yield kind, data[position + header : position + size]
        position += size


def inside(data: bytes, *kinds: bytes) -> bytes:
    """What is in the box that is reached by `kinds`, from outside in; KeyError: there is none."""
    for kind in kinds:
        data = next((body for one, body in boxes(data) if one == kind), b"")
        if not data:
            raise KeyError(kind)
    return data


def _facts(track: bytes) -> TrackFacts:
    header = inside(track, b"tkhd")
    matrix = struct.unpack_from(">9i", header, 52 if header[0] == 1 else 40)
    turn = tuple((one > 0) - (one < 0) for one in (matrix[0], matrix[1], matrix[3], matrix[4]))
    table = inside(track, b"mdia", b"minf", b"stbl")
    return TrackFacts(
        kind=inside(track, b"mdia", b"hdlr")[8:12].decode("latin-1"),
        samples=_samples(table),
        description=inside(table, b"stsd"),
        turn=_TURNS.get(turn, 0),
    )


def _samples(table: bytes) -> int:
    for kind, body in boxes(table):
        if kind in (b"stsz", b"stz2"):
            return int(struct.unpack_from(">I", body, 8)[0])
    return 0


# --- writing --------------------------------------------------------------------------------------


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", _HEADER + len(body), kind) + body


def _open(box: bytes) -> bytes:
    return box[_HEADER:]


def _changed(data: bytes, change: dict[bytes, Callable[[bytes], bytes]]) -> bytes:
    """The boxes in `data`, those of some kinds with other content."""
    return b"".join(
        _box(kind, change[kind](body) if kind in change else body) for kind, body in boxes(data)
    )


def _timed_track(track: bytes, times: TrackTimes, shown: int) -> bytes:
    length = sum(count * value for count, value in times.lengths)

    def table(body: bytes) -> bytes:
        kept = [_box(kind, inner) for kind, inner in boxes(body) if kind not in (b"stts", b"ctts")]
        new = [_box(b"stts", _runs(times.lengths, 0))]
        if any(value for _, value in times.offsets):
            negative = any(value < 0 for _, value in times.offsets)
            new.append(_box(b"ctts", _runs(times.offsets, 1 if negative else 0)))
        return b"".join([*kept[:1], *new, *kept[1:]])  # behind the description

    track = _changed(
        track,
        {
            b"tkhd": lambda body: _with_duration(body, shown, None),
            b"mdia": lambda media: _changed(
                media,
                {
                    b"mdhd": lambda body: _with_duration(body, length, times.clock),
                    b"minf": lambda inner: _changed(inner, {b"stbl": table}),
                },
            ),
        },
    )
    kept = [(kind, body) for kind, body in boxes(track) if kind != b"edts"]
    edits = _box(b"edts", _box(b"elst", _edit_list(times.edits)))
    parts = [_box(kind, body) for kind, body in kept]
    return parts[0] + edits + b"".join(parts[1:])


def _runs(runs: Runs, version: int) -> bytes:
    form = ">Ii" if version else ">II"
    data = b"".join(struct.pack(form, count, value) for count, value in runs)
    return struct.pack(">B3xI", version, len(runs)) + data


def _edit_list(edits: Sequence[Edit]) -> bytes:
    long = any(max(edit.duration, edit.start) >= _32_BITS // 2 for edit in edits)
    form = ">Qqhh" if long else ">Iihh"
    data = b"".join(struct.pack(form, edit.duration, edit.start, 1, 0) for edit in edits)
    return struct.pack(">B3xI", int(long), len(edits)) + data


def _with_duration(body: bytes, duration: int, clock: int | None) -> bytes:
    """A header (`mvhd`, `tkhd` or `mdhd`) with another duration and, if given, another clock.

    The longer form, with 64 bits for dates and duration, is written where it is needed.
    """
    version, flags = body[0], body[1:4]
    dates = struct.unpack_from(">QQ" if version else ">II", body, 4)
    middle_at = 20 if version else 12
    # A track's header has its number there, all others their clock.
    middle_length = 8 if clock is None else 4
    middle = body[middle_at : middle_at + middle_length]
    rest = body[middle_at + middle_length + (8 if version else 4) :]
    if clock is not None:
        middle = struct.pack(">I", clock)
    if duration < _32_BITS and all(date < _32_BITS for date in dates):
        head = b"\0" + flags + struct.pack(">II", *dates) + middle + struct.pack(">I", duration)
    else:
        head = b"\1" + flags + struct.pack(">QQ", *dates) + middle + struct.pack(">Q", duration)
    return head + rest


def _track_duration(track: bytes) -> int:
    """The length of a track that its header says, in units of the movie's clock."""
    header = inside(track, b"tkhd")
    return int(struct.unpack_from(">Q", header, 28)[0] if header[0] else
               struct.unpack_from(">I", header, 20)[0])  # fmt: skip
