"""The person's answer to what the job will cost, once the provider has reported its quota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from footage.model import Quota, Retrieval
from footage.system.threads import Changes


@dataclass(frozen=True)
class QuotaReport:
    """The quota as the first answer to a request reported it.

    to_pay: retrievals of the job that are not counted in it yet
    """

    quota: Quota
    to_pay: Sequence[Retrieval]


class CostConfirmation:
    """Holds further requests back from the first answer with a quota until they are confirmed.

    The requester reports the quota and waits while `pending`. The main thread reads `report`
    and calls `confirm`, or `decline`, after which nothing more is requested.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.report: QuotaReport | None = None
        self._confirmed = False
        self.declined = False

    @property
    def pending(self) -> bool:
        """A quota was reported, and nobody has answered yet."""
        return self.report is not None and not self._confirmed and not self.declined

    def confirm(self) -> None:
        """Go on requesting, whatever the quota is or will be reported to be."""
        self._confirmed = True
        self._changes.notify()

    def decline(self) -> None:
        """Request nothing more in this run."""
        self.declined = True
        self._changes.notify()
