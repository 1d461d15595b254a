"""What is missing and why, and the exit status that it makes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bare_job import bare_job
from support.media import START, imagined, window

from footage.errors import ExitStatus
from footage.job.clip_findings import Shift
from footage.job.outcome import TOLERATED, Request, Reused, outcome_of
from footage.media import timeline
from footage.model import (
    Camera,
    Clip,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Window,
)
from footage.system.intervals import Spans
from SamsaraAPI import CAMERAS

ROAD, DRIVER, ANALOG = CAMERAS[:3]
Answer = Clip | MediaStatus | tuple[MediaStatus, str] | None


def job(road: list[Answer], *others: list[Answer], named: bool = False) -> Job:
    """A job whose cameras were answered so, one answer a minute; None is not asked for yet."""
    answers = dict(zip(CAMERAS, (road, *others), strict=False))
    retrievals = [
        asked(camera, minute, answer)
        for camera, answered in answers.items()
        for minute, answer in enumerate(answered)
    ]
    return bare_job(*retrievals, minutes=len(road), cameras=tuple(answers), cameras_named=named)


def asked(camera: Camera, minute: int, answer: Answer, repeat: bool = False) -> Retrieval:
    """What came of a request for one minute of a camera."""
    media = Media(camera)
    state = RetrievalState.ACCEPTED
    if isinstance(answer, Clip):
        media.status, media.clip = MediaStatus.AVAILABLE, answer
    elif isinstance(answer, tuple):
        media.status, media.provider_message = answer
    elif answer is None:
        state = RetrievalState.PLANNED
    else:
        media.status = answer
    if media.status is MediaStatus.REFUSED:
        state = RetrievalState.REFUSED
    return Retrieval(window(60 * minute), [media], state=state, repeat=repeat)


def clip(minute: int, late: float = 0.0, seconds: float = 60.0, camera: str = "Road") -> Clip:
    start = 60 * minute + late
    return imagined(start, seconds, window(60 * minute), path=f"{camera} {minute}.mp4")


def missing(made: Job) -> list[tuple[str, float, float, str]]:
    """Camera, begin and end in seconds from the start, and reason."""
    return [
        (
            part.camera.label,
            (part.window.start - START).total_seconds(),
            (part.window.end - START).total_seconds(),
            part.explanation,
        )
        for part in outcome_of(made).missing
    ]


def absent(made: Job) -> list[Camera]:
    return [one.camera for one in outcome_of(made).not_installed]


# --- complete or not ------------------------------------------------------------------------------


def test_all_clips_are_complete() -> None:
    made = job([clip(0), clip(1)], [clip(0), clip(1)])
    assert outcome_of(made).exit_status is ExitStatus.COMPLETE
    assert missing(made) == []


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        (60.0, 58.0, ExitStatus.COMPLETE),
        (60.0, 57.9, ExitStatus.INCOMPLETE),
        (59.0, 59.0, ExitStatus.COMPLETE),
        (58.9, 58.9, ExitStatus.INCOMPLETE),  # it is the sum of a camera that counts
    ],
)
def test_up_to_two_seconds_of_a_camera_may_be_missing(
    first: float, second: float, status: ExitStatus
) -> None:
    made = job([clip(0, seconds=first), clip(1, seconds=second)], [clip(0), clip(1)])
    assert outcome_of(made).exit_status is status


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([MediaStatus.PENDING], ExitStatus.STILL_COMING),
        ([MediaStatus.AVAILABLE], ExitStatus.STILL_COMING),  # not downloaded yet
        ([None], ExitStatus.STILL_COMING),  # not asked for yet: skipped, or out of quota
        ([MediaStatus.UNAVAILABLE], ExitStatus.INCOMPLETE),
        ([MediaStatus.UNAVAILABLE, MediaStatus.PENDING], ExitStatus.STILL_COMING),
    ],
)
def test_still_coming_is_told_from_gone_for_good(answers: list[Answer], status: ExitStatus) -> None:
    made = job([clip(0), *answers])
    assert outcome_of(made).exit_status is status
    assert outcome_of(made, failures=["A film could not be made."]).exit_status is status


def test_two_seconds_are_allowed_to_each_camera() -> None:
    made = job([clip(0, seconds=58.5)], [clip(0, seconds=58.5)], [clip(0, seconds=58.5)])
    assert outcome_of(made).exit_status is ExitStatus.COMPLETE


def test_footage_outside_of_the_window_makes_up_for_nothing() -> None:
    made = job([clip(0, late=-20.0)])
    assert outcome_of(made).exit_status is ExitStatus.INCOMPLETE
    assert missing(made) == [("Road", 40, 60, "the clip that came does not cover it")]


def test_a_neighbour_that_reaches_in_covers() -> None:
    made = job([MediaStatus.UNAVAILABLE, clip(1, late=-60.0, seconds=120.0)])
    assert outcome_of(made).exit_status is ExitStatus.COMPLETE


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([MediaStatus.FAILED, MediaStatus.UNAVAILABLE], ExitStatus.NOTHING),
        ([MediaStatus.INVALID, MediaStatus.REFUSED], ExitStatus.NOTHING),
        ([MediaStatus.FAILED, MediaStatus.PENDING], ExitStatus.STILL_COMING),
        ([None, None], ExitStatus.STILL_COMING),
    ],
)
def test_nothing_for_good_is_not_nothing_yet(answers: list[Answer], status: ExitStatus) -> None:
    assert outcome_of(job(answers)).exit_status is status


# --- reasons --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            (MediaStatus.REFUSED, "Camera was not recording at 13:30."),
            'the camera was not recording ("Camera was not recording at 13:30.")',
        ),
        (
            (MediaStatus.REFUSED, "Invalid value for parameter: inputs."),
            'Samsara refused the request ("Invalid value for parameter: inputs.")',
        ),
        ((MediaStatus.FAILED, "failed"), "the upload failed"),
        ((MediaStatus.FAILED, "modem asleep"), 'the upload failed ("modem asleep")'),
        ((MediaStatus.UNAVAILABLE, "unavailable"), "the camera has no footage of it"),
        ((MediaStatus.INVALID, "invalid"), "Samsara calls the request invalid"),
        ((MediaStatus.INVALID, ""), "Samsara delivered nothing of this camera"),
        (
            (MediaStatus.UNUSABLE, "an address that nobody wants to read"),
            "what Samsara delivered is not playable video",
        ),
        ((MediaStatus.PENDING, "archiving"), "it has not been uploaded yet"),
        ((MediaStatus.AVAILABLE, "available"), "it has not been downloaded yet"),
        (None, "it has not been asked for yet"),
    ],
)
def test_each_missing_minute_has_its_reason_in_words(answer: Answer, reason: str) -> None:
    made = job([clip(0), answer], [clip(0), clip(1)], named=True)
    assert missing(made) == [("Road", 60, 120, reason)]


def test_neighbouring_minutes_with_one_reason_are_joined() -> None:
    failed, none = MediaStatus.FAILED, MediaStatus.UNAVAILABLE
    made = job([clip(0), failed, failed, none, clip(4), failed], [failed, *map(clip, range(1, 6))])
    assert missing(made) == [
        ("Road", 60, 180, "the upload failed"),
        ("Road", 180, 240, "the camera has no footage of it"),
        ("Road", 300, 360, "the upload failed"),
        ("Driver", 0, 60, "the upload failed"),
    ]


def test_a_gap_over_two_minutes_is_cut_where_the_reason_changes() -> None:
    made = job([clip(0, seconds=50.0), MediaStatus.UNAVAILABLE])
    assert missing(made) == [
        ("Road", 50, 60, "the clip that came does not cover it"),
        ("Road", 60, 120, "the camera has no footage of it"),
    ]


def test_of_two_requests_for_a_minute_the_second_counts() -> None:
    made = job([MediaStatus.FAILED, clip(1)])
    made.retrievals.append(asked(ROAD, 0, (MediaStatus.UNAVAILABLE, "unavailable"), repeat=True))
    assert missing(made) == [("Road", 0, 60, "the camera has no footage of it")]
    made.retrievals[-1] = asked(ROAD, 0, clip(0), repeat=True)
    assert missing(made) == []
    assert outcome_of(made).exit_status is ExitStatus.COMPLETE


def test_what_was_not_asked_for_has_its_reason_too() -> None:
    made = job([clip(0), clip(1), clip(2)])
    del made.retrievals[1]
    assert missing(made) == [
        ("Road", 60, 120, "Samsara has no footage of it, so it was not asked for")
    ]
    assert outcome_of(made).exit_status is ExitStatus.INCOMPLETE


def test_a_gap_is_cut_where_a_request_begins() -> None:
    """What was asked for is not called unasked because the minute before it was not."""
    made = job([clip(0), clip(1), MediaStatus.FAILED])
    del made.retrievals[1]
    assert missing(made) == [
        ("Road", 60, 120, "Samsara has no footage of it, so it was not asked for"),
        ("Road", 120, 180, "the upload failed"),
    ]


def test_a_request_without_an_answer_is_not_called_unasked() -> None:
    made = job([clip(0), None])
    made.retrievals[1].possible_duplicates = 3
    assert missing(made) == [("Road", 60, 120, "Samsara did not answer the request")]


# --- stills ---------------------------------------------------------------------------------------


def stills(*answers: Answer) -> Job:
    """A job of stills of one camera, one each 30 s."""
    made = job([None])
    made.media_type, made.every = MediaType.IMAGE, 30.0
    made.retrievals = [asked(ROAD, 0, answer) for answer in answers]
    for number, one in enumerate(made.retrievals):
        one.window = window(30 * number, 0)
    return made


def still(number: int) -> Clip:
    return imagined(30 * number, 0.0, window(30 * number, 0), path=f"{number}.jpg")


def test_each_moment_without_a_picture_is_named_by_itself() -> None:
    made = stills(still(0), MediaStatus.UNAVAILABLE, MediaStatus.UNAVAILABLE, still(3))
    assert missing(made) == [
        ("Road", 30, 30, "the camera has no footage of it"),
        ("Road", 60, 60, "the camera has no footage of it"),
    ]
    assert outcome_of(made).exit_status is ExitStatus.INCOMPLETE
    assert outcome_of(stills(still(0), still(1))).exit_status is ExitStatus.COMPLETE


def test_what_is_no_picture_is_called_so() -> None:
    made = stills(still(0), MediaStatus.UNUSABLE)
    assert missing(made) == [("Road", 30, 30, "what Samsara delivered is not a picture")]


def test_of_two_requests_for_a_moment_one_picture_is_enough() -> None:
    made = stills(MediaStatus.FAILED, still(1), still(0))
    made.retrievals[2].window = window(0, 0)
    assert missing(made) == []


# --- cameras that are not there -------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [MediaStatus.INVALID, (MediaStatus.REFUSED, "Invalid value for parameter: inputs.")],
)
def test_an_unnamed_camera_never_accepted_is_not_installed(
    answer: Answer,
) -> None:
    made = job([clip(0), clip(1)], [clip(0), clip(1)], [answer, answer])
    assert absent(made) == [ANALOG]
    assert missing(made) == []
    assert outcome_of(made).exit_status is ExitStatus.COMPLETE


def test_an_unnamed_camera_always_refused_is_not_installed() -> None:
    refused = (MediaStatus.REFUSED, "Camera was not recording at 2025-03-01T13:30:00Z.")
    made = job([refused], [clip(0)])
    assert absent(made) == [ROAD]
    assert missing(made) == []
    assert outcome_of(made).exit_status is ExitStatus.COMPLETE


def test_a_camera_always_invalid_is_not_installed_even_if_named() -> None:
    made = job([clip(0)], [MediaStatus.INVALID], named=True)
    assert absent(made) == [DRIVER]
    assert missing(made) == []
    assert outcome_of(made).exit_status is ExitStatus.COMPLETE


@pytest.mark.parametrize("other", [MediaStatus.INVALID, MediaStatus.REFUSED])
def test_a_camera_that_was_named_and_refused_is_missing_instead(other: MediaStatus) -> None:
    made = job([clip(0), clip(1)], [MediaStatus.REFUSED, other], named=True)
    assert absent(made) == []
    assert missing(made)[0] == (
        *("Driver", 0, 120 if other is MediaStatus.REFUSED else 60),
        "Samsara refused the request",
    )
    assert outcome_of(made).exit_status is ExitStatus.INCOMPLETE


@pytest.mark.parametrize("other", [MediaStatus.FAILED, MediaStatus.PENDING, None, clip(1)])
def test_one_accepted_minute_shows_that_the_camera_is_there(other: Answer) -> None:
    made = job([clip(0), clip(1)], [MediaStatus.INVALID, other])
    assert absent(made) == []
    assert outcome_of(made).exit_status is not ExitStatus.COMPLETE


# --- what else the person has to know -------------------------------------------------------------


def test_clips_that_begin_elsewhere_are_told_with_their_shift() -> None:
    made = job([clip(0, late=-4.0), clip(1, late=0.9), clip(2, late=2.5)])
    assert outcome_of(made).clips.shifted == (
        Shift(ROAD, window(0), -4.0),
        Shift(ROAD, window(120), 2.5),
    )


def test_of_several_pieces_only_the_first_may_be_shifted() -> None:
    made = job([clip(0)])
    second = imagined(30, 30, window(0), path="second.mp4")
    made.retrievals[0].media.append(Media(ROAD, MediaStatus.AVAILABLE, clip=second))
    assert outcome_of(made).clips.shifted == ()


def test_requests_are_told_apart_by_what_they_cost() -> None:
    made = job([clip(0), clip(1), clip(2), MediaStatus.FAILED, None, MediaStatus.REFUSED])
    reused, found, unanswered = made.retrievals[:3]
    reused.from_other_job = True
    found.state = RetrievalState.FOUND
    unanswered.possible_duplicates = 2
    again = asked(ROAD, 3, clip(3, seconds=59.0), repeat=True)
    again.requested_at = START
    made.retrievals.append(again)
    third, fourth = Request(window(120), (ROAD,)), Request(window(180), (ROAD,))
    result = outcome_of(made)
    assert result.paid == (third, fourth, fourth)
    assert result.asked_once_more == (fourth,)
    assert result.possibly_counted_twice == (third,)
    assert result.reused == Reused(2, 120.0)


def test_the_notes_of_the_run_and_the_quota_are_part_of_it() -> None:
    made = job([clip(0)])
    made.quota = "12 of 100"
    made.roles = {ROAD.input: "Front"}
    result = outcome_of(made, ["a note"])
    assert (result.notes, result.failures, result.quota) == (("a note",), (), "12 of 100")
    assert result.camera_names == {ROAD: "Front (Road)"}  # as its files begin


def test_a_file_that_could_not_be_made_makes_it_incomplete() -> None:
    failures = ["The film could not be made."]
    assert outcome_of(job([clip(0)]), (), failures).exit_status is ExitStatus.INCOMPLETE
    nothing = outcome_of(job([MediaStatus.FAILED]), (), failures)
    assert nothing.exit_status is ExitStatus.NOTHING


def test_an_outcome_is_data_that_does_not_change_with_the_job() -> None:
    made = job([clip(0), None])
    before, same = outcome_of(made), outcome_of(made)
    made.retrievals.clear()
    made.roles[ROAD.input] = "Front"
    assert before == same != outcome_of(made)


# --- the statuses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", MediaStatus)
def test_every_status_says_why_footage_is_missing(status: MediaStatus) -> None:
    """A new status needs its line in the table of MediaStatus, and nothing else."""
    assert MediaStatus(status.value) is status
    made = job([clip(0), (status, "words")], named=True)
    (part,) = outcome_of(made).missing
    assert part.reason
    assert "{" not in part.reason
    assert status.final or not status.ask_again


@given(
    st.lists(
        st.one_of(
            st.sampled_from([MediaStatus.FAILED, MediaStatus.UNAVAILABLE, MediaStatus.PENDING]),
            st.tuples(st.floats(-20, 20), st.floats(1, 70)),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_missing_is_exactly_what_no_clip_shows(
    answers: list[MediaStatus | tuple[float, float]],
) -> None:
    made = job(
        [
            clip(n, *answer) if isinstance(answer, tuple) else answer
            for n, answer in enumerate(answers)
        ]
    )
    named = [part.window for part in outcome_of(made).missing]
    joined: list[Window] = []
    for part in named:
        assert part.end > part.start
        if joined and joined[-1].end == part.start:
            joined[-1] = Window(joined[-1].start, part.end)
        else:
            joined.append(part)
    assert joined == timeline.gaps(made.clips(ROAD), made.span)
    complete = sum(gap.seconds for gap in joined) <= TOLERATED
    assert (outcome_of(made).exit_status is ExitStatus.COMPLETE) is complete
    assert made.span.end - made.span.start == timedelta(minutes=len(answers))


def test_of_many_gaps_each_is_looked_up_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []
    near = Spans.near

    def watched(spans: Spans[Any], *around: Any) -> list[Any]:
        found = near(spans, *around)
        looked_at.append(len(found))
        return found

    monkeypatch.setattr(Spans, "near", watched)
    minutes = 300
    answers: list[Answer] = [
        clip(n) if n % 2 else (MediaStatus.FAILED, f"{n}") for n in range(minutes)
    ]
    found = missing(job(answers, named=True))
    assert [message for *_, message in found] == [
        f'the upload failed ("{n}")' for n in range(0, minutes, 2)
    ]
    assert 0 < sum(looked_at) <= minutes
