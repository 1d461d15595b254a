"""All cameras in one picture, on one clock, rendered minute by minute.

A minute is rendered as soon as it is planned, and kept under a name that holds the fingerprint of
its plan. At the end the minutes are joined by stream copy; one whose plan has changed since (a clip
came in from far off) is rendered again. A crash costs one minute of rendering.
"""

from __future__ import annotations

import io
import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from footage.media import audio, ffmpeg, labels
from footage.media.layout import Layout, Tile
from footage.media.mp4 import Chapter, index_space, write_chapters, write_mp4
from footage.media.render_plan import ENCODER, Clock, Film, Minute, SoundPiece, TileSegment
from footage.system.whole_files import digest, remove, rename, whole_file

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger("footage.media.render")


def command(minute: Minute, folder: Path, work: Path) -> tuple[list[str], bytes | None]:
    """The ffmpeg arguments (but the target) that render one minute, and what to feed its input.

    Pictures of labels and gaps are drawn into `work`.
    """
    graph = _Graph(folder, work)
    for number, tile in enumerate(minute.layout.tiles):
        graph.tile(number, tile, minute)
    whole = graph.stack(minute.layout)
    fed: bytes | None = None
    if minute.clock is not None:
        whole, fed = graph.write_labels(whole, minute, minute.clock)
    frames = minute.last - minute.first
    graph.filters.append(f"[{whole}]setpts=N/({minute.rate}*TB)[film]")
    arguments = [*graph.inputs, "-filter_complex", ";".join(graph.filters), "-map", "[film]"]
    arguments += ["-frames:v", str(frames), "-r", str(minute.rate), *ENCODER]
    arguments += ["-g", str(round(minute.rate * 2)), "-video_track_timescale"]
    return [*arguments, str(minute.rate.numerator * 1000 // _common(minute.rate))], fed


def _common(rate: Fraction) -> int:
    """What to divide a time scale by, so that it stays below what players take (2^31)."""
    return 1000 if rate.numerator >= 10_000 else 1


@dataclass
class _Graph:
    """A filter graph while it is written."""

    folder: Path
    work: Path
    inputs: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    count: int = 0

    def add_input(self, *arguments: str) -> int:
        self.inputs += arguments
        self.count += 1
        return self.count - 1

    def picture(self, image: Image, name: str) -> int:
        """Add a drawn picture as an input of one frame."""
        path = self.work / name
        path.write_bytes(_png(image))
        return self.add_input("-i", str(path))

    def tile(self, number: int, tile: Tile, minute: Minute) -> None:
        """Lay the pieces of one camera end to end, each in exactly its number of frames."""
        for place, shown in enumerate(minute.tiles[number]):
            name = f"t{number}p{place}"
            frames = shown.last - shown.first
            if shown.path:
                source, shift = self._cut(shown, frames, minute.rate)
            else:
                drawn = labels.no_footage(shown.words, tile.width, tile.height)
                source, shift = self.picture(drawn, f"{name}.png"), Fraction(0)
            # A frame that a clip lacks within its last tenth of a second is bridged by the one
            # before it; more than that (a damaged end) stays dark, rather than a frozen picture.
            bridged = 1 if shown.path else frames
            bridged += int(minute.rate / 10 * max(Fraction(1), shown.speed))
            # Counted finely, for at another speed its frames fall between the file's own ticks.
            speed = f"*({shown.speed})" if shown.speed != 1 else ""
            self.filters.append(
                f"[{source}:v:0]{'settb=AVTB,' if speed else ''}setpts=(PTS-({shift})/TB){speed},"
                f"fps={minute.rate}:start_time=0,"
                f"scale={tile.width}:{tile.height}:out_range=tv,setsar=1,format=yuv420p,"
                f"tpad=stop_mode=clone:stop={bridged},"
                f"tpad=stop_mode=add:stop={frames}:color=0x101014,"
                f"trim=end_frame={frames},setpts=N/({minute.rate}*TB)[{name}]"
            )
        pieces = len(minute.tiles[number])
        names = "".join(f"[t{number}p{place}]" for place in range(pieces))
        joined = f"{names}concat=n={pieces}:v=1:a=0," if pieces > 1 else names
        # Every tile must count time in frames. In any finer unit two tiles round differently, and
        # stacking makes two pictures of one, each of which the film would then show for a frame.
        self.filters.append(f"{joined}settb={1 / minute.rate},setpts=N[t{number}]")

    def _cut(self, shown: TileSegment, frames: int, rate: Fraction) -> tuple[int, Fraction]:
        """Open a clip shortly before the cut; returns the input and the cut's time within it."""
        begin = (Fraction(shown.first) / rate - shown.zero) / shown.speed
        skipped = max(Fraction(0), begin - shown.lead)
        needed = begin - skipped + frames / rate / shown.speed + 1
        seek = ["-ss", f"{float(skipped):.6f}"] if skipped else []
        source = self.add_input(
            *seek, "-t", f"{float(needed):.6f}", "-an", "-i", str(self.folder / shown.path)
        )
        return source, Fraction(round(float(begin - skipped), 6)).limit_denominator(1_000_000)

    def stack(self, layout: Layout) -> str:
        """Put the tiles beside and below each other."""
        places = "|".join(f"{tile.x}_{tile.y}" for tile in layout.tiles)
        names = "".join(f"[t{number}]" for number in range(len(layout.tiles)))
        self.filters.append(
            f"{names}xstack=inputs={len(layout.tiles)}:layout={places}:fill=black,"
            f"pad={layout.width}:{layout.height}[stacked]"
        )
        return "stacked"

    def write_labels(self, under: str, minute: Minute, clock: Clock) -> tuple[str, bytes]:
        """Write the running clock in the upper left and each camera's name on its tile."""
        size = labels.text_size(minute.layout.tiles[0].height)
        line = labels.line_height(size)
        for number, (tile, name) in enumerate(zip(minute.layout.tiles, minute.names, strict=True)):
            drawn = labels.label(name, size, tile.width)
            source = self.picture(drawn, f"name{number}.png")
            # The first tile's corner holds the clock; the names stand below it, all in one line.
            self.filters.append(
                f"[{under}][{source}:v:0]overlay={tile.x}:{tile.y + line}[named{number}]"
            )
            under = f"named{number}"
        pictures = labels.clock(clock.texts(), size, minute.layout.width, clock.told)
        source = self.add_input("-f", "png_pipe", "-i", "pipe:0")
        # Each picture begins with the first frame at or after its moment (less what reckoning with
        # fractions loses), in the frames' own unit: in any finer one both would round differently.
        frames = minute.rate / minute.pace  # for a second of the wall clock
        self.filters.append(
            f"[{source}:v:0]settb={1 / minute.rate},"
            f"setpts=ceil(N*({clock.step * frames})-({clock.shift * frames})-1e-6)[clock];"
            f"[{under}][clock]overlay=0:0[labelled]"
        )
        return "labelled", b"".join(map(_png, pictures))


def _png(picture: Image) -> bytes:
    """A picture as a file, packed lightly: of a sped-up film there are some thousand."""
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return data.getvalue()


@dataclass
class Renderer:
    """Renders what a plan leaves to be rendered, and joins it.

    folder: where the clips' paths begin
    work:   holds the rendered minutes, for as long as the caller keeps it
    """

    folder: Path
    work: Path
    stop: threading.Event
    _checked: dict[str, Path] = field(default_factory=dict)

    def step(self, film: Film, progress: Callable[[float], None] | None = None) -> bool:
        """Render one settled minute that is not there yet; False when there is none.

        progress: called with the seconds of film that are rendered
        """
        done = 0.0
        for minute in film.minutes:
            if minute is None:
                continue
            if not self._kept("picture", minute):
                self._render_minute(minute, _after(progress, done))
                return True
            done += minute.seconds
        for piece in film.sounds:
            if piece is not None and not self._kept("sound", piece):
                self._render_sound(piece)
                return True
        return False

    def finish(
        self,
        film: Film,
        target: Path,
        chapters: Sequence[Chapter],
        progress: Callable[[float], None] | None = None,
    ) -> None:
        """Render what is still lacking and join everything into `target`."""
        minutes = [minute for minute in film.minutes if minute is not None]
        sounds = [piece for piece in film.sounds if piece is not None]
        if len(minutes) < len(film.minutes) or len(sounds) < len(film.sounds):
            raise ValueError("The film is joined before all of it is settled.")
        while self.step(film, progress):
            pass
        self._join(minutes, sounds, target, chapters)

    def _kept(self, kind: str, plan: Minute | SoundPiece) -> Path | None:
        """The rendered file of this very plan, if it is there and whole.

        Its name ends in its own digest, so that a damaged one is known and made again.
        """
        name = f"{kind}-{plan.number:04}-{plan.fingerprint}"
        if name in self._checked:
            return self._checked[name]
        for path in self.work.glob(f"{name}-*"):
            if path.stem.rpartition("-")[2] == digest(path)[:20]:
                self._checked[name] = path
                return path
            remove(path)
        return None

    def _keep(self, kind: str, plan: Minute | SoundPiece, rendered: Path) -> None:
        name = f"{kind}-{plan.number:04}-{plan.fingerprint}-{digest(rendered)[:20]}"
        rename(rendered, self.work / (name + rendered.suffix))

    def _render_minute(self, minute: Minute, progress: Callable[[float], None] | None) -> None:
        drawn = self.work / f"labels-{minute.number:04}"
        drawn.mkdir(parents=True, exist_ok=True)
        arguments, fed = command(minute, self.folder, drawn)
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

    def _render_sound(self, piece: SoundPiece) -> None:
        parts = [
            audio.Part(start, end, self.folder / path, zero)
            for start, end, path, zero, _ in piece.parts
        ]
        rendered = self.work / f"minute-{piece.number:04}.aac"
        self.work.mkdir(parents=True, exist_ok=True)
        audio.render(parts, piece.first, piece.last, rendered, self.stop)
        self._keep("sound", piece, rendered)

    def _join(
        self,
        minutes: Sequence[Minute],
        sounds: Sequence[SoundPiece],
        target: Path,
        chapters: Sequence[Chapter],
    ) -> None:
        entries: list[tuple[Path, float | None]] = []
        for minute in minutes:
            path = self._kept("picture", minute)
            assert path is not None  # noqa: S101 - rendered just now
            entries.append((path, minute.seconds))
        listed = self.work / "minutes.txt"
        listed.write_text(ffmpeg.concat_list(entries), encoding="utf-8")
        marks = self.work / "chapters.txt"
        write_chapters(chapters, marks)
        # Without -xerror a minute that cannot be opened would silently end the film there.
        arguments = ["-xerror", "-f", "concat", "-safe", "0", "-i", str(listed)]
        arguments += ["-f", "ffmetadata", "-i", str(marks)]
        if sounds:
            arguments += ["-f", "aac", "-i", str(self._whole_sound(sounds))]
        arguments += ["-map", "0:v:0", "-map_chapters", "1", "-c", "copy"]
        arguments += ["-map", "2:a:0"] if sounds else []
        packets = minutes[-1].last + (sounds[-1].last if sounds else 0)
        with whole_file(target) as part:
            write_mp4(arguments, index_space(packets, len(chapters)), part, None, self.stop)

    def _whole_sound(self, sounds: Sequence[SoundPiece]) -> Path:
        whole = self.work / "sound.aac"
        with whole.open("wb") as file:
            for piece in sounds:
                path = self._kept("sound", piece)
                assert path is not None  # noqa: S101 - rendered just now
                with path.open("rb") as source:
                    shutil.copyfileobj(source, file)
        return whole


def _after(progress: Callable[[float], None] | None, done: float) -> Callable[[float], None] | None:
    return (lambda seconds: progress(done + seconds)) if progress else None
