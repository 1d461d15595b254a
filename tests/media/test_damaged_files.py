"""Files that are damaged in the cloud: merged as far as they go, and what is lost is known."""

from __future__ import annotations

from pathlib import Path, PurePath

import numpy as np
import pytest
from support.media import at, chapters, frames
from support.merges import ZONE

from footage.errors import NotAVideo
from footage.media import ffmpeg, merge
from footage.media.own_packets import compare_video
from footage.media.probe import probe
from footage.model import Clip, Window

SIZE = (64, 48)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`g.mp4`: three seconds, its index at the front; and what became of copies of it."""
    made = tmp_path_factory.mktemp("damaged-files")
    base = made / "g.mp4"
    ffmpeg.run(
        ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=15:d=3", "-f", "lavfi", "-i"]
        + ["sine=f=440:r=16000:d=3", "-c:v", "libx264", "-g", "15", "-preset", "ultrafast"]
        + ["-bf", "0", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(base)]
    )
    fragments = "+empty_moov+default_base_moof+frag_keyframe"
    ffmpeg.run(["-i", str(base), "-c", "copy", "-movflags", fragments, str(made / "f.mp4")])
    ffmpeg.run(["-i", str(base), "-c:v", "libx264", "-refs", "4", "-g", "15", "-bf", "0"]
               + ["-c:a", "copy", "-movflags", "+faststart", str(made / "o.mp4")])  # fmt: skip
    data = base.read_bytes()
    (made / "zeros.mp4").write_bytes(zeroed(data))
    (made / "other zeros.mp4").write_bytes(zeroed((made / "o.mp4").read_bytes()))
    (made / "cut off.mp4").write_bytes(data[: len(data) * 2 // 3])
    fragmented = (made / "f.mp4").read_bytes()
    (made / "fragments cut off.mp4").write_bytes(fragmented[: len(fragmented) * 2 // 3])
    return made


def zeroed(data: bytes) -> bytes:
    """A file of which a tenth of the frames is lost, as on a bad card."""
    begin = data.index(b"mdat") + 4
    first, last = (begin + (len(data) - begin) * tenth // 10 for tenth in (4, 5))
    return data[:first] + bytes(last - first) + data[last:]


def clip(folder: Path, name: str, start: float) -> Clip:
    try:
        tracks = probe(folder / f"{name}.mp4")
    except NotAVideo:
        tracks = probe(folder / f"{name}.mp4", cut_off=True)
    window = Window(at(start), at(start + 3))
    return Clip(PurePath(f"{name}.mp4"), window, at(start), tracks, 1, name)


def merged(folder: Path, target: Path, names: list[str]) -> list[Clip]:
    assert ZONE is not None
    clips = [clip(folder, one, 3 * number) for number, one in enumerate(names)]
    span = Window(at(0), at(3 * len(names)))
    assert merge.merge(clips, folder, target, span, ZONE) == ""
    return clips


@pytest.mark.many_cases
@pytest.mark.parametrize("name", ["zeros", "cut off", "fragments cut off"])
@pytest.mark.parametrize("order", ["before", "between", "after"])
def test_a_damaged_file_is_merged_as_far_as_it_goes(
    folder: Path, tmp_path: Path, name: str, order: str
) -> None:
    names = {"before": [name, "g"], "between": ["g", name, "g"], "after": ["g", name]}[order]
    target = tmp_path / "merged.mp4"
    clips = merged(folder, target, names)
    assert compare_video(target, [folder / one.path for one in clips]).all_copied
    (title,) = (title for _, _, title in chapters(target) if "decode" in title)
    assert "(does not decode cleanly)" in title
    if order != "after":
        stamps, _ = frames(target, SIZE)
        begin = sum(one.duration for one in clips[:-1]) - 1e-3
        last = [stamp for stamp in stamps if stamp >= begin]
        assert np.allclose(np.diff(last), 1 / 15, atol=1e-3)
        assert len(last) == 45
    assert ("no picture for 0." in title) is (name == "zeros")


def test_a_damaged_file_of_other_making_does_not_stop_a_merge(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "merged.mp4"
    clips = merged(folder, target, ["g", "other zeros", "g"])
    video = compare_video(target, [folder / one.path for one in clips])
    assert video.left_out[0] == video.left_out[2] == 0
    assert video.own >= 45 + 28 + 45


@pytest.mark.many_cases
@pytest.mark.parametrize("name", ["cut off", "fragments cut off"])
def test_a_file_that_is_cut_off_is_no_whole_video(folder: Path, name: str) -> None:
    path = folder / f"{name}.mp4"
    with pytest.raises(NotAVideo):
        probe(path)
    video = probe(path, cut_off=True).video
    assert video.damaged
    assert 1 < video.duration < 3
