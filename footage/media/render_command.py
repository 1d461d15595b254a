"""The ffmpeg command that renders one minute of a side-by-side."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from footage.media import encoder, labels
from footage.media.layout import Layout, Tile
from footage.media.side_by_side_plan import Clock, Minute, TileSegment

if TYPE_CHECKING:
    from PIL.Image import Image


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
        whole, fed = graph.add_labels(whole, minute, minute.clock)
    frames = minute.last - minute.first
    graph.filters.append(f"[{whole}]setpts=N/({minute.rate}*TB)[whole]")
    arguments = [*graph.inputs, "-filter_complex", ";".join(graph.filters), "-map", "[whole]"]
    arguments += [
        "-frames:v",
        str(frames),
        "-r",
        str(minute.rate),
        *encoder.SIDE_BY_SIDE[minute.encoder],
    ]
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

    def picture(self, image: Image, name: str, rate: Fraction) -> int:
        """Add a drawn picture as an input of one frame, which lasts as long as the film's do.

        ffmpeg takes it for 1/25 s otherwise, which at fewer frames a second rounds to none at all.
        """
        path = self.work / name
        path.write_bytes(_png(image))
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
            *seek, "-t", f"{float(needed):.6f}", "-an", "-i", str(self.folder / segment.path)
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

    def add_labels(self, under: str, minute: Minute, clock: Clock) -> tuple[str, bytes]:
        """Lay the running clock over the upper left and each camera's name on its tile."""
        layout = minute.layout
        header = labels.header(layout.tiles[0], layout.width, minute.names[0], clock)
        # Names at the same height are one picture, which costs less than several.
        rows: dict[int, list[tuple[int, Image]]] = {}
        for tile, name in zip(layout.tiles, minute.names, strict=True):
            x, y, label = labels.name(name, tile, header)
            rows.setdefault(y, []).append((x, label))
        for y, placed in rows.items():
            left = min(x for x, _ in placed)
            row = labels.row([(x - left, label) for x, label in placed])
            source = self.picture(row, f"names{y}.png", minute.rate)
            self.filters.append(f"[{under}][{source}:v:0]overlay={left}:{y}[named{y}]")
            under = f"named{y}"
        pictures = labels.clock(clock.texts(), header.size, header.width, clock.overlay_texts)
        source = self.add_input("-f", "png_pipe", "-i", "pipe:0")
        # Each picture begins with the first frame at or after its moment (less what reckoning with
        # fractions loses), in the frames' own unit: in any finer one both would round differently.
        frames = minute.rate / minute.pace  # for a second of the wall clock
        self.filters.append(
            f"[{source}:v:0]settb={1 / minute.rate},"
            f"setpts=ceil(N*({clock.step * frames})-({clock.offset * frames})-1e-6)[clock];"
            f"[{under}][clock]overlay=0:0[labelled]"
        )
        return "labelled", b"".join(map(_png, pictures))


def _png(picture: Image) -> bytes:
    """A picture as a file, packed lightly: of a sped-up film there are some thousand."""
    data = io.BytesIO()
    picture.save(data, "PNG", compress_level=1)
    return data.getvalue()
