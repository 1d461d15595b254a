"""Status responses are matched to known media, piece by piece."""

from __future__ import annotations

from support.media import at

from footage.cloud.media_matching import distinct_media, pairs
from footage.model import Camera, Media, MediaStatus
from SamsaraAPI import CAMERAS

ROAD, DRIVER = CAMERAS[:2]
AVAILABLE, PENDING, FAILED = MediaStatus.AVAILABLE, MediaStatus.PENDING, MediaStatus.FAILED


def piece(start: float | None = 0, status: MediaStatus = AVAILABLE, camera: Camera = ROAD) -> Media:
    """Half a minute that begins at `start`; None for one without times."""
    if start is None:
        return Media(camera, status)
    return Media(camera, status, start=at(start), end=at(start + 30))


def test_pieces_of_one_camera_are_kept_apart_and_in_order() -> None:
    later, earlier, driver = piece(30), piece(0), piece(0, camera=DRIVER)
    assert distinct_media([later, driver, earlier]) == [earlier, later, driver]


def test_of_two_of_the_same_times_the_better_one_counts() -> None:
    assert distinct_media([piece(0, FAILED), piece(0), piece(0, PENDING)]) == [piece(0)]
    assert distinct_media([piece(None), piece(None)]) == [piece(None)]


def test_a_failure_counts_only_where_nothing_else_is_piece() -> None:
    assert distinct_media([piece(0, FAILED), piece(30)]) == [piece(30)]
    assert distinct_media([piece(0, FAILED), piece(30, FAILED)]) == [piece(0, FAILED)]


def test_a_piece_is_known_by_its_start_one_too_many_is_new() -> None:
    first, second = piece(0), piece(30)
    known = [piece(30, PENDING)]
    assert pairs(known, [first, second]) == [(None, first), (known[0], second)]


def test_what_had_no_times_yet_is_taken_in_order() -> None:
    known = [Media(ROAD)]
    answer = piece(-4)
    assert pairs(known, [answer]) == [(known[0], answer)]
    known = [piece(0, PENDING)]  # the asked time, until the true one is known
    assert pairs(known, [answer]) == [(known[0], answer)]


def test_a_failure_is_no_new_piece() -> None:
    assert pairs([], [piece(0, FAILED)]) == []
