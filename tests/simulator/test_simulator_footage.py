"""The simulated footage: a readable clock, a beep each second, always the same."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from support.bare_client import DRIVER, FFMPEG, ROAD, SMALL, START, decode

from simulator import CAMERAS
from simulator.footage import ENCODERS, Content, DrawingStoppedError, draw, read_clock
from simulator.sound import SAMPLE_RATE


@pytest.mark.parametrize(
    ("width", "height", "factor"),
    [(160, 120, 0.5), (160, 120, 2), (214, 120, 0.75), (352, 240, 0.5)],
)
@pytest.mark.parametrize("preset", ["ultrafast", "medium"])
def test_the_clock_survives_scaling_and_encoding(
    tmp_path: Path, width: int, height: int, factor: float, preset: str
) -> None:
    model = replace(CAMERAS["analog2"], width=width, height=height, fps=5)
    start = START + timedelta(seconds=0.3)
    original, again = tmp_path / "a.mp4", tmp_path / "b.mp4"
    draw(Content("Truck 42", model, start, 4), original)
    size = (int(width * factor) // 2 * 2, int(height * factor) // 2 * 2)
    command = [FFMPEG, "-v", "error", "-i", str(original), "-vf", f"scale={size[0]}:{size[1]}"]
    command += ["-c:v", "libx264", "-preset", preset, "-crf", "23", str(again)]
    subprocess.run(command, check=True)
    expected = [(4, start + timedelta(seconds=frame / 5)) for frame in range(20)]
    assert [read_clock(frame) for frame in decode(again, *size)] == expected
    assert [read_clock(frame[..., 0]) for frame in decode(original, width, height)] == expected


def test_no_clock_is_read_where_there_is_none() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8)
    for frame in (noise, np.zeros((120, 160)), np.full((120, 160), 255), np.full((9, 9), 128)):
        assert read_clock(frame) is None


def test_the_top_is_free_for_labels(tmp_path: Path) -> None:
    model = SMALL[ROAD]
    draw(Content("Truck 42", model, START, 1), tmp_path / "a.mp4")
    top = decode(tmp_path / "a.mp4", 160, 120)[0][:14].mean(axis=2)
    assert top.min() > 40
    assert top.max() < 220


def test_each_second_begins_with_a_beep(tmp_path: Path) -> None:
    model = replace(SMALL[DRIVER], sound=True)
    draw(Content("Truck 42", model, START + timedelta(seconds=0.25), 4), tmp_path / "a.mp4")
    command = [FFMPEG, "-v", "error", "-i", str(tmp_path / "a.mp4"), "-f", "s16le", "pipe:1"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    wave = np.abs(np.frombuffer(raw, np.int16).astype(float))
    loud = np.flatnonzero(wave > 3000)
    begins = loud[np.flatnonzero(np.diff(loud, prepend=-SAMPLE_RATE) > SAMPLE_RATE // 2)]
    assert begins / SAMPLE_RATE == pytest.approx([0.75, 1.75, 2.75, 3.75], abs=0.004)


def test_drawing_can_be_stopped_and_reports_ffmpegs_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = Content("Truck 42", SMALL[ROAD], START, 60)
    with pytest.raises(DrawingStoppedError):
        draw(content, tmp_path / "a.mp4", lambda: True)
    monkeypatch.setitem(ENCODERS, "a", ("-c:v", "no-such-codec"))
    with pytest.raises(RuntimeError, match="no-such-codec"):
        draw(content, tmp_path / "a.mp4")


def test_the_same_clip_is_always_drawn_the_same(tmp_path: Path) -> None:
    content = Content("Truck 42", CAMERAS[ROAD], START, 1)
    for name in ("a.mp4", "b.mp4"):
        draw(content, tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_encoder_settings_differ_for_the_decoder(tmp_path: Path) -> None:
    descriptions = set()
    for encoder in ("a", "b", "mpeg4"):
        model = replace(SMALL[ROAD], encoder=encoder)
        draw(Content("Truck 42", model, START, 1), tmp_path / "a.mp4")
        assert len(decode(tmp_path / "a.mp4", 160, 120)) == 5
        data = (tmp_path / "a.mp4").read_bytes()
        marker = b"esds" if encoder == "mpeg4" else b"avcC"
        descriptions.add(data[data.index(marker) :][:40])
    assert len(descriptions) == 3


def test_a_still_is_drawn_the_same_each_time(tmp_path: Path) -> None:
    content = Content("Truck 42", SMALL[ROAD], START, 0)
    for name in ("a", "b"):
        draw(content, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_same_window_at_another_pace_is_another_file() -> None:
    model = SMALL[ROAD]
    names = {Content("Truck 42", model, START, 60, pace).file_name for pace in (1.0, 10.0, 30.0)}
    assert len(names) == 3
    assert Content("Truck 42", model, START, 1, 30.0).count == 1
