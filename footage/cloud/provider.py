"""What the program expects of a provider: the methods of its client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from footage.errors import RequestRefused
from footage.model import (
    Accepted,
    Camera,
    Contact,
    Cost,
    Media,
    MediaType,
    Quota,
    Reading,
    Retrieval,
    Vehicle,
    Window,
)

if TYPE_CHECKING:  # they take 30 ms to load
    from footage.cloud.clock_comparison import ClockComparison
    from footage.cloud.events import EventSource


@dataclass(frozen=True)
class ListedVehicle:
    """A vehicle, and what the list of vehicles says beside.

    cameras: what it says of its cameras, in words; None where it says nothing of any vehicle's
    """

    vehicle: Vehicle
    cameras: tuple[str, ...] | None = None


class Provider(Protocol):
    """A provider's client. Its class is derived from this one and inherits what it does not have.

    Calls may raise AuthenticationError or TransientError.
    """

    name: str  # "Samsara"
    cameras: Sequence[Camera]  # all that can be asked for, in the order of the picture
    camera_words: Mapping[
        str, str
    ]  # what can be typed for a camera -> its input; the first is shown
    min_poll_interval: float  # seconds between two polls of one retrieval, at least
    has_telemetry: bool = False  # `readings` can be asked for
    events: EventSource | None = None  # lists the safety events that the cameras reported

    def vehicles(self, kind: str = "vehicle") -> list[Vehicle]:
        """All vehicles (or assets, by `kind`) that the credentials may see."""

    def fleet(self, kind: str = "vehicle") -> list[ListedVehicle]:
        """The same, with what the list says beside."""
        return [ListedVehicle(vehicle) for vehicle in self.vehicles(kind)]

    def contact(self, vehicle: Vehicle) -> Contact | None:
        """When a vehicle was online; None where the provider does not say, or is not asked again so
        soon. It only is advice: nothing is raised but Interrupted.
        """
        return None

    def contacts(self) -> Mapping[str, Contact]:
        """The same of all vehicles, by their ids."""
        return {}

    def clock_comparison(self) -> ClockComparison:
        """This computer's clock against the provider's, by its answers."""
        return ClockComparison()

    def clock_offset(self) -> float:
        """Seconds by which the provider's clock is ahead of this computer's, by its last answer."""
        return self.clock_comparison().latest

    def possible_cameras(self, kind: str, media_type: MediaType) -> Sequence[Camera]:
        """Those that a vehicle (or asset, by `kind`) can have of this kind of footage."""
        return self.cameras

    def default_cameras(self, kind: str, media_type: MediaType) -> Sequence[Camera]:
        """Those that are asked for where the person names none."""
        return self.possible_cameras(kind, media_type)

    @staticmethod
    def other_camera(word: str) -> Camera | None:
        """The camera of this name, in the provider's own words, that is not among `cameras`."""
        return None

    def waiting_hint(self, media_type: MediaType) -> str:
        """What to know while the footage is awaited; "" for nothing."""
        return ""

    def is_live(self, media_type: MediaType) -> bool:
        """True where the picture is taken now, so that neither start nor length is asked."""
        return False

    def uploaded(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType
    ) -> list[Media]:
        """What is in the cloud already, each with its actual times and a URL.

        Raises RequestRefused where the provider does not say.
        """
        return []

    def recorded(self, vehicle: Vehicle, span: Window) -> list[Window] | None:
        """The stretches of which the vehicle has footage, in order; None where nobody knows."""
        return None

    def quota(self, media_type: MediaType) -> Quota | None:
        """The month's quota, where it can be read without asking for footage."""
        return None

    def plan(
        self, span: Window, cameras: Sequence[Camera], media_type: MediaType, every: float = 0.0
    ) -> list[Retrieval]:
        """The requests that cover `span` exactly: no window too long, none past the end.

        every: seconds from one still to the next, for MediaType.IMAGE
        """

    def cost(self, retrievals: Sequence[Retrieval]) -> Cost:
        """What these requests will count against the quota."""

    def advice(self, span: Window, cameras: Sequence[Camera], media_type: MediaType) -> str:
        """One line on what another kind of footage would mean in waiting and quota; "" for none."""
        return ""

    def wait_for_turn(self) -> None:
        """Wait until the next request may be sent without going over the provider's limit.

        Called before the journal says "being requested", so that a crash during the wait leaves
        no doubt.
        """

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        """Ask for the footage of one window. It is sent once and never repeated in here.

        Raises RequestRefused (WindowTooLong, AlreadyRequested), QuotaExhausted, TransientError
        (surely not accepted: may be repeated) or OutcomeUnknown (sent, and no answer: may have been
        accepted).
        """

    def check(self, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
        """Poll a retrieval: what the provider reports now of each camera it mentions.

        One in the state FOUND is looked up among what is uploaded. An empty list means "nothing
        yet".
        """

    def readings(self, vehicle: Vehicle, span: Window) -> list[Reading]:
        """Position, speed, heading and place within `span`, in order of time, each moment once.

        Raises RequestRefused or AuthenticationError where the account or the key does not allow it.
        """
        raise RequestRefused(f"Speed, heading and place cannot be had from {self.name} here.")
