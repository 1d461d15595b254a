"""`--vehicles`: what stands in its table and its JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from support.terminals import piped, shown

from footage.cloud.provider import ListedVehicle, Provider
from footage.cloud.provider_entry import ProviderEntry
from footage.errors import AuthenticationError, ExitStatus
from footage.model import UTC, Contact, Vehicle
from footage.system.threads import StopEvent
from footage.ui.json_summary import JsonSummary
from footage.ui.options import Options
from footage.ui.session import Session
from footage.ui.vehicle_list import list_vehicles

NOW = datetime.now(UTC)
GONE = Contact(NOW - timedelta(hours=3), NOW, state="Unplugged", camera="dc54")
TRUCK = Vehicle("42", "Truck 42", "1FUJ", "8XYZ042")
EVIL = Vehicle("43", "=cmd|' /C calc'!A1\x1b[2J[red]\u202e\nTruck", plate="[bold]x")


class Fleet:
    """A provider that lists vehicles, and refuses to list assets."""

    def __init__(self, *listed: ListedVehicle, contacts: Mapping[str, Contact]) -> None:
        self._listed = listed
        self._contacts = contacts

    def fleet(self, kind: str) -> list[ListedVehicle]:
        if kind == "asset":
            raise AuthenticationError("not for this key", status=403)
        return list(self._listed)

    def contacts(self) -> Mapping[str, Contact]:
        return self._contacts


ENTRY = ProviderEntry("motive", "Motive", lambda: None, (), (), assets=True)


def ran(*listed: ListedVehicle, wanted: bool = False) -> tuple[str, dict[str, Any]]:
    """What is on the screen, and what --json prints."""
    terminal, results = piped(), JsonSummary(wanted)
    session = Session(Options(timezone="America/Chicago"), terminal, StopEvent(), results=results)
    provider = cast(Provider, Fleet(*listed, contacts={"42": GONE}))
    assert list_vehicles(session, ENTRY, provider) is ExitStatus.COMPLETE
    out = io.StringIO()
    results.write(out, ExitStatus.COMPLETE)
    return shown(terminal), json.loads(out.getvalue() or "{}")


def test_a_line_for_each_vehicle_with_what_is_told() -> None:
    text, _ = ran(ListedVehicle(TRUCK), ListedVehicle(Vehicle("7", "Van"), ()))
    first, second, last = text.splitlines()
    assert first.split("    ")[:5] == ["42", "Truck 42", "1FUJ", "8XYZ042", "dc54"]
    assert "(3 h ago), Unplugged" in first
    assert second.split("    ") == ["7", "Van", "", "", "no dash cam listed", ""]
    assert last == "2 vehicles of Motive"


def test_names_are_data() -> None:
    text, _ = ran(ListedVehicle(EVIL))
    assert "=cmd|' /C calc'!A1[red] Truck" in text and "[bold]x" in text
    assert not {"\x1b", "\u202e"} & set(text)
    assert len(text.splitlines()) == 2


def test_a_key_that_sees_nothing_is_told_so() -> None:
    text, _ = ran()
    assert "sees no vehicles of Motive" in text


@pytest.mark.parametrize("cameras", [None, ("dash cam X",), ()])
def test_the_vehicles_as_json(cameras: tuple[str, ...] | None) -> None:
    text, summary = ran(ListedVehicle(TRUCK, cameras), ListedVehicle(EVIL), wanted=True)
    assert text == ""
    second, first = sorted(summary["vehicles"], key=lambda one: str(one["id"]), reverse=True)
    assert first == {
        "id": "42",
        "name": "Truck 42",
        "vin": "1FUJ",
        "plate": "8XYZ042",
        "kind": "vehicle",
        "provider": "Motive",
        "cameras": ["dc54"] if cameras is None else list(cameras),
        "last_online": {
            "at": (NOW - timedelta(hours=3)).isoformat().replace("+00:00", "Z"),
            "online_since": False,
            "state": "Unplugged",
            "asked_at": NOW.isoformat().replace("+00:00", "Z"),
        },
    }
    assert (second["cameras"], second["last_online"]) == (None, None)
    assert second["name"] == EVIL.name
