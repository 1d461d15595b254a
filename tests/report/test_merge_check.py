"""Comparing a merge with its clips knows what it may lawfully have beside their packets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath, PurePosixPath

import pytest
from support.media import at
from support.merges import ZONE

from footage.media import ffmpeg, merge
from footage.media.probe import probe
from footage.model import Clip, Output, Window
from footage.report.merge_check import MergeCheck, check_merge
from footage.system.threads import StopEvent

VIDEO = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"]
SOUND = ["-c:a", "aac", "-b:a", "32k"]


class Merges:
    """Merges of films of a second, each with the note that was made with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0

    def film(self, name: str, *, size: str = "64x48", rate: int = 16000, sound: float = 1) -> Clip:
        path = self.folder / f"{name}.mp4"
        hue = sum(name.encode()) * 40 % 360
        inputs = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=10:d=1,hue=h={hue}"]
        if sound:
            inputs += ["-f", "lavfi", "-i", f"sine=f={300 + hue}:r={rate}:d={sound}"]
        ffmpeg.run([*inputs, *VIDEO, *(SOUND if sound else []), str(path)])
        start = at(self.made)
        self.made += 1
        return Clip(PurePath(path.name), Window(start, at(self.made)), start, probe(path), 1, name)

    def merge(self, clips: Sequence[Clip]) -> Output:
        assert ZONE is not None
        target = self.folder / "merged.mp4"
        note = merge.merge(clips, self.folder, target, Window(at(0), at(self.made)), ZONE)
        return Output("merge", "Road", PurePosixPath("merged.mp4"), 1.0, 1, "", "", note)

    def check(self, output: Output, clips: Sequence[Clip]) -> MergeCheck:
        files = [(clip, self.folder / clip.path) for clip in clips]
        return check_merge(self.folder / "merged.mp4", output, files, StopEvent())


@pytest.fixture
def merges(tmp_path: Path) -> Merges:
    return Merges(tmp_path)


def without_note(output: Output) -> Output:
    return Output("merge", "Road", output.path, 1.0, 1, "", "")


def test_a_plain_merge_is_its_clips_own(merges: Merges) -> None:
    clips = [merges.film("a"), merges.film("b")]
    checked = merges.check(merges.merge(clips), clips)
    assert checked.sound
    assert checked.text.startswith("its picture is its clips' own: 20 packets; its sound too")


def test_a_clip_that_was_reencoded_is_told_and_no_fault(merges: Merges) -> None:
    clips = [merges.film("a"), merges.film("b"), merges.film("c", size="32x24")]
    output = merges.merge(clips)
    checked = merges.check(output, clips)
    assert checked.sound
    assert "its clips' own (20 packets) but for what was re-encoded: c.mp4" in checked.text
    # Without the note nobody was told.
    assert not merges.check(without_note(output), clips).sound


def test_silence_in_place_of_sound_is_told_and_no_fault(merges: Merges) -> None:
    clips = [merges.film("a"), merges.film("b", sound=0), merges.film("c")]
    checked = merges.check(merges.merge(clips), clips)
    assert checked.sound and "of silence added" in checked.text, checked


def test_sound_beyond_the_picture_is_told_and_no_fault(merges: Merges) -> None:
    clips = [merges.film("a", sound=3), merges.film("b")]
    checked = merges.check(merges.merge(clips), clips)
    assert checked.sound and "beyond the picture of their clips" in checked.text, checked


def test_sound_that_was_encoded_anew_is_told_and_no_fault(merges: Merges) -> None:
    clips = [merges.film("a"), merges.film("b", rate=44100)]
    output = merges.merge(clips)
    checked = merges.check(output, clips)
    assert checked.sound and checked.text.endswith("its sound was encoded anew")
    assert not merges.check(without_note(output), clips).sound


def test_a_clip_that_is_not_in_the_merge_is_named(merges: Merges) -> None:
    clips = [merges.film("a"), merges.film("b"), merges.film("c")]
    checked = merges.check(merges.merge([clips[0], clips[2]]), clips)
    assert not checked.sound and "lacks some of the picture of b.mp4" in checked.text


def test_what_no_clip_has_is_named(merges: Merges) -> None:
    clips = [merges.film("a"), merges.film("b"), merges.film("c")]
    output = merges.merge(clips)
    checked = merges.check(output, [clips[0], clips[2]])
    assert not checked.sound
    assert "its picture has 10 packets that none of its clips has" in checked.text


def test_sound_of_another_film_is_named(merges: Merges) -> None:
    clips = [merges.film("a"), merges.film("b")]
    merged = merges.folder / "merged.mp4"
    output = merges.merge(clips)
    other = merges.film("other", sound=2)
    swapped = merges.folder / "swapped.mp4"
    maps = ["-map", "0:v", "-map", "1:a", "-c", "copy"]
    ffmpeg.run(["-i", str(merged), "-i", str(merges.folder / other.path), *maps, str(swapped)])
    swapped.replace(merged)
    checked = merges.check(output, clips)
    assert not checked.sound and "it lacks some of the sound of a.mp4, b.mp4" in checked.text
    ffmpeg.run(["-i", str(merges.folder / "a.mp4"), "-i", str(merged), *maps, str(swapped)])
    soundless = merges.film("soundless", sound=0)
    swapped.replace(merged)
    assert not merges.check(output, [soundless]).sound


def test_sound_that_no_clip_has_is_named(merges: Merges) -> None:
    clips = [merges.film("a"), merges.film("b")]
    merged, longer = merges.folder / "merged.mp4", merges.folder / "longer.mp4"
    output = merges.merge([*clips, merges.film("c")])
    merged.rename(longer)
    merges.merge(clips)
    swapped = merges.folder / "swapped.mp4"
    maps = ["-map", "0:v", "-map", "1:a", "-c", "copy"]
    ffmpeg.run(["-i", str(merged), "-i", str(longer), *maps, str(swapped)])
    swapped.replace(merged)
    checked = merges.check(output, clips)
    assert not checked.sound and "its sound has 1" in checked.text, checked
    assert "packets that none of its clips has" in checked.text


def test_a_file_that_is_no_film_cannot_be_compared(merges: Merges) -> None:
    clips = [merges.film("a")]
    output = merges.merge(clips)
    (merges.folder / "merged.mp4").write_bytes(b"no film")
    checked = merges.check(output, clips)
    assert not checked.sound and "cannot be compared with its clips" in checked.text
