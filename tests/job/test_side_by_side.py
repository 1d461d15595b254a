"""When the film is rendered: as soon as what it shows may be used."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.retrieving import Stage

from footage.job.outputs import Outputs
from footage.job.retriever import Retriever
from footage.job.side_by_side import SideBySide
from footage.job.telemetry_fetch import Track
from footage.media.side_by_side_plan import SideBySidePlan
from footage.model import UTC
from footage.system.threads import Changes, StopEvent


class CheckedAtTheFirstWait:
    """Stands in for a `Retriever` whose clips are checked, and all there, once it is waited for."""

    def __init__(self) -> None:
        self.done = self.checked = False

    def wait(self, seen: int) -> None:
        self.done = self.checked = True


def test_nothing_is_rendered_of_clips_that_are_not_checked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.plan(1)
    stop, retriever = StopEvent(), CheckedAtTheFirstWait()
    track = cast(Track, SimpleNamespace(ready=True))
    outputs = cast(Outputs, None)
    film = SideBySide(stage.journal, outputs, stage.folder, UTC, track, stop)
    checked: list[bool] = []

    def planned(self: SideBySide, **options: Any) -> SideBySidePlan | None:
        checked.append(retriever.checked)
        return None

    monkeypatch.setattr(SideBySide, "film", planned)
    film.render_meanwhile(cast(Retriever, retriever), Changes(stop))
    assert checked == [True]
