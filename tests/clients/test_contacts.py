"""When vehicles were online, as the clients ask for it: from a scripted server."""

from __future__ import annotations

from support.motive import TRUCK as MOTIVE_TRUCK
from support.samsara import TRUCK, page
from support.scripted import FakeTime, ScriptedServer, hangs_up, says

from MotiveAPI import MotiveAPI
from SamsaraAPI import SamsaraAPI

GATEWAYS, CONNECTIONS = "/gateways", "/v1/camera_connections"
LAST = "2025-04-16T10:00:00Z"


def gateway(vehicle: str) -> dict[str, object]:
    status = {"healthStatus": "Unplugged", "lastConnected": LAST}
    return {"serial": "G", "model": "VG34", "asset": {"id": vehicle}, "connectionStatus": status}


def test_samsaras_gateways_are_read_to_their_end_once(
    samsara: SamsaraAPI, server: ScriptedServer, time: FakeTime
) -> None:
    server.paths[GATEWAYS] = [page(gateway("1"), cursor="c"), page(gateway(TRUCK.id)), says(500)]
    contact = samsara.contact(TRUCK)
    assert contact is not None and contact.state == "Unplugged"
    assert set(samsara.contacts()) == {"1", TRUCK.id}
    assert [query.get("after") for query in server.queries(GATEWAYS)] == [None, ["c"]]
    time.now += 3600
    assert samsara.contact(TRUCK) == contact, "trouble takes nothing away"
    assert len(server.asked) == 3, "and it is not asked for again at once"


def test_motives_connections_are_asked_for_by_vehicle(
    motive: MotiveAPI, server: ScriptedServer
) -> None:
    event = {"type": "disconnected", "start_time": LAST, "vehicle_id": 4321, "cam_type": "dc53"}
    paging = {"per_page": 1, "page_no": 1, "total": 2}
    other = {**event, "vehicle_id": 7}
    server.paths[CONNECTIONS] = [
        says(200, {"camera_connections": [{"camera_connection": one}], "pagination": paging})
        for one in (other, event)
    ]
    contact = motive.contact(MOTIVE_TRUCK)
    assert contact is not None
    assert (contact.online, contact.state, contact.camera) == (False, "disconnected", "dc53 (road)")
    first, second = server.queries(CONNECTIONS)
    assert first["vehicle_ids[]"] == ["4321"]
    assert (first["page_no"], second["page_no"]) == (["1"], ["2"])


def test_without_the_permission_nothing_is_said(
    samsara: SamsaraAPI, motive: MotiveAPI, server: ScriptedServer, time: FakeTime
) -> None:
    server.paths[GATEWAYS] = server.paths[CONNECTIONS] = [says(403, {"message": "no"})]
    for _ in range(3):
        assert samsara.contact(TRUCK) is None
        assert motive.contact(MOTIVE_TRUCK) is None
        time.now += 3600
    assert len(server.asked) == 2


def test_a_provider_that_is_down_stops_nothing(
    samsara: SamsaraAPI, server: ScriptedServer, time: FakeTime
) -> None:
    server.script = [hangs_up]
    assert samsara.contact(TRUCK) is None
    assert dict(samsara.contacts()) == {}
    assert len(server.asked) == 1
    assert time.now < 1, "it is not waited for"
