"""Renders a side-by-side: all cameras in one picture, on one clock, minute by minute.

A minute is rendered as soon as it is planned, and kept under a name that holds the fingerprint of
its plan. At the end the minutes are joined by stream copy; one whose plan has changed since (a clip
from much earlier or later reaches into it) is rendered again. A crash costs one minute's rendering.
"""

from __future__ import annotations

import logging
import shlex
import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from footage.media import audio, cores, ffmpeg
from footage.media.mp4 import Chapter, Tags, index_space, write_metadata, write_mp4
from footage.media.render_command import command
from footage.media.side_by_side_plan import AudioMinute, Minute, SideBySidePlan
from footage.system.text import count_text
from footage.system.whole_files import digest, remove, rename, whole_file

log = logging.getLogger("footage.media.render")


@dataclass
class Renderer:
    """Renders the minutes of a plan that are not rendered yet, and joins all of them.

    folder: where the clips' paths begin
    work:   holds the rendered minutes, for as long as the caller keeps it
    """

    folder: Path
    work: Path
    stop: threading.Event
    _checked: dict[str, Path] = field(default_factory=dict)
    _found: dict[str, list[Path]] | None = None  # see `_unchecked`

    def render_next(
        self, plan: SideBySidePlan, progress: Callable[[float], None] | None = None
    ) -> bool:
        """Render the next one or two settled minutes that are not there yet, and their sound
        meanwhile; False when there is none.

        progress: called with the seconds that are rendered
        """
        minutes = [minute for minute in plan.minutes if minute is not None]
        waiting = list(islice((one for one in minutes if not self._kept("picture", one)), 2))
        waiting = waiting[: cores.minutes_at_once(waiting)]
        unheard = (one for one in plan.audio if one is not None and not self._kept("sound", one))
        pieces = list(islice(unheard, max(1, len(waiting))))
        if not waiting and not pieces:
            return False
        done = sum(one.seconds for one in minutes if _name("picture", one) in self._checked)
        shown = _Progress(progress, done)
        threads = cores.threads_each(len(waiting))
        tasks = [partial(self._render_minute, one, threads, shown.of(one)) for one in waiting]
        tasks += [partial(self._render_audio, piece) for piece in pieces]
        with ThreadPoolExecutor(len(tasks), thread_name_prefix="render") as pool:
            # Each with a copy of this thread's context: by it the log tells of which job a line is.
            futures = [pool.submit(copy_context().run, task) for task in tasks]
        for future in futures:
            future.result()
        return True

    def finish(
        self,
        plan: SideBySidePlan,
        target: Path,
        chapters: Sequence[Chapter],
        progress: Callable[[float], None] | None = None,
        tags: Tags | None = None,
    ) -> None:
        """Render what is not rendered yet and join everything into `target`.

        tags: what the file says of itself; None for nothing
        """
        minutes = [minute for minute in plan.minutes if minute is not None]
        audio_minutes = [piece for piece in plan.audio if piece is not None]
        if len(minutes) < len(plan.minutes) or len(audio_minutes) < len(plan.audio):
            raise ValueError("The side-by-side is joined before all of it is settled.")
        while self.render_next(plan, progress):
            pass
        metadata = self.work / "metadata.txt"
        write_metadata(tags, chapters, metadata)
        self._join(minutes, audio_minutes, target, metadata, len(chapters))

    def process(self, plan: SideBySidePlan) -> str:
        """How a film is made, in words and in ffmpeg's arguments: those of its first minute, as
        those of the others differ in their inputs, and in where these are cut, only.
        """
        minute = next(minute for minute in plan.minutes if minute is not None)
        with tempfile.TemporaryDirectory(dir=self.work) as drawn:
            arguments, _ = command(minute, self.folder, Path(drawn))
        # Of files only the names: where they are on this computer is nobody's business.
        shown = [
            Path(argument).name if before == "-i" else argument
            for before, argument in zip(["", *arguments], arguments, strict=False)
        ]
        return (
            f"{count_text(len(plan.minutes), 'minute')} rendered by ffmpeg {ffmpeg.check()} and "
            f"joined by copying; the first with: {shlex.join(shown)}"
        )

    def _kept(self, kind: str, plan: Minute | AudioMinute) -> Path | None:
        """The rendered file of this very plan, if it is there and whole.

        Its name ends in its own digest, so that a damaged file is noticed and rendered again.
        """
        name = _name(kind, plan)
        if name in self._checked:
            return self._checked[name]
        for path in self._unchecked().pop(name, []):
            if path.stem.rpartition("-")[2] == digest(path)[:20]:
                self._checked[name] = path
                return path
            remove(path)
        return None

    def _unchecked(self) -> dict[str, list[Path]]:
        """The rendered files that were not compared with their digests yet, by all of their names
        but that. The folder is read once: that of a day has thousands, and each is asked for.
        """
        if self._found is None:
            found: dict[str, list[Path]] = {}
            for path in self.work.glob("*-*-*"):
                found.setdefault(path.stem.rpartition("-")[0], []).append(path)
            self._found = found
        return self._found

    def _keep(self, kind: str, plan: Minute | AudioMinute, rendered: Path) -> None:
        """Give a rendered file the name under which `_kept` finds it."""
        name = _name(kind, plan)
        kept = self.work / f"{name}-{digest(rendered)[:20]}{rendered.suffix}"
        rename(rendered, kept)
        self._unchecked().setdefault(name, []).append(kept)

    def _render_minute(
        self, minute: Minute, threads: int, progress: Callable[[float], None]
    ) -> None:
        drawn = self.work / f"labels-{minute.number:04}"
        drawn.mkdir(parents=True, exist_ok=True)
        arguments, fed = command(minute, self.folder, drawn, threads)
        rendered = self.work / f"minute-{minute.number:04}.mp4"
        with whole_file(rendered) as part:
            ffmpeg.run(
                [*arguments, "-f", "mp4", str(part)],
                stdin=fed,
                progress=progress,
                stop=self.stop,
            )
        self._keep("picture", minute, rendered)
        shutil.rmtree(drawn, ignore_errors=True)
        log.info("Side by side: minute %d rendered", minute.number + 1)

    def _render_audio(self, piece: AudioMinute) -> None:
        parts = [
            audio.Part(part.start, part.end, self.folder / part.path, part.clip_start)
            for part in piece.parts
        ]
        rendered = self.work / f"minute-{piece.number:04}.aac"
        self.work.mkdir(parents=True, exist_ok=True)
        audio.render(parts, piece.first, piece.last, rendered, self.stop)
        self._keep("sound", piece, rendered)

    def _join(
        self,
        minutes: Sequence[Minute],
        audio_minutes: Sequence[AudioMinute],
        target: Path,
        metadata: Path,
        chapters: int,
    ) -> None:
        minute_list = self.work / "minutes.txt"
        entries = [(self._rendered("picture", minute), minute.seconds) for minute in minutes]
        minute_list.write_text(ffmpeg.concat_list(entries), encoding="utf-8")
        # Without -xerror a minute that cannot be opened would silently end the file there.
        arguments = ["-xerror", "-f", "concat", "-safe", "0", "-i", str(minute_list)]
        arguments += ["-f", "ffmetadata", "-i", str(metadata)]
        if audio_minutes:
            arguments += ["-f", "aac", "-i", str(self._whole_audio(audio_minutes))]
        arguments += ["-map", "0:v:0", "-map_chapters", "1", "-map_metadata", "1", "-c", "copy"]
        arguments += ["-map", "2:a:0"] if audio_minutes else []
        packets = minutes[-1].last + (audio_minutes[-1].last if audio_minutes else 0)
        with whole_file(target) as part:
            write_mp4(arguments, index_space(packets, chapters), part, None, self.stop)

    def _whole_audio(self, audio_minutes: Sequence[AudioMinute]) -> Path:
        whole = self.work / "sound.aac"
        with whole.open("wb") as file:
            for piece in audio_minutes:
                with self._rendered("sound", piece).open("rb") as source:
                    shutil.copyfileobj(source, file)
        return whole

    def _rendered(self, kind: str, plan: Minute | AudioMinute) -> Path:
        path = self._kept(kind, plan)
        assert path is not None  # noqa: S101 - it was rendered just now
        return path


def _name(kind: str, plan: Minute | AudioMinute) -> str:
    """The name of what is rendered of a plan, as far as it does not depend on the outcome."""
    return f"{kind}-{plan.number:04}-{plan.fingerprint}"


class _Progress:
    """The progress of minutes that are rendered at the same time, as that of the whole.

    done: seconds that were rendered before
    """

    def __init__(self, progress: Callable[[float], None] | None, done: float) -> None:
        self._progress = progress
        self._done = done
        self._seconds: dict[int, float] = {}
        self._lock = threading.Lock()

    def of(self, minute: Minute) -> Callable[[float], None]:
        """What is to be called with the seconds of this one that are rendered."""

        def note(seconds: float) -> None:
            with self._lock:
                self._seconds[minute.number] = seconds
                if self._progress is not None:
                    self._progress(self._done + sum(self._seconds.values()))

        return note
