"""The Motive client: what it is, how it plans, and the lists of vehicles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

import pytest
from support.motive import (
    AVAILABLE,
    DRIVER,
    HIGH,
    IMAGE,
    INVALID,
    LEFT,
    NARROW,
    PENDING,
    REAR,
    RIGHT,
    ROAD,
    START,
    TIMELAPSE,
    TRAILER,
    TRUCK,
    recall,
    span,
    states,
)
from support.scripted import Answer, FakeTime, ScriptedServer, says

from footage.cloud.provider import Provider
from footage.errors import AlreadyRequested, RequestRefused, WindowTooLong
from footage.model import Camera, Cost, Media, MediaType, Retrieval, Vehicle, Window
from MotiveAPI import BASE_URL, CAMERAS, MotiveAPI
from simulator import MotiveStyle, cameras, start
from simulator.scenario import Scenario


def test_it_is_a_provider_with_motives_cameras(motive: MotiveAPI) -> None:
    provider: Provider = motive
    assert provider.name == "Motive"
    assert [(c.input, c.label) for c in provider.cameras] == [
        ("front_facing", "Road"),
        ("driver_facing", "Driver"),
        ("front_narrow_facing", "Road narrow"),
        ("side_left", "Left"),
        ("side_right", "Right"),
        ("rear", "Rear"),
    ]
    assert list(motive.camera_words) == ["front", "driver", "narrow", "left", "right", "rear"]
    assert list(motive.camera_words.values()) == [camera.input for camera in CAMERAS]
    assert BASE_URL == "https://api.gomotive.com"
    assert provider.min_poll_interval == 10
    assert [kind for kind in MediaType if motive.is_live(kind)] == [IMAGE]
    assert "--resume" in provider.waiting_hint(HIGH)
    assert provider.waiting_hint(IMAGE) == ""  # that is of recalls


@pytest.mark.parametrize(
    ("kind", "media_type", "cameras"),
    [
        ("vehicle", HIGH, CAMERAS),
        ("vehicle", TIMELAPSE, CAMERAS),
        ("vehicle", IMAGE, (ROAD, DRIVER, LEFT, RIGHT, REAR)),
        ("asset", HIGH, (LEFT, RIGHT, REAR)),
        ("asset", TIMELAPSE, (LEFT, RIGHT, REAR)),
        ("asset", IMAGE, (LEFT, RIGHT, REAR)),
    ],
)
def test_cameras_where_none_are_named(
    motive: MotiveAPI, kind: str, media_type: MediaType, cameras: tuple[Camera, ...]
) -> None:
    assert tuple(motive.default_cameras(kind, media_type)) == cameras


def test_pictures_are_of_documented_positions_recalls_of_any(motive: MotiveAPI) -> None:
    assert tuple(motive.possible_cameras("asset", HIGH)) == CAMERAS
    assert NARROW not in motive.possible_cameras("vehicle", IMAGE)
    assert tuple(motive.possible_cameras("asset", IMAGE)) == (LEFT, RIGHT, REAR)


@pytest.mark.parametrize(
    ("word", "camera"),
    [
        ("cargo_facing", Camera("cargo_facing", "Cargo facing")),
        ("side_left_2", Camera("side_left_2", "Side left 2")),
        ("frnt", None),  # more likely a slip of the finger
        ("../x_y", None),
        ("", None),
    ],
)
def test_a_position_by_motives_own_name_can_be_asked_for(
    motive: MotiveAPI, word: str, camera: Camera | None
) -> None:
    assert motive.other_camera(word) == camera


def test_what_motive_does_not_have(motive: MotiveAPI, server: ScriptedServer) -> None:
    assert motive.uploaded(TRUCK, span(3), CAMERAS, HIGH) == []
    with pytest.raises(RequestRefused, match="of vehicles only"):
        motive.readings(TRAILER, span(3))
    assert motive.contact(TRAILER) is None
    assert motive.quota(IMAGE) is None
    assert server.asked == []


# --- planning -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "lengths"), [(1, [1]), (2, [2]), (3, [3]), (4, [3, 1]), (5, [3, 2]), (7, [3, 3, 1])]
)
def test_recalls_are_of_three_minutes_and_all_cameras(
    motive: MotiveAPI, minutes: int, lengths: list[int]
) -> None:
    plan = motive.plan(span(minutes), CAMERAS[:2], HIGH)
    assert [one.window.seconds / 60 for one in plan] == lengths
    assert [[media.camera for media in one.media] for one in plan] == [[ROAD, DRIVER]] * len(plan)
    ends = [START, *(one.window.end for one in plan)]
    assert [one.window.start for one in plan] == ends[:-1]
    assert ends[-1] == START + timedelta(minutes=minutes)
    assert motive.cost(plan) == Cost(f"{minutes} min", minutes)


@cache
def fewest(units: int) -> int:
    """The smallest number of time-lapses that add up, found by trying all; in 5 minutes."""
    if units == 0:
        return 0
    return 1 + min(fewest(units - length) for length in (1, 2, 3, 6, 9, 12) if length <= units)


@pytest.mark.parametrize("minutes", range(5, 605, 5))
def test_a_time_lapse_takes_as_few_requests_as_can_be(motive: MotiveAPI, minutes: int) -> None:
    plan = motive.plan(span(minutes), CAMERAS, TIMELAPSE)
    assert len(plan) == fewest(minutes // 5)
    assert {one.window.seconds / 60 for one in plan} <= {5, 10, 15, 30, 45, 60}
    ends = [START, *(one.window.end for one in plan)]
    assert [one.window.start for one in plan] == ends[:-1]
    assert ends[-1] == START + timedelta(minutes=minutes)
    assert {one.media_type for one in plan} == {TIMELAPSE}


@pytest.mark.parametrize(
    ("minutes", "media_type", "taken"),
    [(1, TIMELAPSE, 5), (7, TIMELAPSE, 10), (61, TIMELAPSE, 65), (0.5, HIGH, 1), (1.5, HIGH, 2)],
)
def test_another_length_gets_the_smallest_that_covers_it(
    motive: MotiveAPI, minutes: float, media_type: MediaType, taken: int
) -> None:
    """It begins earlier: what ends later may be in the future."""
    plan = motive.plan(span(minutes), CAMERAS, media_type)
    assert plan[-1].window.end == span(minutes).end
    assert plan[0].window.start == span(minutes).end - timedelta(minutes=taken)


def test_pictures_are_one_request_per_camera_taken_now(motive: MotiveAPI) -> None:
    plan = motive.plan(span(10), [ROAD, LEFT], IMAGE, every=60)
    assert [(one.window, one.media[0].camera) for one in plan] == [
        (Window(START, START), ROAD),
        (Window(START, START), LEFT),
    ]
    assert motive.cost(plan) == Cost("2 pictures", None)
    assert motive.cost(plan[:1]) == Cost("1 picture", None)


def test_a_time_lapse_is_advised_for_what_is_long(motive: MotiveAPI) -> None:
    assert motive.advice(span(10), CAMERAS, HIGH) == ""
    assert "4 requests, --media timelapse" in motive.advice(span(12), CAMERAS, HIGH)
    assert motive.advice(span(60), CAMERAS, TIMELAPSE) == ""


# --- vehicles -------------------------------------------------------------------------------------


def page(
    what: str, items: Sequence[object], total: int | None = None, wrapped: bool = True
) -> Answer:
    kind = what[:-1]
    shown = [{kind: item} if wrapped else item for item in items]
    paging: dict[str, int] = {
        "per_page": 100,
        "page_no": 1,
        **({} if total is None else {"total": total}),
    }
    return says(200, {what: shown, "pagination": paging})


@pytest.mark.parametrize("wrapped", [True, False])
def test_vehicles_come_from_all_pages(
    server: ScriptedServer, motive: MotiveAPI, wrapped: bool
) -> None:
    first = [{"id": 1, "number": "A", "vin": "V1", "license_plate_number": "P1"}, {"id": 9}]
    second = [{"id": "2", "number": "B  2 "}, {"id": 1, "number": "A"}]
    server.script = [
        page("vehicles", first, 4, wrapped),
        page("vehicles", second, 4, wrapped),
        page("vehicles", [{"id": 3, "number": 77, "vin": None}], 4, wrapped),
    ]
    assert motive.vehicles() == [
        Vehicle("1", "A", "V1", "P1"),
        Vehicle("2", "B  2 "),
        Vehicle("3", "77"),
    ]
    queries = [parse_qs(urlsplit(path).query) for _, path, _, _ in server.asked]
    assert queries == [{"per_page": ["100"], "page_no": [str(n)]} for n in (1, 2, 3)]
    assert urlsplit(server.asked[0][1]).path == "/v1/vehicles"


def test_assets_are_vehicles_of_another_kind(server: ScriptedServer, motive: MotiveAPI) -> None:
    server.script = [page("assets", [{"id": 55, "name": "TRAILER-7"}], 1)]
    assert motive.vehicles("asset") == [TRAILER]
    assert urlsplit(server.asked[0][1]).path == "/v1/assets"


@pytest.mark.parametrize(
    "last",
    [page("vehicles", [{"id": 1, "number": "A"}]), page("vehicles", []), says(200, {})],
)
def test_without_a_total_a_page_with_nothing_new_is_the_last(
    server: ScriptedServer, motive: MotiveAPI, last: Answer
) -> None:
    server.script = [page("vehicles", [{"id": 1, "number": "A"}]), last]
    assert [vehicle.id for vehicle in motive.vehicles()] == ["1"]
    assert len(server.asked) == 2


def test_a_name_cannot_control_the_terminal(server: ScriptedServer, motive: MotiveAPI) -> None:
    server.script = [page("vehicles", [{"id": 1, "number": "A\x1b[2J"}], 1)]
    assert motive.vehicles() == [Vehicle("1", "A")]


# --- against the simulator ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "style",
    [
        MotiveStyle(),
        MotiveStyle(
            wrapper="data.video_recall_request", id_as="number", create_status=200,
            cameras_as="object", url_key="download_urls", urls_as="object", url_awaited=False,
            expiry_key="", camera_status=False, pending="Processing", done="Succeeded",
            dashcam_type="ai dashcam", error_key="errors",
        ),
        MotiveStyle(
            wrapper="data", position_key="camera", url_key="signed_url", urls_as="list",
            camera_times=True, done="READY", mixed="Partially completed", error_key="",
            smart_dashcam=True, duplicates="reject", duplicate_code=422, quota_status=403,
        ),
    ],
)  # fmt: skip
def test_every_style_of_the_simulator_is_understood(style: MotiveStyle, time: FakeTime) -> None:
    scenario = Scenario(delay=0, motive=style, cameras=cameras(width=160, height=120, fps=1))
    with start(scenario) as sim:
        # Calls are paced by a clock of our own; the pauses between polls have to be real.
        motive = MotiveAPI(sim.token, sim.motive_url, wait=time.wait, clock=time.clock)
        truck = motive.vehicles()[0]
        (wanted,) = motive.plan(span(1), [ROAD, DRIVER, RIGHT], HIGH)
        (still,) = motive.plan(span(0), [DRIVER], IMAGE)
        for one in (wanted, still):
            one.id = motive.request(truck, one).retrieval_id
        reported = settled(motive, truck, wanted)
        assert states(reported) == {ROAD: AVAILABLE, DRIVER: AVAILABLE, RIGHT: INVALID}
        assert all(str(media.url).startswith(sim.media_url) for media in reported[:2])
        assert [media.start for media in reported[:2]] == [
            START if style.camera_times else None
        ] * 2
        assert states(settled(motive, truck, still)) == {DRIVER: AVAILABLE}
        assert (motive.quota(HIGH) is None) == (style.quota_status != 200)
        assert motive.recorded(truck, span(1)) == [span(1)]
        if style.smart_dashcam:
            with pytest.raises(WindowTooLong):
                motive.request(truck, recall())
            with pytest.raises(RequestRefused, match="cannot record time-lapse"):
                motive.request(truck, recall(minutes=5, media_type=TIMELAPSE))
        if style.duplicates == "reject":
            with pytest.raises(AlreadyRequested):
                motive.request(truck, wanted)


def settled(motive: MotiveAPI, vehicle: Vehicle, retrieval: Retrieval) -> list[Media]:
    give_up = monotonic() + 60
    while True:
        reported = motive.check(vehicle, retrieval)
        if PENDING not in states(reported).values():
            return reported
        assert monotonic() < give_up, reported
        sleep(0.05)
