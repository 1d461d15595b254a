"""The bars of a run over several jobs."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from support.jobs import a_job

from footage.job.crew import Crew
from footage.job.journal import Journal
from footage.model import MediaStatus
from footage.ui.overview import Overview
from footage.ui.progress import Screen
from footage.ui.terminal import Terminal


def test_the_bar_of_waiting_ends_with_all_that_was_awaited(tmp_path: Path) -> None:
    paper = io.StringIO()
    screen = Screen(paper, interactive=True)
    overview = Overview(screen, Terminal(out=paper), word="Jobs", counts=dict)
    crew = cast(Crew, SimpleNamespace(members=[], making=None))
    with closing(Journal.create(tmp_path, a_job(), "now")) as journal, overview:
        overview.show(crew, [journal])
        with journal.change() as job:
            media = [one for _, one in job.media()]
            for one in media:
                one.status = MediaStatus.AVAILABLE
        overview.show(crew, [journal], last=True)
    assert f"{len(media)} of {len(media)} uploaded" in paper.getvalue()
