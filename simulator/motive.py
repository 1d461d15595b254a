"""The Motive API: recalls, quota, timelines, images, the fleet.

It keeps the rules of Motive's reference pages; what they leave open, `MotiveStyle` chooses.
Sources: reference pages create-a-video-recall-request,
fetch-details-of-a-specific-video-recall, fetch-the-video-recall-quota-of-your-company,
fetch-the-available-timelines-for-a-vehicle (and -an-asset), begin-image-capture,
fetch-the-captured-image, list-all-the-company-vehicles, lookup-a-vehicle-by-its-number,
list-all-the-company-assets and authentication.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from flask import Response, jsonify, request

from simulator import contacts
from simulator.api import Api, ApiError, Backend, Route, stamp
from simulator.calls import Call
from simulator.cloud import RefusedError, Retrieval
from simulator.motive_answers import (
    Capture,
    Recall,
    RecallAnswers,
    asset_answer,
    capture_answer,
    eld_device,
    primary_entity,
    vehicle_answer,
)
from simulator.motive_events import PerformanceEvents
from simulator.motive_rules import (
    POSITIONS,
    BrokenRuleError,
    Entity,
    WantedRecall,
    on_dashcam,
    read_capture,
    read_recall,
    segments,
)
from simulator.motive_track import VehicleLocations
from simulator.scenario import Truck

UTC = timezone.utc
_MEDIA_TYPES = {"regular": "videoHighRes", "timelapse": "hyperlapse"}
_PER_PAGE, _MOST_PER_PAGE = 25, 100
_FIRST_ID = 98_001


class MotiveApi(Api):
    """Answers the calls as Motive does; one recall is one retrieval of several cameras.

    Scenario.empty_pages has no effect here: Motive's pages have numbers, not cursors.
    """

    unauthorized = "invalid API key"
    not_permitted = "You are not permitted to do this."
    fault = "Something went wrong."

    def __init__(self, backend: Backend) -> None:
        self._style = backend.cloud.scenario.motive
        rate_limit = self._style.rate_limit
        super().__init__(backend, {"post": rate_limit} if rate_limit else {})
        self._answers = RecallAnswers(self._style, self._signed)
        self._ids = itertools.count(_FIRST_ID)
        self._recalls: dict[str, Recall] = {}
        self._captures: dict[str, Capture] = {}
        # Held from the check of quota and duplicates until the request is accepted.
        self._lock = threading.Lock()

    def routes(self) -> Sequence[Route]:
        recalls, images = "/v1/video_recall_requests", "/v1/image_captures"
        events = PerformanceEvents(
            self._cloud, lambda item: self._signed(item)[0], self.not_permitted
        )
        track = VehicleLocations(self._cloud, self.not_permitted)
        timelines = [
            Route(
                "GET",
                f"{recalls}/{kind}s/available_timelines",
                "timelines",
                self._timelines_of(kind),
            )
            for kind in ("vehicle", "asset")
        ]
        return [
            Route("POST", recalls, "post", self._post),
            Route("GET", f"{recalls}/<recall>", "poll", self._poll),
            Route("GET", f"{recalls}/quota", "quota", self._quota),
            *timelines,
            Route("POST", images, "post", self._capture),
            Route("GET", f"{images}/<camera_type>/<capture>", "poll", self._image),
            Route("GET", "/v1/vehicles", "vehicles", self._vehicles),
            Route("GET", "/v1/vehicles/lookup", "vehicle", self._lookup),
            Route("GET", "/v1/assets", "vehicles", self._assets),
            Route("GET", "/v2/driver_performance_events", "events", events.listed),
            Route("GET", "/v1/vehicle_locations/<vehicle>", "stats", track.of_day),
            Route("GET", "/v1/camera_connections", "contacts", self._connections),
        ]

    # --- what all endpoints share ---------------------------------------------------------------

    def _key_is_good(self, call: Call) -> bool:
        return request.headers.get("X-Api-Key") == self._scenario.token

    def _failure(self, status: int, message: str) -> Response:
        key = self._style.error_key
        if not key:
            return Response(message, status, mimetype="text/plain")
        response = jsonify({key: [message] if key == "errors" else message})
        response.status_code = status
        return response

    def _too_many(self, wait: str) -> Response:
        response = self._failure(429, "TooManyRequests")
        if self._style.retry_after:
            response.headers["Retry-After"] = wait
        return response

    def _broken(self, error: BrokenRuleError) -> ApiError:
        return ApiError(error.code or self._style.rule_code, str(error))

    def _entity(self, entity: Entity) -> Truck:
        fleet = self._scenario.assets if entity.kind == "asset" else self._scenario.vehicles
        truck = next((truck for truck in fleet if truck.name == entity.name), None)
        if truck is None:
            raise ApiError(404, f"The {entity.kind} was not found.")
        return truck

    # --- recalls --------------------------------------------------------------------------------

    def _post(self, call: Call) -> Response:
        now = datetime.now(UTC)
        try:
            wanted = read_recall(call.body, now)
            truck = self._entity(wanted.entity)
            inputs = self._inputs(truck, wanted)
            self._refuse_impossible(wanted, now)
        except BrokenRuleError as error:
            raise self._broken(error) from error
        media_type = _MEDIA_TYPES[wanted.kind]
        with self._lock:
            self._refuse_duplicate(wanted)
            if self._used(wanted.kind) + wanted.minutes > self._total(wanted.kind):
                raise ApiError(self._style.quota_code, "The monthly video recall quota is used up.")
            retrieval = self._accept(call, truck, media_type, (wanted.start, wanted.end), inputs)
            recall = Recall(retrieval, wanted, now)
            self._recalls[retrieval.id] = recall
        response = jsonify(self._answers.created(recall))
        response.status_code = self._style.create_status
        return response

    def _accept(
        self,
        call: Call,
        truck: Truck,
        media_type: str,
        span: tuple[datetime, datetime],
        inputs: tuple[str, ...],
    ) -> Retrieval:
        """Begin the uploads, and note in the record of calls what was accepted."""
        retrieval_id = str(next(self._ids))
        try:
            retrieval = self._cloud.request(truck, media_type, *span, inputs, retrieval_id)
        except RefusedError as refusal:
            raise ApiError(self._style.rule_code, str(refusal)) from refusal
        call.accepted = retrieval.id
        return retrieval

    def _inputs(self, truck: Truck, wanted: WantedRecall) -> tuple[str, ...]:
        """The requested cameras that this vehicle or asset has."""
        named = wanted.positions or tuple(POSITIONS)
        inputs = tuple(name for name in map(POSITIONS.__getitem__, named) if name in truck.cameras)
        lacks = wanted.positions is not None and len(inputs) < len(named)
        if not inputs or (lacks and self._scenario.missing_camera == "refuse"):
            raise BrokenRuleError(f"This {wanted.entity.kind} has no camera at that position.")
        return inputs

    def _refuse_impossible(self, wanted: WantedRecall, now: datetime) -> None:
        if self._style.smart_dashcam and wanted.entity.kind == "vehicle":
            if wanted.kind == "timelapse":
                raise BrokenRuleError("Smart dashcams do not support timelapse.", 422)
            if wanted.minutes > 1:
                raise BrokenRuleError("Smart dashcams are limited to recalls of 1 minute.", 422)
        stretches = segments(now, self._style.kept, self._scenario.footage_holes)
        if not any(begin <= wanted.start and wanted.end <= end for begin, end in stretches):
            raise BrokenRuleError("Video is not available for the whole of the requested time.")

    def _refuse_duplicate(self, wanted: WantedRecall) -> None:
        if self._style.duplicates == "accept":
            return
        for recall in self._recalls.values():
            earlier = recall.wanted
            if (earlier.entity, earlier.start, earlier.minutes, earlier.kind) == (
                wanted.entity, wanted.start, wanted.minutes, wanted.kind,
            ):  # fmt: skip
                sentence = "Duplicate request: this video has already been requested."
                raise ApiError(self._style.duplicate_code, sentence)

    def _poll(self, _call: Call, recall: str) -> Any:
        known = self._recalls.get(recall)
        items = self._cloud.poll(recall) if known else None
        if known is None or items is None:
            raise ApiError(404, "The video recall request was not found.")
        return self._answers.details(known, items)

    # --- quota and timelines --------------------------------------------------------------------

    def _used(self, kind: str) -> int:
        """Minutes of requested video of this kind of recall."""
        style = self._style
        before = style.regular_used if kind == "regular" else style.timelapse_used
        wanted = (recall.wanted for recall in list(self._recalls.values()))
        return before + sum(recall.minutes for recall in wanted if recall.kind == kind)

    def _total(self, kind: str) -> int:
        style = self._style
        return style.regular_minutes if kind == "regular" else style.timelapse_minutes

    def _quota_info(self) -> dict[str, Any]:
        return {
            kind: {
                "used_minutes": self._used(kind),
                "remaining_minutes": max(0, self._total(kind) - self._used(kind)),
                "total_minutes": self._total(kind),
            }
            for kind in _MEDIA_TYPES
        }

    def _quota(self, _call: Call) -> Any:
        self._raise_unless_ok(self._style.quota_status)
        answer: dict[str, Any] = {"quota_info": self._quota_info()}
        if self._style.rate_limit:
            calls, seconds = self._style.rate_limit
            answer[self._style.rate_limit_key] = {"limit": calls, "period_seconds": seconds}
        return answer

    def _timelines_of(self, kind: str) -> Callable[[Call], Any]:
        def timelines(_call: Call) -> Any:
            self._raise_unless_ok(self._style.timelines_status)
            name = self._style.timeline_names[kind == "asset"]
            entity = Entity(kind, self._argument(name))
            truck = self._entity(entity)
            now = datetime.now(UTC)
            stretches = segments(now, self._style.kept, self._scenario.footage_holes)
            answer = {
                **primary_entity(entity, truck),
                "available_timelines": [
                    {"start_time": stamp(begin), "end_time": stamp(end)} for begin, end in stretches
                ],
                "quota_info": self._quota_info(),
            }
            if kind == "vehicle":
                return {**answer, "eld_device": eld_device(truck)}
            return {**answer, "vehicle": None}

        return timelines

    def _raise_unless_ok(self, status: int) -> None:
        if status != 200:
            raise ApiError(status, "Object not found." if status == 404 else self.fault)

    def _argument(self, name: str) -> str:
        given = request.args.get(name)
        if not given:
            raise ApiError(400, f"{name} is required.")
        return given

    def _connections(self, _call: Call) -> Any:
        return contacts.connections(self._scenario, self.not_permitted, self._number)

    # --- images ---------------------------------------------------------------------------------

    def _capture(self, call: Call) -> Any:
        if not self._style.images:
            sentence = "The feature video_monitoring is not enabled for this company."
            raise ApiError(403, sentence)
        try:
            entity, position = read_capture(call.body)
        except BrokenRuleError as error:
            raise self._broken(error) from error
        truck = self._entity(entity)
        if POSITIONS[position] not in truck.cameras:
            sentence = f"This {entity.kind} has no camera at that position."
            raise ApiError(self._style.rule_code, sentence)
        now = datetime.now(UTC).replace(microsecond=0)
        retrieval = self._accept(call, truck, "image", (now, now), (POSITIONS[position],))
        camera_type = self._style.dashcam_type if on_dashcam(position) else "omnicam"
        capture = Capture(retrieval, entity, position, camera_type)
        self._captures[retrieval.id] = capture
        return capture_answer(capture, self._style.pending)

    def _image(self, _call: Call, camera_type: str, capture: str) -> Any:
        known = self._captures.get(capture)
        if known and known.camera_type != camera_type:
            known = None
        items = self._cloud.poll(capture) if known else None
        if known is None or items is None:
            raise ApiError(404, "The image capture was not found.")
        status = self._answers.status(items[0]) if items else self._style.pending
        images = {}
        if items and status == self._style.done:
            url, expires = self._signed(items[0])
            images = {known.position: {"url": url, "expires_at": stamp(expires)}}
        return {**capture_answer(known, status), "images": images}

    # --- the fleet ------------------------------------------------------------------------------

    def _vehicles(self, _call: Call) -> Any:
        return self._page("vehicle", [vehicle_answer(truck) for truck in self._scenario.vehicles])

    def _lookup(self, _call: Call) -> Any:
        truck = self._entity(Entity("vehicle", self._argument("number")))
        device = {"eld_device": eld_device(truck), "current_driver": None}
        return {"vehicle": {**vehicle_answer(truck), **device}}

    def _assets(self, _call: Call) -> Any:
        name, status = request.args.get("name", ""), request.args.get("status", "active")
        exact = request.args.get("exact_match", "false").lower() == "true"
        assets = [
            asset_answer(truck)
            for truck in self._scenario.assets
            if status == "active"
            and (truck.name == name if exact and name else name.lower() in truck.name.lower())
        ]
        return self._page("asset", assets)

    def _page(self, kind: str, items: list[dict[str, Any]]) -> Any:
        """One page of a list; pages are counted from 1, and each item is wrapped in its kind."""
        requested = self._number("per_page", _PER_PAGE, _MOST_PER_PAGE)
        number = self._number("page_no", 1)
        size = min(requested, self._scenario.page_size)
        shown = items[(number - 1) * size : number * size]
        return {
            f"{kind}s": [{kind: item} for item in shown],
            "pagination": {"per_page": size, "page_no": number, "total": len(items)},
        }

    def _number(self, name: str, usual: int, most: int | None = None) -> int:
        text = request.args.get(name, str(usual))
        if not (text.isascii() and text.isdigit()) or int(text) < 1:
            raise ApiError(400, f"{name} must be a positive number.")
        return min(int(text), most) if most else int(text)
