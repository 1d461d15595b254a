"""What the coverage bars say of each stretch, and in whose words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support.bare_job import bare_job
from support.media import imagined, window

from footage.job.outcome import outcome_of
from footage.model import (
    Clip,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Window,
)
from footage.report import coverage
from footage.report.coverage import Bar, Kind, bars
from footage.system.intervals import overlap
from SamsaraAPI import CAMERAS

ROAD = CAMERAS[0]


def answered(minute: int, clip: Clip | None = None, **media: Any) -> Retrieval:
    usual: dict[str, Any] = {"status": MediaStatus.AVAILABLE} if clip else {}
    made = Media(ROAD, clip=clip, **{**usual, **media})
    return Retrieval(window(60 * minute), [made], state=RetrievalState.ACCEPTED, id="id")


def clip(minute: int, shift: float = 0, **changes: Any) -> Clip:
    made = imagined(60 * minute + shift, 60 - shift, window(60 * minute), path=f"{minute}.mp4")
    return replace(made, **changes)


def bar(*retrievals: Retrieval, **changes: Any) -> Bar:
    job: Job = bare_job(*retrievals, **{"minutes": len(retrievals), **changes})
    (one,) = bars(job, outcome_of(job))
    return one


def kinds(one: Bar) -> list[tuple[float, float, Kind]]:
    return [(part.start, part.end, part.kind) for part in one.stretches]


def test_footage_without_a_hole_is_one_stretch() -> None:
    found = bar(answered(0, clip(0)), answered(1, clip(1)))
    assert kinds(found) == [(0, 120, Kind.PRESENT)]
    assert found.present_text == "2:00 of 2:00"
    assert found.notes == []


def test_a_gap_has_its_reason_in_the_providers_words() -> None:
    refusal: dict[str, Any] = {
        "status": MediaStatus.REFUSED,
        "provider_message": "<b>offline</b>",
    }
    found = bar(answered(0, clip(0)), answered(1, **refusal), cameras_named=True)
    assert kinds(found) == [(0, 60, Kind.PRESENT), (60, 120, Kind.GAP)]
    assert found.stretches[1].text == 'Samsara refused the request ("<b>offline</b>")'
    assert found.present_text == "1:00 of 2:00"


def test_what_may_still_come_is_told_from_what_is_missing() -> None:
    found = bar(answered(0, clip(0)), answered(1, status=MediaStatus.PENDING))
    assert found.stretches[1].kind is Kind.AWAITED


def test_a_shifted_clip_is_marked_where_it_is() -> None:
    found = bar(answered(0, clip(0)), answered(1, clip(1, shift=-4)))
    assert kinds(found) == [(0, 56, Kind.PRESENT), (56, 120, Kind.SHIFTED)]
    assert found.stretches[1].text == "begins 4.0 s earlier than asked; shown at its time"


def test_repeated_footage_and_another_times_are_told_apart() -> None:
    same = clip(1, sha256=clip(0).sha256, start=clip(0).start)
    repeated = bar(answered(0, clip(0)), answered(1, same))
    assert repeated.stretches[1].kind is Kind.REPEATED
    elsewhere = bar(answered(0, clip(0)), answered(1, replace(clip(5), window=window(60))))
    assert elsewhere.stretches[1].kind is Kind.ANOTHER
    assert elsewhere.stretches[1].text == "Samsara answered with the footage of another time"


def test_damage_counts_more_than_a_doubtful_clock() -> None:
    whole = clip(0)
    video = replace(whole.tracks.video, damaged=True)
    damaged = replace(whole, tracks=replace(whole.tracks, video=video), reported=72.0)
    found = bar(answered(0, damaged), answered(1, clip(1, reported=72.0)))
    assert kinds(found) == [(0, 60, Kind.DAMAGED), (60, 120, Kind.DOUBTFUL)]
    assert found.stretches[0].text.startswith("plays 60.0 s of 72.0 s reported; clock may be off")
    assert found.stretches[0].text.endswith("does not decode cleanly, as it came from Samsara")


def test_an_unreadable_time_makes_the_clock_doubtful() -> None:
    found = bar(answered(0, clip(0), unread_time="<yesterday>"))
    assert kinds(found) == [(0, 60, Kind.DOUBTFUL)]
    assert '("<yesterday>") cannot be read' in found.stretches[0].text


def test_a_camera_that_is_not_there_is_one_gap() -> None:
    found = bar(answered(0, status=MediaStatus.INVALID, provider_message="no such camera"))
    assert kinds(found) == [(0, 60, Kind.GAP)]
    assert found.stretches[0].text.startswith("not installed, or switched off")


def test_of_pictures_each_moment_counts() -> None:
    first = imagined(0, 0, window(0, 0), path="0.jpg")
    second = Media(ROAD, MediaStatus.FAILED)
    retrievals = [
        Retrieval(window(0, 0), [Media(ROAD, MediaStatus.AVAILABLE, clip=first)], id="a"),
        Retrieval(window(30, 0), [second], id="b"),
    ]
    found = bar(*retrievals, minutes=1, media_type=MediaType.IMAGE, every=30.0)
    assert [part.kind for part in found.stretches] == [Kind.PRESENT, Kind.GAP]
    assert [round(part.start) for part in found.stretches] == [0, 30]
    assert found.present_text == "1 of 2 pictures"


def test_one_moment_has_no_bars() -> None:
    job = bare_job(minutes=0, media_type=MediaType.IMAGE)
    assert bars(job, outcome_of(job)) == []


def test_of_many_stretches_each_is_looked_up_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Window] = []

    def watched(one: Window, other: Window) -> Window | None:
        compared.append(one)
        return overlap(one, other)

    monkeypatch.setattr(coverage, "overlap", watched)
    minutes = 100
    answers = [answered(n, clip(n, reported=72.0)) for n in range(minutes)]
    answers += [answered(n, status=MediaStatus.FAILED) for n in range(minutes, 2 * minutes, 2)]
    answers += [answered(n, clip(n)) for n in range(minutes + 1, 2 * minutes, 2)]
    found = bar(*answers, minutes=2 * minutes)
    assert sum(part.kind is Kind.GAP for part in found.stretches) == minutes / 2
    assert len(compared) <= 8 * len(answers)
