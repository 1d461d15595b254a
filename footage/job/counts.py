"""How many requests and media of a job are how far, known at any time at little cost."""

from __future__ import annotations

from dataclasses import dataclass
from operator import is_

from footage.job.journal import Journal
from footage.model import Camera, Job, MediaStatus, Retrieval, Window


@dataclass(frozen=True)
class Counts:
    """The figures of `Progress` that only a change of the job changes."""

    asked: int = 0
    requests: int = 0
    uploaded: int = 0
    awaited: int = 0
    lost: int = 0
    fetched: int = 0


@dataclass(frozen=True)
class _Share:
    """What one retrieval adds to the figures.

    gone, coming: window and camera of each of its media that is sure not to come, and that may come
                  or has
    """

    asked: int
    uploaded: int
    fetched: int
    gone: tuple[tuple[Window, Camera], ...]
    coming: tuple[tuple[Window, Camera], ...]


class JobCounts:
    """The figures of a job. They are shown after each change, and a day's job has thousands of
    media: so only the retrievals are counted anew that were changed.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._changed = journal.watch()
        self._begin()

    def _begin(self) -> None:
        self._retrievals: list[Retrieval] = []
        self._shares: dict[int, _Share] = {}  # by the id of the retrieval
        self._asked = self._uploaded = self._fetched = self._awaited = self._lost = 0
        # Of each window and camera how many media are gone, and how many may come.
        self._media: dict[tuple[Window, Camera], list[int]] = {}

    def counts(self) -> Counts:
        """The figures as they are now."""
        with self._journal.locked() as job:
            changed = self._changed.take()
            if changed is None or not self._are_counted(job.retrievals):
                self._count_all(job)
            else:
                for one in changed:
                    self._count(one)
            return Counts(
                asked=self._asked,
                requests=len(job.retrievals),
                uploaded=self._uploaded,
                awaited=self._awaited,
                lost=self._lost,
                fetched=self._fetched,
            )

    def _are_counted(self, retrievals: list[Retrieval]) -> bool:
        """Whether they are the very objects that were counted, not equal ones."""
        known = self._retrievals
        return len(known) == len(retrievals) and all(map(is_, known, retrievals))

    def _count_all(self, job: Job) -> None:
        self._begin()
        self._retrievals = list(job.retrievals)
        for one in job.retrievals:
            self._shares[id(one)] = _NOTHING
            self._count(one)

    def _count(self, retrieval: Retrieval) -> None:
        """Count a retrieval as it is now, in place of how it was."""
        before = self._shares.get(id(retrieval))
        if before is None:  # it is no longer in the job
            return
        now = self._shares[id(retrieval)] = _share(retrieval)
        self._asked += now.asked - before.asked
        self._uploaded += now.uploaded - before.uploaded
        self._fetched += now.fetched - before.fetched
        self._awaited += len(now.coming) - len(before.coming)
        for share, step in ((before, -1), (now, 1)):
            for place, media in ((0, share.gone), (1, share.coming)):
                for one in media:
                    self._add(one, place, step)

    def _add(self, one: tuple[Window, Camera], place: int, step: int) -> None:
        """What was requested once more may still come, so it is not lost."""
        counted = self._media.setdefault(one, [0, 0])
        self._lost -= _is_lost(counted)
        counted[place] += step
        self._lost += _is_lost(counted)


_NOTHING = _Share(0, 0, 0, (), ())


def _is_lost(counted: list[int]) -> bool:
    gone, coming = counted
    return gone > 0 and coming == 0


def _share(retrieval: Retrieval) -> _Share:
    media = retrieval.media
    return _Share(
        asked=not retrieval.state.unsent,
        uploaded=sum(one.status is MediaStatus.AVAILABLE for one in media),
        fetched=sum(one.clip is not None for one in media),
        gone=tuple((retrieval.window, one.camera) for one in media if one.status.final),
        coming=tuple((retrieval.window, one.camera) for one in media if not one.status.final),
    )
