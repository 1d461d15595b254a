"""When vehicles were online: how often it is asked, and what is read of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from footage.cloud.contacts import ASK_AGAIN_AFTER, MOST_ASKED, Contacts
from footage.cloud.motive_contacts import read_contacts
from footage.cloud.samsara_contacts import read_gateways
from footage.errors import AuthenticationError, Interrupted, RequestRefused, TransientError
from footage.model import UTC, Contact

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
SEEN = Contact(NOW, NOW)


class Source:
    """Answers what it is given, and keeps for which vehicles it was asked."""

    def __init__(self, *answers: Mapping[str, Contact] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.now = 0.0

    def fetch(self, vehicle_id: str) -> Mapping[str, Contact]:
        self.asked.append(vehicle_id)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def contacts(self, *, one_by_one: bool) -> Contacts:
        return Contacts("Samsara", self.fetch, one_by_one=one_by_one, clock=lambda: self.now)


def test_many_vehicles_are_asked_for_once_in_a_while() -> None:
    source = Source({"1": SEEN, "2": SEEN}, {"1": SEEN})
    contacts = source.contacts(one_by_one=False)
    assert [contacts.of(one) for one in ("1", "2", "3", "1")] == [SEEN, SEEN, None, SEEN]
    assert dict(contacts.all()) == {"1": SEEN, "2": SEEN}
    assert source.asked == [""]
    source.now = ASK_AGAIN_AFTER
    assert contacts.of("2") is None
    assert source.asked == ["", ""]


def test_each_vehicle_is_asked_for_by_itself_where_that_can_be() -> None:
    source = Source({"1": SEEN}, {})
    contacts = source.contacts(one_by_one=True)
    assert [contacts.of(one) for one in ("1", "2", "1", "2")] == [SEEN, None, SEEN, None]
    assert source.asked == ["1", "2"]


def test_many_jobs_do_not_make_many_calls() -> None:
    source = Source(*({str(number): SEEN} for number in range(99)))
    contacts = source.contacts(one_by_one=True)
    told = [contacts.of(str(number)) for number in range(200)]
    assert told.count(SEEN) == len(source.asked) == MOST_ASKED
    source.now = ASK_AGAIN_AFTER
    contacts.of("199")
    assert source.asked[-1] == "199"


@pytest.mark.parametrize(
    "refusal", [RequestRefused("no", status=404), AuthenticationError("no", status=403)]
)
def test_a_refusal_is_taken_for_good(refusal: Exception) -> None:
    source = Source(refusal)
    contacts = source.contacts(one_by_one=True)
    assert contacts.of("1") is None
    source.now = 10 * ASK_AGAIN_AFTER
    assert contacts.of("2") is None
    assert source.asked == ["1"]


def test_trouble_is_no_error_and_passes() -> None:
    source = Source({"1": SEEN}, TransientError("down"), {})
    contacts = source.contacts(one_by_one=False)
    contacts.of("1")
    source.now = ASK_AGAIN_AFTER
    assert contacts.of("1") == SEEN, "what was told last"
    assert len(source.asked) == 2
    source.now += ASK_AGAIN_AFTER
    assert contacts.of("1") is None


def test_only_the_person_ends_it() -> None:
    with pytest.raises(Interrupted):
        Source(Interrupted()).contacts(one_by_one=False).all()


# --- what is read -------------------------------------------------------------------------------


def gateway(vehicle: object = "7", last: object = "2026-11-26T09:00:00Z") -> dict[str, Any]:
    status = {"healthStatus": "Vehicle Off\x1b[2J", "lastConnected": last}
    return {"serial": "G", "model": "VG34", "asset": {"id": vehicle}, "connectionStatus": status}


def test_the_latest_gateway_of_a_vehicle_counts() -> None:
    items = [
        gateway(last="2026-11-20T09:00:00.5-04:00"),
        gateway(),
        gateway(last="2026-11-01T09:00"),
    ]
    (contact,) = read_gateways(items, NOW).values()
    assert contact == Contact(NOW - timedelta(hours=3), NOW, state="Vehicle Off")


def test_a_gateway_that_tells_nothing_is_left_out() -> None:
    odd = [7, None, {}, gateway(""), gateway(None), gateway(last=None), gateway(last="soon")]
    assert read_gateways([*odd, {"asset": {"id": "1"}}], NOW) == {}
    (ahead,) = read_gateways([gateway(last="2027-01-01T00:00:00Z")], NOW).values()
    assert ahead.at == NOW, "a clock that is ahead"


def event(kind: str, hours_ago: float, **more: Any) -> dict[str, Any]:
    start = (NOW - timedelta(hours=hours_ago)).isoformat().replace("+00:00", "Z")
    return {"type": kind, "start_time": start, "vehicle": {"id": 7}, "cam_type": "DC54", **more}


@pytest.mark.parametrize(
    ("events", "hours_ago", "online"),
    [
        ([event("camera_disconnected", 3), event("camera_connected", 9)], 3, False),
        ([event("Disconnected", 9), event("connected", 3)], 3, True),
        ([event("offline", 9, duration=3600)], 8, True),
        ([event("offline", 9, end_time="2026-11-26T10:00:00Z")], 2, True),
        ([event("online", 9, duration=7200)], 7, False),
        ([event("connected", 9, duration=-5), event("reboot", 1)], 9, True),
        ([event("connected", 9, vehicle=None, vehicle_id=7)], 9, True),
        ([event("connected", 1, start_time=None, occurred_at="2026-11-26 09:00:00 UTC")], 3, True),
        ([event("disconnected", 9, duration=99e9)], 9, False),
    ],
)
def test_the_last_change_between_off_and_on_counts(
    events: list[dict[str, Any]], hours_ago: float, online: bool
) -> None:
    contact = read_contacts(events, NOW)["7"]
    assert (contact.at, contact.online) == (NOW - timedelta(hours=hours_ago), online)
    assert contact.camera == "DC54 (road, driver)"


@pytest.mark.parametrize(
    "odd",
    [
        event("reboot", 1),
        event("connected", 1, start_time="soon"),
        event("connected", 1, vehicle={}),
        event("connected", -5),
        {},
    ],
)
def test_an_event_that_is_not_understood_tells_nothing(odd: dict[str, Any]) -> None:
    assert read_contacts([odd], NOW) == {}
