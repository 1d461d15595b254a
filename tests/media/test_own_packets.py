"""That a merge holds its clips' own packets can be shown from the files alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath

import pytest
from support.media import at
from support.merges import ZONE

from footage.media import ffmpeg, merge
from footage.media.own_packets import compare_audio, compare_video
from footage.media.probe import probe
from footage.model import Clip, Window

SOURCE = "testsrc2=s=64x48:r=10:d=1"
SOUND = ["-c:a", "aac", "-b:a", "32k"]
CODECS = {
    "h264": ["-c:v", "libx264", "-preset", "ultrafast"],
    "hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"],
    "mpeg4": ["-c:v", "mpeg4"],
    "mjpeg": ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"],
}
# Other parameter sets than those of CODECS, where the codec has any.
OTHERS = {
    "h264": ["-c:v", "libx264", "-profile:v", "high", "-refs", "3", "-bf", "2", "-b_strategy", "0"],
    "hevc": ["-c:v", "libx265", "-preset", "fast", "-x265-params", "log-level=none:bframes=2"],
    "mpeg4": ["-c:v", "mpeg4", "-bf", "2"],
}


def make(path: Path, *options: str, number: int = 0) -> Path:
    """A second of moving picture and sound, another one for each number."""
    sources = ["-f", "lavfi", "-i", f"{SOURCE},hue=h={40 * number}"]
    sources += ["-f", "lavfi", "-i", f"sine=f={300 + 100 * number}:r=16000:d=1"]
    if not path.exists():
        ffmpeg.run([*sources, "-pix_fmt", "yuv420p", *options, *SOUND, str(path)])
    return path


def merged(paths: Sequence[Path], target: Path) -> Path:
    assert ZONE is not None
    clips, start = list[Clip](), 0.0
    for path in paths:
        tracks = probe(path)
        window = Window(at(start), at(start + 1))
        clips.append(Clip(PurePath(path.name), window, at(start), tracks, 1, path.stem))
        start += tracks.video.duration
    merge.merge(clips, paths[0].parent, target, Window(at(0), at(start)), ZONE)
    return target


@pytest.mark.many_cases
@pytest.mark.parametrize("codec", CODECS)
def test_a_merge_is_the_packets_of_its_clips(tmp_path: Path, codec: str) -> None:
    clips = [make(tmp_path / f"{n}.mp4", *CODECS[codec], number=n) for n in range(3)]
    made = merged(clips, tmp_path / "merged.mp4")
    video = compare_video(made, clips)
    assert video.all_copied
    assert (video.own, video.left_out) == (30, (0, 0, 0))
    audio = compare_audio(made, clips)
    assert audio.own >= 3 * 14
    assert audio.added <= 1


@pytest.mark.many_cases
@pytest.mark.parametrize("codec", OTHERS)
def test_other_parameter_sets_stand_beside_the_own_packets(tmp_path: Path, codec: str) -> None:
    clips = [make(tmp_path / "a.mp4", *CODECS[codec]),
             make(tmp_path / "b.mp4", *OTHERS[codec], number=1),
             make(tmp_path / "c.mp4", *CODECS[codec], number=2)]  # fmt: skip
    made = merged(clips, tmp_path / "merged.mp4")
    assert compare_video(made, clips).all_copied


def test_a_clip_that_was_reencoded_is_told_from_the_others(tmp_path: Path) -> None:
    clips = [make(tmp_path / "a.mp4", *CODECS["h264"]), make(tmp_path / "b.mp4", *CODECS["mpeg4"])]
    clips.append(make(tmp_path / "c.mp4", *CODECS["h264"], number=2))
    video = compare_video(merged(clips, tmp_path / "merged.mp4"), clips)
    assert not video.all_copied
    assert (video.own, video.added, video.left_out) == (20, 10, (0, 10, 0))


def test_packets_that_an_edit_list_hides_are_compared_too(tmp_path: Path) -> None:
    whole = make(tmp_path / "whole.mp4", *CODECS["h264"], number=1)
    cut, plain = tmp_path / "cut.mp4", make(tmp_path / "plain.mp4", *CODECS["h264"])
    ffmpeg.run(["-ss", "0.55", "-i", str(whole), "-c", "copy", str(cut)])
    made = merged([plain, cut, plain], tmp_path / "merged.mp4")
    video = compare_video(made, [plain, cut, plain])
    assert video.all_copied
    assert video.own == 30


@pytest.mark.many_cases
@pytest.mark.parametrize("change", ["one byte", "order", "one clip less"])
def test_what_is_not_the_clips_own_is_seen(tmp_path: Path, change: str) -> None:
    clips = [make(tmp_path / f"{n}.mp4", *CODECS["mpeg4"], number=n) for n in range(3)]
    made = merged(clips, tmp_path / "merged.mp4")
    if change == "one byte":
        data = bytearray(clips[1].read_bytes())
        data[data.index(b"mdat") + 2000] ^= 1
        clips[1].write_bytes(data)
    elif change == "order":
        clips.reverse()
    else:
        clips.pop()
    assert not compare_video(made, clips).all_copied


def test_sound_that_was_encoded_anew_is_told(tmp_path: Path) -> None:
    clips = [make(tmp_path / "a.mp4", *CODECS["mpeg4"])]
    ffmpeg.run(["-i", str(clips[0]), "-c:v", "copy", "-c:a", "libmp3lame",
                str(tmp_path / "b.mp4")])  # fmt: skip
    clips.append(tmp_path / "b.mp4")
    made = merged(clips, tmp_path / "merged.mp4")
    assert compare_video(made, clips).all_copied
    audio = compare_audio(made, clips)
    assert audio.own == 0
    assert audio.added


def test_a_clip_without_sound_leaves_none_out(tmp_path: Path) -> None:
    silent = tmp_path / "silent.mp4"
    one = make(tmp_path / "0.mp4", *CODECS["h264"])
    ffmpeg.run(["-i", str(one), "-an", "-c", "copy", str(silent)])
    assert compare_audio(one, [silent]).left_out == (0,)
    assert compare_audio(silent, [silent]).own == 0
