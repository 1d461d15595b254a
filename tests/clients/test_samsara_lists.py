"""A list that changes while its pages are read is begun anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.samsara import ROAD, TRUCK, item, media_page, page, span
from support.scripted import ScriptedServer, says

from footage.cloud.samsara_lists import read_items
from footage.errors import RequestRefused
from footage.model import MediaType
from SamsaraAPI import SamsaraAPI

CHANGED = says(400, {"message": "Parameters differ from previous paginated request."})
TRUCKS = [{"id": "1", "name": "One"}, {"id": "2", "name": "Two"}]


def test_the_vehicles_are_listed_anew(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    first, last = page(TRUCKS[0], cursor="c"), page(TRUCKS[1])
    server.script = [first, CHANGED, first, CHANGED, first, last]
    assert [vehicle.name for vehicle in samsara.vehicles()] == ["One", "Two"]
    cursors = [query.get("after") for query in server.queries("/fleet/vehicles")]
    assert cursors == [None, ["c"]] * 3


def test_the_uploaded_media_are_listed_anew(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    server.script = [media_page(item(0, 60), cursor="c"), CHANGED, media_page(item(60, 120))]
    (media,) = samsara.uploaded(TRUCK, span(0, 120), [ROAD], MediaType.HIGH)
    assert media.end == span(0, 120).end


def test_the_readings_are_listed_anew(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    gps = {"time": "2025-04-16T13:30:10Z", "latitude": 1.0, "longitude": 2.0}
    whole = page({"id": TRUCK.id, "gps": [gps]})
    server.paths = {
        "/fleet/vehicles/stats/history": [page(cursor="c"), CHANGED, whole],
        "/assets/location-and-speed/stream": [page(cursor="c"), CHANGED, page()],
    }
    assert len(samsara.readings(TRUCK, span(0, 60))) == 1


@pytest.mark.parametrize("pages", [[CHANGED], [page(cursor="c"), CHANGED] * 3])
def test_a_list_that_is_refused_all_the_same_is_an_error(
    server: ScriptedServer, samsara: SamsaraAPI, pages: list[object]
) -> None:
    server.script = list(pages)  # type: ignore[arg-type]
    with pytest.raises(RequestRefused, match="Parameters differ"):
        samsara.vehicles()
    assert len(server.asked) == len(pages)


def test_items_are_read_while_the_pages_come(server: ScriptedServer, samsara: SamsaraAPI) -> None:
    # The JSON of a day of readings takes 150 MB where all of it is there at once.
    server.script = [page(TRUCKS[0], cursor="c"), page(TRUCKS[1])]
    asked: list[int] = []

    def read(items: Iterator[object]) -> list[object]:
        made = []
        for one in items:
            asked.append(len(server.asked))
            made.append(one)
        return made

    client, limiter = samsara._client, samsara._vehicles_limiter
    assert read_items(client, "/fleet/vehicles", limiter, {}, read) == TRUCKS
    assert asked == [1, 2]
