"""Files as cameras write them, side by side: at their true time, and dark where there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.media import ROAD, Shelf, at, job, window
from support.side_by_sides import SideBySide

from footage.media import ffmpeg, probe
from footage.model import Clip, Tracks
from simulator.cameras import CameraModel
from simulator.footage import Content, draw

SECONDS = 6
FRAME = 0.1
KINDS = ("a hole", "no key frame", "picture late", "frames hidden", "zeros", "cut off")


class Files:
    """Draws the clip of each kind, all by cameras of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def clip(self, kind: str) -> Clip:
        number = KINDS.index(kind) + 1
        model = replace(ROAD, number=number, label=kind, fps=10, gop=10, sound=False)
        # The file's zero is that of the film, but for a cut that begins later.
        start = 1.5 if kind in ("picture late", "frames hidden") else 0.0
        path = self.folder / f"{kind}.mp4"
        if kind == "frames hidden":
            self._copy(self._whole(model, 0), path, before=("-ss", "1.5"))
        elif kind == "picture late":
            self._copy(self._whole(model, start), path, before=("-itsoffset", "1.5"))
            start = 0.0
        elif kind == "a hole":
            self._copy(self._whole(model, 0), path, "-bsf:v", "noise=drop='between(n,20,39)'")
        elif kind == "no key frame":
            self._copy(self._whole(model, 0), path, "-copyinkf", "-bsf:v", "noise=drop='lt(n,5)'")
        else:
            data = self._whole(model, 0).read_bytes()
            begin = data.index(b"mdat") + 4
            first, last = (begin + (len(data) - begin) * tenth // 10 for tenth in (4, 5))
            zeros = data[:first] + bytes(last - first) + data[last:]
            path.write_bytes(zeros if kind == "zeros" else data[:last])
        tracks = probe.probe(path, cut_off=kind == "cut off")
        return Clip(Path(path.name), window(0), at(start), tracks, 1, kind)

    def _whole(self, model: CameraModel, start: float) -> Path:
        content = Content("Truck 42", model, at(start), SECONDS)
        draw(content, self.folder / content.file_name)
        return self.folder / content.file_name

    def _copy(self, source: Path, path: Path, *options: str, before: tuple[str, ...] = ()) -> None:
        ffmpeg.run([*before, "-i", str(source), "-c", "copy", *options, str(path)])


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[SideBySide, dict[str, Tracks]]:
    """A film of all kinds, and what was measured of their files."""
    folder = tmp_path_factory.mktemp("camera-files")
    files = Files(folder)
    clips = {kind: files.clip(kind) for kind in KINDS}
    shown = SideBySide(job({kind: [clip] for kind, clip in clips.items()}), Shelf(folder), folder)
    return shown, {kind: clip.tracks for kind, clip in clips.items()}


DARK: dict[str, list[tuple[float, float]]] = {
    "a hole": [(2, 4), (6, 60)],
    "no key frame": [(0, 1), (6, 60)],
    "picture late": [(0, 1.5), (7.5, 60)],
    "frames hidden": [(0, 1.5), (6, 60)],
}


@pytest.mark.many_cases
@pytest.mark.parametrize("kind", KINDS)
def test_each_picture_is_at_its_true_time_or_dark(
    film: tuple[SideBySide, dict[str, Tracks]], kind: str
) -> None:
    shown, measured = film
    camera, video = KINDS.index(kind), measured[kind].video
    # A frame that is damaged in part looks like the one before it.
    assert max(abs(off) for off in shown.wrong(camera) if off is not None) <= FRAME + 0.01
    dark = shown.dark(camera)
    expected = DARK.get(kind, [*video.holes, (video.duration, 60.0)])
    assert len(dark) == len(expected) == (1 if kind == "cut off" else 2)
    for found, one in zip(dark, expected, strict=True):
        assert found == pytest.approx(one, abs=FRAME + 0.01)
    if kind == "zeros":
        assert 0.2 < dark[0][1] - dark[0][0] < 2
    elif kind == "cut off":
        assert 2 < video.duration < 4
