"""What of the provider's clock is kept with a job: the answers while it was worked at."""

from __future__ import annotations

from email.utils import formatdate

from support.retrieving import Stage

from footage.job.clock import AnswersOfRun
from footage.job.journal import read

NOW = 1_700_000_000
ANSWER = {"Date": formatdate(NOW, usegmt=True)}


def test_only_answers_while_the_job_is_worked_at_are_its_own(stage: Stage) -> None:
    clock = stage.provider.comparison
    clock.note(ANSWER, NOW, NOW)  # of another job of this run
    stage.plan(2)
    retriever = stage.retriever()
    stage.provider.before_request = lambda retrieval: clock.note(ANSWER, NOW, NOW + 1)
    retriever.cost.confirm()
    stage.run(retriever)
    assert read(stage.journal.path).clock_offsets == {"0.0": 2}


def test_a_later_run_adds_its_answers(stage: Stage) -> None:
    clock, job = stage.provider.comparison, stage.plan(1)
    with stage.journal.change():
        job.clock_offsets = {"0.1": 1, "-0.2": 3}
    answers = AnswersOfRun(stage.provider)  # type: ignore[arg-type]
    assert not answers.has_news
    clock.note(ANSWER, NOW, NOW + 1)
    assert answers.has_news
    for _ in range(2):
        answers.bring_into(job)
    assert list(job.clock_offsets.items()) == [("-0.2", 3), ("0.0", 1), ("0.1", 1)]
    assert not answers.has_news


def test_without_a_provider_nothing_is_counted(stage: Stage) -> None:
    job, answers = stage.plan(1), AnswersOfRun(None)
    answers.bring_into(job)
    assert (job.clock_offsets, answers.has_news) == ({}, False)
