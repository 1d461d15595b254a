"""`--events`: the safety events that the cameras reported are listed, and those picked fetched."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from footage.cloud.events import EventSource
from footage.cloud.provider_entry import ProviderEntry
from footage.errors import (
    AuthenticationError,
    ExitStatus,
    ProviderError,
    RequestRefused,
    UsageError,
)
from footage.incidents import events as safety_events
from footage.incidents.results_file import RowResult
from footage.incidents.rows import Incident
from footage.media import ffmpeg
from footage.media.shown_names import event_name
from footage.model import UTC, SafetyEvent, Vehicle, Window
from footage.system import timezones
from footage.system.text import count_text, quotable
from footage.system.whole_files import disk_errors, whole_file
from footage.ui.incident_list import Listed, bring
from footage.ui.incident_plan import ListPlan, Providers
from footage.ui.matching import match_vehicle
from footage.ui.progress import Screen
from footage.ui.session import Session
from footage.ui.summary import resume_command
from footage.ui.terminal import is_terminal

log = logging.getLogger("footage.ui.event_list")

_PAGE = 20  # events on the screen before it is asked which of them are wanted
_NO_MORE = "Which of them ({numbers} such as 1,3-5, or all; Enter for none): "
_MORE = "Which of them ({numbers} such as 1,3-5, or all; Enter for more): "
_WITHOUT = (
    "Without it footage can still be had by a moment (--at), or by a list of them (--incidents)."
)


def run_events(
    session: Session, entry: ProviderEntry, providers: Providers, span: Window
) -> ExitStatus:
    """List the events that began within `span`, and bring the footage of those picked."""
    provider, vehicles = providers.signed(entry)
    if provider.events is None:
        raise UsageError(f"{entry.name} lists no safety events here.")
    run = _EventRun(session, provider.events, entry.name)
    events = run.listed(vehicles, span)
    options = session.options
    if not events:
        return ExitStatus.COMPLETE
    if options.save is not None:
        run.save(events, options.save)
        return ExitStatus.COMPLETE
    if session.results.wanted:
        session.results.list_events(events, provider.events.in_cloud(events))
    numbers = run.picked(events)
    if not numbers:
        return ExitStatus.COMPLETE
    ffmpeg.check()  # before anything is paid for that needs it
    return run.bring({number: events[number - 1] for number in numbers}, providers)


class _EventRun:
    """One run over the events of one account."""

    def __init__(self, session: Session, source: EventSource, provider: str) -> None:
        self._session = session
        self._terminal = session.terminal
        self._source = source
        self._provider = provider
        out = session.terminal.out
        self._screen = Screen(out, interactive=is_terminal(out))
        self._zone = session.options.timezone or timezones.own_name()
        self._now = datetime.now(UTC)

    @property
    def _tz(self) -> tzinfo:
        return timezones.zone(self._zone)

    def listed(self, vehicles: Sequence[Vehicle], span: Window) -> list[SafetyEvent]:
        """The events that are wanted, the newest first. Raises UsageError where the key may not."""
        options = self._session.options
        only = match_vehicle(options.vehicle, vehicles).id if options.vehicle else ""
        try:
            there = self._source.listed(span, only)
        except (AuthenticationError, RequestRefused) as refusal:
            raise not_listed(self._provider, refusal) from refusal
        names = {one.id: one.name for one in vehicles}
        there = [named(one, names) for one in there]
        events = safety_events.wanted(there, options.event_labels, options.all_states)
        when = timezones.span_text(span.start, span.end, self._tz)
        hidden = len(there) - len(events)
        line = f"{count_text(len(events), 'safety event')} of {self._provider}, {when}"
        self._terminal.say(f"{line} ({hidden} more are not shown)" if hidden else line)
        if not events and there:
            self._terminal.say(
                f"There are others: {safety_events.label_counts(there)}. --all-states shows those "
                "that were dismissed as well."
            )
        return events

    def save(self, events: Sequence[SafetyEvent], path: Path) -> None:
        """Write them as a list of incidents."""
        incidents = [self._incident(n, one) for n, one in enumerate(events, 1)]
        text = io.StringIO(newline="")
        csv.writer(text).writerows(safety_events.as_rows(events, incidents))
        with disk_errors(path), whole_file(path) as part:
            part.write_bytes(text.getvalue().encode("utf-8-sig"))
        self._terminal.say(
            f"{count_text(len(events), 'event')} are in {path}. Delete the rows that you do not "
            "want, then give it to --incidents."
        )

    # --- picking ----------------------------------------------------------------------------------

    def picked(self, events: Sequence[SafetyEvent]) -> list[int]:
        """The numbers of those that are wanted, as the person or the options say."""
        options, terminal = self._session.options, self._terminal
        numbered = dict(enumerate(events, 1))
        if options.pick is not None:
            numbers = safety_events.picked(options.pick, len(events))
            if not self._session.results.wanted:
                self._show(numbered)
            return numbers
        if terminal.interactive and not options.yes and not self._session.results.wanted:
            return self._ask(numbered)
        if not self._session.results.wanted:
            self._show(numbered)
        if options.yes or options.dry_run:
            return list(numbered)
        if not self._session.results.wanted:
            terminal.say("Add --yes for the footage of all of them, or --pick 1,3-5 --yes.")
        return []

    def _ask(self, numbered: Mapping[int, SafetyEvent]) -> list[int]:
        """Show page after page until some are picked."""
        count = len(numbered)
        for first in range(1, count + 1, _PAGE):
            last = min(first + _PAGE - 1, count)
            self._show({number: numbered[number] for number in range(first, last + 1)})
            question = (_NO_MORE if last == count else _MORE).format(numbers=f"1 to {count},")
            found = self._terminal.ask(question, lambda text: _numbers(text, count))
            if found:
                return found
        self._terminal.say("Nothing was picked.")
        return []

    def _show(self, numbered: Mapping[int, SafetyEvent]) -> None:
        in_cloud = self._source.in_cloud(list(numbered.values()))
        self._screen.table(
            [
                [
                    str(number),
                    timezones.clock_text(one.start, self._tz),
                    quotable(one.vehicle),
                    quotable(one.driver),
                    quotable(event_name(one)),
                    quotable(safety_events.severity_text(one)),
                    _cloud_text(in_cloud.get(one.id)),
                    quotable(safety_events.place_text(one)),
                ]
                for number, one in numbered.items()
            ],
            left=True,
        )

    # --- bringing it ------------------------------------------------------------------------------

    def bring(self, chosen: Mapping[int, SafetyEvent], providers: Providers) -> ExitStatus:
        chosen = self._not_withdrawn(chosen)
        if not chosen:
            return ExitStatus.COMPLETE
        incidents = [self._incident(number, one) for number, one in chosen.items()]
        plan = ListPlan(self._session, incidents, providers)
        again = f"start: {resume_command(self._session.options.logs)}"
        status, results = bring(self._session, plan, Listed("event", len(incidents), again))
        for number, one in chosen.items():
            if number in results:
                self._terminal.say(self._result_line(number, one, results[number]))
        return status

    def _not_withdrawn(self, chosen: Mapping[int, SafetyEvent]) -> Mapping[int, SafetyEvent]:
        """Those that the provider stands by; the others are told, and nothing is paid for them."""
        gone = self._source.withdrawn(list(chosen.values()))
        for number, one in chosen.items():
            if one.id in gone:
                self._terminal.warn(
                    f"Event {number} ({quotable(event_name(one))}) was withdrawn by "
                    f"{self._provider} since it was listed, so its footage is not asked for; with "
                    "--at you can have it all the same."
                )
        return {number: one for number, one in chosen.items() if one.id not in gone}

    def _result_line(self, number: int, event: SafetyEvent, result: RowResult) -> str:
        when = timezones.clock_text(event.start, self._tz)
        what = f"{quotable(event_name(event))}, {quotable(event.vehicle)}, {when}"
        report = f"; report: {Path(result.folder) / result.report}" if result.report else ""
        message = f"; {quotable(result.message)}" if result.message else ""
        return f"Event {number} ({what}): {result.status}{report}{message}"

    def _incident(self, number: int, event: SafetyEvent) -> Incident:
        options = self._session.options
        return safety_events.as_incident(
            number, event, options.before, options.after, self._zone, self._now
        )


def not_listed(provider: str, refusal: ProviderError) -> UsageError:
    """The provider has refused to list safety events: what it says, and the ways without."""
    return UsageError(f"{provider} does not list safety events for this key: {refusal} {_WITHOUT}")


def named(event: SafetyEvent, names: Mapping[str, str]) -> SafetyEvent:
    """The event with its vehicle's name, where the provider told the id alone."""
    return event if event.vehicle else replace(event, vehicle=names.get(event.vehicle_id, ""))


def _numbers(text: str, count: int) -> list[int]:
    return safety_events.picked(text, count) if text.strip() else []


def _cloud_text(cameras: Sequence[str] | None) -> str:
    if cameras is None:
        return ""
    return f"in the cloud: {', '.join(cameras)}" if cameras else "not in the cloud"
