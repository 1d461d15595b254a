"""What an MP4's index says of its packets is what ffmpeg reads, or is left to ffmpeg."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footage.errors import FfmpegError
from footage.media import ffmpeg, mp4_boxes, mp4_samples, packets
from footage.media.packets import Stream

X264 = ["-c:v", "libx264", "-g", "5"]

# The options that a file is written with; what is read without ffmpeg, then what is left to it.
PLAIN: dict[str, list[str]] = {
    "frames stored out of order": [*X264, "-bf", "2"],
    "frames in order": [*X264, "-bf", "0"],
    "index at the front": [*X264, "-movflags", "+faststart"],
    "key frames only": [*X264, "-g", "1"],
    "another clock": [*X264, "-video_track_timescale", "30000", "-r", "30000/1001"],
    "uneven times": [*X264, "-vf", "settb=1/1000,setpts=N*N*7", "-enc_time_base", "1:1000"],
    "time code": [*X264, "-timecode", "13:30:00:00"],
    "hevc": ["-c:v", "libx265", "-x265-params", "log-level=none"],
    "quicktime": [*X264, "-f", "mov"],
    "picture behind the sound": [*X264, "-map", "1:a", "-map", "0:v"],
}
LEFT_TO_FFMPEG: dict[str, list[str]] = {
    "picture late": [*X264, "-vf", "setpts=PTS+0.5/TB"],
    "times before decoding": [*X264, "-bf", "2", "-movflags", "+negative_cts_offsets"],
    "fragments": [*X264, "-movflags", "empty_moov+default_base_moof+frag_keyframe"],
    "mpeg4": ["-c:v", "mpeg4"],
    "matroska": [*X264, "-f", "matroska"],
    "two pictures": [*X264, "-map", "0:v", "-map", "0:v"],
}


def make(path: Path, options: Sequence[str]) -> Path:
    sources = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=10:d=2", "-f", "lavfi", "-i", "sine=d=2"]
    end = [] if "-f" in options else ["-f", "mp4"]
    try:
        ffmpeg.run([*sources, "-pix_fmt", "yuv420p", *options, *end, str(path)])
    except FfmpegError as error:
        if "Unknown encoder" in error.detail:
            pytest.skip(f"this ffmpeg has no such encoder: {error.detail.splitlines()[-1]}")
        raise
    return path


def facts(stream: Stream) -> list[object]:
    return [
        stream.pts,
        stream.durations,
        stream.last_duration,
        stream.keys,
        stream.hidden,
        stream.leading,
        stream.facts["tb"],
        stream.facts["extradata"],
    ]


@pytest.mark.parametrize("name", PLAIN)
def test_the_index_says_what_ffmpeg_reads(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / "clip.mp4", PLAIN[name])
    read = mp4_samples.video(path)
    assert read is not None
    (listed,) = packets.listed(path, [packets.VIDEO], None)
    assert facts(read) == facts(listed)


@pytest.mark.parametrize("name", LEFT_TO_FFMPEG)
def test_what_is_not_plain_is_left_to_ffmpeg(tmp_path: Path, name: str) -> None:
    assert mp4_samples.video(make(tmp_path / "clip.mp4", LEFT_TO_FFMPEG[name])) is None


def test_a_stretch_cut_out_is_left_to_ffmpeg(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mp4", X264)
    cut = tmp_path / "cut.mp4"
    ffmpeg.run(["-ss", "0.7", "-i", str(whole), "-c", "copy", str(cut)])
    assert mp4_samples.video(cut) is None


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = [*X264, "-an", "-movflags", "+faststart"]
    return make(tmp_path_factory.mktemp("clip") / "clip.mp4", options)


def test_a_file_without_its_end_is_left_to_ffmpeg(clip: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    content = clip.read_bytes()
    cut.write_bytes(content[:-1])
    assert mp4_samples.video(cut) is None
    cut.write_bytes(b"")
    assert mp4_samples.video(cut) is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_changed_index_is_no_traceback(data: st.DataObject, clip: Path, tmp_path: Path) -> None:
    content = bytearray(clip.read_bytes())
    begin = content.index(b"moov")
    moov = mp4_boxes.index(clip)
    assert moov is not None
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(begin, begin + len(moov)))
        content[place] = data.draw(st.integers(0, 255))
    changed = tmp_path / "changed.mp4"
    changed.write_bytes(content)
    read = mp4_samples.video(changed)
    assert read is None or len(read.pts) > 0
