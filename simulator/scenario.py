"""What the simulated cloud holds, and what goes wrong in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from simulator.cameras import CAMERAS, CameraModel
from simulator.events import Event, EventStyle, week
from simulator.limits import SAMSARA_LIMITS
from simulator.mishaps import Mishap, OnCall, OnClip
from simulator.motive_style import MotiveStyle

TOKEN = "samsara_api_" + "SimulatedTokenNotARealSecret00"
_QUOTA_SENTENCE = (
    "Current monthly usage is {used:.1f} seconds of high-res video out of {quota:.1f} available."
)
_DASHCAM = ("dashcamRoadFacing", "dashcamDriverFacing")


@dataclass(frozen=True)
class Truck:
    """One simulated vehicle; `cameras` are the inputs it has, and without any it has no dash-cam.

    For Motive `name` is the vehicle's number and `id` has to be digits. `roles` say where Samsara's
    auxiliary cameras are mounted: input name -> role, such as {"analog1": "leftMirrorMount"};
    `serials` are those of several cameras on one input: input name -> serial numbers.
    """

    id: str
    name: str
    cameras: tuple[str, ...] = (*_DASHCAM, "analog1")
    vin: str = ""
    plate: str = ""
    roles: Mapping[str, str] = field(default_factory=dict, hash=False)
    serials: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Uploaded:
    """Footage that is in the cloud already, for another reason than a request.

    All but the first three fields are given by name.

    start:      UTC
    seconds:    of the wall clock; ignored for an image
    trigger:    the `triggerReason` that the list gives
    vehicle:    id; "" is the first vehicle
    media_type: any of the four, although the list can filter by two only
    url:        False: listed without `urlInfo`
    bad:        the mishaps of its transfers and of its rendering
    serial:     of the auxiliary camera, where several are on the input
    listed:     False: the list lacks it; only the safety event that it is of has it
    """

    input: str
    start: datetime
    seconds: float = 60.0
    trigger: str = "safetyEvent"
    vehicle: str = ""
    media_type: str = "videoHighRes"
    url: bool = True
    bad: Sequence[OnClip] = ()
    serial: str = ""
    listed: bool = True


TRUCKS = (
    Truck("281474976710042", "Truck 42", vin="1FUJGLDR9CLBP8834", plate="8XYZ042"),
    Truck("281474976710043", "Truck 43", _DASHCAM, "1XKWD49X0BJ287991", "8XYZ043"),
    Truck("281474976710007", "Van 7 / North", _DASHCAM[:1], "WD3PE7CC5C5654321", "7ABC007"),
    Truck("281474976710101", "Trailer 101", ()),
)
# Motive's assets, such as trailers, have cameras but no dash-cam.
ASSETS = (
    Truck("500055", "TRAILER-7", ("analog1", "analog2", "analog3"), "1JJV532D8KL000055"),
    Truck("500056", "TRAILER-8 / Reefer", ("analog3",), "1JJV532D8KL000056"),
)


@dataclass(frozen=True)
class Scenario:
    """Everything that can be chosen; by default nothing goes wrong. All is given by name.

    token:           the accepted API key; any other is answered 401
    seed:            decides to which calls and clips a mishap with a rate applies
    start:           minute 0 for mishaps placed by number; None: the first request's start
    vehicles:        the fleet; the first one is where `uploaded` footage belongs by default
    cameras:         input name -> its picture and sound; of several cameras on one input also
                     "analog1/SERIAL"
    missing_camera:  a camera the vehicle lacks leads to this status, or "refuse": 400 to the POST
    delay:           seconds from the request until the footage is uploaded
    url_lifetime:    seconds a signed URL is valid for
    page_size:       items per page of lists at most
    empty_pages:     numbers of vehicle pages, from 0, before which an empty page is served
    empty_list_pages: numbers of pages of the uploaded media, from 0, that are empty
    empty_polls:     the first so many polls of each retrieval answer an empty list
    uploaded:        what is in the cloud already
    limits:          endpoint or "any" -> (calls, seconds); {} switches them off
    quota:           high-res seconds of the month; when they are used up, a POST is refused
    quota_used:      seconds used before the first request
    quota_refusal:   the status of that refusal, which is not documented: 429, 403 or 400
    quota_sentence:  the `quotaStatus` of a POST's answer, with {used} and {quota} in seconds
    low_weight, hyperlapse_weight: high-res seconds that a second of the wall clock counts as
                     low-res video and as hyperlapse. Assumed: nothing is documented
    longest:         media type -> seconds, where a window may be longer or shorter than usual
    hyperlapse_factor: a hyperlapse plays so many times faster than the clock; assumed as well.
                     OnClip("pace", factor) changes it for a camera or a window
    gps_every:       seconds between two readings of the vehicles' history
    stream_every:    seconds between two high-frequency readings of the location-and-speed stream
    gps_holes:       (begin, end) of stretches in which neither has readings, end not included
    gps_page_size:   readings per page of both at most
    empty_gps_pages: numbers of pages of both, from 0, that are empty
    gps_enabled:     False: 403 to the vehicles' history, and to Motive's locations
    stream_enabled:  False: 403 to the stream, as without the licence for it
    forbidden:       the key lacks the permission: 403 to everything
    revoke_after:    the key stops working after so many calls
    ranges:          False: the media host ignores Range and answers 200 with everything
    bad:             the mishaps
    cache:           folder in which rendered clips are kept for later runs; None: until stop
    motive:          how Motive answers where it is not described, its limits and its quota
    assets:          Motive's assets, found by their names
    footage_holes:   (begin, end) of stretches of which Motive has no footage: its timelines lack
                     them, and recalls that touch them are refused
    events:          the safety events, which both list, in order of time
    event_style:     how their lists answer
    offline:         vehicle's id -> seconds since it was online; the others are
    contacts_status: of the lists that tell when the vehicles were online
    """

    token: str = TOKEN
    seed: int = 0
    start: datetime | None = None
    vehicles: Sequence[Truck] = TRUCKS
    cameras: Mapping[str, CameraModel] = field(default_factory=lambda: CAMERAS)
    missing_camera: str = "invalid"
    delay: float = 0.05
    url_lifetime: float = 8 * 3600.0
    page_size: int = 512
    empty_pages: Sequence[int] = ()
    empty_list_pages: Sequence[int] = ()
    empty_polls: int = 0
    uploaded: Sequence[Uploaded] = ()
    limits: Mapping[str, tuple[int, float]] = field(default_factory=lambda: SAMSARA_LIMITS)
    quota: float = 900_000.0
    quota_used: float = 0.0
    quota_refusal: int | str = 429
    quota_sentence: str = _QUOTA_SENTENCE
    low_weight: float = 0.1
    hyperlapse_weight: float = 0.1
    longest: Mapping[str, int] = field(default_factory=dict)
    hyperlapse_factor: float = 30.0
    gps_every: float = 5.0
    stream_every: float = 1.0
    gps_holes: Sequence[tuple[datetime, datetime]] = ()
    gps_page_size: int = 512
    empty_gps_pages: Sequence[int] = ()
    gps_enabled: bool = True
    stream_enabled: bool = True
    forbidden: bool = False
    revoke_after: int | None = None
    ranges: bool = True
    bad: Sequence[Mishap] = ()
    cache: Path | None = None
    motive: MotiveStyle = field(default_factory=MotiveStyle)
    assets: Sequence[Truck] = ASSETS
    footage_holes: Sequence[tuple[datetime, datetime]] = ()
    events: Sequence[Event] = ()
    event_style: EventStyle = field(default_factory=EventStyle)
    offline: Mapping[str, float] = field(default_factory=dict)
    contacts_status: int = 200

    @classmethod
    def demo(cls, start: datetime) -> Scenario:
        """One of each common mishap, none of which costs footage; `start` is UTC."""
        road = "dashcamRoadFacing"
        hole = (start + timedelta(seconds=80), start + timedelta(seconds=100))
        return cls(
            start=start,
            vehicles=(replace(TRUCKS[0], roles={"analog1": "leftMirrorMount"}), *TRUCKS[1:]),
            gps_holes=(hole,),
            delay=2.0,
            page_size=2,
            empty_pages=(1,),
            bad=(
                OnCall("throttle", "post", nth=(2,)),
                OnCall("error", "poll", nth=(3,)),
                OnClip("truncate", camera="dashcamDriverFacing", at=0),
                OnClip("early", 4.0, camera=road, at=1),
                OnClip("early", 4.0, camera=road, at=3),  # where three-minute windows begin
                OnClip("late", 2.0, camera="analog1"),
            ),
        )

    @classmethod
    def demo_events(cls, end: datetime) -> Scenario:
        """Ten safety events of the week before `end` (UTC): of the newest some is in the cloud."""
        fleet = (replace(TRUCKS[0], roles={"analog1": "leftMirrorMount"}), *TRUCKS[1:])
        made = week(fleet[:2], end, 10)
        events = [replace(one, state="needsReview", withdrawn=False) for one in made]
        crash = replace(
            events[-1], vehicle=fleet[0].id, label="Crash", kind="crash", g_force=1.83,
            severity="critical", twice=False,
        )  # fmt: skip
        events[-1] = crash
        around = crash.start.replace(microsecond=0) - timedelta(seconds=3)
        there = [Uploaded(name, around, 10.0) for name in _DASHCAM]
        return cls(vehicles=fleet, delay=2.0, events=events, uploaded=there)
