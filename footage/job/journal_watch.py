"""Which retrievals of a job were changed, for whoever keeps figures of them."""

from __future__ import annotations

from collections.abc import Iterable

from footage.model import Retrieval


class Changed:
    """The retrievals that were changed since they were taken last; used with the journal's lock
    held.
    """

    def __init__(self) -> None:
        self._any = True
        self._some: dict[int, Retrieval] = {}

    def add(self, touched: Iterable[Retrieval]) -> None:
        """These were changed, or, where none are named, any may have been."""
        some = {id(one): one for one in touched}
        self._some |= some
        self._any = self._any or not some

    def take(self) -> list[Retrieval] | None:
        """Those that were changed since this was called last; None: any of the job may be, and
        others may be in it.
        """
        taken = None if self._any else list(self._some.values())
        self._any, self._some = False, {}
        return taken
