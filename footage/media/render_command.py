"""The ffmpeg command that renders one minute of a side-by-side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from footage.media import encoder, labels
from footage.media.layout import Layout, Tile
from footage.media.side_by_side_plan import Clock, Minute, TileSegment

if TYPE_CHECKING:
    from PIL.Image import Image


Fed = Iterable[bytes]  # what ffmpeg's input is fed with, piece by piece; the same each time

_Part = tuple[str, int, int]  # the name of a picture in the filter graph, and its x and y
_VIDEO_LEVELS = [round(16 + level * 219 / 255) for level in range(256)]  # black is 16, white 235


def command(
    minute: Minute, folder: Path, work: Path, threads: int = 0
) -> tuple[list[str], Fed | None]:
    """The ffmpeg arguments (but the target) that render one minute, and what to feed its input.

    Pictures of names and gaps are drawn into `work`; those of the clock while they are fed.

    threads: for each decoder, filter, and the encoder; 0: as ffmpeg chooses
    """
    limit = ["-threads", str(threads)] if threads else []
    graph = _Graph(folder, work, limit)
    for number, tile in enumerate(minute.layout.tiles):
        graph.tile(number, tile, minute)
    fed: Fed | None = None
    if minute.clock is None:
        tiles = [(f"t{n}", tile.x, tile.y) for n, tile in enumerate(minute.layout.tiles)]
        whole = graph.stack(tiles, "whole_picture", minute.layout.width, minute.layout.height)
    else:
        whole, fed = graph.labelled(minute, minute.clock)
    frames = minute.last - minute.first
    graph.filters.append(f"[{whole}]setpts=N/({minute.rate}*TB)[whole]")
    arguments = ["-filter_complex_threads", str(threads)] if threads else []
    arguments += [*graph.inputs, "-filter_complex", ";".join(graph.filters), "-map", "[whole]"]
    arguments += ["-frames:v", str(frames), "-r", str(minute.rate)]
    arguments += [*encoder.SIDE_BY_SIDE[minute.encoder], *limit]
    arguments += ["-g", str(round(minute.rate * 2)), "-video_track_timescale"]
    return [*arguments, str(minute.rate.numerator * 1000 // _common(minute.rate))], fed


def _common(rate: Fraction) -> int:
    """What to divide a time scale by, so that it stays below what players take (2^31)."""
    return 1000 if rate.numerator >= 10_000 else 1


@dataclass
class _Graph:
    """A filter graph while it is written.

    limit: options of each clip's input
    """

    folder: Path
    work: Path
    limit: Sequence[str] = ()
    inputs: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    count: int = 0

    def add_input(self, *arguments: str) -> int:
        self.inputs += arguments
        self.count += 1
        return self.count - 1

    def picture(self, image: Image, name: str, rate: Fraction) -> int:
        """Add a drawn picture as an input of one frame, which lasts as long as the film's do.

        ffmpeg takes it for 1/25 s otherwise, which at fewer frames a second rounds to none at all.
        """
        path = self.work / name
        image.save(path)
        return self.add_input("-framerate", str(rate), "-i", str(path))

    def tile(self, number: int, tile: Tile, minute: Minute) -> None:
        """Lay the pieces of one camera end to end, each in exactly its number of frames."""
        for place, segment in enumerate(minute.tiles[number]):
            name = f"t{number}p{place}"
            frames = segment.last - segment.first
            if segment.path:
                source, shift = self._cut(segment, frames, minute.rate)
            else:
                drawn = labels.no_footage(segment.lines, tile.width, tile.height)
                source, shift = self.picture(drawn, f"{name}.png", minute.rate), Fraction(0)
            # A frame that a clip lacks within its last tenth of a second is bridged by the one
            # before it; more than that (a damaged end) stays dark, rather than a frozen picture.
            bridged = 1 if segment.path else frames
            bridged += int(minute.rate / 10 * max(Fraction(1), segment.speed))
            # Counted finely, for at another speed its frames fall between the file's own ticks.
            speed = f"*({segment.speed})" if segment.speed != 1 else ""
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
        # stacking makes two pictures of one, each of which would then be shown for a frame.
        self.filters.append(f"{joined}settb={1 / minute.rate},setpts=N[t{number}]")

    def _cut(self, segment: TileSegment, frames: int, rate: Fraction) -> tuple[int, Fraction]:
        """Open a clip shortly before the cut; returns the input and the cut's time within it."""
        begin = (Fraction(segment.first) / rate - segment.clip_start) / segment.speed
        skipped = max(Fraction(0), begin - segment.seek_preroll)
        needed = begin - skipped + frames / rate / segment.speed + 1
        seek = ["-ss", f"{float(skipped):.6f}"] if skipped else []
        source = self.add_input(
            *self.limit,
            *seek,
            "-t",
            f"{float(needed):.6f}",
            "-an",
            "-i",
            str(self.folder / segment.path),
        )
        return source, Fraction(round(float(begin - skipped), 6)).limit_denominator(1_000_000)

    def stack(self, parts: Sequence[_Part], name: str, width: int, height: int) -> str:
        """Put pictures beside and below each other, on black."""
        whole = f"pad={width}:{height}[{name}]"
        if len(parts) == 1:
            self.filters.append(f"[{parts[0][0]}]{whole}")
            return name
        places = "|".join(f"{x}_{y}" for _, x, y in parts)
        names = "".join(f"[{part}]" for part, _, _ in parts)
        stacked = f"xstack=inputs={len(parts)}:layout={places}:fill=black"
        self.filters.append(f"{names}{stacked},{whole}")
        return name

    def labelled(self, minute: Minute, clock: Clock) -> tuple[str, Fed]:
        """The tiles, with the running clock in the upper left and each camera's name on its tile.

        To lay a picture that changes over another, ffmpeg first copies the lower one, frame by
        frame. So the clock is laid over the upper ends of the tiles that it covers, before these
        are put to the rest; a name, which never changes, over the whole picture, without a copy.
        Each of them is too small to be worth waking a second thread for.
        """
        layout = minute.layout
        header = labels.header(layout.tiles[0], layout.width, minute.names[0], clock)
        line = labels.clock(clock.texts(), header.size, header.width, clock.overlay_texts)
        parts = self._upper_ends(layout, line)
        under, x, y = parts[0]
        parts[0] = (self._clock(line, clock, under, minute), x, y)
        shown = self.stack(parts, "whole_picture", layout.width, layout.height)
        for number, tile in enumerate(layout.tiles):
            x, y, label = labels.name(minute.names[number], tile, header)
            source = self.picture(label, f"name-{number}.png", minute.rate)
            self.filters.append(f"[{shown}][{source}:v:0]overlay={x}:{y}:threads=1[named{number}]")
            shown = f"named{number}"
        return shown, _Frames(line)

    def _upper_ends(self, layout: Layout, line: labels.Line) -> list[_Part]:
        """What the clock covers, as one picture; then all that it does not."""
        upper: list[_Part] = []
        rest: list[_Part] = []
        for number, tile in enumerate(layout.tiles):
            if tile.y > 0 or tile.x >= line.width:
                rest.append((f"t{number}", tile.x, tile.y))
            elif tile.height <= line.height:
                upper.append((f"t{number}", tile.x, 0))
            else:
                lower = tile.height - line.height
                self.filters.append(
                    f"[t{number}]split[s{number}][r{number}];"
                    f"[s{number}]crop={tile.width}:{line.height}:0:0[upper{number}];"
                    f"[r{number}]crop={tile.width}:{lower}:0:{line.height}[lower{number}]"
                )
                upper.append((f"upper{number}", tile.x, 0))
                rest.append((f"lower{number}", tile.x, line.height))
        covered = [tile for tile in layout.tiles if tile.y == 0 and tile.x < line.width]
        width = max(tile.x + tile.width for tile in covered)
        if len(covered) > 1 or line.width > width:
            # The line may run on beside the tiles, over all of the picture's width.
            height = max(min(tile.height, line.height) for tile in covered)
            upper = [(self.stack(upper, "upper_ends", max(width, line.width), height), 0, 0)]
        return [*upper, *rest]

    def _clock(self, line: labels.Line, clock: Clock, under: str, minute: Minute) -> str:
        """Lay the running clock, which is fed to the input, over a picture."""
        source = self.add_input(
            *("-f", "rawvideo", "-pixel_format", "yuva420p", "-color_range", "tv"),
            *("-video_size", f"{line.width}x{line.height}", "-i", "pipe:0"),
        )
        # Each picture begins with the first frame at or after its moment (less what reckoning with
        # fractions loses), in the frames' own unit: in any finer one both would round differently.
        frames = minute.rate / minute.pace  # for a second of the wall clock
        self.filters.append(
            f"[{source}:v:0]settb={1 / minute.rate},"
            f"setpts=ceil(N*({clock.step * frames})-({clock.offset * frames})-1e-6)[clock];"
            f"[{under}][clock]overlay=0:0:threads=1[clocked]"
        )
        return "clocked"


@dataclass(frozen=True)
class _Frames:
    """The pictures of a line as ffmpeg's frames (yuva420p), which it neither decodes nor converts.

    Each is drawn when it is asked for, anew each time: ffmpeg need not wait for all of them.
    """

    line: labels.Line

    def __iter__(self) -> Iterator[bytes]:
        gray = b"\x80" * (self.line.width * self.line.height // 2)  # both planes of colour
        for picture in self.line:
            brightness, opacity = picture.split()
            yield brightness.point(_VIDEO_LEVELS).tobytes() + gray + opacity.tobytes()
