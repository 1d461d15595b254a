"""What the Samsara client finds in the cloud already."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from support.samsara import (
    DRIVER,
    ROAD,
    TRUCK,
    UPLOADED,
    VIDEO,
    at,
    item,
    media_page,
    minutes,
    page,
    span,
    text,
)
from support.scripted import Answer, ScriptedServer, hangs_up, says

from footage.errors import AuthenticationError, RequestRefused, TransientError
from footage.model import Camera, Media, MediaStatus, MediaType, Retrieval, RetrievalState, Window
from SamsaraAPI import SamsaraAPI


def uploaded(
    samsara: SamsaraAPI,
    window: Window | None = None,
    cameras: tuple[Camera, ...] = (ROAD, DRIVER),
    kind: MediaType = MediaType.HIGH,
) -> list[Media]:
    return samsara.uploaded(TRUCK, window or minutes(5), cameras, kind)


def test_the_list_is_queried_as_documented_a_minute_wider(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [media_page()]
    assert uploaded(samsara) == []
    assert server.queries(UPLOADED) == [
        {
            "vehicleIds": [TRUCK.id],
            "startTime": [text(-60)],
            "endTime": [text(360)],
            "inputs": ["dashcamRoadFacing", "dashcamDriverFacing"],  # each under a key of its own
            "mediaTypes": ["videoHighRes"],
        }
    ]


@pytest.mark.parametrize(
    ("kind", "asked_for"),
    [
        (MediaType.HIGH, ["videoHighRes"]),
        (MediaType.IMAGE, ["image"]),
        (MediaType.LOW, None),  # its filter refuses these two words, so it is filtered here
        (MediaType.HYPERLAPSE, None),
    ],
)
def test_each_kind_is_kept_apart_from_the_others(
    server: ScriptedServer, samsara: SamsaraAPI, kind: MediaType, asked_for: list[str] | None
) -> None:
    kinds = ("videoHighRes", "videoLowRes", "hyperlapse", "image", "hologram", None)
    server.script = [media_page(*(item(n, n + 60, mediaType=word) for n, word in enumerate(kinds)))]
    (media,) = uploaded(samsara, kind=kind)
    assert server.queries(UPLOADED)[0].get("mediaTypes") == asked_for
    assert media.start == at([*VIDEO, MediaType.IMAGE].index(kind))


def test_the_lists_own_names_of_the_cameras_are_understood(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [
        media_page(
            item(60, 120, input="dashcamInwardFacing"),
            item(0, 60, input="dashcamForwardFacing", cameraRole="front"),
            item(120, 180, input="dashcamDriverFacing"),
            item(0, 60, input="analog1"),
            item(0, 60, input="dashcamRearFacing"),
            item(0, 60, input=None),
        )
    ]
    listed = uploaded(samsara)
    assert [(one.camera, one.start, one.end) for one in listed] == [
        (ROAD, at(0), at(60)),
        (DRIVER, at(60), at(120)),
        (DRIVER, at(120), at(180)),
    ]
    assert all(one.status is MediaStatus.AVAILABLE for one in listed)
    assert (listed[0].url, listed[0].role) == ("https://media.example/0-60.mp4?sig=x", "Front")
    assert "sig=x" not in repr(listed)


@pytest.mark.parametrize(
    "odd",
    [
        item(urlInfo=None),
        item(urlInfo={"url": ""}),
        item(startTime=None),
        item(endTime="soon"),
        item(vehicleId="999"),
        item(status="pending"),
        {},
        None,
        "x",
    ],
)
def test_what_cannot_be_fetched_or_placed_is_not_there(
    server: ScriptedServer, samsara: SamsaraAPI, odd: object
) -> None:
    server.script = [media_page(odd, item(60, 120))]
    assert [one.start for one in uploaded(samsara)] == [at(60)]


def test_all_pages_are_read_despite_empty_and_failed_ones(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [
        media_page(item(0, 60), cursor="c1"),
        media_page(cursor="c2"),
        hangs_up,
        says(503, {}),
        media_page(item(60, 120), item(0, 60)),
    ]
    assert [one.start for one in uploaded(samsara)] == [
        at(0),
        at(60),
    ]  # what is listed twice is one
    cursors = [query.get("after") for query in server.queries(UPLOADED)]
    assert cursors == [None, ["c1"], ["c2"], ["c2"], ["c2"]]
    assert len({tuple(query["startTime"]) for query in server.queries(UPLOADED)}) == 1


def test_a_bare_list_is_read_as_well(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    server.script = [page(item(0, 60), cursor="c1"), media_page(item(60, 120))]
    assert [one.start for one in uploaded(samsara)] == [at(0), at(60)]


@pytest.mark.parametrize("length", [1, 1437, 1438, 1439, 1440])
def test_queries_of_at_most_a_day_leave_no_time_out(
    server: ScriptedServer, samsara: SamsaraAPI, length: int
) -> None:
    server.script = [media_page()]
    uploaded(samsara, minutes(length))
    asked = [(q["startTime"][0], q["endTime"][0]) for q in server.queries(UPLOADED)]
    assert asked[0][0] == text(-60)
    assert asked[-1][1] == text(60 * length + 60)
    assert [end for _, end in asked[:-1]] == [start for start, _ in asked[1:]]
    assert len(asked) == (1 if length + 2 <= 1440 else 2)
    for start, end in asked:
        day = datetime.fromisoformat(end[:-1]) - datetime.fromisoformat(start[:-1])
        assert timedelta() < day <= timedelta(hours=24)


def test_an_item_at_the_border_of_two_days_is_one(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [
        media_page(item(86280, 86400)),
        media_page(item(86280, 86400), item(86400, 86460)),
    ]
    assert [one.start for one in uploaded(samsara, minutes(1440))] == [at(86280), at(86400)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(400, {"message": "No."}), RequestRefused),
        (says(403, {"message": "No."}), AuthenticationError),
        (says(500, {}), TransientError),
    ],
)
def test_a_list_that_fails_is_an_error_and_not_an_empty_list(
    server: ScriptedServer, samsara: SamsaraAPI, answer: Answer, error: type[Exception]
) -> None:
    server.script = [answer]
    with pytest.raises(error):
        uploaded(samsara)


# --- what was found, polled again -----------------------------------------------------------------


def found_before(start: float = 0, end: float = 60, used: Window | None = None) -> Retrieval:
    media = Media(ROAD, MediaStatus.PENDING, "", at(start), at(end))
    return Retrieval(used or span(start, end), [media], state=RetrievalState.FOUND)


def test_what_was_found_is_known_again_by_camera_and_times(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [media_page(item(0, 61), item(0, 60, input="dashcamDriverFacing"), item(0, 60))]
    (media,) = samsara.check(TRUCK, found_before())
    assert (media.camera, media.start, media.end) == (ROAD, at(0), at(60))
    assert media.url == "https://media.example/0-60.mp4?sig=x"
    assert len(server.queries(UPLOADED)) == 1  # in the list: no retrieval is known of it


def test_it_is_searched_for_from_where_it_begins(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    """Whether the list goes by the start of an item is not documented."""
    server.script = [media_page(item(-540, 3000))]
    (media,) = samsara.check(TRUCK, found_before(-540, 3000, used=minutes(5)))
    assert media.start == at(-540)
    (query,) = server.queries(UPLOADED)
    assert (query["startTime"], query["endTime"]) == ([text(-600)], [text(3060)])


def test_a_still_is_known_again_too(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    server.script = [media_page(item(30.4, 30.4, mediaType="image"))]
    one = replace(found_before(30.4, 30.4, used=span(30, 30)), media_type=MediaType.IMAGE)
    (media,) = samsara.check(TRUCK, one)
    assert media.start == at(30.4)


@pytest.mark.parametrize("there", [[], [item(0, 59)], [item(1, 60)], [item(urlInfo={})]])
def test_what_is_gone_is_refused_so_that_it_is_asked_for(
    server: ScriptedServer, samsara: SamsaraAPI, there: list[dict[str, Any]]
) -> None:
    server.script = [media_page(*there)]
    with pytest.raises(RequestRefused, match="no longer in the cloud"):
        samsara.check(TRUCK, found_before())
