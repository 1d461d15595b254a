"""The options of `--events`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from footage.system import dates
from footage.ui import values
from footage.ui.command_line import option

EVENTS = "safety events that the cameras themselves have reported"
WEEK = 7  # days; so far back events are listed where nothing else is said


@dataclass(frozen=True)
class EventOptions:
    """Which safety events are listed, and what is done with them."""

    events: bool = option(
        EVENTS,
        "list them, and get the footage of those that you pick: docs/events.md",
        default=False,
        action="store_true",
    )
    # As typed; read as the start of a job is.
    since: str | None = option(
        EVENTS,
        f"with --events: from when on (default: {WEEK} days ago); --to says until when",
        name="--from",
        metavar=f'"{dates.SHOWN}"',
        parse=values.some_text,
    )
    event_labels: tuple[str, ...] = option(
        EVENTS,
        "with --events: only those of these kinds, such as crash,harsh-braking",
        default=(),
        name="--labels",
        metavar="LIST",
        parse=values.words,
    )
    all_states: bool = option(
        EVENTS,
        "with --events: also those that the provider's reviewers have dismissed",
        default=False,
        action="store_true",
    )
    pick: str | None = option(
        EVENTS,
        "with --events: take these without asking, by their numbers, such as 1,3-5, or all",
        metavar="LIST",
        parse=values.some_text,
    )
    save: Path | None = option(
        EVENTS,
        "with --events: only write them as a list for --incidents, which you can edit before",
        metavar="FILE.csv",
        parse=values.new_file,
    )
