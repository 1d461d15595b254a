"""The figures of a job are right after each change, and only what was changed is counted anew."""

from __future__ import annotations

import copy
import random

import pytest
from support.media import imagined, window
from support.retrieving import Stage

from footage.job import counts
from footage.job.counts import Counts, JobCounts
from footage.model import Job, Media, MediaStatus, Retrieval, RetrievalState
from SamsaraAPI import CAMERAS

ROAD = CAMERAS[0]


def counted(job: Job) -> Counts:
    """The figures, by going through all of a job."""
    media = [(one.window, m.camera, m) for one in job.retrievals for m in one.media]
    gone = {(at, camera) for at, camera, m in media if m.status.final}
    coming = {(at, camera) for at, camera, m in media if not m.status.final}
    return Counts(
        asked=sum(not one.state.unsent for one in job.retrievals),
        requests=len(job.retrievals),
        uploaded=sum(m.status is MediaStatus.AVAILABLE for *_, m in media),
        awaited=sum(not m.status.final for *_, m in media),
        lost=len(gone - coming),
        fetched=sum(m.clip is not None for *_, m in media),
    )


def change(one: Retrieval, number: int, dice: random.Random) -> None:
    one.state = dice.choice([RetrievalState.PLANNED, RetrievalState.ACCEPTED])
    one.id = "id"
    media = dice.choice(one.media)
    media.status = dice.choice(list(MediaStatus))
    made = imagined(0, 60, one.window, path=f"{number}.mp4")
    media.clip = dice.choice([None, made])


def test_the_figures_are_those_of_the_whole_job(stage: Stage) -> None:
    job, dice = stage.plan(5), random.Random(1)
    figures = JobCounts(stage.journal)
    for number in range(200):
        one = dice.choice(job.retrievals)
        if number % 20 == 10:  # asked once more
            with stage.journal.change(one):
                job.retrievals.append(Retrieval(one.window, [Media(ROAD)], repeat=True))
        elif number % 20 == 15:
            with stage.journal.change():
                change(one, number, dice)
                job.retrievals.remove(dice.choice(job.retrievals))
        else:
            with stage.journal.change(one):
                change(one, number, dice)
        if dice.random() < 0.7:  # else several changes lie between two
            assert figures.counts() == counted(job)


def test_only_what_was_changed_is_counted_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = stage.plan(300)
    figures = JobCounts(stage.journal)
    figures.counts()
    looked_at: list[Retrieval] = []
    share = counts._share

    def watched(one: Retrieval) -> counts._Share:
        looked_at.append(one)
        return share(one)

    monkeypatch.setattr(counts, "_share", watched)
    for one in job.retrievals[:10]:
        with stage.journal.change(one):
            one.media[0].status = MediaStatus.AVAILABLE
        assert figures.counts().uploaded == len(looked_at)
    assert looked_at == job.retrievals[:10]


def test_a_change_that_broke_off_is_counted_too(stage: Stage) -> None:
    job = stage.plan(2)
    figures = JobCounts(stage.journal)
    figures.counts()
    with pytest.raises(ZeroDivisionError), stage.journal.change(job.retrievals[1]):
        job.retrievals[1].media[0].status = MediaStatus.FAILED
        raise ZeroDivisionError
    assert figures.counts() == counted(job)


def test_one_that_takes_the_place_of_an_equal_one_is_counted(stage: Stage) -> None:
    job = stage.plan(2)
    figures = JobCounts(stage.journal)
    figures.counts()
    with stage.journal.change(job.retrievals[0]):
        job.retrievals[1] = copy.deepcopy(job.retrievals[1])
    with stage.journal.change(job.retrievals[1]):
        job.retrievals[1].media[0].status = MediaStatus.AVAILABLE
    assert figures.counts() == counted(job)


def test_progress_does_not_go_through_the_job(stage: Stage) -> None:
    job = stage.plan(2)
    retriever = stage.retriever()
    before = retriever.progress()
    with stage.journal.change(job.retrievals[0]):
        job.retrievals[0].media[0].clip = imagined(0, 60, window(0), path="0.mp4")
    assert (before.fetched, retriever.progress().fetched) == (0, 1)
