"""The packets of a file, one by one, as ffmpeg reads them."""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from footage.media import ffmpeg, mp4_boxes

# Only these containers of video are opened, and only as the one file they are: to ffmpeg a list of
# other files or addresses is a video as well, and what a server delivered is not to be trusted.
ONE_VIDEO = ("-format_whitelist", "mov,matroska,mpegts,mpeg,avi", "-protocol_whitelist", "file")

# A stream is picked by what it is: the first that is a film and not a cover picture, and the first
# sound. Neither their numbers nor what else is in the file matter.
VIDEO = "0:V:0"
AUDIO = "0:a:0"

_HIDDEN = 4  # ffmpeg's flag of a packet that is decoded and, by the file's edit list, not shown
_KEY = 1
# Times of decoding that go back, as at the borders of an edit list, would end the listing: they are
# replaced by numbers far below all times. A time that is not known is that of decoding.
ANY_ORDER = "setts=pts='if(eq(PTS,NOPTS),DTS,PTS)':dts='N-1000000000000'"
COPIED = ("-c", "copy", "-copyinkf")  # also what comes before the first key frame
# Seconds. An MP4 whose first packet comes later than this counts from another zero than its own
# beginning: fragments of a recording that had been going on carry the recording's clock.
LATEST_START = 30


@dataclass
class Stream:
    """One stream of a file; times in units of its time base, packets in the order of the file.

    facts:     what ffmpeg lists of the stream: `codec_id`, `dimensions`, `sample_rate` ...
    durations: how often each length occurs
    hidden:    the numbers of packets that are decoded and not shown
    leading:   the times of packets before the first key frame: nothing can be made of them, and
               they are in none of the other fields
    """

    facts: dict[str, str] = field(default_factory=dict)
    pts: array[int] = field(default_factory=lambda: array("q"))
    durations: Counter[int] = field(default_factory=Counter)
    last_duration: int = 0
    keys: array[int] = field(default_factory=lambda: array("q"))
    hidden: set[int] = field(default_factory=set)
    leading: list[int] = field(default_factory=list)
    _latest: int = 0

    @property
    def time_base(self) -> Fraction:
        return Fraction(self.facts["tb"])

    @property
    def kind(self) -> str:
        return self.facts.get("media_type", "")

    def add(self, columns: Sequence[str]) -> None:
        """Take in one line of the listing, cut into its columns."""
        pts, duration = int(columns[2]), int(columns[3])
        flags = next((int(text.strip()[2:], 16) for text in columns[6:] if "F=" in text), _KEY)
        if not self.keys and not flags & _KEY:
            self.leading.append(pts)
            return
        if flags & _HIDDEN:
            self.hidden.add(len(self.pts))
        if flags & _KEY:
            self.keys.append(len(self.pts))
        if not self.pts or pts >= self._latest:
            self._latest, self.last_duration = pts, duration
        self.pts.append(pts)
        self.durations[duration] += 1

    def shown(self) -> list[int]:
        """When the packets that are shown are shown, in order of that."""
        return sorted(pts for number, pts in enumerate(self.pts) if number not in self.hidden)


def from_zero(path: Path) -> list[str]:
    """Options of an input with which the times of its packets count from the file's own zero.

    Left to itself, ffmpeg moves them so that the first is at zero. An MP4 says when it is shown.
    """
    return ["-copyts"] if mp4_boxes.is_mp4(path) else []


def listed(
    path: Path,
    maps: Sequence[str],
    stop: threading.Event | None,
    *,
    cut_off: bool = False,
    video_filter: str = "",
) -> list[Stream]:
    """The streams of a file that `maps` names, with their packets.

    The source is ffmpeg's `framecrc` listing of the copied packets: a documented, structured form.

    cut_off:      the file may end in the middle of a frame
    video_filter: bitstream filters, each with a comma behind it, that the picture goes through;
                  packets that they cannot read are left out

    Raises FfmpegError.
    """
    # Without -xerror a file that ends in the middle of a frame is no error.
    arguments = [] if cut_off else ["-xerror"]
    arguments += [*ONE_VIDEO, *from_zero(path), "-i", str(path)]
    chosen = [word for one in maps for word in ("-map", one)]
    copied = [*COPIED, "-bsf:v", video_filter + ANY_ORDER]
    streams = parse(ffmpeg.run([*arguments, *chosen, *copied, "-f", "framecrc", "-"], stop=stop))
    _count_from_zero(streams)
    return streams


def _count_from_zero(streams: Sequence[Stream]) -> None:
    """Move the times of one file's streams where they count from another zero than its own."""
    start = min((stream.time_base * min(stream.pts) for stream in streams if stream.pts), default=0)
    if start > LATEST_START:
        for stream in streams:
            moved = round(start / stream.time_base) if stream.pts else 0
            stream.pts = array("q", (pts - moved for pts in stream.pts))
            stream.leading = [pts - moved for pts in stream.leading]


def hashes(
    path: Path, track: str, filters: Mapping[str, str], stop: threading.Event | None
) -> list[bytes]:
    """The SHA-256 of each packet of a track, in the order of the file; see `listed`.

    Edit lists are left aside: ffmpeg reads a packet twice where one stretch follows another.

    track:   one of the constants above; with a `?` behind it the file may have no such track
    filters: by codec, the bitstream filters that a packet goes through first, each with a comma
             behind it

    Raises FfmpegError.
    """

    kind = "video" if track.startswith(VIDEO) else "audio"

    def listing(codec_filters: str) -> tuple[str, list[bytes]]:
        arguments = ["-ignore_editlist", "1"] if mp4_boxes.is_mp4(path) else []
        arguments += [*ONE_VIDEO, "-i", str(path), "-map", track, "-c", "copy"]
        arguments += [f"-bsf:{kind[0]}", codec_filters + ANY_ORDER]
        text = ffmpeg.run([*arguments, "-f", "framehash", "-hash", "sha256", "-"], stop=stop)
        codec, found = "", list[bytes]()
        for line in text.splitlines():
            if is_packet(line):
                found.append(bytes.fromhex(line.split(",")[5]))
            elif line.startswith("#codec_id"):
                codec = line.rpartition(":")[2].strip()
            elif line.startswith("#media_type") and not line.endswith(f": {kind}"):
                return "", []  # where a file has no such track ffmpeg takes another
        return codec, found

    codec, found = listing("")
    return listing(filters[codec])[1] if codec in filters else found


def is_packet(line: str) -> bool:
    """True for the line of one packet or frame, False for a header line of the listing."""
    return bool(line) and not line.startswith("#")


def parse(listing: str) -> list[Stream]:
    """The streams of a `framecrc` listing, in the order of their numbers."""
    streams: dict[int, Stream] = {}
    for line in listing.splitlines():
        if is_packet(line):
            columns = line.split(",")
            if int(columns[4]):  # an empty packet is nothing that could be merged
                streams.setdefault(int(columns[0]), Stream()).add(columns)
        elif ":" in line:
            name, _, value = line.lstrip("#").partition(":")
            key, _, number_text = name.partition(" ")
            if number_text.isdigit():
                streams.setdefault(int(number_text), Stream()).facts[key] = value.strip()
    return [streams[number] for number in sorted(streams)]
