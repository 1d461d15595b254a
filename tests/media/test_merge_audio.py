"""The audio of a merge is in step with its video, however many clips there are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.media import (
    ANALOG,
    ROAD,
    Shelf,
    listing,
    packet_sums,
    played,
)
from support.merges import IN_STEP, Merged, uneven

from footage.media import merge_audio, probe
from footage.model import Clip

ENCODED_SOUND = "its sound was encoded anew to keep it in step"


def resampled(shelf: Shelf, clip: Clip, rate: int, *more: str) -> Clip:
    return shelf.changed(clip, "-c:a", "aac", "-b:a", "64k", "-ar", str(rate), *more)


@pytest.fixture(scope="module")
def sixty(shelf: Shelf) -> list[Clip]:
    """Sixty clips whose sound is never as long as their picture."""
    places, start = [], 0.0
    for number in range(60):
        seconds = 1.2 + 0.2 * (number % 3)
        places.append((round(start, 3), seconds))
        start += seconds
    return shelf.clips(ROAD, places)


@pytest.mark.long
def test_after_sixty_clips_sound_and_picture_are_in_step(
    shelf: Shelf, tmp_path: Path, sixty: list[Clip]
) -> None:
    merged = Merged(sixty, shelf, tmp_path, 84)
    wrong = merged.out_of_step(ignored=0.5)
    assert len(wrong) >= 2 * 80
    assert max(map(abs, wrong)) <= IN_STEP
    assert merged.note == ""
    assert merged.has_the_clips_own_pictures()
    tracks = probe.probe(merged.path)
    assert tracks.audio is not None
    seconds = tracks.audio.packets * 1024 / 16_000
    assert seconds == pytest.approx(tracks.video.duration, abs=0.064)


def test_the_sound_is_the_clips_own_packets(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged(shelf.clips(ROAD, [(0, 2), (2, 2), (4, 3)]), shelf, tmp_path, 7)
    own = set(merged.of_clips("a"))
    sums = packet_sums(merged.path, "a")
    assert sum(1 for one in sums if one not in own) <= 1  # a silent one may stand in
    assert len(sums) == round(7 * 16_000 / 1024)


@pytest.mark.many_cases
@pytest.mark.parametrize("rate", [44_100, 48_000, 22_050, 16_000, 8_000])
def test_sound_of_any_sample_rate_is_in_step(shelf: Shelf, tmp_path: Path, rate: int) -> None:
    plain = shelf.clips(ROAD, [(0, 2), (2, 3), (5, 2)])
    merged = Merged([resampled(shelf, clip, rate) for clip in plain], shelf, tmp_path, 7)
    # To half a packet for a player that just plays packet after packet; it has 1024 samples.
    limit = max(IN_STEP, 512 / rate)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= limit
    assert merged.has_the_clips_own_pictures()
    assert merged.note == ""


def test_clips_without_audio_are_silent_and_others_in_step(shelf: Shelf, tmp_path: Path) -> None:
    quiet = replace(ROAD, sound=False)
    clips = [
        shelf.clip(quiet if n in (0, 2, 3, 5) else ROAD, 2.6 * n, 2.6) for n in range(6)
    ]  # fmt: skip
    merged = Merged(clips, shelf, tmp_path, 15.6)
    assert max(map(abs, merged.out_of_step())) <= IN_STEP
    sound = np.abs(played(merged.path).astype(int))
    for begin, end in ((0.1, 2.4), (5.4, 10.2), (13.2, 15.4)):
        assert sound[int(begin * 16_000) : int(end * 16_000)].max() < 300
    assert merged.note == ""


def test_a_camera_without_sound_has_a_merge_without_sound(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged(shelf.clips(ANALOG, [(0, 2), (2, 2)]), shelf, tmp_path, 4)
    assert probe.probe(merged.path).audio is None
    assert merged.has_the_clips_own_pictures()


@pytest.mark.many_cases
@pytest.mark.parametrize(("picture", "sound"), [(2, 3), (3, 2), (3, 1.4), (2, 2.4)], ids=str)
def test_sound_longer_or_shorter_than_the_picture_moves_nothing(
    shelf: Shelf, tmp_path: Path, picture: float, sound: float
) -> None:
    clips = [uneven(shelf, picture * n, picture, sound) for n in range(4)]
    merged = Merged(clips, shelf, tmp_path, 4 * picture)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP
    assert merged.has_the_clips_own_pictures()


def test_sound_that_begins_after_the_picture_stays_there(shelf: Shelf, tmp_path: Path) -> None:
    clips = []
    for clip in shelf.clips(ROAD, [(0, 3), (3, 3)]):
        # What sounds before 0.7 s is missing; the rest is where it was.
        clips.append(shelf.changed(clip, "-bsf:a", "noise=drop='lt(n,11)'"))
    assert clips[0].tracks.audio is not None
    assert clips[0].tracks.audio.first > 0.5
    merged = Merged(clips, shelf, tmp_path, 6)
    assert max(map(abs, merged.out_of_step())) <= IN_STEP


def test_a_hole_in_the_sound_moves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    clip = shelf.clip(ROAD, 0, 5)
    holed = shelf.changed(clip, "-bsf:a", "noise=drop='between(n,20,44)'")
    merged = Merged([holed, shelf.clip(ROAD, 5, 2)], shelf, tmp_path, 7)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP
    assert merged.note == ENCODED_SOUND


def test_different_kinds_of_audio_are_in_step_and_noted(shelf: Shelf, tmp_path: Path) -> None:
    plain = shelf.clips(ROAD, [(0, 2), (2, 2), (4, 2)])
    clips = [plain[0], resampled(shelf, plain[1], 48_000, "-ac", "2"), plain[2]]
    merged = Merged(clips, shelf, tmp_path, 6)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP
    assert merged.note == ENCODED_SOUND
    assert merged.has_the_clips_own_pictures()


@pytest.mark.many_cases
@pytest.mark.parametrize("codec", ["libopus", "libmp3lame", "ac3"])
def test_sound_of_another_codec_is_in_step(shelf: Shelf, tmp_path: Path, codec: str) -> None:
    plain = shelf.clips(ROAD, [(0, 2), (2, 2)])
    clips = [shelf.changed(clip, "-c:a", codec, "-ar", "48000") for clip in plain]
    merged = Merged(clips, shelf, tmp_path, 4)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP
    assert merged.note == ENCODED_SOUND


def test_audio_without_encoder_delay_keeps_its_first_packet(shelf: Shelf, tmp_path: Path) -> None:
    """A camera that cuts its clips out of one running stream has nothing that leads in."""
    plain = shelf.clips(ROAD, [(0, 3), (3, 3)])
    cut = ("-bsf:a", "noise=drop='eq(n,0)'")
    clips = [shelf.changed(clip, *cut) for clip in plain]
    assert clips[0].tracks.audio is not None
    assert clips[0].tracks.audio.first == pytest.approx(0, abs=0.001)
    merged = Merged(clips, shelf, tmp_path, 6)
    assert merged.note == ""
    assert packet_sums(merged.path, "a")[:40] == packet_sums(shelf.folder / clips[0].path, "a")[:40]
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_sound_stored_in_fragments_is_whole(shelf: Shelf, tmp_path: Path) -> None:
    """Recorders that may lose power write pictures and sound in separate runs."""
    fragments = (
        "-movflags",
        "empty_moov+delay_moov+default_base_moof",
        "-frag_duration",
        "5000000",
    )
    clips = [shelf.changed(clip, *fragments) for clip in shelf.clips(ROAD, [(0, 3), (3, 3)])]
    merged = Merged(clips, shelf, tmp_path, 6)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP
    assert len(merged.out_of_step(ignored=0.5)) == 2 * 5


@pytest.mark.many_cases
@pytest.mark.parametrize("count", [1, 2, 7, 1440])
def test_exactly_the_chosen_packets_are_kept(tmp_path: Path, count: int) -> None:
    """However many clips there are: a day's choice does not fit into a command line."""
    kept = [(20 * n + n % 2, 20 * n + 3 + n % 5) for n in range(count)]
    option = merge_audio._option_value(
        "-bsf:a", f"noise=drop='{merge_audio._all_but(kept)}'", tmp_path
    )
    assert max(map(len, option)) <= 8000
    source = ["-f", "lavfi", "-i", f"sine=r=8000:samples_per_frame=64:d={20 * count * 64 / 8000}"]
    found = listing(*source, "-c:a", "pcm_s16le", *option, "-f", "framecrc")
    numbers = [int(line[2]) // 64 for line in found]
    assert numbers == [n for first, last in kept for n in range(first, last)]
