"""What a side-by-side is made of, frame by frame: plain data, and fingerprints of it.

A side-by-side of sped-up footage is sped up as well: its pace is how many seconds of the wall clock
go by in one second of it. Its "minutes", which are rendered one by one, are those of its own time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from footage.media import audio, encoder
from footage.media.drawn_text import BLANKS
from footage.media.layout import Layout
from footage.system import timezones


# Some of these have more than seven fields: they list all that decides a picture, fingerprints are
# made of them, and each is built in one place, by name.
@dataclass(frozen=True)
class TileSegment:
    """One stretch of a tile, in frames `first` up to `last` (exclusive): a clip, or a gap.

    path:         of the clip; "" for a gap
    clip_start:   seconds of the side-by-side at which the clip's first frame belongs
    speed:        seconds of the side-by-side that one second of the clip's file takes
    seek_preroll: seconds of the file in which there is a frame for sure: a reader that begins so
                  much earlier has one to show
    lines:        what stands in the tile where there is no clip
    """

    first: int
    last: int
    path: str = ""
    clip_start: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    seek_preroll: Fraction = Fraction(1, 2)
    sha256: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """The running clock of one minute, a picture for each `step` seconds of the wall clock.

    first_moment:  when the first picture begins, at or before the minute's first frame: at a whole
                   second, or at that frame where one frame is more than a second
    offset:        seconds of the wall clock from there to the first frame
    count:         how many pictures there are
    first_text:    the first moment as it is written; brings zone and wording into the fingerprint
    overlay_texts: what the vehicle's sensors measured, for each picture; empty: it is not shown
    """

    first_moment: datetime
    offset: Fraction
    step: Fraction
    count: int
    name: str
    first_text: str
    overlay_texts: tuple[str, ...]
    tz: tzinfo = field(repr=False, compare=False)

    def moments(self) -> list[datetime]:
        """The wall clock at the beginning of each picture."""
        steps = (timedelta(seconds=float(n * self.step)) for n in range(self.count))
        return [self.first_moment + step for step in steps]

    def texts(self) -> list[str]:
        """What stands there in each picture: the time, and the vehicle."""
        return [f"{timezones.clock_text(at, self.tz)}{BLANKS}{self.name}" for at in self.moments()]


@dataclass(frozen=True)
class Minute:
    """All that decides the pictures of one minute; frames `first` up to `last` (exclusive).

    encoder: name of the encoder's settings, of `encoder.SIDE_BY_SIDE`
    """

    number: int
    first: int
    last: int
    rate: Fraction
    pace: int
    layout: Layout
    names: tuple[str, ...]
    tiles: tuple[tuple[TileSegment, ...], ...]
    clock: Clock | None
    encoder: str = field(repr=False)

    @property
    def seconds(self) -> float:
        return float((self.last - self.first) / self.rate)

    @cached_property
    def fingerprint(self) -> str:
        return _fingerprint(self, encoder.SIDE_BY_SIDE[self.encoder])


class AudioPart(NamedTuple):
    """From `start` to `end` (seconds of the side-by-side) the audio of the clip `path` is heard.

    clip_start: seconds of the side-by-side at which the clip begins
    """

    start: float
    end: float
    path: str
    clip_start: float
    sha256: str


@dataclass(frozen=True)
class AudioMinute:
    """All that decides the audio of one minute; AAC frames `first` up to `last` (exclusive)."""

    number: int
    first: int
    last: int
    parts: tuple[AudioPart, ...]

    @cached_property
    def fingerprint(self) -> str:
        return _fingerprint(self, audio.ENCODER)


@dataclass(frozen=True)
class SideBySidePlan:
    """The whole plan; a minute that may still change is None.

    audio_from: name of the camera whose audio it has, as shown to the person; "": it has none
    duration:   seconds
    pace:       seconds of the wall clock in one second of the side-by-side
    """

    minutes: tuple[Minute | None, ...]
    audio: tuple[AudioMinute | None, ...]
    audio_from: str
    duration: float
    pace: int


def _fingerprint(plan: Minute | AudioMinute, settings: Sequence[str]) -> str:
    return hashlib.sha256(f"{_text(plan)} {settings!r}".encode()).hexdigest()[:20]


# Rendered minutes are kept under their fingerprints. So these are made of the names that classes
# and fields had at first: what was rendered before a renaming is not rendered again after it.
_FIRST_NAMES = {
    "TileSegment": "Shown",
    "TileSegment.clip_start": "zero",
    "TileSegment.seek_preroll": "lead",
    "TileSegment.lines": "words",
    "Clock.first_moment": "whole",
    "Clock.offset": "shift",
    "Clock.overlay_texts": "told",
    "AudioMinute": "SoundPiece",
}


def _text(value: object) -> str:
    """`repr` of a value, with dataclasses and their fields under their first names."""
    if isinstance(value, tuple):
        inner = ", ".join(map(_text, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if not is_dataclass(value):
        return repr(value)
    name = type(value).__name__
    inner = ", ".join(
        f"{_FIRST_NAMES.get(f'{name}.{one.name}', one.name)}={_text(getattr(value, one.name))}"
        for one in fields(value)
        if one.repr
    )
    return f"{_FIRST_NAMES.get(name, name)}({inner})"
