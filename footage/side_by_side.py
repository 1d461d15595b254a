"""All cameras in one picture, on one clock, rendered minute by minute.

A minute is rendered as soon as nothing that is still awaited can change it, and kept under a name
that holds the fingerprint of its plan. At the end the minutes are joined by stream copy; one whose
plan has changed since (a clip came in from far off) is rendered again. So the film does not depend
on the order in which clips arrived, and a crash costs one minute of rendering.
"""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from pathlib import Path

from footage import ffmpeg, labels, sound, timeline, zones
from footage.files import digest, whole_file
from footage.layout import Layout, Tile, lay_out
from footage.model import Camera, Clip, Job, Window
from footage.mp4 import Chapter, index_space, write_chapters, write_mp4

log = logging.getLogger("footage.side_by_side")

MAX_RATE = Fraction(30)
# Fixed, so that minutes rendered on different days can be joined by copying.
ENCODER = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p")
_LEAD = 0.5  # seconds read before a cut, so that the picture that is up at the cut is known
_SOUND_ORDER = ("Driver", "Road")  # whose sound the film has; then any other's


@dataclass(frozen=True)
class Shown:
    """One stretch of a tile, in frames of the film: a clip, or the words that stand for none.

    zero: seconds of the film at which the clip's first frame belongs
    """

    first: int
    last: int
    path: str = ""
    zero: Fraction = Fraction(0)
    sha256: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """The running clock of one minute: its text changes with every second of the wall clock.

    whole: the last whole second at or before the minute's first frame
    shift: seconds from there to the first frame
    count: how many seconds it shows; `first_text` tells zone and wording in the fingerprint
    """

    whole: datetime
    shift: Fraction
    count: int
    name: str
    first_text: str
    tz: tzinfo = field(repr=False, compare=False)

    def texts(self) -> list[str]:
        """What stands there in each second."""
        return [
            f"{zones.clock_text(self.whole + timedelta(seconds=n), self.tz)}   {self.name}"
            for n in range(self.count)
        ]


@dataclass(frozen=True)
class Minute:
    """All that decides the pictures of one minute; frames `first` up to `last` (exclusive)."""

    number: int
    first: int
    last: int
    rate: Fraction
    layout: Layout
    names: tuple[str, ...]
    tiles: tuple[tuple[Shown, ...], ...]
    clock: Clock | None

    @property
    def seconds(self) -> float:
        return float((self.last - self.first) / self.rate)

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self, ENCODER)


@dataclass(frozen=True)
class SoundPiece:
    """All that decides the sound of one minute; AAC frames `first` up to `last` (exclusive)."""

    number: int
    first: int
    last: int
    parts: tuple[tuple[float, float, str, float, str], ...]  # start, end, path, zero, sha256

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self, sound.ENCODER)


@dataclass(frozen=True)
class Film:
    """The plan of a side-by-side; a minute that may still change is None."""

    minutes: tuple[Minute | None, ...]
    sounds: tuple[SoundPiece | None, ...]
    sound_from: str
    length: float


def _fingerprint(plan: object, settings: Sequence[str]) -> str:
    return hashlib.sha256(f"{plan!r} {settings!r}".encode()).hexdigest()[:20]


# --- planning: pure -------------------------------------------------------------------------------


def plan(job: Job, tz: tzinfo, *, with_labels: bool = True, closing: bool = False) -> Film | None:
    """What the film of `job` is made of, as far as that is settled.

    closing: nothing more is waited for, so everything counts as settled

    None while it is not even known which cameras it shows, or when fewer than two have footage.
    """
    clips = {camera: job.clips(camera) for camera in job.cameras}
    awaited = {camera: [] if closing else _awaited(job, camera) for camera in job.cameras}
    if not all(clips[camera] or not awaited[camera] for camera in job.cameras):
        return None
    shown = [camera for camera in job.cameras if clips[camera]]
    if len(shown) < 2:
        return None
    tracks = [clips[camera][0].tracks.video for camera in shown]
    rate = min(MAX_RATE, max(track.rate for track in tracks))
    layout = lay_out(tracks)
    gaps = {camera: timeline.gaps(clips[camera], job.span) for camera in shown}
    windows = timeline.minutes(job.span)
    near = {camera: _by_minute(clips[camera], job, len(windows)) for camera in shown}
    final = {
        camera: [_final(awaited[camera], window, gaps[camera]) for window in windows]
        for camera in shown
    }
    minutes: list[Minute | None] = []
    for number, window in enumerate(windows):
        if not all(final[camera][number] for camera in shown):
            minutes.append(None)
            continue
        first, last = (_frame(moment, job, rate) for moment in (window.start, window.end))
        minutes.append(
            Minute(
                number=number,
                first=first,
                last=last,
                rate=rate,
                layout=layout,
                names=tuple(camera.label for camera in shown) if with_labels else (),
                tiles=tuple(
                    _tile(camera, near[camera][number], window, gaps[camera], job, rate, tz)
                    for camera in shown
                ),
                clock=_clock(job, first, last, rate, tz) if with_labels else None,
            )
        )
    heard = _heard(shown, clips)
    sounds = _sounds(job, near[heard], windows, final[heard]) if heard else []
    return Film(tuple(minutes), tuple(sounds), heard.label if heard else "", job.span.seconds)


def _by_minute(clips: Sequence[Clip], job: Job, count: int) -> list[list[Clip]]:
    """The clips that reach into each minute; a day's job has too many to look at all each time."""
    near: list[list[Clip]] = [[] for _ in range(count)]
    minute = timedelta(minutes=1)
    for clip in clips:
        first, last = (clip.start - job.start) // minute, (clip.end - job.start) // minute
        for number in range(max(0, first), min(count, last + 1)):
            near[number].append(clip)
    return near


def _awaited(job: Job, camera: Camera) -> list[Window]:
    """The windows for which this camera's footage may still come."""
    return [retrieval.window for retrieval, media in job.media(camera) if not media.settled]


def _final(awaited: Sequence[Window], window: Window, gaps: Sequence[Window]) -> bool:
    """What a camera shows of a minute cannot change any more.

    Its own clip is here, and every gap within the minute is bounded by settled minutes: so a
    gap's label can say until when it lasts, and a neighbour's clip that reaches in is here. A
    hole so short that it is bridged does not wait: it is filled from the minute's own clip.
    """
    margin = timedelta(minutes=1)
    touching = [
        Window(gap.start - margin, gap.end + margin)
        for gap in gaps
        if min(gap.end, window.end) - max(gap.start, window.start) > timeline.BRIDGED
    ]
    return not any(
        still.start < known.end and known.start < still.end
        for still in awaited
        for known in [window, *touching]
    )


def _seconds(moment: datetime, job: Job) -> Fraction:
    """Seconds of the film at a wall-clock moment, exact to the microsecond."""
    return Fraction((moment - job.start) // timedelta(microseconds=1), 1_000_000)


def _frame(moment: datetime, job: Job, rate: Fraction) -> int:
    return round(_seconds(moment, job) * rate)


def _tile(
    camera: Camera,
    clips: Sequence[Clip],
    window: Window,
    gaps: Sequence[Window],
    job: Job,
    rate: Fraction,
    tz: tzinfo,
) -> tuple[Shown, ...]:
    shown: list[Shown] = []
    for piece in timeline.pieces(clips, window):
        first, last = _frame(piece.start, job, rate), _frame(piece.end, job, rate)
        if first == last:
            continue
        if piece.clip is not None:
            clip = piece.clip
            shown.append(Shown(first, last, str(clip.path), _seconds(clip.start, job), clip.sha256))
        else:
            gap = next(
                (gap for gap in gaps if gap.start < piece.end and piece.start < gap.end),
                Window(piece.start, piece.end),
            )
            words = (
                camera.label,
                "no footage",
                f"from {zones.clock_text(gap.start, tz)}",
                f"until {zones.clock_text(gap.end, tz)}",
            )
            shown.append(Shown(first, last, words=words))
    return tuple(shown)


def _clock(job: Job, first: int, last: int, rate: Fraction, tz: tzinfo) -> Clock:
    begin = job.start + timedelta(seconds=float(first / rate))
    whole = begin.replace(microsecond=0)
    return Clock(
        whole=whole,
        shift=Fraction(begin.microsecond, 1_000_000),
        count=int(Fraction(last - first) / rate) + 2,
        name=job.vehicle.name,
        first_text=zones.clock_text(whole, tz),
        tz=tz,
    )


def _heard(shown: Sequence[Camera], clips: Mapping[Camera, Sequence[Clip]]) -> Camera | None:
    """The camera whose sound the film has: Driver, else Road, else the first that has any."""
    with_sound = [c for c in shown if any(clip.tracks.audio for clip in clips[c])]
    order = {label: place for place, label in enumerate(_SOUND_ORDER)}
    return min(with_sound, key=lambda c: order.get(c.label, len(order)), default=None)


def _sounds(
    job: Job, near: Sequence[Sequence[Clip]], windows: Sequence[Window], final: Sequence[bool]
) -> list[SoundPiece | None]:
    """The sound of each minute; one needs its neighbours, for it is encoded into them a little."""
    parts: list[list[tuple[float, float, str, float, str]]] = [
        [
            (
                float(_seconds(piece.start, job)),
                float(_seconds(piece.end, job)),
                str(piece.clip.path),
                float(_seconds(piece.clip.start, job)),
                piece.clip.sha256,
            )
            for piece in timeline.pieces(clips, window)
            if piece.clip is not None and piece.clip.tracks.audio is not None
        ]
        for clips, window in zip(near, windows, strict=True)
    ]
    result: list[SoundPiece | None] = []
    for number, window in enumerate(windows):
        around = range(max(0, number - 1), min(len(windows), number + 2))
        if not all(final[n] for n in around):
            result.append(None)
            continue
        first, last = (
            sound.frame_at(float(_seconds(moment, job))) for moment in (window.start, window.end)
        )
        heard = tuple(part for n in around for part in parts[n])
        result.append(SoundPiece(number, first, last, heard))
    return result


# --- rendering ------------------------------------------------------------------------------------


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

    def picture(self, image: object, name: str) -> int:
        """Add a drawn picture as an input of one frame."""
        from PIL.Image import Image

        assert isinstance(image, Image)  # noqa: S101 - labels.py draws nothing else
        data = io.BytesIO()
        image.save(data, "PNG")
        path = self.work / name
        path.write_bytes(data.getvalue())
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
            self.filters.append(
                f"[{source}:v:0]setpts=PTS-({shift})/TB,"
                f"fps={minute.rate}:start_time=0,"
                f"scale={tile.width}:{tile.height}:out_range=tv,setsar=1,format=yuv420p,"
                f"tpad=stop_mode=clone:stop={bridged + int(minute.rate / 10)},"
                f"tpad=stop_mode=add:stop={frames}:color=0x101014,"
                f"trim=end_frame={frames},setpts=N/({minute.rate}*TB)[{name}]"
            )
        pieces = len(minute.tiles[number])
        names = "".join(f"[t{number}p{place}]" for place in range(pieces))
        joined = f"{names}concat=n={pieces}:v=1:a=0," if pieces > 1 else names
        # Every tile must count time in frames. In any finer unit two tiles round differently, and
        # stacking makes two pictures of one, each of which the film would then show for a frame.
        self.filters.append(f"{joined}settb={1 / minute.rate},setpts=N[t{number}]")

    def _cut(self, shown: Shown, frames: int, rate: Fraction) -> tuple[int, Fraction]:
        """Open a clip shortly before the cut; returns the input and the cut's time within it."""
        begin = Fraction(shown.first) / rate - shown.zero
        skipped = max(Fraction(0), begin - Fraction(_LEAD))
        needed = begin - skipped + frames / rate + 1
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
            source = self.picture(labels.label(name, size), f"name{number}.png")
            # The first tile's corner holds the clock; the names stand below it, all in one line.
            self.filters.append(
                f"[{under}][{source}:v:0]overlay={tile.x}:{tile.y + line}[named{number}]"
            )
            under = f"named{number}"
        width, height, pictures = labels.clock(clock.texts(), size, minute.layout.width)
        source = self.add_input(
            *("-f", "rawvideo", "-pix_fmt", "rgba", "-video_size", f"{width}x{height}"),
            *("-framerate", "1", "-i", "pipe:0"),
        )
        self.filters.append(
            f"[{source}:v:0]settb=AVTB,setpts=PTS-({clock.shift})/TB[clock];"
            f"[{under}][clock]overlay=0:0[labelled]"
        )
        return "labelled", pictures


@dataclass
class Renderer:
    """Renders what a plan leaves to be rendered, and joins it.

    folder: where the clips' paths begin
    work:   holds the rendered minutes, for as long as the caller keeps it
    """

    folder: Path
    work: Path
    stop: threading.Event
    _checked: set[Path] = field(default_factory=set)

    def step(self, film: Film, progress: Callable[[float], None] | None = None) -> bool:
        """Render one settled minute that is not there yet; False when there is none.

        progress: called with the seconds of film that are rendered
        """
        todo = [minute for minute in film.minutes if minute and not self._kept("picture", minute)]
        if todo:
            there = [minute for minute in film.minutes if minute and minute not in todo]
            done = sum(minute.seconds for minute in there)
            self._render_minute(todo[0], _after(progress, done))
            return True
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
        for path in self.work.glob(f"{kind}-{plan.number:04}-{plan.fingerprint}-*"):
            if path in self._checked or path.stem.rpartition("-")[2] == digest(path)[:20]:
                self._checked.add(path)
                return path
            path.unlink()
        return None

    def _keep(self, kind: str, plan: Minute | SoundPiece, rendered: Path) -> None:
        name = f"{kind}-{plan.number:04}-{plan.fingerprint}-{digest(rendered)[:20]}"
        rendered.replace(self.work / (name + rendered.suffix))

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
            sound.Part(start, end, self.folder / path, zero)
            for start, end, path, zero, _ in piece.parts
        ]
        rendered = self.work / f"minute-{piece.number:04}.aac"
        self.work.mkdir(parents=True, exist_ok=True)
        sound.render(parts, piece.first, piece.last, rendered, self.stop)
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
        arguments = ["-f", "concat", "-safe", "0", "-i", str(listed)]
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
