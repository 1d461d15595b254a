"""Several cameras on one input are told apart by their serials."""

from __future__ import annotations

from support.samsara import minutes

from footage.cloud.media_matching import distinct_media
from footage.cloud.shared_inputs import input_of, is_further, told_apart
from footage.model import Camera, Media, MediaStatus

ANALOG = Camera("analog1", "Analog")


def media(serial: str) -> Media:
    span = minutes(1)
    return Media(ANALOG, MediaStatus.AVAILABLE, start=span.start, end=span.end, serial=serial)


def test_two_of_the_same_times_are_both_kept() -> None:
    assert len(distinct_media([media("A-1"), media("B-2"), media("A-1")])) == 2


def test_the_first_serial_is_the_camera_that_was_asked_for() -> None:
    apart, serials = told_apart([media("B-222222"), media("A-111111"), media("")], {}, [ANALOG])
    second, first, unnamed = [one.camera for one in apart]
    assert serials == {"analog1": "A-111111"}
    assert first == unnamed == ANALOG
    assert (second.input, second.label) == ("analog1/B-222222", "Analog (222222)")
    assert (input_of(second), is_further(second), is_further(first)) == ("analog1", True, False)


def test_which_is_which_stays_as_it_is() -> None:
    known = {"analog1": "B-222222"}
    again, serials = told_apart([media("A-111111")], known, [ANALOG])
    assert [one.camera.label for one in again] == ["Analog (111111)"]
    assert serials == known


def test_no_two_cameras_have_the_same_label() -> None:
    apart, _ = told_apart([media("A-1"), media("B-999999"), media("C-999999")], {}, [ANALOG])
    labels = [one.camera.label for one in apart]
    assert labels == ["Analog", "Analog (999999)", "Analog (C-999999)"]
