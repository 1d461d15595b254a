"""What a provider tells of a retrieval, piece by piece."""

from __future__ import annotations

from support.media import at

from footage.cloud.media_matching import pairs, pieces_of
from footage.model import Media, MediaStatus
from SamsaraAPI import CAMERAS

ROAD, DRIVER = CAMERAS[:2]
AVAILABLE, PENDING, FAILED = MediaStatus.AVAILABLE, MediaStatus.PENDING, MediaStatus.FAILED


def told(start: float | None = 0, status: MediaStatus = AVAILABLE, camera=ROAD, end=None) -> Media:
    if start is None:
        return Media(camera, status)
    return Media(camera, status, start=at(start), end=at(start + 30 if end is None else end))


def test_pieces_of_one_camera_are_kept_apart_and_in_order() -> None:
    later, earlier, driver = told(30), told(0), told(0, camera=DRIVER)
    assert pieces_of([later, driver, earlier]) == [earlier, later, driver]


def test_what_is_mentioned_twice_is_one_piece_that_can_still_be_had() -> None:
    assert pieces_of([told(0, FAILED), told(0), told(0, PENDING)]) == [told(0)]
    assert pieces_of([told(None), told(None)]) == [told(None)]


def test_a_failure_counts_only_where_nothing_else_is_told() -> None:
    assert pieces_of([told(0, FAILED), told(30)]) == [told(30)]
    assert pieces_of([told(0, FAILED), told(30, FAILED)]) == [told(0, FAILED)]


def test_a_piece_is_known_again_by_its_start_and_one_too_many_is_new() -> None:
    first, second = told(0), told(30)
    known = [told(30, PENDING)]
    assert pairs(known, [first, second]) == [(None, first), (known[0], second)]


def test_what_had_no_times_yet_is_taken_in_order() -> None:
    known = [Media(ROAD)]
    answer = told(-4)
    assert pairs(known, [answer]) == [(known[0], answer)]
    known = [told(0, PENDING)]  # the asked time, until the true one is known
    assert pairs(known, [answer]) == [(known[0], answer)]


def test_a_failure_is_no_new_piece() -> None:
    assert pairs([], [told(0, FAILED)]) == []
