"""Many clips: few open files and few processes are enough for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import Any

import pytest
from support.media import at
from support.merges import ZONE

from footage.media import ffmpeg, merge
from footage.media.own_packets import compare_video
from footage.media.probe import probe
from footage.model import Clip, Window

CLIPS = 16
FREE_FILES = 12  # so many more than are open; to have a clip open takes at least one


@pytest.fixture
def few_files() -> Iterator[None]:
    """So few files may be open as a system allows that many clips use up."""
    if sys.platform == "win32":
        pytest.skip("Windows has no such limit")
    import resource

    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    in_use = {int(entry.name) for entry in Path("/dev/fd").iterdir()}
    free = [number for number in range(len(in_use) + FREE_FILES) if number not in in_use]
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[FREE_FILES - 1] + 1, most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


def make(path: Path, size: str, codec: str = "mpeg4") -> Clip:
    ffmpeg.run(
        ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=10:d=0.5", "-f", "lavfi"]
        + ["-i", "sine=r=16000:d=0.5", "-c:v", codec, "-c:a", "aac", str(path)]
    )
    return Clip(PurePath(path.name), Window(at(0), at(0.5)), at(0), probe(path), 1, path.stem)


@pytest.mark.usefixtures("few_files")
def test_many_clips_take_few_open_files(tmp_path: Path) -> None:
    assert ZONE is not None
    usual, odd = make(tmp_path / "usual.mp4", "64x48"), make(tmp_path / "odd.mp4", "80x48")
    clips = [odd if number == CLIPS // 2 else usual for number in range(CLIPS)]
    target = tmp_path / "merged.mp4"
    note = merge.merge(clips, tmp_path, target, Window(at(0), at(CLIPS / 2)), ZONE)
    assert note == "re-encoded: odd.mp4, of another size than the other clips"
    video = compare_video(target, [tmp_path / clip.path for clip in clips])
    assert (video.own, video.added) == (5 * (CLIPS - 1), 5)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments of each ffmpeg that was started and waited for."""
    calls: list[list[str]] = []
    run = ffmpeg.run

    def count(arguments: Sequence[str], **more: Any) -> str:
        calls.append(list(arguments))
        return run(arguments, **more)

    monkeypatch.setattr(ffmpeg, "run", count)
    return calls


def test_a_whole_clip_is_measured_by_one_process(tmp_path: Path, started: list[list[str]]) -> None:
    make(tmp_path / "usual.mp4", "64x48")
    assert len(started) == 2  # the first writes it


def test_plain_clips_are_read_without_a_process(tmp_path: Path, started: list[list[str]]) -> None:
    assert ZONE is not None
    clip = make(tmp_path / "usual.mp4", "64x48", "libx264")
    started.clear()
    merge.merge([clip] * CLIPS, tmp_path, tmp_path / "m.mp4", Window(at(0), at(CLIPS / 2)), ZONE)
    assert len(started) == 1  # which copies
