"""The options of `--watch`."""

from __future__ import annotations

from dataclasses import dataclass

from footage.ui import values
from footage.ui.command_line import option

WATCH = "watching for safety events"
USUAL_PAUSE = 5.0  # minutes from one look to the next


@dataclass(frozen=True)
class WatchOptions:
    """Whether new safety events are watched for, and what is done with them."""

    watch: float | None = option(  # seconds from one look to the next
        WATCH,
        f"look for new safety events every so many minutes (default: {USUAL_PAUSE:g}), and get the "
        "footage of each, until it is stopped: docs/watch.md. --labels, --vehicle, --before and "
        "--after say of which, and how much",
        metavar="MINUTES",
        nargs="?",
        const=60 * USUAL_PAUSE,
        parse=values.minutes_between_looks,
    )
    budget: float | None = option(  # seconds
        WATCH,
        "with --watch: request at most so many minutes a month, each camera counted by itself",
        metavar="CAMERA_MINUTES",
        parse=values.camera_minutes,
    )
    notify: tuple[str, ...] = option(
        WATCH,
        "with --watch: run this program for each finished or failed job, with its summary as JSON "
        "on the standard input",
        default=(),
        metavar="COMMAND",
        parse=values.command,
    )
