"""What was planned of a film, so that only what has changed since is planned anew."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


class Planned:
    """Parts of a plan by what they are called, each with all that decided it.

    A day of six cameras takes more than a second to plan, and is planned after each clip that
    comes. Each part is made again only where something that decides it is not as it was.
    """

    def __init__(self) -> None:
        self._basis: object = None
        self._parts: dict[Hashable, tuple[object, object]] = {}

    def begin(self, basis: object) -> None:
        """A plan is begun; `basis` is what decides all of its parts."""
        if basis != self._basis:
            self._basis, self._parts = basis, {}

    def part(self, name: Hashable, decided_by: object, make: Callable[[], T]) -> T:
        """The part of this name as it was made before, or a new one."""
        known = self._parts.get(name)
        if known is None or known[0] != decided_by:
            known = self._parts[name] = (decided_by, make())
        return known[1]  # type: ignore[return-value]
