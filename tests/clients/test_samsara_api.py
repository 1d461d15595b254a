"""The Samsara client: what it is, how it plans, and the list of vehicles."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.samsara import DRIVER, KEY, ROAD, START, TRUCK, VIDEO, at, minutes, page, span
from support.scripted import ScriptedServer, says

from footage.cloud.provider import Provider
from footage.errors import TransientError
from footage.model import Cost, MediaType, Vehicle, Window
from SamsaraAPI import CAMERAS, MEDIA_TYPES, REGIONS, SamsaraAPI

api_of_nobody = SamsaraAPI(KEY, "http://127.0.0.1:1")


def test_it_is_a_provider_with_samsaras_cameras(samsara: SamsaraAPI) -> None:
    provider: Provider = samsara
    assert provider.name == "Samsara"
    assert [(c.input, c.label) for c in provider.cameras] == [
        ("dashcamRoadFacing", "Road"),
        ("dashcamDriverFacing", "Driver"),
        ("analog1", "Analog"),
        ("analog2", "Analog2"),
        ("analog3", "Analog3"),
        ("analog4", "Analog4"),
    ]
    assert list(provider.default_cameras("vehicle", MediaType.HIGH)) == list(provider.cameras[:3])
    assert set(REGIONS) == {"us", "eu", "ca"}


# --- planning -------------------------------------------------------------------------------------


def test_n_minutes_of_c_cameras_are_exactly_n_times_c_requests(samsara: SamsaraAPI) -> None:
    plan = samsara.plan(Window(START, START + timedelta(minutes=5)), CAMERAS[:3], MediaType.HIGH)
    assert len(plan) == 15
    assert [(r.window.start, r.media[0].camera) for r in plan] == [
        (START + timedelta(minutes=minute), camera) for minute in range(5) for camera in CAMERAS[:3]
    ]
    assert all(r.window.seconds == 60 and len(r.media) == 1 for r in plan)
    assert plan[-1].window.end == START + timedelta(minutes=5)
    assert samsara.cost(plan) == Cost("900 s of quota", 900)


def test_the_last_window_ends_with_the_span(samsara: SamsaraAPI) -> None:
    plan = samsara.plan(Window(START, START + timedelta(seconds=90)), [ROAD], MediaType.HIGH)
    assert [r.window.seconds for r in plan] == [60, 30]
    assert plan[0].window.end == plan[1].window.start
    assert samsara.cost(plan) == Cost("90 s of quota", 90)


@pytest.mark.parametrize(
    ("kind", "lengths"),
    [
        (MediaType.HIGH, [60.0] * 90),
        (MediaType.LOW, [600.0] * 9),
        (MediaType.HYPERLAPSE, [2400.0, 2400.0, 600.0]),
    ],
)
def test_each_kind_is_asked_for_in_windows_as_long_as_it_may_be(
    kind: MediaType, lengths: list[float]
) -> None:
    plan = api_of_nobody.plan(minutes(90), [DRIVER], kind)
    assert [one.window.seconds for one in plan] == lengths
    assert {one.media_type for one in plan} == {kind}


@given(st.sampled_from(VIDEO), st.integers(1, 1440), st.sampled_from([1, 2, 3]))
def test_the_plan_covers_the_time_once_for_each_camera(
    kind: MediaType, length: int, cameras: int
) -> None:
    plan = api_of_nobody.plan(minutes(length), CAMERAS[:cameras], kind)
    assert all(len(one.media) == 1 for one in plan)
    for camera in CAMERAS[:cameras]:
        windows = [one.window for one in plan if one.media[0].camera == camera]
        assert (windows[0].start, windows[-1].end) == (START, at(60 * length))
        assert [one.end for one in windows[:-1]] == [one.start for one in windows[1:]]


@pytest.mark.parametrize(
    ("length", "every", "seconds"),
    [
        (0, 60.0, [0]),
        (2, 60.0, [0, 60]),
        (2, 50.0, [0, 50, 100]),
        (1, 3600.0, [0]),
        (0.05, 1.0, [0, 1, 2]),
    ],
)
def test_stills_are_moments_from_the_start_on(
    length: float, every: float, seconds: list[float]
) -> None:
    plan = api_of_nobody.plan(minutes(length), [ROAD, DRIVER], MediaType.IMAGE, every)
    expected = [(span(at, at), camera) for at in seconds for camera in (ROAD, DRIVER)]
    assert [(one.window, one.media[0].camera) for one in plan] == expected


@pytest.mark.parametrize(
    ("kind", "length", "cost"),
    [
        (MediaType.HIGH, 5, Cost("600 s of quota", 600.0)),
        (MediaType.IMAGE, 5, Cost("1 s of quota", 1.0)),
        (MediaType.IMAGE, 2, Cost("0.4 s of quota", 0.4)),
        (MediaType.LOW, 5, Cost("600 s of footage (how it counts is not documented)", None)),
        (MediaType.HYPERLAPSE, 5, Cost("600 s of footage (how it counts is not documented)", None)),
    ],
)
def test_what_a_kind_costs_or_that_nobody_knows(kind: MediaType, length: int, cost: Cost) -> None:
    assert api_of_nobody.cost(api_of_nobody.plan(minutes(length), CAMERAS[:2], kind, 60.0)) == cost


def test_a_long_job_in_high_res_is_advised_of_other_kinds() -> None:
    advice = api_of_nobody.advice(minutes(60), [ROAD, DRIVER], MediaType.HIGH)
    assert "Instead of 120 requests" in advice
    assert "--media low would make 12" in advice
    assert "--media hyperlapse 4" in advice
    assert api_of_nobody.advice(minutes(10), [ROAD], MediaType.HIGH) == ""
    assert api_of_nobody.advice(minutes(600), [ROAD], MediaType.LOW) == ""


def test_no_kind_is_live_and_all_four_are_there() -> None:
    assert list(MEDIA_TYPES) == [*VIDEO, MediaType.IMAGE]
    assert not any(api_of_nobody.is_live(kind) for kind in MediaType)
    assert api_of_nobody.recorded(TRUCK, minutes(1)) is None
    assert api_of_nobody.quota(MediaType.HIGH) is None


# --- vehicles -------------------------------------------------------------------------------------


def test_vehicles_come_from_all_pages_even_over_empty_ones(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [
        page({"id": "1", "name": "A", "vin": "V1", "licensePlate": "P1"}, cursor="c1"),
        page(cursor="c2"),
        page({"id": "2", "name": "B\x1b[2J"}, {"name": "no id"}, 7, {"id": 3, "vin": None}),
    ]
    assert samsara.vehicles() == [
        Vehicle("1", "A", "V1", "P1"),
        Vehicle("2", "B"),
        Vehicle("3", "3"),
    ]
    cursors = [parse_qs(urlsplit(path).query).get("after") for _, path, _, _ in server.asked]
    assert cursors == [None, ["c1"], ["c2"]]


def test_a_cursor_that_repeats_ends_the_list(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    server.script = [page({"id": "1", "name": "A"}, cursor="same")]
    assert samsara.vehicles() == [Vehicle("1", "A")]
    assert len(server.asked) == 2


def test_samsara_away_for_long_is_a_transient_error(
    server: ScriptedServer, samsara: SamsaraAPI
) -> None:
    server.script = [says(500, {"message": "Failed."})]
    with pytest.raises(TransientError, match="Failed"):
        samsara.vehicles()
    assert len(server.asked) == 5
