"""Pieces of sound that are put end to end play as one: no seam, no drift, nothing out of place."""

from __future__ import annotations

import subprocess
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from footage.errors import Interrupted
from footage.media import ffmpeg
from footage.media.audio import FRAME, RATE, Part, frame_at, render

TONE = 440
Wave = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def sine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds of one tone at half loudness, exact to the sample."""
    path = tmp_path_factory.mktemp("sound") / "sine.wav"
    ffmpeg.run(
        [
            "-f",
            "lavfi",
            "-i",
            f"aevalsrc='0.5*sin(2*PI*{TONE}*t)|0.5*sin(2*PI*{TONE}*t)':s={RATE}:d=6:c=stereo",
            str(path),
        ]
    )
    return path


def heard(path: Path) -> Wave:
    """What a bare stream plays, from its first packet on; left channel, -1..1."""
    command = [ffmpeg.binary(), "-nostdin", "-v", "error", "-i", str(path)]
    done = subprocess.run(
        [*command, "-ar", str(RATE), "-f", "f32le", "-"], capture_output=True, check=True
    )
    return np.frombuffer(done.stdout, np.float32).reshape(-1, 2)[:, 0].astype(np.float64)


def packets(path: Path) -> int:
    """How many packets a bare stream holds; each header tells its length (ISO/IEC 13818-7, 6.2)."""
    data, at, count = path.read_bytes(), 0, 0
    while at < len(data):
        assert data[at] == 0xFF
        at += (data[at + 3] & 0b11) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        count += 1
    assert at == len(data)
    return count


def tone(first: int, count: int) -> Wave:
    """The tone from sample `first` of the film on."""
    return np.asarray(0.5 * np.sin(2 * np.pi * TONE * np.arange(first, first + count) / RATE))


def test_a_piece_has_exactly_the_packets_asked_for(sine: Path, tmp_path: Path) -> None:
    for first, last in ((0, 1), (0, 94), (94, 188), (200, 201)):
        render([Part(0, 6, sine)], first, last, tmp_path / "piece.aac")
        assert packets(tmp_path / "piece.aac") == last - first


def test_pieces_put_end_to_end_play_without_a_seam(sine: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.aac"
    borders = [0, 47, 94, 95, 188]
    with whole.open("wb") as file:
        for first, last in pairwise(borders):
            render([Part(0, 6, sine)], first, last, tmp_path / "piece.aac")
            file.write((tmp_path / "piece.aac").read_bytes())
    played = heard(whole)
    assert len(played) == 188 * FRAME
    for border in borders[1:-1]:
        around = slice((border - 2) * FRAME, (border + 2) * FRAME)
        wrong = np.abs(played[around] - tone(around.start, 4 * FRAME))
        assert wrong.max() < 0.02


def test_sound_is_placed_to_the_sample(sine: Path, tmp_path: Path) -> None:
    render([Part(1.25, 3, sine, clip_start=1.25)], 0, 188, tmp_path / "piece.aac")
    played = heard(tmp_path / "piece.aac")
    begin = round(1.25 * RATE)
    stretch = slice(begin + 4 * FRAME, begin + 40 * FRAME)
    assert np.abs(played[stretch] - tone(4 * FRAME, 36 * FRAME)).max() < 0.02


def test_where_there_is_no_part_there_is_silence(sine: Path, tmp_path: Path) -> None:
    render([Part(1, 2, sine, 1), Part(3, 3.5, None)], 0, 188, tmp_path / "piece.aac")
    played = np.abs(heard(tmp_path / "piece.aac"))
    assert played[: RATE - 2 * FRAME].max() < 0.01
    assert played[RATE + FRAME : 2 * RATE - FRAME].max() > 0.4
    assert played[2 * RATE + 2 * FRAME :].max() < 0.01


def test_without_any_part_it_is_all_silence(tmp_path: Path) -> None:
    render([], 10, 20, tmp_path / "piece.aac")
    assert packets(tmp_path / "piece.aac") == 10
    assert np.abs(heard(tmp_path / "piece.aac")).max() < 1e-3


def test_parts_that_overlap_are_heard_one_after_the_other(sine: Path, tmp_path: Path) -> None:
    render([Part(0, 2, sine), Part(1, 3, sine, 0)], 0, 140, tmp_path / "piece.aac")
    played = heard(tmp_path / "piece.aac")
    assert np.abs(played[: 130 * FRAME]).max() < 0.53  # never twice at once


def test_sound_shorter_than_its_part_is_followed_by_silence(sine: Path, tmp_path: Path) -> None:
    render([Part(0, 8, sine)], 0, frame_at(8), tmp_path / "piece.aac")
    played = np.abs(heard(tmp_path / "piece.aac"))
    assert len(played) == 375 * FRAME
    assert played[round(6.1 * RATE) :].max() < 0.01


def test_a_stop_leaves_no_file(sine: Path, tmp_path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        render([Part(0, 6, sine)], 0, 188, tmp_path / "piece.aac", stop)
    assert list(tmp_path.iterdir()) == []


def test_minutes_meet_on_the_grid() -> None:
    assert frame_at(0) == 0
    assert all(
        abs(frame_at(60.0 * n) * FRAME / RATE - 60 * n) < FRAME / RATE / 2 + 1e-9 for n in range(9)
    )
