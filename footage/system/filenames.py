"""File names that are legal everywhere, stay inside their folder, and tell vehicles apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone, tzinfo
from typing import TYPE_CHECKING

from footage.basics import Arrangement, MediaType
from footage.system.text import unseen
from footage.system.timezones import is_repeated, local, offset_text

if TYPE_CHECKING:  # the first question does without the model
    from footage.model import Camera, Job, Vehicle

_MOST_CHARACTERS, _MOST_BYTES = 80, 120  # leaves room in the 255 that file systems allow
_ILLEGAL = frozenset('<>:"/\\|?*')
_RESERVED = re.compile(
    r"(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE
)

# What stands before the vehicle in the names of a job's files.
_WHATS = [
    "VideoClip",
    "EventClip",
    "LowResClip",
    "HyperlapseClip",
    "TimelapseClip",
    "Image",
    "Merged",
    "ContactSheet",
    "Track",
    "Readings",
    "Report",
    "SHA256SUMS",
]


def safe_name(text: str) -> str:
    """`text` as a part of a file name that Windows, macOS and Linux all accept.

    Blanks, apostrophes and letters of any script stay; what is illegal somewhere becomes `_`.
    At most 80 characters and 120 bytes, never empty, never a path, never a device (`CON`).
    """
    name, before = text, None
    while name != before:
        before = name
        name = unicodedata.normalize("NFC", " ".join(name.split()))
        name = "".join("_" if c in _ILLEGAL or unseen(c) else c for c in name).strip(". ")
        if _RESERVED.fullmatch(name.split(".")[0].rstrip(" ")):
            name = "_" + name
        name = _cut(name, _MOST_CHARACTERS, _MOST_BYTES) or "unnamed"
    return name


def _cut(text: str, characters: int, size: int) -> str:
    return text[:characters].encode("utf-8")[:size].decode("utf-8", "ignore").strip(". ")


def with_file_name(vehicle: Vehicle, vehicles: Sequence[Vehicle]) -> Vehicle:
    """The vehicle with a `file_name` that no other vehicle of the list can have.

    The plain name where it is legal as it is and nobody else's; else the id is appended.
    """
    final = {v.id: safe_name(v.name) for v in vehicles}
    tagged = {v.id for v in vehicles if final[v.id] != _untouched(v.name)}
    while True:
        final = {v.id: _tagged(v) if v.id in tagged else safe_name(v.name) for v in vehicles}
        holders: dict[str, list[str]] = {}
        for id_, name in final.items():
            holders.setdefault(_same_on_disk(name), []).append(id_)
        clashing = {i for ids in holders.values() if len(ids) > 1 for i in ids} - tagged
        if not clashing:
            break
        tagged |= clashing
    return replace(vehicle, file_name=final[vehicle.id])


def _untouched(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _same_on_disk(name: str) -> str:
    """Equal for names that a file system which ignores capitals may take for one another."""
    return unicodedata.normalize("NFKD", name).upper().casefold()


def _tagged(vehicle: Vehicle) -> str:
    # A tag never holds a hyphen, so two different ids cannot end in the same "-<tag>".
    tag = vehicle.id
    if not re.fullmatch(r"[0-9a-z_]{1,32}", tag):
        import hashlib  # late: OpenSSL takes 4 ms to load, and the first question does not need it

        tag = hashlib.sha256(tag.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    room = len(tag) + 1
    return f"{_cut(safe_name(vehicle.name), _MOST_CHARACTERS - room, _MOST_BYTES - room)}-{tag}"


def job_folder_name(vehicle: Vehicle, start: datetime, tz: tzinfo, reference: str = "") -> str:
    """A job's own folder, sorted by time: `2025-04-16_13-30-00 Truck 42`.

    With the number of a claim or the like it is `CLM-1234 2025-04-16_13-30-00 Truck 42`.
    """
    before = f"{_cut(safe_name(reference), 40, 60)} " if reference else ""
    return f"{before}{moment_name(start, tz)} {_file_name(vehicle)}"


def length_name(seconds: int) -> str:
    """A length in file names: `5min`, or `90s` where it is no whole number of minutes."""
    minutes, rest = divmod(seconds, 60)
    return f"{seconds}s" if rest else f"{minutes}min"


def moment_name(moment: datetime, tz: tzinfo | None) -> str:
    """A moment in file names: `2025-04-16_13-30-00` local time.

    In the hour that daylight saving repeats both passes get their offset: `..._UTC-0500`.

    tz: None is the computer's own zone
    """
    here = local(moment, tz)
    name = here.strftime("%Y-%m-%d_%H-%M-%S")
    if is_repeated(here, tz):
        name += "_UTC" + offset_text(here, "")
    return name


def clip_name(
    camera: Camera,
    vehicle: Vehicle,
    window_start: datetime,
    tz: tzinfo,
    media_type: MediaType = MediaType.HIGH,
) -> str:
    """The file of one camera's window: `Road_VideoClip_Truck 42_2025-04-16_13-30-00.mp4`."""
    what = {MediaType.HIGH: "VideoClip", MediaType.LOW: "LowResClip"}.get(
        media_type, f"{media_type.value.capitalize()}Clip"
    )
    when = moment_name(window_start, tz)
    return f"{safe_name(camera.label)}_{what}_{_file_name(vehicle)}_{when}.mp4"


def event_clip_name(camera: Camera, vehicle: Vehicle, event_start: datetime, tz: tzinfo) -> str:
    """An event's own clip, without an ending: `Road_EventClip_Truck 42_..._time-guessed`."""
    when = moment_name(event_start, tz)
    return f"{safe_name(camera.label)}_EventClip_{_file_name(vehicle)}_{when}_time-guessed"


def merged_name(
    camera: Camera,
    vehicle: Vehicle,
    start: datetime,
    seconds: int,
    tz: tzinfo,
    media_type: MediaType,
) -> str:
    """One camera's merge: `Road_Merged_Truck 42_2025-04-16_13-30-00_5min.mp4`."""
    tail = _tail(vehicle, start, seconds, tz, media_type)
    return f"{safe_name(camera.label)}_Merged_{tail}.mp4"


def side_by_side_name(job: Job, tz: tzinfo) -> str:
    """The side-by-side: `SideBySide_Merged_Truck 42_2025-04-16_13-30-00_5min.mp4`.

    Another layout or size than the usual one is named: `..._5min_grid_1920x1080.mp4`.
    """
    look = "" if job.layout is Arrangement.ROW else f"_{job.layout.value}"
    look += "_{}x{}".format(*job.size) if job.size else ""
    tail = _tail(job.vehicle, job.start, job.length, tz, job.media_type, look)
    return f"SideBySide_Merged_{tail}.mp4"


def _tail(
    vehicle: Vehicle,
    start: datetime,
    seconds: int,
    tz: tzinfo,
    media_type: MediaType,
    look: str = "",
) -> str:
    """`..._5min`, or `..._90s`, and `..._5min_low` for another kind of the same time's footage."""
    kind = "" if media_type is MediaType.HIGH else f"_{media_type.value}"
    return f"{_file_name(vehicle)}_{moment_name(start, tz)}_{length_name(seconds)}{kind}{look}"


def report_name(job: Job, tz: tzinfo) -> str:
    """The page of a job: `Report_Truck 42_2025-04-16_13-30-00_5min.html`."""
    return f"Report_{_tail(job.vehicle, job.start, job.length, tz, job.media_type)}.html"


def hash_list_name(job: Job, tz: tzinfo) -> str:
    """The list of all hashes: `SHA256SUMS_Truck 42_2025-04-16_13-30-00_5min.txt`."""
    return f"SHA256SUMS_{_tail(job.vehicle, job.start, job.length, tz, job.media_type)}.txt"


def belongs_to(name: str, job: Job, tz: tzinfo) -> bool:
    """Whether a file has a name that one of this job's files could have, or a copy of one.

    A clip's or still's is of a moment that was asked for, all others' are of the whole job's time.
    """
    name = unicodedata.normalize("NFC", name)
    pattern = (
        rf"(?:.*_)?(?:{'|'.join(_WHATS)})_{re.escape(_file_name(job.vehicle))}_"
        r"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)(?:_UTC([+-]\d{4}))?(?:_(\d+(?:min|s)))?(?![0-9a-z])"
    )
    match = re.match(pattern, name)
    if match is None:
        return False
    if match[3] is not None:
        when = match[0][: match.start(3) - 1].endswith(moment_name(job.start, tz))
        return when and match[3] == length_name(job.length)
    moments = _moments(match[1], match[2], tz)
    return any(job.start <= moment < job.end or moment == job.start for moment in moments)


def _moments(text: str, offset: str | None, tz: tzinfo) -> list[datetime]:
    """The moments that a text of `moment_name` may mean: two, where clocks were put back."""
    try:
        if offset:
            return [datetime.strptime(text + offset, "%Y-%m-%d_%H-%M-%S%z")]
        plain = datetime.strptime(text, "%Y-%m-%d_%H-%M-%S")
    except ValueError:
        return []
    return [plain.replace(tzinfo=tz, fold=fold).astimezone(timezone.utc) for fold in (0, 1)]


def still_name(camera: Camera, vehicle: Vehicle, moment: datetime, tz: tzinfo) -> str:
    """One camera's still: `Road_Image_Truck 42_2025-04-16_13-30-00.jpg`.

    Moments that are a second or more apart have names of their own.
    """
    when = moment_name(moment, tz)
    return f"{safe_name(camera.label)}_Image_{_file_name(vehicle)}_{when}.jpg"


def contact_sheet_name(vehicle: Vehicle, start: datetime, seconds: int, tz: tzinfo) -> str:
    """All stills in one picture: `ContactSheet_Truck 42_2025-04-16_13-30-00_5min.jpg`."""
    when = moment_name(start, tz)
    return f"ContactSheet_{_file_name(vehicle)}_{when}_{length_name(seconds)}.jpg"


def track_name(vehicle: Vehicle, start: datetime, seconds: int, tz: tzinfo) -> str:
    """Where the vehicle was: `Track_Truck 42_2025-04-16_13-30-00_5min.gpx`."""
    when = moment_name(start, tz)
    return f"Track_{_file_name(vehicle)}_{when}_{length_name(seconds)}.gpx"


def readings_name(vehicle: Vehicle, start: datetime, seconds: int, tz: tzinfo) -> str:
    """What its sensors measured: `Readings_Truck 42_2025-04-16_13-30-00_5min.json`."""
    when = moment_name(start, tz)
    return f"Readings_{_file_name(vehicle)}_{when}_{length_name(seconds)}.json"


def _file_name(vehicle: Vehicle) -> str:
    # Also where a journal was edited by hand: what goes into a path is made safe here and now.
    return safe_name(vehicle.file_name or vehicle.name)
