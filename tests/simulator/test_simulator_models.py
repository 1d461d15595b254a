"""Every answer of the simulated Samsara fits the models of the official client package.

The package's models take fields that they do not know, and any text in place of an enumerated word,
so both are looked for here by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin

import pytest
import requests
from pydantic import BaseModel
from samsara.types.gateways_get_gateways_response_body import (
    GatewaysGetGatewaysResponseBody as GatewaysAnswer,
)
from samsara.types.location_and_speed_get_location_and_speed_response_body import (
    LocationAndSpeedGetLocationAndSpeedResponseBody as StreamAnswer,
)
from samsara.types.media_retrieval_get_media_retrieval_response_body import (
    MediaRetrievalGetMediaRetrievalResponseBody as PollAnswer,
)
from samsara.types.media_retrieval_list_uploaded_media_response_body import (
    MediaRetrievalListUploadedMediaResponseBody as ListAnswer,
)
from samsara.types.media_retrieval_post_media_retrieval_method_not_allowed_error_response_body import (  # noqa: E501
    MediaRetrievalPostMediaRetrievalMethodNotAllowedErrorResponseBody as ErrorAnswer,
)
from samsara.types.media_retrieval_post_media_retrieval_response_body import (
    MediaRetrievalPostMediaRetrievalResponseBody as PostAnswer,
)
from samsara.types.safety_events_list_response import SafetyEventsListResponse as LegacyEvents
from samsara.types.safety_events_v_2_get_safety_events_v_2_response_body import (
    SafetyEventsV2GetSafetyEventsV2ResponseBody as EventsById,
)
from samsara.types.safety_events_v_2_get_safety_events_v_2_stream_response_body import (
    SafetyEventsV2GetSafetyEventsV2StreamResponseBody as EventsAnswer,
)
from samsara.types.vehicle_response import VehicleResponse
from samsara.types.vehicle_stats_list_response import VehicleStatsListResponse
from samsara.types.vehicles_list_vehicles_response_body import (
    VehiclesListVehiclesResponseBody as VehiclesAnswer,
)
from support.bare_client import (
    DRIVER,
    LONG,
    RETRIEVALS,
    ROAD,
    START,
    TRUCK,
    RunSamsara,
    SamsaraClient,
    text,
    until,
)

from simulator import Event, EventStyle, OnCall, Truck, Uploaded
from simulator.events import KINDS

AUX = "analog1"
MIRROR = Truck(
    "281474976719001",
    "Truck 9",
    (ROAD, DRIVER, AUX),
    "1VIN",
    roles={AUX: "leftMirrorMount"},
)
DAY = {"startTime": text(START), "endTime": until(24 * 3600)}
WINDOW = {"startTime": text(START), "endTime": until(90)}
EVENTS = "/safety-events/stream"
HISTORY, STREAM = "/fleet/vehicles/stats/history", "/assets/location-and-speed/stream"


def fits(answer: requests.Response, model: type[BaseModel], status: int = 200) -> dict[str, Any]:
    """The answer, which has this status and is exactly what the model describes."""
    assert answer.status_code == status, answer.text
    # Strictly ("1" is no number), but for the vehicles' times, which are texts in any JSON.
    parsed = model.model_validate_json(answer.text, strict=model is not VehiclesAnswer)
    assert list(misfits(parsed)) == []
    return dict(answer.json())


def misfits(value: object, where: str = "") -> Iterator[str]:
    """Unknown fields, and words that are not among the enumerated ones, anywhere in a model."""
    if isinstance(value, BaseModel):
        yield from (f"{where}.{name} is unknown" for name in value.model_extra or ())
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            words = enumerated(field.annotation)
            if words and inner is not None and inner not in words:
                yield f"{where}.{name} is {inner!r}"
            yield from misfits(inner, f"{where}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from misfits(one, f"{where}[]")


def enumerated(annotation: object) -> tuple[object, ...]:
    """The words of a `Literal`, however deep in optional values and unions."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(word for inner in get_args(annotation) for word in enumerated(inner))


def test_vehicles_fit_the_official_models(run: RunSamsara) -> None:
    client = run(page_size=2, empty_pages=(1,))
    after = dict[str, str]()
    for _ in range(3):
        page = fits(client.get("/fleet/vehicles", **after), VehiclesAnswer)
        after = {"after": page["pagination"]["endCursor"]}
    fits(client.get(f"/fleet/vehicles/{TRUCK.id}"), VehicleResponse)


def test_retrievals_and_their_list_fit_the_official_models(run: RunSamsara) -> None:
    extra = Uploaded(DRIVER, START, 10), Uploaded(ROAD, START, media_type="image")
    client = run(vehicles=[MIRROR], uploaded=extra, delay=LONG, page_size=2, empty_list_pages=(1,))
    # The reference's own example of a request names one input twice.
    request = client.post(vehicleId=MIRROR.id, inputs=[ROAD, ROAD, AUX, DRIVER])
    retrieval = fits(request, PostAnswer)["data"]["retrievalId"]
    media = fits(client.get(RETRIEVALS, retrievalId=retrieval), PollAnswer)["data"]["media"]
    assert [item["status"] for item in media] == ["pending"] * 3
    client.sim.finish_uploads()
    client.all_settled(retrieval)
    media = fits(client.get(RETRIEVALS, retrievalId=retrieval), PollAnswer)["data"]["media"]
    assert [item["input"] for item in media] == [ROAD, AUX, DRIVER]
    query = {"vehicleIds": MIRROR.id, **DAY}
    page = fits(client.get("/cameras/media", **query), ListAnswer)
    count = len(page["data"]["media"])
    while page["pagination"]["hasNextPage"]:
        after = page["pagination"]["endCursor"]
        page = fits(client.get("/cameras/media", **query, after=after), ListAnswer)
        count += len(page["data"]["media"])
    assert count == 5


def test_tracks_fit_the_official_models(run: RunSamsara) -> None:
    client = run()
    history = {"types": "gps", "vehicleIds": TRUCK.id, **WINDOW}
    fits(client.get(HISTORY, **history), VehicleStatsListResponse)
    fine = {"includeSpeed": "true", "includeHighFrequencyLocations": "true"}
    items = fits(client.get(STREAM, ids=TRUCK.id, **WINDOW, **fine), StreamAnswer)["data"]
    locations = [item["location"] for item in items]
    assert all(type(location["headingDegrees"]) is int for location in locations)
    assert 0 < sum("accuracyMeters" in location for location in locations) < len(locations)


def test_gateways_fit_the_official_models(run: RunSamsara) -> None:
    page = fits(run(offline={TRUCK.id: 60.0}).get("/gateways"), GatewaysAnswer)
    assert {one.get("asset", {}).get("id", "") for one in page["data"]} >= {TRUCK.id, ""}


def test_safety_events_fit_the_official_models(run: RunSamsara) -> None:
    clip = Uploaded(ROAD, START - timedelta(seconds=100), 10)
    labels = dict.fromkeys(label for label, _ in KINDS)
    events = [
        Event(n, TRUCK.id, START - timedelta(seconds=100 * n), label, driver="A. Muster" * (n % 2))
        for n, label in enumerate(labels, 1)
    ]
    client = run(events=events, uploaded=[clip], event_style=EventStyle(page_size=3))
    query = {"startTime": text(START - timedelta(hours=1)), "endTime": text(START)}
    full = {"includeAsset": "true", "includeDriver": "true", "queryByTimeField": "createdAtTime"}
    for each in ({}, full):
        fits(client.get(EVENTS, **query, **each), EventsAnswer)
    by_id = client.get("/safety-events", safetyEventIds=events[0].samsara_id)
    (one,) = fits(by_id, EventsById)["data"]
    assert [media["input"] for media in one["media"]] == [ROAD]
    fits(client.get("/fleet/safety-events", **query), LegacyEvents)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        (f"{RETRIEVALS}?retrievalId=unknown", 404),
        (RETRIEVALS, 400),
        ("/cameras/media", 400),
        ("/fleet/vehicles?limit=513", 400),
        (HISTORY, 400),
        (f"{STREAM}?startTime=now", 400),
        (EVENTS, 400),
        ("/safety-events", 400),
        ("/fleet/safety-events?startTime=2025-03-01T00:00:00Z", 400),
    ],
)
def test_errors_fit_the_official_model(run: RunSamsara, path: str, status: int) -> None:
    fits(run().get(path), ErrorAnswer, status)


@pytest.mark.parametrize(
    ("status", "options"),
    [
        (401, {"token": "another"}),
        (403, {"forbidden": True}),
        (429, {"bad": "throttle"}),
        (500, {"bad": "error"}),
    ],
)
def test_errors_of_any_call_fit_the_official_model(
    run: RunSamsara, status: int, options: dict[str, Any]
) -> None:
    kind = options.pop("bad", "")
    client = run(*([OnCall(kind, value=str(status))] if kind else []), **options)
    if status == 401:
        client.headers = {"Authorization": "Bearer wrong"}
    answer = client.get("/fleet/vehicles")
    fits(answer, ErrorAnswer, status)
    assert kind != "throttle" or answer.headers["Retry-After"]


def test_a_method_that_is_not_there_has_its_own_text(run: RunSamsara) -> None:
    client: SamsaraClient = run()
    answer = requests.delete(client.origin + RETRIEVALS, headers=client.headers, timeout=9)
    body = fits(answer, ErrorAnswer, 405)
    assert body["message"] == f"DELETE not allowed on {RETRIEVALS}."


def test_the_check_finds_what_does_not_fit() -> None:
    """The package itself takes all of this."""
    location: dict[str, Any] = {"latitude": 1.0, "longitude": 2.0, "headingDegrees": 3, "speed": 1}
    asset = {"id": "1"}
    item = {"asset": asset, "happenedAtTime": text(START), "location": location}
    body = {"data": [item], "pagination": {"hasNextPage": False}}
    parsed = StreamAnswer.model_validate(body)
    assert list(misfits(parsed)) == [".data[].location.speed is unknown"]
