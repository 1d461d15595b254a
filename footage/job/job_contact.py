"""Why nothing comes: while footage is awaited it is asked when the vehicle was online."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from footage.cloud.contacts import ASK_AGAIN_AFTER
from footage.cloud.provider import Provider
from footage.job.journal import Journal
from footage.job.retriever import Retriever
from footage.model import Contact
from footage.system.threads import Changes

log = logging.getLogger("footage.job.job_contact")

_FIRST_AFTER = 20.0  # seconds of waiting; footage of a vehicle that is online often comes sooner


class JobContact:
    """Keeps `contact` of one job, seldom asking for it. Nothing it meets stops the job.

    One thread asks while others read `contact`: it is replaced as a whole.
    """

    def __init__(
        self,
        journal: Journal,
        provider: Provider,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._journal = journal
        self._provider = provider
        self._clock = clock
        self.contact: Contact | None = None

    def work(self, retriever: Retriever, changes: Changes) -> None:
        """Ask after some seconds, and then every few minutes, until nothing is awaited."""
        next_at = self._clock() + _FIRST_AFTER
        while not retriever.done:
            seen = changes.count
            if self._clock() >= next_at:
                next_at = self._clock() + ASK_AGAIN_AFTER
                if self.ask():
                    changes.notify()
            retriever.wait(seen, next_at)

    def ask(self) -> bool:
        """Ask now, if some of the footage is awaited; returns whether that told anything new."""
        with self._journal.locked() as job:
            vehicle, known = job.vehicle, job.contact
            awaited = any(not one.state.unsent and not one.settled for one in job.retrievals)
        contact = self._provider.contact(vehicle) if awaited else None
        if contact is None:
            return False
        self.contact = contact
        if contact == known:
            return False
        with self._journal.change() as job:
            job.contact = contact
        if known is None or (known.at, known.online) != (contact.at, contact.online):
            word = "online since" if contact.online else "last online"
            log.info(
                "%s: %s %s, says %s %s", vehicle.name, word, contact.at.isoformat(),
                self._provider.name, contact.state,
            )  # fmt: skip
        return True
