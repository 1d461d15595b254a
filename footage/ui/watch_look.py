"""One look for new safety events: they are listed, and those that are wanted become jobs."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from footage.cloud.provider import Provider
from footage.cloud.provider_entry import ProviderEntry
from footage.errors import (
    AuthenticationError,
    ConnectionSettingError,
    DiskError,
    FootageError,
    Interrupted,
    RequestRefused,
    UsageError,
)
from footage.incidents import events as safety_events
from footage.job import planning
from footage.job.journal import Journal
from footage.job.watch_state import WatchState, read_state, write_state
from footage.job.watched_jobs import WatchedJobs, camera_seconds, month_of
from footage.media.shown_names import event_name
from footage.model import SafetyEvent, Vehicle, Window
from footage.system import filenames, timezones
from footage.system.durations import LONGEST_MINUTES
from footage.system.text import count_text, duration_text, quotable
from footage.ui.event_list import named, not_listed
from footage.ui.incident_plan import ListPlan, PlannedRows, Providers
from footage.ui.matching import match_vehicle
from footage.ui.session import Session
from footage.ui.terminal import Terminal
from footage.ui.watch_teller import Teller

log = logging.getLogger("footage.ui.watch_look")

# A truck without a connection reports its events when it has one again, and reviewers change their
# minds. So each look goes back two days; and the first, and one every six hours, as far as any
# camera may still have footage.
_BACK = timedelta(days=2)
_FAR_BACK = timedelta(days=31)
_FAR_EVERY = timedelta(hours=6)
_KEEP_EVERY = timedelta(hours=1)  # how far it has looked is written down
# So many looks in a row are refused, and the watch ends: the key was revoked. One may be a mistake
# of the provider's.
_REFUSALS = 3


class Look:
    """Looks for the events of one account, again and again.

    jobs:  what was requested already
    since: events that began before are not wanted; None: as the last watch, or from now on
    """

    def __init__(
        self,
        session: Session,
        entry: ProviderEntry,
        provider: Provider,
        jobs: WatchedJobs,
        teller: Teller,
        since: datetime | None,
        now: Callable[[], datetime],
    ) -> None:
        if provider.events is None:
            raise UsageError(f"{entry.name} lists no safety events here.")
        self._options = session.options
        self._session = session
        self._entry = entry
        self._provider, self._source = provider, provider.events
        self._jobs = jobs
        self._teller = teller
        self._now = now
        self._zone = session.options.timezone or timezones.own_name()
        kept = read_state(self._options.logs, provider.name)
        begin = since or (kept.since if kept else now())
        self._state = WatchState(begin, kept.looked if kept else begin)
        self._kept_at: datetime | None = None  # when that was written down last
        self._far_at: datetime | None = None  # when a look went far back last
        self._vehicle_id: str | None = None  # that of --vehicle, once it is known
        self._held: dict[str, datetime] = {}  # id of an event -> month whose budget it goes over
        self._trouble: type[FootageError] | None = None  # of the last look
        self._refusals, self._answered = 0, False

    # --- what is told -----------------------------------------------------------------------------

    def announce(self) -> None:
        """What the watch will do, and what it may cost."""
        options, say = self._options, self._session.terminal.say
        what = f"of the kinds {', '.join(options.event_labels)}" if options.event_labels else "all"
        dismissed = "" if options.all_states else " that reviewers have not dismissed"
        whose = f" of {quotable(options.vehicle)}" if options.vehicle else ""
        say(
            f"Watching the safety events of {self._provider.name}{whose}: {what}{dismissed}, with "
            f"the footage from {duration_text(options.before)} before until "
            f"{duration_text(options.after)} after each."
        )
        since = timezones.clock_text(self._state.since, self._teller.zone)
        minutes = (options.watch or 0) / 60
        say(
            f"It looks every {minutes:g} minutes for events since {since}, and requests what is "
            "new without asking. It runs until it is stopped (Ctrl+C); the same command goes on."
        )
        if options.budget is None:
            say(
                f"There is no --budget: nothing but {self._provider.name}'s own quota of the month "
                "limits what is requested."
            )
        else:
            spent = _minutes(self._jobs.spent(month_of(self._now())))
            say(
                f"The budget is {_minutes(options.budget)} camera-minutes a month (UTC); of this "
                f"month's {spent} are used, as the journals say."
            )
        unfinished = len(self._jobs.unfinished)
        if unfinished:
            say(f"It goes on with {count_text(unfinished, 'unfinished job')} of before.")

    # --- looking ----------------------------------------------------------------------------------

    def look(self) -> bool:
        """List what is new, and make a job of what is wanted; its requests are not sent yet.

        Returns whether the provider has answered. Raises FootageError where it will not answer
        however long one waits.
        """
        now = self._now()
        try:
            span = self._span(now)
            listed = self._listed(span)
            self._tell_unreadable()
            self._make_jobs(self._new(listed, now), now)
        except Interrupted:
            raise
        except FootageError as error:
            self._note_trouble(error)
            return False
        self._note_success(now, span)
        return True

    def _span(self, now: datetime) -> Window:
        """The time whose events are listed."""
        begin = min(now, self._state.looked) - _BACK
        if self._far_at is None or now - self._far_at >= _FAR_EVERY:
            begin = min(begin, now - _FAR_BACK)
        if self._state.looked < now - _FAR_BACK:
            self._teller.warn_once(
                f"No look was finished for more than {_FAR_BACK.days} days; what happened before "
                "that is not looked for: see --events."
            )
        return Window(min(now, max(begin, self._state.since, now - _FAR_BACK)), now)

    def _listed(self, span: Window) -> list[SafetyEvent]:
        if self._vehicle_id is None:
            wanted = self._options.vehicle
            vehicles = self._provider.vehicles() if wanted else []
            self._vehicle_id = match_vehicle(wanted, vehicles).id if wanted else ""
        try:
            return self._source.listed(span, self._vehicle_id)
        except (AuthenticationError, RequestRefused) as refusal:
            raise not_listed(self._provider.name, refusal) from refusal

    def _new(self, listed: Sequence[SafetyEvent], now: datetime) -> list[SafetyEvent]:
        """The events of which footage is to be requested, and can be: all of it is recorded."""
        options, month = self._options, month_of(now)
        self._jobs.refresh()
        last = now - timedelta(seconds=options.after)
        longest = timedelta(minutes=LONGEST_MINUTES)  # of what is requested of an event
        wanted = safety_events.wanted(listed, options.event_labels, options.all_states)
        return [
            one
            for one in wanted
            if self._state.since <= one.start
            and min(one.end, one.start + longest) <= last
            and not self._jobs.has(one)
            and self._held.get(one.id) != month
        ]

    def _note_trouble(self, error: FootageError) -> None:
        """The look has failed. Raises the error again where waiting does not help."""
        final = (AuthenticationError, RequestRefused, ConnectionSettingError, UsageError)
        self._refusals = self._refusals + 1 if isinstance(error, final) else 0
        if self._refusals and (not self._answered or self._refusals >= _REFUSALS):
            raise error
        log.info("The look has failed: %s", error)
        if not isinstance(error, self._trouble or ()):  # its words may differ each time
            self._trouble = type(error)
            self._teller.warn(f"{error} The watch goes on, and looks again.")

    def _note_success(self, now: datetime, span: Window) -> None:
        if self._trouble:
            self._teller.say(f"{self._provider.name} answers again.")
        self._trouble, self._refusals, self._answered = None, 0, True
        if self._far_at is None or now - self._far_at >= _FAR_EVERY:
            self._far_at = now
            month = month_of(now)  # what was held in another is planned again
            self._held = {one: held for one, held in self._held.items() if held == month}
        self._state = replace(self._state, looked=now)
        if self._kept_at is None or now - self._kept_at >= _KEEP_EVERY:
            try:
                write_state(self._options.logs, self._provider.name, self._state)
                self._kept_at = now
            except DiskError as error:
                self._teller.warn_once(str(error))

    def _tell_unreadable(self) -> None:
        for error in self._jobs.unreadable.values():
            self._teller.warn_once(f"{error} What it has requested may be paid for once more.")

    # --- jobs -------------------------------------------------------------------------------------

    def _make_jobs(self, new: Sequence[SafetyEvent], now: datetime) -> None:
        """A journal for each job of these events, as far as the budget goes."""
        if not new:
            return
        vehicles = self._provider.vehicles()  # of today: a truck may be new
        plan = self._planned(new, vehicles, now)
        for number, why in plan.refused.items():
            event = new[number - 1]
            self._teller.warn_once(f"{self._event_text([event])} cannot be requested: {why}")
        for one in plan.planned:
            if one.stored is None:
                self._begin(one, now)
        self._jobs.refresh()

    def _planned(
        self, new: Sequence[SafetyEvent], vehicles: Sequence[Vehicle], now: datetime
    ) -> ListPlan:
        options = self._options
        names = {one.id: one.name for one in vehicles}
        incidents = [
            safety_events.as_incident(
                number, named(one, names), options.before, options.after, self._zone, now
            )
            for number, one in enumerate(new, 1)
        ]
        providers = Providers([self._entry], lambda entry: (self._provider, vehicles))
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            # What it says of journals is told by this class, once.
            quiet = replace(self._session, terminal=Terminal(io.StringIO(), nowhere, nowhere))
            return ListPlan(quiet, incidents, providers)

    def _begin(self, one: PlannedRows, now: datetime) -> None:
        """Make the journal of a job, unless it goes over the budget."""
        job, budget = one.job, self._options.budget
        requests = planning.to_request(job)
        cost = camera_seconds(requests)
        what, needs = self._event_text(job.events), f"{_minutes(cost)} camera-minutes"
        left = ""
        if budget is not None and cost:
            spent = self._jobs.spent(month_of(now))
            if spent + cost > budget:
                self._held.update({event.id: month_of(now) for event in job.events})
                self._teller.warn(
                    f"{what} is not requested: it needs {needs}, and {_minutes(budget - spent)} of "
                    f"{_minutes(budget)} are left this month. It is requested next month where the "
                    "camera still has it; --events gets it now."
                )
                return
            left = f"; {_minutes(budget - spent - cost)} of {_minutes(budget)} are left this month"
        job.watched = True
        when = filenames.moment_name(now, self._teller.zone)
        Journal.create(self._options.logs, job, when).close()
        self._jobs.refresh()
        paid = f"{needs} are requested{left}" if cost else count_text(len(requests), "request")
        if not requests:
            paid = "all of it is there already"
        self._teller.say(f"New: {what}: {paid}.")

    def _event_text(self, events: Sequence[SafetyEvent]) -> str:
        return events_text(events, self._teller.zone)


def events_text(events: Sequence[SafetyEvent], zone: tzinfo) -> str:
    """What the events of a job are, on one line."""
    return "; ".join(
        f"{quotable(event_name(one))}, {quotable(one.vehicle)}, "
        f"{timezones.clock_text(one.start, zone)}"
        for one in events
    )


def _minutes(seconds: float) -> str:
    """Seconds as minutes: "1,200", "6.4"."""
    return f"{max(0.0, seconds) / 60:,.1f}".removesuffix(".0")
