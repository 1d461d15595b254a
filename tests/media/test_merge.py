"""One file per camera: the clips' own pictures, in order, in step with their sound, and marked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from dateutil import tz
from support.media import (
    ANALOG,
    CHICAGO,
    ROAD,
    START,
    Shelf,
    at,
    beeps,
    chapters,
    complaints,
    frame_sums,
    frames,
    imagined,
    listing,
    packet_sums,
    played,
    shelf_of,
    stamped,
    starts_at_once,
)

from footage.errors import FfmpegError, Interrupted
from footage.media import ffmpeg, merge, merge_audio, probe
from footage.model import Clip, Window
from simulator.footage import read_clock

ZONE = tz.gettz(CHICAGO)
IN_STEP = 0.040
ENCODED_SOUND = "its sound was encoded anew to keep it in step"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return shelf_of(tmp_path_factory)


class Merged:
    """A finished merge, and the note that came with it."""

    def __init__(self, clips: Sequence[Clip], shelf: Shelf, folder: Path, seconds: float) -> None:
        assert ZONE is not None
        self.clips, self.shelf = clips, shelf
        self.path = folder / "Road_Merged_Kim's Truck #1 %d.mp4"
        span = Window(at(0), at(seconds))
        self.note = merge.merge(clips, shelf.folder, self.path, span, ZONE)

    def of_clips(self, kind: str) -> list[str]:
        """The checksums of all clips in a row: of "frames", or of packets of "v" or "a"."""
        found: list[str] = []
        for clip in self.clips:
            path = self.shelf.folder / clip.path
            found += frame_sums(path) if kind == "frames" else packet_sums(path, kind)
        return found

    def has_the_clips_own_pictures(self) -> bool:
        return (
            packet_sums(self.path) == self.of_clips("v")
            and frame_sums(self.path) == self.of_clips("frames")
            and complaints(self.path) == ""
        )

    def out_of_step(self, *, ignored: float = 0.0) -> list[float]:
        """For every beep, how far (seconds) it is from the whole second that the picture shows.

        Both by time stamps and as a player hears it that just plays packet after packet;
        ignored: beeps before that moment of the film are left out
        """
        stamps, pictures = frames(self.path, (160, 120))
        clocks = [read_clock(picture) for picture in pictures]
        assert all(clocks)
        shown = [(clock[1] - START).total_seconds() for clock in clocks if clock]
        by_stamps = beeps(*stamped(self.path))
        by_playing = beeps(played(self.path), 16_000)
        assert len(by_stamps) == len(by_playing)
        wrong: list[float] = []
        for moment in [*by_stamps, *by_playing]:
            if moment >= ignored:
                # A beep may come a little before the frame it belongs to.
                frame = max(0, int(np.searchsorted(stamps, moment + IN_STEP)) - 1)
                clock = shown[frame] + moment - stamps[frame]
                wrong.append(clock - round(clock))
        return wrong


# --- pictures -------------------------------------------------------------------------------------


def test_the_clips_own_pictures_in_a_row(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged(shelf.clips(ROAD, [(0, 2), (2, 2), (4, 3)]), shelf, tmp_path, 7)
    assert merged.has_the_clips_own_pictures()
    assert merged.note == ""
    assert starts_at_once(merged.path)
    assert probe.probe(merged.path).video.duration == pytest.approx(7, abs=0.01)


def test_clips_with_different_parameter_sets_are_shown_as_they_are(
    shelf: Shelf, tmp_path: Path
) -> None:
    clips = [
        shelf.clip(replace(ROAD, encoder=encoder), 2 * n, 2)
        for n, encoder in enumerate(("a", "b", "a"))
    ]
    merged = Merged(clips, shelf, tmp_path, 6)
    assert merged.has_the_clips_own_pictures()
    assert merged.note == ""


def test_pictures_stored_out_of_order_are_kept_so(shelf: Shelf, tmp_path: Path) -> None:
    plain = shelf.clips(replace(ROAD, fps=15), [(0, 2), (2, 2)])
    clips = [shelf.changed(clip, "-c:v", "libx264", "-bf", "2", "-c:a", "copy") for clip in plain]
    merged = Merged(clips, shelf, tmp_path, 4)
    assert merged.has_the_clips_own_pictures()
    stamps, _ = frames(merged.path, (160, 120))
    assert np.allclose(np.diff(stamps), 1 / 15, atol=1e-3)


def test_where_clips_overlap_nothing_is_cut(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged(shelf.clips(ROAD, [(0, 3), (2, 2)]), shelf, tmp_path, 4)
    assert merged.has_the_clips_own_pictures()
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_clips_whose_time_counts_in_other_units_are_joined_without_a_stumble(
    shelf: Shelf, tmp_path: Path
) -> None:
    model = replace(ROAD, fps=30000 / 1001)
    first, second, third = shelf.clips(model, [(0, 2.002), (2.002, 2.002), (4.004, 2.002)])
    second = shelf.changed(second, "-video_track_timescale", "90000")
    assert first.tracks.video.time_base != second.tracks.video.time_base
    merged = Merged([first, second, third], shelf, tmp_path, 6.006)
    assert merged.has_the_clips_own_pictures()
    stamps, _ = frames(merged.path, (160, 120))
    assert np.allclose(np.diff(stamps), 1001 / 30000, atol=1e-3)


def test_a_single_clip_gets_its_file_too(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged([shelf.clip(ROAD, 0, 2)], shelf, tmp_path, 2)
    assert merged.has_the_clips_own_pictures()
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_clips_of_a_hevc_camera_are_joined_by_copying(shelf: Shelf, tmp_path: Path) -> None:
    plain = shelf.clips(ROAD, [(0, 2), (2, 2)])
    encoder = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
    clips = [shelf.changed(clip, *encoder, "-tag:v", "hvc1", "-c:a", "copy") for clip in plain]
    merged = Merged(clips, shelf, tmp_path, 4)
    assert frame_sums(merged.path) == merged.of_clips("frames")
    assert complaints(merged.path) == ""


# --- sound ----------------------------------------------------------------------------------------


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
    assert tracks.audio.end == pytest.approx(tracks.video.duration, abs=0.064)


def test_the_sound_is_the_clips_own_packets(shelf: Shelf, tmp_path: Path) -> None:
    merged = Merged(shelf.clips(ROAD, [(0, 2), (2, 2), (4, 3)]), shelf, tmp_path, 7)
    own = set(merged.of_clips("a"))
    sums = packet_sums(merged.path, "a")
    assert sum(1 for one in sums if one not in own) <= 1  # a silent one may stand in
    assert len(sums) == round(7 * 16_000 / 1024)


@pytest.mark.parametrize("rate", [44_100, 48_000, 22_050, 16_000, 8_000])
def test_sound_of_any_sample_rate_is_in_step(shelf: Shelf, tmp_path: Path, rate: int) -> None:
    plain = shelf.clips(ROAD, [(0, 2), (2, 3), (5, 2)])
    merged = Merged([resampled(shelf, clip, rate) for clip in plain], shelf, tmp_path, 7)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP
    assert merged.has_the_clips_own_pictures()
    # A packet of 128 ms cannot be laid in step to 40 ms.
    assert merged.note == (ENCODED_SOUND if rate == 8_000 else "")


def test_clips_without_sound_among_others_are_silent_and_the_rest_stays_in_step(
    shelf: Shelf, tmp_path: Path
) -> None:
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


def uneven(shelf: Shelf, start: float, picture: float, sound: float) -> Clip:
    """A clip whose picture and sound last differently."""
    source = shelf.clip(ROAD, start, max(picture, sound))
    path = shelf.folder / f"uneven-{start}-{picture}-{sound}.mp4"
    if not path.exists():
        whole = str(shelf.folder / source.path)
        ffmpeg.run(
            ["-t", str(picture), "-i", whole, "-t", str(sound), "-i", whole]
            + ["-map", "0:v", "-map", "1:a", "-c", "copy", str(path)]
        )
    return shelf.known(path, start)


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


def test_clips_with_sound_of_different_kinds_are_in_step_and_the_note_says_how(
    shelf: Shelf, tmp_path: Path
) -> None:
    plain = shelf.clips(ROAD, [(0, 2), (2, 2), (4, 2)])
    clips = [plain[0], resampled(shelf, plain[1], 48_000, "-ac", "2"), plain[2]]
    merged = Merged(clips, shelf, tmp_path, 6)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP
    assert merged.note == ENCODED_SOUND
    assert merged.has_the_clips_own_pictures()


@pytest.mark.parametrize("codec", ["libopus", "libmp3lame", "ac3"])
def test_sound_of_another_codec_is_in_step(shelf: Shelf, tmp_path: Path, codec: str) -> None:
    plain = shelf.clips(ROAD, [(0, 2), (2, 2)])
    clips = [shelf.changed(clip, "-c:a", codec, "-ar", "48000") for clip in plain]
    merged = Merged(clips, shelf, tmp_path, 4)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP
    assert merged.note == ENCODED_SOUND


def test_sound_that_begins_with_the_picture_is_kept_from_its_first_packet(
    shelf: Shelf, tmp_path: Path
) -> None:
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


# --- chapters -------------------------------------------------------------------------------------


def test_chapters_carry_the_wall_clock_and_name_what_is_missing(
    shelf: Shelf, tmp_path: Path
) -> None:
    clips = [shelf.clip(ROAD, 1, 2), shelf.clip(ROAD, 3, 2), shelf.clip(ROAD, 7, 2)]
    merged = Merged(clips, shelf, tmp_path, 20)
    found = chapters(merged.path)
    assert [(round(begin, 3), round(end, 3)) for begin, end, _ in found] == [(0, 2), (2, 4), (4, 6)]
    assert [title for _, _, title in found] == [
        "03/01/2025 07:30:01 CST (nothing from 03/01/2025 07:30:00 CST to 03/01/2025 07:30:01 CST)",
        "03/01/2025 07:30:03 CST",
        "03/01/2025 07:30:07 CST (nothing from 03/01/2025 07:30:05 CST to 03/01/2025 07:30:07 CST)"
        " (nothing from 03/01/2025 07:30:09 CST to 03/01/2025 07:30:20 CST after it)",
    ]


def test_a_chapter_says_where_a_clip_repeats_what_was_shown() -> None:
    assert ZONE is not None
    marks = merge.chapters([imagined(0, 10), imagined(8, 5)], Window(at(0), at(13)), ZONE)
    assert marks[1].title == "03/01/2025 07:30:08 CST (repeats 2.0 s)"


def test_a_day_of_minutes_has_a_chapter_for_each() -> None:
    assert ZONE is not None
    clips = [imagined(60 * n, 60) for n in range(1440)]
    marks = merge.chapters(clips, Window(at(0), at(86_400)), ZONE)
    assert len(marks) == 1440
    assert all(a.end == b.start for a, b in pairwise(marks))
    assert not any("(" in mark.title for mark in marks)


# --- clips that differ ----------------------------------------------------------------------------


def test_clips_of_different_sizes_are_joined_and_none_is_stretched(
    shelf: Shelf, tmp_path: Path
) -> None:
    wide = replace(ROAD, width=240, height=120)
    clips = [shelf.clip(ROAD, 0, 2), shelf.clip(wide, 2, 2)]
    merged = Merged(clips, shelf, tmp_path, 4)
    assert merged.note == "re-encoded: its clips differ in size"
    video = probe.probe(merged.path).video
    assert (video.width, video.height) == (240, 120)
    assert video.duration == pytest.approx(4, abs=0.05)
    stamps, pictures = frames(merged.path, (240, 120))
    for stamp, picture in zip(stamps, pictures, strict=True):
        tile = picture[:, 40:200] if stamp < 1.99 else picture
        clock = read_clock(tile)
        assert clock is not None
        assert abs((clock[1] - at(stamp)).total_seconds()) <= 0.21
    for moment in beeps(played(merged.path), 16_000):
        assert abs(moment - round(moment)) <= IN_STEP
    assert complaints(merged.path) == ""
    assert starts_at_once(merged.path)
    assert len(chapters(merged.path)) == 2


def test_clips_of_different_rate_and_codec_are_joined(shelf: Shelf, tmp_path: Path) -> None:
    clips = [
        shelf.clip(ROAD, 0, 2),
        shelf.clip(replace(ROAD, fps=10), 2, 2),
        shelf.clip(replace(ROAD, encoder="mpeg4"), 4, 2),
    ]
    merged = Merged(clips, shelf, tmp_path, 6)
    assert merged.note == "re-encoded: its clips differ in codec, frame rate"
    assert probe.probe(merged.path).video.duration == pytest.approx(6, abs=0.05)
    assert probe.probe(merged.path).video.rate == 10
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_joined_anew_every_clip_lasts_as_long_as_its_picture(shelf: Shelf, tmp_path: Path) -> None:
    clips = [uneven(shelf, 0, 2, 3), shelf.clip(replace(ROAD, fps=10), 2, 2)]
    clips.append(uneven(shelf, 4, 3, 2))
    merged = Merged(clips, shelf, tmp_path, 7)
    assert probe.probe(merged.path).video.duration == pytest.approx(7, abs=0.11)
    assert max(map(abs, merged.out_of_step(ignored=0.5))) <= IN_STEP


def test_pixels_that_are_not_square_keep_their_shape_when_joined_anew(
    shelf: Shelf, tmp_path: Path
) -> None:
    square = shelf.clip(ROAD, 0, 2)
    flat = shelf.changed(shelf.clip(ROAD, 2, 2), "-bsf:v", "h264_metadata=sample_aspect_ratio=3/2")
    merged = Merged([square, flat], shelf, tmp_path, 4)
    assert "size" in merged.note
    video = probe.probe(merged.path).video
    assert (video.width, video.height, video.aspect) == (240, 120, "1/1")
    _, pictures = frames(merged.path, (240, 120))
    assert read_clock(pictures[2][:, 40:200]) is not None
    assert read_clock(pictures[-2]) is not None


def test_a_clip_that_vanished_between_others_is_not_passed_over(
    shelf: Shelf, tmp_path: Path
) -> None:
    assert ZONE is not None
    quiet = replace(ROAD, sound=False)
    clips = shelf.clips(quiet, [(0, 2), (2, 2), (4, 2)])
    clips[1] = replace(clips[1], path=clips[1].path.with_name("gone.mp4"))
    with pytest.raises(FfmpegError):
        merge.merge(clips, shelf.folder, tmp_path / "m.mp4", Window(at(0), at(6)), ZONE)
    assert list(tmp_path.iterdir()) == []


# --- when it does not work ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["copied", "re-encoded"])
def test_a_stop_leaves_the_file_as_it_was(shelf: Shelf, tmp_path: Path, kind: str) -> None:
    assert ZONE is not None
    target, stop = tmp_path / "merged.mp4", threading.Event()
    target.write_text("as it was")
    stop.set()
    second = ROAD if kind == "copied" else replace(ROAD, fps=10)
    clips = [shelf.clip(ROAD, 0, 2), shelf.clip(second, 2, 2)]
    with pytest.raises(Interrupted):
        merge.merge(clips, shelf.folder, target, Window(at(0), at(4)), ZONE, stop=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["merged.mp4"]
    assert target.read_text() == "as it was"


def test_a_clip_that_vanished_is_an_error_and_leaves_no_half_file(
    shelf: Shelf, tmp_path: Path
) -> None:
    assert ZONE is not None
    clips = [shelf.clip(ROAD, 0, 2), imagined(2, 2)]
    clips[1] = replace(clips[1], tracks=clips[0].tracks)
    with pytest.raises(FfmpegError):
        merge.merge(clips, shelf.folder, tmp_path / "m.mp4", Window(at(0), at(4)), ZONE)
    assert list(tmp_path.iterdir()) == []


def test_progress_reaches_the_length_of_the_film(shelf: Shelf, tmp_path: Path) -> None:
    assert ZONE is not None
    told: list[float] = []
    clips = shelf.clips(ROAD, [(0, 2), (2, 2), (4, 3)])
    merge.merge(
        *(clips, shelf.folder, tmp_path / "m.mp4", Window(at(0), at(7)), ZONE),
        progress=told.append,
    )
    assert told[-1] == pytest.approx(7, abs=0.3)
