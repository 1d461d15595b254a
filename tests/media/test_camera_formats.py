"""Formats that cameras write: merged by copying, and read as the clips are."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePath

import numpy as np
import pytest
from support.media import Frames, at, complaints, frame_sums, listing, raw
from support.merges import ZONE

from footage.errors import FfmpegError
from footage.media import ffmpeg, merge, mp4_boxes
from footage.media.own_packets import compare_audio, compare_video
from footage.media.probe import probe
from footage.model import Clip, Window

X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "5"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"]
AAC = ["-c:a", "aac", "-b:a", "32k"]
ENCODED_SOUND = "its sound was encoded anew to keep it in step"

# Each format with what its files are made by, and the note of its merge.
FORMATS: dict[str, tuple[list[str], str]] = {
    "h264": ([*X264, *AAC], ""),
    "hevc": ([*X265, *AAC], ""),
    "hevc marked otherwise": ([*X265, "-tag:v", "hev1", *AAC], ""),
    "mpeg4": (["-c:v", "mpeg4", *AAC], ""),
    "mjpeg": (["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", *AAC], ""),
    "10 bit": ([*X264, "-pix_fmt", "yuv420p10le", *AAC], ""),
    "10 bit hevc": ([*X265, "-pix_fmt", "yuv420p10le", *AAC], ""),
    "full range": ([*X264, "-pix_fmt", "yuvj420p", "-color_range", "pc", *AAC], ""),
    "interlaced, oblong pixels": (
        [*X264, "-flags", "+ildct+ilme", "-x264-params", "tff=1", "-vf", "setsar=16/11", *AAC],
        "",
    ),
    "fragments": ([*X264, *AAC, "-movflags", "empty_moov+default_base_moof+frag_keyframe"], ""),
    "index at the front": ([*X264, *AAC, "-movflags", "+faststart"], ""),
    "time code": ([*X264, *AAC, "-timecode", "13:30:00:00"], ""),
    "no sound": ([*X264, "-an"], ""),
    "stereo": ([*X264, *AAC, "-ac", "2"], ""),
    "mp3 sound": ([*X264, "-c:a", "libmp3lame"], ENCODED_SOUND),
    "pcm sound": ([*X264, "-c:a", "pcm_s16le", "-f", "mov"], ENCODED_SOUND),
    "transport stream": ([*X264, *AAC, "-f", "mpegts"], ""),
    "transport stream at the end of its clock": (
        [*X264, *AAC, "-output_ts_offset", "95443", "-f", "mpegts"],
        "",
    ),
    "matroska": ([*X264, *AAC, "-f", "matroska"], ""),
}
SECONDS = 1.5
FRAMES = 15


def make(path: Path, options: Sequence[str], number: int = 0) -> Path:
    """A moving picture with sound, another one for each number."""
    sources = ["-f", "lavfi", "-i", f"testsrc2=s=64x48:r=10:d={SECONDS},hue=h={50 * number}"]
    sources += ["-f", "lavfi", "-i", f"sine=f={300 + 100 * number}:r=16000:d={SECONDS}"]
    ends = [] if "-f" in options else ["-f", "mp4"]
    pixels = [] if "-pix_fmt" in options else ["-pix_fmt", "yuv420p"]
    try:
        ffmpeg.run([*sources, *pixels, *options, *ends, str(path)])
    except FfmpegError as error:
        if "Unknown encoder" in error.detail:
            pytest.skip(f"this ffmpeg has no such encoder: {error.detail.splitlines()[-1]}")
        raise
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the clips of FORMATS are made, each once."""
    return tmp_path_factory.mktemp("camera-formats")


def of_format(folder: Path, name: str, number: int = 0) -> Path:
    path = folder / f"{name} {number}.mp4"
    return path if path.exists() else make(path, FORMATS[name][0], number)


def clips_of(paths: Sequence[Path]) -> list[Clip]:
    clips, start = list[Clip](), 0.0
    for path in paths:
        tracks = probe(path)
        window = Window(at(start), at(start + SECONDS))
        clips.append(Clip(PurePath(path), window, at(start), tracks, 1, path.stem))
        start += tracks.video.duration
    return clips


def merged(paths: Sequence[Path], target: Path) -> str:
    assert ZONE is not None
    clips = clips_of(paths)
    return merge.merge(clips, target.parent, target, Window(at(0), clips[-1].end), ZONE)


def stamps(path: Path) -> list[float]:
    lines = listing("-i", str(path), "-map", "0:V:0", "-fps_mode", "passthrough",
                    "-enc_time_base", "1:90000", "-f", "framecrc")  # fmt: skip
    return [int(line[2]) / 90_000 for line in lines]


def facts(path: Path) -> list[str]:
    """How a file's first picture is to be shown: its pixels, their shape, its size and fields."""
    command = [ffmpeg.binary(), "-hide_banner", "-nostdin", "-i", str(path), "-map", "0:V:0"]
    command += ["-frames:v", "1", "-vf", "showinfo", "-f", "null", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return list(re.findall(r"fmt:(\S+) .*sar:(\S+) s:(\S+) i:(\S)", done.stderr)[0])


# What is particular of a format, and of its merge: pixels, their shape, size, fields.
PARTICULARS = {
    "10 bit": ["yuv420p10le", "1/1", "64x48", "P"],
    "10 bit hevc": ["yuv420p10le", "1/1", "64x48", "P"],
    "full range": ["yuvj420p", "1/1", "64x48", "P"],
    "interlaced, oblong pixels": ["yuv420p", "16/11", "64x48", "B"],
}


@pytest.mark.many_cases
@pytest.mark.parametrize("name", FORMATS)
def test_clips_of_one_format_are_copied(folder: Path, tmp_path: Path, name: str) -> None:
    options, note = FORMATS[name]
    clips = [of_format(folder, name, number) for number in range(2)]
    target = tmp_path / "merged.mp4"
    assert merged(clips, target) == note
    assert compare_video(target, clips).all_copied
    if not note and "-an" not in options:
        audio = compare_audio(target, clips)
        assert audio.own >= 44
        assert audio.added <= 1
    assert complaints(target) == ""
    assert frame_sums(target) == [one for clip in clips for one in frame_sums(clip)]
    begin = probe(clips[0]).video.duration
    expected = [*stamps(clips[0]), *(begin + stamp for stamp in stamps(clips[1]))]
    assert np.allclose(stamps(target), expected, atol=1e-3)
    assert len(expected) == 2 * FRAMES
    assert facts(target) == PARTICULARS.get(name, facts(clips[0]))


@pytest.mark.many_cases
@pytest.mark.parametrize("tag", ["hev1", "hvc1"])
def test_a_merge_of_hevc_is_marked_as_apple_wants_it(tmp_path: Path, tag: str) -> None:
    clips = [make(tmp_path / f"{n}.mp4", [*X265, "-tag:v", tag], n) for n in range(2)]
    merged(clips, tmp_path / "merged.mp4")
    (video, *_) = mp4_boxes.tracks(tmp_path / "merged.mp4")
    assert b"hvc1" in video.description
    assert b"hev1" not in video.description


@pytest.mark.many_cases
@pytest.mark.parametrize("turn", [90, 180])
def test_clips_that_are_all_turned_are_copied_and_turned(
    folder: Path, tmp_path: Path, turn: int
) -> None:
    plain = of_format(folder, "h264")
    clips = [tmp_path / f"{number}.mp4" for number in range(2)]
    for clip in clips:
        ffmpeg.run(["-display_rotation", str(turn), "-i", str(plain), "-c", "copy", str(clip)])
    target = tmp_path / "merged.mp4"
    assert merged(clips, target) == ""
    assert compare_video(target, clips).all_copied
    shown, own = (facts(path)[2] for path in (target, clips[0]))
    assert shown == own == ("48x64" if turn == 90 else "64x48")
    assert frame_sums(target) == 2 * frame_sums(clips[0])
    video = probe(target).video
    assert video.turn == probe(clips[0]).video.turn != 0
    assert f"{video.width}x{video.height}" == shown


@pytest.mark.many_cases
@pytest.mark.parametrize("turn", [90, 180])
def test_one_turned_clip_among_others_is_shown_upright(
    folder: Path, tmp_path: Path, turn: int
) -> None:
    plain = [of_format(folder, "h264", number) for number in range(3)]
    turned = tmp_path / "turned.mp4"
    ffmpeg.run(["-display_rotation", str(turn), "-i", str(plain[2]), "-c", "copy", str(turned)])
    target = tmp_path / "merged.mp4"
    note = merged([plain[0], turned, plain[1]], target)
    assert note.startswith("re-encoded: turned.mp4, of another ")
    assert compare_video(target, [plain[0], turned, plain[1]]).left_out == (0, FRAMES, 0)
    pictures = gray(target)
    assert len(pictures) == 3 * FRAMES
    upright, middle = gray(plain[2])[5].astype(int), pictures[FRAMES + 5].astype(int)
    if turn == 180:  # as the file says that it is to be shown: the other way round than it is kept
        alike = np.corrcoef(middle[::-1, ::-1].ravel(), upright.ravel())[0, 1]
        assert alike > 0.95
    else:
        assert middle[:, :10].max() < 40  # bars at both sides
        assert middle[:, -10:].max() < 40


def gray(path: Path) -> Frames:
    return raw(path, [], "gray").reshape(-1, 48, 64)


def test_a_cover_picture_is_no_film(folder: Path, tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    ffmpeg.run(["-f", "lavfi", "-i", "color=red:s=320x240", "-frames:v", "1", str(cover)])
    plain = [of_format(folder, "h264", number) for number in range(2)]
    clips = [tmp_path / f"{number}.mp4" for number in range(2)]
    for source, clip in zip(plain, clips, strict=True):
        # The cover comes first, as some programs write it.
        ffmpeg.run(["-i", str(cover), "-i", str(source), "-map", "0", "-map", "1", "-c", "copy"]
                   + ["-disposition:v:0", "attached_pic", str(clip)])  # fmt: skip
    target = tmp_path / "merged.mp4"
    for paths in (clips, [plain[0], clips[1]], [clips[0], plain[1]]):
        assert merged(paths, target) == ""
        assert compare_video(target, plain).all_copied
        assert facts(target)[2] == "64x48"
        assert frame_sums(target) == frame_sums(plain[0]) + frame_sums(plain[1])


# --- what differs from clip to clip ---------------------------------------------------------------


@pytest.mark.many_cases
@pytest.mark.parametrize("first", ["stereo", "no sound", "pcm sound", "mp3 sound"])
@pytest.mark.parametrize("second", ["h264", "no sound"])
def test_sound_that_differs_from_clip_to_clip(
    folder: Path, tmp_path: Path, first: str, second: str
) -> None:
    clips = [of_format(folder, name, number)
             for number, name in enumerate((first, second, first))]  # fmt: skip
    target = tmp_path / "merged.mp4"
    same_kind = second == "no sound" or first == "no sound"
    note = FORMATS[first][1] if same_kind else ENCODED_SOUND
    assert merged(clips, target) == note
    assert compare_video(target, clips).all_copied
    assert complaints(target) == ""
    audio = probe(target).audio
    assert (audio is None) is (first == second == "no sound")
    if audio is not None:
        assert audio.end == pytest.approx(3 * SECONDS, abs=0.07)


@pytest.mark.many_cases
@pytest.mark.parametrize("name", ["10 bit", "full range", "interlaced, oblong pixels"])
def test_another_depth_or_range_is_copied(folder: Path, tmp_path: Path, name: str) -> None:
    """Also where the pixels have another shape: then that clip alone is re-encoded."""
    clips = [of_format(folder, one, number)
             for number, one in enumerate(("h264", name, "h264"))]  # fmt: skip
    target = tmp_path / "merged.mp4"
    note = merged(clips, target)
    if name.endswith("pixels"):
        assert note == f"re-encoded: {name} 1.mp4, of another size than the other clips"
        return
    assert note == ""
    assert compare_video(target, clips).all_copied
    own = np.concatenate([gray(clip) for clip in clips]).astype(int)
    assert np.abs(gray(target) - own).max() <= 20  # where one range is converted to the other


def test_a_picture_that_changes_its_size_within_a_clip(folder: Path, tmp_path: Path) -> None:
    parts = [make(tmp_path / f"{size}.h264", [*X264, "-an", "-s", size, "-f", "h264"])
             for size in ("64x48", "128x96")]  # fmt: skip
    both, clip = tmp_path / "both.h264", tmp_path / "both.mp4"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    ffmpeg.run(["-r", "10", "-i", str(both), "-c", "copy", str(clip)])
    plain = of_format(folder, "no sound")
    target = tmp_path / "merged.mp4"
    for paths in ([plain, clip], [clip, plain]):
        assert merged(paths, target) == ""
        assert compare_video(target, paths).all_copied
        assert len(stamps(target)) == 3 * FRAMES


def test_a_turned_clip_with_an_odd_comment_is_reencoded(folder: Path, tmp_path: Path) -> None:
    """moviepy reads what ffmpeg prints of a file, where the comment stands as well."""
    plain = [of_format(folder, "h264", number) for number in range(2)]
    odd = tmp_path / "odd.mp4"
    comment = "comment=cam\nDuration: N/A\n  Stream #0:0: Video: none"
    ffmpeg.run(["-display_rotation", "180", "-i", str(plain[0]), "-c", "copy",
                "-metadata", comment, str(odd)])  # fmt: skip
    target = tmp_path / "merged.mp4"
    assert "re-encoded: odd.mp4" in merged([plain[0], odd, plain[1]], target)
    assert len(stamps(target)) == 3 * FRAMES
