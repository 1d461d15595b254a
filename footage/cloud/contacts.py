"""When vehicles were online: asked of a provider seldom, and never an error."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from footage.cloud.rate_limit import Clock
from footage.errors import AuthenticationError, FootageError, Interrupted, RequestRefused
from footage.model import Contact

log = logging.getLogger("footage.cloud.contacts")

ALL = ""  # in place of a vehicle's id
ASK_AGAIN_AFTER = 600.0  # seconds
MOST_ASKED = 20  # times in ASK_AGAIN_AFTER; a list of 200 trucks is not to cost a call for each

Fetch = Callable[[str], Mapping[str, Contact]]


class Contacts:
    """The contacts of one account's vehicles; usable from many threads.

    What was answered holds for ASK_AGAIN_AFTER seconds, and at most MOST_ASKED calls are made in
    that time: of the other vehicles nothing is known then. A provider that refuses, as for a
    missing permission, is not asked again: then nothing is known, and nothing is said of it.

    name:       the provider's
    fetch:      asks for one vehicle by its id, or with ALL for all; returns them by their ids
    one_by_one: False: only all can be asked for
    """

    def __init__(
        self,
        name: str,
        fetch: Fetch,
        *,
        one_by_one: bool,
        clock: Clock = time.monotonic,
    ) -> None:
        self._name = name
        self._fetch = fetch
        self._one_by_one = one_by_one
        self._clock = clock
        self._lock = threading.Lock()
        self._refused = False
        self._asked: dict[str, tuple[float, Mapping[str, Contact]]] = {}

    def of(self, vehicle_id: str) -> Contact | None:
        """Of one vehicle; None where it is not known."""
        return self._known(vehicle_id if self._one_by_one else ALL).get(vehicle_id)

    def all(self) -> Mapping[str, Contact]:
        """Of all vehicles, by their ids."""
        return self._known(ALL)

    def _known(self, key: str) -> Mapping[str, Contact]:
        with self._lock:  # held while it is asked: who wants the same waits for that answer
            asked_at, known = self._asked.get(key, (0.0, {}))
            now = self._clock()
            lately = sum(now - at < ASK_AGAIN_AFTER for at, _ in self._asked.values())
            if self._refused or lately >= MOST_ASKED:
                return known
            if key in self._asked and now - asked_at < ASK_AGAIN_AFTER:
                return known
            try:
                known = self._fetch(key)
            except Interrupted:
                raise
            except (AuthenticationError, RequestRefused) as refusal:
                log.info("%s does not tell when vehicles were online: %s", self._name, refusal)
                self._refused = True
            except FootageError as trouble:
                log.info("When vehicles were online cannot be had now: %s", trouble)
            self._asked[key] = (now, known)
            return known
