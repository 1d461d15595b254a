"""What the pipeline expects of a provider's client; SamsaraAPI fulfils it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from footage.model import Camera, Media, Retrieval, Vehicle, Window


@dataclass(frozen=True)
class Accepted:
    """A request that the provider took: its retrieval id, and its words on the quota."""

    retrieval_id: str
    quota: str = ""


class Provider(Protocol):
    """One method per thing the pipeline needs; every one may raise KeyRefused or NotNow."""

    name: str  # "Samsara"
    permissions: str  # which permissions the API key needs, as the provider's dialog names them
    cameras: Sequence[Camera]  # all that can be asked for, in the order of the picture
    default_cameras: Sequence[Camera]

    def vehicles(self) -> list[Vehicle]:
        """All vehicles the key may see."""

    def plan(self, span: Window, cameras: Sequence[Camera]) -> list[Retrieval]:
        """The requests that cover `span` exactly: no window too long, none past the end."""

    def cost(self, retrievals: Sequence[Retrieval]) -> str:
        """What these requests will count against the quota, in the provider's unit ("900 s")."""

    def wait_for_turn(self) -> None:
        """Wait until the next request may be sent without going over the provider's limit.

        Called before the journal says "being requested", so that a crash during the wait leaves
        no doubt.
        """

    def request(self, vehicle: Vehicle, retrieval: Retrieval) -> Accepted:
        """Ask for the footage of one window. One sending, never repeated in here after doubt.

        Raises RequestRefused, QuotaExhausted, NotNow (surely not accepted: may be repeated)
        or InDoubt (sent, and no answer: may have been accepted).
        """

    def check(self, retrieval: Retrieval) -> list[Media]:
        """Look a retrieval up: what the provider says now of each camera it mentions.

        An empty list means "nothing yet".
        """
