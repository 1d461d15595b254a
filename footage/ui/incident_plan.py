"""From the rows of a list to jobs that are planned, and to the rows that are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from footage.cloud.provider import Provider
from footage.cloud.provider_entry import ProviderEntry
from footage.errors import UsageError
from footage.incidents.grouping import Found, Group, groups
from footage.incidents.rows import Incident, Refused
from footage.job.journal_folder import JournalFolder, StoredJob, read_folder
from footage.job.new_job import propose
from footage.job.shared_listing import SharedListing
from footage.model import Job, MediaType, Retrieval, Vehicle, Window
from footage.system.text import quotable
from footage.ui.matching import match_vehicle, parse_cameras
from footage.ui.session import Session
from footage.ui.settled import Wanted, answers_of

Signed = tuple[Provider, Sequence[Vehicle]]  # a client, and the vehicles that it lists


class Providers:
    """The providers that rows name, each signed in to when the first row does."""

    def __init__(
        self, entries: Sequence[ProviderEntry], sign_in: Callable[[ProviderEntry], Signed]
    ) -> None:
        self._entries = {entry.key: entry for entry in entries}
        self._sign_in = sign_in
        self._signed: dict[str, Signed] = {}

    def entry(self, word: str) -> ProviderEntry:
        """Raises UsageError for a word that is no provider."""
        entry = self._entries.get(word.strip().casefold())
        if entry is None:
            known = ", ".join(self._entries)
            raise UsageError(f"there is no provider {quotable(word)}; there are {known}")
        return entry

    def signed(self, entry: ProviderEntry) -> Signed:
        """Raises UsageError where nobody signs in, which ends the run: it is not about a row."""
        if entry.key not in self._signed:
            self._signed[entry.key] = self._sign_in(entry)
        return self._signed[entry.key]


@dataclass(frozen=True)
class PlannedRows:
    """A group of rows, and its job: a new one, or one that is on disk already."""

    group: Group
    job: Job
    stored: StoredJob | None
    provider: Provider


class ListPlan:
    """What the rows of a list, or safety events, become.

    list_name: of the list; "" for safety events
    planned: the jobs of the rows that are understood, the earliest footage first
    refused: the number of each other row, and why
    """

    def __init__(
        self,
        session: Session,
        incidents: Sequence[Incident | Refused],
        providers: Providers,
        list_name: str = "",
    ) -> None:
        self._session = session
        self._incidents = incidents
        self._list_name = list_name
        self._providers = providers
        self._journals: JournalFolder = read_folder(session.options.logs)
        self.refused: dict[int, str] = {}
        self.planned = self._plan()

    def _plan(self) -> list[PlannedRows]:
        """The jobs of the rows that are understood; the others are noted as refused."""
        options = self._session.options
        for error in self._journals.unreadable.values():
            self._session.terminal.warn(f"{error} What it has requested may be paid for once more.")
        found: list[Found] = []
        for row in self._incidents:
            try:
                if isinstance(row, Refused):
                    raise UsageError(row.why)
                entry = self._providers.entry(row.provider or options.provider)
            except UsageError as error:
                self._refuse([row.row], str(error))
                continue
            signed = self._providers.signed(entry)
            try:
                found.append(self._find(row, entry, *signed))
            except UsageError as error:
                self._refuse([row.row], str(error))
        return list(self._propose_all(groups(found, self._requested)))

    def _requested(self, one: Found, span: Window) -> Window:
        """What the provider is asked for, for a time of such an incident."""
        provider, _ = self._providers.signed(self._providers.entry(one.provider))
        planned: Sequence[Retrieval] = ()
        if one.media is not MediaType.IMAGE:  # pictures are of moments
            with suppress(UsageError):  # the row is refused when its job is planned
                planned = provider.plan(span, one.cameras[:1], one.media)
        windows = [span, *(each.window for each in planned)]
        return Window(min(each.start for each in windows), max(each.end for each in windows))

    def _find(
        self,
        incident: Incident,
        entry: ProviderEntry,
        provider: Provider,
        vehicles: Sequence[Vehicle],
    ) -> Found:
        """What the words of a row mean. Raises UsageError."""
        options = self._session.options
        try:
            media = MediaType(incident.media.casefold()) if incident.media else options.media
        except ValueError:
            raise UsageError(f"there is no kind of footage {quotable(incident.media)}") from None
        if media not in entry.media or media in entry.live:
            raise UsageError(f"{entry.name} has no {media.value} footage of the past")
        vehicle = match_vehicle(incident.vehicle, vehicles)
        words = incident.cameras or options.cameras
        if words:
            possible = provider.possible_cameras(vehicle.kind, media)
            cameras, named = parse_cameras(words.replace(";", ","), provider, possible)
        else:
            cameras, named = list(provider.default_cameras(vehicle.kind, media)), False
        return Found(incident, entry.key, vehicle, tuple(cameras), named, media)

    def _propose_all(self, made: Sequence[Group]) -> Iterator[PlannedRows]:
        others = self._journals.others()
        listings: dict[str, SharedListing] = {}
        for group in made:
            entry = self._providers.entry(group.first.provider)
            provider, _ = self._providers.signed(entry)
            stored = self._on_disk(group, provider)
            if stored is not None:
                yield PlannedRows(group, stored.job, stored, provider)
                continue
            first = group.first
            wanted = Wanted(
                vehicle=first.vehicle,
                start=group.start,
                duration=group.duration,
                timezone=first.incident.timezone,
                cameras=first.cameras,
                cameras_named=first.cameras_named,
                reference=group.reference,
                incident_list=self._list_name,
                incident_rows=group.rows if self._list_name else (),
                events=group.events,
            )
            options = replace(self._session.options, media=first.media)
            if entry.key not in listings:
                spans = [(one.first.vehicle.id, one.span) for one in made]
                listings[entry.key] = SharedListing(provider.uploaded, spans)
            try:
                answers = answers_of(options, entry, provider, wanted)
                proposal = propose(answers, provider, others, listings[entry.key].uploaded)
            except UsageError as error:
                self._refuse(group.rows, str(error))
                continue
            yield PlannedRows(group, proposal.job, None, provider)

    def _on_disk(self, group: Group, provider: Provider) -> StoredJob | None:
        """The job that an earlier run has made of these rows of the list, or of these events."""
        first = group.first
        wanted = (provider.name, first.vehicle.id, group.start, group.duration, first.media)
        events = {one.id for one in group.events}

        def is_it(job: Job) -> bool:
            asked = (job.provider, job.vehicle.id, job.start, job.length, job.media_type)
            same = asked == wanted and set(first.cameras) <= set(job.cameras)
            same = same and events <= {one.id for one in job.events}
            return same and not job.discarded and job.incident_list == self._list_name

        return next((one for one in self._journals.jobs if is_it(one.job)), None)

    def _refuse(self, rows: Sequence[int], why: str) -> None:
        for row in rows:
            self.refused[row] = why
