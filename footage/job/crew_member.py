"""One of several jobs that are worked at together, as the threads of the crew know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from footage.job.retriever import Retriever
from footage.job.runner import Pipeline, Report
from footage.model import MediaType


class Stage(Enum):
    GOING = auto()  # threads take steps of it
    MAKING = auto()  # its files are made, and nobody else works at it
    ENDED = auto()


class Step(Enum):
    """The kinds of steps that are taken in turn."""

    POLL = auto()
    FETCH = auto()
    TRACK = auto()
    RENDER = auto()


@dataclass(eq=False)
class Member:
    """A job of the crew.

    name:   what the lines of the log call it
    report: writes what is to be said of the finished files
    agreed: the person has agreed to what it costs
    retriever: None until it is begun, and where nothing is to be asked of the provider
    active: threads that take a step of it at the moment
    over:   nothing more will come of it in this run, so no more steps are taken
    turns:  of each kind of step, the number that the latest one had among those of all jobs
    came:   how many clips were here when that was looked at last, and since when
    made_of: of how many clips files were made in this run
    """

    name: str
    pipeline: Pipeline
    report: Report
    agreed: bool = False
    retriever: Retriever | None = None
    stage: Stage = Stage.GOING
    active: int = 0
    over: bool = False
    turns: dict[Step, int] = field(default_factory=dict)
    came: tuple[int, float] = (0, 0.0)
    made_of: int = 0
    tracked: bool = False
    rendered: int = -1  # the number of the job's latest change when nothing was left to render

    @property
    def unsent(self) -> bool:
        """Something of it is to be requested."""
        return any(one.state.unsent for one in self.pipeline.job.retrievals)

    @property
    def film(self) -> bool:
        return self.pipeline.job.media_type is not MediaType.IMAGE


class Told(Protocol):
    """Who is told what became of a job; called from the crew's threads."""

    def sent(self, one: Member) -> None:
        """All that was to be requested of it, and can be now, is."""

    def made(self, one: Member, notes: list[str], *, ended: bool) -> None:
        """Its files are made; unless `ended`, more may come in this run."""

    def failed(self, one: Member, error: Exception) -> None:
        """It is not gone on with in this run."""
