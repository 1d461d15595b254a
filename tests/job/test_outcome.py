"""What is missing and why, and the exit status that it makes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.media import START, at, imagined, window

from footage.errors import ExitStatus
from footage.job import outcome
from footage.media import timeline
from footage.model import (
    Clip,
    Job,
    Media,
    MediaStatus,
    MediaType,
    Retrieval,
    RetrievalState,
    Vehicle,
    Window,
)
from SamsaraAPI import CAMERAS

ROAD, DRIVER, ANALOG = CAMERAS[:3]
Answer = Clip | MediaStatus | tuple[MediaStatus, str] | None


def job(road: list[Answer], *others: list[Answer], named: bool = False) -> Job:
    """A job whose cameras were answered so, one answer a minute; None is not asked for yet."""
    answers = dict(zip(CAMERAS, (road, *others), strict=False))
    made = Job(
        provider="Samsara",
        vehicle=Vehicle("1", "Truck 42"),
        start=START,
        minutes=len(road),
        timezone="",
        cameras=tuple(answers),
        cameras_named=named,
        created=START,
        folder="Videos",
    )
    for camera, answered in answers.items():
        for minute, answer in enumerate(answered):
            made.retrievals.append(asked(camera, minute, answer))
    return made


def asked(camera: object, minute: int, answer: Answer, repeat: bool = False) -> Retrieval:
    media = Media(camera)  # type: ignore[arg-type]
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


def told(made: Job) -> list[tuple[str, float, float, str]]:
    """Camera, begin and end in seconds from the start, and reason."""
    return [
        (
            part.camera.label,
            (part.window.start - START).total_seconds(),
            (part.window.end - START).total_seconds(),
            part.reason,
        )
        for part in outcome.missing(made)
    ]


# --- complete or not ------------------------------------------------------------------------------


def test_all_clips_are_complete() -> None:
    made = job([clip(0), clip(1)], [clip(0), clip(1)])
    assert outcome.exit_status(made) is ExitStatus.COMPLETE
    assert told(made) == []


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
    assert outcome.exit_status(made) is status


def test_two_seconds_are_allowed_to_each_camera() -> None:
    made = job([clip(0, seconds=58.5)], [clip(0, seconds=58.5)], [clip(0, seconds=58.5)])
    assert outcome.exit_status(made) is ExitStatus.COMPLETE


def test_footage_outside_of_what_was_asked_does_not_make_up_for_what_is_missing() -> None:
    made = job([clip(0, late=-20.0)])
    assert outcome.exit_status(made) is ExitStatus.INCOMPLETE
    assert told(made) == [("Road", 40, 60, "the clip that came does not cover it")]


def test_a_neighbour_that_reaches_in_covers() -> None:
    made = job([MediaStatus.UNAVAILABLE, clip(1, late=-60.0, seconds=120.0)])
    assert outcome.exit_status(made) is ExitStatus.COMPLETE


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([MediaStatus.FAILED, MediaStatus.UNAVAILABLE], ExitStatus.NOTHING),
        ([MediaStatus.INVALID, MediaStatus.REFUSED], ExitStatus.NOTHING),
        ([MediaStatus.FAILED, MediaStatus.PENDING], ExitStatus.INCOMPLETE),
        ([None, None], ExitStatus.INCOMPLETE),
    ],
)
def test_nothing_for_good_is_not_nothing_yet(answers: list[Answer], status: ExitStatus) -> None:
    assert outcome.exit_status(job(answers)) is status


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
        (None, "it has not been asked for yet"),
    ],
)
def test_each_missing_minute_has_its_reason_in_words(answer: Answer, reason: str) -> None:
    made = job([clip(0), answer], [clip(0), clip(1)], named=True)
    assert told(made) == [("Road", 60, 120, reason)]


def test_neighbouring_minutes_with_one_reason_are_one_line_and_others_are_not() -> None:
    failed, none = MediaStatus.FAILED, MediaStatus.UNAVAILABLE
    made = job([clip(0), failed, failed, none, clip(4), failed], [failed, *map(clip, range(1, 6))])
    assert told(made) == [
        ("Road", 60, 180, "the upload failed"),
        ("Road", 180, 240, "the camera has no footage of it"),
        ("Road", 300, 360, "the upload failed"),
        ("Driver", 0, 60, "the upload failed"),
    ]


def test_a_gap_over_two_minutes_is_cut_where_the_reason_changes() -> None:
    made = job([clip(0, seconds=50.0), MediaStatus.UNAVAILABLE])
    assert told(made) == [
        ("Road", 50, 60, "the clip that came does not cover it"),
        ("Road", 60, 120, "the camera has no footage of it"),
    ]


def test_of_two_requests_for_a_minute_the_second_has_the_last_word() -> None:
    made = job([MediaStatus.FAILED, clip(1)])
    made.retrievals.append(asked(ROAD, 0, (MediaStatus.UNAVAILABLE, "unavailable"), repeat=True))
    assert told(made) == [("Road", 0, 60, "the camera has no footage of it")]
    made.retrievals[-1] = asked(ROAD, 0, clip(0), repeat=True)
    assert told(made) == []
    assert outcome.exit_status(made) is ExitStatus.COMPLETE


def test_what_was_not_asked_for_has_its_reason_too() -> None:
    made = job([clip(0), clip(1), clip(2)])
    del made.retrievals[1]
    assert told(made) == [
        ("Road", 60, 120, "Samsara has no footage of it, so it was not asked for")
    ]
    assert outcome.exit_status(made) is ExitStatus.INCOMPLETE


def test_an_answer_that_never_came_is_no_reason_to_call_it_unasked() -> None:
    made = job([clip(0), None])
    made.retrievals[1].possible_duplicates = 3
    assert told(made) == [("Road", 60, 120, "Samsara did not answer the request")]


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
    assert told(made) == [
        ("Road", 30, 30, "the camera has no footage of it"),
        ("Road", 60, 60, "the camera has no footage of it"),
    ]
    assert outcome.exit_status(made) is ExitStatus.INCOMPLETE
    assert outcome.exit_status(stills(still(0), still(1))) is ExitStatus.COMPLETE


def test_what_is_no_picture_is_called_so() -> None:
    made = stills(still(0), MediaStatus.UNUSABLE)
    assert told(made) == [("Road", 30, 30, "what Samsara delivered is not a picture")]


def test_of_two_requests_for_a_moment_one_picture_is_enough() -> None:
    made = stills(MediaStatus.FAILED, still(1), still(0))
    made.retrievals[2].window = window(0, 0)
    assert told(made) == []


# --- cameras that are not there -------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [MediaStatus.INVALID, (MediaStatus.REFUSED, "Invalid value for parameter: inputs.")],
)
def test_a_camera_of_the_default_set_that_is_never_accepted_is_not_installed(
    answer: Answer,
) -> None:
    made = job([clip(0), clip(1)], [clip(0), clip(1)], [answer, answer])
    assert outcome.not_installed(made) == [ANALOG]
    assert told(made) == []
    assert outcome.exit_status(made) is ExitStatus.COMPLETE


def test_a_camera_of_the_default_set_refused_for_every_minute_is_taken_as_not_installed() -> None:
    refused = (MediaStatus.REFUSED, "Camera was not recording at 2025-03-01T13:30:00Z.")
    made = job([refused], [clip(0)])
    assert [camera.label for camera in outcome.not_installed(made)] == ["Road"]
    assert told(made) == []
    assert outcome.exit_status(made) is ExitStatus.COMPLETE


def test_a_camera_that_is_invalid_for_every_minute_is_not_installed_even_when_named() -> None:
    made = job([clip(0)], [MediaStatus.INVALID], named=True)
    assert outcome.not_installed(made) == [DRIVER]
    assert told(made) == []
    assert outcome.exit_status(made) is ExitStatus.COMPLETE


@pytest.mark.parametrize("other", [MediaStatus.INVALID, MediaStatus.REFUSED])
def test_a_camera_that_was_named_and_refused_is_missing_instead(other: MediaStatus) -> None:
    made = job([clip(0), clip(1)], [MediaStatus.REFUSED, other], named=True)
    assert outcome.not_installed(made) == []
    assert told(made)[0] == (
        *("Driver", 0, 120 if other is MediaStatus.REFUSED else 60),
        "Samsara refused the request",
    )
    assert outcome.exit_status(made) is ExitStatus.INCOMPLETE


@pytest.mark.parametrize("other", [MediaStatus.FAILED, MediaStatus.PENDING, None, clip(1)])
def test_one_minute_that_was_taken_shows_that_the_camera_is_there(other: Answer) -> None:
    made = job([clip(0), clip(1)], [MediaStatus.INVALID, other])
    assert outcome.not_installed(made) == []
    assert outcome.exit_status(made) is ExitStatus.INCOMPLETE


# --- what else the person has to know -------------------------------------------------------------


def test_clips_that_begin_elsewhere_are_told_with_their_shift() -> None:
    made = job([clip(0, late=-4.0), clip(1, late=0.9), clip(2, late=2.5)])
    assert [(retrieval.window.start, off) for _, retrieval, off in outcome.shifted(made)] == [
        (at(0), -4.0),
        (at(120), 2.5),
    ]


def test_requests_without_an_answer_are_told() -> None:
    made = job([clip(0), clip(1)])
    made.retrievals[1].possible_duplicates = 2
    assert outcome.possibly_counted_twice(made) == [made.retrievals[1]]


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
def test_what_is_named_as_missing_is_exactly_what_no_clip_shows(
    answers: list[MediaStatus | tuple[float, float]],
) -> None:
    made = job(
        [
            clip(n, *answer) if isinstance(answer, tuple) else answer
            for n, answer in enumerate(answers)
        ]
    )
    named = [part.window for part in outcome.missing(made)]
    joined: list[Window] = []
    for part in named:
        assert part.end > part.start
        if joined and joined[-1].end == part.start:
            joined[-1] = Window(joined[-1].start, part.end)
        else:
            joined.append(part)
    assert joined == timeline.gaps(made.clips(ROAD), made.span)
    complete = timeline.missing_seconds(made.clips(ROAD), made.span) <= outcome.TOLERATED
    assert (outcome.exit_status(made) is ExitStatus.COMPLETE) is complete
    assert made.span.end - made.span.start == timedelta(minutes=len(answers))
