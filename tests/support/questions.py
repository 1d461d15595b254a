"""The questions of a whole run."""

from __future__ import annotations

import helpers
from support.runs import Bench


def questions(bench: Bench) -> tuple[str, ...]:
    """The four of them, as they are asked."""
    return (
        f"{bench.side.name} API key: ",
        helpers.VEHICLE_QUESTION,
        helpers.START_QUESTION,
        helpers.MINUTES_QUESTION,
    )


def in_order(text: str, parts: tuple[str, ...]) -> bool:
    places = [text.find(part) for part in parts]
    return -1 not in places and places == sorted(places)
