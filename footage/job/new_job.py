"""The order: the answers to the questions, the job they make, and what is agreed on before it is
paid for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import helpers
from footage.errors import FootageError, UsageError
from footage.job import budget, planning
from footage.media import encoder
from footage.model import UTC, Job, MediaType, Vehicle
from footage.system import timezones
from footage.system.text import count_text, media_text, plain
from footage.ui.options import DEFAULT_OUTPUT, Options
from providers import by_key

if TYPE_CHECKING:  # what is heavy is loaded when the first question is on the screen
    from footage.cloud.provider import Provider

LONG_MINUTES = 60  # of footage; more is asked about
MANY_PICTURES = 600  # likewise


def ask_for_job(
    options: Options,
    terminal: helpers.Terminal,
    provider: Provider,
    vehicles: Sequence[Vehicle],
    others: Sequence[Job],
) -> Job:
    """The questions that no option answers, and the job they make: planned, shown, agreed on.

    others: our jobs of before
    Raises UsageError for what cannot be, FootageError where the person does not want to go on.
    """
    tz = timezones.zone(options.timezone or timezones.own_name())
    vehicle = _vehicle(options, terminal, vehicles)
    start, minutes = _time(options, terminal, provider, tz)
    cameras, named = list(provider.default_cameras(vehicle.kind, options.media)), False
    if options.cameras is not None:
        possible = provider.possible_cameras(vehicle.kind, options.media)
        cameras, named = helpers.parse_cameras(options.cameras, provider, possible)
        unknown = [camera.input for camera in cameras if camera not in provider.cameras]
        if unknown:
            terminal.say(
                f"Whether {provider.name} has {' and '.join(unknown)} is not known here; it is "
                "asked for by that name."
            )
    entry = by_key(options.provider)
    base_url = options.base_urls.get(options.provider)
    job = Job(
        provider=provider.name,
        vehicle=vehicle,
        start=start,
        minutes=minutes,
        timezone=options.timezone or timezones.own_name(),
        cameras=tuple(cameras),
        cameras_named=named,
        created=datetime.now(UTC),
        folder=str(options.output or DEFAULT_OUTPUT),
        region="" if base_url else options.region or entry.usual_region,
        labels=options.labels,
        media_type=options.media,
        every=options.every if options.media is MediaType.IMAGE and minutes else 0.0,
        units=options.units,
        telemetry=options.telemetry and provider.has_telemetry,
        reuse=options.reuse,
        encoder=encoder.CURRENT,
    )
    plan = planning.plan(job, provider, others)
    plan.put_into(job)
    requests = planning.to_request(job)
    cost = f"{count_text(len(requests), 'request')}, {provider.cost(requests).words}"
    terminal.say("")
    terminal.say(f"{headline(job, tz)}   {cost}")
    for line in _preview(job, provider, tz):
        terminal.say(line)
    _confirm(options, terminal, job, provider, [*plan.warnings, _cost_warning(job, cost)])
    return job


def headline(job: Job, tz: tzinfo) -> str:
    """The job in one line."""
    if job.minutes:
        when = timezones.span_text(job.start, job.end, tz)
    else:
        when = timezones.clock_text(job.start, tz)
    cameras = ", ".join(job.shown_name(camera) for camera in job.cameras)
    kind = media_text(job.media_type, job.every)
    return "   ".join([plain(job.vehicle.name), when, cameras, kind])


def _vehicle(options: Options, terminal: helpers.Terminal, vehicles: Sequence[Vehicle]) -> Vehicle:
    chooser = terminal if terminal.interactive else None
    name = options.asset or options.vehicle
    if name is not None:
        return helpers.match_vehicle(name, vehicles, chooser)
    return helpers.ask(
        terminal,
        helpers.VEHICLE_QUESTION,
        lambda text: helpers.match_vehicle(text, vehicles, terminal),
    )


def _time(
    options: Options, terminal: helpers.Terminal, provider: Provider, tz: tzinfo
) -> tuple[datetime, int]:
    """Start and minutes; a picture that is taken now needs neither."""
    now = datetime.now(UTC)
    if provider.is_live(options.media):
        if options.start is not None or options.minutes is not None:
            raise UsageError(
                f"{provider.name} takes pictures only now: leave out --start and --minutes, or "
                "ask for video of that time."
            )
        return now.replace(microsecond=0), 0
    chooser = terminal if terminal.interactive else None
    least = 0 if options.media is MediaType.IMAGE else 1
    if options.start is not None:
        start = helpers.parse_start(options.start, tz, now, chooser)
    else:
        start = helpers.ask(
            terminal,
            helpers.START_QUESTION,
            lambda text: helpers.parse_start(text, tz, now, terminal),
        )
    if options.minutes is not None:
        return start, helpers.check_end(start, options.minutes, now)
    return start, helpers.ask(
        terminal,
        helpers.MINUTES_QUESTION,
        lambda text: helpers.check_end(start, helpers.parse_minutes(text, least), now),
    )


def _preview(job: Job, provider: Provider, tz: tzinfo) -> list[str]:
    """What is known before anything is requested, line by line."""
    lines = [
        f"{provider.name} has no footage of {timezones.time_span_text(gap.start, gap.end, tz)}; "
        "it is not asked for."
        for gap in job.no_footage
    ]
    found = len(job.retrievals) - len(planning.to_request(job))
    if found:
        lines.append(
            f"{count_text(found, 'part')} of {len(job.retrievals)} need not be paid for "
            "again: in the cloud, or asked for, already."
        )
    advice = provider.advice(job.span, job.cameras, job.media_type)
    return [*lines, advice] if advice else lines


def _cost_warning(job: Job, cost: str) -> str:
    """One sentence where much would be paid, else ""."""
    asked = planning.to_request(job)
    if job.media_type is MediaType.IMAGE:
        return f"These are many pictures: {cost}." if len(asked) > MANY_PICTURES else ""
    if job.minutes <= LONG_MINUTES or not asked:
        return ""
    return f"This is more than an hour and will cost {cost}."


def _confirm(
    options: Options,
    terminal: helpers.Terminal,
    job: Job,
    provider: Provider,
    warnings: Sequence[str],
) -> None:
    """Ask about each warning, and about what will not fit: on the disk, into the month's quota."""
    try:
        Path(job.folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{job.folder} cannot be used ({error.strerror or error}); nothing was requested. "
            "Choose another folder with --output."
        ) from error
    warnings = [*warnings, budget.space_warning(Path(job.folder), job.retrievals)]
    stands = provider.quota(job.media_type) if planning.to_request(job) else None
    if stands is not None:
        terminal.say(budget.quota_text(provider.name, stands))
        warnings.append(budget.quota_warning(budget.still_to_pay(job), provider, stands))
    for warning in filter(None, warnings):
        if not helpers.confirm(terminal, f"{warning} Go on?", options.yes):
            raise FootageError("Nothing was requested.")
