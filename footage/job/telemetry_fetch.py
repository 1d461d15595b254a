"""The vehicle's own data of a job: fetched while footage is awaited, kept beside the journal."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from footage.cloud.provider import Provider
from footage.errors import AuthenticationError, JournalError, RequestRefused, TransientError
from footage.job.journal import Journal
from footage.model import Reading
from footage.telemetry import interpolation, readings_file

log = logging.getLogger("footage.job.telemetry_fetch")

_ASK_AGAIN_AFTER = 120.0  # seconds after a failure


class Track:
    """The readings of one job.

    One thread fetches them while another renders: it replaces `readings` as a whole.

    readings: None where none are wanted, or the provider has not sent any: then none are shown
    ready:    they have been fetched as far as they can be now, so pictures can be made with them
    trouble:  why there are none, as the summary says it
    """

    def __init__(
        self,
        journal: Journal,
        provider: Provider | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._provider = provider if provider is not None and provider.has_telemetry else None
        self.readings = self._load() if journal.job.telemetry else None
        self._refused = False
        self._failed_at = -math.inf
        self.trouble = ""
        self.ready = self._provider is None or not journal.job.telemetry

    @property
    def path(self) -> Path:
        """`telemetry_<when>.json`, beside the journal, and never the journal itself."""
        name = self._journal.path.name.removeprefix("request_ids_")
        return self._journal.path.with_name(f"telemetry_{name}")

    @property
    def inside(self) -> list[Reading]:
        """The readings within the asked time."""
        span = self._journal.job.span
        return [one for one in self.readings or () if span.start <= one.time <= span.end]

    def fetch(self) -> None:
        """Fetch the readings, unless all of the asked time is covered by those that are here."""
        job = self._journal.job
        incomplete = not self.readings or interpolation.holes(self.readings, job.span)
        if self._provider is not None and job.telemetry and incomplete:
            try:
                fetched = self._provider.readings(job.vehicle, job.span)
            except (RequestRefused, AuthenticationError) as refusal:
                log.warning("No readings: %s", refusal)
                if not self.readings:
                    self._refused = True
                    self.trouble = f"No speed and place on the picture: {refusal.message}"
            except TransientError as trouble:
                log.warning("No readings now: %s", trouble)
                self._failed_at = self._clock()
                if not self.readings:
                    self.trouble = f"No speed and place on the picture: {trouble.message}"
            else:
                self._keep(fetched)
                nothing = f"{self._provider.name} has no GPS of that time."
                self.trouble = "" if self.readings else nothing
        self.ready = True

    def complete(self) -> None:
        """Fetch what the vehicle sent late, once all footage is here.

        Not where fetching failed a moment ago: the side-by-side is not to wait for that twice.
        """
        just_failed = self._clock() - self._failed_at < _ASK_AGAIN_AFTER
        if not self._refused and not just_failed:
            self.fetch()

    def _keep(self, fetched: Sequence[Reading]) -> None:
        """Add to the readings that are here already, and save them all."""
        readings = interpolation.merged(self.readings or (), fetched)
        if self.readings is None or readings != list(self.readings):
            readings_file.save(self.path, readings)
            self.readings = readings

    def _load(self) -> Sequence[Reading] | None:
        try:
            return readings_file.load(self.path) if self.path.exists() else None
        except JournalError as error:
            log.warning("%s", error)
            return None
