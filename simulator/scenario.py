"""What the simulated cloud holds and how its day goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from simulator.cameras import CAMERAS, CameraModel
from simulator.limits import SAMSARA_LIMITS
from simulator.mishaps import Mishap, OnCall, OnClip

TOKEN = "samsara_api_" + "SimulatedTokenNotARealSecret00"
_DASHCAM = ("dashcamRoadFacing", "dashcamDriverFacing")


@dataclass(frozen=True)
class Truck:
    """One simulated vehicle; `cameras` are the inputs it has, none means no dash-cam."""

    id: str
    name: str
    cameras: tuple[str, ...] = (*_DASHCAM, "analog1")
    vin: str = ""
    plate: str = ""


@dataclass(frozen=True)
class Uploaded:
    """Footage that is in the cloud already, for another reason than our asking."""

    input: str
    start: datetime
    seconds: float = 60.0
    trigger: str = "safetyEvent"
    vehicle: str = ""  # id; "" is the first vehicle


TRUCKS = (
    Truck("281474976710042", "Truck 42", vin="1FUJGLDR9CLBP8834", plate="8XYZ042"),
    Truck("281474976710043", "Truck 43", _DASHCAM, "1XKWD49X0BJ287991", "8XYZ043"),
    Truck("281474976710007", "Van 7 / North", _DASHCAM[:1], "WD3PE7CC5C5654321", "7ABC007"),
    Truck("281474976710101", "Trailer 101", ()),
)


@dataclass(frozen=True)
class Scenario:
    """Everything that can be chosen; the defaults are a fleet on a good day.

    token:           the accepted API key; another one is answered 401
    seed:            decides which calls and clips a mishap with a rate strikes
    start:           minute 0 for mishaps placed by number; None: the first request's start
    vehicles:        the fleet; the first one is where `uploaded` footage belongs by default
    cameras:         input name -> what its footage looks like
    missing_camera:  a camera the vehicle lacks leads to this status, or "refuse": 400 to the POST
    delay:           seconds from the request until the footage is uploaded
    url_lifetime:    seconds a signed URL is good for
    page_size:       items per page of lists at most
    empty_pages:     numbers of vehicle pages, from 0, before which an empty page is served
    empty_looks:     so many looks at each retrieval find an empty list
    uploaded:        what is in the cloud already
    limits:          endpoint -> (calls, seconds); {} switches them off
    quota:           high-res seconds of the month; when used up, POST is answered 429
    quota_used:      what of it is used up before the first request
    forbidden:       the key lacks the permission: 403 to everything
    revoke_after:    the key stops working after so many calls
    ranges:          False: the media host ignores Range and answers 200 with everything
    bad:             the mishaps
    cache:           folder in which drawn clips are kept for the next run; None: until stop
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
    empty_looks: int = 0
    uploaded: Sequence[Uploaded] = ()
    limits: Mapping[str, tuple[int, float]] = field(default_factory=lambda: SAMSARA_LIMITS)
    quota: float = 900_000.0
    quota_used: float = 0.0
    forbidden: bool = False
    revoke_after: int | None = None
    ranges: bool = True
    bad: Sequence[Mishap] = ()
    cache: Path | None = None

    @classmethod
    def demo(cls, start: datetime) -> Scenario:
        """A day with one of each common trouble, none of which costs footage; `start` is UTC."""
        road = "dashcamRoadFacing"
        return cls(
            start=start,
            delay=2.0,
            page_size=2,
            empty_pages=(1,),
            bad=(
                OnCall("throttle", "post", nth=(2,)),
                OnCall("error", "look", nth=(3,)),
                OnClip("truncate", camera="dashcamDriverFacing", at=0),
                OnClip("early", 4.0, camera=road, at=1),
                OnClip("late", 2.0, camera="analog1"),
            ),
        )
