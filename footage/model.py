"""What the program works with, as plain data: vehicle, camera, window, retrieval, media, clip, job.

All datetimes are aware and in UTC; all durations are seconds as float. No input or output here.
Job, Retrieval and Media are journalled: see footage/job/serialization.py before adding a field.
Longer than other modules, as a reader looks for all of the plain data in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from fractions import Fraction
from pathlib import PurePath

# The three belong to the model, and are imported from here: see basics.py.
from footage.basics import UTC as UTC
from footage.basics import Arrangement as Arrangement
from footage.basics import MediaType as MediaType

# Seconds by which a file may be longer or shorter than the times that the provider reports of it.
LENGTH_TOLERANCE = 2.0


@dataclass(frozen=True)
class Vehicle:
    """One vehicle as the provider lists it; `file_name` is its name as it stands in file names.

    kind: `vehicle`, or `asset` for a trailer or the like that some providers list apart
    """

    id: str
    name: str
    vin: str = ""
    plate: str = ""
    file_name: str = ""
    kind: str = "vehicle"


@dataclass(frozen=True)
class Camera:
    """One view from the vehicle.

    input: the provider's own name, such as `dashcamRoadFacing`
    label: ours, such as `Road`; begins the file names and stands on the picture
    """

    input: str
    label: str


@dataclass(frozen=True, order=True)
class Window:
    """One stretch of time asked for in one request."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


class MediaStatus(str, Enum):
    """Where one camera's footage of one window stands. All that is known of a status stands here.

    final:     polling again cannot change it, and there will be no footage
    ask_again: another job that wants the same makes a request of its own
    reason:    why the footage is missing, in words; {provider} and {footage} are filled in
    """

    final: bool
    ask_again: bool
    reason: str

    def __new__(
        cls, value: str, final: bool = False, ask_again: bool = False, reason: str = ""
    ) -> MediaStatus:
        member = str.__new__(cls, value)
        member._value_ = value
        member.final, member.ask_again, member.reason = final, ask_again, reason
        return member

    #                         final, ask_again
    PENDING = ("pending", False, False, "it has not been uploaded yet")
    AVAILABLE = ("available", False, False, "it has not been downloaded yet")
    FAILED = ("failed", True, True, "the upload failed")
    UNAVAILABLE = ("unavailable", True, False, "the camera has no footage of it")
    INVALID = ("invalid", True, False, "{provider} calls the request invalid")  # no such camera
    REFUSED = ("refused", True, True, "{provider} refused the request")
    UNUSABLE = ("unusable", True, True, "what {provider} delivered is not {footage}")  # damaged


@dataclass(frozen=True)
class VideoTrack:
    """The picture of one file, measured from its packets.

    Size in pixels, as shown; `aspect` is the shape of one pixel ("1/1"); rate in frames a second;
    duration from the file's zero to the end of the last frame that is shown. A still has one frame
    and the duration 0.

    turn:    degrees by which the file asks players to turn the picture clockwise
    begins:  seconds from the file's zero to its first packet; ffmpeg takes that for its zero
    holes:   stretches longer than 0.1 s without a picture, in seconds from the file's zero
    damaged: not all of it could be decoded without errors
    """

    codec: str
    width: int
    height: int
    aspect: str
    rate: Fraction
    time_base: Fraction
    frames: int
    duration: float
    turn: int = 0
    begins: float = 0.0
    holes: tuple[tuple[float, float], ...] = ()
    damaged: bool = False


@dataclass(frozen=True)
class AudioTrack:
    """The sound of one file, measured from its packets.

    first:  seconds from the start of the file to the first packet (encoders begin a little early)
    frame:  samples in one packet, 0 where they differ
    """

    codec: str
    sample_rate: int
    layout: str
    first: float
    packets: int
    frame: int

    @property
    def end(self) -> float:
        """Seconds from the start of the file to the end of the last packet."""
        return self.first + self.packets * self.frame / self.sample_rate


@dataclass(frozen=True)
class Tracks:
    """What one media file holds; `audio` is None where it has no sound."""

    video: VideoTrack
    audio: AudioTrack | None


class Loss(str, Enum):
    """What became, on this computer, of a file that was whole once."""

    MISSING = "missing"
    CHANGED = "changed"

    @property
    def text(self) -> str:
        return "is missing" if self is Loss.MISSING else "was changed"


@dataclass(frozen=True)
class Clip:
    """A downloaded, verified media file on disk.

    path:   relative to the job's folder
    window: what was asked for
    start:  the wall-clock moment of its first frame, as the provider reports it
    tracks: measured in the file itself
    size, sha256: bytes, and the hexadecimal digest, of the whole file
    factor: seconds of the wall clock that one second of the file shows; above 1 where it is sped up
    fetched_at: when the file was downloaded; None in journals that do not say
    reported: seconds from the start to the end that the provider reports; 0 where it does not
    """

    path: PurePath
    window: Window
    start: datetime
    tracks: Tracks
    size: int
    sha256: str
    factor: float = 1.0
    fetched_at: datetime | None = None
    reported: float = 0.0

    @property
    def duration(self) -> float:
        """Seconds that the file plays."""
        return self.tracks.video.duration

    @property
    def end(self) -> datetime:
        """The wall-clock moment at which its last frame ends."""
        return self.start + timedelta(seconds=self.duration * self.factor)

    @property
    def span(self) -> Window:
        """The stretch of the wall clock from its start to its end."""
        return Window(self.start, self.end)

    @property
    def off_window(self) -> timedelta:
        """By how much its start differs from what was asked for."""
        return abs(self.start - self.window.start)

    @property
    def length_differs(self) -> bool:
        """It plays for another time than is reported, so its clock runs wrong within it.

        Of sped-up footage the reported times are what tells how fast it is.
        """
        off = abs(self.reported - self.duration)
        return self.reported > 0 and self.factor == 1 and off > LENGTH_TOLERANCE

    @property
    def shown(self) -> list[Window]:
        """The stretches of the wall clock for which it has a picture."""
        borders = [0.0, *(at for hole in self.tracks.video.holes for at in hole), self.duration]
        moments = [self.start + timedelta(seconds=at * self.factor) for at in borders]
        pairs = zip(moments[::2], moments[1::2], strict=True)
        return [Window(start, end) for start, end in pairs if start < end]


@dataclass(frozen=True)
class LostClip:
    """A clip whose file is no longer as it was fetched, and when that was noticed."""

    clip: Clip
    loss: Loss
    noticed_at: datetime


@dataclass
class Media:
    """What is known of one camera's footage within a retrieval.

    provider_message: the provider's own status word or refusal, shown to the person as it is
    start, end: the actual times that the provider reports; None until it does
    url:        where the file can be downloaded; a secret, never journalled, printed or logged
    role:       what the camera is for, where the provider says so ("Left mirror")
    serial:     of several cameras on one input the one that filmed it, where the provider says so
    unread_time: what the provider gives as a time and is none that can be read; "" for nothing
    requested:  it is in the cloud because somebody requested it: another request brings the same
    clip:       the file, once downloaded and verified
    lost:       the clip that was here before, where its file is missing or was changed since; once
                another file came in its place `clip` is that one
    """

    camera: Camera
    status: MediaStatus = MediaStatus.PENDING
    provider_message: str = ""
    start: datetime | None = None
    end: datetime | None = None
    url: str | None = field(default=None, repr=False)
    role: str = ""
    serial: str = ""
    unread_time: str = ""
    requested: bool = False
    clip: Clip | None = None
    lost: LostClip | None = None

    @property
    def settled(self) -> bool:
        """Nothing more will come: the clip is here, or there will be none."""
        return self.clip is not None or self.status.final


class RetrievalState(str, Enum):
    """How far the request itself has come."""

    PLANNED = "planned"  # not requested yet
    REQUESTING = "requesting"  # being sent; where a run begins with it, its outcome is unknown
    ACCEPTED = "accepted"  # has the provider's id
    FOUND = "found"  # its footage is in the cloud already: nothing is requested or paid
    REFUSED = "refused"  # by the provider

    @property
    def unsent(self) -> bool:
        """It is still to be sent; of one that was being sent the answer is not known."""
        return self in (RetrievalState.PLANNED, RetrievalState.REQUESTING)


@dataclass
class Retrieval:
    """One request to the provider for one window.

    media: one for each camera that is requested, and another one for each further piece of footage
        that the provider delivers of the same camera
    possible_duplicates: how many earlier sendings got no answer and may have been counted as well
    repeat: requested once more because the first upload failed
    from_other_job: its id is that of the same request in another of our jobs, which paid for it
    """

    window: Window
    media: list[Media]
    media_type: MediaType = MediaType.HIGH
    state: RetrievalState = RetrievalState.PLANNED
    id: str = ""
    requested_at: datetime | None = None
    possible_duplicates: int = 0
    repeat: bool = False
    from_other_job: bool = False

    @property
    def settled(self) -> bool:
        return all(media.settled for media in self.media)

    @property
    def cameras(self) -> list[Camera]:
        """The cameras that the request covers, each once."""
        return list(dict.fromkeys(media.camera for media in self.media))


@dataclass(frozen=True)
class Quota:
    """Where the month's quota stands.

    text:   the provider's own words where `quoted`, ours where it gives figures only
    used, total, remaining: in the unit of `Cost`; None where they are not known
    """

    text: str
    used: float | None = None
    total: float | None = None
    remaining: float | None = None
    quoted: bool = True

    @property
    def left(self) -> float | None:
        if self.remaining is not None:
            return max(0.0, self.remaining)
        if self.used is None or self.total is None:
            return None
        return max(0.0, self.total - self.used)


@dataclass(frozen=True)
class Cost:
    """What requests count against the quota: `amount` in the provider's unit, None if unknown."""

    text: str
    amount: float | None


@dataclass(frozen=True)
class Accepted:
    """A request that the provider took: its retrieval id, and where the quota stands.

    request_id: by which the provider's support finds the answer; "" for none
    """

    retrieval_id: str
    quota: Quota | None = None
    request_id: str = ""


@dataclass(frozen=True)
class Output:
    """A finished file.

    kind:      `merge` (of one `camera`), `side-by-side`, `contact-sheet`, `track`,
               `readings`, `report`, `hashes` (the list of all the others); `event-clip`: what the
               provider keeps of a safety event by itself, and of which it tells no time
    note:      what the person should know about it ("re-encoded: ...")
    made_from: fingerprint of all that decided its content
    contents: what can be seen and heard in it: short hashes of its clips, and the minutes of which
              it has readings; empty in journals that do not say
    loss: the file is no longer as it was made; None where it is, or was when last looked at
    """

    kind: str
    camera: str
    path: PurePath
    duration: float
    size: int
    sha256: str
    made_from: str
    note: str = ""
    contents: tuple[str, ...] = ()
    loss: Loss | None = None


@dataclass(frozen=True, order=True)
class Reading:
    """What the vehicle's own sensors measured at one moment.

    latitude and longitude in degrees; speed in metres a second; heading in degrees clockwise from
    north; place as the provider names it. None and "" are unknown.
    """

    time: datetime
    latitude: float
    longitude: float
    speed: float | None = None
    heading: float | None = None
    place: str = ""


@dataclass(frozen=True)
class SafetyEvent:
    """An event that the cameras themselves have reported, as the provider tells it.

    What is not known is "" or None. No address of its footage is kept: those are secret.

    vehicle:  the vehicle's name
    labels:   what it is, in the provider's own words, such as `Crash` or `hard_brake`
    state:    how far the provider's reviewers are with it, likewise
    g_force:  the greatest acceleration, in multiples of that of the earth
    severity: in the provider's own words
    place:    its name
    link:     where the event is in the provider's dashboard
    """

    id: str
    provider: str
    start: datetime
    end: datetime
    vehicle_id: str
    vehicle: str = ""
    driver: str = ""
    labels: tuple[str, ...] = ()
    state: str = ""
    g_force: float | None = None
    severity: str = ""
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    link: str = ""


@dataclass(frozen=True)
class Contact:
    """When a vehicle, or its camera, was online, as the provider told it at the moment `asked_at`.

    at:     when the provider last heard of it; or, where it is `online`, since when it is
    state:  in the provider's own words, such as `Unplugged`; "" where it does not say
    camera: model of the camera that it is about, likewise
    """

    at: datetime
    asked_at: datetime
    online: bool = False
    state: str = ""
    camera: str = ""


class StepKind(str, Enum):
    """What happened to the footage at one step of its custody."""

    ASKED = "asked"  # a request is sent to the provider
    ACCEPTED = "accepted"  # the provider took it, and gave it an id
    REFUSED = "refused"  # the provider did not take it
    UNANSWERED = "unanswered"  # it could not be sent, or no answer came
    AVAILABLE = "available"  # the provider has the footage
    NOT_AVAILABLE = "not available"  # there will be none
    DOWNLOADED = "downloaded"
    VERIFIED = "verified"  # a downloaded file was measured and can be played
    LOST = "lost"  # a file is missing, or is not as it was
    FOUND_AGAIN = "found again"  # and is back
    MERGED = "merged"
    RENDERED = "rendered"
    WRITTEN = "written"  # a file of figures: the track, the readings, the list of hashes
    REPORTED = "reported"
    PACKAGED = "packaged"
    VERIFIED_AGAIN = "verified again"  # all files were compared with their hashes


@dataclass(frozen=True)
class ProgramRun:
    """One run of the program over a job: when it began, who ran it, and with what.

    user, computer: as the operating system names them
    program, tools: versions: of this program; of Python, the system and ffmpeg
    """

    began: datetime
    user: str
    computer: str
    program: str
    tools: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the custody of a job's footage. Steps are only ever added.

    at:           by this computer's clock
    run:          number of the run in the job's `runs`, counted from 0
    file:         name of the file that it is about; "" for none
    retrieval_id: the provider's id of the request; "" for none
    size, sha256: of the file at that moment; 0 and "" where it has none
    request_id:   by which the provider's support finds the answer in question
    text:         what else there is to say
    """

    at: datetime
    run: int
    kind: StepKind
    file: str = ""
    retrieval_id: str = ""
    size: int = 0
    sha256: str = ""
    request_id: str = ""
    text: str = ""


@dataclass
class Job:
    """All of one set of answers, and what has come of it.

    minutes, seconds: how long the asked time lasts: whole minutes, and so many seconds more; none
                   of both is one moment, which only pictures can be of
    timezone:      IANA name, or "" for the computer's own zone
    cameras_named: the person chose the cameras: one that is not installed counts as missing
    folder:        where clips and finished files go, an absolute path
    own_folder:    it is this job's own, made inside the one for all videos
    reference:     such as the number of a claim, "" for none
    publishing:    kind, camera and name of a finished file that was about to get its name when the
                   journal was written; empty for none
    incident_list: name of the list of incidents that the job is of, and which of its rows
    events:        the safety events that the job is of, as the provider told them beforehand
    watched:       --watch has found its events and requested it; it counts in the watch's budget
    notified:      how far the job was when --watch told of it last: `complete`, `incomplete`,
                   `nothing` or `failed`; "" where it has not
    region:        of the provider's account; "" where the environment names the host
    labels:        clock and names are written on the side-by-side
    layout:        how the tiles of the side-by-side stand
    size:          width and height in pixels that the side-by-side must not exceed; None: any
    every:         seconds from one still to the next; 0 for video
    units:         of speed on the picture: a key of SPEED_UNITS in telemetry/overlay_text.py
    telemetry:     speed, heading and place are asked for and shown
    reuse:         what is in the cloud or asked for already is not asked for again
    encoder:       name of the video encoder's settings that the side-by-side was begun with; all of
                   its minutes must have the same, or they cannot be joined
    roles:         camera input -> what the camera is for, where the provider has said so
    serials:       input -> serial number of the camera asked for, where several may be on one input
    longest:       seconds; the provider refuses longer windows than this, as it turned out; 0: none
    no_footage:    what the provider said beforehand it has nothing of, and was not asked for
    quota:         the latest that the provider said of the month's quota
    clock_offset:  seconds by which the provider's clock was ahead of the computer's when the job
                   was made, or in a later run if it was wrong then; 0: hardly
    finished:      all that will come has come, and the files are made of it
    discarded:     the person gave it up: it is neither offered nor gone on with any more
    revision:      how often it was saved in its journal: of two copies of it the later has more
    runs:          the runs of the program over it
    custody:       what happened to its footage, step by step; never changed, only added to
    clock_offsets: seconds by which the provider's clock was ahead of the computer's, in tenths of a
                   second ("-0.3") -> at how many of the provider's answers
    contact:       when the vehicle was online, as the provider told it last; None where it did not
    """

    provider: str
    vehicle: Vehicle
    start: datetime
    minutes: int
    timezone: str
    cameras: tuple[Camera, ...]
    cameras_named: bool
    created: datetime
    folder: str
    region: str = ""
    labels: bool = True
    layout: Arrangement = Arrangement.ROW
    size: tuple[int, int] | None = None
    media_type: MediaType = MediaType.HIGH
    every: float = 0.0
    units: str = "mph"
    telemetry: bool = False
    reuse: bool = True
    encoder: str = "veryfast-21"  # of journals that name none
    roles: dict[str, str] = field(default_factory=dict)
    serials: dict[str, str] = field(default_factory=dict)
    longest: float = 0.0
    no_footage: list[Window] = field(default_factory=list)
    retrievals: list[Retrieval] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    quota: str = ""
    clock_offset: float = 0.0
    finished: bool = False
    discarded: bool = False
    revision: int = 0
    runs: list[ProgramRun] = field(default_factory=list)
    custody: list[Step] = field(default_factory=list)
    clock_offsets: dict[str, int] = field(default_factory=dict)
    own_folder: bool = False
    seconds: int = 0
    reference: str = ""
    incident_list: str = ""
    incident_rows: tuple[int, ...] = ()
    publishing: tuple[str, ...] = ()
    events: tuple[SafetyEvent, ...] = ()
    contact: Contact | None = None
    watched: bool = False
    notified: str = ""

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.length)

    @property
    def length(self) -> int:
        """Seconds of the asked time."""
        return 60 * self.minutes + self.seconds

    @property
    def span(self) -> Window:
        return Window(self.start, self.end)

    @property
    def videos_folder(self) -> PurePath:
        """The folder for the videos of all jobs, in which the index of their reports is."""
        folder = PurePath(self.folder)
        return folder.parent if self.own_folder else folder

    def shown_name(self, camera: Camera) -> str:
        """What stands on the picture and in the summary: the camera's role where it is known."""
        return self.roles.get(camera.input) or camera.label

    def media(self, camera: Camera | None = None) -> Iterator[tuple[Retrieval, Media]]:
        """Every media of the job, or of one camera, with its retrieval, in order of request."""
        for retrieval in self.retrievals:
            for media in retrieval.media:
                if camera is None or media.camera == camera:
                    yield retrieval, media

    def clips(self, camera: Camera) -> list[Clip]:
        """The clips of one camera in order of actual start, each file once.

        Of several windows that were answered with the very same video it is the clip of the window
        that it was nearest to. (Pictures may well be the same at two moments.)
        """
        by_path = {media.clip.path: media.clip for _, media in self.media(camera) if media.clip}
        clips = sorted(by_path.values(), key=lambda clip: (clip.start, clip.path))
        if self.media_type is MediaType.IMAGE:
            return clips
        nearest: dict[str, Clip] = {}
        for clip in clips:
            other = nearest.get(clip.sha256)
            if other is None or clip.off_window < other.off_window:
                nearest[clip.sha256] = clip
        return [clip for clip in clips if nearest[clip.sha256] is clip]

    def lost_clips(self, camera: Camera | None = None) -> list[LostClip]:
        """The clips, of one camera or of all, that were here and that nothing has replaced yet."""
        lost = [media.lost for _, media in self.media(camera) if media.lost and not media.clip]
        return list({one.clip.path: one for one in lost}.values())

    @property
    def settled(self) -> bool:
        return all(retrieval.settled for retrieval in self.retrievals)
