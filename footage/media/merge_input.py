"""The clips that one merge is made of, and the folder for its temporary files."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from footage.media import ffmpeg
from footage.media.mp4 import Chapter, Tags, write_metadata
from footage.model import Clip


@dataclass(frozen=True)
class MergeInput:
    """What the parts of a merge share.

    clips:    of one camera, in order of actual start
    folder:   where the clips' paths begin
    work:     takes temporary files
    chapters, tags: of the finished file
    copies:   by a clip's path, the file that is read instead of it: the same packets, picture
              first and then sound and nothing else
    """

    clips: Sequence[Clip]
    folder: Path
    work: Path
    chapters: Sequence[Chapter]
    stop: threading.Event | None
    copies: Mapping[PurePath, Path] = field(default_factory=dict)
    tags: Tags | None = None

    @property
    def duration(self) -> float:
        """Seconds of the finished file."""
        return sum(clip.duration for clip in self.clips)

    def path(self, clip: Clip) -> Path:
        """The clip's own file."""
        return self.folder / clip.path

    def read_from(self, clip: Clip) -> Path:
        """The file of which the clip's packets are read."""
        return self.copies.get(clip.path) or self.path(clip)

    def write_list(self, name: str, entries: Sequence[tuple[Path, float | None]]) -> Path:
        """Write a list of files for ffmpeg's concat reader (see `ffmpeg.concat_list`)."""
        path = self.work / name
        path.write_text(ffmpeg.concat_list(entries), encoding="utf-8")
        return path

    def write_metadata(self) -> Path:
        """Write tags and chapters in ffmpeg's metadata form."""
        path = self.work / "metadata.txt"
        write_metadata(self.tags, self.chapters, path)
        return path
