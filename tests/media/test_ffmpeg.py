"""The door to ffmpeg: what it measures is exact, what it runs can be stopped, any path will do."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from support.media import ANALOG, Shelf, packet_sums

from footage.errors import DiskError, FfmpegError, FfmpegMissing, Interrupted, NotAVideo
from footage.media import ffmpeg
from footage.media.ffmpeg import concat_list, run
from footage.media.probe import probe
from simulator.cameras import CameraModel

ODD_NAMES = [
    "Kim's clip.mp4",
    "it''s 'quoted'.mp4",
    "two  spaces .mp4",
    "Łódź 卡车 é.mp4",
    "100 % done %03d %d.mp4",
    "-y.mp4",
    "a # b; c & d (e) [f] {g}.mp4",
    "$HOME `x` !.mp4",
]


def road(fps: float, **changes: object) -> CameraModel:
    return CameraModel("Road", 1, 160, 120, fps=fps, sound=True, **changes)  # type: ignore[arg-type]


# --- measuring ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fps", "rate"), [(30000 / 1001, Fraction(30000, 1001)), (15, Fraction(15)), (5, Fraction(5))]
)
def test_rate_size_and_length_are_measured_exactly(
    shelf: Shelf, fps: float, rate: Fraction
) -> None:
    video = shelf.clip(road(fps), 0, 2).tracks.video
    assert video.rate == rate
    assert (video.codec, video.width, video.height, video.aspect) == ("h264", 160, 120, "1/1")
    assert video.frames == round(2 * fps)
    assert video.duration == pytest.approx(video.frames / fps, abs=1e-3)


def test_pictures_stored_out_of_order_are_measured_the_same(shelf: Shelf) -> None:
    plain = shelf.clip(road(15), 0, 2)
    reordered = shelf.changed(plain, "-c:v", "libx264", "-bf", "3", "-c:a", "copy").tracks.video
    assert reordered.rate == 15
    assert reordered.frames == 30
    assert reordered.duration == pytest.approx(2, abs=1e-3)


def test_the_sound_is_measured_from_its_packets(shelf: Shelf) -> None:
    audio = shelf.clip(road(15), 0, 2).tracks.audio
    assert audio is not None
    assert (audio.codec, audio.sample_rate, audio.layout, audio.frame) == (
        *("aac", 16_000, "mono"),
        1024,
    )
    # The encoder begins one packet before the picture.
    assert audio.first == pytest.approx(-1024 / 16_000)
    assert audio.end == pytest.approx(2, abs=1024 / 16_000)


def test_sound_that_begins_late_is_measured_so(shelf: Shelf) -> None:
    clip = shelf.clip(road(15), 0, 2)
    source = str(shelf.folder / clip.path)
    late = shelf.folder / "late sound.mp4"
    run(["-i", source, "-itsoffset", "0.5", "-i", source, "-map", "0:v", "-map", "1:a"]
        + ["-c", "copy", str(late)])  # fmt: skip
    audio = probe(late).audio
    assert audio is not None
    assert audio.first == pytest.approx(0.5 - 1024 / 16_000, abs=0.002)


def test_sound_with_a_hole_within_has_no_even_packets(shelf: Shelf) -> None:
    clip = shelf.clip(road(15), 0, 2)
    holed = shelf.changed(clip, "-bsf:a", "noise=drop='between(n,10,20)'").tracks.audio
    assert holed is not None
    assert holed.frame == 0


def test_a_file_without_sound_has_none(shelf: Shelf) -> None:
    assert shelf.clip(ANALOG, 0, 2).tracks.audio is None


def test_the_shape_of_pixels_is_measured(shelf: Shelf) -> None:
    wide = shelf.changed(
        shelf.clip(ANALOG, 0, 2), "-bsf:v", "h264_metadata=sample_aspect_ratio=8/9"
    )
    assert wide.tracks.video.aspect == "8/9"


def test_a_file_with_uneven_frame_times_is_measured(shelf: Shelf) -> None:
    uneven = shelf.changed(shelf.clip(road(15), 0, 2), "-bsf:v", "noise=drop='eq(n,20)'")
    assert uneven.tracks.video.duration == pytest.approx(2, abs=0.01)
    assert uneven.tracks.video.frames == 29


@pytest.mark.parametrize("kind", ["html", "empty", "no index", "sound only", "zeros", "folder"])
def test_what_is_not_playable_video_is_refused(shelf: Shelf, tmp_path: Path, kind: str) -> None:
    path, clip = tmp_path / "clip.mp4", shelf.folder / shelf.clip(road(15), 0, 2).path
    if kind == "html":
        path.write_text("<!DOCTYPE html><html><body>403 Forbidden</body></html>" * 50)
    elif kind == "empty":
        path.touch()
    elif kind == "no index":
        run(["-i", str(clip), "-c", "copy", str(path)])  # index at the end
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind == "sound only":
        run(["-i", str(clip), "-vn", "-c", "copy", str(path)])
    elif kind == "zeros":
        path.write_bytes(bytes(50_000))
    else:
        path.mkdir()
    with pytest.raises(NotAVideo):
        probe(path)


@pytest.mark.parametrize("ending", ["png", "jpeg"])
def test_a_photograph_is_not_a_video(tmp_path: Path, ending: str) -> None:
    still = tmp_path / f"still.{ending}"
    run(["-f", "lavfi", "-i", "color=s=64x64", "-frames:v", "1", str(still)])
    clip = still.rename(tmp_path / "clip.mp4")
    with pytest.raises(NotAVideo):
        probe(clip)


# --- running --------------------------------------------------------------------------------------


def test_an_error_carries_ffmpegs_own_words(tmp_path: Path) -> None:
    with pytest.raises(FfmpegError) as caught:
        run(["-i", str(tmp_path / "nowhere.mp4"), "-f", "null", "-"])
    assert "No such file or directory" in caught.value.detail
    assert "ffmpeg" in str(caught.value)


def test_a_set_stop_ends_it_at_once() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    begun = time.monotonic()
    with pytest.raises(Interrupted):
        run(["-re", "-f", "lavfi", "-i", "color=d=60", "-f", "null", "-"], stop=stop)
    assert time.monotonic() - begun < 20  # without the stop it takes a minute


def test_a_stop_ends_it_while_it_waits_for_its_input() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    endless = bytes(64 * 64 * 4 * 2000)
    begun = time.monotonic()
    with pytest.raises(Interrupted):
        run(
            ["-re", "-f", "rawvideo", "-pix_fmt", "rgba", "-video_size", "64x64"]
            + ["-i", "pipe:0", "-f", "null", "-"],
            stdin=endless,
            stop=stop,
        )
    assert time.monotonic() - begun < 20  # without the stop it takes a minute


# Its input does not come, so that all of its threads wait: as in one that waits for itself.
FROM_INPUT = ["-f", "rawvideo", "-pix_fmt", "gray", "-video_size", "64x64", "-i", "pipe:0"]


@pytest.fixture
def never_fed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many runs of ffmpeg, from the first on, are given no input; the runs that were."""
    monkeypatch.setattr("footage.media.watchdog._POLLS_A_LOOK", 1)
    monkeypatch.setattr("footage.media.watchdog._IDLE_LOOKS", 20)
    feed = ffmpeg._Feeder.run
    left = [1]

    def maybe_feed(feeder: ffmpeg._Feeder) -> None:
        left[0] -= 1
        if left[0] < 0:
            feed(feeder)

    monkeypatch.setattr(ffmpeg._Feeder, "run", maybe_feed)
    yield left


def test_one_that_does_nothing_is_run_once_more(never_fed: list[int]) -> None:
    sums = run([*FROM_INPUT, "-f", "framecrc", "-"], stdin=bytes(64 * 64 * 3))
    assert len([line for line in sums.splitlines() if not line.startswith("#")]) == 3
    assert never_fed == [-1]


def test_pieces_are_made_anew_where_it_is_run_once_more(never_fed: list[int]) -> None:
    sums = run([*FROM_INPUT, "-f", "framecrc", "-"], stdin=[bytes(64 * 64)] * 3)
    assert len([line for line in sums.splitlines() if not line.startswith("#")]) == 3
    assert never_fed == [-1]


def test_one_that_does_nothing_twice_is_given_up(never_fed: list[int]) -> None:
    never_fed[0] = 9
    with pytest.raises(FfmpegError, match="did nothing any more, twice"):
        run([*FROM_INPUT, "-f", "null", "-"], stdin=bytes(64 * 64))
    assert never_fed == [7]


def test_progress_tells_the_seconds_written() -> None:
    told: list[float] = []
    run(["-f", "lavfi", "-i", "color=s=64x64:d=7", "-f", "null", "-"], progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(7, abs=0.1)


def test_what_is_fed_comes_through() -> None:
    data = bytes(range(256)) * 1200  # three pictures of 320x320
    listed = run(
        ["-f", "rawvideo", "-pix_fmt", "gray", "-video_size", "320x320", "-i", "pipe:0"]
        + ["-f", "framecrc", "-"],
        stdin=data,
    )
    assert sum(1 for line in listed.splitlines() if line.startswith("0,")) == 3


def test_input_that_it_does_not_read_to_the_end_is_no_error() -> None:
    run(
        ["-f", "rawvideo", "-pix_fmt", "gray", "-video_size", "64x64", "-i", "pipe:0"]
        + ["-frames:v", "1", "-f", "null", "-"],
        stdin=bytes(64 * 64 * 1000),
    )


def test_pieces_are_made_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[subprocess.Popen[bytes]] = []
    start = ffmpeg._start

    def noted(*arguments: Any) -> subprocess.Popen[bytes]:
        running.append(start(*arguments))
        return running[-1]

    def pictures() -> Iterator[bytes]:
        assert running, "made before ffmpeg was started"
        yield bytes(64 * 64)

    monkeypatch.setattr(ffmpeg, "_start", noted)
    run([*FROM_INPUT, "-f", "null", "-"], stdin=pictures())
    assert len(running) == 1


def test_a_piece_that_cannot_be_made_is_told() -> None:
    def pictures() -> Iterator[bytes]:
        yield bytes(64 * 64)
        raise OSError("cannot open resource")

    # Without that it would go on as if the first picture were all.
    with pytest.raises(OSError, match="cannot open resource"):
        run([*FROM_INPUT, "-f", "null", "-"], stdin=pictures())


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_file_may_be_called_anything(shelf: Shelf, tmp_path: Path, name: str) -> None:
    odd = tmp_path / name
    odd.write_bytes((shelf.folder / shelf.clip(ANALOG, 0, 2).path).read_bytes())
    assert probe(odd).video.frames == 10


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_list_names_any_file_so_that_ffmpeg_finds_it(
    shelf: Shelf, tmp_path: Path, name: str
) -> None:
    clip = shelf.folder / shelf.clip(ANALOG, 0, 2).path
    odd = tmp_path / name
    odd.write_bytes(clip.read_bytes())
    listed, joined = tmp_path / "list.txt", tmp_path / "joined.mp4"
    listed.write_text(concat_list([(odd, 2.0), (clip, None)]), encoding="utf-8")
    run(["-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy", str(joined)])
    assert packet_sums(joined) == packet_sums(clip) * 2


def test_a_list_gives_lengths_to_the_microsecond() -> None:
    text = concat_list([(Path("/a/b.mp4"), 60.06)])
    assert text.startswith("ffconcat version 1.0\nfile '")
    assert text.endswith("\nduration 60.060000\n")


def test_the_ffmpeg_is_the_one_that_moviepy_uses() -> None:
    from moviepy.config import FFMPEG_BINARY

    assert ffmpeg.binary() == FFMPEG_BINARY


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:1,\n{path}\n",
        "ffconcat version 1.0\nfile '{path}'\n",
    ],
)
def test_a_list_of_other_files_is_no_video(shelf: Shelf, tmp_path: Path, text: str) -> None:
    """ffmpeg would open what a server names in it, on this computer or anywhere."""
    listed = tmp_path / "clip.mp4"
    sample = shelf.folder / shelf.clip(road(5), 0, 2).path
    listed.write_text(text.format(path=sample), encoding="utf-8")
    with pytest.raises(NotAVideo):
        probe(listed)


# --- an ffmpeg that cannot be started, and disks --------------------------------------------------


@pytest.fixture
def other_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Has another program taken for ffmpeg, as IMAGEIO_FFMPEG_EXE does."""

    def use(path: Path) -> None:
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(path))
        ffmpeg.binary.cache_clear()
        ffmpeg.check.cache_clear()

    yield use
    monkeypatch.undo()
    ffmpeg.binary.cache_clear()
    ffmpeg.check.cache_clear()


def program(folder: Path, says: str, status: int) -> Path:
    """A program that writes one line to both its outputs and ends with the status."""
    if os.name == "nt":
        path = folder / "ffmpeg.cmd"
        path.write_text(f"@echo {says}\n@echo {says}>&2\n@exit {status}\n", encoding="utf-8")
        return path
    path = folder / "ffmpeg"
    text = f"#!/bin/sh\necho '{says}'\necho '{says}' >&2\nexit {status}\n"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("kind", ["none", "no program", "not allowed", "another"])
def test_an_ffmpeg_that_cannot_be_started_is_one_sentence(
    tmp_path: Path, kind: str, other_ffmpeg: Callable[[Path], None]
) -> None:
    path = tmp_path / "ffmpeg.exe"
    if kind == "another":
        path = program(tmp_path, "hello", 0)
    elif kind != "none":
        path.write_bytes(b"\x00\x01 no program")
        path.chmod(0o755 if kind == "no program" else 0o644)
    other_ffmpeg(path)
    with pytest.raises(FfmpegMissing, match="IMAGEIO_FFMPEG_EXE names it") as failed:
        ffmpeg.check()
    assert str(path) in str(failed.value)
    if kind != "another":  # also where it is lost in the middle: no clip is called damaged then
        with pytest.raises(FfmpegMissing):
            probe(tmp_path / "clip.mp4")


def test_the_ffmpeg_that_is_there_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg.check.cache_clear()
    ffmpeg.check()
    monkeypatch.setattr(ffmpeg.subprocess, "run", None)  # type: ignore[attr-defined]
    ffmpeg.check()


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("x.mp4: File too large", "takes no file of this size"),
        ("x.mp4: No space left on device", "could not write: no space left on device"),
    ],
)
def test_what_ffmpeg_says_of_the_disk_is_understood(
    tmp_path: Path, says: str, expected: str, other_ffmpeg: Callable[[Path], None]
) -> None:
    other_ffmpeg(program(tmp_path, says, 1))
    with pytest.raises(DiskError, match=expected):
        run(["-i", "x.mp4"])


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no quotas and no limits on files")
def test_the_limits_of_a_disk_are_understood(
    tmp_path: Path, other_ffmpeg: Callable[[Path], None]
) -> None:
    path = program(tmp_path, f"x.mp4: {os.strerror(errno.EDQUOT)}", 1)
    other_ffmpeg(path)
    with pytest.raises(DiskError, match="could not write"):
        run(["-i", "x.mp4"])
    path.write_text("#!/bin/sh\nkill -XFSZ $$\n", encoding="utf-8")
    with pytest.raises(DiskError, match="takes no file of this size"):
        run(["-i", "x.mp4"])


def test_what_ffmpeg_cannot_name_is_no_fault_of_the_disk(
    tmp_path: Path, other_ffmpeg: Callable[[Path], None]
) -> None:
    """Windows has no words for a quota of a disk that is used up, but "Unknown error"."""
    other_ffmpeg(program(tmp_path, "x.mp4: Unknown error occurred", 1))
    with pytest.raises(FfmpegError, match="Unknown error occurred"):
        run(["-i", "x.mp4"])
