"""After many clips sound is where it was in each: by time stamps and counted packet by packet."""

from __future__ import annotations

from pathlib import Path, PurePath

import numpy as np
import pytest
from support.media import at, beeps, played, stamped
from support.merges import ZONE

from footage.media import ffmpeg, merge
from footage.media.probe import probe
from footage.model import Clip, Window

LENGTHS = (0.8, 1.0, 1.2)  # seconds of picture; never a whole number of packets of sound
ROUNDS = 5
BY_STAMPS = 0.010
HALF_A_PACKET = 512  # samples
EXACT = 1e-6
ONE_BEEP = "if(between(t,0.3,0.4),0.5*sin(2*PI*1000*t),0)"


def make(path: Path, seconds: float, rate: int) -> Clip:
    ffmpeg.run(
        ["-f", "lavfi", "-i", f"color=s=64x48:r=5:d={seconds}"]
        + ["-f", "lavfi", "-i", f"aevalsrc='{ONE_BEEP}':s={rate}:d={seconds}"]
        + ["-c:v", "mpeg4", "-c:a", "aac", "-b:a", "24k", str(path)]
    )
    window = Window(at(0), at(seconds))
    return Clip(PurePath(path.name), window, at(0), probe(path), 1, path.stem)


@pytest.mark.many_cases
@pytest.mark.parametrize("rate", [8_000, 16_000, 32_000, 44_100, 48_000])
def test_after_many_clips_the_sound_has_not_drifted(tmp_path: Path, rate: int) -> None:
    assert ZONE is not None
    clips = [make(tmp_path / f"{seconds}.mp4", seconds, rate) for seconds in LENGTHS] * ROUNDS
    own = {one.path: beeps(*stamped(tmp_path / one.path)) for one in clips}
    assert all(len(one) == 1 for one in own.values())
    begins = np.cumsum([0.0, *(one.duration for one in clips)])
    expected = [begin + own[one.path][0] for begin, one in zip(begins, clips, strict=False)]
    target = tmp_path / "merged.mp4"
    assert merge.merge(clips, tmp_path, target, Window(at(0), at(16)), ZONE) == ""
    by_stamps, by_counting = beeps(*stamped(target)), beeps(played(target, rate), rate)
    assert len(by_stamps) == len(by_counting) == len(expected)
    assert np.abs(np.subtract(by_stamps, expected)).max() <= BY_STAMPS
    assert np.abs(np.subtract(by_counting, expected)).max() <= HALF_A_PACKET / rate + EXACT
