"""One list of what is in the cloud for many jobs of a vehicle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from footage.job.shared_listing import SharedListing
from footage.model import UTC, Camera, Media, MediaStatus, MediaType, Vehicle, Window

ROAD = Camera("dashcamRoadFacing", "Road")
NOON = datetime(2025, 4, 16, 12, 0, tzinfo=UTC)


def minutes(begin: float, end: float) -> Window:
    return Window(NOON + timedelta(minutes=begin), NOON + timedelta(minutes=end))


def of(span: Window) -> Media:
    return Media(ROAD, MediaStatus.AVAILABLE, start=span.start, end=span.end)


class List:
    """A provider's list, and what it was asked for."""

    def __init__(self, *spans: Window) -> None:
        self.media = [of(span) for span in spans]
        self.asked: list[tuple[str, Window]] = []

    def __call__(
        self, vehicle: Vehicle, span: Window, cameras: Sequence[Camera], media_type: MediaType, /
    ) -> Sequence[Media]:
        self.asked.append((vehicle.id, span))
        return self.media


def spans_found(listing: SharedListing, vehicle: Vehicle, span: Window) -> list[Window]:
    found = listing.uploaded(vehicle, span, [ROAD], MediaType.HIGH)
    return [Window(one.start, one.end) for one in found if one.start and one.end]


def test_jobs_of_one_day_are_listed_in_one_call() -> None:
    lists = List(minutes(0, 1), minutes(60, 61))
    spans = [minutes(60 * hour, 60 * hour + 2) for hour in range(20)]
    listing = SharedListing(lists, [("1", span) for span in spans])
    found = [spans_found(listing, Vehicle("1", "Truck"), span) for span in spans]
    assert lists.asked == [("1", minutes(0, 19 * 60 + 2))]
    assert found == [[minutes(0, 1)], [minutes(60, 61)], *[[]] * 18]


def test_another_day_or_vehicle_is_listed_by_itself() -> None:
    lists = List()
    day = 24 * 60
    spans = [("1", minutes(0, 2)), ("1", minutes(day, day + 2)), ("2", minutes(0, 2))]
    listing = SharedListing(lists, spans)
    for vehicle, span in spans:
        spans_found(listing, Vehicle(vehicle, "Truck"), span)
    assert lists.asked == spans


def test_each_job_gets_media_of_its_own() -> None:
    listing = SharedListing(List(minutes(0, 9)), [("1", minutes(0, 2)), ("1", minutes(4, 6))])
    first, second = (
        listing.uploaded(Vehicle("1", "Truck"), span, [ROAD], MediaType.HIGH)[0]
        for span in (minutes(0, 2), minutes(4, 6))
    )
    first.status = MediaStatus.PENDING
    assert second.status is MediaStatus.AVAILABLE


def test_a_still_is_of_the_job_whose_time_it_is_in() -> None:
    listing = SharedListing(List(minutes(1, 1), minutes(5, 5)), [("1", minutes(0, 9))])
    assert spans_found(listing, Vehicle("1", "Truck"), minutes(0, 2)) == [minutes(1, 1)]


def test_what_nobody_announced_is_listed_by_itself() -> None:
    lists = List()
    spans_found(SharedListing(lists, []), Vehicle("1", "Truck"), minutes(0, 2))
    assert lists.asked == [("1", minutes(0, 2))]
