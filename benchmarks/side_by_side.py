"""Claim: the side-by-side costs little more than the encoding that any side-by-side costs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.material import Picture, fetched_job
from benchmarks.measure import Compared, Row, Table, bare_ffmpeg, compare, new_name, seconds
from footage.media import audio, ffmpeg, render, render_command
from footage.media.encoder import CURRENT, SIDE_BY_SIDE
from footage.media.render_plan import plan
from footage.model import UTC, Job
from footage.system.threads import StopEvent

_BEFORE = "veryfast-21"  # the encoder's settings of the first journals


@dataclass(frozen=True)
class Size:
    picture: Picture
    minutes: int
    rounds: int


FULL = Size(Picture(960, 540, 15), 1, 5)
QUICK = Size(Picture(640, 360, 10), 1, 3)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Render the same minutes with the program, with a bare ffmpeg, and with moviepy."""
    job = fetched_job(size.minutes, size.picture, drawn, work)
    unlabelled = compare(
        [lambda: _ours(job, work, with_labels=False)],
        lambda: _bare(job, size.picture, work),
        size.rounds,
    )[0]
    pair = fetched_job(2, size.picture, drawn, work)
    two_at_once = compare(
        [lambda: _ours(pair, work, with_labels=True)],
        lambda: _bare(pair, size.picture, work, _BEFORE),
        size.rounds,
    )[0]
    by_moviepy = seconds(lambda: _moviepy(job, size.picture, work))
    film = f"{size.minutes} min of three cameras, {size.picture}, with sound"
    rounds = f"median of {size.rounds} rounds"
    return Table(
        "Side by side",
        (
            Row(
                "time without labels, against a bare ffmpeg with the same filters and encoder",
                1.15,
                unlabelled.ratio,
                f"{film}: {unlabelled.seconds}, {rounds}",
            ),
            _labels(size, job, work, film),
            Row(
                "two minutes at once, with labels: time against a bare ffmpeg with the same "
                f"filters and the settings {_BEFORE}",
                0.7,
                two_at_once.ratio,
                f"2 min of three cameras, {size.picture}: {two_at_once.seconds}, {rounds}",
            ),
            Row(
                "the same, processor time",
                0.75,
                two_at_once.processor,
                f"2 min of three cameras, {size.picture}: {two_at_once.seconds}, {rounds}",
            ),
            Row(
                "times as fast as moviepy's `clips_array`, same size, codec and preset",
                4,
                by_moviepy / unlabelled.ours,
                f"{film}: {unlabelled.ours:.1f} s against {by_moviepy:.1f} s",
                at_least=True,
            ),
        ),
    )


def _labels(size: Size, job: Job, work: Path, film: str) -> Row:
    labelled, rendered = compare(
        [
            lambda: _drawn(job, work, with_labels=True),
            lambda: _ours(job, work, with_labels=False),
        ],
        lambda: _drawn(job, work, with_labels=False),
        2 * size.rounds,
    )
    return Row(
        "processor time of drawing the labels, as a share of the whole rendering",
        3,
        100 * (_cost(labelled) - 1) / _cost(rendered),
        f"{film}: decoded, drawn and not encoded {labelled.seconds} without labels; a whole "
        f"rendering is {_cost(rendered):.1f} times the latter; median of {2 * size.rounds} rounds",
        unit="%",
    )


def _ours(job: Job, work: Path, *, with_labels: bool) -> None:
    film = plan(job, UTC, with_labels=with_labels, closing=True)
    if film is None:
        raise RuntimeError("There is nothing to put side by side.")
    renderer = render.Renderer(work, new_name(work, ".work"), StopEvent())
    renderer.finish(film, new_name(work), ())


def _drawn(job: Job, work: Path, *, with_labels: bool) -> None:
    """All but the encoding, whose time differs by more from run to run than the labels take."""
    film = plan(job, UTC, with_labels=with_labels, closing=True)
    for minute in film.minutes if film is not None else ():
        if minute is not None:
            arguments, fed = render_command.command(minute, work, work)
            unencoded = arguments[: arguments.index("-frames:v") + 2]
            ffmpeg.run([*unencoded, "-c:v", "wrapped_avframe", "-f", "null", "-"], stdin=fed)


def _cost(compared: Compared) -> float:
    """The ratio of processor time, or of time where the system does not report it."""
    return compared.processor or compared.ratio


def _bare(job: Job, picture: Picture, work: Path, settings: str = CURRENT) -> None:
    """One command, as a person would write it for these files."""
    inputs: list[str] = []
    for camera in job.cameras:
        listed = new_name(work, ".txt")
        entries = [(work / clip.path, None) for clip in job.clips(camera)]
        listed.write_text(ffmpeg.concat_list(entries), "utf-8")
        inputs += ["-f", "concat", "-safe", "0", "-i", str(listed)]
    tiles = [f"[{n}:v]scale=-2:{picture.height}[t{n}]" for n in range(len(job.cameras))]
    names = "".join(f"[t{n}]" for n in range(len(job.cameras)))
    graph = ";".join([*tiles, f"{names}hstack=inputs={len(job.cameras)}[film]"])
    bare_ffmpeg(
        [*inputs, "-filter_complex", graph, "-map", "[film]", "-map", "1:a"]
        + [*SIDE_BY_SIDE[settings], "-g", str(2 * picture.rate), *audio.ENCODER]
        + [str(new_name(work))]
    )


def _moviepy(job: Job, picture: Picture, work: Path) -> None:
    from moviepy import VideoFileClip, clips_array, concatenate_videoclips

    parts = [
        [VideoFileClip(str(work / clip.path)) for clip in job.clips(camera)]
        for camera in job.cameras
    ]
    settings = SIDE_BY_SIDE[CURRENT]
    named = dict(zip(settings[::2], settings[1::2], strict=True))
    clips_array([[concatenate_videoclips(of_camera) for of_camera in parts]]).write_videofile(
        str(new_name(work)),
        fps=picture.rate,
        codec=named["-c:v"],
        preset=named["-preset"],
        ffmpeg_params=["-crf", named["-crf"], "-x264-params", named["-x264-params"]],
        audio_codec="aac",
        temp_audiofile=str(new_name(work, ".m4a")),
        logger=None,
    )
    for of_camera in parts:
        for part in of_camera:
            part.close()
