"""The safety events of a simulated fleet, and a made-up week of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from simulator.scenario import Truck

# What Samsara and Motive call the same kinds.
KINDS = (
    ("Crash", "crash"),
    ("NearCollison", "near_miss"),
    ("Braking", "hard_brake"),
    ("HarshTurn", "hard_corner"),
    ("Acceleration", "hard_accel"),
    ("MobileUsage", "cell_phone"),
    ("RollingStop", "stop_sign_violation"),
    ("FollowingDistance", "tailgating"),
    ("NoSeatbelt", "seat_belt_violation"),
    ("ForwardCollisionWarning", "forward_collision_warning"),
)
_STATES = ("needsReview", "needsReview", "reviewed", "needsCoaching", "coached", "dismissed")
_DRIVERS = ("A. Muster", "B. Sample", "C. Example", "")
_PLACES = ("Chicago, IL", "Cicero, IL", "Gary, IN", "Joliet, IL")


@dataclass(frozen=True)
class Event:
    """One safety event; `number` makes its ids. All but the first four are given by name.

    label, kind: what Samsara and what Motive calls it
    late:        seconds after its start at which its record was made, and changed last
    twice:       Samsara lists it a second time, as its state has changed (before, it needed
                 review); Motive lists it on two days
    odd_id:      Samsara's id of it is two with a comma between them
    numeric:     its times are numbers, in milliseconds
    trip_over:   False: the trip goes on, so that it has no end
    media_after: it has media from that listing on
    withdrawn:   Motive lists it so many times (`listings`), and never again
    aggregated:  Motive tells it as made of several
    """

    number: int
    vehicle: str
    start: datetime
    label: str
    kind: str = "crash"
    seconds: float = 7.0
    state: str = "needsReview"
    g_force: float = 0.6
    severity: str = "medium"
    driver: str = "A. Muster"
    place: str = "Chicago, IL"
    latitude: float = 41.8807
    longitude: float = -87.6742
    late: float = 90.0
    twice: bool = False
    odd_id: bool = False
    numeric: bool = False
    trip_over: bool = True
    media_after: int = 0
    withdrawn: bool = False
    listings: int = 1
    aggregated: bool = False

    @property
    def end(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)

    @property
    def listed_from(self) -> datetime:
        """When its record is made, so that it is listed."""
        return self.start + timedelta(seconds=self.late)

    @property
    def samsara_id(self) -> str:
        first = UUID(int=0x6CAEB9C0_0000_4000_8000_0000_0000_0000 + self.number)
        return f"{first},{UUID(int=first.int + (1 << 64))}" if self.odd_id else str(first)

    @property
    def motive_id(self) -> int:
        return 1_507_000_000 + self.number


@dataclass(frozen=True)
class EventStyle:
    """How the lists of safety events answer. All is given by name.

    page_size:     events on a page, at most
    empty_pages:   numbers of Samsara's pages, from 0, that are empty and not the last
    stream_status, legacy_status: the status of Samsara's two lists
    media_allowed: False: the key may not see media, so that events have none
    lost_cursors:  so many cursors of Samsara are refused
    total_at_top:  Motive's count of all stands beside the page, and not in it
    vehicle_as:    Motive's `vehicle`, `current_vehicle` or `vehicle_id`
    status:        of Motive's list
    clips:         which addresses Motive has for what was uploaded of an event: "plain" and ones
                   with something drawn in, "drawn": only those, "dual": plain, both cameras in one
                   picture, or "none": it says that there is no clip
    """

    page_size: int = 100
    empty_pages: Sequence[int] = ()
    stream_status: int = 200
    legacy_status: int = 200
    media_allowed: bool = True
    lost_cursors: int = 0
    total_at_top: bool = False
    vehicle_as: str = "vehicle"
    status: int = 200
    clips: str = "plain"


def week(trucks: Sequence[Truck], end: datetime, count: int, seed: int = 0) -> list[Event]:
    """So many events of the seven days before `end`, in order, with one of each oddity."""
    chance = random.Random(seed)  # noqa: S311 - a made-up week, the same each time
    moments = sorted(
        end - timedelta(milliseconds=chance.randrange(3_600_000, 7 * 86_400_000))
        for _ in range(count)
    )
    made = [_event(number, moment, trucks, chance) for number, moment in enumerate(moments)]
    oddities: Sequence[dict[str, object]] = (
        {"twice": True, "state": "reviewed"},
        {"odd_id": True},
        {"numeric": True},
        {"label": "SomethingNew", "kind": "something_new"},
        {"trip_over": False},
        {"media_after": 2},
        {"withdrawn": True, "label": "Crash", "kind": "crash"},
        {"aggregated": True, "label": "LaneDeparture", "kind": "aggregated_lane_swerving"},
        {"state": "dismissed"},
    )
    for number, oddity in zip(chance.sample(range(count), min(count, len(oddities))), oddities):  # noqa: B905 - a short week has some of them
        made[number] = replace(made[number], **oddity)  # type: ignore[arg-type]
    return made


def listed(events: Sequence[Event]) -> list[Event]:
    """Those whose records are made by now."""
    now = datetime.now(timezone.utc)
    return [event for event in events if event.listed_from <= now]


def from_now_on(trucks: Sequence[Truck], minutes: float) -> list[Event]:
    """An event about every so many minutes, for a thousand of them; its record is made soon."""
    chance, now = random.Random(), datetime.now(timezone.utc)  # noqa: S311 - made up
    gaps = (timedelta(minutes=minutes * number) for number in range(1000))
    made = (_event(number, now + gap, trucks, chance) for number, gap in enumerate(gaps))
    return [replace(one, late=chance.uniform(5, 30)) for one in made]


def _event(number: int, moment: datetime, trucks: Sequence[Truck], chance: random.Random) -> Event:
    label, kind = chance.choice(KINDS)
    return Event(
        number,
        chance.choice([truck.id for truck in trucks if truck.cameras]),
        moment,
        label,
        kind=kind,
        seconds=chance.choice((3.0, 7.0, 8.5)),
        state=chance.choice(_STATES),
        g_force=round(chance.uniform(0.3, 2.0), 2),
        severity=chance.choice(("low", "medium", "high", "critical")),
        driver=chance.choice(_DRIVERS),
        place=chance.choice(_PLACES),
        latitude=round(41.88 + chance.uniform(-0.2, 0.2), 4),
        longitude=round(-87.67 + chance.uniform(-0.2, 0.2), 4),
        late=chance.uniform(30, 2400),
    )
