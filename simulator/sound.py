"""Draws the sound of a clip: a beep at each whole second of the wall clock, else near silence."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
BEEP_SECONDS = 0.1
_BEEP_LEVEL, _NOISE_LEVEL = 12_000, 20


def samples(tone: int, start: datetime, seconds: float) -> npt.NDArray[np.int16]:
    """Mono samples from `start` (UTC) on; each beep begins on the first sample of its second."""
    count = round(seconds * SAMPLE_RATE)
    wave = np.random.default_rng(tone).normal(0, _NOISE_LEVEL, count)
    into_second = start.microsecond / 1e6
    beep = _beep(tone)
    for second in range(math.ceil(into_second + seconds) + 1):
        first = math.ceil((second - into_second) * SAMPLE_RATE - 1e-6)
        begin, end = max(first, 0), min(first + len(beep), count)
        if begin < end:
            wave[begin:end] += beep[begin - first : end - first]
    return wave.astype(np.int16)


def _beep(tone: int) -> npt.NDArray[np.float64]:
    time = np.arange(round(BEEP_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(_BEEP_LEVEL * np.sin(2 * np.pi * tone * time))
