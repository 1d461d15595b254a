"""Claim: one camera's clips are joined about as fast as ffmpeg can copy them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.material import ROAD, Picture, fetched_job
from benchmarks.measure import Row, Table, bare_ffmpeg, compare, new_name, seconds
from footage.media import ffmpeg, merge
from footage.model import UTC, Clip, Job


@dataclass(frozen=True)
class Size:
    """minutes: clips joined; moviepy_minutes: how many of them moviepy joins as well."""

    picture: Picture
    minutes: int
    rounds: int
    moviepy_minutes: int


FULL = Size(Picture(960, 540, 15), 10, 15, 2)
QUICK = Size(Picture(640, 360, 30), 10, 7, 1)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Join the same clips with the program, with a bare ffmpeg, and with moviepy."""
    job = fetched_job(size.minutes, size.picture, drawn, work)
    clips = job.clips(ROAD)
    few = clips[: size.moviepy_minutes]
    against_ffmpeg = compare(
        [lambda: _ours(clips, job, work)], lambda: _bare(clips, work), size.rounds
    )[0]
    by_moviepy = seconds(lambda: _moviepy(few, work))
    ours = sorted(seconds(lambda: _ours(few, job, work)) for _ in range(5))[2]
    return Table(
        "Join of one camera's clips",
        (
            Row(
                "time, against a bare `ffmpeg -f concat -c copy`",
                1.5,
                against_ffmpeg.ratio,
                f"{size.minutes} clips of a minute, {size.picture}, with sound: "
                f"{against_ffmpeg.seconds}, median of {size.rounds} pairs",
            ),
            Row(
                "times as fast as moviepy's concatenate-and-write",
                100,
                by_moviepy / ours,
                f"{len(few)} of these clips: {ours:.2f} s against {by_moviepy:.1f} s",
                at_least=True,
            ),
        ),
    )


def _ours(clips: Sequence[Clip], job: Job, work: Path) -> None:
    target = new_name(work)
    note = merge.merge(clips, work, target, job.span, UTC)
    if note:
        raise RuntimeError(f"The clips were not just copied: {note}")


def _bare(clips: Sequence[Clip], work: Path) -> None:
    listed = new_name(work, ".txt")
    listed.write_text(ffmpeg.concat_list([(work / clip.path, None) for clip in clips]), "utf-8")
    copy = ["-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy"]
    bare_ffmpeg([*copy, str(new_name(work))])


def _moviepy(clips: Sequence[Clip], work: Path) -> None:
    from moviepy import VideoFileClip, concatenate_videoclips

    parts = [VideoFileClip(str(work / clip.path)) for clip in clips]
    concatenate_videoclips(parts).write_videofile(
        str(new_name(work)),
        codec="libx264",
        audio_codec="aac",
        temp_audiofile=str(new_name(work, ".m4a")),
        logger=None,
    )
    for part in parts:
        part.close()
