"""The Motive client's rate limits, quota and timelines."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from support.motive import (
    CREATED,
    HIGH,
    QUOTA,
    RECALLS,
    START,
    TIMELAPSE,
    TRAILER,
    TRUCK,
    bodies,
    picture,
    recall,
    span,
)
from support.scripted import Answer, FakeTime, ScriptedServer, hangs_up, says

from footage.cloud.json_fields import utc_text
from footage.errors import AuthenticationError, QuotaExhausted
from footage.model import Quota, Vehicle, Window
from MotiveAPI import MotiveAPI


def quota_answer(used: int = 12, left: int = 88, total: int = 100, **more: object) -> Answer:
    figures = {"used_minutes": used, "remaining_minutes": left, "total_minutes": total}
    other = {"used_minutes": 0, "remaining_minutes": 60, "total_minutes": 60}
    return says(200, {"quota_info": {"regular": figures, "timelapse": other}, **more})


def test_a_429_with_too_few_minutes_left_is_the_quota(
    server: ScriptedServer, motive: MotiveAPI, time: FakeTime
) -> None:
    server.paths = {
        RECALLS: [says(429, {"error": "TooManyRequests"})],
        QUOTA: [quota_answer(98, 2)],
    }
    with pytest.raises(QuotaExhausted):
        motive.request(TRUCK, recall(minutes=3))
    assert [path for _, path, _, _ in server.asked] == [RECALLS, QUOTA]
    assert time.now < 1


@pytest.mark.parametrize(
    "quota", [quota_answer(97, 3), says(500, {}), says(403, {}), says(429, {}), hangs_up]
)
def test_any_other_429_is_a_pause_and_the_quota_is_read_once(
    server: ScriptedServer, motive: MotiveAPI, time: FakeTime, quota: Answer
) -> None:
    busy = says(429, {}, {"Retry-After": "30"})
    server.paths = {RECALLS: [busy, busy, CREATED], QUOTA: [quota]}
    assert motive.request(TRUCK, recall(minutes=3)).retrieval_id == "98765"
    assert [path for _, path, _, _ in server.asked] == [RECALLS, QUOTA, RECALLS, RECALLS]
    assert 60 <= time.now < 65


def test_without_retry_after_the_pauses_grow(
    server: ScriptedServer, motive: MotiveAPI, time: FakeTime
) -> None:
    server.paths = {RECALLS: [says(429, {})] * 4 + [CREATED], QUOTA: [says(404, {})]}
    motive.request(TRUCK, recall())
    assert 1 + 2 + 4 + 8 <= time.now < 25


def test_a_429_to_a_picture_does_not_ask_for_the_quota_of_video(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(429, {}, {"Retry-After": "1"}), says(201, {"request_id": 7})]
    motive.request(TRUCK, picture())
    assert [method for method, _, _, _ in server.asked] == ["POST", "POST"]


def test_a_429_with_minutes_left_is_not_the_end_of_the_month(
    server: ScriptedServer, motive: MotiveAPI, time: FakeTime
) -> None:
    """Not by its words, nor by how long or how often it says no."""
    refusal = {"error_message": "Request quota exceeded."}
    server.script = [
        says(429, refusal, {"Retry-After": "3600"}), quota_answer(), says(429, refusal), CREATED,
    ]  # fmt: skip
    motive.request(TRUCK, recall())
    assert 3600 < time.now < 3700
    assert len(bodies(server)) == 3


def test_the_minutes_left_count_more_than_the_other_figures(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    figures = {"used_minutes": 90, "remaining_minutes": 0, "total_minutes": 100}
    server.script = [says(429, {}), says(200, {"quota_info": {"regular": figures}})]
    with pytest.raises(QuotaExhausted):
        motive.request(TRUCK, recall())
    assert len(bodies(server)) == 1


def test_requests_are_two_seconds_apart_polls_half_a_second(
    server: ScriptedServer, motive: MotiveAPI, time: FakeTime
) -> None:
    server.script = [CREATED]
    for _ in range(4):
        motive.request(TRUCK, recall())
    assert 6 < time.now < 6.5
    began = time.now
    for _ in range(5):
        motive.check(TRUCK, recall())
    assert 2 < time.now - began < 2.5


def test_the_quota_in_words_and_figures(
    server: ScriptedServer, motive: MotiveAPI, caplog: pytest.LogCaptureFixture
) -> None:
    server.script = [quota_answer(rate_limit={"limit": 60, "per": "minute"}, note="Hi")]
    assert motive.quota(HIGH) == Quota(
        "12 of 100 minutes of recalls used this month, 88 left", 12, 100, 88, quoted=False
    )
    with caplog.at_level(logging.INFO, "footage"):
        quota = motive.quota(TIMELAPSE)
    assert quota is not None
    assert "rate_limit: limit 60, per minute; note: Hi" in caplog.text  # for those who read it
    assert quota.text.startswith("0 of 60 minutes of time-lapse recalls used this month, 60 left")
    assert quota.left == 60


@pytest.mark.parametrize(
    "body",
    [
        {"regular": {"used_minutes": 12, "total_minutes": 100}},
        {"data": {"quota_info": {"regular": {"used_minutes": 12, "total_minutes": 100}}}},
        {"quota_info": {"regular": {"remaining_minutes": 88, "total_minutes": 100}}},
        {"quota_info": {"regular": {"remaining_minutes": 88, "used_minutes": 12}}},
    ],
)
def test_the_quota_from_two_figures_wherever_they_are(
    server: ScriptedServer, motive: MotiveAPI, body: object
) -> None:
    server.script = [says(200, body)]
    assert motive.quota(HIGH) == Quota(
        "12 of 100 minutes of recalls used this month, 88 left", 12, 100, 88, quoted=False
    )


def test_the_quota_from_what_is_left_alone(server: ScriptedServer, motive: MotiveAPI) -> None:
    server.script = [says(200, {"quota_info": {"regular": {"remaining_minutes": 88}}})]
    quota = motive.quota(HIGH)
    assert quota is not None
    assert (quota.text, quota.left) == ("88 minutes of recalls left this month", 88)


def test_a_quota_without_figures_still_passes_on_the_rest(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [
        says(200, {"rate_limit": 60, "quota_info": {"regular": {"used_minutes": "x"}}})
    ]
    assert motive.quota(HIGH) == Quota("rate_limit: 60", quoted=False)


@pytest.mark.parametrize(
    "answer",
    [says(403, {}), says(404, {}), says(429, {}), says(500, {}), says(200, b"x"), says(200, {}),
     hangs_up],
)  # fmt: skip
def test_a_quota_that_cannot_be_read_stops_nothing(
    server: ScriptedServer, motive: MotiveAPI, time: FakeTime, answer: Answer
) -> None:
    server.script = [answer]
    assert motive.quota(HIGH) is None
    assert len(server.asked) == 1
    assert time.now < 1


def test_a_key_that_is_not_known_fails_at_the_quota_too(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [says(401, {"error_message": "invalid API key"})]
    with pytest.raises(AuthenticationError):
        motive.quota(HIGH)


# --- timelines ------------------------------------------------------------------------------------


def timeline(*minutes: tuple[float, float], **more: object) -> Answer:
    return says(
        200,
        {
            "available_timelines": [
                {"start_time": utc_text(START + timedelta(minutes=begin)),
                 "end_time": utc_text(START + timedelta(minutes=end))}
                for begin, end in minutes
            ],
            **more,
        },
    )  # fmt: skip


def windows(*minutes: tuple[float, float]) -> list[Window]:
    return [
        Window(START + timedelta(minutes=begin), START + timedelta(minutes=end))
        for begin, end in minutes
    ]


@pytest.mark.parametrize(
    ("vehicle", "path", "query"),
    [
        (TRUCK, f"{RECALLS}/vehicles/available_timelines", {"vehicle_number": ["TRUCK-101"]}),
        (TRAILER, f"{RECALLS}/assets/available_timelines", {"asset_name": ["TRAILER-7"]}),
    ],
)
def test_the_timelines_of_vehicles_and_assets(
    server: ScriptedServer,
    motive: MotiveAPI,
    vehicle: Vehicle,
    path: str,
    query: dict[str, list[str]],
) -> None:
    server.script = [timeline((8, 20), (-60, 2), (2, 4), (30, 40))]
    assert motive.recorded(vehicle, span(10)) == windows((0, 4), (8, 10))
    asked = urlsplit(server.asked[0][1])
    assert (asked.path, parse_qs(asked.query)) == (path, query)


def test_no_footage_at_all_is_not_the_same_as_unknown(
    server: ScriptedServer, motive: MotiveAPI
) -> None:
    server.script = [timeline()]
    assert motive.recorded(TRUCK, span(10)) == []


@pytest.mark.parametrize(
    "answer",
    [
        says(401, {}), says(403, {}), says(404, {}), says(422, {}), says(429, {}), says(500, {}),
        hangs_up, says(200, {}), says(200, {"available_timelines": None}),
        says(200, {"available_timelines": [{"start_time": "soon", "end_time": None}]}),
        timeline((0, 4), vehicle={"id": 1, "number": "TRUCK-102"}),
    ],
)  # fmt: skip
def test_timelines_that_cannot_be_read_are_unknown(
    server: ScriptedServer,
    motive: MotiveAPI,
    time: FakeTime,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
) -> None:
    server.script = [answer]
    with caplog.at_level(logging.WARNING, "footage"):
        assert motive.recorded(TRUCK, span(10)) is None
    assert "timelines are not available" in caplog.text
    assert len(server.asked) == 1
    assert time.now < 1
