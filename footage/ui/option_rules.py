"""Which options do not go together.

What was given is told by the names of the fields of `Options`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field
from typing import Any

from footage.basics import MediaType
from footage.cloud.provider_entry import ProviderEntry
from footage.errors import UsageError
from footage.ui.command_line import typed_name

_TIMES = ("start", "duration", "end", "at", "before", "after")

# Options that only go with one of these.
_ONLY_WITH: Mapping[str, Sequence[str]] = {
    "dates": ("incidents",),
    "dry_run": ("incidents", "events"),
    "fetch_later": ("incidents", "events"),
    "budget": ("watch",),
    "notify": ("watch",),
}
# How options of safety events are typed, and what they go with.
_OF_EVENTS: Mapping[str, tuple[str, Sequence[str]]] = {
    "since": ("--from", ("events", "watch")),
    "event_labels": ("--labels", ("events", "watch")),
    "all_states": ("--all-states", ("events", "watch")),
    "pick": ("--pick", ("events",)),
    "save": ("--save", ("events",)),
}
# What does not go with --watch, and why.
_NOT_WATCHED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "start",
            "duration",
            "end",
            "at",
            "asset",
            "incidents",
            "events",
            "dry_run",
            "fetch_later",
        ),
        "a watch finds its events by itself",
    ),
    "max_wait_seconds": "a watch waits for footage until it is stopped",
    "json": "that is printed at the end, and a watch has none: --notify hands out each summary",
    "demo": "the cloud of a demonstration has no new events",
}

# What asks no provider for anything, and the options beside --logs that go with it.
GOES_WITH: Mapping[str, Sequence[str]] = {
    "jobs": (),
    "discard": (),
    "report": (),
    "verify": (),
    "package": ("to", "zip", "reference", "by"),
}


# What goes with the list of vehicles, which is no job.
_WITH_VEHICLES = ("provider", "region", "json", "timezone", "logs", "demo")


def check_command(given: Mapping[str, Any], declared: Sequence[Field[Any]]) -> None:
    """A job that is taken up has its answers; giving others beside would change what it is. What
    asks no provider for anything goes with few other options.
    """
    commands = [name for name in ("resume", *GOES_WITH, "demo") if name in given]
    if "vehicles" in given:
        _check_vehicles(given, declared)
    if len(commands) > 1:
        first, second, *_ = commands
        raise UsageError(f"--{first} and --{second} do not go together; leave one of them out.")
    for name in GOES_WITH["package"]:
        if name in given and not {"package", "events" if name == "to" else ""} & given.keys():
            raise UsageError(f"--{name} is for --package; add that, or leave it out.")
    if not commands or commands == ["demo"]:
        return
    command = commands[0]
    more = ("logs", *GOES_WITH.get(command, ()))
    for one in declared:
        if one.name not in given or one.name in (command, *more):
            continue
        if command != "resume":
            allowed = ", ".join(f"--{name}" for name in more)
            raise UsageError(
                f"--{command} goes with {allowed} and no other option; leave out {typed_name(one)}."
            )
        if one.metadata["of_job"]:
            raise UsageError(
                f"--resume goes on with a job as it was asked; leave out {typed_name(one)}."
            )


def _check_vehicles(given: Mapping[str, Any], declared: Sequence[Field[Any]]) -> None:
    for one in declared:
        if one.name in given and one.name not in ("vehicles", *_WITH_VEHICLES):
            allowed = ", ".join(f"--{name}" for name in _WITH_VEHICLES)
            raise UsageError(
                f"--vehicles goes with {allowed} and no other option; leave out {typed_name(one)}."
            )


def check_times(given: Mapping[str, Any]) -> None:
    """A time is given by its start and its length or end, or by a moment and what is around it."""
    for one, others in {"at": ("start", "end", "duration"), "end": ("duration",)}.items():
        for other in others:
            if one in given and other in given:
                typed = "minutes" if other == "duration" else other
                raise UsageError(f"--{one} and --{typed} do not go together; leave one out.")
    several = {"incidents", "events", "watch"} & given.keys()
    for name in ("before", "after"):
        if name in given and "at" not in given and not several:
            raise UsageError(f"--{name} is for --at; add that, or leave it out.")
    for name, needed in _ONLY_WITH.items():
        if name in given and given.keys().isdisjoint(needed):
            typed = name.replace("_", "-")
            options = " or ".join(f"--{one}" for one in needed)
            raise UsageError(f"--{typed} is for {options}; add that, or leave it out.")
    for name in ("vehicle", "asset", "start", "end", "at"):
        if name in given and "incidents" in given:
            raise UsageError(f"--{name} is told by each row of the list; leave it out.")


def check_events(given: Mapping[str, Any]) -> None:
    """What goes with safety events, and what only with them."""
    for name, (typed, needed) in _OF_EVENTS.items():
        if name in given and given.keys().isdisjoint(needed):
            options = " or ".join(f"--{one}" for one in needed)
            raise UsageError(f"{typed} is for {options}; add that, or leave it out.")
    if "events" not in given:
        return
    for name in ("asset", "start", "duration", "end", "at", "incidents", "resume"):
        if name in given:
            typed = "minutes" if name == "duration" else name
            raise UsageError(f"--{typed} does not go with --events; leave one of them out.")


def check_watch(given: Mapping[str, Any], declared: Sequence[Field[Any]]) -> None:
    """What does not go with `--watch`."""
    if "watch" not in given:
        return
    for one in declared:
        if one.name in given and one.name in _NOT_WATCHED:
            why = _NOT_WATCHED[one.name]
            raise UsageError(f"{typed_name(one)} does not go with --watch: {why}.")
    if "budget" in given and given.get("media") == MediaType.IMAGE.value:
        raise UsageError("--budget counts minutes of video; leave it or --media image out.")


def check_kind(given: Mapping[str, Any], entry: ProviderEntry) -> None:
    """What the provider does not have, and what does not go together."""
    media = given.get("media", MediaType.HIGH)
    if media not in entry.media:
        there = ", ".join(kind.value for kind in entry.media)
        raise UsageError(f"{entry.name} has no {media.value} footage; it has {there}.")
    if "region" in given and given["region"] not in entry.regions:
        there = " or ".join(entry.regions) or "none to choose"
        raise UsageError(f"{entry.name} has no region {given['region']}: there is {there}.")
    if "asset" in given and not entry.assets:
        raise UsageError(f"{entry.name} lists trailers among the vehicles; use --vehicle.")
    if "asset" in given and "vehicle" in given:
        raise UsageError("--vehicle and --asset do not go together; leave one of them out.")
    if "every" in given and media is not MediaType.IMAGE:
        raise UsageError("--every is for pictures; add --media image, or leave it out.")
    if "every" in given and media in entry.live:
        raise UsageError(f"{entry.name} takes pictures only now, one of each camera: no --every.")
    if media is MediaType.IMAGE and not given.keys().isdisjoint(("layout", "size")):
        raise UsageError("--layout and --size are for video; pictures come on a contact sheet.")
    if "demo" in given and not given.keys().isdisjoint(("vehicle", "asset", *_TIMES)):
        raise UsageError("--demo has a vehicle and a time of its own; leave yours out.")
    check_times(given)
    check_events(given)
    if given.get("duration") == 0 and media is not MediaType.IMAGE:
        raise UsageError("--minutes 0 is one moment, for --media image; video lasts 1 or more.")
