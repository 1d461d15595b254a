"""Reading safety events, of which every field may be missing or of another type."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from footage.cloud import motive_events, samsara_events
from footage.model import UTC, Camera

START = datetime(2026, 11, 3, 20, 4, 31, tzinfo=UTC)
STREAMED: dict[str, Any] = {
    "id": "6caeb9c0-0000-4000-8000-0000000000a1,6caeb9c0-0000-4000-8000-0000000000a2",
    "startMs": "2026-11-03T20:04:31.120Z",
    "endMs": "2026-11-03T20:04:38Z",
    "tripEndTime": None,
    "asset": {"id": "281474977075805"},
    "driver": {"id": "51207", "name": "A. Muster"},
    "behaviorLabels": [{"label": "Crash", "source": "automated"}, {"label": "Brand New"}, 7],
    "eventState": "somethingElse",
    "maxAccelerationGForce": 1.83,
    "location": {
        "latitude": 41.8807,
        "longitude": -87.6742,
        "address": {"streetNumber": "5", "street": "Main St", "city": "Chicago", "state": "IL"},
    },
    "inboxEventUrl": "https://cloud.samsara.com/o/1/x",
    "media": [{"input": "dashcamRoadFacing", "url": "https://bucket.example/a.mp4?sig=secret"}],
}
LISTED: dict[str, Any] = {
    "id": 1507000001,
    "type": "crash",
    "start_time": "2026-11-03T20:04:31Z",
    "duration": 7.5,
    "acceleration": "12.5",
    "lat": 41.8807,
    "lon": -87.6742,
    "location": "Chicago, IL",
    "vehicle": {"id": 2238865, "number": "1269"},
    "driver": {"id": 77, "first_name": "A.", "last_name": "Muster"},
    "metadata": {"severity": "critical"},
    "coaching_status": "pending_review",
    "camera_media": {"downloadable_videos": {"front_facing_plain_url": "https://b.example/secret"}},
}


def test_an_event_of_samsaras_stream() -> None:
    event = samsara_events.read_event(STREAMED)
    assert event is not None
    assert event.id == STREAMED["id"]
    assert event.start == START + timedelta(milliseconds=120)
    assert event.end == START + timedelta(seconds=7)
    assert (event.vehicle_id, event.vehicle, event.driver) == ("281474977075805", "", "A. Muster")
    assert (event.labels, event.state) == (("Crash", "Brand New"), "somethingElse")
    assert (event.g_force, event.place) == (1.83, "5 Main St, Chicago, IL")
    assert event.link == "https://cloud.samsara.com/o/1/x"
    assert "secret" not in repr(event)


def test_times_may_be_numbers() -> None:
    milliseconds = round(START.timestamp() * 1000)
    event = samsara_events.read_event({**STREAMED, "startMs": milliseconds, "endMs": "soon"})
    assert event is not None and event.start == event.end == START


def test_an_event_of_samsaras_older_list() -> None:
    event = samsara_events.read_legacy_event(
        {
            "id": "281-1762200271000",
            "time": "2026-11-03T20:04:31Z",
            "vehicle": {"id": "281", "name": "Truck 42"},
            "behaviorLabels": [{"label": "nearCollison", "name": "Near Collision"}],
            "coachingState": "autoDismissed",
            "downloadForwardVideoUrl": "https://bucket.example/secret",
        }
    )
    assert event is not None and event.start == event.end == START
    assert (event.vehicle, event.labels) == ("Truck 42", ("nearCollison",))
    assert event.state == "autoDismissed" and "secret" not in repr(event)


def test_an_event_of_motives_list() -> None:
    event = motive_events.read_event(LISTED)
    assert event is not None
    assert (event.id, event.vehicle_id, event.vehicle) == ("1507000001", "2238865", "1269")
    assert (event.start, event.end) == (START, START + timedelta(seconds=7.5))
    assert (event.driver, event.labels) == ("A. Muster", ("crash",))
    assert (event.severity, event.state, event.place) == (
        "critical",
        "pending_review",
        "Chicago, IL",
    )
    assert event.g_force is None, "its unit is not documented"
    assert "secret" not in repr(event)


@pytest.mark.parametrize("key", ["id", "startMs", "asset"])
@pytest.mark.parametrize("value", [None, [], {}, "", "   ", True])
def test_what_is_no_event_of_samsara_is_left_out(key: str, value: object) -> None:
    assert samsara_events.read_event({**STREAMED, key: value}) is None


@pytest.mark.parametrize("key", ["id", "start_time", "vehicle"])
@pytest.mark.parametrize("value", [None, [], {}, "", True])
def test_what_is_no_event_of_motive_is_left_out(key: str, value: object) -> None:
    assert motive_events.read_event({**LISTED, key: value}) is None


@pytest.mark.parametrize("value", [None, [], {}, "x", True, -1, float("nan"), [{}], "\x1b[2J"])
def test_nothing_else_has_to_be_there(value: object) -> None:
    for key in STREAMED.keys() - {"id", "startMs", "asset"}:
        assert samsara_events.read_event({**STREAMED, key: value}) is not None
    for key in LISTED.keys() - {"id", "start_time", "vehicle"}:
        assert motive_events.read_event({**LISTED, key: value}) is not None


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://a.example", "https://a b", 7])
def test_only_a_link_is_taken_for_one(link: object) -> None:
    event = samsara_events.read_event({**STREAMED, "inboxEventUrl": link})
    assert event is not None and event.link == ""


# --- the clips that are kept of an event by itself -----------------------------------------------

ROAD = Camera("dashcamRoadFacing", "Road")


@pytest.mark.parametrize(
    ("media", "count"),
    [
        (STREAMED["media"], 1),
        ([*STREAMED["media"], *STREAMED["media"]], 1),
        ([{"input": "dashcamForwardFacing", "url": " https://bucket.example/a?sig=x "}], 1),
        ([{"input": "analog9", "url": "https://bucket.example/a?sig=x"}], 0),
        ([{"input": "dashcamRoadFacing", "url": "ftp://bucket.example/a"}], 0),
        ([{"input": "dashcamRoadFacing", "url": None}, 7, {}], 0),
        (None, 0),
    ],
)
def test_samsaras_own_clips_of_an_event(media: object, count: int) -> None:
    clips = samsara_events.read_own_clips({"media": media}, [ROAD])
    assert [clip.camera for clip in clips] == [ROAD] * count
    assert "sig" not in repr(clips)


@pytest.mark.parametrize(
    ("urls", "labels"),
    [
        ({"front_facing_plain_url": "https://b.example/f?s=x"}, ["Road"]),
        (
            {
                "front_facing_plain_url": "https://b.example/f?s=x",
                "driver_facing_plain_url": "https://b.example/d?s=x",
                "dual_facing_plain_url": "https://b.example/b?s=x",
            },
            ["Road", "Driver"],
        ),
        ({"dual_facing_plain_url": "https://b.example/b?s=x"}, ["Road and driver"]),
        ({"front_facing_enhanced_url": "https://b.example/f?s=x"}, []),
        ({"dual_facing_enhanced_ai_viz_url": "https://b.example/f?s=x"}, []),
        ({"front_facing_plain_url": None, "driver_facing_plain_url": 7}, []),
    ],
)
def test_of_motives_own_clips_only_the_plain_ones(urls: object, labels: list[str]) -> None:
    clips = motive_events.read_own_clips({"downloadable_videos": urls})
    assert [clip.camera.label for clip in clips] == labels
    assert "s=x" not in repr(clips)
