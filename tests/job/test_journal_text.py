"""What a change adds to a journal is all that differs, and nothing that is the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.jobs import START, a_clip, a_full_job, a_job

from footage.job import journal_text
from footage.job.journal_text import JournalText, apply, seal_in, seal_of, written_texts
from footage.job.serialization import from_json
from footage.model import Job, Media, MediaStatus, Retrieval, Step, StepKind, Window


def values(text: JournalText, job: Job) -> dict[str, object]:
    loaded: dict[str, object] = json.loads("\n".join(text.lines(job)))
    return loaded


def changed(text: JournalText, job: Job, *touched: Retrieval) -> dict[str, object]:
    loaded: dict[str, object] = json.loads("{" + text.change(job, touched) + "}")
    return loaded


def test_a_change_of_one_retrieval_tells_of_nothing_else() -> None:
    job = a_job()
    text = JournalText(job)
    one = job.retrievals[2]
    one.id = "paid-for"
    change = changed(text, job, one)
    assert list(change) == ["job", "retrievals"]
    assert change["job"] == {}
    assert list(change["retrievals"]) == ["2"]  # type: ignore[call-overload]


def test_a_change_in_place_of_a_list_or_dict_is_told() -> None:
    job = a_job()
    text = JournalText(job)
    job.roles["dashcamRoadFacing"] = "front"
    job.no_footage.append(Window(START, START))
    assert set(changed(text, job, job.retrievals[0])["job"]) == {  # type: ignore[call-overload]
        "roles",
        "no_footage",
    }


def test_the_texts_of_a_written_journal_are_taken_over() -> None:
    job = a_full_job()
    lines = JournalText(job).lines(job)
    texts = written_texts("\n".join(lines), job)
    assert texts is not None
    assert JournalText(job, texts).lines(job) == lines
    job.retrievals[0].id = "another"
    assert "\n".join(JournalText(job, texts).lines(job)) == "\n".join(lines), "they are not made"
    assert written_texts("\n".join(lines[:-4]), job) is None


def test_the_seal_is_that_of_the_lines() -> None:
    lines = JournalText(a_job()).lines(a_job())
    assert seal_of("\r\n".join(lines)) == seal_in(lines)
    assert seal_of("\n".join([*lines[:3], " ", *lines[3:]])) == ""


# --- whatever is changed --------------------------------------------------------------------------

Change = Callable[[Job, int], list[Retrieval]]  # returns what it has touched


def _touch(job: Job, number: int) -> list[Retrieval]:
    one = job.retrievals[number % len(job.retrievals)]
    one.possible_duplicates += 1
    return [one]


def _fetch(job: Job, number: int) -> list[Retrieval]:
    one = job.retrievals[number % len(job.retrievals)]
    one.media[-1].status = MediaStatus.AVAILABLE
    one.media[-1].clip = a_clip(one.window, f"{number}.mp4")
    return [one]


def _further(job: Job, number: int) -> list[Retrieval]:
    one = job.retrievals[number % len(job.retrievals)]
    one.media.append(Media(job.cameras[0]))
    return [one]


def _add(job: Job, number: int) -> list[Retrieval]:
    kept = job.retrievals[0]
    window = Window(START, START + timedelta(seconds=number))
    job.retrievals.append(Retrieval(window, [Media(job.cameras[0])]))
    kept.repeat = not kept.repeat
    return [kept]


def _cut(job: Job, number: int) -> list[Retrieval]:
    place = number % len(job.retrievals)
    old = job.retrievals[place]
    parts = [replace(old, media=list(map(replace, old.media)), id=name) for name in ("a", "b")]
    job.retrievals[place : place + 1] = parts
    return []


def _take_out(job: Job, number: int) -> list[Retrieval]:
    if len(job.retrievals) > 1:
        return [job.retrievals.pop(number % len(job.retrievals))]
    return []


def _turn(job: Job, number: int) -> list[Retrieval]:
    job.retrievals[:] = [*job.retrievals[number % 3 :], *job.retrievals[: number % 3]]
    return []


def _note(job: Job, number: int) -> list[Retrieval]:
    job.custody.append(Step(START, 0, StepKind.ASKED, text=str(number)))
    job.quota = str(number)
    return [job.retrievals[0]]


def _lose_outputs(job: Job, number: int) -> list[Retrieval]:
    job.outputs = job.outputs[number % 2 :]
    return [job.retrievals[0]]


CHANGES: tuple[Change, ...] = (
    _touch, _fetch, _further, _add, _cut, _take_out, _turn, _note, _lose_outputs,
)  # fmt: skip


@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 30)), min_size=1, max_size=3),
        max_size=12,
    )
)
def test_the_changes_together_are_the_whole(
    steps: list[list[tuple[Change, int]]],
) -> None:
    """A change of the journal may be several of the job; it names what each of them has touched."""
    job = a_full_job()
    text = JournalText(job)
    folded = values(text, job)
    for step in steps:
        touched: list[Retrieval] = []
        for change, number in step:
            touched += change(job, number)
        apply(folded, changed(text, job, *touched))
        whole = values(JournalText(job), job)
        assert {**folded, "seal": ""} == {**whole, "seal": ""}
        assert from_json(dict(folded)) == replace(job)
    assert journal_text.seal_in(text.lines(job)) == seal_in(JournalText(job).lines(job))
