"""The clips that one merge is made of, and the folder for its temporary files."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from footage.media import ffmpeg
from footage.media.mp4 import Chapter, write_chapters
from footage.model import Clip


@dataclass(frozen=True)
class MergeInput:
    """What the parts of a merge share.

    clips:    of one camera, in order of actual start
    folder:   where the clips' paths begin
    work:     takes temporary files
    chapters: of the finished file
    """

    clips: Sequence[Clip]
    folder: Path
    work: Path
    chapters: Sequence[Chapter]
    stop: threading.Event | None

    @property
    def duration(self) -> float:
        """Seconds of the finished file."""
        return sum(clip.duration for clip in self.clips)

    def path(self, clip: Clip) -> Path:
        return self.folder / clip.path

    def write_list(self, name: str, entries: Sequence[tuple[Path, float | None]]) -> Path:
        """Write a list of files for ffmpeg's concat reader (see `ffmpeg.concat_list`)."""
        path = self.work / name
        path.write_text(ffmpeg.concat_list(entries), encoding="utf-8")
        return path

    def write_chapters(self) -> Path:
        """Write the chapters in ffmpeg's metadata form."""
        path = self.work / "chapters.txt"
        write_chapters(self.chapters, path)
        return path
