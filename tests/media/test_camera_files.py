"""Files as cameras and clouds write them: each frame is in the merge once, at its true time.

The brightness of a frame tells its number, so that it can be read from any file made of it.
"""

from __future__ import annotations

from pathlib import Path, PurePath

import numpy as np
import pytest
from support.media import at, frames, raw
from support.merges import ZONE

from footage.media import ffmpeg, merge
from footage.media.probe import probe
from footage.model import Clip, Window

SIZE = (64, 48)

# How each file is made of the base clip `g.mp4`, and what it holds: frames shown, and the
# length in seconds.
FILES: dict[str, tuple[list[str], int, float]] = {
    "sound first": (["-map", "0:a", "-map", "0:v", "-c", "copy"], 45, 3),
    "frames out of order": (["-c:v", "libx264", "-bf", "2", "-g", "15", "-c:a", "copy"], 45, 3),
    "a frame lost": (["-c", "copy", "-bsf:v", "noise=drop='eq(n,40)'"], 44, 3),
    "a hole": (["-c", "copy", "-bsf:v", "noise=drop='between(n,15,29)'"], 30, 3),
    "no key frame": (["-c", "copy", "-copyinkf", "-bsf:v", "noise=drop='lt(n,5)'"], 30, 3),
    "another clock": (["-c", "copy", "-video_track_timescale", "90000"], 45, 3),
    "one frame": (["-frames:v", "1", "-an", "-c", "copy"], 1, 1 / 15),
}
HOLES = {"a hole": ((1.0, 2.0),), "no key frame": ((0.0, 1.0),)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("camera-files")
    base = made / "g.mp4"
    ffmpeg.run(
        ["-f", "lavfi", "-i", "color=s=64x48:r=15:d=3,format=gray,geq=lum=40+4*N"]
        + ["-f", "lavfi", "-i", "sine=f=440:r=16000:d=3", "-c:v", "libx264", "-g", "15"]
        + ["-preset", "ultrafast", "-bf", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", str(base)]
    )
    for name, (arguments, *_) in FILES.items():
        ffmpeg.run(["-i", str(base), *arguments, str(made / f"{name}.mp4")])
    source = str(base)
    ffmpeg.run(["-itsoffset", "0.5", "-i", source, "-i", source, "-map", "0:v", "-map", "1:a"]
               + ["-c", "copy", str(made / "picture late.mp4")])  # fmt: skip
    (made / "gps.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nGPS\n", encoding="utf-8")
    ffmpeg.run(["-i", str(made / "gps.srt"), "-i", source, "-map", "0:s", "-map", "1:v"]
               + ["-map", "1:a", "-c", "copy", "-c:s", "mov_text"]
               + [str(made / "subtitles first.mp4")])  # fmt: skip
    ffmpeg.run(["-i", source, "-an", "-c", "copy", str(made / "no sound.mp4")])
    ffmpeg.run(["-ss", "0.6", "-i", source, "-c", "copy", str(made / "frames hidden.mp4")])
    return made


def clip(folder: Path, name: str, start: float) -> Clip:
    tracks = probe(folder / f"{name}.mp4")
    window = Window(at(start), at(start + 3))
    return Clip(PurePath(f"{name}.mp4"), window, at(start), tracks, 1, name)


def pictures(path: Path) -> tuple[list[float], list[float]]:
    """When each frame is shown, and how bright it is."""
    stamps, _ = frames(path, SIZE)
    return stamps, [float(one.mean()) for one in raw(path, [], "gray").reshape(len(stamps), -1)]


@pytest.mark.many_cases
@pytest.mark.parametrize("name", [*FILES, "picture late", "frames hidden", "subtitles first"])
@pytest.mark.parametrize("order", ["before", "after"])
def test_every_frame_is_merged_once_and_on_time(
    folder: Path, tmp_path: Path, name: str, order: str
) -> None:
    names = [name, "g"] if order == "before" else ["g", name]
    merged_as_the_clips_are(folder, tmp_path, names)


@pytest.mark.many_cases
@pytest.mark.parametrize("name", ["sound first", "subtitles first"])
def test_a_camera_that_is_silent_at_first(folder: Path, tmp_path: Path, name: str) -> None:
    merged_as_the_clips_are(folder, tmp_path, ["no sound", name])


def merged_as_the_clips_are(folder: Path, tmp_path: Path, names: list[str]) -> None:
    """Merge files, three seconds each, and compare what is shown and when with each of them."""
    assert ZONE is not None
    clips = [clip(folder, one, 3 * number) for number, one in enumerate(names)]
    target = tmp_path / "merged.mp4"
    assert merge.merge(clips, folder, target, Window(at(0), at(6)), ZONE) == ""
    stamps, brightness = pictures(target)
    expected_stamps: list[float] = []
    expected: list[float] = []
    begin = 0.0
    for one in clips:
        own_stamps, own = pictures(folder / one.path)
        expected_stamps += [begin + stamp for stamp in own_stamps]
        expected += own
        begin += one.duration
    assert len(stamps) == len(expected_stamps)
    assert np.allclose(stamps, expected_stamps, atol=1e-3)
    assert np.allclose(brightness, expected, atol=1)


@pytest.mark.many_cases
@pytest.mark.parametrize("name", FILES)
def test_what_a_file_shows_is_measured(folder: Path, name: str) -> None:
    _, shown, seconds = FILES[name]
    video = probe(folder / f"{name}.mp4").video
    assert len(pictures(folder / f"{name}.mp4")[0]) == shown
    assert video.duration == pytest.approx(seconds, abs=1e-3)
    assert np.allclose(video.holes, HOLES.get(name, ()), atol=1e-3)


def test_late_and_hidden_pictures_are_measured(folder: Path) -> None:
    late, hidden = (probe(folder / f"{n}.mp4").video for n in ("picture late", "frames hidden"))
    assert late.duration == pytest.approx(3.5)
    assert late.holes == ((0.0, 0.5),)
    assert hidden.duration == pytest.approx(2.4, abs=0.07)
    assert not hidden.holes
