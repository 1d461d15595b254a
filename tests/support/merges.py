"""Finished merges, and how far their audio is from their video."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from dateutil import tz

from footage.media import ffmpeg, merge
from footage.model import Clip, Window
from simulator.footage import read_clock
from support.media import (
    CHICAGO,
    ROAD,
    START,
    Shelf,
    at,
    beeps,
    complaints,
    frame_sums,
    frames,
    packet_sums,
    played,
    stamped,
)

ZONE = tz.gettz(CHICAGO)
IN_STEP = 0.040


class Merged:
    """A finished merge, and the note that came with it."""

    def __init__(self, clips: Sequence[Clip], shelf: Shelf, folder: Path, seconds: float) -> None:
        assert ZONE is not None
        self.clips, self.shelf = clips, shelf
        self.path = folder / "Road_Merged_Kim's Truck #1 %d.mp4"
        span = Window(at(0), at(seconds))
        self.note = merge.merge(clips, shelf.folder, self.path, span, ZONE)

    def of_clips(self, kind: str) -> list[str]:
        """The checksums of all clips in a row: of "frames", or of packets of "v" or "a"."""
        found: list[str] = []
        for clip in self.clips:
            path = self.shelf.folder / clip.path
            found += frame_sums(path) if kind == "frames" else packet_sums(path, kind)
        return found

    def has_the_clips_own_pictures(self) -> bool:
        return (
            packet_sums(self.path) == self.of_clips("v")
            and frame_sums(self.path) == self.of_clips("frames")
            and complaints(self.path) == ""
        )

    def out_of_step(self, *, ignored: float = 0.0) -> list[float]:
        """For every beep, how far (seconds) it is from the whole second that the picture shows.

        Both by time stamps and as a player hears it that just plays packet after packet;
        ignored: beeps before that moment of the film are left out
        """
        stamps, pictures = frames(self.path, (160, 120))
        clocks = [read_clock(picture) for picture in pictures]
        assert all(clocks)
        shown = [(clock[1] - START).total_seconds() for clock in clocks if clock]
        by_stamps = beeps(*stamped(self.path))
        by_playing = beeps(played(self.path), 16_000)
        assert len(by_stamps) == len(by_playing)
        wrong: list[float] = []
        for moment in [*by_stamps, *by_playing]:
            if moment >= ignored:
                # A beep may come a little before the frame it belongs to.
                frame = max(0, int(np.searchsorted(stamps, moment + IN_STEP)) - 1)
                clock = shown[frame] + moment - stamps[frame]
                wrong.append(clock - round(clock))
        return wrong


def uneven(shelf: Shelf, start: float, picture: float, sound: float) -> Clip:
    """A clip whose picture and sound last differently."""
    source = shelf.clip(ROAD, start, max(picture, sound))
    path = shelf.folder / f"uneven-{start}-{picture}-{sound}.mp4"
    if not path.exists():
        whole = str(shelf.folder / source.path)
        ffmpeg.run(
            ["-t", str(picture), "-i", whole, "-t", str(sound), "-i", whole]
            + ["-map", "0:v", "-map", "1:a", "-c", "copy", str(path)]
        )
    return shelf.known(path, start)
